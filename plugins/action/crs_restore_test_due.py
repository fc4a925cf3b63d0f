# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ..module_utils._options.connection import connection_spec
from ..plugin_utils import _stdout
from ..plugin_utils._action import Action, Result, display
from ..plugin_utils._audit import elsewhere
from ..plugin_utils._audit.host_variables import HostVariables
from ..plugin_utils._audit.scope import FAMILY, PLACE_NAMES, Scope
from ..plugin_utils._coverage import coverage
from ..plugin_utils._reports import atomic_file
from ..plugin_utils._restore import due, fleet, latest, leftovers, settings, space

_SPEC = {
    **connection_spec(),
    "hosts": {"type": "str", "default": "all"},
    "record_dir": {"type": "path", "default": "crs-restore-tests"},
    "every": {"type": "str", "default": "30d"},
    "min_hosts": {"type": "int", "default": 1},
    "max_hosts": {"type": "int", "default": 10},
    "parallel": {"type": "int", "default": 4},
}


class ActionModule(Action):
    """Chooses the hosts whose restore test is due. Documented with the module of the same name."""

    # One choice for all hosts.
    BYPASS_HOST_LOOP = True

    def work(self, task_vars: dict[str, Any]) -> Result:
        # Before Ansible's own checks, whose errors name neither variable nor remedy.
        settings.check(self._task.args)
        _validated, params = self.validate_argument_spec(argument_spec=_SPEC)
        connection = {name: params[name] for name in connection_spec()}
        variables = HostVariables(self._task, task_vars, self._loader, {}, self._connection)
        hosts = _in_scope(variables, Scope(connection, {}), params)
        # The task is run for the first host of the play, which may have none of the variables of those in scope.
        run = settings.parse({**params, **hosts.settings})
        atomic_file.parse_modes(
            hosts.settings.get(settings.RECORD_MODE), ["record"], settings.PREFIX + settings.RECORD_MODE
        )
        _check_count(hosts, params["hosts"], run.min_hosts)
        now, record_dir = datetime.now(timezone.utc), os.path.abspath(run.record_dir)
        if not self._task.check_mode:
            # Also if nothing is due: what is left behind is data of backups.
            leftovers.remove(hosts.work_dirs, record_dir, now.timestamp())
        found = latest.read(record_dir, now)
        chosen = due.due(hosts.hosts, found.tests, now, run.max_hosts)
        forks = int(task_vars.get("ansible_forks") or 1)
        own = {host.name: host.max_memory for host in hosts.hosts}
        parallel, memory = due.share(run.parallel, forks, space.default_memory(), [own[name] for name in chosen.now])
        totals = _totals(hosts, chosen)
        if _stdout.is_for_people():
            display.display(totals)
        return {
            "changed": False,
            "due": chosen.now,
            "waiting": chosen.later,
            "never": chosen.never,
            "parallel": parallel,
            "max_memory": memory,
            "totals": totals,
            "warnings": [*_gaps(variables), *found.problems],
        }


def _in_scope(variables: HostVariables, scope: Scope, params: Mapping[str, Any]) -> fleet.Fleet:
    """Return the Fleet of the play's hosts that match the pattern."""
    in_scope = set(variables.matching(params["hosts"]))
    found = fleet.Fleet(scope.whereabouts, params["every"], params["record_dir"])
    for host in variables.play_hosts:
        if host in in_scope:
            values = variables.of(host, (*PLACE_NAMES, *fleet.NAMES), FAMILY)
            scope.check_names(name for name in values.others if not name.startswith(settings.PREFIX))
            found.add(host, values.used, values.others)
        elif not variables.is_implicit(host):
            # Only the first host's pattern is used: set for one group, it would silently leave out all other hosts.
            found.agree(host, variables.of(host, [settings.PREFIX + "hosts"]).used, ["hosts"])
    return found


def _check_count(found: fleet.Fleet, pattern: str, min_hosts: int) -> None:
    instances = len({host.instance for host in found.hosts})
    if instances < min_hosts:
        raise AnsibleActionFail(
            f"{len(found.hosts)} hosts of the play match {pattern!r} and stand for {instances} instances, and at "
            f"least {min_hosts} are expected (min_hosts): did a source of the inventory fail, or is the pattern "
            "or --limit too narrow?"
        )


def _gaps(variables: HostVariables) -> list[str]:
    """Return a sentence for each part of an account that the inventory plugin could not list."""
    gaps = elsewhere.gaps(variables.group(elsewhere.GROUP, elsewhere.ERRORS))
    found = [coverage.left_out(gap, False) for gap in gaps]
    return [
        f"the inventory lacks the instances of {gap['region']}, which are not tested: {gap['error']['message']}"
        for gap in found
        if gap["error"]
    ]


def _totals(hosts: fleet.Fleet, chosen: due.Due) -> str:
    waiting = len(chosen.now) + len(chosen.later)
    return (
        f"{len(hosts.hosts)} {'host' if len(hosts.hosts) == 1 else 'hosts'}: {waiting} due for a restore test, {chosen.never} of which never passed one; "
        f"{len(chosen.now)} now, {len(chosen.later)} later"
    )
