# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is timed: the audit, and what it is held against. What came of a run is checked before it counts."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from cloud import BACKUPS, CONFIG_RULES, LISTING_RULES, REGION, SECRET_ID, SECRET_KEY, V3_ONLY, Cloud, failing
from timing import run

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / ".cache" / "benchmark"
REPORTS = ("audit-record.json", "report.html", "junit.xml", "metrics.prom", "findings.ocsf.json")


class Wrong(Exception):
    """A run did less than it had to: its time means nothing."""


class Bench:
    """``runs`` is how often everything is measured; ``vendor`` is a Python that has the vendor's SDK."""

    def __init__(self, runs, vendor):
        self.runs = runs
        #: What rows share: rounds by what was timed.
        self.kept = {}
        self._vendor = vendor
        self._environment = _environment()

    def cloud(self, count, **settings):
        return Cloud(WORK / f"cloud-{count}", count, **settings)

    def rounds(self, *sides):
        """Return a list of ``{name: Run}``: sides are ``(name, run)``, each round runs all of them, one by one."""
        return [{name: measure() for name, measure in sides} for _round in range(self.runs)]

    def audit(self, cloud, api_version="v3", config=False, requests_per_second=0, concurrency=8):
        """Run the audit, ``once``, with all rules that the API can answer; the record has to hold everything."""
        reports = WORK / "crs-audit"
        for name in REPORTS:
            (reports / name).unlink(missing_ok=True)
        inventory = cloud.inventory(api_version, config)
        done = self._ansible(
            "qcloud.crs.audit",
            inventory,
            crs_backup_policy_fail="once",
            crs_backup_policy_report_dir=str(reports),
            crs_requests_per_second=requests_per_second,
            crs_concurrency=concurrency,
        )
        if done.status != 2:
            raise Wrong(f"the audit ended with {done.status}, and 2 is due: see {WORK / 'output.log'}")
        _check_record(json.loads((reports / "audit-record.json").read_text("utf-8")), cloud.count, api_version, config)
        for name in REPORTS:
            if (reports / name).stat().st_size < cloud.count * 100:
                raise Wrong(f"{name} is too small to have all instances")
        return done

    def empty(self, cloud):
        """Run a play that does nothing, over the inventory that was written last."""
        return self._passed("the empty play", self._ansible(str(HERE / "playbooks" / "empty.yml"), cloud.hosts_file))

    def pages(self, cloud, config=False):
        """Run the bare script that reads the same pages."""
        command = [sys.executable, str(HERE / "floor.py"), cloud.url, SECRET_ID, SECRET_KEY, REGION]
        done = self._passed("the bare script", self._run(command + (["config"] if config else [])))
        if _output().split() != [str(cloud.count * BACKUPS), str(cloud.count)]:
            raise Wrong(f"the bare script read {_output()!r}")
        return done

    def per_host(self, cloud, hosts):
        """Run the module once for each of so many hosts, with Ansible's own number of forks."""
        done = self._ansible(str(HERE / "playbooks" / "per_host.yml"), cloud.inventory(hosts=hosts))
        if _output().count(": ok=1 ") != hosts:
            raise Wrong(f"the module did not run for each host: see {WORK / 'output.log'}")
        return self._passed("the play of modules", done)

    def sdk(self, cloud):
        """Run the vendor's SDK over all instances, one after the other."""
        ids = WORK / "ids.json"
        ids.write_text(json.dumps([f"crs-{number:08d}" for number in range(cloud.count)]), encoding="utf-8")
        script = str(HERE / "sdk_loop.py")
        done = self._run([self._vendor, script, cloud.url, SECRET_ID, SECRET_KEY, REGION, str(ids)])
        if _output().strip() != str(cloud.count * BACKUPS):
            raise Wrong(f"the vendor's SDK read {_output()[-300:]!r}")
        return done

    def _ansible(self, playbook, inventory, **extra):
        command = [str(Path(sys.executable).parent / "ansible-playbook"), playbook, "-i", str(inventory)]
        return self._run(command + ["-e", json.dumps(extra)])

    def _run(self, command):
        return run(command, self._environment, WORK, WORK / "output.log")

    @staticmethod
    def _passed(what, done):
        if done.status:
            raise Wrong(f"{what} ended with {done.status}: see {WORK / 'output.log'}")
        return done


def _output():
    return (WORK / "output.log").read_text(encoding="utf-8", errors="replace")


def _environment():
    """Return the environment of all runs: made-up credentials, and this checkout as the collection."""
    collections = WORK / "collections" / "ansible_collections" / "qcloud"
    collections.mkdir(parents=True, exist_ok=True)
    link = collections / "crs"
    if not link.is_symlink():
        link.symlink_to(ROOT)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    return {
        **kept,
        "ANSIBLE_COLLECTIONS_PATH": str(WORK / "collections"),
        "ANSIBLE_HOME": str(WORK / "ansible"),
        # Compiled once, as on any machine, but not into the checkout.
        "PYTHONPYCACHEPREFIX": str(WORK / "pycache"),
        "TENCENTCLOUD_SECRET_ID": SECRET_ID,
        "TENCENTCLOUD_SECRET_KEY": SECRET_KEY,
    }


def _check_record(record, count, api_version, config):
    """No target is reached by doing less: every instance, backup, rule and verdict is there."""
    rules = set(LISTING_RULES) | (set(CONFIG_RULES) if config else set())
    if api_version == "v2":
        rules -= set(V3_ONLY)
    entries = record["instances"]
    found = {
        "complete": record["complete"],
        "instances": len(entries),
        "backups": sum(len(entry["backups"]) for entry in entries),
        "rules": {tuple(sorted(verdict["rule"] for verdict in entry["rules"])) for entry in entries},
        "failed": record["summary"]["fail"],
        "passed": record["summary"]["pass"],
        "coverage": [entry["instances"] for entry in record["coverage"]],
    }
    due = {
        "complete": True,
        "instances": count,
        "backups": count * BACKUPS,
        "rules": {tuple(sorted(rules))},
        "failed": failing(count),
        "passed": count - failing(count),
        "coverage": [count],
    }
    for key, value in due.items():
        if found[key] != value:
            raise Wrong(f"the record has {key} {found[key]!r}, and {value!r} is due")
