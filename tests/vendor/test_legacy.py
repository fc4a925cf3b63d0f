# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""qcloudapi-sdk-python, the last client of API 2.0, against the emulator over TLS: it speaks nothing else."""

from __future__ import annotations

import json

import pytest
from QcloudApi.qcloudapi import QcloudApi
from vendor_fleet import EXPECTED, SECRET_ID, SECRET_KEY, pages

WAYS = [("GET", "HmacSHA1"), ("GET", "HmacSHA256"), ("POST", "HmacSHA1"), ("POST", "HmacSHA256")]


@pytest.fixture
def call(secure, authority, monkeypatch):
    """`call(action, params, way, **config)` -> the decoded answer."""
    monkeypatch.setenv("SSL_CERT_FILE", authority[1])

    def send(action, params, way=WAYS[0], **config):
        # A module that it doesn't know takes its host from `endpoint`; the module `redis` has a host of its own.
        settings = dict(
            {
                "Region": "gz",
                "secretId": SECRET_ID,
                "secretKey": SECRET_KEY,
                "method": way[0],
                "SignatureMethod": way[1],
                "endpoint": "127.0.0.1:%d" % secure.port,
            },
            **config,
        )
        return json.loads(QcloudApi("crs", settings).call(action, dict(params)))

    return send


def listing(call, way, **config):
    def page(offset, limit):
        answer = call(
            "GetRedisBackupList", {"redisId": "crs-vendor01", "offset": offset, "limit": limit}, way, **config
        )
        assert answer["code"] == 0, answer
        return answer["data"]["redisBackupSet"], answer["totalCount"]

    return [(row["backupId"], row["backupType"], row["status"], row["remark"]) for row in pages(page)]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_listing(call, way, secure):
    assert listing(call, way) == EXPECTED["v2"]
    assert [entry["outcome"] for entry in secure.log] == ["ok"] * 3


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_token(call, way):
    temporary = {"secretId": "AKIDtemporary", "secretKey": "temporaryKey"}
    assert listing(call, way, Token="tok+/=", **temporary) == EXPECTED["v2"]
    assert call("DescribeRedis", {"limit": 1, "offset": 0}, way, **temporary)["code"] == 4105


@pytest.mark.parametrize("way", WAYS, ids="-".join)
@pytest.mark.parametrize(
    "params, config, code",
    [
        ({"redisId": "crs-nowhere1"}, {}, 10701),
        ({"limit": 101}, {}, 11201),
        ({"redisId": None}, {}, 4000),
        ({}, {"secretKey": "wrong"}, 4100),
        ({}, {"secretId": "AKIDnobody"}, 4104),
        ({}, {"Region": "nowhere"}, 4000),
    ],
)
def test_refusals(call, way, params, config, code):
    answer = call(
        "GetRedisBackupList", dict({"redisId": "crs-vendor01", "limit": 10, "offset": 0}, **params), way, **config
    )
    assert answer["code"] == code and "data" not in answer


def test_lists_are_flattened(call):
    answer = call("DescribeRedis", {"limit": 20, "offset": 0, "projectIds": [3, 0]})
    assert [one["redisId"] for one in answer["data"]["redisSet"]] == ["crs-vendor01", "crs-vendor02"]
    assert call("DescribeRedis", {"limit": 20, "offset": 0, "projectIds": [3]})["totalCount"] == 0
