# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from ..plugin_utils._action import RecordAction, Result
from ..plugin_utils._record import stored
from ..plugin_utils._reports import write

_SPEC = {
    "record": {"type": "path", "required": True},
    "report_dir": {"type": "path"},
    "report_mode": {"type": "raw", "default": "0640"},
}


class ActionModule(RecordAction):
    """Renders the reports of a stored record. Documented with the module of the same name."""

    def work(self, task_vars: dict[str, Any]) -> Result:
        _validated, options = self.validate_argument_spec(argument_spec=_SPEC)
        path = os.path.abspath(options["record"])
        modes = write.parse_modes(options["report_mode"], "report_mode")
        found = stored.read(path, datetime.now(timezone.utc))
        folder = options["report_dir"] or os.path.dirname(path)
        reports, warnings = self.written(write.write_reports, found, folder, modes)
        return {"changed": bool(reports), "summary": found.record["summary"], "reports": reports, "warnings": warnings}
