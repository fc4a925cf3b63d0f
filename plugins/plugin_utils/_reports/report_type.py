# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The type of a report: its entry. Private to this collection.

An entry is next to its function. ``make entries`` writes the list of all entries, ``registry.py``, and from them the tables of files and
the names of modes in the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """The entry of one report.

    ``order`` is its place wherever reports are listed, the lowest first. ``name`` is its key in modes and results. ``parts(record)``
    yields the text of its file, ``file_name``; with ``shows_hash`` it is called with the hash of the record's file, too.

    ``users`` says whom it is for, without a full stop, and ``details`` what is in it, in Ansible's markup.
    """

    order: int
    name: str
    file_name: str
    parts: Callable[..., Iterable[str]]
    users: str
    details: str
    shows_hash: bool = False
