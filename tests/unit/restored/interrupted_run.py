# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore test as a process of its own, for tests that end it or give it a disk of its own: SETTINGS, in JSON.

It may stop on its own side in one of two places, where it leaves a file REACHED: ``address`` and ``wipe``.
"""

from __future__ import annotations

import json
import os
import sys
import time

from fake_server import REACHED

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import run, sandbox, signals, workdir
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.server import Canary


def note(folder):
    with open(os.path.join(folder, REACHED), "wb"):
        pass


def stop_in_address(work_dir):
    def address():
        (name,) = os.listdir(work_dir)
        note(os.path.join(work_dir, name))
        time.sleep(600)

    return address


def stop_in_wipe():
    """Until a signal comes, which has to wait for the end of it."""
    remove = workdir.shutil.rmtree

    def slow(folder, ignore_errors):
        note(folder)
        while not signals._State.received:
            time.sleep(0.01)
        remove(folder, ignore_errors)

    workdir.shutil.rmtree = slow


def main(address, size, server, work_dir, box, stop):
    """``box`` is the kind in which the server runs."""
    box = next(one for one in sandbox.candidates("auto") if one.kind == box)
    sandbox.candidates = lambda wanted: [box]
    if stop == "wipe":
        stop_in_wipe()
    settings = run.Settings(
        servers=[server], download_hosts=["127.0.0.1"], work_dir=work_dir, max_memory=1 << 30, functions="allow"
    )
    source = run.Source(stop_in_address(work_dir) if stop == "address" else lambda: address, size)
    report = run.run([source], settings, run.Expected(canary=Canary(0, "madeup", "0")))
    print(json.dumps([report.outcome, report.word, report.message, os.listdir(work_dir)]))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
