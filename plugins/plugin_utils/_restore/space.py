# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is free on this machine, and what a test needs of it. Private to this collection."""

from __future__ import annotations

import errno
import os
import re

from .outcomes import NotPassed
from .system import content

_MEBIBYTE = 1 << 20
#: What a server takes without data.
SERVER_MEMORY = 64 * _MEBIBYTE
#: What it is called when nothing more fits on a disk, into a quota or below a limit of file size.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: What the system says of its memory, in kilobytes.
_MEMINFO = "/proc/meminfo"
_CGROUP = "/sys/fs/cgroup/memory"


def check_disk(folder: str, size: int) -> None:
    """Raise unless the files of a test fit: their sizes together, and a twentieth more."""
    room = os.statvfs(folder)
    free, needed = room.f_bavail * room.f_frsize, size * 21 // 20
    if needed > free:
        raise NotPassed("no_disk_space", f"{needed} bytes are needed, {free} are free")


def needed_memory(used_memory: int) -> int:
    """Return the bytes that a server needs for data that took so many: a third more, and what it takes itself."""
    return used_memory * 13 // 10 + SERVER_MEMORY


def check_memory(used_memory: int | None, max_memory: int) -> None:
    """Raise if the data can't fit; a file that doesn't say what it needs is tried."""
    needed = needed_memory(used_memory or 0)
    if needed > max_memory:
        raise NotPassed("no_memory", f"{needed} of {max_memory} bytes")


def default_memory() -> int:
    """Return half of what is free here, which a container may bound."""
    free = [_meminfo("MemAvailable"), _cgroup()]
    known = [number for number in free if number is not None]
    return min(known) // 2 if known else 1 << 30


def total_memory() -> int | None:
    """Return the bytes of memory that this machine has, used or not."""
    return _meminfo("MemTotal")


def _meminfo(name: str) -> int | None:
    found = re.search(rf"^{name}:\s+(\d+) kB$", content(_MEMINFO), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else None


def _cgroup() -> int | None:
    limit, used = content(_CGROUP + ".max").strip(), content(_CGROUP + ".current").strip()
    return max(0, int(limit) - int(used)) if limit.isdecimal() and used.isdecimal() else None
