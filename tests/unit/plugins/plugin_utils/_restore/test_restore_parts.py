# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small parts of a restore test: words, room, versions, the checker's text, the client, folders, signals and limits."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import (
    checker,
    child,
    launch,
    programs,
    rdb,
    resp,
    sandbox,
    signals,
    space,
    workdir,
)
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.outcomes import WORDS, NotPassed

# Words


@pytest.mark.parametrize("word", WORDS)
def test_each_word_has_an_outcome_and_a_text(word):
    problem = NotPassed(word, "7 of 9")
    assert problem.outcome == WORDS[word].outcome and problem.outcome in ("failed", "unknown")
    assert str(problem).startswith(WORDS[word].text + " (7 of 9)") and str(problem).endswith(WORDS[word].remedy or ")")
    assert str(NotPassed(word)).startswith(WORDS[word].text) and "(" not in str(NotPassed(word)).partition(":")[0]


# Room


def test_room_on_disk(monkeypatch):
    free = os.statvfs_result((4096, 4096, 100, 100, 100, 0, 0, 0, 0, 255))
    monkeypatch.setattr(space.os, "statvfs", lambda folder: free)
    space.check_disk("/x", 4096 * 100 * 20 // 21)
    with pytest.raises(NotPassed) as problem:
        space.check_disk("/x", 4096 * 96)
    assert problem.value.word == "no_disk_space"


def test_room_in_memory():
    space.check_memory(None, 1 << 27)
    space.check_memory(1000, 1300 + (64 << 20))
    for used, limit in ((1000, 1299 + (64 << 20)), (None, (64 << 20) - 1)):
        with pytest.raises(NotPassed) as problem:
            space.check_memory(used, limit)
        assert problem.value.word == "no_memory"


@pytest.mark.parametrize(
    "meminfo, limit, used, half",
    [
        ("MemTotal: 9 kB\nMemAvailable:    2048 kB\n", None, None, 1 << 20),
        ("MemAvailable:    2048 kB\n", "max\n", "5\n", 1 << 20),
        ("MemAvailable:    2048 kB\n", "1000\n", "200\n", 400),
        ("MemAvailable:    2048 kB\n", "100\n", "200\n", 0),
        (None, "1000\n", "0\n", 500),
        (None, None, None, 1 << 30),
    ],
)
def test_what_is_free(monkeypatch, tmp_path, meminfo, limit, used, half):
    for name, text in (("meminfo", meminfo), ("memory.max", limit), ("memory.current", used)):
        if text is not None:
            (tmp_path / name).write_text(text)
    monkeypatch.setattr(space, "_MEMINFO", str(tmp_path / "meminfo"))
    monkeypatch.setattr(space, "_CGROUP", str(tmp_path / "memory"))
    assert space.default_memory() == half


# Versions

HEADERS = {
    **{str(version): rdb.Header(False, version, {}) for version in (6, 9, 10, 11, 12, 13, 79, 80)},
    "VALKEY 80": rdb.Header(True, 80, {}),
    "VALKEY 11": rdb.Header(True, 11, {}),
    "VALKEY 81": rdb.Header(True, 81, {}),
}


@pytest.mark.parametrize(
    "product, version, readable",
    [
        ("redis", (6, 2, 14), []),
        ("redis", (7, 0, 15), ["6", "9", "10"]),
        ("redis", (7, 2, 5), ["6", "9", "10", "11"]),
        ("redis", (7, 4, 1), ["6", "9", "10", "11", "12"]),
        ("redis", (8, 2, 3), ["6", "9", "10", "11", "12"]),
        ("redis", (8, 4, 0), ["6", "9", "10", "11", "12", "13"]),
        ("valkey", (7, 2, 9), ["6", "9", "10", "11"]),
        ("valkey", (8, 1, 8), ["6", "9", "10", "11"]),
        ("valkey", (9, 1, 2), ["6", "9", "10", "11", "VALKEY 80"]),
    ],
)
def test_who_reads_what(product, version, readable):
    program = programs.Program("/usr/bin/x", product, version, sandbox.Box("limits"))
    assert [name for name, header in HEADERS.items() if program.reads(header)] == readable
    assert program.checker == f"{product}-check-rdb" and program.server == f"{product}-server"


def test_those_that_can_read_it_are_chosen():
    old = programs.Program("/1", "redis", (7, 0, 15), sandbox.Box("limits"))
    new = programs.Program("/2", "valkey", (9, 1, 2), sandbox.Box("limits"))
    again = old._replace(path="/3")
    assert programs.choose([old, new, again], HEADERS["10"]) == [old, new]
    assert programs.choose([new, again, old], HEADERS["10"]) == [new, again]
    assert programs.choose([old, new], HEADERS["11"]) == [new]
    for header, here, text in (
        (HEADERS["12"], [old, new], "REDIS version 12; here: redis 7.0.15, valkey 9.1.2"),
        (HEADERS["VALKEY 80"], [], "VALKEY version 80; here: none"),
    ):
        with pytest.raises(NotPassed, match=text) as problem:
            programs.choose(here, header)
        assert problem.value.word == "no_server"


def test_where_servers_are_looked_for(monkeypatch, tmp_path):
    for name in ("redis-server", "valkey-server"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.paths([]) == [str(tmp_path / "valkey-server"), str(tmp_path / "redis-server")]
    assert programs.paths(["/opt/redis"]) == ["/opt/redis"]
    # A relative entry of the PATH may be anybody's folder.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert programs.paths([]) == []
    with pytest.raises(InvalidOption, match=r"server 'redis-server' is not an absolute path: write it"):
        programs.check_paths([sys.executable, "redis-server"])


# The checker's text

TAIL = "[info] 3 keys read\n[info] 2 expires\n[info] 1 already expired\n"
SUM = "[offset 140] Checksum OK\n"
LOOKS = "[offset 140] \\o/ RDB looks OK! \\o/\n"
BAD = "--- RDB ERROR DETECTED ---\n[offset 9] %s\n[additional info] While doing: start\n" + TAIL


@pytest.mark.parametrize(
    "output, verified",
    [
        (SUM + LOOKS + TAIL, True),
        (SUM + LOOKS + TAIL + "[info] 0 subexpires\n", True),
        (
            SUM
            + "[offset 140] Check RDB returned error code 0 (0 means success)\n"
            + LOOKS
            + TAIL
            + "[info] 0 functions\n",
            True,
        ),
        ("[offset 140] RDB file was saved with checksum disabled: no check performed.\n" + LOOKS + TAIL, False),
    ],
)
def test_a_good_file(output, verified):
    ending = child.Ending(0, 0, b"[offset 0] Checking\n" + output.encode())
    assert checker.read(ending, 140, sandbox.Bounds(1 << 30, 1)) == (3, 2, verified)


@pytest.mark.parametrize(
    "status, output, word",
    [
        (0, SUM + LOOKS + TAIL + "x\n", "checker_unusable"),
        (0, "[offset 9] AUX FIELD a = '\n" + SUM + LOOKS + TAIL + "'\n", "checker_unusable"),
        (0, LOOKS + TAIL, "checker_unusable"),
        (1, SUM + LOOKS + TAIL, "checker_unusable"),
        (1, "[offset 0] Checking RDB file dump.rdb\n", "checker_unusable"),
        (134, "", "checker_unusable"),
        (0, BAD % "RDB CRC error", "checker_unusable"),
        (1, BAD % "Unexpected EOF reading RDB file", "cut_short"),
        (1, BAD % "RDB CRC error", "checksum_mismatch"),
        (1, BAD % "Wrong signature trying to load DB from file", "not_rdb"),
        (1, BAD % "Can't handle RDB format version 99", "no_server"),
        (1, BAD % "Invalid object type: 112", "corrupt"),
        (1, "--- RDB ERROR DETECTED ---\n", "corrupt"),
    ],
)
def test_a_file_that_is_not_good(status, output, word):
    with pytest.raises(NotPassed) as problem:
        checker.read(child.Ending(status, 0, output.encode()), 140, sandbox.Bounds(1 << 30, 1))
    assert problem.value.word == word


def test_it_has_to_read_the_file_to_its_end():
    with pytest.raises(NotPassed) as problem:
        checker.read(child.Ending(0, 0, (SUM + LOOKS + TAIL).encode()), 147, sandbox.Bounds(1 << 30, 1))
    assert problem.value.word == "trailing_bytes" and "7 bytes" in str(problem.value)


@pytest.mark.parametrize("peak, word", [((1 << 29) - 1, "checker_unusable"), (1 << 29, "memory_limit")])
def test_one_that_needs_half_of_the_limit_may_have_reached_it(peak, word):
    with pytest.raises(NotPassed) as problem:
        checker.read(child.Ending(134, peak, b""), 140, sandbox.Bounds(1 << 30, 1))
    assert problem.value.word == word


# The client


@pytest.fixture
def talk(tmp_path):
    """`talk(answer)` asks a server that answers so, piece by piece."""
    threads = []

    def ask(*pieces, waiting=lambda: None):
        path = str(tmp_path / "s")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()

            def answer():
                connection = listening.accept()[0]
                with connection, contextlib.suppress(BrokenPipeError):
                    connection.recv(4096)
                    for piece in pieces:
                        connection.sendall(piece)

            threads.append(threading.Thread(target=answer))
            threads[-1].start()
            client = resp.Client(path, waiting)
            try:
                return client.ask("GET", b"\xff")
            finally:
                client.close()
                threads[-1].join()
                os.unlink(path)

    return ask


@pytest.mark.parametrize(
    "pieces, value",
    [
        ([b"+PONG\r\n"], b"PONG"),
        ([b"+PO", b"NG\r", b"\n"], b"PONG"),
        ([b":-12\r\n"], -12),
        ([b"$3\r\na", b"\r\n\r\n"], b"a\r\n"),
        ([b"$200000\r\n" + b"x" * 200000 + b"\r\n"], b"x" * 200000),
        ([b"$-1\r\n"], None),
        ([b"$0\r\n\r\n"], b""),
    ],
)
def test_answers(talk, pieces, value):
    assert talk(*pieces) == value


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"+PON",
        b"*1\r\n",
        b"?\r\n",
        b"\r\n",
        b":x\r\n",
        b":\r\n",
        b"$-2\r\n",
        b"$8388609\r\n",
        b":" + b"1" * 20 + b"\r\n",
        b"x" * 5000,
    ],
)
def test_what_is_no_answer(talk, answer):
    with pytest.raises(resp.NoReply):
        talk(answer)


def test_errors_have_a_code_and_no_text(talk):
    with pytest.raises(resp.ServerError) as problem:
        talk(b"-LOADING madeup\r\n")
    assert str(problem.value) == problem.value.code == "LOADING"


def test_whoever_waits_may_give_up(tmp_path):
    class GivenUp(Exception):
        pass

    def give_up():
        raise GivenUp

    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        client = resp.Client(path, give_up)
        with pytest.raises(GivenUp):
            client.ask("PING")
        client.close()
    with pytest.raises(OSError):
        resp.Client(path, give_up)


def test_an_answer_that_comes_byte_by_byte_may_be_given_up(talk):
    class GivenUp(Exception):
        pass

    pieces = iter(range(3))

    def give_up_at_last():
        if next(pieces, None) is None:
            raise GivenUp

    with pytest.raises(GivenUp):
        talk(*([b"x"] * 900), waiting=give_up_at_last)


def test_a_connection_that_is_closed(tmp_path):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        client = resp.Client(path, lambda: None)
        listening.accept()[0].close()
        for _time in range(2):
            with pytest.raises(resp.NoReply):
                client.ask("PING")
        client.close()


# The walls of a sandbox


@pytest.mark.parametrize("dump", [True, False])
def test_walls(tmp_path, monkeypatch, dump):
    """The system's folders as they are, the test's own folder, and the file for reading only."""
    (tmp_path / "lib").symlink_to("usr/lib")
    (tmp_path / "bin").mkdir()
    if dump:
        (tmp_path / "dump.rdb").write_text("")
    monkeypatch.setattr(sandbox, "_SYSTEM", tuple(str(tmp_path / name) for name in ("bin", "lib", "lib32")))
    commands = []
    monkeypatch.setattr(sandbox, "Child", lambda command, folder: commands.append(command))
    sandbox.Box("bwrap", None, "/usr/bin/bwrap").start(
        "/opt/redis", ["redis-check-rdb", "a"], str(tmp_path), sandbox.Bounds(1, 1)
    )
    command = commands[0]
    line = " ".join(command.arguments)
    assert command.path == "/usr/bin/bwrap" and not command.no_new_privs and command.arguments[0] == "bwrap"
    assert "--unshare-all --die-with-parent --cap-drop ALL --ro-bind /usr /usr" in line
    assert f"--ro-bind {tmp_path}/bin {tmp_path}/bin --symlink usr/lib {tmp_path}/lib --ro-bind-try" in line
    assert f"--bind {tmp_path} /work" in line and (f"--ro-bind {tmp_path}/dump.rdb /work/dump.rdb" in line) == dump
    assert line.endswith("--ro-bind /opt/redis /programs/redis-check-rdb --chdir /work -- /programs/redis-check-rdb a")
    assert command.limits["AS"] == 192 << 20


@pytest.mark.parametrize(
    "user, bwrap, wanted, kinds",
    [
        (0, True, "auto", ["bwrap", "bwrap", "user", "limits"]),
        (0, True, "require", ["bwrap", "bwrap"]),
        (0, False, "auto", ["user", "limits"]),
        (1000, True, "auto", ["bwrap", "limits"]),
        (1000, False, "auto", ["limits"]),
        (1000, "./bwrap", "auto", ["limits"]),
        (1000, False, "require", []),
    ],
)
def test_which_boxes_there_are(monkeypatch, user, bwrap, wanted, kinds):
    monkeypatch.setattr(sandbox.os, "geteuid", lambda: user)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: {True: "/usr/bin/bwrap", False: None}.get(bwrap, bwrap))
    boxes = sandbox.candidates(wanted)
    assert [box.kind for box in boxes] == kinds
    assert all(box.is_sandbox == (box.kind == "bwrap") for box in boxes)
    assert not boxes or (boxes[0].user is None) == (user != 0)


@pytest.mark.parametrize(
    "make, given",
    [
        (lambda path: path.write_text(""), True),
        (lambda path: path.mkdir(), True),
        (lambda path: path.symlink_to(os.devnull), False),
        (lambda path: path.hardlink_to(os.path.dirname(path) + "/other"), False),
        (lambda path: None, False),
    ],
    ids=["file", "folder", "symbolic link", "hard link", "nothing"],
)
def test_what_is_given_to_another_user(tmp_path, monkeypatch, make, given):
    """Code of a file runs as this user, in this folder. It must not be given a file of root's that it makes a link to."""
    (tmp_path / "other").write_text("")
    make(tmp_path / "dump.rdb")
    owners = []
    monkeypatch.setattr(sandbox.os, "fchown", lambda descriptor, *owner: owners.append(owner))
    sandbox._give(str(tmp_path / "dump.rdb"), 61200)
    assert owners == [(61200, 61200)] * given


def test_root_gives_and_others_have_nothing_to_give(tmp_path, monkeypatch):
    paths = []
    monkeypatch.setattr(sandbox, "_give", lambda path, owner: paths.append((os.path.basename(path), owner)))
    for user in (0, 1000):
        monkeypatch.setattr(sandbox.os, "geteuid", lambda user=user: user)
        sandbox.Box("user", 61200 if user == 0 else None)._hand_over(str(tmp_path))
    sandbox.Box("bwrap", None)._hand_over(str(tmp_path))
    assert paths == [(tmp_path.name, 61200), ("dump.rdb", 61200)]


# A child


def test_a_child_may_be_killed_twice_and_asked_afterwards(tmp_path):
    box = sandbox.Box("limits")
    started = box.start("/bin/cat", ["cat", "/dev/zero"], str(tmp_path), sandbox.Bounds(1 << 30, 60))
    assert started.ended(0.01) is None
    ending = started.kill()
    assert ending.status == 137 and started.kill() is ending and started.ended() is ending


def test_a_child_that_is_gone_needs_no_room():
    assert child._reserved(1 << 30) == 0


# The folder


def test_a_folder_is_private_and_gone_afterwards(tmp_path):
    with workdir.private(str(tmp_path)) as folder:
        assert os.stat(folder).st_mode & 0o777 == 0o700 and os.path.dirname(folder) == str(tmp_path)
        os.makedirs(f"{folder}/a/b")
    assert os.listdir(tmp_path) == []


def test_it_is_gone_after_an_error(tmp_path):
    with pytest.raises(KeyError), workdir.private(str(tmp_path)):
        raise KeyError
    assert os.listdir(tmp_path) == []


def leftover(parent):
    """Make the folder of a killed run; return its path."""
    folder, lock = workdir._make(str(parent))
    os.close(lock)
    return Path(folder)


def test_leftovers_are_removed(tmp_path):
    left = leftover(tmp_path)
    (left / "e").mkdir()
    (left / "dump.rdb").write_text("madeup")
    with workdir.private(str(tmp_path)) as folder:
        # Its own lock holds for this process, too.
        assert workdir.sweep(str(tmp_path)) == 0 and os.listdir(tmp_path) == [os.path.basename(folder)]
    assert os.listdir(tmp_path) == []


def test_what_no_run_made_is_never_removed(tmp_path):
    """Above all the records: the default folder of them may be where the tests work."""
    left = leftover(tmp_path)
    left.rename(tmp_path / "moved")
    names = [
        "crs-restore-tests",
        "crs-restore-notes",
        workdir.PREFIX,
        f"{workdir.PREFIX}tests",
        left.name,
        f"{left.name}-2",
    ]
    names += [f"{workdir.PREFIX}abcdefgh", f"{workdir.PREFIX}1", f"{workdir.PREFIX}1-", f"x{left.name}"]
    for name in names:
        (tmp_path / name).mkdir(0o700)
        (tmp_path / name / "restore-test-crs-1.json").write_text("{}")
    (tmp_path / f"{workdir.PREFIX}2").write_text("a file")
    (tmp_path / f"{workdir.PREFIX}3").symlink_to(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with workdir.private(str(tmp_path)):
        pass
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_that_is_taken(tmp_path, monkeypatch):
    """By the copy of a leftover, which had this number on another disk."""
    rename = os.rename

    def take(made, folder):
        os.mkdir(folder)
        Path(folder, "dump.rdb").write_text("madeup")
        rename(made, folder)

    monkeypatch.setattr(workdir.os, "rename", take)
    with pytest.raises(InvalidOption, match="can't be used: Directory not empty"), workdir.private(str(tmp_path)):
        pass
    (copy,) = tmp_path.iterdir()
    assert os.listdir(copy) == ["dump.rdb"]


def test_a_copy_of_a_leftover_is_the_users(tmp_path):
    left = leftover(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    copy = tmp_path / "elsewhere" / left.name
    shutil.copytree(left, copy)
    assert workdir.sweep(str(copy.parent)) == 0 and copy.is_dir()


def test_folders_of_others_are_left_alone(tmp_path, monkeypatch):
    leftover(tmp_path)
    monkeypatch.setattr(workdir.os, "geteuid", lambda: 4711)
    assert workdir.sweep(str(tmp_path)) == 0 and len(os.listdir(tmp_path)) == 1


def test_a_folder_that_goes_away_meanwhile(tmp_path, monkeypatch):
    """Another run's sweep removes a leftover first, or a new folder that isn't locked yet."""
    leftover(tmp_path)
    opened = os.open

    def slow(path, flags, *mode, **more):
        if calls:
            calls.pop()
            os.rmdir(path)
        return opened(path, flags, *mode, **more)

    calls = [1, 2]
    monkeypatch.setattr(workdir.os, "open", slow)
    with workdir.private(str(tmp_path)) as folder:
        assert calls == [] and os.listdir(tmp_path) == [os.path.basename(folder)]


def test_a_folder_that_is_locked_by_a_sweep_is_not_taken(tmp_path, monkeypatch):
    answers = [False, True]
    lock = workdir._lock
    monkeypatch.setattr(workdir, "_lock", lambda descriptor: answers.pop(0) and lock(descriptor))
    with workdir.private(str(tmp_path)):
        assert answers == []


def test_a_run_beside_that_ends_meanwhile(tmp_path, monkeypatch):
    beside = leftover(tmp_path)
    entries = list(os.scandir(tmp_path))
    beside.rmdir()
    monkeypatch.setattr(workdir.os, "scandir", lambda parent: entries)
    assert workdir.sweep(str(tmp_path)) == 0


@pytest.mark.parametrize("place", ["flock", "open"])
@pytest.mark.parametrize("has_leftover", [True, False])
def test_a_parent_without_locks(tmp_path, monkeypatch, place, has_leftover):
    """Such as some network file systems, or too many open files: it must not make one folder after the other."""
    if has_leftover:
        leftover(tmp_path)
    opened = os.open

    def fail(path, *arguments, **more):
        if place == "open" and workdir.PREFIX not in str(path):
            return opened(path, *arguments, **more)
        if len(os.listdir(tmp_path)) > 5:
            pytest.exit("it goes on for ever")
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(workdir.fcntl if place == "flock" else workdir.os, place, fail)
    with pytest.raises(InvalidOption, match="can't be used: No locks"), workdir.private(str(tmp_path)):
        pass
    assert len(os.listdir(tmp_path)) == has_leftover


FIRST, LAST = sandbox.FIRST_USER, sandbox.FIRST_USER + sandbox.USERS - 1


@pytest.mark.parametrize(
    "pid, used, user",
    [
        (7, [], FIRST + 7),
        (7 + sandbox.USERS, [], FIRST + 7),
        *((7, [[FIRST + 7 if place == used else 0 for place in range(4)]], FIRST + 8) for used in range(4)),
        (7, [[FIRST + 7] * 4, [FIRST + 8] * 4, [FIRST + 6] * 4], FIRST + 9),
        (sandbox.USERS - 1, [[LAST] * 4], FIRST),
        (7, [[0] * 4, [FIRST + 6] * 4], FIRST + 7),
    ],
)
def test_root_becomes_a_user_of_no_process(tmp_path, monkeypatch, pid, used, user):
    for number, ids in enumerate(used):
        (tmp_path / str(number)).mkdir()
        text = "Name:\tx\nUid:\t{}\t{}\t{}\t{}\nGid:\t0\t0\t0\t0\n".format(*ids)
        (tmp_path / str(number) / "status").write_text(text)
    # One that has just ended, and entries that are not processes.
    (tmp_path / "99").mkdir()
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "status").write_text(f"Uid:\t{user}\t{user}\t{user}\t{user}\n")
    monkeypatch.setattr(sandbox, "_PROC", str(tmp_path))
    monkeypatch.setattr(sandbox.os, "geteuid", lambda: 0)
    monkeypatch.setattr(sandbox.os, "getpid", lambda: pid)
    assert [box.user for box in sandbox.candidates("auto") if box.kind == "user"] == [user]


def test_no_user_is_left(monkeypatch):
    monkeypatch.setattr(sandbox.os, "geteuid", lambda: 0)
    monkeypatch.setattr(sandbox, "_used", lambda: set(range(FIRST, LAST + 1)))
    with pytest.raises(NotPassed, match="each user id from 61184 to 65519 is in use") as problem:
        sandbox.candidates("auto")
    assert problem.value.word == "system_error"


def as_user(work):
    """Run ``work()`` as a user whom modes keep out; return whether it ended normally."""
    if os.geteuid() != 0:
        work()
        return True
    pid = os.fork()
    if pid == 0:
        try:
            os.setgid(61184)
            os.setuid(61184)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def closed(parent):
    """Make a folder with data in it that its owner can't open as it is; return it."""
    folder = str(leftover(parent))
    os.makedirs(f"{folder}/a/b")
    os.symlink("/", f"{folder}/a/link")
    for path in (f"{folder}/a/b", f"{folder}/a", folder):
        os.chmod(path, 0)
    return folder


def sweep_one(parent):
    closed(parent)
    assert workdir.sweep(parent) == 1


@pytest.mark.parametrize("wipe", [lambda parent: workdir._wipe(closed(parent)), sweep_one])
def test_code_of_a_file_can_not_lock_its_folder(wipe):
    with tempfile.TemporaryDirectory() as parent:
        os.chmod(parent, 0o777)
        assert as_user(lambda: wipe(parent)) and os.listdir(parent) == []


def test_folders_are_opened_and_links_are_not_followed(tmp_path, monkeypatch):
    """The same for a user who is root here, and is kept out by nothing."""
    remove, refused = workdir.shutil.rmtree, []

    def refuse(folder, ignore_errors):
        if any(not os.path.islink(path) and os.stat(path).st_mode & 0o777 == 0 for path in found):
            refused.append(folder)
        else:
            remove(folder)

    folder = closed(tmp_path)
    found = [folder, f"{folder}/a", f"{folder}/a/b"]
    changed = []
    change = os.chmod
    monkeypatch.setattr(workdir.shutil, "rmtree", refuse)
    monkeypatch.setattr(workdir.os, "chmod", lambda path, mode: changed.append(path) or change(path, mode))
    monkeypatch.setattr(workdir.os, "geteuid", lambda: 4711)
    workdir._wipe(folder)
    assert changed == found and refused == [folder] and os.listdir(tmp_path) == []


def test_a_folder_that_its_owner_can_not_open(tmp_path, monkeypatch):
    opened, modes = os.open, []

    def refuse(path, *arguments, **more):
        if str(path).startswith(str(tmp_path)) and os.stat(path).st_mode & 0o777 == 0:
            modes.append(0)
            raise PermissionError
        return opened(path, *arguments, **more)

    leftover(tmp_path).chmod(0)
    monkeypatch.setattr(workdir.os, "open", refuse)
    assert workdir.sweep(str(tmp_path)) == 1 and modes == [0] and os.listdir(tmp_path) == []


@pytest.mark.parametrize("name, text", [("none", "none' can't be used: No such file"), ("x" * 100, "too long")])
def test_a_parent_that_can_not_be(tmp_path, name, text):
    if name != "none":
        (tmp_path / name).mkdir()
    with pytest.raises(InvalidOption, match=text), workdir.private(str(tmp_path / name)):
        pass
    assert not any(os.scandir(tmp_path / name)) if name != "none" else True


def test_data_that_can_not_be_wiped_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(workdir.shutil, "rmtree", lambda folder, ignore_errors: None)
    with pytest.raises(workdir.NotWiped, match="remove it by hand"), workdir.private(str(tmp_path)):
        pass


# Signals


def test_a_signal_comes_after_the_block(monkeypatch):
    received = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        steps = []
        with pytest.raises(signals.Interrupted), signals.deferred():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                steps.append("not reached")
            finally:
                with signals.blocked():
                    # Another signal, from an impatient user, ends nothing early.
                    os.kill(os.getpid(), signal.SIGTERM)
                    steps.append("wiped")
                steps.append("to the end")
        assert steps == ["wiped", "to the end"] and received == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_signal_that_comes_while_something_is_wiped_waits():
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        steps = []
        with pytest.raises(signals.Interrupted), signals.deferred(), signals.blocked():
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("wiped")
        assert steps == ["wiped"]
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("first", [True, False], ids=["installed", "restored"])
def test_a_signal_while_handlers_change(monkeypatch, first):
    """It ends the block or comes afterwards, and each handler is restored."""
    received, change = [], signal.signal
    before = {number: change(number, lambda number, frame: received.append(number)) for number in signals._SIGNALS}
    kept = {number: signal.getsignal(number) for number in before}

    def slow(number, handler):
        change(number, handler)
        if number == signal.SIGTERM and (handler is signals._note) == first:
            os.kill(os.getpid(), signal.SIGTERM if first else signal.SIGINT)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(signals.signal, "signal", slow)
            ended = pytest.raises(signals.Interrupted) if first else contextlib.nullcontext()
            with ended, signals.deferred():
                assert not first
        assert {number: signal.getsignal(number) for number in before} == kept
        assert received == [signal.SIGTERM if first else signal.SIGINT]
    finally:
        for number, handler in before.items():
            change(number, handler)


def test_without_a_signal_nothing_changes():
    before = signal.getsignal(signal.SIGTERM)
    with signals.deferred():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_system_without_such_a_signal(monkeypatch):
    monkeypatch.setattr(signals.ctypes, "CDLL", lambda name: object())
    with signals.deferred():
        assert signal.getsignal(signal.SIGTERM) is signals._note


def test_in_a_thread_signals_are_somebody_elses():
    seen = []

    def run():
        with signals.deferred():
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]


# Limits


def test_launch_sets_all_before_it_becomes_the_program(monkeypatch):
    steps = []

    class Library:
        @staticmethod
        def prctl(*arguments):
            steps.append(("prctl", arguments[:2]))

    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(launch.os, name, lambda value, name=name: steps.append((name, value)))
    monkeypatch.setattr(launch.resource, "setrlimit", lambda kind, limits: steps.append((kind, limits)))
    monkeypatch.setattr(
        launch.resource,
        "getrlimit",
        lambda kind: (5, 1000 if kind == resource.RLIMIT_FSIZE else resource.RLIM_INFINITY),
    )
    monkeypatch.setattr(launch.ctypes, "CDLL", lambda name: Library)
    monkeypatch.setattr(launch.os, "execve", lambda *arguments: steps.append(arguments))
    launch.main([str(os.getppid()), "61200", "drop", "CORE=0,FSIZE=4000,MADEUP=1", "/bin/x", "name", "a"])
    assert steps == [
        ("setgroups", []),
        ("setgid", 61200),
        ("setuid", 61200),
        (resource.RLIMIT_CORE, (0, 0)),
        (resource.RLIMIT_FSIZE, (1000, 1000)),
        ("prctl", (38, 1)),
        ("prctl", (1, 9)),
        ("/bin/x", ["name", "a"], {}),
    ]


@pytest.mark.parametrize("privileges, calls", [("keep", [1]), ("drop", [38, 1])])
def test_launch_ends_if_its_parent_is_gone(monkeypatch, privileges, calls):
    class Ended(Exception):
        pass

    class Library:
        @staticmethod
        def prctl(option, *_rest):
            seen.append(option)

    def end(status):
        raise Ended

    seen = []
    monkeypatch.setattr(launch.ctypes, "CDLL", lambda name: Library)
    monkeypatch.setattr(launch.os, "_exit", end)
    with pytest.raises(Ended):
        launch.bind(os.getppid() + 1, privileges)
    assert seen == calls


def test_launch_without_prctl(monkeypatch):
    monkeypatch.setattr(launch.ctypes, "CDLL", lambda name: object())
    launch.bind(os.getppid(), "drop")


def test_launch_counts_what_the_user_runs(monkeypatch):
    limits = []
    monkeypatch.setattr(launch.resource, "setrlimit", lambda kind, numbers: limits.append(numbers))
    monkeypatch.setattr(launch.resource, "getrlimit", lambda kind: (0, resource.RLIM_INFINITY))
    launch.become("-")
    launch.bound("NPROC=0")
    assert limits[0][0] >= 65
    monkeypatch.setattr(launch.os, "scandir", lambda path: [Gone()])
    launch.bound("NPROC=0")
    assert limits[1] == (64, 64)


class Gone:
    """A process that ends between being listed and being looked at."""

    name = "1"
    path = "/proc/1"

    def stat(self):
        raise FileNotFoundError
