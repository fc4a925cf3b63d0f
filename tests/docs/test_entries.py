# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from the entries of rules, reports and sources of key pairs is what they say: lists, options, defaults, tables, schema."""

from __future__ import annotations

import re

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._credentials.registry import FINDERS
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.registry import REPORTS
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.report_type import Report
from ansible_collections.qcloud.crs.tests.docs.documents import ROOT, RST, read
from ansible_collections.qcloud.crs.tests.tools import entry_texts, report_docs, source_docs, write_entries

FILES = list(write_entries.files())


@pytest.mark.parametrize("path, written", FILES, ids=[path for path, _written in FILES])
def test_what_is_written_from_the_entries_is_up_to_date(path, written):
    text = read(ROOT / path)
    assert text == written(text), "run make entries"


@pytest.mark.parametrize(
    "path", [path for path, _written in FILES if not path.endswith(("registry.py", "policies.rst", ".json"))]
)
def test_a_file_without_the_marks_is_an_error(path):
    written = next(written for other, written in FILES if other == path)
    with pytest.raises(
        ValueError, match=r"the marks 'the .*, written by make entries' and 'the end of the .*' are missing"
    ):
        written("crs_backup_policy_max_age: 26h\n")


def test_the_lists_have_all_entries_in_their_order():
    assert list(REPORTS) == report_docs.REPORTS and list(FINDERS) == source_docs.FINDERS
    for found in (REPORTS, FINDERS):
        orders = [entry.order for entry in found]
        assert len(orders) > 3 and orders == sorted(set(orders))
    assert len({report.name for report in REPORTS}) == len({report.file_name for report in REPORTS}) == len(REPORTS)


def test_two_entries_of_one_place_are_an_error(monkeypatch):
    monkeypatch.setattr(entry_texts, "import_module", lambda _name: type("Module", (), {"REPORT": REPORTS[0]}))
    with pytest.raises(
        ValueError, match=r"two entries in plugins/plugin_utils/_reports have the same order: \[10, 10, "
    ):
        entry_texts.entries("plugins/plugin_utils/_reports", Report)


def test_the_guide_names_the_defaults():
    """It says in a sentence which rules are on, and why these."""
    named = re.search(r"By default, three rules of the role are on: ([^.]*)\.", read(RST / "policies.rst"))[1]
    on = [f"{name}: {rule.default}" for name, rule in RULES.items() if rule.default is not None]
    assert re.findall(r"``([^`]+)``", named) == on
