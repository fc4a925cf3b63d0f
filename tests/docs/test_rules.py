# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users and programs read of the rules is what their entries say: options, defaults, table, schema."""

from __future__ import annotations

import re

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES
from ansible_collections.qcloud.crs.tests.docs.documents import ROOT, RST, read
from ansible_collections.qcloud.crs.tests.tools import rule_docs


@pytest.mark.parametrize("path", rule_docs.FILES)
def test_what_is_written_from_the_entries_is_up_to_date(path):
    text = read(ROOT / path)
    assert text == rule_docs.FILES[path](text), "run make rules"


def test_a_file_without_the_marks_is_an_error():
    with pytest.raises(ValueError, match="the marks 'the rules, written by make rules' and"):
        rule_docs.FILES["roles/crs_backup_policy/defaults/main.yml"]("crs_backup_policy_max_age: 26h\n")


def test_the_guide_names_the_defaults():
    """It says in a sentence which rules are on, and why these."""
    named = re.search(r"By default, three rules of the role are on: ([^.]*)\.", read(RST / "policies.rst"))[1]
    on = [f"{name}: {rule.default}" for name, rule in RULES.items() if rule.default is not None]
    assert re.findall(r"``([^`]+)``", named) == on
