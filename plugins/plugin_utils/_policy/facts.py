# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is known of one instance, as one value. Private to this collection. Pure: no Ansible, no requests.

It is made here alone, of whatever was asked, so that nothing that judges it knows how that was: by a sweep or one by one, over
which API. The API's values are used. Claims of the inventory are kept separately, and excuse nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...module_utils._api.endpoint import cloud
from ...module_utils._errors import CrsError, NotListed
from ...module_utils._listing.lister import InstanceListing, Listed
from .history import parse_created
from .policy import GOING
from .restore_tests import RestoreTests

#: Clocks and spellings differ by less.
MAX_DIFFERENCE_SECONDS = 60


#: A region of a cloud.
Whose = tuple[str, str]


def whose(endpoint: str, region: str) -> Whose:
    """Return what ids are unique in: a region of a cloud. There an id names one instance, whatever key and API lead to it."""
    return cloud(endpoint), region


class Origin(NamedTuple):
    """Whom was asked where: what is known is known from there. It has one list of instances."""

    account: str
    region: str
    endpoint: str
    api_version: str

    @property
    def whose(self) -> Whose:
        """Which region of which cloud this is."""
        return whose(self.endpoint, self.region)


def place(entry: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return which account was asked where, of an entry of a record: an instance, a listing or coverage."""
    return entry["region"], entry["api_version"], entry["account"], entry["endpoint"]


class State(NamedTuple):
    """When an instance was created and its status; None where it isn't known."""

    created_time: str | None
    status: str | None


class Facts(NamedTuple):
    """What is known of one instance.

    ``listing`` are its backups with their completeness. ``state`` is the account's own word, of the region's list of instances, and
    ``claims`` are what the inventory says in its place: both None where there is nothing to say. ``config`` is the
    configuration that rules ask for, or None. ``horizon_seconds`` says how far back backups can be seen. ``restore_tests`` are the
    last ones, None where nobody looked.
    """

    origin: Origin
    instance_id: str
    listing: InstanceListing
    state: State
    claims: State | None
    config: Mapping[str, Any] | None
    horizon_seconds: int | None
    restore_tests: RestoreTests | None = None

    @property
    def hidden(self) -> bool:
        """Whether it showed its backups, but the account's list lacks it: that list proves nothing."""
        return isinstance(self.listing.error, NotListed)


def gather(
    origin: Origin,
    listing: InstanceListing,
    listed: Listed | CrsError,
    claimed: State,
    config: Mapping[str, Any] | None,
    horizon: int | None,
    restore_tests: RestoreTests | None = None,
) -> Facts:
    """Return the Facts of an instance.

    ``listed`` are the records of the region's instances by id, or the CrsError in their place, ``claimed`` is what the inventory
    says of it.
    """
    state = _stated(listed, listing.instance_id)
    claims = _claims(state, claimed)
    return Facts(origin, listing.instance_id, listing, state, claims, config, horizon, restore_tests)


def _stated(listed: Listed | CrsError, instance_id: str) -> State:
    record = None if isinstance(listed, CrsError) else listed.get(instance_id)
    if record is None:
        return State(None, None)
    # A code that no document knows says nothing.
    return State(record["created_time"], None if record["status"] == "unknown" else record["status"])


def _claims(state: State, claimed: State) -> State | None:
    """Return the claims that the API doesn't confirm, or None."""
    claims = State(
        None if _same_time(state.created_time, claimed.created_time) else claimed.created_time,
        None if _same_status(state.status, claimed.status) else claimed.status,
    )
    return claims if any(claims) else None


def _same_time(stated: str | None, claimed: str | None) -> bool:
    if stated == claimed or claimed is None:
        return True
    first, second = parse_created(stated), parse_created(claimed)
    return first is not None and second is not None and abs((first - second).total_seconds()) <= MAX_DIFFERENCE_SECONDS


def _same_status(stated: str | None, claimed: str | None) -> bool:
    """Tell whether two statuses come to the same: most words change by the hour, and a cached inventory has old ones."""
    return claimed is None or (stated in GOING) == (claimed in GOING)
