# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import CrsError
from ..module_utils._times import parse_iso
from ..plugin_utils._policy import policy as _policy
from ..plugin_utils._policy.history import parse_created

NAME = "qcloud.crs.backup_verdicts"


def backup_verdicts(listing: Any, now: object = None, instances: Any = None, **policy: Any) -> list[dict[str, Any]]:
    """Return the verdicts of each instance of a ``crs_backup_info`` result. Documented in backup_verdicts.yml."""
    try:
        listed, backups, query = _parts(listing)
        parsed = _policy.parse_policy(policy)
        moment = _moment(now)
        _check_query(query, moment)
        known = _known(instances)
        return [_judged(entry, backups, query, known, parsed, moment) for entry in listed]
    except CrsError as error:
        raise AnsibleFilterError(f"{NAME}: {error}") from error


def _judged(
    entry: Mapping[str, Any],
    backups: list[Any],
    query: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Any]],
    policy: _policy.Policy,
    now: datetime,
) -> dict[str, Any]:
    instance_id = entry["instance_id"]
    facts = {
        **known.get(instance_id, {}),
        "complete": entry.get("complete"),
        "error": entry.get("error"),
        "horizon_seconds": query.get("horizon_seconds"),
    }
    theirs = [row for row in backups if row["instance_id"] == instance_id]
    verdicts = _policy.evaluate(theirs, facts, policy, now)
    return {
        "instance_id": instance_id,
        "outcome": _policy.worst(verdict["outcome"] for verdict in verdicts),
        "rules": verdicts,
    }


def _parts(listing: Any) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Return the parts of a module's result. A failed or skipped one has none, and must not look like an empty one."""
    parts = listing if isinstance(listing, dict) else {}
    listed, backups, query = parts.get("instances"), parts.get("backups"), parts.get("query")
    if not isinstance(listed, list) or not isinstance(backups, list) or not isinstance(query, dict):
        raise AnsibleFilterError(
            f"{NAME}: the input is not a result of qcloud.crs.crs_backup_info (with instances, backups and query): "
            "was the task skipped, or did it fail?"
        )
    return listed, backups, query


def _check_query(query: Mapping[str, Any], now: datetime) -> None:
    """Refuse a listing that left out backups: judged, they would not exist."""
    for name in ("types", "statuses"):
        if query.get(name):
            raise AnsibleFilterError(f"{NAME}: the input was listed with {name} {query[name]!r}: list all of them")
    end = parse_iso(query.get("end_time"))
    if end is not None and end < now:
        raise AnsibleFilterError(f"{NAME}: the input ends at {query['end_time']}, before now: list without end_time")


def _moment(now: object) -> datetime:
    if now is None:
        return datetime.now(timezone.utc)
    moment = now if isinstance(now, datetime) else parse_iso(str(now))
    if moment is None or moment.tzinfo is None:
        raise AnsibleFilterError(
            f"{NAME}: now {now!r} is not a time with an offset: write it in ISO 8601, such as 2026-06-01T02:00:00+08:00"
        )
    return moment


def _known(instances: Any) -> dict[str, dict[str, Any]]:
    if instances is None:
        return {}
    if not isinstance(instances, dict) or not all(isinstance(facts, dict) for facts in instances.values()):
        raise AnsibleFilterError(
            f"{NAME}: instances is not a dict of instance ids to dicts: "
            "write it as {crs-a1b2c3d4: {created_time: 2026-06-01T02:00:00+08:00}}"
        )
    for instance_id, facts in instances.items():
        created = facts.get("created_time")
        if created is not None and parse_created(created) is None:
            raise AnsibleFilterError(
                f"{NAME}: created_time {created!r} of {instance_id} is not a time from 2010 on: write it in ISO 8601 "
                "with an offset, such as 2026-06-01T02:00:00+08:00, or leave it out"
            )
    return instances


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"backup_verdicts": backup_verdicts}
