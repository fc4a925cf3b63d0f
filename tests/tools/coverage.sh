#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# The unit tests with plain pytest, and which lines and branches of plugins they run: what they don't run has its reason
# beside it, or in pyproject.toml, or this fails. (ansible-test has a way of its own, with another version of coverage
# for each ansible-core, and no such limit.)

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

python=${CRS_ROOT}/.venv/${CRS_CORE:-core}/bin/python
export PYTHONPATH=${CRS_TREE}
"${python}" -m coverage run -m pytest -q -n 2 "${@:-tests/unit}"
"${python}" -m coverage combine --quiet
"${python}" -m coverage report
