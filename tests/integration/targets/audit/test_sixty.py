# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sixty instances, two policies, waivers of each kind, both generations of the API: the record, outcome by outcome."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from audit_runner import Audit, failed_hosts, fleet, host, outcomes
from emulator import Emulator

WEEK = {"every": "24h", "last": "-3h", "count": 7}

#: name: what the cloud has, the group whose policy applies, and the outcomes by hand: of max_age, min_usable,
#: min_retention (and max_gap for the strict group), then of the instance.
#: strict: max_age 26h, min_usable 3, min_retention 6d, max_gap 30h. lax: max_age 3d, min_usable 1, min_retention 2d.
P, F, U, N = "pass", "fail", "unknown", "not_applicable"
CASES = {
    "s01": ({"schedule": WEEK}, "strict", (P, P, P, P), P),
    "s02": ({"schedule": {**WEEK, "last": "-1h"}}, "strict", (P, P, P, P), P),
    "s03": ({"schedule": {**WEEK, "every": "12h", "count": 14}}, "strict", (P, P, P, P), P),
    "s04": ({"schedule": {**WEEK, "status": "exported"}}, "strict", (P, P, P, P), P),
    "s05": ({"schedule": {**WEEK, "type": "manual"}}, "strict", (P, P, P, P), P),
    "s06": ({"schedule": {**WEEK, "last": "-27h", "count": 6}}, "strict", (F, P, P, P), F),
    "s07": ({"schedule": {**WEEK, "count": 2}}, "strict", (P, F, F, U), F),
    "s08": ({"schedule": {**WEEK, "count": 4}}, "strict", (P, P, F, U), F),
    "s09": ({"schedule": {"every": "36h", "last": "-3h", "count": 5}}, "strict", (P, P, P, F), F),
    "s10": ({}, "strict", (F, F, F, F), F),
    "s11": ({"schedule": {**WEEK, "status": "expired"}}, "strict", (F, F, F, F), F),
    "s12": ({"schedule": {**WEEK, "status": "locked"}}, "strict", (F, F, F, F), F),
    "s13": ({"schedule": {**WEEK, "status": 9}}, "strict", (U, U, U, U), U),
    "s14": ({"schedule": {**WEEK, "last": "+3h"}}, "strict", (U, U, U, U), U),
    "s15": ({"schedule": WEEK, "denied": True}, "strict", (U, U, U, U), U),
    "s16": (None, "strict", (U, U, U, U), U),
    # at 50 h it could have one backup, at 100 h three
    "s17": ({"created": "-2h"}, "strict", (N, N, N, N), N),
    "s18": ({"created": "-50h", "schedule": {"every": "24h", "last": "-3h", "count": 2}}, "strict", (P, N, N, P), P),
    "s19": ({"created": "-100h", "schedule": {"every": "24h", "last": "-3h", "count": 4}}, "strict", (P, P, N, P), P),
    # a gap may have begun before the oldest of s07, s08, s21, s22, where nothing is shown
    # waived: max_age of s20 by its id, all three rules of s21, one of two of s22; s23's has expired
    "s20": ({"schedule": {**WEEK, "last": "-29h", "count": 6}}, "strict", (F, P, P, P), "waived"),
    "s21": ({"schedule": {**WEEK, "count": 2}}, "strict", (P, F, F, U), "waived"),
    "s22": ({"schedule": {**WEEK, "count": 2}}, "strict", (P, F, F, U), F),
    "s23": ({"schedule": {**WEEK, "last": "-29h", "count": 6}}, "strict", (F, P, P, P), F),
    "x01": ({"schedule": WEEK}, "lax", (P, P, P), P),
    "x02": ({"schedule": {**WEEK, "last": "-60h", "count": 4}}, "lax", (P, P, P), P),
    "x03": ({"schedule": {**WEEK, "last": "-73h", "count": 3}}, "lax", (F, P, P), F),
    "x04": ({"schedule": {**WEEK, "count": 1}}, "lax", (P, P, F), F),
    "x05": ({"backups": [{"start": "-49h", "status": "exporting"}]}, "lax", (P, P, P), P),
    "x06": ({"created": "-20h"}, "lax", (N, N, N), N),
    # of max_age, by the group, which is all that is wrong with it
    "x07": ({"schedule": {**WEEK, "last": "-80h", "count": 3}}, "lax", (F, P, P), "waived"),
}
POLICIES = {
    "strict": {
        "crs_backup_policy_max_age": "26h",
        "crs_backup_policy_min_usable": 3,
        "crs_backup_policy_min_retention": "6d",
        "crs_backup_policy_max_gap": "30h",
    },
    "lax": {
        "crs_backup_policy_max_age": "3d",
        "crs_backup_policy_min_usable": 1,
        "crs_backup_policy_min_retention": "2d",
    },
}
#: A waiver may last a year at most.
LATER = f"{datetime.now(timezone.utc) + timedelta(days=300):%Y-%m-%dT%H:%M:%S+00:00}"
LONG_AGO = "2020-01-01T00:00:00+08:00"


def waiver(rule, name=None, expires=LATER):
    return {"rule": rule, "reason": "CHG-7", "owner": "dba", "expires": expires, **({"instance": name} if name else {})}


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    cases = {name: (spec, outcome) for name, (spec, _group, _rules, outcome) in CASES.items()}
    with Emulator(fleet(cases)) as emulator:
        made = Audit(tmp_path_factory.mktemp("sixty"), emulator)
        made.inventory(cases)
        groups = {group: {"vars": POLICIES[group], "hosts": {}} for group in POLICIES}
        for name, (_spec, group, _rules, _outcome) in CASES.items():
            groups[group]["hosts"].update({host(version, name): {} for version in ("v2", "v3")})
        waivers = [
            entry
            for version in ("v2", "v3")
            for entry in (
                waiver("max_age", host(version, "s20")),
                waiver("min_usable", host(version, "s21")),
                waiver("min_retention", host(version, "s21")),
                waiver("max_gap", host(version, "s21")),
                waiver("min_usable", host(version, "s22")),
                waiver("max_age", host(version, "s23"), LONG_AGO),
                waiver("max_age", host(version, "nobody")),
            )
        ]
        groups["strict"]["vars"]["crs_backup_policy_waivers"] = waivers
        made.write("policies.yml", groups)
        for version in ("v2", "v3"):
            made.write(f"host_vars/{host(version, 'x07')}.yml", {"crs_backup_policy_waivers": [waiver("max_age")]})
        made.done = made.run("-i", "policies.yml", crs_backup_policy_fail="once")
        yield made


def test_every_outcome(audit):
    expected = {host(version, name): case[3] for version in ("v2", "v3") for name, case in CASES.items()}
    assert len(expected) == 60
    assert outcomes(audit.record) == expected


def test_every_verdict(audit):
    expected = {host(version, name): case[2] for version in ("v2", "v3") for name, case in CASES.items()}
    found = {
        entry["host"]: tuple(verdict["outcome"] for verdict in entry["rules"]) for entry in audit.record["instances"]
    }
    assert found == expected


def test_the_summary_and_what_became_of_the_waivers(audit):
    assert audit.record["summary"] == {
        "instances": 60,
        "fail": 22,
        "unknown": 8,
        "waived": 6,
        "pass": 20,
        "not_applicable": 4,
    }
    states = [entry["state"] for entry in audit.record["waivers"]]
    assert {state: states.count(state) for state in set(states)} == {"live": 11, "expired": 2, "unmatched": 2}
    assert len(audit.record["policies"]) == 2


def test_the_run_may_fail_once(audit):
    assert audit.done.returncode == 2
    assert len(failed_hosts(audit.done.stdout)) == 1
    assert "30 hosts violate their policy" in audit.done.stdout
