# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's version, for the User-Agent and the reports. Private to this collection."""

from __future__ import annotations

VERSION = "0.1.0"
