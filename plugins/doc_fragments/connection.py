# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The connection's options: those of tasks (first part), and of all plugins (COMMON). What holds for modules (MODULE)."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region of the instances, as a long code (V(ap-guangzhou)) or a short code of API 2.0 (V(gz)). Both work
        with both values of O(api_version).
      - If not set, the region of the named O(profile), the environment variable E(TENCENTCLOUD_REGION) or the region
        of the default profile is used. One of them is required.
    type: str
  secret_id:
    description:
      - The id of the API key.
      # the sources of key pairs, written by make entries from plugins/module_utils/_credentials
      - The key pair is searched for, in this order, in the options O(secret_id) and O(secret_key), with O(token) if
        the pair is temporary; the named O(profile), or the environment variables with the prefix O(env_prefix); the
        environment variables E(TENCENTCLOUD_SECRET_ID) and E(TENCENTCLOUD_SECRET_KEY), with E(TENCENTCLOUD_TOKEN)
        (or E(TENCENTCLOUD_SECURITY_TOKEN)) if the pair is temporary; the profile that E(TCCLI_PROFILE) names, or
        V(default); with O(use_instance_role=true), the role of the virtual machine that Ansible runs on; in the
        vendor's Kubernetes, the role of the pod's service account, by E(TKE_REGION), E(TKE_PROVIDER_ID),
        E(TKE_WEB_IDENTITY_TOKEN_FILE) and E(TKE_ROLE_ARN).
      # the end of the sources of key pairs
      - The pair always comes from a single source. Options that name two different sources are an error.
    type: str
  secret_key:
    description:
      - The secret of the API key. Prefer the environment, a O(profile) or a vault.
    type: str
  token:
    description:
      - The token of a temporary key pair.
    type: str
notes:
  - Results and errors never contain secrets. Keep O(secret_key) out of playbooks nevertheless.
"""

    MODULE = r"""
options: {}
notes:
  - The module talks to the API, not to the instance. Run it on the controller, with C(delegate_to=localhost) or in a
    play on C(localhost).
  - On C(localhost), Ansible may use another Python than its own, one without requests. Set
    C(ansible_python_interpreter) to C({{ ansible_playbook_python }}) there.
"""

    COMMON = r"""
requirements:
  - Python 3.9 or newer
  - requests 2.28 or newer, in the Python that runs it
options:
  api_version:
    description:
      - The version of the vendor's API to use.
      - V(v3) is the vendor's current API, version 2018-04-12. It lists backups with C(DescribeInstanceBackups).
      - V(v2) is API 2.0. It lists backups with C(GetRedisBackupList). The vendor announced its end in the public cloud in
        May 2020. Use it for private clouds and endpoints that still support it.
    type: str
    choices:
      - v3
      - v2
    default: v3
  env_prefix:
    description:
      - Prefix of the environment variables with the credentials, to use several accounts in one environment. With
        V(TENCENTCLOUD_DR), the pair is read from C(TENCENTCLOUD_DR_SECRET_ID) and C(TENCENTCLOUD_DR_SECRET_KEY), and
        likewise for the other variables. If set, no other source is tried.
      - The default is V(TENCENTCLOUD).
    type: str
  profile:
    description:
      - A profile of the vendor's tools, either C(~/.tccli/PROFILE.credential) of tccli, or a section of
        C(~/.tencentcloud/credentials) or C(/etc/tencentcloud/credentials). The first file with a key pair for it is
        used.
      - If set, the key pair of the environment is not used. The profile may name a role (C(role-arn)), which is then
        assumed, and a region.
    type: str
  use_instance_role:
    description:
      - Whether to use the role of the virtual machine that Ansible runs on, if no source before it has a key pair.
        The credentials come from the machine's metadata, whose requests time out after one second. The role of a
        pod is the last source.
    type: bool
    default: false
  role_arn:
    description:
      - A role to assume with the key pair, such as V(qcs::cam::uin/100000000001:roleName/audit), by C(AssumeRole) of
        the Security Token Service (STS). Its temporary credentials are reused during the run and renewed before they
        expire.
      - If not set, and the key pair comes from the environment, E(TENCENTCLOUD_ROLE_ARN) is used.
    type: str
  role_session_name:
    description:
      - The name of the session in the account's log, 2 to 128 characters (letters, digits and V(_+=,.@-)).
      - If not set, and the key pair comes from the environment, E(TENCENTCLOUD_ROLE_SESSION_NAME) is used. The default
        is V(qcloud.crs), also for the role of a pod.
    type: str
  sts_endpoint:
    description:
      - The host of the Security Token Service, written like O(endpoint). The default is V(sts.tencentcloudapi.com).
    type: str
  endpoint:
    description:
      - The host of the API, as host, host:port or URL.
      - The default is V(redis.tencentcloudapi.com) with O(api_version=v3), where finance regions (V(ap-shanghai-fsi))
        have their own host, and V(redis.api.qcloud.com) with O(api_version=v2).
      - International accounts may need V(redis.intl.tencentcloudapi.com).
      - V(http://) is allowed for loopback addresses only.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is checked.
    type: bool
    default: true
  ca_path:
    description:
      - A file or folder of trusted certificates. The default is E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE) of the
        environment, or else the certificates of requests.
    type: path
  timeout:
    description:
      - Maximum number of seconds for one attempt of a request, from 1 to 600. All attempts together take at most
        O(timeout) times O(retries) seconds, or O(timeout) without retries.
    type: int
    default: 30
  retries:
    description:
      - How often a request is repeated, from 0 to 20, when the API throttles, fails or cannot be reached. The pauses
        grow from half a second to eight seconds, unless the server asks for a longer one.
    type: int
    default: 5
  requests_per_second:
    description:
      - Maximum number of requests per second, over all O(concurrency), from 0.1 to 1000. The vendor limits the rate
        per account and action; 20 is the lowest documented limit, and some actions allow more (50 for
        C(DescribeInstanceBackups)).
      - If an audit or inventory uses several connections to an account (regions, API versions), the limit applies to
        all of them together. The lowest configured value applies to all.
      - V(0) means no limit.
    type: float
    default: 20
  concurrency:
    description:
      - Maximum number of concurrent requests, from 1 to 64. In an audit, it applies to each account and region.
    type: int
    default: 8
  timezone:
    description:
      - The time zone of the API's timestamps, which do not state it. An offset such as V(+08:00) or an IANA name such
        as V(Asia/Shanghai). The time zone of the machine that runs the module has no influence.
    type: str
    default: "+08:00"
notes:
  - Proxies are configured by the environment (E(HTTPS_PROXY), E(NO_PROXY)). Redirects are not followed.
seealso:
  - name: DescribeInstanceBackups
    description: The query of API 3.0.
    link: https://www.tencentcloud.com/document/product/239/32074
  - name: GetRedisBackupList
    description: The query of API 2.0.
    link: https://intl.cloud.tencent.com/document/product/239/8403
"""
