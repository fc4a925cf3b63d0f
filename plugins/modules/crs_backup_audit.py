#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is the documentation of an action plugin: the code is in plugins/action/crs_backup_audit.py.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_backup_audit
short_description: Judge the backups of all hosts of a play by policy, and write the audit record and the reports
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Lists the backups of all hosts of the play, once for each connection, judges each host by its own policy, and writes an
    audit record and reports for people and machines.
  - The role P(qcloud.crs.crs_backup_policy#role) uses this module and turns its result into failing hosts. The module
    itself fails only when there is nothing to judge, when there are fewer instances than C(crs_backup_policy_min_hosts),
    or when a variable or option is invalid. Use the role unless you want to evaluate the result yourself.
  - The policy of a host is set by the variables C(crs_backup_policy_max_age), C(crs_backup_policy_min_usable) and so
    on, which the role documents. For each host, the module uses the value that M(ansible.builtin.debug) shows there,
    wherever it is set. Without a value, or if it is omitted, the role's default applies.
  - A host stands for the instance C(crs_instance_id), which defaults to the host's name. Its connection is set by the
    variables C(crs_region), C(crs_endpoint), C(crs_api_version), C(crs_secret_id) and so on, one for each connection
    option below. The options apply to hosts without the variable. Nothing ever connects to a host.
extends_documentation_fragment:
  - qcloud.crs.connection
  - qcloud.crs.connection.common
  - qcloud.crs.attributes
  - qcloud.crs.attributes.reports
attributes:
  check_mode:
    support: full
    details:
      - Everything is listed, judged and shown, but no file is written.
notes:
  - The module runs on the controller, in Ansible's own Python, which needs requests. Use it in a play over the hosts
    that stand for instances, not on C(localhost), which would count as an instance.
  - It is one task for all hosts, which requires C(strategy=linear).
  - The key needs permission to list instances and their backups. Without permission to list instances, the module warns
    and queries each instance by itself. It then excuses no instance as new or isolated.
  - The options, including those of C(module_defaults), are evaluated once, for the first host, and apply to all hosts.
    Set what differs by host as a variable, such as C(crs_region).
  - The keyword C(environment) has no effect. The module reads the environment in which Ansible was started.
options:
  hosts:
    description:
      - A pattern for the hosts of the play to audit. The default is all of them, including those that failed before.
      - The module fails if they stand for fewer instances than C(crs_backup_policy_min_hosts), since an inventory that
        failed to load looks like an empty one. Hosts with the same C(crs_instance_id) in the same
        region of a cloud count as one instance.
    type: str
    default: all
"""

EXAMPLES = r"""
- name: Audit all instances of the inventory, without failing
  hosts: crs
  gather_facts: false
  tasks:
    - name: Judge the backups
      qcloud.crs.crs_backup_audit:
        region: ap-guangzhou
      vars:
        crs_backup_policy_max_age: 26h
        crs_backup_policy_min_usable: 3
      register: audit

    - name: Show what is wrong
      ansible.builtin.debug:
        var: audit.failed_hosts
      run_once: true
"""

RETURN = r"""
complete:
  description: Whether the listings of all instances were complete.
  type: bool
  returned: success
  sample: true
summary:
  description: Number of instances, in total and by outcome.
  type: dict
  returned: success
  sample:
    instances: 40
    fail: 3
    unknown: 2
    waived: 0
    pass: 34
    not_applicable: 1
totals:
  description: The counts of RV(summary) in one line of text.
  type: str
  returned: success
  sample: "40 instances: 34 pass, 3 FAIL, 2 UNKNOWN, 0 waived, 1 n/a"
reports:
  description: The paths of the files written. Empty in check mode.
  type: dict
  returned: success
  sample:
    # the reports, written by make entries from plugins/plugin_utils/_reports
    record: /home/ops/crs-audit/audit-record.json
    html: /home/ops/crs-audit/report.html
    junit: /home/ops/crs-audit/junit.xml
    prometheus: /home/ops/crs-audit/metrics.prom
    ocsf: /home/ops/crs-audit/findings.ocsf.json
    # the end of the reports
uncovered:
  description: Instances of the account that the inventory does not name, or why that is not known. One sentence for each region.
  type: list
  elements: str
  returned: success
  sample:
    - "2 instances of ap-guangzhou are not in the inventory: crs-a1b2c3d4, crs-e5f6a7b8"
coverage_fails:
  description: >-
    Whether the run must fail because the account has instances that the inventory does not name, or because that is not known
    (C(crs_backup_policy_coverage=fail)).
  type: bool
  returned: success
  sample: false
fail:
  description: The value of C(crs_backup_policy_fail). It tells the role to fail each host, to fail once, or not to fail.
  type: str
  returned: success
  sample: each
failure:
  description:
    - Why the run must fail, as one message, apart from the hosts that fail by themselves. Empty if nothing fails.
    - With C(crs_backup_policy_fail=once), it names the hosts that violate their policy. With
      C(crs_backup_policy_fail=each), it names those of them that joined the play after it began, which cannot fail by
      themselves. With both, it names instances that the inventory does not name if C(crs_backup_policy_coverage=fail).
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
failed_hosts:
  description: The hosts that violate their policy, each with the reason.
  type: dict
  returned: success
  sample:
    crs-a1b2c3d4: "crs-a1b2c3d4 in ap-guangzhou: max_age: newest usable backup started 31h ago, limit 26h (audit 3f9a1c)"
"""
