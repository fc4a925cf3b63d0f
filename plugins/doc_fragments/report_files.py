# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of what writes reports. (A file reports.py would be what Ansible takes for the part of attributes with that name.)"""

    DOCUMENTATION = r"""
options:
  report_mode:
    description:
      - The mode of the files, in octal and in quotes, because YAML reads V(0644) without quotes as the number 420. The owner has 6,
        the group 0, 4 or 6, and others 0 or 4.
      - >-
        A dict has modes by the names of files, C(record), C(html), C(junit), C(prometheus) and C(ocsf), such as V({prometheus: "0644"}); the other files have
        V(0640) then.
      - Where a file system does not set modes, as a share may, the files are written all the same, and a warning says which they
        have.
    type: raw
    default: "0640"
"""
