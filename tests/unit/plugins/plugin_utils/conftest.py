# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How properties are tested: the same examples in each run, however slow the machine is, and nothing written beside them."""

from __future__ import annotations

import os
import tempfile

from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

# Nothing is written into the folder that tests run in.
set_hypothesis_home_dir(os.path.join(tempfile.gettempdir(), "hypothesis-qcloud-crs"))
settings.register_profile("crs", max_examples=60, deadline=None, database=None, derandomize=True)
settings.load_profile("crs")
