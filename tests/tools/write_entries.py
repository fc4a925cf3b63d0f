# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write what follows from the entries of rules, reports and sources of key pairs: their lists, and texts for users and programs.

python -m ansible_collections.qcloud.crs.tests.tools.write_entries ROOT     writes into the checkout at ROOT
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Callable

_HERE = Path(__file__).resolve().parents[2]
#: The modules that know what to write. Each imports, through others, the lists that those before it write.
_WRITERS = ("source_docs", "report_docs", "rule_docs")


def files() -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield a file's path, and a function from its present text to its due text. A file may come several times."""
    for name in _WRITERS:
        yield from import_module(f"{__package__}.{name}").FILES


def main() -> None:
    for path, written in files():
        text = written((_HERE / path).read_text(encoding="utf-8"))
        # Here, too, since what is imported next may need it.
        for root in (_HERE, Path(sys.argv[1])):
            (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
