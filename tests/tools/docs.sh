#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# The documentation: antsibull-docs' linter over plugins, roles and guides with all references; then our own tests of
# README, guides and their examples.

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

results=${CRS_ROOT}/tests/output/junit/docs
rm -rf "${results}"
mkdir -p "${results}"
# The linter makes a copy of its own. Where another is found first, paths to its copy get into the pages, and as RST where
# the random name of that folder ends with "_" they are errors.
env -u ANSIBLE_COLLECTIONS_PATH PATH="${CRS_ROOT}/.venv/docs/bin:${PATH}" \
    antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .
python=${CRS_ROOT}/.venv/core/bin/python
PYTHONPATH=${CRS_TREE} "${python}" -m pytest -q --junit-xml "${results}/docs.xml" tests/docs
"${python}" "${CRS_ROOT}/tests/tools/totals.py" --only docs
