# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every row of a paged query, or an Incomplete: never a short list called complete. Private to this collection."""

from __future__ import annotations

import math
from collections.abc import Generator, Hashable
from contextlib import closing
from dataclasses import dataclass
from typing import Callable, Generic, TypeVar

from .._api.base import Page
from .._errors import Incomplete
from .concurrency import InOrder

#: The first reading, and how often rows may move under it before we give up.
_MAX_PASSES = 4
#: The pages of a reading. A million backups, or tens of thousands by a server that keeps to a few rows a page, stay below;
#: who counts millions and sends a row at a time would keep us asking for days.
_MAX_PAGES = 10_000

Key = TypeVar("Key", bound=Hashable)
Record = TypeVar("Record")
#: Asks for the page at an offset, with a limit.
Fetch = Callable[[int, int], Page[Record]]


@dataclass(frozen=True)
class _Pass(Generic[Key, Record]):
    """How one reading of all pages ended: with the rows of the whole listing, or with what is wrong."""

    rows: dict[Key, Record] | None = None
    gap: str | None = None
    #: The page size that the server kept to, if smaller than asked.
    cap: int | None = None
    #: Whether a further page brought nothing new.
    stuck: bool = False


def read_all(
    fetch: Fetch[Record], page_size: int, key: Callable[[Record], Key], offset_may_count_pages: bool, each: InOrder
) -> dict[Key, Record]:
    """Return ``{key(row): row}`` of all rows. ``each`` asks for the pages behind the first.

    A listing is whole when the total stayed the same on every page and as many rows with different ``key(row)``
    came. Otherwise it is read anew: with the page size that the server keeps to, or with the offset counted in pages,
    where that explains what was seen. The page size stays the same within a reading, as API 3.0 asks. A listing of more
    than _MAX_PAGES pages is refused at its first.
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
                # Only the first page tells a server that keeps to smaller pages from rows that went missing.
                cap = len(page.rows) if number == 1 and total <= len(page.rows) * _MAX_PAGES else None
                return _Pass(gap=f"page {number} has {len(page.rows)} of {due} rows", cap=cap)
    return _Pass(gap=f"{len(rows)} of {total} rows came")


def _pages(fetch: Fetch[Record], limit: int, step: int, each: InOrder) -> Generator[Page[Record], None, None]:
    """Yield the pages: the first by itself, for it tells how many there are."""
    first = fetch(0, limit)
    yield first
    offsets = (number * step for number in range(1, math.ceil(first.total / limit)))
    yield from each(lambda offset: fetch(offset, limit), offsets)
