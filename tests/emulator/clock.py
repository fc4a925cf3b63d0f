# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two clocks: one dates the data, the other judges signatures."""

from __future__ import annotations

import time


class Clock:
    """`pinned` (Unix seconds) stops the data's clock; signatures are always judged by the real one.

    A demo pins the data to compare runs, while its clients sign with the true time: one clock for both would refuse them all.
    """

    def __init__(self, pinned=None, skew=0):
        self.pinned = pinned
        self.skew = skew

    def data(self):
        """Now, for the fleet's relative times and the seven-day window."""
        return time.time() if self.pinned is None else self.pinned

    def wall(self):
        """Now, for timestamps, tokens and the Date header; `skew` seconds wrong on request."""
        return time.time() + self.skew
