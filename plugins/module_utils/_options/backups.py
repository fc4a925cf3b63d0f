# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a listing of backups: checked before the first request. Private to this collection."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from .._api.backups import FIRST_YEAR, BackupRecord, as_of
from .._api.base import Api
from .._api.instances import INSTANCE_ID
from .._errors import InvalidOption
from .._times import parse_moment
from .connection import Options, check_bounds

if TYPE_CHECKING:
    from .._listing.lister import InstanceListing


def instance_ids(values: list[str] | None, api: Api) -> list[str] | None:
    """Return the ids as ``named_ids``. Raises InvalidOption for the whole region if the API can't list its backups."""
    if values is None and not api.can_sweep:
        raise InvalidOption(
            "API 2.0 lists the backups of named instances only: set instance_ids, or use api_version v3"
        )
    return named_ids(values)


def named_ids(values: list[str] | None) -> list[str] | None:
    """Return the ids in their order, each once, or None for the whole region. Raises InvalidOption."""
    if values is None:
        return None
    if not values:
        # An empty list is most often the result of a filter, and listing everything is not what was meant.
        raise InvalidOption("instance_ids is an empty list: name instances, or leave it out to list the whole region")
    for value in values:
        if not INSTANCE_ID.fullmatch(value):
            raise InvalidOption(
                f"instance_ids has {value!r}, which is not a valid instance id: write it as crs-a1b2c3d4"
            )
    return list(dict.fromkeys(values))


def window(params: Options, zone: tzinfo, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return ``(begin, end)`` as aware datetimes or None. Checks the page size, too. Raises InvalidOption."""
    check_bounds(params, {"page_size": (1, 100)})
    begin, end = (
        parse_moment(params[name], zone, now, name) if params[name] is not None else None
        for name in ("begin_time", "end_time")
    )
    if begin and end and begin > end:
        raise InvalidOption(
            f"begin_time {params['begin_time']!r} is later than end_time {params['end_time']!r}: swap them"
        )
    if begin and begin.year < FIRST_YEAR:
        raise InvalidOption(
            f"begin_time {params['begin_time']!r} lies before {FIRST_YEAR}, when there were no backups: use a later time"
        )
    if begin and begin > now:
        raise InvalidOption(
            f"begin_time {params['begin_time']!r} is in the future: write a time before now with a minus, as in -7d"
        )
    return begin, end


def selected(
    listings: Iterable[InstanceListing], types: Collection[str], statuses: Collection[str], now: datetime
) -> list[BackupRecord]:
    """Return the records as of now with one of the types and statuses: newest first, those without a time last."""
    rows = [
        row
        for listing in listings
        for row in (as_of(row, now) for row in listing.backups)
        if (not types or row["type"] in types) and (not statuses or row["status"] in statuses)
    ]
    return sorted(rows, key=lambda row: (row["start_time"] or "", row["instance_id"], row["backup_id"]), reverse=True)
