# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-in for the get-pip script that ansible-test downloads from its own file server: the package index is enough.

ansible-test makes a dozen environments for each ansible-core, each with a pip of its own. The wanted pip is installed once
for each Python, into a folder beside this script; each environment gets links to its files. Where that isn't possible,
ensurepip installs it, which takes some twenty times as long.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile

#: Where ansible-test looks for this script, and keeps other downloads.
CACHE = pathlib.Path(os.path.expanduser("~/.ansible/test/cache"))


def installed_once(wanted: list[str]) -> pathlib.Path:
    """The folder with the wanted packages, installed by the pip of the Python that the environment is made from."""
    folder = CACHE / "-".join(["pip", sys.implementation.cache_tag, *sorted(wanted)])
    if not folder.exists():
        base = pathlib.Path(sys.base_prefix, "bin", "python{}.{}".format(*sys.version_info))
        made = tempfile.mkdtemp(dir=CACHE)
        # Compiled now, since these files are not written later: otherwise pip is compiled each time it is used.
        command = [str(base), "-m", "pip", "install", "--quiet", "--no-deps", "--target", made, *wanted]
        subprocess.run(command, check=True, capture_output=True)
        pathlib.Path(made).replace(folder)
    return folder


def main() -> int:
    wanted = [arg for arg in sys.argv[1:] if not arg.startswith("--")]
    if sys.prefix != sys.base_prefix:
        try:
            shutil.copytree(
                installed_once(wanted), sysconfig.get_path("purelib"), copy_function=os.link, dirs_exist_ok=True
            )
            return 0
        except (OSError, subprocess.CalledProcessError) as reason:
            said = getattr(reason, "stderr", None) or b""
            print(f"no pip to share ({reason}): using ensurepip\n{said.decode(errors='replace')}", file=sys.stderr)
    # In a child process: ensurepip changes the environment (PIP_CONFIG_FILE) of the process that runs it.
    subprocess.check_call([sys.executable, "-m", "ensurepip", "--upgrade"], stdout=subprocess.DEVNULL)
    return subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *wanted])


if __name__ == "__main__":
    sys.exit(main())
