# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as Ansible runs it: arguments in, JSON out."""

from __future__ import annotations

import pytest
import yaml
from crs_fakes import (
    SECRET_ID,
    SECRET_KEY,
    TOKEN,
    reply,
    v2_params,
    v2_row,
    v2_service,
    v3_error,
    v3_ok,
    v3_params,
    v3_row,
    v3_service,
)

from ansible_collections.qcloud.crs.plugins.module_utils import _errors
from ansible_collections.qcloud.crs.plugins.module_utils._api import backups
from ansible_collections.qcloud.crs.plugins.modules import crs_backup_info as module

RETURN = yaml.safe_load(module.RETURN)
THERE = {"ExpireTime": "2099-01-01 00:00:00"}
V3 = {
    "crs-1": [
        v3_row(1, **THERE),
        v3_row(2, BackupType="0", Remark="release-1", StartTime="2026-06-02 02:00:48", **THERE),
    ],
    "crs-2": [],
    "crs-3": [v3_row(3, "crs-3", Status=-1)],
}
V2 = {"crs-1": [v2_row(1), v2_row(2, startTime="2017-02-08 19:09:26")]}


def test_the_documented_words_are_those_of_the_records():
    options = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert options["types"]["choices"] == list(backups.TYPE_WORDS)
    assert options["statuses"]["choices"] == list(backups.STATUS_WORDS)


def test_the_documented_kinds_of_error_are_those_of_the_classes():
    kinds = {
        kind.kind for kind in vars(_errors).values() if isinstance(kind, type) and issubclass(kind, _errors.CrsError)
    }
    text = module.RETURN
    assert {kind for kind in kinds - {"error"} if f"V({kind})" not in text} == set()


def keys(documented):
    return set(documented["contains"])


@pytest.mark.parametrize("version, rows, service", [("v3", V3, v3_service), ("v2", V2, v2_service)])
def test_the_result_has_exactly_the_documented_keys(run, wire, version, rows, service):
    wire.serve(service(rows))
    code, result, _printed = run(
        module.main, api_version=version, instance_ids=["crs-1", "crs-gone"], on_instance_error="report"
    )
    assert code == 0 and result["changed"] is False
    assert set(result) - {"changed", "invocation"} == {name for name in RETURN if name != "error"}
    for backup in result["backups"]:
        assert set(backup) == keys(RETURN["backups"])
    for instance in result["instances"]:
        assert set(instance) == keys(RETURN["instances"])
    assert set(result["instances"][1]["error"]) == keys(RETURN["instances"]["contains"]["error"])
    assert set(result["query"]) == keys(RETURN["query"])
    types = {"str": str, "int": int, "bool": bool, "float": (int, float), "dict": dict}
    for documented, values in (
        (RETURN["backups"], result["backups"]),
        (RETURN["query"], [result["query"]]),
        (RETURN["instances"], result["instances"]),
    ):
        for name, entry in documented["contains"].items():
            for value in values:
                if value[name] is None:
                    assert "may be null" in entry["returned"], name
                else:
                    assert isinstance(value[name], types[entry["type"]]), name


def test_one_instance_over_api_3(run, wire):
    wire.serve(v3_service(V3))
    _code, result, _printed = run(module.main, instance_id="crs-1")
    assert [(row["backup_id"], row["type"], row["start_time"]) for row in result["backups"]] == [
        ("b-0002", "manual", "2026-06-01T18:00:48Z"),
        ("b-0001", "system", "2026-05-31T18:00:48Z"),
    ]
    assert result["instances"] == [{"instance_id": "crs-1", "complete": True, "total": 2, "error": None}]
    assert result["query"]["requests"] == len(wire.sent) == 1


def test_one_instance_over_api_2(run, wire):
    wire.serve(v2_service(V2))
    _code, result, _printed = run(
        module.main,
        api_version="v2",
        region="gz",
        redis_id="crs-1",
        begin_time="2017-02-08 16:46:34",
        end_time="2017-02-08 19:09:26",
    )
    assert [row["start_time"] for row in result["backups"]] == ["2017-02-08T11:09:26Z", "2017-02-08T08:46:34Z"]
    params = v2_params(wire.sent[0])
    assert (params["beginTime"], params["endTime"], params["Region"]) == (
        "2017-02-08 16:46:34",
        "2017-02-08 19:09:26",
        "gz",
    )
    assert result["query"]["begin_time"] == "2017-02-08T08:46:34Z"


def test_a_region_lists_instances_without_backups_too(run, wire):
    wire.serve(v3_service(V3))
    _code, result, _printed = run(module.main)
    assert [(one["instance_id"], one["total"], one["complete"]) for one in result["instances"]] == [
        ("crs-1", 2, True),
        ("crs-2", 0, True),
        ("crs-3", 1, True),
    ]
    assert len(wire.sent) == 3  # the instances, a sweep, and the one without backups by itself


@pytest.mark.parametrize(
    "options, wanted",
    [
        ({"types": ["manual"]}, ["b-0002"]),
        ({"statuses": ["expired"]}, ["b-0003"]),
        ({"types": ["unknown"]}, []),
    ],
)
def test_a_filter_leaves_totals_alone(run, wire, options, wanted):
    wire.serve(v3_service(V3))
    _code, result, _printed = run(module.main, instance_ids=list(V3), **options)
    assert [row["backup_id"] for row in result["backups"]] == wanted
    assert [one["total"] for one in result["instances"]] == [2, 0, 1]


def test_a_backup_whose_time_is_over_is_not_usable(run, wire):
    wire.serve(v3_service({"crs-1": [v3_row(1), v3_row(2, **THERE), v3_row(3, ExpireTime=None)]}))
    _code, result, _printed = run(module.main, instance_id="crs-1")
    assert {row["backup_id"]: (row["usable"], row["status"], row["status_code"]) for row in result["backups"]} == {
        "b-0001": (False, "expired", 2),
        "b-0002": (True, "normal", 2),
        "b-0003": (True, "normal", 2),
    }


def test_credentials_of_the_environment(run, wire, monkeypatch):
    wire.serve(v3_service(V3))
    for name, value in (
        ("SECRET_ID", SECRET_ID),
        ("SECRET_KEY", SECRET_KEY),
        ("SECURITY_TOKEN", TOKEN),
        ("REGION", "sh"),
    ):
        monkeypatch.setenv(f"TENCENTCLOUD_{name}", value)
    code, result, printed = run(module.main, region=None, secret_id=None, secret_key=None, instance_id="crs-1")
    assert code == 0 and result["query"]["region"] == "ap-shanghai"
    assert wire.sent[0].headers["X-TC-Token"] == TOKEN
    assert SECRET_KEY not in printed and TOKEN not in printed


def test_check_mode_does_the_same(run, wire):
    wire.serve(v3_service(V3))
    code, result, _printed = run(module.main, instance_id="crs-1", _ansible_check_mode=True)
    assert code == 0 and result["changed"] is False and len(result["backups"]) == 2


@pytest.mark.parametrize(
    "options, said",
    [
        ({"instance_ids": []}, "instance_ids is an empty list"),
        ({"instance_ids": ["crs 1"]}, "instance_ids has 'crs 1'"),
        ({"api_version": "v2"}, "set instance_ids, or use api_version v3"),
        ({"page_size": 101}, "page_size is 101: use a number from 1 to 100"),
        ({"begin_time": "soon"}, "begin_time 'soon' is not a time"),
        ({"end_time": "7d"}, "end_time '7d' is not a time"),
        ({"begin_time": "-1d", "end_time": "-2d"}, "is later than end_time"),
        ({"timeout": 0}, "timeout is 0"),
        ({"region": "nowhere"}, "region 'nowhere' is not a region code"),
        ({"region": None}, "no region"),
        ({"secret_key": None}, "secret_key is not"),
        ({"timezone": "Mars/Olympus"}, "timezone 'Mars/Olympus' is neither an offset"),
        ({"endpoint": "http://example.com"}, "plain http"),
        ({"endpoint": "https://me:secret@redis.example.com"}, "endpoint is not a host"),
        ({"concurrency": 1000}, "concurrency is 1000"),
        ({"ca_path": "/nowhere/ca.pem"}, "ca_path '/nowhere/ca.pem' doesn't exist"),
    ],
    ids=lambda value: repr(value)[:50] if isinstance(value, dict) else "",
)
def test_bad_options_fail_before_any_request(run, wire, options, said):
    code, result, _printed = run(module.main, **options)
    assert code == 1 and result["failed"] is True and said in result["msg"]
    assert result["error"] == {"kind": "invalid_option", "code": None, "message": result["msg"], "request_id": None}
    assert wire.sent == []


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59Z", "2099-12-31 00:00:00"])
@pytest.mark.parametrize("version, service, rows", [("v3", v3_service, V3), ("v2", v2_service, V2)])
def test_an_end_in_the_far_future_is_cheap_or_refused(run, wire, end, version, service, rows):
    """People write it for "no end"."""
    wire.serve(service(rows))
    code, result, _printed = run(
        module.main, api_version=version, instance_id="crs-1", begin_time="-7d", end_time=end, requests_per_second=0
    )
    assert code == 0 or result["error"]["kind"] == "invalid_option"
    assert len(wire.sent) <= 2


def test_a_failure_has_the_documented_error(run, wire):
    wire.expect(v3_error("AuthFailure.SignatureFailure", "wrong", "trace-1"))
    code, result, _printed = run(module.main, instance_id="crs-1")
    assert code == 1 and result["failed"] is True
    assert set(result["error"]) == keys(RETURN["error"]) == keys(RETURN["instances"]["contains"]["error"])
    assert (result["error"]["kind"], result["error"]["code"], result["error"]["request_id"]) == (
        "auth",
        "AuthFailure.SignatureFailure",
        "trace-1",
    )
    assert result["msg"] == result["error"]["message"]
    assert result["msg"].startswith("DescribeInstanceBackups of crs-1 in ap-guangzhou at redis.tencentcloudapi.com: ")


def test_fail_is_the_default_and_report_keeps_the_others(run, wire):
    wire.serve(v3_service(V3))
    code, result, _printed = run(module.main, instance_ids=["crs-gone", "crs-1"])
    assert code == 1 and result["error"]["kind"] == "not_found" and "backups" not in result
    code, result, _printed = run(module.main, instance_ids=["crs-gone", "crs-1"], on_instance_error="report")
    assert code == 0 and len(result["backups"]) == 2
    assert [(one["complete"], one["total"]) for one in result["instances"]] == [(False, None), (True, 2)]
    assert result["instances"][0]["error"]["kind"] == "not_found"


def test_x25_a_listing_that_does_not_add_up_is_no_success(run, wire):
    wire.serve(lambda sent: v3_ok(6, [v3_row(1)][v3_params(sent)["Offset"] :]))
    code, result, _printed = run(module.main, instance_id="crs-1", requests_per_second=0)
    assert code == 1 and result["error"]["kind"] == "incomplete" and "of 6 rows" in result["msg"]


def test_x20_nothing_but_the_listing_is_asked_for_and_no_secret_field_is_kept(run, wire):
    """Download URLs and keys of other answers never get into facts, even if a row has them."""
    wire.expect(v3_ok(1, [v3_row(1, DownloadUrl="https://x/?sign=s3cret", DecryptKey="s3cret")]))
    _code, _result, printed = run(module.main, instance_id="crs-1")
    assert "s3cret" not in printed
    assert [sent.headers["X-TC-Action"] for sent in wire.sent] == ["DescribeInstanceBackups"]


@pytest.mark.parametrize(
    "answer",
    [
        v3_error("AuthFailure.TokenFailure", f"the token {TOKEN} of {SECRET_KEY}"),
        reply(status=403, body=TOKEN.encode()),
        v3_ok(1, [v3_row(1, Remark=f"my key is {SECRET_KEY}")]),
    ],
    ids=["error", "refused", "remark"],
)
@pytest.mark.parametrize("source", ["options", "environment"])
def test_no_secret_is_printed(run, wire, monkeypatch, answer, source):
    wire.expect(answer)
    options = {"token": TOKEN}
    if source == "environment":
        options = {"secret_id": None, "secret_key": None}
        for name, value in (("SECRET_ID", SECRET_ID), ("SECRET_KEY", SECRET_KEY), ("TOKEN", TOKEN)):
            monkeypatch.setenv(f"TENCENTCLOUD_{name}", value)
    _code, _result, printed = run(module.main, instance_id="crs-1", **options)
    assert SECRET_KEY not in printed and TOKEN not in printed


def test_text_of_the_api_is_data(run, wire):
    text = "{{ 7 * 7 }} <b>&amp; \u6d4b\u8bd5 '\"\n"
    wire.serve(v3_service({"crs-1": [v3_row(1, Remark=text, InstanceName=text)]}))
    _code, result, _printed = run(module.main, instance_id="crs-1")
    assert result["backups"][0]["remark"] == result["backups"][0]["instance_name"] == text
