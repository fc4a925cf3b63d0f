# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests of the audit run it: a cloud of cases in two regions, an inventory, ansible-playbook at -vvv."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
import watched
import yaml
from emulator import Emulator

CREDENTIALS = {
    "secret_id": "AKIDmadeupfortheaudit000000000000001",
    "secret_key": "madeupAuditKey00000000000000001",
    "token": "madeupAuditToken+abc/123==",
    "account": "100000000001",
}
DAILY = {"every": "24h", "last": "-3h", "count": 7}
#: name: (what the cloud has, the outcome that the default policy gives)
CASES = {
    "healthy": ({"schedule": DAILY}, "pass"),
    "stale": ({"schedule": {"every": "24h", "last": "-27h", "count": 6}}, "fail"),
    "tooshort": ({"schedule": {"every": "24h", "last": "-3h", "count": 5}}, "fail"),
    "none": ({}, "fail"),
    "making": ({"backups": [{"start": "-20m", "type": "system", "status": "locked", "locked": 1}]}, "fail"),
    "expired": ({"schedule": {**DAILY, "status": "expired"}}, "fail"),
    "oddcode": ({"schedule": {**DAILY, "status": 9}}, "unknown"),
    "denied": ({"schedule": DAILY, "denied": True}, "unknown"),
    "gone": (None, "unknown"),
    "future": ({"schedule": {**DAILY, "last": "+3h"}}, "unknown"),
    "young": ({"created": "-2h"}, "not_applicable"),
    "halfold": ({"created": "-30h", "schedule": {"every": "24h", "last": "-9h", "count": 1}}, "pass"),
}
REGIONS = {"v2": "ap-shanghai", "v3": "ap-guangzhou"}


def host(version, name):
    return f"crs-{version}{name}"


#: What the default policy says of each host, and which of them fail the run.
EXPECTED = {host(version, name): outcome for version in REGIONS for name, (_spec, outcome) in CASES.items()}
FAILING = {name for name, outcome in EXPECTED.items() if outcome in ("fail", "unknown")}


def fleet(cases=None, **top):
    return {
        "credentials": [CREDENTIALS],
        "instances": [
            {
                "created": "-90d",
                **spec,
                "id": host(version, name),
                "name": name,
                "region": REGIONS[version],
                "api": [version],
            }
            for version in REGIONS
            for name, (spec, _outcome) in (cases or CASES).items()
            if spec is not None
        ],
        **top,
    }


class Audit:
    """One way to run the playbook, in a folder of its own."""

    def __init__(self, folder, emulator):
        self.folder = folder
        self.emulator = emulator
        self.report_dir = folder / "crs-audit"

    def inventory(self, cases=None, **variables):
        """Write an inventory of all cases in both regions."""
        created = {
            one.id: one.created_text.replace(" ", "T") + "+08:00" for one in self.emulator.fleet.instances.values()
        }
        groups = {
            version: {
                "vars": {"crs_api_version": version, "crs_region": region},
                "hosts": {
                    host(version, name): {"crs_created_time": created[host(version, name)]}
                    if host(version, name) in created
                    else {}
                    for name in cases or CASES
                },
            }
            for version, region in REGIONS.items()
        }
        self.write(
            "hosts.yml",
            {
                "crs": {"vars": {"crs_endpoint": self.emulator.url, "crs_retries": 1, **variables}, "children": groups},
                "web": {"hosts": {"web1": {}}},
            },
        )

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data if isinstance(data, str) else yaml.safe_dump(data), encoding="utf-8")

    def run(self, *arguments, playbook="qcloud.crs.audit", environment=None, **extra):
        """Run a playbook with -vvv; return the finished process. Its output is searched for secrets."""
        command = ["ansible-playbook", playbook, "-vvv", *arguments]
        if (self.folder / "hosts.yml").exists():
            command += ["-i", "hosts.yml"]
        for name, value in extra.items():
            command += ["-e", json.dumps({name: value})]
        secrets = {f"TENCENTCLOUD_{name.upper()}": CREDENTIALS[name] for name in ("secret_id", "secret_key", "token")}
        done = watched.run(command, self.folder, {**secrets, **(environment or {})})
        for path in self.report_dir.glob("*") if self.report_dir.exists() else ():
            assert not watched.SECRET.search(path.read_text(encoding="utf-8")), f"a secret shows in {path.name}"
        return done

    @property
    def record(self):
        return json.loads((self.report_dir / "audit-record.json").read_text(encoding="utf-8"))


@contextlib.contextmanager
def audited(folder):
    """An audit of all cases in both regions."""
    with Emulator(fleet()) as emulator:
        made = Audit(folder, emulator)
        made.inventory()
        yield made


@pytest.fixture
def audit(tmp_path):
    with audited(tmp_path) as made:
        yield made


def failed_hosts(output):
    return set(re.findall(r"^fatal: \[([^\]]+)\]", output, re.MULTILINE))


def outcomes(record):
    return {entry["host"]: entry["outcome"] for entry in record["instances"]}
