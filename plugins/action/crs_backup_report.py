# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from datetime import datetime, timezone

from ansible.errors import AnsibleActionFail

from ansible_collections.qcloud.crs.plugins.plugin_utils import _reports
from ansible_collections.qcloud.crs.plugins.plugin_utils._record_action import RecordAction


class ActionModule(RecordAction):
    """Renders the reports of a stored record. Documented with the module of the same name."""

    def work(self, task_vars):
        _validated, options = self.validate_argument_spec(
            argument_spec={"record": {"type": "path", "required": True}, "report_dir": {"type": "path"}}
        )
        path = os.path.abspath(options["record"])
        folder = os.path.abspath(options["report_dir"] or os.path.dirname(path))
        record = _reports.read(path, datetime.now(timezone.utc))
        try:
            reports = {} if self._task.check_mode else _reports.write_reports(record, folder)
        except OSError as error:
            raise AnsibleActionFail(
                f"report_dir {folder!r} can't be written to ({error}): use a folder that can"
            ) from error
        return {"changed": bool(reports), "summary": record["summary"], "reports": reports}
