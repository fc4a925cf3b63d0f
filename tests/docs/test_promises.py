# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oldest requests that is promised is the oldest that is tested, and the newest is not held back anywhere."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.qcloud.crs.tests.docs.documents import PLUGINS, ROOT, RST, modules, read

PROMISED = ROOT / "meta" / "ee-requirements.txt"
TESTED = [ROOT / "tests" / kind / "requirements.txt" for kind in ("unit", "integration")]


def of(path):
    """Return what a file asks of requests, such as ``>=2.28``."""
    (asked,) = re.findall(r"^requests(.*)$", read(path), re.M)
    return asked


def test_the_floor_that_is_promised_is_tested():
    floor = of(PROMISED).removeprefix(">=")
    assert of(ROOT / "tests" / "requirements" / "oldest.txt") == f"~={floor}.0"
    assert f"requests {floor} or newer" in read(ROOT / "README.md")


def test_nothing_holds_the_newest_back():
    assert {of(path) for path in (PROMISED, *TESTED)} == {of(PROMISED)}
    assert re.fullmatch(r">=[\d.]+", of(PROMISED))


def test_the_guide_has_the_usual_remedies_for_macos():
    section = read(RST / "troubleshooting.rst").partition("A worker dies on macOS")[2].partition("The clock")[0]
    assert "export no_proxy='*'" in section and "export OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES" in section


#: Keys of a result that mean something to Ansible itself: of such a name, data would be taken for that, or be lost.
TAKEN = {"skipped", "failed", "unreachable", "results", "warnings", "deprecations", "exception", "rc", "msg", "diff"}


@pytest.mark.parametrize("module", modules())
def test_no_result_has_a_name_that_means_something_to_ansible(module):
    documented = re.search(r'RETURN = r"""(.*?)"""', read(PLUGINS / "modules" / f"{module}.py"), re.S)
    assert documented and not set(yaml.safe_load(documented[1])) & TAKEN
