#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the virtual environment .venv/NAME from requirements files, unless it already has what they say.
#
#   venv.sh NAME PYTHON REQUIREMENT...
#
# A requirement is a file, or a package with a version (name==version). The environment is made anew when one of them,
# the Python or the place of the checkout changes.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$1
python=$2
shift 2

if [ -z "${python}" ]; then
    echo "error: no Python 3.11 to 3.14 with venv found (Debian, Ubuntu: apt-get install python3-venv); or say which: make PYTHON=/path/to/python3" >&2
    exit 1
fi
args=()
files=()
for requirement in "$@"; do
    if [[ ${requirement} == *==* ]]; then
        args+=("${requirement}")
    elif [ -f "${requirement}" ]; then
        args+=(--requirement "${requirement}")
        files+=("${requirement}")
    else
        echo "error: ${requirement} is missing" >&2
        exit 1
    fi
done

venv=${root}/.venv/${name}
key=$({
    echo "${root}"
    "${python}" -c 'import sys; print(sys.version, sys.executable)'
    echo "$@"
    cat "${files[@]}"
} | cksum | tr ' ' '-')
stamp=${venv}/.made-from-${key}
mkdir -p "${root}/.venv"
if command -v flock > /dev/null; then
    # Two makes in one checkout: the second waits for the first one's environment.
    exec 9> "${root}/.venv/.lock-${name}"
    flock 9
fi
settings=${HOME}/.config/pip/pip.conf
if [ -f "${stamp}" ] && [ -f "${settings}" ] && "${venv}/bin/python" -c '' 2> /dev/null; then
    exit 0
fi

echo "making .venv/${name} with $("${python}" --version)"
rm -rf "${venv}"
if "${python}" -m pip --python "${python}" --version > /dev/null 2>&1; then
    # Its own pip can install into the environment, so that none has to be made there first: that takes half of the time.
    without=yes
    pip=("${python}" -m pip --python "${venv}/bin/python")
else
    without=
    pip=("${venv}/bin/python" -m pip)
fi
if ! "${python}" -m venv ${without:+--without-pip} "${venv}"; then
    rm -rf "${venv}"
    echo "error: ${python} cannot make a virtual environment (Debian, Ubuntu: apt-get install python3-venv)" >&2
    exit 1
fi
# As the user who called has pip set up; then for this and all other pips in the tools' own home.
HOME=${CRS_USER_HOME:-${HOME}} XDG_CONFIG_HOME=${CRS_USER_CONFIG:-} "${pip[@]}" config list |
    "${venv}/bin/python" "${root}/tests/tools/pip_settings.py" "${settings}" "${root}/.cache/pip"
"${pip[@]}" install -qq --disable-pip-version-check "${args[@]}"
touch "${stamp}"
