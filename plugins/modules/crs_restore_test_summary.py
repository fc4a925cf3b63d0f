#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is the documentation of an action plugin: the code is in plugins/action/crs_restore_test_summary.py.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_restore_test_summary
short_description: Show the results of the restore tests of a play
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Shows a table of restore tests, worst first, and returns the hosts that must fail because of them.
  - The playbook C(qcloud.crs.restore_test) uses this module, and fails the hosts. The module itself does not fail because of tests.
  - A host whose result has no record, for example because of an invalid option, is V(unknown), and always fails,
    unless O(fail=never).
extends_documentation_fragment:
  - qcloud.crs.attributes
  - qcloud.crs.attributes.unchanging
attributes:
  action_group:
    support: none
    membership: []
  check_mode:
    support: full
    details:
      - In check mode, nothing is tested, so no outcome fails a host. A host without a record still fails.
notes:
  - The module runs on the controller. Nothing connects to a host.
options:
  results:
    description:
      - What M(qcloud.crs.crs_restore_test) returned, by host. An empty dict stands for a host that was not tested. Anything else,
        such as the result of a loop, is refused.
    type: dict
    required: true
  fail:
    description:
      - What fails. With V(each), the playbook must fail each host of RV(failed_hosts). With V(once), RV(failure) is
        one message for all of them. With V(never), nothing fails.
    type: str
    choices:
      - each
      - once
      - never
    default: each
  unknown:
    description:
      - Whether a host fails if its backup could not be tested.
    type: str
    choices:
      - fail
      - warn
    default: fail
  show:
    description:
      - Which tests to show in the table. V(failed) omits those that passed; V(none) shows no table.
      - The table is shown only with a stdout callback for people, such as default, minimal or oneline. With a
        machine-readable callback, such as C(ansible.posix.json), nothing else is printed.
    type: str
    choices:
      - all
      - failed
      - none
    default: all
seealso:
  - module: qcloud.crs.crs_restore_test
"""

EXAMPLES = r"""
- name: Test two instances, and show a table
  hosts: crs-a1b2c3d4,crs-e5f6a7b8
  gather_facts: false
  tasks:
    - name: Test
      qcloud.crs.crs_restore_test:
        region: ap-guangzhou
        instance_id: "{{ inventory_hostname }}"
        fail_on: never
      register: tested

    - name: Show
      qcloud.crs.crs_restore_test_summary:
        results: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'tested'))) }}"
      run_once: true
"""

RETURN = r"""
summary:
  description: Number of hosts, in total and by outcome.
  type: dict
  returned: success
  sample:
    hosts: 10
    passed: 8
    failed: 1
    unknown: 1
totals:
  description: The counts of RV(summary) in one line of text.
  type: str
  returned: success
  sample: "10 restore tests: 8 passed, 1 FAILED, 1 UNKNOWN"
failed_hosts:
  description: The hosts that fail, each with the reason.
  type: dict
  returned: success
  sample:
    crs-a1b2c3d4: >-
      crs-a1b2c3d4 in ap-guangzhou: restore test failed, checksum_mismatch (backup 165706342-5832225-1641692389 of
      2026-05-31T18:00:48Z): the file's checksum does not match its content
fail:
  description: The value of O(fail).
  type: str
  returned: success
  sample: each
failure:
  description: Why the run must fail, as one message. Empty if nothing fails, and unless O(fail=once).
  type: str
  returned: success
  sample: ""
ansible_stats:
  description: The summary for ansible-runner and AWX, as M(ansible.builtin.set_stats) would publish it.
  type: dict
  returned: success
  sample:
    data:
      crs_restore_test:
        summary:
          hosts: 10
          passed: 10
          failed: 0
          unknown: 0
        failed_hosts: []
    per_host: false
    aggregate: false
"""
