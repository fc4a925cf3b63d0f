#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# What runme.sh of a target calls: pytest in the target's folder, a copy that ansible-test made of it alone. The emulator
# and the helpers come from the collection.

set -eu
# ansible-test hands on no CI; with it pytest tells the whole of what failed.
export CI=true

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "${ANSIBLE_TEST_PYTHON_INTERPRETER:-python}" -m pytest -q -p no:cacheprovider -o pythonpath="'${tests}' '${tests}/integration'" "$@"
