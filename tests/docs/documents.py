# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts for users, taken apart: code, literals, sections, links. And what the code says that there is to name."""

from __future__ import annotations

import ast
import copy
import functools
import json
import re
from importlib import import_module
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
RST = ROOT / "docs" / "docsite" / "rst"
ROLE = ROOT / "roles" / "crs_backup_policy"
TOP = ("README.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md")
TEXTS = [*(ROOT / name for name in TOP), ROLE / "README.md"]
PAGES = sorted(RST.glob("*.rst"))

#: Kind and text of a block of code: fenced, or a directive with what is indented under it.
_FENCED = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.M | re.S)
_DIRECTIVE = re.compile(r"^( *)\.\. code-block:: (\w+)\n\n((?:\1   .*\n|\n)+)", re.M)


def read(path):
    return path.read_text(encoding="utf-8")


def code_blocks(path):
    """Return ``[(kind, text)]`` of a text's blocks of code."""
    pattern = _FENCED if path.suffix == ".md" else _DIRECTIVE
    # A page may end without a blank line.
    return [(match[2], _dedented(match[3])) for match in pattern.finditer(read(path) + "\n")]


def yaml_documents(path):
    """Return the parsed documents of all of a text's blocks of YAML."""
    texts = [text for kind, text in code_blocks(path) if kind == "yaml"]
    return [document for text in texts for document in yaml.safe_load_all(text)]


def literals(path):
    """Return what a text writes as literal, blocks of code left out."""
    text = (_FENCED if path.suffix == ".md" else _DIRECTIVE).sub("", read(path) + "\n")
    return re.findall(r"`([^`\n]+)`" if path.suffix == ".md" else r"``([^`]+)``", text)


def sections(path, parent):
    """Return ``{title: text}`` of a page's sections of the lowest level that stand under a title of the middle one."""
    title = re.compile(r"^(\S.*)\n([-~])\2{2,}\n", re.M)
    text, found, inside = read(path), {}, False
    titles = list(title.finditer(text))
    for match, following in zip(titles, [*titles[1:], None]):
        if match[2] == "-":
            inside = match[1] == parent
        elif inside:
            found[match[1]] = text[match.end() : following and following.start()]
    return found


def links(path):
    """Return the targets of a text's links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)" if path.suffix == ".md" else r"`[^`]*<([^>]+)>`_", read(path))


def options(folder, name):
    """Return the documented options of a plugin, those of its fragments included, by name; aliases too."""
    documentation = _constant(PLUGINS / folder / f"{name}.py", "DOCUMENTATION")
    found = dict(documentation.get("options", {}))
    for fragment in documentation.get("extends_documentation_fragment", []):
        found.update(_fragment(fragment).get("options") or {})
    aliases = {alias: entry for entry in found.values() for alias in entry.get("aliases", [])}
    # Read once for all tests, of which one may change what it gets.
    return copy.deepcopy({**found, **aliases})


def returned(name):
    """Return the names of all that a module returns, at any depth."""
    return set(_keys(_constant(PLUGINS / "modules" / f"{name}.py", "RETURN"), "contains"))


def modules():
    return sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))


def role_options():
    return yaml.safe_load(read(ROLE / "meta" / "argument_specs.yml"))["argument_specs"]["main"]["options"]


def filter_options():
    document = yaml.safe_load(read(PLUGINS / "filter" / "backup_verdicts.yml"))
    return document["DOCUMENTATION"]["options"]


def record_keys():
    """Return the names of all that a record has."""
    schema = json.loads(read(PLUGINS / "plugin_utils" / "_record" / "audit-record.schema.json"))
    return {name for part in [schema, *schema["$defs"].values()] for name in _keys(part, "properties")} | set(
        schema["properties"]
    )


def playbooks():
    return sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


def playbook_variables():
    """Return the variables that a playbook reads."""
    return {name for one in playbooks() for name in re.findall(r"\bcrs_\w+", read(ROOT / "playbooks" / f"{one}.yml"))}


def alerts():
    groups = yaml.safe_load(read(ROOT / "docs" / "alerts" / "crs-backup.rules.yml"))["groups"]
    return {rule["alert"] for group in groups for rule in group["rules"]}


def _dedented(text):
    lines = text.strip("\n").split("\n")
    width = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[width:] for line in lines) + "\n"


@functools.cache
def _constant(path, name):
    """Return the parsed YAML of a module's constant, without importing it."""
    for node in ast.parse(read(path)).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return yaml.safe_load(node.value.value)
    raise LookupError(f"{path} has no {name}")


@functools.cache
def _fragment(name):
    collection, _dot, rest = name.rpartition("qcloud.crs.")
    if not _dot:
        module = import_module(f"ansible.plugins.doc_fragments.{name.removeprefix('ansible.builtin.')}")
        return yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)
    assert not collection
    file, _dot, part = rest.partition(".")
    module = import_module(f"ansible_collections.qcloud.crs.plugins.doc_fragments.{file}")
    return yaml.safe_load(getattr(module.ModuleDocFragment, (part or "documentation").upper()))


def _keys(value, inner):
    """Yield the names of a dict of entries, and of what stands under ``inner`` in each."""
    if inner == "properties":
        value = value.get("properties", {})
    for name, entry in value.items():
        yield name
        if isinstance(entry, dict):
            yield from _keys(entry if inner == "properties" else entry.get(inner, {}), inner)
