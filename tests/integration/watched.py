# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program of Ansible's and searches what it selects, for secrets and tracebacks."""

from __future__ import annotations

import os
import re
import subprocess

#: Made-up secrets all look like this, in all tests: no output may hold one.
SECRET = re.compile(r"madeup[A-Z][A-Za-z]*(Key|Token)[A-Za-z0-9+/=]*|madeup[A-Z][A-Za-z]*(Key|Token)%2B")


def run(command, folder, environment, stderr=subprocess.STDOUT):
    """Return the finished process; ``environment`` is added to that of the tests, and errors are among the output by default."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=False,
        timeout=600,
    )
    output = done.stdout + (done.stderr or "")
    assert not SECRET.search(output), "a secret shows in the output"
    assert "Traceback" not in output
    return done
