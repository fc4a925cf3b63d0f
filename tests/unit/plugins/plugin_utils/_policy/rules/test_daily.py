# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""daily: a usable backup on each completed day, in the policy's zone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    NOW,
    D,
    Example,
    Row,
    ago,
    backup,
    days,
    name_of,
    sentences,
    utc,
)


def at(*times, **more):
    return [backup(at=time, **more) for time in times]


EXAMPLES = {"daily": Example(3, 3, (3, days(2, 3), None), True, tuple(range(1, 15)))}
# NOW is 20:00 of 15 June in +08:00: the last completed days are 14, 13 and 12 June.
GOOD = at("2026-06-13T18:00:00Z", "2026-06-12T18:00:00Z", "2026-06-11T18:00:00Z")
ROWS = [
    Row("each day", 3, GOOD, "pass", 3),
    Row("more days than asked", 2, GOOD, "pass", 2),
    Row("one day missing", 3, GOOD[:2], "fail", 2, "missing"),
    Row("the middle missing", 3, [GOOD[0], GOOD[2]], "fail", 2, "missing"),
    Row("none", 3, [], "fail", 0, "missing"),
    Row("five missing", 5, [], "fail", 0, "missing"),
    Row("one day", 1, GOOD[:1], "pass", 1),
    Row(
        "a long list is cut",
        9,
        GOOD,
        "fail",
        3,
        "missing",
    ),
    Row("today does not count", 1, at("2026-06-15T01:00:00Z"), "fail", 0, "missing"),
    Row("today is not needed", 1, at("2026-06-14T01:00:00Z"), "pass", 1),
    Row(
        "seven in one day",
        3,
        at(*[f"2026-06-13T{hour:02}:00:00Z" for hour in range(1, 8)]),
        "fail",
        1,
        "missing",
    ),
    Row("first second of a day", 1, at("2026-06-13T16:00:00Z"), "pass", 1),
    Row("a second before", 1, at("2026-06-13T15:59:59Z"), "fail", 0, "missing"),
    Row("last second of a day", 1, at("2026-06-14T15:59:59Z"), "pass", 1),
    Row("a second after", 1, at("2026-06-14T16:00:00Z"), "fail", 0, "missing"),
    Row("the day is the zone's, not UTC's", 1, at("2026-06-13T18:30:00Z"), "fail", 0, "missing", zone="UTC"),
    Row(
        "the last completed day is the zone's, too",
        1,
        at("2026-06-15T01:00:00Z"),
        "pass",
        1,
        now=utc("2026-06-15T16:00:00Z"),
    ),
    Row("in progress", 1, at("2026-06-14T01:00:00Z", status="locked"), "fail", 0, "missing"),
    Row("exporting", 1, at("2026-06-14T01:00:00Z", status="exporting"), "pass", 1),
    Row("exported", 1, at("2026-06-14T01:00:00Z", status="exported"), "pass", 1),
    Row("expired", 1, at("2026-06-14T01:00:00Z", status="expired"), "fail", 0, "missing"),
    Row("unknown code that day", 1, at("2026-06-14T01:00:00Z", status="unknown"), "unknown", 0, "unclear"),
    Row("unknown code another day", 1, at("2026-06-12T01:00:00Z", status="unknown"), "fail", 0, "missing"),
    Row("unknown code beside a good one", 3, GOOD + at("2026-06-14T01:00:00Z", status="unknown"), "pass", 3),
    Row("undated", 3, [*GOOD[:2], backup(undated=True)], "unknown", 2, "unclear"),
    Row("undated beside all", 3, [*GOOD, backup(undated=True)], "pass", 3),
    # A doubt stands for one day at most: fewer of them than missing days mend nothing.
    Row("one undated, two days missing", 3, [GOOD[0], backup(undated=True)], "fail", 1, "missing"),
    Row("two undated, two days missing", 3, [GOOD[0], *[backup(undated=True)] * 2], "unknown", 1, "unclear"),
    Row("two undated, three days missing", 3, [backup(undated=True)] * 2, "fail", 0, "missing"),
    Row(
        "unknown codes on both missing days",
        3,
        GOOD[:1] + at("2026-06-12T18:00:00Z", "2026-06-11T18:00:00Z", status="unknown"),
        "unknown",
        1,
        "unclear",
    ),
    Row(
        "an unknown code on one of two missing days",
        3,
        GOOD[:1] + at("2026-06-12T18:00:00Z", status="unknown"),
        "fail",
        1,
        "missing",
    ),
    Row(
        "an unknown code and an undated one for two missing days",
        3,
        [*GOOD[:1], *at("2026-06-12T18:00:00Z", status="unknown"), backup(undated=True)],
        "unknown",
        1,
        "unclear",
    ),
    Row("ahead", 3, [*GOOD, backup(-601)], "unknown", None, "dated_ahead"),
    Row("within the slack ahead", 3, [*GOOD, backup(-600)], "pass", 3),
    Row(
        "horizon shorter, only hidden days missing",
        4,
        GOOD,
        "unknown",
        3,
        "hidden",
        horizon_seconds=4 * D,
    ),
    Row("horizon shorter, a shown day missing", 4, GOOD[:2], "fail", 2, "missing", horizon_seconds=4 * D),
    Row("horizon at the day's first second", 4, GOOD, "fail", 3, "missing", horizon_seconds=4 * D + 20 * 3600),
    Row("horizon a second into the day", 4, GOOD, "unknown", 3, "hidden", horizon_seconds=4 * D + 20 * 3600 - 1),
    Row("horizon hides nothing", 3, [], "fail", 0, "missing", horizon_seconds=28 * D),
    Row(
        "horizon shorter, a hidden day and a doubtful one missing",
        4,
        [GOOD[0], GOOD[2], *at("2026-06-12T18:00:00Z", status="unknown")],
        "unknown",
        2,
        "unclear",
        horizon_seconds=4 * D,
    ),
    Row(
        "horizon shorter, an instance as old as it",
        5,
        GOOD,
        "fail",
        3,
        "missing",
        horizon_seconds=5 * D,
        created_time=ago(5 * D),
    ),
    Row(
        "no day completed yet",
        3,
        [],
        "not_applicable",
        None,
        "too_young",
        created_time="2026-06-14T00:00:00+08:00",
    ),
    Row("created today", 3, [], "not_applicable", None, "too_young", created_time="2026-06-15T00:00:00+08:00"),
    Row("one completed day, missed", 3, [], "fail", 0, "missing", created_time="2026-06-13T23:59:59+08:00"),
    Row("one completed day, kept", 3, GOOD[:1], "pass", 1, created_time="2026-06-13T23:59:59+08:00"),
    Row("exactly as old as the rule", 3, GOOD, "pass", 3, created_time="2026-06-11T23:59:59+08:00"),
    Row(
        "a day of its creation is not asked",
        3,
        GOOD[:2],
        "pass",
        2,
        created_time="2026-06-12T00:00:00+08:00",
    ),
    Row("creation not known", 3, GOOD[:1], "fail", 1, "missing"),
    Row("creation not readable", 3, GOOD[:1], "fail", 1, "missing", created_time="0000-00-00 00:00:00"),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_daily(row):
    row.check("daily")


#: zone, the day's date, its first and last second: 23 hours in spring, 25 in autumn.
CHANGES = [
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z"),
    ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z"),
    ("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T03:59:59Z"),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T04:59:59Z"),
]


@pytest.mark.parametrize("zone, day, first, last", CHANGES)
@pytest.mark.parametrize(
    "shift, inside", [("first", True), ("before first", False), ("last", True), ("after last", False)]
)
def test_a_day_on_which_clocks_change(zone, day, first, last, shift, inside):
    second = timedelta(seconds=1)
    moment = {
        "first": utc(first),
        "before first": utc(first) - second,
        "last": utc(last),
        "after last": utc(last) + second,
    }[shift]
    now = utc(last) + timedelta(hours=12)  # some time of the next day
    rows = [backup(at=moment.strftime("%Y-%m-%dT%H:%M:%SZ"))]
    outcome, code = ("pass", "met") if inside else ("fail", "missing")
    verdict = Row("", 1, rows, outcome, int(inside), code, now=now, zone=zone).check("daily")
    assert (str(day) in verdict["message"]) is not inside


@pytest.mark.parametrize(
    "zone, first, second",
    [
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ("America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"),
    ],
)
def test_an_hour_that_occurs_twice_is_on_one_day(zone, first, second):
    now = utc(first) + timedelta(hours=36)
    Row("", 2, at(first, second), "fail", 1, "missing", now=now, zone=zone).check("daily")


def test_days_far_back_in_the_calendar_are_no_trouble():
    Row("", 366, days(*range(400), now=NOW), "pass", 366, created_time=ago(500 * D)).check("daily")


#: What people read of each way in which daily comes out.
SENTENCES = {
    "each day": "usable backups on 3 of the last 3 completed days",
    "one day missing": "usable backups on 2 of the last 3 completed days, none on 2026-06-12",
    "none": "usable backups on 0 of the last 3 completed days, none on 2026-06-12, 2026-06-13, 2026-06-14",
    "five missing": (
        "usable backups on 0 of the last 5 completed days, none on 2026-06-10, 2026-06-11, 2026-06-12, "
        "2026-06-13, 2026-06-14"
    ),
    "a long list is cut": (
        "usable backups on 3 of the last 9 completed days, none on 2026-06-06, 2026-06-07, 2026-06-08, "
        "2026-06-09, 2026-06-10, ..."
    ),
    "seven in one day": "usable backups on 1 of the last 3 completed days, none on 2026-06-12, 2026-06-14",
    "unknown code that day": (
        "usable backups on 0 of the last 1 completed days, none on 2026-06-14: 1 of its backups has an undocumented "
        "status or type"
    ),
    "undated": (
        "usable backups on 2 of the last 3 completed days, none on 2026-06-12: 1 of its backups has a time that "
        "can't be read"
    ),
    "two undated, two days missing": (
        "usable backups on 1 of the last 3 completed days, none on 2026-06-12, 2026-06-13: 2 of its backups have "
        "a time that can't be read"
    ),
    "unknown codes on both missing days": (
        "usable backups on 1 of the last 3 completed days, none on 2026-06-12, 2026-06-13: 2 of its backups have "
        "an undocumented status or type"
    ),
    "ahead": "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
    "horizon shorter, only hidden days missing": (
        "usable backups on 3 of the last 4 completed days, none on 2026-06-11: the listing shows only the last 4d"
    ),
    "no day completed yet": "the instance has no completed day yet",
}


def test_sentences():
    assert SENTENCES.items() <= sentences("daily", ROWS).items()
