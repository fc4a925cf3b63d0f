# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""min_usable: enough usable backups, whatever their age."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    H,
    Row,
    ago,
    backup,
    days,
    name_of,
)

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
    # A backup whose time can't be read is a backup: this rule asks for no time.
    Row("undated", 1, [backup(undated=True)], "pass", 1, "1 usable backup, limit 1"),
    Row("undated and expired", 1, [backup(undated=True, status="expired")], "fail", 0),
    Row("undated and in progress", 1, [backup(undated=True, status="locked")], "fail", 0),
    Row("within the slack ahead", 1, [backup(-600)], "pass", 1),
    Row("ahead", 1, [backup(-8 * H)], "pass", 1),
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
    Row("three need three intervals", 3, days(0, 1), "not_applicable", 2, created_time=ago(3 * 26 * H - 1)),
    Row("three intervals have passed", 3, days(0, 1), "fail", 2, created_time=ago(3 * 26 * H)),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_min_usable(row):
    row.check("min_usable")
