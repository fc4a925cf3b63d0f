# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the definition of an execution environment that the guide of AWX shows, as a reader would copy it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "docs"))

from documents import code_blocks  # noqa: E402


def main():
    blocks = [text for kind, text in code_blocks(ROOT / "docs" / "docsite" / "rst" / "awx.rst") if kind == "yaml"]
    (recipe,) = [text for text in blocks if text.startswith("version:")]
    print(recipe)


if __name__ == "__main__":
    main()
