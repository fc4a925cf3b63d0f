# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit in three slices, each an ansible-runner of its own as on three machines, joined by the playbook merge."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone

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
WAIVERS = [
    {"rule": rule, "instance": "crs-v3none0", "reason": "CHG-1", "owner": "dba", "expires": "2099-01-01T00:00:00Z"}
    for rule in ("max_age", "min_usable", "min_retention")
] + [{"rule": "max_age", "instance": "crs-gone", "reason": "CHG-2", "owner": "dba", "expires": "2099-01-01T00:00:00Z"}]
EXTRA = {"crs_backup_policy_waivers": WAIVERS, "crs_backup_policy_coverage": "fail"}


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
def run_once(tmp_path_factory, emulator):
    """``run_once(limited)`` is the folder with the records of three slices."""
    made = {}

    def run(limited):
        if limited not in made:
            made[limited] = run_slices(tmp_path_factory.mktemp("slices"), emulator, limited)
        return made[limited]

    return run


@pytest.fixture
def sliced(tmp_path, run_once):
    """``sliced(limited)`` is a copy of that for one test."""
    return lambda limited: shutil.copytree(run_once(limited), tmp_path / "records")


def inventory(emulator, hosts):
    groups = {
        version: {
            "vars": {"crs_api_version": version, "crs_region": region},
            "hosts": {host: {"crs_created_time": "2026-01-01T00:00:00Z"} for host in hosts if host[4:6] == version},
        }
        for version, region in REGIONS.items()
    }
    return yaml.safe_dump({"crs": {"vars": {"crs_endpoint": emulator.url, "crs_account": "shop"}, "children": groups}})


def environment():
    return {
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_PLUGINS": os.path.join(os.path.dirname(os.path.abspath(__file__)), "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "fixed_moment",
        "FIXED_MOMENT": MOMENT.isoformat(),
        "TENCENTCLOUD_SECRET_ID": CREDENTIALS["secret_id"],
        "TENCENTCLOUD_SECRET_KEY": CREDENTIALS["secret_key"],
    }


def playbook(folder, *arguments):
    return watched.run(["ansible-playbook", *arguments], folder, environment())


def start_slice(folder, emulator, hosts, limit=None):
    """Start ``transmit | worker | process`` for some hosts; the record comes back with the artifacts of the run."""
    for part in ("env", "inventory", "project"):
        (folder / part).mkdir(parents=True)
    (folder / "inventory" / "hosts.yml").write_text(inventory(emulator, hosts))
    (folder / "env" / "envvars").write_text(yaml.safe_dump(environment()))
    report_dir = "{{ lookup('ansible.builtin.env', 'AWX_ISOLATED_DATA_DIR') }}/crs-audit"
    (folder / "env" / "extravars").write_text(yaml.safe_dump({**EXTRA, "crs_backup_policy_report_dir": report_dir}))
    (folder / "worker").mkdir()
    (folder / "process").mkdir()
    runner = f"{sys.executable} -m ansible_runner"
    limited = f"--limit {limit}" if limit else ""
    return subprocess.Popen(
        [
            "bash",
            "-o",
            "pipefail",
            "-c",
            f"{runner} transmit . --ident slice -p qcloud.crs.audit {limited}"
            f" | {runner} worker --private-data-dir worker"
            f" | {runner} process process --ident slice",
        ],
        cwd=folder,
        env={**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_slices(folder, emulator, limited):
    """Run three slices at once and return the folder with their records."""
    slices = [HOSTS[number::3] for number in range(3)]
    started = [
        start_slice(
            folder / f"slice{number}", emulator, HOSTS if limited else hosts, ",".join(hosts) if limited else None
        )
        for number, hosts in enumerate(slices)
    ]
    records = folder / "records"
    for number, process in enumerate(started):
        try:
            output, _none = process.communicate(timeout=600)
        finally:
            process.kill()
        made = folder / f"slice{number}" / "process" / "artifacts" / "slice" / "crs-audit" / "audit-record.json"
        assert made.exists(), output
        assert not watched.SECRET.search(output)
        (records / str(number)).mkdir(parents=True)
        shutil.copy(made, records / str(number))
    return records


def told(folder):
    """Return all that the reports of a folder say, but for which audit it is and what each slice asked: the ids and number of its requests."""
    record = json.loads((folder / "audit-record.json").read_text(encoding="utf-8"))
    texts = {
        "record": json.dumps({key: record[key] for key in record if key not in ("id", "listings", "slices")}, indent=1)
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


@pytest.mark.parametrize("limited", [False, True], ids=["own-inventory", "limit"])
def test_three_slices_merged_are_the_single_run(tmp_path, whole, sliced, limited):
    records = sliced(limited)
    done = merge(tmp_path, records, crs_merge_min_hosts=30)
    assert done.returncode == 2
    made = json.loads((tmp_path / "merged" / "audit-record.json").read_text(encoding="utf-8"))
    assert told(tmp_path / "merged") == told(whole)
    assert "newest usable backup started 27h ago, limit 26h" in json.dumps(made)
    assert made["summary"] == {
        "instances": 30,
        "fail": 17,
        "unknown": 6,
        "waived": 1,
        "pass": 6,
        "not_applicable": 0,
    }
    assert [one["not_in_inventory"] for one in made["coverage"]] == [["crs-stranger1"], []]
    assert [one["state"] for one in made["waivers"]] == ["unmatched", "live", "live", "live"]
    assert [one["instances"] for one in made["slices"]] == [10, 10, 10]
    assert sorted(os.listdir(tmp_path / "merged")) == sorted(os.listdir(whole))
    assert "30 instances: 6 pass, 17 FAIL, 6 UNKNOWN, 1 waived, 0 n/a" in done.stdout
    assert "23 hosts break their policy" in done.stdout
    # As AWX hands the artifacts of the slices to the next job: of one of them, with what it has published.
    published = {"crs_backup_audit": {"reports": {"record": str(records / "2" / "audit-record.json")}}}
    folder = "{{ crs_backup_audit.reports.record | dirname | dirname }}"
    for how, status, failures in (("each", 2, 23), ("once", 2, 1), ("never", 0, 0), ("sometimes", 2, 1)):
        done = merge(tmp_path, folder, crs_merge_fail=how, **published)
        assert (done.returncode, len(re.findall(r"^(?:fatal|failed): \[localhost\]", done.stdout, re.M))) == (
            status,
            failures,
        ), how
    assert "value of fail must be one of: each, once, never, got: sometimes" in done.stdout


def test_a_missing_or_repeated_slice_is_no_record(tmp_path, sliced):
    records = sliced(limited=False)
    shutil.rmtree(records / "2")
    done = merge(tmp_path, records)
    assert done.returncode == 2 and "2 slices are there and 3 are expected (slices)" in done.stdout
    shutil.copytree(records / "1", records / "again")
    done = merge(tmp_path, records)
    assert done.returncode == 2 and "give each slice of one run once" in done.stdout
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "can't be read"),
        ("{}", "is of schema None"),
        ('{"schema": "qcloud.crs/audit-record/1"}', "isn't as it was written"),
    ],
    ids=["empty", "schema", "keys"],
)
def test_what_is_no_record_is_named(tmp_path, text, said):
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "audit-record.json").write_text(text)
    done = merge(tmp_path, tmp_path / "records", slices=1)
    assert done.returncode == 2 and said in done.stdout and "records/audit-record.json" in done.stdout


@pytest.mark.parametrize(
    "variables, said",
    [
        ({"crs_merge_max_age": "soon"}, "max_age 'soon'"),
        ({"crs_merge_slices": 0}, "slices is 0: use the number of records"),
        ({"crs_merge_report_dir": "records/merged"}, "lies where records are read from"),
        ({"crs_merge_records": "nowhere"}, "can't be read"),
    ],
)
def test_bad_options_are_named(tmp_path, variables, said):
    (tmp_path / "records").mkdir()
    done = merge(tmp_path, tmp_path / "records", **{"slices": variables.pop("crs_merge_slices", 1), **variables})
    assert done.returncode == 2 and said in done.stdout


def test_hosts_that_no_slice_has_are_named(tmp_path, sliced):
    """Two slices out of an inventory for three, and nothing that says how many hosts there have to be."""
    records = sliced(limited=True)
    shutil.rmtree(records / "2")
    done = merge(tmp_path, records, slices=2)
    said = re.sub(r"\s+", " ", done.stdout)
    # The key may not read the fifth, and the account doesn't show it.
    assert "[WARNING]: 4 instances of ap-guangzhou are in the inventory and in no slice: crs-v3good2" in said
    assert "[WARNING]: 4 instances of ap-shanghai are in the inventory and in no slice: crs-v2good2" in said


@pytest.mark.parametrize("name", ["merge", "report"])
def test_a_limit_and_tags_do_not_skip_the_play(tmp_path, name):
    """A play that --limit or --tags leave without hosts or tasks is skipped by Ansible with exit status 0: that would look like a pass."""
    (tmp_path / "hosts.yml").write_text("web: {hosts: {web1: {}}}")
    extra = {"crs_merge_records": "nowhere", "crs_merge_slices": 1, "crs_audit_record": "nowhere"}
    skipping = ["--limit", "web", "--tags", "nightly"]
    done = playbook(tmp_path, f"qcloud.crs.{name}", "-i", "hosts.yml", *skipping, "-e", json.dumps(extra))
    assert done.returncode == 2 and "nowhere' can't be read" in done.stdout
