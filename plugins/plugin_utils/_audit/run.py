# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit: list backups once for each connection, judge each host, build the record. Private to this collection. It knows no Ansible."""

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

#: How many connections list at the same time. Each has its own maximum number of concurrent requests.
MAX_CONNECTIONS = 8

#: ``{instance_id: configuration of automatic backups}``, with ``{"error": reason}`` if it could not be read.
Configs = dict[str, Optional[Mapping[str, Any]]]


class Connection(NamedTuple):
    """An Api for one account and region, with the hosts that it is for."""

    #: The label of the account, never a credential.
    account: str
    api: Api
    concurrency: int
    targets: list[Target]
    #: The account with all of its regions.
    cloud: places.Cloud


class _Shown(NamedTuple):
    """The answers that a connection got."""

    query: AccountQuery
    #: By ``(reach, instance_id)``, where reach is how many seconds back was listed.
    listings: dict[tuple[int, str], InstanceListing]
    configs: Configs
    #: The region's list of instances, or its error.
    listed: Listed | CrsError


def connect_all(targets: Iterable[Target], keyring: Keyring | None = None) -> list[Connection]:
    """Return a Connection for each distinct account and set of options. Nothing is sent. Raises InvalidOption, which names a host."""
    connections: list[Connection] = []
    keyring = keyring or Keyring()
    for options, theirs in by_connection(targets):
        try:
            account, api, cloud = places.way(theirs[0].account, options, keyring)
        except InvalidOption as error:
            raise InvalidOption(
                f"host {theirs[0].host}: {error.reason} (for a host, set the variable with the prefix crs_, such as crs_region)"
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
    """List, judge, and return the record of an audit over the Connections of ``connect_all``.

    ``coverage`` is off, report or fail. Unless it is off, the record names instances of the account that no host stands for.
    ``inventory`` is what the inventory has in addition to the hosts in scope. Its gaps are in the record even if coverage is off.
    ``regions`` says where coverage looks. ``name`` is that of the audit, ``run_id`` that of the run of which this is a slice.
    ``restore_tests`` returns what is known of the restore tests of an instance.
    """
    started = datetime.now(timezone.utc)
    targets = [target for connection in connections for target in connection.targets]
    # Connections of one account share its rate limit.
    shown = list(in_order(MAX_CONNECTIONS)(lambda connection: _show(connection, started), connections))
    looks: list[places.Look] = []
    if coverage != "off":
        looks = [places.Look(_place(connection), seen.listed) for connection, seen in zip(connections, shown)]
        looks += places.looks(connections, inventory.ways, regions)
    covered = _coverage.cover(looks, inventory, _audited(connections), _there(connections, shown), coverage == "fail")
    # All are judged at the same time, after everything was listed: so no backup that was made meanwhile is in the future. In whole
    # seconds, like the record. Not before the start, even if the clock was set back in between.
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
    """Return the warnings of ``policy.lint`` for all policies, each once."""
    found: dict[str, bool] = {}
    for connection in connections:
        api = connection.api
        for policy in {id(target.policy): target.policy for target in connection.targets}.values():
            for note in _policy.lint(policy, api.version, api.horizon_seconds, PREFIX):
                found[note] = True
    return list(found)


def instances(connections: Iterable[Connection]) -> dict[_facts.Instance, list[str]]:
    """Return ``{instance: hosts}`` of all targets."""
    found: dict[_facts.Instance, list[str]] = {}
    for connection in connections:
        where = _place(connection)
        for target in connection.targets:
            found.setdefault(_facts.identity(where.endpoint, where.region, target.instance_id), []).append(target.host)
    return found


def _place(connection: Connection) -> Origin:
    return places.place(connection.account, connection.api)


def _show(connection: Connection, now: datetime) -> _Shown:
    """Return the answers of a connection. The list of instances comes first, because a sweep counts only for those on it."""
    began = time.monotonic()
    asks: list[Callable[[], Any]] = [lambda: _listed(connection, now), lambda: _configs(connection)]
    (listed, listings), configs = in_order(len(asks))(lambda ask: ask(), asks)
    begin = _begin(connection.api, max(reach for reach, _instance_id in listings), now)
    query = describe(connection.api, begin, None, now, time.monotonic() - began)
    return _Shown({"account": connection.account, **query}, listings, configs, listed)


def _listed(connection: Connection, now: datetime) -> tuple[Listed | CrsError, dict[tuple[int, str], InstanceListing]]:
    """Return the region's list of instances, and the listings as ``_Shown`` has them.

    Instances are listed together only if their policies look back equally far. Otherwise an error or an undated backup from before
    the look-back of a policy would count for it.
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
    """Return the configurations of the instances whose policy needs them."""
    ids = _ids(target for target in connection.targets if _policy.needs_config(target.policy))
    api = connection.api
    replies = ask_each(ids, api.auto_backup_config, lambda: probe(api), connection.concurrency)
    return {
        instance_id: {"error": reply.error.reason} if reply.error else reply.value
        for instance_id, reply in replies.items()
    }


def _audited(connections: Iterable[Connection]) -> dict[Whose, set[str]]:
    """Return the ids of all targets by cloud and region."""
    found: dict[Whose, set[str]] = {}
    for connection in connections:
        found.setdefault(_place(connection).whose, set()).update(_ids(connection.targets))
    return found


def _there(connections: Iterable[Connection], shown: Iterable[_Shown]) -> dict[Origin, set[str]]:
    """Return ``{place: ids}`` of the targets that exist and aren't about to be deleted: a list that lacks one of them isn't complete.

    Each instance counts only for the place of the connection that audits it, as in a slice. The lists of other accounts say nothing
    about it.
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
    """Return how many seconds back an instance's backups are listed: all that API 2.0 shows, and over API 3.0 what its policy needs."""
    return _policy.looks_back(target.policy, connection.api.horizon_seconds)


def _begin(api: Api, reach: int, now: datetime) -> datetime | None:
    """Return the ``begin`` of a listing. It is None for API 2.0, which shows all that it has."""
    return None if api.horizon_seconds else now - timedelta(seconds=reach)


def _judged(
    target: Target, connection: Connection, seen: _Shown, restore_tests: Lookup, now: datetime
) -> InstanceEntry:
    """Return the record's entry of a target, judged as of ``now``."""
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
