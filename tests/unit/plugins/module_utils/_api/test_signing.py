# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known answers of the vendor's own signers."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._api.signing import sign_v2, sign_v3

_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "fixtures", "signing-vectors.json")
with open(_FILE, encoding="utf-8") as _file:
    VECTORS = json.load(_file)


@pytest.mark.parametrize("vector", VECTORS["api_v2"], ids=lambda vector: vector["id"])
def test_known_answers_of_api_2(vector):
    signature = sign_v2(
        vector["method"], vector["host"], vector["path"], vector["params"], vector["secret_key"], vector["digest"]
    )
    assert signature == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["api_v3"], ids=lambda vector: vector["id"])
def test_known_answers_of_api_3(vector):
    authorization = sign_v3(
        "redis",
        vector["host"],
        vector["body"].encode("utf-8"),
        vector["secret_id"],
        vector["secret_key"],
        vector["timestamp"],
        vector["content_type"],
    )
    assert authorization == vector["authorization"]


def test_the_vectors_cover_what_matters():
    v2, v3 = VECTORS["api_v2"], VECTORS["api_v3"]
    assert {(vector["method"], vector["digest"]) for vector in v2} == {
        (method, digest) for method in ("GET", "POST") for digest in ("HmacSHA1", "HmacSHA256")
    }
    assert any(":" in vector["host"] for vector in v2) and any(":" in vector["host"] for vector in v3)
    assert any("Token" in vector["params"] for vector in v2)
    assert len({vector["authorization"].split("/")[1] for vector in v3}) > 1


def test_the_order_of_parameters_does_not_matter():
    vector = VECTORS["api_v2"][3]
    backwards = dict(reversed(list(vector["params"].items())))
    assert sign_v2("POST", vector["host"], vector["path"], backwards, vector["secret_key"]) == vector["signature"]


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "redis.api.qcloud.com:8443"},
        {"path": "/"},
        {"secret_key": "other"},
        {"method": "GET"},
        {"params": {"a": "2"}},
        {"params": {"b": "1"}},
        {"digest": "HmacSHA1"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_part_is_signed(changed):
    """X23: the host is signed as it is sent, port included."""
    parts = {
        "method": "POST",
        "host": "redis.api.qcloud.com",
        "path": "/v2/index.php",
        "params": {"a": "1"},
        "secret_key": "key",
        "digest": "HmacSHA256",
    }
    assert sign_v2(**parts) != sign_v2(**{**parts, **changed})


def test_a_value_that_begins_with_an_at_sign_is_signed_too():
    """The vendor's old client leaves it out of the signature, and sends it."""
    assert sign_v2("POST", "h", "/", {"remark": "@nightly"}, "key") != sign_v2("POST", "h", "/", {}, "key")
