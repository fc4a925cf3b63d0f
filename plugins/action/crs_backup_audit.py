# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ansible.errors import AnsibleActionFail

from ansible_collections.qcloud.crs.plugins.module_utils._argspec import connection_spec
from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_iso
from ansible_collections.qcloud.crs.plugins.plugin_utils import _audit, _notes, _places, _reports, _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._record_action import RecordAction
from ansible_collections.qcloud.crs.plugins.plugin_utils._scope import FAMILY, WHOM, Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._target import PREFIX
from ansible_collections.qcloud.crs.plugins.plugin_utils._variables import HostVariables

_DEFAULTS = os.path.join(os.path.dirname(__file__), "..", "..", "roles", "crs_backup_policy", "defaults", "main.yml")
#: What the inventory plugin says of accounts and regions that it left out.
_ERRORS = "crs_inventory_errors"


class ActionModule(RecordAction):
    """Audits all hosts of a play at once. Documented with the module of the same name."""

    def work(self, task_vars):
        _validated, options = self.validate_argument_spec(argument_spec=_spec())
        pattern = options.pop("hosts")
        targets, known, settings, left_out = self._scope(pattern, options, task_vars)
        modes = _reports.parse_modes(settings.report_mode, PREFIX + "report_mode")
        connections = _audit.connect_all(targets)
        _check_instances(len(_audit.instances(connections)), len(targets), settings)
        regions = _places.check(settings.coverage_regions, connections)
        record = _audit.run(connections, settings.coverage, known, left_out, settings.name, regions, settings.run_id)
        result = self.concluded(record, settings._asdict(), modes, PREFIX)
        notes = _audit.notes(connections) + _notes.of(record) + _waivers.notes(record["waivers"])
        notes += _waivers.outlasted(targets, parse_iso(record["evaluated_at"]))
        return {**result, "warnings": notes + result["warnings"]}

    def _scope(self, pattern, options, task_vars):
        """Return the Targets of the play's hosts that match the pattern, the ids that the inventory knows, the Settings.

        And what a source of the inventory couldn't list, and was told to leave out.
        """
        defaults = self._loader.load_from_file(_DEFAULTS)
        variables = HostVariables(self._task, task_vars, self._loader, defaults)
        names = Scope.names(options)
        scope = Scope(options, defaults)
        hosts = variables.matching(pattern)
        in_scope, targets, left_out = set(hosts), [], {}
        for host in variables.play_hosts:
            implicit = variables.is_implicit(host)
            if implicit and host not in in_scope:
                # It keeps the play from being skipped, and may lack what hosts of the inventory have.
                continue
            wanted = ([*names, _ERRORS], FAMILY) if host in in_scope else (WHOM,)
            values = variables.of(host, *wanted)
            if not implicit:
                scope.agree_whom(host, values.used)
            if host in in_scope:
                targets.append(scope.target(host, *values))
                left_out.update((repr(gap), gap) for gap in values.used.get(_ERRORS) or ())
        if not targets:
            # The host whose task this is stands for them: first for how many there have to be.
            runner = task_vars["inventory_hostname"]
            scope.agree(runner, variables.of(runner, [PREFIX + "min_hosts"]).used)
            _check_count(hosts, pattern, scope.settings())
            scope.agree(runner, variables.of(runner, names).used)
        settings = scope.settings()
        _check_count(hosts, pattern, settings)
        known = {target.instance_id for target in targets}
        if settings.coverage != "off":
            # With --limit, or in a slice, the inventory names more than is audited.
            known |= variables.instance_ids(in_scope)
        return targets, known, settings, list(left_out.values())


def _check_count(hosts, pattern, settings):
    if len(hosts) < settings.min_hosts:
        raise AnsibleActionFail(
            f"{len(hosts)} hosts of the play match {pattern!r} and at least {settings.min_hosts} are expected "
            f"({PREFIX}min_hosts): did a source of the inventory fail, or is the pattern or --limit too narrow?"
        )


def _check_instances(instances, hosts, settings):
    if instances < settings.min_hosts:
        raise AnsibleActionFail(
            f"{hosts} hosts stand for {instances} instance{'s' * (instances != 1)}, and at least {settings.min_hosts} are expected ({PREFIX}min_hosts): "
            "hosts with one crs_instance_id are one instance"
        )


def _spec():
    return {**connection_spec(), "hosts": {"type": "str", "default": "all"}}
