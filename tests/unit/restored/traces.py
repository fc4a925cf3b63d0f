# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore test might leave behind, and what these tests have in common."""

from __future__ import annotations

import os
import time

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import sandbox

#: Enough for a file of a hundred keys on a busy machine; tests of timeouts have their own.
SECONDS = 60.0
MEMORY = 2 << 30
#: Each name of a key and each value in these tests begins so.
CONFIDENTIAL = "madeup"


def check_nothing_is_left(folder):
    assert os.listdir(folder) == [] and children() == []
    # Killed already, and all their files are closed; the rest of their end may take a moment.
    deadline = time.monotonic() + SECONDS
    while processes_of_others():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def children():
    found = []
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as file:
                found += file.read().split()
        except OSError:  # a thread that has ended meanwhile
            continue
    return found


def processes_of_others():
    """Return the processes of the user that this process's tests become if it is root and no process has that user already."""
    users = {sandbox.FIRST_USER + os.getpid() % sandbox.USERS} if os.geteuid() == 0 else set()
    return [
        entry.name
        for entry in os.scandir("/proc")
        if entry.name.isdecimal() and _owner(entry) in users and lives(entry.name)
    ]


def _owner(entry):
    try:
        return entry.stat().st_uid
    except OSError:
        return None


def read(path):
    """Return what a file of the system says, or an empty text: a process may end meanwhile."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def below(pid):
    """Return the processes below one, at any depth."""
    children = [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split()]
    return children + [one for child in children for one in below(child)]


def lives(pid):
    """Tell whether a process is there and not dead yet."""
    return (read(f"/proc/{pid}/stat").rpartition(")")[2].split() or "X")[0] not in "XZ"


def outcome_of(report):
    """Return the outcome with its word."""
    return (report.outcome, report.word)
