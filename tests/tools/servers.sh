#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Restore tests with servers of several versions, in their own environment, with plain pytest.
#
#   servers.sh [ARGUMENT ...]     such as -k, for pytest

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

results=${CRS_ROOT}/tests/output/junit/servers
rm -rf "${results}"
mkdir -p "${results}"
python=${CRS_ROOT}/.venv/servers/bin/python
PYTHONPATH=${CRS_TREE} "${python}" -m pytest -q -p no:cacheprovider --junit-xml "${results}/servers.xml" \
    tests/unit/restored/each_server.py "$@"
"${python}" "${CRS_ROOT}/tests/tools/totals.py" --only servers
