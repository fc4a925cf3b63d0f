#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs make targets in two lanes side by side, each one target after the other until one fails; then times and totals.
# The last line is the totals. What a target prints comes in one piece, when it is done.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ -z "${PYTHON:-}" ]; then
    exec tests/tools/venv.sh none ""
fi
rm -rf tests/output/junit
mkdir -p .cache/logs
steps=.cache/steps.tsv
: > "${steps}"

# Those that wait a lot, for a browser or for time to pass, beside those that compute.
waiting=" reports browser vendor integration "

run_lane() {
    local step start code output
    for step in "$@"; do
        start=${SECONDS}
        code=0
        output=.cache/logs/step-${step}.log
        "${MAKE:-make}" "${step}" > "${output}" 2>&1 || code=$?
        (
            flock 9
            printf '\n== make %s\n' "${step}"
            cat "${output}"
            printf '%s\t%s\t%s\n' "${step}" "$((SECONDS - start))" "${code}" >> "${steps}"
        ) 9> .cache/logs/steps.lock
        [ "${code}" -eq 0 ] || break
    done
}

computing_steps=()
waiting_steps=()
for step in "$@"; do
    case "${waiting}" in
        *" ${step} "*) waiting_steps+=("${step}") ;;
        *) computing_steps+=("${step}") ;;
    esac
done

start=${SECONDS}
run_lane "${waiting_steps[@]}" &
run_lane "${computing_steps[@]}"
wait
printf 'both lanes\t%s\t0\n' "$((SECONDS - start))" >> "${steps}"

"${PYTHON}" tests/tools/totals.py --steps "${steps}"
