# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore test as a process of its own, for tests that end it: ADDRESS SERVER WORK_DIR."""

from __future__ import annotations

import sys

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import run, sandbox


def main(address, server, work_dir):
    sandbox.candidates = lambda wanted: [sandbox.Box("limits")]
    settings = run.Settings(servers=[server], download_hosts=["127.0.0.1"], work_dir=work_dir, max_memory=1 << 30)
    run.run([run.Source(lambda: address)], settings, run.Expected())


if __name__ == "__main__":
    main(*sys.argv[1:])
