#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is the documentation of an action plugin: the code is in plugins/action/crs_backup_report.py.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_backup_report
short_description: Render the reports of a stored audit record
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Writes the reports of an C(audit-record.json) again. The module sends no request to the API. It keeps the outcomes
    of the record, so the same record always gives the same reports.
  - To check the record, the module judges it again by its own facts and policies, as of the original moment. If
    verdicts or counts do not follow from the facts, it fails, names instance and rule, and writes no report.
  - The playbook C(qcloud.crs.report) does the same from the command line.
extends_documentation_fragment:
  - qcloud.crs.attributes
  - qcloud.crs.attributes.reports
  - qcloud.crs.report_files
attributes:
  action_group:
    support: none
    membership: []
  check_mode:
    support: full
    details:
      - The record is read and checked, but no file is written.
options:
  record:
    description:
      - The path of the record, on the controller.
    type: path
    required: true
  report_dir:
    description:
      - The folder for the reports, on the controller. The default is the folder of the record.
    type: path
seealso:
  - module: qcloud.crs.crs_backup_audit
"""

EXAMPLES = r"""
- name: Render the reports of last month's record
  qcloud.crs.crs_backup_report:
    record: archive/2026-05-31/audit-record.json
    report_dir: /srv/www/crs-audit
"""

RETURN = r"""
summary:
  description: Number of instances in the record, in total and by outcome.
  type: dict
  returned: success
  sample:
    instances: 40
    fail: 3
    unknown: 2
    waived: 0
    pass: 34
    not_applicable: 1
reports:
  description: The paths of the files written. Empty in check mode.
  type: dict
  returned: success
  sample:
    html: /srv/www/crs-audit/report.html
"""
