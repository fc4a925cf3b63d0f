#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs make targets one after the other until one fails; then times and totals. The last line is the totals.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ -z "${PYTHON:-}" ]; then
    exec tests/tools/venv.sh none ""
fi
rm -rf tests/output/junit
mkdir -p .cache
steps=.cache/steps.tsv
: > "${steps}"

for step in "$@"; do
    echo
    echo "== make ${step}"
    start=${SECONDS}
    code=0
    "${MAKE:-make}" "${step}" || code=$?
    printf '%s\t%s\t%s\n' "${step}" "$((SECONDS - start))" "${code}" >> "${steps}"
    [ "${code}" -eq 0 ] || break
done

"${PYTHON}" tests/tools/totals.py --steps "${steps}"
