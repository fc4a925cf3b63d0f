# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what each debug task and each audit of a run says, a line of JSON each, to the file SHOWN."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

_AUDIT = "qcloud.crs.crs_backup_audit"


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "shown"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_play_start(self, play):
        self._play = play.get_name()

    def v2_runner_on_ok(self, result):
        self._write(result._task.action, result._host.get_name(), result._result, False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result._task.action, result._host.get_name(), result._result, True)

    def _write(self, action, host, said, failed):
        if action not in (_AUDIT, "ansible.builtin.debug"):
            return
        # As the output would show it: what Ansible adds for itself is left out, what is vaulted is decrypted.
        shown = json.loads(self._dump_results(said, indent=0))
        line = {"play": self._play, "audit": action == _AUDIT, "host": host, "failed": failed, "said": shown}
        with open(os.environ["SHOWN"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
