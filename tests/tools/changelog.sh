#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes CHANGELOG.md and changelogs/changelog.yaml from the fragments, in a copy (the tool wants the collection at its
# place), and brings the result back.

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

antsibull-changelog release
cp CHANGELOG.md "${CRS_ROOT}/CHANGELOG.md"
cp changelogs/changelog.yaml "${CRS_ROOT}/changelogs/changelog.yaml"
for file in "${CRS_ROOT}"/changelogs/fragments/*.yml; do
    [ -e "changelogs/fragments/$(basename "${file}")" ] || rm -f "${file}"
done
