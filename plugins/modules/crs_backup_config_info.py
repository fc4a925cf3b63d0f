#!/usr/bin/python
# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: crs_backup_config_info
short_description: Show the configuration of automatic backups of Tencent Cloud Redis (CRS) instances
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Shows on which days and in which hours automatic backups start, and how long they are retained, for one instance,
    for many, or for all instances of a region.
  - API 2.0 has no such query, so O(api_version) must be V(v3), the default.
  - A configuration does not prove that backups exist. The role P(qcloud.crs.crs_backup_policy#role) checks both.
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
      - The ids of the instances. Each requires one request.
      - If not set, all instances of the region are queried. This requires permission for C(DescribeInstances).
    type: list
    elements: str
    aliases:
      - instance_id
  on_instance_error:
    description:
      - What to do when the query for an instance fails.
      - V(fail) fails the module at the first such instance.
      - V(report) continues and returns the error in RV(configs[].error).
    type: str
    choices:
      - fail
      - report
    default: fail
seealso:
  - module: qcloud.crs.crs_backup_info
  - name: DescribeAutoBackupConfig
    description: The query of API 3.0.
    link: https://www.tencentcloud.com/document/product/239/32061
"""

EXAMPLES = r"""
# The key pair comes from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.

- name: Show how the backups of a region are configured
  qcloud.crs.crs_backup_config_info:
    region: ap-guangzhou
    on_instance_error: report
  delegate_to: localhost
  register: crs

- name: Assert that all are backed up daily and kept for a week
  ansible.builtin.assert:
    that:
      - item.error is none
      - item.week_days | length == 7
      - item.retention_days >= 7
  loop: "{{ crs.configs }}"
  loop_control:
    label: "{{ item.instance_id }}"
"""

RETURN = r"""
configs:
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
    week_days:
      description: The days on which automatic backups start, as English names. Null if RV(configs[].error) is set.
      type: list
      elements: str
      returned: always, may be null
      sample:
        - Monday
        - Thursday
    window:
      description: The hours in which automatic backups start, in the API's time zone. Null if RV(configs[].error) is set.
      type: str
      returned: always, may be null
      sample: 01:00-02:00
    retention_days:
      description: Number of days for which automatic backups are retained. Null if RV(configs[].error) is set.
      type: int
      returned: always, may be null
      sample: 7
    error:
      description: Why the query for the instance failed. Null if it did not.
      type: dict
      returned: always, may be null
      sample: null
      contains:
        kind:
          description:
            - One of V(auth), V(denied), V(not_found), V(throttled), V(invalid_request), V(server_error), V(unreachable),
              V(bad_response).
          type: str
          returned: always
          sample: not_found
        code:
          description: The API's error code, if it returned one.
          type: str
          returned: always, may be null
          sample: ResourceNotFound.InstanceNotExists
        message:
          description: The request and its host, what happened, and what to do.
          type: str
          returned: always
          sample: >-
            DescribeAutoBackupConfig of crs-a1b2c3d4 in ap-guangzhou at redis.tencentcloudapi.com: the instance does not exist in
            this account and region (code ResourceNotFound.InstanceNotExists)
        request_id:
          description: The API's request id, for the vendor's support.
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
      sample: DescribeAutoBackupConfig
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
      description: One of the kinds of RV(configs[].error.kind), V(incomplete), V(invalid_option) or V(missing_library).
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
        DescribeAutoBackupConfig of crs-a1b2c3d4 in ap-guangzhou at redis.tencentcloudapi.com: the signature is wrong:
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
from ..module_utils._errors import BadResponse, InvalidOption
from ..module_utils._listing.concurrency import Reply, ask_each
from ..module_utils._listing.lister import list_instances, probe
from ..module_utils._options import backups
from ..module_utils._options.connection import connection_spec

_NOTHING = {"week_days": None, "window": None, "retention_days": None}


def list_configs(api: Api, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts ``configs`` and ``query`` for the module's checked params."""
    if api.config_action is None:
        raise InvalidOption("api_version is v2, which does not show the configuration of automatic backups: use v3")
    began = time.monotonic()
    ids = backups.named_ids(params["instance_ids"])
    stop_at_error = params["on_instance_error"] == "fail"
    skipped: dict[str, BadResponse] = {}
    if ids is None:
        skip = None if stop_at_error else skipped.__setitem__
        ids = sorted(record["instance_id"] for record in list_instances(api, skip=skip))
    replies = ask_each(ids, api.auto_backup_config, lambda: probe(api), params["concurrency"], stop_at_error)
    replies.update((instance_id, Reply(None, error)) for instance_id, error in skipped.items())
    return {
        "configs": [
            {
                "instance_id": instance_id,
                **(reply.value or _NOTHING),
                "error": reply.error and reply.error.as_dict(),
            }
            for instance_id, reply in replies.items()
        ],
        "query": _connection.effort(api, api.config_action, time.monotonic() - began),
    }


def main() -> None:
    spec = connection_spec()
    spec.update(
        instance_ids={"type": "list", "elements": "str", "aliases": ["instance_id"]},
        on_instance_error={"type": "str", "choices": ["fail", "report"], "default": "fail"},
    )
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    _module.run(module, lambda api: list_configs(api, module.params))


if __name__ == "__main__":
    main()
