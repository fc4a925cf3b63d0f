#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Unit tests.
#
#   units.sh here             all of them with plain pytest on the core environment's Python, and which lines and branches of
#                             plugins they run: what they don't run has its reason beside it, or in pyproject.toml
#   units.sh here TEST ...    some of them, without that
#   units.sh oldest           those of modules and module_utils on Python 3.9, the oldest that is promised, with what
#                             ansible-core hands to modules there (itself it no longer runs there, so no test of controller
#                             code can)

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

tools=${CRS_ROOT}/tests/tools
core=${CRS_ROOT}/.venv/${CRS_CORE:-core}/bin/python
junit=${CRS_RESULTS:-${CRS_ROOT}/tests/output/junit}
where=$1
shift
# The copy goes away with all that is in it, and what is compiled once there serves every process of the tests.
unset PYTHONDONTWRITEBYTECODE

here() {
    local results=${junit}/units others code=0
    export PYTHONPATH=${CRS_TREE}
    rm -rf "${results}"
    if [ "$#" -gt 0 ]; then
        "${core}" -m pytest -q -n 2 --junit-xml "${results}/units.xml" "$@"
        return
    fi
    # Each line has a test that is meant for it. What runs the same lines again and again, with random input or each fault, is
    # no such test, and coverage would double its time.
    "${core}" -m coverage run -m pytest -q -n 2 --junit-xml "${results}/covered.xml" -m "not without_coverage" \
        tests/unit/plugins tests/unit/emulated tests/unit/restored || code=$?
    mapfile -t others < <(grep -lr --include='test_*.py' 'mark\.without_coverage' tests/unit | sort)
    "${core}" -m pytest -q -n 2 --junit-xml "${results}/others.xml" -m without_coverage "${others[@]}" tests/unit/emulator || code=$?
    [ "${code}" -eq 0 ] || return "${code}"
    "${core}" -m coverage combine --quiet
    "${core}" -m coverage report
}

oldest() {
    local results=${junit}/units-3.9 reason
    rm -rf "${results}"
    if "${core}" "${tools}/pythons.py" 3.9 > /dev/null; then
        mkdir "${CRS_TREE}/core"
        ln -s "$("${core}" -c 'import ansible; print(*ansible.__path__)')" "${CRS_TREE}/core/ansible"
        PYTHONPATH=${CRS_TREE}:${CRS_TREE}/core "${CRS_ROOT}/.venv/oldest/bin/python" -m pytest -q -n 2 \
            --junit-xml "${results}/units-3.9.xml" tests/unit/plugins/modules tests/unit/plugins/module_utils
        return
    fi
    reason="expected: this machine has no Python 3.9, the oldest promised: no unit test ran on it"
    echo "${reason}"
    mkdir -p "${results}"
    printf '<testsuite name="units-3.9"><testcase classname="units" name="python-3.9"><skipped message="%s"/></testcase></testsuite>\n' \
        "${reason}" > "${results}/units-3.9.xml"
}

"${where}" "$@"
