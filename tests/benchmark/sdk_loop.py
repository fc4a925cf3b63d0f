# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's SDK in a loop over instances, as its documentation shows it: one after the other.

    sdk_loop.py URL SECRET_ID SECRET_KEY REGION INSTANCE_IDS_FILE

It prints how many backups it read.
"""

from __future__ import annotations

import json
import sys

from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.redis.v20180412.models import DescribeInstanceBackupsRequest
from tencentcloud.redis.v20180412.redis_client import RedisClient


def main(url, secret_id, secret_key, region, ids_file):
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=url.partition("//")[2]))
    client = RedisClient(Credential(secret_id, secret_key), region, profile)
    with open(ids_file, encoding="utf-8") as file:
        ids = json.load(file)
    found = 0
    for instance_id in ids:
        request = DescribeInstanceBackupsRequest()
        request.InstanceId, request.Limit, request.Offset, request.Status = instance_id, 100, 0, [1, 2, 3, 4, -1]
        found += len(client.DescribeInstanceBackups(request).BackupSet)
    print(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
