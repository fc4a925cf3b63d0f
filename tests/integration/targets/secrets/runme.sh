#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu

exec "${ANSIBLE_TEST_PYTHON_INTERPRETER:-python}" -m pytest -q -p no:cacheprovider -n 2 .
