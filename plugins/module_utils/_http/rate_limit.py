# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate limit that all threads and connections of an account share. Private to this collection."""

from __future__ import annotations

import threading
import time
from typing import Callable


class Pace:
    """A rate limiter: lets requests start at even intervals, at most ``per_second`` of them; 0 means no limit.

    There is no burst: the API counts per second, and evenly spaced requests never fall on the wrong side of its
    window. When the API throttles, the rate is halved for all callers; each second without that gives a tenth back.
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._wanted = float(per_second)
        self._current = float(per_second)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._eased = 0.0

    def hold_to(self, per_second: float) -> None:
        """Lower the limit to ``per_second``: connections that share a Pace have the lowest of their limits. 0 changes nothing."""
        wanted = float(per_second)
        with self._lock:
            if wanted and not 0 < self._wanted <= wanted:
                self._wanted, self._current = wanted, min(self._current or wanted, wanted)

    def wait(self) -> None:
        """Sleep until this caller may send its request."""
        with self._lock:
            now = self._clock()
            self._recover(now)
            turn = max(now, self._next)
            self._next = turn + (1.0 / self._current if self._current else 0.0)
        if turn > now:
            self._sleep(turn - now)

    def slow_down(self, seconds: float = 0.0) -> None:
        """Halve the rate, if there is a limit, down to an eighth of it, and start no request for ``seconds``: the API throttled."""
        with self._lock:
            now = self._clock()
            if self._wanted:
                # A floor, so that a burst of throttle answers cannot stretch a listing without end.
                self._current = max(self._current / 2, self._wanted / 8)
            self._next = max(self._next, now + seconds)
            self._eased = now

    def _recover(self, now: float) -> None:
        if self._current < self._wanted:
            self._current = min(self._wanted, self._current + self._wanted / 10 * (now - self._eased))
            self._eased = now
