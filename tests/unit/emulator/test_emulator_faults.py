# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the service: refusals, pages and rows; and which calls a fault meets."""

from __future__ import annotations

import pathlib
import time
from email.utils import parsedate_to_datetime

import pytest
from emulator import FleetError
from emulator.faults import names
from emulator_client import SECRET_ID, SECRET_KEY

MANY = "crs-many0001"


def listed(client, offset=0, limit=5):
    """(ids, total) of one v3 page."""
    answer = client.v3(InstanceId=MANY, Limit=limit, Offset=offset)
    return [row["BackupId"] for row in answer["BackupSet"]], answer["TotalCount"]


def listed_v2(client, offset=0, limit=3):
    """(ids, total) of one v2 page."""
    answer = client.v2_list(MANY, limit=limit, offset=offset)
    return [row["backupId"] for row in answer["data"]["redisBackupSet"]], answer["totalCount"]


# Refusals


@pytest.mark.parametrize(
    "name, arguments, v2, v3",
    [
        ("throttle", {}, 4400, "RequestLimitExceeded"),
        ("internal_error", {}, 6000, "InternalError"),
        (
            "api_error",
            {"code": "FailedOperation.SystemError", "message": "m"},
            "FailedOperation.SystemError",
            "FailedOperation.SystemError",
        ),
        ("api_error", {"code": 5100, "message": "(10702)m", "code_desc": "InstanceStatusAbnormal"}, 5100, "5100"),
    ],
)
def test_refusal(faulty, name, arguments, v2, v3):
    client = faulty(name, **arguments)
    answer = client.v2_list(MANY)
    assert (answer["code"], client.code()) == (v2, v3)
    if "code_desc" in arguments:
        assert (answer["codeDesc"], answer["message"]) == ("InstanceStatusAbnormal", "(10702)m")


def test_refusals_do_not_hide_a_bad_signature(faulty):
    assert faulty("throttle").as_(SECRET_ID, "wrong").code() == "AuthFailure.SignatureFailure"


def test_echo_secret(faulty):
    message = faulty("echo_secret").v3()["Error"]["Message"]
    assert SECRET_ID in message and "Signature=" in message


def test_echo_header(faulty):
    answer = faulty("echo_header").v3_raw()
    assert SECRET_ID in answer.headers["Content-Type"] and "Signature=" in answer.headers["Content-Type"]


def test_echo_row(faulty):
    assert faulty("echo_row").v3()["BackupSet"][0]["InstanceName"] == SECRET_KEY
    assert faulty("echo_row").v2_list(MANY)["data"]["redisBackupSet"][0]["remark"] == SECRET_KEY


def test_skew(faulty):
    client = faulty("skew", seconds=3600)
    answer = client.v3_raw()
    assert answer.json()["Response"]["Error"]["Code"] == "AuthFailure.SignatureExpire"
    assert 3590 < parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time() < 3610
    assert client.code(now=time.time() + 3600) is None


# Pages


@pytest.mark.parametrize("name, by", [("total_too_high", 2), ("total_too_low", -2)])
def test_totals(faulty, name, by):
    client = faulty(name, by=2)
    assert listed(client)[1] == 12 + by and listed_v2(client)[1] == 7 + by


def test_duplicate_page(faulty):
    client = faulty("duplicate_page")
    first, second, third = (listed(client, offset)[0] for offset in (0, 5, 10))
    assert first == second and len(third) == 2 and not set(third) & set(first)
    assert listed_v2(client, 3) == listed_v2(client, 0)


def test_capped_page(faulty):
    client = faulty("capped_page", cap=4)
    assert len(listed(client, 0, 10)[0]) == 4 and len(listed_v2(client, 0, 7)[0]) == 4


def test_empty_page(faulty):
    client = faulty("empty_page", from_offset=5)
    assert len(listed(client)[0]) == 5 and listed(client, 5) == ([], 12)


def test_offset_in_pages(faulty):
    client = faulty("offset_in_pages")
    assert (
        listed(client, 1)[0] != listed(client, 0)[0]
        and listed(client, 5) == ([], 12)
        and len(listed(client, 2)[0]) == 2
    )
    assert len(listed_v2(client, 2)[0]) == 1


@pytest.mark.parametrize("every, totals", [("request", [12, 13, 14]), ("once", [12, 13, 13])])
def test_moving(faulty, every, totals):
    client = faulty("moving", every=every)
    pages = [listed(client, offset) for offset in (0, 5, 10)]
    assert [total for ids, total in pages] == totals
    assert pages[1][0][0] == pages[0][0][-1]


def test_moving_sweep(faulty):
    client = faulty("moving")
    client.v3(Limit=5)
    assert client.v3(Limit=5, Offset=5)["TotalCount"] == client.v3(Limit=5)["TotalCount"] == 15


@pytest.mark.parametrize("every, totals", [("request", [12, 11, 10]), ("once", [12, 11, 11])])
def test_vanishing(faulty, every, totals):
    client = faulty("vanishing", every=every)
    before = listed(client, 0, 100)[0]
    pages = [listed(client, offset) for offset in (0, 5, 10)]
    assert [total for ids, total in pages] == totals
    assert pages[1][0][0] == before[6] and before[5] not in pages[0][0] + pages[1][0] + pages[2][0]


def test_vanishing_v2(faulty):
    client = faulty("vanishing")
    before = listed_v2(client, 0, 7)[0]
    assert listed_v2(client, 3) == (before[4:7], 6)


# Rows


def test_unknown_codes(faulty):
    client = faulty("unknown_status")
    assert [row["Status"] for row in client.v3(InstanceId=MANY, Limit=2)["BackupSet"]] == [9, 2]
    assert client.v2_list(MANY)["data"]["redisBackupSet"][0]["status"] == 9
    client = faulty("unknown_type", code="x")
    assert client.v3(InstanceId=MANY)["BackupSet"][0]["BackupType"] == "x"
    assert client.v2_list(MANY)["data"]["redisBackupSet"][0]["backupType"] == "x"


def test_other_instance(faulty):
    assert {row["InstanceId"] for row in faulty("other_instance").v3(InstanceId=MANY)["BackupSet"]} == {"crs-elsewher"}


def test_nulls(faulty):
    client = faulty("nulls")
    row = client.v3(InstanceId=MANY)["BackupSet"][0]
    assert {name for name in row if row[name] is not None} == {
        "BackupId",
        "StartTime",
        "Status",
        "BackupType",
        "InstanceId",
    }
    assert client.v2_list(MANY)["data"]["redisBackupSet"][0]["remark"] is None


def test_ignore_status(faulty):
    assert faulty("ignore_status").v3(InstanceId="crs-mixed001", Status=[2])["TotalCount"] == 6


# Choosing


def test_page(faulty):
    """The third page in whatever size, and calls without pages not at all."""
    client = faulty("throttle", page=3)
    codes = [client.code(InstanceId=MANY, Limit=limit, Offset=3 * limit - limit) for limit in (2, 5)]
    assert codes == ["RequestLimitExceeded"] * 2
    assert client.v2_list(MANY, limit=3, offset=6)["code"] == 4400
    for offset in (0, 5, 15):
        assert client.code(InstanceId=MANY, Limit=5, Offset=offset) is None
    assert client.code("DescribeAutoBackupConfig", InstanceId=MANY) is None


def test_skip_and_times(faulty):
    client = faulty("throttle", skip=1, times=2)
    assert [client.code() for number in range(5)] == [None, "RequestLimitExceeded", "RequestLimitExceeded", None, None]


@pytest.mark.parametrize(
    "selector", [{"api": "v2"}, {"action": "DescribeInstances"}, {"instance": "crs-x"}, {"region": "ap-seoul"}]
)
def test_selectors_that_do_not_match(faulty, selector):
    assert faulty("throttle", **selector).code(InstanceId=MANY) is None


@pytest.mark.parametrize(
    "selector", [{"api": "v3"}, {"action": "DescribeInstanceBackups"}, {"instance": MANY}, {"region": "ap-guangzhou"}]
)
def test_selectors_that_match(faulty, selector):
    assert faulty("throttle", **selector).code(InstanceId=MANY) == "RequestLimitExceeded"


def test_a_fault_of_later_pages_does_not_count_first_pages(faulty):
    client = faulty("duplicate_page", times=1)
    first = listed(client)
    assert listed(client) == first and listed(client, 5) == first and listed(client, 5) != first


@pytest.mark.parametrize(
    "items, words",
    [
        ([{"name": "nope"}], "faults[0].name: no fault is called 'nope'"),
        (["drop"], "faults[0].name"),
        ([{"name": "drop"}, {"name": "slow", "dealy": 1}], "faults[1].dealy: unknown key"),
        ({}, "expected a list"),
        ([{"name": "slow", "delay": "long"}], "faults[0].delay: expected a number"),
        ([{"name": "moving", "every": "often"}], "faults[0].every: 'often' is none of request, once"),
        ([{"name": "http_503", "as_date": 1}], "faults[0].as_date: expected true or false"),
    ],
)
def test_wrong_faults_are_refused(serve, items, words):
    with pytest.raises(FleetError) as caught:
        serve()[0].set_faults(items)
    assert words in str(caught.value)


def test_control_over_http(client):
    session, url = client.session, client.url + "/_emulator/"
    assert session.get(url + "faults", timeout=10).json() == names()
    assert session.post(url + "faults", json=[{"name": "throttle"}], timeout=10).json() == ["throttle"]
    assert client.code() == "RequestLimitExceeded"
    wrong = session.post(url + "faults", json=[{"name": "nope"}], timeout=10)
    assert wrong.status_code == 400 and "nope" in wrong.json()["error"]
    assert client.code() == "RequestLimitExceeded"
    assert session.post(url + "faults", json=[], timeout=10).json() == []
    assert client.code() is None
    assert [entry["outcome"] for entry in session.get(url + "log", timeout=10).json()] == ["throttle", "throttle", "ok"]
    session.delete(url + "log", timeout=10)
    assert session.get(url + "log", timeout=10).json() == []
    assert session.get(url + "other", timeout=10).status_code == 404


def test_every_fault_has_a_test():
    """By the sources, so that it holds when only a part of the tests is run."""
    folder = pathlib.Path(__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.glob("test_emulator_faults*.py"))
    assert [name for name in names() if '"%s"' % name not in sources] == []
