# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError
from ansible_collections.qcloud.crs.plugins.plugin_utils import _reports


class ActionModule(ActionBase):
    """Renders the reports of a stored record, on the controller. Documented with the module of the same name."""

    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(
            argument_spec={"record": {"type": "path", "required": True}, "report_dir": {"type": "path"}}
        )
        path = os.path.abspath(options["record"])
        folder = os.path.abspath(options["report_dir"] or os.path.dirname(path))
        try:
            record = _reports.read(path)
            reports = {} if self._task.check_mode else _reports.write_reports(record, folder)
        except CrsError as error:
            raise AnsibleActionFail(str(error)) from error
        except OSError as error:
            raise AnsibleActionFail(
                f"report_dir {folder!r} can't be written to ({error}): use a folder that can"
            ) from error
        result.update(changed=bool(reports), summary=record["summary"], reports=reports)
        return result
