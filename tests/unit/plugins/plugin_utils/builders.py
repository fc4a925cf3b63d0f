# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records, policies and expectations, written short. Nothing here is taken from the code under test but its entry points."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.target import Target
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import waivers as _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.facts import Facts, Origin, State

UTC = timezone.utc
M, H, D = 60, 3600, 86400
#: 20:00 in +08:00.
NOW = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
AUDIT_ID = "3f9a1c" + 26 * "0"
ENDPOINT = "https://redis.tencentcloudapi.com/"
USABLE = ("normal", "exporting", "exported")
CODES = {"locked": 1, "normal": 2, "exporting": 3, "exported": 4, "expired": -1, "unknown": 9}
_numbers = itertools.count(1)


def iso(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def ago(seconds, now=NOW):
    return iso(now - timedelta(seconds=seconds))


def backup(
    age=0,
    status="normal",
    type="system",
    *,
    at=None,
    undated=False,
    remark=None,
    size=None,
    backup_id=None,
    now=NOW,
    expires=None,
):
    """Return a record as crs_backup_info returns it, started ``age`` seconds ago or ``at`` an ISO 8601 time."""
    start = None if undated else at or ago(age, now)
    return {
        "instance_id": "crs-a1b2c3d4",
        "instance_name": "orders",
        "region": "ap-guangzhou",
        "backup_id": backup_id or f"{next(_numbers):06d}",
        "type": type,
        "type_code": {"manual": "0", "system": "1", "spec_change": "2"}.get(type, "7"),
        "status": status,
        "status_code": CODES[status],
        "usable": status in USABLE,
        "locked": False,
        "remark": remark,
        "start_time": start,
        "end_time": start,
        "expire_time": expires,
        "size_bytes": size,
        "file_type": "RDB",
        "encrypted": False,
    }


def days(*ages, **kwargs):
    return [backup(age * D, **kwargs) for age in ages]


PHASES = ("list", "address", "download", "header", "check", "load", "count", "canary", "wipe")


def a_test(age=0, outcome="passed", seconds=30.0, now=NOW, **more):
    """Return a restore test that ended ``age`` seconds ago and took ``seconds``, in the form of a record."""
    passed = outcome == "passed"
    return {
        "id": f"{next(_numbers):032x}",
        "evaluated_at": ago(age, now),
        "outcome": outcome,
        "code": None if passed else {"failed": "cut_short", "unknown": "no_server"}[outcome],
        "message": "" if passed else "it says why",
        "backup_id": "b-1",
        "backup_start": ago(age + H, now),
        "files": 1,
        "size_bytes": 4096,
        "key_count": 100 if passed else 0,
        "servers": ["redis 7.0.15"],
        "checksum": "verified" if passed else None,
        "created": "compared" if passed else None,
        "sandbox": "bwrap",
        "seconds": {**dict.fromkeys(PHASES, 0.0), "download": seconds},
        "restore_seconds": seconds,
        "wiped_at": ago(age, now),
        **more,
    }


def restore_tests(*tests, problem=None):
    """Return what is known of an instance of which these are all the tests there are; the last one is the latest."""
    passed = [test for test in tests if test["outcome"] == "passed"]
    failed = [test for test in tests if test["outcome"] == "failed" and not any(_later(one, test) for one in passed)]
    latest, passed, failed = ((found or [None])[-1] for found in (tests, passed, failed))
    return {"problem": problem, "latest": latest, "passed": passed, "failed": failed}


def _later(one, other):
    """Tell whether a test is later than another, and not of an older backup."""
    return one["evaluated_at"] > other["evaluated_at"] and (one["backup_start"] or "") >= (other["backup_start"] or "9")


def instance(**known):
    """Return what is known of an instance whose listing is complete, by default nothing else."""
    return {"complete": True, "error": None, "horizon_seconds": None, "created_time": None, "status": None, **known}


def verdicts(rules, backups, now=NOW, zone="+08:00", **known):
    policy = _policy.parse_policy({**rules, "timezone": zone})
    return {verdict["rule"]: verdict for verdict in _policy.evaluate(backups, instance(**known), policy, now)}


def judge(rule, limit, backups, now=NOW, zone="+08:00", also=None, **known):
    """Return the verdict of one rule; ``also`` are other rules of the same policy."""
    return verdicts({rule: limit, **(also or {})}, backups, now, zone, **known)[rule]


def target(host, rules, waivers=(), zone="+08:00", **known):
    """Return a host as the audit judges it, with a policy of these rules."""
    made = {
        "account": None,
        "instance_id": host,
        "name": None,
        "created_time": None,
        "status": None,
        "tags": {},
        "connection": {"api_version": "v3"},
        "policy": _policy.parse_policy({**rules, "timezone": zone}),
        "origins": dict.fromkeys(rules, "role default"),
        "waivers": _waivers.parse_waivers(list(waivers), "waivers"),
        "unknown_fails": True,
    }
    assert set(known) <= set(made), known
    return Target(host=host, **{**made, **known})


def facts(judged, listing, horizon=28 * D, config=None, account="prod", region="ap-guangzhou", **more):
    """Return the Facts of a target's instance, of which the API says what the inventory does."""
    made = {
        "origin": Origin(account, region, ENDPOINT, judged.connection["api_version"]),
        "instance_id": judged.instance_id,
        "listing": listing,
        "state": State(judged.created_time, judged.status),
        "claims": None,
        "config": config,
        "horizon_seconds": horizon,
    }
    return Facts(**{**made, **more})


class Example(NamedTuple):
    """What tests of all rules alike need of one.

    ``limit`` is one that the backups of such tests meet, and ``shown`` what a verdict says of it. ``presence`` says whether the rule
    asks that something is there, so that without backups it can't pass. ``fails`` are a limit, backups and a configuration with
    which it fails; all other rules on backups may pass. ``limits`` are what random policies choose from, ``limit`` by default.
    ``restore_tests`` are those with which it fails, where it judges them.
    """

    limit: object
    shown: object
    fails: tuple[object, list[dict], dict | None]
    presence: bool = False
    limits: tuple = ()
    restore_tests: dict | None = None


class Row:
    """One line of a rule's table: what is given, and the outcome, the actual value and the code, which says why.

    ``code`` is without the rule's name. What passes has only one.
    """

    def __init__(self, name, limit, backups, outcome, actual, code="met", now=NOW, zone="+08:00", also=None, **known):
        self.name, self.limit, self.backups = name, limit, backups
        self.outcome, self.actual, self.code = outcome, actual, code
        self.how = {"now": now, "zone": zone, "also": also, **known}

    def check(self, rule):
        """Judge the backups in either order, and return the verdict."""
        for rows in (self.backups, self.backups[::-1]):
            verdict = judge(rule, self.limit, rows, **self.how)
            found = tuple(verdict[key] for key in ("rule", "outcome", "actual", "code"))
            assert found == (rule, self.outcome, self.actual, f"{rule}.{self.code}"), verdict
        return verdict


def sentences(rule, rows):
    """Return the sentences of a rule's table, by the names of its lines."""
    return {row.name: judge(rule, row.limit, row.backups, **row.how)["message"] for row in rows}


def name_of(row):
    return row.name
