#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Unit tests: all of them on the core environment's Python, those of modules and module_utils on the oldest promised
# Python too (ansible-core itself no longer runs there, so the tests of controller code cannot).
#
#   units.sh controller [TEST ...]    on the core environment's Python
#   units.sh oldest [TEST ...]        on the oldest

set -euo pipefail

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${tools}/../../.venv
core=${venv}/${CRS_CORE:-core}/bin/python
where=$1
shift

version=$("${core}" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ "${where}" = controller ]; then
    exec "${tools}/ansible-test.sh" units units --python "${version}" "$@"
fi

if "${core}" "${tools}/pythons.py" 3.9 > /dev/null; then
    oldest=$(cd "${venv}/oldest/bin" && pwd)/python
    exec "${tools}/ansible-test.sh" units-3.9 units --target-python "3.9@${oldest}" "$@"
fi
results=${CRS_RESULTS:-${tools}/../output/junit}/units-3.9
rm -rf "${results}"
reason="expected: this machine has no Python 3.9, the oldest promised; unit tests ran on ${version} only"
echo "${reason}"
mkdir -p "${results}"
printf '<testsuite name="units-3.9"><testcase classname="units" name="python-3.9"><skipped message="%s"/></testcase></testsuite>\n' \
    "${reason}" > "${results}/units-3.9.xml"
