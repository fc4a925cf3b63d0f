# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks hand each option of their module on, under its own name."""

from __future__ import annotations

import pytest
import yaml
from documents import ROOT, options, read

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
