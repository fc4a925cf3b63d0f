# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many questions, several at a time, without asking a dead service once per instance.

Private to this collection.
"""

from __future__ import annotations

import math
from collections import deque, namedtuple
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError

#: ``value`` is what was answered, or None; ``error`` the CrsError met instead, or None.
Reply = namedtuple("Reply", "value error")

#: Errors that are not about one instance, and after how many of them in a row the others are not asked any more.
SHARED_TROUBLE = {"auth": 1, "unreachable": 3, "throttled": 3, "server_error": 3}


def in_order(concurrency):
    """Return a ``map`` that has so many questions under way. The first error ends it, and no further one is asked then."""

    def each(ask, items):
        items = iter(items)
        with ThreadPoolExecutor(max_workers=concurrency) as pool:
            waiting = deque(pool.submit(ask, item) for item in islice(items, concurrency))
            try:
                while waiting:
                    yield waiting.popleft().result()
                    waiting.extend(pool.submit(ask, item) for item in islice(items, 1))
            finally:
                for one in waiting:
                    one.cancel()

    return each


def ask_each(instance_ids, ask, concurrency, stop_at_error=False, error=None):
    """Return ``{instance_id: Reply}`` of ``ask(instance_id)``.

    ``error`` is one that each of them would meet, known beforehand. With ``stop_at_error`` the first is raised.
    """
    trouble = _Trouble(error)

    def one(instance_id):
        if trouble.shared:
            return Reply(None, trouble.shared)
        try:
            value = ask(instance_id)
        except CrsError as met:
            trouble.note(met, stop_at_error)
            return Reply(None, met)
        trouble.clear()
        return Reply(value, None)

    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        replies = dict(zip(instance_ids, pool.map(one, instance_ids)))
    if stop_at_error:
        for reply in replies.values():
            if reply.error:
                raise reply.error
    return replies


class _Trouble:
    """Remembers what goes wrong for everybody."""

    def __init__(self, error):
        self.shared = error
        self._in_a_row = 0

    def clear(self):
        self._in_a_row = 0

    def note(self, error, at_once):
        # A refusal of one instance shows that the service answers.
        self._in_a_row = self._in_a_row + 1 if error.kind in SHARED_TROUBLE else 0
        if at_once or self._in_a_row >= SHARED_TROUBLE.get(error.kind, math.inf):
            self.shared = error
