# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit's record: one JSON document that holds what was asked, seen and concluded. Private to this collection.

Every report is a function of it alone. It never has a credential.
"""

from __future__ import annotations

import json
import re

from ansible_collections.qcloud.crs.plugins.module_utils._records import as_of
from ansible_collections.qcloud.crs.plugins.module_utils._times import to_iso
from ansible_collections.qcloud.crs.plugins.module_utils._version import VERSION
from ansible_collections.qcloud.crs.plugins.plugin_utils import _policy, _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._digest import digest

SCHEMA = "qcloud.crs/audit-record/1"
#: What an audit may be called, and what one is called whose record says nothing: the first ones had no names.
NAME, DEFAULT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}"), "crs"
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_ORDER = {outcome: rank for rank, outcome in enumerate(_policy.OUTCOMES)}


def build(
    audited, listings, coverage, waivers, evaluated_at, finished_at, audit_id, slices=(), audit_name=DEFAULT_NAME
):
    """Return the record, in an order that depends on what is in it alone.

    ``audited`` are ``instance`` entries, ``listings`` ``listing`` entries, ``coverage`` the entries of ``_coverage`` and
    ``waivers`` what ``_waivers.review`` returns; times are datetimes. ``audit_id`` are 32 hexadecimal digits that no other
    record has. ``slices`` say what a merged record was made of. ``audit_name`` tells one audit from others.
    """
    instances = sorted(audited, key=lambda entry: (_ORDER[entry["outcome"]], _lateness(entry), entry["host"]))
    return {
        "schema": SCHEMA,
        "id": audit_id,
        "name": audit_name,
        "generator": f"qcloud.crs {VERSION}",
        "evaluated_at": to_iso(evaluated_at),
        "finished_at": to_iso(finished_at),
        "complete": bool(instances) and all(entry["complete"] for entry in instances),
        "summary": summary(instances),
        "policies": policies(instances),
        "instances": [{key: value for key, value in entry.items() if key != "_policy"} for entry in instances],
        "listings": sorted(listings, key=place),
        "coverage": sorted(coverage, key=place),
        "waivers": sorted(waivers, key=_waiver_order),
        "slices": list(slices),
    }


def name(record):
    """Return what the audit of a record is called."""
    return record.get("name", DEFAULT_NAME)


def instance(target, facts, now):
    """Return the entry of a host by the Facts of its instance: its verdicts, and what they were judged from."""
    listing, state = facts.listing, facts.state
    error = listing.error and listing.error.as_dict()
    claims = facts.claims and facts.claims._asdict()
    known = {
        "complete": error is None,
        # A verdict says why in a few words; all that was asked and answered stands beside it.
        "error": error and {**error, "message": listing.error.reason},
        "horizon_seconds": facts.horizon_seconds,
        "created_time": state.created_time,
        "status": state.status,
        "claims": claims,
        "config": facts.config,
    }
    verdicts = _policy.evaluate(listing.backups, known, target.policy, now)
    verdicts = _waivers.waive(verdicts, target.waivers, target.instance_id, now)
    outcome = outcome_of(verdicts)
    backups = [as_of(row, now) for row in listing.backups]
    usable = sorted(row["start_time"] for row in backups if row["usable"] and row["start_time"])
    return {
        "host": target.host,
        "instance_id": target.instance_id,
        "instance_name": target.name
        or next((row["instance_name"] for row in listing.backups if row["instance_name"]), None),
        "account": facts.origin.account,
        "region": facts.origin.region,
        "api_version": facts.origin.api_version,
        "endpoint": facts.origin.endpoint,
        "evaluated_at": to_iso(now),
        "outcome": outcome,
        "fails": outcome == _policy.FAIL or (outcome == _policy.UNKNOWN and target.unknown_fails),
        "complete": error is None,
        "error": error,
        "created_time": state.created_time,
        "status": state.status,
        "claims": claims,
        "tags": target.tags,
        "horizon_seconds": facts.horizon_seconds,
        "usable": sum(row["usable"] for row in backups),
        "newest_usable": usable[-1] if usable else None,
        "oldest_usable": usable[0] if usable else None,
        "policy": target.policy.id,
        "origins": target.origins,
        "rules": verdicts,
        "backups": [
            {"start": row["start_time"], "type": row["type"], "status": row["status"], "size": row["size_bytes"]}
            for row in sorted(backups, key=lambda row: row["start_time"] or "", reverse=True)
        ],
        "_policy": {**target.policy.values, "timezone": target.policy.zone_name},
    }


def outcome_of(verdicts):
    """Return what an instance comes to by its verdicts: the worst that counts."""
    return _policy.worst(_waivers.counted(verdict) for verdict in verdicts)


def listing(query, instances_asked, listings, instances_error=None):
    """Return what one connection was asked, with a hash of all it showed.

    ``instances_error`` is why the region's list of instances couldn't be read, or None.
    """
    listings = list(listings)
    rows = [row for listed in listings for row in listed.backups]
    return {
        **query,
        "instances": instances_asked,
        "incomplete": sum(listed.error is not None for listed in listings),
        "instances_error": instances_error and instances_error.as_dict(),
        "total": len(rows),
        "sha256": digest(sorted(rows, key=lambda row: (row["instance_id"], row["backup_id"]))),
    }


def place(entry):
    """Return which account was asked where, of a listing or of coverage."""
    return tuple(entry[key] for key in ("region", "api_version", "account", "endpoint"))


def identity(entry):
    """Return which instance an entry is of: hosts that have the same one are one instance."""
    return tuple(entry[key] for key in ("account", "endpoint", "region", "instance_id"))


def summary(instances):
    """Return how many instances there are of each outcome, and in all, by their entries.

    One of several hosts counts once, with the worst of their outcomes.
    """
    by_instance: dict = {}
    for entry in instances:
        by_instance.setdefault(identity(entry), []).append(entry["outcome"])
    outcomes = [_policy.worst(found) for found in by_instance.values()]
    return {"instances": len(outcomes), **{outcome: outcomes.count(outcome) for outcome in _policy.OUTCOMES}}


def policies(instances):
    """Return each effective policy once, by its id."""
    return {entry["policy"]: entry["_policy"] for entry in instances}


def parts(record):
    """Yield the record as JSON text: a line for each instance, listing, gap of coverage and waiver."""
    for place, (key, value) in enumerate(record.items()):
        yield f"{',' if place else '{'}\n{_as_json(key)}: "
        if isinstance(value, list):
            for number, one in enumerate(value):
                yield f"{',' if number else '['}\n{_as_json(one)}"
            yield "\n]" if value else "[]"
        else:
            yield _as_json(value)
    yield "\n}\n"


def _lateness(entry):
    """Order equal outcomes by how many rules are broken, most first."""
    return -sum(verdict["outcome"] == entry["outcome"] for verdict in entry["rules"])


def _waiver_order(waiver):
    return [waiver[key] or "" for key in ("rule", "instance", "expires", "owner", "reason")]
