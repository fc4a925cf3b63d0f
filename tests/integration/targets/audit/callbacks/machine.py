# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stdout callback for machines, of the shape of ansible.posix.json: one JSON document at the end, and nothing else."""

from __future__ import annotations

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: machine
type: stdout
short_description: One JSON document
description:
  - Writes the results of all tasks as one JSON document.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "machine"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._results = {}

    def v2_runner_on_ok(self, result, **_kwargs):
        # Results have no public name for these before 2.19.
        self._results[result._task.get_name()] = json.loads(self._dump_results(result._result))

    v2_runner_on_failed = v2_runner_on_ok

    def v2_playbook_on_stats(self, stats):
        failures = {host: stats.summarize(host)["failures"] for host in stats.processed}
        self._display.display(json.dumps({"results": self._results, "failures": failures}))
