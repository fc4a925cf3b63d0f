# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections import namedtuple
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._api.v2 import ApiV2
from ansible_collections.qcloud.crs.plugins.module_utils._api.v3 import ApiV3
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options import backups

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=timezone.utc)
Listing = namedtuple("Listing", "backups")


def window(begin=None, end=None, page_size=100):
    params = {"begin_time": begin, "end_time": end, "page_size": page_size}
    return backups.window(params, BEIJING, NOW)


def test_ids_keep_their_order_and_come_once():
    assert backups.instance_ids(["crs-2", "crs-1", "crs-2"], ApiV3) == ["crs-2", "crs-1"]


def test_no_ids_mean_the_region_where_the_api_can():
    assert backups.instance_ids(None, ApiV3) is None
    with pytest.raises(InvalidOption, match="set instance_ids, or use api_version v3"):
        backups.instance_ids(None, ApiV2)


@pytest.mark.parametrize(
    "values, said",
    [
        ([], "instance_ids is an empty list.*leave it out"),
        (["crs 1"], "instance_ids has 'crs 1'.*crs-a1b2c3d4"),
        (["crs-1", ""], "instance_ids has ''"),
        (["crs-1\n"], "instance_ids has"),
        (["-x"], "instance_ids has '-x'"),
        (["crs-1,crs-2"], "instance_ids has 'crs-1,crs-2'"),
        (["x" * 65], "instance_ids has"),
        (["{{ x }}"], "instance_ids has"),
        (["crs-\u0661"], "instance_ids has"),
    ],
    ids=lambda value: repr(value)[:16] if isinstance(value, list) else "",
)
@pytest.mark.parametrize("dialect", [ApiV2, ApiV3])
def test_bad_ids_are_named(values, said, dialect):
    with pytest.raises(InvalidOption, match=said):
        backups.instance_ids(values, dialect)


@pytest.mark.parametrize(
    "begin, end, wanted",
    [
        (None, None, (None, None)),
        ("-7d", None, (NOW - timedelta(days=7), None)),
        (None, "-1d", (None, NOW - timedelta(days=1))),
        ("-7d", "-7d", (NOW - timedelta(days=7),) * 2),
        ("-1d", "+1d", (NOW - timedelta(days=1), NOW + timedelta(days=1))),
        ("2026-11-24 20:00:00", None, (NOW, None)),
    ],
)
def test_windows(begin, end, wanted):
    assert window(begin, end) == wanted


@pytest.mark.parametrize(
    "given, said",
    [
        ({"begin": "-1d", "end": "-2d"}, "begin_time '-1d' is later than end_time '-2d': swap them"),
        ({"begin": "+1s"}, r"begin_time '\+1s' is in the future"),
        ({"begin": "2009-12-31 23:59:59"}, "begin_time '2009-12-31 23:59:59' lies before 2010"),
        ({"begin": "soon"}, "begin_time 'soon' is not a time"),
        ({"end": "late"}, "end_time 'late' is not a time"),
        ({"begin": ""}, "begin_time '' is not a time"),
        ({"page_size": 0}, "page_size is 0: use a number from 1 to 100"),
        ({"page_size": 101}, "page_size is 101: use a number from 1 to 100"),
    ],
)
def test_bad_windows_are_named(given, said):
    with pytest.raises(InvalidOption, match=said):
        window(**given)


def row(start, type_="system", status="normal", instance_id="crs-1", backup_id="b-1", expire_time=None):
    return {
        "start_time": start,
        "type": type_,
        "status": status,
        "usable": status == "normal",
        "instance_id": instance_id,
        "backup_id": backup_id,
        "expire_time": expire_time,
    }


ROWS = [
    row("2026-01-02T00:00:00Z", backup_id="b-2"),
    row(None, "unknown", "unknown", backup_id="b-0"),
    row("2026-01-03T00:00:00Z", "manual", "expired", backup_id="b-3"),
    row("2026-01-01T00:00:00Z", "manual", backup_id="b-1"),
]


@pytest.mark.parametrize(
    "types, statuses, wanted",
    [
        (None, None, ["b-3", "b-2", "b-1", "b-0"]),
        ([], [], ["b-3", "b-2", "b-1", "b-0"]),
        (["manual"], None, ["b-3", "b-1"]),
        (None, ["normal"], ["b-2", "b-1"]),
        (["manual"], ["normal"], ["b-1"]),
        (["unknown"], ["unknown"], ["b-0"]),
        (["spec_change"], None, []),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_selected_newest_first_and_unreadable_times_last(types, statuses, wanted, order):
    rows = ROWS[::order]
    listings = [Listing(rows[:2]), Listing([]), Listing(rows[2:])]
    assert [found["backup_id"] for found in backups.selected(listings, types, statuses, NOW)] == wanted


def test_selected_is_the_same_whatever_order_the_answers_came_in():
    same = [row("2026-01-01T00:00:00Z", instance_id=f"crs-{one}", backup_id=f"b-{two}") for one in "12" for two in "12"]
    assert backups.selected([Listing(same)], None, None, NOW) == backups.selected(
        [Listing(same[::-1])], None, None, NOW
    )


def test_selected_by_the_status_as_of_now():
    rows = [row(None, expire_time="2026-01-02T00:00:00Z"), row(None, expire_time="2099-01-01T00:00:00Z")]
    gone, there = (
        {**one, "status": word, "usable": word == "normal"} for one, word in zip(rows, ("expired", "normal"))
    )
    assert backups.selected([Listing(rows)], None, ["expired"], NOW) == [gone]
    assert backups.selected([Listing(rows)], None, ["normal"], NOW) == [there]
