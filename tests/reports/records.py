# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records for the tests of the machine reports, unit tests among them: made by the collection's own code, written short."""

from __future__ import annotations

import json
from datetime import timedelta

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, Incomplete
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import InstanceListing
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import coverage, places
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import waivers as _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.facts import place
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    AUDIT_ID,
    NOW,
    D,
    H,
    ago,
    backup,
    facts,
    target,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import ALL_RULES

ACCOUNT, ENDPOINT = "prod", "https://redis.tencentcloudapi.com/"
RULES = {"max_age": "26h", "min_usable": 1, "min_retention": "6d"}
#: What people, or somebody who wants to do harm, may put into names, tags, waivers and messages.
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "cdata": "a ]]> b <![CDATA[ c",
    "template": "{{ lookup('pipe', 'id') }}{% raw %}",
    "quotes": "\"double\" 'single' \\ back\\\\slash \\n",
    "lines": "one\ntwo\r\nthree\tfour\u2028five",
    "sample": 'x"} 1\ncrs_backup_evil 1\n# TYPE',
    "turned": "left \u202egpj.exe\u202c \u2066right\u2069",
    "long": "0123456789" * 1024,
    "nul": "a\x00b",
    "control": "\x1b[31mred\x07\x7f\x9b",
    "half": "half \ud800 of one",
    "no character": "\ufffe\uffff",
    "entity": "&amp; &#0; &lol;",
    "chinese": "订单库 🧨",
}


def good(count=8):
    """Return daily backups, the newest an hour old."""
    return [backup(n * D + H, size=1000 + n) for n in range(count)]


def waiver(rule, days=30, **more):
    return {"rule": rule, "reason": "CHG-1042", "owner": "dba-team", "expires": ago(-days * D), **more}


class Fleet:
    """Hosts that are judged as they are added, and the record of all of them."""

    def __init__(self, now=NOW, audit_id=AUDIT_ID, audit="crs", run="17", coverage_setting=None, tests=None):
        """``tests`` are the restore tests of each host that has none of its own; by default they were not looked at."""
        self.tests = tests
        self.now, self.audit_id, self.audit, self.run = now, audit_id, audit, run
        self.coverage_setting = coverage_setting
        self.targets, self.entries, self.coverage, self.places = [], [], [], {}

    def add(
        self, host, backups=None, rules=None, error=None, waivers=(), region="ap-guangzhou", account=ACCOUNT, **known
    ):
        """Add a host with its listing; returns the fleet, so that it can go on."""
        rules = rules or RULES
        config, tests = known.pop("config", None), known.pop("restore_tests", self.tests)
        connection = {"api_version": known.pop("api_version", "v3")}
        horizon_of_api = 7 * D if connection["api_version"] == "v2" else None
        horizon, read_in = known.pop("horizon", None), known.pop("read_in", "UTC+08:00")
        judged = target(host, rules, waivers, account=account, connection=connection, **{"name": "orders", **known})
        horizon = horizon or _policy.looks_back(judged.policy, horizon_of_api)
        rows = list(good() if backups is None else backups)
        listing = InstanceListing(judged.instance_id, rows, None if error else len(rows), error)
        self.targets.append(judged)
        self.entries.append(
            _record.instance(
                judged, facts(judged, listing, horizon, config, account, region, restore_tests=tests), self.now
            )
        )
        # Hosts whose times are read in another zone are of another connection.
        place = account, region, judged.connection["api_version"], read_in
        self.places.setdefault(place, []).append((horizon, listing))
        return self

    def cover(self, missing=(), error=None, region="ap-guangzhou", api_version="v3", account=ACCOUNT, **more):
        """Add what a region has beside the inventory, or why that isn't known."""
        where = places.Place(account, region, more.pop("endpoint", ENDPOINT), api_version)
        if error:
            entry = coverage.unseen(where, error, False)
        else:
            leaving = {one: {"status": "isolated"} for one in more.pop("isolated", ())}
            entry = coverage.seen(where, {**dict.fromkeys(missing), **leaving}, set(), set(), False)
        self.coverage.append({**entry, **more})
        return self

    def _covered(self, entry):
        """Return an entry of coverage that counts the instances that are audited in its place, too."""
        if entry["error"]:
            return entry
        here = {one["instance_id"] for one in self.entries if place(one) == place(entry)}
        named = ("not_in_inventory", "not_audited", "isolated")
        return {**entry, "instances": len(here) + sum(len(entry[key]) for key in named)}

    def record(self):
        """Return the record as it is read from a file."""
        listings = [
            # Hosts that share an instance share its listing.
            _record.listing(
                _query(*place, max(horizon for horizon, _listing in found), self.now),
                len(found),
                {one.instance_id: one for _horizon, one in found}.values(),
            )
            for place, found in self.places.items()
        ]
        waivers = _waivers.review(self.targets, self.now)
        finished = self.now + timedelta(seconds=3)
        made = _record.build(
            self.entries,
            _record.policies(self.targets),
            listings,
            [self._covered(entry) for entry in self.coverage],
            waivers,
            self.now,
            finished,
            self.audit_id,
            audit_name=self.audit,
            run=self.run,
            coverage_setting=self.coverage_setting or ("report" if self.coverage else "off"),
        )
        return json.loads(json.dumps(made))


def _query(account, region, api_version, read_in, horizon, now):
    """Return what the audit says of a connection."""
    return {
        "account": account,
        "api_version": api_version,
        "action": "DescribeInstanceBackups",
        "endpoint": ENDPOINT,
        "region": region,
        "timezone": read_in,
        "begin_time": None if api_version == "v2" else ago(horizon, now),
        "end_time": None,
        "horizon_seconds": horizon,
        "requests": 3,
        "retries": 1,
        "throttled": 0,
        "seconds": 0.25,
    }


def denied(said="no permission"):
    return Denied("not allowed", code="UnauthorizedOperation", said=said, request_id="r-1")


def every_kind(now=NOW, audit="crs", tests=None):
    """Return a fleet with each outcome of an instance, each kind of waiver, all rules, both APIs and gaps in coverage."""
    fleet = Fleet(now, audit=audit, tests=tests)
    fleet.add("good").add("db1.example.com", instance_id="crs-a1", tags={"env": "prod"}, created_time=ago(90 * D))
    fleet.add("stale", good()[3:]).add("empty", [])
    fleet.add("partial", good(3), error=Incomplete("7 of 9 rows came")).add("denied", [], error=denied())
    fleet.add("warned", [], error=denied(), unknown_fails=False)
    fleet.add("old but waived", good()[3:], waivers=[waiver("max_age")])
    fleet.add("denied but waived", [], error=denied(), waivers=[waiver(rule) for rule in RULES])
    fleet.add("expired waiver", good()[3:], waivers=[waiver("max_age", -1), waiver("daily", instance="crs-none")])
    fleet.add("gone", good(), status="isolated").add("young", [], created_time=ago(H), name=None)
    config = {"retention_days": 7, "week_days": ["Monday"]}
    fleet.add("all rules", [*good(), backup(2 * H, "locked"), backup(undated=True)], ALL_RULES, config=config)
    fleet.add("no config", rules=ALL_RULES, config={"error": "not allowed"}, read_in="UTC")
    fleet.add("sh1", [backup(H, type="manual")], region="ap-shanghai", api_version="v2")
    fleet.cover(["crs-x2", "crs-x1"]).cover(region="ap-shanghai", api_version="v2", error=denied())
    return fleet


def many(count=1000):
    """Return a fleet of eight rules and a month of daily backups each; one host in ten fails."""
    left_out = ("max_age_manual", "required_remark", "retention_configured", "auto_backup", "window")
    rules = {rule: limit for rule, limit in ALL_RULES.items() if rule not in left_out}
    fleet, late, in_time = Fleet(), good(28)[2:], good(28)
    for number in range(count):
        fleet.add(f"crs-{number:08x}", in_time if number % 10 else late, rules)
    return fleet.cover()
