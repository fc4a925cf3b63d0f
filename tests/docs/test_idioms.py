# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page for contributors has the ways to set a variable that the integration tests play."""

from __future__ import annotations

import importlib.util
import sys

from ansible_collections.qcloud.crs.tests.docs.documents import ROOT, read

TABLE = ROOT / "tests" / "integration" / "targets" / "variables" / "idioms.py"


def idioms():
    spec = importlib.util.spec_from_file_location("idioms", TABLE)
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up.
    sys.modules["idioms"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_table_says():
    assert read(ROOT / "docs" / "development" / "idioms.md") == idioms().page(), "run make idioms"


def test_each_way_has_a_name_of_its_own():
    names = [idiom.name for idiom in idioms().IDIOMS]
    assert len(names) == len(set(names)) >= 40
