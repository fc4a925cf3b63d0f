# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What anyone on the machine can see of a running command: arguments and environments of it and all that it starts."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import namedtuple
from pathlib import Path

PROC = Path("/proc")

#: One process at one moment (of the monotonic clock). Arguments and environment as the system has them, in bytes.
Sight = namedtuple("Sight", "moment pid arguments environment")


def processes():
    """Return the pids of all processes."""
    return {int(name) for name in os.listdir(PROC) if name.isdecimal()}


def parents(pids):
    """Return ``{pid: pid of its parent}`` of some processes."""
    found = {}
    for pid in pids:
        try:
            # The name before it, in parentheses, may hold anything.
            found[pid] = int((PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            pass
    return found


class Watch(threading.Thread):
    """Looks at a process and its descendants over and over, until the end of a ``with`` block."""

    def __init__(self, root, pause=0.01):
        super().__init__(daemon=True)
        self.root = root
        self.sights = []
        self._family = {root}
        self._known = {root}
        self._pause = pause
        self._over = threading.Event()
        self._looks = 0
        self._looked = threading.Condition()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *problem):
        self._over.set()
        self.join()

    def run(self):
        while not self._over.wait(self._pause):
            self._look()
            with self._looked:
                self._looks += 1
                self._looked.notify_all()

    def wait_for_look(self):
        """Return when it has looked at all since now. One look may be under way, hence two."""
        with self._looked:
            wanted = self._looks + 2
            assert self._looked.wait_for(lambda: self._looks >= wanted, timeout=60)

    def _look(self):
        there = processes()
        # A look has to be cheap to be one of many: whose child a process is, is read once. Who was of the family stays so,
        # even if those between have ended.
        new = parents(there - self._known)
        self._known = there
        self._family &= there
        while True:
            born = {pid for pid, parent in new.items() if parent in self._family} - self._family
            if not born:
                break
            self._family |= born
        for pid in self._family:
            try:
                texts = [(PROC / str(pid) / name).read_bytes() for name in ("cmdline", "environ")]
            except OSError:
                continue
            # Nothing is left of one that has ended and waits for its parent to ask.
            if any(texts):
                self.sights.append(Sight(time.monotonic(), pid, *texts))

    def workers(self):
        """Return the pids of forks, which look like the command itself."""
        mine = {sight.arguments for sight in self.sights if sight.pid == self.root}
        return {sight.pid for sight in self.sights if sight.pid != self.root and sight.arguments in mine}

    def those_running(self, script):
        """Return the pids of the interpreters that run a script of this name: not of the shells that start them.

        These may be gone within a moment, of which the system shows the arguments without the environment.
        """
        runs = re.compile(rb"[^\0]+\0[^\0]*/" + re.escape(script.encode()) + rb"\0")
        return {sight.pid for sight in self.sights if runs.match(sight.arguments)}

    def those_with(self, text):
        """Return the pids of the processes that have a text among their arguments."""
        return {sight.pid for sight in self.sights if text.encode() in sight.arguments}
