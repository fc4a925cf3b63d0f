#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is the documentation of an action plugin: the code is in plugins/action/crs_restore_test_due.py.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_restore_test_due
short_description: Choose the hosts of a play whose restore test is due
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Reads the records of earlier restore tests, and returns the hosts whose last passed test is too old or that never passed one, most
    overdue first. A host that was tested without passing since it became due comes after those that were not tested since.
  - A host whose test failed is due at once, until that backup or a newer one passes a later test. A test with the outcome V(unknown)
    does not change that. Such hosts come first, but take up at most half of O(max_hosts), rounded down, so none with
    O(max_hosts=1). Those beyond that half are ordered like all other hosts.
  - The module also removes what killed tests left behind, even if no test is due, but not in check mode. This is their data in the
    folders in which tests of the hosts in scope work, and their unfinished files in the folder of the records.
  - The playbook C(qcloud.crs.restore_test) uses this module. Use the playbook unless you want to run the tests in your own way.
  - The module sends no request to the API. It checks all variables of all hosts in scope, so an invalid one ends the run before any
    request.
  - A host stands for the instance C(crs_instance_id), by default its own name. Variables set its connection
    (C(crs_region), C(crs_endpoint), C(crs_api_version), C(crs_secret_id) and so on, one for each connection option
    below), and the options of its test (C(crs_restore_test_select), C(crs_restore_test_expect) and so on, one for each of the
    other options of M(qcloud.crs.crs_restore_test)).
  - Hosts with the same C(crs_instance_id) in the same region of a cloud are one instance, whatever their account label and API
    version, as in the audit. Records of tests are matched to instances in the same way. An instance is tested once, so its
    hosts must have the same options for the test.
  - Settings of the whole run, such as C(crs_restore_test_max_hosts) and C(crs_restore_test_fail), must be the same for all hosts in
    scope. These variables take precedence over the options of the same names.
extends_documentation_fragment:
  - qcloud.crs.connection
  - qcloud.crs.connection.common
  - qcloud.crs.attributes
attributes:
  check_mode:
    support: full
    details:
      - The result is the same. Leftovers are not removed.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Removed leftovers do not count as a change.
notes:
  - The module runs on the controller. Nothing connects to a host.
  - It is one task for all hosts, which requires C(strategy=linear).
options:
  hosts:
    description:
      - A pattern for the hosts of the play to choose from.
    type: str
    default: all
  record_dir:
    description:
      - The folder with the records of earlier tests, at any depth. Links to folders are followed. A missing folder counts as
        empty. A file that is not a record, or a link that leads nowhere, is ignored, with a warning.
      - It must not be or contain the folder in which tests work (C(crs_restore_test_work_dir)).
    type: path
    default: crs-restore-tests
  every:
    description:
      - Maximum age of the last passed test. The variable C(crs_restore_test_every) of a host takes precedence.
    type: str
    default: 30d
  min_hosts:
    description:
      - Minimum number of instances in scope, since an inventory that failed to load looks like an empty one.
    type: int
    default: 1
  max_hosts:
    description:
      - Maximum number of hosts to choose.
    type: int
    default: 10
  parallel:
    description:
      - Maximum number of parallel tests. Forks, free memory and the largest C(crs_restore_test_max_memory) of the chosen hosts may
        allow fewer.
    type: int
    default: 4
seealso:
  - module: qcloud.crs.crs_restore_test
  - module: qcloud.crs.crs_restore_test_summary
"""

EXAMPLES = r"""
- name: Show whose restore test is due
  hosts: crs
  gather_facts: false
  tasks:
    - name: Choose
      qcloud.crs.crs_restore_test_due:
        record_dir: /var/lib/crs/restore-tests
        every: 30d
      run_once: true
      register: chosen

    - name: Show
      ansible.builtin.debug:
        var: chosen.due
      run_once: true
"""

RETURN = r"""
due:
  description: The hosts to test now, in this order.
  type: list
  elements: str
  returned: success
  sample:
    - crs-a1b2c3d4
waiting:
  description: The hosts that are due as well, and for which O(max_hosts) leaves no room.
  type: list
  elements: str
  returned: success
  sample: []
never:
  description: Number of hosts in RV(due) and RV(waiting) that never passed a test.
  type: int
  returned: success
  sample: 1
parallel:
  description: How many tests can run at the same time.
  type: int
  returned: success
  sample: 4
max_memory:
  description: Maximum memory, in bytes, of a test whose host does not set C(crs_restore_test_max_memory).
  type: int
  returned: success
  sample: 1073741824
totals:
  description: The numbers of hosts in scope, due, tested now and waiting, in one line of text.
  type: str
  returned: success
  sample: "40 hosts: 1 due for a restore test, 1 of which never passed one; 1 now, 0 later"
"""
