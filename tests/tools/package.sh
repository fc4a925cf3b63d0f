#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the tarball and treats it as Galaxy, users and an execution environment's builder would. CORES are the versions
# of ansible-core that those users have, such as "2.16 2.21".

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

core=${CRS_ROOT}/.venv/${CRS_CORE:-core}/bin
galaxy=${CRS_ROOT}/.venv/galaxy/bin
work=${CRS_TREE}/package
rm -rf "${CRS_ROOT}/tests/output/junit/package"
mkdir -p "${work}/clean" "${work}/checkout" "${work}/site" "${work}/importer"
export ANSIBLE_LOCALHOST_WARNING=false

echo "- build, from the copy and from the checkout"
"${core}/ansible-galaxy" collection build --output-path "${work}/clean" . > /dev/null
"${core}/ansible-galaxy" collection build --output-path "${work}/checkout" "${CRS_ROOT}" > /dev/null
tarball=$(echo "${work}"/clean/qcloud-crs-*.tar.gz)
"${core}/python" tests/tools/tarball.py "${tarball}" . "${work}"/checkout/qcloud-crs-*.tar.gz

echo "- install into empty environments, documentation, the README's first use case"
# shellcheck disable=SC2086 # one argument for each
"${core}/python" tests/tools/installed.py "${tarball}" ${CORES}

echo "- install into an empty path, offline"
# Not where the copy lies: ansible-galaxy would find it there and have nothing to do.
export ANSIBLE_COLLECTIONS_PATH=${work}/site
"${core}/ansible-galaxy" collection install --offline "${tarball}" --collections-path "${work}/site" > /dev/null
cd "${work}"
"${core}/ansible-galaxy" collection verify --offline qcloud.crs > /dev/null

echo "- dependencies for execution environments"
"${galaxy}/ansible-builder" introspect "${work}/site" > "${work}/introspect"
grep -q 'requests>=.*from collection qcloud.crs' "${work}/introspect" || {
    echo "error: ansible-builder does not see requests as a dependency:" >&2
    cat "${work}/introspect" >&2
    exit 1
}

echo "- the guide's execution environment"
mkdir "${work}/environment"
cd "${work}/environment"
"${core}/python" "${CRS_TREE}/ansible_collections/qcloud/crs/tests/tools/recipe.py" > execution-environment.yml
"${galaxy}/ansible-builder" create > log 2>&1 || true
# One line says where the context is; more would be a warning.
if [ "$(wc -l < log)" -ne 1 ] || ! grep -q '^Complete!' log; then
    echo "error: ansible-builder complains about the guide's definition:" >&2
    cat log >&2
    exit 1
fi

echo "- Galaxy's importer"
cd "${work}/importer"
# "make lint" runs ansible-lint over the same files, with more rules.
export GALAXY_IMPORTER_RUN_ANSIBLE_LINT=false
code=0
PATH=${galaxy}:${PATH} "${galaxy}/python" -m galaxy_importer.main "${tarball}" > log 2>&1 || code=$?
if [ "${code}" -ne 0 ] || [ ! -s importer_result.json ] || grep -E '^(WARNING|ERROR|CRITICAL)' log; then
    echo "error: the importer complains:" >&2
    cat log >&2
    exit 1
fi
"${core}/python" "${CRS_ROOT}/tests/tools/totals.py" --only package
