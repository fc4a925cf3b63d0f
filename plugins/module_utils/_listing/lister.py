# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists the backups of many instances: by instance or by sweep, in windows of time, complete or with an error.

Private to this collection. It uses the interface Api, and knows neither HTTP nor Ansible.
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

#: ``skip(instance_id, error)`` receives an instance that is left out of a list, with the reason.
Skip = Callable[[str, BadResponse], object]
#: The region's list of instances: ``{instance_id: record}``, with None for ids that can't be names of hosts.
Listed = dict[str, Optional[InstanceRecord]]
_Window = tuple[Optional[datetime], Optional[datetime]]


class InstanceListing(NamedTuple):
    """The backups of one instance."""

    instance_id: str
    backups: list[BackupRecord]
    #: The number of backups, or None if the listing is not complete.
    total: int | None
    #: Why the listing is not complete, or None if it is.
    error: CrsError | None


#: For fewer instances no sweep is tried: only its first request shows whether it saves any.
_MIN_INSTANCES_TO_SWEEP = 10
#: How far after now a listing ends at most, and its end over an API whose queries have a maximum span, if no end is given. It is not
#: now, because a backup dated in the future shows that a zone or clock is wrong, and without it the other backups would pass.
_MAX_AHEAD = timedelta(days=30)


class _NotWorthIt(Exception):
    """A sweep would take more requests than one query for each instance."""


class Lister:
    """Lists the backups of instances over one Api.

    They are those that started from ``begin`` to ``end``, aware datetimes or None for no bound. ``now`` is an aware datetime, too.
    ``page_size`` is in rows, ``concurrency`` the maximum number of concurrent requests.
    """

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
        # Nothing starts later, and each further window would cost a query.
        end = min(end, now + _MAX_AHEAD).replace(microsecond=0) if end else None
        begin = begin.replace(microsecond=0) if begin else None
        self._windows: Sequence[_Window] = [(begin, end)]
        if begin and api.max_span_seconds:
            self._windows = _windows(begin, end or now + _MAX_AHEAD, api.max_span_seconds)

    def instances(
        self, instance_ids: Sequence[str], stop_at_error: bool = False, listed: Listed | CrsError | None = None
    ) -> list[InstanceListing]:
        """Return an InstanceListing for each id, in their order. With ``stop_at_error`` the first error is raised.

        ``listed`` is the result of ``list_or_error``, if the caller has it. Then an instance that the region's list lacks gets the error
        NotListed, even if its backups are shown.
        """
        found = self._swept(instance_ids, listed)
        # A query for each instance of which the sweep shows nothing: it may have no backups, not exist, or be
        # forbidden, and only its own query tells these apart.
        rest = [instance_id for instance_id in instance_ids if instance_id not in found]
        found.update(self._each(rest, stop_at_error))
        if isinstance(listed, dict):
            found.update(self._not_listed(found.values(), listed, stop_at_error))
        return [found[instance_id] for instance_id in instance_ids]

    def region(self, stop_at_error: bool = False) -> list[InstanceListing]:
        """Return an InstanceListing for each instance of the region, sorted by id, also for those without backups."""
        odd: dict[str, BadResponse] = {}
        ids = {record["instance_id"] for record in list_instances(self._api, skip=odd.__setitem__)}
        if odd and stop_at_error:
            raise next(iter(odd.values()))
        shown = self._sweep(len(ids) + 1)
        found = {one: shown[one] for one in shown if one in ids}
        # Instances of the list of which the sweep shows nothing, and instances of the sweep that the list lacks.
        rest = sorted((ids | shown.keys()) - found.keys() - odd.keys())
        found.update(self._each(rest, stop_at_error))
        found.update(self._not_listed(found.values(), ids, stop_at_error))
        found.update((one, InstanceListing(one, [], None, error)) for one, error in odd.items())
        return [found[instance_id] for instance_id in sorted(found)]

    def _swept(self, instance_ids: Sequence[str], listed: Listed | CrsError | None) -> dict[str, InstanceListing]:
        """Return what ``_sweep`` returns, limited to instances of the region's list; nothing if a sweep isn't worth it.

        A sweep also shows backups of instances that were deleted, so it doesn't count for an instance that the list lacks.
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
        """Return ``{instance_id: InstanceListing}`` with the error NotListed for listings whose instance the region's list lacks."""
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
        """Return ``{instance_id: InstanceListing}`` of one listing of the whole region.

        It is empty if the sweep would take more than ``max_requests`` requests for a window, or fails: a query for each instance may
        still succeed.
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
        """Return ``{instance_id: InstanceListing}`` by one query for each instance."""
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
        """Return the records of all windows, each backup once. Raises CrsError, and _NotWorthIt beyond ``max_requests``.

        ``instance_id`` is None for a sweep; ``each`` is that of ``read_all``.
        """
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
    """Send a request that is about no instance, to learn whether key and service work. Raises its CrsError if not."""
    api.instances_page(0, 1, ALL)


def list_instances(api: Api, wanted: Wanted = ALL, skip: Skip | None = None) -> list[InstanceRecord]:
    """Return the records of all instances of the region that the key may see and that pass the filter, in the API's order.

    An instance whose id can't be the name of a host is left out, and ``skip`` is called with its id (without control characters) and the
    error. Without ``skip`` that error is raised, because the list would look complete. Raises any other CrsError.
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
    """Return ``{instance_id: record}`` of all instances of the region, or the CrsError of their listing.

    An id that can't be the name of a host has None instead of a record.
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
    """Return pairs ``(begin, end)`` that cover the time from ``begin`` to ``end``, each at most ``span`` seconds long.

    A window begins at the second at which the one before ends, since it isn't documented whether the API includes both ends.
    """
    windows: list[tuple[datetime, datetime]] = []
    while not windows or begin < end:
        last = min(end, begin + timedelta(seconds=span))
        windows.append((begin, last))
        begin = last
    return windows
