# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is timed: the audit, and what it is held against. What came of a run is checked before it counts."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import restore_files
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

    def large_file(self, keys, size):
        """Return an RDB file with this number of keys, each with a value of this number of bytes, made by the machine's own server."""
        path = WORK / "large.rdb"
        restore_files.make(path, keys, size)
        return path

    def rounds(self, *sides):
        """Return a list of ``{name: Run}``: sides are ``(name, run)``, each round runs all of them, one by one."""
        return [{name: measure() for name, measure in sides} for _round in range(self.runs)]

    def audit(self, cloud, api_version="v3", config=False, requests_per_second=0, concurrency=8):
        """Run the audit of a static list, with all rules that the API can answer."""
        pace = {"crs_requests_per_second": requests_per_second, "crs_concurrency": concurrency}
        return self.audit_of(cloud, [cloud.inventory(api_version, config)], pace, api_version, config)

    def audit_of(self, cloud, sources, extra, api_version="v3", config=False):
        """Run the audit of some sources, ``once``; the record has to hold everything."""
        reports = WORK / "crs-audit"
        for name in REPORTS:
            (reports / name).unlink(missing_ok=True)
        how = {"crs_backup_policy_fail": "once", "crs_backup_policy_report_dir": str(reports)}
        done = self._ansible("qcloud.crs.audit", *sources, **how, **extra)
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

    def grouped(self, cloud, *sources):
        """Run a play that counts hosts, over sources with the expressions of ``cloud``."""
        done = self._passed("the play", self._ansible(str(HERE / "playbooks" / "grouped.yml"), *sources))
        if " ".join([str(cloud.count)] * 4) not in _output():
            raise Wrong(f"a host lacks a group or variable: see {WORK / 'output.log'}")
        return done

    def listed(self, cloud):
        """Return a static list of what the plugin makes of each instance, and Ansible's own plugin for the expressions."""
        made = WORK / "made.json"
        ansible = str(Path(sys.executable).parent / "ansible-inventory")
        command = [ansible, "-i", str(cloud.source(expressions={})), "--list", "--output", str(made)]
        self._passed("ansible-inventory", self._run(command))
        hosts = json.loads(made.read_text("utf-8"))["_meta"]["hostvars"]
        if len(hosts) != cloud.count:
            raise Wrong(f"the plugin made {len(hosts)} hosts")
        return cloud.listed({host: _plain(values) for host, values in hosts.items()})

    def pages(self, cloud, config=False):
        """Run the bare script that reads the same pages."""
        command = [sys.executable, str(HERE / "floor.py"), cloud.url, SECRET_ID, SECRET_KEY, REGION]
        done = self._passed("the bare script", self._run(command + (["config"] if config else [])))
        if _output().split() != [str(cloud.count * BACKUPS), str(cloud.count)]:
            raise Wrong(f"the bare script read {_output()!r}")
        return done

    def per_host(self, cloud, hosts):
        """Run the module once for each of this number of hosts, with Ansible's own number of forks."""
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

    def restored(self, cloud, keys):
        """Run the test of the first instance's backup in a process of its own; return the Run, and what the test says of itself."""
        script = str(HERE / "restore_one.py")
        done = self._run([sys.executable, script, cloud.url, SECRET_ID, SECRET_KEY, REGION, str(WORK / "collections")])
        said = json.loads(self._passed("the restore test", done) and _output())
        if (said["outcome"], said["keys"]) != ("passed", keys):
            raise Wrong(f"the restore test ended with {said}")
        return done, said

    def loaded(self, cloud, keys):
        """Run the bare script that downloads, checks and loads the same file; return the Run, and what it says of itself."""
        script = str(HERE / "restore_floor.py")
        done = self._run([sys.executable, script, cloud.url, SECRET_ID, SECRET_KEY, REGION, str(WORK)])
        said = json.loads(self._passed("the bare script", done) and _output())
        if said["keys"] != keys:
            raise Wrong(f"the bare script loaded {said}")
        return done, said

    def restores(self, cloud, keys, parallel):
        """Run the playbook that tests a backup of each instance, this number at a time; each must pass."""
        records = WORK / "crs-restore-tests"
        shutil.rmtree(records, ignore_errors=True)
        how = {
            "crs_restore_test_record_dir": str(records),
            "crs_restore_test_download_hosts": ["127.0.0.1"],
            "crs_restore_test_max_hosts": cloud.count,
            "crs_restore_test_parallel": parallel,
        }
        done = self._passed("the playbook", self._ansible("qcloud.crs.restore_test", cloud.inventory(), **how))
        made = [json.loads(path.read_text("utf-8")) for path in records.glob("*.json")]
        passed = {one["instance_id"] for one in made if (one["outcome"], one["key_count"]) == ("passed", keys)}
        if len(passed) != cloud.count:
            raise Wrong(f"{len(passed)} of {cloud.count} restore tests passed")
        return done

    def again(self, count):
        """Return the CPU seconds of judging this number of instances, and of judging their record again: ``(first, again)``."""
        script = str(HERE / "again.py")
        self._passed(
            "judging again", self._run([sys.executable, script, str(count), str(self.runs), str(WORK / "collections")])
        )
        took = json.loads(_output())
        return took["judged"], took["again"]

    def _ansible(self, playbook, *sources, **extra):
        command = [str(Path(sys.executable).parent / "ansible-playbook"), playbook]
        command += [part for source in sources for part in ("-i", str(source))]
        return self._run(command + ["-e", json.dumps(extra)])

    def _run(self, command):
        return run(command, self._environment, WORK, WORK / "output.log")

    @staticmethod
    def _passed(what, done):
        if done.status:
            raise Wrong(f"{what} ended with {done.status}: see {WORK / 'output.log'}")
        return done


def _plain(value):
    """Return a value without the mark that ansible-inventory gives to texts that are never evaluated."""
    if isinstance(value, dict):
        marked = value.get("__ansible_unsafe")
        return {key: _plain(one) for key, one in value.items()} if marked is None else marked
    return [_plain(one) for one in value] if isinstance(value, list) else value


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
