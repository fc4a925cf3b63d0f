# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways in which users give a variable its value, each of which the audit has to understand as Ansible does.

Plain data. The page docs/development/idioms.md has the same table: ``make idioms`` writes it anew.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

#: The value that a variable has which Ansible takes for not set.
OMITTED = "omitted"
#: A pair of keys. The secret isn't called one, for debug shows it.
KEY_ID = "AKIDmadeupforidioms00000000000000001"
KEY = "thisDebugShows000000000000000001"
#: What is written where: fields of an Idiom, and how the page calls them. Those of hosts and groups can share a play.
_PLACES = {
    "host": "host",
    "group": "group",
    "vaulted": "vaulted file of the host",
    "play": "play",
    "prompt": "vars_prompt",
    "vars_file": "file in vars_files",
    "first": "tasks of a play before",
    "before": "tasks before",
    "imported": "vars of import_playbook",
    "params": "vars",
    "keywords": "task",
}
_SHARED = ("host", "group", "vaulted")


@dataclass(frozen=True)
class Idiom:
    """One way: ``variable`` is what is looked at, ``gives`` what debug shows. All else are places, in YAML.

    A value ``!vault X`` stands for X as ``ansible-vault encrypt_string`` writes it, and HOST for the name of the idiom's host.
    """

    name: str
    variable: str
    gives: object
    #: What the audit uses where debug shows nothing: the value without the variable.
    instead: object = None
    #: A part of the message if it can't be used, which also names host and variable.
    error: str = ""
    host: str = ""
    group: str = ""
    #: The host's file of variables, which is encrypted completely.
    vaulted: str = ""
    play: str = ""
    vars_file: str = ""
    #: Tasks before the audit, and a play before the audit's.
    before: str = ""
    first: str = ""
    #: Variables of import_playbook, of the role or task that audits.
    imported: str = ""
    params: str = ""
    #: Keywords of the task that audits.
    keywords: str = ""
    #: How it audits: the module, or the role by roles, import_role, include_role, or by a role of one's own.
    by: str = "module"
    prompt: str = ""
    #: Arguments of ansible-playbook.
    extra: tuple = ()
    #: Other files of the project: {path: text}.
    files: tuple = ()

    @property
    def alone(self):
        """Whether it needs a play of its own: those of hosts and groups alone share one."""
        places = any(getattr(self, name) for name in _PLACES if name not in _SHARED)
        return places or bool(self.error) or self.by != "module"


IDIOMS = [
    # Of hosts and groups
    Idiom("host variable", "crs_backup_policy_max_age", "30h", host="crs_backup_policy_max_age: 30h"),
    Idiom("group variable", "crs_backup_policy_max_age", "31h", group="crs_backup_policy_max_age: 31h"),
    Idiom(
        "host variable over group variable",
        "crs_backup_policy_max_age",
        "32h",
        host="crs_backup_policy_max_age: 32h",
        group="crs_backup_policy_max_age: 50h",
    ),
    Idiom(
        "template over a host variable",
        "crs_backup_policy_max_age",
        "33h",
        host='crs_backup_policy_max_age: "{{ hours }}h"\nhours: 33',
    ),
    Idiom(
        "group's template over the host's variable",
        "crs_backup_policy_max_age",
        "34h",
        host="hours: 34",
        group='crs_backup_policy_max_age: "{{ hours }}h"',
    ),
    Idiom(
        "template over a template over a template",
        "crs_backup_policy_max_age",
        "35h",
        host='crs_backup_policy_max_age: "{{ limit }}"\nlimit: "{{ hours }}h"\nhours: "{{ 5 * 7 }}"',
    ),
    Idiom(
        "entry of a dict, chosen by a tag",
        "crs_backup_policy_max_age",
        "36h",
        host="crs_tags: {env: prod}",
        group='crs_backup_policy_max_age: "{{ tier_ages[crs_tags.env] }}"\ntier_ages: {prod: 36h, test: 8d}',
    ),
    Idiom(
        "variable named by another, looked up",
        "crs_backup_policy_max_age",
        "37h",
        host="""crs_backup_policy_max_age: "{{ lookup('ansible.builtin.vars', 'age_of_' ~ tier) }}"\ntier: gold\nage_of_gold: 37h""",
    ),
    Idiom(
        "file looked up next to the playbook",
        "crs_backup_policy_max_age",
        "38h",
        host="""crs_backup_policy_max_age: "{{ lookup('ansible.builtin.file', 'limit.txt') }}\"""",
        files=(("files/limit.txt", "38h\n"),),
    ),
    Idiom(
        "environment looked up",
        "crs_instance_name",
        "from the environment",
        host="""crs_instance_name: "{{ lookup('ansible.builtin.env', 'IDIOM_NAME') }}\"""",
    ),
    Idiom(
        "choice by group membership",
        "crs_backup_policy_max_age",
        "13h",
        host="""crs_backup_policy_max_age: "{{ '13h' if 'idiom_' ~ number in group_names else '50h' }}"\nnumber: "{{ inventory_hostname[-2:] }}\"""",
    ),
    Idiom(
        "block of Jinja",
        "crs_backup_policy_max_age",
        "39h",
        host='crs_backup_policy_max_age: "{% if hours > 30 %}39h{% else %}26h{% endif %}"\nhours: 39',
    ),
    Idiom(
        "header that names other braces",
        "crs_backup_policy_max_age",
        "40h",
        host="crs_backup_policy_max_age: |-\n  #jinja2:variable_start_string:'[[',variable_end_string:']]'\n  [[ hours ]]h\nhours: 40",
    ),
    Idiom(
        "name of the host",
        "crs_instance_name",
        "CRS of HOST",
        host='crs_instance_name: "CRS of {{ inventory_hostname }}"',
    ),
    Idiom(
        "folder of the inventory",
        "crs_tags",
        {"site": "project"},
        host='crs_tags: {site: "{{ inventory_dir | basename }}"}',
    ),
    Idiom(
        "folder of the playbook",
        "crs_instance_name",
        "project",
        host='crs_instance_name: "{{ playbook_dir | basename }}"',
    ),
    Idiom(
        "size of a group",
        "crs_backup_policy_min_usable",
        1,
        host="""crs_backup_policy_min_usable: "{{ groups['idiom_' ~ inventory_hostname[-2:]] | length }}\"""",
    ),
    Idiom(
        "variable of another host",
        "crs_backup_policy_max_age",
        "30h",
        host="crs_backup_policy_max_age: \"{{ hostvars['crs-idiom00'].crs_backup_policy_max_age }}\"",
    ),
    Idiom(
        "template of another host, as that host sees it",
        "crs_instance_name",
        "CRS of crs-other",
        host="""crs_instance_name: "{{ hostvars['crs-other'].called }}\"""",
    ),
    Idiom(
        "variables of all hosts of a group",
        "crs_instance_name",
        "CRS of crs-other",
        host="""crs_instance_name: "{{ groups.others | map('extract', hostvars, 'called') | join(', ') }}\"""",
    ),
    Idiom(
        "hosts of the play",
        "crs_instance_name",
        "crs-idiom00 of many",
        host="""crs_instance_name: "{{ ansible_play_hosts_all[0] }} of {{ 'many' if ansible_play_hosts_all | length > 1 }}\"""",
    ),
    Idiom(
        "hosts of the play that are left, and of its batch",
        "crs_tags",
        {"left": "crs-idiom00 True", "batch": "crs-idiom00 True"},
        host="crs_tags:\n"
        '  left: "{{ ansible_play_hosts[0] }} {{ ansible_play_hosts | length > 1 }}"\n'
        '  batch: "{{ ansible_play_batch[0] }} {{ ansible_play_batch | length > 1 }}"',
    ),
    Idiom(
        "variables as a dict",
        "crs_backup_policy_max_age",
        "41h",
        host="""crs_backup_policy_max_age: "{{ vars['hours'] }}h"\nhours: 41""",
    ),
    Idiom("sum", "crs_backup_policy_min_usable", 3, host='crs_backup_policy_min_usable: "{{ 1 + 2 }}"'),
    Idiom(
        "rule turned off by a template",
        "crs_backup_policy_min_retention",
        False,
        host="""crs_backup_policy_min_retention: "{{ tier == 'gold' }}"\ntier: silver""",
    ),
    Idiom(
        "dict made by filters",
        "crs_tags",
        {"env": "prod", "team": "pay"},
        host="""crs_tags: "{{ base | combine({'team': 'pay'}) }}"\nbase: {env: prod}""",
    ),
    Idiom(
        "dict with templates in it",
        "crs_backup_policy_required_remark",
        {"pattern": "^release-7", "within": "6h"},
        host='crs_backup_policy_required_remark: {pattern: "^release-{{ release }}", within: "{{ hours }}h"}\nrelease: 7\nhours: 6',
    ),
    Idiom(
        "time that YAML reads as such",
        "crs_created_time",
        "2026-06-01 02:00:00+08:00",
        host="crs_created_time: 2026-06-01T02:00:00+08:00",
    ),
    Idiom(
        "text that is not a template",
        "crs_instance_name",
        "{{ braces }}",
        host='crs_instance_name: !unsafe "{{ braces }}"',
    ),
    Idiom("region by a template", "crs_region", "ap-guangzhou", host='crs_region: "ap-{{ city }}"\ncity: guangzhou'),
    Idiom("account by a template", "crs_account", "shop-prod", host='crs_account: "shop-{{ env }}"\nenv: prod'),
    Idiom(
        "variables of the connection",
        "crs_instance_name",
        "HOST jo ssh 10",
        host="""crs_instance_name: "{{ [ansible_host, ansible_user, ansible_connection, ansible_timeout] | join(' ') }}\"\nansible_ssh_user: jo""",
    ),
    # Vault
    Idiom("vaulted limit", "crs_backup_policy_max_age", "42h", host="crs_backup_policy_max_age: !vault 42h"),
    Idiom(
        "template over a vaulted value",
        "crs_backup_policy_max_age",
        "43h",
        host='crs_backup_policy_max_age: "{{ hours }}h"\nhours: !vault 43',
    ),
    Idiom(
        "vaulted key",
        "crs_secret_key",
        KEY,
        host=f"crs_secret_id: {KEY_ID}\ncrs_secret_key: !vault {KEY}",
    ),
    Idiom(
        "key by a template over a vaulted value of the group",
        "crs_secret_key",
        KEY,
        host=f'crs_secret_id: {KEY_ID}\ncrs_secret_key: "{{{{ vault_crs_key }}}}"',
        group=f"vault_crs_key: !vault {KEY}",
    ),
    Idiom("vaulted value in a dict", "crs_tags", {"owner": "dba"}, host="crs_tags: {owner: !vault dba}"),
    Idiom("vaulted file", "crs_backup_policy_max_age", "44h", vaulted="crs_backup_policy_max_age: 44h"),
    # Nothing
    Idiom(
        "omitted limit",
        "crs_backup_policy_max_age",
        OMITTED,
        "26h",
        host='crs_backup_policy_max_age: "{{ nowhere | default(omit) }}"',
    ),
    Idiom(
        "omitted over two variables",
        "crs_backup_policy_max_age",
        OMITTED,
        "26h",
        host='crs_backup_policy_max_age: "{{ limit }}"\nlimit: "{{ nowhere | default(omit) }}"',
    ),
    Idiom(
        "omitted fact",
        "crs_instance_name",
        OMITTED,
        "named by the cloud",
        host='crs_instance_name: "{{ nowhere | default(omit) }}"',
    ),
    Idiom(
        "omitted account",
        "crs_account",
        OMITTED,
        "key-of-the-environment",
        host='crs_account: "{{ nowhere | default(omit) }}"',
    ),
    Idiom(
        "omitted profile",
        "crs_profile",
        OMITTED,
        "key-of-the-environment",
        host='crs_profile: "{{ nowhere | default(omit) }}"',
    ),
    Idiom(
        "omitted in a dict",
        "crs_tags",
        {"env": "prod"},
        host="""crs_tags: "{{ {'env': 'prod', 'team': nowhere | default(omit)} }}\"""",
    ),
    Idiom(
        "omitted entry of a dict",
        "crs_tags",
        {"env": "prod"},
        host='crs_tags: {env: prod, team: "{{ nowhere | default(omit) }}"}',
    ),
    Idiom(
        "omitted within a text",
        "crs_account",
        "shop-",
        host='crs_account: "shop-{{ nowhere | default(omit) }}"',
    ),
    Idiom(
        "none for a profile",
        "crs_profile",
        None,
        "key-of-the-environment",
        host='crs_profile: "{{ nowhere | default(none) }}"',
    ),
    Idiom(
        "none for an account",
        "crs_account",
        None,
        "key-of-the-environment",
        host='crs_account: "{{ nowhere | default(none) }}"',
    ),
    Idiom(
        "none for a region over two variables",
        "crs_region",
        None,
        "ap-guangzhou",
        host='crs_region: "{{ site }}"\nsite: "{{ nowhere | default(none) }}"',
    ),
    # Of the play
    Idiom(
        "play variable",
        "crs_backup_policy_max_age",
        "45h",
        play="vars:\n  crs_backup_policy_max_age: 45h",
    ),
    Idiom(
        "play variable, a template over the host's",
        "crs_backup_policy_max_age",
        "46h",
        host="hours: 46",
        play='vars:\n  crs_backup_policy_max_age: "{{ hours }}h"',
    ),
    Idiom(
        "play variable, a template over a vaulted value of the group",
        "crs_secret_key",
        KEY,
        host=f"crs_secret_id: {KEY_ID}",
        group=f"vault_crs_key: !vault {KEY}",
        play='vars:\n  crs_secret_key: "{{ vault_crs_key }}"',
    ),
    Idiom(
        "file of the play's variables",
        "crs_backup_policy_max_age",
        "47h",
        host="hours: 47",
        vars_file='crs_backup_policy_max_age: "{{ hours }}h"',
    ),
    Idiom(
        "file of the play's variables, named by the host",
        "crs_backup_policy_max_age",
        "48h",
        host="stage: gold",
        play='vars_files:\n  - "{{ stage }}.yml"',
        files=(("gold.yml", "crs_backup_policy_max_age: 48h\n"),),
    ),
    Idiom(
        "file of the play's variables, named by hostvars",
        "crs_backup_policy_max_age",
        "71h",
        host="stage: hostvars",
        play='vars_files:\n  - "{{ hostvars[inventory_hostname].stage }}.yml"',
        files=(("hostvars.yml", "crs_backup_policy_max_age: 71h\n"),),
    ),
    Idiom(
        "file of the play's variables, named by the play's hosts",
        "crs_backup_policy_max_age",
        "72h",
        play="hosts: HOST:crs-other\nvars:\n  crs_backup_policy_report_dir: reports/of-two\n"
        """vars_files:\n  - "{{ 'many' if ansible_play_hosts_all | length > 1 else 'one' }}.yml\"""",
        files=(
            ("many.yml", "crs_backup_policy_max_age: 72h\n"),
            ("one.yml", "crs_backup_policy_max_age: 50h\n"),
        ),
    ),
    Idiom(
        "user of the play's connection",
        "crs_instance_name",
        "HOST as jo",
        host='crs_instance_name: "{{ called }}"\ncalled: "{{ ansible_host }} as {{ ansible_user }}"',
        play="remote_user: jo",
    ),
    Idiom(
        "answer to a prompt",
        "crs_backup_policy_max_age",
        "49h",
        play='vars:\n  crs_backup_policy_max_age: "{{ asked }}h"',
        prompt="name: asked\ndefault: '49'\nprivate: false",
    ),
    Idiom(
        "variables of import_playbook",
        "crs_backup_policy_max_age",
        "51h",
        host="hours: 51",
        imported='crs_backup_policy_max_age: "{{ hours }}h"',
    ),
    Idiom(
        "report folder below the inventory's",
        "crs_backup_policy_report_dir",
        "FOLDER/reports/of-play",
        play='vars:\n  crs_backup_policy_report_dir: "{{ inventory_dir }}/reports/of-play"',
    ),
    Idiom(
        "omitted report folder",
        "crs_backup_policy_report_dir",
        OMITTED,
        "FOLDER/crs-audit",
        play='vars:\n  crs_backup_policy_report_dir: "{{ nowhere | default(omit) }}"',
    ),
    Idiom(
        "way to fail by a template",
        "crs_backup_policy_fail",
        "once",
        host="many: true",
        play="""vars:\n  crs_backup_policy_fail: "{{ 'once' if many else 'each' }}\"""",
    ),
    Idiom(
        "batches of a play",
        "crs_instance_name",
        "HOST",
        host='crs_instance_name: "{{ ansible_play_batch | join }}"',
        play="serial: 1",
    ),
    # Of tasks
    Idiom(
        "included file",
        "crs_backup_policy_max_age",
        "52h",
        host="hours: 52",
        before="- ansible.builtin.include_vars: included.yml",
        files=(("included.yml", 'crs_backup_policy_max_age: "{{ hours }}h"\n'),),
    ),
    Idiom(
        "fact set by a task",
        "crs_backup_policy_max_age",
        "53h",
        host="hours: 53",
        before='- ansible.builtin.set_fact:\n    crs_backup_policy_max_age: "{{ hours }}h"',
    ),
    Idiom(
        "fact set once for all hosts",
        "crs_backup_policy_max_age",
        "70h",
        before="- ansible.builtin.set_fact:\n    crs_backup_policy_max_age: 70h\n  run_once: true",
    ),
    Idiom(
        "fact set by a task, kept in the cache",
        "crs_backup_policy_max_age",
        "54h",
        before="- ansible.builtin.set_fact:\n    crs_backup_policy_max_age: 54h\n    cacheable: true",
    ),
    Idiom(
        "template over a fact set by a task",
        "crs_backup_policy_max_age",
        "55h",
        host='crs_backup_policy_max_age: "{{ hours }}h"',
        before="- ansible.builtin.set_fact:\n    hours: 55",
    ),
    Idiom(
        "registered result",
        "crs_backup_policy_max_age",
        "56h",
        host='crs_backup_policy_max_age: "{{ counted.msg }}h"',
        before="- ansible.builtin.debug:\n    msg: 56\n  register: counted",
    ),
    Idiom(
        "host added by a task",
        "crs_backup_policy_max_age",
        "57h",
        first="- ansible.builtin.add_host:\n    name: HOST\n    groups: added\n"
        "    crs_backup_policy_max_age: '{{ hours }}h'\n  vars:\n    hours: 57",
        play="hosts: added",
    ),
    Idiom(
        "group made by a task",
        "crs_backup_policy_max_age",
        "58h",
        host="tier: gold",
        before="- ansible.builtin.group_by:\n    key: made_{{ tier }}",
        files=(("group_vars/made_gold.yml", "crs_backup_policy_max_age: 58h\n"),),
    ),
    Idiom(
        "variable of the task",
        "crs_backup_policy_max_age",
        "59h",
        host="hours: 59",
        params='crs_backup_policy_max_age: "{{ hours }}h"',
    ),
    Idiom(
        "task that is delegated",
        "crs_backup_policy_max_age",
        "60h",
        host='crs_backup_policy_max_age: "{{ hours }}h"\nhours: 60',
        keywords="delegate_to: localhost",
    ),
    Idiom(
        "item of a loop",
        "crs_backup_policy_max_age",
        "61h",
        host='crs_backup_policy_max_age: "{{ item }}h"',
        keywords="loop: [61]",
    ),
    Idiom(
        "item of a loop, named like a setting",
        "crs_backup_policy_max_age",
        "73h",
        host="crs_backup_policy_max_age: 50h",
        keywords="loop: [73h]\nloop_control: {loop_var: crs_backup_policy_max_age}",
    ),
    Idiom(
        "variables of a role included before",
        "crs_backup_policy_max_age",
        "74h",
        host="hours: 74",
        before="- ansible.builtin.include_role:\n    name: included\n    public: true",
        files=(
            ("roles/included/vars/main.yml", 'crs_backup_policy_max_age: "{{ hours }}h"\n'),
            ("roles/included/tasks/main.yml", "[]\n"),
        ),
    ),
    Idiom(
        "defaults of a role that an included file imports",
        "crs_backup_policy_max_age",
        "75h",
        before="- ansible.builtin.include_tasks: setup.yml",
        files=(
            ("setup.yml", "- ansible.builtin.import_role:\n    name: kept\n"),
            ("roles/kept/defaults/main.yml", "crs_backup_policy_max_age: 75h\n"),
            ("roles/kept/tasks/main.yml", "[]\n"),
        ),
    ),
    Idiom(
        "names of the play's roles, one of them included",
        "crs_instance_name",
        "added/added/added",
        host="crs_instance_name: \"{{ [ansible_play_role_names, role_names, ansible_role_names] | map('join') | join('/') }}\"",
        before="- ansible.builtin.include_role:\n    name: added\n    public: true",
        files=(("roles/added/tasks/main.yml", "[]\n"),),
    ),
    # Of the role
    Idiom(
        "parameter of a role of the play",
        "crs_backup_policy_max_age",
        "62h",
        host="crs_tags: {env: prod}\ntier_ages: {prod: 62h}",
        params='crs_backup_policy_max_age: "{{ tier_ages[crs_tags.env] }}"',
        by="roles",
    ),
    Idiom(
        "parameter of an imported role",
        "crs_backup_policy_max_age",
        "63h",
        host="hours: 63",
        params='crs_backup_policy_max_age: "{{ hours }}h"',
        by="import_role",
    ),
    Idiom(
        "parameter of an included role",
        "crs_backup_policy_max_age",
        "64h",
        host="hours: 64",
        params='crs_backup_policy_max_age: "{{ hours }}h"',
        by="include_role",
    ),
    Idiom(
        "role included in a loop",
        "crs_backup_policy_max_age",
        "65h",
        params='crs_backup_policy_max_age: "{{ item }}h"',
        keywords="loop: [65]",
        by="include_role",
    ),
    Idiom(
        "default of the role",
        "crs_backup_policy_max_age",
        "26h",
        host="number: 1",
        by="roles",
    ),
    Idiom(
        "template over a default of the role",
        "crs_backup_policy_max_age_system",
        "26h",
        host='crs_backup_policy_max_age_system: "{{ crs_backup_policy_max_age }}"',
        by="import_role",
    ),
    Idiom(
        "variables and defaults of a role around it",
        "crs_backup_policy_max_age",
        "66h",
        host="hours: 66",
        by="own_role",
        files=(
            ("roles/own/vars/main.yml", 'crs_backup_policy_max_age: "{{ own_hours }}h"\n'),
            ("roles/own/defaults/main.yml", 'own_hours: "{{ hours }}"\n'),
        ),
    ),
    *(
        Idiom(
            f"omitted parameter of the role ({name})",
            f"crs_backup_policy_{name}",
            OMITTED,
            default,
            params=f'crs_backup_policy_{name}: "{{{{ nowhere | default(omit) }}}}"',
            by="roles",
        )
        for name, default in (("fail", "each"), ("min_hosts", 1), ("waivers", []), ("timezone", "+08:00"))
    ),
    # Of the command line
    Idiom(
        "-e with a name and a value",
        "crs_backup_policy_max_gap",
        "67h",
        group='crs_backup_policy_max_gap: "{{ given }}h"',
        extra=("-e", "given=67"),
    ),
    Idiom(
        "-e with JSON, a template over the host's",
        "crs_backup_policy_max_age_manual",
        "68h",
        host="hours_given: 68",
        extra=("-e", '{"crs_backup_policy_max_age_manual": "{{ hours_given | default(70) }}h"}'),
    ),
    Idiom(
        "-e with a file",
        "crs_backup_policy_max_in_progress",
        "69h",
        host="crs_backup_policy_max_in_progress: 1h\nhours_of_file: 69",
        extra=("-e", "@extra.yml"),
        files=(("extra.yml", 'crs_backup_policy_max_in_progress: "{{ hours_of_file | default(70) }}h"\n'),),
    ),
    # What can't be used
    Idiom(
        "undefined variable",
        "crs_backup_policy_max_age",
        None,
        error="'nowhere' is undefined",
        host='crs_backup_policy_max_age: "{{ nowhere }}"',
    ),
    Idiom(
        "undefined variable in a dict",
        "crs_tags",
        None,
        error="'nowhere' is undefined",
        host='crs_tags: {env: "{{ nowhere.at_all }}"}',
    ),
    Idiom(
        "undefined variable of the play",
        "crs_backup_policy_max_age",
        None,
        error="'nowhere' is undefined",
        play='vars:\n  crs_backup_policy_max_age: "{{ nowhere }}"',
    ),
    Idiom(
        "template that can't be read",
        "crs_backup_policy_max_age",
        None,
        error="unexpected 'end of print statement'",
        host='crs_backup_policy_max_age: "{{ 1 + }}"',
    ),
    Idiom(
        "none for a limit",
        "crs_backup_policy_max_age",
        None,
        error="is empty: set a limit",
        host='crs_backup_policy_max_age: "{{ nowhere | default(none) }}"',
    ),
    Idiom(
        "empty profile",
        "crs_profile",
        "",
        error="profile is empty, and would select another account",
        host="""crs_profile: "{{ nowhere | default('') }}\"""",
    ),
]


_HEAD = """<!--
Copyright (c) 2026 qcloud.crs contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Ways to set a variable

For each host and each variable of the collection, the audit uses the value that `ansible.builtin.debug` shows on that host at that
point of the play. The integration target `variables` plays each of these ways in one project, once through `debug` and once through
the audit, compares the two, and both with what stands here. It does so on each ansible-core, those of hosts and groups with
`jinja2_native`, too. The table is `tests/integration/targets/variables/idioms.py`; `make idioms` writes this page from it.

Where `debug` shows nothing (what is omitted, or null), the last column has what the audit uses instead. HOST is the name of the host,
FOLDER that of the project, and `!vault X` is X as `ansible-vault encrypt_string` writes it.

| way | as written | variable | value | the audit uses |
| --- | --- | --- | --- | --- |
"""


def page():
    """Return the text of the documentation's page."""
    return _HEAD + "".join(f"| {' | '.join(_row(idiom))} |\n" for idiom in IDIOMS)


def _row(idiom):
    written = [f"{place}: {_code(getattr(idiom, name))}" for name, place in _PLACES.items() if getattr(idiom, name)]
    written += [f"{path}: {_code(text)}" for path, text in idiom.files]
    if idiom.extra:
        written.append(_code(" ".join(idiom.extra)))
    if idiom.by != "module":
        written.append(f"by {idiom.by}")
    value = "" if idiom.error else idiom.gives if idiom.gives == OMITTED else _code(str(idiom.gives))
    uses = f"error: {idiom.error}" if idiom.error else "that" if idiom.instead is None else _code(str(idiom.instead))
    return idiom.name, "<br>".join(written), _code(idiom.variable), value, uses


def _code(text):
    """Return a text as code in a cell of a table, a line each; spaces at their beginning say how deep it stands."""
    lines = (line.replace("|", r"\|") for line in text.splitlines())
    return "<br>".join(f"`{line}`" for line in lines) or "an empty text"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
