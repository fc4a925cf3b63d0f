# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ..module_utils._credentials.chain import Keyring
from ..module_utils._options.connection import connection_spec
from ..module_utils._times import from_iso
from ..plugin_utils._action import RecordAction, Result
from ..plugin_utils._audit import elsewhere, run
from ..plugin_utils._audit import notes as _notes
from ..plugin_utils._audit.host_variables import HostVariables
from ..plugin_utils._audit.scope import FAMILY, WHOM, Scope, Settings
from ..plugin_utils._audit.target import Target
from ..plugin_utils._coverage import coverage, places
from ..plugin_utils._policy import waivers
from ..plugin_utils._policy.restore_tests import not_looked_at
from ..plugin_utils._reports import write
from ..plugin_utils._restore import evidence
from ..plugin_utils._settings import PREFIX

_DEFAULTS = os.path.join(os.path.dirname(__file__), "..", "..", "roles", "crs_backup_policy", "defaults", "main.yml")


class ActionModule(RecordAction):
    """Audits all hosts of a play at once. Documented with the module of the same name."""

    def work(self, task_vars: dict[str, Any]) -> Result:
        _validated, options = self.validate_argument_spec(argument_spec=_spec())
        pattern = options.pop("hosts")
        defaults = self._loader.load_from_file(_DEFAULTS)
        variables = HostVariables(self._task, task_vars, self._loader, defaults, self._connection)
        scope = Scope(options, defaults)
        targets, gaps = _in_scope(variables, scope, pattern, Scope.names(options), task_vars["inventory_hostname"])
        _check_include(variables, targets)
        settings = scope.settings()
        modes = write.parse_modes(settings.report_mode, PREFIX + "report_mode")
        keyring = Keyring()
        connections = run.connect_all(targets, keyring)
        _check_instances(len(run.instances(connections)), len(targets), settings)
        restore_tests = _restore_tests(settings)
        regions = places.check(settings.coverage_regions, connections)
        inventory = places.Inventory(gaps=tuple(gaps))
        if settings.coverage != "off":
            claims, unread = elsewhere.claims(variables, scope, {target.host for target in targets}, pattern)
            inventory = places.inventory(claims, connections, keyring, gaps + unread)
        record = run.run(
            connections, settings.coverage, inventory, settings.name, regions, settings.run_id, restore_tests.of
        )
        result = self.concluded(record, settings._asdict(), modes, PREFIX, variables.joined)
        notes = run.notes(connections) + _notes.of(record) + waivers.notes(record["waivers"])
        notes += waivers.outlasted(targets, from_iso(record["evaluated_at"]))
        return {**result, "warnings": _notes.few(restore_tests.problems) + notes + result["warnings"]}


def _restore_tests(settings: Settings) -> evidence.Looked:
    """Return what the folder of restore tests says, if one is set."""
    if settings.restore_test_dir is None:
        return evidence.Looked(not_looked_at, [])
    return evidence.look(os.path.abspath(os.path.expanduser(settings.restore_test_dir)), datetime.now(timezone.utc))


def _in_scope(
    variables: HostVariables, scope: Scope, pattern: str, names: list[str], runner: str
) -> tuple[list[Target], list[places.Gap]]:
    """Return the Targets of the play's hosts that match the pattern, and the entries of ``crs_inventory_errors``.

    ``runner`` is the host whose task this is.
    """
    hosts = variables.matching(pattern)
    in_scope = set(hosts)
    targets: list[Target] = []
    gaps = {repr(gap): gap for gap in elsewhere.gaps(variables.group(elsewhere.GROUP, elsewhere.ERRORS))}
    for host in variables.play_hosts:
        implicit = variables.is_implicit(host)
        if implicit and host not in in_scope:
            # The implicit localhost keeps the play from being skipped, and may lack variables that hosts of the inventory have.
            continue
        if host in in_scope:
            values = variables.of(host, [*names, elsewhere.ERRORS], FAMILY)
        else:
            values = variables.of(host, WHOM)
        if not implicit:
            scope.agree_whom(host, values.used)
        if host in in_scope:
            targets.append(scope.target(host, *values))
            gaps.update((repr(gap), gap) for gap in elsewhere.gaps(values.used.get(elsewhere.ERRORS)))
    if not targets:
        # Without targets, settings are those of the host whose task this is. min_hosts comes first.
        scope.agree(runner, variables.of(runner, [PREFIX + "min_hosts"]).used)
        _check_count(hosts, pattern, scope.settings())
        scope.agree(runner, variables.of(runner, names).used)
    _check_count(hosts, pattern, scope.settings())
    for gap in gaps.values():
        coverage.left_out(gap, False)  # raises if it is invalid, before any request
    return targets, list(gaps.values())


def _check_include(variables: HostVariables, targets: Iterable[Target]) -> None:
    """Raise AnsibleActionFail if another copy of an include has other values for a host in scope, which are not visible here."""
    host = variables.included_otherwise([target.host for target in targets])
    if host:
        raise AnsibleActionFail(
            f"host {host} is audited here with the values of other hosts' include: Ansible includes this audit separately for it, "
            "since the loop, apply or file of an include differs by host. Set what differs as variables of hosts or groups, "
            f"or as vars of the include, or name whom each include audits in {PREFIX}hosts"
        )


def _check_count(hosts: Collection[str], pattern: str, settings: Settings) -> None:
    if len(hosts) < settings.min_hosts:
        raise AnsibleActionFail(
            f"{len(hosts)} hosts of the play match {pattern!r} and at least {settings.min_hosts} are expected "
            f"({PREFIX}min_hosts): did a source of the inventory fail, or is the pattern or --limit too narrow?"
        )


def _check_instances(instances: int, hosts: int, settings: Settings) -> None:
    if instances < settings.min_hosts:
        raise AnsibleActionFail(
            f"{hosts} hosts stand for {instances} instance{'s' * (instances != 1)}, and at least {settings.min_hosts} are expected ({PREFIX}min_hosts): "
            "hosts with the same crs_instance_id are one instance"
        )


def _spec() -> dict[str, dict[str, Any]]:
    return {**connection_spec(), "hosts": {"type": "str", "default": "all"}}
