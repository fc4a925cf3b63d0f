# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For all unit tests: the profile of hypothesis, and an end for a test that hangs."""

from __future__ import annotations

import faulthandler
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import examples

examples.load_profile()

#: A test that hangs ends with its tracebacks. None takes a tenth of that, except those with as much random input as wanted.
LIMIT = 900


def pytest_configure(config):
    config.addinivalue_line("markers", "without_coverage: runs lines that other tests are meant for, many times")


def pytest_runtest_setup():
    if not os.environ.get("CRS_EXAMPLES"):
        faulthandler.dump_traceback_later(LIMIT, exit=True)


def pytest_runtest_teardown():
    faulthandler.cancel_dump_traceback_later()
