#!/usr/bin/env bash
# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

exec "${ANSIBLE_COLLECTIONS_PATH%%:*}/ansible_collections/qcloud/crs/tests/integration/run-pytest.sh" -n 2 .
