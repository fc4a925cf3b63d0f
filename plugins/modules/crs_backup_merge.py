#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is the documentation of an action plugin: the code is in plugins/action/crs_backup_merge.py.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_backup_merge
short_description: Merge the audit records of slices into one
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Merges the audit records of the slices of one audit (job slices of AWX, several ansible-runner processes, or runs
    with C(--limit)) into the record that a single run over all hosts would have written, shows the result and writes
    its reports.
  - The module sends no request to the API. It keeps the verdicts of the slices. To check them, it judges each record
    again by its own facts and policies, as of the original moment. If verdicts or counts do not follow from the facts,
    it fails and names instance and rule.
  - All slices must belong to the same run of the same audit. They must have the same name (C(crs_backup_policy_name)),
    the same run (C(crs_backup_policy_run_id)) and the same value of C(crs_backup_policy_coverage). Slices without a run
    are merged with a warning.
  - If a slice is missing, belongs to another run or appears twice, the module fails and writes no record. If the
    inventories of the slices name an instance that no slice contains, usually because of C(--limit), the module warns,
    provided that the slices checked coverage.
  - The playbook C(qcloud.crs.merge) does the same from the command line, and fails like the audit.
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
      - The records are read and merged, but no file is written.
options:
  records:
    description:
      - The paths of the records, on the controller. A folder stands for each C(audit-record.json) in it, at any depth.
        Links to folders are followed; a link that leads nowhere is an error.
    type: list
    elements: path
    required: true
  slices:
    description:
      - The expected number of records. A record that was itself merged counts as the number of its slices.
    type: int
    required: true
  max_age:
    description:
      - Maximum time since the oldest slice was judged, with a unit. An older record is assumed to
        belong to an earlier run.
    type: str
    default: 12h
  max_spread:
    description:
      - Maximum time between the first and the last slice, with a unit.
      - The default is V(6h) if the slices name their run (C(crs_backup_policy_run_id)), and V(1h) otherwise, because
        then a slice of an earlier run could replace one that failed.
    type: str
  min_hosts:
    description:
      - Minimum number of instances in all records together, counted as C(crs_backup_policy_min_hosts) does. Hosts with the
        same C(crs_instance_id) in the same region of a cloud count as one instance.
    type: int
    default: 1
  report_dir:
    description:
      - The folder for the merged record and its reports, on the controller. It must be outside of O(records).
    type: path
    default: crs-audit
  show:
    description:
      - What the table shows. V(failed) shows only instances whose outcome is fail or unknown, and V(none) shows no table.
      - The table is shown only with a stdout callback for people, such as default, minimal or oneline. With a
        machine-readable callback, such as C(ansible.posix.json), nothing else is printed.
    type: str
    choices:
      - failed
      - all
      - none
    default: failed
  fail:
    description:
      - What fails, as in C(crs_backup_policy_fail). V(once) sets one RV(failure) for all hosts that violate their
        policy; V(each) leaves failing them to the playbook, host by host. Both set a RV(failure) for RV(uncovered)
        instances if a slice would have failed because of them. V(never) sets none.
      - The module itself does not fail because of verdicts. The playbook C(qcloud.crs.merge) does.
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
- name: Merge the records of today's three slices
  qcloud.crs.crs_backup_merge:
    records:
      - /mnt/crs-audit/2026-06-15
    slices: 3
    min_hosts: 1200
    report_dir: /mnt/crs-audit/merged/2026-06-15
  register: crs

- name: Fail if a host violates its policy
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
  description: Number of instances, in total and by outcome.
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
  description: The counts of RV(summary) in one line of text.
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
  description: One sentence for each account and region with instances that no slice audits and no slice's inventory
    names, or where that is not known.
  type: list
  elements: str
  returned: success
  sample: []
coverage_fails:
  description: Whether a slice would have failed because of RV(uncovered) instances (C(crs_backup_policy_coverage=fail)).
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
    - Why the run must fail, as one message. With O(fail=once), it names the hosts that violate their policy. With
      V(each) and V(once), it names RV(uncovered) instances if a slice would have failed because of them. Empty if
      nothing fails.
  type: str
  returned: success
  sample: ""
ansible_stats:
  description: The summary for ansible-runner and AWX, in the form that M(ansible.builtin.set_stats) publishes.
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
