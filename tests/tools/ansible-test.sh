#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs ansible-test in a fresh copy of the collection and keeps its results under tests/output/junit/RUNNER, or
# under CRS_RESULTS/RUNNER.
#
#   ansible-test.sh RUNNER ARGUMENTS...
#
# Fails if ansible-test fails, and if something was skipped that could have run.

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

runner=$1
shift
core=${CRS_ROOT}/.venv/${CRS_CORE:-core}/bin
tools=${CRS_ROOT}/tests/tools
results=${CRS_RESULTS:-${CRS_ROOT}/tests/output/junit}/${runner}
log=${CRS_ROOT}/.cache/logs/${runner}${CRS_LANE:-}.log

# ansible-test's own environments get pip with a script from a file server of Ansible's (the name has pip's version):
# with a stand-in, package indexes are all that is needed.
mkdir -p "${HOME}/.ansible/test/cache"
for version in 23_1_2 24_2 25_2; do
    cmp -s "${tools}/get_pip.py" "${HOME}/.ansible/test/cache/get_pip_${version}.py" ||
        cp "${tools}/get_pip.py" "${HOME}/.ansible/test/cache/get_pip_${version}.py"
done

# It takes each python3.N of PATH, so no shims of Pythons that are not there, but every real one.
PATH=${core}:$("${core}/python" "${tools}/pythons.py" --path)
export PATH

rm -rf "${results}"
mkdir -p "${results}" "$(dirname "${log}")"
code=0
if [ "$1" = integration ]; then
    # In full detail into the log, which is searched for secrets; the made-up ones of the tests all look like this.
    ansible-test "$@" -vvv > "${log}" 2>&1 || code=$?
    grep -E '^(Running .* test|FAILED |ERROR|FATAL|[0-9]+ (passed|failed)|testhost +:)' "${log}" || true
    [ "${code}" -eq 0 ] || tail -n 200 "${log}"
    if grep -qE 'madeup[A-Z][A-Za-z]*(Key|Token)' "${log}"; then
        echo "error: the output holds a secret of the tests (${log})"
        code=1
    fi
else
    ansible-test "$@" 2>&1 | tee "${log}" || code=$?
fi

for file in tests/output/junit/*.xml; do
    [ ! -e "${file}" ] || cp "${file}" "${results}/"
done
if [ "$1" = integration ]; then
    # One result for each target instead of one for each task.
    "${core}/python" "${tools}/totals.py" --integration tests/output/data "${log}" "${results}"
fi
[ "${code}" -eq 0 ] || exit "${code}"

"${core}/python" "${tools}/totals.py" --skips "${log}"
"${core}/python" "${tools}/totals.py" --only "${runner}"
