# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times: what the fleet file may say, and the bare timestamps that the service speaks.

Inside the emulator a time is a whole number of Unix seconds; a zone matters only at the edges.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
RELATIVE = re.compile(r"([+-])(\d+(?:\.\d+)?)([smhd])")
OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
BARE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def duration(text):
    """Seconds in `24h`, `90m`, `7d`, `30s` or a plain number."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return int(text)
    match = DURATION.fullmatch(str(text))
    if not match:
        raise ValueError("not a duration such as 24h, 90m, 7d or 30s: %r" % (text,))
    return int(float(match.group(1)) * UNITS[match.group(2)])


def instant(text, now):
    """Unix seconds of `-26h`, `+2h`, `now`, an ISO 8601 time with offset, or YAML's own aware timestamp."""
    if isinstance(text, datetime):
        text = text.isoformat()
    if text == "now":
        return int(now)
    match = RELATIVE.fullmatch(str(text))
    if match:
        sign = 1 if match.group(1) == "+" else -1
        return int(now) + sign * int(float(match.group(2)) * UNITS[match.group(3)])
    return _absolute(str(text))


def _absolute(text):
    """Unix seconds of an ISO 8601 time; one without an offset is refused, since its moment is not known."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError("not a time such as -26h, +2h or 2026-06-01T02:00:00+08:00: %r" % (text,)) from None
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset such as +08:00 or Z: %r" % (text,))
    return int(moment.timestamp())


class Zone:
    """The fixed offset in which the service writes and reads bare timestamps."""

    def __init__(self, name):
        match = OFFSET.fullmatch(str(name))
        if not match:
            raise ValueError("not an offset such as +08:00: %r" % (name,))
        sign = -1 if match.group(1) == "-" else 1
        self.name = name
        self.offset = sign * (int(match.group(2)) * 3600 + int(match.group(3)) * 60)

    def text(self, seconds):
        """`2017-02-08 16:46:34`; the service's own filler for a time that isn't there."""
        if seconds is None:
            return "0000-00-00 00:00:00"
        return str(EPOCH + timedelta(seconds=seconds + self.offset))

    def seconds(self, text):
        """Unix seconds of a bare timestamp; ValueError for any other form."""
        if not isinstance(text, str) or not BARE.fullmatch(text):
            raise ValueError("not a time of the form YYYY-MM-DD HH:MM:SS: %r" % (text,))
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
        return int(moment.timestamp()) - self.offset
