# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""min_size_ratio: the newest backup is not suddenly smaller than those before."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    Example,
    H,
    Row,
    ago,
    backup,
    days,
    name_of,
)

EXAMPLES = {
    "min_size_ratio": Example(
        0.5, 0.5, (0.5, [backup(0, size=9), *days(1, 2, 3, 4, size=1000)], None), limits=(0.01, 0.5, 1)
    )
}


def sizes(*newest_first, **more):
    return [backup(n * H, size=size, **more) for n, size in enumerate(newest_first)]


ROWS = [
    Row(
        "on the limit",
        0.5,
        sizes(500, 1000, 1000, 1000),
        "pass",
        0.5,
        "newest usable backup has 500 bytes, 0.5 of the median before (1000), limit 0.5",
    ),
    Row("a byte short", 0.5, sizes(499, 1000, 1000, 1000), "fail", 0.499, "499 bytes", "limit 0.5"),
    Row("a byte more", 0.5, sizes(501, 1000, 1000, 1000), "pass", 0.501),
    Row("short by less than the rounding", 0.5, sizes(499999, 1000000, 1000000, 1000000), "fail", 0.5, "499999 bytes"),
    Row("rounded", 0.5, sizes(2000, 3000, 3000, 3000), "pass", 0.667, "0.667 of the median"),
    Row(
        "two that started together: the smaller one counts as the newest",
        0.5,
        [backup(0, size=1000, backup_id="2"), backup(0, size=10, backup_id="1"), *sizes(1000, 1000, 1000)[1:]],
        "fail",
        0.01,
        "newest usable backup has 10 bytes",
    ),
    Row(
        "two that started together, one without size",
        0.5,
        [backup(0, size=1000, backup_id="2"), backup(0, backup_id="1"), *sizes(1000, 1000, 1000, 1000)[1:]],
        "unknown",
        None,
        "doesn't show the sizes",
    ),
    Row("grown", 1, sizes(9000, 1000, 1000, 1000), "pass", 9.0, "limit 1"),
    Row("empty file", 0.5, sizes(0, 1000, 1000, 1000), "fail", 0.0, "has 0 bytes"),
    Row("median, not mean", 0.5, sizes(500, 1000, 1000, 1000, 90000), "pass", 0.5),
    Row("median of an even number", 0.5, sizes(500, 900, 900, 1100, 1100), "pass", 0.5, "(1000)"),
    Row("three before are enough", 0.5, sizes(10, 1000, 1000, 1000), "fail", 0.01),
    Row("two before are not", 0.5, sizes(10, 1000, 1000), "not_applicable", None, "2 earlier backups, 3 are needed"),
    Row("one", 0.5, sizes(10), "not_applicable", None, "0 earlier backups, 3 are needed"),
    Row("none", 0.5, [], "fail", None, "no usable backup"),
    Row("newest without size", 0.5, sizes(None, 1000, 1000, 1000), "unknown", None, "doesn't show the sizes"),
    Row("no sizes at all", 0.5, sizes(None, None, None, None), "unknown", None, "doesn't show the sizes"),
    # Three are there to compare with, so that a missing size is missing data, and no excuse.
    Row(
        "one of three before without size", 0.5, sizes(10, 1000, None, 1000), "unknown", None, "doesn't show the sizes"
    ),
    Row("one of four before without size", 0.5, sizes(10, 1000, None, 1000, 1000), "fail", 0.01),
    Row(
        "none of three before with a size", 0.5, sizes(10, None, None, None), "unknown", None, "doesn't show the sizes"
    ),
    Row("two before, one without size", 0.5, sizes(10, 1000, None), "not_applicable", None, "are needed to compare"),
    Row("two before, both without size", 0.5, sizes(10, None, None), "not_applicable", None, "are needed to compare"),
    Row("newest without size, two before", 0.5, sizes(None, 1000, 1000), "not_applicable", None, "2 earlier backups"),
    Row(
        "newest of an unknown code",
        0.5,
        [backup(0, "unknown", size=1), *sizes(None, 1000, 1000, 1000, 1000)[1:]],
        "unknown",
        None,
        "which backup is the newest isn't known: 1 of its backups have a status",
    ),
    Row(
        "newest of an unknown code, two before",
        0.5,
        [backup(0, "unknown", size=1), *sizes(None, 1000, 1000)[1:]],
        "unknown",
        None,
    ),
    Row(
        "an unknown code a second older than the newest",
        0.5,
        [backup(1, "unknown", size=1), *sizes(1000, 1000, 1000, 1000)],
        "pass",
        1.0,
    ),
    Row(
        "unknown codes before, whose sizes would break it",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown", size=9000) for _row in range(4)]],
        "unknown",
        1.0,
        "1 of the median before (1000), limit 0.5: 4 of its backups have a status",
    ),
    Row(
        "unknown codes before, whose sizes would mend it",
        0.5,
        [*sizes(1000, 9000, 9000, 9000), *[backup(9 * H, "unknown", size=1000) for _row in range(4)]],
        "unknown",
        0.111,
    ),
    Row(
        "unknown codes before, of which the smaller would mend it",
        0.5,
        [*sizes(1000, 9000, 9000, 9000), *[backup(9 * H, "unknown", size=size) for size in [1000] * 4 + [9000] * 9]],
        "unknown",
        0.111,
    ),
    Row(
        "unknown codes before, of which the larger would break it",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown", size=size) for size in [9000] * 4 + [1000] * 9]],
        "unknown",
        1.0,
    ),
    # With the other one, or with both, it stays as it is.
    Row(
        "two unknown codes before, of which the smaller alone would mend it, to the byte",
        0.5,
        [*sizes(500, 1000, 1000, 5000, 5000), *[backup(9 * H, "unknown", size=size) for size in (1000, 9000)]],
        "unknown",
        0.167,
    ),
    Row(
        "two unknown codes before, of which the larger alone would break it",
        0.5,
        [*sizes(2000, 1000, 1000, 5000, 5000), *[backup(9 * H, "unknown", size=size) for size in (1, 5000)]],
        "unknown",
        0.667,
    ),
    Row(
        "an unknown code before, with which it would stay on the limit",
        0.5,
        [*sizes(500, 1000, 1000, 1000), backup(9 * H, "unknown", size=1000)],
        "pass",
        0.5,
    ),
    Row(
        "an unknown code before, which alone would break it",
        0.5,
        [*sizes(2000, 1000, 1000, 5000, 5000), backup(9 * H, "unknown", size=5000)],
        "unknown",
        0.667,
    ),
    Row(
        "unknown codes before, which only all together would break it",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown", size=9000) for _row in range(3)]],
        "unknown",
        1.0,
    ),
    Row(
        "unknown codes before, too few to break it",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown", size=9000) for _row in range(2)]],
        "pass",
        1.0,
    ),
    Row(
        "unknown codes before, without sizes",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown") for _row in range(4)]],
        "pass",
        1.0,
    ),
    Row(
        "two before, and one of an unknown code",
        0.5,
        [*sizes(10, 1000, 1000), backup(9 * H, "unknown", size=1000)],
        "unknown",
        None,
        "which backups are to be compared isn't known: 1 of its backups have a status",
    ),
    Row(
        "one before, and one of an unknown code",
        0.5,
        [*sizes(10, 1000), backup(9 * H, "unknown", size=1000)],
        "not_applicable",
        None,
    ),
    Row(
        "an unknown code as old as the newest",
        0.5,
        [backup(0, "unknown", size=1), *sizes(1000, 1000, 1000, 1000)],
        "unknown",
        None,
    ),
    Row(
        "an unknown code a second newer",
        0.5,
        [backup(H - 1, "unknown", size=1), *sizes(None, 1000, 1000, 1000, 1000)[1:]],
        "unknown",
        None,
    ),
    Row(
        "undated beside a small one",
        0.5,
        [backup(undated=True, size=1000), *sizes(1, 1000, 1000, 1000)],
        "unknown",
        None,
        "which backup is the newest isn't known: 1 of its backups have a time that can't be read",
    ),
    Row(
        "undated and expired",
        0.5,
        [backup(undated=True, status="expired", size=1), *sizes(1000, 1000, 1000, 1000)],
        "pass",
        1.0,
    ),
    Row("unknown type, newest", 0.5, [backup(0, type="unknown", size=1), *sizes(*[1000] * 4)[1:]], "fail", 0.001),
    Row("newest in progress", 0.5, [backup(0, "locked", size=1), *sizes(1000, 1000, 1000, 1000)], "pass", 1.0),
    Row("newest exporting", 0.5, [backup(0, "exporting", size=1), *sizes(None, 1000, 1000, 1000)[1:]], "fail", 0.001),
    Row("newest exported", 0.5, [backup(0, "exported", size=1), *sizes(None, 1000, 1000, 1000)[1:]], "fail", 0.001),
    Row(
        "expired ones are not compared",
        0.5,
        [*sizes(500, 1000, 1000, 1000), *sizes(None, 10**6, 10**6, 10**6, 10**6, 10**6, status="expired")[1:]],
        "pass",
        0.5,
    ),
    Row("unknown codes only", 0.5, sizes(500, 1000, status="unknown"), "unknown", None, "isn't known"),
    Row("undated only", 0.5, [backup(undated=True, size=5)], "unknown", None, "can't be read"),
    Row(
        "ahead", 0.5, [backup(-601, size=1000), *sizes(1000, 1000, 1000, 1000)], "unknown", None, "dated in the future"
    ),
    Row("within the slack ahead", 0.5, [backup(-600, size=10), *sizes(1000, 1000, 1000, 1000)], "fail", 0.01),
    Row("horizon short", 0.5, sizes(1000, 1000, 1000, 1000), "pass", 1.0, horizon_seconds=H),
    Row("younger, none", 0.5, [], "not_applicable", None, "too young", created_time=ago(26 * H - 1)),
    Row("exactly as old, none", 0.5, [], "fail", None, created_time=ago(26 * H)),
    Row("creation not known", 0.5, [], "fail", None),
    Row("creation not readable", 0.5, [], "fail", None, created_time=""),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_min_size_ratio(row):
    row.check("min_size_ratio")
