# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""min_retention: the oldest usable backup reaches far enough back."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    H,
    M,
    Row,
    ago,
    backup,
    days,
    name_of,
    utc,
)

LIMIT = 6 * D
GRACE = LIMIT + 26 * H
SPRING = utc("2026-03-30T10:00:00Z")

ROWS = [
    Row("a second over", "6d", [backup(LIMIT + 1)], "pass", LIMIT + 1, "oldest usable backup started 6d ago, limit 6d"),
    Row("on the limit", "6d", [backup(LIMIT)], "pass", LIMIT, "oldest usable backup started 6d ago, limit 6d"),
    Row(
        "a second short",
        "6d",
        [backup(LIMIT - 1)],
        "fail",
        LIMIT - 1,
        "oldest usable backup started 5d 23h ago, limit 6d",
    ),
    Row("none", "6d", [], "fail", None, "no usable backup, limit 6d"),
    Row("many, unsorted", "6d", days(3, 0, 6.5, 1), "pass", int(6.5 * D), "started 6d 12h ago"),
    Row("many, too young", "6d", days(0, 1, 2, 3), "fail", 3 * D, "started 3d ago, limit 6d"),
    Row("seven in one day", "6d", [backup(n * H) for n in range(7)], "fail", 6 * H, "started 6h ago, limit 6d"),
    Row("the oldest in progress", "6d", [backup(7 * D, "locked"), backup(D)], "fail", D),
    Row("the oldest exporting", "6d", [backup(7 * D, "exporting"), backup(D)], "pass", 7 * D),
    Row("the oldest exported", "6d", [backup(7 * D, "exported"), backup(D)], "pass", 7 * D),
    Row("the oldest expired", "6d", [backup(7 * D, "expired"), backup(5 * D)], "fail", 5 * D),
    Row(
        "the oldest of an unknown code",
        "6d",
        [backup(7 * D, "unknown"), backup(D)],
        "unknown",
        D,
        "isn't known",
        "limit 6d",
    ),
    Row("unknown code on the limit", "6d", [backup(LIMIT, "unknown")], "unknown", None),
    Row("unknown code a second short", "6d", [backup(LIMIT - 1, "unknown")], "fail", None),
    Row("unknown code beside a good one", "6d", [backup(8 * D, "unknown"), backup(7 * D)], "pass", 7 * D),
    Row("within the slack ahead", "6d", [backup(-600), backup(LIMIT)], "pass", LIMIT),
    Row("ahead beside a good one", "6d", [backup(-8 * H), backup(LIMIT)], "unknown", None, "dated in the future"),
    Row(
        "undated",
        "6d",
        [backup(undated=True), backup(D)],
        "unknown",
        D,
        "1 of its backups have a time that can't be read",
    ),
    Row("undated beside a good one", "6d", [backup(undated=True), backup(LIMIT)], "pass", LIMIT),
    Row(
        "horizon shorter",
        "14d",
        days(0, 3, 6),
        "unknown",
        6 * D,
        "limit 14d",
        "shows the last 7d only",
        horizon_seconds=7 * D,
    ),
    Row("horizon shorter, none", "14d", [], "unknown", None, "shows the last 7d only", horizon_seconds=7 * D),
    Row("horizon equal, reached", "7d", [backup(7 * D)], "pass", 7 * D, horizon_seconds=7 * D),
    Row("horizon equal, not reached", "7d", [backup(7 * D - 1)], "fail", 7 * D - 1, horizon_seconds=7 * D),
    Row(
        "younger by limit and interval",
        "6d",
        [],
        "not_applicable",
        None,
        "the instance is 7d 1h old, too young",
        created_time=ago(GRACE - 1),
    ),
    Row("exactly as old", "6d", [], "fail", None, created_time=ago(GRACE)),
    Row("older", "6d", [backup(D)], "fail", D, created_time=ago(GRACE + 1)),
    Row(
        "younger by the interval of max_age",
        "6d",
        [],
        "not_applicable",
        None,
        created_time=ago(LIMIT + M - 1),
        also={"max_age": "1m"},
    ),
    Row(
        "as old as the interval of max_age", "6d", [], "fail", None, created_time=ago(LIMIT + M), also={"max_age": "1m"}
    ),
    Row("creation not known", "6d", [backup(D)], "fail", D),
    Row("creation not readable", "6d", [backup(D)], "fail", D, created_time="2026-06-15"),
    Row(
        "hours are hours when clocks change",
        "48h",
        [backup(48 * H - 1, now=SPRING)],
        "fail",
        48 * H - 1,
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
