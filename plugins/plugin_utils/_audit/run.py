# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit itself: list once per connection, judge every host. Private to this collection. It knows no Ansible."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple, Optional
from uuid import uuid4

from ...module_utils._api.base import Api
from ...module_utils._connection import describe
from ...module_utils._credentials.chain import Keyring
from ...module_utils._errors import CrsError, InvalidOption, NotFound, NotListed
from ...module_utils._listing.concurrency import ask_each, in_order
from ...module_utils._listing.lister import InstanceListing, Listed, Lister, list_or_error, probe
from .._coverage import coverage as _coverage
from .._coverage import places
from .._policy import facts as _facts
from .._policy import policy as _policy
from .._policy import waivers as _waivers
from .._policy.facts import Origin, Whose
from .._policy.restore_tests import Lookup, not_looked_at
from .._record import record
from .._record.model import AccountQuery, InstanceEntry, Record
from .._settings import PREFIX
from .target import Target, by_connection

#: How many connections are listed at a time, each with requests of its own under way.
MAX_CONNECTIONS = 8


#: How the backups of instances are configured, by id, or why that isn't known.
Configs = dict[str, Optional[Mapping[str, Any]]]


class Connection(NamedTuple):
    """One account, region and API, with the hosts that are reached over it."""

    #: A label, and no credential.
    account: str
    api: Api
    concurrency: int
    targets: list[Target]
    #: The account with all of its regions.
    cloud: places.Cloud


class _Shown(NamedTuple):
    """What a connection showed."""

    query: AccountQuery
    #: By how many seconds back they look, and by instance id.
    listings: dict[tuple[int, str], InstanceListing]
    configs: Configs
    #: The records of all instances of the region by id, or the CrsError in their place.
    listed: Listed | CrsError


def connect_all(targets: Iterable[Target], keyring: Keyring | None = None) -> list[Connection]:
    """Return a Connection for each distinct set of options. Raises InvalidOption before anything is sent."""
    connections: list[Connection] = []
    keyring = keyring or Keyring()
    for options, theirs in by_connection(targets):
        try:
            account, api, cloud = places.way(theirs[0].account, options, keyring)
        except InvalidOption as error:
            raise InvalidOption(
                f"host {theirs[0].host}: {error.reason} (of a host, the variable with crs_ before the option's name, such as crs_region)"
            ) from None
        connections.append(Connection(account, api, options["concurrency"], theirs, cloud))
    return connections


def run(
    connections: Sequence[Connection],
    coverage: str = "off",
    inventory: places.Inventory = places.NOTHING,
    name: str = record.DEFAULT_NAME,
    regions: places.Regions = places.AUDITED,
    run_id: str | None = None,
    restore_tests: Lookup = not_looked_at,
) -> Record:
    """Return the record of the audit of that name over ``connect_all``'s connections.

    Unless ``coverage`` is ``off``, instances that the account has and that no host stands for are listed. ``inventory`` is
    what the inventory has in addition to the hosts in scope: its gaps are always in the record. ``regions`` says where to look, as
    ``places.check`` takes it. ``run_id`` tells of which run this is a slice. ``restore_tests`` says
    what is known of the tests of an instance.
    """
    started = datetime.now(timezone.utc)
    targets = [target for connection in connections for target in connection.targets]
    # Those of one account share its pace.
    shown = list(in_order(MAX_CONNECTIONS)(lambda connection: _show(connection, started), connections))
    looks: list[places.Look] = []
    if coverage != "off":
        looks = [places.Look(_place(connection), seen.listed) for connection, seen in zip(connections, shown)]
        looks += places.looks(connections, inventory.ways, regions)
    covered = _coverage.cover(looks, inventory, _audited(connections), _there(connections, shown), coverage == "fail")
    # Judged at one moment for all, after all was seen: a backup made while others were listed isn't in the future. To the
    # second, as the record says it. And not before it began, though the clock was set back in between.
    now = max(started, datetime.now(timezone.utc)).replace(microsecond=0)
    instances = [
        _judged(target, connection, seen, restore_tests, now)
        for connection, seen in zip(connections, shown)
        for target in connection.targets
    ]
    listings = [
        record.listing(seen.query, len(connection.targets), seen.listings.values(), _error(seen.listed))
        for connection, seen in zip(connections, shown)
    ]
    waivers = _waivers.review(targets, now)
    finished = max(now, datetime.now(timezone.utc))
    return record.build(
        instances,
        record.policies(targets),
        listings,
        covered,
        waivers,
        now,
        finished,
        uuid4().hex,
        audit_name=name,
        run=run_id,
        coverage_setting=coverage,
    )


def notes(connections: Iterable[Connection]) -> list[str]:
    """Return what the policies ask that their API can never show, each sentence once."""
    found: dict[str, bool] = {}
    for connection in connections:
        api = connection.api
        for policy in {id(target.policy): target.policy for target in connection.targets}.values():
            for note in _policy.lint(policy, api.version, api.horizon_seconds, PREFIX):
                found[note] = True
    return list(found)


def instances(connections: Iterable[Connection]) -> dict[tuple[str, ...], list[str]]:
    """Return ``{identity: hosts}`` of the targets, the identities as ``record.identity`` returns them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for connection in connections:
        where = _place(connection)
        for target in connection.targets:
            found.setdefault((*where.whose, target.instance_id), []).append(target.host)
    return found


def _place(connection: Connection) -> Origin:
    return places.place(connection.account, connection.api)


def _show(connection: Connection, now: datetime) -> _Shown:
    """Return what a connection shows. The list of instances comes before their backups: it says whom a sweep can stand for."""
    began = time.monotonic()
    asks: list[Callable[[], Any]] = [lambda: _listed(connection, now), lambda: _configs(connection)]
    (listed, listings), configs = in_order(len(asks))(lambda ask: ask(), asks)
    begin = _begin(connection.api, max(reach for reach, _instance_id in listings), now)
    query = describe(connection.api, begin, None, now, time.monotonic() - began)
    return _Shown({"account": connection.account, **query}, listings, configs, listed)


def _listed(connection: Connection, now: datetime) -> tuple[Listed | CrsError, dict[tuple[int, str], InstanceListing]]:
    """Return the list of the region's instances and the listings.

    Hosts are listed with those alone whose policies look back as far: an error, or a backup without a time, that lies where only
    others look would else be theirs, too.
    """
    listed = list_or_error(connection.api)
    by_reach: dict[int, list[Target]] = {}
    for target in connection.targets:
        by_reach.setdefault(_reach(connection, target), []).append(target)
    found: dict[tuple[int, str], InstanceListing] = {}
    for reach, targets in by_reach.items():
        begin = _begin(connection.api, reach, now)
        lister = Lister(connection.api, now, begin, concurrency=connection.concurrency)
        for listing in lister.instances(_ids(targets), listed=listed):
            found[reach, listing.instance_id] = listing
    return listed, found


def _configs(connection: Connection) -> Configs:
    """Return the configuration of the instances whose policy asks for it, or the error that stands in its place."""
    ids = _ids(target for target in connection.targets if _policy.needs_config(target.policy))
    api = connection.api
    replies = ask_each(ids, api.auto_backup_config, lambda: probe(api), connection.concurrency)
    return {
        instance_id: {"error": reply.error.reason} if reply.error else reply.value
        for instance_id, reply in replies.items()
    }


def _audited(connections: Iterable[Connection]) -> dict[Whose, set[str]]:
    """Return the ids of all targets by the region of the cloud that they are in."""
    found: dict[Whose, set[str]] = {}
    for connection in connections:
        found.setdefault(_place(connection).whose, set()).update(_ids(connection.targets))
    return found


def _there(connections: Iterable[Connection], shown: Iterable[_Shown]) -> dict[Origin, set[str]]:
    """Return the ids by place of the instances that aren't said to be gone or about to go: a list that lacks one of them isn't whole.

    By the connection that audits one alone, as each slice says it: what another account's list says of it is none of its facts.
    """
    found: dict[Origin, set[str]] = {}
    for connection, seen in zip(connections, shown):
        ids = {listing.instance_id for listing in seen.listings.values() if not _is_gone(listing.error)}
        going = set() if isinstance(seen.listed, CrsError) else _coverage.going(seen.listed)
        found.setdefault(_place(connection), set()).update(ids - going)
    return found


def _is_gone(error: CrsError | None) -> bool:
    return isinstance(error, NotFound) and not isinstance(error, NotListed)


def _ids(targets: Iterable[Target]) -> list[str]:
    return list(dict.fromkeys(target.instance_id for target in targets))


def _reach(connection: Connection, target: Target) -> int:
    """Return how many seconds back an instance is looked at: all that API 2.0 shows, and over API 3.0 what its policy needs."""
    return _policy.looks_back(target.policy, connection.api.horizon_seconds)


def _begin(api: Api, reach: int, now: datetime) -> datetime | None:
    """Return from when on backups are asked for, or None: API 2.0 shows what it has."""
    return None if api.horizon_seconds else now - timedelta(seconds=reach)


def _judged(
    target: Target, connection: Connection, seen: _Shown, restore_tests: Lookup, now: datetime
) -> InstanceEntry:
    """Return the record's entry of a target."""
    reach, origin = _reach(connection, target), _place(connection)
    facts = _facts.gather(
        origin,
        seen.listings[reach, target.instance_id],
        seen.listed,
        _facts.State(target.created_time, target.status),
        seen.configs.get(target.instance_id),
        reach,
        restore_tests(origin.whose, target.instance_id),
    )
    return record.instance(target, facts, now)


def _error(found: Listed | CrsError) -> CrsError | None:
    return found if isinstance(found, CrsError) else None
