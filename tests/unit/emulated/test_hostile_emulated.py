# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the API says, this machine runs nothing, connects to no other host, and writes only the reports.

Python itself tells of each process, connection and changed file (``sys.addaudithook``). What Ansible makes of texts
is for tests/integration: test_texts_of_the_cloud_are_data.
"""

from __future__ import annotations

import html
import json
import os
import socket
import subprocess
import sys

import pytest
from emulator import DEFAULT_CREDENTIALS
from fault_surfaces import run_main
from jinja2 import Environment

from ansible_collections.qcloud.crs.plugins.module_utils._api.instances import ALL
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.modules import (
    crs_backup_config_info,
    crs_backup_info,
    crs_instance_info,
)
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory import hosts
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import write
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import page as _report_html
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.registry import REPORTS
from ansible_collections.qcloud.crs.plugins.plugin_utils._settings import PREFIX

pytestmark = pytest.mark.without_coverage

ONE = "crs-evil0001"
ELSEWHERE = "http://127.0.0.1:9/elsewhere"
#: What templates, shells, YAML, XML, HTML, paths, terminals and spreadsheets would each act upon.
EVIL = (
    "{{ lookup('pipe', 'touch templated') }}{% import 'os' as x %}$(touch ran)`touch ran`; touch ran\n"
    "!!python/object/apply:os.system ['touch ran'] <!DOCTYPE x SYSTEM \"file:///etc/passwd\">]]><script src="
    f"{ELSEWHERE}></script><img src={ELSEWHERE}>../../../../tmp/escaped=cmd|'/c calc'!A1\x1b]0;evil\x07\u202e{ELSEWHERE}"
)
#: How a server can point elsewhere, or hand out more than text.
ANSWERS = {
    "text": [],
    "redirect": [{"name": "redirect", "location": ELSEWHERE}],
    "error": [{"name": "api_error", "code": EVIL, "message": EVIL, "code_desc": EVIL}],
    "html": [{"name": "html"}],
    "gzip bomb": [{"name": "gzip_bomb", "bytes": 64 << 20}],
}
#: Of whatever Python tells of: what starts a process or code, and what changes or makes a file.
RUNNING = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"}
RUNNING |= {"pty.spawn", "ctypes.dlopen", "marshal.loads", "pickle.find_class", "code.__new__"}
CHANGING = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link", "os.symlink"}
CHANGING |= {"os.truncate", "os.utime", "shutil.copyfile", "shutil.move", "shutil.rmtree", "tempfile.mkstemp"}
TEMPLATES = os.path.normpath(_report_html._TEMPLATES)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Notes what Python tells of while it is on: a hook can't be taken out again."""

    def __init__(self):
        self.on = False
        self.ran, self.changed, self.connected = set(), set(), set()
        sys.addaudithook(self._note)

    def _note(self, event, args):
        if not self.on:
            return
        if event == "exec":
            # The page's own templates become code; a text that does is called "<template>" or the like.
            if not args[0].co_filename.startswith(TEMPLATES):
                self.ran.add(f"exec {args[0].co_filename}")
        elif event in RUNNING:
            self.ran.add(event)
        elif event in CHANGING:
            self.changed.update(arg for arg in args[:2] if isinstance(arg, str))
        elif event == "open" and isinstance(args[0], str) and args[2] & _WRITING:
            self.changed.add(args[0])
        elif event == "socket.connect" and isinstance(args[1], tuple):
            self.connected.add(args[1][:2])
        elif event == "socket.getaddrinfo":
            self.connected.add((args[0], args[1]))


@pytest.fixture(scope="module")
def watch():
    return Watch()


def fleet():
    backups = [{"start": f"-{hours}h", "remark": EVIL} for hours in (1, 13, 25)]
    instance = {"id": ONE, "region": "ap-guangzhou", "name": EVIL, "project_name": EVIL, "tags": {EVIL: EVIL}}
    return {"instances": [{**instance, "backups": backups}]}


def backups(options, folder):
    return run_main(crs_backup_info.main, {**_given(options), "instance_ids": [ONE]})[2]


def instances(options, folder):
    return run_main(crs_instance_info.main, _given(options))[2]


def configs(options, folder):
    return run_main(crs_backup_config_info.main, {**_given(options), "instance_ids": [ONE]})[2]


def role(options, folder):
    target = Scope(options, {}).target(ONE, {f"{PREFIX}max_age": "26h", f"{PREFIX}min_usable": 2})
    record = run.run(run.connect_all([target]), "report")
    return "".join(_text(path) for path in write.write_all(record, str(folder))[0].values())


def inventory(options, folder):
    environ = {f"TENCENTCLOUD_{name.upper()}": options[name] for name in ("secret_id", "secret_key")}
    options = {name: value for name, value in options.items() if name not in hosts.SECRETS}
    try:
        listed = hosts.read(hosts.Source(None, options), lambda dialect: ALL, Keyring(environ, home="/nowhere"))
    except CrsError as error:
        return str(error)
    return repr([hosts.variables(record, listed) for record in listed.records])


def _given(options):
    return {name: value for name, value in options.items() if value is not None}


def _text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("surface", [backups, instances, configs, role, inventory])
@pytest.mark.parametrize("answer", ANSWERS)
def test_nothing_is_run_and_nobody_else_is_asked(serve, watch, tmp_path, answer, surface, version):
    emulator = serve(fleet())
    folder = tmp_path / "report"
    options = {name: entry.get("default") for name, entry in connection_spec().items()}
    options.update(api_version=version, region="ap-guangzhou", endpoint=emulator.url, retries=0, timeout=60)
    options.update({name: DEFAULT_CREDENTIALS[name] for name in ("secret_id", "secret_key")})
    # Once before, so that what is imported late is there.
    surface(dict(options), folder)

    emulator.set_faults(ANSWERS[answer])
    for seen in (watch.ran, watch.changed, watch.connected):
        seen.clear()
    watch.on = True
    try:
        shown = surface(dict(options), folder)
    finally:
        watch.on = False

    assert shown
    assert watch.ran == set()
    assert watch.connected <= {("127.0.0.1", emulator.port)}
    assert watch.connected or (surface, version) == (configs, "v2")
    outside = {
        path for path in watch.changed if os.path.commonpath([str(folder), os.path.abspath(path)]) != str(folder)
    }
    assert outside == set()
    assert bool(watch.changed) is (surface is role)
    assert {path.name for path in tmp_path.rglob("*")} <= {"report", _record.FILE_NAME, *_files()}
    assert (os.path.exists("ran"), os.path.exists("templated")) == (False, False)


def _files():
    return {report.file_name for report in REPORTS}


@pytest.mark.parametrize("act", ["process", "file", "connection", "template"])
def test_the_watch_sees(watch, tmp_path, act):
    """Else the test above would prove nothing."""
    watch.on = True
    try:
        if act == "process":
            subprocess.run(["true"], check=True)
        elif act == "file":
            (tmp_path / "made").write_text("")
        elif act == "connection":
            with socket.socket() as one:
                one.connect_ex(("127.0.0.1", 9))
        else:
            Environment().from_string("{{ 1 }}")
    finally:
        watch.on = False
    assert {
        "process": "subprocess.Popen" in watch.ran,
        "file": str(tmp_path / "made") in watch.changed,
        "connection": ("127.0.0.1", 9) in watch.connected,
        "template": "exec <template>" in watch.ran,
    }[act]


def test_evil_text_is_shown_as_text(serve, tmp_path):
    """It does arrive, whole, or the tests above would prove nothing."""
    emulator = serve(fleet())
    options = {name: entry.get("default") for name, entry in connection_spec().items()}
    options.update(api_version="v3", region="ap-guangzhou", endpoint=emulator.url)
    options.update({name: DEFAULT_CREDENTIALS[name] for name in ("secret_id", "secret_key")})
    (instance,) = json.loads(instances(dict(options), tmp_path))["instances"]
    assert instance["instance_name"] == EVIL and instance["tags"] == {EVIL: EVIL}
    role(options, tmp_path)
    assert json.loads(_text(tmp_path / _record.FILE_NAME))["instances"][0]["instance_name"] == EVIL
    page = _text(tmp_path / "report.html")
    assert ELSEWHERE in html.unescape(page)
    assert f"<script src={ELSEWHERE}" not in page and f"<img src={ELSEWHERE}" not in page
