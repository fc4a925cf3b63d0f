# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The connection's options, for modules."""

    DOCUMENTATION = r"""
requirements:
  - Python 3.9 or newer
  - requests 2.28 or newer, in the Python that runs the module
options:
  api_version:
    description:
      - The generation of the API to speak.
      - V(v3) is C(DescribeInstanceBackups) of version 2018-04-12, which works today.
      - V(v2) is C(GetRedisBackupList), which the vendor has announced as retired in the public cloud. It remains for
        private clouds and endpoints that still answer it.
    type: str
    choices:
      - v3
      - v2
    default: v3
  region:
    description:
      - The region of the instances, as the long code (V(ap-guangzhou)) or the short one of API 2.0 (V(gz)).
        Both are accepted for both values of O(api_version).
      - If not set, the environment variable E(TENCENTCLOUD_REGION) is used. One of them is required.
    type: str
  secret_id:
    description:
      - The id of the API key.
      - If neither this nor O(secret_key) is set, the environment variables E(TENCENTCLOUD_SECRET_ID),
        E(TENCENTCLOUD_SECRET_KEY) and E(TENCENTCLOUD_TOKEN) (or E(TENCENTCLOUD_SECURITY_TOKEN)) are used.
        The pair is always taken whole from one place.
    type: str
  secret_key:
    description:
      - The secret of the API key. Prefer the environment variable E(TENCENTCLOUD_SECRET_KEY) or a vault.
    type: str
  token:
    description:
      - The token that belongs to the key pair, if that is a temporary one.
    type: str
  endpoint:
    description:
      - The host to ask, as host, host:port or URL.
      - The default follows from O(api_version) and O(region), V(redis.tencentcloudapi.com) or
        V(redis.api.qcloud.com). Finance regions (V(ap-shanghai-fsi)) get their own host.
      - International accounts may want V(redis.intl.tencentcloudapi.com).
      - V(http://) is spoken to loopback addresses only.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is checked.
    type: bool
    default: true
  ca_path:
    description:
      - A file or folder of certificates to trust in place of the usual ones.
    type: path
  timeout:
    description:
      - The most seconds for one request, from 1 to 600. All attempts of a request together take at most O(timeout) times
        O(retries) seconds.
    type: int
    default: 30
  retries:
    description:
      - How often a request is tried again, from 0 to 20, when the API throttles or fails or cannot be reached.
        The pauses grow from half a second to eight, or are what the server asks for.
    type: int
    default: 5
  requests_per_second:
    description:
      - The most requests sent in a second, by all O(concurrency) together. The API allows 20 for each account and action.
      - V(0) means no limit.
    type: float
    default: 20
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 64.
    type: int
    default: 8
  timezone:
    description:
      - The zone of the API's timestamps, which carry none, as an offset such as V(+08:00) or as an IANA name such as
        V(Asia/Shanghai). The zone of the machine that runs the module never matters.
    type: str
    default: "+08:00"
notes:
  - The module talks to the API, not to the instance. Run it on the controller, with C(delegate_to=localhost) or in a play
    on C(localhost).
  - Ansible may find another Python on C(localhost) than its own, one without requests. Set C(ansible_python_interpreter) to
    C({{ ansible_playbook_python }}) there.
  - Proxies are taken from the environment (E(HTTPS_PROXY), E(NO_PROXY)). Redirects are not followed.
  - No secret shows in results or errors. Keep O(secret_key) out of playbooks all the same.
seealso:
  - name: DescribeInstanceBackups
    description: The query of API 3.0.
    link: https://www.tencentcloud.com/document/product/239/32074
  - name: GetRedisBackupList
    description: The query of API 2.0.
    link: https://intl.cloud.tencent.com/document/product/239/8403
"""
