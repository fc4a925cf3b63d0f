# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible's executor knows and doesn't pass to actions. Private to this collection; it relies on private parts of Ansible.

A task refers to the play as it was parsed. The executor runs a copy, and only the copy has roles that are loaded while the play
runs, whose variables count from then on. Also, only the executor knows which hosts the play began with, and which tasks each of
them still has to run. A task runs in a forked process, so the executor's frames, which hold all this, are still on its stack.
"""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any, NamedTuple

from ansible import constants
from ansible.errors import AnsibleError
from ansible.executor.play_iterator import PlayIterator
from ansible.executor.playbook_executor import PlaybookExecutor
from ansible.playbook.play_context import PlayContext


class Running(NamedTuple):
    """The running play, how it connects, and the states of the batch's hosts (None if not known). ``began`` are the names of the
    hosts that the play began with, None if not known."""

    play: Any
    context: PlayContext
    iterator: PlayIterator | None
    began: frozenset[str] | None


def running(task: Any) -> Running:
    """Return the Running of a task. Outside an executor, ``iterator`` and ``began`` are None."""
    iterator = context = None
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        values = frame.f_locals
        if iterator is None:
            iterator = _first(values, PlayIterator)
            context = _first(values, PlayContext) if iterator is not None else None
        elif isinstance(values.get("self"), PlaybookExecutor):
            began = frozenset(host.name for batch in values.get("batches", ()) for host in batch)
            return Running(iterator._play, context or PlayContext(iterator._play), iterator, began or None)
        frame = frame.f_back
    if iterator is not None:
        return Running(iterator._play, context or PlayContext(iterator._play), iterator, None)
    play = task.get_play()
    return Running(play, PlayContext(play), None, None)


def _first(values: Mapping[str, Any], kind: type) -> Any:
    return next((value for value in list(values.values()) if isinstance(value, kind)), None)


def included_otherwise(iterator: PlayIterator | None, task: Any, hosts: Iterable[str]) -> str | None:
    """Return the first of the hosts for which an include of the task runs with other values, or None.

    Ansible splits an include whose values differ by host into copies, each for some of the hosts. The copies' tasks have different
    ids, but all copies have the id of the include.
    """
    includes = _includes(task)
    if not includes or iterator is None:
        return None
    for host in hosts:
        state = iterator._host_states.get(host)
        alike = [other for other in _tasks(state) if other.action == task.action] if state is not None else []
        if all(other._uuid != task._uuid for other in alike) and any(includes & _includes(other) for other in alike):
            return host
    return None


def _includes(task: Any) -> set[str]:
    """Return the ids of the dynamic includes that a task is below."""
    found: set[str] = set()
    parent = task._parent
    while parent is not None:
        if getattr(parent, "statically_loaded", True) is False and hasattr(parent, "action"):
            found.add(parent._uuid)
        parent = parent._parent
    return found


def _tasks(state: Any) -> Iterator[Any]:
    """Yield all tasks of a host's state, including those of nested blocks."""
    waiting = [*state._blocks, state.tasks_child_state, state.rescue_child_state, state.always_child_state]
    while waiting:
        part = waiting.pop()
        if hasattr(part, "block"):
            waiting += [*part.block, *part.rescue, *part.always]
        elif hasattr(part, "_blocks"):
            waiting += [*part._blocks, part.tasks_child_state, part.rescue_child_state, part.always_child_state]
        elif part is not None:
            yield part


def add_connection(
    variables: dict[str, Any], host: Any, task: Any, context: PlayContext, connection: Any, templar: Any
) -> None:
    """Add to a host's variables the missing ones of its connection, as the executor does before it runs a task.

    ``connection`` is that of the host whose task this is. A template's error is ignored: it is raised when the variable is used.
    """
    if task.delegate_to is not None:
        connection.update_vars(variables)
        return
    with contextlib.suppress(AnsibleError):
        own = context.set_task_and_variable_override(task, variables, templar)
        own.post_validate(templar)
        if not own.remote_addr:
            own.remote_addr = host.address
        if connection.matches_name([own.connection or connection._load_name]):
            theirs = copy.copy(connection)
            theirs._options, theirs._play_context = {}, own
            wanted = constants.config.get_plugin_vars("connection", connection._load_name)
            options = {name: templar.template(variables[name]) for name in wanted if name in variables}
            keywords = {**task.dump_attrs(), "timeout": own.timeout}
            keywords.pop("retries", None)
            theirs.set_options(task_keys=keywords, var_options=options)
            theirs.update_vars(variables)
        else:
            own.update_vars(variables)
