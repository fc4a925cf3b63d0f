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
    sentences,
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
    ),
    Row("a byte short", 0.5, sizes(499, 1000, 1000, 1000), "fail", 0.499, "too_small"),
    Row("a byte more", 0.5, sizes(501, 1000, 1000, 1000), "pass", 0.501),
    Row("short by less than the rounding", 0.5, sizes(499999, 1000000, 1000000, 1000000), "fail", 0.5, "too_small"),
    Row("rounded", 0.5, sizes(2000, 3000, 3000, 3000), "pass", 0.667),
    Row(
        "two that started together: the smaller one counts as the newest",
        0.5,
        [backup(0, size=1000, backup_id="2"), backup(0, size=10, backup_id="1"), *sizes(1000, 1000, 1000)[1:]],
        "fail",
        0.01,
        "too_small",
    ),
    Row(
        "two that started together, one without size",
        0.5,
        [backup(0, size=1000, backup_id="2"), backup(0, backup_id="1"), *sizes(1000, 1000, 1000, 1000)[1:]],
        "unknown",
        None,
        "sizes_not_shown",
    ),
    Row("grown", 1, sizes(9000, 1000, 1000, 1000), "pass", 9.0),
    Row("empty file", 0.5, sizes(0, 1000, 1000, 1000), "fail", 0.0, "too_small"),
    Row("median, not mean", 0.5, sizes(500, 1000, 1000, 1000, 90000), "pass", 0.5),
    Row("median of an even number", 0.5, sizes(500, 900, 900, 1100, 1100), "pass", 0.5),
    Row("three before are enough", 0.5, sizes(10, 1000, 1000, 1000), "fail", 0.01, "too_small"),
    Row("two before are not", 0.5, sizes(10, 1000, 1000), "not_applicable", None, "too_few"),
    Row("one", 0.5, sizes(10), "not_applicable", None, "too_few"),
    Row("none", 0.5, [], "fail", None, "none"),
    Row("newest without size", 0.5, sizes(None, 1000, 1000, 1000), "unknown", None, "sizes_not_shown"),
    Row("no sizes at all", 0.5, sizes(None, None, None, None), "unknown", None, "sizes_not_shown"),
    # Three are there to compare with, so that a missing size is missing data, and no excuse.
    Row("one of three before without size", 0.5, sizes(10, 1000, None, 1000), "unknown", None, "sizes_not_shown"),
    Row("one of four before without size", 0.5, sizes(10, 1000, None, 1000, 1000), "fail", 0.01, "too_small"),
    # All of 1000 bytes would be four of 1000 and three of 10: it would fail.
    Row(
        "sizes before are missing with which it would fail",
        0.5,
        sizes(100, None, None, 1000, 1000, 10, 10, 10),
        "unknown",
        10.0,
        "sizes_not_shown",
    ),
    Row(
        "sizes before are missing with which it would pass",
        0.5,
        sizes(100, None, None, 1000, 1000, 1000, 10, 10),
        "unknown",
        0.1,
        "sizes_not_shown",
    ),
    Row("sizes before are missing, and it passes with any", 0.5, sizes(1000, None, 1000, 1000, 1000), "pass", 1.0),
    Row(
        "an unknown code before without size, with which it may fail",
        0.5,
        [*sizes(100, 1000, 10, 10, 1000, 10), backup(9 * H, "unknown")],
        "unknown",
        10.0,
        "unclear",
    ),
    Row("none of three before with a size", 0.5, sizes(10, None, None, None), "unknown", None, "sizes_not_shown"),
    Row("two before, one without size", 0.5, sizes(10, 1000, None), "not_applicable", None, "too_few"),
    Row("two before, both without size", 0.5, sizes(10, None, None), "not_applicable", None, "too_few"),
    Row("newest without size, two before", 0.5, sizes(None, 1000, 1000), "not_applicable", None, "too_few"),
    Row(
        "newest of an unknown code",
        0.5,
        [backup(0, "unknown", size=1), *sizes(None, 1000, 1000, 1000, 1000)[1:]],
        "unknown",
        None,
        "unclear",
    ),
    Row(
        "newest of an unknown code, two before",
        0.5,
        [backup(0, "unknown", size=1), *sizes(None, 1000, 1000)[1:]],
        "unknown",
        None,
        "unclear",
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
        "unclear",
    ),
    Row(
        "unknown codes before, whose sizes would mend it",
        0.5,
        [*sizes(1000, 9000, 9000, 9000), *[backup(9 * H, "unknown", size=1000) for _row in range(4)]],
        "unknown",
        0.111,
        "unclear",
    ),
    Row(
        "unknown codes before, of which the smaller would mend it",
        0.5,
        [*sizes(1000, 9000, 9000, 9000), *[backup(9 * H, "unknown", size=size) for size in [1000] * 4 + [9000] * 9]],
        "unknown",
        0.111,
        "unclear",
    ),
    Row(
        "unknown codes before, of which the larger would break it",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown", size=size) for size in [9000] * 4 + [1000] * 9]],
        "unknown",
        1.0,
        "unclear",
    ),
    # With the other one, or with both, it stays as it is.
    Row(
        "two unknown codes before, of which the smaller alone would mend it, to the byte",
        0.5,
        [*sizes(500, 1000, 1000, 5000, 5000), *[backup(9 * H, "unknown", size=size) for size in (1000, 9000)]],
        "unknown",
        0.167,
        "unclear",
    ),
    Row(
        "two unknown codes before, of which the larger alone would break it",
        0.5,
        [*sizes(2000, 1000, 1000, 5000, 5000), *[backup(9 * H, "unknown", size=size) for size in (1, 5000)]],
        "unknown",
        0.667,
        "unclear",
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
        "unclear",
    ),
    Row(
        "unknown codes before, which only all together would break it",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown", size=9000) for _row in range(3)]],
        "unknown",
        1.0,
        "unclear",
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
        "unknown",
        1.0,
        "unclear",
    ),
    Row(
        "unknown codes before, too few to decide by any size",
        0.5,
        [*sizes(1000, 1000, 1000, 1000), *[backup(9 * H, "unknown") for _row in range(2)]],
        "pass",
        1.0,
    ),
    Row(
        "two before, and one of an unknown code",
        0.5,
        [*sizes(10, 1000, 1000), backup(9 * H, "unknown", size=1000)],
        "unknown",
        None,
        "unclear",
    ),
    Row(
        "one before, and one of an unknown code",
        0.5,
        [*sizes(10, 1000), backup(9 * H, "unknown", size=1000)],
        "not_applicable",
        None,
        "too_few",
    ),
    Row(
        "an unknown code as old as the newest",
        0.5,
        [backup(0, "unknown", size=1), *sizes(1000, 1000, 1000, 1000)],
        "unknown",
        None,
        "unclear",
    ),
    Row(
        "an unknown code a second newer",
        0.5,
        [backup(H - 1, "unknown", size=1), *sizes(None, 1000, 1000, 1000, 1000)[1:]],
        "unknown",
        None,
        "unclear",
    ),
    Row(
        "undated beside a small one",
        0.5,
        [backup(undated=True, size=1000), *sizes(1, 1000, 1000, 1000)],
        "unknown",
        None,
        "unclear",
    ),
    Row(
        "undated and expired",
        0.5,
        [backup(undated=True, status="expired", size=1), *sizes(1000, 1000, 1000, 1000)],
        "pass",
        1.0,
    ),
    Row(
        "unknown type, newest",
        0.5,
        [backup(0, type="unknown", size=1), *sizes(*[1000] * 4)[1:]],
        "fail",
        0.001,
        "too_small",
    ),
    Row("newest in progress", 0.5, [backup(0, "locked", size=1), *sizes(1000, 1000, 1000, 1000)], "pass", 1.0),
    Row(
        "newest exporting",
        0.5,
        [backup(0, "exporting", size=1), *sizes(None, 1000, 1000, 1000)[1:]],
        "fail",
        0.001,
        "too_small",
    ),
    Row(
        "newest exported",
        0.5,
        [backup(0, "exported", size=1), *sizes(None, 1000, 1000, 1000)[1:]],
        "fail",
        0.001,
        "too_small",
    ),
    Row(
        "expired ones are not compared",
        0.5,
        [*sizes(500, 1000, 1000, 1000), *sizes(None, 10**6, 10**6, 10**6, 10**6, 10**6, status="expired")[1:]],
        "pass",
        0.5,
    ),
    Row("unknown codes only", 0.5, sizes(500, 1000, status="unknown"), "unknown", None, "unclear"),
    Row("undated only", 0.5, [backup(undated=True, size=5)], "unknown", None, "unclear"),
    Row("ahead", 0.5, [backup(-601, size=1000), *sizes(1000, 1000, 1000, 1000)], "unknown", None, "dated_ahead"),
    Row(
        "within the slack ahead",
        0.5,
        [backup(-600, size=10), *sizes(1000, 1000, 1000, 1000)],
        "fail",
        0.01,
        "too_small",
    ),
    Row("horizon short", 0.5, sizes(1000, 1000, 1000, 1000), "pass", 1.0, horizon_seconds=H),
    Row("younger, none", 0.5, [], "not_applicable", None, "too_young", created_time=ago(26 * H - 1)),
    Row("exactly as old, none", 0.5, [], "fail", None, "none", created_time=ago(26 * H)),
    Row("creation not known", 0.5, [], "fail", None, "none"),
    Row("creation not readable", 0.5, [], "fail", None, "none", created_time=""),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_min_size_ratio(row):
    row.check("min_size_ratio")


#: What people read of each way in which min_size_ratio comes out.
SENTENCES = {
    "on the limit": "newest usable backup has 500 bytes, 0.5 of the median before (1000), limit 0.5",
    "a byte short": "newest usable backup has 499 bytes, 0.499 of the median before (1000), limit 0.5",
    "short by less than the rounding": (
        "newest usable backup has 499999 bytes, 0.5 of the median before (1e+06), limit 0.5"
    ),
    "two that started together, one without size": "the API doesn't show the sizes that are needed",
    "grown": "newest usable backup has 9000 bytes, 9 of the median before (1000), limit 1",
    "empty file": "newest usable backup has 0 bytes, 0 of the median before (1000), limit 0.5",
    "two before are not": "2 earlier backups, 3 are needed to compare",
    "none": "no usable backup",
    "newest of an unknown code": (
        "it is not known which backup is the newest: 1 of its backups has an undocumented status or type"
    ),
    "an unknown code a second older than the newest": (
        "newest usable backup has 1000 bytes, 1 of the median before (1000), limit 0.5"
    ),
    "unknown codes before, whose sizes would break it": (
        "newest usable backup has 1000 bytes, 1 of the median before (1000), limit 0.5: 4 of its backups have an "
        "undocumented status or type"
    ),
    "unknown codes before, whose sizes would mend it": (
        "newest usable backup has 1000 bytes, 0.111 of the median before (9000), limit 0.5: 4 of its backups have"
        " an undocumented status or type"
    ),
    "two before, and one of an unknown code": (
        "it is not known which backups to compare: 1 of its backups has an undocumented status or type"
    ),
    "undated beside a small one": (
        "it is not known which backup is the newest: 1 of its backups has a time that can't be read"
    ),
    "unknown codes only": "no usable backup: 2 of its backups have an undocumented status or type",
    "undated only": "no usable backup: 1 of its backups has a time that can't be read",
    "ahead": "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
    "younger, none": "no usable backup: the instance is 25h 59m old, too young",
}


def test_sentences():
    assert SENTENCES.items() <= sentences("min_size_ratio", ROWS).items()
