# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The value that a variable has on any host of the play, seen from a task that runs once. Private to this collection.

It is the value that ``ansible.builtin.debug`` would show there. ``hostvars`` shows neither role defaults nor the play's
variables, and the task's own variables are those of one host, with that host's overrides. Only Ansible's variable
manager knows what applies to each host, by its own precedence; all use of it is in this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.inventory.host import Host
from ansible.vars import manager as ansible_vars_manager

from .. import _unsafe
from .._rendering import renderer
from . import executor

#: ``{name: value}`` of variables; a name in a file of variables may be a number.
Variables = dict[str, Any]
#: Returns the values of the names that are set. Raises AnsibleActionFail.
Read = Callable[[Iterable[str]], Variables]


class Values(NamedTuple):
    """The values that some variables have on a host."""

    #: Plain values by name, without omitted ones.
    used: Variables
    #: The names of those whose unevaluated value is not the play's: they are the host's own.
    own: set[str]
    #: Other names with the prefix, in addition to the requested ones.
    others: list[str]


class Elsewhere(NamedTuple):
    """A host that isn't audited."""

    host: str
    #: False if it is not in the group, and has our variables only with the values that all hosts have: it may be no instance at all.
    own: bool
    #: Whether --limit alone leaves it out.
    in_scope: bool
    read: Read


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


#: Variables of a host's connection. They take longest to find, so they are added only if a template may need one.
_OF_THE_CONNECTION = re.compile(r"\bansible_(?:%s)\b" % "|".join(name[8:] for name in constants.COMMON_CONNECTION_VARS))
#: Variables of a host that hold no template, and may be large.
_WITHOUT_TEMPLATES = frozenset(("vars", "groups", "ansible_facts", "environment", *_OF_THE_TASK))


class HostVariables:
    """Reads variables for the hosts of the running task's play. ``defaults`` apply if nothing else is set.

    ``connection`` is the task's own. Without it, a host has only those variables of its connection that are set.
    """

    def __init__(
        self, task: Any, task_vars: Variables, loader: Any, defaults: Variables, connection: Any = None
    ) -> None:
        self._task = task
        self._running = executor.running(task)
        self._check_play(task_vars)
        self._manager = task_vars["hostvars"]._variable_manager
        self._defaults = defaults
        self._connection = connection
        self._renderer = renderer.Renderer(loader, task_vars.get("omit"))
        loop = [task_vars[name] for name in ("ansible_loop_var", "ansible_index_var") if name in task_vars]
        self._of_the_loop = {name: task_vars[name] for name in loop if name in task_vars}
        self._of_the_task = {name: task_vars[name] for name in _OF_THE_TASK if name in task_vars}
        #: The names of the play's hosts, those that failed included.
        self.play_hosts: list[str] = task_vars["ansible_play_hosts_all"]
        self._hosts: dict[str, Any] = {"_hosts": None, "_hosts_all": None, "include_hostvars": False}
        if _has_template(self._running.play.get_vars_files()):
            # The names of these files are evaluated while the variables are read.
            batch = task_vars["ansible_play_batch"]
            self._hosts = {"_hosts": batch, "_hosts_all": self.play_hosts, "include_hostvars": True}
        # Unevaluated, since there is no host to evaluate them for.
        self._of_the_play = {**defaults, **self._raw(None, "the play"), **self._of_the_loop}

    def _check_play(self, task_vars: Variables) -> None:
        """Raise AnsibleActionFail unless the play is the one that is run: another may lack the variables of roles."""
        known = task_vars.get("ansible_play_role_names")
        if known is not None and list(known) != [role.get_name() for role in self._running.play.roles]:
            raise AnsibleActionFail(
                "the roles that this play has loaded can't be determined, and their variables may apply: set strategy: linear"
            )

    @property
    def joined(self) -> set[str]:
        """The names of hosts that joined the play after it began: Ansible runs no task for them."""
        began = self._running.began
        return set() if began is None else {name for name in self.play_hosts if name not in began}

    def included_otherwise(self, hosts: Iterable[str]) -> str | None:
        """Return the first of the hosts for which an include of this task runs with other values, or None."""
        return executor.included_otherwise(self._running.iterator, self._task, hosts)

    def matching(self, pattern: str) -> list[str]:
        """Return the names of the play's hosts that match a pattern, in the play's order, including hosts that failed."""
        matching = {host.name for host in self._of_pattern(pattern)}
        return [name for name in self.play_hosts if name in matching]

    def is_implicit(self, host_name: str) -> bool:
        """Tell whether a host is the implicit localhost, which is in no inventory and no group."""
        return bool(getattr(self._manager._inventory.get_host(host_name), "implicit", False))

    def of(self, host_name: str, names: Iterable[str], prefix: str | None = None) -> Values:
        """Return the Values of the names that are set for a host. Raises AnsibleActionFail, which names host and variable."""
        host = self._manager._inventory.get_host(host_name)
        if host is None:
            raise AnsibleActionFail(f"{host_name} is not in the inventory")
        variables = self._all_of(host, host_name, True)
        asked = {name: variables[name] for name in names if name in variables}
        # In a file of variables a name may be a number.
        others = [
            name
            for name in variables
            if prefix and isinstance(name, str) and name.startswith(prefix) and name not in asked
        ]
        own = {name for name, value in asked.items() if not self._is_of_the_play(name, value)}
        return Values(self._rendered(host, asked, variables), own, others)

    def group(self, group_name: str, name: str) -> Any:
        """Return the value, as data, that the inventory sets for a group's own variable, or None."""
        group = self._manager._inventory.groups.get(group_name)
        return renderer.data(group.vars.get(name)) if group else None

    def of_a_host_like(
        self, host_name: str, variables: Variables, names: Iterable[str], group_name: str | None = None
    ) -> Variables:
        """Return the values of the names for a made-up host with these variables, in a group or in none. Raises AnsibleActionFail."""
        host = Host(host_name)
        # As data: names of regions may come from the API.
        host.vars.update(_unsafe.data(variables))
        group = self._manager._inventory.groups.get(group_name)
        if group:
            host.add_group(group)
        return self._asked(host, {**self._defaults, **self._raw(host, host_name)}, names)

    def elsewhere(self, but: Container[str], pattern: str, group_name: str, ours: Iterable[str]) -> Iterator[Elsewhere]:
        """Yield an Elsewhere for each host of the inventory except ``but``, including those that the play or --limit leaves out.

        ``pattern`` is that of the hosts in scope. A host is ``own`` if it has a value of its own for one of ``ours``. Variables of play and
        task apply to hosts that only --limit leaves out of the play, and not to hosts of other plays.
        """
        inventory = self._manager._inventory
        common: dict[bool, Variables] = {}
        played = self._without_limit(self._running.play.hosts)
        in_scope = played & self._without_limit(pattern)
        for host in inventory.get_hosts("all", ignore_limits=True, ignore_restrictions=True):
            if host.name in but:
                continue
            within = host.name in played
            try:
                if within not in common:
                    common[within] = self._all_of(Host("of all"), "all hosts", within)
                variables = self._all_of(host, host.name, within)
            except AnsibleActionFail as error:
                yield Elsewhere(host.name, True, host.name in in_scope, _raiser(error))
                continue
            own = any(group.name == group_name for group in host.get_groups()) or any(
                name in variables and not _is_same(common[within].get(name, self), variables[name], self)
                for name in ours
            )
            yield Elsewhere(
                host.name,
                own,
                host.name in in_scope,
                lambda names: self._asked(host, variables, names),  # noqa: B023 - read before the next
            )

    def _all_of(self, host: Any, whose: str, within: bool) -> Variables:
        """Return a host's variables as ``of`` sees them; ``within`` says whether those of the play and the task count."""
        return {**self._defaults, **self._raw(host, whose, within), **(self._of_the_loop if within else {})}

    def _without_limit(self, pattern: Any) -> set[str]:
        return {host.name for host in self._of_pattern(pattern, ignore_limits=True)}

    def _of_pattern(self, pattern: Any, **options: bool) -> Sequence[Any]:
        try:
            hosts: Sequence[Any] = self._manager._inventory.get_hosts(pattern, ignore_restrictions=True, **options)
        except AnsibleError:  # a group that isn't there, under a setting that makes this an error
            return []
        return hosts

    def _is_of_the_play(self, name: str, value: Any) -> bool:
        return _is_same(self._of_the_play.get(name, self), value, self)

    def _asked(self, host: Any, variables: Variables, names: Iterable[str]) -> Variables:
        return self._rendered(host, {name: variables[name] for name in names if name in variables}, variables)

    def _rendered(self, host: Any, asked: Variables, variables: Variables) -> Variables:
        used: Variables = {}
        ready = False
        for name, value in asked.items():
            try:
                used[name] = renderer.plain(value)
            except renderer.Template:
                if not ready:
                    self._complete(host, variables)
                    ready = True
                try:
                    used[name] = self._renderer.render(value)
                except renderer.Omitted:
                    pass
                except Exception as error:  # a template of somebody's, and whatever its filters raise
                    raise AnsibleActionFail(f"host {host.name}: variable {name}: {error}") from error
        return used

    def _complete(self, host: Any, variables: Variables) -> None:
        """Add what Ansible adds to the variables of a task before it evaluates a template, and evaluate over them."""
        added = {**self._of_the_task, **self._of_the_loop}
        variables.update(added)
        variables.get("vars", {}).update(added)
        self._renderer.use(variables)
        if self._connection is not None and _needs_connection(variables):
            context, templar = self._running.context, self._renderer.templar
            executor.add_connection(variables, host, self._task, context, self._connection, templar)
            self._renderer.use(variables)

    def _raw(self, host: Any, whose: str, within: bool = True) -> Variables:
        """Return a host's unevaluated variables; ``within`` says whether those of the play and the task count."""
        options: dict[str, Any] = {"include_hostvars": False}
        if within:
            # Stand-ins for the hosts: see _OF_THE_TASK.
            hosts = {name: [whose] if value is None else value for name, value in self._hosts.items()}
            options = {"play": self._running.play, "task": self._task, **hosts}
        try:
            with _no_facts_to_clean():
                variables: Variables = self._manager.get_vars(host=host, **options)
        except AnsibleError as error:  # a file that can't be decrypted, or one of vars_files that can't be named
            raise AnsibleActionFail(
                f"{f'host {host.name}' if host else whose}: its variables can't be read: {error}"
            ) from error
        return variables


def _raiser(error: AnsibleActionFail) -> Read:
    def read(_names: Iterable[str]) -> NoReturn:
        raise error

    return read


def _needs_connection(variables: Mapping[str, Any]) -> bool:
    """Tell whether a template among a host's variables names a variable of the connection."""
    waiting = [value for name, value in variables.items() if name not in _WITHOUT_TEMPLATES]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "ansible_" in value and _OF_THE_CONNECTION.search(value):
                return True
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
    return False


def _has_template(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_template, value))
    return isinstance(value, str) and ("{" in value or value.startswith("#jinja2:"))


def _is_same(found: Any, value: Any, nothing: object) -> bool:
    # Identity is checked first: to compare vaulted values, they must be decrypted, which is slow.
    return found is value or (found is not nothing and bool(found == value))


@contextmanager
def _no_facts_to_clean() -> Iterator[None]:
    """Let Ansible skip the cleaning of facts for a host without facts, which takes a third of the time of a look-up.

    The result is the same. If an ansible-core does not call this function, nothing changes. The replacement affects no other task,
    since each runs in its own process.
    """
    clean = getattr(ansible_vars_manager, "clean_facts", None)
    if clean is None:
        yield
        return
    ansible_vars_manager.clean_facts = lambda facts: clean(facts) if facts else {}
    try:
        yield
    finally:
        ansible_vars_manager.clean_facts = clean
