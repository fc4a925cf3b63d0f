# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test runs each test in a fork of its own."""

from __future__ import annotations

import gc


def pytest_collection_finish():
    # A collection in a fork would touch, and so copy, all that was there before.
    gc.collect()
    gc.freeze()
