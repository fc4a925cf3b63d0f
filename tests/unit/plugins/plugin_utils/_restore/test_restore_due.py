# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is tested next, and how many at a time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from restore_records import restore_record

from ansible_collections.qcloud.crs.plugins.module_utils._times import to_iso
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.facts import Instance
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import due, latest
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.latest import LastTests

NOW = datetime(2026, 6, 10, tzinfo=timezone.utc)
DAY = 86400
GIB = 1 << 30


def instance(name):
    return Instance("tencentcloud", "ap-guangzhou", f"crs-{name}")


def host(name, every=30, of=None):
    return due.Host(name, instance(of or name), every * DAY)


def last(passed=None, tried=None, failed=None):
    """Tests of these numbers of days ago: the last one that passed, one that was unknown, and the last one that failed."""
    days = {"passed": passed, "unknown": tried, "failed": failed}
    made = [restore_record(word, to_iso(NOW - timedelta(days=ago))) for word, ago in days.items() if ago]
    (tests,) = latest.last_tests(made).values()
    return tests


def names(days, max_hosts=10, every=30):
    """Return who is due of ``{name: (passed, tried, failed)}``."""
    tests = {instance(name): last(*of) for name, of in days.items() if of}
    return due.due([host(name, every) for name in days], tests, NOW, max_hosts)


@pytest.mark.parametrize(
    "days, expected",
    [
        ({"a": ()}, ["a"]),
        ({"a": (29.99,)}, []),
        ({"a": (30,)}, ["a"]),
        ({"a": (31,), "b": (60,), "c": (), "d": (1,)}, ["c", "b", "a"]),
        ({"b": (), "a": ()}, ["a", "b"]),
        # Tested since it was due, without passing: after those that were not tested.
        ({"a": (90, 1), "b": (31,)}, ["b", "a"]),
        ({"a": (None, 1), "b": (None, 2), "c": (31,)}, ["c", "b", "a"]),
        ({"a": (10, 1)}, []),
        # Failed: due at once, and first, the longest ago before others; what can't be tested then changes nothing.
        ({"a": (10, None, 1)}, ["a"]),
        ({"a": (1, None, 10)}, []),
        ({"a": (5, None, 5)}, ["a"]),
        ({"a": (10, 1, 2)}, ["a"]),
        ({"a": (90,), "b": (10, None, 1), "c": (None, None, 2), "d": ()}, ["c", "b", "d", "a"]),
        ({"a": (10, 1, 5), "b": (10, None, 2)}, ["b", "a"]),
    ],
)
def test_most_overdue_first(days, expected):
    assert names(days).now == expected


@pytest.mark.parametrize("days, expected", [(1, []), (2, []), (3, ["a"])])
def test_a_pass_of_an_older_backup_does_not_clear_a_failure(days, expected):
    """As in the audit: a failure stands until its backup, or one that began later, passes."""
    made = [restore_record("failed", to_iso(NOW - timedelta(hours=2))), restore_record("passed", to_iso(NOW))]
    for number, record in enumerate(made):
        start = to_iso(NOW - timedelta(days=(2, days)[number]))
        record["backup"].update(backup_id=f"b-{number}", start_time=start)
    (tests,) = latest.last_tests(made).values()
    assert due.due([host("a")], {instance("a"): tests}, NOW, 9).now == expected


def test_a_test_in_vain_before_it_was_due_changes_nothing():
    # Due for 10 days; tested 20 days ago, without passing.
    assert names({"b": (35,), "a": (40, 20)}).now == ["a", "b"]


def test_no_more_than_there_is_room_for():
    found = names({"a": (), "b": (50,), "c": (40,), "d": (35,)}, max_hosts=2)
    assert found == (["a", "b"], ["c", "d"], 1)


@pytest.mark.parametrize(
    "never, max_hosts, days", [("unknown", 2, 4), ("unknown", 1, 6), ("failed", 2, 6), ("failed", 1, 6)]
)
def test_those_that_can_never_pass_keep_nobody_from_it(never, max_hosts, days):
    """One run a day: two are never passed, and the others all have their turn within some days."""
    tests, tested = {}, []
    hosts = [host(name) for name in ("x", "y", "a", "b", "c", "d")]
    for day in range(days):
        now = NOW + timedelta(days=day)
        for name in due.due(hosts, tests, now, max_hosts).now:
            tested.append(name)
            outcome = never if name in "xy" else "passed"
            made = restore_record(outcome, to_iso(now))
            tests[instance(name)] = LastTests(
                made, made if outcome == "passed" else None, made if outcome == "failed" else None
            )
    assert set(tested) == {"x", "y", "a", "b", "c", "d"}


def test_half_of_the_room_is_for_those_that_failed():
    days = {**dict.fromkeys("abc", (10, None, 1)), **dict.fromkeys("xyz", (40,))}
    assert names(days, max_hosts=4) == (["a", "b", "x", "y"], ["z", "c"], 0)
    assert names(days, max_hosts=1).now == ["x"]
    assert names({name: days[name] for name in "abc"}, max_hosts=3).now == ["a", "b", "c"]


def test_hosts_of_one_instance_are_tested_once_by_the_shortest_interval():
    hosts = [host("a", 30), host("b", 7, of="a"), host("c", 30)]
    tests = {instance(name): last(10) for name in "ac"}
    assert due.due(hosts, tests, NOW, 9) == (["a"], [], 0)


@pytest.mark.parametrize(
    "parallel, forks, memory, wanted, expected",
    [
        (4, 5, 8 * GIB, [None] * 10, (4, 2 * GIB)),
        (4, 2, 8 * GIB, [None] * 10, (2, 4 * GIB)),
        (4, 5, 8 * GIB, [None], (1, 8 * GIB)),
        (4, 5, GIB, [None] * 10, (2, GIB // 2)),
        (4, 5, GIB // 4, [None] * 10, (1, GIB // 4)),
        (4, 5, 8 * GIB, [], (1, 8 * GIB)),
        # The largest of the hosts' own maxima bounds how many run at a time. Other hosts do not get it.
        (4, 5, 8 * GIB, [3 * GIB, None, GIB], (2, 4 * GIB)),
        (4, 5, 8 * GIB, [16 * GIB, None], (1, 8 * GIB)),
        (4, 5, 2 * GIB, [GIB // 8, None, None, None], (4, GIB // 2)),
        (4, 5, GIB, [GIB // 8, None, None, None], (2, GIB // 2)),
        # Less than the minimum, if all say so.
        (4, 5, GIB // 2, [GIB // 8] * 4, (4, GIB // 8)),
    ],
)
def test_memory_bounds_how_many_run_at_a_time(parallel, forks, memory, wanted, expected):
    assert due.share(parallel, forks, memory, wanted) == expected
