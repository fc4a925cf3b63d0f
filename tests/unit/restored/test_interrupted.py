# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is ended in any phase: a signal lets it wipe first, and what a killed one leaves behind the next one removes.

Before these phases, while it lists and asks for addresses, a run has neither a folder nor a process.
"""

from __future__ import annotations

import glob
import json
import os
import signal
import subprocess
import sys
import time

import fake_server
import interrupted_run
import pytest
from emulator.rdb import Snapshot
from fake_server import HANG, good_check, good_serve
from traces import CONFIDENTIAL, SECONDS, below, lives, read

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import sandbox, workdir

DATA = Snapshot(10, created=1).database(0).keys(2, CONFIDENTIAL).data()
#: phase: what keeps a run in it.
PHASES = {
    "start": {"version": HANG},
    "address": {"stop": "address"},
    "download": {"faults": [{"name": "drip", "api": "cos", "delay": 0.5}]},
    "check": {"check": (HANG, 0)},
    "load": {"serve": HANG},
    "count": {"serve": {**good_serve(), "INFOpersistence": [HANG]}},
    "canary": {"serve": {**good_serve(), "STRLEN": [HANG]}},
    "wipe": {"stop": "wipe"},
}
LOOP = Snapshot(10, created=1).functions("#!lua name=madeup\nwhile true do end").database(0).keys(2, CONFIDENTIAL)


def settings(source, emulator, server, work_dir, data=DATA, faults=(), stop=None, box="limits"):
    """Return what `interrupted_run` is given."""
    emulator.set_faults(list(faults))
    given = {"address": source(data).address(), "size": 0, "server": server, "work_dir": work_dir}
    return json.dumps({**given, "box": box, "stop": stop})


@pytest.fixture
def begun(source, emulator, work_dir):
    """`begun(file, server, ...)` is the process of a run; if it still runs at the end of a test, it is killed."""
    running = []

    def start(data, server, faults=(), stop=None, box="limits"):
        given = settings(source, emulator, server, work_dir, data, faults, stop, box)
        running.append(subprocess.Popen([sys.executable, interrupted_run.__file__, given]))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def reached(begun, work_dir, tmp_path):
    """`reached(phase)` is the process of a run that is in that phase, and all that it has started."""

    def start(phase, check=None, serve=None, version=fake_server.VERSION, **more):
        path = tmp_path / "server"
        server = fake_server.write(path, check or good_check(len(DATA), 2), serve or good_serve(), version)
        process = begun(DATA, server, **more)
        name = sandbox.DUMP if phase == "download" else fake_server.REACHED
        wait_until(lambda: any(os.path.exists(f"{work_dir}/{folder}/{name}") for folder in os.listdir(work_dir)))
        return process, below(process.pid)

    return start


def wait_until(true):
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def check_all_are_gone(pids):
    wait_until(lambda: not any(map(lives, pids)))


@pytest.mark.parametrize(
    "phase, number", [*((phase, signal.SIGTERM) for phase in PHASES), ("load", signal.SIGINT), ("load", signal.SIGHUP)]
)
def test_a_signal(reached, work_dir, phase, number):
    process, started = reached(phase, **PHASES[phase])
    process.send_signal(number)
    assert process.wait() == -number
    assert os.listdir(work_dir) == []
    check_all_are_gone(started)


def test_the_end_of_whoever_started_it(source, emulator, work_dir, tmp_path):
    """Killed alone, as Ansible may be, it takes the test along, and that wipes first."""
    server = fake_server.write(tmp_path / "server", good_check(len(DATA), 2), HANG)
    code = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"
    command = [sys.executable, "-c", code, interrupted_run.__file__, settings(source, emulator, server, work_dir)]
    with subprocess.Popen(command) as parent:
        try:
            wait_until(lambda: glob.glob(f"{work_dir}/*/{fake_server.REACHED}"))
            started = below(parent.pid)
        finally:
            parent.kill()
    check_all_are_gone(started)
    assert os.listdir(work_dir) == []


# Of a process that is killed, coverage learns nothing.
@pytest.mark.without_coverage
@pytest.mark.parametrize("phase", PHASES)
def test_a_kill(reached, work_dir, phase):
    """It takes its server along, and the next run wipes. Meanwhile a run beside it is left alone."""
    process, started = reached(phase, **PHASES[phase])
    assert bool(started) == (phase not in ("address", "download", "wipe"))
    assert workdir.sweep(work_dir) == 0 and len(os.listdir(work_dir)) == 1
    process.kill()
    process.wait()
    check_all_are_gone(started)
    assert len(os.listdir(work_dir)) == 1
    with workdir.private(work_dir) as folder:
        assert os.listdir(work_dir) == [os.path.basename(folder)]
    assert os.listdir(work_dir) == []


def serves(pid):
    """Tell whether it is a server, in a sandbox or without one, and not one that is asked for its version."""
    arguments = read(f"/proc/{pid}/cmdline")
    return arguments.startswith(("/programs/redis-server", "redis-server")) and "--version" not in arguments


@pytest.mark.without_coverage
@pytest.mark.parametrize(
    "box, number",
    [("bwrap", signal.SIGTERM), ("bwrap", signal.SIGKILL), ("user", signal.SIGKILL), ("limits", signal.SIGKILL)],
)
def test_the_end_of_a_real_server_in_each_box(begun, work_dir, redis_server, bwrap, box, number):
    """One that runs a file's code for ever. In a sandbox it is a grandchild of the run."""
    if box not in {one.kind for one in sandbox.candidates("auto")}:
        pytest.skip("expected: only root can become another user")
    process = begun(LOOP.data(), redis_server, box=box)
    wait_until(lambda: any(map(serves, below(process.pid))))
    started = below(process.pid)
    assert len(started) >= (2 if box == "bwrap" else 1)
    process.send_signal(number)
    assert process.wait() == -number
    check_all_are_gone(started)
    with workdir.private(work_dir) as folder:
        assert os.listdir(work_dir) == [os.path.basename(folder)]
