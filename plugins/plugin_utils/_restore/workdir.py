# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of a test: private, locked while its process lives, and gone afterwards. Private to this collection.

Its owner holds a lock on it, which the system drops when the owner ends for any reason. So a folder without a lock was left by
a killed run, even if process ids are those of another container. Its name ends with its own inode number, which no other folder's
name does by chance: so whatever else is beside it, such as records or files of users, is never taken for a leftover.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ...module_utils._errors import CrsError, InvalidOption
from . import signals

PREFIX = "crs-restoring-"
#: The prefix and the inode number. Short, for the address of a socket.
_NAME = re.compile(PREFIX + r"(\d{1,20})", re.ASCII)
#: The maximum length of the folder's path, in bytes, so that a socket's address has room for it.
MAX_PATH = 100
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class NotWiped(CrsError):
    """Data of a backup is left behind. This is a failure, whatever the test found."""

    kind = "not_wiped"


def default() -> str:
    """Return the folder in which tests work if none is set."""
    return os.path.abspath(tempfile.gettempdir())


def parent(work_dir: str | None) -> str:
    """Return the folder in which a test makes its own."""
    return default() if work_dir is None else os.path.abspath(work_dir)


@contextmanager
def private(work_dir: str | None = None) -> Iterator[str]:
    """Make a folder of mode 0700, remove it afterwards, and first remove folders that killed runs left in ``work_dir``.

    Raises InvalidOption if ``work_dir`` can't be used, NotWiped if the folder can't be removed.
    """
    work_dir = parent(work_dir)
    try:
        sweep(work_dir)
        folder, lock = _make(work_dir)
    except OSError as error:
        raise InvalidOption(f"work_dir {work_dir!r} can't be used: {error.strerror}") from None
    try:
        yield folder
    finally:
        with signals.blocked():
            try:
                _wipe(folder)
            finally:
                os.close(lock)


def sweep(parent: str) -> int:
    """Remove the folders that killed runs left in a folder; return their number."""
    removed = 0
    for entry in os.scandir(parent):
        if _is_ours(entry):
            removed += _remove_leftover(entry.path)
    return removed


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """Tell whether a run of this user made a folder. For root, its owner may be anybody: tests of root give their folders to other users."""
    name = _NAME.fullmatch(entry.name)
    if name is None or not entry.is_dir(follow_symlinks=False):
        return False
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # another run removed its own meanwhile
        return False
    return found.st_ino == int(name[1]) and os.geteuid() in (0, found.st_uid)


def _remove_leftover(folder: str) -> bool:
    try:
        lock = _locked(folder)
    except OSError:
        return False
    if lock is None:
        return False
    try:
        _wipe(folder)
        return True
    finally:
        os.close(lock)


def _make(parent: str) -> tuple[str, int]:
    while True:
        made = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
        folder = os.path.join(parent, f"{PREFIX}{os.stat(made).st_ino}")
        if len(os.fsencode(folder)) > MAX_PATH:
            os.rmdir(made)
            raise InvalidOption(f"work_dir {parent!r} is too long for the address of a socket: choose a shorter one")
        try:
            os.rename(made, folder)
        except OSError:  # such as the copy of a leftover, with the name that is due to this one
            os.rmdir(made)
            raise
        try:
            lock = _locked(folder)
        except OSError:
            os.rmdir(folder)
            raise
        if lock is not None:
            return folder, lock


def _locked(folder: str) -> int | None:
    """Return a descriptor that holds the lock of a folder; None if another run holds it, or its sweep removed the folder.

    Raises OSError, also where the file system has no locks.
    """
    try:
        descriptor = _open(folder)
    except FileNotFoundError:
        return None
    locked = False
    try:
        locked = _lock(descriptor) and os.path.exists(folder)
    finally:
        if not locked:
            os.close(descriptor)
    return descriptor if locked else None


def _open(folder: str) -> int:
    try:
        return os.open(folder, _FLAGS)
    except PermissionError:
        os.chmod(folder, stat.S_IRWXU)
        return os.open(folder, _FLAGS)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wipe(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    # Nothing keeps root out, which must not follow the links of other users either.
    if os.path.lexists(folder) and os.geteuid() != 0:
        _open_up(folder)
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        raise NotWiped(f"the folder {folder!r} has data of a backup and can't be removed: remove it by hand")


def _open_up(folder: str) -> None:
    """Give the owner access to all folders again: code of a file may have changed their modes."""
    os.chmod(folder, stat.S_IRWXU)
    for parent, folders, _files in os.walk(folder):
        for path in (os.path.join(parent, name) for name in folders):
            if not os.path.islink(path):
                os.chmod(path, stat.S_IRWXU)
