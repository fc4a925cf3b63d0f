# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""max_age, max_age_system and max_age_manual: the newest usable backup, of any type or of one."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_api_time, parse_zone, to_iso
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    Example,
    H,
    M,
    Row,
    ago,
    backup,
    days,
    judge,
    sentences,
    utc,
)

EXAMPLES = {
    "max_age": Example("26h", 26 * H, ("26h", days(2, 3), None), True, ("1h", "26h", "7d", "30d")),
    "max_age_system": Example("26h", 26 * H, ("26h", [backup(H, type="manual")], None), True, ("26h", "7d")),
    "max_age_manual": Example("26h", 26 * H, ("26h", [backup(H)], None), True, ("26h", "30d")),
}
LIMIT = 26 * H


def table(of):
    """Rows that hold for all three, which are one function; ``of`` is the type that counts."""

    def b(age=0, status="normal", **more):
        return backup(age, status, of, **more)

    return [
        Row(
            "a second within",
            "26h",
            [b(LIMIT - 1)],
            "pass",
            LIMIT - 1,
        ),
        Row("on the limit", "26h", [b(LIMIT)], "pass", LIMIT),
        Row("a second over", "26h", [b(LIMIT + 1)], "fail", LIMIT + 1, "exceeded"),
        Row("59 seconds over", "26h", [b(LIMIT + 59)], "fail", LIMIT + 59, "exceeded"),
        Row("a minute over", "26h", [b(LIMIT + M)], "fail", LIMIT + M, "exceeded"),
        Row("limit in seconds", f"{LIMIT}s", [b(LIMIT)], "pass", LIMIT),
        Row("limit of minutes", "90m", [b(90 * M + 1)], "fail", 90 * M + 1, "exceeded"),
        Row("minutes, on the limit", "90m", [b(90 * M)], "pass", 90 * M),
        # Words of days leave out up to an hour.
        Row("59 minutes over", "3d", [b(3 * D + H - 1)], "fail", 3 * D + H - 1, "exceeded"),
        Row("an hour over", "3d", [b(3 * D + H)], "fail", 3 * D + H, "exceeded"),
        Row("within, in the same words", "5459s", [b(5401)], "pass", 5401),
        Row("none", "26h", [], "fail", None, "none"),
        Row("just now", "26h", [b(0)], "pass", 0),
        Row("many, unsorted", "26h", [b(3 * D), b(25 * H), b(9 * D), b(D)], "pass", D),
        Row("several a day", "26h", [b(2 * H), b(H), b(3 * H)], "pass", H),
        Row("many, all old", "26h", [b(2 * D), b(3 * D), b(4 * D)], "fail", 2 * D, "exceeded"),
        Row("in progress only", "26h", [b(H, "locked")], "fail", None, "none"),
        Row(
            "in progress beside an old one",
            "26h",
            [b(H, "locked"), b(27 * H)],
            "fail",
            27 * H,
            "exceeded",
        ),
        Row(
            "in progress, a second over",
            "26h",
            [b(H, "locked"), b(LIMIT + 1)],
            "fail",
            LIMIT + 1,
            "exceeded",
        ),
        Row(
            "in progress beside a good one",
            "26h",
            [b(H, "locked"), b(LIMIT)],
            "pass",
            LIMIT,
        ),
        Row(
            "the newest in progress",
            "26h",
            [b(9 * H, "locked"), b(M, "locked")],
            "fail",
            None,
            "none",
        ),
        Row("exporting", "26h", [b(H, "exporting")], "pass", H),
        Row("exported", "26h", [b(H, "exported")], "pass", H),
        Row("expired only", "26h", [b(H, "expired")], "fail", None, "none"),
        Row("expired beside an old one", "26h", [b(H, "expired"), b(30 * H)], "fail", 30 * H, "exceeded"),
        Row("unknown code", "26h", [b(H, "unknown")], "unknown", None, "unclear"),
        Row("unknown code on the limit", "26h", [b(LIMIT, "unknown"), b(3 * D)], "unknown", 3 * D, "unclear"),
        Row("unknown code beyond the limit", "26h", [b(LIMIT + 1, "unknown"), b(3 * D)], "fail", 3 * D, "exceeded"),
        Row("unknown code beside a good one", "26h", [b(H, "unknown"), b(2 * H)], "pass", 2 * H),
        Row("within the slack ahead", "26h", [b(-600)], "pass", 0),
        Row(
            "beyond the slack ahead",
            "26h",
            [b(-601)],
            "unknown",
            None,
            "dated_ahead",
        ),
        Row("ahead beside a good one", "26h", [b(-8 * H), b(H)], "unknown", None, "dated_ahead"),
        Row("ahead and expired", "26h", [b(-8 * H, "expired"), b(H)], "unknown", None, "dated_ahead"),
        Row(
            "ahead, of another type",
            "26h",
            [backup(-8 * H, type="spec_change"), b(H)],
            "unknown",
            None,
            "dated_ahead",
        ),
        Row(
            "undated only",
            "26h",
            [b(undated=True)],
            "unknown",
            None,
            "unclear",
        ),
        Row("undated beside an old one", "26h", [b(undated=True), b(2 * D)], "unknown", 2 * D, "unclear"),
        Row("undated beside a good one", "26h", [b(undated=True), b(D)], "pass", D),
        Row("undated and expired", "26h", [b(undated=True, status="expired"), b(2 * D)], "fail", 2 * D, "exceeded"),
        Row("undated and in progress", "26h", [b(undated=True, status="locked"), b(2 * D)], "fail", 2 * D, "exceeded"),
        Row("undated with an unknown code", "26h", [b(undated=True, status="unknown")], "unknown", None, "unclear"),
        Row(
            "horizon shorter, none",
            "14d",
            [],
            "unknown",
            None,
            "hidden",
            horizon_seconds=7 * D,
        ),
        Row("horizon shorter, a good one", "14d", [b(6 * D)], "pass", 6 * D, horizon_seconds=7 * D),
        Row("horizon equal, none", "7d", [], "fail", None, "none", horizon_seconds=7 * D),
        Row(
            "horizon a second shorter, none",
            "7d",
            [],
            "unknown",
            None,
            "hidden",
            horizon_seconds=7 * D - 1,
        ),
        Row("horizon longer, none", "26h", [], "fail", None, "none", horizon_seconds=7 * D),
        # Of an instance that isn't older than what is shown, nothing is hidden: what isn't there was never made.
        Row(
            "horizon shorter, an instance as old as it",
            "14d",
            [],
            "not_applicable",
            None,
            "too_young",
            horizon_seconds=7 * D,
            created_time=ago(7 * D),
        ),
        Row(
            "horizon shorter, an instance a second older",
            "14d",
            [],
            "unknown",
            None,
            "hidden",
            horizon_seconds=7 * D,
            created_time=ago(7 * D + 1),
        ),
        Row(
            "younger, none",
            "26h",
            [],
            "not_applicable",
            None,
            "too_young",
            created_time=ago(LIMIT - 1),
        ),
        Row("exactly as old, none", "26h", [], "fail", None, "none", created_time=ago(LIMIT)),
        Row("older, none", "26h", [], "fail", None, "none", created_time=ago(LIMIT + 1)),
        Row("younger, a good one", "26h", [b(H)], "pass", H, created_time=ago(2 * H)),
        Row("younger, an unknown code", "26h", [b(H, "unknown")], "unknown", None, "unclear", created_time=ago(2 * H)),
        Row("creation not known", "26h", [], "fail", None, "none", created_time=None),
        Row("creation not readable", "26h", [], "fail", None, "none", created_time="0000-00-00 00:00:00"),
        Row("creation without offset", "26h", [], "fail", None, "none", created_time="2026-06-15 11:00:00"),
        Row(
            "creation with another offset",
            "26h",
            [],
            "not_applicable",
            None,
            "too_young",
            created_time="2026-06-15T19:00:00+08:00",
        ),
        Row(
            "created within the slack ahead", "26h", [], "not_applicable", None, "too_young", created_time=ago(-10 * M)
        ),
        Row("created beyond the slack ahead", "26h", [], "fail", None, "none", created_time=ago(-10 * M - 1)),
        Row(
            "created ahead, and a short horizon",
            "14d",
            [],
            "unknown",
            None,
            "hidden",
            horizon_seconds=7 * D,
            created_time=ago(-10 * M - 1),
        ),
    ]


#: Rows of the table that each rule of one type must pass, too, which shows that it is the same function with another type.
SHOWN = (
    "a second within",
    "on the limit",
    "a second over",
    "none",
    "in progress beside an old one",
    "expired only",
    "unknown code",
    "unknown code on the limit",
    "undated beside an old one",
    "horizon shorter, none",
    "younger, none",
)


def shown(of):
    rows = {row.name: row for row in table(of)}
    return [rows[name] for name in SHOWN]


@pytest.mark.parametrize("row", table("system"), ids=lambda row: row.name)
def test_max_age(row):
    row.check("max_age")


@pytest.mark.parametrize(
    "row",
    [
        *shown("manual"),
        *shown("spec_change"),
        Row("a fresh one of any type", "26h", [backup(H, type="unknown"), backup(2 * D)], "pass", H),
        Row("the newest of all types", "26h", [backup(9 * H, type="manual"), backup(8 * H)], "pass", 8 * H),
    ],
    ids=lambda row: row.name,
)
def test_max_age_of_any_type(row):
    row.check("max_age")


def typed(of, other):
    return [
        *shown(of),
        Row("fresh, of another type", "26h", [backup(H, type=other)], "fail", None, "none"),
        Row("fresh, for a spec change", "26h", [backup(H, type="spec_change")], "fail", None, "none"),
        Row(
            "old, and a fresh one of another type",
            "26h",
            [backup(H, type=other), backup(2 * D, type=of)],
            "fail",
            2 * D,
            "exceeded",
        ),
        Row(
            "fresh, of an unknown type",
            "26h",
            [backup(H, type="unknown")],
            "unknown",
            None,
            "unclear",
        ),
        Row("old, of an unknown type", "26h", [backup(2 * D, type="unknown")], "fail", None, "none"),
        Row(
            "unknown type beside a good one", "26h", [backup(H, type="unknown"), backup(2 * H, type=of)], "pass", 2 * H
        ),
        Row("unknown code of another type", "26h", [backup(H, "unknown", other)], "fail", None, "none"),
        Row("unknown code and type", "26h", [backup(H, "unknown", "unknown")], "unknown", None, "unclear"),
        Row(
            "undated, of another type",
            "26h",
            [backup(type=other, undated=True)],
            "fail",
            None,
            "none",
        ),
        Row(
            "expired, of an unknown type",
            "26h",
            [backup(H, "expired", "unknown")],
            "fail",
            None,
            "none",
        ),
        Row(
            "undated, of an unknown type",
            "26h",
            [backup(type="unknown", undated=True)],
            "unknown",
            None,
            "unclear",
        ),
    ]


@pytest.mark.parametrize("row", typed("system", "manual"), ids=lambda row: row.name)
def test_max_age_system(row):
    row.check("max_age_system")


@pytest.mark.parametrize("row", typed("manual", "system"), ids=lambda row: row.name)
def test_max_age_manual(row):
    row.check("max_age_manual")


@pytest.mark.parametrize("rule, of", [("max_age_system", "system"), ("max_age_manual", "manual")])
def test_a_backup_of_unknown_type_and_time_is_counted_once(rule, of):
    Row("", "26h", [backup(type="unknown", undated=True)], "unknown", None, "unclear").check(rule)


@pytest.mark.parametrize(
    "bare", ["0000-00-00 00:00:00", "", None, "2026-13-01 00:00:00", "2026-06-15T11:00:00", 0, "0001-01-01 00:00:00"]
)
def test_times_of_the_api_that_say_nothing_are_no_times(bare):
    """What the API writes for "none" is null in the records, and so undated for the rules."""
    start = to_iso(parse_api_time(bare, parse_zone("+08:00")))
    assert start is None
    row = {**backup(H), "start_time": start}
    Row("", "26h", [row], "unknown", None, "unclear").check("max_age")


@pytest.mark.parametrize(
    "zone, outcome", [("+08:00", "pass"), ("UTC", "unknown"), ("America/New_York", "unknown"), ("+14:00", "pass")]
)
def test_the_wrong_zone_of_the_api_shows_as_a_time_in_the_future(zone, outcome):
    """A backup of an hour ago, written in +08:00 and read in another zone."""
    start = to_iso(parse_api_time("2026-06-15 19:00:00", parse_zone(zone)))
    age, code = (None, "dated_ahead") if outcome == "unknown" else (7 * H if zone == "+14:00" else H, "met")
    Row("", "26h", [backup(at=start)], outcome, age, code).check("max_age")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "+08:00"])
@pytest.mark.parametrize(
    "now", ["2026-03-29T12:00:00Z", "2026-10-25T12:00:00Z", "2026-03-08T12:00:00Z", "2026-11-01T12:00:00Z"]
)
def test_a_changed_clock_changes_no_age(now, zone):
    """26 hours are 26 hours on a day of 23 or 25."""
    now = utc(now)
    Row("", "26h", [backup(LIMIT, now=now)], "pass", LIMIT, now=now, zone=zone).check("max_age")
    Row("", "26h", [backup(LIMIT + 1, now=now)], "fail", LIMIT + 1, "exceeded", now=now, zone=zone).check("max_age")


def test_a_good_backup_a_day_does_not_cry_over_weeks():
    Row("", "26h", days(*range(30)), "pass", 0).check("max_age")


@pytest.mark.parametrize("rule", ["max_age", "max_age_system"])
def test_what_is_in_progress_is_of_no_interest_where_all_is_well(rule):
    assert "in progress" not in judge(rule, "26h", [backup(H, "locked"), backup(2 * H)])["message"]


def test_a_backup_of_any_type_in_progress_is_noted():
    """The type of the backup in progress does not matter: only one runs at a time."""
    verdict = judge("max_age_manual", "26h", [backup(H, "locked", "system"), backup(27 * H, type="manual")])
    assert "(one in progress for 1h), limit 26h" in verdict["message"]


def test_a_message_of_a_failure_tells_actual_from_limit():
    """Half a minute over the limit: "started 26h ago, limit 26h" would look like a mistake of the tool."""
    on, over = (judge("max_age", "26h", [backup(age)]) for age in (LIMIT, LIMIT + 30))
    assert (on["outcome"], over["outcome"]) == ("pass", "fail")
    assert on["message"] != over["message"]


#: What people read of each way in which max_age comes out.
MAX_AGE_SENTENCES = {
    "a second within": "newest usable backup started 25h 59m ago, limit 26h",
    "a second over": "newest usable backup started 93601 s ago, limit 93600 s",
    "a minute over": "newest usable backup started 26h 1m ago, limit 26h",
    "within, in the same words": "newest usable backup started 5401 s ago, limit 5459 s",
    "none": "no usable backup, limit 26h",
    "in progress only": "no usable backup (one in progress for 1h), limit 26h",
    "in progress beside an old one": "newest usable backup started 27h ago (one in progress for 1h), limit 26h",
    "in progress, a second over": "newest usable backup started 93601 s ago (one in progress for 1h), limit 93600 s",
    "unknown code": "no usable backup, limit 26h: 1 of its backups has an undocumented status or type",
    "unknown code on the limit": (
        "newest usable backup started 3d ago, limit 26h: 1 of its backups has an undocumented status or type"
    ),
    "beyond the slack ahead": "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
    "undated only": "no usable backup, limit 26h: 1 of its backups has a time that can't be read",
    "undated beside an old one": (
        "newest usable backup started 2d ago, limit 26h: 1 of its backups has a time that can't be read"
    ),
    "horizon shorter, none": "no usable backup, limit 14d: the listing shows only the last 7d",
    "horizon shorter, an instance as old as it": "no usable backup, limit 14d: the instance is 7d old, too young",
}


def test_sentences_of_max_age():
    assert MAX_AGE_SENTENCES.items() <= sentences("max_age", table("system")).items()


#: What people read of each way in which max_age_system comes out.
MAX_AGE_SYSTEM_SENTENCES = {
    "a second within": "newest usable system backup started 25h 59m ago, limit 26h",
    "a second over": "newest usable system backup started 93601 s ago, limit 93600 s",
    "none": "no usable system backup, limit 26h",
    "in progress beside an old one": "newest usable system backup started 27h ago (one in progress for 1h), limit 26h",
    "unknown code": "no usable system backup, limit 26h: 1 of its backups has an undocumented status or type",
    "unknown code on the limit": (
        "newest usable system backup started 3d ago, limit 26h: 1 of its backups has an undocumented status or type"
    ),
    "undated beside an old one": (
        "newest usable system backup started 2d ago, limit 26h: 1 of its backups has a time that can't be read"
    ),
    "horizon shorter, none": "no usable system backup, limit 14d: the listing shows only the last 7d",
    "younger, none": "no usable system backup, limit 26h: the instance is 25h 59m old, too young",
    "old, and a fresh one of another type": "newest usable system backup started 2d ago, limit 26h",
    "undated, of an unknown type": (
        "no usable system backup, limit 26h: 1 of its backups has a time that can't be read"
    ),
}


def test_sentences_of_max_age_system():
    assert MAX_AGE_SYSTEM_SENTENCES.items() <= sentences("max_age_system", typed("system", "manual")).items()


#: What people read of each way in which max_age_manual comes out.
MAX_AGE_MANUAL_SENTENCES = {
    "a second within": "newest usable manual backup started 25h 59m ago, limit 26h",
    "a second over": "newest usable manual backup started 93601 s ago, limit 93600 s",
    "none": "no usable manual backup, limit 26h",
    "in progress beside an old one": "newest usable manual backup started 27h ago (one in progress for 1h), limit 26h",
    "unknown code": "no usable manual backup, limit 26h: 1 of its backups has an undocumented status or type",
    "unknown code on the limit": (
        "newest usable manual backup started 3d ago, limit 26h: 1 of its backups has an undocumented status or type"
    ),
    "undated beside an old one": (
        "newest usable manual backup started 2d ago, limit 26h: 1 of its backups has a time that can't be read"
    ),
    "horizon shorter, none": "no usable manual backup, limit 14d: the listing shows only the last 7d",
    "younger, none": "no usable manual backup, limit 26h: the instance is 25h 59m old, too young",
    "old, and a fresh one of another type": "newest usable manual backup started 2d ago, limit 26h",
    "undated, of an unknown type": (
        "no usable manual backup, limit 26h: 1 of its backups has a time that can't be read"
    ),
}


def test_sentences_of_max_age_manual():
    assert MAX_AGE_MANUAL_SENTENCES.items() <= sentences("max_age_manual", typed("manual", "system")).items()
