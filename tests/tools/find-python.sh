#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints the Python that the environments are made with: the first that works, has venv and is of 3.11 to 3.14. Of a
# virtual environment that is active it's the one below, so that nobody makes .venv/core with .venv/core.

set -u

probe='
import pathlib, sys
import ensurepip, venv
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit(1)
base = pathlib.Path(sys.base_prefix, "bin", "python{}.{}".format(*sys.version_info))
print(base if base.exists() else sys.executable)
'

for name in python3 python3.13 python3.12 python3.14 python3.11 /usr/bin/python3 /usr/local/bin/python3; do
    command -v "${name}" > /dev/null 2>&1 || continue
    # A shim of a version manager exists for versions that it cannot run: only running it tells.
    if found=$("${name}" -c "${probe}" 2> /dev/null) && [ -n "${found}" ]; then
        printf '%s\n' "${found}"
        exit 0
    fi
done
exit 1
