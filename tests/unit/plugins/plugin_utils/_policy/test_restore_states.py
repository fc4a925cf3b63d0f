# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of an instance's restore tests, of which all reports say the same: passed only if the last one passed."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.restore_tests import STATES, contradiction, state
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import D, a_test, restore_tests

OLDER = {"backup_id": "b-0", "backup_start": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "tests, problem, expected",
    [
        ([], None, "never"),
        ([], "one can't be read", "not_known"),
        ([a_test(D)], None, "passed"),
        ([a_test(D)], "one can't be read", "not_known"),
        ([a_test(2 * D, "unknown"), a_test(D)], None, "passed"),
        # The one that passed is not the last one.
        ([a_test(900 * D), a_test(D, "unknown")], None, "passed_before"),
        ([a_test(D, "unknown")], None, "unknown"),
        ([a_test(D, "failed")], None, "failed"),
        ([a_test(D, "failed")], "one can't be read", "failed"),
        ([a_test(2 * D, "failed"), a_test(D)], None, "passed"),
        ([a_test(2 * D, "failed"), a_test(D, **OLDER)], None, "failed"),
        ([a_test(3 * D, "failed"), a_test(2 * D), a_test(D, "unknown")], None, "passed_before"),
    ],
)
def test_what_tests_come_to(tests, problem, expected):
    found = restore_tests(*tests, problem=problem)
    assert state(found) == expected and contradiction(found) is None


def test_it_is_passed_only_if_the_last_test_passed():
    """All sequences of four tests, of a backup or an older one."""
    kinds = [(outcome, more) for outcome in ("passed", "failed", "unknown") for more in ({}, OLDER)]
    seen = set()
    for sequence in itertools.product(kinds, repeat=4):
        tests = [a_test((9 - at) * D, outcome, **more) for at, (outcome, more) in enumerate(sequence)]
        found = state(restore_tests(*tests))
        seen.add(found)
        assert found != "passed" or tests[-1]["outcome"] == "passed"
    assert seen == set(STATES) - {"never", "not_known"}
