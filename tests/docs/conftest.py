# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts are the same on each ansible-core: these tests run once, with plain pytest, in a copy with the collection's full name."""

from __future__ import annotations

import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[5]
if str(TREE) not in sys.path:
    sys.path.insert(0, str(TREE))
