# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API 3.0: paging rules, filters and refusals."""

from __future__ import annotations

import pytest
from emulator_client import FLEET

WRONG = "InvalidParameter.InvalidParameter"
ALL = [1, 2, 3, 4, -1, -2]


def test_backup_row(serve):
    client = serve(now="2026-05-28T20:26:40Z")[1]
    answer = client.v3(InstanceId="crs-mixed001", Status=[4])
    row = answer["BackupSet"][0]
    assert row["BackupType"] == "2" and row["Status"] == 4 and row["Locked"] == 0 and row["Encrypted"] is False
    assert (row["InstanceId"], row["InstanceName"], row["Region"]) == ("crs-mixed001", "sessions", "ap-guangzhou")
    assert (row["InstanceType"], row["FileType"]) == (16, "RDB-Redis 6.2")
    assert row["StartTime"] == "2026-05-29 00:26:40"
    assert row["EndTime"] > row["StartTime"] and row["ExpireTime"] == "2026-06-05 00:26:40"
    assert len(row) == 16 and len(answer["RequestId"]) == 36


def test_types(client):
    """Strings, not numbers; 2 is in the row test."""
    assert {row["BackupType"] for row in client.v3(InstanceId="crs-many0001")["BackupSet"]} == {"1"}
    assert client.v3(InstanceId="crs-mixed001")["BackupSet"][0]["BackupType"] == "0"


def test_pages_join_to_the_whole(client):
    pages = [client.v3(InstanceId="crs-many0001", Limit=5, Offset=offset) for offset in (0, 5, 10, 15)]
    assert [len(page["BackupSet"]) for page in pages] == [5, 5, 2, 0]
    assert {page["TotalCount"] for page in pages} == {12}
    ids = [row["BackupId"] for page in pages for row in page["BackupSet"]]
    assert len(set(ids)) == 12
    starts = [row["StartTime"] for page in pages for row in page["BackupSet"]]
    assert starts == sorted(starts, reverse=True)


def test_default_limit(serve):
    client = serve({"generate": [{"count": 25, "schedule": {"count": 1}}]})[1]
    assert len(client.v3()["BackupSet"]) == 20
    assert len(client.v3("DescribeInstances")["InstanceSet"]) == 20
    assert len(client.v3("DescribeInstances", Limit=1000)["InstanceSet"]) == 25


@pytest.mark.parametrize(
    "params",
    [
        {"Limit": 101},
        {"Limit": 0},
        {"Limit": -1},
        {"Limit": 10, "Offset": 15},
        {"Limit": "10"},
        {"Offset": -20},
        {"Limit": True},
        {"BeginTime": "2017-02-08"},
        {"BeginTime": "2017-02-30 00:00:00", "EndTime": "2017-03-01 00:00:00"},
        {"BeginTime": "2017-02-08 00:00:00", "EndTime": "2017-03-10 00:00:01"},
        {"BeginTime": "2017-02-09 00:00:00", "EndTime": "2017-02-08 00:00:00"},
        {"BeginTime": "2017-02-09 00:00:00"},
        {"Status": [9]},
        {"Status": 2},
        {"InstanceId": 5},
    ],
)
def test_refused_parameters(client, params):
    assert client.code(**params) == WRONG


def test_thirty_days_are_allowed(client):
    assert client.code(BeginTime="2017-02-08 00:00:00", EndTime="2017-03-10 00:00:00") is None


def test_both_ends_are_included(client):
    rows = client.v3(InstanceId="crs-many0001")["BackupSet"]
    found = client.v3(InstanceId="crs-many0001", BeginTime=rows[4]["StartTime"], EndTime=rows[2]["StartTime"])
    assert [row["BackupId"] for row in found["BackupSet"]] == [row["BackupId"] for row in rows[2:5]]


def test_older_than_a_week_is_shown(client):
    assert client.v3(InstanceId="crs-many0001")["TotalCount"] == 12


@pytest.mark.parametrize(
    "sent, expected",
    [
        (None, {2, 9}),
        ([], {2, 9}),
        ([2], {2, 9}),
        ([3], {3, 9}),
        ([4], {4, 9}),
        ([1], {1, 9}),
        ([-1], {-1, 9}),
        ([-2], {9}),
        (ALL, {1, 2, 3, 4, -1, 9}),
    ],
)
def test_status_filter(client, sent, expected):
    """Absent means normal alone; the code 9, for which the filter has no word, is always shown."""
    params = {} if sent is None else {"Status": sent}
    assert {row["Status"] for row in client.v3(InstanceId="crs-mixed001", **params)["BackupSet"]} == expected


def test_sweep_leaves_out_what_may_not_be_read(client):
    answer = client.v3(Status=ALL, Limit=100)
    assert {row["InstanceId"] for row in answer["BackupSet"]} == {"crs-many0001", "crs-mixed001"}
    assert answer["TotalCount"] == 18
    assert client.v3(region="ap-tokyo")["TotalCount"] == 1
    assert client.v3(region="ap-seoul").get("BackupSet") == []


def test_names_are_fuzzy(client):
    assert client.v3(InstanceName="cache")["TotalCount"] == 12
    assert client.v3(InstanceName="none")["TotalCount"] == 0


@pytest.mark.parametrize(
    "identity, code",
    [
        ("crs-unknown1", "ResourceNotFound.InstanceNotExists"),
        ("crs-only2001", "ResourceNotFound.InstanceNotExists"),
        ("crs-else0001", "ResourceNotFound.InstanceNotExists"),
        ("crs-tokyo001", "ResourceNotFound.InstanceNotExists"),
        ("crs-denied01", "UnauthorizedOperation.NoCAMAuthed"),
        ("crs-shown001", "UnauthorizedOperation.NoCAMAuthed"),
    ],
)
def test_instances_that_are_refused(client, identity, code):
    assert client.code(InstanceId=identity) == code
    assert client.code("DescribeAutoBackupConfig", InstanceId=identity) == code


def ids(answer):
    return [row["InstanceId"] for row in answer["InstanceSet"]]


def test_instances(client):
    answer = client.v3("DescribeInstances")
    assert ids(answer) == ["crs-many0001", "crs-mixed001", "crs-shown001"] and answer["TotalCount"] == 3
    row = answer["InstanceSet"][0]
    assert row["InstanceTags"] == [{"TagKey": "env", "TagValue": "prod"}] and row["Tags"] == []
    assert row["OfflineTime"] == "" and row["CloseTime"] == "0000-00-00 00:00:00"
    assert "Createtime" in row and "CreateTime" not in row
    assert len(row) == 61
    assert answer["InstanceSet"][1]["InstanceTitle"] == "已隔离"


@pytest.mark.parametrize(
    "params, expected",
    [
        ({"InstanceId": "crs-mixed001"}, ["crs-mixed001"]),
        ({"InstanceId": "crs-unknown1"}, []),
        ({"InstanceIds": ["crs-shown001", "crs-many0001", "x"]}, ["crs-many0001", "crs-shown001"]),
        ({"InstanceName": "sessions"}, ["crs-mixed001"]),
        ({"SearchKey": "order"}, ["crs-many0001"]),
        ({"SearchKeys": ["sess", "crs-shown001"]}, ["crs-mixed001", "crs-shown001"]),
        ({"Status": [-2]}, ["crs-mixed001"]),
        ({"ProjectIds": [7]}, ["crs-mixed001"]),
        ({"InstanceTags": [{"TagKey": "env", "TagValue": "prod"}]}, ["crs-many0001"]),
        ({"TagKeys": ["env"]}, ["crs-many0001"]),
        ({"OrderBy": "instancename", "OrderType": 0, "Limit": 1}, ["crs-shown001"]),
        ({"Limit": 2, "Offset": 2}, ["crs-shown001"]),
    ],
)
def test_instance_filters(client, params, expected):
    assert ids(client.v3("DescribeInstances", **params)) == expected


@pytest.mark.parametrize(
    "params", [{"Limit": 1001}, {"Limit": 2, "Offset": 1}, {"OrderBy": "x"}, {"InstanceTags": ["env"]}]
)
def test_refused_instance_parameters(client, params):
    assert client.code("DescribeInstances", **params) == WRONG


def test_auto_backup(serve):
    client = serve(
        {"instances": [{"id": "crs-a", "auto_backup": {"week_days": ["Monday"], "window": "03:00-04:00", "days": 30}}]}
    )[1]
    answer = client.v3("DescribeAutoBackupConfig", InstanceId="crs-a")
    assert (answer["WeekDays"], answer["TimePeriod"], answer["BackupStorageDays"]) == (["Monday"], "03:00-04:00", 30)
    assert client.code("DescribeAutoBackupConfig") == "MissingParameter"


@pytest.mark.parametrize(
    "options, code",
    [
        ({"action": "DescribeSlowLog"}, "InvalidAction"),
        ({"action": ""}, "MissingParameter"),
        ({"version": "2017-01-01"}, "NoSuchVersion"),
        ({"version": ""}, "MissingParameter"),
        ({"service": "cvm"}, "NoSuchProduct"),
        ({"region": "ap-nowhere"}, "UnsupportedRegion"),
        ({"region": "gz"}, "UnsupportedRegion"),
        ({"region": ""}, "MissingParameter"),
        ({"instance_name": "x"}, "UnknownParameter"),
        ({"body": b"[]"}, "InvalidRequest"),
        ({"body": b"{"}, "InvalidRequest"),
    ],
)
def test_wrong_requests(client, options, code):
    assert client.code(**options) == code


def test_http(client):
    answer = client.v3_raw(InstanceId="crs-unknown1")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json" and answer.headers["Date"]
    assert client.session.put(client.url + "/", timeout=10).status_code == 405
    assert client.session.get(client.url + "/other", timeout=10).status_code == 404


def test_regions_on_sale(serve):
    """The same whichever region is named, and as the fleet file says."""
    found = serve()[1].v3("DescribeProductInfo", region="ap-tokyo")["RegionSet"]
    codes = [one["RegionId"] for one in found]
    assert "ap-guangzhou" in codes and len(codes) > 20 and not [one for one in codes if one.endswith("-fsi")]
    few = serve({"settings": {"regions": ["ap-shanghai-fsi"]}})[1]
    assert [one["RegionShortName"] for one in few.v3("DescribeProductInfo")["RegionSet"]] == ["SHJR"]
    assert few.code("DescribeProductInfo", InstanceId="a") == "UnknownParameter"


@pytest.mark.parametrize("kind, found", [("gone", False), ("hidden", True)])
def test_what_is_gone_or_hidden_is_in_no_list_and_swept_all_the_same(serve, kind, found):
    odd = {"id": "crs-odd00001", kind: True, "schedule": {"count": 2}}
    _emulator, client = serve({**FLEET, "instances": [{"id": "crs-there001"}, odd]})
    assert ids(client.v3("DescribeInstances")) == ["crs-there001"]
    assert ids(client.v3("DescribeInstances", InstanceIds=["crs-odd00001"])) == []
    assert [row["redisId"] for row in client.v2("DescribeRedis", limit=20, offset=0).json()["data"]["redisSet"]] == [
        "crs-there001"
    ]
    assert {row["InstanceId"] for row in client.v3(Status=ALL, Limit=100)["BackupSet"]} == {"crs-odd00001"}
    if found:
        assert client.v3(InstanceId="crs-odd00001")["TotalCount"] == client.v2_list("crs-odd00001")["totalCount"] == 2
    else:
        assert client.code(InstanceId="crs-odd00001") == "ResourceNotFound.InstanceNotExists"
        assert client.v2_list("crs-odd00001")["codeDesc"] == "InstanceNotExists"
