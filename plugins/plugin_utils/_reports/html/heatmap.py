# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The heat map of the report: what each instance had on each day, in the zone of its policy. Pure.

Private to this collection.
"""

from __future__ import annotations

import functools
from collections import Counter, namedtuple
from datetime import date, datetime, time, timedelta, timezone
from itertools import groupby

from ....module_utils._api.backups import USABLE
from ....module_utils._times import parse_iso

#: What a day without a usable backup is: class: words in its cell. Neighbours alike share one cell where it has words.
KINDS = {
    "g": "0",
    "t": "0",
    "b": "in progress",
    "e": "expired",
    "q": "unclear",
    "o": "none",
    "h": "not visible",
    "i": "not listed",
    "z": "",
}
_SPREAD = "ohiz"
#: What a backup makes of its day; of several, the first that is there in this order.
_OF_STATUS = {**dict.fromkeys(USABLE, "k"), "locked": "b", "expired": "e"}
_UNKNOWN_STATUS = "q"
_ORDER = "kqbe"
_DAY = 86400
_FIRST_DAY = date(1970, 1, 1).toordinal()
#: Days in the heat map, today among them; and how many where no API says how far back it shows.
_MOST_DAYS, _FEWEST_DAYS = 31, 8

#: ``count`` usable backups on ``days`` days in a row; ``kind`` is a key of KINDS, or "k" where there are any.
Cell = namedtuple("Cell", "kind days count")


def columns(instances, outlooks, now):
    """Return the days of the heat map, oldest first: as far back as an API shows, or as there are backups."""
    zones = {outlooks[policy].zone for policy in {entry["policy"] for entry in instances}}
    todays = [now.astimezone(zone).date() for zone in zones]
    if not todays:
        return []
    length = max(_reach_back(entry, now) for entry in instances)
    last, first = max(todays), min(todays)
    length = min(length + (last - first).days, _MOST_DAYS)
    return [last - timedelta(days=back) for back in reversed(range(length))]


def _reach_back(entry, now):
    if entry["horizon_seconds"] is not None:
        return entry["horizon_seconds"] // _DAY + 1
    starts = [when for when in (parse_iso(backup["start"]) for backup in entry["backups"]) if when]
    return max(_FEWEST_DAYS, (now - min(starts)).days + 2 if starts else 0)


def starts(entry, zone):
    """Return when each of an instance's backups started, in seconds: ``(since 1970, the same by the zone's wall clock)``.

    None if not readable. Made once for all that is shown of them, and of numbers, since a fleet has hundreds of thousands.
    """
    moments = (parse_iso(backup["start"]) for backup in entry["backups"])
    fixed = zone.utcoffset(None)
    if fixed is None:
        return [when and (int(when.timestamp()), wall_clock(when, zone)) for when in moments]
    ahead = int(fixed.total_seconds())
    return [when and ((unix := int(when.timestamp())), unix + ahead) for when in moments]


def wall_clock(when, zone):
    """Return what a wall clock of a zone shows at a moment, as seconds since it showed the beginning of 1970."""
    return int(when.astimezone(zone).replace(tzinfo=timezone.utc).timestamp())


def cells(entry, begun, days, look):
    """Return an instance's Cells, in the order of the days; ``begun`` are its ``starts``, ``look`` its policy's Outlook."""
    created = parse_iso(entry["created_time"])
    born = created and created.astimezone(look.zone).date()
    return _cells(
        tuple(
            (start[1] // _DAY, _OF_STATUS.get(backup["status"], _UNKNOWN_STATUS))
            for backup, start in zip(entry["backups"], begun)
            if start
        ),
        # Before the first column it makes no difference.
        born if born and days and born >= days[0] else None,
        entry["complete"],
        entry["evaluated_at"],
        entry["horizon_seconds"],
        tuple(days),
        look,
    )


# Of a healthy fleet most are alike.
@functools.lru_cache(maxsize=10_000)
def _cells(backups, born, complete, evaluated_at, horizon, days, look):
    counts = Counter(backups)
    made = {}
    for number, kind in counts:
        made.setdefault(date.fromordinal(_FIRST_DAY + number), {})[kind] = counts[number, kind]
    empty = _empty(made, born, complete, parse_iso(evaluated_at), horizon, look)
    kinds = [next(kind for kind in _ORDER if kind in made[day]) if day in made else empty(day) for day in days]
    found = []
    for kind, group in groupby(zip(kinds, days), key=lambda pair: pair[0]):
        same = [day for _kind, day in group]
        if kind in _SPREAD:
            found.append(Cell(kind, len(same), 0))
        else:
            found += [Cell(kind, 1, made[day].get("k", 0) if day in made else 0) for day in same]
    return tuple(found)


def _empty(made, born, complete, now, horizon, look):
    """Return a function from a day without backups to its kind, as of the moment at which the instance was judged."""
    today = now.astimezone(look.zone).date()
    shown = None if horizon is None else _whole_day(now - timedelta(seconds=horizon), look.zone)
    asked = _whole_day(now - timedelta(seconds=look.reach), look.zone)
    oldest = min((day for day, kinds in made.items() if "k" in kinds), default=None)

    def kind(day):
        if day > today or (born and day <= born):
            return "z"
        if not complete:
            return "i"
        if shown and day < shown:
            return "h"
        if day == today:
            return "t"
        return "g" if day >= asked or (oldest and day > oldest) else "o"

    return kind


def _whole_day(moment, zone):
    """Return the first day that begins at a moment or after it."""
    day = moment.astimezone(zone).date()
    return day if datetime.combine(day, time.min, zone) >= moment else day + timedelta(days=1)
