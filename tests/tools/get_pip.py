# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-in for the get-pip script that ansible-test downloads from its own file server: the package index is enough.

The pip of the Python that the environment is made from installs the wanted one, in a fourth of the time that ensurepip
takes; ensurepip does where that Python has no pip, or one that can't install elsewhere (before 22.3).
"""

from __future__ import annotations

import pathlib
import subprocess
import sys


def main() -> int:
    wanted = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
    base = pathlib.Path(sys.base_prefix, "bin", "python{}.{}".format(*sys.version_info))
    if sys.prefix != sys.base_prefix and base.exists():
        into = [str(base), "-m", "pip", "--python", sys.executable]
        # What isn't compiled now is when it is used first, and most of it never is.
        done = subprocess.run([*into, "install", "--quiet", "--no-compile", *wanted], check=False, capture_output=True)
        if done.returncode == 0:
            return 0
    # In a child process: ensurepip changes the environment (PIP_CONFIG_FILE) of the process that runs it.
    subprocess.check_call([sys.executable, "-m", "ensurepip", "--upgrade"], stdout=subprocess.DEVNULL)
    return subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *wanted])


if __name__ == "__main__":
    sys.exit(main())
