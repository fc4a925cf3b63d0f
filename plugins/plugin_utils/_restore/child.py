# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bounded child process: started by ``launch.py``, with no environment, and killed with all that it started.

Private to this collection.
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import IO, NamedTuple, cast

from .system import content

#: The end of a program's output that is kept; the rest is read and dropped.
MAX_OUTPUT = 1 << 14
_LAUNCHER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch.py")
_PAUSE_SECONDS = 0.005
_END_SECONDS = 5.0
_KILLED = (128 + signal.SIGKILL, 128 + signal.SIGTERM)
_PEAK = re.compile(r"^VmPeak:\s+(\d{1,15}) kB$", re.MULTILINE)


class Command(NamedTuple):
    """``path`` is executed under the name ``arguments[0]``. ``user`` is the id of the user to run as, None for the current one."""

    path: str
    arguments: Sequence[str]
    limits: Mapping[str, int]
    user: int | None = None
    no_new_privs: bool = True


class Ending(NamedTuple):
    """``status`` is that of a shell: 128 plus the number of a signal. ``peak`` is the most memory it reserved, in bytes."""

    status: int
    peak: int
    output: bytes

    @property
    def was_killed(self) -> bool:
        """Tell whether a signal from outside ended it: no limit of ours sends these, nor does a program to itself."""
        return self.status in _KILLED


class Child:
    """Starts a command in a folder. The caller must ``kill`` it in any case, even if it has ended."""

    def __init__(self, command: Command, folder: str) -> None:
        settings = [
            str(os.getpid()),
            "-" if command.user is None else str(command.user),
            "drop" if command.no_new_privs else "keep",
            ",".join(f"{name}={number}" for name, number in command.limits.items()),
        ]
        launcher = [sys.executable, "-I", "-S", _LAUNCHER, *settings, command.path, *command.arguments]
        self._output = b""
        self._peak = 0
        self._ending: Ending | None = None
        self._process = subprocess.Popen(
            launcher,
            cwd=folder,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )
        self._stdout = cast(IO[bytes], self._process.stdout)
        self._pipe = self._stdout.fileno()
        os.set_blocking(self._pipe, False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self, wait: float = 0.0) -> Ending | None:
        """Return how it ended, or None if it still runs after ``wait`` seconds, during which its output is read."""
        if self._ending is None:
            self._peak = max(self._peak, _reserved(self.pid))
            self._drain(wait)
            if self._has_ended():
                self._reap()
        return self._ending

    def finish(self, deadline: float) -> Ending | None:
        """Return how it ended, or None if it still runs at the deadline, a time of ``time.monotonic``."""
        while self.ended(min(0.02, max(0.0, deadline - time.monotonic()))) is None:
            if time.monotonic() >= deadline:
                return None
        return self._ending

    def kill(self) -> Ending:
        """Kill it and all processes of its group, and return how it ended."""
        ending = self._ending
        if ending is None:
            self._kill_group()
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            ending = self._reap()
        self._await_others()
        return ending

    def _kill_group(self) -> None:
        """Kill the group. Call it only before the process is reaped: afterwards, its id may belong to another process."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except PermissionError:  # pragma: no cover: macOS says so if only zombies are left
            pass

    def _await_others(self) -> None:
        """Wait until no process holds the other end of the pipe: processes that it started die with it, but not at once."""
        if self._stdout.closed:
            return
        left, deadline = _END_SECONDS, time.monotonic() + _END_SECONDS
        while left > 0 and select.select([self._pipe], [], [], left)[0] and self._read():
            left = deadline - time.monotonic()
        self._stdout.close()

    def _drain(self, wait: float) -> None:
        """Wait for output, and read what there is; once it is closed, wait for the end instead."""
        if not select.select([self._pipe], [], [], wait)[0]:
            return
        data = self._read()
        if not data:
            time.sleep(min(wait, _PAUSE_SECONDS))

    def _read(self) -> bytes:
        try:
            data = os.read(self._pipe, 1 << 16)
        except BlockingIOError:
            return b""
        self._output = (self._output + data)[-MAX_OUTPUT:]
        return data

    def _has_ended(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _reap(self) -> Ending:
        """Kill the rest of its group, then record how it ended."""
        self._kill_group()
        _pid, status, usage = os.wait4(self.pid, 0)
        # One read gets all that a pipe holds. An escaped process that still writes is not waited for.
        self._read()
        code = os.waitstatus_to_exitcode(status)
        self._process.returncode = code
        # Kilobytes on Linux, bytes on macOS.
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        self._ending = Ending(128 - code if code < 0 else code, max(peak, self._peak), self._output)
        return self._ending


def _reserved(pid: int) -> int:
    """Return the largest address space, in bytes, that a process or a descendant has had: the limit applies to it."""
    most, pids = 0, [str(pid)]
    while pids:
        process = f"/proc/{pids.pop()}"
        found = _PEAK.search(content(f"{process}/status"))
        most = max(most, int(found.group(1)) * 1024 if found else 0)
        pids += content(f"{process}/task/{os.path.basename(process)}/children").split()
    return most
