# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the real audit against an embedded cloud: start the emulator, read the inventory from it, run the playbook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "demo"
DEMO = ROOT / "tests" / "demo"

sys.path.insert(0, str(ROOT / "tests"))

from emulator import DEFAULT_CREDENTIALS, Emulator  # noqa: E402


def environment(endpoint):
    """Return the environment of the commands: made-up credentials, and this checkout as the collection."""
    collections = WORK / "collections" / "ansible_collections" / "qcloud"
    collections.mkdir(parents=True, exist_ok=True)
    link = collections / "crs"
    if not link.is_symlink():
        link.symlink_to(ROOT)
    return {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(WORK / "collections"),
        "ANSIBLE_HOME": str(WORK / "ansible"),
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
        "CRS_ENDPOINT": endpoint,
        "TENCENTCLOUD_SECRET_ID": DEFAULT_CREDENTIALS["secret_id"],
        "TENCENTCLOUD_SECRET_KEY": DEFAULT_CREDENTIALS["secret_key"],
    }


def main():
    sources = ["-i", str(DEMO / "demo.crs.yml"), "-i", str(DEMO / "gone.yml")]
    bin_dir = Path(sys.executable).parent
    # The demo is to show what is wrong, not to fail because of it.
    shown = ["-e", "crs_backup_policy_fail=never", "-e", "crs_backup_policy_show=all"]
    with Emulator(str(DEMO / "fleet.yml")) as cloud:
        command = [str(bin_dir / "ansible-playbook"), "qcloud.crs.audit", *sources, *shown]
        return subprocess.run(command, cwd=ROOT, env=environment(cloud.url), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
