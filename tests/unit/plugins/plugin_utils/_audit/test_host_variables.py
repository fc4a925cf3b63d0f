# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each host's own value, by Ansible's precedence, as the host itself would see it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError

from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import executor, host_variables
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.host_variables import HostVariables
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
      crs_zero: "{{ 1 // 0 }}"
      crs_gap: "{{ crs_backup_policy_max_age }}"
      crs_batch: "{{ ansible_play_batch | join }} {{ vars['ansible_play_batch'] | join }}"
      crs_of_loop: "{{ one }}{{ place }}"
      crs_omitted: "{{ nowhere | default(omit) }}"
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
    return HostVariables(task, task_vars, play.loader, {"crs_backup_policy_max_age": "26h"})


def test_others_by_their_prefix(variables):
    assert variables.of("orders", ["crs_region"], "crs_bad").others == ["crs_bad"]
    assert variables.of("orders", ["crs_gap"], "crs_gap").others == variables.of("orders", ["crs_gap"]).others == []


def test_a_host_of_the_inventory_is_not_implicit(variables):
    assert variables.is_implicit("crs-1") is False
    assert variables.is_implicit("nobody") is False
    assert variables.is_implicit("localhost") is True


def test_each_host_has_its_own_by_ansibles_precedence(variables):
    """The play's variables are stronger than those of the inventory."""
    assert variables.of("crs-1", NAMES).used == {
        "crs_region": "us-east-1",
        "crs_note": "crs-1 in us-east-1",
        "crs_retries": 3,
        "crs_note2": "ab",
    }
    assert variables.of("crs-2", NAMES).used["crs_tags"] == {"env": "prod", 7: 8}
    assert variables.of("crs-2", NAMES).used["crs_note"] == "crs-2 in us-east-1"


def test_what_a_host_has_from_elsewhere_than_the_play(variables):
    assert variables.of("crs-1", NAMES).own == {"crs_note"}
    assert variables.of("crs-2", [*NAMES, "crs_backup_policy_max_age"]).own == {"crs_note", "crs_tags"}


def test_a_default_holds_and_templates_see_it(variables):
    names = ["crs_backup_policy_max_age", "crs_gap"]
    assert variables.of("orders", names).used == {"crs_backup_policy_max_age": "26h", "crs_gap": "26h"}


def test_the_hosts_of_the_play_are_those_of_the_task(play):
    """They stand in for hosts and batch, at any depth, and are not read anew for each host."""
    task, task_vars = play.task()
    found = HostVariables(task, {**task_vars, "ansible_play_batch": ["crs-2"]}, play.loader, {})
    assert found.of("orders", ["crs_batch"]).used == {"crs_batch": "crs-2 crs-2"}


def test_the_item_of_a_loop(play):
    task, task_vars = play.task()
    looped = {**task_vars, "ansible_loop_var": "one", "ansible_index_var": "place", "one": "a", "place": 0}
    found = HostVariables(task, looped, play.loader, {})
    assert found.of("orders", ["crs_of_loop"]).used == {"crs_of_loop": "a0"}


def test_an_item_named_like_a_setting_is_what_is_asked_for(play):
    task, task_vars = play.task()
    looped = {**task_vars, "ansible_loop_var": "crs_region", "crs_region": "ap-tokyo"}
    found = HostVariables(task, looped, play.loader, {})
    assert found.of("crs-2", ["crs_region", "crs_note"]).used == {
        "crs_region": "ap-tokyo",
        "crs_note": "crs-2 in ap-tokyo",
    }


def test_an_ansible_that_cleans_facts_otherwise_gives_the_same(variables, monkeypatch):
    here = variables.of("crs-1", NAMES)
    monkeypatch.setattr(host_variables, "ansible_vars_manager", SimpleNamespace())
    assert variables.of("crs-1", NAMES) == here
    assert vars(host_variables.ansible_vars_manager) == {}


def test_variables_that_cannot_be_read_name_the_host(play, variables, monkeypatch):
    def refuse(**options):
        raise AnsibleError("no password")

    monkeypatch.setattr(play.manager, "get_vars", refuse)
    with pytest.raises(AnsibleActionFail, match=r"^host crs-1: its variables can't be read: no password"):
        variables.of("crs-1", NAMES)


@pytest.mark.parametrize(
    ("files", "lists"),
    [([], [["crs-1"]]), (["a.yml"], [["crs-1"]]), (["{{ a }}.yml"], None), ([["a", "{{ b }}"]], None)],
)
def test_real_lists_of_hosts_only_where_a_file_s_name_may_need_them(play, monkeypatch, files, lists):
    """Their cost grows with the square of the number of hosts."""
    play.play.vars_files = trusted(files)
    task, task_vars = play.task()
    found, asked = HostVariables(task, task_vars, play.loader, {}), []
    monkeypatch.setattr(play.manager, "get_vars", lambda **options: asked.append(options) or {})
    found.of("crs-1", NAMES)
    (options,) = asked
    assert [options["_hosts_all"]] == (lists or [["crs-1", "crs-2", "orders"]])
    assert options["include_hostvars"] is (lists is None)


@pytest.mark.parametrize(
    ("value", "needs"),
    [
        ("{{ ansible_host }}", True),
        ({"a": ["x", "{{ [ansible_user] }}"]}, True),
        ("{{ ansible_hostname }}", False),
        ({"a": ["x", 1, None]}, False),
    ],
)
def test_the_connection_is_looked_at_only_where_a_template_names_it(play, monkeypatch, value, needs):
    task, task_vars = play.task()
    found, added = HostVariables(task, task_vars, play.loader, {}, connection="the task's"), []
    monkeypatch.setattr(executor, "add_connection", lambda variables, host, *more: added.append(host.name))
    host = play.inventory.get_host("crs-1")
    host.vars["crs_tags"], host.vars["crs_name"] = trusted(value), trusted("{{ 1 }}")
    monkeypatch.setattr(found._renderer, "render", lambda value: None)
    found.of("crs-1", ["crs_name"])
    assert added == (["crs-1"] if needs else [])


def test_what_is_omitted_is_not_set(variables):
    found = variables.of("orders", ["crs_omitted", "crs_instance_id"], "crs_om")
    assert found.used == {"crs_instance_id": "crs-3"}
    assert found.others == []


def test_only_what_is_asked_for_is_evaluated(variables):
    assert variables.of("orders", ["crs_instance_id"]).used == {"crs_instance_id": "crs-3"}
    for name, why in (("crs_bad", "nowhere"), ("crs_zero", "division")):
        with pytest.raises(AnsibleActionFail, match=f"host orders: variable {name}: .*{why}"):
            variables.of("orders", [name])


def test_a_host_that_is_not_there_is_an_error(variables):
    with pytest.raises(AnsibleActionFail, match="crs-9 is not in the inventory"):
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
