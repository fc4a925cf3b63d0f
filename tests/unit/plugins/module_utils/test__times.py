# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time
from datetime import date, datetime, timedelta, timezone

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils import _times
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def machine_zone(monkeypatch):
    """The zone of the machine never matters, so it is none of those below."""
    monkeypatch.setitem(os.environ, "TZ", "America/St_Johns")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "text, hours",
    [
        ("+08:00", 8),
        ("+0800", 8),
        ("-05:30", -5.5),
        ("UTC", 0),
        ("utc", 0),
        ("Z", 0),
        (" +00:00 ", 0),
        ("Asia/Shanghai", 8),
        ("Asia/Tokyo", 9),
    ],
)
def test_zones(text, hours):
    assert NOW.astimezone(_times.parse_zone(text)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", ["", "localtime", "+8", "+25:00", "+08:60", "Mars/Olympus", "/etc/localtime", "../etc/passwd", "8", "a\0b"]
)
def test_bad_zones_are_named(text):
    with pytest.raises(InvalidOption) as caught:
        _times.parse_zone(text)
    assert str(caught.value).startswith(f"timezone {text!r} is neither") and "+08:00" in str(caught.value)


@pytest.mark.parametrize(
    "value, zone, wanted",
    [
        ("2017-02-08 16:46:34", "+08:00", "2017-02-08T08:46:34Z"),
        ("2017-02-08 16:46:34", "UTC", "2017-02-08T16:46:34Z"),
        ("2017-02-08 16:46:34", "Asia/Shanghai", "2017-02-08T08:46:34Z"),
        ("2024-02-29 00:00:00", "+08:00", "2024-02-28T16:00:00Z"),
        # summer and winter
        ("2026-07-01 12:00:00", "Europe/Berlin", "2026-07-01T10:00:00Z"),
        ("2026-12-01 12:00:00", "Europe/Berlin", "2026-12-01T11:00:00Z"),
        # the hour that comes twice is the earlier one: judged older, never fresher
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
        # the hour that doesn't exist
        ("2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
    ],
)
def test_bare_times_of_the_api(value, zone, wanted):
    assert _times.to_iso(_times.parse_api_time(value, _times.parse_zone(zone))) == wanted


@pytest.mark.parametrize(
    "value",
    [
        "0000-00-00 00:00:00",
        "",
        None,
        "null",
        "2017-02-30 00:00:00",
        "2017-02-08 24:00:00",
        "2017-02-08",
        1486543594,
        "2017-02-08 16:46",
        "2017-02-08 16:46:34.5",
        "2017-02-08 16:46:34 ",
        "0001-01-01 00:00:00",
        True,
        [],
        "２017-02-08 16:46:34",
    ],
    ids=repr,
)
def test_x8_what_cannot_be_read_is_none(value):
    assert _times.parse_api_time(value, BEIJING) is None


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("2017-02-08 16:46:34", "2017-02-08T08:46:34Z"),
        ("2017-02-08T16:46:34+08:00", "2017-02-08T08:46:34Z"),
        ("2017-02-08T16:46:34+0800", "2017-02-08T08:46:34Z"),
        ("2017-02-08 16:46:34-05:00", "2017-02-08T21:46:34Z"),
        ("2017-02-08T16:46:34Z", "2017-02-08T16:46:34Z"),
        ("2017-02-08T16:46:34.123456Z", "2017-02-08T16:46:34Z"),
        ("2017-02-08T16:46Z", "2017-02-08T16:46:00Z"),
        ("-7d", "2026-11-17T12:00:00Z"),
        ("-26h", "2026-11-23T10:00:00Z"),
        ("-90m", "2026-11-24T10:30:00Z"),
        ("-30s", "2026-11-24T11:59:30Z"),
        ("-2w", "2026-11-10T12:00:00Z"),
        ("+1h", "2026-11-24T13:00:00Z"),
        (" -1d ", "2026-11-23T12:00:00Z"),
    ],
)
def test_times_of_the_user(text, wanted):
    moment = _times.parse_moment(text, BEIJING, NOW, "begin_time")
    assert moment.utcoffset() == timedelta(0) and _times.to_iso(moment) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7d",
        "-7y",
        "-1.5d",
        "--7d",
        "yesterday",
        "2017-02-08",
        "2017-02-08T16:46:34",
        "2017-13-01 00:00:00",
        "2017-02-08T16:46:34+25:00",
        "2017-02-08T16:46:34+08:75",
        "-999999999w",
        "0001-01-01 00:00:00",
        "{{ now }}",
    ],
)
def test_bad_times_of_the_user_are_named(text):
    with pytest.raises(InvalidOption) as caught:
        _times.parse_moment(text, BEIJING, NOW, "end_time")
    assert str(caught.value).startswith(f"end_time {text!r} ")
    assert "-7d" in str(caught.value) or "shorter" in str(caught.value)


@pytest.mark.parametrize("text, number", [("-7", "-7"), (" +30 ", "+30"), (-7, "-7"), ("-0", "-0")])
def test_a_relative_time_without_a_unit_names_the_units(text, number):
    with pytest.raises(InvalidOption) as caught:
        _times.parse_moment(text, BEIJING, NOW, "begin_time")
    assert caught.value.reason == (
        f"begin_time {text!r} has no unit: write {number}d for days, {number}h for hours, {number}m for minutes or "
        f"{number}s for seconds"
    )


#: When clocks change, in Europe and in America.
CHANGES = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1))
#: Each quarter of an hour of those days and of the next, and some of all others.
QUARTERS = [
    moment
    for quarter in range(4 * 24 * 366)
    for moment in [datetime(2026, 1, 1) + timedelta(minutes=15 * quarter)]
    if quarter % 37 == 0 or {moment.date(), moment.date() - timedelta(days=1)} & set(CHANGES)
]


@pytest.mark.parametrize("zone", ["+08:00", "UTC", "Europe/Berlin", "America/New_York"])
def test_what_is_written_is_read_back(zone):
    zone = _times.parse_zone(zone)
    for bare in QUARTERS:
        # The hour that comes twice is left out: it is read as the earlier one.
        moment = bare.replace(second=bare.day, tzinfo=timezone.utc)
        if not moment.astimezone(zone).fold:
            assert _times.parse_api_time(_times.format_api_time(moment, zone), zone) == moment


def test_a_text_of_the_record_states_a_moment():
    assert _times.from_iso("2017-02-08T08:46:34Z") == datetime(2017, 2, 8, 8, 46, 34, tzinfo=timezone.utc)
    with pytest.raises(ValueError, match=r"^2017-02-08$"):
        _times.from_iso("2017-02-08")


def test_none_stays_none():
    assert _times.to_iso(None) is None and _times.parse_iso(None) is None


@pytest.mark.parametrize("zone", ["+08:00", "-05:30", "UTC", "Europe/Berlin", "America/St_Johns"])
def test_bare_times_are_read_as_the_library_would(zone):
    """By hand, for speed: with hours that come twice and never."""
    zone = _times.parse_zone(zone)
    for there in QUARTERS:
        read = _times.parse_api_time(there.isoformat(" "), zone)
        assert read == there.replace(tzinfo=zone).astimezone(timezone.utc) and read.tzinfo is _times.UTC


@pytest.mark.parametrize(
    "text", ["2026-02-28T23:59:59", "2024-02-29T00:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59"]
)
def test_our_own_form_is_read_as_any_other(text):
    moment = _times.parse_iso(f"{text}Z")
    assert moment == _times.parse_iso(f"{text}+00:00") == datetime.fromisoformat(f"{text}+00:00")
    assert moment.tzinfo is _times.UTC and _times.to_iso(moment) == f"{text}Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2026-02-28T24:00:00Z",
        "2026-02-28T23:60:00Z",
        "0000-01-01T00:00:00Z",
        "2026-02-28T23:59:59Z\n",
        " 2026-02-28T23:59:59Z",
        "２026-02-28T23:59:59Z",
        "2026-02-28T23:59:59z",
        "2026-02-28T23:59:59",
    ],
    ids=repr,
)
def test_what_only_looks_like_our_own_form_is_none(text):
    assert _times.parse_iso(text) is None


@pytest.mark.parametrize("zone", [timezone.utc, BEIJING, timezone(timedelta(hours=-5.5)), _times.parse_zone("UTC")])
@pytest.mark.parametrize("micros", [0, 1, 999999])
def test_a_moment_of_any_zone_is_written_in_utc_rounded_down(zone, micros):
    moment = datetime(2026, 3, 1, 0, 30, 59, micros, tzinfo=timezone.utc).astimezone(zone)
    assert _times.to_iso(moment) == "2026-03-01T00:30:59Z"


@pytest.mark.parametrize("text, seconds", [("45s", 45), ("0d", 0), ("3660d", 3660 * 86400)])
def test_a_duration(text, seconds):
    assert _times.parse_duration(text, "every") == seconds


@pytest.mark.parametrize("text", ["3661d", "316224001s", "999999999w"])
def test_a_duration_of_more_than_ten_years(text):
    """It could lead out of the calendar, whatever it is for."""
    with pytest.raises(InvalidOption, match=f"^every '{text}' is longer than ten years: use a shorter time$"):
        _times.parse_duration(text, "every")
