# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""tccli against the emulator, in a process of its own with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from vendor_fleet import EXPECTED, SECRET_ID, SECRET_KEY, pages


@pytest.fixture
def tccli(emulator, tmp_path):
    """`tccli(action, *options)` -> CompletedProcess."""

    def run(action, *options, key=SECRET_KEY):
        # Without the machine's proxies and credentials: nothing here may leave this machine.
        environment = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "TENCENTCLOUD_SECRET_ID": SECRET_ID,
            "TENCENTCLOUD_SECRET_KEY": key,
            "TENCENTCLOUD_REGION": "ap-guangzhou",
        }
        command = [
            os.path.join(os.path.dirname(sys.executable), "tccli"),
            "redis",
            action,
            "--endpoint",
            "http://127.0.0.1:%d" % emulator.port,
        ]
        return subprocess.run(
            command + list(options), env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False
        )

    return run


def test_listing(tccli, emulator):
    def page(offset, limit):
        done = tccli(
            "DescribeInstanceBackups",
            "--InstanceId",
            "crs-vendor01",
            "--Offset",
            str(offset),
            "--Limit",
            str(limit),
            "--Status",
            "[1,2,3,4,-1]",
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        return answer["BackupSet"], answer["TotalCount"]

    rows = [(row["BackupId"], row["BackupType"], row["Status"], row["Remark"]) for row in pages(page, limit=4)]
    assert rows == EXPECTED["v3"]
    assert [entry["outcome"] for entry in emulator.log] == ["ok", "ok"]


@pytest.mark.parametrize(
    "options, code",
    [
        ({"InstanceId": "crs-nowhere1"}, "ResourceNotFound.InstanceNotExists"),
        ({"Limit": "101"}, "InvalidParameter.InvalidParameter"),
    ],
)
def test_refusals(tccli, options, code):
    done = tccli("DescribeInstanceBackups", *["--%s=%s" % pair for pair in options.items()])
    assert done.returncode == 255 and "code:%s " % code in done.stderr


def test_wrong_key(tccli):
    done = tccli("DescribeInstances", key="wrong")
    assert done.returncode == 255 and "code:AuthFailure.SignatureFailure " in done.stderr


def test_instances(tccli):
    done = tccli("DescribeInstances")
    assert [one["InstanceId"] for one in json.loads(done.stdout)["InstanceSet"]] == ["crs-vendor01", "crs-vendor02"]
