# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit in three slices, by ansible-runner as on three machines and by --limit, joined by the playbook merge."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
import watched
import yaml
from emulator import Emulator

CREDENTIALS = {
    "secret_id": "AKIDmadeupfortheslices0000000000001",
    "secret_key": "madeupSliceKey000000000000001",
    "account": "100000000001",
}
#: When all audits judge, and what the cloud's data is dated by. The merge's own clock is the true one.
MOMENT = datetime.now(timezone.utc).replace(microsecond=0)
DAILY = {"every": "24h", "last": "-3h", "count": 7}
CASES = {
    "good": {"schedule": DAILY},
    "late": {"schedule": {**DAILY, "last": "-27h"}},
    "short": {"schedule": {**DAILY, "count": 3}},
    "none": {},
    "denied": {"schedule": DAILY, "denied": True},
}
REGIONS = {"v2": "ap-shanghai", "v3": "ap-guangzhou"}
FLEET = {
    "credentials": [CREDENTIALS],
    "instances": [
        {"id": f"crs-{version}{name}{number}", "region": region, "api": [version], "created": "-90d", **case}
        for version, region in REGIONS.items()
        for name, case in CASES.items()
        for number in range(3)
    ]
    + [{"id": "crs-stranger1", "region": "ap-guangzhou", "created": "-90d", "schedule": DAILY}],
}
HOSTS = sorted(one["id"] for one in FLEET["instances"] if "stranger" not in one["id"])
EXPIRES = f"{MOMENT + timedelta(days=300):%Y-%m-%dT%H:%M:%SZ}"
WAIVERS = [
    {"rule": rule, "instance": "crs-v3none0", "reason": "CHG-1", "owner": "dba", "expires": EXPIRES}
    for rule in ("max_age", "min_usable", "min_retention")
] + [{"rule": "max_age", "instance": "crs-gone", "reason": "CHG-2", "owner": "dba", "expires": EXPIRES}]
EXTRA = {
    "crs_backup_policy_waivers": WAIVERS,
    "crs_backup_policy_coverage": "fail",
    "crs_backup_policy_fail": "once",
}
SLICES = [HOSTS[number::3] for number in range(3)]


@pytest.fixture(scope="module")
def emulator():
    with Emulator(FLEET, now=MOMENT) as made:
        yield made


@pytest.fixture(scope="module")
def whole(tmp_path_factory, emulator):
    """Return the folder of one run over all hosts."""
    folder = tmp_path_factory.mktemp("single")
    (folder / "hosts.yml").write_text(inventory(emulator, HOSTS))
    (folder / "extra.json").write_text(json.dumps(EXTRA))
    done = playbook(folder, "qcloud.crs.audit", "-i", "hosts.yml", "-e", "@extra.json")
    assert done.returncode == 2
    return folder / "crs-audit"


@pytest.fixture(scope="module")
def run_by_runner(tmp_path_factory, emulator):
    """Return the folder with the records of three slices with inventories of their own, each an ansible-runner."""
    folder = tmp_path_factory.mktemp("runner")
    started = [start_slice(folder / f"slice{number}", emulator, hosts) for number, hosts in enumerate(SLICES)]
    for number, process in enumerate(started):
        try:
            output, _none = process.communicate(timeout=600)
        finally:
            process.kill()
        made = folder / f"slice{number}" / "process" / "artifacts" / "slice" / "crs-audit" / "audit-record.json"
        assert made.exists(), output
        assert not watched.SECRET.search(output)
        # Among the artifacts is the whole environment of the run.
        brought = [path for path in (folder / f"slice{number}" / "process").rglob("*") if path.is_file()]
        assert "command" in {path.name for path in brought}
        assert [path for path in brought if watched.SECRET.search(path.read_text(encoding="utf-8"))] == []
        (folder / "records" / str(number)).mkdir(parents=True)
        shutil.copy(made, folder / "records" / str(number))
    return folder / "records"


@pytest.fixture(scope="module")
def run_by_limit(tmp_path_factory, emulator):
    """Return the folder with the records of three slices of one inventory, by --limit."""
    folder = tmp_path_factory.mktemp("limit")
    (folder / "hosts.yml").write_text(inventory(emulator, HOSTS))
    for number, hosts in enumerate(SLICES):
        extra = {**EXTRA, "crs_backup_policy_report_dir": f"records/{number}", "crs_backup_policy_run_id": "nightly-7"}
        limit = ["--limit", ",".join(hosts)]
        done = playbook(folder, "qcloud.crs.audit", "-i", "hosts.yml", *limit, "-e", json.dumps(extra))
        assert done.returncode == 2
    return folder / "records"


@pytest.fixture
def sliced(tmp_path, request):
    """``sliced(how)`` is a copy of such a folder for one test."""
    return lambda how: shutil.copytree(request.getfixturevalue(how), tmp_path / "records")


def inventory(emulator, hosts):
    groups = {
        version: {
            "vars": {"crs_api_version": version, "crs_region": region},
            "hosts": {host: {"crs_created_time": "2026-01-01T00:00:00Z"} for host in hosts if host[4:6] == version},
        }
        for version, region in REGIONS.items()
    }
    return yaml.safe_dump({"crs": {"vars": {"crs_endpoint": emulator.url, "crs_account": "shop"}, "children": groups}})


KEYS = {f"TENCENTCLOUD_{name.upper()}": CREDENTIALS[name] for name in ("secret_id", "secret_key")}
PROFILE = f"[audit]\nsecret_id = {CREDENTIALS['secret_id']}\nsecret_key = {CREDENTIALS['secret_key']}\n"


def environment():
    return {
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_PLUGINS": os.path.join(os.path.dirname(os.path.abspath(__file__)), "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "fixed_moment",
        "FIXED_MOMENT": MOMENT.isoformat(),
    }


def playbook(folder, *arguments):
    return watched.run(["ansible-playbook", *arguments], folder, {**environment(), **KEYS})


def start_slice(folder, emulator, hosts):
    """Start ``transmit | worker | process`` for some hosts; the record comes back with the artifacts of the run.

    As in the guide: the key pair is on the worker, in a profile of its user.
    """
    for part in ("env", "inventory", "project", "home/.tencentcloud"):
        (folder / part).mkdir(parents=True)
    (folder / "home" / ".tencentcloud" / "credentials").write_text(PROFILE)
    (folder / "inventory" / "hosts.yml").write_text(inventory(emulator, hosts))
    (folder / "env" / "envvars").write_text(yaml.safe_dump(environment()))
    report_dir = "{{ lookup('ansible.builtin.env', 'AWX_ISOLATED_DATA_DIR') }}/crs-audit"
    # As AWX has it for the jobs of a workflow.
    extra = {**EXTRA, "crs_profile": "audit", "crs_backup_policy_report_dir": report_dir, "awx_workflow_job_id": 41}
    (folder / "env" / "extravars").write_text(yaml.safe_dump(extra))
    (folder / "worker").mkdir()
    (folder / "process").mkdir()
    runner = f"{sys.executable} -m ansible_runner"
    return subprocess.Popen(
        [
            "bash",
            "-o",
            "pipefail",
            "-c",
            f"{runner} transmit . --ident slice -p qcloud.crs.audit"
            f" | HOME=$PWD/home {runner} worker --private-data-dir worker"
            f" | {runner} process process --ident slice",
        ],
        cwd=folder,
        env={**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(folder):
    """Return all that the reports of a folder say, except the ids of audits and what each slice asked: the number of its requests."""
    record = json.loads((folder / "audit-record.json").read_text(encoding="utf-8"))
    texts = {
        "record": json.dumps(
            {key: record[key] for key in record if key not in ("id", "run", "listings", "slices")}, indent=1
        )
    }
    for name in ("junit.xml", "metrics.prom", "findings.ocsf.json"):
        texts[name] = (folder / name).read_text(encoding="utf-8")
    for name, text in texts.items():
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "REQUEST-ID", text)
        texts[name] = re.sub(r"(crs_backup_listing_requests\S+) \d+", r"\1 NUMBER", text)
    return texts


def merge(folder, records, slices=3, **variables):
    extra = {
        "crs_merge_records": str(records),
        "crs_merge_slices": slices,
        "crs_merge_report_dir": "merged",
        **variables,
    }
    return playbook(folder, "qcloud.crs.merge", "-e", json.dumps(extra))


def failures(done):
    return len(re.findall(r"^(?:fatal|failed): \[localhost\]", done.stdout, re.M))


def run_of(folder):
    return json.loads((folder / "audit-record.json").read_text(encoding="utf-8"))["run"]


def is_the_single_run(merged, whole):
    made = json.loads((merged / "audit-record.json").read_text(encoding="utf-8"))
    assert told(merged) == told(whole)
    assert "newest usable backup started 27h ago, limit 26h" in json.dumps(made)
    assert made["summary"] == {
        "instances": 30,
        "fail": 17,
        "unknown": 6,
        "waived": 1,
        "pass": 6,
        "not_applicable": 0,
    }
    assert [one["not_in_inventory"] for one in made["coverage"] if not one["error"]] == [["crs-stranger1"], []]
    # Of what may not be read, and is in no list, each slice had one.
    denied = [[f"crs-{version}denied{number}" for number in range(3)] for version in ("v3", "v2")]
    assert [one["lacking"] for one in made["coverage"] if one["error"]] == denied
    assert [one["state"] for one in made["waivers"]] == ["unmatched", "live", "live", "live"]
    assert [one["instances"] for one in made["slices"]] == [10, 10, 10]
    assert sorted(os.listdir(merged)) == sorted(os.listdir(whole))


def test_three_slices_merged_are_the_single_run(tmp_path, whole, sliced):
    """As AWX hands the artifacts of the slices to the next job: of one of them, with what it has published."""
    records = sliced("run_by_runner")
    published = {"crs_backup_audit": {"reports": {"record": str(records / "2" / "audit-record.json")}}}
    folder = "{{ crs_backup_audit.reports.record | dirname | dirname }}"
    done = merge(tmp_path, folder, crs_merge_min_hosts=30, crs_merge_fail="each", **published)
    assert (done.returncode, failures(done)) == (2, 23)
    assert "30 instances: 6 pass, 17 FAIL, 6 UNKNOWN, 1 waived, 0 n/a" in done.stdout
    is_the_single_run(tmp_path / "merged", whole)
    assert run_of(tmp_path / "merged") == "41"


def test_so_are_slices_by_limit_and_the_merge_may_fail_once(tmp_path, whole, sliced):
    done = merge(tmp_path, sliced("run_by_limit"), crs_merge_fail="once")
    assert (done.returncode, failures(done)) == (2, 1)
    assert "23 hosts violate their policy" in done.stdout
    is_the_single_run(tmp_path / "merged", whole)
    assert run_of(tmp_path / "merged") == "nightly-7"


def test_or_never(tmp_path, sliced):
    done = merge(tmp_path, sliced("run_by_limit"), crs_merge_fail="never")
    assert (done.returncode, failures(done)) == (0, 0)
    assert "23 hosts violate their policy" not in done.stdout


def test_a_missing_slice_is_no_record(tmp_path, sliced):
    records = sliced("run_by_limit")
    shutil.rmtree(records / "2")
    done = merge(tmp_path, records)
    assert done.returncode == 2 and "2 slices are there and 3 are expected (slices)" in done.stdout
    assert not (tmp_path / "merged").exists()


def test_a_slice_of_an_earlier_run_does_not_stand_in_for_a_missing_one(tmp_path, sliced, run_by_runner):
    """By the runner's run, of the same hosts and the same moment: nothing but the run tells it."""
    records = sliced("run_by_limit")
    shutil.copy(run_by_runner / "2" / "audit-record.json", records / "2" / "audit-record.json")
    done = merge(tmp_path, records)
    said = re.sub(r"\s+", " ", done.stdout)
    assert (
        done.returncode == 2
        and "is of the run 'nightly-7' and" in said
        and "of '41': merge the slices of one run" in said
    )
    assert not (tmp_path / "merged").exists()


def test_hosts_that_no_slice_has_are_named(tmp_path, sliced):
    """Two slices out of an inventory for three, and nothing that says how many hosts there have to be."""
    records = sliced("run_by_limit")
    shutil.rmtree(records / "2")
    done = merge(tmp_path, records, slices=2)
    said = re.sub(r"\s+", " ", done.stdout)
    # The key may not read the fifth, and the account doesn't show it.
    assert "[WARNING]: 4 instances of ap-guangzhou are in the inventory and in no slice: crs-v3good2" in said
    assert "[WARNING]: 4 instances of ap-shanghai are in the inventory and in no slice: crs-v2good2" in said


@pytest.mark.parametrize(("name", "misspelt"), [("merge", "crs_merge_min_host"), ("report", "crs_audit_reports_dir")])
def test_a_variable_that_only_looks_like_one_is_an_error(tmp_path, name, misspelt):
    """What it sets would be ignored, such as the minimum number of hosts."""
    extra = {"crs_merge_records": "nowhere", "crs_merge_slices": 1, "crs_audit_record": "nowhere", misspelt: 40}
    done = playbook(tmp_path, f"qcloud.crs.{name}", "-i", "localhost,", "-e", json.dumps(extra))
    assert done.returncode == 2 and f"{misspelt}: use crs_" in done.stdout


@pytest.mark.parametrize("name", ["merge", "report"])
def test_a_limit_and_tags_do_not_skip_the_play(tmp_path, name):
    """A play that --limit or --tags leave without hosts or tasks is skipped by Ansible with exit status 0: that would look like a pass."""
    (tmp_path / "hosts.yml").write_text("web: {hosts: {web1: {}}}")
    extra = {"crs_merge_records": "nowhere", "crs_merge_slices": 1, "crs_audit_record": "nowhere"}
    skipping = ["--limit", "web", "--tags", "nightly"]
    done = playbook(tmp_path, f"qcloud.crs.{name}", "-i", "hosts.yml", *skipping, "-e", json.dumps(extra))
    assert done.returncode == 2 and "nowhere' can't be read" in done.stdout
