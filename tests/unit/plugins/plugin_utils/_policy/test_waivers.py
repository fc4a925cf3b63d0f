# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A waiver is complete or an error, ends when it says, and never changes what was found."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import waivers as _waivers
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW, D, H, ago, target

NAME = "crs_backup_policy_waivers"
GOOD = {"rule": "max_age", "reason": "CHG-1", "owner": "dba", "expires": "2026-09-30T00:00:00+08:00"}
OUTCOMES = ["pass", "fail", "unknown", "not_applicable"]


def waive(outcome, rule="max_age", **more):
    (made,) = _waivers.waive(
        [{"rule": rule, "outcome": outcome, "message": "so it is"}],
        _waivers.parse_waivers([{**GOOD, **more}], NAME),
        "crs-1",
        NOW,
    )
    return made


@pytest.mark.parametrize("value", [None, "", []])
def test_none(value):
    assert _waivers.parse_waivers(value, NAME) == ()


@pytest.mark.parametrize("value", [GOOD, "CHG-1", 1, True, {"a": GOOD}])
def test_what_is_no_list(value):
    with pytest.raises(InvalidOption, match=NAME):
        _waivers.parse_waivers(value, NAME)


@pytest.mark.parametrize("entry", ["CHG-1", None, 1, [GOOD]])
def test_an_entry_that_is_no_dict(entry):
    with pytest.raises(InvalidOption, match=rf"{NAME}\[1\] .* is not a dict"):
        _waivers.parse_waivers([GOOD, entry], NAME)


@pytest.mark.parametrize("key", GOOD)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_nothing_may_be_missing(key, value):
    with pytest.raises(InvalidOption, match=rf"{NAME}\[1\] has no {key}"):
        _waivers.parse_waivers([GOOD, {**GOOD, key: value}], NAME)


@pytest.mark.parametrize(
    "more, says",
    [
        ({"rule": "max_aeg"}, r"\.rule 'max_aeg' is not a rule"),
        ({"rule": "max_age "}, r"\.rule 'max_age ' is not a rule"),
        ({"rule": ["max_age", "min_usable"]}, r"\.rule"),
        ({"expires": "2026-09-30"}, r"\.expires '2026-09-30' is not a time with a zone"),
        ({"expires": "2026-09-30 00:00:00"}, r"\.expires"),
        ({"expires": "never"}, r"\.expires"),
        ({"until": "2026-09-30"}, "'until', which is unknown"),
    ],
)
def test_what_is_malformed(more, says):
    with pytest.raises(InvalidOption, match=says):
        _waivers.parse_waivers([{**GOOD, **more}], NAME)


@pytest.mark.parametrize("value", [None, "", " ", "crs-1 ", ".*", True, False, ["crs-1"], {}])
def test_an_instance_that_is_named_is_an_id(value):
    with pytest.raises(InvalidOption) as caught:
        _waivers.parse_waivers([GOOD, {**GOOD, "instance": value}], NAME)
    assert caught.value.reason == (
        f"{NAME}[1].instance {value!r} is not a valid instance id: write it as crs-a1b2c3d4, or leave the key out for each host "
        "that has the variable"
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("more", [{}, {"instance": "crs-1"}, {"instance": "crs-2"}, {"expires": ago(1)}])
def test_waiving_never_changes_the_outcome(outcome, more):
    assert waive(outcome, **more)["outcome"] == outcome


@pytest.mark.parametrize(
    "outcome, covered", [("fail", True), ("unknown", True), ("pass", False), ("not_applicable", False)]
)
def test_only_what_is_broken_is_waived(outcome, covered):
    made = waive(outcome)
    assert made["waiver"] == (
        {"reason": "CHG-1", "owner": "dba", "expires": "2026-09-29T16:00:00Z"} if covered else None
    )
    assert _waivers.counted(made) == ("waived" if covered else outcome)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_what_is_not_known_says_that_the_waiver_covers_that(outcome):
    more = " (the waiver covers what is not known)" if outcome == "unknown" else ""
    assert waive(outcome)["message"] == f"so it is{more}"
    assert waive(outcome, instance="crs-2")["message"] == "so it is"


TWO = [
    {**GOOD, "expires": ago(-H), "reason": "an hour"},
    {**GOOD, "expires": ago(-30 * D), "reason": "thirty days"},
    {**GOOD, "expires": ago(-60 * D), "reason": "of another", "instance": "crs-2"},
    {**GOOD, "expires": ago(-60 * D), "reason": "of another rule", "rule": "min_usable"},
    {**GOOD, "expires": ago(1), "reason": "over"},
]


def test_of_two_the_one_that_lasts_longest_counts():
    for order in itertools.permutations(TWO):
        waivers = _waivers.parse_waivers(list(order), NAME)
        (made,) = _waivers.waive([{"rule": "max_age", "outcome": "fail", "message": ""}], waivers, "crs-1", NOW)
        assert made["waiver"] == {"reason": "thirty days", "owner": "dba", "expires": ago(-30 * D)}


def test_of_two_that_end_together_the_same_counts_in_any_order():
    both = [{**GOOD, "reason": "one"}, {**GOOD, "reason": "other"}]
    made = [
        _waivers.waive(
            [{"rule": "max_age", "outcome": "fail", "message": ""}], _waivers.parse_waivers(order, NAME), "crs-1", NOW
        )
        for order in (both, both[::-1])
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("seconds, refused", [(366 * D, False), (366 * D + 1, True), (-D, False)])
def test_it_ends_within_a_bound(seconds, refused):
    waivers = _waivers.parse_waivers([GOOD, {**GOOD, "expires": ago(-seconds)}], NAME)
    if not refused:
        assert _waivers.check_ends(waivers, 366 * D, NOW, "crs_backup_policy_") is None
        return
    with pytest.raises(InvalidOption) as caught:
        _waivers.check_ends(waivers, 366 * D, NOW, "crs_backup_policy_")
    assert caught.value.reason == (
        f"{NAME}[1].expires '2027-06-16T12:00:01Z' is 366d ahead, and at most 366d are allowed "
        "(crs_backup_policy_max_waiver): use an earlier time, and renew the waiver if it is still needed then"
    )


@pytest.mark.parametrize("seconds, live", [(-1, True), (0, False), (1, False)])
def test_it_ends_when_it_says(seconds, live):
    assert bool(waive("fail", expires=ago(seconds))["waiver"]) is live


@pytest.mark.parametrize("instance", ["crs-", "crs-11", "CRS-1", 1])
def test_an_instance_is_meant_exactly(instance):
    assert waive("fail", instance="crs-1")["waiver"]
    (made,) = _waivers.waive(
        [{"rule": "max_age", "outcome": "fail"}],
        _waivers.parse_waivers([{**GOOD, "instance": instance}], NAME),
        "crs-1",
        NOW,
    )
    assert made["waiver"] is None


@pytest.mark.parametrize("rule", [rule for rule in policy.RULES if rule != "max_age"])
def test_another_rule_is_not_covered(rule):
    assert waive("fail", rule=rule)["waiver"] is None


def test_nothing_given_is_changed():
    verdicts = [{"rule": "max_age", "outcome": "fail"}]
    _waivers.waive(verdicts, _waivers.parse_waivers([GOOD], NAME), "crs-1", NOW)
    assert verdicts == [{"rule": "max_age", "outcome": "fail"}]


@pytest.mark.parametrize(
    "instance, state, said",
    [
        (
            "crs-1",
            "expired",
            "the waiver of max_age for crs-1 by dba, until 2026-09-29T16:00:00Z, has expired and has no effect: "
            "remove it",
        ),
        (
            None,
            "unmatched",
            "the waiver of max_age by dba, until 2026-09-29T16:00:00Z, matches no instance and rule in scope: "
            "remove it",
        ),
        ("crs-1", "live", None),
    ],
)
def test_one_that_counts_for_nothing_is_said(instance, state, said):
    reviewed = {**GOOD, "instance": instance, "expires": "2026-09-29T16:00:00Z", "state": state}
    assert _waivers.notes([reviewed]) == ([said] if said else [])


def test_a_review_says_which_hosts_have_it_as_far_as_it_is_for_them():
    """Of slices, those of all of them: whatever else a host has, nothing else covers its rules."""
    of_all, of_two = GOOD, {**GOOD, "instance": "crs-2"}
    first = [target(host, {"max_age": "26h"}, [of_all, of_two, of_two]) for host in ("crs-1", "crs-2")]
    second = [
        target("b", {"max_age": "26h"}, [of_two], instance_id="crs-2"),
        target("crs-3", {"min_usable": 1}, [GOOD]),
    ]
    reviews = [_waivers.review(targets, NOW) for targets in (first, second)]
    states = [{one["instance"]: (one["hosts"], one["state"]) for one in review} for review in reviews]
    assert states == [
        {None: (["crs-1", "crs-2"], "live"), "crs-2": (["crs-2"], "live")},
        {None: (["crs-3"], "unmatched"), "crs-2": (["b"], "live")},
    ]
    joined = _waivers.join(reviews)
    assert {one["instance"]: (one["hosts"], one["state"]) for one in joined} == {
        None: (["crs-1", "crs-2", "crs-3"], "live"),
        "crs-2": (["b", "crs-2"], "live"),
    }
    for_all, for_two = (_waivers.parse_waivers([one], NAME)[0] for one in (of_all, of_two))
    assert _waivers.of_hosts(joined) == {
        "b": [for_two],
        "crs-1": [for_all],
        "crs-2": [for_all, for_two],
        "crs-3": [for_all],
    }


def outlasted(*waivers, rules=("max_age",), hosts=("crs-1",)):
    limits = {"max_age": "26h", "min_usable": 1}
    targets = [target(host, {rule: limits[rule] for rule in rules}, waivers) for host in hosts]
    return [note.split(" never applies")[0] for note in _waivers.outlasted(targets, NOW)]


SHORT, LONG = {**GOOD, "expires": ago(-H)}, {**GOOD, "expires": ago(-D)}
NOTE = f"the waiver of max_age by dba, until {ago(-H)},"


def test_one_that_is_outlasted_is_said_wherever_it_stands():
    for order in itertools.permutations([SHORT, LONG]):
        assert outlasted(*order) == [NOTE]
    (note,) = _waivers.outlasted([target("crs-1", {"max_age": "26h"}, [SHORT, LONG])], NOW)
    assert note == f"{NOTE} never applies, since another lasts as long or longer: remove it"


def test_of_two_that_end_together_one_is_said():
    both = [{**GOOD, "owner": "a"}, {**GOOD, "owner": "b"}]
    assert outlasted(*both) == outlasted(*both[::-1])
    assert len(outlasted(*both)) == 1
    assert outlasted(GOOD, GOOD) == []


@pytest.mark.parametrize(
    "other",
    [
        {**LONG, "rule": "min_usable"},
        {**LONG, "instance": "crs-2"},
        {**LONG, "expires": ago(H)},
        {**SHORT, "expires": ago(H)},
    ],
)
def test_what_is_of_another_or_over_outlasts_nothing(other):
    assert outlasted(SHORT, other, rules=("max_age", "min_usable"), hosts=("crs-1", "crs-2", "crs-3")) == []


def test_one_that_counts_for_some_host_is_not_outlasted():
    own = {**LONG, "instance": "crs-1"}
    assert outlasted(SHORT, own) == [NOTE]
    assert outlasted(SHORT, own, hosts=("crs-1", "crs-2")) == []


def test_one_of_a_rule_that_is_off_is_unmatched_and_no_more():
    assert outlasted(SHORT, LONG, rules=("min_usable",)) == []
