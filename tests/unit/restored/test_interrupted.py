# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is ended in any phase: a signal lets it wipe first, and what a killed one leaves behind the next one removes."""

from __future__ import annotations

import os
import signal
import time

import fake_server
import pytest
from emulator.rdb import Snapshot
from fake_server import good_check
from traces import CONFIDENTIAL, SECONDS, children, lives

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import run, sandbox, workdir

DATA = Snapshot(10, created=1).database(0).keys(2, CONFIDENTIAL).data()
PHASES = {
    "download": {"faults": [{"name": "drip", "api": "cos", "delay": 0.5}]},
    "check": {"check": ("hang", 0)},
    "load": {"serve": "hang"},
}


@pytest.fixture
def begun(source, emulator, work_dir, tmp_path, monkeypatch):
    """`begun(phase)` is the process of a run that is in that phase, and its children."""
    monkeypatch.setattr(sandbox, "candidates", lambda wanted: [sandbox.Box("limits")])

    def start(phase, faults=(), check=None, serve=None):
        path = fake_server.write(tmp_path / "server", check or good_check(len(DATA), 2), serve)
        emulator.set_faults(list(faults))
        file = source(DATA)
        settings = run.Settings(servers=[path], download_hosts=["127.0.0.1"], work_dir=work_dir, max_memory=1 << 30)
        pid = os.fork()
        if pid == 0:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            run.run([file], settings, run.Expected())
            os._exit(0)
        await_phase(pid, phase, work_dir)
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as stream:
            return pid, [int(word) for word in stream.read().split()]

    return start


def await_phase(pid, phase, work_dir):
    deadline = time.monotonic() + SECONDS
    while not has_reached(pid, phase, work_dir):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_reached(pid, phase, work_dir):
    dumps = [f"{work_dir}/{name}/{sandbox.DUMP}" for name in os.listdir(work_dir)]
    if phase == "download":
        return any(map(os.path.exists, dumps))
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as stream:
        lines = [command(child) for child in stream.read().split()]
    return any(
        "server" in line and ("--port" in line) == (phase == "load") and "--version" not in line for line in lines
    )


def command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""


def check_all_are_gone(pids):
    deadline = time.monotonic() + SECONDS
    while any(map(lives, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal(begun, work_dir, phase, number):
    pid, started = begun(phase, **PHASES[phase])
    os.kill(pid, number)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == number
    assert os.listdir(work_dir) == []
    check_all_are_gone(started)


@pytest.mark.parametrize("phase", PHASES)
def test_a_kill(begun, work_dir, phase):
    pid, started = begun(phase, **PHASES[phase])
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    check_all_are_gone(started)
    assert len(os.listdir(work_dir)) == 1
    with workdir.private(work_dir) as folder:
        assert os.listdir(work_dir) == [os.path.basename(folder)]
    assert os.listdir(work_dir) == [] and children() == []


def test_a_run_beside_it_is_left_alone(begun, work_dir):
    pid, _started = begun("load", **PHASES["load"])
    assert workdir.sweep(work_dir) == 0 and len(os.listdir(work_dir)) == 1
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
