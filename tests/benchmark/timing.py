# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a command takes, and how much memory its largest process has at its peak."""

from __future__ import annotations

import os
import subprocess
import time
from collections import namedtuple

#: Seconds by the clock, seconds of all its processes on the CPU, MiB of the largest process, exit status.
Run = namedtuple("Run", "seconds cpu peak status")


def run(command, environment, folder, log):
    """Run a command to its end, its output in the file ``log``, and return the Run."""
    with open(log, "wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        # Counts the process and all of its children that it waited for; ``ru_maxrss`` is that of the largest.
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)
