#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs a command in a fresh copy of the collection at TMP/ansible_collections/qcloud/crs, where Ansible's tools
# want it. The copy has the tracked and the new files of the checkout, nothing that git ignores.
#
#   in-copy.sh COMMAND...
#
# In the command CRS_ROOT is the checkout and CRS_TREE the folder that holds ansible_collections.

set -euo pipefail

CRS_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CRS_TREE=$(mktemp -d "${TMPDIR:-/tmp}/qcloud-crs.XXXXXXXX")
# What a process that outlives the command still writes there doesn't make a failure of it.
trap 'rm -rf "${CRS_TREE}" || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export CRS_ROOT CRS_TREE

copy=${CRS_TREE}/ansible_collections/qcloud/crs
mkdir -p "${copy}"

list_files() {
    # The checkout may belong to someone else than who runs this (a container's mount).
    git -c "safe.directory=${CRS_ROOT}" -C "${CRS_ROOT}" ls-files -coz --exclude-standard
}

cd "${CRS_ROOT}"
list=${CRS_TREE}/files
if ! list_files > "${list}" 2> /dev/null; then
    # No git, or not a clone: everything but what the tools made.
    find . -name __pycache__ -prune -o \
        \( -path ./.git -o -path ./.venv -o -path ./.cache -o -path ./tests/output \) -prune -o \
        \( -type f -o -type l \) ! -name '*.pyc' ! -name '*.tar.gz' -print0 > "${list}"
fi
# A tracked file may be gone from disk without git knowing yet.
while IFS= read -r -d '' file; do
    if [ -e "${file}" ] || [ -L "${file}" ]; then
        printf '%s\0' "${file}"
    fi
done < "${list}" | tar --null -T - -cf - | tar -xf - -C "${copy}"
rm -f "${list}"

cd "${copy}"
export ANSIBLE_COLLECTIONS_PATH=${CRS_TREE}
"$@"
