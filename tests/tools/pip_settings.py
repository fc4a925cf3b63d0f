# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write pip's settings of the user who calls make into the tools' own home.

python pip_settings.py FILE CACHE < output of "pip config list"

ansible-test hands HOME to the pips that it starts but none of pip's environment variables: where an index, a mirror or
a certificate is set by variable, or in the user's own pip.conf, its environments would not find their packages.

All homes share the folder CACHE for what is downloaded, and pip tries again more often than by default.
"""

from __future__ import annotations

import ast
import os
import pathlib
import re
import sys

# What says where to install to or keep things is for the user's own environments, not for these.
NOT_TAKEN = ("cache-dir", "prefix", "require-virtualenv", "root", "target", "user")

# pip's own default is 5, and these runs install a hundred times.
RETRIES = "10"


def read(lines: list[str]) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    for line in lines:
        match = re.fullmatch(r"(:env:|[\w-]+)\.([\w-]+)=(.*)", line.rstrip("\n"))
        if match and match.group(2) not in NOT_TAKEN:
            section = "global" if match.group(1) == ":env:" else match.group(1)
            sections.setdefault(section, {})[match.group(2)] = str(ast.literal_eval(match.group(3)))
    common = sections.setdefault("global", {})
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        if os.environ.get(name):
            common.setdefault("cert", os.environ[name])
    common.setdefault("retries", RETRIES)
    return sections


def main() -> int:
    path, cache = (pathlib.Path(arg) for arg in sys.argv[1:])
    sections = read(sys.stdin.readlines())
    sections["global"]["cache-dir"] = str(cache)
    text = ""
    for section, settings in sections.items():
        text += f"[{section}]\n"
        for key, value in settings.items():
            text += "{} = {}\n".format(key, "\n    ".join(value.split("\n")))
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another make's pip may be reading it.
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
