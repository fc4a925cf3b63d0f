# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read all pages of a query: every row, or the error Incomplete. Private to this collection."""

from __future__ import annotations

import math
from collections.abc import Generator, Hashable
from contextlib import closing
from dataclasses import dataclass
from typing import Callable, Generic, TypeVar

from .._api.base import Page
from .._errors import Incomplete
from .concurrency import InOrder

#: How often a listing is read: rows may be added or removed while its pages are read.
_MAX_PASSES = 4
#: Pages of one reading. That is enough for a million backups, or for tens of thousands from a server that sends only a few rows a
#: page. A server that counts millions and sends one row a page would take days.
_MAX_PAGES = 10_000

Key = TypeVar("Key", bound=Hashable)
Record = TypeVar("Record")
#: ``fetch(offset, limit)`` requests a page.
Fetch = Callable[[int, int], Page[Record]]


@dataclass(frozen=True)
class _Pass(Generic[Key, Record]):
    """The result of one reading of all pages: the rows if they are complete, else the reason."""

    rows: dict[Key, Record] | None = None
    gap: str | None = None
    #: The number of rows on the first page, if the server seems to allow no more.
    cap: int | None = None
    #: Whether a page after the first had no new row.
    stuck: bool = False


def read_all(
    fetch: Fetch[Record], page_size: int, key: Callable[[Record], Key], offset_may_count_pages: bool, each: InOrder
) -> dict[Key, Record]:
    """Return ``{key(row): row}`` of all rows. ``each`` (see InOrder) requests the pages after the first. Raises Incomplete.

    A listing is complete if every page had the same total, and the number of rows with distinct ``key(row)`` equals it. Otherwise it is
    read again, at most _MAX_PASSES times in all: with the smaller page size that the server seems to allow, or with offsets that count pages, if
    that explains the result. Within a reading the page size is constant, as API 3.0 requires. A listing of more than _MAX_PAGES pages
    is rejected after its first page.
    """
    limit, counts_pages = page_size, False
    for _attempt in range(_MAX_PASSES):
        found = _read_once(fetch, limit, 1 if counts_pages else limit, key, each)
        if found.rows is not None:
            return found.rows
        limit = found.cap or limit
        counts_pages = found.stuck and offset_may_count_pages and not counts_pages
    raise Incomplete(f"the listing is not complete: {found.gap} (read {_MAX_PASSES} times)")


def _read_once(
    fetch: Fetch[Record], limit: int, step: int, key: Callable[[Record], Key], each: InOrder
) -> _Pass[Key, Record]:
    rows: dict[Key, Record] = {}
    total = None
    with closing(_pages(fetch, limit, step, each)) as pages:
        for number, page in enumerate(pages, 1):
            before = len(rows)
            for row in page.rows:
                rows.setdefault(key(row), row)
            fresh = len(rows) - before
            if total is not None and page.total != total:
                return _Pass(gap=f"the total went from {total} to {page.total} while paging")
            total = page.total
            if len(rows) == total and fresh == len(page.rows):
                return _Pass(rows)
            if len(rows) >= total:
                return _Pass(gap=f"the API reports {total} rows but returned more, or duplicates")
            if total > limit * _MAX_PAGES:
                return _Pass(gap=f"the API counts {total}, which is more than {_MAX_PAGES} pages of {limit} rows")
            if number > 1 and not fresh:
                what = "repeats rows already read" if page.rows else "is empty"
                return _Pass(gap=f"page {number} {what}, with {len(rows)} of {total} rows read", stuck=True)
            due = min(limit, total - (number - 1) * limit)
            if len(page.rows) < due:
                # Fewer rows on the first page may mean a smaller page size; on a later one, rows are missing.
                cap = len(page.rows) if number == 1 and total <= len(page.rows) * _MAX_PAGES else None
                return _Pass(gap=f"page {number} has {len(page.rows)} of {due} rows", cap=cap)
    return _Pass(gap=f"{len(rows)} of {total} rows came")


def _pages(fetch: Fetch[Record], limit: int, step: int, each: InOrder) -> Generator[Page[Record], None, None]:
    """Yield all pages. The first is read alone, since it says how many there are."""
    first = fetch(0, limit)
    yield first
    offsets = (number * step for number in range(1, math.ceil(first.total / limit)))
    yield from each(lambda offset: fetch(offset, limit), offsets)
