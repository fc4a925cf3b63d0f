# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from ..module_utils._errors import InvalidOption
from ..module_utils._times import parse_duration
from ..plugin_utils._action import RecordAction, Result
from ..plugin_utils._audit.scope import CHOICES
from ..plugin_utils._policy import waivers
from ..plugin_utils._record import merge, stored
from ..plugin_utils._record.model import Record
from ..plugin_utils._reports import console, write

_SPEC = {
    "records": {"type": "list", "elements": "path", "required": True},
    "slices": {"type": "int", "required": True},
    "max_age": {"type": "str", "default": "12h"},
    "max_spread": {"type": "str"},
    "min_hosts": {"type": "int", "default": 1},
    "report_dir": {"type": "path", "default": "crs-audit"},
    "report_mode": {"type": "raw", "default": "0640"},
    "show": {"type": "str", "choices": [*CHOICES["show"]], "default": "failed"},
    "fail": {"type": "str", "choices": [*CHOICES["fail"]], "default": "once"},
}


class ActionModule(RecordAction):
    """Joins the records of slices. Documented with the module of the same name."""

    def work(self, task_vars: dict[str, Any]) -> Result:
        _validated, options = self.validate_argument_spec(argument_spec=_SPEC)
        modes = write.parse_modes(options["report_mode"], "report_mode")
        record = _merged(options)
        result = self.concluded(record, options, modes)
        notes = merge.notes(record) + waivers.notes(record["waivers"]) + console.left_out(record)
        return {**result, "warnings": notes + result["warnings"]}


def _merged(options: Mapping[str, Any]) -> Record:
    given = [name for name in ("max_age", "max_spread") if options[name] is not None]
    limits = {name: parse_duration(options[name], name) for name in given}
    if options["slices"] < 1:
        raise InvalidOption(f"slices is {options['slices']}: use the expected number of records, 1 or more")
    paths = [os.path.abspath(path) for path in options["records"]]
    _check_apart(os.path.realpath(options["report_dir"]), paths)
    now = datetime.now(timezone.utc)
    found = {path: stored.read(path, now) for path in stored.find(paths)}
    return merge.merge(found, now, options["slices"], min_hosts=options["min_hosts"], **limits)


def _check_apart(report_dir: str, paths: Iterable[str]) -> None:
    """Raise InvalidOption if records are read from the report folder: a slice's record would be lost, or the merged one read next time."""
    for path in paths:
        real = os.path.realpath(path)
        inside = f"{report_dir}/".startswith(f"{real}/") if os.path.isdir(real) else report_dir == os.path.dirname(real)
        if inside:
            raise InvalidOption(
                f"report_dir {report_dir!r} is in a folder that records are read from, {path!r}: use another folder"
            )
