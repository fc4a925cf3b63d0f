# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API 2.0: the envelope, the seven-day window and the refusals."""

from __future__ import annotations

import pytest
from emulator.errors import Refusal
from emulator.limits import Limits


def test_envelope_and_row(client):
    answer = client.v2_list("crs-mixed001", limit=1)
    assert {name: answer[name] for name in ("code", "message", "codeDesc", "totalCount")} == {
        "code": 0,
        "message": "",
        "codeDesc": "Success",
        "totalCount": 6,
    }
    row = answer["data"]["redisBackupSet"][0]
    assert set(row) == {"startTime", "backupId", "backupType", "status", "remark", "locked"}
    assert (row["backupType"], row["status"], row["remark"], row["locked"]) == (
        "manualBackupInstance",
        2,
        "release-1",
        0,
    )


def test_types(client):
    assert {row["backupType"] for row in client.v2_list()["data"]["redisBackupSet"]} == {"systemBackupInstance"}


def test_every_status_is_listed(client):
    rows = client.v2_list("crs-mixed001")["data"]["redisBackupSet"]
    assert [row["status"] for row in rows] == [2, 1, 3, 4, -1, 9]
    assert rows[1]["locked"] == 1 and rows[3]["backupType"] == "systemBackupInstance"


def test_seven_days(client):
    """Twelve daily backups, the last three hours ago: number seven is 6 days and 3 hours old, number eight too old."""
    assert client.v2_list()["totalCount"] == 7
    assert client.v2_list(beginTime="2017-02-08 16:46:34")["totalCount"] == 7


def test_window_ends_are_included(client):
    rows = client.v2_list()["data"]["redisBackupSet"]
    answer = client.v2_list(beginTime=rows[3]["startTime"], endTime=rows[1]["startTime"])
    assert answer["data"]["redisBackupSet"] == rows[1:4]


def test_pinned_time(serve):
    fleet = {"instances": [{"id": "crs-a", "backups": [{"start": "-1h"}, {"start": "2026-05-20T00:00:00Z"}]}]}
    client = serve(fleet, now="2026-05-28T20:26:40Z")[1]
    rows = client.v2_list("crs-a")["data"]["redisBackupSet"]
    assert [row["startTime"] for row in rows] == ["2026-05-29 03:26:40"]
    starts = [row["StartTime"] for row in client.v3(InstanceId="crs-a")["BackupSet"]]
    assert starts == ["2026-05-29 03:26:40", "2026-05-20 08:00:00"]


def test_offset_counts_records(client):
    rows = client.v2_list()["data"]["redisBackupSet"]
    assert client.v2_list(limit=3, offset=2)["data"]["redisBackupSet"] == rows[2:5]


@pytest.mark.parametrize("region", ["gz", "ap-guangzhou"])
def test_regions(client, region):
    assert client.v2_list(region=region)["code"] == 0


@pytest.mark.parametrize(
    "params, code",
    [
        ({"limit": None}, 4000),
        ({"offset": None}, 4000),
        ({"redisId": None}, 4000),
        ({"region": None}, 4000),
        ({"region": "nowhere"}, 4000),
        ({"limit": 101}, 11201),
        ({"limit": 0}, 11201),
        ({"limit": "x"}, 11201),
        ({"offset": -1}, 11201),
        ({"beginTime": "yesterday"}, 11201),
        ({"endTime": "2017-02-30 00:00:00"}, 11201),
        ({"beginTime": "2017-02-09 00:00:00", "endTime": "2017-02-08 00:00:00"}, 11201),
        ({"redisId": "crs-unknown1"}, 10701),
        ({"redisId": "crs-else0001"}, 10701),
        ({"redisId": "crs-tokyo001"}, 10701),
        ({"redisId": "crs-denied01"}, 4102),
        ({"action": "ExportRedisBackup"}, 6100),
        ({"action": None}, 4000),
    ],
)
def test_refusals(client, params, code):
    answer = client.v2(
        **dict({"redisId": "crs-many0001", "limit": 10, "offset": 0, "action": "GetRedisBackupList"}, **params)
    ).json()
    assert answer["code"] == code and "data" not in answer and "totalCount" not in answer


def test_module_code_stands_in_the_message(client):
    answer = client.v2_list("crs-unknown1")
    assert answer["codeDesc"] == "InstanceNotExists" and answer["message"].startswith("(10701)InstanceNotExists ")


def test_describe_redis(client):
    answer = client.v2("DescribeRedis", limit=20, offset=0).json()
    assert answer["totalCount"] == 4
    rows = answer["data"]["redisSet"]
    assert [row["redisId"] for row in rows] == ["crs-many0001", "crs-mixed001", "crs-shown001", "crs-only2001"]
    assert rows[1]["status"] == "-2" and rows[1]["port"] == "6379" and rows[1]["typeId"] == "1"
    named = client.v2("DescribeRedis", limit=20, offset=0, **{"projectIds.0": 7}).json()
    assert [row["redisId"] for row in named["data"]["redisSet"]] == ["crs-mixed001"]


def test_action_may_begin_small(client):
    assert client.v2("getRedisBackupList", redisId="crs-many0001", limit=1, offset=0).json()["code"] == 0


def test_rate_limit(serve):
    """One request in a hundred seconds, so that no slow machine can earn another."""
    client = serve({"settings": {"rate_limit": 0.01}, "instances": [{"id": "crs-a"}]})[1]
    assert [client.v2_list("crs-a")["code"] for number in range(3)] == [0, 4400, 4400]
    assert client.code() == "RequestLimitExceeded"


def test_bucket():
    now = [0.0]
    limits = Limits(2, lambda: now[0])

    def taken(secret_id="a"):
        try:
            limits.take(secret_id)
        except Refusal as refusal:
            return refusal.v2[0]
        return 0

    assert [taken(), taken(), taken(), taken("b")] == [0, 0, 4400, 0]
    now[0] = 0.5
    assert [taken(), taken()] == [0, 4400]
    now[0] = 100
    assert [taken(), taken(), taken()] == [0, 0, 4400]
