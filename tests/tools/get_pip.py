# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-in for the get-pip script that ansible-test downloads from its own file server.

It takes pip from the Python's own ensurepip, so only the package index is needed.
"""

from __future__ import annotations

import subprocess
import sys


def main() -> int:
    # In a child process: ensurepip changes the environment (PIP_CONFIG_FILE) of the process that runs it.
    subprocess.check_call([sys.executable, "-m", "ensurepip", "--upgrade"], stdout=subprocess.DEVNULL)
    packages = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
    return subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *packages])


if __name__ == "__main__":
    sys.exit(main())
