# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads small files of the system, such as those below ``/proc``. Private to this collection."""

from __future__ import annotations

#: The maximum number of characters that are read. These files are smaller.
_MAX_LENGTH = 1 << 16


def content(path: str) -> str:
    """Return the text of a file, empty if it can't be read: a process may have ended."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(_MAX_LENGTH)
    except OSError:
        return ""
