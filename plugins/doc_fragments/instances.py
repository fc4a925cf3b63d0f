# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options that say which instances are wanted."""

    DOCUMENTATION = r"""
options:
  statuses:
    description:
      - Only instances with these statuses. The default is all of them.
    type: list
    elements: str
    choices:
      - initializing
      - processing
      - running
      - isolated
      - to_be_deleted
      - unknown
  tags:
    description:
      - Only instances that have all of these tags with these values. API 2.0 does not support tags.
    type: dict
  name:
    description:
      - Only instances whose name contains this text, case-insensitive.
    type: str
  project_ids:
    description:
      - Only instances of these projects.
    type: list
    elements: int
"""
