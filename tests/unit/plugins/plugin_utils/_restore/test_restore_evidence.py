# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder of restore tests says to an audit, and which records are none because they contradict themselves."""

from __future__ import annotations

import copy
import json
import os
from datetime import datetime, timezone

import pytest
from restore_records import restore_record

from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import consistency, evidence, record

NOW = datetime(2026, 6, 10, tzinfo=timezone.utc)
GUANGZHOU = ("tencentcloud", "ap-guangzhou")
ONE = (GUANGZHOU, "crs-one00001")
NOTHING = {"problem": None, "latest": None, "passed": None, "failed": None}


@pytest.fixture
def write(tmp_path):
    def write(made, name=None):
        path = tmp_path / (name or record.file_name(made))
        path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")
        return path

    return write


def outcomes(found):
    return {key: test and test["evaluated_at"][:10] for key, test in found.items() if key != "problem"}


def test_the_last_of_each_outcome(write, tmp_path):
    for day, outcome in enumerate(["passed", "passed", "failed", "failed", "unknown", "unknown"], 1):
        write(restore_record(outcome, f"2026-06-0{day}T02:00:00Z"))
    looked = evidence.look(str(tmp_path), NOW)
    assert looked.problems == [] and looked.of(*ONE)["problem"] is None
    assert outcomes(looked.of(*ONE)) == {"passed": "2026-06-02", "failed": "2026-06-04", "latest": "2026-06-06"}
    assert looked.of(GUANGZHOU, "crs-two00001") == NOTHING


def test_what_an_audit_keeps_of_a_test_is_as_its_schema_says(write, tmp_path):
    made = restore_record()
    second = {**made["files"][0], "server": "valkey 8.1.0", "sandbox": "limits", "checksum": "absent"}
    write({**made, "files": [*made["files"], second], "size_bytes": 8192, "key_count": 200})
    found = evidence.look(str(tmp_path), NOW).of(*ONE)
    assert schema.fault(found, schema.of_records()["$defs"]["restore_tests"]) is None
    assert found["passed"] == {
        "id": made["id"],
        "evaluated_at": "2026-06-01T02:00:00Z",
        "outcome": "passed",
        "code": None,
        "message": "",
        "backup_id": "b-1",
        "backup_start": "2026-05-31T18:00:00Z",
        "files": 2,
        "size_bytes": 8192,
        "key_count": 200,
        "servers": ["redis 7.0.15", "valkey 8.1.0"],
        # Of all files the weakest.
        "checksum": "absent",
        "sandbox": "limits",
        "seconds": made["seconds"],
        "restore_seconds": 0.375,
        "wiped_at": "2026-06-01T02:00:00Z",
    }


def test_a_test_without_a_backup(write, tmp_path):
    write(restore_record("unknown", backup=None, files=[], size_bytes=0, wiped_at=None, message="why\x1b" + "y" * 300))
    found = evidence.look(str(tmp_path), NOW).of(*ONE)
    assert schema.fault(found, schema.of_records()["$defs"]["restore_tests"]) is None
    last = found["latest"]
    kept = ("backup_id", "backup_start", "files", "servers", "checksum", "sandbox", "wiped_at")
    assert [last[key] for key in kept] == [None, None, 0, [], None, None, None]
    assert len(last["message"]) == evidence.MAX_MESSAGE and last["message"].startswith("why yyy")


def test_an_instance_is_its_cloud_region_and_id(write, tmp_path):
    """Whatever the account was called then, and by whatever API the instance was reached."""
    write(restore_record(evaluated_at="2026-06-01T02:00:00Z", account="shop"))
    write(
        restore_record(
            "failed", "2026-06-02T02:00:00Z", api_version="v2", endpoint="https://redis.api.qcloud.com/v2/index.php"
        )
    )
    write(restore_record("unknown", "2026-06-03T02:00:00Z", endpoint="https://redis.example.com/"))
    write(restore_record("unknown", "2026-06-04T02:00:00Z", region="ap-shanghai"))
    look = evidence.look(str(tmp_path), NOW).of
    assert outcomes(look(*ONE)) == {"passed": "2026-06-01", "failed": "2026-06-02", "latest": "2026-06-02"}
    assert outcomes(look(("redis.example.com", "ap-guangzhou"), ONE[1])) == {
        "passed": None,
        "failed": None,
        "latest": "2026-06-03",
    }


@pytest.mark.parametrize(
    "name, ones, others",
    [
        ("restore-test-crs-one00001-20260609T020000Z-0123abcd.json", True, False),
        ("restore-test-crs-two00001-20260609T020000Z-0123abcd.json", False, True),
        # Nothing says of which instance it is.
        ("restore-test-old.json", True, True),
    ],
)
def test_a_file_that_is_no_record_puts_those_in_doubt_whose_it_may_be(write, tmp_path, name, ones, others):
    write(restore_record())
    path = write("{", name)
    looked = evidence.look(str(tmp_path), NOW)
    said = f"{name} can't be read"
    assert looked.of(*ONE)["problem"] == (said if ones else None)
    assert looked.of(GUANGZHOU, "crs-two00001")["problem"] == (said if others else None)
    assert looked.of(*ONE)["passed"] and len(looked.problems) == 1 and str(path) in looked.problems[0]


def test_a_linked_folder_is_read_and_without_its_target_nothing_is_known(write, tmp_path):
    folder, share = tmp_path / "tests", tmp_path / "share"
    for path in (folder, share):
        path.mkdir()
    for where, made in ((folder, restore_record()), (share, restore_record("failed", "2026-06-02T02:00:00Z"))):
        (where / record.file_name(made)).write_text(json.dumps(made))
    (folder / "worker2").symlink_to(share)
    assert outcomes(evidence.look(str(folder), NOW).of(*ONE))["failed"] == "2026-06-02"
    share.rename(tmp_path / "elsewhere")
    looked = evidence.look(str(folder), NOW)
    assert looked.of(*ONE)["problem"] == looked.of(GUANGZHOU, "crs-two00001")["problem"] == "worker2 can't be read"


def test_the_name_that_a_record_gets_says_of_which_instance_it_is():
    made = restore_record(instance_id="crs-one-2-20260609T020000Z-0123abcd")
    assert evidence._NAME.fullmatch(record.file_name(made))[1] == made["instance_id"]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("")], ids=["none", "a file"])
def test_a_folder_that_is_not_there_says_nothing_of_anybody(tmp_path, make):
    """Not that there was never a test: a misspelt path would say so of all."""
    make(tmp_path / "tests")
    looked = evidence.look(str(tmp_path / "tests"), NOW)
    assert looked.of(*ONE) == {**NOTHING, "problem": "the folder of restore tests can't be read"}
    assert looked.problems == [f"restore tests are not known: there is no folder {str(tmp_path / 'tests')!r}"]


def test_a_folder_that_can_not_be_read_says_nothing_of_anybody(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    looked = evidence.look(str(tmp_path), NOW)
    assert looked.of(*ONE)["problem"] and "can't be read (Permission denied)" in looked.problems[0]


def test_an_empty_folder_has_no_test_of_anybody(tmp_path):
    assert evidence.look(str(tmp_path), NOW).of(*ONE) == NOTHING


def of_file(**changed):
    return lambda made: made["files"][0].update(changed)


CONTRADICTIONS = {
    "over before it began": (lambda made: made.update(started_at="2026-06-01T02:00:01Z"), "and began at"),
    "wiped before it began": (lambda made: made.update(wiped_at="2026-06-01T01:59:59Z"), "removed at"),
    "wiped after it was over": (lambda made: made.update(wiped_at="2026-06-01T02:00:01Z"), "removed at"),
    "a time of another form": (lambda made: made.update(evaluated_at="2026-06-01T02:00:00.5Z"), "not in the form"),
    "more bytes": (lambda made: made.update(size_bytes=4097), "size_bytes is 4097, and its files give 4096"),
    "more keys": (lambda made: made.update(key_count=101), "key_count is 101, and its files give 100"),
    "faster": (lambda made: made.update(restore_seconds=0.37), "restore_seconds is 0.37, and its phases give 0.375"),
    "a file less": (lambda made: made["expected"].update(files=2), "1 of 2 files"),
    "too few keys": (lambda made: made["expected"].update(min_keys=101), "at least 101 were expected"),
    "fewer loaded": (of_file(loaded=99), "99 of 100 keys"),
    "more expired": (of_file(expired=1), "101 of 100 keys"),
    "not hashed": (of_file(sha256=None), "not checked and loaded"),
    "not checked": (of_file(checksum=None), "not checked and loaded"),
    "not loaded": (of_file(server=None), "not checked and loaded"),
    "not boxed": (of_file(sandbox=None), "not checked and loaded"),
    "a database less": (lambda made: made["expected"].update(databases=[0, 1]), "expected database"),
    "a database without keys": (
        lambda made: (made["expected"].update(databases=[1]), made["files"][0].update(databases={"0": 100, "1": 0})),
        "expected database",
    ),
    "more keys in databases": (of_file(databases={"0": 100, "1": 1}), "more than the 100 keys"),
    "too few of the last keys": (
        lambda made: made["expected"].update(min_key_ratio=0.8, last_key_count=126),
        "at least 101 were expected",
    ),
    "last keys without a ratio": (lambda made: made["expected"].update(last_key_count=100), "no ratio"),
    "no canary": (lambda made: made["expected"].update(canary=True), "canary"),
}


@pytest.mark.parametrize("change, said", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_record_that_contradicts_itself_is_no_evidence(write, tmp_path, change, said):
    made = restore_record()
    change(made)
    write(made)
    looked = evidence.look(str(tmp_path), NOW)
    assert looked.of(*ONE)["passed"] is None and looked.of(*ONE)["problem"]
    assert "it contradicts itself: " in looked.problems[0] and said in looked.problems[0]


def test_each_expectation_that_a_record_stores_is_checked():
    """A new one needs a line here, and its contradiction above."""
    impossible = {
        "files": 2,
        "min_keys": 101,
        "min_key_ratio": 1,
        "last_key_count": 1,
        "databases": [9],
        "canary": True,
    }
    assert impossible.keys() == record.schema()["properties"]["expected"]["properties"].keys()
    for name, value in impossible.items():
        made = restore_record()
        if name == "min_key_ratio":
            made["expected"]["last_key_count"] = 101
        made["expected"][name] = value
        assert schema.fault(made, record.schema()) is None
        assert consistency.contradiction(made), name


def test_what_is_right_and_what_did_not_come_so_far_is_none():
    made = copy.deepcopy(restore_record())
    made["expected"].update(databases=[0], canary=True, files=None, min_key_ratio=0.8, last_key_count=125, min_keys=100)
    made["files"][0]["canary"] = True
    assert consistency.contradiction(made) is None
    # The first test with a ratio has nothing to compare with, and keys may expire before they are counted by database.
    made["expected"]["last_key_count"] = None
    made["files"][0]["databases"] = {"0": 99}
    assert consistency.contradiction(made) is None
    assert consistency.contradiction(restore_record("failed")) is None
    assert consistency.contradiction(restore_record("unknown", wiped_at=None)) is None
