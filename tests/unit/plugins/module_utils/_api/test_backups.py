# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from crs_fakes import v2_row, v3_row

from ansible_collections.qcloud.crs.plugins.module_utils._api import backups
from ansible_collections.qcloud.crs.plugins.module_utils._api import v2 as _api_v2
from ansible_collections.qcloud.crs.plugins.module_utils._api import v3 as _api_v3
from ansible_collections.qcloud.crs.plugins.module_utils._errors import BadResponse

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


def v2(**fields):
    return backups.backup(v2_row(**fields), _api_v2._BACKUP_FIELDS, BEIJING, "ap-guangzhou", "crs-1")


def v3(**fields):
    return backups.backup(v3_row(**fields), _api_v3._BACKUP_FIELDS, BEIJING, "ap-guangzhou", "crs-1")


def test_a_row_of_api_3():
    assert v3() == {
        "instance_id": "crs-1",
        "instance_name": "orders",
        "region": "ap-guangzhou",
        "backup_id": "b-0001",
        "type": "system",
        "type_code": "1",
        "status": "normal",
        "status_code": 2,
        "usable": True,
        "locked": False,
        "remark": "",
        "start_time": "2026-05-31T18:00:48Z",
        "end_time": "2026-05-31T18:01:20Z",
        "expire_time": "2026-06-07T18:00:48Z",
        "size_bytes": 1048576,
        "file_type": "RDB-Redis 6.2",
        "encrypted": False,
    }


def test_a_row_of_api_2():
    assert v2() == {
        "instance_id": "crs-1",
        "instance_name": None,
        "region": "ap-guangzhou",
        "backup_id": "b-0001",
        "type": "system",
        "type_code": "systemBackupInstance",
        "status": "normal",
        "status_code": 2,
        "usable": True,
        "locked": False,
        "remark": "",
        "start_time": "2017-02-08T08:46:34Z",
        "end_time": None,
        "expire_time": None,
        "size_bytes": None,
        "file_type": None,
        "encrypted": None,
    }


@pytest.mark.parametrize(
    "code, word",
    [
        ("manualBackupInstance", "manual"),
        ("systemBackupInstance", "system"),
        ("0", "manual"),
        ("1", "system"),
        ("2", "spec_change"),
        (0, "manual"),
        (1, "system"),
        (2, "spec_change"),
        ("3", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        (True, "unknown"),
        ([], "unknown"),
    ],
    ids=repr,
)
def test_x3_types_are_words_or_numbers(code, word):
    for record in (v2(backupType=code), v3(BackupType=code)):
        assert record["type"] == word
        assert record["type_code"] == (str(code) if isinstance(code, (str, int)) and code is not True else None)


@pytest.mark.parametrize(
    "code, word, usable",
    [
        (1, "locked", False),
        (2, "normal", True),
        (3, "exporting", True),
        (4, "exported", True),
        (-1, "expired", False),
        (0, "unknown", False),
        (5, "unknown", False),
        (-2, "unknown", False),
        (None, "unknown", False),
        ("", "unknown", False),
        ("2", "normal", True),
        ("-1", "expired", False),
        (True, "unknown", False),
        ({}, "unknown", False),
        (2.0, "unknown", False),
    ],
    ids=repr,
)
def test_x4_status_of_a_result_and_an_unknown_code_is_never_usable(code, word, usable):
    for record in (v2(status=code), v3(Status=code)):
        assert (record["status"], record["usable"]) == (word, usable)


def test_x4_the_filter_has_a_table_of_its_own():
    assert -2 not in backups.STATUSES and set(backups.STATUSES.values()) < set(backups.STATUS_WORDS)


@pytest.mark.parametrize("name", sorted(set(v3_row()) - {"BackupId", "InstanceId", "Region"}))
def test_x9_every_field_may_be_null_or_missing(name):
    row = v3_row()
    del row[name]
    assert backups.backup(row, _api_v3._BACKUP_FIELDS, BEIJING, "ap-guangzhou", "crs-1") == v3(**{name: None})
    assert v3(**{name: None})["backup_id"] == "b-0001"


def test_x9_instance_and_region_stand_in():
    record = v3(InstanceId=None, Region=None)
    assert (record["instance_id"], record["region"]) == ("crs-1", "ap-guangzhou")
    assert v3(Region="ap-shanghai")["region"] == "ap-shanghai"


def test_x9_a_row_of_a_sweep_says_whose_it_is():
    assert backups.backup(v3_row(), _api_v3._BACKUP_FIELDS, BEIJING, "ap-guangzhou", None) == v3()
    # Otherwise the caller refuses it.
    nobodys = backups.backup(v3_row(InstanceId=None), _api_v3._BACKUP_FIELDS, BEIJING, "ap-guangzhou", None)
    assert nobodys["instance_id"] == ""


@pytest.mark.parametrize(
    "text, moment",
    [
        ("1970-01-01 08:00:00", None),
        ("2010-01-01 07:59:59", None),
        ("2010-01-01 08:00:00", "2010-01-01T00:00:00Z"),
        ("9999-01-01 07:59:59", "9998-12-31T23:59:59Z"),
        ("9999-01-01 08:00:00", None),
        ("9999-12-31 23:59:59", None),
    ],
)
def test_a_time_from_before_the_service_or_at_the_calendar_s_end_is_none(text, moment):
    row = v3(StartTime=text, EndTime=text, ExpireTime=text)
    assert [row[name] for name in ("start_time", "end_time", "expire_time")] == [moment] * 3


@pytest.mark.parametrize("end", ["9999-12-31 23:59:59", "", None])
def test_a_backup_without_an_end_is_kept(end):
    now = datetime(9998, 12, 31, tzinfo=timezone.utc)
    assert backups.as_of(v3(ExpireTime=end), now)["usable"]
    assert not backups.as_of(v3(ExpireTime="9998-12-31 08:00:00"), now)["usable"]


@pytest.mark.parametrize(
    "field, given, key, wanted",
    [
        ("Status", "2", "status_code", 2),
        ("Locked", "1", "locked", True),
        ("Locked", "0", "locked", False),
        ("Locked", 1, "locked", True),
        ("Locked", None, "locked", None),
        ("Locked", "x", "locked", None),
        ("BackupSize", "77", "size_bytes", 77),
        ("BackupSize", 0, "size_bytes", 0),
        ("BackupSize", -1, "size_bytes", None),
        ("BackupSize", "big", "size_bytes", None),
        ("BackupId", 77, "backup_id", "77"),
        ("Encrypted", True, "encrypted", True),
        ("Encrypted", "yes", "encrypted", None),
        ("Remark", 5, "remark", "5"),
        ("Remark", "{{ 7*7 }}<b>", "remark", "{{ 7*7 }}<b>"),
        ("InstanceName", ["x"], "instance_name", None),
        ("StartTime", "0000-00-00 00:00:00", "start_time", None),
        ("EndTime", "", "end_time", None),
        ("ExpireTime", 5, "expire_time", None),
    ],
)
def test_x10_numbers_may_be_texts(field, given, key, wanted):
    assert v3(**{field: given})[key] == wanted


@pytest.mark.parametrize("backup_id", [None, "", True, [], {}, 1.5], ids=repr)
def test_a_row_without_an_id_is_no_row(backup_id):
    for make, name in ((v2, "backupId"), (v3, "BackupId")):
        with pytest.raises(BadResponse, match=f"a backup has no {name}"):
            make(**{name: backup_id})


@pytest.mark.parametrize(
    "value, wanted",
    [
        (7, 7),
        ("7", 7),
        ("-7", -7),
        (" 7 ", 7),
        (0, 0),
        ("", None),
        ("-", None),
        ("--7", None),
        ("-7-", None),
        ("7.0", None),
        ("0x7", None),
        (7.0, None),
        (True, None),
        (None, None),
        ([], None),
        (10**19 - 1, 10**19 - 1),
        (-(10**19) + 1, -(10**19) + 1),
        (10**19, None),
        (-(10**19), None),
        ("1" * 20, None),
    ],
    ids=repr,
)
def test_x10_as_int(value, wanted):
    assert backups.as_int(value) == wanted


@pytest.mark.parametrize(
    "value, wanted",
    [
        ("", ""),
        ("nightly", "nightly"),
        ("每日备份", "每日备份"),
        ("half \ud83d of one", "half ? of one"),
        (7, "7"),
        (True, None),
        (7.0, None),
        (None, None),
        ([], None),
    ],
)
def test_x10_as_text(value, wanted):
    assert backups.as_text(value) == wanted


def test_both_dialects_give_the_same_keys_in_the_same_order():
    assert list(v2()) == list(v3())


@pytest.mark.parametrize("status", ["normal", "exporting", "exported"])
@pytest.mark.parametrize(
    "end, gone",
    [
        ("2026-06-01T11:59:59Z", True),
        ("2026-06-01T12:00:00Z", True),
        ("2026-06-01T12:00:01Z", False),
        (None, False),
        ("soon", False),
    ],
)
def test_from_its_end_on_a_backup_is_gone_whatever_its_status_says(status, end, gone):
    row = {"status": status, "status_code": 2, "usable": True, "expire_time": end}
    assert backups.as_of(row, NOW) == ({**row, "status": "expired", "usable": False} if gone else row)


def test_a_backup_that_shows_no_end_has_none():
    row = {"status": "normal", "usable": True}
    assert backups.as_of(row, NOW) is row


@pytest.mark.parametrize("status", ["locked", "expired", "unknown"])
def test_a_backup_that_was_not_usable_stays_what_it_is(status):
    row = {"status": status, "usable": False, "expire_time": "2026-01-01T00:00:00Z"}
    assert backups.as_of(row, NOW) is row
