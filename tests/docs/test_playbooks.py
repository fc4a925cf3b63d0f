# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks hand each option of their module on, under its own name."""

from __future__ import annotations

import pytest
import yaml
from documents import ROOT, options, read

from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec

#: playbook: (its module, how its variables begin)
PLAYBOOKS = {
    "merge": ("crs_backup_merge", "crs_merge_"),
    "report": ("crs_backup_report", "crs_audit_"),
}


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_each_option_has_its_variable(name):
    module, begin = PLAYBOOKS[name]
    ((spelling, task, *_rest),) = (play["tasks"] for play in yaml.safe_load(read(ROOT / "playbooks" / f"{name}.yml")))
    assert sorted(spelling["vars"]["known"]) == sorted(begin + option for option in task[f"qcloud.crs.{module}"])
    handed = task[f"qcloud.crs.{module}"]
    for option, entry in options("modules", module).items():
        variable = begin + option
        assert handed.pop(option) == f"{{{{ {variable}{'' if entry.get('required') else ' | default(omit)'} }}}}"
    assert handed == {}


#: What the playbook of restore tests says itself, and how its variables begin for each of its modules.
RESTORE_TEST = {
    "crs_restore_test_due": set(),
    "crs_restore_test": {"instance_id", "account", "fail_on", "max_memory", "record_dir"},
    "crs_restore_test_summary": {"results"},
}


@pytest.mark.parametrize("module", RESTORE_TEST)
def test_each_option_of_a_restore_test_has_its_variable(module):
    plays = yaml.safe_load(read(ROOT / "playbooks" / "restore_test.yml"))
    tasks = [task for play in plays for task in play["tasks"]]
    (handed,) = (task[f"qcloud.crs.{module}"] for task in tasks if f"qcloud.crs.{module}" in task)
    aliases = {"redis_id"}
    documented = set(options("modules", module)) - aliases
    # A host's own connection counts where hosts are chosen, without being handed on.
    connection = set(connection_spec())
    assert set(handed) == (documented - connection if module == "crs_restore_test_due" else documented)
    for option, value in handed.items():
        begin = "crs_" if option in connection else "crs_restore_test_"
        default = "'crs'" if option == "hosts" else "omit"
        if option not in RESTORE_TEST[module]:
            assert value == f"{{{{ {begin}{option} | default({default}) }}}}"
