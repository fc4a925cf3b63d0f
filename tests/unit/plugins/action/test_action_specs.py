# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible checks before our code runs: actions are documented in modules of the same names, which nothing runs."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._settings import PREFIX
from ansible_collections.qcloud.crs.tests.docs.documents import options, role_options

PLUGINS = "ansible_collections.qcloud.crs.plugins"


ACTIONS = [
    "crs_backup_audit",
    "crs_backup_merge",
    "crs_backup_report",
    "crs_restore_test",
    "crs_restore_test_due",
    "crs_restore_test_summary",
]


class Caught(Exception):
    pass


@pytest.mark.parametrize("name", ACTIONS)
def test_the_argument_spec_is_what_the_documentation_says(name, monkeypatch):
    def catch(self, argument_spec):
        raise Caught(argument_spec)

    action = import_module(f"{PLUGINS}.action.{name}").ActionModule
    monkeypatch.setattr(action, "validate_argument_spec", catch)
    task = object.__new__(action)
    task._task = SimpleNamespace(args={})
    with pytest.raises(Caught) as caught:
        action.work(task, {})
    (spec,) = caught.value.args
    check_options(spec, options("modules", name))
    assert yaml.safe_load(import_module(f"{PLUGINS}.modules.{name}").DOCUMENTATION)["module"] == name


def check_options(spec, documented):
    """Of a dict, the options in it, too."""
    assert {*spec, *(alias for entry in spec.values() for alias in entry.get("aliases", ()))} == set(documented)
    for option, entry in spec.items():
        for key in ("type", "elements", "default", "choices", "required", "aliases"):
            assert entry.get(key) == documented[option].get(key), (option, key)
        check_options(entry.get("options", {}), documented[option].get("suboptions", {}))


#: What a rule may be given, by the variable's name alone: what of it is a limit, the policy says, with a remedy.
#: Null is left out: before 2.19 Ansible itself refuses it, for an option that has a default.
GIVEN = [
    False,
    True,
    "off",
    "no",
    "false",
    "",
    5,
    "5",
    0.5,
    "26h",
    ["26h"],
    {"pattern": "^release-", "within": "6h"},
]


@pytest.mark.parametrize("value", GIVEN, ids=repr)
def test_the_role_leaves_each_value_of_a_rule_to_the_policy(value):
    given = {PREFIX + rule: value for rule in policy.RULES}
    spec = {name: entry for name, entry in role_options().items() if name in given}
    assert spec.keys() == given.keys()
    assert ArgumentSpecValidator(spec).validate(given).error_messages == []


def test_an_include_that_this_audit_cannot_see_is_refused_by_name():
    check = import_module(f"{PLUGINS}.action.crs_backup_audit")._check_include
    targets = [SimpleNamespace(host="a"), SimpleNamespace(host="b")]
    check(SimpleNamespace(included_otherwise=lambda hosts: None), targets)
    with pytest.raises(AnsibleActionFail, match=r"^host b is audited here with the values of other hosts' include: "):
        check(SimpleNamespace(included_otherwise=lambda hosts: hosts[1]), targets)
