# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud that answers wrongly or not at all."""

from __future__ import annotations

import pytest
from audit_runner import CASES, outcomes


@pytest.mark.parametrize(
    "fault", ["throttle", "http_500", "drop", "html", "truncated", "moving", "total_too_high", "echo_secret"]
)
def test_a_broken_cloud_is_unknown_and_never_passes(audit, fault):
    audit.emulator.set_faults([{"name": fault, **({"every": "request"} if fault == "moving" else {})}])
    audit.inventory({name: CASES[name] for name in ("healthy", "halfold")}, crs_retries=0)
    audit.run()
    found = set(outcomes(audit.record).values())
    if fault == "moving":
        # One page is one moment: nothing can move under it.
        assert "pass" in found
    else:
        assert found == {"unknown"}
        assert audit.record["complete"] is False
