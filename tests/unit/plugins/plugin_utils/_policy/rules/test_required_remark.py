# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""required_remark: a manual backup before a change."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    Example,
    H,
    Row,
    ago,
    backup,
    name_of,
    utc,
)

L = 6 * H
R = {"pattern": "^release-", "within": "6h"}
EXAMPLES = {
    "required_remark": Example(
        R,
        R,
        (R, [backup(H)], None),
        True,
        tuple({"pattern": pattern, "within": within} for pattern in ("^release-", ".") for within in ("6h", "30d")),
    )
}
NIGHT = utc("2026-03-29T03:00:00Z")


def b(age=H, status="normal", type="manual", remark="release-7", **more):
    return backup(age, status, type, remark=remark, **more)


WANTED = "usable manual backup with a remark like ^release- within 6h"
ROWS = [
    Row("a second within", R, [b(L - 1)], "pass", 1, f"1 {WANTED}"),
    Row("on the limit", R, [b(L)], "pass", 1),
    Row("a second over", R, [b(L + 1)], "fail", 0, f"no {WANTED}"),
    Row("none", R, [], "fail", 0, f"no {WANTED}"),
    Row("many, unsorted", R, [b(9 * H), b(H), b(2 * H)], "pass", 2, f"2 {WANTED}"),
    Row("another remark", R, [b(remark="prerelease-7")], "fail", 0),
    Row("no remark", R, [b(remark=None)], "fail", 0),
    Row("empty remark", R, [b(remark="")], "fail", 0),
    Row("searched, not matched whole", {"pattern": "7$", "within": "6h"}, [b()], "pass", 1, "a remark like 7$"),
    Row("a second line does not start the remark", R, [b(remark="x\nrelease-7")], "fail", 0),
    Row("a system backup", R, [b(type="system")], "fail", 0),
    Row("a spec change", R, [b(type="spec_change")], "fail", 0),
    Row("of unknown type", R, [b(type="unknown")], "unknown", 0, "1 of its backups", "isn't known"),
    Row("of unknown type, another remark", R, [b(type="unknown", remark="x")], "fail", 0),
    Row("of unknown type, too old", R, [b(L + 1, type="unknown")], "fail", 0),
    Row("in progress", R, [b(status="locked")], "fail", 0),
    Row("exporting", R, [b(status="exporting")], "pass", 1),
    Row("exported", R, [b(status="exported")], "pass", 1),
    Row("expired", R, [b(status="expired")], "fail", 0),
    Row("unknown code", R, [b(status="unknown")], "unknown", 0),
    Row("unknown code, too old", R, [b(L + 1, "unknown")], "fail", 0),
    Row("unknown code on the limit", R, [b(L, "unknown")], "unknown", 0),
    Row("unknown code beside a good one", R, [b(status="unknown"), b()], "pass", 1),
    Row("undated", R, [b(undated=True)], "unknown", 0, "can't be read"),
    Row("undated, another remark", R, [b(undated=True, remark="x")], "fail", 0),
    Row("within the slack ahead", R, [b(-600)], "pass", 1),
    Row("ahead", R, [b(-601)], "unknown", None, "dated in the future"),
    Row("ahead beside a good one", R, [b(), backup(-D)], "unknown", None, "dated in the future"),
    Row(
        "horizon shorter",
        {**R, "within": "14d"},
        [],
        "unknown",
        0,
        "within 14d",
        "shows the last 7d only",
        horizon_seconds=7 * D,
    ),
    Row("horizon shorter, a good one", {**R, "within": "14d"}, [b()], "pass", 1, horizon_seconds=7 * D),
    Row("horizon equal", {**R, "within": "7d"}, [], "fail", 0, horizon_seconds=7 * D),
    Row("younger", R, [], "not_applicable", 0, "too young", created_time=ago(L - 1)),
    Row("exactly as old", R, [], "fail", 0, created_time=ago(L)),
    Row("created within the slack ahead", R, [], "not_applicable", 0, "0s old", created_time=ago(-600)),
    Row("created beyond the slack ahead", R, [], "fail", 0, created_time=ago(-601)),
    Row(
        "horizon shorter, an instance as old as it",
        {**R, "within": "14d"},
        [],
        "not_applicable",
        0,
        horizon_seconds=7 * D,
        created_time=ago(7 * D),
    ),
    Row(
        "horizon shorter, an instance a second older",
        {**R, "within": "14d"},
        [],
        "unknown",
        0,
        horizon_seconds=7 * D,
        created_time=ago(7 * D + 1),
    ),
    Row("creation not known", R, [], "fail", 0),
    Row("creation not readable", R, [], "fail", 0, created_time="0000-00-00 00:00:00"),
    Row("hours are hours when clocks change", R, [b(L + 1, now=NIGHT)], "fail", 0, now=NIGHT, zone="Europe/Berlin"),
    Row(
        "at the end of what is searched", {**R, "pattern": "release-7"}, [b(remark="x" * 4087 + "release-7")], "pass", 1
    ),
    Row("beyond what is searched", {**R, "pattern": "release-7"}, [b(remark="x" * 4088 + "release-7")], "fail", 0),
    Row(
        "beyond what is searched, unknown code",
        {**R, "pattern": "release-7"},
        [b(status="unknown", remark="x" * 4088 + "release-7")],
        "fail",
        0,
    ),
    Row("a remark is data", R, [b(remark="release-{{ lookup('pipe', 'id') }}<script>")], "pass", 1, f"1 {WANTED}"),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_required_remark(row):
    row.check("required_remark")
