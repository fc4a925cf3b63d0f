# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many examples hypothesis tries: a few, always the same, or as many new ones as CRS_EXAMPLES says (make fuzz).

The profile of all tests is made here; a test that needs another number than FEW says so with ``@examples``.
"""

from __future__ import annotations

import os
import tempfile

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

# Nothing is written into the folder that tests run in.
set_hypothesis_home_dir(os.path.join(tempfile.gettempdir(), "hypothesis-qcloud-crs"))

FEW = 20
MANY = int(os.environ.get("CRS_EXAMPLES") or 0)


def examples(few=FEW, share=1.0):
    """Return the settings of a test: a few examples, or its share of the many that were asked for."""
    return settings(
        max_examples=max(1, int(MANY * share)) if MANY else few,
        derandomize=not MANY,
        database=None,
        deadline=None,
        print_blob=bool(MANY),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


def load_profile():
    """Make it the default of all tests."""
    settings.register_profile("crs", examples())
    settings.load_profile("crs")
