# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a user reads, by file: pages, option texts, messages, templates, schemas, alerts, changelog fragments. Code is left out."""

from __future__ import annotations

import ast
import json
import re

from ansible_collections.qcloud.crs.tests.docs.documents import PAGES, PLUGINS, ROLE, ROOT, TEXTS, read

#: Pages that tests write, from the names of test cases.
GENERATED = {"cases.md"}
_BLOCKS = re.compile(
    r"^( *)```\w*\n.*?^\1```$|^( *)\.\. code-block:: \w+\n\n(?:\2   [^\n]*\n|\n)+|<!--.*?-->", re.M | re.S
)
_TEMPLATE_COMMENTS = re.compile(r"\{#.*?#\}|^ *//.*$", re.M | re.S)
_LITERALS = re.compile(r"``[^`]+``|`[^`\n]+`|\b[CVEOIRU]\([^)]*\)|https?://\S+")


def prose(text):
    """Return a text without comments, blocks of code, literals and addresses."""
    return _LITERALS.sub("X", _BLOCKS.sub("", text + "\n"))


def documents_of_plugins():
    """Yield ``(file, text)``: documentation of plugins, modules and fragments, and the messages of all code."""
    for path in sorted(PLUGINS.rglob("*.py")):
        yield path, "\n".join(_strings(ast.parse(read(path))))
    yield from ((path, _without_comments(read(path))) for path in sorted(PLUGINS.rglob("*.yml")))


def user_texts():
    """Return ``{file: prose}``."""
    paths = [*TEXTS, *(path for path in PAGES if path.name not in GENERATED)]
    found = [(path, read(path)) for path in paths]
    found += documents_of_plugins()
    found += [(path, _TEMPLATE_COMMENTS.sub("", read(path))) for path in sorted(PLUGINS.rglob("*.j2"))]
    yml = [ROLE / "meta" / "argument_specs.yml", ROOT / "docs" / "alerts" / "crs-backup.rules.yml", ROOT / "galaxy.yml"]
    yml += sorted((ROOT / "changelogs" / "fragments").glob("*.yml"))
    yml += sorted(ROLE.glob("tasks/*.yml")) + sorted((ROOT / "playbooks").glob("*.yml"))
    found += [(path, _without_comments(read(path))) for path in yml]
    found += [
        (path, "\n".join(_descriptions(json.loads(read(path))))) for path in sorted(PLUGINS.rglob("*.schema.json"))
    ]
    return {path.relative_to(ROOT).as_posix(): prose(text) for path, text in found}


def _descriptions(schema):
    """Yield the descriptions of a JSON schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        for part in schema.values():
            yield from _descriptions(part)


def _strings(tree):
    """Yield the texts of a file that aren't docstrings: an f-string is one text."""
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    # Names of fields.
    parts |= {
        part for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_namedtuple(node) for part in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings | parts:
            yield node.value


def _is_namedtuple(call):
    return isinstance(call.func, ast.Name) and call.func.id == "namedtuple"


def _without_comments(text):
    return re.sub(r"^ *#.*$", "", text, flags=re.M)
