# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a run: each variable is checked before anything is asked, and an error names host, variable and remedy."""

from __future__ import annotations

import json
import sys
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
    return fleet.Fleet(Scope(CONNECTION, {}).whereabouts, "30d", "records")


def test_a_host_stands_for_an_instance(made):
    made.add("crs-1", {})
    made.add("orders", {"crs_instance_id": "crs-2", "crs_region": "sh", "crs_account": "shop"})
    made.add("crs-3", {"crs_restore_test_every": "7d", "crs_api_version": "v2"})
    assert [(host.name, host.instance, host.every // 86400) for host in made.hosts] == [
        ("crs-1", Instance("tencentcloud", "ap-guangzhou", "crs-1"), 30),
        ("orders", Instance("tencentcloud", "ap-shanghai", "crs-2"), 30),
        ("crs-3", Instance("tencentcloud", "ap-guangzhou", "crs-3"), 7),
    ]
    assert made.settings == {}


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


def test_the_memory_that_each_host_grants_its_test(made):
    for number, memory in enumerate(("1G", None, "4G", "1G")):
        made.add(f"crs-{number}", {"crs_restore_test_max_memory": memory} if memory else {})
    assert [host.max_memory for host in made.hosts] == [1 << 30, None, 4 << 30, 1 << 30]


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
        ({"crs_restore_test_select": "best"}, "value of select must be one of: .* with the prefix crs_restore_test_"),
        ({"crs_restore_test_within": "7"}, "within '7' has no unit"),
        ({"crs_restore_test_every": "30"}, "crs_restore_test_every '30' has no unit"),
        ({"crs_restore_test_expect": "many"}, "crs_restore_test_expect is a str: write a dict"),
        ({"crs_restore_test_max_size": {}}, "crs_restore_test_max_size is a dict: write a single value"),
        ({"crs_restore_test_every": "9999999d"}, "crs_restore_test_every '9999999d' is longer than ten years"),
        ({"crs_restore_test_within": "9999999w"}, "within '9999999w' is longer than ten years"),
        ({"crs_restore_test_work_dir": ""}, "work_dir '' is not a folder: .* with the prefix crs_restore_test_"),
        ({"crs_restore_test_work_dir": "records/x"}, "record_dir '.*records' contains the folder in which tests work"),
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


#: Two values of each setting of a run.
VALUES = {
    "hosts": ("crs", "web"),
    "min_hosts": (1, "2"),
    "max_hosts": (1, "2"),
    "parallel": (1, "2"),
    "record_dir": ("a", "/b"),
    "record_mode": ("0640", {"record": "0600"}),
    "fail": ("each", "never"),
    "unknown": ("fail", "warn"),
    "show": ("all", "none"),
}


@pytest.mark.parametrize("name", fleet.RUN)
@pytest.mark.parametrize("first, second", [(None, 0), (0, None), (0, 1)])
def test_what_holds_for_the_run_is_the_same_for_all(made, name, first, second):
    variable = fleet.PREFIX + name
    given = [{} if place is None else {variable: VALUES[name][place]} for place in (first, second)]
    made.agree("crs-1", given[0], fleet.RUN)
    made.agree("crs-2", given[0], fleet.RUN)
    assert made.settings == ({name: VALUES[name][0]} if given[0] else {})
    with pytest.raises(InvalidOption, match=f"^{variable} is .* here and .* for host crs-1: .* or with -e"):
        made.agree("crs-3", given[1], fleet.RUN)


@pytest.mark.parametrize(
    "name, value, said",
    [
        ("hosts", "", "hosts is '': use a pattern for hosts"),
        ("hosts", ["crs"], r"hosts is \['crs'\]: use a pattern"),
        ("min_hosts", -1, "min_hosts is -1: use a whole number, 0 or more"),
        ("max_hosts", "ten", "max_hosts is 'ten': use a whole number, 1 or more"),
        ("max_hosts", 0, "max_hosts is 0: use a whole number, 1 or more"),
        ("max_hosts", "9" * 5000, "max_hosts is '9*': use a whole number"),
        ("parallel", True, "parallel is True: use a whole number, 1 or more"),
        ("parallel", 1.5, "parallel is 1.5: use a whole number"),
        ("record_dir", "", "record_dir '' is not a folder: give the path of one, or leave it out"),
        ("record_dir", " ", "record_dir ' ' is not a folder"),
        ("record_dir", "a\0b", "record_dir .* is not a folder"),
        ("record_dir", ["a"], r"record_dir \['a'\] is not a folder"),
        ("fail", "nevr", "fail is 'nevr': use one of each, once, never"),
        ("unknown", "", "unknown is '': use one of fail, warn"),
        ("show", ["all"], r"show is \['all'\]: use one of all, failed, none"),
    ],
)
def test_each_setting_of_the_run_is_checked(made, name, value, said):
    variable = f"crs_restore_test_{name}"
    with pytest.raises(InvalidOption, match=f"^host crs-1: {said}.* \\(variable {variable}\\)$"):
        made.add("crs-1", {variable: value})


OPTIONS = {
    "select": "random",
    "within": "7d",
    "sandbox": "require",
    "server": [sys.executable],
    "max_memory": "1G",
    "max_size": "1G",
    "expect": {"min_keys": 1000000},
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("order", [1, -1])
def test_hosts_of_one_instance_agree_on_its_test(made, name, order):
    """Otherwise the options of all but the first would be left out without notice, such as what they expect."""
    given = {f"crs_restore_test_{name}": OPTIONS[name], "crs_instance_id": "crs-1"}
    first, second = [{"crs_instance_id": "crs-1"}, given][::order]
    made.add("a", first)
    made.add("b", {**first, "crs_restore_test_every": "7d"})
    made.add("elsewhere", {**second, "crs_region": "sh"})
    said = (
        f"^host c: crs_restore_test_{name}.* is .* here and .* for host a, which stands for the same instance, crs-1: "
    )
    with pytest.raises(InvalidOption, match=said + ".*set the same value, or leave one of the hosts out$"):
        made.add("c", second)


def test_what_hosts_of_one_instance_differ_in_is_named(made):
    expect = {"min_keys": 7, "canary": {"key": "madeup", "sha256": "ab" * 32}}
    made.add("a", {"crs_instance_id": "crs-1", "crs_restore_test_expect": expect})
    made.add("b", {"crs_instance_id": "crs-1", "crs_restore_test_expect": {**expect, "min_keys": "7"}})
    with pytest.raises(InvalidOption, match=r"crs_restore_test_expect\.min_keys is 8 here and 7 for host a, "):
        made.add("c", {"crs_instance_id": "crs-1", "crs_restore_test_expect": {**expect, "min_keys": 8}})
    other = {**expect, "canary": {"key": "madeup2", "sha256": "ab" * 32}}
    with pytest.raises(
        InvalidOption, match=r"crs_restore_test_expect\.canary is not the same as for host a, "
    ) as problem:
        made.add("d", {"crs_instance_id": "crs-1", "crs_restore_test_expect": other})
    assert "madeup" not in str(problem.value) and "abab" not in str(problem.value)


def test_what_is_the_default_anyway_is_no_difference(made):
    made.add("a", {"crs_instance_id": "crs-1", "crs_restore_test_expect": {"min_keys": 1}})
    made.add("b", {"crs_instance_id": "crs-1", "crs_restore_test_select": "newest", "crs_restore_test_max_size": "8G"})
    assert len(made.hosts) == 2


def test_what_is_no_number_is_named_with_its_variable(made):
    with pytest.raises(InvalidOption, match=r"^host crs-1: crs_restore_test_max_size is 'big': use a size"):
        made.add("crs-1", {"crs_restore_test_max_size": "big"})
