# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""max_gap: no two neighbouring usable backups, and now, lie further apart than the limit."""

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
    judge,
    name_of,
    sentences,
    utc,
)

EXAMPLES = {"max_gap": Example("30h", 30 * H, ("30h", days(0, 4), None), True, ("25h", "3d", "14d"))}
L = 30 * H
SIX = {"min_retention": "6d"}
AUTUMN = utc("2026-10-25T23:00:00Z")

ROWS = [
    Row(
        "a second within",
        "30h",
        [backup(0), backup(L - 1)],
        "pass",
        L - 1,
    ),
    Row("on the limit", "30h", [backup(0), backup(L)], "pass", L),
    Row(
        "a second over",
        "30h",
        [backup(0), backup(L + 1)],
        "fail",
        L + 1,
        "exceeded",
    ),
    Row("until now, on the limit", "30h", [backup(L)], "pass", L),
    Row("until now, a second over", "30h", [backup(L + 1)], "fail", L + 1, "exceeded"),
    Row("none", "30h", [], "fail", None, "none"),
    Row("one, just now", "30h", [backup(0)], "pass", 0),
    Row("one a day", "30h", days(0, 1, 2, 3, 4, 5, 6), "pass", D),
    Row("a day missing, unsorted", "30h", days(4, 0, 3, 1), "fail", 2 * D, "exceeded"),
    Row("several a day", "30h", [backup(n * H) for n in range(9)], "pass", H),
    Row(
        "a day is hit each time, the gap is not",
        "30h",
        [backup(21 * H), backup(21 * H + 47 * H)],
        "fail",
        47 * H,
        "exceeded",
    ),
    Row("two at once", "30h", [backup(H), backup(H)], "pass", H),
    Row(
        "in progress does not close a gap",
        "30h",
        [backup(0), backup(D, "locked"), backup(2 * D)],
        "fail",
        2 * D,
        "exceeded",
    ),
    Row("in progress only", "30h", [backup(H, "locked")], "fail", None, "none"),
    Row("exporting closes a gap", "30h", [backup(0), backup(D, "exporting"), backup(2 * D)], "pass", D),
    Row("exported closes a gap", "30h", [backup(0), backup(D, "exported"), backup(2 * D)], "pass", D),
    Row(
        "expired does not close a gap",
        "30h",
        [backup(0), backup(D, "expired"), backup(2 * D)],
        "fail",
        2 * D,
        "exceeded",
    ),
    Row(
        "unknown code in the gap",
        "30h",
        [backup(0), backup(D, "unknown"), backup(2 * D)],
        "unknown",
        2 * D,
        "unclear",
    ),
    Row(
        "unknown code where the gap begins",
        "30h",
        [backup(0), *days(2, 2, status="unknown"), backup(2 * D)],
        "fail",
        2 * D,
        "exceeded",
    ),
    Row("unknown code only", "30h", [backup(D, "unknown")], "unknown", None, "unclear"),
    Row("undated", "30h", [backup(0), backup(undated=True), backup(2 * D)], "unknown", 2 * D, "unclear"),
    Row("undated beside no gap", "30h", [*days(0, 1, 2, 3, 4, 5, 6), backup(undated=True)], "pass", D),
    Row(
        "undated, maybe before the oldest",
        "30h",
        [backup(0), backup(undated=True), backup(D)],
        "unknown",
        D,
        "unclear",
    ),
    Row("unknown code long before the oldest", "30h", [backup(0), backup(L + 1, "unknown")], "unknown", 0, "unclear"),
    Row(
        "unknown code long before the oldest, beside a gap on the limit",
        "30h",
        [backup(0), backup(L), backup(2 * L + 1, "unknown")],
        "unknown",
        L,
        "unclear",
    ),
    Row(
        "unknown code long before the oldest, beside a gap a second over",
        "30h",
        [backup(0), backup(L + 1), backup(2 * L + 2, "unknown")],
        "fail",
        L + 1,
        "exceeded",
    ),
    Row("unknown code shortly before the oldest", "30h", [backup(0), backup(L, "unknown")], "pass", 0),
    Row("unknown code before a witness", "30h", [*days(0, 1, 2, 3, 4, 5, 6), backup(9 * D, "unknown")], "pass", D),
    Row("within the slack ahead", "30h", [backup(-600), backup(H)], "pass", H + 10 * M),
    Row("ahead", "30h", [backup(-601), backup(H)], "unknown", None, "dated_ahead"),
    Row(
        "a gap before the retention asked for",
        "30h",
        [*days(0, 1, 2, 3, 4, 5), backup(6 * D + 1), backup(10 * D)],
        "pass",
        D + 1,
        also=SIX,
    ),
    Row("a gap that ends within it", "30h", days(0, 1, 2, 3, 4, 5, 7), "fail", 2 * D, "exceeded", also=SIX),
    # A gap belongs to the span if its end does; where the span begins, nothing is asked any more.
    Row("a gap that ends where it begins", "30h", days(0, 1, 2, 3, 4, 5, 6, 10), "pass", D, also=SIX),
    Row(
        "a gap that ends a second after it begins",
        "30h",
        [*days(0, 1, 2, 3, 4, 5), backup(6 * D - 1), backup(10 * D)],
        "fail",
        4 * D + 1,
        "exceeded",
        also=SIX,
    ),
    Row(
        "a longer retention looks further",
        "30h",
        [*days(0, 1, 2, 3, 4, 5, 6), backup(8 * D)],
        "fail",
        2 * D,
        "exceeded",
        also={"min_retention": f"{6 * D + 1}s"},
    ),
    Row(
        "a shorter retention looks less far",
        "30h",
        days(0, 1, 2, 3, 5),
        "pass",
        D,
        also={"min_retention": "3d"},
    ),
    Row("without a retention, six days: at their begin", "30h", days(0, 1, 2, 3, 4, 5, 6, 10), "pass", D),
    Row(
        "without a retention, six days: a second later",
        "30h",
        [*days(0, 1, 2, 3, 4, 5), backup(6 * D - 1), backup(10 * D)],
        "fail",
        4 * D + 1,
        "exceeded",
    ),
    Row("without a retention, all of them older", "30h", [backup(10 * D), backup(20 * D)], "fail", 10 * D, "exceeded"),
    Row("a retention that is off", "30h", days(0, 1, 2, 3, 4, 5, 6, 10), "pass", D, also={"min_retention": "off"}),
    Row(
        "an unknown code before the span, in a gap that reaches into it",
        "60h",
        [*days(0, 1, 2, 3, 4, 5), backup(7 * D, "unknown"), backup(9 * D)],
        "unknown",
        4 * D,
        "unclear",
        also=SIX,
    ),
    Row(
        "an unknown code before the gap",
        "30h",
        [*days(0, 1, 2, 3, 4, 5, 7), backup(8 * D, "unknown")],
        "fail",
        2 * D,
        "exceeded",
        also=SIX,
    ),
    Row(
        "an unknown code in a gap that ends where the span begins",
        "30h",
        [*days(0, 1, 2, 3, 5, 6, 10), backup(8 * D, "unknown")],
        "fail",
        2 * D,
        "exceeded",
        also=SIX,
    ),
    Row(
        "horizon shorter than the retention",
        "30h",
        days(0, 1, 2, 3, 4),
        "unknown",
        D,
        "hidden",
        also=SIX,
        horizon_seconds=4 * D,
    ),
    Row("horizon shorter, and a gap", "30h", days(0, 2), "fail", 2 * D, "exceeded", also=SIX, horizon_seconds=4 * D),
    Row("horizon equal to the retention", "30h", days(0, 1, 2, 3, 4, 5, 6), "pass", D, also=SIX, horizon_seconds=6 * D),
    Row(
        "horizon a second shorter",
        "30h",
        days(0, 1, 2, 3, 4, 5),
        "unknown",
        D,
        "hidden",
        also=SIX,
        horizon_seconds=6 * D - 1,
    ),
    Row(
        "horizon a second shorter, on the limit",
        "24h",
        days(0, 1, 2, 3, 4, 5),
        "unknown",
        D,
        "hidden",
        also=SIX,
        horizon_seconds=6 * D - 1,
    ),
    Row("without a retention, horizon of six days", "30h", days(0, 1, 2, 3, 4, 5, 6), "pass", D, horizon_seconds=6 * D),
    # A backup that isn't shown any more may have come long before the oldest that is: a gap that reaches into the span.
    Row(
        "the oldest that is shown began within the span",
        "30h",
        [backup(2 * H), backup(26 * H)],
        "unknown",
        D,
        "hidden",
        horizon_seconds=7 * D,
    ),
    Row(
        "the same, where a retention is asked for",
        "30h",
        [backup(2 * H), backup(26 * H)],
        "unknown",
        D,
        "hidden",
        also=SIX,
        horizon_seconds=7 * D,
    ),
    Row(
        "a retention of what is kept",
        "30h",
        days(0, 1, 2),
        "pass",
        D,
        also={"min_retention": "2d"},
        horizon_seconds=7 * D,
    ),
    Row(
        "the same, of an instance that is all shown",
        "30h",
        [backup(2 * H), backup(26 * H)],
        "pass",
        D,
        horizon_seconds=7 * D,
        created_time=ago(7 * D),
    ),
    Row(
        "without a retention, horizon a second shorter",
        "30h",
        days(0, 1, 2, 3, 4, 5),
        "unknown",
        D,
        "hidden",
        horizon_seconds=6 * D - 1,
    ),
    Row("horizon a second shorter, and a gap", "30h", days(0, 2), "fail", 2 * D, "exceeded", horizon_seconds=6 * D - 1),
    Row(
        "horizon shorter, an instance as old as it",
        "30h",
        days(0, 1, 2, 3),
        "pass",
        D,
        also=SIX,
        horizon_seconds=4 * D,
        created_time=ago(4 * D),
    ),
    Row(
        "horizon shorter, an instance a second older",
        "30h",
        days(0, 1, 2, 3),
        "unknown",
        D,
        "hidden",
        also=SIX,
        horizon_seconds=4 * D,
        created_time=ago(4 * D + 1),
    ),
    Row(
        "horizon shorter than the limit, none",
        "14d",
        [],
        "unknown",
        None,
        "hidden",
        horizon_seconds=7 * D,
    ),
    Row("horizon as long as the limit, none", "7d", [], "fail", None, "none", horizon_seconds=7 * D),
    Row("younger, none", "30h", [], "not_applicable", None, "too_young", created_time=ago(L - 1)),
    Row("exactly as old, none", "30h", [], "fail", None, "none", created_time=ago(L)),
    Row("younger, with a backup", "30h", [backup(H)], "pass", H, created_time=ago(2 * H)),
    Row("creation not known", "30h", [], "fail", None, "none"),
    Row("creation not readable", "30h", [], "fail", None, "none", created_time="?"),
    Row(
        "hours are hours when clocks change",
        "24h",
        [backup(0, now=AUTUMN), backup(25 * H, now=AUTUMN)],
        "fail",
        25 * H,
        "exceeded",
        now=AUTUMN,
        zone="Europe/Berlin",
    ),
    Row(
        "same clock time, a day of 25 hours",
        "25h",
        [backup(0, now=AUTUMN), backup(25 * H, now=AUTUMN)],
        "pass",
        25 * H,
        now=AUTUMN,
        zone="Europe/Berlin",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_max_gap(row):
    row.check("max_gap")


@pytest.mark.parametrize(
    "also, remedy", [({}, ": set min_retention to the actual retention"), (SIX, "")], ids=["none", "six"]
)
def test_a_retention_is_the_remedy_where_none_is_asked_for(also, remedy):
    verdict = judge("max_gap", "30h", days(0, 1), also=also, horizon_seconds=7 * D)
    assert verdict["outcome"] == "unknown"
    assert verdict["message"].endswith(f", limit 30h: the listing shows only the last 7d{remedy}")


#: What people read of each way in which max_gap comes out.
SENTENCES = {
    "a second within": "largest gap between usable backups is 29h 59m, until now, limit 30h",
    "a second over": "largest gap between usable backups is 108001 s, until now, limit 108000 s",
    "none": "no usable backup, limit 30h",
    "a day missing, unsorted": "largest gap between usable backups is 2d, until 2026-06-14 20:00, limit 30h",
    "in progress does not close a gap": "largest gap between usable backups is 2d, until now, limit 30h",
    "in progress only": "no usable backup (one in progress for 1h), limit 30h",
    "unknown code in the gap": (
        "largest gap between usable backups is 2d, until now, limit 30h: 1 of its backups has an undocumented "
        "status or type"
    ),
    "unknown code only": "no usable backup, limit 30h: 1 of its backups has an undocumented status or type",
    "undated": (
        "largest gap between usable backups is 2d, until now, limit 30h: 1 of its backups has a time that can't be read"
    ),
    "ahead": "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
    "a gap before the retention asked for": (
        "largest gap between usable backups is 24h, until 2026-06-10 20:00, limit 30h"
    ),
    "an unknown code before the span, in a gap that reaches into it": (
        "largest gap between usable backups is 4d, until 2026-06-10 20:00, limit 2d 12h: 1 of its backups has an "
        "undocumented status or type"
    ),
    "horizon shorter than the retention": (
        "largest gap between usable backups is 24h, until now, limit 30h: the listing shows only the last 4d"
    ),
    "the oldest that is shown began within the span": (
        "largest gap between usable backups is 24h, until 2026-06-15 18:00, limit 30h: the listing shows only"
        " the last 7d: set min_retention to the actual retention"
    ),
    "the same, where a retention is asked for": (
        "largest gap between usable backups is 24h, until 2026-06-15 18:00, limit 30h: the listing shows only"
        " the last 7d"
    ),
    "without a retention, horizon a second shorter": (
        "largest gap between usable backups is 24h, until now, limit 30h: the listing shows only the last 5d 23h:"
        " set min_retention to the actual retention"
    ),
    "horizon shorter than the limit, none": "no usable backup, limit 14d: the listing shows only the last 7d",
    "younger, none": "no usable backup, limit 30h: the instance is 29h 59m old, too young",
}


def test_sentences():
    assert SENTENCES.items() <= sentences("max_gap", ROWS).items()
