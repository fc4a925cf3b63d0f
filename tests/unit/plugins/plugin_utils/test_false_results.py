# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on the judge: a green that missing, misread or misdated data produced, and an alarm without a cause."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    NOW,
    D,
    H,
    ago,
    backup,
    days,
    instance,
    judge,
    utc,
    verdicts,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import LISTING_RULES, PRESENCE

# An instance created in the future -----------------------------------------------------------------------------


@pytest.mark.parametrize("rule", PRESENCE)
def test_an_instance_created_in_the_future_is_not_too_young(rule):
    """A mistyped year, or a time read in the wrong zone, must not excuse an instance without a backup."""
    for created in (ago(-601), ago(-D), "2126-06-01T02:00:00+08:00"):
        assert judge(rule, PRESENCE[rule], [], created_time=created)["outcome"] == "fail"
    assert judge(rule, PRESENCE[rule], [], created_time=ago(-600))["outcome"] == "not_applicable"


# No rule, no verdict -------------------------------------------------------------------------------------------


def test_no_rule_is_no_pass():
    assert _policy.worst([]) == "unknown"
    with pytest.raises(InvalidOption):
        _policy.parse_policy({})


# A remark that asks for nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["", None])
def test_a_pattern_that_says_nothing_is_an_error(pattern):
    """An empty pattern (a variable that came out empty) is found in each remark, and in none at all."""
    with pytest.raises(InvalidOption, match="required_remark"):
        _policy.parse_policy({"required_remark": {"pattern": pattern, "within": "6h"}})


# Sizes that are missing ----------------------------------------------------------------------------------------


def sized(*newest_first):
    return [backup(H + n * H, size=size) for n, size in enumerate(newest_first)]


def test_sizes_the_api_does_not_show_are_unknown_not_too_few():
    """Five backups before, none with a size: that is missing data, which doesn't excuse."""
    assert judge("min_size_ratio", 0.5, sized(10, None, None, None, None, None))["outcome"] == "unknown"


@pytest.mark.parametrize(
    "newest",
    [
        backup(undated=True, size=1),
        backup(0, "unknown", size=1),
    ],
    ids=["undated", "unknown code"],
)
def test_the_newest_size_is_not_known_while_another_may_be_newer(newest):
    assert judge("min_size_ratio", 0.5, [newest, *sized(1000, 1000, 1000, 1000)])["outcome"] == "unknown"


# The largest gap -----------------------------------------------------------------------------------------------


def test_one_old_backup_does_not_hide_the_gap_after_it():
    """min_retention is content with the manual backup of long ago; nothing of the months after it can be restored."""
    rules = {"max_gap": "30h", "min_retention": "6d"}
    found = verdicts(rules, [*[backup(n * D + 20 * H) for n in range(6)], backup(300 * D, type="manual")])
    assert (found["min_retention"]["outcome"], found["max_gap"]["outcome"]) == ("pass", "fail")


def test_an_older_backup_makes_no_gap_where_no_retention_is_asked_for():
    daily = [backup(n * D + 20 * H) for n in range(7)]
    assert judge("max_gap", "30h", daily)["outcome"] == "pass"
    assert judge("max_gap", "30h", [*daily, backup(300 * D, type="manual")])["outcome"] == "pass"


def test_a_gap_that_ends_where_the_retention_begins_is_outside_of_it():
    assert judge("max_gap", "30h", days(0, 1, 2, 3, 4, 5, 6, 10), also={"min_retention": "6d"})["outcome"] == "pass"


# Huge limits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "max_age",
        "max_age_system",
        "max_age_manual",
        "min_retention",
        "max_gap",
        "retention_configured",
        "max_in_progress",
    ],
)
def test_a_limit_of_ages_is_an_error_at_load_or_harmless(rule):
    """It is a mistake, and a crash after all requests would not say which."""
    for value in ("999999999w", "999999999d", 999999999 * 7):
        try:
            policy = _policy.parse_policy({"max_gap": "30h", rule: value})
        except InvalidOption as error:
            assert rule in error.reason
            continue
        _policy.evaluate([backup(H)], instance(), policy, NOW)
        if rule not in ("retention_configured", "max_in_progress"):
            assert NOW - timedelta(seconds=policy.limits[rule])  # from when on the audit asks for backups


# The zone of "now" ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, limit, rows, known",
    [
        ("daily", 3, [], {"created_time": "2026-03-28T22:30:00Z"}),
        (
            "max_gap",
            "30h",
            [backup(at="2026-03-29T21:30:00Z"), backup(at="2026-03-28T22:30:00Z"), backup(at="2026-03-27T00:00:00Z")],
            {},
        ),
    ],
)
def test_the_zone_in_which_now_is_given_does_not_matter(rule, limit, rows, known):
    """The same moment, on the other side of a change of clocks: Python's arithmetic with a zone is by the clock's face."""
    now = utc("2026-03-29T22:00:00Z")
    also = {"min_retention": "24h"} if rule == "max_gap" else None
    plain, zoned = (
        judge(rule, limit, rows, now=moment, zone="Europe/Berlin", also=also, **known)
        for moment in (now, now.astimezone(ZoneInfo("Europe/Berlin")))
    )
    assert plain == zoned


# What is wrong, in the message ---------------------------------------------------------------------------------


def test_a_backup_in_progress_is_noted_beside_one_that_is_too_old():
    """Not run, or not done yet: the reader has to know which."""
    verdict = judge("max_age", "26h", [backup(27 * H), backup(H, "locked")])
    assert verdict["outcome"] == "fail"
    assert "in progress" in verdict["message"]


# What a note says, and what the verdicts say -------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, value",
    [
        ("max_age", "14d"),
        ("max_age_system", "14d"),
        ("max_age_manual", "14d"),
        ("max_gap", "14d"),
        ("min_retention", "14d"),
        ("daily", 14),
    ],
)
def test_what_can_never_be_shown_to_hold_never_holds(rule, value):
    policy = _policy.parse_policy({rule: value})
    notes = [note for note in _policy.lint(policy, "v2", 7 * D) if "never be shown to hold" in note]
    rows = days(0, 1, 2, 3, 4, 5, 6) + days(0, 1, 2, 3, 4, 5, 6, type="manual")
    if notes:
        assert judge(rule, value, rows, horizon_seconds=7 * D)["outcome"] != "pass"


def test_a_remark_beyond_the_horizon_is_noted():
    policy = _policy.parse_policy({"required_remark": {"pattern": "^release-", "within": "14d"}})
    assert any("required_remark" in note for note in _policy.lint(policy, "v2", 7 * D))


@pytest.mark.parametrize("hour", [9, 20])
def test_days_that_flap_at_the_edge_of_the_horizon_are_noted(hour):
    """Seven days on a listing of seven: the first of them is hidden once the time of its backup has come round."""
    now = NOW.replace(hour=hour)
    rows = [backup(n * D + (hour * H - 10 * H) % D, now=now) for n in range(8)]  # daily at 10:00 UTC
    shown = [row for row in rows if row["start_time"] >= (now - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")]
    policy = _policy.parse_policy({"daily": 7, "timezone": "UTC"})
    verdict = judge("daily", 7, shown, now=now, zone="UTC", horizon_seconds=7 * D)
    assert verdict["outcome"] == "pass" or any("daily" in note for note in _policy.lint(policy, "v2", 7 * D))


# Too young, and yet too late -------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [26 * H + 1, 2 * D, 4 * D, 6 * D, 7 * D])
@pytest.mark.parametrize("rule, limit", [("min_retention", "6d"), ("min_usable", 7), ("min_usable", 1)])
def test_no_backup_at_all_is_not_excused_until_the_limit_is_reached(rule, limit, age):
    """Past the first interval one was due: a week without any must not look like youth."""
    assert judge(rule, limit, [], created_time=ago(age))["outcome"] == "fail"


@pytest.mark.parametrize("days_old", range(1, 12))
def test_a_daily_backup_from_the_first_interval_on_never_alarms(days_old):
    """Of an instance that is well backed up, at no age does a rule of the role's defaults fail, nor of these."""
    rules = {"max_age": "26h", "min_usable": 6, "min_retention": "6d", "max_gap": "26h", "daily": 6}
    rows = [backup(n * D) for n in range(min(days_old, 7))]
    for horizon in (None, 7 * D):
        found = verdicts(rules, rows, created_time=ago(days_old * D), horizon_seconds=horizon)
        assert {verdict["outcome"] for verdict in found.values()} <= {"pass", "not_applicable"}, found


# What is right: attacks that must go on failing ------------------------------------------------------------------


def test_a_fresh_backup_of_another_kind_hides_nothing():
    found = verdicts({"max_age": "26h", "max_age_manual": "7d"}, [backup(H)])
    assert (found["max_age"]["outcome"], found["max_age_manual"]["outcome"]) == ("pass", "fail")


def test_a_generous_rule_does_not_excuse_a_strict_one():
    """Grace is each rule's own: an instance that is too young for six days is old enough for 26 hours."""
    found = verdicts({"max_age": "26h", "min_retention": "6d"}, [backup(27 * H)], created_time=ago(2 * D))
    assert (found["max_age"]["outcome"], found["min_retention"]["outcome"]) == ("fail", "not_applicable")
    assert _policy.worst(verdict["outcome"] for verdict in found.values()) == "fail"


def test_a_time_without_a_zone_for_now_is_an_error_not_a_verdict():
    for rule, limit in LISTING_RULES.items():
        for rows in ([], [backup(H)], [backup(undated=True)]):
            policy = _policy.parse_policy({rule: limit})
            with pytest.raises(TypeError, match="zone"):
                _policy.evaluate(rows, instance(), policy, NOW.replace(tzinfo=None))
