# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Debian's own server and checker make of good and bad files: each kind that one of the two lets pass is here."""

from __future__ import annotations

import gzip
import hashlib
import time

import pytest
from emulator.rdb import STRING, Snapshot, flipped, junk, length, string, zeroed
from traces import outcome_of

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import checker
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.choice import Window
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.server import Canary

pytestmark = pytest.mark.usefixtures("redis_server")


def snapshot(**more):
    """Two databases, in them a hundred strings, other types, a key that has expired and one that will."""
    made = (
        Snapshot(10, **{"created": 1795880000, **more})
        .database(0)
        .keys(100, "madeup")
        .key("madeup gone", "madeup", expires=1)
    )
    made.key("madeup later", "madeup", expires=4e9)
    return (
        made.database(3)
        .key("madeup hash", {"madeup": 1})
        .key("madeup list", ["madeup", 2])
        .key("madeup set", {"madeup"})
    )


def small():
    return Snapshot(10).database(0).keys(2, "madeup")


def library(code, end="\nredis.register_function('f', function() return 1 end)", head=False):
    """A file with a library: where writers put one, at its head, or after its keys."""
    snapshot = Snapshot(10) if head else small()
    snapshot.functions("#!lua name=madeup\n" + code + end)
    return (snapshot.database(0).keys(2, "madeup") if head else snapshot).data()


def compressed(change=0):
    """A string in the short form that servers write: six letters, then a reference to the last six."""
    packed = b"\x05madeup" + bytes([0xE0 ^ change, 105, 5])
    return small().raw(STRING + string("madeup") + b"\xc3" + length(len(packed)) + length(120) + packed).data()


def many_databases():
    made = Snapshot(10)
    for number in range(30000):
        made.database(number).key("madeup")
    return made.data()


GOOD = snapshot().data()
#: file, outcome, word
FILES = {
    "good": (GOOD, "passed", None),
    "good, without a checksum": (snapshot(checksum=False).data(), "passed", None),
    "good, its checksum zeroed": (GOOD[:-8] + bytes(8), "passed", None),
    "good, compressed": (compressed(), "passed", None),
    "an old version": (Snapshot(6).database(0).keys(2, "madeup").data(), "passed", None),
    "a high database": (Snapshot(10).database(40).key("madeup").data(), "passed", None),
    "a very high database": (Snapshot(10).database(65535).key("madeup").data(), "passed", None),
    "keys in very many databases": (many_databases(), "passed", None),
    "no byte": (b"", "failed", "cut_short"),
    "half of the magic": (GOOD[:8], "failed", "cut_short"),
    "the magic": (GOOD[:9], "failed", "cut_short"),
    "half": (GOOD[: len(GOOD) // 2], "failed", "cut_short"),
    "without its last byte": (GOOD[:-1], "failed", "cut_short"),
    "without its checksum": (GOOD[:-8], "failed", "cut_short"),
    "without its end": (GOOD[:-9], "failed", "cut_short"),
    "a flipped bit": (flipped(GOOD, 400), "failed", "checksum_mismatch"),
    "a flipped bit in compressed data": (compressed(0x80), "failed", "corrupt"),
    "bytes after its end": (GOOD + b"madeup", "failed", "trailing_bytes"),
    "zeros in it": (zeroed(GOOD, 500, 800), "failed", "corrupt"),
    "an unknown type": (Snapshot(10).database(0).raw(b"\x70" + string("madeup") * 2).data(), "failed", "corrupt"),
    "a string of 2^44 bytes": (small().raw(STRING + string("madeup") + length(1 << 44)).data(), "failed", "cut_short"),
    "a key twice": (small().key("madeup:1").data(), "failed", "server_refused"),
    "a hint of 2^40 keys": (
        Snapshot(10).database(0, hint=(1 << 40, 0)).keys(2, "madeup").data(),
        "unknown",
        "server_aborted",
    ),
    "no key": (Snapshot(10).data(), "failed", "too_few_keys"),
    "version 0": (Snapshot(0).data(), "failed", "not_rdb"),
    "version 11": (Snapshot(11).data(), "unknown", "no_server"),
    "version 9999": (Snapshot(9999, magic="REDIS").data(), "unknown", "no_server"),
    "Valkey's version 80": (Snapshot(80).data(), "unknown", "no_server"),
    "XML": (b"<?xml version='1.0'?><Error><Code>madeup</Code></Error>", "unknown", "error_page"),
    "HTML": (b"\n<!doctype html><html><p>madeup</p></html>", "unknown", "error_page"),
    "a compressed file": (gzip.compress(GOOD), "failed", "not_rdb"),
    "junk": (junk(5000), "failed", "not_rdb"),
    "a module's value": (small().module_key("madeup").data(), "unknown", "module_data"),
    "a module's head": (Snapshot(10).module_head().database(0).keys(2, "madeup").data(), "unknown", "module_data"),
    "a library": (library("", head=True), "passed", None),
    "a library that logs": (library("redis.log(redis.LOG_WARNING, 'madeup')", head=True), "passed", None),
    "a library that ends in an error": (library("error('madeup')"), "failed", "server_refused"),
    "a library that can't be read": (library("if ("), "failed", "server_refused"),
    "a library without a function": (library("", end=""), "failed", "server_refused"),
}


@pytest.mark.parametrize("title", FILES)
def test_a_file(restore, strict, title):
    data, outcome, word = FILES[title]
    assert outcome_of(restore(data, **strict)) == (outcome, word)


def test_what_is_known_of_a_good_one(restore, strict):
    created = int(time.time()) - 3600
    data = snapshot(created=created, used_memory=12345).data()
    report = restore(
        data, created=Window(created - 60, created + 60, created), databases=[0, 3], min_keys=105, **strict
    )
    assert report.files == [
        {
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "format": "REDIS",
            "version": 10,
            "writer": "7.0.15",
            "created": created,
            "used_memory": 12345,
            "functions": False,
            "server": report.files[0]["server"],
            "sandbox": "bwrap" if "sandbox" in strict else report.files[0]["sandbox"],
            "keys": 105,
            "expires": 2,
            "checksum": "verified",
            "tried": [],
            "loaded": 104,
            "expired": 1,
            "databases": {0: 101, 3: 3},
        }
    ]
    facts = report.as_dict()
    assert facts["keys"] == 105 and facts["outcome"] == "passed" and facts["message"] == ""
    assert all(facts["seconds"][phase] > 0 for phase in ("download", "check", "load"))
    assert (
        0
        < facts["restore_seconds"]
        == round(sum(facts["seconds"][phase] for phase in ("download", "check", "load")), 3)
    )


def test_without_a_checksum_that_is_known(restore):
    assert restore(snapshot(checksum=False).data()).files[0]["checksum"] == "absent"


def test_a_value_that_nobody_can_check_changes(restore):
    """Only the checksum, or a canary, tells it."""
    data = snapshot(checksum=False).data()
    changed = flipped(data, data.index(b"value 50"))
    assert outcome_of(restore(changed)) == ("passed", None)
    canary = Canary(0, "madeup:50", hashlib.sha256(b"value 50").hexdigest())
    assert outcome_of(restore(data, canary=canary)) == ("passed", None)
    assert outcome_of(restore(changed, canary=canary)) == ("failed", "canary_differs")


@pytest.mark.parametrize(
    "canary, expected",
    [
        (Canary(3, "madeup none", "0"), ("unknown", "canary_expired")),
        (Canary(3, "madeup hash", "0"), ("unknown", "canary_too_large")),
        (Canary(2000, "madeup", "0"), ("unknown", "canary_expired")),
    ],
)
def test_a_canary_that_is_none(restore, canary, expected):
    assert outcome_of(restore(GOOD, canary=canary)) == expected


@pytest.mark.parametrize("database", [5, 1023, 1024, 65535])
def test_a_canary_in_a_database_without_keys(restore, database):
    assert outcome_of(restore(small().data(), canary=Canary(database, "madeup", "0"))) == ("failed", "canary_missing")


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"min_keys": 106}, ("failed", "too_few_keys")),
        ({"databases": [3, 5]}, ("unknown", "database_expired")),
        ({"created": Window(1, 2, 1)}, ("failed", "wrong_backup")),
        ({"created": Window(4e9, 5e9, 4e9)}, ("failed", "wrong_backup")),
        ({"files": 2}, ("failed", "missing_files")),
    ],
)
def test_an_expectation_that_is_missed(restore, options, expected):
    assert outcome_of(restore(GOOD, **options)) == expected


def test_shards_count_together(restore):
    report = restore(
        GOOD, small().data(), min_keys=107, canary=Canary(0, "madeup:50", hashlib.sha256(b"value 50").hexdigest())
    )
    assert outcome_of(report) == ("passed", None) and [file["keys"] for file in report.files] == [105, 2]


def test_one_bad_shard_is_enough(restore):
    assert outcome_of(restore(GOOD, small().data()[:-9])) == ("failed", "cut_short")


@pytest.mark.parametrize("head", [True, False])
def test_a_library_that_never_ends_ends_at_the_deadline(restore, strict, head):
    began = time.monotonic()
    data = library("while true do end", head=head)
    assert outcome_of(restore(data, load_timeout=1.5, **strict)) == ("unknown", "load_timeout")
    assert time.monotonic() - began < 30


def test_a_library_that_takes_all_memory(restore, strict):
    report = restore(library("local s = 'madeup' while true do s = s .. s end"), max_memory=512 << 20, **strict)
    assert outcome_of(report) == ("unknown", "memory_limit")


def test_data_that_does_not_fit_is_not_loaded(restore):
    report = restore(snapshot(used_memory=1 << 40).data())
    assert outcome_of(report) == ("unknown", "no_memory") and "keys" not in report.files[0]


@pytest.mark.parametrize("functions, expected", [("refuse", "functions_refused"), ("allow", None), ("sandboxed", None)])
def test_functions_may_be_refused(restore, bwrap, functions, expected):
    data = (
        Snapshot(10)
        .functions("#!lua name=madeup\nredis.register_function('f', function() end)")
        .database(0)
        .key("madeup")
    )
    assert restore(data.data(), functions=functions).word == expected


@pytest.mark.parametrize("code", ["", "redis.log(redis.LOG_WARNING, 'madeup')"])
@pytest.mark.parametrize(
    "functions, expected",
    [
        ("refuse", ("unknown", "functions_hidden")),
        ("sandboxed", ("unknown", "functions_hidden")),
        ("allow", ("passed", None)),
    ],
)
def test_a_library_after_the_keys_is_found_when_it_has_run(restore, functions, expected, code):
    """No server writes one there."""
    assert outcome_of(restore(library(code), functions=functions)) == expected


def test_the_server_looks_into_values_too(restore, strict, monkeypatch):
    """A list whose parts make no sense, except its head and its end; the checker would have refused it before."""
    packed = b"\x0b\0\0\0" + b"\x02\0" + b"\xf4\xff\xff\xff" + b"\xff"
    data = Snapshot(10).database(0).raw(b"\x10" + string("madeup") + string(packed)).data()
    assert outcome_of(restore(data, **strict)) == ("failed", "corrupt")
    monkeypatch.setattr(checker, "check", lambda *arguments: checker.Checked(1, 0, True))
    assert outcome_of(restore(data, **strict)) == ("failed", "server_refused")
