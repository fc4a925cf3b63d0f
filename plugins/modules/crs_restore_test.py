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
  - Downloads one backup of one instance, checks its files with C(redis-check-rdb) or C(valkey-check-rdb), loads them into a
    throw-away server of this machine, counts, compares with what is expected, and removes all of it again.
  - A test is V(passed) only if, for each file of the backup, the checker reads it to its last byte, a server answers after
    loading it, the keys that the server loaded and those that it left out as expired are as many as the checker read, and
    the file was written when the backup was made. Neither exit status nor log of a program counts.
  - V(failed) says that the backup is bad, V(unknown) that it could not be tested, and why. Neither passes.
  - The instance itself is not touched, and nothing is restored at the vendor's.
extends_documentation_fragment:
  - qcloud.crs.connection
  - qcloud.crs.connection.common
  - qcloud.crs.attributes
attributes:
  check_mode:
    support: partial
    details:
      - The backups are listed and one of them is chosen. Nothing is downloaded, so the outcome is V(unknown) with the code
        V(check_mode), which fails nothing. No record is written.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each run tests again, and writes another record if O(record_dir) is set.
notes:
  - It runs on the controller, in Ansible's own Python, which needs requests. There has to be a Redis or Valkey server, 7.0 or newer,
    as the operating system distributes it. Nothing connects to the host of the task.
  - A file of a backup can run code while a server loads it. Install bubblewrap, in which that code sees neither network nor
    files.
  - The key needs the rights to call C(DescribeInstanceBackups), C(DescribeBackupUrl) and C(DescribeBackupDetail) of API 3.0, or
    C(GetRedisBackupList) and C(GetBackupDownloadUrl) of API 2.0. With them it can read all data of these instances. Use a key of
    its own.
  - Download addresses, names of keys and values are in no output, not even with C(-vvv).
  - It doesn't see the keyword C(environment). Variables of the environment are those that Ansible was started in.
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
      - What the record calls the account, as the variable C(crs_account) does in the audit.
    type: str
  backup_id:
    description:
      - The id of the backup to test. If not set, O(select) decides.
    type: str
  select:
    description:
      - Which backup to test, of those that can be downloaded.
    type: str
    choices:
      - newest
      - oldest
      - random
    default: newest
  within:
    description:
      - Only backups that started within this time, such as V(7d), are selected.
    type: str
  seed:
    description:
      - What decides which one V(random) is, so that the choice can be repeated. If not set, one is made. The record has it.
    type: str
  network:
    description:
      - Which download address to use. The V(internal) one works inside the instance's region only.
    type: str
    choices:
      - public
      - internal
    default: public
  download_hosts:
    description:
      - Hosts from which a backup may be downloaded, each a name or, with V(*.) before it, all names below one. A redirect is not followed.
      - V(http://) is spoken to loopback addresses only.
    type: list
    elements: str
    default:
      - "*.myqcloud.com"
      - "*.tencentcos.cn"
  server:
    description:
      - Absolute paths of servers, in the order in which they are tried. The first that can read the file's version is used.
      - If the list is empty, they are C(valkey-server) and C(redis-server) of E(PATH).
    type: list
    elements: path
    default: []
  work_dir:
    description:
      - The folder in which a folder for the test is made. It needs room for the backup. What a killed test left there is removed.
      - The default is the usual one for temporary files.
    type: path
  max_size:
    description:
      - The most bytes to download for one backup, such as V(20G).
    type: bytes
    default: 8G
  max_memory:
    description:
      - The most memory that checker and server may take, each, such as V(4G).
      - The default is half of what is free.
    type: bytes
  download_timeout:
    description:
      - How long the download of a file may take, up to V(24h).
    type: str
    default: 30m
  load_timeout:
    description:
      - How long the checker, and after it the server, may take for a file, up to V(24h). A server that takes longer is killed.
    type: str
    default: 10m
  sandbox:
    description:
      - V(auto) runs checker and server in bubblewrap if that works here, else as another user if this one is root, and always with limits.
      - V(require) tests nothing without bubblewrap.
    type: str
    choices:
      - auto
      - require
    default: auto
  functions:
    description:
      - What to do with a file that has function libraries, which run code. V(sandboxed) loads it in bubblewrap only.
      - These are found where servers write them, at the head of a file. A file by somebody else's hand may have them anywhere.
    type: str
    choices:
      - sandboxed
      - refuse
      - allow
    default: sandboxed
  created_slack:
    description:
      - How much the time at which a file says to have been written may lie outside of the backup's time.
    type: str
    default: 15m
  expect:
    description:
      - What a good backup has.
    type: dict
    suboptions:
      files:
        description:
          - The least number of files. Over API 3.0, the default is the number of shards of the backup, which C(DescribeBackupDetail)
            says. API 2.0 hands out one.
        type: int
      min_keys:
        description:
          - The least number of keys in all files together, expired ones included.
        type: int
        default: 1
      databases:
        description:
          - The numbers of databases that have keys.
        type: list
        elements: int
        default: []
      canary:
        description:
          - A key with a known value, the best proof that the content is the right one.
        type: dict
        suboptions:
          database:
            description:
              - The number of its database.
            type: int
            default: 0
          key:
            description:
              - Its name. The key has to be a string without an expiry.
            type: str
            required: true
          sha256:
            description:
              - The SHA-256 of its value, in hexadecimal digits.
            type: str
            required: true
  record_dir:
    description:
      - A folder to write the record to, in a file of its own. It is made if it isn't there.
    type: path
  record_mode:
    description:
      - The mode of that file, in octal and in quotes.
    type: raw
    default: "0640"
  fail_on:
    description:
      - When the task fails. V(never) leaves it to you to look at RV(outcome).
      - An option that can't work, and data that can't be removed, fail it in any case.
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

- name: Test any backup of the last week, inside the region, and only in a sandbox
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

- name: Fail only if the backup is bad, and show why it could not be tested otherwise
  qcloud.crs.crs_restore_test:
    region: ap-guangzhou
    instance_id: crs-a1b2c3d4
    fail_on: failed
  delegate_to: localhost
  register: tested

- name: Show why
  ansible.builtin.debug:
    msg: "{{ tested.outcome }} {{ tested.code }} {{ tested.message }}"
  when: tested.outcome != "passed"
"""

RETURN = r"""
outcome:
  description:
    - V(passed), V(failed) if the backup is bad, or V(unknown) if it could not be tested.
  type: str
  returned: always, unless an option can't work
  sample: passed
code:
  description:
    - Why it did not pass, in a word such as V(checksum_mismatch) or V(download_refused). Null if it passed.
  type: str
  returned: always, unless an option can't work; may be null
  sample: null
message:
  description: The same in a sentence, with what to do. Empty if it passed.
  type: str
  returned: always, unless an option can't work
  sample: ""
record:
  description:
    - What was tested, how and with what result. Its JSON schema is C(plugins/plugin_utils/_restore/restore-test-record.schema.json)
      of the collection.
  type: dict
  returned: always, unless an option can't work
  contains:
    backup:
      description: The backup that was tested, as M(qcloud.crs.crs_backup_info) shows it. Null if none was chosen.
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
    files:
      description: One entry for each file, with its size, SHA-256, version, server, sandbox and numbers of keys.
      type: list
      elements: dict
      returned: always
    keys:
      description: How many keys all files have.
      type: int
      returned: always
      sample: 301101
    seconds:
      description: How long each phase took.
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
      description: Download, check and load together, the time to a usable copy on this machine.
      type: float
      returned: always
      sample: 8.918
    error:
      description: The API's error that kept the backup from being tested, as the other modules return it.
      type: dict
      returned: always, may be null
      sample: null
record_file:
  description: The path of the record, null without O(record_dir) and in check mode.
  type: str
  returned: always, unless an option can't work; may be null
  sample: /var/lib/crs/restore-tests/restore-test-crs-a1b2c3d4-20260601T020048Z-3c2a8c1e.json
"""
