# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit as its users run it: ansible-playbook against the emulator, over both generations of the API."""

from __future__ import annotations

import json
import re
import stat

import pytest
from audit_runner import CASES, DAILY, EXPECTED, FAILING, Audit, audited, failed_hosts, fleet, outcomes
from emulator import Emulator


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """An audit of all cases that fails nobody, for all that is looked at without changing it."""
    with audited(tmp_path_factory.mktemp("quiet")) as made:
        made.done = made.run(crs_backup_policy_fail="never", environment={"ANSIBLE_SHOW_CUSTOM_STATS": "1"})
        yield made


def test_each_host_that_breaks_its_policy_fails(audit):
    done = audit.run()
    assert done.returncode == 2
    assert outcomes(audit.record) == EXPECTED
    assert failed_hosts(done.stdout) == FAILING
    assert audit.record["summary"] == {
        "instances": 24,
        "fail": 10,
        "unknown": 8,
        "waived": 0,
        "pass": 4,
        "not_applicable": 2,
    }
    assert audit.record["complete"] is False
    for line in (
        "newest usable backup started 27h ago, limit 26h",
        "oldest usable backup started 4d 3h ago, limit 6d",
        "0 usable backups (one in progress for 2",
        "access denied",
        "instance not found",
        "a backup is dated in the future",
    ):
        assert done.stdout.count(line) >= 2, line


def test_report_and_record_are_written_for_owner_and_group_only(quiet):
    for name in ("audit-record.json", "report.html"):
        assert stat.S_IMODE((quiet.report_dir / name).stat().st_mode) == 0o640
    page = (quiet.report_dir / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in EXPECTED)
    assert not [path.name for path in quiet.report_dir.iterdir() if path.name.startswith(".")]


def test_one_listing_for_each_connection(quiet):
    record = quiet.record
    assert sorted((listing["api_version"], listing["instances"]) for listing in record["listings"]) == [
        ("v2", 12),
        ("v3", 12),
    ]
    v3 = [entry for entry in quiet.emulator.log if entry["api"] == "v3"]
    # A sweep, one question for each of the four that it doesn't show, and one for all instances of the region.
    assert len(v3) == 1 + 4 + 1


def test_the_run_may_fail_once(audit):
    done = audit.run(crs_backup_policy_fail="once")
    assert done.returncode == 2
    assert len(failed_hosts(done.stdout)) == 1
    assert outcomes(audit.record) == EXPECTED
    assert "18 hosts break their policy" in done.stdout


def test_or_never(quiet):
    assert quiet.done.returncode == 0
    assert not failed_hosts(quiet.done.stdout)
    assert outcomes(quiet.record) == EXPECTED


def test_unknown_may_warn_only(audit):
    done = audit.run(crs_backup_policy_unknown="warn")
    assert failed_hosts(done.stdout) == {name for name, outcome in EXPECTED.items() if outcome == "fail"}
    assert outcomes(audit.record) == EXPECTED


def test_check_mode_judges_and_writes_nothing(audit):
    done = audit.run("--check")
    assert failed_hosts(done.stdout) == FAILING
    assert not audit.report_dir.exists()


def test_a_healthy_fleet_passes(tmp_path):
    cases = {"healthy": CASES["healthy"], "halfold": CASES["halfold"]}
    with Emulator(fleet(cases)) as emulator:
        made = Audit(tmp_path, emulator)
        made.inventory(cases)
        done = made.run()
    assert done.returncode == 0
    assert made.record["complete"] is True
    assert made.record["summary"]["pass"] == 4


def test_texts_of_the_cloud_are_data(tmp_path):
    evil = "<script>alert(1)</script>{{ lookup('pipe', 'touch templated') }}]]>\"'\n\u202e"
    cases = {"healthy": ({"schedule": DAILY}, "pass")}
    cloud = fleet(cases)
    for instance in cloud["instances"]:
        instance["name"] = evil
    with Emulator(cloud) as emulator:
        made = Audit(tmp_path, emulator)
        made.inventory(cases)
        made.run()
    assert not list(tmp_path.rglob("templated"))
    page = (made.report_dir / "report.html").read_text(encoding="utf-8")
    assert page.count("<script") == 1 and "alert(1)</script>" not in page and "&lt;script&gt;" in page
    assert {entry["instance_name"] for entry in made.record["instances"] if entry["api_version"] == "v3"} == {evil}


def test_rules_on_configuration_read_it_from_api_3(tmp_path):
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    cases = {
        "daily": ({"schedule": DAILY, "auto_backup": {"week_days": days, "days": 7}}, "pass"),
        "weekly": ({"schedule": DAILY, "auto_backup": {"week_days": ["Monday"], "days": 30}}, "fail"),
    }
    with Emulator(fleet(cases)) as emulator:
        made = Audit(tmp_path, emulator)
        made.inventory(cases)
        made.run(crs_backup_policy_auto_backup=True, crs_backup_policy_retention_configured="7d")
    assert outcomes(made.record) == {
        "crs-v3daily": "pass",
        "crs-v3weekly": "fail",
        "crs-v2daily": "unknown",
        "crs-v2weekly": "unknown",
    }


def test_reports_of_a_stored_record_are_the_same(quiet):
    again = quiet.folder / "again"
    done = quiet.run(
        playbook="qcloud.crs.report",
        crs_audit_record=str(quiet.report_dir / "audit-record.json"),
        crs_audit_report_dir=str(again),
    )
    assert done.returncode == 0
    made = sorted(path.name for path in again.iterdir())
    assert made == sorted(path.name for path in quiet.report_dir.iterdir() if path.name != "audit-record.json")
    for name in made:
        assert (again / name).read_bytes() == (quiet.report_dir / name).read_bytes()


def test_a_summary_is_published_for_awx(quiet):
    output = quiet.done.stdout
    (published,) = re.findall(r"\{.*\}", output[output.index("CUSTOM STATS:") :], re.DOTALL)
    summary = json.loads(published)["crs_backup_audit"]
    assert summary["summary"] == quiet.record["summary"]
    assert summary["complete"] is False
    assert set(summary["failed_hosts"]) == FAILING
