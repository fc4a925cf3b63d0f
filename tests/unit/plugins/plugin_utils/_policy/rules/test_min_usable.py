# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""min_usable: enough usable backups, whatever their age."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    Example,
    H,
    Row,
    ago,
    backup,
    days,
    name_of,
)

EXAMPLES = {"min_usable": Example(2, 2, (9, days(0, 1), None), True, tuple(range(1, 13)))}
ROWS = [
    Row("one more", 3, days(0, 1, 2, 3), "pass", 4, "4 usable backups, limit 3"),
    Row("on the limit", 3, days(0, 1, 2), "pass", 3, "3 usable backups, limit 3"),
    Row("one short", 3, days(0, 1), "fail", 2, "2 usable backups, limit 3"),
    Row("one of one", 1, days(9), "pass", 1, "1 usable backup, limit 1"),
    Row("none", 1, [], "fail", 0, "0 usable backups, limit 1"),
    Row("limit as text", "3", days(0, 1), "fail", 2, "limit 3"),
    Row("several a day", 3, [backup(H), backup(2 * H), backup(3 * H)], "pass", 3),
    Row("of all types", 3, [backup(H), backup(H, type="manual"), backup(H, type="unknown")], "pass", 3),
    Row("in progress", 1, [backup(H, "locked")], "fail", 0, "0 usable backups (one in progress for 1h), limit 1"),
    Row(
        "in progress beside one",
        2,
        [backup(H, "locked"), backup(D)],
        "fail",
        1,
        "1 usable backup (one in progress for 1h)",
    ),
    Row("exporting and exported", 2, [backup(H, "exporting"), backup(D, "exported")], "pass", 2),
    Row("expired", 1, [backup(H, "expired")], "fail", 0),
    Row("expired beside some", 2, [backup(H, "expired"), backup(H)], "fail", 1, "limit 2"),
    Row(
        "unknown code",
        1,
        [backup(H, "unknown")],
        "unknown",
        0,
        "0 usable backups, limit 1",
        "1 of its backups",
        "isn't known",
    ),
    Row("unknown code beside enough", 1, [backup(H, "unknown"), backup(H)], "pass", 1),
    Row("unknown code without a time", 1, [backup(status="unknown", undated=True)], "unknown", 0),
    # What can't be read or isn't understood may be a backup: enough of that is a doubt, too little changes nothing.
    Row(
        "undated",
        1,
        [backup(undated=True)],
        "unknown",
        0,
        "0 usable backups, limit 1: 1 of its backups",
        "can't be read",
    ),
    Row("undated beside enough", 1, [backup(undated=True), backup(H)], "pass", 1, "1 usable backup, limit 1"),
    Row(
        "undated, with which it would be enough", 3, [backup(undated=True), *days(0, 1)], "unknown", 2, "can't be read"
    ),
    Row(
        "undated, with which it would not",
        4,
        [backup(undated=True), *days(0, 1)],
        "fail",
        2,
        "2 usable backups, limit 4",
    ),
    Row(
        "unknown code, with which it would be enough",
        3,
        [backup(H, "unknown"), *days(0, 1)],
        "unknown",
        2,
        "isn't known",
    ),
    Row("unknown code, with which it would not", 4, [backup(H, "unknown"), *days(0, 1)], "fail", 2),
    Row(
        "doubts of both kinds, enough",
        4,
        [backup(H, "unknown"), backup(undated=True), *days(0, 1)],
        "unknown",
        2,
    ),
    Row(
        "doubts of both kinds, too few",
        5,
        [backup(H, "unknown"), backup(undated=True), *days(0, 1)],
        "fail",
        2,
    ),
    Row("undated with an unknown code is one doubt", 2, [backup(undated=True, status="unknown")], "fail", 0),
    Row("unknown type is no doubt", 2, [backup(H, type="unknown")], "fail", 1),
    Row("undated and expired", 1, [backup(undated=True, status="expired")], "fail", 0),
    Row("undated and in progress", 1, [backup(undated=True, status="locked")], "fail", 0),
    Row("within the slack ahead", 1, [backup(-600)], "pass", 1),
    Row("beyond the slack ahead", 1, [backup(-601)], "unknown", None, "dated in the future"),
    Row("ahead beside enough", 1, [backup(-8 * H), backup(H)], "unknown", None, "dated in the future"),
    Row("ahead and expired", 1, [backup(-8 * H, "expired"), backup(H)], "unknown", None, "dated in the future"),
    Row(
        "younger, none",
        1,
        [],
        "not_applicable",
        0,
        "the instance is 25h 59m old, too young",
        created_time=ago(26 * H - 1),
    ),
    Row("exactly as old, none", 1, [], "fail", 0, created_time=ago(26 * H)),
    Row("older, none", 1, [], "fail", 0, created_time=ago(26 * H + 1)),
    Row("younger, enough", 1, [backup(0)], "pass", 1, created_time=ago(H)),
    Row("creation not known", 1, [], "fail", 0),
    Row("creation not readable", 1, [], "fail", 0, created_time="yesterday"),
    Row(
        "younger by the interval of max_age",
        1,
        [],
        "not_applicable",
        0,
        created_time=ago(2 * H - 1),
        also={"max_age": "2h"},
    ),
    Row("as old as the interval of max_age", 1, [], "fail", 0, created_time=ago(2 * H), also={"max_age": "2h"}),
    # One in each interval of 26h could have been made: less than that is a failure, at whatever age.
    Row(
        "three need three intervals", 3, days(0, 1), "not_applicable", 2, "too young", created_time=ago(3 * 26 * H - 1)
    ),
    Row("three intervals have passed", 3, days(0, 1), "fail", 2, created_time=ago(3 * 26 * H)),
    Row("two intervals, none", 3, [], "fail", 0, created_time=ago(2 * 26 * H)),
    Row("two intervals, one", 3, days(0), "fail", 1, "1 usable backup, limit 3", created_time=ago(2 * 26 * H)),
    Row("two intervals but a second, one", 3, days(0), "not_applicable", 1, created_time=ago(2 * 26 * H - 1)),
    Row("two intervals, two", 3, days(0, 1), "not_applicable", 2, created_time=ago(2 * 26 * H)),
    Row("one interval, none", 3, [], "fail", 0, created_time=ago(26 * H)),
    Row("one interval but a second, none", 3, [], "not_applicable", 0, created_time=ago(26 * H - 1)),
    Row("one interval, one", 3, days(0), "not_applicable", 1, created_time=ago(26 * H)),
    Row("more than could have been made", 3, [backup(0), backup(1)], "not_applicable", 2, created_time=ago(H)),
    Row("as many as are asked", 3, [backup(0), backup(1), backup(2)], "pass", 3, created_time=ago(H)),
    Row(
        "intervals of max_age, kept",
        3,
        [backup(0), backup(H)],
        "not_applicable",
        2,
        created_time=ago(6 * H - 1),
        also={"max_age": "2h"},
    ),
    Row("intervals of max_age, missed", 3, [backup(H)], "fail", 1, created_time=ago(4 * H), also={"max_age": "2h"}),
    # Of a young one, a doubt needs to reach only what is due.
    Row(
        "young, a doubt that reaches what is due",
        3,
        [backup(undated=True), backup(0)],
        "unknown",
        1,
        "can't be read",
        created_time=ago(2 * 26 * H),
    ),
    Row("young, a doubt that does not", 4, [backup(undated=True), backup(0)], "fail", 1, created_time=ago(3 * 26 * H)),
    Row("created within the slack ahead", 1, [], "not_applicable", 0, "0s old", created_time=ago(-600)),
    Row("created beyond the slack ahead", 1, [], "fail", 0, created_time=ago(-601)),
    # One a day, or one in each longer max_age: more than the listing can show is not said to be missing.
    Row(
        "more than is shown, short",
        8,
        days(0, 1, 2, 3, 4, 5, 6),
        "unknown",
        7,
        "shows the last 7d only",
        horizon_seconds=7 * D,
    ),
    Row("more than is shown, none", 8, [], "unknown", 0, "0 usable backups, limit 8", horizon_seconds=7 * D),
    Row("more than is shown, there", 8, days(0, 0, 1, 2, 3, 4, 5, 6), "pass", 8, horizon_seconds=7 * D),
    Row("as many as are shown, short", 7, days(0, 1, 2, 3, 4, 5), "fail", 6, horizon_seconds=7 * D),
    Row("horizon a second shorter", 7, days(0, 1, 2), "unknown", 3, "shows the last", horizon_seconds=7 * D - 1),
    Row("an instance as old as the horizon", 8, days(0), "fail", 1, horizon_seconds=7 * D, created_time=ago(7 * D)),
    Row(
        "a young one, as many as are due",
        9,
        days(*range(7)),
        "not_applicable",
        7,
        horizon_seconds=7 * D,
        created_time=ago(8 * D),
    ),
    Row("a young one, one short", 9, days(*range(6)), "fail", 6, horizon_seconds=7 * D, created_time=ago(8 * D)),
    Row("weekly, short", 2, days(0), "unknown", 1, horizon_seconds=7 * D, also={"max_age": "8d"}),
    Row("weekly, one", 1, [], "unknown", 0, horizon_seconds=7 * D, also={"max_age": "8d"}),
    Row("a slack of less than a day", 3, days(0), "fail", 1, horizon_seconds=6 * D, also={"max_age": "71h"}),
    Row("hourly, short", 168, days(0), "fail", 1, horizon_seconds=7 * D, also={"max_age": "1h"}),
    Row("hourly, more than is shown", 169, days(0), "unknown", 1, horizon_seconds=7 * D, also={"max_age": "1h"}),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_min_usable(row):
    row.check("min_usable")
