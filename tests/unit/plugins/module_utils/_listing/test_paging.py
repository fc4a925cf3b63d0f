# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole listing or a stated error, never a short list called complete."""

from __future__ import annotations

import math
import random
from collections import namedtuple

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Incomplete
from ansible_collections.qcloud.crs.plugins.module_utils._listing.concurrency import in_order
from ansible_collections.qcloud.crs.plugins.module_utils._listing.paging import read_all

Page = namedtuple("Page", "rows total")
ROWS = [f"b-{number:04}" for number in range(250)]


class Server:
    """Pages of rows; ``spoil(server, offset, limit)`` may answer in its own way, or return None."""

    def __init__(self, rows, spoil=None):
        self.rows, self.spoil, self.asked = list(rows), spoil, []

    def fetch(self, offset, limit):
        self.asked.append((offset, limit))
        assert len(self.asked) < 2000, "no end of requests"
        page = self.spoil(self, offset, limit) if self.spoil else None
        return page or self.page(offset, limit)

    def page(self, offset, limit):
        return Page(self.rows[offset : offset + limit], len(self.rows))


def read(server, page_size=100, v2=False, each=map):
    return list(read_all(server.fetch, page_size, lambda row: row, v2, each))


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("v2", [False, True], ids=["v3", "v2"])
def test_the_exact_set_with_the_least_number_of_requests(size, v2):
    for total in range(251):
        server = Server(ROWS[:total])
        assert read(server, size, v2) == ROWS[:total]
        assert server.asked == [(number * size, size) for number in range(max(1, math.ceil(total / size)))]


@pytest.mark.parametrize("size", [7, 100])
@pytest.mark.parametrize("v2", [False, True], ids=["v3", "v2"])
def test_several_pages_at_a_time_are_the_same_pages_in_the_same_order(size, v2):
    for total in (0, 1, 99, 100, 101, 250):
        server = Server(ROWS[:total])
        assert read(server, size, v2, in_order(4)) == ROWS[:total]
        assert sorted(server.asked) == [(number * size, size) for number in range(max(1, math.ceil(total / size)))]
        assert server.asked[0] == (0, size)


def test_of_several_pages_at_a_time_the_first_is_alone():
    """It may tell that the listing isn't worth it, or that the server keeps to smaller pages."""
    server = Server(ROWS, capped(50))
    assert sorted(read(server, each=in_order(4))) == ROWS
    assert server.asked[:2] == [(0, 100), (0, 50)] and len(server.asked) == 1 + 5


def capped(most):
    return lambda server, offset, limit: server.page(offset, min(limit, most))


def in_pages(server, offset, limit):
    return server.page(offset * limit, limit)


def first_only(server, offset, limit):
    return server.page(0, limit)


def empty_after_the_first(server, offset, limit):
    return Page([], len(server.rows)) if offset else None


def miscounted(by):
    return lambda server, offset, limit: Page(server.page(offset, limit).rows, len(server.rows) + by)


def repeats_a_row(server, offset, limit):
    page = server.page(offset, limit)
    return Page(page.rows[:-1] + page.rows[:1], page.total) if len(page.rows) > 1 else None


def hides_a_row(server, offset, limit):
    page = server.page(offset, limit)
    return Page([row for row in page.rows if row != "b-0005"], page.total)


def ignores_limit(server, offset, limit):
    return Page(server.rows, len(server.rows))


def capped_and_in_pages(server, offset, limit):
    limit = min(limit, 20)
    return server.page(offset * limit, limit)


@pytest.mark.parametrize(
    "spoil, v2, most_requests",
    [
        (capped(50), False, 1 + 5),
        (capped(50), True, 1 + 5),
        (capped(20), False, 1 + 13),
        (capped(99), False, 1 + 3),
        (in_pages, True, 2 + 3),
        (capped_and_in_pages, True, 1 + 2 + 13),
        (ignores_limit, False, 1),
    ],
    ids=[
        "x7-capped-v3",
        "capped-v2",
        "capped-20",
        "capped-99",
        "x1-in-pages-v2",
        "x1-capped-and-in-pages-v2",
        "ignores-limit",
    ],
)
def test_misbehaviour_that_leads_to_the_full_listing(spoil, v2, most_requests):
    server = Server(ROWS, spoil)
    assert sorted(read(server, v2=v2)) == ROWS
    assert len(server.asked) == most_requests


WRONG = {
    "x1-repeated-page": first_only,
    "x1-x25-empty-page": empty_after_the_first,
    "x25-total-too-high": miscounted(1),
    "x25-total-far-too-high": miscounted(60),
    "x25-nothing-at-all": lambda server, offset, limit: Page([], 250),
    "total-too-low": miscounted(-1),
    "total-far-too-low": miscounted(-220),
    "repeated-row": repeats_a_row,
    "hidden-row": hides_a_row,
}


@pytest.mark.parametrize(
    "spoil, v2",
    [
        *(
            pytest.param(spoil, v2, id=f"{name}-{'v2' if v2 else 'v3'}")
            for name, spoil in WRONG.items()
            for v2 in (False, True)
        ),
        pytest.param(in_pages, False, id="in-pages-v3"),
    ],
)
@pytest.mark.parametrize("size", [7, 100])
def test_misbehaviour_that_leads_to_a_stated_error(spoil, v2, size):
    server = Server(ROWS, spoil)
    with pytest.raises(Incomplete, match=r"the listing is not complete: .* \(read 4 times\)") as caught:
        read(server, size, v2)
    assert caught.value.kind == "incomplete"
    assert len(server.asked) <= 4 * math.ceil(310 / size)


def ends_early(server, offset, limit):
    page = server.page(offset, limit)
    return Page(page.rows[:-1], page.total) if offset + limit >= page.total else None


@pytest.mark.parametrize(
    "rows, spoil, gap",
    [
        (ROWS, first_only, "page 2 repeats rows already read, with 100 of 250 rows read"),
        (ROWS, empty_after_the_first, "page 2 is empty, with 100 of 250 rows read"),
        (ROWS, WRONG["x25-nothing-at-all"], "page 1 has 0 of 100 rows"),
        (ROWS, ends_early, "page 3 has 49 of 50 rows"),
        (ROWS, repeats_a_row, "247 of 250 rows came"),
        (["b-1", "b-2", "b-2"], miscounted(-1), "the API reports 2 rows but returned more, or duplicates"),
    ],
    ids=["repeated-page", "empty-page", "nothing-at-all", "ends-early", "repeated-rows", "row-twice"],
)
@pytest.mark.parametrize("v2", [False, True], ids=["v3", "v2"])
def test_the_error_says_where_the_listing_broke_off(rows, spoil, gap, v2):
    with pytest.raises(Incomplete) as caught:
        read(Server(rows, spoil), v2=v2)
    assert caught.value.reason == f"the listing is not complete: {gap} (read 4 times)"


def test_x25_the_example_of_the_docs_counts_six_and_shows_one():
    with pytest.raises(Incomplete, match="of 6 rows"):
        read(Server([], lambda server, offset, limit: Page(["b-1"][offset:], 6)))


@pytest.mark.parametrize("size", [7, 100])
def test_x7_offset_is_always_a_multiple_of_a_constant_limit(size):
    for most in (3, 50, 100):
        server = Server(ROWS, capped(most))
        read(server, size)
        assert all(offset % limit == 0 for offset, limit in server.asked)
        starts = [number for number, (offset, _limit) in enumerate(server.asked) if offset == 0]
        for start, end in zip(starts, [*starts[1:], None]):
            assert len({limit for _offset, limit in server.asked[start:end]}) == 1


def moving(times, move):
    """``move(rows)`` is called after each page, at most ``times`` times."""
    left = [times]

    def spoil(server, offset, limit):
        page = server.page(offset, limit)
        if left[0]:
            left[0] -= 1
            move(server.rows)
        return page

    return spoil


MOVES = {
    "a-new-one": lambda rows: rows.insert(0, f"n-{len(rows)}"),
    "one-expires": lambda rows: rows.pop(),
    "one-is-deleted": lambda rows: rows.pop(0),
    "one-comes-one-goes": lambda rows: (rows.insert(0, f"n-{random.random()}"), rows.pop()),
}
# Not here: one goes before the page and one comes behind it. The number is right then, and a row was passed by: no
# reading by offset can tell without asking for every page twice.


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("v2", [False, True], ids=["v3", "v2"])
@pytest.mark.parametrize("times", [1, 2])
def test_rows_that_move_and_then_rest_are_read_again(move, v2, times):
    for total in (101, 105, 200, 250):
        server = Server(ROWS[:total], moving(times, move))
        assert sorted(read(server, v2=v2)) == sorted(server.rows)


@pytest.mark.parametrize(
    "move", [MOVES["a-new-one"], MOVES["one-comes-one-goes"]], ids=["a-new-one", "one-comes-one-goes"]
)
@pytest.mark.parametrize("v2", [False, True], ids=["v3", "v2"])
def test_rows_that_move_for_ever_are_an_error(move, v2):
    server = Server(ROWS, moving(-1, move))
    with pytest.raises(Incomplete):
        read(server, v2=v2)
    assert len(server.asked) <= 4 * 3


@pytest.mark.parametrize(
    "glitch",
    [first_only, empty_after_the_first, hides_a_row, repeats_a_row, miscounted(1)],
    ids=["repeated-page", "empty-page", "hidden-row", "repeated-row", "total"],
)
@pytest.mark.parametrize("v2", [False, True], ids=["v3", "v2"])
def test_a_glitch_that_happens_once_is_got_over(glitch, v2):
    def spoil(server, offset, limit):
        return glitch(server, offset, limit) if len(server.asked) <= 2 else None

    server = Server(ROWS, spoil)
    assert sorted(read(server, v2=v2)) == ROWS


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("each", [map, in_order(3)], ids=["one-by-one", "several-at-a-time"])
def test_whatever_a_server_does_a_listing_that_is_returned_is_whole(share, each):
    """Faults at random: what comes back has every row once, or it is an error."""
    outcomes = set()
    for seed in range(60):
        dice = random.Random(seed)
        faults = [capped(dice.randint(1, 99)), *WRONG.values(), in_pages, moving(-1, MOVES["one-comes-one-goes"])]

        def spoil(server, offset, limit, dice=dice, faults=tuple(faults)):
            return dice.choice(faults)(server, offset, limit) if dice.random() < share else None

        server = Server(ROWS[: dice.randint(0, 250)], spoil)
        try:
            found = read(server, dice.choice([7, 50, 100]), dice.random() < 0.5, each)
        except Incomplete:
            outcomes.add("error")
        else:
            outcomes.add("whole")
            assert len(found) == len(set(found)) == len(server.rows)
    assert outcomes == {"error", "whole"}


def test_a_first_page_with_a_single_row_costs_at_most_a_request_for_each_row():
    server = Server(ROWS, lambda server, offset, limit: Page(ROWS[:1], 250) if len(server.asked) == 1 else None)
    assert sorted(read(server)) == ROWS
    assert len(server.asked) <= 1 + 250


@pytest.mark.parametrize(
    "rows, total, said",
    [
        (1, 5_000_000, "the API counts 5000000, which is more than 10000 pages of 100 rows"),
        (100, 1_000_001, "the API counts 1000001, which is more than 10000 pages of 100 rows"),
        (99, 1_000_000, "page 1 has 99 of 100 rows"),
        (1, 10_001, "page 1 has 1 of 100 rows"),
    ],
)
def test_a_listing_of_pages_without_end_is_refused_at_its_first(rows, total, said):
    server = Server([], lambda server, offset, limit: Page(ROWS[offset : offset + min(rows, limit)], total))
    with pytest.raises(Incomplete, match=said):
        read(server)
    assert server.asked == [(0, 100)] * 4


@pytest.mark.parametrize(
    "most, total, requests", [(100, 140_000, 1_400), (14, 140_000, 1 + 10_000), (1, 10_000, 10_001)]
)
def test_large_listings_are_whole_up_to_the_last_page_that_is_read(most, total, requests):
    asked = []

    def fetch(offset, limit):
        asked.append((offset, limit))
        return Page(range(offset, min(total, offset + min(limit, most))), total)

    assert list(read_all(fetch, 100, lambda row: row, False, map)) == list(range(total))
    assert len(asked) == requests


def test_a_listing_of_a_million_in_full_pages_is_read():
    """The last count that is not refused: the second page is asked for."""
    server = Server([], lambda server, offset, limit: Page(ROWS[offset : offset + limit], 1_000_000))
    with pytest.raises(Incomplete, match="page 3 has 50 of 100 rows"):
        read(server)


def test_a_first_page_with_a_single_row_of_a_large_listing_is_a_glitch():
    asked = []

    def fetch(offset, limit):
        asked.append((offset, limit))
        return Page(range(offset, offset + (1 if len(asked) == 1 else limit)), 20_000)

    assert len(read_all(fetch, 100, lambda row: row, False, map)) == 20_000
    assert len(asked) == 1 + 200
