#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Tests of the HTML report in a real Chromium, in their own environment, with plain pytest. CHROMIUM=/path/to/chromium
# says which; without one they skip, and with CI=true they fail.

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

results=${CRS_ROOT}/tests/output/junit/browser
rm -rf "${results}"
mkdir -p "${results}"
python=${CRS_ROOT}/.venv/browser/bin/python
PYTHONPATH=${CRS_TREE} "${python}" -m pytest --junit-xml "${results}/browser.xml" tests/browser
"${python}" "${CRS_ROOT}/tests/tools/totals.py" --only browser
