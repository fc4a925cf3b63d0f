# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The connection's options: those of tasks (first part), and of all plugins (COMMON). What holds for modules (MODULE)."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region of the instances, as the long code (V(ap-guangzhou)) or the short one of API 2.0 (V(gz)).
        Both are accepted for both values of O(api_version).
      - If not set, the region of the named O(profile), the environment variable E(TENCENTCLOUD_REGION) or the region of the
        usual profile is used. One of them is required.
    type: str
  secret_id:
    description:
      - The id of the API key.
      - Key pairs are looked for in this order. The options O(secret_id) and O(secret_key); the named O(profile) or
        O(env_prefix); the environment variables E(TENCENTCLOUD_SECRET_ID), E(TENCENTCLOUD_SECRET_KEY) and
        E(TENCENTCLOUD_TOKEN) (or E(TENCENTCLOUD_SECURITY_TOKEN)); the profile that E(TCCLI_PROFILE) names, or
        V(default); with O(use_instance_role=true) the role of the cloud instance that this runs on; in the vendor's
        Kubernetes the role of the pod's service account, by E(TKE_REGION), E(TKE_PROVIDER_ID),
        E(TKE_WEB_IDENTITY_TOKEN_FILE) and E(TKE_ROLE_ARN).
      - The pair is always taken whole from one place. Two places that each name an account are an error.
    type: str
  secret_key:
    description:
      - The secret of the API key. Prefer the environment, a O(profile) or a vault.
    type: str
  token:
    description:
      - The token that belongs to the key pair, if that is a temporary one.
    type: str
notes:
  - No secret shows in results or errors. Keep O(secret_key) out of playbooks all the same.
"""

    MODULE = r"""
options: {}
notes:
  - The module talks to the API, not to the instance. Run it on the controller, with C(delegate_to=localhost) or in a play
    on C(localhost).
  - Ansible may find another Python on C(localhost) than its own, one without requests. Set C(ansible_python_interpreter) to
    C({{ ansible_playbook_python }}) there.
"""

    COMMON = r"""
requirements:
  - Python 3.9 or newer
  - requests 2.28 or newer, in the Python that runs it
options:
  api_version:
    description:
      - The generation of the API to speak.
      - V(v3) is C(DescribeInstanceBackups) of version 2018-04-12, the vendor's current API.
      - V(v2) is C(GetRedisBackupList), whose end in the public cloud the vendor announced in May 2020. It remains for
        private clouds and endpoints that still answer it.
    type: str
    choices:
      - v3
      - v2
    default: v3
  env_prefix:
    description:
      - What the names of the environment's variables begin with, for more than one account in one environment. With
        V(TENCENTCLOUD_DR), the pair is that of C(TENCENTCLOUD_DR_SECRET_ID) and C(TENCENTCLOUD_DR_SECRET_KEY), and the
        others follow. If it is set, nothing else is looked at.
      - The default is V(TENCENTCLOUD).
    type: str
  profile:
    description:
      - A profile of the vendor's tools, C(~/.tccli/PROFILE.credential) of tccli, or a section of
        C(~/.tencentcloud/credentials) or C(/etc/tencentcloud/credentials). The first file that has its key pair counts.
      - If it is set, the environment's key pair is not used. The profile may name a role (C(role-arn)), which is taken, and
        a region.
    type: str
  use_instance_role:
    description:
      - Whether to use the role of the cloud instance that this runs on, from its metadata, if nothing else is found.
        It is asked for one second.
    type: bool
    default: false
  role_arn:
    description:
      - A role to take with the key pair, such as V(qcs::cam::uin/100000000001:roleName/audit), by the action
        C(AssumeRole) of the Security Token Service (STS). Its temporary credentials are kept for the run, and replaced before they expire.
      - If not set, the environment variable E(TENCENTCLOUD_ROLE_ARN) goes with the key pair of the environment.
    type: str
  role_session_name:
    description:
      - The name under which the account's log shows the session, of 2 to 128 letters, digits and V(_+=,.@-).
      - If not set, the environment variable E(TENCENTCLOUD_ROLE_SESSION_NAME) goes with the key pair of the environment.
        The default is V(qcloud.crs), which also names the session of a pod's role.
    type: str
  sts_endpoint:
    description:
      - The host of the service that gives credentials of roles, as O(endpoint). The default is V(sts.tencentcloudapi.com).
    type: str
  endpoint:
    description:
      - The host to ask, as host, host:port or URL.
      - The default follows from O(api_version) and the region, V(redis.tencentcloudapi.com) or
        V(redis.api.qcloud.com). Over API 3.0, finance regions (V(ap-shanghai-fsi)) get their own host.
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
      - A file or folder of certificates to trust in place of the usual ones, which are those of requests or of the environment
        variables E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE).
    type: path
  timeout:
    description:
      - The most seconds for one attempt of a request, from 1 to 600. All attempts together take at most O(timeout) times
        O(retries) seconds, or O(timeout) without retries.
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
      - The most requests sent in a second, by all O(concurrency) together, from 0.1 to 1000. The vendor limits the requests of an
        account for each action; 20 is the lowest such limit in its documents, and some pages allow more (50 for
        C(DescribeInstanceBackups)).
      - An audit or inventory that reaches an account over several connections (regions, API versions) keeps to it with all
        of them together. The lowest number that one of them has holds for all.
      - V(0) means no limit.
    type: float
    default: 20
  concurrency:
    description:
      - How many requests may be under way at once, from 1 to 64. In an audit, for each account and region.
    type: int
    default: 8
  timezone:
    description:
      - The zone of the API's timestamps, which carry none, as an offset such as V(+08:00) or as an IANA name such as
        V(Asia/Shanghai). The zone of the machine that runs the module never matters.
    type: str
    default: "+08:00"
notes:
  - Proxies are taken from the environment (E(HTTPS_PROXY), E(NO_PROXY)). Redirects are not followed.
seealso:
  - name: DescribeInstanceBackups
    description: The query of API 3.0.
    link: https://www.tencentcloud.com/document/product/239/32074
  - name: GetRedisBackupList
    description: The query of API 2.0.
    link: https://intl.cloud.tencent.com/document/product/239/8403
"""
