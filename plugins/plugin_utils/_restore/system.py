# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the system says in small files, such as those below ``/proc``. Private to this collection."""

from __future__ import annotations

#: None that is read here is larger.
_MAX_LENGTH = 1 << 16


def content(path: str) -> str:
    """Return what a file says, or an empty text where there is none: a process may end meanwhile."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(_MAX_LENGTH)
    except OSError:
        return ""
