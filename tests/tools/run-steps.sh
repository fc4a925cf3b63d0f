#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs make targets, two at a time, until one fails; then times and totals. The last line is the totals. Times are seconds on
# the clock, and of processors: the second kind hardly depends on what else the machine does.
# What a target prints comes in one piece, when it is done.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ -z "${PYTHON:-}" ]; then
    exec tests/tools/venv.sh none ""
fi
rm -rf tests/output/junit
mkdir -p .cache/logs
export STEPS_FILE=.cache/steps.tsv
: > "${STEPS_FILE}"

run_step() {
    local start=${SECONDS} code=0 output=.cache/logs/step-$1.log limit=(env) cpu TIMEFORMAT='%U %S'
    # In CI a step that hangs ends, so that its output is seen; none takes half of that.
    [ "${CI:-}" != true ] || limit=(timeout --kill-after=30 2400)
    cpu=$({ time "${limit[@]}" "${MAKE:-make}" "$1" > "${output}" 2>&1; } 2>&1) || code=$?
    (
        flock 9
        printf '\n== make %s\n' "$1"
        # Of what went well, not each of pytest's thousands of dots.
        if [ "${code}" -eq 0 ]; then
            grep -vE '^[.]+ +\[ *[0-9]+%\]$' "${output}" || true
        else
            cat "${output}"
        fi
        printf '%s\t%s\t%s\t%s\n' "$1" "$((SECONDS - start))" "${cpu}" "${code}" >> "${STEPS_FILE}"
    ) 9> .cache/logs/steps.lock
    # xargs starts no further target after this status.
    [ "${code}" -eq 0 ] || exit 255
}
export -f run_step

start=${SECONDS}
# shellcheck disable=SC2016 # the shell that xargs starts expands it
printf '%s\n' "$@" | xargs -n 1 -P 2 bash -euo pipefail -c 'run_step "$0"' 2> /dev/null || true

"${PYTHON}" tests/tools/totals.py --steps "${STEPS_FILE}" "$((SECONDS - start))"
