# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DescribeInstanceBackups and DescribeInstances: what is sent, what comes of an answer, and which error of whom."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from types import SimpleNamespace
from urllib.parse import quote, quote_plus

import pytest
from crs_fakes import SECRET_KEY, TOKEN, reply, soon, v3_error, v3_ok, v3_params, v3_row, v3_service

from ansible_collections.qcloud.crs.plugins.module_utils._api import v3_service as _service
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
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import Lister

NOW = datetime(2026, 6, 2, tzinfo=timezone.utc)


def failure(api):
    with pytest.raises(CrsError) as caught:
        api.backups_page("crs-1", None, None, 0, 100)
    return caught.value


def test_what_is_sent(wire, make_api):
    wire.expect(v3_ok(1, [v3_row()]))
    begin, end = (
        datetime(2017, 2, 8, 8, 46, 34, tzinfo=timezone.utc),
        datetime(2017, 2, 8, 11, 9, 26, tzinfo=timezone.utc),
    )
    page = make_api("v3").backups_page("crs-1", begin, end, 20, 10)
    assert (page.total, len(page.rows)) == (1, 1)
    sent = wire.sent[0]
    assert v3_params(sent) == {
        "Limit": 10,
        "Offset": 20,
        "Status": [1, 2, 3, 4, -1],
        "InstanceId": "crs-1",
        "BeginTime": "2017-02-08 16:46:34",
        "EndTime": "2017-02-08 19:09:26",
    }
    assert sent.url == "https://redis.example.com/"
    named = {
        name: value for name, value in sent.headers.items() if name.startswith("X-TC-") and name != "X-TC-Timestamp"
    }
    assert named == {
        "X-TC-Action": "DescribeInstanceBackups",
        "X-TC-Version": "2018-04-12",
        "X-TC-Region": "ap-guangzhou",
        "X-TC-Language": "en-US",
    }


def test_x5_every_status_is_asked_for(wire, make_api):
    """Left out, the API shows normal backups only. X4: these are the filter's codes."""
    wire.expect(v3_ok(0, []), v3_ok(0, []))
    api = make_api("v3")
    for instance_id in ("crs-1", None):
        api.backups_page(instance_id, None, None, 0, 100)
        assert {1, 2, 3, 4, -1} == set(v3_params(wire.sent[-1])["Status"])


def test_nothing_is_sent_that_is_not_set(wire, make_api):
    wire.expect(v3_ok(0, []))
    make_api("v3").backups_page(None, None, None, 0, 100)
    assert set(v3_params(wire.sent[0])) == {"Limit", "Offset", "Status"}
    assert "X-TC-Token" not in wire.sent[0].headers


def test_x18_x19_instances_are_asked_for_by_nothing_but_a_page(wire, make_api):
    wire.expect(
        v3_ok(2, [{"InstanceId": "crs-1", "Tags": ["x"]}, {"InstanceId": "crs-2", "WanIp": None}], "InstanceSet")
    )
    assert make_api("v3").instances_page(0, 1000).total == 2
    assert v3_params(wire.sent[0]) == {"Limit": 1000, "Offset": 0}
    assert wire.sent[0].headers["X-TC-Action"] == "DescribeInstances"


@pytest.mark.parametrize("region", ["ap-shanghai-fsi", "me-riyadh"])
def test_x16_the_region_is_always_sent(wire, make_api, region):
    wire.expect(v3_ok(0, []))
    make_api("v3", region=region).backups_page(None, None, None, 0, 100)
    assert wire.sent[0].headers["X-TC-Region"] == region


def test_a_token_is_sent_in_its_header(wire, make_api):
    wire.expect(v3_ok(0, []))
    make_api("v3", token=TOKEN).backups_page(None, None, None, 0, 100)
    assert wire.sent[0].headers["X-TC-Token"] == TOKEN
    assert SECRET_KEY not in str(dict(wire.sent[0].headers)) and TOKEN.encode() not in wire.sent[0].body


@pytest.mark.parametrize("endpoint", ["redis.example.com:8443", "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_x23_the_host_is_signed_as_it_is_sent(wire, make_api, endpoint):
    wire.expect(v3_ok(0, []))
    make_api("v3", endpoint=endpoint).backups_page(None, None, None, 0, 100)
    v3_params(wire.sent[0])


def test_each_attempt_has_a_time_of_its_own(wire, make_api, monkeypatch, faketime):
    monkeypatch.setattr(_service, "time", SimpleNamespace(time=faketime.clock))
    wire.expect(*[v3_error("InternalError")] * 4, v3_ok(0, []))
    make_api("v3").backups_page(None, None, None, 0, 100)
    for sent in wire.sent:
        v3_params(sent)
    assert (
        int(wire.sent[-1].headers["X-TC-Timestamp"])
        == int(faketime.now)
        > int(wire.sent[0].headers["X-TC-Timestamp"])
        == 1000
    )


@pytest.mark.parametrize(
    "total, size", [(0, 1), (1, 1), (3, 1), (0, 7), (101, 7), (0, 100), (1, 100), (100, 100), (101, 100), (250, 100)]
)
def test_the_exact_set_with_the_least_number_of_requests(wire, make_api, total, size):
    wire.serve(v3_service({"crs-1": [v3_row(number) for number in range(total)], "crs-2": [v3_row(9999, "crs-2")]}))
    api = make_api("v3")
    (listing,) = Lister(api, NOW, page_size=size).instances(["crs-1"])
    assert [row["backup_id"] for row in listing.backups] == [f"b-{number:04}" for number in range(total)]
    assert (listing.total, listing.error) == (total, None)
    assert len(wire.sent) == api.client.requests == max(1, math.ceil(total / size))


@pytest.mark.parametrize(
    "payload, wanted",
    [
        (
            {
                "BackupStorageDays": 7,
                "WeekDays": ["Monday", "Sunday"],
                "TimePeriod": "01:00-02:00",
                "AutoBackupType": 1,
            },
            {"retention_days": 7, "week_days": ["Monday", "Sunday"], "window": "01:00-02:00"},
        ),
        ({"BackupStorageDays": "30", "WeekDays": []}, {"retention_days": 30, "week_days": [], "window": None}),
        (
            {"BackupStorageDays": None, "WeekDays": [], "TimePeriod": None},
            {"retention_days": None, "week_days": [], "window": None},
        ),
    ],
    ids=["full", "x10-text", "x9-null"],
)
def test_the_configuration_of_automatic_backups(wire, make_api, payload, wanted):
    wire.expect(reply({"Response": payload}))
    assert make_api("v3").auto_backup_config("crs-1") == wanted
    assert v3_params(wire.sent[0]) == {"InstanceId": "crs-1"}
    assert wire.sent[0].headers["X-TC-Action"] == "DescribeAutoBackupConfig"


@pytest.mark.parametrize("payload", [{}, {"WeekDays": None}, {"WeekDays": "Monday"}])
def test_a_configuration_without_days_is_none(wire, make_api, payload):
    wire.expect(reply({"Response": payload}))
    with pytest.raises(BadResponse, match=r"of crs-1 in ap-guangzhou at redis\.example\.com: WeekDays is not a list"):
        make_api("v3", retries=0).auto_backup_config("crs-1")


def test_the_regions_in_which_the_vendor_sells(wire, make_api):
    wire.expect(
        reply({"Response": {"RegionSet": [{"RegionId": one} for one in ("ap-guangzhou", "ap-new-1", "ap-guangzhou")]}})
    )
    assert make_api("v3", "ap-tokyo").regions() == ["ap-guangzhou", "ap-new-1"]
    assert (wire.sent[0].headers["X-TC-Action"], v3_params(wire.sent[0])) == ("DescribeProductInfo", {})


@pytest.mark.parametrize("rows", [None, [], "ap-guangzhou", [None], [{}], [{"RegionId": ""}], [{"RegionId": "a b"}]])
def test_an_answer_without_regions_is_none(wire, make_api, rows):
    """As if there were no region: then there would be no instance, and everything would be covered."""
    wire.expect(reply({"Response": {"RegionSet": rows}}))
    with pytest.raises(BadResponse, match="RegionSet"):
        make_api("v3", retries=0).regions()


def test_a_day_that_comes_twice_is_no_answer(wire, make_api):
    wire.expect(reply({"Response": {"WeekDays": ["Monday", "Friday", "Monday"]}}))
    with pytest.raises(BadResponse, match="WeekDays has a day twice"):
        make_api("v3", retries=0).auto_backup_config("crs-1")


CODES = [
    # of the redis actions
    ("FailedOperation.SystemError", ServerError, 5),
    ("InternalError.DbOperationFailed", ServerError, 5),
    ("InternalError.InternalError", ServerError, 5),
    ("InvalidParameter.InvalidParameter", InvalidRequest, 0),
    ("InvalidParameter.PermissionDenied", Denied, 0),
    ("ResourceNotFound.InstanceNotExists", NotFound, 0),
    ("UnauthorizedOperation.NoCAMAuthed", Denied, 0),
    ("UnsupportedOperation", InvalidRequest, 0),
    ("FailedOperation.Unknown", InvalidRequest, 0),
    ("InvalidParameter.EmptyParam", InvalidRequest, 0),
    ("InvalidParameter.NotSupported", InvalidRequest, 0),
    ("InvalidParameterValue.BackupNotExists", InvalidRequest, 0),
    ("ResourceUnavailable.InstanceLockedError", InvalidRequest, 0),
    ("UnauthorizedOperation.UserNotInWhiteList", Denied, 0),
    ("UnsupportedOperation.ClusterInstanceAccessedDeny", InvalidRequest, 0),
    # common
    ("ActionOffline", InvalidRequest, 0),
    ("AuthFailure.InvalidAuthorization", AuthError, 0),
    ("AuthFailure.InvalidSecretId", AuthError, 0),
    ("AuthFailure.MFAFailure", AuthError, 0),
    ("AuthFailure.SecretIdNotFound", AuthError, 0),
    ("AuthFailure.SignatureExpire", AuthError, 1),
    ("AuthFailure.SignatureFailure", AuthError, 0),
    ("AuthFailure.TokenFailure", AuthError, 0),
    ("AuthFailure.UnauthorizedOperation", Denied, 0),
    ("DryRunOperation", InvalidRequest, 0),
    ("FailedOperation", InvalidRequest, 0),
    ("InternalError", ServerError, 5),
    ("InvalidAction", InvalidRequest, 0),
    ("InvalidParameter", InvalidRequest, 0),
    ("InvalidParameterValue", InvalidRequest, 0),
    ("InvalidRequest", InvalidRequest, 0),
    ("IpInBlacklist", Denied, 0),
    ("IpNotInWhitelist", Denied, 0),
    ("LimitExceeded", InvalidRequest, 0),
    ("LimitExceeded.Quota", InvalidRequest, 0),
    ("MissingParameter", InvalidRequest, 0),
    ("NoSuchProduct", InvalidRequest, 0),
    ("NoSuchVersion", InvalidRequest, 0),
    ("RequestLimitExceeded", Throttled, 5),
    ("RequestLimitExceeded.GlobalRegionUinLimitExceeded", Throttled, 5),
    ("RequestLimitExceeded.IPLimitExceeded", Throttled, 5),
    ("RequestLimitExceeded.UinLimitExceeded", Throttled, 5),
    ("RequestSizeLimitExceeded", InvalidRequest, 0),
    ("ResourceInUse", InvalidRequest, 0),
    ("ResourceInsufficient", InvalidRequest, 0),
    ("ResourceNotFound", NotFound, 0),
    ("ResourceUnavailable", InvalidRequest, 0),
    ("ResponseSizeLimitExceeded", InvalidRequest, 0),
    ("ServiceUnavailable", ServerError, 5),
    ("UnauthorizedOperation", Denied, 0),
    ("UnknownParameter", InvalidRequest, 0),
    ("UnsupportedProtocol", InvalidRequest, 0),
    ("UnsupportedRegion", InvalidRequest, 0),
    ("SomethingNew.Entirely", InvalidRequest, 0),
    ("UnauthorizedOperation.Something.New", Denied, 0),
]
X15 = {"InvalidParameter.PermissionDenied", "LimitExceeded", "RequestLimitExceeded"}


@pytest.mark.parametrize(
    "code, kind, retries", CODES, ids=[f"x15-{code}" if code in X15 else code for code, _k, _r in CODES]
)
def test_every_code_has_its_class_and_its_number_of_retries(wire, make_api, code, kind, retries):
    wire.expect(*[v3_error(code, "what it says", "trace-1")] * (retries + 1))
    error = failure(make_api("v3"))
    assert error.__class__ is kind
    assert error.as_dict() == {"kind": kind.kind, "code": code, "message": str(error), "request_id": "trace-1"}
    said = str(error)
    assert said.startswith("DescribeInstanceBackups of crs-1 in ap-guangzhou at redis.example.com: ")
    for part in (f"code {code}", 'the API says "what it says"', "request id trace-1", *(["tried"] if retries else [])):
        assert part in said


def test_a_throttle_is_counted_and_slows_the_pace(wire, make_api):
    wire.expect(v3_error("RequestLimitExceeded.UinLimitExceeded"), v3_error("RequestLimitExceeded"), v3_ok(0, []))
    api = make_api("v3")
    api.backups_page("crs-1", None, None, 0, 100)
    assert (api.client.requests, api.client.retries, api.client.throttled) == (3, 2, 2)


@pytest.mark.parametrize(
    "error, code",
    [
        ({}, "unknown"),
        ([], "unknown"),
        ("AuthFailure", "unknown"),
        ({"Code": None}, "unknown"),
        ({"Code": 7, "Message": 8}, "7"),
        ({"Message": "m"}, "unknown"),
    ],
    ids=repr,
)
def test_an_error_of_an_odd_form_is_an_error(wire, make_api, error, code):
    wire.expect(reply({"Response": {"Error": error, "TotalCount": 0, "BackupSet": [], "RequestId": 5}}))
    met = failure(make_api("v3"))
    assert (met.__class__, met.code) == (InvalidRequest, code)


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "text/plain", "text/html", ""]
)
def test_x13_an_error_body_is_an_error_whatever_the_content_type(wire, make_api, kind):
    """The vendor's client takes it for a success without rows where the content type has a charset."""
    wire.expect(v3_error("AuthFailure.SignatureFailure", Content_Type=kind))
    assert failure(make_api("v3")).__class__ is AuthError


@pytest.mark.parametrize("status", [200, 400, 401, 500, 503])
def test_an_error_body_is_an_error_whatever_the_status(wire, make_api, status):
    wire.expect(v3_error("InvalidParameter.PermissionDenied")._replace(status=status))
    assert failure(make_api("v3")).__class__ is Denied


@pytest.mark.parametrize(
    "date, said",
    [
        (-3600, "clock is 36.. s ahead of the server's"),
        (3600, "clock is 3(600|5..) s behind the server's"),
        (None, "check this machine's clock"),
    ],
)
def test_x22_errors_about_time_compare_the_clocks(wire, make_api, date, said):
    wire.expect(*[v3_error("AuthFailure.SignatureExpire", **({"Date": soon(date)} if date else {}))] * 2)
    with pytest.raises(AuthError, match=said):
        make_api("v3").backups_page("crs-1", None, None, 0, 100)


def test_x22_other_errors_say_nothing_of_clocks(wire, make_api):
    wire.expect(v3_error("AuthFailure.SignatureFailure", Date=soon(-3600)))
    assert str(failure(make_api("v3"))).endswith(
        ": the signature is wrong: check secret_key (code AuthFailure.SignatureFailure, request id r-1)"
    )


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {},
        {"TotalCount": 1},
        {"TotalCount": None, "BackupSet": []},
        {"TotalCount": None, "BackupSet": None},
        {"TotalCount": 1, "BackupSet": None},
        {"TotalCount": 1, "BackupSet": {}},
        {"TotalCount": 1, "BackupSet": [None]},
        {"TotalCount": True, "BackupSet": []},
        {"TotalCount": -1, "BackupSet": []},
        {"TotalCount": 1.0, "BackupSet": []},
        {"TotalCount": 10**9, "BackupSet": []},
        {"TotalCount": 1, "BackupSet": [{"BackupId": ""}]},
        {"TotalCount": 1, "BackupSet": [v3_row(InstanceId="crs-other")]},
    ],
    ids=lambda payload: repr(payload)[:70],
)
def test_an_answer_that_is_not_what_the_contract_says(wire, make_api, payload):
    wire.expect(reply({"Response": payload}))
    error = failure(make_api("v3", retries=0))
    assert error.__class__ is BadResponse and "DescribeInstanceBackups of crs-1" in str(error)


@pytest.mark.parametrize("payload", [None, [], "ok"], ids=repr)
def test_an_answer_without_an_envelope_is_said_to_be_one(wire, make_api, payload):
    wire.expect(reply({"Response": payload}))
    assert str(failure(make_api("v3", retries=0))).endswith(": the response has no key Response")


@pytest.mark.parametrize(
    "payload", [{"TotalCount": 0, "BackupSet": []}, {"TotalCount": "0", "BackupSet": None}, {"TotalCount": 0}]
)
def test_x8_none_is_said_in_many_ways(wire, make_api, payload):
    wire.expect(reply({"Response": payload}))
    assert make_api("v3").backups_page("crs-1", None, None, 0, 100) == Page([], 0)


def test_a_row_of_a_sweep_needs_an_instance(wire, make_api):
    wire.expect(v3_ok(1, [v3_row(InstanceId=None)]))
    with pytest.raises(BadResponse, match="b-0001 has no InstanceId"):
        make_api("v3", retries=0).backups_page(None, None, None, 0, 100)


@pytest.mark.parametrize("row", [{}, {"InstanceId": None}, {"InstanceId": ""}])
def test_an_instance_needs_an_id(wire, make_api, row):
    wire.expect(v3_ok(1, [row], "InstanceSet"))
    with pytest.raises(BadResponse, match="an instance has no InstanceId"):
        make_api("v3", retries=0).instances_page(0, 1000)


@pytest.mark.parametrize("keys", [["env", "env"], ["env", None], ["", "env"]])
def test_a_tag_needs_a_key_of_its_own(wire, make_api, keys):
    tags = [{"TagKey": key, "TagValue": "prod"} for key in keys]
    wire.expect(v3_ok(1, [{"InstanceId": "crs-1", "InstanceTags": tags}], "InstanceSet"))
    with pytest.raises(BadResponse, match="InstanceTags has a tag without a key, or one twice"):
        make_api("v3", retries=0).instances_page(0, 1000)


FORMS = {"raw": str, "quoted": lambda text: quote(text, safe=""), "plus": quote_plus}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("place", ["message", "code", "request_id"])
def test_an_error_never_holds_a_secret_that_the_api_echoes(wire, make_api, form, place):
    wire.expect(v3_error(**{"code": "AuthFailure", place: f"AuthFailure.{form(SECRET_KEY)} and {form(TOKEN)}"}))
    error = failure(make_api("v3", token=TOKEN))
    for text in (str(error), repr(error), str(error.as_dict())):
        for secret in (SECRET_KEY, TOKEN):
            assert secret not in text and form(secret) not in text


# The files of a backup


def files_ok(*rows):
    return reply({"Response": {"BackupInfos": list(rows), "RequestId": "r-1"}})


def file_row(number=1, **fields):
    return {
        "FileName": f"shard-{number}.rdb",
        "FileSize": 1048576,
        "DownloadUrl": f"https://a.myqcloud.com/{number}?sign=madeupDownloadToken",
        "InnerDownloadUrl": f"https://b.myqcloud.com/{number}?sign=madeupDownloadToken",
        **fields,
    }


def test_each_file_of_a_backup(wire, make_api):
    wire.expect(files_ok(file_row(1), file_row(2, FileSize=None)), files_ok(file_row(1, FileName=None)))
    api = make_api("v3")
    files = api.backup_files("crs-1", "b-1", False)
    assert [(file.name, file.size) for file in files] == [("shard-1.rdb", 1048576), ("shard-2.rdb", 0)]
    assert [file.address.partition("?")[0] for file in files] == [f"https://a.myqcloud.com/{one}" for one in (1, 2)]
    # Whoever shows one by mistake shows no address.
    assert "myqcloud" not in repr(files) and "myqcloud" not in str(files[0])
    (inner,) = api.backup_files("crs-1", "b-1", True)
    assert inner.address.startswith("https://b.myqcloud.com/") and inner.name == ""
    assert v3_params(wire.sent[0]) == {"InstanceId": "crs-1", "BackupId": "b-1"}
    assert wire.sent[0].headers["X-TC-Action"] == "DescribeBackupUrl"


@pytest.mark.parametrize(
    "rows, said",
    [
        ((), "has no file"),
        ((file_row(1), file_row(2, FileName="shard-1.rdb")), "has a file twice"),
        ((file_row(1), file_row(2, DownloadUrl=file_row(1)["DownloadUrl"])), "has a file twice"),
        ((file_row(1, DownloadUrl=None),), "BackupInfos.DownloadUrl is not an address"),
        ((file_row(1, DownloadUrl=""),), "BackupInfos.DownloadUrl is not an address"),
        (("x",), "BackupInfos is not a list of objects"),
    ],
)
def test_what_is_no_list_of_files(wire, make_api, rows, said):
    wire.expect(files_ok(*rows))
    with pytest.raises(BadResponse, match=said) as problem:
        make_api("v3", retries=0).backup_files("crs-1", "b-1", False)
    assert "madeup" not in str(problem.value)


@pytest.mark.parametrize("shards, found", [(1, 1), ("8", 8), (0, None), (None, None), ("many", None)])
def test_of_how_many_shards_a_backup_is(wire, make_api, shards, found):
    wire.expect(reply({"Response": {"ShardNum": shards, "DecryptKey": "madeupDecryptKey", "RequestId": "r-1"}}))
    api = make_api("v3", retries=0)
    if found:
        assert api.backup_shards("crs-1", "b-1") == found
    else:
        with pytest.raises(BadResponse, match="ShardNum is not a count") as problem:
            api.backup_shards("crs-1", "b-1")
        assert "madeup" not in str(problem.value)
    assert wire.sent[0].headers["X-TC-Action"] == "DescribeBackupDetail"


@pytest.mark.parametrize(
    "code, kind",
    [
        ("InvalidParameterValue.BackupNotExists", InvalidRequest),
        ("ResourceUnavailable.BackupStatusInvalid", InvalidRequest),
        ("UnauthorizedOperation.UserNotInWhiteList", Denied),
    ],
)
def test_why_there_is_no_address(wire, make_api, code, kind):
    wire.expect(v3_error(code))
    with pytest.raises(kind):
        make_api("v3").backup_files("crs-1", "b-1", False)
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    "limit, networks", [("LimitOnlyIntranet", "private networks only"), ("New", None), (None, None)]
)
def test_from_where_backups_can_be_downloaded(wire, make_api, limit, networks):
    wire.expect(reply({"Response": {"LimitType": limit, "RequestId": "r-1"}}))
    assert make_api("v3").download_restriction() == networks
    assert v3_params(wire.sent[0]) == {} and wire.sent[0].headers["X-TC-Action"] == "DescribeBackupDownloadRestriction"
