# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud that answers wrongly or not at all."""

from __future__ import annotations

import contextlib

import pytest
from audit_runner import CASES, REGIONS, Audit, fleet, host
from emulator import Emulator

FAULTS = ["throttle", "http_500", "drop", "html", "truncated", "moving", "total_too_high", "echo_secret"]


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """``{fault: entries}`` of the record of one audit, to which each fault is a cloud of its own."""
    hosts, names = {}, {}
    with contextlib.ExitStack() as stack:
        for number, fault in enumerate(FAULTS):
            cases = {f"{name}{number}": CASES[name] for name in ("healthy", "halfold")}
            emulator = stack.enter_context(Emulator(fleet(cases)))
            emulator.set_faults([{"name": fault, **({"every": "request"} if fault == "moving" else {})}])
            names[fault] = {host(version, name) for version in REGIONS for name in cases}
            for version, region in REGIONS.items():
                values = {"crs_endpoint": emulator.url, "crs_api_version": version, "crs_region": region}
                hosts.update({host(version, name): values for name in cases})
        audit = Audit(tmp_path_factory.mktemp("broken"), emulator)
        audit.write("hosts.yml", {"crs": {"vars": {"crs_retries": 0}, "hosts": hosts}})
        assert audit.run(crs_backup_policy_fail="once").returncode == 2
    assert audit.record["complete"] is False
    return {fault: [one for one in audit.record["instances"] if one["host"] in names[fault]] for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_cloud_is_unknown_and_never_passes(broken, fault):
    assert len(broken[fault]) == 4
    if fault == "moving":
        # One page is one moment: nothing can move under it.
        assert "pass" in {entry["outcome"] for entry in broken[fault]}
    else:
        assert {(entry["outcome"], entry["complete"]) for entry in broken[fault]} == {("unknown", False)}
