# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The value that a variable has on any host of the play, seen from a task that runs once. Private to this collection.

It is the value that ``ansible.builtin.debug`` would show there. ``hostvars`` shows neither role defaults nor the play's
variables, and the task's own variables are those of one host, with that host's overrides. Only Ansible's variable
manager knows what applies to each host, by its own precedence; all use of it is in this file.
"""

from __future__ import annotations

from collections import namedtuple
from contextlib import contextmanager

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.inventory.host import Host
from ansible.vars import manager as ansible_vars_manager

from ansible_collections.qcloud.crs.plugins.plugin_utils import _rendering, _templates

#: ``used`` is ``{name: value}``, plain and without what is omitted; ``own`` has the names of those that the play doesn't
#: set to what stands there, and ``others`` those that begin with the prefix, beside the ones that were asked for.
Values = namedtuple("Values", "used own others")

#: What Ansible adds to the variables of a task, the same for all its hosts. Computed anew for each host, the lists of
#: hosts would take time that grows with the square of their number.
_OF_THE_TASK = (
    "hostvars",
    "ansible_play_hosts_all",
    "ansible_play_hosts",
    "ansible_play_batch",
    "play_hosts",
    "ansible_current_hosts",
    "ansible_failed_hosts",
    "ansible_search_path",
    "ansible_loop",
    "ansible_loop_var",
    "ansible_index_var",
)


class HostVariables:
    """Reads variables for the hosts of the running task's play. ``defaults`` hold where nothing else is set."""

    def __init__(self, task, task_vars, loader, defaults):
        self._task = task
        self._manager = task_vars["hostvars"]._variable_manager
        self._defaults = defaults
        self._renderer = _rendering.Renderer(loader, task_vars.get("omit"))
        loop = [task_vars[name] for name in ("ansible_loop_var", "ansible_index_var") if name in task_vars]
        self._of_the_task = {name: task_vars[name] for name in (*_OF_THE_TASK, *loop) if name in task_vars}
        # As they stand: without a host, none of them is evaluated.
        self._of_the_play = {**defaults, **self._raw(None, "the play")}
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
        """Return the Values of the names that are set for a host. Raises AnsibleActionFail, which names host and variable."""
        host = self._manager._inventory.get_host(host_name)
        if host is None:
            raise AnsibleActionFail(f"{host_name} is not in the inventory")
        variables = {**self._defaults, **self._raw(host, host_name)}
        asked = {name: variables[name] for name in names if name in variables}
        # In a file of variables a name may be a number.
        others = [
            name
            for name in (variables if prefix else ())
            if isinstance(name, str) and name.startswith(prefix) and name not in asked
        ]
        own = {name for name, value in asked.items() if not self._is_of_the_play(name, value)}
        return Values(self._rendered(host_name, asked, variables), own, others)

    def group(self, group_name, name):
        """Return a group's own variable, as data, or None. Only the inventory sets it, whatever hosts the group has."""
        group = self._manager._inventory.groups.get(group_name)
        return _rendering.data(group.vars.get(name)) if group else None

    def of_a_host_like(self, host_name, variables, names, group_name=None):
        """Return the values of the names that a host would have with these variables in a group, or in none."""
        host = Host(host_name)
        # Which regions there are may be the cloud's word.
        host.vars.update(_templates.data(variables))
        group = self._manager._inventory.groups.get(group_name)
        if group:
            host.add_group(group)
        return self._asked(host_name, {**self._defaults, **self._raw(host, host_name)}, names)

    def elsewhere(self, but, group_name, ours, names):
        """Yield ``(host name, read)`` of the inventory's hosts beside some, whatever the play and --limit leave out.

        ``read()`` returns the values of the names. It is None where a host is not in the group and has none of ``ours`` that
        hosts without any group don't have: it may be anything, and nothing of it is evaluated.
        """
        inventory = self._manager._inventory
        common = {**self._defaults, **self._raw(Host("a host in no group"), "a host in no group")}
        for host in inventory.get_hosts("all", ignore_limits=True, ignore_restrictions=True):
            if host.name in but:
                continue
            variables = {**self._defaults, **self._raw(host, host.name)}
            if not any(group.name == group_name for group in host.get_groups()) and not any(
                name in variables and not _is_same(common.get(name, self), variables[name], self) for name in ours
            ):
                yield host.name, None
            else:
                yield host.name, lambda: self._asked(host.name, variables, names)  # noqa: B023 - read before the next one

    def _is_of_the_play(self, name, value):
        return _is_same(self._of_the_play.get(name, self), value, self)

    def _asked(self, host_name, variables, names):
        return self._rendered(host_name, {name: variables[name] for name in names if name in variables}, variables)

    def _rendered(self, host_name, asked, variables):
        used, ready = {}, False
        for name, value in asked.items():
            try:
                used[name] = _rendering.plain(value)
            except _rendering.Template:
                if not ready:
                    self._complete(variables)
                    self._renderer.use(variables)
                    ready = True
                try:
                    used[name] = self._renderer.render(value)
                except _rendering.Omitted:
                    pass
                except Exception as error:  # a template of somebody's, and whatever its filters raise
                    raise AnsibleActionFail(f"host {host_name}: variable {name}: {error}") from error
        return used

    def _complete(self, variables):
        variables.update(self._of_the_task)
        variables.get("vars", {}).update(self._of_the_task)

    def _raw(self, host, whose):
        with _no_facts_to_clean():
            return self._manager.get_vars(
                play=self._task.get_play(),
                host=host,
                task=self._task,
                include_hostvars=False,
                # Stand-ins: see _OF_THE_TASK.
                _hosts=[whose],
                _hosts_all=[whose],
            )


def _is_same(found, value, nothing):
    # What is vaulted is decrypted to be compared, which takes long.
    return found is value or (found is not nothing and found == value)


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
