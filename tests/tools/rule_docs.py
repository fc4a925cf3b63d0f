# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users and programs read of the rules, written from their entries in plugins/plugin_utils/_policy/rules.py.

The record's schema can have no marks, so that the values of two of its keys are ours; and in the guide on policies the section of a
rule that has none yet.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Callable

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rule_type import Rule
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES
from ansible_collections.qcloud.crs.plugins.plugin_utils._settings import PREFIX
from ansible_collections.qcloud.crs.tests.tools.entry_texts import WIDTH, as_literals, item, marked

_WHAT = "the rules"


def role_options() -> Iterator[str]:
    """Yield the lines of the options in the role's argument specification."""
    for name, rule in RULES.items():
        texts = [*rule.text.of_role, *rule.text.details]
        if rule.default is not None:
            texts.append("V(false) turns the rule off.")
        if rule.config:
            texts.append("Requires one request per instance.")
        named = [re.sub(r"\bO\((\w+)\)", rf"O({PREFIX}\1)", text) for text in _texts(rule, texts)]
        yield from _option(PREFIX + name, named, rule)


def filter_options() -> Iterator[str]:
    """Yield the lines of the options in the filter's documentation. It has no defaults: a rule that isn't named is off."""
    for name, rule in RULES.items():
        texts = [*rule.text.of_filter, *rule.text.details]
        if rule.config:
            texts.append("According to the C(config) in O(instances).")
        yield from _option(name, _texts(rule, texts), rule, default=False)


def role_defaults() -> Iterator[str]:
    """Yield the lines of the role's defaults."""
    for name, rule in RULES.items():
        if rule.default is not None:
            yield f"{PREFIX}{name}: {rule.default}"


def readme_table() -> Iterator[str]:
    """Yield the lines of the table in the role's README."""
    yield from ("", "| variable | default | requires |", "| --- | --- | --- |")
    for name, rule in RULES.items():
        default = "off" if rule.default is None else f"`{rule.default}`"
        summary = as_literals(rule.text.summary[0].lower() + rule.text.summary[1:], "`")
        needs = ", ".join(["API 3.0"] * rule.only_v3 + ["one request per instance"] * rule.config)
        yield f"| `{name}` | {default} | {summary}{needs and f' ({needs})'} |"
    yield ""


def guide(text: str) -> str:
    """Return the guide on policies with a section for each rule: one that has none gets it, for its author to go on from."""
    before = "The rules"
    for name, rule in RULES.items():
        if not re.search(rf"^{name}\n~+$", text, re.M):
            body = " ".join([f"{rule.text.summary}.", *rule.text.details])
            example = rule.default if rule.default is not None else rule.kind.example
            section = f"{name}\n{'~' * len(name)}\n\n.. code-block:: yaml\n\n   {PREFIX}{name}: {example}\n\n"
            section += "\n".join(textwrap.wrap(as_literals(body, "``"), WIDTH)) + "\n\n"
            end = re.compile(rf"^{before}\n[-~]+\n.*?(?=^\S[^\n]*\n[-~]{{3,}}$)", re.M | re.S).search(text)
            if not end:
                raise ValueError(f"the guide has no section {before!r}")
            text = text[: end.end()] + section + text[end.end() :]
        before = name
    return text


def schema(text: str) -> str:
    """Return the record's schema with the names of the rules, and what a policy may have."""
    document = json.loads(text)
    definitions = document["$defs"]
    definitions["rule"]["enum"] = list(RULES)
    others = {name: value for name, value in definitions["policy"]["properties"].items() if name == "timezone"}
    definitions["policy"]["properties"] = {**{name: rule.kind.schema for name, rule in RULES.items()}, **others}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


#: What is written: the file's path, and a function from its present text to its due text.
FILES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("roles/crs_backup_policy/meta/argument_specs.yml", marked(_WHAT, role_options)),
    ("roles/crs_backup_policy/defaults/main.yml", marked(_WHAT, role_defaults)),
    ("roles/crs_backup_policy/README.md", marked(_WHAT, readme_table)),
    ("docs/docsite/rst/policies.rst", guide),
    ("plugins/filter/backup_verdicts.yml", marked(_WHAT, filter_options)),
    ("plugins/plugin_utils/_record/audit-record.schema.json", schema),
)


def _texts(rule: Rule[Any], texts: list[str]) -> list[str]:
    return [f"{rule.text.summary}.", *texts, *["API 3.0 only."] * rule.only_v3]


def _option(name: str, texts: list[str], rule: Rule[Any], default: bool = True) -> Iterator[str]:
    yield f"{name}:"
    yield "  description:"
    for text in texts:
        yield from (f"    {line}" for line in item(text, WIDTH - 14))
    yield f"  type: {rule.kind.option_type}"
    if default and rule.default is not None:
        yield f"  default: {rule.default}"
