# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times, zones and durations: in the code an aware datetime in UTC, in results and records ISO 8601 with Z.

Private to this collection. The API's timestamps have no zone, and none is documented. So it is an option, ``timezone``, and never that
of the machine.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import overload
from zoneinfo import ZoneInfo

from ._errors import InvalidOption

UTC = timezone.utc
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
#: Ten years. A longer duration is a mistake, and may lead out of the calendar.
MAX_DURATION_SECONDS = 3660 * 86400
_DURATION = re.compile(r"(\d{1,9})\s*([smhdw])", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
#: Names under which the zone database may have the zone of the machine itself.
_LOCAL = ("localtime", "posixrules", "Factory")
_BARE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
#: The form that ``to_iso`` writes. It has a fast path, because a fleet's record has hundreds of thousands of them.
_OURS = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|([+-])(\d{2}):?(\d{2}))")


def parse_zone(text: str, option: str = "timezone") -> tzinfo:
    """Return the tzinfo of ``+08:00``, ``UTC`` or an IANA name such as ``Asia/Shanghai``. Raises InvalidOption."""
    name = str(text).strip()
    if name.upper() in ("UTC", "Z"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    try:
        if offset:
            return timezone(_delta(*offset.groups()))
        if name in _LOCAL:
            raise ValueError(name)
        # ZoneInfo also takes paths, and raises a different error for each way of being wrong.
        return ZoneInfo(name)
    except Exception:
        raise InvalidOption(
            f"{option} {text!r} is neither an offset such as +08:00 nor a time zone that this machine knows: use an "
            "offset, or an IANA name such as Asia/Shanghai (on a machine without zone data, install tzdata)"
        ) from None


def parse_api_time(value: object, zone: tzinfo) -> datetime | None:
    """Return the API's ``2017-02-08 16:46:34`` as an aware UTC datetime, or None if it can't be read.

    ``""``, null and ``0000-00-00 00:00:00`` occur, all meaning "none". Where clocks go back, an hour occurs twice, and is read as the
    earlier one: a backup is then judged too old rather than too new.
    """
    moment = _in_utc(value, zone)
    return moment and moment.replace(tzinfo=UTC)


def api_time_to_iso(value: object, zone: tzinfo) -> str | None:
    """Return the API's ``2017-02-08 16:46:34`` as ``2017-02-08T08:46:34Z``, or None where ``parse_api_time`` does.

    It takes half the time of parsing and formatting, because a fleet has hundreds of thousands of these.
    """
    moment = _in_utc(value, zone)
    return None if moment is None else f"{moment.isoformat()}Z"


def _in_utc(value: object, zone: tzinfo) -> datetime | None:
    """Return the API's time in UTC as a datetime without a zone, or None."""
    if not isinstance(value, str) or not _BARE.fullmatch(value):
        return None
    try:
        there = datetime.fromisoformat(value)
        return there - zone.utcoffset(there)  # type: ignore[operator]  # a zone of parse_zone has an offset at any time
    except (ValueError, OverflowError):
        return None


def format_api_time(moment: datetime, zone: tzinfo) -> str:
    """Return an aware datetime the way the API writes it: ``2017-02-08 16:46:34`` in its zone."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def parse_moment(text: object, zone: tzinfo, now: datetime, option: str) -> datetime:
    """Return the aware UTC datetime of an option: without zone (then in ``zone``), in ISO 8601 with offset, or relative like ``-7d``.

    Relative values count from ``now``. Raises InvalidOption, which names ``option``.
    """
    value = str(text).strip()
    relative = _DURATION.fullmatch(value[1:]) if value[:1] in ("-", "+") else None
    if relative:
        seconds = int(relative[1]) * _UNITS[relative[2]]
        try:
            return (now - timedelta(seconds=seconds if value[0] == "-" else -seconds)).astimezone(UTC)
        except OverflowError:
            raise InvalidOption(f"{option} {text!r} lies outside the calendar: use a shorter time") from None
    if value[:1] in ("-", "+") and _NUMBER.fullmatch(value[1:]):
        raise _no_unit(value, text, option)
    moment = parse_api_time(value, zone) or parse_iso(value)
    if moment is None:
        raise InvalidOption(
            f"{option} {text!r} is not a time: write it as 2017-02-08 16:46:34 (in timezone), in ISO 8601 with an "
            "offset such as 2017-02-08T16:46:34+08:00, or relative to now such as -7d"
        )
    return moment


def parse_iso(text: object) -> datetime | None:
    """Return the aware UTC datetime of an ISO 8601 text that states its offset, else None."""
    if not isinstance(text, str):
        return None
    try:
        if _OURS.fullmatch(text):
            return datetime.fromisoformat(f"{text[:19]}+00:00")
        match = _ISO.fullmatch(text)
        if not match:
            return None
        naive = datetime.fromisoformat(f"{match[1]}T{match[2]}")
        zone = UTC if match[3] == "Z" else timezone(_delta(match[4], match[5], match[6]))
        return naive.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def from_iso(text: str) -> datetime:
    """Return the aware UTC datetime of an ISO 8601 text, such as those of a record. Raises ValueError if it isn't one."""
    moment = parse_iso(text)
    if moment is None:
        raise ValueError(text)
    return moment


@overload
def to_iso(moment: datetime) -> str:
    """A datetime gives a text."""


@overload
def to_iso(moment: None) -> None:
    """None gives None."""


@overload
def to_iso(moment: datetime | None) -> str | None:
    """Either."""


def to_iso(moment: datetime | None) -> str | None:
    """Return ``2017-02-08T08:46:34Z``, or None for None."""
    if moment is None:
        return None
    return f"{(moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()[:19]}Z"


def parse_duration(value: object, option: str) -> int:
    """Return the seconds of ``26h``, ``7d``, ``90m``, ``2w`` or ``45s``. Raises InvalidOption, also without a unit or beyond ten years."""
    text = "" if isinstance(value, bool) else str(value).strip()
    match = _DURATION.fullmatch(text)
    if not match:
        if _NUMBER.fullmatch(text):
            raise _no_unit(text, value, option)
        raise InvalidOption(
            f"{option} {value!r} is not a duration: write a whole number with a unit, such as 26h, 7d, 90m or 2w "
            "(there is no unit for months)"
        )
    seconds = int(match[1]) * _UNITS[match[2]]
    if seconds > MAX_DURATION_SECONDS:
        raise InvalidOption(f"{option} {value!r} is longer than ten years: use a shorter time")
    return seconds


def _no_unit(number: str, value: object, option: str) -> InvalidOption:
    """Return the error for a number without a unit: 7 most likely means days, and must not silently become seconds."""
    units = ("d for days", "h for hours", "m for minutes")
    written = ", ".join(number + unit for unit in units)
    return InvalidOption(f"{option} {value!r} has no unit: write {written} or {number}s for seconds")


def say_duration(seconds: float) -> str:
    """Return a duration for people: ``26h``, ``3d 4h``, ``12m``; the two largest units, rounded down."""
    rest = max(0, int(seconds))
    words: list[str] = []
    if rest < 60:
        return f"{rest}s"
    # Up to two days hours are easier to compare with a limit such as 26h.
    units = (("h", 3600), ("m", 60)) if rest < 172800 else (("d", 86400), ("h", 3600))
    for unit, size in units:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count}{unit}")
    return " ".join(words)


def _delta(sign: str, hours: str, minutes: str) -> timedelta:
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("no time of a day")
    delta = timedelta(hours=int(hours), minutes=int(minutes))
    return -delta if sign == "-" else delta
