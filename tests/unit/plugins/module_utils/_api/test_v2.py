# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GetRedisBackupList: what is sent, what comes of an answer, and which error of whom."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from types import SimpleNamespace
from urllib.parse import quote, quote_plus

import pytest
from crs_fakes import SECRET_ID, SECRET_KEY, TOKEN, reply, soon, v2_error, v2_ok, v2_params, v2_row, v2_service

from ansible_collections.qcloud.crs.plugins.module_utils._api import v2
from ansible_collections.qcloud.crs.plugins.module_utils._api.base import Page
from ansible_collections.qcloud.crs.plugins.module_utils._errors import (
    AuthError,
    BadResponse,
    CrsError,
    Denied,
    InvalidRequest,
    NotFound,
    ServerError,
    Throttled,
)
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import Lister, list_instances

NOW = datetime(2017, 2, 9, tzinfo=timezone.utc)
COMMON = {"Action", "Region", "Timestamp", "Nonce", "SecretId", "SignatureMethod"}


def failure(api):
    with pytest.raises(CrsError) as caught:
        api.backups_page("crs-1", None, None, 0, 100)
    return caught.value


def test_what_is_sent(wire, make_api):
    wire.expect(v2_ok(1, [v2_row()]))
    begin, end = (
        datetime(2017, 2, 8, 8, 46, 34, tzinfo=timezone.utc),
        datetime(2017, 2, 8, 11, 9, 26, tzinfo=timezone.utc),
    )
    page = make_api("v2").backups_page("crs-1", begin, end, 20, 10)
    assert (page.total, len(page.rows)) == (1, 1)
    params = v2_params(wire.sent[0])
    assert wire.sent[0].url == "https://redis.example.com/v2/index.php"
    assert {name: value for name, value in params.items() if name not in ("Timestamp", "Nonce")} == {
        "Action": "GetRedisBackupList",
        "Region": "gz",
        "SecretId": SECRET_ID,
        "SignatureMethod": "HmacSHA256",
        "redisId": "crs-1",
        "offset": "20",
        "limit": "10",
        "beginTime": "2017-02-08 16:46:34",
        "endTime": "2017-02-08 19:09:26",
    }


def test_x2_offset_and_limit_are_always_sent_and_nothing_that_is_not_set(wire, make_api):
    wire.expect(v2_ok(0, []))
    make_api("v2").backups_page("crs-1", None, None, 0, 100)
    params = v2_params(wire.sent[0])
    assert set(params) == COMMON | {"redisId", "offset", "limit"}
    assert (params["offset"], params["limit"]) == ("0", "100")


@pytest.mark.parametrize(
    "region, sent", [("ap-shanghai-fsi", "shjr"), ("na-toronto", "tor"), ("me-riyadh", "me-riyadh")]
)
def test_x16_the_region_is_sent_as_the_short_code(wire, make_api, region, sent):
    wire.expect(v2_ok(0, []))
    make_api("v2", region=region).backups_page("crs-1", None, None, 0, 100)
    assert v2_params(wire.sent[0])["Region"] == sent


def test_a_token_is_sent_and_signed_and_nothing_is_in_the_url(wire, make_api):
    wire.expect(v2_ok(0, []))
    make_api("v2", token=TOKEN).backups_page("crs-1", None, None, 0, 100)
    assert v2_params(wire.sent[0])["Token"] == TOKEN
    assert "?" not in wire.sent[0].url and SECRET_KEY.encode() not in wire.sent[0].body


@pytest.mark.parametrize(
    "endpoint",
    ["redis.example.com:8443", "http://127.0.0.1:8080", "http://[::1]:8080", "https://example.com/other.php"],
)
def test_x23_host_and_path_are_signed_as_they_are_sent(wire, make_api, endpoint):
    wire.expect(v2_ok(0, []))
    make_api("v2", endpoint=endpoint).backups_page("crs-1", None, None, 0, 100)
    v2_params(wire.sent[0])


def test_the_old_digest_is_there_too(wire, make_api):
    api = make_api("v2")
    wire.expect(v2_ok(0, []))
    old = v2.ApiV2(api.client, api._credentials, api.region, api.zone, digest="HmacSHA1")
    old.backups_page("crs-1", None, None, 0, 100)
    assert v2_params(wire.sent[0])["SignatureMethod"] == "HmacSHA1"


def test_each_attempt_has_a_time_and_a_nonce_of_its_own(wire, make_api, monkeypatch, faketime):
    monkeypatch.setattr(v2, "time", SimpleNamespace(time=faketime.clock))
    wire.expect(*[v2_error(6000)] * 4, v2_ok(0, []))
    make_api("v2").backups_page("crs-1", None, None, 0, 100)
    sent = [v2_params(one) for one in wire.sent]
    assert len({params["Nonce"] for params in sent}) == 5 and all(0 < int(params["Nonce"]) < 2**31 for params in sent)
    assert int(sent[-1]["Timestamp"]) == int(faketime.now) > int(sent[0]["Timestamp"]) == 1000


@pytest.mark.parametrize(
    "total, size", [(0, 1), (1, 1), (3, 1), (0, 7), (101, 7), (0, 100), (1, 100), (100, 100), (101, 100), (250, 100)]
)
def test_the_exact_set_with_the_least_number_of_requests(wire, make_api, total, size):
    wire.serve(v2_service({"crs-1": [v2_row(number) for number in range(total)]}))
    api = make_api("v2")
    (listing,) = Lister(api, NOW, page_size=size).instances(["crs-1"])
    assert [row["backup_id"] for row in listing.backups] == [f"b-{number:04}" for number in range(total)]
    assert (listing.total, listing.error) == (total, None)
    assert len(wire.sent) == api.client.requests == max(1, math.ceil(total / size))


def test_instances_are_asked_for_a_hundred_at_a_time(wire, make_api):
    """X10: the vendor's example has numbers as texts. X1: offset counts records, and falls back to pages."""
    ids = [f"crs-{number:03}" for number in range(150)]

    def answer(sent):
        params = v2_params(sent)
        assert params["Action"] == "DescribeRedis"
        offset, limit = int(params["offset"]), int(params["limit"])
        rows = [{"redisId": one, "status": "2", "port": "6379"} for one in ids[offset : offset + limit]]
        return reply({"code": "0", "totalCount": str(len(ids)), "data": {"redisSet": rows}})

    wire.serve(answer)
    assert [record["instance_id"] for record in list_instances(make_api("v2"))] == ids
    assert [(v2_params(sent)["offset"], v2_params(sent)["limit"]) for sent in wire.sent] == [
        ("0", "100"),
        ("100", "100"),
    ]


@pytest.mark.parametrize("row", [{}, {"redisId": None}, {"redisId": ""}])
def test_an_instance_needs_an_id(wire, make_api, row):
    wire.expect(reply({"code": 0, "totalCount": 1, "data": {"redisSet": [row]}}))
    with pytest.raises(BadResponse, match="an instance has no redisId"):
        make_api("v2", retries=0).instances_page(0, 100)


def test_there_are_no_regions_to_ask_for(wire, make_api):
    with pytest.raises(InvalidRequest, match=r"API 2\.0 does not list"):
        make_api("v2").regions()


def test_there_is_no_configuration_to_ask_for(wire, make_api):
    with pytest.raises(InvalidRequest, match=r"API 2\.0 does not show"):
        make_api("v2").auto_backup_config("crs-1")


CODES = [
    (4000, InvalidRequest, 0),
    (4100, AuthError, 0),
    (4101, Denied, 0),
    (4102, Denied, 0),
    (4103, Denied, 0),
    (4104, AuthError, 0),
    (4105, AuthError, 0),
    (4106, AuthError, 0),
    (4110, Denied, 0),
    (4200, AuthError, 1),
    (4300, Denied, 0),
    (4400, Throttled, 5),
    (4500, AuthError, 1),
    (4600, InvalidRequest, 0),
    (5000, NotFound, 0),
    (5100, InvalidRequest, 0),
    (5200, InvalidRequest, 0),
    (5300, InvalidRequest, 0),
    (5400, InvalidRequest, 0),
    (5500, InvalidRequest, 0),
    (6000, ServerError, 5),
    (6100, InvalidRequest, 0),
    (6200, ServerError, 5),
    (10701, NotFound, 0),
    (10702, InvalidRequest, 0),
    (10707, ServerError, 5),
    (10711, InvalidRequest, 0),
    (10712, InvalidRequest, 0),
    (11201, InvalidRequest, 0),
    (11213, InvalidRequest, 0),
    (11214, InvalidRequest, 0),
    (99999, InvalidRequest, 0),
    (-1, InvalidRequest, 0),
]


@pytest.mark.parametrize(
    "code, kind, retries", CODES, ids=[f"x15-{code}" if code in (6100, 4400) else str(code) for code, _k, _r in CODES]
)
def test_every_code_has_its_class_and_its_number_of_retries(wire, make_api, code, kind, retries):
    """X10: as a number or as text."""
    for form in (int, str):
        wire.expect(*[v2_error(form(code), "what it says", "ItsName")] * (retries + 1))
        error = failure(make_api("v2"))
        assert error.__class__ is kind and error.code == f"{code} ItsName" and error.said == "what it says"
        assert error.request_id is None
        assert str(error).startswith("GetRedisBackupList of crs-1 in ap-guangzhou at redis.example.com: ")


@pytest.mark.parametrize(
    "code, message, kind, shown",
    [
        (5100, "(10701) no such instance", NotFound, "10701"),
        ("5100", "(10701)gone", NotFound, "10701"),
        (5100, " (10707) locked", ServerError, "10707"),
        (4000, "(11201)EC_PARAM bad", InvalidRequest, "11201"),
        ("5100", "(100004) incorrect projectId", InvalidRequest, "5100"),
        (4102, "(9123)EC_X", Denied, "4102"),
        (5100, "see (10701)", InvalidRequest, "5100"),
        (5100, "(-7) what", InvalidRequest, "5100"),
    ],
    ids=["redis", "text", "space", "parameter", "other-product", "unknown", "not-at-the-start", "negative"],
)
def test_the_modules_own_code_may_begin_the_message(wire, make_api, code, message, kind, shown):
    wire.expect(v2_error(code, message))
    error = failure(make_api("v2", retries=0))
    assert error.__class__ is kind and error.code == shown


@pytest.mark.parametrize("word", ["BackupStatusAbnormal", "BackupStatusInvalid", "", None])
def test_x24_the_number_counts_and_not_the_name(wire, make_api, word):
    wire.expect(v2_error(10711, "x", word), v2_error(10701, "x", word))
    api = make_api("v2", retries=0)
    assert [type(failure(api)) for _time in range(2)] == [InvalidRequest, NotFound]


@pytest.mark.parametrize("code", [4200, 4500])
@pytest.mark.parametrize(
    "date, said",
    [
        (-3600, "clock is 36.. s ahead of the server's"),
        (3600, "clock is 3(600|5..) s behind the server's"),
        ("yesterday", "check this machine's clock"),
        (None, "check this machine's clock"),
    ],
)
def test_x22_errors_about_time_compare_the_clocks(wire, make_api, code, date, said):
    headers = {"Date": soon(date) if isinstance(date, int) else date} if date else {}
    wire.expect(*[v2_error(code, **headers)] * 2)
    with pytest.raises(AuthError, match=said):
        make_api("v2").backups_page("crs-1", None, None, 0, 100)


def test_x11_the_task_number_is_no_request_id(wire, make_api):
    wire.expect(
        reply(
            {
                "code": 4000,
                "message": "m",
                "codeDesc": "InvalidParameter",
                "data": {"requestId": 375062},
                "requestId": 375062,
            }
        )
    )
    assert failure(make_api("v2")).request_id is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"code": None},
        {"code": True},
        {"code": "x"},
        {"code": 0},
        {"code": 0, "totalCount": 1},
        {"code": 0, "totalCount": 1, "data": None},
        {"code": 0, "totalCount": 1, "data": {"redisBackupSet": None}},
        {"code": 0, "totalCount": 1, "data": {"redisBackupSet": {}}},
        {"code": 0, "totalCount": 1, "data": {"redisBackupSet": [1]}},
        {"code": 0, "totalCount": -1, "data": {"redisBackupSet": []}},
        {"code": 0, "totalCount": None, "data": {"redisBackupSet": []}},
        {"code": 0, "totalCount": 10**9, "data": {"redisBackupSet": []}},
        {"code": 0, "totalCount": "--1", "data": {"redisBackupSet": []}},
        {"code": 0, "totalCount": 1, "data": {"redisBackupSet": [{"backupId": None}]}},
        {"code": 0, "data": {"totalCount": 0, "redisBackupSet": []}},
        {"code": "9" * 5000},
    ],
    ids=lambda document: repr(document)[:70],
)
def test_an_answer_that_is_not_what_the_contract_says(wire, make_api, document):
    wire.expect(reply(document))
    error = failure(make_api("v2", retries=0))
    assert error.__class__ is BadResponse or (error.__class__ is InvalidRequest and len(str(document)) > 4000)
    assert "GetRedisBackupList of crs-1" in str(error)


@pytest.mark.parametrize(
    "document",
    [
        {"code": 0, "totalCount": 0, "data": {"redisBackupSet": []}},
        {"code": "0", "totalCount": "0", "data": {"redisBackupSet": None}},
        {"code": 0, "totalCount": 0, "data": None},
        {"code": 0, "totalCount": 0},
    ],
)
def test_none_is_said_in_many_ways(wire, make_api, document):
    wire.expect(reply(document))
    assert make_api("v2").backups_page("crs-1", None, None, 0, 100) == Page([], 0)


FORMS = {"raw": str, "quoted": lambda text: quote(text, safe=""), "plus": quote_plus}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("place", ["message", "word"])
def test_an_error_never_holds_a_secret_that_the_api_echoes(wire, make_api, form, place):
    wire.expect(v2_error(4100, **{place: f"({form(SECRET_KEY)}) and {form(TOKEN)} of {SECRET_ID}"}))
    error = failure(make_api("v2", token=TOKEN))
    for text in (str(error), repr(error), str(error.as_dict())):
        for secret in (SECRET_KEY, TOKEN):
            assert secret not in text and form(secret) not in text


def test_x13_the_content_type_does_not_matter(wire, make_api):
    wire.expect(
        v2_error(4100, Content_Type="application/json; charset=utf-8"), v2_error(4100, Content_Type="text/html")
    )
    api = make_api("v2")
    assert [type(failure(api)) for _time in range(2)] == [AuthError, AuthError]


# The file of a backup


@pytest.mark.parametrize("internal, name", [(False, "extranet"), (True, "intranet")])
def test_the_file_of_a_backup(wire, make_api, internal, name):
    addresses = {"intranet": "https://a.myqcloud.com/intranet", "extranet": "https://a.myqcloud.com/extranet"}
    wire.expect(reply({"code": 0, "message": "", "data": addresses}))
    api = make_api("v2")
    (file,) = api.backup_files("crs-1", "b-1", internal)
    assert (file.name, file.size, file.address) == ("", 0, f"https://a.myqcloud.com/{name}")
    sent = v2_params(wire.sent[0])
    assert (sent["Action"], sent["redisId"], sent["backupId"]) == ("GetBackupDownloadUrl", "crs-1", "b-1")
    assert api.download_restriction() is None and len(wire.sent) == 1


@pytest.mark.parametrize(
    "rows, shards",
    [
        ([{"redisId": "crs-1", "typeId": "2"}], 1),
        ([{"redisId": "crs-1", "typeId": 2}], 1),
        # Of a cluster it doesn't say, of other types it may mean anything, and of another instance nothing.
        ([{"redisId": "crs-1", "typeId": "1"}], None),
        ([{"redisId": "crs-1", "typeId": "18"}], None),
        ([{"redisId": "crs-1"}], None),
        ([{"redisId": "crs-2", "typeId": "2"}], None),
        ([], None),
    ],
)
def test_an_instance_of_which_backups_have_one_shard(wire, make_api, rows, shards):
    wire.expect(reply({"code": 0, "message": "", "totalCount": len(rows), "data": {"redisSet": rows}}))
    assert make_api("v2").backup_shards("crs-1", "b-1") == shards
    sent = v2_params(wire.sent[0])
    assert (sent["Action"], sent["redisId"], sent["offset"]) == ("DescribeRedis", "crs-1", "0")


@pytest.mark.parametrize("data", [None, [], {}, {"extranet": None}, {"extranet": ""}])
def test_what_is_no_address(wire, make_api, data):
    wire.expect(reply({"code": 0, "message": "", "data": data}))
    with pytest.raises(BadResponse, match=r"data\.extranet is not an address"):
        make_api("v2", retries=0).backup_files("crs-1", "b-1", False)


@pytest.mark.parametrize("code, kind", [(11213, InvalidRequest), (10711, InvalidRequest)])
def test_why_there_is_no_address(wire, make_api, code, kind):
    wire.expect(v2_error(code))
    with pytest.raises(kind):
        make_api("v2").backup_files("crs-1", "b-1", False)
