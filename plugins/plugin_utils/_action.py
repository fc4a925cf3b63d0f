# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of all actions: they write and show a record, and return what later tasks need.

Private to this collection.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._errors import CrsError, plain
from . import _stdout
from ._record.model import InstanceEntry, Record
from ._reports import console
from ._reports.write import Written, write_all

display = Display()

#: How many reasons of hosts the message of the task has at most.
MAX_REASONS = 10
#: How many characters of an error that message has at most.
MAX_ERROR = 600

#: What is written: a Record or a Stored one.
Source = TypeVar("Source")
Result = dict[str, Any]


class Action(ActionBase):  # type: ignore[misc] # ansible-core has no type information
    """An action on the controller, which connects to no host."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        # The objects of a fleet's record have no reference cycles, and the search for them takes a tenth of the time. This
        # process is only for the task.
        gc.disable()
        try:
            result.update(self.work(task_vars or {}))
        except (CrsError, AnsibleError) as error:
            # A user error is not a crash: if it is raised, older versions of ansible-core show a traceback.
            result.update(failed=True, msg=str(error))
        finally:
            gc.enable()
        return result

    def work(self, task_vars: dict[str, Any]) -> Result:
        """Return what goes into the result, or raise CrsError or AnsibleActionFail."""
        raise NotImplementedError


class RecordAction(Action):
    """An action that runs once for all hosts of the play."""

    # One record for all hosts, and a clear error under a strategy that would make one for each.
    BYPASS_HOST_LOOP = True

    def concluded(
        self,
        record: Record,
        how: Mapping[str, Any],
        modes: Mapping[str, int],
        prefix: str = "",
        joined: Collection[str] = (),
    ) -> Result:
        """Write and show the record, and return the result; ``modes`` are those of its files.

        ``how`` has ``report_dir``, ``show`` and ``fail``, and the user knows them with the ``prefix``. ``joined`` are hosts that
        no task runs for, so that none of them can fail by itself.
        """
        shows = how["show"] != "none" and _stdout.is_for_people()
        for line in console.lines(record, how["show"] == "all", _stdout.width) if shows else ():
            display.display(line)
        reports, warnings = self.written(write_all, record, how["report_dir"], modes, f"{prefix}report_dir")
        for path in reports.values() if shows else ():
            display.display(f"written: {path}")
        shown = {
            "complete": record["complete"],
            "summary": record["summary"],
            "reports": reports,
            "failed_hosts": _failed_hosts(record),
            "uncovered": console.uncovered(record),
            "coverage_fails": any(entry["fails"] for entry in record["coverage"]),
        }
        result = {
            **shown,
            "changed": bool(reports),
            "totals": console.totals(record["summary"]),
            "warnings": warnings,
            "fail": how["fail"],
            "ansible_stats": _stats(shown),
        }
        return {**result, "failure": _failure(result, joined)}

    def written(
        self,
        write: Callable[[Source, str, Mapping[str, int]], Written],
        record: Source,
        report_dir: str,
        modes: Mapping[str, int],
        option: str = "report_dir",
    ) -> Written:
        """Call a function of ``_reports`` that writes, but in check mode; return ``({name: path}, warnings)``.

        ``option`` is how the user calls ``report_dir``.
        """
        if self._task.check_mode:
            return {}, []
        try:
            return write(record, os.path.abspath(os.path.expanduser(report_dir)), modes)
        except OSError as error:
            raise AnsibleActionFail(
                f"{option} {report_dir!r} can't be written to ({error}): use a folder that can"
            ) from error


def _failure(result: Result, joined: Collection[str]) -> str:
    """Return why the run fails, or an empty text."""
    reasons: list[str] = []
    failed = list(result["failed_hosts"].values())
    if result["fail"] == "once" and failed:
        violate = "host violates its" if len(failed) == 1 else "hosts violate their"
        reasons.append(f"{len(failed)} {violate} policy ({result['totals']}): {' | '.join(failed[:MAX_REASONS])}")
    late = [reason for host, reason in result["failed_hosts"].items() if host in joined]
    if result["fail"] == "each" and late:
        reasons.append(
            f"{len(late)} hosts that joined the play after it began, and can't fail by themselves, violate their policy: "
            + " | ".join(late[:MAX_REASONS])
        )
    if result["fail"] != "never" and result["coverage_fails"]:
        reasons.append(f"{'; '.join(result['uncovered'])} (crs_backup_policy_coverage)")
    return "; ".join(reasons)


def _stats(shown: Result) -> Result:
    """Return the job's artifacts in AWX, on which the next node of a workflow can decide.

    set_stats would set the same, but with thousands of hosts a further task takes as long as reading a hundred pages.
    """
    data = {"crs_backup_audit": {**shown, "failed_hosts": sorted(shown["failed_hosts"])}}
    return {"data": data, "per_host": False, "aggregate": False}


def _failed_hosts(record: Record) -> dict[str, str]:
    """Return ``{host: why it fails}``. Each text ends with the first digits of the audit's id.

    By these, tasks/assert.yml knows whether this audit failed a host, or an earlier one of the same run.
    """
    return {entry["host"]: _message(entry, record["id"][:6]) for entry in record["instances"] if entry["fails"]}


def _message(entry: InstanceEntry, audit: str) -> str:
    reasons = "; ".join(f"{rule}: {message}" for rule, message in console.reasons(entry))
    # A verdict has only the reason of an error. To fix it, the API's own message and request id are needed, too.
    whole = f" ({plain(entry['error']['message'], MAX_ERROR)})" if entry["error"] else ""
    return f"{entry['instance_id']} in {entry['region']}: {reasons}{whole} (audit {audit})"
