# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file whose code tries to reach out, in a real server: by what that code may call, and by what its process could reach at all."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

import pytest
from emulator.rdb import Snapshot
from traces import MEMORY, SECONDS, below, check_nothing_is_left, outcome_of, read

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import programs, sandbox, server, workdir

pytestmark = pytest.mark.without_coverage

SECRET = "madeupSomethingKey"
#: How its arguments begin, without a sandbox and in one.
SERVERS = ("redis-server", "/programs/redis-server")
#: What code might want of files, the environment, other programs, the network and the server; %d is a port of this machine.
WANTED = [
    "io.open('/etc/passwd')",
    "os.getenv('CRS_MADEUP_VARIABLE')",
    "os.execute('true')",
    "loadfile('/etc/passwd')",
    "require('socket')",
    "redis.call('GET', 'madeup:1')",
    "redis.call('CONFIG', 'SET', 'dir', '/tmp')",
    "redis.call('REPLICAOF', '127.0.0.1', '%d')",
]
CODE = "#!lua name=madeup\nlocal got = %s\nredis.register_function('f', function() return 1 end)"


@pytest.mark.parametrize("wanted", WANTED)
def test_code_of_a_file_reaches_nothing(restore, redis_server, strict, wanted):
    """A server knows such words only from those who are connected; that the code doesn't come to its end is an error of the file."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        code = CODE % wanted.replace("%d", str(listening.getsockname()[1]))
        data = Snapshot(10).functions(code).database(0).keys(2, "madeup").data()
        assert outcome_of(restore(data, **strict)) == ("failed", "server_refused")
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_code_that_wants_nothing_of_it_comes_to_its_end(restore, redis_server, strict):
    data = Snapshot(10).functions(CODE % "redis.LOG_WARNING").database(0).keys(2, "madeup").data()
    assert outcome_of(restore(data, **strict)) == ("passed", None)


@pytest.fixture
def loading(redis_server, work_dir, monkeypatch):
    """`loading(box)` is the process of a server that is at a file's code, which never ends."""
    monkeypatch.setenv("CRS_MADEUP_VARIABLE", SECRET)
    data = Snapshot(10).functions("#!lua name=madeup\nwhile true do end").database(0).keys(2, "madeup").data()
    started = []
    with workdir.private(work_dir) as folder:
        with open(os.path.join(folder, sandbox.DUMP), "wb") as file:
            file.write(data)

        def start(box):
            (program,) = programs.find([redis_server], [box], folder)
            started.append(server.Server(program, folder, sandbox.Bounds(MEMORY, SECONDS)))
            deadline = time.monotonic() + SECONDS
            # Code that runs takes time of the processor.
            while True:
                pid = ([started[-1]._child.pid, *below(started[-1]._child.pid)])[-1]
                if read(f"/proc/{pid}/cmdline").startswith(SERVERS) and seconds_of(pid) > 0.2:
                    return pid
                assert time.monotonic() < deadline
                time.sleep(0.01)

        yield start
        for one in started:
            one.kill()
    check_nothing_is_left(work_dir)


def seconds_of(pid):
    """Return the processor's time of a process, 0 of one that is gone."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK") if fields else 0


def environment(pid):
    return {entry.partition("=")[0] for entry in read(f"/proc/{pid}/environ").split("\0") if entry}


def networks(pid):
    return {line.partition(":")[0].strip() for line in read(f"/proc/{pid}/net/dev").splitlines()[2:]}


def files(pid):
    """Return the files that a process has open, without pipes, sockets and the like."""
    links = [os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")]
    return {link for link in links if link.startswith("/")}


def can_see(pid, path):
    return os.path.lexists(f"/proc/{pid}/root{path}")


@pytest.fixture
def killed():
    """A server that runs code is killed from outside."""

    def kill():
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for pid in below(os.getpid()):
                if read(f"/proc/{pid}/cmdline").startswith(SERVERS) and seconds_of(pid) > 0.2:
                    os.kill(pid, signal.SIGKILL)
                    return
            time.sleep(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    yield
    thread.join()


@pytest.mark.usefixtures("killed")
def test_a_server_that_is_killed_from_outside_says_nothing_of_the_file(restore, redis_server, strict):
    data = Snapshot(10).functions("#!lua name=madeup\nwhile true do end").database(0).keys(2, "madeup").data()
    assert outcome_of(restore(data, **strict)) == ("unknown", "killed")


def test_what_a_server_in_a_sandbox_could_reach(loading, bwrap):
    """Even code that got hold of the whole process."""
    pid = loading(sandbox.candidates("require")[0])
    assert environment(pid) <= {"PWD"}
    assert networks(pid) == {"lo"} and os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")
    assert files(pid) == {"/dev/null", "/work/dump.rdb"}
    assert set(os.listdir(f"/proc/{pid}/root/etc")) == {"ld.so.cache"}
    # Of the kernel, one number: see sandbox._FILES.
    assert [found[1:] for found in os.walk(f"/proc/{pid}/root/proc")] == [
        (["sys"], []),
        (["vm"], []),
        ([], ["overcommit_memory"]),
    ]
    for path in (
        "/etc/passwd",
        "/home",
        "/root",
        "/tmp",
        "/var",
        "/run",
        "/proc/self",
        "/sys",
        os.path.abspath(__file__),
    ):
        assert not can_see(pid, path), path
    status = dict(line.partition(":\t")[::2] for line in read(f"/proc/{pid}/status").splitlines())
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0 and status["NoNewPrivs"] == "1"


def test_without_a_sandbox_it_could_reach_more(loading):
    """So that the test before says something; its environment is empty here, too."""
    pid = loading(sandbox.Box("limits"))
    assert environment(pid) == set() and can_see(pid, "/etc/passwd")
    assert os.readlink(f"/proc/{pid}/ns/net") == os.readlink("/proc/self/ns/net")
