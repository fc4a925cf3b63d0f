# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers and checkers that lie, hang, die or talk nonsense: none of it is ever passed, and none is the file's fault by guess."""

from __future__ import annotations

import errno
import os
import signal

import fake_server
import pytest
from emulator.rdb import Snapshot
from fake_server import bulk, good_check, good_serve
from traces import outcome_of

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import child, programs, run, sandbox, server
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.choice import Window
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.server import Canary

DATA = Snapshot(10, created=1).database(0).keys(2, "madeup").data()
GOOD = good_check(len(DATA), 2)


@pytest.fixture
def fake(restore, tmp_path, monkeypatch):
    """`fake(check=..., serve=...)` is what comes of a test with such a program; files beside ``data`` come first."""
    monkeypatch.setattr(sandbox, "candidates", lambda wanted: [sandbox.Box("limits")])

    def run_test(
        *more, check=GOOD, serve=None, data=DATA, version=fake_server.VERSION, says=(), loaded=None, **options
    ):
        path = fake_server.write(tmp_path / "server", check, serve, version, says, loaded)
        return restore(data, *more, servers=[path], **options)

    return run_test


@pytest.fixture
def fakes(restore, tmp_path, monkeypatch):
    """`fakes(first, second)` is what comes of a test with two such programs, each as the arguments of `fake_server.write`."""
    monkeypatch.setattr(sandbox, "candidates", lambda wanted: [sandbox.Box("limits")])

    def run_test(*servers, data=DATA, **options):
        paths = []
        for version, settings in zip((VALKEY, fake_server.VERSION), servers):
            path = tmp_path / f"server{len(paths)}"
            paths.append(fake_server.write(path, **{"check": GOOD, "version": version, **settings}))
        return restore(data, servers=paths, **options)

    return run_test


VALKEY = "Valkey server v=9.1.2 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"
#: What a server says that has no file.
EMPTY = {**good_serve(0), "INFOkeyspace": [bulk("# Keyspace\r\n")]}
WORKS = {"serve": good_serve()}
ABORTS = {"serve": EMPTY, "says": {"1024": (0, "madeup", int(signal.SIGABRT))}}
REFUSES = {"serve": EMPTY, "says": {"1024": (0, "madeup")}}
USELESS = {}
MUTE = {"check": ("", 3)}


def replies(**changed):
    return {**good_serve(), **changed}


def test_a_good_one(fake):
    report = fake(serve=good_serve())
    assert outcome_of(report) == ("passed", None)
    assert (report.files[0]["server"], report.files[0]["sandbox"]) == ("redis 7.0.15", "limits")


def test_one_that_is_busy_for_a_while(fake):
    busy = [
        b"-LOADING Redis is loading\r\n",
        b"-BUSY Redis is busy\r\n",
        b"-LOADING Redis is loading\r\n",
        b"+PONG\r\n",
    ]
    assert outcome_of(fake(serve=replies(PING=busy))) == ("passed", None)


@pytest.mark.parametrize("loaded, expired", [(1, 0), (3, 0), (0, 3), (0, 0)])
def test_counts_that_differ(fake, loaded, expired):
    assert outcome_of(fake(serve=good_serve(loaded, expired))) == ("failed", "count_mismatch")


def test_keys_that_expired_while_it_loaded_count(fake):
    assert outcome_of(fake(serve=good_serve(0, 2, {7: 1}), databases=[7])) == ("passed", None)


@pytest.mark.parametrize(
    "serve",
    [
        None,
        {},
        replies(PING=[b"+PING\r\n", None]),
        replies(PING=[b"+PONG\r\n", None], INFOpersistence=[None]),
        replies(INFOpersistence=[b"-ERR no\r\n"]),
        replies(INFOpersistence=[bulk("loading:1\r\n")]),
        replies(INFOpersistence=[bulk("loading:0\r\nrdb_last_load_keys_loaded:2\r\n")]),
        replies(
            INFOpersistence=[
                bulk("loading:0\r\nrdb_last_load_keys_expired:0\r\nrdb_last_load_keys_loaded:" + "2" * 5000)
            ]
        ),
        replies(INFOkeyspace=[None]),
        replies(INFOmemory=[bulk("number_of_functions:0\r\n")]),
        replies(INFOmemory=[bulk("number_of_libraries:" + "0" * 50)]),
    ],
    ids=range(11),
)
def test_a_server_that_is_of_no_use(fake, serve, monkeypatch):
    """It behaves no better without a file, so that nothing is known of the file."""
    monkeypatch.setattr(server, "_LAST_SECONDS", 0.05)
    assert outcome_of(fake(serve=serve)) == ("unknown", "server_unusable")


@pytest.mark.parametrize("serve", ["hang", replies(PING=[b"-LOADING\r\n"]), replies(PING=[b"+P"])], ids=range(3))
def test_a_server_that_is_never_ready(fake, serve):
    assert outcome_of(fake(serve=serve, load_timeout=2.5)) == ("unknown", "load_timeout")


@pytest.mark.parametrize(
    "check, word",
    [
        (("", 0), "checker_unusable"),
        (("", 1), "checker_unusable"),
        ((GOOD[0], 1), "checker_unusable"),
        ((GOOD[0] + "more\n", 0), "checker_unusable"),
        (("", 137), "killed"),
        (("", 143), "killed"),
        ((good_check(len(DATA) - 1, 2)[0], 0), "trailing_bytes"),
        (("--- RDB ERROR DETECTED ---\n[offset 9] Can't handle RDB format version 10\n", 1), "no_server"),
        (("--- RDB ERROR DETECTED ---\n", 1), "corrupt"),
    ],
)
def test_what_a_checker_says(fake, check, word):
    assert fake(check=check, serve=good_serve()).word == word


def test_a_checker_that_hangs(fake):
    assert outcome_of(fake(check=("hang", 0), load_timeout=0.7)) == ("unknown", "check_timeout")


@pytest.mark.parametrize("version", ["", "Redis server v=7.0", "Sentinel server v=7.0.15 x", "MariaDB 11"])
def test_a_program_that_is_no_server(fake, version):
    assert outcome_of(fake(version=version)) == ("unknown", "no_server")


def test_a_program_that_hangs_when_asked_for_its_version(fake, monkeypatch):
    monkeypatch.setattr(programs, "_VERSION_SECONDS", 0.5)
    assert outcome_of(fake(version=fake_server.HANG)) == ("unknown", "no_server")


def test_a_server_that_is_too_old_to_count(fake):
    report = fake(version="Redis server v=6.2.14 sha=00000000:0")
    assert outcome_of(report) == ("unknown", "no_server") and "redis 6.2.14" in report.message


@pytest.mark.parametrize(
    "number, expected",
    [(errno.EAGAIN, ("unknown", "system_error")), (errno.ENOSPC, ("unknown", "no_disk_space"))],
)
def test_what_the_system_refuses(fake, monkeypatch, number, expected):
    """Such as one more process; the error's text may have a path of the test's folder."""

    def fail(*arguments, **options):
        raise OSError(number, os.strerror(number), "/nowhere")

    monkeypatch.setattr(child.subprocess, "Popen", fail)
    report = fake(serve=good_serve())
    assert outcome_of(report) == expected and "/nowhere" not in report.message


def test_no_server_at_all(restore, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert outcome_of(restore(DATA)) == ("unknown", "no_server")
    assert outcome_of(restore(DATA, servers=["/nowhere/redis-server"])) == ("unknown", "no_server")


def test_no_sandbox(restore, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    path = fake_server.write(tmp_path / "server", GOOD, good_serve())
    assert outcome_of(restore(DATA, servers=[path], sandbox="require")) == ("unknown", "no_sandbox")


def test_functions_are_not_run_without_a_sandbox(fake):
    data = Snapshot(10, created=1).functions("#!lua name=madeup\n").database(0).keys(2, "madeup").data()
    assert outcome_of(fake(data=data, serve=good_serve())) == ("unknown", "functions_refused")
    assert outcome_of(
        fake(check=good_check(len(data), 2), data=data, serve=good_serve(libraries=1), functions="allow")
    ) == (
        "passed",
        None,
    )


@pytest.mark.parametrize("functions", ["refuse", "sandboxed"])
def test_functions_that_the_header_does_not_show_never_pass(fake, functions):
    """Their code has run by then. This decides before any other fault of the file."""
    report = fake(serve=good_serve(3, libraries=1), functions=functions)
    assert outcome_of(report) == ("unknown", "functions_hidden") and report.files[0]["tried"] == []
    assert outcome_of(fake(serve=good_serve(libraries=1), functions="allow")) == ("passed", None)


@pytest.mark.parametrize(
    "replied, expected",
    [
        ({"STRLEN": [b":5\r\n"], "GET": [bulk("value")]}, ("passed", None)),
        ({"STRLEN": [b":5\r\n"], "GET": [bulk("other")]}, ("failed", "canary_differs")),
        ({"STRLEN": [b":0\r\n"], "GET": [b"$-1\r\n"]}, ("failed", "canary_missing")),
        ({"STRLEN": [b":9999999\r\n"]}, ("unknown", "canary_too_large")),
        ({"STRLEN": [b"-WRONGTYPE no\r\n"]}, ("unknown", "canary_too_large")),
        ({"STRLEN": [b"$-1\r\n"]}, ("unknown", "canary_too_large")),
    ],
)
def test_a_canary(fake, replied, expected):
    digest = "cd42404d52ad55ccfa9aca4adc828aa5800ad9d385a0671fbcbf724118320619"  # of "value"
    assert outcome_of(fake(serve=replies(**replied), canary=Canary(0, "madeup", digest))) == expected


def test_a_canary_that_may_have_expired(fake):
    gone = {**good_serve(1, 1), "STRLEN": [b":0\r\n"], "GET": [b"$-1\r\n"]}
    assert outcome_of(fake(serve=gone, canary=Canary(0, "madeup", "0"))) == ("unknown", "canary_expired")


@pytest.mark.parametrize("expired, expected", [(0, ("failed", "canary_missing")), (1, ("unknown", "canary_expired"))])
def test_a_canary_in_a_database_that_the_server_does_not_have(fake, expired, expected):
    """The server has more databases if the file has keys in them."""
    serve = {**good_serve(2 - expired, expired), "SELECT": [b"-ERR DB index is out of range\r\n"]}
    assert outcome_of(fake(serve=serve, canary=Canary(1024, "madeup", "0"))) == expected


def test_a_server_that_ends_while_it_is_asked_for_the_canary(fake):
    report = fake(serve=replies(STRLEN=[None]), canary=Canary(0, "madeup", "0"))
    assert outcome_of(report) == ("unknown", "server_unusable")


@pytest.mark.parametrize(
    "says, expected",
    [
        (
            (0, "# The RDB file contains module data I can't load: no matching module type 'madeup'"),
            ("unknown", "module_data"),
        ),
        ((0, "madeup"), ("failed", "server_refused")),
        ((1 << 30, "madeup"), ("unknown", "memory_limit")),
    ],
)
def test_a_server_that_ends_over_the_file_alone(fake, says, expected):
    assert outcome_of(fake(serve=EMPTY, says={"1024": says})) == expected


@pytest.mark.parametrize(
    "first, second, expected, tried",
    [
        (ABORTS, WORKS, ("passed", None), ["server_aborted"]),
        (USELESS, WORKS, ("passed", None), ["server_unusable"]),
        (MUTE, WORKS, ("passed", None), ["checker_unusable"]),
        (ABORTS, REFUSES, ("failed", "server_refused"), ["server_aborted"]),
        (ABORTS, ABORTS, ("unknown", "server_aborted"), ["server_aborted", "server_aborted"]),
        (USELESS, ABORTS, ("unknown", "server_aborted"), ["server_unusable", "server_aborted"]),
        (USELESS, MUTE, ("unknown", "server_unusable"), ["server_unusable", "checker_unusable"]),
        # What a server says of the file holds, and time and memory are spent once.
        (REFUSES, WORKS, ("failed", "server_refused"), []),
        ({"serve": "hang"}, WORKS, ("unknown", "load_timeout"), []),
    ],
)
def test_another_server_is_tried(fakes, first, second, expected, tried):
    """An abort may be a server's own fault, so it never makes a good file a bad one."""
    report = fakes(first, second, load_timeout=2.5)
    (facts,) = report.files
    assert outcome_of(report) == expected
    servers = ["valkey 9.1.2", "redis 7.0.15"]
    assert facts["tried"] == [{"server": server, "code": code} for server, code in zip(servers, tried)]
    assert facts["server"] == servers[min(len(tried), 1)]
    if len(tried) == 2:
        assert all(server in report.message for server in servers)


def test_a_server_that_aborts_alone(fake):
    report = fake(**ABORTS)
    assert outcome_of(report) == ("unknown", "server_aborted")
    assert report.files[0]["tried"] == [{"server": "redis 7.0.15", "code": "server_aborted"}]
    assert "redis 7.0.15" in report.message and "install a server of another version" in report.message


@pytest.mark.parametrize(
    "says",
    [
        (0, "madeup", int(signal.SIGKILL)),
        (0, "madeup", int(signal.SIGTERM)),
        # It had half of max_memory, so that it could have reached that, too; but that limit sends no signal.
        (1 << 30, "madeup", int(signal.SIGKILL)),
        # A server ends with status 0 then.
        (0, "1:M 1 Jan 2026 00:00:00.000 # Received shutdown signal during loading, scheduling shutdown."),
        (0, "1:M 1 Jan 2026 00:00:00.000 # Received SIGTERM scheduling shutdown..."),
    ],
    ids=range(5),
)
def test_a_server_that_was_killed(fakes, says):
    """Such as for want of memory: this says nothing of the file, and another server would need as much."""
    report = fakes({"serve": EMPTY, "says": {"1024": says}}, WORKS)
    assert outcome_of(report) == ("unknown", "killed") and "memory" in report.message and report.files[0]["tried"] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"PING": [b"-ERR no\r\n"]},
        {"INFOpersistence": [b"-ERR no\r\n"]},
        {"INFOpersistence": [bulk("loading:1\r\n")]},
        {"INFOkeyspace": [b"-ERR no\r\n"]},
        {"SELECT": [b"-ERR no\r\n"]},
        {"STRLEN": [b"?\r\n"]},
        {"STRLEN": [b":5\r\n"], "GET": [b"-ERR no\r\n"]},
    ],
    ids=range(7),
)
def test_a_server_that_answers_nonsense_once_it_has_the_file(fakes, monkeypatch, changed):
    """It didn't end before we ended it, so it did not crash."""
    monkeypatch.setattr(server, "_LAST_SECONDS", 0.05)
    nonsense = {"serve": EMPTY, "loaded": replies(**changed)}
    report = fakes(nonsense, nonsense, canary=Canary(0, "madeup", "0"))
    assert outcome_of(report) == ("unknown", "invalid_answer")
    assert [tried["code"] for tried in report.files[0]["tried"]] == ["invalid_answer"] * 2


def test_an_abort_that_blames_the_file(fake):
    says = (0, "=== Guru Meditation: Duplicated key found in RDB file #rdb.c:3236", int(signal.SIGABRT))
    assert outcome_of(fake(serve=EMPTY, says={"1024": says})) == ("failed", "server_refused")


def test_of_two_servers_of_one_version_one_is_tried(fakes):
    report = fakes({**ABORTS, "version": fake_server.VERSION}, WORKS)
    assert outcome_of(report) == ("unknown", "server_aborted") and len(report.files[0]["tried"]) == 1


def test_what_the_first_server_found_is_not_said_of_the_next(fakes):
    report = fakes(ABORTS, {"check": ("--- RDB ERROR DETECTED ---\n", 1)})
    assert outcome_of(report) == ("failed", "corrupt") and "keys" not in report.files[0]


def test_functions_run_in_those_servers_only_that_have_a_sandbox(work_dir):
    data = Snapshot(10, created=1).functions("#!lua name=madeup\n").database(0).keys(2, "madeup").data()
    with open(os.path.join(work_dir, sandbox.DUMP), "wb") as file:
        file.write(data)
    test = run._Test(run.Report(), run.Settings(), run.Expected(), work_dir)
    boxes = sandbox.Box("bwrap"), sandbox.Box("limits")
    test._programs = [programs.Program("/x", "redis", (7, minor, 0), box) for minor, box in enumerate(boxes)]
    assert test._read_header({}) == test._programs[:1]


def test_a_file_of_more_databases_gets_a_server_that_has_them(fake):
    more = (
        0,
        "FATAL: Data file was created with a Redis server configured to handle more than 1024 databases. Exiting",
    )
    assert outcome_of(fake(serve=good_serve(), says={"1024": more})) == ("passed", None)
    assert outcome_of(fake(serve=good_serve(), says={"1024": more, "65536": more})) == ("unknown", "server_unusable")


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"min_keys": 2, "databases": [0], "created": Window(1, 1, 1)}, ("passed", None)),
        ({"min_keys": 3}, ("failed", "too_few_keys")),
        ({"databases": [0, 5]}, ("failed", "missing_database")),
        ({"databases": [0, 5], "serve": good_serve(1, 1)}, ("unknown", "database_expired")),
        ({"created": Window(2, 9, 2)}, ("failed", "wrong_backup")),
        ({"created": Window(0, 0, 0)}, ("failed", "wrong_backup")),
        ({"data": Snapshot(10).module_head().data()}, ("unknown", "module_data")),
        ({"data": Snapshot(6).data(), "created": Window(1, 1, 1), "check": ("", 0)}, ("unknown", "checker_unusable")),
        *(
            ({"data": Snapshot(version, created=None).data(), "created": Window(1, 1, 1)}, ("unknown", "undated_file"))
            for version in (7, 10, 80)
        ),
        *(
            ({"data": Snapshot(10, created=created).data(), "created": Window(0, 9, 0)}, ("unknown", "undated_file"))
            for created in (-1, "soon", "", "9" * 20)
        ),
        # Compressed, as no server writes it.
        (
            {
                "data": Snapshot(10, created=None).raw(b"\xfa\x05ctime\xc3\x02\x01\x001").data(),
                "created": Window(0, 9, 0),
            },
            ("unknown", "undated_file"),
        ),
    ],
)
def test_what_is_expected(fake, options, expected):
    assert outcome_of(fake(**{"serve": good_serve(), **options})) == expected


def test_one_file_twice_is_not_two_shards(fake):
    """Keys are in one shard only, so another shard's file is missing. Files without keys may be equal."""
    report = fake(DATA, serve=good_serve(), min_keys=0)
    assert (
        outcome_of(report) == ("unknown", "file_twice") and len(report.files) == 2 and "server" not in report.files[1]
    )
    empty = Snapshot(10, created=1).data()
    report = fake(empty, check=good_check(len(empty), 0), serve=good_serve(0), data=empty, min_keys=0)
    assert outcome_of(report) == ("passed", None) and report.files[0]["sha256"] == report.files[1]["sha256"]


def test_fewer_files_than_shards(restore):
    assert outcome_of(restore(DATA, files=2)) == ("failed", "missing_files")
