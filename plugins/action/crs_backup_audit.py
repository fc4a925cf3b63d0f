# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.qcloud.crs.plugins.module_utils._argspec import connection_spec
from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError
from ansible_collections.qcloud.crs.plugins.plugin_utils import _audit, _reports, _table, _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._scope import PREFIX, Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._variables import HostVariables

display = Display()


class ActionModule(ActionBase):
    """Audits all hosts of a play at once, on the controller. Documented with the module of the same name."""

    # One audit for all hosts, and a clear error under a strategy that would run one for each.
    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=_spec())
        pattern = options.pop("hosts")
        try:
            targets, known, settings = self._scope(pattern, options, task_vars)
            connections = _audit.connect_all(targets)
            record = _audit.run(connections, settings.coverage, known)
            result["warnings"] = _audit.notes(connections) + _waivers.notes(record["waivers"])
        except CrsError as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(self._reported(record, settings))
        return result

    def _scope(self, pattern, options, task_vars):
        """Return the Targets of the play's hosts that match the pattern, the ids that the inventory knows, the Settings."""
        variables = HostVariables(self._task, task_vars, self._templar)
        names = Scope.names(options)
        scope = Scope(options, variables.of_the_play(names), variables.role_defaults())
        hosts = variables.matching(pattern)
        targets = [scope.target(host, variables.of(host, names)) for host in hosts]
        settings = scope.settings()
        if len(hosts) < settings.min_hosts:
            raise AnsibleActionFail(
                f"{len(hosts)} hosts of the play match {pattern!r} and at least {settings.min_hosts} are expected "
                f"({PREFIX}min_hosts): did a source of the inventory fail, or is the pattern or --limit too narrow?"
            )
        known = {target.instance_id for target in targets}
        if settings.coverage != "off":
            # With --limit, or in a slice, the inventory names more than is audited.
            known |= variables.instance_ids(pattern, set(hosts))
        return targets, known, settings

    def _reported(self, record, settings):
        """Write and show the record, and return what later tasks need to know of it."""
        for line in _table.lines(record, settings.show == "all"):
            display.display(line)
        reports = {} if self._task.check_mode else _written(record, settings.report_dir)
        for path in reports.values():
            display.display(f"written: {path}")
        return {
            "changed": bool(reports),
            "complete": record["complete"],
            "summary": record["summary"],
            "totals": _table.totals(record["summary"]),
            "reports": reports,
            "failed_hosts": {entry["host"]: _message(entry) for entry in record["instances"] if entry["fails"]},
            "uncovered": _table.uncovered(record),
        }


def _spec():
    return {**connection_spec(), "hosts": {"type": "str", "default": "all"}}


def _written(record, report_dir):
    """Write the record and its reports, and return their paths."""
    try:
        return _reports.write_all(record, os.path.abspath(os.path.expanduser(report_dir)))
    except OSError as error:
        raise AnsibleActionFail(
            f"{PREFIX}report_dir {report_dir!r} can't be written to ({error}): use a folder that can"
        ) from error


def _message(entry):
    told = "; ".join(f"{rule}: {message}" for rule, message in _table.reasons(entry))
    return f"{entry['instance_id']} in {entry['region']}: {told}"
