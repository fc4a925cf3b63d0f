# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the attributes are (first part), and how info modules, those that change nothing, and those that write reports set them."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/qcloud.crs.crs) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - qcloud.crs.crs
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second run indicates no change.
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module only reads. It does the same in check mode.
"""

    UNCHANGING = r"""
options: {}
attributes:
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    support: full
    details:
      - This module changes nothing.
"""

    REPORTS = r"""
options: {}
attributes:
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each run writes the files again.
"""
