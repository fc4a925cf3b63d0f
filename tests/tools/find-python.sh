#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints the Python that the environments are made with. Any Python 3.9 or newer can look for it.

set -u

for name in python3 python3.13 python3.14 python3.12 python3.11 /usr/bin/python3 /usr/local/bin/python3; do
    # A shim of a version manager exists for versions that it cannot run: only running it shows that.
    if "${name}" -c 'import sys; sys.exit(sys.version_info < (3, 9))' > /dev/null 2>&1; then
        exec "${name}" "$(dirname "${BASH_SOURCE[0]}")/pythons.py" --best
    fi
done
exit 1
