#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# The linters, cheap ones first, all of them even if one fails.

set -euo pipefail

if [ -z "${CRS_TREE:-}" ]; then
    exec "$(dirname "${BASH_SOURCE[0]}")/in-copy.sh" "${BASH_SOURCE[0]}" "$@"
fi

lint=${CRS_ROOT}/.venv/lint/bin
galaxy=${CRS_ROOT}/.venv/galaxy/bin
docs=${CRS_ROOT}/.venv/docs/bin
cache=${CRS_ROOT}/.cache
failed=()

step() {
    local name=$1
    shift
    echo "- ${name}"
    "$@" || failed+=("${name}")
}

types() (
    # From the tree's root, so that the collection has its full name; the relative paths make the cache last.
    cd "${CRS_TREE}"
    local base=ansible_collections/qcloud/crs
    MYPYPATH=. "${lint}/mypy" --config-file "${base}/pyproject.toml" --cache-dir "${cache}/mypy" --no-error-summary "${base}/plugins"
)

layers() (
    cd "${CRS_TREE}"
    # Its table is worth reading when a contract is broken.
    local table
    table=$(PYTHONPATH=. "${lint}/lint-imports" --no-logo --cache-dir "${cache}/import-linter" ansible_collections/qcloud/crs/pyproject.toml) || {
        echo "${table}"
        return 1
    }
)

shell_scripts() {
    find . -name '*.sh' -type f -print0 | xargs -0 "${lint}/shellcheck" .ci/run
}

step "ruff check" "${lint}/ruff" check --quiet --cache-dir "${cache}/ruff"
step "ruff format" "${lint}/ruff" format --check --quiet --cache-dir "${cache}/ruff"
step yamllint "${lint}/yamllint" --strict .
step codespell "${lint}/codespell"
step shellcheck shell_scripts
step reuse "${lint}/reuse" --no-multiprocessing lint --lines
step mypy types
step import-linter layers
step "antsibull-changelog" env PATH="${docs}:${PATH}" "${docs}/antsibull-changelog" lint
step ansible-lint env PATH="${galaxy}:${PATH}" "${galaxy}/ansible-lint" --profile production --offline -q --nocolor

if [ "${#failed[@]}" -gt 0 ]; then
    printf 'error: found something: %s\n' "${failed[@]}" >&2
    exit 1
fi
