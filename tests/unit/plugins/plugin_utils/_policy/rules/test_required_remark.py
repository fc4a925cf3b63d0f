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
    sentences,
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


ROWS = [
    Row("a second within", R, [b(L - 1)], "pass", 1),
    Row("on the limit", R, [b(L)], "pass", 1),
    Row("a second over", R, [b(L + 1)], "fail", 0, "none"),
    Row("none", R, [], "fail", 0, "none"),
    Row("many, unsorted", R, [b(9 * H), b(H), b(2 * H)], "pass", 2),
    Row("another remark", R, [b(remark="prerelease-7")], "fail", 0, "none"),
    Row("no remark", R, [b(remark=None)], "fail", 0, "none"),
    Row("empty remark", R, [b(remark="")], "fail", 0, "none"),
    Row("searched, not matched whole", {"pattern": "7$", "within": "6h"}, [b()], "pass", 1),
    Row("a second line does not start the remark", R, [b(remark="x\nrelease-7")], "fail", 0, "none"),
    Row("a system backup", R, [b(type="system")], "fail", 0, "none"),
    Row("a spec change", R, [b(type="spec_change")], "fail", 0, "none"),
    Row("of unknown type", R, [b(type="unknown")], "unknown", 0, "unclear"),
    Row("of unknown type, another remark", R, [b(type="unknown", remark="x")], "fail", 0, "none"),
    Row("of unknown type, too old", R, [b(L + 1, type="unknown")], "fail", 0, "none"),
    Row("in progress", R, [b(status="locked")], "fail", 0, "none"),
    Row("exporting", R, [b(status="exporting")], "pass", 1),
    Row("exported", R, [b(status="exported")], "pass", 1),
    Row("expired", R, [b(status="expired")], "fail", 0, "none"),
    Row("unknown code", R, [b(status="unknown")], "unknown", 0, "unclear"),
    Row("unknown code, too old", R, [b(L + 1, "unknown")], "fail", 0, "none"),
    Row("unknown code on the limit", R, [b(L, "unknown")], "unknown", 0, "unclear"),
    Row("unknown code beside a good one", R, [b(status="unknown"), b()], "pass", 1),
    Row("undated", R, [b(undated=True)], "unknown", 0, "unclear"),
    Row("undated, another remark", R, [b(undated=True, remark="x")], "fail", 0, "none"),
    Row("within the slack ahead", R, [b(-600)], "pass", 1),
    Row("ahead", R, [b(-601)], "unknown", None, "dated_ahead"),
    Row("ahead beside a good one", R, [b(), backup(-D)], "unknown", None, "dated_ahead"),
    Row(
        "horizon shorter",
        {**R, "within": "14d"},
        [],
        "unknown",
        0,
        "hidden",
        horizon_seconds=7 * D,
    ),
    Row("horizon shorter, a good one", {**R, "within": "14d"}, [b()], "pass", 1, horizon_seconds=7 * D),
    Row("horizon equal", {**R, "within": "7d"}, [], "fail", 0, "none", horizon_seconds=7 * D),
    Row("younger", R, [], "not_applicable", 0, "too_young", created_time=ago(L - 1)),
    Row("exactly as old", R, [], "fail", 0, "none", created_time=ago(L)),
    Row("created within the slack ahead", R, [], "not_applicable", 0, "too_young", created_time=ago(-600)),
    Row("created beyond the slack ahead", R, [], "fail", 0, "none", created_time=ago(-601)),
    Row(
        "horizon shorter, an instance as old as it",
        {**R, "within": "14d"},
        [],
        "not_applicable",
        0,
        "too_young",
        horizon_seconds=7 * D,
        created_time=ago(7 * D),
    ),
    Row(
        "horizon shorter, an instance a second older",
        {**R, "within": "14d"},
        [],
        "unknown",
        0,
        "hidden",
        horizon_seconds=7 * D,
        created_time=ago(7 * D + 1),
    ),
    Row("creation not known", R, [], "fail", 0, "none"),
    Row("creation not readable", R, [], "fail", 0, "none", created_time="0000-00-00 00:00:00"),
    Row(
        "hours are hours when clocks change",
        R,
        [b(L + 1, now=NIGHT)],
        "fail",
        0,
        "none",
        now=NIGHT,
        zone="Europe/Berlin",
    ),
    Row(
        "at the end of what is searched", {**R, "pattern": "release-7"}, [b(remark="x" * 4087 + "release-7")], "pass", 1
    ),
    Row(
        "beyond what is searched",
        {**R, "pattern": "release-7"},
        [b(remark="x" * 4088 + "release-7")],
        "fail",
        0,
        "none",
    ),
    Row(
        "beyond what is searched, unknown code",
        {**R, "pattern": "release-7"},
        [b(status="unknown", remark="x" * 4088 + "release-7")],
        "fail",
        0,
        "none",
    ),
    Row("a remark is data", R, [b(remark="release-{{ lookup('pipe', 'id') }}<script>")], "pass", 1),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_required_remark(row):
    row.check("required_remark")


#: What people read of each way in which required_remark comes out.
SENTENCES = {
    "a second within": "1 usable manual backup with a remark like ^release- within 6h",
    "a second over": "no usable manual backup with a remark like ^release- within 6h",
    "searched, not matched whole": "1 usable manual backup with a remark like 7$ within 6h",
    "of unknown type": (
        "no usable manual backup with a remark like ^release- within 6h: 1 of its backups has an undocumented "
        "status or type"
    ),
    "undated": (
        "no usable manual backup with a remark like ^release- within 6h: 1 of its backups has a time that can't be read"
    ),
    "ahead": "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
    "horizon shorter": (
        "no usable manual backup with a remark like ^release- within 14d: the listing shows only the last 7d"
    ),
    "younger": "no usable manual backup with a remark like ^release- within 6h: the instance is 5h 59m old, too young",
    "at the end of what is searched": "1 usable manual backup with a remark like release-7 within 6h",
    "beyond what is searched": "no usable manual backup with a remark like release-7 within 6h",
}


def test_sentences():
    assert SENTENCES.items() <= sentences("required_remark", ROWS).items()
