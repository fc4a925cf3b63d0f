# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all info modules have in common."""

from __future__ import annotations

import pytest
import yaml
from ansible.module_utils import basic
from crs_fakes import SECRET_ID, SECRET_KEY, TOKEN, reply, v2_params, v3_error, v3_ok, v3_params

from ansible_collections.qcloud.crs.plugins.module_utils import _errors
from ansible_collections.qcloud.crs.plugins.modules import crs_backup_config_info, crs_backup_info, crs_instance_info

MODULES = [crs_backup_config_info, crs_backup_info, crs_instance_info]
every = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])


@every
def test_the_argument_spec_is_what_the_documentation_says(module, spec_of, documented_options):
    spec, documented = spec_of(module), documented_options(module)
    assert set(spec["argument_spec"]) == set(documented)
    for name, entry in spec["argument_spec"].items():
        for key in ("type", "elements", "default", "choices", "aliases", "required"):
            assert entry.get(key) == documented[name].get(key), (name, key)
    assert spec["supports_check_mode"] is True
    assert {name for name, entry in spec["argument_spec"].items() if entry.get("no_log")} == {"secret_key", "token"}


@every
def test_the_documented_kinds_of_error_are_those_of_the_classes(module):
    # Those of restore tests are not what a module of facts can meet.
    classes = [one for one in _errors.CrsError.__subclasses__() if "._restore." not in one.__module__]
    text = yaml.safe_load(module.RETURN)["error"]["contains"]["kind"]["description"]
    text = " ".join([text] if isinstance(text, str) else text)
    kinds = {one.kind for one in classes}
    if "RV(" in text:
        own = {"crs_backup_info": "instances", "crs_backup_config_info": "configs"}[module.__name__.rpartition(".")[2]]
        inner = yaml.safe_load(module.RETURN)[own]["contains"]["error"]["contains"]["kind"]["description"]
        text += " ".join(inner)
    assert {kind for kind in kinds if f"V({kind})" not in text} == set()


@every
@pytest.mark.parametrize("source", ["options", "environment"])
def test_no_secret_is_logged(module, source, run, wire, monkeypatch):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **more: logged.append(repr((args, more))))
    wire.serve(lambda sent: v3_error("AuthFailure.TokenFailure", f"{SECRET_KEY} and {TOKEN}"))
    options = {"token": TOKEN, "instance_ids": ["crs-1"]}
    if source == "environment":
        options.update(secret_id=None, secret_key=None, token=None)
        for name, value in (("SECRET_ID", SECRET_ID), ("SECRET_KEY", SECRET_KEY), ("TOKEN", TOKEN)):
            monkeypatch.setenv(f"TENCENTCLOUD_{name}", value)
    run(module.main, **options)
    assert len(logged) == 1 and "instance_ids" in logged[0]
    assert SECRET_KEY not in logged[0] and TOKEN not in logged[0]


INSTANCES = [
    {
        "InstanceId": "crs-2",
        "InstanceName": "Orders-cache",
        "Region": "ap-guangzhou",
        "ZoneId": 100002,
        "Status": 2,
        "Createtime": "2026-02-08 16:46:34",
        "DeadlineTime": "0000-00-00 00:00:00",
        "Engine": "Redis",
        "Type": 16,
        "Size": 1024,
        "BillingMode": 1,
        "ProjectId": 7,
        "ProjectName": "shop",
        "WanIp": "10.0.1.61",
        "Port": 6379,
        "UniqVpcId": "vpc-1",
        "UniqSubnetId": "subnet-1",
        "InstanceTags": [{"TagKey": "env", "TagValue": "prod"}, {"TagKey": "empty", "TagValue": None}],
        "Tags": ["not these"],
    },
    {"InstanceId": "crs-1", "Status": -2, "Type": 99, "Engine": "Other", "InstanceTags": None},
    {
        "InstanceId": "crs-3",
        "InstanceName": "carts",
        "Status": 5,
        "InstanceTags": [{"TagKey": "env", "TagValue": "test"}],
    },
]
FIRST = {
    "instance_id": "crs-2",
    "instance_name": "Orders-cache",
    "region": "ap-guangzhou",
    "zone_id": 100002,
    "status": "running",
    "status_code": 2,
    "created_time": "2026-02-08T08:46:34Z",
    "deadline_time": None,
    "engine": "Redis",
    "engine_version": "6.2",
    "architecture": "cluster",
    "type_code": 16,
    "size_mb": 1024,
    "billing": "prepaid",
    "project_id": 7,
    "project_name": "shop",
    "private_ip": "10.0.1.61",
    "port": 6379,
    "vpc_id": "vpc-1",
    "subnet_id": "subnet-1",
    "tags": {"env": "prod", "empty": ""},
}


def instances_ok(rows=None):
    rows = INSTANCES if rows is None else rows
    return v3_ok(len(rows), rows, "InstanceSet")


def test_instances_have_exactly_the_documented_keys(run, wire):
    wire.expect(instances_ok())
    code, result, _printed = run(crs_instance_info.main)
    assert code == 0 and result["changed"] is False
    documented = yaml.safe_load(crs_instance_info.RETURN)
    assert set(documented["instances"]["contains"]) == set(FIRST)
    assert all(set(one) == set(FIRST) for one in result["instances"])
    assert set(result["query"]) == set(documented["query"]["contains"])
    assert [one["instance_id"] for one in result["instances"]] == ["crs-1", "crs-2", "crs-3"]
    assert result["instances"][1] == FIRST
    assert (result["missing"], result["query"]["action"]) == ([], "DescribeInstances")
    bare = {key: value for key, value in result["instances"][0].items() if value is not None}
    assert bare == {
        "instance_id": "crs-1",
        "region": "ap-guangzhou",
        "status": "isolated",
        "status_code": -2,
        "engine": "Other",
        "type_code": 99,
        "tags": {},
    }
    assert result["instances"][2]["status"] == "unknown"


V2_ROW = {
    "redisName": "orders",
    "redisId": "crs-9",
    "projectId": "7",
    "zoneId": "100002",
    "unVpcId": "vpc-1",
    "unSubnetId": "subnet-1",
    "status": "2",
    "wanIp": "10.0.1.61",
    "port": "6379",
    "createtime": "2026-02-08 16:46:34",
    "size": "1024",
    "typeId": "2",
    "deadlineTime": "2027-02-08 16:46:34",
}


def test_instances_of_api_2(run, wire):
    wire.expect(reply({"code": 0, "totalCount": 1, "data": {"redisSet": [V2_ROW]}}))
    code, result, _printed = run(crs_instance_info.main, api_version="v2", project_ids=[7, 8])
    sent = v2_params(wire.sent[0])
    assert code == 0 and (sent["projectIds.0"], sent["projectIds.1"]) == ("7", "8")
    assert result["instances"] == [
        {
            **dict.fromkeys(FIRST),
            "instance_id": "crs-9",
            "instance_name": "orders",
            "region": "ap-guangzhou",
            "zone_id": 100002,
            "status": "running",
            "status_code": 2,
            "created_time": "2026-02-08T08:46:34Z",
            "deadline_time": "2027-02-08T08:46:34Z",
            "engine": "Redis",
            "architecture": "standard",
            "type_code": 2,
            "size_mb": 1024,
            "project_id": 7,
            "private_ip": "10.0.1.61",
            "port": 6379,
            "vpc_id": "vpc-1",
            "subnet_id": "subnet-1",
        }
    ]


@pytest.mark.parametrize(
    "options, sent, found",
    [
        ({"statuses": ["running", "isolated"]}, {"Status": [2, -2]}, ["crs-1", "crs-2"]),
        # The API has no filter for undocumented codes.
        ({"statuses": ["unknown"]}, {}, ["crs-3"]),
        ({"tags": {"env": "prod"}}, {"InstanceTags": [{"TagKey": "env", "TagValue": "prod"}]}, ["crs-2"]),
        ({"tags": {"env": "prod", "a": 1}}, {"InstanceTags": [{"TagKey": "a", "TagValue": "1"}]}, []),
        ({"name": "oRDERS"}, {"SearchKey": "oRDERS"}, ["crs-2"]),
        ({"project_ids": [7]}, {"ProjectIds": [7]}, ["crs-1", "crs-2", "crs-3"]),
        ({"project_ids": [8]}, {"ProjectIds": [8]}, ["crs-1", "crs-3"]),
        ({"instance_ids": ["crs-3", "crs-9", "crs-3"]}, {}, ["crs-3"]),
        ({"name": "", "statuses": [], "tags": {}, "project_ids": []}, {}, ["crs-1", "crs-2", "crs-3"]),
    ],
)
def test_filters_narrow_the_question_and_the_answer(run, wire, options, sent, found):
    """The server here ignores them, as one may: what was not requested is left out nevertheless."""
    wire.expect(instances_ok())
    code, result, _printed = run(crs_instance_info.main, **options)
    assert code == 0
    assert v3_params(wire.sent[0]) == {"Limit": 1000, "Offset": 0, **sent}
    assert [one["instance_id"] for one in result["instances"]] == found
    assert result["missing"] == (["crs-9"] if "instance_ids" in options else [])


def test_an_instance_whose_id_can_name_no_host_is_left_out_by_name(run, wire):
    wire.expect(instances_ok([*INSTANCES, {**INSTANCES[0], "InstanceId": "all"}]))
    code, result, _printed = run(crs_instance_info.main)
    assert code == 0 and [one["instance_id"] for one in result["instances"]] == ["crs-1", "crs-2", "crs-3"]
    (odd,) = result["left_out"]
    assert odd["instance_id"] == "all" and odd["error"]["kind"] == "bad_response"
    # A key of this name would make a skipped task of the whole answer.
    assert "skipped" not in result


def test_a_listing_of_instances_that_does_not_add_up_is_an_error(run, wire):
    wire.serve(lambda sent: v3_ok(4, INSTANCES, "InstanceSet"))
    code, result, _printed = run(crs_instance_info.main, requests_per_second=0)
    assert (code, result["error"]["kind"]) == (1, "incomplete")


@pytest.mark.parametrize("tags", [{}, "x", [3], [{"TagKey": "env"}, None]])
def test_tags_that_are_none_are_not_read_as_no_tags(run, wire, tags):
    wire.serve(lambda sent: instances_ok([{"InstanceId": "crs-1", "InstanceTags": tags}]))
    code, result, _printed = run(crs_instance_info.main, retries=0)
    assert (code, result["error"]["kind"]) == (1, "bad_response")


CONFIG = {"WeekDays": ["Monday"], "TimePeriod": "01:00-02:00", "BackupStorageDays": 7, "RequestId": "r-1"}


def config_service(sent):
    params = v3_params(sent)
    if sent.headers["X-TC-Action"] == "DescribeInstances":
        return instances_ok()
    if params["InstanceId"] == "crs-3":
        return v3_error("ResourceNotFound.InstanceNotExists")
    return reply({"Response": CONFIG})


def test_configs_have_exactly_the_documented_keys(run, wire):
    wire.serve(config_service)
    code, result, _printed = run(crs_backup_config_info.main, on_instance_error="report", requests_per_second=0)
    documented = yaml.safe_load(crs_backup_config_info.RETURN)
    assert code == 0
    assert all(set(one) == set(documented["configs"]["contains"]) for one in result["configs"])
    assert set(result["query"]) == set(documented["query"]["contains"])
    good = {"week_days": ["Monday"], "window": "01:00-02:00", "retention_days": 7, "error": None}
    assert result["configs"][:2] == [{"instance_id": "crs-1", **good}, {"instance_id": "crs-2", **good}]
    gone = result["configs"][2]
    assert (gone["instance_id"], gone["week_days"], gone["error"]["kind"]) == ("crs-3", None, "not_found")
    assert set(gone["error"]) == set(documented["configs"]["contains"]["error"]["contains"])
    assert (result["query"]["action"], result["query"]["requests"]) == ("DescribeAutoBackupConfig", 4)


def test_configs_of_named_instances_fail_at_the_first_error(run, wire):
    wire.serve(config_service)
    code, result, _printed = run(crs_backup_config_info.main, instance_ids=["crs-2"])
    assert (code, [one["instance_id"] for one in result["configs"]]) == (0, ["crs-2"])
    code, result, _printed = run(crs_backup_config_info.main, instance_ids=["crs-2", "crs-3"])
    assert (code, result["error"]["kind"]) == (1, "not_found")
    assert "DescribeAutoBackupConfig of crs-3" in result["msg"]


@pytest.mark.parametrize(
    "module, options, said",
    [
        (crs_instance_info, {"instance_ids": []}, "instance_ids is an empty list"),
        (crs_instance_info, {"instance_ids": ["a b"]}, "instance_ids has 'a b', which is not a valid instance id"),
        (crs_instance_info, {"tags": {"env": True}}, "tags.env is True, which is not a text: write it in quotes"),
        (crs_instance_info, {"tags": {"env": ["a"]}}, "tags.env is a dict or list, which is not a text"),
        (crs_instance_info, {"api_version": "v2", "tags": {"a": "b"}}, "tags are set, but API 2.0 does not support"),
        (crs_instance_info, {"statuses": ["gone"]}, "value of statuses must be one or more of"),
        (crs_backup_config_info, {"api_version": "v2"}, "api_version is v2, which does not show"),
        (crs_backup_config_info, {"instance_ids": []}, "instance_ids is an empty list"),
        (
            crs_backup_config_info,
            {"profile": "../x", "secret_id": None, "secret_key": None},
            "is not the name of a profile",
        ),
        (crs_instance_info, {"role_arn": "admin"}, "role_arn 'admin' is not the name of a role: write it as qcs::cam"),
        (
            crs_instance_info,
            {"role_arn": "qcs::cam::uin/1:roleName/a", "role_session_name": "a b"},
            "role_session_name 'a b' is not a name of a session",
        ),
        (
            crs_instance_info,
            {"role_arn": "qcs::cam::uin/1:roleName/a", "sts_endpoint": "http://sts.example.com"},
            "'http://sts.example.com' is plain http",
        ),
    ],
)
def test_bad_options_fail_before_any_request(run, wire, module, options, said):
    code, result, _printed = run(module.main, **options)
    assert code == 1 and said in result["msg"] and wire.sent == []


@every
def test_a_key_from_a_profile_is_masked(run, wire, module, monkeypatch, tmp_path):
    """Only options are masked by the argument spec."""
    (tmp_path / ".tccli").mkdir()
    (tmp_path / ".tccli" / "prod.credential").write_text('{"secretId": "AKIDx", "secretKey": "%s"}' % SECRET_KEY)
    monkeypatch.setenv("HOME", str(tmp_path))
    wire.serve(lambda sent: v3_error("InternalError", f"it was {SECRET_KEY}", "r-1"))
    code, result, printed = run(
        module.main, secret_id=None, secret_key=None, profile="prod", retries=0, instance_ids=["crs-1"]
    )
    assert code == 1 and result["error"]["kind"] == "server_error"
    assert SECRET_KEY not in printed and "AKIDx/" in wire.sent[0].headers["Authorization"]
