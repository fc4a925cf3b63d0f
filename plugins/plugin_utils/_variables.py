# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The value that a variable has for any host of the play, seen from a task that runs once. Private to this collection.

``hostvars`` shows neither role defaults nor the play's variables, and the task's own variables are those of one host,
with that host's overrides. Only Ansible's variable manager knows what applies to each host, by its own precedence; all
use of it is in this file.
"""

from __future__ import annotations

from contextlib import contextmanager

from ansible.errors import AnsibleError
from ansible.vars import manager as ansible_vars_manager


class HostVariables:
    """Reads variables for the hosts of the running task's play."""

    def __init__(self, task, task_vars, templar):
        self._task = task
        self._templar = templar
        self._hostvars = task_vars["hostvars"]
        self._manager = self._hostvars._variable_manager
        #: The names of the play's hosts, those that failed included.
        self.play_hosts = task_vars["ansible_play_hosts_all"]

    def matching(self, pattern):
        """Return the names of the play's hosts that match a pattern, in the play's order; those that failed too."""
        try:
            matching = {host.name for host in self._manager._inventory.get_hosts(pattern, ignore_restrictions=True)}
        except AnsibleError:  # a group that isn't there, under a setting that makes this an error
            return []
        return [name for name in self.play_hosts if name in matching]

    def is_implicit(self, host_name):
        """Tell whether a host is the localhost that no inventory names, and no group has."""
        return getattr(self._manager._inventory.get_host(host_name), "implicit", False)

    def of(self, host_name, names, prefix=None):
        """Return ``{name: value}`` of the names that are defined for a host, templated with its variables.

        And, as they stand, the values of all other variables that begin with ``prefix``.
        """
        host = self._manager._inventory.get_host(host_name)
        if host is None:
            raise AnsibleError(f"{host_name} is not in the inventory")
        return self._read(host, host_name, names, prefix)

    def instance_ids(self, pattern, but):
        """Return the instances that the inventory has beside some hosts, whatever the play and --limit leave out."""
        inventory = self._manager._inventory
        others = [
            host.name
            for host in inventory.get_hosts(pattern, ignore_limits=True, ignore_restrictions=True)
            if host.name not in but
        ]
        return {str(self.of(name, ["crs_instance_id"]).get("crs_instance_id") or name) for name in others}

    def of_the_play(self, names):
        """Return ``{name: value}`` as a host without variables of its own would see it."""
        return self._read(None, "the play", names)

    def _read(self, host, whose, names, prefix=None):
        with _no_facts_to_clean():
            # The lists of hosts would be computed anew for each host, in time that grows with their number.
            variables = self._manager.get_vars(
                play=self._task.get_play(),
                host=host,
                task=self._task,
                include_hostvars=False,
                _hosts=[whose],
                _hosts_all=[whose],
            )
        variables.update(ansible_play_hosts_all=self.play_hosts, hostvars=self._hostvars)
        found = {name: variables[name] for name in names if name in variables}
        templates = [name for name, value in found.items() if _may_be_template(value)]
        if prefix:
            # In a file of variables a name may be a number.
            others = [name for name in variables if isinstance(name, str) and name.startswith(prefix)]
            found.update((name, variables[name]) for name in others if name not in found)
        if templates:
            templar = self._templar.copy_with_new_env(available_variables=variables)
            for name in templates:
                try:
                    found[name] = templar.template(found[name])
                except AnsibleError as error:
                    raise AnsibleError(f"variable {name} of {whose}: {error}") from error
        return found


@contextmanager
def _no_facts_to_clean():
    """Skip the cleaning of a host's facts where it has none: Ansible takes a third of a look-up's time for that.

    The result is the same. The process is the task's own.
    """
    clean = ansible_vars_manager.clean_facts
    ansible_vars_manager.clean_facts = lambda facts: clean(facts) if facts else {}
    try:
        yield
    finally:
        ansible_vars_manager.clean_facts = clean


def _may_be_template(value):
    """Whether evaluating a value could change it: what takes a third of the time is seldom needed."""
    if isinstance(value, str):
        # The header may name other marks than braces.
        return "{" in value or value.startswith("#jinja2:")
    if isinstance(value, dict):
        return any(_may_be_template(one) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return any(_may_be_template(one) for one in value)
    return not isinstance(value, (int, float, type(None)))
