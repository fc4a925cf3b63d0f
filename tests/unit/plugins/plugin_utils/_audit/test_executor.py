# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the frames that started a task hold, and what Ansible makes of an include. The target ``variables`` has the real ones."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail
from ansible.executor.play_iterator import HostState, PlayIterator
from ansible.executor.playbook_executor import PlaybookExecutor
from ansible.playbook.block import Block
from ansible.playbook.play_context import PlayContext
from ansible.playbook.role import Role
from ansible.playbook.task import Task
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.loader import connection_loader

from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import executor
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.host_variables import HostVariables
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import APlay, trusted

INVENTORY = "all: {hosts: {a: , b: , late: }}"


@pytest.fixture
def play(tmp_path):
    return APlay(tmp_path, INVENTORY, "all", crs_region="of the play")


def iterator_of(play, states=None):
    """Return an iterator over a copy of a play, as the executor makes it."""
    iterator = PlayIterator.__new__(PlayIterator)
    iterator._play, iterator._host_states = play.play.copy(), states or {}
    return iterator


def run(iterator, play_context, work):
    """As a strategy does."""
    return work()


def with_batches(play, batches, work):
    """As the executor of a playbook does, which has a host's own frames within."""
    self = PlaybookExecutor.__new__(PlaybookExecutor)
    batches = [[play.inventory.get_host(name) for name in batch] for batch in batches]
    return (self, batches, work())[-1]


def test_the_play_is_the_copy_that_is_run(play):
    iterator, context = iterator_of(play), PlayContext()
    task, _variables = play.task()
    found = run(iterator, context, lambda: executor.running(task))
    assert found.play is iterator._play and found.context is context and found.began is None
    # This function's own frame has held it so far.
    del iterator
    assert executor.running(task).play is play.play


def test_who_began_the_play_is_all_of_its_batches(play):
    task, variables = play.task()

    def work():
        return run(iterator_of(play), PlayContext(), lambda: HostVariables(task, variables, play.loader, {}))

    assert with_batches(play, [["a"], ["b"]], work).joined == {"late"}
    assert with_batches(play, [["a", "b", "late"]], work).joined == set()
    assert HostVariables(task, variables, play.loader, {}).joined == set()


def test_variables_of_a_role_that_is_loaded_later_count(play):
    task, variables = play.task()
    iterator = iterator_of(play)
    role = Role(play=iterator._play, public=True)
    role._role_name, role._role_vars = "later", {"crs_region": "of the role"}
    iterator._play.roles = [*iterator._play.roles, role]
    variables["ansible_play_role_names"] = ["later"]
    found = run(iterator, PlayContext(), lambda: HostVariables(task, variables, play.loader, {}))
    assert found.of("a", ["crs_region"]).used == {"crs_region": "of the role"}
    # Where the copy can't be found, the audit says so.
    del iterator
    with pytest.raises(AnsibleActionFail, match="the roles that this play has loaded can't be determined"):
        HostVariables(task, variables, play.loader, {})


class Connection:
    """What is asked of a connection plugin. ``given`` are the options of the copies that were made of it."""

    _load_name = "ssh"

    def __init__(self):
        self.given = []

    def matches_name(self, names):
        return names == ["ssh"]

    def set_options(self, task_keys, var_options):
        assert "retries" not in task_keys
        self.given.append((self, var_options))

    def update_vars(self, variables):
        variables["ansible_host"] = getattr(self._play_context, "remote_addr", None)


def added(play, connection, keywords=None, context=None, **variables):
    """Return what is added to the variables of host a."""
    task, _variables = play.task()
    for name, value in (keywords or {}).items():
        setattr(task, name, value)
    found = dict(variables)
    templar = play.templar(found)
    host = play.inventory.get_host("a")
    executor.add_connection(found, host, task, context or PlayContext(), connection, templar)
    return {name: value for name, value in found.items() if name not in variables}


def test_a_host_has_the_variables_of_a_connection_of_its_own(play):
    # With its documentation, which says what variables it has.
    connection_loader.get("ssh", class_only=True)
    connection = Connection()
    connection._play_context = PlayContext()
    variables = {
        "name": "b",
        "ansible_ssh_user": trusted("{{ name }}o"),
        "ansible_ssh_host": trusted("{{ name }}.example"),
    }
    assert added(play, connection, **variables) == {"ansible_host": "b.example"}
    assert added(play, connection) == {"ansible_host": "a"}
    # The task's own is left as it was.
    assert connection._play_context.remote_addr is None
    (first, options), (second, _none) = connection.given
    assert options["ansible_ssh_user"] == "bo" and connection not in (first, second)


def test_a_host_with_another_connection_than_the_task(play):
    found = added(play, Connection(), ansible_connection="local")
    assert found["ansible_host"] == "a" and found["ansible_timeout"] == 10


def test_a_task_that_is_delegated_has_one_connection_for_all_hosts(play):
    connection = Connection()
    connection._play_context = PlayContext()
    connection._play_context.remote_addr = "elsewhere"
    assert added(play, connection, {"delegate_to": "b"}) == {"ansible_host": "elsewhere"} and connection.given == []


def test_a_connection_that_cannot_be_evaluated_adds_nothing(play):
    assert added(play, Connection(), ansible_ssh_host=trusted("{{ nowhere }}")) == {}


def included(include, action="audit", within=False):
    """Return a block of one task below a copy of an include, and the task."""
    copy = include.copy(exclude_parent=True)
    block = Block(play=None, parent_block=copy)
    task = Task(block=block)
    task.action = action
    block.block = [task]
    if within:
        outer = Block(play=None, parent_block=copy)
        outer.rescue = [block]
        return outer, task
    return block, task


def test_an_include_that_differs_by_host_is_noticed(play):
    include = TaskInclude()
    include.action = "include_tasks"
    (mine, task), (theirs, _other) = included(include), included(include, within=True)
    both, neither, elsewhere = included(TaskInclude())[0], included(include, "debug")[0], included(TaskInclude())[0]

    def otherwise(one, child=False):
        state = HostState(one)
        if child:
            state, outer = HostState([]), state
            state.tasks_child_state = outer
        return executor.included_otherwise(
            iterator_of(play, {"a": HostState([mine]), "b": state}), task, ["a", "b", "c"]
        )

    assert otherwise([theirs]) == "b" and otherwise([theirs], child=True) == "b"
    # A loop gives each of its items to all hosts, and a condition or another include doesn't change the value.
    for one in ([mine, theirs], [both], [neither], [elsewhere], []):
        assert otherwise(one) is None
    assert executor.included_otherwise(None, task, ["a"]) is None
