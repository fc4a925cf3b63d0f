# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write pip's settings of the user who calls make into the tools' own home.

python pip_settings.py FILE < output of "pip config list"

ansible-test hands HOME to the pips that it starts but none of pip's environment variables: where an index, a mirror or
a certificate is set by variable, or in the user's own pip.conf, its environments would not find their packages.
"""

from __future__ import annotations

import ast
import os
import pathlib
import re
import sys

# What says where to install to or keep things is for the user's own environments, not for these.
NOT_TAKEN = ("cache-dir", "prefix", "require-virtualenv", "root", "target", "user")


def read(lines: list[str]) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    for line in lines:
        match = re.fullmatch(r"(:env:|[\w-]+)\.([\w-]+)=(.*)", line.rstrip("\n"))
        if match and match.group(2) not in NOT_TAKEN:
            section = "global" if match.group(1) == ":env:" else match.group(1)
            sections.setdefault(section, {})[match.group(2)] = str(ast.literal_eval(match.group(3)))
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        if os.environ.get(name):
            sections.setdefault("global", {}).setdefault("cert", os.environ[name])
    return sections


def main() -> int:
    path = pathlib.Path(sys.argv[1])
    text = ""
    for section, settings in read(sys.stdin.readlines()).items():
        text += f"[{section}]\n"
        for key, value in settings.items():
            text += "{} = {}\n".format(key, "\n    ".join(value.split("\n")))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
