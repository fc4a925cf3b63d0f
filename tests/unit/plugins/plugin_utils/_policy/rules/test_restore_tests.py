# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""max_restore_test_age and max_restore_time: what a folder of restore tests says of an instance, and when that is too little."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.restore_tests import contradiction
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    Example,
    H,
    M,
    Row,
    a_test,
    ago,
    backup,
    judge,
    name_of,
    restore_tests,
    sentences,
)

NEVER = restore_tests()
EXAMPLES = {
    "max_restore_test_age": Example(
        "35d", 35 * D, ("35d", [backup(0)], None), limits=("1d", "35d"), restore_tests=NEVER
    ),
    "max_restore_time": Example(
        "15m",
        15 * M,
        ("15m", [backup(0)], None),
        limits=("10s", "15m"),
        restore_tests=restore_tests(a_test(9 * D, seconds=901)),
    ),
}
L = 35 * D
CANNOT_READ = "restore-test-1.json can't be read"


def row(name, tests, outcome, actual, code="met", **known):
    return Row(name, "35d", [], outcome, actual, code, restore_tests=tests, **known)


AGE_ROWS = [
    row("a second within", restore_tests(a_test(L - 1)), "pass", L - 1),
    row("on the limit", restore_tests(a_test(L)), "pass", L),
    row("a second over", restore_tests(a_test(L + 1)), "fail", L + 1, "exceeded"),
    row("now", restore_tests(a_test(0)), "pass", 0),
    row("within the slack ahead", restore_tests(a_test(-600)), "pass", 0),
    row("ahead", restore_tests(a_test(-601)), "unknown", None, "tests_not_readable"),
    row("never", NEVER, "fail", None, "never_passed"),
    row("not looked at", None, "unknown", None, "tests_not_read"),
    # A test that failed counts until one passes.
    row("failed", restore_tests(a_test(D, "failed")), "fail", None, "test_failed"),
    row("failed long ago", restore_tests(a_test(90 * D, "failed")), "fail", None, "test_failed"),
    row("failed since", restore_tests(a_test(2 * D), a_test(D, "failed")), "fail", 2 * D, "test_failed"),
    row("failed before", restore_tests(a_test(2 * D, "failed"), a_test(D)), "pass", D),
    row("failed in the same second", restore_tests(a_test(D), a_test(D, "failed")), "fail", D, "test_failed"),
    row(
        "failed since, then unknown",
        restore_tests(a_test(3 * D), a_test(2 * D, "failed"), a_test(D, "unknown")),
        "fail",
        3 * D,
        "test_failed",
    ),
    # A pass of an older backup proves nothing about the one that failed.
    row(
        "failed, then an older backup passed",
        restore_tests(a_test(2 * D, "failed"), a_test(D, backup_id="b-0", backup_start=ago(2 * D + 2 * H))),
        "fail",
        D,
        "test_failed",
    ),
    row(
        "failed, then an undated backup passed",
        restore_tests(a_test(2 * D, "failed"), a_test(D, backup_id="b-0", backup_start=None)),
        "fail",
        D,
        "test_failed",
    ),
    row(
        "failed, then one of the same moment passed",
        restore_tests(a_test(2 * D, "failed"), a_test(D, backup_id="b-0", backup_start=ago(2 * D + H))),
        "pass",
        D,
    ),
    row("failed, and too young", restore_tests(a_test(H, "failed")), "fail", None, "test_failed", created_time=ago(D)),
    # A test without a result proves nothing, and requires nothing that isn't due anyway.
    row("unknown since", restore_tests(a_test(2 * D), a_test(D, "unknown")), "pass", 2 * D),
    row("unknown, and none passed", restore_tests(a_test(D, "unknown")), "unknown", None, "test_unknown"),
    row("unknown, and too old", restore_tests(a_test(L + D), a_test(L, "unknown")), "unknown", L + D, "test_unknown"),
    row("unknown long ago", restore_tests(a_test(L + 1, "unknown")), "fail", None, "never_passed"),
    row("both long ago", restore_tests(a_test(L + D), a_test(L + 1, "unknown")), "fail", L + D, "exceeded"),
    row("unknown before", restore_tests(a_test(L + D, "unknown"), a_test(L + 1)), "fail", L + 1, "exceeded"),
    row("too young", NEVER, "not_applicable", None, "too_young", created_time=ago(L - 1)),
    row("just old enough", NEVER, "fail", None, "never_passed", created_time=ago(L)),
    row(
        "unknown, and young", restore_tests(a_test(H, "unknown")), "unknown", None, "test_unknown", created_time=ago(D)
    ),
    # What can't be read may be of a later test: of one that failed, too, and of one that passed.
    row("recent, and a problem", restore_tests(a_test(D), problem=CANNOT_READ), "unknown", D, "tests_not_readable"),
    row("never, and a problem", restore_tests(problem=CANNOT_READ), "unknown", None, "tests_not_readable"),
    row(
        "young, and a problem",
        restore_tests(problem=CANNOT_READ),
        "unknown",
        None,
        "tests_not_readable",
        created_time=ago(D),
    ),
    row(
        "too old, and a problem",
        restore_tests(a_test(L + 1), problem=CANNOT_READ),
        "unknown",
        L + 1,
        "tests_not_readable",
    ),
    row("failed, and a problem", restore_tests(a_test(D, "failed"), problem=CANNOT_READ), "fail", None, "test_failed"),
    row("not listed", restore_tests(a_test(D)), "unknown", D, "not_listed", complete=False),
    row("never, and not listed", NEVER, "fail", None, "never_passed", complete=False),
    row("going", NEVER, "not_applicable", None, "going", status="isolated"),
]


@pytest.mark.parametrize("row", AGE_ROWS, ids=name_of)
def test_max_restore_test_age(row):
    row.check("max_restore_test_age")


GOOD = restore_tests(a_test(D))
JUNK = {
    "a text": "passed",
    "a list": [a_test(D)],
    "nothing in it": {},
    "a key less": {key: value for key, value in GOOD.items() if key != "failed"},
    "tests that are texts": dict.fromkeys(GOOD, "2026-06-14T12:00:00Z"),
    "an empty problem": {**GOOD, "problem": ""},
    "no time": restore_tests(a_test(D, evaluated_at=None)),
    "a time that is none": restore_tests(a_test(D, evaluated_at="yesterday")),
    "the passed one failed": {**GOOD, "passed": a_test(D, "failed")},
    "the last one passed, and is not the last passed one": {**GOOD, "latest": a_test(H)},
    "the last one failed, and is not the last failed one": {**GOOD, "latest": a_test(H, "failed")},
    "no last one": {**GOOD, "latest": None},
    "a last one that is not the last": {**GOOD, "latest": a_test(2 * D, "unknown")},
    "no seconds": restore_tests(a_test(D, restore_seconds=None)),
    "seconds that are true": restore_tests(a_test(D, restore_seconds=True)),
    "seconds below zero": restore_tests(a_test(D, restore_seconds=-1)),
    "seconds without end": restore_tests(a_test(D, restore_seconds=float("inf"))),
    "seconds that are not a number": restore_tests(a_test(D, restore_seconds=float("nan"))),
}


@pytest.mark.parametrize("tests", JUNK.values(), ids=JUNK)
@pytest.mark.parametrize("rule", EXAMPLES)
def test_what_contradicts_itself_is_no_evidence(rule, tests):
    """Users of the filter may give anything."""
    assert judge(rule, EXAMPLES[rule].limit, [], restore_tests=tests)["outcome"] == "unknown"
    assert judge(rule, EXAMPLES[rule].limit, [], restore_tests=GOOD)["outcome"] == "pass"


def test_a_failure_that_a_passed_test_outweighs_is_a_contradiction():
    """No program of ours writes one. A forged one is not a pass."""
    tests = {**restore_tests(a_test(D)), "failed": a_test(2 * D, "failed")}
    assert contradiction(tests) == "a test passed since the failed one, of its backup or a newer one"
    assert judge("max_restore_test_age", "35d", [], restore_tests=tests)["outcome"] == "fail"


def test_a_failed_test_counts_whoever_hides_it():
    tests = {**GOOD, "latest": a_test(H, "failed"), "failed": a_test(H, "failed")}
    assert judge("max_restore_test_age", "35d", [], restore_tests=tests)["outcome"] == "fail"


def timed(name, seconds, outcome, code="met", age=D, **known):
    actual = seconds if code in ("met", "exceeded") else None
    tests = restore_tests(a_test(age, seconds=seconds))
    return Row(name, "15m", [], outcome, actual, code, **{"restore_tests": tests, **known})


TIME_ROWS = [
    timed("less", 12.345, "pass"),
    timed("on the limit", 900.0, "pass"),
    timed("a millisecond more", 900.001, "fail", "exceeded"),
    timed("an hour", 3600, "fail", "exceeded"),
    timed("no time at all", 0, "pass"),
    timed("35 days ago", 30, "pass", age=L),
    # How long a test took that is too old proves nothing.
    Row("longer ago", "15m", [], "fail", None, "exceeded", restore_tests=restore_tests(a_test(L + 1))),
    Row(
        "older than asked",
        "15m",
        [],
        "fail",
        None,
        "exceeded",
        also={"max_restore_test_age": "7d"},
        restore_tests=restore_tests(a_test(8 * D)),
    ),
    timed("as old as asked", 30, "pass", age=90 * D, also={"max_restore_test_age": "90d"}),
    Row("never", "15m", [], "fail", None, "never_passed", restore_tests=NEVER),
    Row("too young", "15m", [], "not_applicable", None, "too_young", restore_tests=NEVER, created_time=ago(D)),
    Row(
        "failed since",
        "15m",
        [],
        "fail",
        None,
        "test_failed",
        restore_tests=restore_tests(a_test(D), a_test(H, "failed")),
    ),
    Row("unknown", "15m", [], "unknown", None, "test_unknown", restore_tests=restore_tests(a_test(H, "unknown"))),
    Row("not looked at", "15m", [], "unknown", None, "tests_not_read"),
    Row(
        "a problem",
        "15m",
        [],
        "unknown",
        None,
        "tests_not_readable",
        restore_tests=restore_tests(a_test(D), problem=CANNOT_READ),
    ),
    Row("not listed", "15m", [], "unknown", 30.0, "not_listed", restore_tests=GOOD, complete=False),
]


@pytest.mark.parametrize("row", TIME_ROWS, ids=name_of)
def test_max_restore_time(row):
    row.check("max_restore_time")


#: What people read of each way in which max_restore_test_age comes out.
AGE_SENTENCES = {
    "on the limit": "last passed restore test was 35d ago, limit 35d",
    "a second over": "last passed restore test was 3024001 s ago, limit 3024000 s",
    "never": "no restore test passed, limit 35d",
    "not looked at": "restore tests were not looked at",
    "failed since": "a restore test failed 24h ago (cut_short), and no later test of that backup or a newer one passed",
    "unknown, and too old": "last passed restore test was 36d ago, limit 35d: the last one was unknown: no_server",
    "too young": "no restore test passed, limit 35d: the instance is 34d 23h old, too young",
    "recent, and a problem": f"last passed restore test was 24h ago, limit 35d: {CANNOT_READ}",
    "ahead": "no restore test passed, limit 35d: the time of a test can't be read, or is in the future",
}


def test_sentences_of_max_restore_test_age():
    assert AGE_SENTENCES.items() <= sentences("max_restore_test_age", AGE_ROWS).items()


#: What people read of each way in which max_restore_time comes out.
TIME_SENTENCES = {
    "less": "restoring took 12.345 s in the test 24h ago, limit 15m",
    "a millisecond more": "restoring took 900.001 s in the test 24h ago, limit 15m",
    "longer ago": "last passed restore test was 3024001 s ago, limit 3024000 s",
}


def test_sentences_of_max_restore_time():
    assert TIME_SENTENCES.items() <= sentences("max_restore_time", TIME_ROWS).items()
