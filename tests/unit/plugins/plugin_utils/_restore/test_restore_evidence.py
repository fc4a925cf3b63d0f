# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder of restore tests says to an audit."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone

import pytest
from restore_records import restore_record

from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import evidence, record

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
    weaker = {
        "sandbox": "limits",
        "checksum": "absent",
        "rdb_version": 6,
        "created_at": None,
        "start_offset_seconds": None,
        "sha256": "cd" * 32,
    }
    second = {**made["files"][0], "server": "valkey 8.1.0", **weaker}
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
        "created": "not_compared",
        "sandbox": "limits",
        "seconds": made["seconds"],
        "restore_seconds": 0.375,
        "wiped_at": "2026-06-01T02:00:00Z",
    }


@pytest.mark.parametrize("version, created, kept", [(10, "2026-05-31T18:00:00Z", "compared"), (None, None, None)])
def test_whether_the_creation_time_of_its_file_was_compared(write, tmp_path, version, created, kept):
    made = restore_record("failed")
    made["files"][0].update(rdb_version=version, created_at=created)
    write(made)
    assert evidence.look(str(tmp_path), NOW).of(*ONE)["latest"]["created"] == kept


def test_a_test_without_a_backup(write, tmp_path):
    write(restore_record("unknown", backup=None, files=[], size_bytes=0, wiped_at=None, message="why\x1b" + "y" * 300))
    found = evidence.look(str(tmp_path), NOW).of(*ONE)
    assert schema.fault(found, schema.of_records()["$defs"]["restore_tests"]) is None
    last = found["latest"]
    kept = ("backup_id", "backup_start", "files", "servers", "checksum", "created", "sandbox", "wiped_at")
    assert [last[key] for key in kept] == [None, None, 0, [], None, None, None, None]
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
    assert record.instance_in(record.file_name(made)) == made["instance_id"]


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


def test_a_record_that_contradicts_itself_is_no_evidence(write, tmp_path):
    made = restore_record()
    made["files"][0]["loaded"] = 99
    write(made)
    looked = evidence.look(str(tmp_path), NOW)
    assert looked.of(*ONE)["passed"] is None and looked.of(*ONE)["problem"]
    assert "it contradicts itself: it passed, and 99 of 100 keys" in looked.problems[0]


def test_a_record_under_the_name_of_another_is_no_evidence(write, tmp_path):
    """By its name it is of another instance, or of another time."""
    write(restore_record(), "restore-test-crs-two00001-20260601T020000Z-0123abcd.json")
    looked = evidence.look(str(tmp_path), NOW)
    assert (
        looked.of(*ONE) == NOTHING
        and "the file of this record is called restore-test-crs-one00001-" in looked.problems[0]
    )
    assert looked.of(GUANGZHOU, "crs-two00001")["problem"]
