# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy is checked before anything is asked: each error names the variable, the value and what to write instead."""

from __future__ import annotations

from datetime import time

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_duration, say_duration
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import limits
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    H,
    ago,
    backup,
    days,
    judge,
    verdicts,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import ALL_RULES, CONFIGURED

PREFIX = "crs_backup_policy_"
DURATIONS = [name for name, rule in RULES.items() if rule.kind is limits.DURATION]


def refused(rule, value):
    with pytest.raises(InvalidOption) as caught:
        _policy.parse_policy({rule: value}, PREFIX)
    return caught.value.reason


@pytest.mark.parametrize(
    "value",
    [
        "1s",
        "90m",
        "26h",
        "7d",
        "2w",
        " 26h ",
        "26 h",
        "0026h",
    ],
)
def test_durations(value):
    seconds = {"1s": 1, "90m": 5400, "7d": 7 * D, "2w": 14 * D}.get(value, 26 * H)
    assert _policy.parse_policy({"max_age": value}).limits == {"max_age": seconds}


@pytest.mark.parametrize(
    "value",
    [
        "1y",
        "6mo",
        "1M",
        "26H",
        "26hours",
        "one day",
        "-26h",
        -1,
        "-1",
        "\uff12\uff16",
        "\uff12\uff16h",
        "1.5d",
        1.5,
        float("nan"),
        float("inf"),
        "nan",
        "1h30m",
        "h",
        "9999999999h",
        True,
        ["26h"],
        [],
        {},
        {"hours": 26},
        "26h 5",
        "None",
        "null",
        "{{ limit }}",
    ],
)
def test_wrong_durations(value):
    assert refused("max_age", value).startswith(
        f"{PREFIX}max_age {value!r} is not a duration: write a whole number with a unit, such as 26h"
    )


@pytest.mark.parametrize("value", [7, "7", " 7 ", 0, 3600, "9999999999"])
@pytest.mark.parametrize("rule", DURATIONS)
def test_a_duration_without_a_unit_names_the_units(rule, value):
    """Seven days are meant, and seven seconds of retention would pass."""
    number = str(value).strip()
    assert refused(rule, value) == (
        f"{PREFIX}{rule} {value!r} has no unit: write {number}d for days, {number}h for hours, {number}m for minutes or "
        f"{number}s for seconds"
    )


def test_a_remark_within_a_number():
    assert refused("required_remark", {"pattern": "a", "within": 6}).startswith(
        f"{PREFIX}required_remark.within 6 has no unit: write 6d for days, 6h for hours"
    )


@pytest.mark.parametrize("value", ["0s", "0h", "00d"])
def test_no_duration_at_all(value):
    assert refused("max_age", value).startswith(
        f"{PREFIX}max_age {value!r} is zero: use a longer time, or false to turn"
    )


@pytest.mark.parametrize("value", ["3660d", f"{3660 * D}s", "87840h"])
def test_the_longest_durations(value):
    assert _policy.parse_policy({"max_age": value}).limits == {"max_age": 3660 * D}


@pytest.mark.parametrize("value", [f"{3660 * D + 1}s", "3661d", "87841h", "523w", "999999999w", "999999999s"])
def test_durations_that_nobody_means(value):
    assert refused("max_age", value) == f"{PREFIX}max_age {value!r} is longer than ten years: use a shorter time"


@pytest.mark.parametrize("rule", DURATIONS)
def test_each_rule_of_time_takes_a_duration(rule):
    """The tables above are of one rule: there is one parser, and each of these rules uses it."""
    assert _policy.parse_policy({rule: "3660d"}).limits == {rule: 3660 * D}
    for value, says in (("26hours", "not a duration"), ("0h", "zero"), ("3661d", "longer than ten years")):
        assert refused(rule, value).startswith(f"{PREFIX}{rule} {value!r} is {says}")


def test_durations_of_a_remark_that_nobody_means():
    assert (
        _policy.parse_policy({"required_remark": {"pattern": "a", "within": "3660d"}}).limits["required_remark"].within
    )
    assert refused("required_remark", {"pattern": "a", "within": "3661d"}) == (
        f"{PREFIX}required_remark.within '3661d' is longer than ten years: use a shorter time"
    )


@pytest.mark.parametrize("value, count", [(1, 1), ("1", 1), (" 7 ", 7), (366, 366), ("007", 7)])
def test_counts(value, count):
    assert _policy.parse_policy({"min_usable": value}).limits == {"min_usable": count}


@pytest.mark.parametrize(
    "value",
    [
        0,
        "0",
        -1,
        "-1",
        10001,
        10**30,
        1.0,
        1.5,
        "1.0",
        True,
        "7d",
        "many",
        [3],
        [],
        {},
        float("nan"),
        float("inf"),
        "²",
        "1e3",
    ],
)
def test_wrong_counts(value):
    reason = refused("min_usable", value)
    assert reason == f"{PREFIX}min_usable {value!r} is not a count: use a whole number from 1 to 10000"


def test_a_number_of_days_is_a_count():
    assert _policy.parse_policy({"daily": " 7 "}).limits == {"daily": 7}
    for value in (0, 1.0, 10001):
        assert refused("daily", value).startswith(f"{PREFIX}daily {value!r} is not a count: use a whole number")


def test_the_largest_counts():
    assert _policy.parse_policy({"min_usable": 10000}).limits == {"min_usable": 10000}
    assert _policy.parse_policy({"daily": 366}).limits == {"daily": 366}
    assert refused("daily", 367) == f"{PREFIX}daily 367 is not a count: use a whole number from 1 to 366"


@pytest.mark.parametrize("value, share", [(0.5, 0.5), ("0.5", 0.5), (1, 1.0), ("1", 1.0), (1e-9, 1e-9), (".25", 0.25)])
def test_shares(value, share):
    assert _policy.parse_policy({"min_size_ratio": value}).limits == {"min_size_ratio": share}


@pytest.mark.parametrize(
    "value", [0, 0.0, -0.5, 1.01, 50, "50%", True, [0.5], [], {}, float("nan"), float("inf"), "nan", "inf", "half"]
)
def test_wrong_shares(value):
    reason = refused("min_size_ratio", value)
    assert reason == f"{PREFIX}min_size_ratio {value!r} is not a share: use a number above 0 and up to 1, such as 0.5"


@pytest.mark.parametrize(
    "value, text",
    [
        ("01:00-05:00", "01:00-05:00"),
        (" 01:00 - 05:00 ", "01:00-05:00"),
        ("01:30-05:45", "01:30-05:45"),
        ("23:00-01:00", "23:00-01:00"),
        ("00:00-23:59", "00:00-23:59"),
    ],
)
def test_windows(value, text):
    window = _policy.parse_policy({"window": value}).limits["window"]
    assert (window.text, f"{window.begin:%H:%M}-{window.end:%H:%M}") == (text, text)


@pytest.mark.parametrize("value, begin", [("22:00-24:00", 22), (" 22:00 - 24:00 ", 22), ("00:00-24:00", 0)])
def test_windows_until_the_end_of_the_day(value, begin):
    window = _policy.parse_policy({"window": value}).limits["window"]
    assert (window.text, window.begin, window.end) == (f"{begin:02}:00-24:00", time(begin), time.max)


@pytest.mark.parametrize(
    "value",
    [
        "22:00-24:01",
        "22:00-24:59",
        "22:00-25:00",
        "24:00-24:00",
        "24:00-05:00",
        "1:00-5:00",
        "01:00",
        "01:00-",
        "24:00-01:00",
        "01:60-02:00",
        "01:00-05:00 UTC",
        "01.00-05.00",
        "01:00:00-05:00:00",
        "01:00–05:00",
        "-01:00-05:00",
        100,
        True,
        ["01:00", "05:00"],
        [],
        {},
        3600.0,
        "01:00-05:00\n02:00",
    ],
)
def test_wrong_windows(value):
    assert refused("window", value) == (
        f"{PREFIX}window {value!r} is not a window: write it as 01:00-05:00 (it may span midnight)"
    )


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"pattern": "^release-"},
        {"within": "6h"},
        {"pattern": "a", "within": "6h", "type": "manual"},
        "^release-",
        True,
        ["^release-", "6h"],
        [],
        6,
    ],
)
def test_wrong_remarks(value):
    assert refused("required_remark", value) == (
        f"{PREFIX}required_remark {value!r} is not a dict of pattern and within: write {{pattern: ^release-, within: 6h}}"
    )


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<n>a)(?P<n>b)", "a{2,1}"])
def test_wrong_patterns(pattern):
    reason = refused("required_remark", {"pattern": pattern, "within": "6h"})
    assert reason.startswith(f"{PREFIX}required_remark.pattern {pattern!r} is not a valid regular expression: ")


@pytest.mark.parametrize("pattern", ["", None, 7, 0, True, False, ["^release-"], [], {}, b"release"])
def test_patterns_that_say_nothing(pattern):
    """An empty pattern matches every remark, so the rule would require nothing."""
    assert refused("required_remark", {"pattern": pattern, "within": "6h"}) == (
        f"{PREFIX}required_remark.pattern {pattern!r} is empty: write a regular expression such as ^release-"
    )


@pytest.mark.parametrize("pattern", [" ", "7", ".", "None"])
def test_patterns_of_one_character_say_something(pattern):
    limit = _policy.parse_policy({"required_remark": {"pattern": pattern, "within": "6h"}}).limits["required_remark"]
    assert (limit.pattern.pattern, limit.within) == (pattern, 6 * H)


@pytest.mark.parametrize("within", ["6x", "0h", -1, None, "", True])
def test_wrong_times_of_a_remark(within):
    assert refused("required_remark", {"pattern": "a", "within": within}).startswith(
        f"{PREFIX}required_remark.within {within!r} is "
    )


@pytest.mark.parametrize("value", [True, "true", "True", "yes", "on", 1, "1"])
def test_flags(value):
    assert _policy.parse_policy({"auto_backup": value}).limits == {"auto_backup": True}


@pytest.mark.parametrize("value", ["maybe", 2, 0, "0", [], {}, [True], 1.5, "enabled"])
def test_wrong_flags(value):
    assert (
        refused("auto_backup", value)
        == f"{PREFIX}auto_backup {value!r} is not true: use true, or false to turn the rule off"
    )


@pytest.mark.parametrize("rule", ["max_aeg", "MAX_AGE", "maxage", "unknown", ""])
def test_a_rule_that_does_not_exist(rule):
    with pytest.raises(InvalidOption) as caught:
        _policy.parse_policy({"max_age": "26h", rule: "26h"}, PREFIX)
    assert caught.value.reason == f"{PREFIX}{rule} is not a rule: use " + ", ".join(RULES)


@pytest.mark.parametrize("value", [False, "off", "OFF", "false", "False", "no", " no "])
def test_a_rule_that_is_off(value):
    policy = _policy.parse_policy({"max_age": value, "min_usable": 1})
    assert list(policy.limits) == list(policy.values) == ["min_usable"]


@pytest.mark.parametrize("value", [None, "", " ", "\n"])
def test_a_blank_value_turns_no_rule_off(value):
    with pytest.raises(InvalidOption) as caught:
        _policy.parse_policy({"max_age": value, "min_usable": 1}, PREFIX)
    assert caught.value.reason == f"{PREFIX}max_age {value!r} is empty: set a limit, or false to turn the rule off"


@pytest.mark.parametrize("rule", ALL_RULES)
def test_each_rule_is_off_by_false_and_not_by_a_blank(rule):
    others = {name: limit for name, limit in ALL_RULES.items() if name != rule}
    assert list(_policy.parse_policy({**ALL_RULES, rule: False}).limits) == [one for one in RULES if one != rule]
    with pytest.raises(InvalidOption, match=f"{PREFIX}{rule} '' is empty"):
        _policy.parse_policy({**others, rule: ""}, PREFIX)


@pytest.mark.parametrize(
    "values",
    [{}, {"timezone": "UTC"}, {"max_age": False}, dict.fromkeys(ALL_RULES, "off"), dict.fromkeys(ALL_RULES, False)],
)
def test_all_rules_off_is_an_error(values):
    with pytest.raises(InvalidOption) as caught:
        _policy.parse_policy(values, PREFIX)
    assert caught.value.reason == (
        f"no rule is on: set at least one of {PREFIX}max_age, {PREFIX}min_usable, {PREFIX}min_retention"
    )


@pytest.mark.parametrize(
    "value, name",
    [
        ("+08:00", "+08:00"),
        ("UTC", "UTC"),
        ("-05:30", "-05:30"),
        ("Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_zones(value, name):
    assert _policy.parse_policy({"max_age": "26h", "timezone": value}).zone_name == name


@pytest.mark.parametrize(
    "value",
    ["Mars/Olympus", "8", "+25:00", "+08:60", "../../etc/passwd", "/etc/localtime", "CEST+", 8, ["UTC"], None, ""],
)
def test_wrong_zones(value):
    with pytest.raises(InvalidOption) as caught:
        _policy.parse_policy({"max_age": "26h", "timezone": value}, PREFIX)
    assert caught.value.reason.startswith(
        f"{PREFIX}timezone {str(value)!r} is neither an offset such as +08:00 nor a time zone"
    )


def test_without_a_prefix_rules_are_named_by_themselves():
    with pytest.raises(InvalidOption, match=r"^max_age 'x' is not"):
        _policy.parse_policy({"max_age": "x"})


def test_the_policy_is_not_the_callers_dict():
    values = {"max_age": "26h"}
    policy = _policy.parse_policy(values)
    values["max_age"] = "1h"
    assert policy.values == {"max_age": "26h"}


def test_rules_keep_one_order_whatever_the_users():
    backwards = dict(reversed(ALL_RULES.items()))
    assert list(_policy.parse_policy(backwards).limits) == list(RULES)


# Worst of some outcomes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcomes, worst",
    [
        (["pass", "fail", "unknown"], "fail"),
        (["pass", "unknown", "not_applicable"], "unknown"),
        (["not_applicable", "pass"], "pass"),
        (["waived", "pass"], "waived"),
        (["waived", "unknown"], "unknown"),
        (["not_applicable"], "not_applicable"),
        (["pass"], "pass"),
        (["waived", "not_applicable"], "waived"),
        ([], "unknown"),
    ],
)
def test_worst(outcomes, worst):
    assert _policy.worst(outcomes) == _policy.worst(reversed(outcomes)) == _policy.worst(iter(outcomes)) == worst


def test_worst_of_what_is_no_outcome_is_an_error():
    with pytest.raises(ValueError):
        _policy.worst(["pass", "ok"])


# What can't hold, or flaps ---------------------------------------------------------------------------------------


def notes(rules, version="v3", horizon=None):
    return _policy.lint(_policy.parse_policy(rules), version, horizon, PREFIX)


def test_the_role_s_own_defaults_are_not_remarked():
    rules = {"max_age": "26h", "min_usable": 1, "min_retention": "6d"}
    assert notes(rules) == notes(rules, "v2", 7 * D) == []


@pytest.mark.parametrize(
    "rule, limit, noted",
    [
        ("max_age", "24h", True),
        ("max_age", "1h", True),
        ("max_age", f"{24 * H + 1}s", False),
        ("max_age", "26h", False),
        ("max_age_system", "1d", True),
        ("max_age_system", "26h", False),
        ("max_age_manual", "1h", False),
        ("max_gap", "24h", True),
        ("max_gap", "1h", True),
        ("max_gap", f"{24 * H + 1}s", False),
        ("max_gap", "30h", False),
    ],
)
def test_a_limit_without_slack(rule, limit, noted):
    found = notes({rule: limit})
    assert len(found) == noted
    for note in found:
        assert note == (
            f"{PREFIX}{rule} is {say_duration(parse_duration(limit, rule))}, and automatic backups start once a day: the rule will "
            "fail every day until the new one is made; allow some slack, such as 26h"
        )


def remark(within):
    return {"pattern": "^release-", "within": within}


NOT_BROKEN = "where it would fail it is unknown"


@pytest.mark.parametrize(
    "rule, limit, said, what",
    [
        ("min_retention", "14d", "14d", "it can never be shown to hold there"),
        ("max_age", "8d", "8d", NOT_BROKEN),
        ("max_age", f"{7 * D + 1}s", "7d", NOT_BROKEN),
        ("max_age_system", "8d", "8d", NOT_BROKEN),
        ("max_age_manual", "30d", "30d", NOT_BROKEN),
        ("max_gap", "8d", "8d", NOT_BROKEN),
        ("min_usable", 8, "8d", NOT_BROKEN),
        ("max_in_progress", "8d", "8d", "it can never be shown to hold there"),
        ("required_remark", remark("8d"), "8d", NOT_BROKEN),
        # The first of seven completed days began up to eight days ago.
        ("daily", 7, "8d", "it is unknown there, at least for a part of each day"),
        ("daily", 14, "15d", "it is unknown there, at least for a part of each day"),
    ],
)
def test_beyond_the_horizon(rule, limit, said, what):
    assert notes({rule: limit}, "v2", 7 * D) == [
        f"{PREFIX}{rule} has a look-back of {said}, but API v2 shows only the last 7d: {what}"
    ]


@pytest.mark.parametrize(
    "rule, limit",
    [
        ("max_age", "7d"),
        ("max_age_system", "7d"),
        ("max_age_manual", "7d"),
        ("max_gap", "7d"),
        ("daily", 6),
        ("min_retention", "6d"),
        ("required_remark", remark("7d")),
        ("max_in_progress", "7d"),
        ("min_usable", 7),
        ("window", "01:00-05:00"),
    ],
)
def test_within_the_horizon(rule, limit):
    assert notes({rule: limit}, "v2", 7 * D) == []
    assert notes({rule: limit}, "v3", None) == []


def test_without_a_horizon_nothing_lies_beyond_it():
    far = dict.fromkeys(("max_age", "max_age_system", "max_age_manual", "min_retention", "max_gap"), "300d")
    assert notes({**far, "daily": 366, "required_remark": remark("300d")}) == []


#: Backups with which a rule fails where all of them are shown, and which a listing of seven days hides.
BROKEN = {
    "max_age": ("8d", [backup(9 * D)]),
    "max_age_system": ("8d", [backup(9 * D)]),
    "max_age_manual": ("8d", [backup(9 * D, type="manual")]),
    "max_gap": ("8d", [backup(9 * D)]),
    "min_usable": (8, [backup(9 * D)]),
    "required_remark": (remark("8d"), [backup(9 * D, type="manual", remark="release-1")]),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_note_about_the_horizon_is_true(rule):
    """It says that a failure shows as unknown. A reader relies on that, so a pass would be a lie."""
    limit, rows = BROKEN[rule]
    assert judge(rule, limit, rows)["outcome"] == "fail"
    found = notes({rule: limit}, "v2", 7 * D)
    assert not found or found[0].endswith(NOT_BROKEN)
    assert judge(rule, limit, [], horizon_seconds=7 * D)["outcome"] == ("unknown" if found else "fail")


def test_a_gap_over_what_is_just_shown_can_be_shown_to_be_within_its_limit():
    rules = {"max_gap": "8d", "min_retention": "7d"}
    assert verdicts(rules, days(0, 7), horizon_seconds=7 * D)["max_gap"]["outcome"] == "pass"
    assert [note for note in notes(rules, "v2", 7 * D) if "max_gap" in note] == [
        f"{PREFIX}max_gap has a look-back of 8d, but API v2 shows only the last 7d: {NOT_BROKEN}"
    ]


def test_a_gap_that_can_never_be_shown_to_be_within_its_limit_is_noted():
    """Gaps are looked for over min_retention: where that is longer than what is shown, max_gap never passes either."""
    rules = {"max_gap": "30h", "min_retention": "14d"}
    assert verdicts(rules, days(0, 1, 2, 3, 4, 5, 6), horizon_seconds=7 * D)["max_gap"]["outcome"] == "unknown"
    assert [note for note in notes(rules, "v2", 7 * D) if note.startswith(f"{PREFIX}max_gap ")]


@pytest.mark.parametrize(
    "limit, said",
    [("6d", None), (f"{6 * D + 1}s", "6d"), ("150h", "6d 6h"), ("7d", "7d"), (f"{7 * D + 1}s", None), ("14d", None)],
)
def test_a_retention_that_flaps(limit, said):
    assert notes({"min_retention": limit}) == (
        [
            f"{PREFIX}min_retention is {said}, and automatic backups are deleted after 7d, one a day: the oldest is "
            "younger than that for part of each day; allow some slack, such as 6d"
        ]
        if said
        else []
    )


@pytest.mark.parametrize(
    "rules, seconds",
    [
        ({"max_age": "26h"}, 26 * H),
        ({"max_age": "26h", "min_retention": "6d"}, 6 * D),
        ({"daily": 7}, 8 * D),
        ({"daily": 7, "max_in_progress": "9d"}, 9 * D),
        ({"required_remark": remark("10d"), "daily": 7}, 10 * D),
        ({"window": "01:00-05:00"}, 0),
        ({"min_usable": 3, "window": "01:00-05:00"}, 3 * D),
        ({"min_usable": 40}, 40 * D),
        ({"min_usable": 5, "max_age": "8d"}, 40 * D),
        ({"min_usable": 48, "max_age": "2h"}, 4 * D),
        ({"min_usable": 10000}, 3660 * D),
    ],
)
def test_how_far_back_a_policy_looks(rules, seconds):
    assert _policy.min_look_back(_policy.parse_policy(rules)) == seconds


@pytest.mark.parametrize("rule", ["retention_configured", "auto_backup", "min_size_ratio"])
def test_what_api_2_does_not_show(rule):
    assert notes({rule: ALL_RULES[rule]}, "v2", 7 * D) == [f"{PREFIX}{rule} needs API v3: API v2 doesn't show it"]
    assert notes({rule: ALL_RULES[rule]}) == []


def test_without_a_prefix_notes_name_rules_by_themselves():
    (note,) = _policy.lint(_policy.parse_policy({"auto_backup": True}), "v2", 7 * D)
    assert note.startswith("auto_backup needs")


def test_each_note_names_its_variable():
    found = notes(
        {
            **{rule: ALL_RULES[rule] for rule in ("retention_configured", "auto_backup", "min_size_ratio")},
            "max_age": "1h",
            "max_age_system": "9d",
            "max_age_manual": "9d",
            "min_retention": "9d",
            "max_gap": "9d",
            "daily": 9,
        },
        "v2",
        7 * D,
    )
    assert len(found) == len(set(found)) == 9
    assert all(note.startswith(PREFIX) and note.split()[0][len(PREFIX) :] in ALL_RULES for note in found)


@pytest.mark.parametrize("rule", ALL_RULES)
def test_configuration_is_needed_where_a_rule_judges_it(rule):
    policy = _policy.parse_policy({"min_usable": 1, rule: ALL_RULES[rule]})
    assert _policy.needs_config(policy) is (rule in CONFIGURED)


# Claims


YOUNG = {"created_time": ago(H), "status": None}


@pytest.mark.parametrize(
    "claims, known, outcomes",
    [
        (None, {}, ["fail", "fail"]),
        (YOUNG, {}, ["unknown", "unknown"]),
        ({"created_time": None, "status": "isolated"}, {}, ["unknown", "unknown"]),
        ({"created_time": None, "status": "running"}, {}, ["fail", "fail"]),
        # What the API itself says isn't put in doubt by a claim.
        (YOUNG, {"created_time": ago(90 * D)}, ["fail", "fail"]),
        ({"created_time": None, "status": "isolated"}, {"status": "running"}, ["fail", "fail"]),
        ({**YOUNG, "status": "isolated"}, {"status": "running"}, ["unknown", "unknown"]),
    ],
)
def test_a_claim_makes_a_doubt_of_a_failure(claims, known, outcomes):
    found = verdicts({"max_age": "26h", "min_usable": 1}, [], claims=claims, **known)
    assert [verdict["outcome"] for verdict in found.values()] == outcomes


def test_nor_does_it_say_anything_of_what_is_not_broken():
    found = verdicts({"max_age": "26h"}, [], claims=YOUNG, status="isolated")
    assert found["max_age"]["outcome"] == "not_applicable" and "inventory" not in found["max_age"]["message"]


def test_the_doubt_names_what_is_claimed():
    found = verdicts({"max_age": "26h"}, [], claims={"created_time": ago(H), "status": "isolated"})
    assert found["max_age"]["message"] == (
        "no usable backup, limit 26h; the inventory claims that the instance was created at "
        f"{ago(H)} and is isolated, which the API did not confirm"
    )


def test_a_claim_leaves_a_pass_and_other_failures_as_they_are():
    rules = {"max_age": "26h", "window": "00:00-00:01"}
    claims = {"created_time": ago(30 * D), "status": None}
    found = verdicts(rules, [backup(H)], claims=claims)
    assert [verdict["outcome"] for verdict in found.values()] == ["pass", "fail"]
    assert not any("inventory" in verdict["message"] for verdict in found.values())
