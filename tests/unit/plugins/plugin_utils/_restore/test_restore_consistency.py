# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records of restore tests contradict themselves: each condition of a passed test has its check, which nothing else replaces."""

from __future__ import annotations

import copy

import pytest
from restore_records import restore_record

from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import consistency, record


def of(part, **changed):
    return lambda made: made[part].update(changed)


def of_file(**changed):
    return lambda made: made["files"][0].update(changed)


def tomorrow(made):
    """Let the backup be of the day after the test, with all that follows from it."""
    for part, names in (
        (made["backup"], ("start_time", "end_time")),
        (made["expected"], ("created_from", "created_to")),
        (made["files"][0], ("created_at",)),
    ):
        part.update({name: part[name].replace("2026-05-31", "2026-06-01") for name in names})
    # What is dated ahead has no length.
    made["expected"].update(created_to="2026-06-01T18:15:00Z")


def other_window(**changed):
    return lambda made: made["expected"].update(changed)


def late(made):
    """Let the window begin, and the file be written, a second after the backup began."""
    other_window(created_from="2026-05-31T18:00:01Z", created_to="2026-05-31T18:00:20Z")(made)
    of_file(created_at="2026-05-31T18:00:01Z", start_offset_seconds=1)(made)


def twice(made):
    made["files"].append(copy.deepcopy(made["files"][0]))
    made.update(size_bytes=8192, key_count=200)


def without_time(phase):
    def change(made):
        made["seconds"][phase] = 0
        made["restore_seconds"] = 0.25

    return change


def tried(**changed):
    return of_file(tried=[{"server": "valkey 9.1.2", "code": "server_aborted", **changed}])


#: ``{condition of a passed test: [(change, what is said)]}``.
PASSED = {
    "no reason": [(lambda made: made.update(message="the file ends too early"), "a reason why it did not pass")],
    "a backup that can be downloaded": [
        (of("backup", status="locked"), "its backup is locked"),
        (of("backup", status="expired"), "its backup is expired"),
    ],
    "a dated backup": [
        (of("backup", start_time=None), "not known when its backup began"),
        (other_window(created_from=None), "or its files may have been written"),
        (other_window(created_to=None), "or its files may have been written"),
    ],
    "a backup from before the test": [(tomorrow, "began at 2026-06-01T18:00:00Z, after the test")],
    "a backup from within": [(of("selection", within_seconds=28799), "more than 28799 s before it")],
    "the window of the backup": [
        (other_window(created_from="2026-05-30T17:59:59Z"), "not the time of its backup"),
        (late, "not the time of its backup"),
        (other_window(created_to="2026-05-31T18:15:22Z"), "not the time of its backup"),
    ]
    + [
        (
            lambda made, end=end: (
                of("backup", end_time=end)(made),
                other_window(created_to="2026-06-01T00:15:01Z")(made),
            ),
            "not the time of its backup",
        )
        # A file may have begun six hours later, even if the backup took longer or its end is not known.
        for end in (None, "2026-06-01T01:00:00Z", "2026-06-01T09:00:00Z")
    ]
    + [
        (
            lambda made: (
                made.update(started_at="2026-05-31T19:00:00Z"),
                of("backup", end_time="2026-05-31T20:00:00Z")(made),
                other_window(created_to="2026-05-31T19:15:01Z")(made),
            ),
            "not the time of its backup",
        ),
    ],
    "a candidate": [
        (of("selection", candidates=0), "no backup to select from"),
        (of("selection", candidates=None), "no backup to select from"),
    ],
    "a seed": [(of("selection", by="random"), "at random without a seed")],
    "each file": [(of("expected", files=2), "has 1 of 2 files")],
    "distinct files": [(twice, "the same file is there twice")],
    "checked and loaded files": [
        (of_file(**{name: None}), "not checked and loaded")
        for name in ("sha256", "format", "checksum", "server", "sandbox")
    ],
    "a server that can read them": [
        (of_file(rdb_version=12), "a file of version 12 was loaded by 'redis 7.0.15', which can't read it"),
        (of_file(format="VALKEY", rdb_version=80), "can't read it"),
        (of_file(server="valkey 8.1.0", format="VALKEY", rdb_version=80), "can't read it"),
        (of_file(server="valkey 9.0.0", rdb_version=12), "can't read it"),
        (of_file(server=""), "loaded by ''"),
        (of_file(server="redis"), "loaded by 'redis'"),
        (of_file(server="keydb 7.0.15"), "loaded by 'keydb 7.0.15'"),
    ],
    "a server that did not give up before": [(tried(server="redis 7.0.15"), "which could not load it before")],
    "files of the time of the backup": [
        (of_file(created_at="2026-05-30T18:00:00Z", start_offset_seconds=-86400), "written at 2026-05-30T18:00:00Z"),
        (of_file(created_at="2026-05-31T18:15:22Z", start_offset_seconds=922), "at another time than its backup"),
        (of_file(created_at=None, start_offset_seconds=None), "a file of version 10 has no creation time"),
    ],
    "the offset of the files": [
        (of_file(start_offset_seconds=1), "start_offset_seconds is 1, and the times give 0"),
        (of_file(start_offset_seconds=None), "start_offset_seconds is None"),
        (of_file(created_at=None, rdb_version=6), "start_offset_seconds is 0, and the times give None"),
    ],
    "as many keys loaded as checked": [
        (of_file(loaded=99, databases={"0": 99}), "99 of 100 keys"),
        (of_file(expired=1), "101 of 100 keys"),
    ],
    "as many keys by database as loaded": [
        (of_file(databases={"0": 100, "1": 1}), "its databases have 101 of the 100 keys"),
        (of_file(databases={"0": 1000000}), "its databases have 1000000 of the 100 keys"),
        (of_file(databases={}), "its databases have 0 of the 100 keys"),
        (of_file(databases={"0": 89}, expires=10), "its databases have 89 of the 100 keys"),
    ],
    "more bytes than keys": [
        (lambda made: (of_file(size_bytes=0)(made), made.update(size_bytes=0)), "a file of 0 bytes has 100 keys"),
        (lambda made: (of_file(size_bytes=100)(made), made.update(size_bytes=100)), "a file of 100 bytes"),
    ],
    "time": [(without_time(phase), f"the phase {phase} took no time") for phase in ("check", "load")],
    "enough keys": [(of("expected", min_keys=101), "has 100 keys, and at least 101 were expected")],
    "enough keys by the earlier test": [
        (
            of("expected", min_key_ratio=0.8, baseline={"id": "ab" * 16, "key_count": 126}),
            "at least 101 were expected, by the earlier test",
        ),
    ],
    "the expected databases": [
        (of("expected", databases=[0, 1]), "an expected database is not there"),
        (lambda made: (of("expected", databases=[1])(made), of_file(databases={"0": 100, "1": 0})(made)), "not there"),
    ],
    "the canary": [(of("expected", canary=True), "its canary was not found")],
}
ROWS = [(name, *row) for name, rows in PASSED.items() for row in rows]


def test_each_condition_has_a_row():
    assert PASSED.keys() == consistency.PASSED.keys()


@pytest.mark.parametrize("name, change, said", ROWS, ids=[f"{name}: {said}" for name, _change, said in ROWS])
def test_a_passed_record_meets_each_condition(monkeypatch, name, change, said):
    made = restore_record()
    assert consistency.contradiction(made) is None
    change(made)
    assert schema.fault(made, record.schema()) is None
    found = consistency.contradiction(made)
    assert found and found.startswith("it passed, and ") and said in found
    # No other check would notice.
    monkeypatch.delitem(consistency.PASSED, name)
    assert consistency.contradiction(made) is None


CONTRADICTIONS = {
    "over before it began": (lambda made: made.update(started_at="2026-06-01T02:00:01Z"), "and began at"),
    "wiped before it began": (lambda made: made.update(wiped_at="2026-06-01T01:59:59Z"), "removed at"),
    "wiped after it was over": (lambda made: made.update(wiped_at="2026-06-01T02:00:01Z"), "removed at"),
    "a time of another form": (lambda made: made.update(evaluated_at="2026-06-01T02:00:00.5Z"), "not in the form"),
    "more bytes": (lambda made: made.update(size_bytes=4097), "size_bytes is 4097, and its files give 4096"),
    "more keys": (lambda made: made.update(key_count=1), "key_count is 1, and its files give"),
    "faster": (lambda made: made.update(restore_seconds=0.37), "restore_seconds is 0.37, and its phases give 0.375"),
    "no time at all": (lambda made: made.update(restore_seconds=0), "restore_seconds is 0, and its phases give 0.375"),
    "a baseline without a ratio": (of("expected", baseline={"id": "ab" * 16, "key_count": 1}), "no ratio"),
}


@pytest.mark.parametrize("outcome", ["passed", "failed", "unknown"])
@pytest.mark.parametrize("change, said", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_record_of_any_outcome_may_contradict_itself(outcome, change, said):
    made = restore_record(outcome)
    change(made)
    assert said in consistency.contradiction(made)


def test_a_code_is_of_one_outcome():
    """A failed test must not look like one that could not be done. Codes of later versions are not known here."""
    assert (
        consistency.contradiction(restore_record("unknown", code="cut_short"))
        == "it is unknown, and its code is cut_short"
    )
    assert (
        consistency.contradiction(restore_record("failed", code="no_server"))
        == "it is failed, and its code is no_server"
    )
    assert consistency.contradiction(restore_record("failed", code="of_a_later_version")) is None


def test_each_expectation_that_a_record_stores_is_checked():
    """A new one needs a line here, and its row above."""
    impossible = {
        "files": 2,
        "min_keys": 101,
        "min_key_ratio": 1,
        "baseline": {"id": "ab" * 16, "key_count": 1},
        "databases": [9],
        "canary": True,
        "created_from": None,
        "created_to": None,
    }
    assert impossible.keys() == record.schema()["properties"]["expected"]["properties"].keys()
    for name, value in impossible.items():
        made = restore_record()
        if name == "min_key_ratio":
            made["expected"]["baseline"] = {"id": "ab" * 16, "key_count": 101}
        made["expected"][name] = value
        assert schema.fault(made, record.schema()) is None
        assert consistency.contradiction(made), name


HONEST = {
    "expectations that are met": [
        of("expected", databases=[0], canary=True, min_key_ratio=0.8, min_keys=100),
        of("expected", baseline={"id": "ab" * 16, "key_count": 125}),
        of_file(canary=True),
    ],
    # The first test with a ratio has nothing to compare with.
    "nothing to compare with": [of("expected", min_key_ratio=0.8)],
    "keys that expired before they were counted": [of_file(databases={"0": 90}, expires=10)],
    "a file of version 6": [of_file(rdb_version=6, created_at=None, start_offset_seconds=None)],
    "a server that aborted": [tried()],
    "a backup without an end": [
        of("backup", end_time=None),
        other_window(created_to="2026-06-01T00:15:00Z"),
        of_file(created_at="2026-06-01T00:15:00Z", start_offset_seconds=22500),
    ],
    "a backup of the last moment": [of("selection", within_seconds=28800)],
    "a random choice": [of("selection", by="random", seed="x")],
    "a file of Valkey": [of_file(format="VALKEY", rdb_version=80, server="valkey 9.0.1")],
}


@pytest.mark.parametrize("changes", HONEST.values(), ids=HONEST)
def test_what_is_right(changes):
    made = restore_record()
    for change in changes:
        change(made)
    assert schema.fault(made, record.schema()) is None
    assert consistency.contradiction(made) is None


def test_two_empty_shards_may_be_equal():
    made = restore_record()
    empty = of_file(key_count=0, loaded=0, databases={})
    empty(made)
    made["expected"].update(min_keys=0)
    twice(made)
    made["key_count"] = 0
    assert consistency.contradiction(made) is None


def test_what_did_not_come_so_far_is_no_contradiction():
    assert consistency.contradiction(restore_record("failed")) is None
    assert consistency.contradiction(restore_record("unknown", wiped_at=None)) is None
