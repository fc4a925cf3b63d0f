# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backups of many instances: windows, sweep of a region, several at once, and what is missing.

Private to this collection. It knows a dialect's interface, and neither HTTP nor Ansible.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Callable, NamedTuple, Optional

from .._api.backups import BackupRecord
from .._api.base import Api, Page
from .._api.instances import (
    ALL,
    InstanceRecord,
    Wanted,
    is_wanted,
    unfit,
)
from .._errors import (
    BadResponse,
    CrsError,
    Incomplete,
    NotListed,
    plain,
)
from .concurrency import InOrder, ask_each, in_order
from .paging import Fetch, Key, Record, read_all

#: Takes an instance that is left out of a list, by its id, with the reason.
Skip = Callable[[str, BadResponse], object]
#: The records of all instances of a region by id, with None for those whose id can't name a host.
Listed = dict[str, Optional[InstanceRecord]]
_Window = tuple[Optional[datetime], Optional[datetime]]


class InstanceListing(NamedTuple):
    """The backups of one instance."""

    instance_id: str
    backups: list[BackupRecord]
    #: How many the complete listing has, or None if it is not complete.
    total: int | None
    #: What kept the listing from being complete.
    error: CrsError | None


#: A sweep costs a first request to find out whether it is worth it: not for a handful of instances.
_MIN_INSTANCES_TO_SWEEP = 10
#: If no end is requested, it lies this far ahead, so that a backup dated in the future is seen and not hidden, as over an API
#: that shows what it has: it tells of a wrong zone or clock. A query that ends sooner would let the other backups pass.
_MAX_AHEAD = timedelta(days=30)


class _NotWorthIt(Exception):
    """Sweeping would take more requests than asking each instance."""


class Lister:
    """Lists over one dialect. ``begin`` and ``end`` are aware datetimes or None, ``now`` is the reference of both."""

    def __init__(
        self,
        api: Api,
        now: datetime,
        begin: datetime | None = None,
        end: datetime | None = None,
        page_size: int = 100,
        concurrency: int = 8,
    ) -> None:
        self._api = api
        self._page_size = page_size
        self._concurrency = concurrency
        # Nothing is further ahead, and to ask for it would take a query for each thirty days until then.
        end = min(end, now + _MAX_AHEAD).replace(microsecond=0) if end else None
        begin = begin.replace(microsecond=0) if begin else None
        self._windows: Sequence[_Window] = [(begin, end)]
        if begin and api.max_span_seconds:
            self._windows = _windows(begin, end or now + _MAX_AHEAD, api.max_span_seconds)

    def instances(
        self, instance_ids: Sequence[str], stop_at_error: bool = False, listed: Listed | CrsError | None = None
    ) -> list[InstanceListing]:
        """Return an InstanceListing for each id, in their order. With ``stop_at_error`` the first error is raised.

        ``listed`` is what ``list_or_error`` returned, where the caller has asked: then none of an instance that it lacks is
        complete.
        """
        found = self._swept(instance_ids, listed)
        # An instance for which a sweep shows nothing is asked by itself: a sweep hides what doesn't exist and what
        # may not be read, and neither is an instance without backups.
        rest = [instance_id for instance_id in instance_ids if instance_id not in found]
        found.update(self._each(rest, stop_at_error))
        if isinstance(listed, dict):
            found.update(self._not_listed(found.values(), listed, stop_at_error))
        return [found[instance_id] for instance_id in instance_ids]

    def region(self, stop_at_error: bool = False) -> list[InstanceListing]:
        """Return an InstanceListing for each instance of the region, in order of id, those without backups too."""
        odd: dict[str, BadResponse] = {}
        ids = {record["instance_id"] for record in list_instances(self._api, skip=odd.__setitem__)}
        if odd and stop_at_error:
            raise next(iter(odd.values()))
        shown = self._sweep(len(ids) + 1)
        found = {one: shown[one] for one in shown if one in ids}
        # Those that are listed and not shown, and those that are shown and not listed.
        rest = sorted((ids | shown.keys()) - found.keys() - odd.keys())
        found.update(self._each(rest, stop_at_error))
        found.update(self._not_listed(found.values(), ids, stop_at_error))
        found.update((one, InstanceListing(one, [], None, error)) for one, error in odd.items())
        return [found[instance_id] for instance_id in sorted(found)]

    def _swept(self, instance_ids: Sequence[str], listed: Listed | CrsError | None) -> dict[str, InstanceListing]:
        """Return as ``_sweep`` what is shown of the instances, if a sweep is due.

        A sweep shows the backups of what is gone as well: it stands only for an instance that the region's list has.
        """
        if isinstance(listed, CrsError) or not self._api.can_sweep or len(instance_ids) < _MIN_INSTANCES_TO_SWEEP:
            return {}
        found = self._sweep(len(instance_ids))
        if found and listed is None:
            listed = list_or_error(self._api)
        if listed is None or isinstance(listed, CrsError):
            return {}
        return {instance_id: one for instance_id, one in found.items() if instance_id in listed}

    def _not_listed(
        self, listings: Iterable[InstanceListing], listed: Container[str], stop_at_error: bool
    ) -> dict[str, InstanceListing]:
        """Return ``{instance_id: InstanceListing}`` of those that were shown, and that the region's list lacks."""
        found: dict[str, InstanceListing] = {}
        for listing in listings:
            if listing.error is None and listing.instance_id not in listed:
                error = NotListed(
                    "the list of the region's instances lacks it, but its backups are shown: check whether the permission to list "
                    "instances excludes it, by resource or tag, or whether the instance was deleted"
                )
                error.asked = self._api.asked(self._api.instances_action, listing.instance_id)
                if stop_at_error:
                    raise error
                found[listing.instance_id] = InstanceListing(listing.instance_id, [], None, error)
        return found

    def _sweep(self, max_requests: int) -> dict[str, InstanceListing]:
        """Return ``{instance_id: InstanceListing}`` of what one query over the whole region shows.

        Nothing is found where that isn't worth it, fails, or where rows move under every reading: single
        questions may still do.
        """
        try:
            rows = self._rows(None, max_requests, in_order(self._concurrency))
        except (_NotWorthIt, CrsError):
            return {}
        backups: dict[str, list[BackupRecord]] = {}
        for row in rows:
            backups.setdefault(row["instance_id"], []).append(row)
        return {
            instance_id: InstanceListing(instance_id, theirs, len(theirs), None)
            for instance_id, theirs in backups.items()
        }

    def _each(self, instance_ids: Sequence[str], stop_at_error: bool) -> dict[str, InstanceListing]:
        """Return ``{instance_id: InstanceListing}``."""
        replies = ask_each(instance_ids, self._rows, lambda: probe(self._api), self._concurrency, stop_at_error)
        return {
            instance_id: InstanceListing(instance_id, [], None, reply.error)
            if reply.value is None
            else InstanceListing(instance_id, reply.value, len(reply.value), None)
            for instance_id, reply in replies.items()
        }

    def _rows(
        self, instance_id: str | None, max_requests: int | None = None, each: InOrder = map
    ) -> list[BackupRecord]:
        """Return the records of all windows, unique by backup id; ``each`` as ``read_all`` takes it."""
        rows: dict[tuple[str, str], BackupRecord] = {}
        for begin, end in self._windows:

            def fetch(
                offset: int, limit: int, begin: datetime | None = begin, end: datetime | None = end
            ) -> Page[BackupRecord]:
                page = self._api.backups_page(instance_id, begin, end, offset, limit)
                if max_requests is not None and math.ceil(page.total / limit) > max_requests:
                    raise _NotWorthIt
                return page

            rows.update(_read_all(self._api, fetch, self._page_size, _identity, self._api.action, instance_id, each))
        return list(rows.values())


def probe(api: Api) -> None:
    """Ask for something that is about no instance. Raises the CrsError that is met: one that meets all is the key's or the service's."""
    api.instances_page(0, 1, ALL)


def list_instances(api: Api, wanted: Wanted = ALL, skip: Skip | None = None) -> list[InstanceRecord]:
    """Return the records of all instances of the region that the key may see and that are wanted, in the API's order.

    ``skip(instance_id, error)`` is called for each that is left out because its id can't name a host, with its id made plain.
    Without it the first such error is raised, because the list would look complete without that instance.
    """

    def fetch(offset: int, limit: int) -> Page[InstanceRecord]:
        return api.instances_page(offset, limit, wanted)

    def key(record: InstanceRecord) -> str:
        return record["instance_id"]

    records = _read_all(api, fetch, api.instances_page_size, key, api.instances_action)
    kept = []
    for record in (one for one in records.values() if is_wanted(one, wanted)):
        error = unfit(record)
        if error:
            error.asked = api.asked(api.instances_action)
            if skip is None:
                raise error
            skip(plain(record["instance_id"], 100), error)
        else:
            kept.append(record)
    return kept


def list_or_error(api: Api) -> Listed | CrsError:
    """Return the records of all instances of the region by id, or the CrsError that stands in their place.

    Those whose id can't name a host are there without a record: no host stands for them.
    """
    odd: dict[str, BadResponse] = {}
    try:
        records = list_instances(api, skip=odd.__setitem__)
    except CrsError as error:
        return error
    return {**dict.fromkeys(odd), **{record["instance_id"]: record for record in records}}


def _read_all(
    api: Api,
    fetch: Fetch[Record],
    page_size: int,
    key: Callable[[Record], Key],
    action: str,
    instance_id: str | None = None,
    each: InOrder = map,
) -> dict[Key, Record]:
    try:
        return read_all(fetch, page_size, key, api.offset_may_count_pages, each)
    except Incomplete as error:
        error.asked = api.asked(action, instance_id)
        raise


def _identity(row: BackupRecord) -> tuple[str, str]:
    return row["instance_id"], row["backup_id"]


def _windows(begin: datetime, end: datetime, span: int) -> list[tuple[datetime, datetime]]:
    """Return ``(begin, end)`` pairs that cover both ends, each within ``span`` seconds.

    A window begins with the last second of the one before it: whether the API counts both ends is written nowhere.
    """
    windows: list[tuple[datetime, datetime]] = []
    while not windows or begin < end:
        last = min(end, begin + timedelta(seconds=span))
        windows.append((begin, last))
        begin = last
    return windows
