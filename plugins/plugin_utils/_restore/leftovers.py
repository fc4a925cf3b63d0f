# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes what killed runs left behind: folders of tests, with plain data, and records half written. Private to this collection."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable

from . import workdir
from .record import PREFIX

#: How ``atomic_file`` names the file that it writes before it replaces that of a record.
_TEMPORARY = re.compile(rf"\.{PREFIX}[A-Za-z0-9_-]+\.json\.[a-z0-9_]{{8}}", re.ASCII)
#: The age, in seconds, from which such a file is not one that another run is writing.
_MIN_AGE = 3600


def remove(work_dirs: Iterable[str], record_dir: str, now: float) -> None:
    """Remove what is left in folders of tests and of records; ``now`` is in Unix seconds. Raises NotWiped for data that stays.

    A folder that is missing or can't be read has nothing for this run. If a test needs it, the test says so.
    """
    for folder in work_dirs:
        with contextlib.suppress(OSError):
            workdir.sweep(folder)
    with contextlib.suppress(OSError):
        for entry in os.scandir(record_dir):
            if _TEMPORARY.fullmatch(entry.name):
                _remove_old(entry, now)


def _remove_old(entry: os.DirEntry[str], now: float) -> None:
    # Another run may remove it first, and it may be of another user.
    with contextlib.suppress(OSError):
        if now - entry.stat(follow_symlinks=False).st_mtime >= _MIN_AGE:
            os.unlink(entry.path)
