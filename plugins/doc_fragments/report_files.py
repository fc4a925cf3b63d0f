# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of what writes reports. (A file reports.py would be what Ansible takes for the part of attributes with that name.)"""

    DOCUMENTATION = r"""
options:
  report_mode:
    description:
      - The mode of the files, in octal and in quotes, because YAML reads V(0644) without quotes as the number 420. The
        owner's digit is 6, the group's 0, 4 or 6, and that of others 0 or 4.
      - >-
        A dict sets the modes by file, such as V({prometheus: "0644"}). Files without a key get V(0640).
      # the keys of modes, written by make entries from plugins/plugin_utils/_reports
      - The keys of such a dict are C(record), C(html), C(junit), C(prometheus) and C(ocsf).
      # the end of the keys of modes
      - If a file system does not support modes, as a network share may, the files are written nevertheless, and a
        warning names their actual mode.
    type: raw
    default: "0640"
"""
