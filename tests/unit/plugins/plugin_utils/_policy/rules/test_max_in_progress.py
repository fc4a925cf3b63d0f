# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""max_in_progress: a backup that never ends is neither running nor failed."""

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
    name_of,
    sentences,
    utc,
)

EXAMPLES = {"max_in_progress": Example("2h", 2 * H, ("2h", [backup(3 * H, "locked")], None), limits=("1h", "7d"))}
L = 2 * H
AUTUMN = utc("2026-10-25T02:00:00Z")
ROWS = [
    Row("a second within", "2h", [backup(L - 1, "locked")], "pass", None),
    Row("on the limit", "2h", [backup(L, "locked")], "pass", None),
    Row(
        "a second over",
        "2h",
        [backup(L + 1, "locked")],
        "fail",
        L + 1,
        "exceeded",
    ),
    Row("a minute over", "2h", [backup(L + M, "locked")], "fail", L + M, "exceeded"),
    Row("none", "2h", [], "pass", None),
    Row("only good ones", "2h", [backup(H), backup(9 * D)], "pass", None),
    Row(
        "many, unsorted",
        "2h",
        [backup(H, "locked"), backup(9 * H, "locked"), backup(3 * H, "locked")],
        "fail",
        9 * H,
        "exceeded",
    ),
    # A good backup of long ago may be exported at any time: its age says nothing.
    Row("exporting, on the limit", "2h", [backup(L, "exporting")], "pass", None),
    Row(
        "exporting, a second over",
        "2h",
        [backup(L + 1, "exporting")],
        "unknown",
        None,
        "unclear",
    ),
    Row(
        "exporting beside a late one",
        "2h",
        [backup(9 * D, "exporting"), backup(L + 1, "locked")],
        "fail",
        L + 1,
        "exceeded",
    ),
    Row(
        "exporting beside one in time",
        "2h",
        [backup(9 * D, "exporting"), backup(L, "locked")],
        "unknown",
        None,
        "unclear",
    ),
    Row(
        "exporting beside an unknown code",
        "2h",
        [backup(9 * D, "exporting"), backup(3 * H, "unknown")],
        "unknown",
        None,
        "unclear",
    ),
    Row("exported", "2h", [backup(9 * D, "exported")], "pass", None),
    Row("expired", "2h", [backup(9 * D, "expired")], "pass", None),
    Row("any type", "2h", [backup(3 * H, "locked", "manual")], "fail", 3 * H, "exceeded"),
    Row("unknown type", "2h", [backup(3 * H, "locked", "unknown")], "fail", 3 * H, "exceeded"),
    Row("unknown code, long ago", "2h", [backup(L + 1, "unknown")], "unknown", None, "unclear"),
    Row("unknown code, on the limit", "2h", [backup(L, "unknown")], "pass", None),
    Row(
        "unknown code beside a late one",
        "2h",
        [backup(3 * H, "unknown"), backup(3 * H, "locked")],
        "fail",
        3 * H,
        "exceeded",
    ),
    Row("undated and locked", "2h", [backup(undated=True, status="locked")], "unknown", None, "unclear"),
    Row("undated and exporting", "2h", [backup(undated=True, status="exporting")], "unknown", None, "unclear"),
    Row("undated, of an unknown code", "2h", [backup(undated=True, status="unknown")], "unknown", None, "unclear"),
    Row("undated and exported", "2h", [backup(undated=True, status="exported")], "pass", None),
    Row("undated and expired", "2h", [backup(undated=True, status="expired")], "pass", None),
    Row("undated, of an unknown type", "2h", [backup(undated=True, type="unknown")], "pass", None),
    Row(
        "undated beside a late one",
        "2h",
        [backup(undated=True, status="locked"), backup(3 * H, "locked")],
        "fail",
        3 * H,
        "exceeded",
    ),
    Row("undated and normal", "2h", [backup(undated=True)], "pass", None),
    Row("within the slack ahead", "2h", [backup(-600, "locked")], "pass", None),
    Row("ahead", "2h", [backup(-601, "locked")], "unknown", None, "dated_ahead"),
    Row("horizon short", "2h", [backup(H)], "unknown", None, "hidden", horizon_seconds=H),
    Row(
        "horizon as long as the limit",
        "2h",
        [backup(H)],
        "pass",
        None,
        horizon_seconds=2 * H,
    ),
    # What hangs from before leaves the listing, and nothing shows that it has ended.
    Row(
        "nothing made within the horizon",
        "2h",
        [backup(H, "locked")],
        "unknown",
        None,
        "hidden",
        horizon_seconds=28 * D,
    ),
    Row("nothing at all within the horizon", "2h", [], "unknown", None, "hidden", horizon_seconds=7 * D),
    Row("nothing yet since it was created", "2h", [], "pass", None, horizon_seconds=7 * D, created_time=ago(7 * D)),
    Row(
        "hangs within the horizon",
        "2h",
        [backup(27 * D, "locked"), backup(H)],
        "fail",
        27 * D,
        "exceeded",
        horizon_seconds=28 * D,
    ),
    Row("a young instance", "2h", [backup(3 * H, "locked")], "fail", 3 * H, "exceeded", created_time=ago(H)),
    Row(
        "hours are hours when clocks change",
        "2h",
        [backup(L + 1, "locked", now=AUTUMN)],
        "fail",
        L + 1,
        "exceeded",
        now=AUTUMN,
        zone="Europe/Berlin",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_max_in_progress(row):
    row.check("max_in_progress")


#: What people read of each way in which max_in_progress comes out.
SENTENCES = {
    "a second within": "nothing locked or exporting for longer than 2h",
    "a second over": "locked backup started 7201 s ago, limit 7200 s",
    "a minute over": "locked backup started 2h 1m ago, limit 2h",
    "exporting, a second over": (
        "nothing locked or exporting for longer than 2h: the API doesn't show when the export of its backups began"
    ),
    "exporting beside an unknown code": (
        "nothing locked or exporting for longer than 2h: 2 of its backups have an undocumented status or type"
    ),
    "undated and locked": (
        "nothing locked or exporting for longer than 2h: 1 of its backups has a time that can't be read"
    ),
    "ahead": "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
    "horizon short": (
        "nothing locked or exporting for longer than 2h of what started in the last 1h: the listing shows "
        "only the last 1h"
    ),
    "horizon as long as the limit": "nothing locked or exporting for longer than 2h of what started in the last 2h",
}


def test_sentences():
    assert SENTENCES.items() <= sentences("max_in_progress", ROWS).items()
