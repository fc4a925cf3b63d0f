# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is known of one instance, as one value. Private to this collection. Pure: no Ansible, no requests.

Only this file makes Facts, from the answers of either API version, so that what judges them doesn't depend on how they were fetched.
The API's values count. Claims of the inventory are kept separately, and excuse nothing.
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

#: By how much a claimed creation time may differ from the API's: clocks and rounding differ by less.
MAX_DIFFERENCE_SECONDS = 60


#: ``(cloud, region)``. Within it, an id names one instance, whatever key and API version lead to it.
Whose = tuple[str, str]


def whose(endpoint: str, region: str) -> Whose:
    """Return the Whose of an endpoint's URL and a long region code."""
    return cloud(endpoint), region


class Instance(NamedTuple):
    """Which instance an entry of a record is of, a record of a restore test, or a host. Equal ones are one instance.

    Labels of accounts and API versions are not part of it: an id is unique within a region of a cloud, and a label may be renamed.
    """

    cloud: str
    region: str
    instance_id: str


def identity(endpoint: str, region: str, instance_id: str) -> Instance:
    """Return the Instance with an id in a long region code of an endpoint's URL."""
    return Instance(*whose(endpoint, region), instance_id)


def identity_of(entry: Mapping[str, Any]) -> Instance:
    """Return the Instance of an entry of a record, or of the record of a restore test."""
    return identity(entry["endpoint"], entry["region"], entry["instance_id"])


class Origin(NamedTuple):
    """Where facts are from: an account, region, endpoint (URL) and API version. Each has one list of instances."""

    account: str
    region: str
    endpoint: str
    api_version: str

    @property
    def whose(self) -> Whose:
        """The cloud and region."""
        return whose(self.endpoint, self.region)


def place(entry: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return the origin of an entry of a record (instance, listing or coverage), in the order by which records are sorted."""
    return entry["region"], entry["api_version"], entry["account"], entry["endpoint"]


class State(NamedTuple):
    """The creation time (ISO 8601) and the status of an instance; None if unknown."""

    created_time: str | None
    status: str | None


class Facts(NamedTuple):
    """What is known of one instance.

    ``listing`` has its backups, or why they aren't complete. ``state`` is from the region's list of instances. ``claims`` are what the
    inventory says and ``state`` doesn't confirm, or None. ``config`` is the configuration of automatic backups, ``{"error": ...}``, or
    None if no rule needs it. ``horizon_seconds`` is how many seconds back backups are shown. ``restore_tests`` are the last restore
    tests, or None if no folder of them was read.
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
        """Whether its backups are shown but the region's list lacks it. Then that list proves nothing."""
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

    ``listed`` is the region's list of instances or its error, ``claimed`` is what the inventory says of the instance.
    """
    state = _stated(listed, listing.instance_id)
    claims = _claims(state, claimed)
    return Facts(origin, listing.instance_id, listing, state, claims, config, horizon, restore_tests)


def _stated(listed: Listed | CrsError, instance_id: str) -> State:
    record = None if isinstance(listed, CrsError) else listed.get(instance_id)
    if record is None:
        return State(None, None)
    # An undocumented status does not count as a status.
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
    """Tell whether two statuses judge alike. Others are ignored, since a cached inventory often has an old status."""
    return claimed is None or (stated in GOING) == (claimed in GOING)
