# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action ends with when something is wrong, and who can't fail by itself."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils import _action


@pytest.mark.parametrize("kind", [AnsibleError, AnsibleActionFail, InvalidOption])
def test_what_a_user_can_mend_is_no_traceback(monkeypatch, kind):
    class Broken(_action.RecordAction):
        def work(self, task_vars):
            raise kind("no vault secrets found")

    monkeypatch.setattr(ActionBase, "run", lambda *args: {})
    assert Broken.__new__(Broken).run() == {"failed": True, "msg": "no vault secrets found"}


@pytest.mark.parametrize(
    ("fail", "joined", "said"),
    [
        (
            "each",
            {"late", "fine"},
            "1 hosts that joined the play after it began, and can't fail by themselves, violate their policy: stale",
        ),
        ("each", {"fine"}, ""),
        ("never", {"late"}, ""),
    ],
)
def test_a_host_that_joined_fails_the_run(fail, joined, said):
    result = {"fail": fail, "failed_hosts": {"late": "stale", "early": "none"}, "coverage_fails": False}
    assert _action._failure(result, joined) == said


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        ({"crs-1": "stale"}, "1 host violates its policy (all): stale"),
        ({"crs-1": "stale", "crs-2": "none"}, "2 hosts violate their policy (all): stale | none"),
    ],
)
def test_a_single_failure_names_the_hosts_in_number(failed, said):
    result = {"fail": "once", "failed_hosts": failed, "totals": "all", "coverage_fails": False}
    assert _action._failure(result, set()) == said
