# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults by name. One is one function in this package: its name, docstring and defaults are its whole registration."""

from __future__ import annotations

from . import bodies, pages, refusals, rows, wires  # noqa: F401  (importing a module registers its faults)
from .registry import Faults, names, parse_faults

__all__ = ["Faults", "names", "parse_faults"]
