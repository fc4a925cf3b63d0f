# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ..plugin_utils import _stdout
from ..plugin_utils._action import Action, Result, display
from ..plugin_utils._restore import settings, summary

_SPEC = {
    "results": {"type": "dict", "required": True},
    "fail": {"type": "str", "choices": [*settings.FAIL], "default": "each"},
    "unknown": {"type": "str", "choices": [*settings.UNKNOWN], "default": "fail"},
    "show": {"type": "str", "choices": [*settings.SHOW], "default": "all"},
}
#: The maximum number of hosts whose reasons are in the message for all.
_MAX_REASONS = 10


class ActionModule(Action):
    """Shows the results of a run's restore tests. Documented with the module of the same name."""

    # One table for all hosts.
    BYPASS_HOST_LOOP = True

    def work(self, task_vars: dict[str, Any]) -> Result:
        _validated, params = self.validate_argument_spec(argument_spec=_SPEC)
        tested = summary.of_results(params["results"])
        counts = summary.counts(tested)
        totals = summary.totals(counts)
        if params["show"] != "none" and _stdout.is_for_people():
            for line in [*summary.lines(tested, params["show"] == "all", _stdout.width), totals]:
                display.display(line)
        failed = summary.failing(tested, params["unknown"] == "fail", self._task.check_mode)
        reasons = list(failed.values())[:_MAX_REASONS] if params["fail"] == "once" else []
        shown = {"summary": counts, "failed_hosts": failed}
        data = {"crs_restore_test": {**shown, "failed_hosts": sorted(failed)}}
        return {
            **shown,
            "changed": False,
            "totals": totals,
            "fail": params["fail"],
            "failure": f"{totals}: {' | '.join(reasons)}" if reasons else "",
            "ansible_stats": {"data": data, "per_host": False, "aggregate": False},
        }
