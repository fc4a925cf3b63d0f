# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run's tests come to: the table, the totals, and who fails."""

from __future__ import annotations

import pytest
from restore_records import restore_record

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import summary

RESULTS = {
    "b-good": {"record": restore_record()},
    "a-good": {"record": restore_record()},
    "bad": {"record": restore_record("failed")},
    "none": {"msg": "work_dir '/x' can't be used\x1b[0m"},
    "lost": {},
    "unknown": {
        "record": restore_record("unknown", code="no_backup", message="no", backup=None, files=[], size_bytes=0)
    },
}
TESTED = summary.of_results(RESULTS)


def test_worst_first():
    assert [one.host for one in TESTED] == ["bad", "lost", "none", "unknown", "a-good", "b-good"]
    assert [one.outcome for one in TESTED] == ["failed", *["unknown"] * 3, *["passed"] * 2]


LOOP = {"changed": True, "msg": "All items completed", "results": [{"record": restore_record(), "item": 1}]}


@pytest.mark.parametrize(
    "results, said",
    [
        ({"a": {"record": {"outcome": "passed"}}}, "no record of a restore test for a (: no schema): "),
        ({"a": {"record": {**restore_record(), "backup": 7}}}, "no record of a restore test for a (.backup: type): "),
        ({"a": {"record": restore_record("fine")}}, "no record of a restore test for a (.outcome: enum): "),
        ({"a": {"record": "passed"}}, "no record of a restore test for a (: type): "),
        ({"a": {"record": {}}}, "no record of a restore test for a (: no schema): "),
        ({"a": None}, "null for a that crs_restore_test did not return: "),
        ({"a": "passed"}, "a str for a that crs_restore_test did not return: "),
        (LOOP, "a bool for changed that crs_restore_test did not return: "),
        ({"a": LOOP}, "a dict for a that crs_restore_test did not return: "),
    ],
)
def test_what_is_no_result(results, said):
    with pytest.raises(InvalidOption) as error:
        summary.of_results({"good": {"record": restore_record()}, **results})
    assert str(error.value) == f"results has {said}give a dict, with a host and what its task registered on each line"


def test_counts_and_totals():
    counts = summary.counts(TESTED)
    assert counts == {"hosts": 6, "passed": 2, "failed": 1, "unknown": 3}
    assert summary.totals(counts) == "6 restore tests: 2 passed, 1 FAILED, 3 UNKNOWN"
    assert summary.totals(summary.counts(TESTED[:1])) == "1 restore test: 0 passed, 1 FAILED, 0 UNKNOWN"
    assert summary.counts([]) == {"hosts": 0, "passed": 0, "failed": 0, "unknown": 0}


@pytest.mark.parametrize(
    "unknown_fails, check_mode, hosts",
    [
        (True, False, ["bad", "lost", "none", "unknown"]),
        # Who has no record has an option that can't work, or left data behind.
        (False, False, ["bad", "lost", "none"]),
        (True, True, ["lost", "none"]),
    ],
)
def test_who_fails(unknown_fails, check_mode, hosts):
    failing = summary.failing(TESTED, unknown_fails, check_mode)
    assert list(failing) == hosts
    assert failing["lost"].startswith("restore test unknown: not tested in this run, since a task of the host failed")
    assert failing["none"] == "restore test unknown: work_dir '/x' can't be used [0m"
    if not check_mode:
        assert failing["bad"] == (
            "crs-one00001 in ap-guangzhou: restore test failed, cut_short "
            "(backup b-1 of 2026-05-31T18:00:00Z): the file ends too early"
        )


def test_the_table():
    lines = summary.lines(TESTED, True)
    assert lines[0].split() == ["OUTCOME", "HOST", "REGION", "BACKUP", "SIZE", "KEYS", "SECONDS", "FOUND"]
    assert lines[1].split() == [
        *("FAILED", "bad", "ap-guangzhou", "2026-05-31T18:00:00Z", "4.1", "kB", "0", "0.4"),
        *["the", "file", "ends", "too", "early"],
    ]
    assert lines[3].split()[:8] == ["UNKNOWN", "none", "-", "-", "-", "-", "-", "work_dir"]
    assert lines[-1].endswith("  100   0.4      redis 7.0.15 in bwrap")
    assert lines[0].index("FOUND") == lines[1].index("the file ends") == lines[-1].index("redis 7.0.15")
    assert len(summary.lines(TESTED, False)) == 5 and summary.lines(TESTED[-1:], False) == []


def test_keys_that_were_not_compared_are_said_to_be_so():
    made = restore_record()
    made["expected"]["min_key_ratio"] = 0.8
    (line,) = summary.lines([summary.Tested("a", made)], True)[1:]
    assert line.endswith("redis 7.0.15 in bwrap, number of keys not compared: no earlier test passed")
    made["expected"]["baseline"] = {"id": "ab" * 16, "key_count": 100}
    assert "not compared" not in summary.lines([summary.Tested("a", made)], True)[1]


def test_a_file_without_a_checksum_says_so():
    made = restore_record()
    made["files"] = [{**made["files"][0], "checksum": "absent"}, {**made["files"][0], "sandbox": "limits"}]
    (_title, line) = summary.lines(summary.of_results({"x": {"record": made}}), True)
    assert line.endswith("redis 7.0.15 in bwrap, redis 7.0.15 in limits, the file has no checksum")


def test_a_file_without_a_creation_time_says_so():
    made = restore_record()
    made["files"][0].update(rdb_version=6, created_at=None, start_offset_seconds=None, checksum="absent")
    (_title, line) = summary.lines(summary.of_results({"x": {"record": made}}), True)
    assert line.endswith("the file has no checksum, its creation time is not compared")


def test_a_server_that_could_not_decide_is_named():
    made = restore_record()
    tried = [{"server": "valkey 9.1.2", "code": "server_aborted"}, {"server": "redis 7.2.1", "code": "server_unusable"}]
    made["files"][0]["tried"] = tried
    (_title, line) = summary.lines(summary.of_results({"x": {"record": made}}), True)
    assert line.endswith("redis 7.0.15 in bwrap after valkey 9.1.2 (server_aborted) and redis 7.2.1 (server_unusable)")


def test_text_of_others_moves_no_cursor():
    made = restore_record("failed", message="\x1b[2J" + "x" * 500, region="\x1b]0;x\x07")
    (_title, line) = summary.lines(summary.of_results({"h\n": {"record": made}}), True)
    assert line.isprintable() and len(line) < 400


@pytest.mark.parametrize(
    "size, text",
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123456, "123 kB"), (8 << 30, "8.6 GB"), (5 << 40, "5498 GB")],
)
def test_sizes(size, text):
    assert summary._size(size) == text
