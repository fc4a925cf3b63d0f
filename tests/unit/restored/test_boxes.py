# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program sees and may do in each kind of box; a file can make a server run code, so this is what that code has."""

from __future__ import annotations

import os
import socket
import sys
import time

import pytest
from emulator.rdb import Snapshot
from traces import MEMORY, SECONDS, check_nothing_is_left, lives

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import sandbox, workdir

#: A Python that a sandbox has: one below /usr.
PYTHON = next((path for path in ("/usr/bin/python3",) if os.path.exists(path)), None)
BOUNDS = sandbox.Bounds(MEMORY, SECONDS)


def boxes(*kinds):
    return [box for box in sandbox.candidates("auto") if box.kind in kinds]


def run(box, folder, code, *arguments, bounds=BOUNDS, python=PYTHON, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    return box.run(python, ["python3", "-I", "-S", "-c", code, *arguments], folder, bounds, deadline)


@pytest.fixture
def folder(work_dir):
    with workdir.private(work_dir) as folder:
        yield folder
    check_nothing_is_left(work_dir)


@pytest.fixture
def sandboxes(bwrap):
    if PYTHON is None:
        pytest.skip("expected: no Python below /usr, which a sandbox could run")
    return boxes("bwrap")


# The sandbox itself sets PWD, and Python LC_CTYPE.
SEEN = """
import os
print([os.path.join(parent, name) for top in ("/etc", "/proc") for parent, _, names in os.walk(top) for name in names])
print(sorted(set(os.listdir("/")) - {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr"}), sorted(set(os.environ) - {"PWD", "LC_CTYPE"}), os.listdir("."))
print(sorted(os.listdir("/work")))
"""


def test_a_sandbox_has_no_files_and_no_environment(sandboxes, folder, monkeypatch):
    monkeypatch.setenv("CRS_MADEUP_VARIABLE", "madeupSomethingKey")
    for box in sandboxes:
        ending = run(box, folder, SEEN)
        assert ending.output.decode().splitlines() == [
            str(list(sandbox._FILES)),
            "['dev', 'etc', 'proc', 'programs', 'work'] [] []",
            "[]",
        ]


def test_a_sandbox_has_no_network(sandboxes, folder):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"
        port = str(listening.getsockname()[1])
        assert run(boxes("limits")[0], folder, code, port, python=sys.executable).status == 0
        for box in sandboxes:
            ending = run(box, folder, code, port)
            assert ending.status == 1 and b"Error" in ending.output


def test_a_sandbox_can_change_nothing_but_its_folder(sandboxes, folder):
    with open(os.path.join(folder, sandbox.DUMP), "wb") as file:
        file.write(Snapshot(6).data())
    code = "import sys; open(sys.argv[1], 'ab').write(b'x')"
    for number, box in enumerate(sandboxes):
        assert run(box, folder, code, f"/work/new{number}").status == 0
        for path in ("/usr/new", "/work/" + sandbox.DUMP, *sandbox._FILES, "/programs/python3"):
            assert run(box, folder, code, path).status == 1, path


LIMITS = """
import os, resource
names = "CORE AS FSIZE CPU NOFILE".split()
print([resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in names])
print(resource.getrlimit(resource.RLIMIT_NPROC)[0] < 100000, os.getuid(), os.getgroups())
"""


@pytest.mark.parametrize("kind", ["bwrap", "user", "limits"])
def test_limits(folder, kind):
    for box in boxes(kind):
        ending = run(box, folder, LIMITS, python=sys.executable if kind == "limits" else PYTHON)
        first, second = ending.output.decode().splitlines()
        megabytes = 4 << 20
        assert first == str([(0, 0), (MEMORY, MEMORY), (megabytes,) * 2, (61, 61), (256, 256)])
        assert second.startswith("True ")
        if kind == "user":
            assert second == f"True {box.user} []"


def test_root_becomes_somebody_else():
    strictest = sandbox.candidates("auto")[0]
    assert (strictest.user is None) == (os.geteuid() != 0)


def test_no_more_rights(folder):
    """No program that it starts gains any."""
    with open("/proc/self/status", encoding="ascii") as file:
        assert "NoNewPrivs:\t0" in file.read()
    ending = run(boxes("limits")[0], folder, "print(open('/proc/self/status').read())", python=sys.executable)
    assert b"NoNewPrivs:\t1" in ending.output


def test_the_limit_of_memory(folder):
    for box in boxes("limits"):
        ending = run(
            box, folder, "x = 'x' * (400 << 20)", bounds=sandbox.Bounds(300 << 20, SECONDS), python=sys.executable
        )
        assert ending.status == 1 and b"MemoryError" in ending.output


def test_at_the_deadline_all_of_it_is_gone(folder):
    code = "import os, time; os.fork(); os.setsid() if os.fork() else None; time.sleep(600)"
    for box in boxes("limits"):
        began = time.monotonic()
        assert (
            run(box, folder, "import os, time; os.fork(); time.sleep(600)", python=sys.executable, seconds=0.3) is None
        )
        assert time.monotonic() - began < SECONDS
    for box in boxes("bwrap"):
        assert run(box, folder, code, seconds=0.3) is None


def test_a_flood_of_output_is_read_and_dropped(folder):
    code = "import os\nfor _ in range(100): os.write(1, b'x' * 65536)\nos.write(1, b'end')"
    ending = run(boxes("limits")[0], folder, code, python=sys.executable)
    assert ending.status == 0 and ending.output.endswith(b"xend") and len(ending.output) == 1 << 14


def test_one_that_closes_its_output_goes_on(folder):
    code = "import os, time; os.close(1); os.close(2); time.sleep(0.2)"
    assert run(boxes("limits")[0], folder, code, python=sys.executable).status == 0


def test_what_it_started_ends_with_it(folder):
    code = "import os, time; pid = os.fork(); print(pid, flush=True) if pid else time.sleep(600)"
    ending = run(boxes("limits")[0], folder, code, python=sys.executable)
    assert ending.status == 0
    # Killed already, but that takes a moment.
    deadline = time.monotonic() + SECONDS
    while lives(int(ending.output)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


ESCAPE = """
import os, time
reading, writing = os.pipe()
if os.fork():
    os.read(reading, 1)
else:
    os.setsid()
    os.write(writing, b"x")
    time.sleep(0.2)
    os.write(1, b"late")
"""


def test_one_that_escaped_is_waited_for(folder):
    """Without a sandbox, a process can leave the group that is killed. What it says afterwards is ignored."""
    ending = run(boxes("limits")[0], folder, ESCAPE, python=sys.executable)
    assert ending.status == 0 and ending.output == b""
