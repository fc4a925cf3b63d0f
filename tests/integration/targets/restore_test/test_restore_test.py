# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook, at -vvv, with a real server: who is tested when, what is written, shown and failed, and what shows nowhere."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import watched
import yaml
from emulator import Emulator

PAIR = {
    "secret_id": "AKIDmadeupfortherestores0000000001",
    "secret_key": "madeupRestoreKey+a/b",
    "token": "madeupRestoreToken+a/b==",
}
#: What a file of a backup has, and what the API hands out for it: none of it may show anywhere.
HIDDEN = re.compile(r"sign=|/objects/|key:\d|value \d|madeupCanary|madeupDecryptKey")
GOOD = {"version": 10, "keys": 50}
BACKUPS = {
    "good": {"backups": [{"start": "-2h", "file": GOOD}]},
    "shards": {"type": 18, "backups": [{"start": "-2h", "file": {**GOOD, "shards": 2}}]},
    "flipped": {"backups": [{"start": "-2h", "file": {**GOOD, "flip": 400}}]},
    "refused": {"backups": [{"start": "-2h", "file": {**GOOD, "refused": True}}]},
}
#: host: (outcome, code) of its test.
EXPECTED = {
    "crs-good": ("passed", None),
    "crs-shards": ("passed", None),
    "crs-flipped": ("failed", "checksum_mismatch"),
    "crs-refused": ("unknown", "download_refused"),
}

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="expected: no redis-server is installed, so no backup was restored"
)


class Restores:
    """A folder with an inventory, and the playbook."""

    def __init__(self, folder, emulator, room):
        self.folder, self.emulator, self.room = folder, emulator, room
        self.records = folder / "crs-restore-tests"

    def inventory(self, **variables):
        values = {
            "crs_endpoint": self.emulator.url,
            "crs_region": "gz",
            "crs_retries": 0,
            "crs_restore_test_download_hosts": ["127.0.0.1"],
            "crs_restore_test_work_dir": self.room,
            "crs_restore_test_expect": {"canary": {"key": "madeupCanary", "sha256": "0" * 64}},
            **variables,
        }
        hosts = {host: {} for host in EXPECTED}
        hosts["orders"] = hosts.pop("crs-good")
        hosts["orders"] = {"crs_instance_id": "crs-good"}
        document = {"crs": {"vars": values, "hosts": hosts}, "web": {"hosts": {"web1": {}}}}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(document), encoding="utf-8")

    def run(self, *arguments, playbook="qcloud.crs.restore_test", **extra):
        command = ["ansible-playbook", playbook, "-vvv", "-i", "hosts.yml", *arguments]
        for name, value in extra.items():
            command += ["-e", json.dumps({name: value})]
        pair = {f"TENCENTCLOUD_{name.upper()}": value for name, value in PAIR.items()}
        done = watched.run(command, self.folder, pair)
        assert not HIDDEN.search(done.stdout), done.stdout[:3000]
        assert os.listdir(self.room) == []
        return done

    def made(self):
        """Return the records, oldest first."""
        texts = [path.read_text(encoding="utf-8") for path in self.records.glob("restore-test-*.json")]
        assert not [text for text in texts if HIDDEN.search(text) or watched.SECRET.search(text)]
        return sorted(map(json.loads, texts), key=lambda made: (made["evaluated_at"], made["id"]))

    def outcomes(self):
        return {made["instance_id"]: (made["outcome"], made["code"]) for made in self.made()}


@pytest.fixture
def restores(tmp_path):
    instances = [{"id": f"crs-{name}", "region": "ap-guangzhou", **about} for name, about in BACKUPS.items()]
    with (
        Emulator({"credentials": [PAIR], "instances": instances}) as emulator,
        # Where a server that runs as another user gets to.
        tempfile.TemporaryDirectory(prefix="crs-it-") as room,
    ):
        os.chmod(room, 0o711)
        made = Restores(tmp_path, emulator, room)
        made.inventory(crs_restore_test_expect={})
        yield made


def failed_hosts(output):
    return set(re.findall(r"^fatal: \[([^\]]+)\]", output, re.MULTILINE))


def test_all_are_tested_and_those_that_do_not_pass_fail(restores):
    done = restores.run()
    assert restores.outcomes() == EXPECTED
    assert done.returncode == 2 and failed_hosts(done.stdout) == {"crs-flipped", "crs-refused"}
    assert "4 hosts: 4 due for a restore test, 4 of which never passed one; 4 now, 0 later" in done.stdout
    assert "4 restore tests: 2 passed, 1 FAILED, 1 UNKNOWN" in done.stdout
    table = re.findall(r"^(FAILED|UNKNOWN|passed)  +(\S+)", done.stdout, re.MULTILINE)
    assert table == [
        ("FAILED", "crs-flipped"),
        ("UNKNOWN", "crs-refused"),
        ("passed", "crs-shards"),
        ("passed", "orders"),
    ]
    assert {path.stat().st_mode & 0o777 for path in restores.records.iterdir()} == {0o640}

    # The next run tests those that did not pass, and warns of a file that is not a record.
    (restores.records / "restore-test-broken.json").write_text("{", encoding="utf-8")
    done = restores.run(crs_restore_test_fail="once", crs_restore_test_unknown="warn")
    assert "4 hosts: 2 due for a restore test, 2 of which never passed one" in done.stdout
    assert (
        done.returncode == 2 and "1 FAILED, 1 UNKNOWN: crs-flipped in ap-guangzhou: restore test failed" in done.stdout
    )
    assert "is ignored" in done.stdout
    (restores.records / "restore-test-broken.json").unlink()
    assert len(restores.made()) == 6

    # With nothing due, nothing fails.
    done = restores.run("--limit", "orders,crs-shards,localhost")
    assert done.returncode == 0 and "2 hosts: 0 due" in done.stdout and len(restores.made()) == 6


def test_a_run_has_its_bounds(restores):
    done = restores.run(crs_restore_test_max_hosts=1, crs_restore_test_fail="never")
    assert done.returncode == 0 and "1 now, 3 later" in done.stdout
    # By name, as none of them ever passed.
    assert list(restores.outcomes()) == ["crs-flipped"]
    # Again the one that failed, and two others by name. (Times of records are whole seconds, so they have no order.)
    done = restores.run(crs_restore_test_max_hosts=3, crs_restore_test_fail="never", crs_restore_test_parallel=1)
    tested = sorted(made["instance_id"] for made in restores.made())
    assert tested == ["crs-flipped", "crs-flipped", "crs-refused", "crs-shards"]
    done = restores.run("--check")
    assert done.returncode == 0 and len(restores.made()) == 4 and "4 UNKNOWN" not in done.stdout


def test_what_is_wrong_ends_it_before_any_request(restores):
    """Also of the last host alone. What else can be wrong, unit tests know."""
    restores.inventory(crs_restore_test_within="{{ '7' if inventory_hostname == 'crs-shards' else omit }}")
    done = restores.run()
    assert done.returncode == 2 and "host crs-shards: within '7' has no unit" in done.stdout
    assert restores.emulator.log == [] and not restores.records.exists()


def test_a_canary_that_differs_shows_neither_name_nor_value(restores):
    restores.inventory()
    done = restores.run("--limit", "orders")
    assert done.returncode == 2 and restores.outcomes() == {"crs-good": ("failed", "canary_missing")}
    assert Path(restores.records).is_dir()


TWICE = """
- import_playbook: qcloud.crs.restore_test
- hosts: crs
  gather_facts: false
  tasks:
    - ansible.builtin.fail:
      when: inventory_hostname == "orders"
- import_playbook: qcloud.crs.restore_test
  vars:
    crs_restore_test_record_dir: again
"""


def test_only_results_of_this_run_are_shown(restores):
    """Ansible takes a host that failed out of the second import, but keeps what the first one registered for it."""
    (restores.folder / "twice.yml").write_text(TWICE, encoding="utf-8")
    done = restores.run("--limit", "orders,crs-shards,localhost", playbook="twice.yml")
    assert done.returncode == 2 and len(restores.made()) == 2
    assert re.findall(r"^\d restore tests: .*", done.stdout, re.MULTILINE) == [
        "2 restore tests: 2 passed, 0 FAILED, 0 UNKNOWN",
        "2 restore tests: 1 passed, 0 FAILED, 1 UNKNOWN",
    ]
    assert re.search(
        "^UNKNOWN  orders .* not tested in this run, since a task of the host failed", done.stdout, re.MULTILINE
    )
    (made,) = (restores.folder / "again").glob("restore-test-*.json")
    assert made.name.startswith("restore-test-crs-shards-")


MODULE = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/qcloud.crs.crs:
      region: gz
      endpoint: {url}
      retries: 0
  tasks:
    - qcloud.crs.crs_restore_test:
        instance_id: crs-{good}
        download_hosts: [127.0.0.1]
        work_dir: {room}
        record_dir: crs-restore-tests
        expect: {{canary: {{key: "{{{{ canary_name }}}}", sha256: "{{{{ 'value 1' | hash('sha256') }}}}"}}}}
      register: tested

    - ansible.builtin.assert:
        that:
          - tested.outcome == "passed" and tested.changed and tested.record.key_count == 50
          - tested.record.files[0].canary and tested.record.restore_seconds > 0
"""


@pytest.mark.parametrize("name, code", [("good", 0), ("flipped", 2)])
def test_the_module_in_a_play(restores, name, code):
    text = MODULE.format(url=restores.emulator.url, good=name, room=restores.room)
    (restores.folder / "play.yml").write_text(text, encoding="utf-8")
    done = restores.run(playbook="play.yml", canary_name="key:1")
    assert done.returncode == code, done.stdout
    assert ("crs-flipped in ap-guangzhou: restore test failed, checksum_mismatch" in done.stdout) is (code == 2)
    assert list(restores.outcomes()) == [f"crs-{name}"]


def descendants(pid):
    """Return the pids below a process, at any depth."""
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            below = [int(word) for word in task.read_text(encoding="ascii").split()]
            found += below
            waiting += below
    return found


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ended(process, number):
    """Send a signal to Ansible, and again if it doesn't end, as who sits before it would; returns its status."""
    for _attempt in range(3):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=20)
    return process.wait(timeout=0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_an_interrupted_run_leaves_behind(restores, number):
    """After a signal nothing. What is left of one that is killed with all its processes, the next run removes."""
    restores.emulator.set_faults([{"name": "drip", "api": "cos", "delay": 0.5}])
    # As from a terminal: pytest's workers ignore SIGINT, and so would all that they start.
    start = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-c", start, "ansible-playbook", "qcloud.crs.restore_test"]
    command += ["-i", "hosts.yml", "--limit", "orders"]
    pair = {f"TENCENTCLOUD_{name.upper()}": value for name, value in PAIR.items()}
    with open(restores.folder / "log", "wb") as log:
        process = subprocess.Popen(
            command, cwd=restores.folder, env={**os.environ, **pair}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(lambda: list(Path(restores.room).glob("*/dump.rdb")))
            below = descendants(process.pid)
            if number == signal.SIGKILL:
                # Stopped first: a process that sees its parent end would wipe.
                for sent in (signal.SIGSTOP, signal.SIGKILL):
                    for pid in below:
                        os.kill(pid, sent)
            assert ended(process, number) != 0
        finally:
            process.kill()
    assert below and not list(restores.records.iterdir())
    if number == signal.SIGKILL:
        assert len(os.listdir(restores.room)) == 1
        restores.emulator.set_faults([])
        assert restores.run("--limit", "orders").returncode == 0
    wait_for(lambda: os.listdir(restores.room) == [])
    assert not HIDDEN.search((restores.folder / "log").read_text(encoding="utf-8"))
