# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is ended in any phase: a signal lets it wipe first, and what a killed one leaves behind the next one removes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import fake_server
import interrupted_run
import pytest
from emulator.rdb import Snapshot
from fake_server import good_check
from traces import CONFIDENTIAL, SECONDS, lives

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import sandbox, workdir

DATA = Snapshot(10, created=1).database(0).keys(2, CONFIDENTIAL).data()
PHASES = {
    "download": {"faults": [{"name": "drip", "api": "cos", "delay": 0.5}]},
    "check": {"check": ("hang", 0)},
    "load": {"serve": "hang"},
}


@pytest.fixture
def begun(source, emulator, work_dir, tmp_path):
    """`begun(phase)` is the process of a run that is in that phase, and its children."""
    running = []

    def start(phase, faults=(), check=None, serve=None):
        server = fake_server.write(tmp_path / "server", check or good_check(len(DATA), 2), serve)
        emulator.set_faults(list(faults))
        command = [sys.executable, interrupted_run.__file__, source(DATA).address(), server, work_dir]
        running.append(subprocess.Popen(command))
        pid = running[-1].pid
        await_phase(pid, phase, work_dir)
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as stream:
            return running[-1], [int(word) for word in stream.read().split()]

    yield start
    for process in running:
        process.kill()
        process.wait()


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
    # The program itself, not what starts it: the fake is a script of this interpreter.
    lines = [line for line in lines if "-IS" in line and "launch.py" not in line and "--version" not in line]
    return any(("--port" in line) == (phase == "load") for line in lines)


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


@pytest.mark.parametrize(
    "phase, number",
    [("download", signal.SIGTERM), ("load", signal.SIGTERM), ("load", signal.SIGINT)],
)
def test_a_signal(begun, work_dir, phase, number):
    process, started = begun(phase, **PHASES[phase])
    process.send_signal(number)
    assert process.wait() == -number
    assert os.listdir(work_dir) == []
    check_all_are_gone(started)


def test_the_end_of_whoever_started_it(source, emulator, work_dir, tmp_path):
    """Killed alone, as Ansible may be, it takes the test along, and that wipes first."""
    server = fake_server.write(tmp_path / "server", good_check(len(DATA), 2), "hang")
    emulator.set_faults([])
    code = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"
    command = [sys.executable, "-c", code, interrupted_run.__file__, source(DATA).address(), server, work_dir]
    with subprocess.Popen(command) as parent:
        try:
            pid = await_child(parent.pid)
            await_phase(pid, "load", work_dir)
        finally:
            parent.kill()
    check_all_are_gone([pid])
    assert os.listdir(work_dir) == []


def await_child(pid):
    deadline = time.monotonic() + SECONDS
    while True:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as stream:
            found = stream.read().split()
        if found:
            return int(found[0])
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("phase", PHASES)
def test_a_kill(begun, work_dir, phase):
    """It takes its server along, and the next run wipes. Meanwhile a run beside it is left alone."""
    process, started = begun(phase, **PHASES[phase])
    assert workdir.sweep(work_dir) == 0 and len(os.listdir(work_dir)) == 1
    process.kill()
    process.wait()
    check_all_are_gone(started)
    assert len(os.listdir(work_dir)) == 1
    with workdir.private(work_dir) as folder:
        assert os.listdir(work_dir) == [os.path.basename(folder)]
    assert os.listdir(work_dir) == []
