#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the tarball and treats it as Galaxy, a user and an execution environment's builder would.

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

core=${CRS_ROOT}/.venv/${CRS_CORE:-core}/bin
galaxy=${CRS_ROOT}/.venv/galaxy/bin
work=${CRS_TREE}/package
mkdir -p "${work}/clean" "${work}/checkout" "${work}/site" "${work}/importer"
export ANSIBLE_LOCALHOST_WARNING=false

echo "- build, from the copy and from the checkout"
"${core}/ansible-galaxy" collection build --output-path "${work}/clean" . > /dev/null
"${core}/ansible-galaxy" collection build --output-path "${work}/checkout" "${CRS_ROOT}" > /dev/null
tarball=$(echo "${work}"/clean/qcloud-crs-*.tar.gz)
"${core}/python" tests/tools/tarball.py "${tarball}" . "${work}"/checkout/qcloud-crs-*.tar.gz

echo "- install into an empty path, offline"
# Not where the copy lies: ansible-galaxy would find it there and have nothing to do.
export ANSIBLE_COLLECTIONS_PATH=${work}/site
"${core}/ansible-galaxy" collection install --offline "${tarball}" --collections-path "${work}/site" > /dev/null
installed=${work}/site/ansible_collections/qcloud/crs
cd "${work}"
"${core}/ansible-galaxy" collection verify --offline qcloud.crs > /dev/null

echo "- ansible-doc of everything that was installed"
count=0
show() {
    local code=0
    COLUMNS=1000 "${core}/ansible-doc" --type "$1" "qcloud.crs.$2" > "${work}/doc" 2> "${work}/doc.err" || code=$?
    # ansible-core 2.20 and newer warn about a collection inside themselves.
    if [ "${code}" -ne 0 ] || grep -v -e '^$' -e 'ansible/_protomatter.*does not have a MANIFEST' "${work}/doc.err" >&2; then
        echo "error: ansible-doc --type $1 qcloud.crs.$2: exit code ${code}, messages above" >&2
        exit 1
    fi
    count=$((count + 1))
}
shopt -s nullglob
for type in modules filter inventory lookup test callback; do
    declare -A names=()
    for file in "${installed}/plugins/${type}"/*.py "${installed}/plugins/${type}"/*.yml; do
        name=$(basename "${file%.*}")
        case ${name} in _*) ;; *) names[${name}]=1 ;; esac
    done
    for name in "${!names[@]}"; do
        show "${type/modules/module}" "${name}"
    done
    unset names
done
for file in "${installed}"/roles/*/meta/argument_specs.yml; do
    show role "$(basename "$(dirname "$(dirname "${file}")")")"
done
echo "  ${count} pages"
[ "${count}" -gt 0 ]

echo "- dependencies for execution environments"
"${galaxy}/ansible-builder" introspect "${work}/site" > "${work}/introspect"
grep -q 'requests>=.*from collection qcloud.crs' "${work}/introspect" || {
    echo "error: ansible-builder does not see requests as a dependency:" >&2
    cat "${work}/introspect" >&2
    exit 1
}

echo "- Galaxy's importer"
cd "${work}/importer"
code=0
PATH=${galaxy}:${PATH} "${galaxy}/python" -m galaxy_importer.main "${tarball}" > log 2>&1 || code=$?
if [ "${code}" -ne 0 ] || [ ! -s importer_result.json ] || grep -E '^(WARNING|ERROR|CRITICAL)' log; then
    echo "error: the importer complains:" >&2
    cat log >&2
    exit 1
fi
