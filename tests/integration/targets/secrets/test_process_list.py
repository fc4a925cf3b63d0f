# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and tokens are in no process's arguments, and in no environment but where their user has put them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections import namedtuple
from concurrent.futures import Future

import pytest
import yaml
from emulator import Emulator
from process_watch import Watch

#: Whatever follows the word may be written another way, as in a URL.
SECRET = re.compile(rb"madeup[A-Z][A-Za-z]*(Key|Token)")
ROLE = "qcs::cam::uin/100000000001:roleName/audit"
PAIR = {
    "secret_id": "AKIDmadeupfortheprocesses000000001",
    "secret_key": "madeupProcessKey+a/b",
    "token": "madeupProcessToken+a/b==",
}
#: A request, and when it came and was answered (of the monotonic clock).
Asked = namedtuple("Asked", "action began until")
DAILY = {"every": "24h", "last": "-3h", "count": 7}
FLEET = {
    "credentials": [PAIR],
    "roles": {ROLE: {"account": "100000000001"}},
    "instances": [{"id": f"crs-listed0{number}", "schedule": DAILY} for number in range(2)],
}
MODULE = "AnsiballZ_crs_backup_info.py"
OPTIONS = ("secret_id", "secret_key", "token", "profile", "role_arn", "sts_endpoint", "endpoint")
PLAY = {
    "hosts": "crs",
    "gather_facts": False,
    "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    "tasks": [
        {
            "qcloud.crs.crs_backup_info": {
                "region": "gz",
                "instance_id": "{{ crs_instance_id | default(inventory_hostname) }}",
                **{name: f"{{{{ crs_{name} | default(omit) }}}}" for name in OPTIONS},
            }
        }
    ],
}


class Run:
    """A folder with an inventory, and the command that lists, audits, and asks with a module over forks."""

    def __init__(self, folder, emulator):
        self.folder, self.emulator = folder, emulator
        self.asked = []
        self._watching = Future()
        self._handle, emulator.service.handle = emulator.service.handle, self._hold
        self.environment = {}
        self.play = {**PLAY}
        self.address = {"endpoint": emulator.url, "sts_endpoint": emulator.url}

    def _hold(self, request):
        """Answer when all processes have been looked at since the request came, however slow the machine is."""
        began = time.monotonic()
        reply = self._handle(request)
        self._watching.result(timeout=60).wait_for_look()
        self.asked.append(Asked(request.headers.get("x-tc-action"), began, time.monotonic()))
        return reply

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data), encoding="utf-8")

    def list_with(self, **options):
        """Have the inventory plugin make the hosts."""
        source = {"plugin": "qcloud.crs.crs", "regions": ["gz"], **self.address, **options}
        (self.folder / "hosts.crs.yml").write_text(yaml.safe_dump(source), encoding="utf-8")

    def list_by_hand(self, **variables):
        hosts = {instance["id"]: {} for instance in FLEET["instances"]}
        values = {f"crs_{name}": value for name, value in {**self.address, "region": "gz", **variables}.items()}
        self.write("hosts.crs.yml", {"crs": {"vars": values, "hosts": hosts}})

    def watched(self, *playbooks):
        """Run playbooks, by default the audit and the play, and return the Watch."""
        self.write("play.yml", [self.play])
        names = ("TENCENTCLOUD_", "TCCLI_")
        process = subprocess.Popen(
            ["ansible-playbook", "-i", "hosts.crs.yml", *(playbooks or ("qcloud.crs.audit", "play.yml"))],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(names)},
                "HOME": str(self.folder),
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with Watch(process.pid) as watch:
            self._watching.set_result(watch)
            try:
                output, _none = process.communicate(timeout=600)
            finally:
                process.kill()
        assert process.returncode == 0, output.decode()
        assert not SECRET.search(output)
        return watch

    def secrets(self):
        """Return all that the service knows, in bytes: those of a role are its own invention."""
        known = self.emulator.service.gate.credentials.values()
        found = {value for one in known for value in (one.secret_id, one.secret_key, one.token) if value}
        return {value.encode() for value in found}


def of_environment(run):
    run.environment = {f"TENCENTCLOUD_{name.upper()}": value for name, value in PAIR.items()}
    run.list_with()


def of_variables(run):
    run.list_by_hand(**PAIR)


def of_profile(run, **more):
    document = {"secretId": PAIR["secret_id"], "secretKey": PAIR["secret_key"], "token": PAIR["token"], **more}
    run.write(".tccli/shop.credential", document)
    run.list_with(profile="shop")


def of_role(run):
    """By a profile, whose pair asks for the sessions."""
    of_profile(run, **{"role-arn": ROLE})


@pytest.fixture
def run(tmp_path):
    with Emulator(FLEET) as emulator:
        yield Run(tmp_path, emulator)


def those_asking(watch, asked):
    """Return the pids of the processes that were looked at while the service was about to answer."""
    return {sight.pid for sight in watch.sights for one in asked if one.began <= sight.moment <= one.until}


@pytest.mark.parametrize("source", [of_environment, of_variables, of_role])
def test_no_process_shows_a_secret(run, source):
    source(run)
    watch = run.watched()

    # It has looked at the right ones while they had a key in hand, or the check would prove nothing.
    modules = watch.those_running(MODULE)
    assert len(modules) == len(FLEET["instances"])
    began = min(sight.moment for sight in watch.sights if sight.pid in modules)
    listing = [one for one in run.asked if one.action == "DescribeInstanceBackups"]
    assert watch.root in those_asking(watch, run.asked[:1])
    assert watch.workers() & those_asking(watch, [one for one in listing if one.until < began])
    assert modules <= those_asking(watch, [one for one in listing if one.until > began])

    secrets = run.secrets()
    # Of a role, the inventory, the audit and each of the modules get a session of their own.
    assert len(secrets) == len(PAIR) * (1 + (2 + len(FLEET["instances"]) if source is of_role else 0))
    assert {secret for secret in secrets for sight in watch.sights if secret in sight.arguments} == set()
    assert not [sight for sight in watch.sights if SECRET.search(sight.arguments)]
    # The environment is its user's own, and goes on to everything that is started.
    around = {secret for secret in secrets for sight in watch.sights if secret in sight.environment}
    assert around == (secrets if source is of_environment else set())
    # Each of these was seen with one; at its very start and end a process shows none.
    assert modules <= {sight.pid for sight in watch.sights if sight.environment}


@pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="expected: no redis-server is installed, so no backup was restored"
)
def test_no_process_shows_a_download_address_or_a_canary(run):
    """Neither the checker and the server, which are looked at, nor the process that holds the address during the download."""
    canary = {"key": "madeupCanaryKey", "sha256": "ab" * 32}
    more = {"restore_test_download_hosts": ["127.0.0.1"], "restore_test_expect": {"canary": canary}}
    run.list_by_hand(**PAIR, **more, restore_test_fail="never")
    run.emulator.storage.downloads.clear()
    watch = run.watched("qcloud.crs.restore_test")
    assert [status for _name, status in run.emulator.storage.downloads] == [200] * len(FLEET["instances"])
    holding = those_asking(watch, [one for one in run.asked if one.action is None])
    assert holding & watch.workers() and watch.those_with("launch.py")
    shown = b"".join(sight.arguments + sight.environment for sight in watch.sights)
    assert not [word for word in (b"sign=", b"/objects/", b"madeupCanary", b"ab" * 32) if word in shown]
    records = [path.read_text(encoding="utf-8") for path in (run.folder / "crs-restore-tests").iterdir()]
    assert len(records) == len(FLEET["instances"]) and all("canary_missing" in text for text in records)


def test_a_secret_that_is_shown_is_seen(run):
    """Ansible itself writes the keyword ``environment`` into the command that runs a module."""
    of_profile(run)
    run.play["environment"] = {"TENCENTCLOUD_DR_SECRET_KEY": PAIR["secret_key"]}
    watch = run.watched("play.yml")
    key = PAIR["secret_key"].encode()
    assert {sight.pid for sight in watch.sights if key in sight.arguments} & watch.those_with(MODULE)
    assert [sight for sight in watch.sights if SECRET.search(sight.environment)]
