# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One page of a list, and the place where faults may bend it."""

from __future__ import annotations


class Page:
    """Which part of `items` is shown, and what is claimed about their number."""

    def __init__(self, items, offset, limit):
        self.items = items
        self.offset = offset
        self.limit = limit
        self.total = len(items)


def page(call, items, offset, limit, render):
    """(total, rendered rows) of one page, after the page and row faults at work on the call."""
    if call.offset_in_pages:
        offset *= limit
    shown = Page(items, offset, limit)
    call.active.run("page", call, shown)
    rows = [render(item) for item in shown.items[shown.offset : shown.offset + shown.limit]]
    call.active.run("rows", call, rows)
    return shown.total, rows
