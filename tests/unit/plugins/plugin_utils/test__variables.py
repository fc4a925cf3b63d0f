# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each host's own value, by Ansible's precedence, as the host itself would see it."""

from __future__ import annotations

import datetime

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.plugin_utils._variables import HostVariables, _may_be_template
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import APlay, trusted

INVENTORY = """
crs:
  vars:
    crs_region: ap-guangzhou
    crs_note: "{{ inventory_hostname }} in {{ crs_region }}"
  hosts:
    crs-1:
    crs-2:
      crs_region: ap-shanghai
      crs_tags: {env: "{{ 'pro' ~ 'd' }}", 7: 8}
    orders:
      crs_instance_id: crs-3
      crs_bad: "{{ nowhere.to_be_found }}"
      1: a number
web:
  hosts:
    web1:
"""
NAMES = ["crs_region", "crs_note", "crs_tags", "crs_retries", "crs_note2"]


@pytest.fixture
def play(tmp_path):
    own = {"crs_retries": 3, "crs_region": "us-east-1", "crs_note2": trusted("{{ 'a' ~ 'b' }}")}
    return APlay(tmp_path, INVENTORY, "crs", **own)


@pytest.fixture
def variables(play):
    task, task_vars = play.task()
    return HostVariables(task, task_vars, play.templar(task_vars))


def test_others_by_their_prefix_as_they_stand(variables):
    assert variables.of("orders", ["crs_region"], "crs_ba") == {
        "crs_region": "us-east-1",
        "crs_bad": "{{ nowhere.to_be_found }}",
    }


def test_a_host_of_the_inventory_is_not_implicit(variables):
    assert variables.is_implicit("crs-1") is False
    assert variables.is_implicit("nobody") is False
    assert variables.is_implicit("localhost") is True


def test_each_host_has_its_own_by_ansibles_precedence(variables):
    """The play's variables are stronger than those of the inventory."""
    assert variables.of("crs-1", NAMES) == {
        "crs_region": "us-east-1",
        "crs_note": "crs-1 in us-east-1",
        "crs_retries": 3,
        "crs_note2": "ab",
    }
    assert variables.of("crs-2", NAMES)["crs_tags"] == {"env": "prod", 7: 8}
    assert variables.of("crs-2", NAMES)["crs_note"] == "crs-2 in us-east-1"


def test_the_play_sees_no_host(variables):
    assert set(variables.of_the_play(NAMES)) == {"crs_region", "crs_retries", "crs_note2"}


def test_only_what_is_asked_for_is_evaluated(variables):
    assert variables.of("orders", ["crs_instance_id"]) == {"crs_instance_id": "crs-3"}
    with pytest.raises(AnsibleError, match="variable crs_bad of orders: "):
        variables.of("orders", ["crs_bad"])


def test_a_host_that_is_not_there_is_an_error(variables):
    with pytest.raises(AnsibleError, match="crs-9 is not in the inventory"):
        variables.of("crs-9", NAMES)


def test_hosts_are_those_of_the_play_that_match(variables):
    assert variables.matching("all") == variables.matching("crs") == ["crs-1", "crs-2", "orders"]
    assert variables.matching("crs-2:web1") == ["crs-2"]
    assert variables.matching("nobody") == []


def test_a_pattern_that_ansible_refuses_matches_nobody(variables, play, monkeypatch):
    def refuse(*args, **options):
        raise AnsibleError("Could not match supplied host pattern")

    monkeypatch.setattr(play.inventory, "get_hosts", refuse)
    assert variables.matching("nobody") == []


def test_instances_beside_some_hosts(variables):
    assert variables.instance_ids("crs", {"crs-1"}) == {"crs-2", "crs-3"}
    assert variables.instance_ids("all", {"crs-1", "crs-2", "orders"}) == {"web1"}


@pytest.mark.parametrize(
    "value",
    [
        "{{ a }}",
        "{% if a %}b{% endif %}",
        "a {# b #}",
        "#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ a ]]",
        ["a", ["{{ b }}"]],
        {"a": {"b": "{{ c }}"}},
        {"{{ a }}": 1},
        datetime.date(2026, 1, 1),
        ("a",),
    ],
    ids=repr,
)
def test_what_could_change_is_evaluated(value):
    assert _may_be_template(value)


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, "", "26h", "a } b", "a #jinja2:", [], {}, ["a", 1, None], {"a": ["b", {"c": False}]}]
)
def test_what_could_not_is_left_alone(value):
    assert not _may_be_template(value)


TEXTS = st.text("{}%#[]ab' \n", max_size=8) | st.sampled_from(["{{ a }}", "{% set b = 1 %}", "#jinja2: a\n"])
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)))
def test_nothing_that_ansible_would_change_is_left_alone(value):
    if not _may_be_template(value):
        found = Templar(loader=DataLoader(), variables={"a": "changed"}).template(trusted(value))
        assert found == value and repr(found) == repr(value)
