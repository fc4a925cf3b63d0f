# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the role's variables are named. Private to this collection."""

from __future__ import annotations

#: The prefix of the role's variables.
PREFIX = "crs_backup_policy_"
