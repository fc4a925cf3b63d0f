#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Tests that need the vendor's own clients, in their own environment, with plain pytest.

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

results=${CRS_ROOT}/tests/output/junit/vendor
rm -rf "${results}"
mkdir -p "${results}"
python=${CRS_ROOT}/.venv/vendor/bin/python
PYTHONPATH=${CRS_TREE} "${python}" -m pytest --junit-xml "${results}/vendor.xml" tests/vendor
"${python}" "${CRS_ROOT}/tests/tools/totals.py" --only vendor
