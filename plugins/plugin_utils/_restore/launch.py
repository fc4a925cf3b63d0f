# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bounds itself, then becomes another program: ``python -I -S launch.py PARENT USER PRIVILEGES LIMITS PROGRAM NAME ARGUMENT...``

A program of its own, because code between fork and exec isn't safe in a process that has threads. It imports nothing of the
collection, and little else, because it starts several times a test. PARENT is its process id, USER a number or ``-``,
PRIVILEGES ``keep`` or ``drop``, and LIMITS are such as ``CORE=0,NOFILE=256``. Private to this collection.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # pragma: no cover: only for those who check types
    from collections.abc import Sequence

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 38, 9
#: Threads that a server may have in addition to those that its user already has.
_THREADS = 64


def bound(limits: str) -> None:
    """Set each limit, never above the current hard limit. NPROC is set above the number of threads that the user runs now."""
    for limit in limits.split(","):
        name, _equals, number = limit.partition("=")
        kind = getattr(resource, "RLIMIT_" + name, None)
        if kind is None:
            continue
        wanted = _threads_of(os.getuid()) + _THREADS if name == "NPROC" else int(number)
        hard = resource.getrlimit(kind)[1]
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _threads_of(user: int) -> int:
    count = 0
    for entry in os.scandir("/proc") if os.path.isdir("/proc/self/task") else ():
        try:
            if entry.name.isdecimal() and entry.stat().st_uid == user:
                count += os.stat(entry.path + "/task").st_nlink - 2
        except OSError:  # it ended meanwhile
            continue
    return count


def become(user: str) -> None:
    """Change from root to the user and group with this id, which no other process has."""
    if user != "-":
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))


def bind(parent: int, privileges: str) -> None:
    """End with the parent, and never gain rights."""
    process = ctypes.CDLL(None)
    if hasattr(process, "prctl"):
        if privileges == "drop":
            process.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        process.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died before this took effect.
        os._exit(1)


def main(arguments: Sequence[str]) -> None:
    parent, user, privileges, limits, program = arguments[:5]
    become(user)
    bound(limits)
    bind(int(parent), privileges)
    os.execve(program, list(arguments[5:]), {})


if __name__ == "__main__":
    main(sys.argv[1:])
