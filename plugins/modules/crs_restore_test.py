#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is the documentation of an action plugin: the code is in plugins/action/crs_restore_test.py.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_restore_test
short_description: Test that a backup of a Tencent Cloud Redis (CRS) instance can be restored
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Downloads one backup of one instance, checks its files with C(redis-check-rdb) or C(valkey-check-rdb), loads them
    into a throw-away server on this machine, counts keys, compares them with O(expect), and removes everything again.
  - A test is V(passed) only if, for each file of the backup, the checker reads it to its last byte, a server responds
    after loading it, the number of loaded and expired keys equals the number of keys that the checker read, and the
    file was written at the time of the backup. Only files of RDB version 6 do not state when they were written. Neither
    an exit status of 0 nor a log proves anything.
  - V(failed) means that the backup was tested and violates one of these conditions or O(expect), V(unknown) that it
    could not be tested. The result has the reason.
  - The instance itself is not touched, and nothing is restored in the cloud.
extends_documentation_fragment:
  - qcloud.crs.connection
  - qcloud.crs.connection.common
  - qcloud.crs.attributes
attributes:
  check_mode:
    support: partial
    details:
      - The backups are listed and one of them is selected. Nothing is downloaded, so the outcome is V(unknown) with
        the code V(check_mode), and the task does not fail. No record is written.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each run tests again, and writes a new record if O(record_dir) is set.
notes:
  - The module runs on the controller, in Ansible's own Python, which needs requests. It also needs a Redis or Valkey
    server, 7.0 or newer, as distributed by the operating system. Nothing connects to the host of the task.
  - A backup file can run code while a server loads it. Install bubblewrap, in whose sandbox that code can access
    neither network nor files.
  - The key needs permission for C(DescribeInstanceBackups), C(DescribeBackupUrl) and C(DescribeBackupDetail) with API
    3.0, or C(GetRedisBackupList), C(GetBackupDownloadUrl) and C(DescribeRedis) with API 2.0. With these, it can read
    all data of the instances. Use a separate key.
  - Download addresses, key names and values never appear in any output, not even with C(-vvv).
  - The keyword C(environment) has no effect. The module reads the environment in which Ansible was started.
options:
  instance_id:
    description:
      - The id of the instance.
    type: str
    required: true
    aliases:
      - redis_id
  account:
    description:
      - Name of the account in the record, like the variable C(crs_account) of the audit.
    type: str
  backup_id:
    description:
      - The id of the backup to test. If not set, O(select) decides. It can't be combined with O(within), or with another O(select)
        than V(newest).
    type: str
  select:
    description:
      - Which of the downloadable backups to test.
    type: str
    choices:
      - newest
      - oldest
      - random
    default: newest
  within:
    description:
      - Only backups that started within this time before now, such as V(7d), are selected. It must be longer than zero.
    type: str
  seed:
    description:
      - Seed of O(select=random), to repeat a selection. With another O(select), it is refused. If not set, a seed is generated. The record contains it.
    type: str
  network:
    description:
      - Which download address to use. V(internal) works only on a machine in a private network (VPC) of the instance's
        region. The region's setting may restrict downloads to some networks.
    type: str
    choices:
      - public
      - internal
    default: public
  download_hosts:
    description:
      - Hosts from which a backup may be downloaded. V(*.example.com) stands for all names that end in V(.example.com). Redirects are not followed.
      - V(http://) is allowed for loopback addresses only.
    type: list
    elements: str
    default:
      - "*.myqcloud.com"
      - "*.tencentcos.cn"
  server:
    description:
      - Absolute paths of server programs, in the order in which they are tried. A path that is not that of a server is refused
        before any request. The first one that can read the file's version is used.
      - If a server crashes while it loads the file, does not start or gives invalid answers, or if its checker gives no
        result, the next one that can read the file's version is tried. If a server refuses the file, no other one is
        tried, and the outcome is V(failed).
      - If the list is empty, C(valkey-server) and C(redis-server) of E(PATH) are tried.
    type: list
    elements: path
    default: []
  work_dir:
    description:
      - The folder in which the test creates its own folder. It needs space for the backup. Leftovers of killed tests are removed,
        and nothing else.
      - The default is the system's folder for temporary files.
    type: path
  max_size:
    description:
      - Maximum number of bytes to download for one backup, such as V(20G).
    type: bytes
    default: 8G
  max_memory:
    description:
      - Maximum memory of checker and server, each, such as V(4G).
      - The default is half of the free memory, and the minimum V(128M).
    type: bytes
  download_timeout:
    description:
      - Maximum time for the download of a file, up to V(24h).
    type: str
    default: 30m
  load_timeout:
    description:
      - Maximum time for the checker, and the same time for the server, per file, up to V(24h). A program that takes longer is
        killed. Each server that is tried has this time.
    type: str
    default: 10m
  sandbox:
    description:
      - V(auto) runs checker and server in bubblewrap if available, else as another user if the current one is root, and always with resource limits.
      - V(require) does not test without bubblewrap.
    type: str
    choices:
      - auto
      - require
    default: auto
  functions:
    description:
      - What to do with a file that contains function libraries, which run code while a server loads them.
      - V(sandboxed) loads it in bubblewrap only, V(refuse) never, and V(allow) always. Without the load, the outcome is
        V(unknown).
      - Before the load, libraries are detected only at the beginning of a file, where servers write them. A forged file
        may have them after its keys. Their code then runs even with V(refuse), and outside of bubblewrap if it is not
        installed. They are detected after the load, and the outcome is V(unknown), unless this option is V(allow).
      - Only O(sandbox=require) ensures that no code runs outside of bubblewrap.
    type: str
    choices:
      - sandboxed
      - refuse
      - allow
    default: sandboxed
  created_slack:
    description:
      - Tolerance by which a file's own creation time may lie outside of the time of the backup. This time lasts from the
        start of the backup to its end, to six hours after its start, or to the test, whichever is first.
    type: str
    default: 15m
  expect:
    description:
      - Expectations of a good backup.
    type: dict
    suboptions:
      files:
        description:
          - Minimum number of files. With API 3.0, the default is the number of shards of the backup, from
            C(DescribeBackupDetail). With API 2.0, it is 1 if C(DescribeRedis) shows that the instance is not a cluster.
          - API 2.0 returns only one file of a backup. With it, the outcome is V(unknown) if this option is greater than 1,
            or if it is not set and the backup may have several files.
        type: int
      min_keys:
        description:
          - Minimum number of keys in all files together, including expired keys.
        type: int
        default: 1
      min_key_ratio:
        description:
          - Minimum ratio of the number of keys in all files to that of the instance's last passed test, such as V(0.8).
            The record of that test must be in O(record_dir). If no test has passed, only O(expect.min_keys) applies, and
            C(expected.baseline) in RV(record) is null.
          - If a record in O(record_dir) that may be of such a test cannot be read, a test that would otherwise pass is
            V(unknown), with the code V(baseline_unreadable).
        type: float
      databases:
        description:
          - Numbers of databases that must contain keys.
        type: list
        elements: int
        default: []
      canary:
        description:
          - A key with a known value. It is the best proof that the content is correct.
        type: dict
        suboptions:
          database:
            description:
              - The number of its database.
            type: int
            default: 0
          key:
            description:
              - Its name. The key must be a string without an expiry.
            type: str
            required: true
          sha256:
            description:
              - The SHA-256 of its value, in hexadecimal digits.
            type: str
            required: true
  record_dir:
    description:
      - Folder for the record, which is written to a new file. The folder is created if necessary.
      - It must not be O(work_dir) or contain it. Otherwise code in a backup's file could forge a record there.
    type: path
  record_mode:
    description:
      - The mode of the record's file, in octal and in quotes.
    type: raw
    default: "0640"
  fail_on:
    description:
      - When the task fails. With V(not_passed), it fails if the outcome is V(failed) or V(unknown). With V(failed), only a
        failed test fails it. With V(never), check RV(outcome) yourself.
      - Invalid options, and data that cannot be removed, always fail the task.
    type: str
    choices:
      - not_passed
      - failed
      - never
    default: not_passed
seealso:
  - module: qcloud.crs.crs_backup_info
"""

EXAMPLES = r"""
# The key pair comes from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.

- name: Test the newest backup of an instance
  qcloud.crs.crs_restore_test:
    region: ap-guangzhou
    instance_id: crs-a1b2c3d4
    record_dir: /var/lib/crs/restore-tests
  delegate_to: localhost

- name: Test a random backup of the last week, inside the region, and only in a sandbox
  qcloud.crs.crs_restore_test:
    region: ap-guangzhou
    instance_id: crs-a1b2c3d4
    select: random
    within: 7d
    network: internal
    sandbox: require
    expect:
      min_keys: 100000
      databases:
        - 0
      canary:
        key: canary
        sha256: "{{ 'the value that was written' | hash('sha256') }}"
  delegate_to: localhost

- name: Fail only if the test failed, not if the backup could not be tested
  qcloud.crs.crs_restore_test:
    region: ap-guangzhou
    instance_id: crs-a1b2c3d4
    fail_on: failed
  delegate_to: localhost
  register: tested

- name: Show why the test did not pass
  ansible.builtin.debug:
    msg: "{{ tested.outcome }} {{ tested.code }} {{ tested.message }}"
  when: tested.outcome != "passed"
"""

RETURN = r"""
outcome:
  description:
    - V(passed), V(failed) if the backup was tested and violates a condition, or V(unknown) if it could not be tested.
  type: str
  returned: always, unless an option is invalid
  sample: passed
code:
  description:
    - Why the test did not pass, as a code such as V(checksum_mismatch) or V(download_refused). Null if it passed.
  type: str
  returned: always, unless an option is invalid; may be null
  sample: null
message:
  description: The reason as a sentence, with a remedy. Empty if it passed.
  type: str
  returned: always, unless an option is invalid
  sample: ""
record:
  description:
    - The record of the test and its result. Its JSON schema is C(plugins/plugin_utils/_restore/restore-test-record.schema.json)
      of the collection.
  type: dict
  returned: always, unless an option is invalid
  contains:
    backup:
      description: The tested backup, as returned by M(qcloud.crs.crs_backup_info). Null if none was selected.
      type: dict
      returned: always, may be null
      sample:
        backup_id: 165706342-5832225-1641692389
        type: system
        status: normal
        start_time: "2026-05-31T18:00:48Z"
        end_time: "2026-05-31T18:01:20Z"
        expire_time: "2026-06-07T18:00:48Z"
        size_bytes: 1048576
        file_type: RDB-Redis 6.2
        encrypted: false
    expected:
      description:
        - The expectations. C(baseline) is the earlier test whose number of keys was compared. The files of the backup must
          have been written between C(created_from) and C(created_to).
      type: dict
      returned: always
      sample:
        files: 1
        min_keys: 240881
        min_key_ratio: 0.8
        baseline:
          id: 2b1d6bd4b0a24bb8a1f6f0c54b7e3f10
          key_count: 301101
        databases: []
        canary: false
        created_from: "2026-05-31T17:45:48Z"
        created_to: "2026-05-31T18:16:20Z"
    files:
      description:
        - One entry for each file, with its size, SHA-256, version, server, sandbox, numbers of keys, and in C(tried)
          the servers that could not decide whether the file is good.
      type: list
      elements: dict
      returned: always
    key_count:
      description: Number of keys in all files.
      type: int
      returned: always
      sample: 301101
    seconds:
      description: Duration of each phase.
      type: dict
      returned: always
      sample:
        list: 0.112
        address: 0.087
        download: 4.871
        header: 0.001
        check: 1.302
        load: 2.745
        count: 0.001
        canary: 0.0
        wipe: 0.01
    restore_seconds:
      description: Duration of download, check and load together, which is the time to a loaded copy on this machine (RTO).
      type: float
      returned: always
      sample: 8.918
    error:
      description: The API's error that prevented the test, in the form of the other modules.
      type: dict
      returned: always, may be null
      sample: null
record_file:
  description: The path of the record, null without O(record_dir) and in check mode.
  type: str
  returned: always, unless an option is invalid; may be null
  sample: /var/lib/crs/restore-tests/restore-test-crs-a1b2c3d4-20260601T020048Z-3c2a8c1e.json
"""
