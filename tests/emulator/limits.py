# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rate limit: one token bucket for each SecretId."""

from __future__ import annotations

import threading
import time

from .errors import Refusal


class Limits:
    """`rate` requests a second with a burst of the same number; None for no limit. `clock()` gives seconds."""

    def __init__(self, rate, clock=time.monotonic):
        self.rate = rate
        self._clock = clock
        self._buckets = {}
        self._lock = threading.Lock()

    def take(self, secret_id):
        """One request of that key, or the Refusal; a refused one costs nothing."""
        if not self.rate:
            return
        burst, now = max(1.0, float(self.rate)), self._clock()
        with self._lock:
            tokens, since = self._buckets.get(secret_id, (burst, now))
            tokens = min(burst, tokens + (now - since) * self.rate)
            self._buckets[secret_id] = (tokens - 1 if tokens >= 1 else tokens, now)
        if tokens < 1:
            raise Refusal("throttle")
