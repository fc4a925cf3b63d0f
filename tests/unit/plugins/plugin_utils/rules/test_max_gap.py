# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""max_gap: no two neighbouring usable backups, and now, lie further apart than the limit."""

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
        "largest gap between usable backups is 29h 59m",
        "limit 30h",
    ),
    Row("on the limit", "30h", [backup(0), backup(L)], "pass", L, "is 30h, until", "limit 30h"),
    Row("a second over", "30h", [backup(0), backup(L + 1)], "fail", L + 1, "limit 30h"),
    Row("until now, on the limit", "30h", [backup(L)], "pass", L, "is 30h, until now, limit 30h"),
    Row("until now, a second over", "30h", [backup(L + 1)], "fail", L + 1, "until now"),
    Row("none", "30h", [], "fail", None, "no usable backup, limit 30h"),
    Row("one, just now", "30h", [backup(0)], "pass", 0, "largest gap between usable backups is 0s"),
    Row("one a day", "30h", days(0, 1, 2, 3, 4, 5, 6), "pass", D),
    Row("a day missing, unsorted", "30h", days(4, 0, 3, 1), "fail", 2 * D, "is 2d, until 2026-06-14 20:00, limit 30h"),
    Row("several a day", "30h", [backup(n * H) for n in range(9)], "pass", H),
    Row(
        "a day is hit each time, the gap is not",
        "30h",
        [backup(21 * H), backup(21 * H + 47 * H)],
        "fail",
        47 * H,
        "is 47h",
    ),
    Row("two at once", "30h", [backup(H), backup(H)], "pass", H),
    Row("in progress does not close a gap", "30h", [backup(0), backup(D, "locked"), backup(2 * D)], "fail", 2 * D),
    Row("in progress only", "30h", [backup(H, "locked")], "fail", None, "in progress for 1h"),
    Row("exporting closes a gap", "30h", [backup(0), backup(D, "exporting"), backup(2 * D)], "pass", D),
    Row("exported closes a gap", "30h", [backup(0), backup(D, "exported"), backup(2 * D)], "pass", D),
    Row("expired does not close a gap", "30h", [backup(0), backup(D, "expired"), backup(2 * D)], "fail", 2 * D),
    Row(
        "unknown code in the gap",
        "30h",
        [backup(0), backup(D, "unknown"), backup(2 * D)],
        "unknown",
        2 * D,
        "isn't known",
    ),
    Row("unknown code only", "30h", [backup(D, "unknown")], "unknown", None),
    Row("undated", "30h", [backup(0), backup(undated=True), backup(2 * D)], "unknown", 2 * D, "can't be read"),
    Row("undated beside no gap", "30h", [backup(0), backup(undated=True), backup(D)], "pass", D),
    Row("within the slack ahead", "30h", [backup(-600), backup(H)], "pass", H + 10 * M),
    Row("ahead", "30h", [backup(-601), backup(H)], "unknown", None, "dated in the future"),
    Row(
        "a gap before the retention asked for",
        "30h",
        [*days(0, 1, 2, 3, 4, 5), backup(6 * D + 1), backup(10 * D)],
        "pass",
        D + 1,
        also=SIX,
    ),
    Row("a gap that ends within it", "30h", days(0, 1, 2, 3, 4, 5, 7), "fail", 2 * D, also=SIX),
    Row(
        "horizon shorter than the retention",
        "30h",
        days(0, 1, 2, 3, 4),
        "unknown",
        D,
        "limit 30h",
        "shows the last 4d only",
        also=SIX,
        horizon_seconds=4 * D,
    ),
    Row("horizon shorter, and a gap", "30h", days(0, 2), "fail", 2 * D, also=SIX, horizon_seconds=4 * D),
    Row("horizon equal to the retention", "30h", days(0, 1, 2, 3, 4, 5, 6), "pass", D, also=SIX, horizon_seconds=6 * D),
    Row("horizon a second shorter", "30h", days(0, 1, 2, 3, 4, 5), "unknown", D, also=SIX, horizon_seconds=6 * D - 1),
    Row(
        "horizon shorter than the limit, none",
        "14d",
        [],
        "unknown",
        None,
        "shows the last 7d only",
        horizon_seconds=7 * D,
    ),
    Row("horizon as long as the limit, none", "7d", [], "fail", None, horizon_seconds=7 * D),
    Row("younger, none", "30h", [], "not_applicable", None, "too young", created_time=ago(L - 1)),
    Row("exactly as old, none", "30h", [], "fail", None, created_time=ago(L)),
    Row("younger, with a backup", "30h", [backup(H)], "pass", H, created_time=ago(2 * H)),
    Row("creation not known", "30h", [], "fail", None),
    Row("creation not readable", "30h", [], "fail", None, created_time="?"),
    Row(
        "hours are hours when clocks change",
        "24h",
        [backup(0, now=AUTUMN), backup(25 * H, now=AUTUMN)],
        "fail",
        25 * H,
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
