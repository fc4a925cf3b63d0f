# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For all unit tests. ansible-test runs each of them in a fork of its own."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

# The profile of hypothesis, which is loaded with it.
import examples  # noqa: F401

#: A test that hangs ends with its tracebacks. None takes a tenth of that, but for those with as much random input as wanted.
LIMIT = 900


def pytest_collection_finish():
    # A collection in a fork would touch, and so copy, all that was there before.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup():
    if not os.environ.get("CRS_EXAMPLES"):
        faulthandler.dump_traceback_later(LIMIT, exit=True)


def pytest_runtest_teardown():
    faulthandler.cancel_dump_traceback_later()
