# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit as its users run it: ansible-playbook against the emulator, over both generations of the API."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess

import pytest
import watched
from audit_runner import (
    CASES,
    CREDENTIALS,
    DAILY,
    EXPECTED,
    FAILING,
    REGIONS,
    Audit,
    audited,
    failed_hosts,
    fleet,
    host,
    outcomes,
)
from emulator import Emulator

EVIL = "<script>alert(1)</script>{{ lookup('pipe', 'touch templated') }}]]>\"'\n\u202e"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """An audit of all cases that fails no host, for tests that only read its results."""
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
    # A sweep of two spans of time; two more of each of the four that it does not show, of which one is denied and one is not
    # there at the first; and one for all instances of the region.
    assert len(v3) == 2 + (2 + 2 + 1 + 1) + 1


def test_or_never(quiet):
    assert quiet.done.returncode == 0
    assert not failed_hosts(quiet.done.stdout)
    assert outcomes(quiet.record) == EXPECTED


def test_the_output_of_a_callback_for_machines_parses(audit):
    """The table, and the paths of the files, would stand before its JSON."""
    audit.inventory(["healthy", "stale", "denied"])
    done = watched.run(
        ["ansible-playbook", "qcloud.crs.audit", "-i", "hosts.yml", "-e", "crs_backup_policy_show=all"],
        audit.folder,
        {
            **{f"TENCENTCLOUD_{name.upper()}": CREDENTIALS[name] for name in ("secret_id", "secret_key", "token")},
            "ANSIBLE_CALLBACK_PLUGINS": os.path.join(os.path.dirname(os.path.abspath(__file__)), "callbacks"),
            "ANSIBLE_STDOUT_CALLBACK": "machine",
        },
        stderr=subprocess.PIPE,
    )
    told = json.loads(done.stdout)
    failing = {host(version, name) for version in REGIONS for name in ("stale", "denied")}
    assert {name for name, failures in told["failures"].items() if failures} == failing
    result = told["results"]["Judge the backups of all hosts"]
    assert result["summary"] == audit.record["summary"] and len(result["reports"]) == 5


def test_check_mode_judges_and_writes_nothing(audit):
    audit.inventory(["healthy", "stale", "denied"])
    done = audit.run("--check")
    assert failed_hosts(done.stdout) == {host(version, name) for version in REGIONS for name in ("stale", "denied")}
    assert not audit.report_dir.exists()


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """An audit of nothing but healthy instances, all with a name that is out to do harm."""
    cases = {name: CASES[name] for name in ("healthy", "halfold")}
    cloud = fleet(cases)
    for instance in cloud["instances"]:
        instance["name"] = EVIL
    with Emulator(cloud) as emulator:
        made = Audit(tmp_path_factory.mktemp("healthy"), emulator)
        made.inventory(cases)
        made.done = made.run()
        yield made


def test_a_healthy_fleet_passes(healthy):
    assert healthy.done.returncode == 0
    assert healthy.record["complete"] is True
    assert healthy.record["summary"]["pass"] == 4


def test_texts_of_the_cloud_are_data(healthy):
    assert not list(healthy.folder.rglob("templated"))
    page = (healthy.report_dir / "report.html").read_text(encoding="utf-8")
    assert page.count("<script") == 1 and "alert(1)</script>" not in page and "&lt;script&gt;" in page
    assert {entry["instance_name"] for entry in healthy.record["instances"] if entry["api_version"] == "v3"} == {EVIL}


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    """An audit of the configuration of backups, which API 2.0 doesn't show, with unknown that doesn't fail."""
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    daily = {"schedule": DAILY, "auto_backup": {"week_days": days, "days": 7}}
    weekly = {"schedule": DAILY, "auto_backup": {"week_days": ["Monday"], "days": 30}}
    cases = {"daily": (daily, None), "weekly": (weekly, None), "denied": ({**daily, "denied": True}, None)}
    with Emulator(fleet(cases)) as emulator:
        made = Audit(tmp_path_factory.mktemp("configured"), emulator)
        made.inventory(cases)
        rules = {"crs_backup_policy_auto_backup": True, "crs_backup_policy_retention_configured": "7d"}
        made.done = made.run(crs_backup_policy_unknown="warn", **rules)
        yield made


def test_rules_on_configuration_read_it_from_api_3(configured):
    assert outcomes(configured.record) == {
        "crs-v3daily": "pass",
        "crs-v3weekly": "fail",
        "crs-v3denied": "unknown",
        "crs-v2daily": "unknown",
        "crs-v2weekly": "unknown",
        "crs-v2denied": "unknown",
    }


def test_unknown_may_warn_only(configured):
    assert configured.done.returncode == 2
    assert failed_hosts(configured.done.stdout) == {"crs-v3weekly"}


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
