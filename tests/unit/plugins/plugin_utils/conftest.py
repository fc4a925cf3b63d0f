# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties have sixty examples each, unless they say otherwise."""

from __future__ import annotations

from hypothesis import settings

from ansible_collections.qcloud.crs.tests.unit.examples import examples

settings.register_profile("crs", examples(few=60))
settings.load_profile("crs")
