# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit is held against: a bare script that reads the same pages, signed, and does nothing with them.

    floor.py URL SECRET_ID SECRET_KEY REGION [CONFIG]

With CONFIG it asks for each instance's backup configuration too. It prints how many rows and instances it read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import time
from datetime import datetime, timedelta, timezone

import requests

ZONE = timezone(timedelta(hours=8))


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def ask(session, url, secret_id, secret_key, region, action, params):
    host, body, now = url.partition("//")[2], json.dumps(params).encode(), int(time.time())
    day = datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%d")
    head = f"POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n"
    request = head + hashlib.sha256(body).hexdigest()
    scope = f"{day}/redis/tc3_request"
    text = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = sign(sign(sign(f"TC3{secret_key}".encode(), day), "redis"), "tc3_request")
    headers = {
        "Content-Type": "application/json",
        "X-TC-Action": action,
        "X-TC-Version": "2018-04-12",
        "X-TC-Timestamp": str(now),
        "X-TC-Region": region,
        "Authorization": f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders=content-type;host, "
        f"Signature={sign(key, text).hex()}",
    }
    answer = session.post(url + "/", data=body, headers=headers, timeout=30).json()["Response"]
    if "Error" in answer:
        raise SystemExit(f"{action}: {answer['Error']}")
    return answer


def main(url, secret_id, secret_key, region, *config):
    now = datetime.now(ZONE)
    dates = {
        "BeginTime": f"{now - timedelta(days=28):%Y-%m-%d %H:%M:%S}",
        "EndTime": f"{now + timedelta(days=1):%Y-%m-%d %H:%M:%S}",
        "Status": [1, 2, 3, 4, -1],
    }
    with requests.Session() as session:

        def ask_for(action, **params):
            return ask(session, url, secret_id, secret_key, region, action, params)

        def read_all(action, name, limit, **params):
            rows, total = [], 1
            while len(rows) < total:
                answer = ask_for(action, Limit=limit, Offset=len(rows), **params)
                rows += answer[name]
                total = answer["TotalCount"]
            return rows

        backups = read_all("DescribeInstanceBackups", "BackupSet", 100, **dates)
        instances = read_all("DescribeInstances", "InstanceSet", 1000)
        if config:
            for one in instances:
                ask_for("DescribeAutoBackupConfig", InstanceId=one["InstanceId"])
    print(len(backups), len(instances))


if __name__ == "__main__":
    main(*sys.argv[1:])
