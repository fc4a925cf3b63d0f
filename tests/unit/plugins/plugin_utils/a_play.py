# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play in this process: Ansible's own inventory, variables and templates, and no processes of its own."""

from __future__ import annotations

from pathlib import Path

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from ansible_collections.qcloud.crs.plugins.plugin_utils import _unsafe

_ROLE = Path(__file__).parents[4] / "roles" / "crs_backup_policy"
#: What the action reads of the role, too.
ROLE_DEFAULTS = DataLoader().load_from_file(str(_ROLE / "defaults" / "main.yml"))


class APlay:
    """``text`` is an inventory in YAML, which is written to ``folder``; ``variables`` are those of the play.

    ``secrets`` decrypt what is vaulted in it.
    """

    def __init__(self, folder, text, pattern="all", secrets=None, **variables):
        path = folder / "hosts.yml"
        path.write_text(text, encoding="utf-8")
        self.loader = DataLoader()
        self.loader.set_vault_secrets(secrets or [])
        self.inventory = InventoryManager(loader=self.loader, sources=[str(path)])
        self.manager = VariableManager(loader=self.loader, inventory=self.inventory)
        self.hostvars = HostVars(self.inventory, self.manager, self.loader)
        data = {"name": "a play", "hosts": pattern, "gather_facts": False, "vars": variables}
        self.play = Play.load(data, variable_manager=self.manager, loader=self.loader)

    def task(self, **args):
        """Return a task of the play, whatever its action is, and the variables of the first host."""
        task = Task(block=Block(play=self.play))
        task.args = args
        hosts = [host.name for host in self.inventory.get_hosts(self.play.hosts)]
        values = self.manager.get_vars(
            play=self.play, host=self.inventory.get_host(hosts[0]), task=task, _hosts=hosts, _hosts_all=hosts
        )
        return task, {**values, "hostvars": self.hostvars}

    def templar(self, variables):
        return Templar(loader=self.loader, variables=variables)


def trusted(value):
    """Return a value whose texts may all be evaluated, as if it were read from a user's file."""
    if isinstance(value, dict):
        return {trusted(name): trusted(one) for name, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return _unsafe.trusted(value) if isinstance(value, str) else value
