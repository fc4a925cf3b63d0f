# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for any backups at all."""

from __future__ import annotations

import copy
import random
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.tests.unit.examples import examples
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    CODES,
    NOW,
    UTC,
    D,
    H,
    ago,
    backup,
    instance,
    iso,
    judge,
    verdicts,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import (
    ALL_RULES,
    EXAMPLES,
    LISTING_RULES,
    PRESENCE,
)

pytestmark = pytest.mark.without_coverage

OUTCOMES = ("pass", "fail", "unknown", "not_applicable", "waived")
ZONES = ["+08:00", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "-11:00"]
AGES = st.one_of(st.integers(0, 2 * D), st.integers(0, 40 * D), st.sampled_from([6 * H, 26 * H, 30 * H, 6 * D, 7 * D]))
REMARKS = st.sampled_from([None, "", "release-7", "prerelease-7", "release-\u202e<script>", "{{ 1 }}"])
SIZES = st.one_of(st.none(), st.integers(0, 10**13), st.sampled_from([0, 1, 1000]))
TYPES = st.sampled_from(["manual", "system", "spec_change", "unknown"])
STATUSES = st.sampled_from(list(CODES))


EITHER = st.booleans()


@st.composite
def records(draw, ages=AGES, statuses=STATUSES, undated=EITHER):
    return backup(
        draw(ages),
        draw(statuses),
        draw(TYPES),
        undated=draw(undated),
        remark=draw(REMARKS),
        size=draw(SIZES),
        backup_id=str(draw(st.integers(1, 10**6))),
    )


LISTINGS = st.lists(records(undated=st.sampled_from([False, False, False, True])), max_size=12)
#: Backups as a healthy instance has them, so that rules pass often enough to tell something.
HEALTHY = st.lists(
    records(st.integers(0, 9 * D), st.sampled_from(["normal", "exported"]), st.just(False)), min_size=3, max_size=25
)
GOOD = records(AGES, st.sampled_from(["normal", "exporting", "exported"]), st.just(False))
LIMITS = {rule: st.sampled_from(example.limits or (example.limit,)) for rule, example in EXAMPLES.items()}
#: A limit for each rule of presence.
PRESENCE_LIMITS = st.fixed_dictionaries({rule: LIMITS[rule] for rule in sorted(PRESENCE)})
POLICIES = st.fixed_dictionaries({}, optional=LIMITS).filter(bool)
KEPT = {
    "retention_days": 30,
    "week_days": [f"{day}day" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")],
}
KNOWN = st.fixed_dictionaries(
    {
        "horizon_seconds": st.sampled_from([None, 0, 6 * D, 7 * D, 28 * D]),
        "created_time": st.one_of(st.none(), st.integers(0, 60 * D).map(ago), st.just("rubbish")),
        "status": st.sampled_from([None, "running", "isolated", "to_be_deleted"]),
        "config": st.sampled_from(
            [None, {}, {"error": "denied"}, {"retention_days": 7, "week_days": ["Monday"]}, KEPT]
        ),
    }
)


def outcomes(found):
    return {rule: (verdict["outcome"], verdict["actual"]) for rule, verdict in found.items()}


@given(LISTINGS, POLICIES, KNOWN, st.sampled_from(ZONES), st.booleans())
def test_each_rule_has_one_verdict_of_a_known_outcome_with_a_message(rows, rules, known, zone, complete):
    found = verdicts(rules, rows, zone=zone, **known, complete=complete)
    assert list(found) == [name for name in _policy.RULES if name in rules]
    for verdict in found.values():
        assert verdict["outcome"] in OUTCOMES
        assert verdict["message"].strip()
        assert not verdict["message"].endswith((",", ":"))
    assert _policy.worst(verdict["outcome"] for verdict in found.values()) in OUTCOMES


@given(LISTINGS, POLICIES, KNOWN, st.sampled_from(ZONES), st.randoms(use_true_random=False))
def test_the_order_of_backups_never_matters(rows, rules, known, zone, chance):
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert verdicts(rules, rows, zone=zone, **known) == verdicts(rules, shuffled, zone=zone, **known)


@given(st.one_of(LISTINGS, HEALTHY), POLICIES, KNOWN, st.sampled_from([False, None, 0, 1, "true"]))
def test_a_partial_listing_never_passes(rows, rules, known, complete):
    for rule, verdict in verdicts(rules, rows, **{**known, "complete": complete}).items():
        assert verdict["outcome"] != "pass"
        if rule in LISTING_RULES:
            expected = "not_applicable" if known["status"] in ("isolated", "to_be_deleted") else "unknown"
            assert verdict["outcome"] == expected


def never_worse(rules, rows, more, **known):
    """Return whether each rule that passes goes on passing with one more usable backup."""
    before, after = (verdicts(rules, backups, **known) for backups in (rows, [*rows, more]))
    for rule, verdict in before.items():
        if verdict["outcome"] == "pass":
            assert after[rule]["outcome"] == "pass", (rule, verdict["message"], after[rule]["message"])


@examples(few=60)
@given(st.one_of(HEALTHY, LISTINGS), GOOD, PRESENCE_LIMITS, KNOWN, st.sampled_from(ZONES))
def test_one_more_usable_backup_never_breaks_a_rule_of_presence(rows, more, limits, known, zone):
    for rule in sorted(set(limits) - {"max_gap"}):
        never_worse({rule: limits[rule]}, rows, more, zone=zone, **{**known, "status": None})


@given(HEALTHY, GOOD, LIMITS["max_gap"])
def test_one_more_usable_backup_makes_no_gap_within_a_retention_that_is_reached(rows, more, limit):
    """Before that, an older backup may show a gap that nothing showed."""
    rules = {"max_gap": limit, "min_retention": "6d"}
    assume(verdicts(rules, rows)["min_retention"]["outcome"] == "pass")
    never_worse(rules, rows, more)


@given(HEALTHY, records(statuses=st.sampled_from(["locked", "expired"]), undated=st.just(False)))
def test_one_more_unusable_backup_never_mends_a_rule_of_presence(rows, more):
    assert {r: o for r, (o, _actual) in outcomes(verdicts(PRESENCE, rows)).items()} == {
        r: o for r, (o, _actual) in outcomes(verdicts(PRESENCE, [*rows, more])).items()
    }


@given(LISTINGS, KNOWN, st.integers(601, 400 * D), STATUSES)
def test_a_backup_from_the_future_never_lets_a_rule_of_time_pass(rows, known, ahead, status):
    for rule, verdict in verdicts(LISTING_RULES, [*rows, backup(-ahead, status)], **known).items():
        assert verdict["outcome"] in ("unknown", "not_applicable"), rule


@given(HEALTHY, KNOWN)
def test_without_readable_times_no_rule_of_time_passes(rows, known):
    for verdict in verdicts(PRESENCE, [{**row, "start_time": None} for row in rows], **known).values():
        assert verdict["outcome"] != "pass"


@given(LISTINGS, KNOWN)
def test_a_shorter_horizon_never_lets_a_rule_pass(rows, known):
    """With the same rows, a listing that may hide some gives more unknown outcomes, never better ones."""
    wide = verdicts(LISTING_RULES, rows, **{**known, "horizon_seconds": None})
    narrow = verdicts(LISTING_RULES, rows, **{**known, "horizon_seconds": 3600})
    for rule, verdict in narrow.items():
        assert verdict["outcome"] != "pass" or wide[rule]["outcome"] == "pass"


@given(LISTINGS, POLICIES, KNOWN)
def test_a_known_creation_only_excuses(rows, rules, known):
    """It never turns anything but a failure into something better, except for days before it, which need no backup.

    Whether something is hidden is another matter, and so the horizon is left out.
    """
    known = {**known, "horizon_seconds": None}
    without = verdicts(rules, rows, **{**known, "created_time": None})
    for rule, verdict in verdicts(rules, rows, **known).items():
        if rule != "daily" and verdict["outcome"] != without[rule]["outcome"]:
            better = ("not_applicable", "unknown") if rule == "min_usable" else ("not_applicable",)
            assert without[rule]["outcome"] == "fail" and verdict["outcome"] in better


@given(LISTINGS, POLICIES, KNOWN, st.integers(0, 60 * D), st.sampled_from([0, 1, -1, 5 * D, -5 * D]))
def test_an_instance_no_older_than_the_horizon_is_seen_in_full(rows, rules, known, age, more):
    """Then there is nothing that a horizon could hide; of an older one, what lies beyond may be there."""
    assume(age + more >= 0)
    known = {**known, "created_time": ago(age)}
    found = outcomes(verdicts(rules, rows, **{**known, "horizon_seconds": age + more}))
    if more >= 0:
        assert found == outcomes(verdicts(rules, rows, **{**known, "horizon_seconds": None}))
    else:
        for rule, (outcome, _actual) in found.items():
            assert outcome != "fail" or rule not in ("max_age", "min_retention") or _limit(rules[rule]) <= age + more


def _limit(value):
    return _policy.parse_policy({"max_age": value}).limits["max_age"]


@st.composite
def understood(draw, rows):
    """Return the rows with whatever wasn't clear about them cleared up, one way or the other."""
    made = []
    for row in rows:
        status = draw(st.sampled_from(["normal", "expired"])) if row["status"] == "unknown" else row["status"]
        start = row["start_time"] or ago(draw(AGES))
        type_word = draw(st.sampled_from(["manual", "system"])) if row["type"] == "unknown" else row["type"]
        usable = status in ("normal", "exporting", "exported")
        made.append({**row, "status": status, "usable": usable, "type": type_word, "start_time": start})
    return made


@examples(few=80)
@given(LISTINGS, PRESENCE_LIMITS, KNOWN, st.data())
def test_no_failure_is_mended_by_understanding_what_was_not(rows, limits, known, data):
    """A backup that wasn't understood may be one that a rule asks for: a failure that it may mend is unknown."""
    clear = data.draw(understood(rows))
    known = {**known, "status": None, "horizon_seconds": None}
    for rule, limit in limits.items():
        if judge(rule, limit, rows, **known)["outcome"] == "fail":
            assert judge(rule, limit, clear, **known)["outcome"] == "fail", rule


@given(LISTINGS, POLICIES, KNOWN)
def test_nothing_given_is_changed(rows, rules, known):
    policy = _policy.parse_policy(rules)
    what = [rows, instance(**known)]
    before = copy.deepcopy(what)
    first = _policy.evaluate(*what, policy, NOW)
    assert what == before
    assert _policy.evaluate(*what, policy, NOW) == first


@given(LISTINGS, st.integers(-(10**8), 10**8), st.sampled_from(ZONES), KNOWN)
def test_rules_of_durations_know_no_calendar(rows, shift, zone, known):
    by = timedelta(seconds=shift)
    rules = {name: limit for name, limit in LISTING_RULES.items() if name not in ("daily", "window")}

    def moved(text):
        return (
            text
            if text in (None, "rubbish")
            else iso(NOW.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) + by)
        )

    there = [{**row, "start_time": moved(row["start_time"])} for row in rows]
    then = {**known, "created_time": moved(known["created_time"])}
    assert outcomes(verdicts(rules, rows, zone=zone, **known)) == outcomes(
        verdicts(rules, there, NOW + by, zone=zone, **then)
    )


ANYTHING = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        ["2026-06-15T11:00:00Z", "0000-00-00 00:00:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"]
    ),
)
SHAPED = st.fixed_dictionaries(
    {
        "instance_id": st.just("crs-a1b2c3d4"),
        "backup_id": st.text(max_size=6),
        "type": st.one_of(TYPES, st.text(max_size=4)),
        "status": st.one_of(STATUSES, st.text(max_size=4)),
        "usable": st.booleans(),
        "remark": st.one_of(st.none(), st.text(max_size=12)),
        "start_time": ANYTHING,
        "size_bytes": st.one_of(st.none(), st.integers(0, 2**80)),
    }
)


@given(st.lists(SHAPED, max_size=6), KNOWN, ANYTHING, st.sampled_from(ZONES))
def test_no_record_is_too_strange_to_be_judged(rows, known, created, zone):
    for verdict in verdicts(ALL_RULES, rows, zone=zone, **{**known, "created_time": created}).values():
        assert verdict["outcome"] in OUTCOMES and verdict["message"]


@pytest.mark.parametrize("field", ["remark", "size_bytes"])
def test_fields_that_api_2_lacks_may_be_absent(field):
    row = backup(H, "normal", "manual")
    del row[field]
    assert (
        verdicts({"max_age": "26h", "required_remark": {"pattern": "a", "within": "6h"}}, [row])["max_age"]["outcome"]
        == "pass"
    )


def test_verdicts_over_a_thousand_backups_are_quick_and_the_same():
    rows = [backup(n * 3600 * 7, random.Random(n).choice(list(CODES)), backup_id=f"{n:04}") for n in range(1000)]
    assert verdicts(ALL_RULES, rows) == verdicts(ALL_RULES, rows[::-1])
