#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is the documentation of an action plugin: the code is in plugins/action/crs_backup_merge.py.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_backup_merge
short_description: Join the audit records of slices into one
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Joins the records that the slices of one audit have written (job slices of AWX, several ansible-runner processes, or runs with
    C(--limit)) into the record that one run over all hosts would have written, shows it and writes its reports.
  - Nothing is asked of the API. The verdicts are those of the slices. Each record is judged again by its own facts and policies, at the
    moment at which it was judged, and one whose verdicts or counts do not follow from its facts is an error that names instance and rule.
  - The slices are of one run of one audit. It has the name (C(crs_backup_policy_name)), the run (C(crs_backup_policy_run_id)) and the value
    of C(crs_backup_policy_coverage) that all of them have. Slices without a run are joined with a warning.
  - A slice that is missing, of another run or there twice is an error, and there is no record. An instance that the slices'
    inventories name and that no slice has, because of a C(--limit) as a rule, is a warning where the slices looked for coverage.
  - The playbook C(qcloud.crs.merge) does the same from the command line, and fails as the audit does.
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
      - The records are read and joined, and no file is written.
options:
  records:
    description:
      - The paths of the records, on the controller. Of a folder, each C(audit-record.json) in it is taken, at any depth.
    type: list
    elements: path
    required: true
  slices:
    description:
      - How many records there have to be. A record that was joined itself counts for what it was joined of.
    type: int
    required: true
  max_age:
    description:
      - How long ago the oldest slice was judged, at most, as a whole number with a unit. An older record is one of an earlier
        run.
    type: str
    default: 12h
  max_spread:
    description:
      - How far apart the slices were judged, at most, as a whole number with a unit.
      - The default is V(6h) where the slices say of which run they are (C(crs_backup_policy_run_id)), and V(1h) where they do not,
        because a slice of an earlier run could then stand in for one that failed.
    type: str
  min_hosts:
    description:
      - How many hosts the records have together, at least.
    type: int
    default: 1
  report_dir:
    description:
      - The folder for the joined record and its reports, on the controller. It lies apart from O(records).
    type: path
    default: crs-audit
  show:
    description:
      - What the table shows. V(failed) leaves out what passed, and V(none) shows no table.
      - The table is shown only with a stdout callback that people read, such as default, minimal or oneline. With one for machines, such as
        C(ansible.posix.json), standard output is the callback's alone.
    type: str
    choices:
      - failed
      - all
      - none
    default: failed
  fail:
    description:
      - What is to fail, in the words of C(crs_backup_policy_fail). V(once) has one RV(failure) for all hosts that break their
        policy, and V(each) leaves them to the playbook, host by host; both have one for RV(uncovered) instances, where a
        slice was to fail because of them. V(never) has none.
      - The module itself doesn't fail because of what a record says. The playbook C(qcloud.crs.merge) does.
    type: str
    choices:
      - each
      - once
      - never
    default: once
seealso:
  - module: qcloud.crs.crs_backup_audit
  - module: qcloud.crs.crs_backup_report
"""

EXAMPLES = r"""
- name: Join the records of today's three slices
  qcloud.crs.crs_backup_merge:
    records:
      - /mnt/crs-audit/2026-06-15
    slices: 3
    min_hosts: 1200
    report_dir: /mnt/crs-audit/merged/2026-06-15
  register: crs

- name: Fail if a host breaks its policy
  ansible.builtin.fail:
    msg: "{{ crs.failure }}"
  when: crs.failure | length > 0
"""

RETURN = r"""
complete:
  description: Whether all instances of all slices were listed completely.
  type: bool
  returned: success
  sample: true
summary:
  description: How many instances there are in all, and of each outcome.
  type: dict
  returned: success
  sample:
    instances: 1200
    fail: 3
    unknown: 0
    waived: 1
    pass: 1190
    not_applicable: 6
totals:
  description: The same in one line.
  type: str
  returned: success
  sample: "1200 instances: 1190 pass, 3 FAIL, 0 UNKNOWN, 1 waived, 6 n/a"
failed_hosts:
  description: Why hosts fail, by name.
  type: dict
  returned: success
  sample:
    crs-a1b2c3d4: "crs-a1b2c3d4 in ap-guangzhou: max_age: newest usable backup started 2d ago, limit 26h (audit 3f9a1c)"
uncovered:
  description: A sentence for each account and region with instances that no slice audits and no slice's inventory names, or where that
    is not known.
  type: list
  elements: str
  returned: success
  sample: []
coverage_fails:
  description: Whether a slice was to fail because of them (C(crs_backup_policy_coverage=fail)).
  type: bool
  returned: success
  sample: false
fail:
  description: The value of O(fail).
  type: str
  returned: success
  sample: once
failure:
  description:
    - Why the run as a whole is to fail, one message for all hosts (V(once)) and for RV(uncovered) instances.
      Empty if it is not.
  type: str
  returned: success
  sample: ""
ansible_stats:
  description: The summary for ansible-runner and AWX, as M(ansible.builtin.set_stats) would publish it.
  type: dict
  returned: success
  sample:
    data:
      crs_backup_audit:
        complete: true
        summary:
          instances: 40
          fail: 0
          unknown: 0
          waived: 0
          pass: 39
          not_applicable: 1
        failed_hosts: []
        uncovered: []
        coverage_fails: false
        reports:
          record: /home/ops/crs-audit/audit-record.json
    per_host: false
    aggregate: false
reports:
  description: The paths of the files written. Empty in check mode.
  type: dict
  returned: success
  sample:
    record: /mnt/crs-audit/merged/2026-06-15/audit-record.json
    html: /mnt/crs-audit/merged/2026-06-15/report.html
"""
