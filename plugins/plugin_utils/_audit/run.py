# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit itself: list once per connection, judge every host. Private to this collection. It knows no Ansible."""

from __future__ import annotations

import time
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from uuid import uuid4

from ...module_utils._connection import describe
from ...module_utils._credentials.chain import Keyring
from ...module_utils._errors import CrsError, InvalidOption, NotFound, NotListed
from ...module_utils._listing.concurrency import ask_each, in_order
from ...module_utils._listing.lister import Lister, list_or_error, probe
from .._coverage import coverage as _coverage
from .._coverage import places
from .._policy import facts as _facts
from .._policy import policy as _policy
from .._policy import waivers as _waivers
from .._record import record
from .._settings import PREFIX
from .target import by_connection

#: So many connections are listed at a time, each with requests of its own under way.
_AT_ONCE = 8

#: One account, region and API, with the Targets that are reached over it; ``account`` is a label, and no credential.
#: ``cloud`` is the account with all of its regions.
Connection = namedtuple("Connection", "account dialect concurrency targets cloud")

#: What a connection showed: ``query`` is the account and what ``describe`` returns; InstanceListings are by reach and instance
#: id, configurations by instance id. ``facts`` are the records of all instances of the region by id, or the CrsError in their place.
_Shown = namedtuple("_Shown", "query listed configs facts")


def connect_all(targets, keyring=None):
    """Return a Connection for each distinct set of options. Raises InvalidOption before anything is sent."""
    connections, keyring = [], keyring or Keyring()
    for options, theirs in by_connection(targets):
        try:
            account, dialect, cloud = places.way(theirs[0].account, options, keyring)
        except InvalidOption as error:
            raise InvalidOption(
                f"host {theirs[0].host}: {error.reason} (of a host, the variable with crs_ before the option's name, such as crs_region)"
            ) from None
        connections.append(Connection(account, dialect, options["concurrency"], theirs, cloud))
    return connections


def run(
    connections,
    coverage="off",
    inventory=places.NOTHING,
    name=record.DEFAULT_NAME,
    regions=places.AUDITED,
    run_id=None,
):
    """Return the record of the audit of that name over ``connect_all``'s connections.

    Unless ``coverage`` is ``off``, instances that the account has and that no host stands for are listed. ``inventory`` is
    what there is beside the hosts in scope: its gaps are in the record in any case. ``regions`` says where to look, as
    ``places.check`` takes it. ``run_id`` tells of which run this is a slice.
    """
    started = datetime.now(timezone.utc)
    targets = [target for connection in connections for target in connection.targets]
    # Those of one account share its pace.
    shown = list(in_order(_AT_ONCE)(lambda connection: _show(connection, started), connections))
    looks = []
    if coverage != "off":
        looks = [places.Look(places.place(*one[:2]), seen.facts) for one, seen in zip(connections, shown)]
        looks += places.looks(connections, inventory.ways, regions)
    covered = _coverage.cover(looks, inventory, _audited(connections), _there(connections, shown), coverage == "fail")
    # Judged at one moment for all, after all was seen: a backup made while others were listed isn't in the future. To the
    # second, as the record says it.
    now = datetime.now(timezone.utc).replace(microsecond=0)
    instances = [
        _judged(target, connection, seen, now)
        for connection, seen in zip(connections, shown)
        for target in connection.targets
    ]
    listings = [
        record.listing(seen.query, len(connection.targets), seen.listed.values(), _error(seen.facts))
        for connection, seen in zip(connections, shown)
    ]
    waivers = _waivers.review(targets, now)
    finished = datetime.now(timezone.utc)
    return record.build(instances, listings, covered, waivers, now, finished, uuid4().hex, (), name, run_id, coverage)


def notes(connections):
    """Return what the policies ask that their API can never show, each sentence once."""
    found = {}
    for connection in connections:
        dialect = connection.dialect
        for policy in {id(target.policy): target.policy for target in connection.targets}.values():
            for note in _policy.lint(policy, dialect.version, dialect.horizon_seconds, PREFIX):
                found[note] = True
    return list(found)


def instances(connections):
    """Return ``{identity: hosts}`` of the targets, the identities as ``record.identity`` returns them."""
    found = {}
    for connection in connections:
        origin = places.place(connection.account, connection.dialect)
        for target in connection.targets:
            key = record.identity({**origin._asdict(), "instance_id": target.instance_id})
            found.setdefault(key, []).append(target.host)
    return found


def _show(connection, now):
    """Return what a connection shows. The list of instances comes before their backups: it says whom a sweep can stand for."""
    began = time.monotonic()
    asks = [lambda: _listed(connection, now), lambda: _configs(connection)]
    (facts, listed), configs = in_order(len(asks))(lambda ask: ask(), asks)
    begin = _begin(connection.dialect, max(reach for reach, _instance_id in listed), now)
    query = describe(connection.dialect, begin, None, now, time.monotonic() - began)
    return _Shown({"account": connection.account, **query}, listed, configs, facts)


def _listed(connection, now):
    """Return the list of the region's instances and the listings.

    Hosts are listed with those alone whose policies look back as far: an error, or a backup without a time, that lies where only
    others look would else be theirs, too.
    """
    facts = list_or_error(connection.dialect)
    by_reach: dict = {}
    for target in connection.targets:
        by_reach.setdefault(_reach(connection, target), []).append(target)
    found = {}
    for reach, targets in by_reach.items():
        begin = _begin(connection.dialect, reach, now)
        lister = Lister(connection.dialect, now, begin, concurrency=connection.concurrency)
        for listing in lister.instances(_ids(targets), listed=facts):
            found[reach, listing.instance_id] = listing
    return facts, found


def _configs(connection):
    """Return the configuration of the instances whose policy asks for it, or the error that stands in its place."""
    ids = _ids(target for target in connection.targets if _policy.needs_config(target.policy))
    dialect = connection.dialect
    replies = ask_each(ids, dialect.auto_backup_config, lambda: probe(dialect), connection.concurrency)
    return {
        instance_id: {"error": reply.error.reason} if reply.error else reply.value
        for instance_id, reply in replies.items()
    }


def _audited(connections):
    """Return the ids of all targets by the region of the cloud that they are in."""
    found = {}
    for connection in connections:
        place = places.place(connection.account, connection.dialect)
        found.setdefault(place.whose, set()).update(_ids(connection.targets))
    return found


def _there(connections, shown):
    """Return the ids by place of the instances that aren't said to be gone: a list that lacks one of them isn't whole."""
    found = {}
    for connection, seen in zip(connections, shown):
        place = places.place(connection.account, connection.dialect)
        ids = [listing.instance_id for listing in seen.listed.values() if not _is_gone(listing.error)]
        found.setdefault(place, set()).update(ids)
    return found


def _is_gone(error):
    return isinstance(error, NotFound) and not isinstance(error, NotListed)


def _ids(targets):
    return list(dict.fromkeys(target.instance_id for target in targets))


def _reach(connection, target):
    """Return how many seconds back an instance is looked at: all that API 2.0 shows, and over API 3.0 what its policy needs."""
    return _policy.looks_back(target.policy, connection.dialect.horizon_seconds)


def _begin(dialect, reach, now):
    """Return from when on backups are asked for, or None: API 2.0 shows what it has."""
    return None if dialect.horizon_seconds else now - timedelta(seconds=reach)


def _judged(target, connection, seen, now):
    """Return the record's entry of a target."""
    reach = _reach(connection, target)
    facts = _facts.gather(
        places.place(connection.account, connection.dialect),
        seen.listed[reach, target.instance_id],
        seen.facts,
        _facts.State(target.created_time, target.status),
        seen.configs.get(target.instance_id),
        reach,
    )
    return record.instance(target, facts, now)


def _error(found):
    return found if isinstance(found, CrsError) else None
