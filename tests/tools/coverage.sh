#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# The unit tests of plugins with plain pytest, and which lines and branches of plugins they run: what they don't run has
# its reason beside it, or in pyproject.toml, or this fails. Random input and the table of faults are left out: each line
# has a test that is meant for it, and that runs it every time. (ansible-test has a way of its own, with another version of
# coverage for each ansible-core, and no such limit.)

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

python=${CRS_ROOT}/.venv/${CRS_CORE:-core}/bin/python
export PYTHONPATH=${CRS_TREE}
if [ "$#" -eq 0 ]; then
    mapfile -t tests < <(find tests/unit/plugins tests/unit/emulated -name 'test_*.py' \
        ! -name 'test_fuzz_*' ! -name test_policy_properties.py ! -name test_round_trip.py \
        ! -name test_random_faults.py ! -name test_faults_emulated.py | sort)
    set -- "${tests[@]}"
fi
"${python}" -m coverage run -m pytest -q -n 2 "$@"
"${python}" -m coverage combine --quiet
"${python}" -m coverage report
