# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a run: each variable is checked before anything is asked, and an error names host, variable and remedy."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import fleet, options
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.latest import Instance

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
        ("crs-1", Instance(None, "ap-guangzhou", "crs-1"), 30),
        ("orders", Instance("shop", "ap-shanghai", "crs-2"), 30),
        ("crs-3", Instance(None, "ap-guangzhou", "crs-3"), 7),
    ]
    assert made.max_memory is None


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
