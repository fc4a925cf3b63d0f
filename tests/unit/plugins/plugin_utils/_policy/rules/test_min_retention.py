# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""min_retention: the oldest usable backup reaches far enough back."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    Example,
    H,
    M,
    Row,
    ago,
    backup,
    days,
    name_of,
    sentences,
    utc,
)

EXAMPLES = {"min_retention": Example("6d", 6 * D, ("6d", days(0, 1), None), True, ("1h", "6d", "7d", "14d"))}
LIMIT = 6 * D
GRACE = LIMIT + 26 * H
SPRING = utc("2026-03-30T10:00:00Z")

ROWS = [
    Row(
        "a second over",
        "6d",
        [backup(LIMIT + 1)],
        "pass",
        LIMIT + 1,
    ),
    Row("an hour over", "6d", [backup(LIMIT + H)], "pass", LIMIT + H),
    Row(
        "short, in the same words",
        f"{LIMIT + M}s",
        [backup(LIMIT)],
        "fail",
        LIMIT,
        "too_short",
    ),
    Row("on the limit", "6d", [backup(LIMIT)], "pass", LIMIT),
    Row(
        "a second short",
        "6d",
        [backup(LIMIT - 1)],
        "fail",
        LIMIT - 1,
        "too_short",
    ),
    Row("none", "6d", [], "fail", None, "none"),
    Row("many, unsorted", "6d", days(3, 0, 6.5, 1), "pass", int(6.5 * D)),
    Row("many, too young", "6d", days(0, 1, 2, 3), "fail", 3 * D, "too_short"),
    Row("seven in one day", "6d", [backup(n * H) for n in range(7)], "fail", 6 * H, "too_short"),
    Row("the oldest in progress", "6d", [backup(7 * D, "locked"), backup(D)], "fail", D, "too_short"),
    Row("the oldest exporting", "6d", [backup(7 * D, "exporting"), backup(D)], "pass", 7 * D),
    Row("the oldest exported", "6d", [backup(7 * D, "exported"), backup(D)], "pass", 7 * D),
    Row("the oldest expired", "6d", [backup(7 * D, "expired"), backup(5 * D)], "fail", 5 * D, "too_short"),
    Row(
        "the oldest of an unknown code",
        "6d",
        [backup(7 * D, "unknown"), backup(D)],
        "unknown",
        D,
        "unclear",
    ),
    Row("unknown code on the limit", "6d", [backup(LIMIT, "unknown")], "unknown", None, "unclear"),
    Row("unknown code a second short", "6d", [backup(LIMIT - 1, "unknown")], "fail", None, "none"),
    Row("unknown code beside a good one", "6d", [backup(8 * D, "unknown"), backup(7 * D)], "pass", 7 * D),
    Row("within the slack ahead", "6d", [backup(-600), backup(LIMIT)], "pass", LIMIT),
    Row("ahead beside a good one", "6d", [backup(-8 * H), backup(LIMIT)], "unknown", None, "dated_ahead"),
    Row(
        "undated",
        "6d",
        [backup(undated=True), backup(D)],
        "unknown",
        D,
        "unclear",
    ),
    Row("undated beside a good one", "6d", [backup(undated=True), backup(LIMIT)], "pass", LIMIT),
    Row(
        "horizon shorter",
        "14d",
        days(0, 3, 6),
        "unknown",
        6 * D,
        "hidden",
        horizon_seconds=7 * D,
    ),
    Row("horizon shorter, none", "14d", [], "unknown", None, "hidden", horizon_seconds=7 * D),
    Row("horizon equal, reached", "7d", [backup(7 * D)], "pass", 7 * D, horizon_seconds=7 * D),
    Row("horizon equal, not reached", "7d", [backup(7 * D - 1)], "fail", 7 * D - 1, "too_short", horizon_seconds=7 * D),
    # The first backup comes up to an interval (26h, or max_age) after the instance; only until the limit can be
    # reached from there on, a younger one excuses.
    Row(
        "younger than the interval, none",
        "6d",
        [],
        "not_applicable",
        None,
        "too_young",
        created_time=ago(26 * H - 1),
    ),
    Row("as old as the interval, none", "6d", [], "not_applicable", None, "too_young", created_time=ago(26 * H)),
    Row("a second older than the interval, none", "6d", [], "fail", None, "none", created_time=ago(26 * H + 1)),
    Row(
        "a second older than the interval, one now",
        "6d",
        [backup(0)],
        "fail",
        0,
        "too_short",
        created_time=ago(26 * H + 1),
    ),
    Row(
        "a second older than the interval, one in time",
        "6d",
        [backup(1)],
        "not_applicable",
        1,
        "too_young",
        created_time=ago(26 * H + 1),
    ),
    Row(
        "of four days, kept",
        "6d",
        days(0, 1, 2, 3),
        "not_applicable",
        3 * D,
        "too_young",
        created_time=ago(3 * D + 26 * H),
    ),
    Row(
        "of four days, a second short",
        "6d",
        days(0, 1, 2, 3),
        "fail",
        3 * D,
        "too_short",
        created_time=ago(3 * D + 26 * H + 1),
    ),
    Row("of four days, none", "6d", [], "fail", None, "none", created_time=ago(4 * D)),
    Row("of four days, deleted too early", "6d", [backup(H)], "fail", H, "too_short", created_time=ago(4 * D)),
    Row(
        "the last second of the grace, kept",
        "6d",
        [backup(LIMIT - 1)],
        "not_applicable",
        LIMIT - 1,
        "too_young",
        created_time=ago(GRACE - 1),
    ),
    Row(
        "the last second of the grace, not kept",
        "6d",
        [backup(LIMIT - 2)],
        "fail",
        LIMIT - 2,
        "too_short",
        created_time=ago(GRACE - 1),
    ),
    Row(
        "exactly as old, a second short",
        "6d",
        [backup(LIMIT - 1)],
        "fail",
        LIMIT - 1,
        "too_short",
        created_time=ago(GRACE),
    ),
    Row("exactly as old, kept", "6d", [backup(LIMIT)], "pass", LIMIT, created_time=ago(GRACE)),
    Row("older", "6d", [backup(D)], "fail", D, "too_short", created_time=ago(GRACE + 1)),
    Row("young, and kept longer than asked", "1h", [backup(2 * H)], "pass", 2 * H, created_time=ago(3 * H)),
    Row(
        "young, an unknown code that is not old enough",
        "6d",
        [backup(D, "unknown")],
        "fail",
        None,
        "none",
        created_time=ago(3 * D),
    ),
    Row(
        "the interval of max_age",
        "6d",
        [],
        "not_applicable",
        None,
        "too_young",
        created_time=ago(M),
        also={"max_age": "1m"},
    ),
    Row(
        "past the interval of max_age", "6d", [], "fail", None, "none", created_time=ago(M + 1), also={"max_age": "1m"}
    ),
    Row(
        "the last second by the interval of max_age",
        "6d",
        [backup(LIMIT - 1)],
        "not_applicable",
        LIMIT - 1,
        "too_young",
        created_time=ago(LIMIT + M - 1),
        also={"max_age": "1m"},
    ),
    Row(
        "as old as the interval of max_age",
        "6d",
        [backup(LIMIT - 1)],
        "fail",
        LIMIT - 1,
        "too_short",
        created_time=ago(LIMIT + M),
        also={"max_age": "1m"},
    ),
    Row("created beyond the slack ahead", "6d", [], "fail", None, "none", created_time=ago(-601)),
    Row("created within the slack ahead", "6d", [], "not_applicable", None, "too_young", created_time=ago(-600)),
    Row(
        "horizon shorter, an instance as old as it, kept",
        "14d",
        days(0, 3, 6),
        "not_applicable",
        6 * D,
        "too_young",
        horizon_seconds=7 * D,
        created_time=ago(7 * D),
    ),
    Row(
        "horizon shorter, an instance as old as it, not kept",
        "14d",
        days(0, 3),
        "fail",
        3 * D,
        "too_short",
        horizon_seconds=7 * D,
        created_time=ago(7 * D),
    ),
    Row(
        "horizon shorter, an instance a second older",
        "14d",
        days(0, 3),
        "unknown",
        3 * D,
        "hidden",
        horizon_seconds=7 * D,
        created_time=ago(7 * D + 1),
    ),
    Row("creation not known", "6d", [backup(D)], "fail", D, "too_short"),
    Row("creation not readable", "6d", [backup(D)], "fail", D, "too_short", created_time="2026-06-15"),
    Row(
        "hours are hours when clocks change",
        "48h",
        [backup(48 * H - 1, now=SPRING)],
        "fail",
        48 * H - 1,
        "too_short",
        now=SPRING,
        zone="Europe/Berlin",
    ),
    Row(
        "hours are hours, on the limit",
        "48h",
        [backup(48 * H, now=SPRING)],
        "pass",
        48 * H,
        now=SPRING,
        zone="Europe/Berlin",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_min_retention(row):
    row.check("min_retention")


#: What people read of each way in which min_retention comes out.
SENTENCES = {
    "a second over": "oldest usable backup started 518401 s ago, limit 518400 s",
    "an hour over": "oldest usable backup started 6d 1h ago, limit 6d",
    "short, in the same words": "oldest usable backup started 518400 s ago, limit 518460 s",
    "a second short": "oldest usable backup started 5d 23h ago, limit 6d",
    "none": "no usable backup, limit 6d",
    "the oldest of an unknown code": (
        "oldest usable backup started 24h ago, limit 6d: 1 of its backups has an undocumented status or type"
    ),
    "unknown code on the limit": "no usable backup, limit 6d: 1 of its backups has an undocumented status or type",
    "ahead beside a good one": "a backup is dated in the future, 2026-06-15T20:00:00Z: check timezone and clocks",
    "undated": "oldest usable backup started 24h ago, limit 6d: 1 of its backups has a time that can't be read",
    "horizon shorter": "oldest usable backup started 6d ago, limit 14d: the listing shows only the last 7d",
    "horizon shorter, none": "no usable backup, limit 14d: the listing shows only the last 7d",
    "younger than the interval, none": "no usable backup, limit 6d: the instance is 25h 59m old, too young",
    "a second older than the interval, one in time": (
        "oldest usable backup started 1s ago, limit 6d: the instance is 26h old, too young"
    ),
}


def test_sentences():
    assert SENTENCES.items() <= sentences("min_retention", ROWS).items()
