# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixture of all targets that audit."""

from audit_runner import audit

__all__ = ["audit"]
