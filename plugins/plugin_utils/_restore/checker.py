# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ``redis-check-rdb`` or ``valkey-check-rdb`` on a file. Private to this collection.

The output repeats texts of the file, including names of keys. So only the checker's own lines at its end are read, and no text of
it is returned.
"""

from __future__ import annotations

import os
import re
import time
from typing import NamedTuple

from .child import Ending
from .outcomes import NotPassed
from .programs import Program
from .sandbox import DUMP, Bounds

_GOOD = re.compile(
    rb"^\[offset (?P<end>\d{1,19})\] "
    rb"(?:(?P<sum>Checksum OK)|RDB file was saved with checksum disabled: no check performed\.)\n"
    rb"(?:\[offset \d+\] Check RDB returned error code 0 \(0 means success\)\n)?"
    rb"\[offset \d+\] \\o/ RDB looks OK! \\o/\n"
    rb"\[info\] (?P<keys>\d{1,19}) keys read\n\[info\] (?P<expires>\d{1,19}) expires\n\[info\] \d+ already expired\n"
    rb"(?:\[info\] \d+ [a-z]+\n)*\Z",
    re.MULTILINE,
)
_BAD = re.compile(rb"^--- RDB ERROR DETECTED ---\n(?:\[offset \d+\] (?P<reason>[^\n]*))?", re.MULTILINE)
_REASONS = {
    b"Unexpected EOF": "cut_short",
    b"RDB CRC error": "checksum_mismatch",
    b"Wrong signature": "not_rdb",
    b"Can't handle RDB format version": "no_server",
}


class Checked(NamedTuple):
    """Numbers of keys and of keys with an expiry. ``verified`` is False if the file has no checksum: changed values go unnoticed."""

    keys: int
    expires: int
    verified: bool


def check(program: Program, folder: str, bounds: Bounds) -> Checked:
    """Return what the checker counted in the folder's file. Raises NotPassed."""
    deadline = time.monotonic() + bounds.seconds
    ending = program.box.run(program.path, [program.checker, DUMP], folder, bounds, deadline)
    if ending is None:
        raise NotPassed("check_timeout")
    return read(ending, os.path.getsize(os.path.join(folder, DUMP)), bounds)


def read(ending: Ending, size: int, bounds: Bounds) -> Checked:
    """Return what the checker found in a file of ``size`` bytes; its exit status alone proves nothing. Raises NotPassed."""
    good = _GOOD.search(ending.output)
    if ending.status == 0 and good:
        if int(good["end"]) != size:
            raise NotPassed("trailing_bytes", f"{size - int(good['end'])} bytes")
        return Checked(int(good["keys"]), int(good["expires"]), good["sum"] is not None)
    bad = _BAD.search(ending.output)
    if ending.status == 1 and bad:
        reason = bad["reason"] or b""
        raise NotPassed(next((word for text, word in _REASONS.items() if reason.startswith(text)), "corrupt"))
    if ending.was_killed:
        raise NotPassed("killed")
    if reached(ending, bounds):
        raise NotPassed("memory_limit")
    raise NotPassed("checker_unusable", f"status {ending.status}")


def reached(ending: Ending, bounds: Bounds) -> bool:
    """Tell whether a program may have ended because of the memory limit: a table that doubles may need half of the limit at once."""
    return ending.peak * 2 >= bounds.address_space
