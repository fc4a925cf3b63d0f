# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a run: each variable is checked before anything is asked, and an error names host, variable and remedy."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from restore_records import restore_record

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.facts import Instance
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import due, evidence, fleet, latest, options, record

NOW = datetime(2026, 6, 10, tzinfo=timezone.utc)
CONNECTION = {name: entry.get("default") for name, entry in connection_spec().items()}


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "AKIDmadeup")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "madeupSomethingKey")
    monkeypatch.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")
    return fleet.Fleet(Scope(CONNECTION, {}).whereabouts, "30d")


def test_a_host_stands_for_an_instance(made):
    made.add("crs-1", {})
    made.add("orders", {"crs_instance_id": "crs-2", "crs_region": "sh", "crs_account": "shop"})
    made.add("crs-3", {"crs_restore_test_every": "7d", "crs_api_version": "v2"})
    assert [(host.name, host.instance, host.every // 86400) for host in made.hosts] == [
        ("crs-1", Instance("tencentcloud", "ap-guangzhou", "crs-1"), 30),
        ("orders", Instance("tencentcloud", "ap-shanghai", "crs-2"), 30),
        ("crs-3", Instance("tencentcloud", "ap-guangzhou", "crs-3"), 7),
    ]
    assert made.max_memory is None


ELSEWHERE = {"endpoint": "https://redis.example.com/"}
V2 = {"api_version": "v2", "endpoint": "https://redis.api.qcloud.com/v2/index.php"}


@pytest.mark.parametrize(
    "changed, variables, counts",
    [
        ({}, {}, True),
        ({"account": "old"}, {"crs_account": "new"}, True),
        ({"account": "old"}, {}, True),
        (V2, {}, True),
        ({}, {"crs_api_version": "v2"}, True),
        ({"region": "ap-shanghai"}, {"crs_region": "sh"}, True),
        ({"region": "ap-shanghai"}, {}, False),
        ({"instance_id": "crs-two00001"}, {}, False),
        # Of another cloud, whatever its accounts are called.
        (ELSEWHERE, {}, False),
        ({**ELSEWHERE, "account": "shop"}, {"crs_account": "shop"}, False),
        ({}, {"crs_endpoint": "redis.example.com"}, False),
        (ELSEWHERE, {"crs_endpoint": "redis.example.com"}, True),
        ({"endpoint": "https://redis.example.com:8443/"}, {"crs_endpoint": "redis.example.com"}, False),
    ],
)
def test_a_test_counts_for_the_playbook_as_it_does_for_the_audit(made, tmp_path, changed, variables, counts):
    test = restore_record(**changed)
    (tmp_path / record.file_name(test)).write_text(json.dumps(test))
    made.add("one", {"crs_instance_id": "crs-one00001", **variables})
    (host,) = made.hosts
    chosen = due.due(made.hosts, latest.read(str(tmp_path), NOW).tests, NOW, 9)
    audited = evidence.look(str(tmp_path), NOW).of(host.instance[:2], host.instance.instance_id)
    assert (chosen.now == [], audited["passed"] is not None) == (counts, counts)


def test_hosts_that_name_one_instance_are_tested_once(made):
    for name, variables in {
        "a": {"crs_account": "old"},
        "b": {"crs_account": "new", "crs_api_version": "v2"},
        "c": {"crs_region": "sh"},
        "d": {"crs_endpoint": "redis.example.com"},
    }.items():
        made.add(name, {"crs_instance_id": "crs-one00001", **variables})
    assert due.due(made.hosts, {}, NOW, 9).now == ["a", "c", "d"]


def test_the_most_memory_that_a_test_is_granted(made):
    for number, memory in enumerate(("1G", None, "4G", "2G", "4G")):
        made.add(f"crs-{number}", {"crs_restore_test_max_memory": memory} if memory else {})
    assert made.max_memory == 4 << 30


def test_a_run_has_a_folder_of_records_to_compare_with(made):
    made.add("crs-1", {"crs_restore_test_expect": {"min_key_ratio": 0.8}})
    assert len(made.hosts) == 1


def test_equal_options_are_checked_once(made, monkeypatch):
    parsed = []
    parse = options.parse
    monkeypatch.setattr(options, "parse", lambda params: parsed.append(1) or parse(params))
    for number in range(9):
        made.add(f"crs-{number}", {"crs_restore_test_select": "oldest" if number % 2 else "newest"})
    assert len(parsed) == 2


@pytest.mark.parametrize(
    "variables, said",
    [
        ({"crs_restore_test_select": "best"}, "value of select must be one of: .* with crs_restore_test_ before"),
        ({"crs_restore_test_within": "7"}, "within '7' has no unit"),
        ({"crs_restore_test_every": "30"}, "crs_restore_test_every '30' has no unit"),
        ({"crs_restore_test_expect": "many"}, "crs_restore_test_expect is a str: write a dict"),
        ({"crs_restore_test_max_size": {}}, "crs_restore_test_max_size is a dict: write a single value"),
        ({"crs_instance_id": "a b"}, "crs_instance_id 'a b' is not an instance id"),
        ({"crs_region": "nowhere"}, r"region 'nowhere' is not a region code.* such as crs_region\)"),
        ({"crs_timeout": "long"}, "crs_timeout"),
        ({"crs_ca_path": "/nowhere"}, "ca_path '/nowhere' doesn't exist"),
        (
            {"crs_restore_test_expect": {"canary": {"key": "madeup", "sha256": "madeup"}}},
            "sha256 is not 64 hexadecimal",
        ),
        ({"crs_restore_test_expect": {"canary": {"key": "madeup"}}}, "sha256"),
    ],
)
def test_what_is_wrong(made, variables, said):
    with pytest.raises(InvalidOption, match=f"^host crs-1: .*{said}") as problem:
        made.add("crs-1", variables)
    assert "madeup" not in str(problem.value)


@pytest.mark.parametrize(
    "name, said",
    [
        ("crs_restore_test_selekt", "did you mean crs_restore_test_select?"),
        ("crs_restore_test_zzzzzzzzzzzz", "see the guide on restore tests"),
    ],
)
def test_a_name_that_only_looks_like_ours(made, name, said):
    made.add("crs-1", {}, ["crs_restore_test_result", "crs_restore_test_due", "crs_status", "mine"])
    with pytest.raises(InvalidOption, match=f"^host crs-2: {name} is not a variable of restore tests: ") as problem:
        made.add("crs-2", {}, [name])
    assert str(problem.value).endswith(said)


@pytest.mark.parametrize("name", fleet.RUN)
@pytest.mark.parametrize("order", [1, -1])
def test_what_holds_for_the_run_is_the_same_for_all(made, name, order):
    name = fleet.PREFIX + name
    first, second = [{}, {name: "x"}][::order]
    made.agree("crs-1", first, fleet.RUN)
    with pytest.raises(InvalidOption, match=f"^{name} is .* here and .* for host crs-1: .* or with -e"):
        made.agree("crs-2", second, fleet.RUN)
