# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for each rule alike: no conclusion without a complete listing, none for an instance that is going."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    NOW,
    D,
    H,
    a_test,
    ago,
    backup,
    days,
    instance,
    judge,
    restore_tests,
    verdicts,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import (
    ALL_RULES,
    APART,
    EXAMPLES,
    LISTING_RULES,
    PRESENCE,
)

#: Backups with which each rule passes.
GOOD = [
    *[backup(n * D + 18 * H, size=1000) for n in range(9)],  # at 02:00 in +08:00
    backup(H, type="manual", remark="release-1", size=1000),
]
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
CONFIG = {"retention_days": 7, "week_days": WEEK}
TESTS = restore_tests(a_test(D))
#: What is good beside backups.
BESIDE = {"config": CONFIG, "restore_tests": TESTS}


def test_good_backups_pass_each_rule():
    assert {verdict["outcome"] for verdict in verdicts(ALL_RULES, GOOD, **BESIDE).values()} == {"pass"}


def test_verdicts_come_in_the_order_of_the_rules_with_all_keys():
    found = list(verdicts(ALL_RULES, GOOD, **BESIDE).values())
    assert [verdict["rule"] for verdict in found] == list(_policy.RULES)
    for verdict in found:
        assert set(verdict) == {"rule", "outcome", "code", "severity", "limit", "actual", "message"}
        assert verdict["severity"] in ("critical", "high", "medium", "low")


def test_limits_are_shown_in_seconds_or_as_written():
    limits = {name: verdict["limit"] for name, verdict in verdicts(ALL_RULES, GOOD).items()}
    assert limits == {name: example.shown for name, example in EXAMPLES.items()}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_each_rule_fails_by_its_example(rule):
    limit, backups, config = EXAMPLES[rule].fails
    found = judge(rule, limit, backups, config=config, restore_tests=EXAMPLES[rule].restore_tests)
    assert found["outcome"] == "fail"


@pytest.mark.parametrize(
    "known, code, message",
    [
        ({"horizon_seconds": 0}, "hidden", "no usable backup, limit 26h: the listing shows only the last 0s"),
        ({"complete": False}, "not_listed", "not listed: it is not known whether the listing is complete"),
        ({"status": "isolated"}, "going", "the instance is isolated"),
        ({"status": "to_be_deleted"}, "going", "the instance is to be deleted"),
        (
            {"backups": [backup(-601)]},
            "dated_ahead",
            "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
        ),
    ],
)
def test_what_people_read_of_any_rule(known, code, message):
    verdict = judge("max_age", "26h", **{"backups": [], **known})
    assert (verdict["code"], verdict["message"]) == (f"max_age.{code}", message)


@pytest.mark.parametrize("complete", [False, None, 0, 1, "true", "yes"])
@pytest.mark.parametrize("backups", [GOOD, [], days(30)], ids=["good", "none", "old"])
def test_an_incomplete_listing_concludes_nothing(complete, backups):
    for rule, limit in LISTING_RULES.items():
        verdict = judge(rule, limit, backups, complete=complete)
        assert (verdict["outcome"], verdict["actual"], verdict["code"]) == ("unknown", None, f"{rule}.not_listed")


def test_completeness_that_nobody_states_is_none():
    policy = _policy.parse_policy(LISTING_RULES)
    assert {verdict["outcome"] for verdict in _policy.evaluate(GOOD, {}, policy, NOW)} == {"unknown"}


@pytest.mark.parametrize(
    "kind, says",
    [
        ("denied", "access denied: why"),
        ("not_found", "instance not found: why"),
        ("throttled", "throttled: why"),
        ("incomplete", "partial listing: why"),
        ("unreachable", "API unreachable: why"),
        ("auth", "authentication failed: why"),
        ("server_error", "API failed: why"),
        ("bad_response", "invalid response: why"),
        ("new", "not listed: why"),
    ],
)
@pytest.mark.parametrize("rule", ["max_age", "window"])
def test_the_kind_of_the_error_is_said(rule, kind, says):
    verdict = judge(rule, LISTING_RULES[rule], GOOD, complete=False, error={"kind": kind, "message": "why"})
    assert (verdict["outcome"], verdict["message"]) == ("unknown", says)


@pytest.mark.parametrize("rule", APART)
def test_what_is_right_beside_the_listing_passes_only_with_it(rule):
    """Hidden backups are not known to exist because backups are configured, or because one was restored."""
    error = {"kind": "denied", "message": "no right"}
    verdict = judge(rule, APART[rule], GOOD, complete=False, error=error, **BESIDE)
    assert (verdict["outcome"], verdict["code"]) == ("unknown", f"{rule}.not_listed")
    assert judge(rule, APART[rule], [], **BESIDE)["outcome"] == "pass"
    assert judge(rule, APART[rule], GOOD)["outcome"] == "unknown"


@pytest.mark.parametrize("status", ["isolated", "to_be_deleted"])
@pytest.mark.parametrize("backups", [GOOD, []], ids=["good", "none"])
def test_an_instance_that_is_going_is_not_judged(status, backups):
    for rule, limit in ALL_RULES.items():
        verdict = judge(rule, limit, backups, status=status)
        assert (verdict["outcome"], verdict["actual"], verdict["code"]) == ("not_applicable", None, f"{rule}.going")


@pytest.mark.parametrize("status", [None, "", "running", "Isolated", "online", "isolated "])
def test_any_other_status_is_judged(status):
    assert {rule: judge(rule, PRESENCE[rule], [], status=status)["outcome"] for rule in PRESENCE} == dict.fromkeys(
        PRESENCE, "fail"
    )


@pytest.mark.parametrize("status", ["normal", "locked", "expired", "unknown"])
def test_a_time_in_the_future_concludes_nothing(status):
    for rule, limit in LISTING_RULES.items():
        verdict = judge(rule, limit, [*GOOD, backup(-601, status, "spec_change")])
        assert (verdict["outcome"], verdict["actual"], verdict["code"]) == ("unknown", None, f"{rule}.dated_ahead")


@pytest.mark.parametrize("rule", LISTING_RULES)
def test_ten_minutes_ahead_are_a_clock_that_differs(rule):
    assert judge(rule, LISTING_RULES[rule], [*GOOD, backup(-600, type="spec_change", size=1000)])["outcome"] == "pass"


@pytest.mark.parametrize("rule", APART)
def test_a_backup_in_the_future_does_not_matter_to_what_is_judged_without_it(rule):
    assert judge(rule, APART[rule], [backup(-601)], **BESIDE)["outcome"] == "pass"


@pytest.mark.parametrize("status, outcome", [("locked", "fail"), ("expired", "fail"), ("unknown", "unknown")])
def test_no_number_of_unusable_backups_passes(status, outcome):
    """An undocumented code may be that of a usable backup."""
    rows = [{**row, "status": status, "usable": False} for row in GOOD]
    assert {rule: judge(rule, PRESENCE[rule], rows)["outcome"] for rule in PRESENCE} == dict.fromkeys(PRESENCE, outcome)


@pytest.mark.parametrize("rule", sorted(set(LISTING_RULES) - {"max_in_progress"}))
def test_backups_without_times_do_not_pass(rule):
    verdict = judge(rule, LISTING_RULES[rule], [{**row, "start_time": None} for row in GOOD])
    assert verdict["outcome"] == "unknown"


@pytest.mark.parametrize(
    "text",
    ["2026-06-15 11:00:00", "2026-06-15T11:00:00", "yesterday", "", "0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z"],
)
def test_times_without_offset_or_sense_do_not_pass(text):
    rows = [{**row, "start_time": text} for row in GOOD]
    assert {rule: judge(rule, PRESENCE[rule], rows)["outcome"] for rule in PRESENCE} == dict.fromkeys(
        PRESENCE, "unknown"
    )


@pytest.mark.parametrize("known", [BESIDE, {**BESIDE, "complete": False}, {"status": "isolated"}])
def test_nothing_given_is_changed(known):
    policy = _policy.parse_policy(ALL_RULES)
    given = [copy.deepcopy(GOOD), instance(**copy.deepcopy(known))]
    before, limits = copy.deepcopy(given), copy.deepcopy(policy.values)
    _policy.evaluate(*given, policy, NOW)
    assert (given, policy.values) == (before, limits)


@pytest.mark.parametrize("status", ["normal", "exporting", "exported"])
@pytest.mark.parametrize("seconds, outcome", [(-1, "pass"), (0, "fail"), (1, "fail")])
def test_a_backup_whose_end_has_come_is_not_usable(status, seconds, outcome):
    rows = [backup(H, status, expires=ago(seconds))]
    assert judge("min_usable", 1, rows)["outcome"] == judge("max_age", "26h", rows)["outcome"] == outcome


def test_a_backup_whose_end_has_come_is_no_older_one():
    rows = [*days(1, 2, 5), backup(7 * D, expires=ago(H))]
    assert judge("min_retention", "6d", rows)["actual"] == 5 * D


def test_an_end_does_not_make_clear_what_a_status_means():
    assert judge("min_usable", 1, [backup(H, "unknown", expires=ago(1))])["outcome"] == "unknown"
