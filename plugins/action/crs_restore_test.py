# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import Any

from ..module_utils._connection import connect
from ..module_utils._errors import InvalidOption
from ..module_utils._options.connection import connection_spec
from ..plugin_utils._action import Action, Result
from ..plugin_utils._option_types import check_numbers, check_shapes
from ..plugin_utils._policy.facts import Instance, identity
from ..plugin_utils._reports import atomic_file
from ..plugin_utils._restore import instance, latest, options, record


class ActionModule(Action):
    """Tests that a backup of one instance can be restored. Documented with the module of the same name."""

    def work(self, task_vars: dict[str, Any]) -> Result:
        spec = {**connection_spec(), **options.SPEC}
        # Before Ansible's own checks, which turn a list into a text, so that the name of a key becomes another.
        check_shapes(self._task.args, spec)
        check_numbers(self._task.args, spec)
        _validated, params = self.validate_argument_spec(argument_spec=spec)
        options.check_instance_id(params["instance_id"])
        parsed, mode = options.parse(params), _mode(params["record_mode"])
        api = connect(params)
        options.check_here(parsed)
        folder = None if self._task.check_mode else _folder(params["record_dir"])
        subject = instance.Subject(params["instance_id"], params["account"])
        parsed, problems = _compared(
            parsed, identity(api.client.endpoint.url, api.region, subject.instance_id), params["record_dir"]
        )
        made = instance.test(api, subject, parsed, self._task.check_mode)
        path, warnings = _written(made, folder, mode)
        result = {
            "changed": path is not None,
            "outcome": made["outcome"],
            "code": made["code"],
            "message": made["message"],
            "record": made,
            "record_file": path,
            "warnings": problems + warnings,
        }
        if made["outcome"] in _FAILING[params["fail_on"]] and not self._task.check_mode:
            result.update(failed=True, msg=record.sentence(made))
        return result


_FAILING = {"not_passed": ("failed", "unknown"), "failed": ("failed",), "never": ()}


def _compared(parsed: options.Options, tested: Instance, record_dir: str) -> tuple[options.Options, list[str]]:
    """Return the options with the minimum that follows from the last passed test, and sentences about files that are not records."""
    if parsed.key_ratio is None:
        return parsed, []
    found = latest.read(os.path.abspath(record_dir), datetime.now(timezone.utc), tested.instance_id)
    tests = found.tests.get(tested)
    passed = tests.passed if tests else None
    baseline = options.Baseline(passed["id"], passed["key_count"]) if passed else None
    return options.compared(parsed, baseline, not found.problems), found.problems


def _mode(record_mode: object) -> int:
    return atomic_file.parse_modes(record_mode, ["record"], "record_mode")["record"]


def _folder(record_dir: str | None) -> str | None:
    """Return the folder for the record, after creating it. Raises InvalidOption, before a test runs, if it is not writable."""
    if record_dir is None:
        return None
    folder = os.path.abspath(record_dir)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise InvalidOption(f"record_dir {record_dir!r} can't be created ({error}): use another folder") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InvalidOption(f"record_dir {record_dir!r} can't be written to: use a folder that can")
    return folder


def _written(made: dict[str, Any], folder: str | None, mode: int) -> tuple[str | None, list[str]]:
    """Write a record to the folder, if there is one; return ``(path, warnings)``."""
    if folder is None:
        return None, []
    path = os.path.join(folder, record.file_name(made))
    try:
        found = atomic_file.write(path, [json.dumps(made, indent=1), "\n"], mode)
    except OSError as error:
        raise InvalidOption(
            f"the record of this test, whose outcome is {made['outcome']}, can't be written to record_dir {folder!r} "
            f"({error.strerror}): make room, or use another folder"
        ) from None
    if found == mode:
        return path, []
    return path, [
        f"the file system of {folder!r} does not support modes: {path} should have {mode:04o} and has {found:04o}"
    ]
