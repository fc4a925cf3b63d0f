# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated cloud in its own process, with a fleet of a given number of instances, and an inventory of them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SECRET_ID, SECRET_KEY = "AKIDmadeupforthebenchmark00000000001", "madeupBenchmarkKey0000000000001"
REGION = "ap-guangzhou"
BACKUPS = 14  # of each instance

#: Every rule that a listing answers, as a fleet would have them.
LISTING_RULES = {
    "max_age": "26h",
    "max_age_system": "26h",
    "max_age_manual": "2d",
    "min_usable": 7,
    "min_retention": "5d",
    "daily": 5,
    "max_gap": "26h",
    "window": "00:00-24:00",
    "required_remark": {"pattern": "^release-", "within": "2d"},
    "min_size_ratio": 0.5,
    "max_in_progress": "6h",
}
#: The two that take a request for each instance.
CONFIG_RULES = {"retention_configured": "7d", "auto_backup": True}
#: What an inventory makes of each host: a variable, a group by a condition, a group by a key.
EXPRESSIONS = {
    "compose": {"tier": "'gold' if crs_tags.env | default('') == 'prod' else 'silver'"},
    "groups": {"standard": "crs_architecture == 'standard'"},
    "keyed_groups": [{"key": "crs_region", "prefix": "region"}],
}
#: What API 2.0 can't show.
V3_ONLY = ("min_size_ratio", *CONFIG_RULES)

_HOUR = 3600


def _instance(number):
    """Return an instance of a fleet file, with BACKUPS backups.

    Of a hundred, two are stale and one has a backup that was never finished. Their backups start at seconds of their
    own within an hour, as in a real window: equal times would flatter whatever remembers them.
    """
    late, kind = number * 7 % _HOUR, {0: "stale", 50: "stale", 99: "stuck"}.get(number % 100)
    backups = [{"start": f"-{20 * _HOUR + late}s", "type": "manual", "remark": "release-7"}]
    if kind == "stuck":
        backups.append({"start": f"-{9 * _HOUR + late}s", "status": "locked", "locked": 1})
    every, last = ("10h", 40 * _HOUR) if kind == "stale" else ("12h", 3 * _HOUR)
    return {
        "id": f"crs-{number:08d}",
        "name": f"cache-{number:05d}",
        "region": REGION,
        "backups": backups,
        "schedule": {
            "every": every,
            "last": f"-{last + late}s",
            "count": BACKUPS - len(backups),
            "size": (1 << 20) + number,
        },
    }


def failing(count):
    """Return how many of a fleet of this size violate the policy."""
    return sum(number % 100 in (0, 50, 99) for number in range(count))


class Cloud:
    """Serves ``count`` instances while it is open; ``settings`` are those of a fleet file.

    ``instance(number)`` is one of them, as a fleet file has it.
    """

    def __init__(self, folder, count, instance=_instance, **settings):
        self.count = count
        self._instance = instance
        self._folder = folder
        self._settings = settings
        self._process = None
        self.url = None
        self.hosts_file = folder / "hosts.json"

    def __enter__(self):
        self._folder.mkdir(parents=True, exist_ok=True)
        fleet, ready = self._folder / "fleet.json", self._folder / "ready.json"
        credentials = [{"secret_id": SECRET_ID, "secret_key": SECRET_KEY, "account": "100000000001"}]
        instances = [self._instance(number) for number in range(self.count)]
        fleet.write_text(
            json.dumps({"settings": self._settings, "credentials": credentials, "instances": instances}),
            encoding="utf-8",
        )
        ready.unlink(missing_ok=True)
        command = [sys.executable, str(TESTS / "emulator"), "--fleet", str(fleet), "--ready-file", str(ready)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not ready.exists():
            if self._process.poll() is not None:
                raise RuntimeError("the emulator ended before it was ready")
            time.sleep(0.05)
        self.url = json.loads(ready.read_text(encoding="utf-8"))["url"]
        return self

    def __exit__(self, *problem):
        self._process.terminate()
        self._process.wait()

    def source(self, expressions=None):
        """Write a file of the inventory plugin, by default with EXPRESSIONS, and return its path."""
        where = {"endpoint": self.url, "regions": [REGION], "requests_per_second": 0}
        made = EXPRESSIONS if expressions is None else expressions
        return self._written("plugin.crs.yml", {"plugin": "qcloud.crs.crs", **where, **made})

    def listed(self, hosts):
        """Write a static list of ``{host: variables}`` and a file of Ansible's own plugin with EXPRESSIONS, and return their paths."""
        return [
            self._written("listed.json", {"crs": {"hosts": hosts}}),
            self._written("constructed.yml", {"plugin": "ansible.builtin.constructed", **EXPRESSIONS}),
        ]

    def _written(self, name, document):
        path = self._folder / name
        # JSON is YAML, and read fastest.
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    def log(self):
        """Return what was asked since the last call."""
        with urllib.request.urlopen(f"{self.url}/_emulator/log") as answer:
            entries = json.load(answer)
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_emulator/log", method="DELETE")).close()
        return entries

    def inventory(self, api_version="v3", config=False, hosts=None):
        """Write an inventory of all instances, or of the first ``hosts``, to ``hosts_file`` and return that.

        It is JSON, which Ansible reads fastest: a slower form would flatter a ratio to an empty play.
        """
        rules = {**LISTING_RULES, **(CONFIG_RULES if config else {})}
        if api_version == "v2":
            rules = {name: limit for name, limit in rules.items() if name not in V3_ONLY}
        created = (datetime.now(timezone.utc) - timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
        group = {
            "vars": {
                "crs_endpoint": self.url,
                "crs_region": REGION,
                "crs_api_version": api_version,
                **{f"crs_backup_policy_{name}": limit for name, limit in rules.items()},
            },
            "hosts": {
                f"crs-{number:08d}": {
                    "crs_instance_name": f"cache-{number:05d}",
                    "crs_created_time": created,
                    "crs_status": "running",
                    "crs_tags": {"env": "prod", "team": f"team-{number % 20}"},
                }
                for number in range(hosts or self.count)
            },
        }
        self.hosts_file.write_text(json.dumps({"crs": group}), encoding="utf-8")
        return self.hosts_file
