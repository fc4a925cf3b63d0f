#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_instance_info
short_description: List Tencent Cloud Redis (CRS) instances
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Lists the instances of a region and returns structured facts, with words for codes and times in UTC.
  - All pages are read. If the listing does not match the API's own total, the module fails. It never returns a short list as complete.
extends_documentation_fragment:
  - qcloud.crs.connection
  - qcloud.crs.connection.common
  - qcloud.crs.connection.module
  - qcloud.crs.instances
  - qcloud.crs.attributes
  - qcloud.crs.attributes.info
  - qcloud.crs.attributes.unchanging
options:
  instance_ids:
    description:
      - Only these instances. Those that are not visible to the key in this region, or that the other options filter out, are
        in RV(missing).
    type: list
    elements: str
    aliases:
      - instance_id
seealso:
  - module: qcloud.crs.crs_backup_info
  - plugin: qcloud.crs.crs
    plugin_type: inventory
"""

EXAMPLES = r"""
# The key pair comes from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.

- name: List the running instances of production
  qcloud.crs.crs_instance_info:
    region: ap-guangzhou
    statuses:
      - running
    tags:
      env: prod
  delegate_to: localhost
  register: crs

- name: List their backups
  qcloud.crs.crs_backup_info:
    region: ap-guangzhou
    instance_ids: "{{ crs.instances | map(attribute='instance_id') }}"
  delegate_to: localhost
  when: crs.instances | length > 0

- name: Assert that two instances are there
  qcloud.crs.crs_instance_info:
    region: ap-guangzhou
    instance_ids:
      - crs-a1b2c3d4
      - crs-e5f6a7b8
  delegate_to: localhost
  register: crs
  failed_when: crs is failed or crs.missing | length > 0

- name: List the instances of another account, by a role
  qcloud.crs.crs_instance_info:
    region: ap-shanghai
    role_arn: qcs::cam::uin/100000000002:roleName/audit
  delegate_to: localhost
"""

RETURN = r"""
instances:
  description: The instances, by id.
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
      description: Its name.
      type: str
      returned: always, may be null
      sample: orders-cache
    region:
      description: The region (long code).
      type: str
      returned: always
      sample: ap-guangzhou
    zone_id:
      description: The number of the zone within the region.
      type: int
      returned: always, may be null
      sample: 100002
    status:
      description:
        - V(initializing), V(processing) (an operation is running), V(running), V(isolated) (expired or returned, and
          not in use), V(to_be_deleted), or V(unknown) for a code that the API does not document.
      type: str
      returned: always
      sample: running
    status_code:
      description: The API's own code for the status.
      type: int
      returned: always, may be null
      sample: 2
    created_time:
      description: When it was created, in ISO 8601, UTC. Null if the API's value cannot be read.
      type: str
      returned: always, may be null
      sample: "2026-02-08T08:46:34Z"
    deadline_time:
      description: When the paid period of a prepaid instance ends, in ISO 8601, UTC.
      type: str
      returned: always, may be null
      sample: null
    engine:
      description: V(Redis), V(CKV), V(Valkey) or V(Memcached), or the API's own word.
      type: str
      returned: always, may be null
      sample: Redis
    engine_version:
      description: The engine version that follows from the type of the instance. Not available with API 2.0.
      type: str
      returned: always, may be null
      sample: "6.2"
    architecture:
      description: V(standard), V(cluster) or V(standalone), as far as it follows from the type of the instance.
      type: str
      returned: always, may be null
      sample: standard
    type_code:
      description: The API's own code for the type. The two API versions use different numbers.
      type: int
      returned: always, may be null
      sample: 15
    size_mb:
      description: The size of its memory in MB.
      type: int
      returned: always, may be null
      sample: 1024
    billing:
      description: V(postpaid) or V(prepaid). Not available with API 2.0.
      type: str
      returned: always, may be null
      sample: postpaid
    project_id:
      description: The id of its project.
      type: int
      returned: always, may be null
      sample: 0
    project_name:
      description: The name of its project. Not available with API 2.0.
      type: str
      returned: always, may be null
      sample: default
    private_ip:
      description: Its address in the private network. (The API calls this field C(WanIp).)
      type: str
      returned: always, may be null
      sample: 10.0.1.61
    port:
      description: Its port.
      type: int
      returned: always, may be null
      sample: 6379
    vpc_id:
      description: The id of the private network.
      type: str
      returned: always, may be null
      sample: vpc-a1b2c3d4
    subnet_id:
      description: The id of the subnet.
      type: str
      returned: always, may be null
      sample: subnet-a1b2c3d4
    tags:
      description: Its tags, by name. Null with API 2.0, which does not return them.
      type: dict
      returned: always, may be null
      sample:
        env: prod
missing:
  description: Those of O(instance_ids) that are not visible to the key in this region, or that the other options filter out.
  type: list
  elements: str
  returned: success
  sample: []
left_out:
  description:
    - Instances that are left out because their id cannot be used as a host name. A valid id has at most 64 letters,
      digits, C(-) and C(_), and is not C(all), C(crs), C(localhost) or C(ungrouped).
  type: list
  elements: dict
  returned: success
  contains:
    instance_id:
      description: The id, without control characters.
      type: str
      returned: always
      sample: orders cache
    error:
      description: The error, with the same keys as RV(error).
      type: dict
      returned: always
  sample: []
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
      sample: DescribeInstances
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
    requests:
      description: Number of requests sent, including failed attempts.
      type: int
      returned: always
      sample: 1
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
      sample: 0.112
error:
  description: What went wrong.
  type: dict
  returned: failure, unless the options could not be read
  contains:
    kind:
      description:
        - One of V(auth), V(denied), V(not_found), V(throttled), V(invalid_request), V(server_error), V(unreachable),
          V(bad_response), V(incomplete), V(invalid_option) or V(missing_library).
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
        DescribeInstances in ap-guangzhou at redis.tencentcloudapi.com: the signature is wrong:
        check secret_key (code AuthFailure.SignatureFailure)
    request_id:
      description: The API's request id, for the vendor's support. API 2.0 has none.
      type: str
      returned: always, may be null
      sample: 3c2a8c1e-8e8d-4b7a-9d5e-0f5d6a1b2c3d
"""

import time
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _connection, _module
from ..module_utils._api.base import Api
from ..module_utils._errors import BadResponse
from ..module_utils._listing.lister import list_instances
from ..module_utils._options import backups
from ..module_utils._options.connection import connection_spec
from ..module_utils._options.instances import filter_spec, wanted


def find_instances(api: Api, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts ``instances``, ``missing`` and ``query`` for the module's checked params."""
    began = time.monotonic()
    ids = backups.named_ids(params["instance_ids"])
    left_out: dict[str, BadResponse] = {}
    records = list_instances(api, wanted(params, api), left_out.__setitem__)
    if ids is not None:
        records = [record for record in records if record["instance_id"] in ids]
    found = {record["instance_id"] for record in records}
    return {
        "instances": sorted(records, key=lambda record: record["instance_id"]),
        "missing": [instance_id for instance_id in ids or () if instance_id not in found],
        "left_out": [
            {"instance_id": instance_id, "error": error.as_dict()} for instance_id, error in sorted(left_out.items())
        ],
        "query": _connection.effort(api, api.instances_action, time.monotonic() - began),
    }


def main() -> None:
    spec = connection_spec()
    spec.update(
        instance_ids={"type": "list", "elements": "str", "aliases": ["instance_id"]},
        **filter_spec(),
    )
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    _module.run(module, lambda api: find_instances(api, module.params))


if __name__ == "__main__":
    main()
