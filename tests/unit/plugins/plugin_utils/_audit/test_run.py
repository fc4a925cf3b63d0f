# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts are called in a record: as it stays when keys are exchanged, and never by a secret."""

from __future__ import annotations

import hashlib
import json

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._settings import PREFIX

OPTIONS = {
    **{name: spec.get("default") for name, spec in connection_spec().items()},
    "region": "ap-guangzhou",
}
ROLE = "qcs::cam::uin/100000000001:roleName/audit"
KEYS = {"SECRET_ID": "AKIDfirst", "SECRET_KEY": "hush"}
HASHED = "key-" + hashlib.sha256(b"AKIDfirst").hexdigest()[:8]


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """Return what sets a key pair in the environment, of which nothing else is known."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for prefix in ("TENCENTCLOUD", "DR"):
        for name in ("SECRET_ID", "SECRET_KEY", "TOKEN", "SECURITY_TOKEN", "ROLE_ARN", "REGION"):
            monkeypatch.delenv(f"{prefix}_{name}", raising=False)
    monkeypatch.delenv("TCCLI_PROFILE", raising=False)

    def give(prefix="TENCENTCLOUD", **more):
        for name, value in {**KEYS, **more}.items():
            monkeypatch.setenv(f"{prefix}_{name}", value)

    return give


def connections(*hosts):
    scope = Scope(OPTIONS, {})
    targets = [
        scope.target(f"crs-{number}", {PREFIX + "max_age": "26h", **values}) for number, values in enumerate(hosts)
    ]
    return run.connect_all(targets)


def account(**values):
    (found,) = connections(values)
    return found.account


PAIR = {"crs_secret_id": "AKIDfirst", "crs_secret_key": "hush"}


@pytest.mark.parametrize(
    "values, label",
    [
        (PAIR, HASHED),
        ({**PAIR, "crs_token": "hush-token"}, HASHED),
        ({**PAIR, "crs_role_arn": ROLE}, ROLE),
        ({**PAIR, "crs_role_arn": ROLE, "crs_account": "shop"}, "shop"),
        ({**PAIR, "crs_account": 100000000001}, "100000000001"),
        ({**PAIR, "crs_account": ""}, HASHED),
        ({"crs_use_instance_role": True}, "instance-role"),
    ],
)
def test_the_inventorys_name_then_the_role_then_the_key(values, label):
    assert account(**values) == label
    assert "hush" not in account(**values) and "AKID" not in account(**values)


def test_a_profile_is_called_by_its_name(tmp_path):
    (tmp_path / ".tccli").mkdir()
    pair = {"secretId": "AKIDfirst", "secretKey": "hush"}
    (tmp_path / ".tccli" / "prod.credential").write_text(json.dumps(pair), encoding="utf-8")
    assert account(crs_profile="prod") == "prod"


def test_another_key_is_another_account(environment):
    environment()
    environment("DR", SECRET_ID="AKIDsecond")
    first, second = connections({}, {"crs_env_prefix": "DR"})
    assert first.account == HASHED != second.account


def test_a_role_that_the_environment_names_is_the_account(environment):
    """One key for two accounts, each with a role of its own: the key says nothing of which account is meant."""
    environment(ROLE_ARN=ROLE)
    environment("DR", ROLE_ARN=ROLE.replace("01:", "02:"))
    assert [one.account for one in connections({}, {"crs_env_prefix": "DR"})] == [ROLE, ROLE.replace("01:", "02:")]


def test_hosts_of_two_accounts_are_never_listed_together():
    found = connections(
        {**PAIR, "crs_account": "shop"}, {**PAIR, "crs_account": "pay"}, {**PAIR, "crs_account": "shop"}
    )
    assert [(one.account, [target.host for target in one.targets]) for one in found] == [
        ("shop", ["crs-0", "crs-2"]),
        ("pay", ["crs-1"]),
    ]


@pytest.mark.parametrize(
    ("other", "number"),
    [
        ({}, 1),
        ({"crs_region": "gz"}, 1),
        ({"crs_account": "pay"}, 1),
        ({"crs_api_version": "v2"}, 1),
        ({"crs_endpoint": "redis.ap-guangzhou.tencentcloudapi.com"}, 1),
        ({"crs_region": "ap-shanghai"}, 2),
        ({"crs_endpoint": "redis.lab.example.com"}, 2),
        ({"crs_instance_id": "crs-other"}, 2),
    ],
)
def test_an_instance_is_one_whatever_leads_to_it(other, number):
    """By the region of a cloud, and its id there: an account's label is what somebody calls it."""
    host = {**PAIR, "crs_region": "ap-guangzhou", "crs_account": "shop", "crs_instance_id": "crs-one"}
    found = run.instances(connections(host, {**host, **other}))
    assert len(found) == number and sorted(name for names in found.values() for name in names) == ["crs-0", "crs-1"]


def test_bad_options_of_a_host_name_it_and_its_variable():
    with pytest.raises(
        InvalidOption,
        match=r"host crs-1: .*nowhere.* \(for a host, set the variable with the prefix crs_, such as crs_region\)",
    ):
        connections(PAIR, {**PAIR, "crs_region": "nowhere"})


def test_what_an_api_can_never_show_is_said_once():
    retention = {f"{PREFIX}min_retention": "14d"}
    found = connections(
        {**PAIR, **retention, "crs_api_version": "v2"},
        {**PAIR, **retention, "crs_api_version": "v2", "crs_region": "ap-shanghai"},
        {**PAIR, **retention},
    )
    (said,) = run.notes(found)
    assert len(found) == 3 and said.startswith(f"{PREFIX}min_retention has a look-back of 14d")
