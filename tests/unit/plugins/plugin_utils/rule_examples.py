# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of all rules, in their order. Each stands in the tests of its rule, as ``EXAMPLES``, by the rule's name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES

_FOLDER = Path(__file__).with_name("_policy") / "rules"
_PACKAGE = f"{__name__.rpartition('.')[0]}._policy.rules"


def _found():
    for path in sorted(_FOLDER.glob("test_*.py")):
        # The tests of all rules alike have none, and ask for them all.
        if path.stem != "test_every_rule":
            yield from import_module(f"{_PACKAGE}.{path.stem}").EXAMPLES.items()


_EXAMPLES = dict(_found())
EXAMPLES = {name: _EXAMPLES[name] for name in RULES}
ALL_RULES = {name: example.limit for name, example in EXAMPLES.items()}
CONFIGURED = {name: limit for name, limit in ALL_RULES.items() if RULES[name].config}
TESTED = {name: limit for name, limit in ALL_RULES.items() if RULES[name].restore_tests}
#: What is judged from no listing.
APART = {**CONFIGURED, **TESTED}
LISTING_RULES = {name: limit for name, limit in ALL_RULES.items() if name not in APART}
PRESENCE = {name: limit for name, limit in LISTING_RULES.items() if EXAMPLES[name].presence}
