#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_backup_info
short_description: List the backups of Tencent Cloud Redis (CRS) instances
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Lists the backups of one instance, of many, or of all instances of a region, and returns structured facts.
  - All pages are read, whatever O(page_size) is. If the listing does not match the API's own total, the module fails.
    It never returns a short list as complete.
extends_documentation_fragment:
  - qcloud.crs.connection
  - qcloud.crs.connection.common
  - qcloud.crs.connection.module
  - qcloud.crs.attributes
  - qcloud.crs.attributes.info
  - qcloud.crs.attributes.unchanging
options:
  instance_ids:
    description:
      - The ids of the instances to list.
      - If not set, all instances of the region are listed, including those without backups. This requires
        O(api_version=v3) and permission for C(DescribeInstances).
      - If the region's list of instances lacks an instance, for example because it was destroyed, its listing is not complete,
        even if the API still shows its backups. It has an error of the kind V(not_found).
      - With O(api_version=v3), ten or more instances are listed by one sweep of the region if C(DescribeInstances) is
        permitted and shows that they exist. Otherwise each instance is listed by itself.
    type: list
    elements: str
    aliases:
      - instance_id
      - redis_id
      - redis_ids
  begin_time:
    description:
      - Only backups that started at this time or later.
      - Written as V(2017-02-08 16:46:34) in O(timezone), in ISO 8601 with an offset (V(2017-02-08T16:46:34+08:00)),
        or relative to now (V(-7d), V(-26h)).
      - API 2.0 shows seven days at most. API 3.0 accepts 30 days per query; a longer period is split into several
        queries.
    type: str
  end_time:
    description:
      - Only backups that started at this time or earlier. Written like O(begin_time).
    type: str
  types:
    description:
      - Only backups of these types. The default is all of them.
    type: list
    elements: str
    choices:
      - manual
      - system
      - spec_change
      - unknown
  statuses:
    description:
      - Only backups of these statuses. The default is all of them.
    type: list
    elements: str
    choices:
      - locked
      - normal
      - exporting
      - exported
      - expired
      - unknown
  page_size:
    description:
      - Number of backups per request, from 1 to 100.
    type: int
    default: 100
  on_instance_error:
    description:
      - What to do when the listing of an instance fails.
      - V(fail) fails the module at the first such instance.
      - V(report) continues and returns the error in RV(instances[].error). An assertion on the result must then check
        RV(instances[].complete).
    type: str
    choices:
      - fail
      - report
    default: fail
seealso:
  - plugin: qcloud.crs.backup_verdicts
    plugin_type: filter
"""

EXAMPLES = r"""
# The key pair comes from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.

- name: List the backups of one instance
  qcloud.crs.crs_backup_info:
    region: ap-guangzhou
    instance_id: crs-a1b2c3d4
  delegate_to: localhost
  register: crs

- name: Assert that the listing is complete and its newest usable backup is recent
  ansible.builtin.assert:
    that:
      - crs.instances | rejectattr('complete') | length == 0
      - usable | length > 0
      - (now(utc=true) - (usable | first).start_time | to_datetime('%Y-%m-%dT%H:%M:%SZ')).total_seconds() <= 26 * 3600
    fail_msg: No usable backup within 26 hours
  vars:
    usable: "{{ crs.backups | selectattr('usable') }}"

- name: List many instances, and continue when one of them cannot be listed
  qcloud.crs.crs_backup_info:
    region: ap-guangzhou
    instance_ids:
      - crs-a1b2c3d4
      - crs-e5f6a7b8
    on_instance_error: report
  delegate_to: localhost
  register: crs

- name: Show the instances that could not be listed, and why
  ansible.builtin.debug:
    msg: "{{ item.instance_id }}: {{ item.error.message }}"
  loop: "{{ crs.instances | rejectattr('complete') }}"
  loop_control:
    label: "{{ item.instance_id }}"

- name: List the manual backups of a whole region within the last 60 days
  qcloud.crs.crs_backup_info:
    region: ap-guangzhou
    begin_time: "-60d"
    types:
      - manual
  delegate_to: localhost

- name: List from a private cloud with API 2.0, for a period in local time
  qcloud.crs.crs_backup_info:
    api_version: v2
    endpoint: redis.api.cloud.example.com
    ca_path: /etc/pki/private-cloud.pem
    region: gz
    redis_id: crs-a1b2c3d4
    begin_time: "2017-02-08 16:46:34"
    end_time: "2017-02-08 19:09:26"
  delegate_to: localhost

- name: Set region and rate limit once for all modules of the collection
  module_defaults:
    group/qcloud.crs.crs:
      region: ap-shanghai
      requests_per_second: 10
  block:
    - name: List the backups of the region
      qcloud.crs.crs_backup_info:
      delegate_to: localhost
"""

RETURN = r"""
backups:
  description: The backups, newest first.
  type: list
  elements: dict
  returned: success
  contains:
    instance_id:
      description: The id of the instance.
      type: str
      returned: always
      sample: crs-a1b2c3d4
    instance_name:
      description: The name of the instance. Not available with API 2.0.
      type: str
      returned: always, may be null
      sample: orders-cache
    region:
      description: The region (long code) in which the backup is stored.
      type: str
      returned: always
      sample: ap-guangzhou
    backup_id:
      description: The id of the backup.
      type: str
      returned: always
      sample: 165706342-5832225-1641692389
    type:
      description:
        - Who started the backup. V(manual) is a user, V(system) the automatic schedule, V(spec_change) a change of the
          instance's specification, V(unknown) anything else.
      type: str
      returned: always
      sample: system
    type_code:
      description: The API's own code for the type.
      type: str
      returned: always, may be null
      sample: "1"
    status:
      description:
        - The status of the backup. V(locked) means that another process uses it (for example, it is still being made),
          V(normal) that it is ready, V(exporting) and V(exported) that it exists and is being or was converted for
          download, V(expired) that it is deleted or about to be, V(unknown) that the API does not document the code.
        - A backup past its RV(backups[].expire_time) is V(expired), whatever RV(backups[].status_code) is.
      type: str
      returned: always
      sample: normal
    status_code:
      description: The API's own code for the status.
      type: int
      returned: always, may be null
      sample: 2
    usable:
      description: Whether the instance could be restored from it. True for V(normal), V(exported) and V(exporting).
      type: bool
      returned: always
      sample: true
    locked:
      description: Whether a process holds the backup. This is not a legal hold, and it does not prevent the backup from expiring.
      type: bool
      returned: always, may be null
      sample: false
    remark:
      description: The remark given to a manual backup.
      type: str
      returned: always, may be null
      sample: release-2026-06-01
    start_time:
      description: When the backup started, in ISO 8601, UTC. Null if the API's value cannot be read.
      type: str
      returned: always, may be null
      sample: "2026-05-31T18:00:48Z"
    end_time:
      description: When it ended, in ISO 8601, UTC. Not available with API 2.0.
      type: str
      returned: always, may be null
      sample: "2026-05-31T18:01:20Z"
    expire_time:
      description: When it will be deleted, in ISO 8601, UTC. Null if never. Not available with API 2.0.
      type: str
      returned: always, may be null
      sample: "2026-06-07T18:00:48Z"
    size_bytes:
      description: The size in bytes. Not available with API 2.0. API 3.0 documents the value as internal.
      type: int
      returned: always, may be null
      sample: 1048576
    file_type:
      description: The format of the file. Not available with API 2.0.
      type: str
      returned: always, may be null
      sample: RDB-Redis 6.2
    encrypted:
      description: Whether the file is encrypted. Not available with API 2.0.
      type: bool
      returned: always, may be null
      sample: false
instances:
  description: One entry for each requested instance, in the requested order, or for each instance of the region, by id.
  type: list
  elements: dict
  returned: success
  contains:
    instance_id:
      description: The id of the instance.
      type: str
      returned: always
      sample: crs-a1b2c3d4
    complete:
      description: Whether all of its backups in the requested period are known. If not, draw no conclusion from them.
      type: bool
      returned: always
      sample: true
    total:
      description: Number of its backups in the requested period, before O(types) and O(statuses) are applied. Null if RV(instances[].complete) is false.
      type: int
      returned: always, may be null
      sample: 7
    error:
      description: Why the listing is not complete. Null if it is.
      type: dict
      returned: always, may be null
      sample: null
      contains:
        kind:
          description:
            - One of V(auth), V(denied), V(not_found), V(throttled), V(invalid_request), V(server_error), V(unreachable),
              V(bad_response), V(incomplete).
          type: str
          returned: always
          sample: denied
        code:
          description: The API's error code, if it returned one.
          type: str
          returned: always, may be null
          sample: UnauthorizedOperation.NoCAMAuthed
        message:
          description: The request and its host, what happened, and what to do.
          type: str
          returned: always
          sample: >-
            DescribeInstanceBackups of crs-a1b2c3d4 in ap-guangzhou at redis.tencentcloudapi.com: this account lacks
            permission for this action or resource: grant it in access management (code UnauthorizedOperation.NoCAMAuthed)
        request_id:
          description: The API's request id, for the vendor's support. API 2.0 has none.
          type: str
          returned: always, may be null
          sample: 3c2a8c1e-8e8d-4b7a-9d5e-0f5d6a1b2c3d
query:
  description: The query and its cost.
  type: dict
  returned: success
  contains:
    api_version:
      description: The value of O(api_version).
      type: str
      returned: always
      sample: v3
    action:
      description: The name of the API action.
      type: str
      returned: always
      sample: DescribeInstanceBackups
    endpoint:
      description: The URL of the API.
      type: str
      returned: always
      sample: https://redis.tencentcloudapi.com/
    region:
      description: The region (long code).
      type: str
      returned: always
      sample: ap-guangzhou
    timezone:
      description: The time zone in which the API's timestamps were read.
      type: str
      returned: always
      sample: UTC+08:00
    begin_time:
      description: The value of O(begin_time) in ISO 8601, UTC. Null if it was not set.
      type: str
      returned: always, may be null
      sample: "2026-05-25T08:00:00Z"
    end_time:
      description: The value of O(end_time) in ISO 8601, UTC. Null if it was not set.
      type: str
      returned: always, may be null
      sample: null
    horizon_seconds:
      description:
        - The horizon, which is how far back from now the listing can show backups. Seven days or less for API 2.0.
          Null for API 3.0 without O(begin_time), where the API states none.
      type: int
      returned: always, may be null
      sample: 604800
    types:
      description: The value of O(types).
      type: list
      elements: str
      returned: always, may be null
      sample:
        - manual
    statuses:
      description: The value of O(statuses).
      type: list
      elements: str
      returned: always, may be null
      sample: null
    requests:
      description: Number of requests sent, including failed attempts.
      type: int
      returned: always
      sample: 3
    retries:
      description: Number of requests that repeated an earlier one.
      type: int
      returned: always
      sample: 0
    throttled:
      description: Number of requests that the API throttled.
      type: int
      returned: always
      sample: 0
    seconds:
      description: Duration in seconds.
      type: float
      returned: always
      sample: 0.412
error:
  description: What went wrong.
  type: dict
  returned: failure, unless the options could not be read
  contains:
    kind:
      description: One of the kinds of RV(instances[].error.kind), V(invalid_option) or V(missing_library).
      type: str
      returned: always
      sample: auth
    code:
      description: The API's error code, if it returned one.
      type: str
      returned: always, may be null
      sample: AuthFailure.SignatureFailure
    message:
      description: The same text as the failure message.
      type: str
      returned: always
      sample: >-
        DescribeInstanceBackups of crs-a1b2c3d4 in ap-guangzhou at redis.tencentcloudapi.com: the signature is wrong:
        check secret_key (code AuthFailure.SignatureFailure)
    request_id:
      description: The API's request id, for the vendor's support. API 2.0 has none.
      type: str
      returned: always, may be null
      sample: 3c2a8c1e-8e8d-4b7a-9d5e-0f5d6a1b2c3d
"""

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _connection, _module
from ..module_utils._api.backups import STATUS_WORDS, TYPE_WORDS
from ..module_utils._api.base import Api
from ..module_utils._listing.lister import Lister
from ..module_utils._options import backups
from ..module_utils._options.connection import connection_spec


def list_backups(api: Api, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts ``backups``, ``instances`` and ``query`` for the module's checked params."""
    now, began = datetime.now(timezone.utc), time.monotonic()
    instance_ids = backups.instance_ids(params["instance_ids"], api)
    begin, end = backups.window(params, api.zone, now)
    lister = Lister(api, now, begin, end, params["page_size"], params["concurrency"])
    stop = params["on_instance_error"] == "fail"
    listings = lister.region(stop) if instance_ids is None else lister.instances(instance_ids, stop)
    return {
        "backups": backups.selected(listings, params["types"], params["statuses"], now),
        "instances": [
            {
                "instance_id": listing.instance_id,
                "complete": listing.error is None,
                "total": listing.total,
                "error": listing.error and listing.error.as_dict(),
            }
            for listing in listings
        ],
        "query": {
            **_connection.describe(api, begin, end, now, time.monotonic() - began),
            "types": params["types"],
            "statuses": params["statuses"],
        },
    }


def main() -> None:
    spec = connection_spec()
    spec.update(
        instance_ids={"type": "list", "elements": "str", "aliases": ["instance_id", "redis_id", "redis_ids"]},
        begin_time={"type": "str"},
        end_time={"type": "str"},
        types={"type": "list", "elements": "str", "choices": list(TYPE_WORDS)},
        statuses={"type": "list", "elements": "str", "choices": list(STATUS_WORDS)},
        page_size={"type": "int", "default": 100},
        on_instance_error={"type": "str", "choices": ["fail", "report"], "default": "fail"},
    )
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    _module.run(module, lambda api: list_backups(api, module.params))


if __name__ == "__main__":
    main()
