# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ordinary project with all idioms in it: an inventory, files of variables, roles and one playbook."""

from __future__ import annotations

import re
import textwrap

from ansible.parsing.vault import VaultLib, VaultSecret
from idioms import IDIOMS

PASSWORD = "madeup password of the idioms"
_VAULT = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
_AUDIT = "qcloud.crs.crs_backup_audit"
_ROLE = "qcloud.crs.crs_backup_policy"
#: What is looked at, once by debug and once by the audit.
_SHOW = '- ansible.builtin.debug:\n    var: "{{ subject }}"'
#: If a play fails, those after it still run.
_PLAY = "gather_facts: false\n  ignore_errors: true"


def host(idiom):
    """Return the name of an idiom's host, which is its instance's id."""
    return f"crs-idiom{_number(idiom)}"


def decrypted(value):
    """Return the text of a value that is shown as it was encrypted, and any other as it is."""
    return _VAULT.decrypt(value["__ansible_vault"]).decode() if "__ansible_vault" in str(value) else value


def write(folder, url, idioms=IDIOMS):
    """Write the project into an empty folder, for a cloud at ``url``; return the arguments of ansible-playbook."""
    plays, arguments = [], []
    for idiom in idioms:
        _write_host(folder, idiom)
        arguments += idiom.extra
        for path, text in idiom.files:
            write_variables(folder / path, text)
        if idiom.alone:
            plays += _plays(folder, idiom)
    write_variables(folder / "hosts.yml", _inventory(idioms, url))
    write_variables(
        folder / "host_vars/crs-other.yml", 'subject: inventory_hostname\ncalled: "CRS of {{ inventory_hostname }}"'
    )
    write_variables(folder / "roles/show/tasks/main.yml", _SHOW)
    write_variables(folder / "roles/own/tasks/main.yml", f"{_SHOW}\n- ansible.builtin.import_role:\n    name: {_ROLE}")
    write_variables(folder / "password", PASSWORD)
    shared = f"- name: shared\n  hosts: shared\n  {_PLAY}\n  tasks:\n" + _indented(f"{_SHOW}\n- {_AUDIT}:", 4)
    write_variables(folder / "site.yml", "\n".join([shared, *plays]))
    return arguments


def _number(idiom):
    return f"{IDIOMS.index(idiom):02d}"


def _write_host(folder, idiom):
    name, number = host(idiom), _number(idiom)
    own = [f"subject: {idiom.variable}"]
    if idiom.alone and idiom.variable != "crs_backup_policy_report_dir":
        own.append(f"crs_backup_policy_report_dir: reports/{number}")
    write_variables(folder / f"host_vars/{name}/own.yml", "\n".join([*own, idiom.host]), name)
    if idiom.group:
        write_variables(folder / f"group_vars/idiom_{number}.yml", idiom.group, name)
    if idiom.vaulted:
        encrypted = _VAULT.encrypt(idiom.vaulted).decode()
        write_variables(folder / f"host_vars/{name}/vault.yml", encrypted, name)


def _inventory(idioms, url):
    there = [idiom for idiom in idioms if not idiom.first]
    lines = ["crs:", "  vars:", f"    crs_endpoint: {url}", "    crs_backup_policy_coverage: 'off'"]
    lines += ["    crs_backup_policy_report_dir: reports/shared", "  children:"]
    for idiom in there:
        lines.append(f"    idiom_{_number(idiom)}: {{hosts: {{{host(idiom)}: }}}}")
    lines.append("    others: {hosts: {crs-other: }}")
    lines.append("shared: {hosts: {%s}}" % ", ".join(f"{host(one)}: " for one in there if not one.alone))
    return "\n".join(lines)


def _plays(folder, idiom):
    """Return the idiom's plays, as text; those of import_playbook are written to a file of their own."""
    number, name = _number(idiom), host(idiom)
    lines = [f"- name: {name}", f"  {_PLAY}"]
    if "hosts:" not in idiom.play:
        lines.append(f"  hosts: {name}")
    if idiom.vars_file:
        write_variables(folder / f"vars/{number}.yml", idiom.vars_file)
        lines.append(f"  vars_files: [vars/{number}.yml]")
    if idiom.prompt:
        lines.append("  vars_prompt:\n" + _indented(_listed(idiom.prompt), 4))
    lines.append(_indented(idiom.play, 2))
    lines.append(_audit(idiom))
    play = "\n".join(line for line in lines if line)
    if idiom.imported:
        write_variables(folder / f"play_{number}.yml", play)
        play = f"- ansible.builtin.import_playbook: play_{number}.yml\n  vars:\n" + _indented(idiom.imported, 4)
    play = play.replace("HOST", name)
    first = "- hosts: localhost\n  gather_facts: false\n  tasks:\n" + _indented(idiom.first.replace("HOST", name), 4)
    return [first, play] if idiom.first else [play]


def _audit(idiom):
    params = "vars:\n" + _indented(idiom.params, 2) if idiom.params else ""
    with_params = "\n".join(one for one in (params, idiom.keywords) if one)
    if idiom.by == "roles":
        return "  roles:\n" + _indented("\n".join(_listed(f"role: {one}\n{params}") for one in ("show", _ROLE)), 4)
    if idiom.by == "own_role":
        return "  roles: [own]"
    if idiom.by == "module":
        show = f"{_SHOW}\n{_indented(with_params, 2)}"
        audit = f"- {_AUDIT}:\n{_indented(with_params, 2)}"
    else:
        show, audit = (_listed(f"ansible.builtin.{idiom.by}:\n  name: {one}\n{with_params}") for one in ("show", _ROLE))
    return "  tasks:\n" + _indented("\n".join((idiom.before, show, audit)), 4)


def _listed(text):
    return "- " + _indented(text, 2)[2:]


def _indented(text, width):
    return textwrap.indent(text, " " * width)


def write_variables(path, text, name=""):
    """Write a file in which ``!vault X`` and HOST are what they stand for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(re.sub(r"!vault (\w+)", _encrypted, text).replace("HOST", name or "HOST") + "\n", encoding="utf-8")


def _encrypted(match):
    # Quoted, so that it can stand anywhere.
    text = _VAULT.encrypt(match[1]).decode().replace("\n", "\\n")
    return f'!vault "{text}"'
