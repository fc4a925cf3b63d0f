# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._http.rate_limit import Pace


def starts(pace, faketime, number):
    """Return when this number of callers, one after the other, got their turn."""
    times = []
    for _number in range(number):
        pace.wait()
        times.append(round(faketime.now - 1000, 6))
    return times


@pytest.mark.parametrize(
    "per_second, wanted",
    [
        (2, [0, 0.5, 1, 1.5]),
        (20, [0, 0.05, 0.1, 0.15]),
        (0.5, [0, 2, 4, 6]),
        (0, [0, 0, 0, 0]),
    ],
)
def test_starts_are_evenly_spaced(faketime, per_second, wanted):
    assert starts(Pace(per_second, faketime.clock, faketime.sleep), faketime, 4) == wanted


def test_a_pause_saves_up_no_burst(faketime):
    pace = Pace(2, faketime.clock, faketime.sleep)
    starts(pace, faketime, 1)
    faketime.now += 60
    assert starts(pace, faketime, 3) == [60, 60.5, 61]


def test_a_throttle_halves_the_pace_and_a_second_gives_a_tenth_back(faketime):
    pace = Pace(10, faketime.clock, faketime.sleep)
    starts(pace, faketime, 1)
    pace.slow_down()
    first, second, third = starts(pace, faketime, 3)
    assert first == 0.1
    assert 0.19 < second - first <= 0.2 and third - second < second - first
    faketime.now += 5
    times = starts(pace, faketime, 3)
    assert times[2] - times[1] == pytest.approx(0.1)


def test_many_throttles_have_a_floor(faketime):
    pace = Pace(8, faketime.clock, faketime.sleep)
    for _number in range(50):
        pace.slow_down()
    first, second = starts(pace, faketime, 2)
    assert second - first == pytest.approx(1.0)


def test_a_throttle_may_ask_for_a_pause_of_everybody(faketime):
    pace = Pace(10, faketime.clock, faketime.sleep)
    pace.slow_down(3)
    assert starts(pace, faketime, 1) == [3]
    pace.slow_down(3)
    pace.slow_down(1)  # doesn't shorten the first one's
    assert starts(pace, faketime, 1) == [6]


def test_a_throttle_without_a_limit_pauses_only(faketime):
    pace = Pace(0, faketime.clock, faketime.sleep)
    pace.slow_down(2)
    assert starts(pace, faketime, 3) == [2, 2, 2]


@pytest.mark.parametrize("wanted", [(2, 4), (4, 2), (0, 2), (2, 0), (4, 2, 0, 3)])
def test_the_slowest_that_anybody_asks_for_holds_for_all(faketime, wanted):
    pace = Pace(wanted[0], faketime.clock, faketime.sleep)
    for one in wanted:
        pace.hold_to(one)
    assert starts(pace, faketime, 3) == [0, 0.5, 1]


def test_a_further_connection_does_not_forget_a_throttle(faketime):
    pace = Pace(10, faketime.clock, faketime.sleep)
    pace.slow_down()
    pace.hold_to(8)
    first, second = starts(pace, faketime, 2)
    assert second - first == pytest.approx(0.2)
