# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The heat map of the report: what each instance had on each day, in the zone of its policy. Pure.

Private to this collection.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from itertools import groupby
from typing import NamedTuple

from ....module_utils._api.backups import USABLE
from ....module_utils._times import from_iso, parse_iso
from ..._record.model import InstanceEntry

#: Kinds of a day without a usable backup: ``{class: text in its cell}``.
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
#: Kinds of which adjacent days share one cell.
_SPREAD = "ohiz"
#: The kind of day by a backup's status. If a day has several, the first in _ORDER counts.
_OF_STATUS = {**dict.fromkeys(USABLE, "k"), "locked": "b", "expired": "e"}
_UNKNOWN_STATUS = "q"
_ORDER = "kqbe"
_DAY_SECONDS = 86400
_FIRST_DAY = date(1970, 1, 1).toordinal()
#: The maximum number of days in the heat map, including today; the minimum if backups have no horizon.
MAX_DAYS, MIN_DAYS = 31, 8

#: When a backup started: in Unix seconds, and as ``wall_clock`` of its policy's zone.
Start = tuple[int, int]


class Cell(NamedTuple):
    """Usable backups on some days in a row."""

    #: A key of KINDS, or "k" where there are any.
    kind: str
    days: int
    usable: int


#: A row of the heat map.
Cells = tuple[Cell, ...]


class Outlook(NamedTuple):
    """A policy as the page needs it."""

    zone: tzinfo
    #: How the zone is called.
    name: str
    #: How many seconds back its rules look.
    reach: int


def columns(instances: Sequence[InstanceEntry], outlooks: Mapping[str, Outlook], now: datetime) -> list[date]:
    """Return the days of the heat map, oldest first: as far back as an API shows, or as there are backups."""
    zones = {outlooks[policy].zone for policy in {entry["policy"] for entry in instances}}
    todays = [now.astimezone(zone).date() for zone in zones]
    if not todays:
        return []
    length = max(_reach_back(entry, now) for entry in instances)
    last, first = max(todays), min(todays)
    length = min(length + (last - first).days, MAX_DAYS)
    return [last - timedelta(days=back) for back in reversed(range(length))]


def _reach_back(entry: InstanceEntry, now: datetime) -> int:
    if entry["horizon_seconds"] is not None:
        return entry["horizon_seconds"] // _DAY_SECONDS + 1
    starts = [when for when in (parse_iso(backup["start"]) for backup in entry["backups"]) if when]
    return max(MIN_DAYS, (now - min(starts)).days + 2 if starts else 0)


def starts(entry: InstanceEntry, zone: tzinfo) -> list[Start | None]:
    """Return the Start of each of an instance's backups, None if it can't be read.

    They are numbers, and computed once for all uses, since a fleet has hundreds of thousands.
    """
    moments = (parse_iso(backup["start"]) for backup in entry["backups"])
    fixed = zone.utcoffset(None)
    if fixed is None:
        return [(int(when.timestamp()), wall_clock(when, zone)) if when else None for when in moments]
    ahead = int(fixed.total_seconds())
    return [((unix := int(when.timestamp())), unix + ahead) if when else None for when in moments]


def wall_clock(when: datetime, zone: tzinfo) -> int:
    """Return the local time of a zone at a moment, in seconds since 1970-01-01 00:00 of the same clock."""
    return int(when.astimezone(zone).replace(tzinfo=timezone.utc).timestamp())


def cells(entry: InstanceEntry, begun: Sequence[Start | None], days: Sequence[date], look: Outlook) -> Cells:
    """Return an instance's Cells, in the order of the days; ``begun`` are its ``starts``, ``look`` its policy's Outlook."""
    created = parse_iso(entry["created_time"])
    born = created and created.astimezone(look.zone).date()
    return _cells(
        tuple(
            (start[1] // _DAY_SECONDS, _OF_STATUS.get(backup["status"], _UNKNOWN_STATUS))
            for backup, start in zip(entry["backups"], begun)
            if start
        ),
        # An earlier creation makes no difference.
        born if born and days and born >= days[0] else None,
        entry["complete"],
        entry["evaluated_at"],
        entry["horizon_seconds"],
        tuple(days),
        look,
    )


# In a healthy fleet, most instances have equal cells.
@functools.lru_cache(maxsize=10_000)
def _cells(
    backups: tuple[tuple[int, str], ...],
    born: date | None,
    complete: bool,
    evaluated_at: str,
    horizon: int | None,
    days: tuple[date, ...],
    look: Outlook,
) -> Cells:
    counts = Counter(backups)
    by_day: dict[date, dict[str, int]] = {}
    for number, kind in counts:
        by_day.setdefault(date.fromordinal(_FIRST_DAY + number), {})[kind] = counts[number, kind]
    empty = _empty(by_day, born, complete, from_iso(evaluated_at), horizon, look)
    kinds = [next(kind for kind in _ORDER if kind in by_day[day]) if day in by_day else empty(day) for day in days]
    found: list[Cell] = []
    for kind, group in groupby(zip(kinds, days), key=lambda pair: pair[0]):
        same = [day for _kind, day in group]
        if kind in _SPREAD:
            found.append(Cell(kind, len(same), 0))
        else:
            found += [Cell(kind, 1, by_day.get(day, {}).get("k", 0)) for day in same]
    return tuple(found)


def _empty(
    by_day: Mapping[date, Mapping[str, int]],
    born: date | None,
    complete: bool,
    now: datetime,
    horizon: int | None,
    look: Outlook,
) -> Callable[[date], str]:
    """Return a function from a day without backups to its kind, as of the moment at which the instance was judged."""
    today = now.astimezone(look.zone).date()
    shown = None if horizon is None else _whole_day(now - timedelta(seconds=horizon), look.zone)
    asked = _whole_day(now - timedelta(seconds=look.reach), look.zone)
    oldest = min((day for day, kinds in by_day.items() if "k" in kinds), default=None)

    def kind(day: date) -> str:
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


def _whole_day(moment: datetime, zone: tzinfo) -> date:
    """Return the first day that begins at a moment or after it."""
    day = moment.astimezone(zone).date()
    return day if datetime.combine(day, time.min, zone) >= moment else day + timedelta(days=1)
