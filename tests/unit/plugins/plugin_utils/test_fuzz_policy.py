# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever stands in a variable: a limit that makes sense, or an error that names the variable. Nothing else comes out."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils import _times
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import limits, waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES
from ansible_collections.qcloud.crs.tests.unit.examples import examples
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW

pytestmark = pytest.mark.without_coverage

PREFIX = "crs_backup_policy_"
#: Values that are right somewhere, for wrong ones to be made of.
DURATIONS = ["26h", "7d", "90m", "3600s"]
GOOD = {
    limits.duration: DURATIONS,
    limits.count: ["1", 3],
    limits.flag: [True, "yes"],
    limits.days: ["7", 1],
    limits.window: ["01:00-05:00", "23:00 - 01:00", "00:00-24:00"],
    limits.remark: [
        {"pattern": pattern, "within": within} for pattern in ("^release-", "a|b", "") for within in DURATIONS
    ],
    limits.ratio: ["0.5", 1],
}
#: A rule for each parser, the last that has it: what is the same function can't differ.
PARSED = list({rule.kind.parse: name for name, rule in RULES.items()}.values())
WAIVER = {"rule": "max_age", "reason": "CHG-1", "owner": "dba", "expires": "2099-01-01T00:00:00+08:00"}

#: Known to break one reader of numbers, times or patterns or another.
ODD = [
    *("9" * 5000, "\u0661\u0662", "\u00b2", "1e9", "nan", "inf", "-1", "0x10", "1_0", "\ud800", "\x00"),
    *("a{99999999999}", "(" * 2000 + ")" * 2000, "[", "(?P<a", "24:00-24:00", "../../etc/localtime", "Factory"),
    *(10**400, -(10**400), 2**63, 1e308, float("nan"), float("inf"), -0.0),
]
#: As bytes come from a file: any text, and characters of which right values are made.
RAW = st.binary(max_size=24).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
TEXT = st.one_of(RAW, st.text(max_size=12), st.text("0123456789hdmsw:-+. TZ", max_size=16))
#: As YAML and JSON have them.
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(ODD),
    TEXT,
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(timezone.utc)),
)
ANY = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.one_of(st.sampled_from(["pattern", "within", *WAIVER, "instance"]), LEAF), inner, max_size=5
        )
    ),
    max_leaves=8,
)


@st.composite
def bent(draw, text):
    """A text with a piece of it replaced."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    return text[:start] + draw(TEXT) + text[end:]


@st.composite
def values(draw, good):
    """A right value, a wrong one made of it, or anything."""
    one = draw(st.sampled_from(good))
    kind = draw(st.sampled_from(["good", "bent", "bent", "any"]))
    if kind == "good":
        return one
    if kind == "any":
        return draw(ANY)
    if isinstance(one, dict):
        return {**one, draw(st.sampled_from([*one, "more"])): draw(st.one_of(TEXT, ANY))}
    return draw(bent(str(one)))


@pytest.mark.parametrize("rule", PARSED)
def test_a_limit_or_an_error_that_names_the_variable(rule):
    ends = Counter()

    @examples(few=60)
    @given(values(GOOD[RULES[rule].kind.parse]))
    def parse(value):
        try:
            policy = _policy.parse_policy({rule: value}, PREFIX)
        except InvalidOption as error:
            assert PREFIX + rule in str(error) or str(error).startswith("no rule is on")
            str(error).encode("utf-8")
            ends["error"] += 1
        else:
            check(rule, policy)
            ends["limit"] += 1

    parse()
    assert ends["limit"] >= 3 and ends["error"] >= 3, ends


@pytest.mark.parametrize("rule", PARSED)
def test_odd_values_are_refused_or_make_sense(rule):
    inside = [{"pattern": odd, "within": "6h"} for odd in ODD] + [{"pattern": "a", "within": odd} for odd in ODD]
    for value in [*ODD, *(inside if rule == "required_remark" else [])]:
        try:
            check(rule, _policy.parse_policy({rule: value, "timezone": "UTC"}, PREFIX))
        except InvalidOption as error:
            assert PREFIX + rule in str(error)


def check(rule, policy):
    """A limit is within its bounds, and can be judged by, said and compared."""
    (limit,) = policy.limits.values()
    if rule == "window":
        assert limit.begin.tzinfo is limit.end.tzinfo is None and limit.text.count("-") == 1
    elif rule == "required_remark":
        assert 0 < limit.within <= 3660 * 86400 and isinstance(limit.pattern, re.Pattern)
    elif rule == "auto_backup":
        assert limit is True
    elif rule == "min_size_ratio":
        assert 0 < limit <= 1
    else:
        assert isinstance(limit, int) and not isinstance(limit, bool) and 0 < limit <= 3660 * 86400
    _policy.lint(policy, "v2", 7 * 86400, PREFIX)
    assert 0 <= _policy.min_look_back(policy) <= 2 * 3660 * 86400
    (verdict,) = _policy.evaluate([], {"complete": True, "error": None}, policy, NOW)
    assert verdict["outcome"] in _policy.OUTCOMES and verdict["message"]


@examples(few=50)
@given(values(["+08:00", "Asia/Shanghai", "UTC"]))
def test_a_zone_or_an_error(value):
    try:
        policy = _policy.parse_policy({"max_age": "26h", "timezone": value}, PREFIX)
    except InvalidOption as error:
        assert f"{PREFIX}timezone" in str(error)
    else:
        assert abs(NOW.astimezone(policy.zone).utcoffset()) <= timedelta(hours=24)


@examples(few=50)
@given(values(["26h", "7d", "45s", 90]))
def test_a_duration_or_an_error(value):
    try:
        seconds = _times.parse_duration(value, "option")
    except InvalidOption as error:
        assert str(error).startswith("option ")
    else:
        assert isinstance(seconds, int) and seconds >= 0
        assert _times.say_duration(seconds)


@examples(few=50)
@given(values(["-7d", "2017-02-08 16:46:34", "2017-02-08T16:46:34+08:00", "+30m"]))
def test_a_moment_or_an_error(value):
    try:
        moment = _times.parse_moment(value, timezone(timedelta(hours=8)), NOW, "begin_time")
    except InvalidOption as error:
        assert str(error).startswith("begin_time ")
    else:
        assert moment.utcoffset() == timedelta(0) and _times.to_iso(moment)


RIGHT_WAIVERS = [WAIVER, {**WAIVER, "instance": "crs-1"}]
ONE_WAIVER = values(RIGHT_WAIVERS)
WAIVERS = st.one_of(
    ANY,
    st.lists(st.sampled_from(RIGHT_WAIVERS), min_size=1, max_size=2),
    st.lists(ONE_WAIVER, min_size=1, max_size=2),
    st.lists(ANY, max_size=3),
)


def test_waivers_or_an_error_that_names_the_place():
    ends = Counter()

    @examples(few=120)
    @given(WAIVERS)
    def parse(value):
        name = f"{PREFIX}waivers"
        try:
            found = waivers.parse_waivers(value, name)
        except InvalidOption as error:
            assert str(error).startswith(name)
            str(error).encode("utf-8")
            ends["error"] += 1
        else:
            ends["waivers"] += bool(found)
            for waiver in found:
                assert waiver.rule in RULES and waiver.reason.strip() and waiver.owner.strip()
                assert waiver.expires.utcoffset() == timedelta(0)
                assert waiver.instance is None or waiver.instance.strip()
            assert hash(found) is not None

    parse()
    assert ends["waivers"] >= 10 and ends["error"] >= 10, ends
