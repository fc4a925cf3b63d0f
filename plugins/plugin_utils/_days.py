# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The heat map of the report: what each instance had on each day, in the zone of its policy. Pure.

Private to this collection.
"""

from __future__ import annotations

from collections import namedtuple
from datetime import datetime, time, timedelta
from itertools import groupby

from ansible_collections.qcloud.crs.plugins.module_utils._records import USABLE
from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_iso

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
_DAY = 86400
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
    """Return when each of an instance's backups started, as ``(moment, the same in a zone)``; None if not readable.

    Made once for all that is shown of them, since a fleet has hundreds of thousands.
    """
    moments = (parse_iso(one["start"]) for one in entry["backups"])
    return [when and (when, when.astimezone(zone)) for when in moments]


def cells(entry, begun, days, look):
    """Return an instance's Cells, in the order of the days; ``begun`` are its ``starts``, ``look`` its policy's Outlook."""
    made = _by_day(entry["backups"], begun)
    empty = _empty(entry, made, look)
    kinds = [_kind(made[day]) if day in made else empty(day) for day in days]
    found = []
    for kind, group in groupby(zip(kinds, days), key=lambda pair: pair[0]):
        same = [day for _kind, day in group]
        if kind in _SPREAD:
            found.append(Cell(kind, len(same), 0))
        else:
            found += [Cell(kind, 1, made[day].get("k", 0) if day in made else 0) for day in same]
    return found


def _by_day(backups, begun):
    """Return ``{day: {kind: how many}}`` of the backups with a readable time."""
    made = {}
    for one, start in zip(backups, begun):
        if start:
            kinds = made.setdefault(start[1].date(), {})
            kind = "k" if one["status"] in USABLE else {"locked": "b", "expired": "e"}.get(one["status"], "q")
            kinds[kind] = kinds.get(kind, 0) + 1
    return made


def _kind(kinds):
    return next(kind for kind in "kqbe" if kind in kinds)


def _empty(entry, made, look):
    """Return a function from a day without backups to its kind, as of the moment at which the instance was judged."""
    now = parse_iso(entry["evaluated_at"])
    today = now.astimezone(look.zone).date()
    created = parse_iso(entry["created_time"])
    born = created and created.astimezone(look.zone).date()
    horizon = entry["horizon_seconds"]
    shown = None if horizon is None else _whole_day(now - timedelta(seconds=horizon), look.zone)
    asked = _whole_day(now - timedelta(seconds=look.reach), look.zone)
    oldest = min((day for day, kinds in made.items() if "k" in kinds), default=None)

    def kind(day):
        if day > today or (born and day <= born):
            return "z"
        if not entry["complete"]:
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
