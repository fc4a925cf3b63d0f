# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: live, expired, of nothing. (What is malformed is in test_settings.)"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from audit_runner import failed_hosts, host

#: Less than a year ahead.
SOON = f"{datetime.now(timezone.utc) + timedelta(days=300):%Y-%m-%dT%H:%M:%S+00:00}"
SOONER = f"{datetime.now(timezone.utc) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"


def waiver(rule, name, **more):
    return {
        "rule": rule,
        "reason": "CHG-1",
        "owner": "dba",
        "expires": SOON,
        "instance": name,
        **more,
    }


def test_waivers_keep_the_outcome_beside_them(audit):
    audit.inventory(["healthy", "stale", "tooshort"])
    waivers = [
        waiver("max_age", host("v2", "stale"), expires=SOONER),
        waiver("max_age", host("v2", "stale")),
        waiver("min_retention", host("v3", "tooshort")),
        waiver("max_age", host("v3", "stale"), expires="2020-01-01T00:00:00Z"),
        waiver("max_gap", host("v3", "stale")),
        waiver("max_age", "crs-nobody"),
    ]
    done = audit.run(crs_backup_policy_waivers=waivers)
    found = {entry["host"]: entry for entry in audit.record["instances"]}
    for name, rule in ((host("v2", "stale"), "max_age"), (host("v3", "tooshort"), "min_retention")):
        assert found[name]["outcome"] == "waived"
        (verdict,) = [one for one in found[name]["rules"] if one["rule"] == rule]
        assert verdict["outcome"] == "fail" and verdict["waiver"]["owner"] == "dba"
    assert found[host("v3", "stale")]["outcome"] == "fail"
    assert failed_hosts(done.stdout) == {host("v3", "stale"), host("v2", "tooshort")}
    states = sorted(one["state"] for one in audit.record["waivers"])
    assert states == ["expired", "live", "live", "live", "unmatched", "unmatched"]
    said = re.sub(r"\s+", " ", done.stdout)
    assert said.count("has expired and has no effect") == 1
    assert said.count("matches no instance and rule in scope") == 2
    assert said.count(f"until {SOONER}, never applies, since another lasts as long or longer: remove it") == 1
