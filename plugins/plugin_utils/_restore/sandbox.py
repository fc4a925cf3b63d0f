# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a program in bubblewrap, else as another user, else as the current one, and always with limits.

An RDB file can run code while a server loads it. In bubblewrap that code sees ``/usr``, the test's own folder and no network.
Private to this collection.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Sequence
from typing import NamedTuple

from .child import Child, Command, Ending
from .outcomes import NotPassed
from .system import content

#: The names of the file and of the socket in the test's folder.
DUMP = "dump.rdb"
SOCKET = "s"
#: Where a sandbox has the test's folder and a program that isn't below /usr.
_WORK, _PROGRAMS = "/work", "/programs"
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
#: What the loader of programs reads, and a setting of the kernel. Without that, jemalloc reserves each piece of memory anew.
_FILES = ("/etc/ld.so.cache", "/proc/sys/vm/overcommit_memory")
#: systemd keeps these numbers for users that exist only while a service runs, so no file belongs to them.
FIRST_USER, USERS = 61184, 4336
_PROC = "/proc"
_MEBIBYTE = 1 << 20
#: The address space, in bytes, that a program needs to start.
_MIN_MEMORY = 192 * _MEBIBYTE


class Bounds(NamedTuple):
    """``memory`` in bytes, ``seconds`` of CPU."""

    memory: int
    seconds: float

    @property
    def address_space(self) -> int:
        return max(self.memory, _MIN_MEMORY)


class Box(NamedTuple):
    """``kind`` is bwrap, user or limits; ``user`` is the id of the user that a program runs as, None for the current one."""

    kind: str
    user: int | None = None
    bwrap: str = ""

    @property
    def is_sandbox(self) -> bool:
        return self.kind == "bwrap"

    def start(self, program: str, arguments: Sequence[str], folder: str, bounds: Bounds) -> Child:
        """Start a program in the folder, under the name of ``arguments[0]``."""
        self._hand_over(folder)
        limits = {
            "CORE": 0,
            "AS": bounds.address_space,
            "FSIZE": 4 * _MEBIBYTE,
            "CPU": int(bounds.seconds) + 1,
            "NOFILE": 256,
            "NPROC": 0,
        }
        if self.is_sandbox:
            inside = [*self._walls(program, arguments[0], folder), *arguments[1:]]
            # bubblewrap sets no_new_privs itself. Set before, it would take the rights that bubblewrap may need to start.
            return Child(Command(self.bwrap, inside, limits, self.user, no_new_privs=False), folder)
        return Child(Command(program, arguments, limits, self.user), folder)

    def run(
        self, program: str, arguments: Sequence[str], folder: str, bounds: Bounds, deadline: float
    ) -> Ending | None:
        """Return how a program ended, or None if it was killed at the deadline, a time of ``time.monotonic``."""
        child = self.start(program, arguments, folder, bounds)
        try:
            return child.finish(deadline)
        finally:
            child.kill()

    def _hand_over(self, folder: str) -> None:
        """Give the folder to the user that a program runs as: inside bubblewrap, root has no rights to files of others."""
        if os.geteuid() == 0:
            for path in (folder, os.path.join(folder, DUMP)):
                _give(path, self.user or 0)

    def _walls(self, program: str, name: str, folder: str) -> list[str]:
        """Return bubblewrap's own arguments, up to the program."""
        walls = ["bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--ro-bind", "/usr", "/usr"]
        for path in _SYSTEM:
            if os.path.islink(path):
                walls += ["--symlink", os.readlink(path), path]
            elif os.path.isdir(path):
                walls += ["--ro-bind", path, path]
        for path in _FILES:
            walls += ["--ro-bind-try", path, path]
        walls += ["--dev", "/dev", "--bind", folder, _WORK]
        if os.path.exists(os.path.join(folder, DUMP)):
            walls += ["--ro-bind", os.path.join(folder, DUMP), f"{_WORK}/{DUMP}"]
        inside = f"{_PROGRAMS}/{name}"
        walls += ["--ro-bind", os.path.realpath(program), inside]
        return [*walls, "--chdir", _WORK, "--", inside]


def _give(path: str, owner: int) -> None:
    """Give a file or folder to a user and group. A link is left alone: code of a file could make one to a file of root."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        found = os.fstat(descriptor)
        if found.st_uid != owner and (stat.S_ISDIR(found.st_mode) or found.st_nlink == 1):
            os.fchown(descriptor, owner, owner)
    finally:
        os.close(descriptor)


def _free_user() -> int:
    """Return a user that no process runs as, since users reach their own processes. Raises NotPassed if there is none.

    Each process begins with another one, so that parallel tests can't reach each other.
    """
    first, used = os.getpid() % USERS, _used()
    for number in range(USERS):
        user = FIRST_USER + (first + number) % USERS
        if user not in used:
            return user
    raise NotPassed("system_error", f"each user id from {FIRST_USER} to {FIRST_USER + USERS - 1} is in use")


def _used() -> set[int]:
    """Return the real, effective, saved and file system's users of all processes."""
    found: set[int] = set()
    for pid in filter(str.isdecimal, os.listdir(_PROC)):
        line = re.search(r"^Uid:(.*)$", content(f"{_PROC}/{pid}/status"), re.MULTILINE)
        found.update(map(int, line[1].split()) if line else ())
    return found


def candidates(sandbox: str) -> list[Box]:
    """Return the boxes that may be tried here, the strictest first; ``sandbox`` is auto or require."""
    other = _free_user() if os.geteuid() == 0 else None
    bwrap = shutil.which("bwrap") or ""
    # A relative entry of the PATH could lead to a file in the test's folder.
    boxes = [Box("bwrap", other, bwrap), Box("bwrap", None, bwrap)] if os.path.isabs(bwrap) else []
    if sandbox != "require":
        boxes += [Box("user", other)] if other is not None else []
        boxes.append(Box("limits"))
    return list(dict.fromkeys(boxes))
