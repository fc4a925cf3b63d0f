# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oldest requests that is promised is the oldest that is tested, and the newest is not held back anywhere."""

from __future__ import annotations

import re

from ansible_collections.qcloud.crs.tests.docs.documents import ROOT, RST, read

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
