# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the real audit against an embedded cloud: start the emulator, write an inventory, run the playbook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "demo"
FLEET = ROOT / "tests" / "demo" / "fleet.yml"

sys.path.insert(0, str(ROOT / "tests"))

from emulator import DEFAULT_CREDENTIALS, Emulator  # noqa: E402


def inventory(cloud, endpoint):
    """Return an inventory of all instances of the cloud, and of one that isn't there any more."""
    groups = {
        "guangzhou": {"vars": {"crs_region": "ap-guangzhou"}, "hosts": {"crs-gz-gone": {"crs_instance_name": "gone"}}},
        "shanghai": {
            "vars": {"crs_region": "sh", "crs_api_version": "v2"},
            "hosts": {"crs-sh-gone": {"crs_instance_name": "gone"}},
        },
    }
    for instance in cloud.fleet.instances.values():
        group = groups[instance.region.partition("-")[2]]
        group["hosts"][instance.id] = {
            "crs_instance_name": instance.name,
            "crs_created_time": instance.created_text.replace(" ", "T") + "+08:00",
        }
    return {"crs": {"vars": {"crs_endpoint": endpoint}, "children": groups}}


def environment():
    """Return the environment of the playbook: made-up credentials, and this checkout as the collection."""
    collections = WORK / "collections" / "ansible_collections" / "qcloud"
    collections.mkdir(parents=True, exist_ok=True)
    link = collections / "crs"
    if not link.is_symlink():
        link.symlink_to(ROOT)
    return {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(WORK / "collections"),
        "ANSIBLE_HOME": str(WORK / "ansible"),
        "TENCENTCLOUD_SECRET_ID": DEFAULT_CREDENTIALS["secret_id"],
        "TENCENTCLOUD_SECRET_KEY": DEFAULT_CREDENTIALS["secret_key"],
    }


def main():
    with Emulator(str(FLEET)) as cloud:
        WORK.mkdir(parents=True, exist_ok=True)
        hosts = WORK / "inventory.yml"
        hosts.write_text(yaml.safe_dump(inventory(cloud, cloud.url)), encoding="utf-8")
        command = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            "qcloud.crs.audit",
            "-i",
            str(hosts),
            # The demo is to show what is wrong, not to fail because of it.
            "-e",
            "crs_backup_policy_fail=never",
            "-e",
            "crs_backup_policy_show=all",
        ]
        return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
