# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Free disk space and memory of this machine, and what a test needs. Private to this collection."""

from __future__ import annotations

import errno
import os
import re

from .outcomes import NotPassed
from .system import content

_MEBIBYTE = 1 << 20
#: The memory of a server without data, in bytes.
SERVER_MEMORY = 64 * _MEBIBYTE
#: The minimum of max_memory, in bytes. With less, hardly any data has room beside the server itself.
MIN_MEMORY = 2 * SERVER_MEMORY
#: Errors of a full disk, an exhausted quota and a limit of file size.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: The system's memory, in kilobytes.
_MEMINFO = "/proc/meminfo"
_CGROUP = "/sys/fs/cgroup/memory"


def check_disk(folder: str, size: int) -> None:
    """Raise NotPassed unless ``size`` bytes, the sum of a test's files, and a twentieth more fit into the folder."""
    room = os.statvfs(folder)
    free, needed = room.f_bavail * room.f_frsize, size * 21 // 20
    if needed > free:
        raise NotPassed("no_disk_space", f"{needed} bytes are needed, {free} are free")


def needed_memory(used_memory: int) -> int:
    """Return the bytes of memory for data of ``used_memory`` bytes: 30 % more, plus the server's own memory."""
    return used_memory * 13 // 10 + SERVER_MEMORY


def check_memory(used_memory: int | None, max_memory: int) -> None:
    """Raise NotPassed if the data can't fit; both in bytes. A file that doesn't state its ``used_memory`` is tried."""
    needed = needed_memory(used_memory or 0)
    if needed > max_memory:
        raise NotPassed("no_memory", f"{needed} of {max_memory} bytes")


def default_memory() -> int:
    """Return half of the free memory, in bytes, within the limit of a container."""
    free = [_meminfo("MemAvailable"), _cgroup()]
    known = [number for number in free if number is not None]
    return min(known) // 2 if known else 1 << 30


def total_memory() -> int | None:
    """Return the total memory of this machine in bytes, None if not known."""
    return _meminfo("MemTotal")


def _meminfo(name: str) -> int | None:
    found = re.search(rf"^{name}:\s+(\d+) kB$", content(_MEMINFO), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else None


def _cgroup() -> int | None:
    limit, used = content(_CGROUP + ".max").strip(), content(_CGROUP + ".current").strip()
    return max(0, int(limit) - int(used)) if limit.isdecimal() and used.isdecimal() else None
