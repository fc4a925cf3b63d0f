#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Tests that read the machine reports with others' readers and schemas, in their own environment, with plain pytest.
#
#   reports.sh [TEST ...]     all of them if none is named

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

results=${CRS_ROOT}/tests/output/junit/reports
rm -rf "${results}"
mkdir -p "${results}"
python=${CRS_ROOT}/.venv/reports/bin/python
PYTHONPATH=${CRS_TREE} "${python}" -m pytest --junit-xml "${results}/reports.xml" "${@:-tests/reports}"
"${python}" "${CRS_ROOT}/tests/tools/totals.py" --only reports
