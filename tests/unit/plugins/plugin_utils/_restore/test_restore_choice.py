# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backup is tested, out of which, and when its file must have been written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._times import to_iso
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.choice import Choice, choose, fitting_zone
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.outcomes import NotPassed

NOW = datetime(2026, 6, 10, tzinfo=timezone.utc)
SLACK = 900


def backup(backup_id, hours, status="normal", end=0.25, **more):
    start = NOW - timedelta(hours=hours)
    return {
        "backup_id": backup_id,
        "status": status,
        "usable": status in ("normal", "exported", "exporting"),
        "start_time": to_iso(start),
        "end_time": None if end is None else to_iso(start + timedelta(hours=end)),
        "expire_time": None,
        **more,
    }


DAYS = [backup(f"b-{day}", 24 * day) for day in range(1, 8)]


def chosen(backups=DAYS, **choice):
    return choose(backups, Choice(**choice), NOW, SLACK)


def word(backups, **choice):
    with pytest.raises(NotPassed) as problem:
        chosen(backups, **choice)
    assert problem.value.outcome == "unknown"
    return problem.value.word


@pytest.mark.parametrize(
    "choice, which, candidates",
    [
        ({}, "b-1", 7),
        ({"select": "oldest"}, "b-7", 7),
        ({"select": "oldest", "within": 3 * 86400}, "b-3", 3),
        ({"backup_id": "b-5"}, "b-5", 1),
        ({"backup_id": "b-5", "select": "random", "seed": "x"}, "b-5", 1),
        # By hand: the SHA-256 of the seed, modulo 7, oldest first.
        ({"select": "random", "seed": "a"}, "b-6", 7),
        ({"select": "random", "seed": "b"}, "b-1", 7),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_which_one(choice, which, candidates, order):
    found = chosen(DAYS[::order], **choice)
    assert (found.backup["backup_id"], found.candidates) == (which, candidates)


def test_a_random_choice_reaches_all():
    assert {chosen(select="random", seed=str(seed)).backup["backup_id"] for seed in range(99)} == {
        one["backup_id"] for one in DAYS
    }


@pytest.mark.parametrize("status", ["locked", "exporting", "expired", "unknown"])
def test_only_what_can_be_downloaded(status):
    newer = backup("b-0", 1, status)
    assert chosen([newer, *DAYS]).backup["backup_id"] == "b-1"
    assert word([newer]) == "no_backup" and word([newer], backup_id="b-0") == "backup_status"


def test_one_that_has_expired_meanwhile_is_none():
    assert word([backup("b-0", 1, expire_time=to_iso(NOW))]) == "no_backup"
    assert chosen([backup("b-0", 1, "exported")]).backup["backup_id"] == "b-0"


def test_nothing_to_choose_from():
    assert word([]) == "no_backup" and word(DAYS, within=3600) == "no_backup"
    assert word(DAYS, backup_id="b-9") == "backup_gone"


def test_what_has_no_date_could_be_the_newest():
    undated = backup("b-0", 1, start_time=None)
    for choice in ({}, {"select": "oldest"}, {"select": "random", "seed": "a"}, {"backup_id": "b-0"}):
        assert word([*DAYS, undated], **choice) == "undated"
    assert chosen([*DAYS, undated], backup_id="b-2").backup["backup_id"] == "b-2"
    assert chosen([*DAYS, {**undated, "status": "locked"}]).backup["backup_id"] == "b-1"


@pytest.mark.parametrize("choice", [{}, {"backup_id": "b-0"}])
def test_what_is_dated_ahead(choice):
    assert word([*DAYS, backup("b-0", -0.26)], **choice) == "dated_ahead"
    assert chosen([*DAYS, backup("b-0", -0.25)], **choice).backup["backup_id"] == "b-0"


@pytest.mark.parametrize(
    "backups, first, last",
    [
        ([backup("b-0", 10), backup("b-1", 5)], -10, -9.75),
        ([backup("b-0", 10, end=None), backup("b-1", 5), backup("b-2", 7, "locked")], -10, -7),
        ([backup("b-0", 5, end=None)], -5, 0),
        ([backup("b-0", 5, end=None), backup("b-1", 4, start_time=None, status="locked")], -5, 0),
        ([backup("b-0", 10, end=-1)], -10, -10),
        # Without an end, or with one far away, a file written later is that of another backup.
        ([backup("b-0", 26, end=None)], -26, -20),
        ([backup("b-0", 26, end=None), backup("b-1", 2)], -26, -20),
        ([backup("b-0", 26, end=25)], -26, -20),
        ([backup("b-0", 2, end=5)], -2, 0),
        ([backup("b-0", -0.25, end=5)], 0.25, 0.25),
    ],
    ids=["end", "next", "now", "undated", "odd end", "no end", "a far next", "a far end", "an end ahead", "ahead"],
)
def test_when_the_file_must_have_been_written(backups, first, last):
    created = chosen(backups, backup_id="b-0").created
    hours = [(moment - NOW.timestamp()) / 3600 for moment in created]
    assert hours == [first - 0.25, last + 0.25, first]


@pytest.mark.parametrize(
    "distance, utc_offset, zone",
    [
        (3600, 9, "+08:00"),
        (3600 + 180, 9, "+08:00"),
        (3600 - 180, 9, "+08:00"),
        (3600 + 181, 9, None),
        (3600 - 181, 9, None),
        (-8100, 5.75, "+08:00"),
        (900, 8, "+07:45"),
        (-900, 8, "+08:15"),
        # Times of a zone in the east that are read as UTC, or the other way round.
        (-8 * 3600, 0, "+08:00"),
        (8 * 3600, 8, "+00:00"),
        (8 * 3600 + 900, 8, "-00:15"),
        # No zone is there.
        (-6 * 3600, 8, "+14:00"),
        (-6 * 3600 - 900, 8, None),
        (14 * 3600, 2, "-12:00"),
        (14 * 3600, 1.75, None),
        # Too far.
        (14 * 3600, 8, "-06:00"),
        (14 * 3600 + 900, 8, None),
        (-14 * 3600 - 900, -8, None),
        (24 * 3600, 8, None),
        # No other zone.
        (0, 8, None),
        (180, 8, None),
        (-60, 8, None),
    ],
)
def test_which_zone_would_fit(distance, utc_offset, zone):
    assert fitting_zone(distance, utc_offset * 3600) == zone
