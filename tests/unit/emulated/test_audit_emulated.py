# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits over several regions and policies: all regions at a time, no faster than their account allows, each host by itself."""

from __future__ import annotations

import threading
import time

import pytest
from emulator import DEFAULT_CREDENTIALS

from ansible_collections.qcloud.crs.plugins.module_utils._argspec import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils import _audit
from ansible_collections.qcloud.crs.plugins.plugin_utils._scope import PREFIX, Scope

REGIONS = ("ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-singapore")
PLACES = [(region, f"crs-{region[3:6]}{number}") for region in REGIONS for number in range(5)]
HOSTS = {name: {f"{PREFIX}max_age": "26h", "crs_region": region} for region, name in PLACES}


def fleet(**settings):
    backups = {"every": "12h", "last": "-1h", "count": 3}
    instances = [{"id": name, "region": region, "schedule": backups} for region, name in PLACES]
    return {"settings": settings, "instances": instances}


@pytest.fixture
def audit(monkeypatch):
    """`audit(emulator, hosts, **options)` returns the record of an audit of some hosts, by default of all PLACES."""
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", DEFAULT_CREDENTIALS["secret_id"])
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", DEFAULT_CREDENTIALS["secret_key"])

    def run(emulator, hosts=None, **options):
        defaults = {name: entry.get("default") for name, entry in connection_spec().items()}
        scope = Scope({**defaults, "api_version": "v3", "endpoint": emulator.url, **options}, {})
        targets = [scope.target(name, values) for name, values in (hosts or HOSTS).items()]
        return _audit.run(_audit.connect_all(targets), "report", set(hosts or HOSTS))

    return run


def test_regions_are_asked_at_a_time(serve, audit):
    """Each by one request after the other: so many under way can only be those of different regions."""
    emulator = serve(fleet(latency=0.1))
    record = audit(emulator, concurrency=1, requests_per_second=0)
    assert record["complete"] and record["summary"]["pass"] == len(PLACES)
    assert [entry["region"] for entry in record["listings"]] == sorted(REGIONS)
    assert [entry["instances"] for entry in record["coverage"]] == [5] * len(REGIONS)
    assert max(entry["in_flight"] for entry in emulator.log) == len(REGIONS)


def test_the_instances_of_a_region_are_listed_beside_their_backups(serve, audit):
    emulator = serve(fleet())
    listed = {region: threading.Event() for region in REGIONS}
    waited = []
    answer = emulator.service._answer

    def answer_beside(dialect, call):
        if call.action == "DescribeInstances":
            listed[call.region].set()
        else:
            waited.append(listed[call.region].wait(15))
        return answer(dialect, call)

    emulator.service._answer = answer_beside
    # A place for each: one after the other, those for backups would wait in vain.
    audit(emulator, concurrency=6, requests_per_second=0)
    assert waited == [True] * len(PLACES)


def test_regions_of_an_account_keep_its_pace_together(serve, audit):
    emulator = serve(fleet())
    began = time.time()
    audit(emulator, concurrency=4, requests_per_second=40)
    times = sorted(entry["at"] for entry in emulator.log)
    # Twenty instances and four regions; each region at its own pace would take a fourth of the time.
    assert len(times) == len(PLACES) + len(REGIONS)
    # From the start on: on a busy machine the first arrives late, and not the later for that.
    assert times[-1] - began >= (len(times) - 1) / 40


#: Rules whose outcome depends on how far back backups are seen.
SEEING = {f"{PREFIX}min_usable": 6, f"{PREFIX}window": "00:00-24:00", f"{PREFIX}max_gap": "8d"}
WEEKLY = {"every": "7d", "last": "-1h", "count": 10}


@pytest.mark.parametrize("version, seen, horizon", [("v2", 1, 7), ("v3", 4, 28)])
def test_what_comes_of_a_host_does_not_depend_on_the_others(serve, audit, version, seen, horizon):
    """Another's longer policy has more listed over the connection that they share, and --limit or a slice less."""
    names = ("crs-usual", "crs-longer")
    kept = {"region": "ap-guangzhou", "schedule": WEEKLY, "auto_backup": {"days": 90}}
    emulator = serve({"instances": [{"id": name, **kept} for name in names]})
    hosts = {name: {"crs_region": "ap-guangzhou", **SEEING} for name in names}
    hosts["crs-longer"][f"{PREFIX}min_retention"] = "60d"

    def entries(some):
        record = audit(emulator, some, api_version=version)
        found = {entry["host"]: entry for entry in record["instances"]}
        for entry in found.values():
            # What they found is in seconds, and these pass.
            entry["rules"] = [(verdict["rule"], verdict["outcome"]) for verdict in entry["rules"]]
            del entry["evaluated_at"]
        return found

    together = entries(hosts)
    assert together == {**entries({"crs-usual": hosts["crs-usual"]}), **entries({"crs-longer": hosts["crs-longer"]})}
    usual = together["crs-usual"]
    assert (usual["usable"], len(usual["backups"]), usual["horizon_seconds"]) == (seen, seen, horizon * 86400)
    assert together["crs-longer"]["usable"] == (9 if version == "v3" else 1)
