# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit itself: list once per connection, judge every host. Private to this collection. It knows no Ansible."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from ansible_collections.qcloud.crs.plugins.module_utils._connection import connect, describe
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._listing import Lister
from ansible_collections.qcloud.crs.plugins.plugin_utils import _policy, _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._scope import PREFIX, by_connection

#: What API 3.0 is asked for, unless a policy needs more: with the day ahead that the lister adds, one span of the API.
_USUAL_REACH = 28 * 86400
_DAY = 86400


def connect_all(targets):
    """Return ``[(dialect, secrets, targets)]`` for each connection. Raises InvalidOption before anything is sent."""
    connections = []
    for options, theirs in by_connection(targets):
        try:
            dialect, credentials = connect(options)
        except InvalidOption as error:
            raise InvalidOption(
                f"host {theirs[0].host}: {error.reason} (for a host, set the variable crs_<option>)"
            ) from None
        connections.append((dialect, credentials.secrets, theirs))
    return connections


def notes(connections):
    """Return what the policies ask that their API can never show, each sentence once."""
    found = {}
    for dialect, _secrets, targets in connections:
        for policy in {id(target.policy): target.policy for target in targets}.values():
            for note in _policy.lint(policy, dialect.version, dialect.horizon_seconds, PREFIX):
                found[note] = True
    return list(found)


def run(connections, now=None):
    """Return the record of an audit over ``connect_all``'s connections."""
    now = now or datetime.now(timezone.utc)
    instances, listings = [], []
    for dialect, _secrets, targets in connections:
        began = time.monotonic()
        begin = _begin(dialect, targets, now)
        ids = list(dict.fromkeys(target.instance_id for target in targets))
        lister = Lister(dialect, now, begin, concurrency=targets[0].connection["concurrency"])
        listed = {listing.instance_id: listing for listing in lister.instances(ids)}
        query = describe(dialect, begin, None, now, time.monotonic() - began)
        listings.append(_record.listing(query, len(ids), listed.values()))
        instances += [
            _record.instance(target, dialect.region, listed[target.instance_id], query["horizon_seconds"], now)
            for target in targets
        ]
    return _record.build(instances, listings, now, datetime.now(timezone.utc))


def _begin(dialect, targets, now):
    """Return from when on backups are listed: API 2.0 shows what it has, API 3.0 is asked for what the policies need."""
    if dialect.horizon_seconds is not None:
        return None
    limits = [target.policy.limits for target in targets]
    durations = [
        limit.get(name, 0)
        for limit in limits
        for name in ("max_age", "max_age_system", "max_age_manual", "min_retention", "max_gap")
    ]
    durations += [limit.get("daily", 0) * _DAY for limit in limits]
    durations += [limit["required_remark"].within for limit in limits if "required_remark" in limit]
    # A day more than the limit: what lies exactly on it is to be seen, in whatever zone.
    return now - timedelta(seconds=max(_USUAL_REACH, max(durations) + _DAY))
