# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""window: system backups start within a time of day, in the policy's zone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    Example,
    H,
    Row,
    ago,
    backup,
    name_of,
    sentences,
    utc,
)

EXAMPLES = {
    "window": Example(
        "01:00-05:00",
        "01:00-05:00",
        ("01:00-05:00", [backup(H)], None),
        limits=("01:00-05:00", "23:00-01:00", "00:00-23:59", "05:00-05:00"),
    )
}
W = "01:00-05:00"
NIGHT = "23:00-01:00"


def at(clock, status="normal", type="system", day="2026-06-14"):
    """Started when clocks in +08:00 show this."""
    moment = utc(f"{day}T{clock}+08:00")
    return backup(0, status, type, now=moment)


ROWS = [
    Row("inside", W, [at("03:00:00")], "pass", None),
    Row("first second", W, [at("01:00:00")], "pass", None),
    Row(
        "a second before",
        W,
        [at("00:59:59")],
        "fail",
        "00:59",
        "outside",
    ),
    Row("last second", W, [at("05:00:00")], "pass", None),
    Row("a second after", W, [at("05:00:01")], "fail", "05:00", "outside"),
    Row("past midnight, first second", NIGHT, [at("23:00:00")], "pass", None),
    Row("past midnight, before", NIGHT, [at("22:59:59")], "fail", "22:59", "outside"),
    Row("past midnight, midnight", NIGHT, [at("00:00:00")], "pass", None),
    Row("past midnight, last second", NIGHT, [at("01:00:00")], "pass", None),
    Row("past midnight, after", NIGHT, [at("01:00:01")], "fail", "01:00", "outside"),
    Row("past midnight, noon", NIGHT, [at("12:00:00")], "fail", "12:00", "outside"),
    Row("until 24:00, first second", "22:00-24:00", [at("22:00:00")], "pass", None),
    Row("until 24:00, a second before", "22:00-24:00", [at("21:59:59")], "fail", "21:59", "outside"),
    Row("until 24:00, last second of the day", "22:00-24:00", [at("23:59:59")], "pass", None),
    Row("until 24:00, midnight is the next day", "22:00-24:00", [at("00:00:00")], "fail", "00:00", "outside"),
    Row("until 23:59, its last second", "22:00-23:59", [at("23:59:00")], "pass", None),
    Row("until 23:59, a second after", "22:00-23:59", [at("23:59:01")], "fail", "23:59", "outside"),
    Row(
        "all day, its last second",
        "00:00-24:00",
        [at("23:59:59"), at("00:00:00"), at("12:00:00")],
        "pass",
        None,
    ),
    Row("none", W, [], "not_applicable", None, "none"),
    Row(
        "many, one outside, unsorted",
        W,
        [at("02:00:00"), at("09:30:00", day="2026-06-12"), at("03:00:00", day="2026-06-13")],
        "fail",
        "09:30",
        "outside",
    ),
    Row("several a day", W, [at("01:00:00"), at("02:00:00"), at("03:00:00")], "pass", None),
    Row(
        "a long list is cut",
        W,
        [at(f"{hour:02}:00:00") for hour in range(6, 18)],
        "fail",
        "06:00",
        "outside",
    ),
    Row("manual backups are free", W, [at("12:00:00", type="manual"), at("02:00:00")], "pass", None),
    Row("spec changes are free", W, [at("12:00:00", type="spec_change")], "not_applicable", None, "none"),
    Row("in progress", W, [at("12:00:00", "locked")], "fail", "12:00", "outside"),
    Row("exporting", W, [at("12:00:00", "exporting")], "fail", "12:00", "outside"),
    Row("exported", W, [at("12:00:00", "exported")], "fail", "12:00", "outside"),
    Row("expired", W, [at("12:00:00", "expired")], "fail", "12:00", "outside"),
    Row("unknown code, outside", W, [at("12:00:00", "unknown")], "fail", "12:00", "outside"),
    Row("unknown code, inside", W, [at("02:00:00", "unknown")], "pass", None),
    Row("unknown type, outside", W, [at("02:00:00"), at("12:00:00", type="unknown")], "unknown", None, "unclear"),
    Row("unknown type, inside", W, [at("02:00:00"), at("03:00:00", type="unknown")], "pass", None),
    Row("unknown type only, outside", W, [at("12:00:00", type="unknown")], "unknown", None, "unclear"),
    Row(
        "outside, and an unknown type", W, [at("12:00:00"), at("12:00:00", type="unknown")], "fail", "12:00", "outside"
    ),
    Row("undated", W, [at("02:00:00"), backup(undated=True)], "unknown", None, "unclear"),
    Row("undated only", W, [backup(undated=True)], "unknown", None, "unclear"),
    Row("undated and manual", W, [at("02:00:00"), backup(undated=True, type="manual")], "pass", None),
    Row("undated and outside", W, [at("12:00:00"), backup(undated=True)], "fail", "12:00", "outside"),
    Row("ahead", W, [at("02:00:00"), backup(-601)], "unknown", None, "dated_ahead"),
    Row("within the slack ahead", "20:00-21:00", [backup(-600)], "pass", None),
    Row("horizon short", W, [at("02:00:00")], "pass", None, horizon_seconds=H),
    Row("a young instance", W, [at("12:00:00")], "fail", "12:00", "outside", created_time=ago(H)),
    Row("a window of a second, within", "03:00-03:00", [at("03:00:00")], "pass", None),
    Row("a window of a second, after", "03:00-03:00", [at("03:00:01")], "fail", "03:00", "outside"),
    Row("undated, of an unknown type", W, [backup(undated=True, type="unknown")], "unknown", None, "unclear"),
    Row("another zone", W, [at("03:00:00")], "fail", "19:00", "outside", zone="UTC"),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_window(row):
    row.check("window")


@pytest.mark.parametrize(
    "zone, window, start, inside",
    [
        # 2026-03-29: 02:00 is followed by 03:00 at 01:00Z.
        ("Europe/Berlin", "01:00-02:00", "2026-03-29T00:59:59Z", True),
        ("Europe/Berlin", "02:00-03:00", "2026-03-29T00:59:59Z", False),
        ("Europe/Berlin", "02:00-03:00", "2026-03-29T01:00:00Z", True),
        ("Europe/Berlin", "03:00-04:00", "2026-03-29T01:00:00Z", True),
        ("Europe/Berlin", "03:00-04:00", "2026-03-29T02:00:01Z", False),
        # 2026-10-25: 02:00-03:00 comes twice, 00:00Z-02:00Z.
        ("Europe/Berlin", "02:00-03:00", "2026-10-24T23:59:59Z", False),
        ("Europe/Berlin", "02:00-03:00", "2026-10-25T00:00:00Z", True),
        ("Europe/Berlin", "02:00-02:30", "2026-10-25T00:30:00Z", True),
        ("Europe/Berlin", "02:00-02:30", "2026-10-25T00:45:00Z", False),
        ("Europe/Berlin", "02:00-02:30", "2026-10-25T01:30:00Z", True),
        ("Europe/Berlin", "02:00-03:00", "2026-10-25T02:00:01Z", False),
        ("America/New_York", "03:00-04:00", "2026-03-08T07:00:00Z", True),
        ("America/New_York", "03:00-04:00", "2026-03-08T06:59:59Z", False),
        ("America/New_York", "01:00-01:30", "2026-11-01T05:15:00Z", True),
        ("America/New_York", "01:00-01:30", "2026-11-01T06:15:00Z", True),
        ("America/New_York", "01:00-01:30", "2026-11-01T07:15:00Z", False),
    ],
)
def test_days_on_which_clocks_change(zone, window, start, inside):
    now = utc(start) + timedelta(hours=12)
    clock = None if inside else utc(start).astimezone(ZoneInfo(zone)).strftime("%H:%M")
    outcome, code = ("pass", "met") if inside else ("fail", "outside")
    Row("", window, [backup(at=start)], outcome, clock, code, now=now, zone=zone).check("window")


#: What people read of each way in which window comes out.
SENTENCES = {
    "inside": "1 of 1 system backups started within 01:00-05:00",
    "a second before": "0 of 1 system backups started within 01:00-05:00, others at 00:59",
    "none": "no system backup to judge",
    "a long list is cut": (
        "0 of 12 system backups started within 01:00-05:00, others at 06:00, 07:00, 08:00, 09:00, 10:00"
    ),
    "unknown type, outside": (
        "1 of 1 system backups started within 01:00-05:00: 1 of its backups has an undocumented status or type"
    ),
    "undated": "1 of 1 system backups started within 01:00-05:00: 1 of its backups has a time that can't be read",
    "ahead": "a backup is dated in the future, 2026-06-15T12:10:01Z: check timezone and clocks",
}


def test_sentences():
    assert SENTENCES.items() <= sentences("window", ROWS).items()
