# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""max_in_progress: a backup that never ends is neither running nor failed."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    H,
    M,
    Row,
    ago,
    backup,
    name_of,
    utc,
)

L = 2 * H
AUTUMN = utc("2026-10-25T02:00:00Z")
NONE = "nothing locked or exporting for longer than 2h"
ROWS = [
    Row("a second within", "2h", [backup(L - 1, "locked")], "pass", L - 1, NONE),
    Row("on the limit", "2h", [backup(L, "locked")], "pass", L, NONE),
    Row("a second over", "2h", [backup(L + 1, "locked")], "fail", L + 1, "locked backup started 2h ago, limit 2h"),
    Row("a minute over", "2h", [backup(L + M, "locked")], "fail", L + M, "locked backup started 2h 1m ago, limit 2h"),
    Row("none", "2h", [], "pass", 0, NONE),
    Row("only good ones", "2h", [backup(H), backup(9 * D)], "pass", 0),
    Row(
        "many, unsorted",
        "2h",
        [backup(H, "locked"), backup(9 * H, "locked"), backup(3 * H, "locked")],
        "fail",
        9 * H,
        "locked backup started 9h ago",
    ),
    Row("exporting, within", "2h", [backup(H, "exporting")], "pass", H),
    Row("exported", "2h", [backup(9 * D, "exported")], "pass", 0),
    Row("expired", "2h", [backup(9 * D, "expired")], "pass", 0),
    Row("any type", "2h", [backup(3 * H, "locked", "manual")], "fail", 3 * H),
    Row("unknown type", "2h", [backup(3 * H, "locked", "unknown")], "fail", 3 * H),
    Row("unknown code, long ago", "2h", [backup(L + 1, "unknown")], "unknown", 0, "isn't known"),
    Row("unknown code, on the limit", "2h", [backup(L, "unknown")], "pass", 0),
    Row("unknown code beside a late one", "2h", [backup(3 * H, "unknown"), backup(3 * H, "locked")], "fail", 3 * H),
    Row("undated and locked", "2h", [backup(undated=True, status="locked")], "unknown", 0, "can't be read"),
    Row("undated and exporting", "2h", [backup(undated=True, status="exporting")], "unknown", 0),
    Row(
        "undated beside a late one",
        "2h",
        [backup(undated=True, status="locked"), backup(3 * H, "locked")],
        "fail",
        3 * H,
    ),
    Row("undated and normal", "2h", [backup(undated=True)], "pass", 0),
    Row("within the slack ahead", "2h", [backup(-600, "locked")], "pass", 0),
    Row("ahead", "2h", [backup(-601, "locked")], "unknown", None, "dated in the future"),
    Row("horizon short", "2h", [backup(H, "locked")], "pass", H, horizon_seconds=H),
    Row("a young instance", "2h", [backup(3 * H, "locked")], "fail", 3 * H, created_time=ago(H)),
    Row(
        "hours are hours when clocks change",
        "2h",
        [backup(L + 1, "locked", now=AUTUMN)],
        "fail",
        L + 1,
        now=AUTUMN,
        zone="Europe/Berlin",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_max_in_progress(row):
    row.check("max_in_progress")
