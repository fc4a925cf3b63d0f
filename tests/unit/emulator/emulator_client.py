# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small client of both dialects for these tests, and the fleet they share.

It has its own signing, written independently from the documents: the known-answer vectors tie it, the emulator and the vendor together.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time

import requests

SECRET_ID, SECRET_KEY = "AKIDmadeupfortheemulator000000000001", "madeupEmulatorKey000000000000001"
NONCES = itertools.count(int(time.time()))

FLEET = {
    "credentials": [
        {"secret_id": SECRET_ID, "secret_key": SECRET_KEY, "account": "1"},
        {
            "secret_id": "AKIDlimited",
            "secret_key": "k",
            "account": "1",
            "denied_actions": ["DescribeInstances", "DescribeRedis"],
        },
        {"secret_id": "AKIDstranger", "secret_key": "k", "account": "2"},
        {"secret_id": "AKIDtemporary", "secret_key": "k", "account": "1", "token": "tok+/="},
    ],
    "roles": {
        "qcs::cam::uin/1:roleName/audit": {"account": "1", "expires_in": 7200},
        "qcs::cam::uin/1:roleName/pod": {"account": "1", "web_identity": {"provider": "cls-1", "token": "jwt"}},
    },
    "instances": [
        {
            "id": "crs-many0001",
            "name": "orders-cache",
            "tags": {"env": "prod"},
            "schedule": {"every": "24h", "last": "-3h", "count": 12},
        },
        {
            "id": "crs-mixed001",
            "name": "sessions",
            "status": -2,
            "project": 7,
            "type": 16,
            "backups": [
                {"start": "-1h", "type": "manual", "remark": "release-1"},
                {"start": "-2h", "status": "locked", "locked": 1},
                {"start": "-3h", "status": "exporting"},
                {"start": "-4h", "status": "exported", "type": "spec_change"},
                {"start": "-5h", "status": "expired"},
                {"start": "-6h", "status": 9},
            ],
        },
        {"id": "crs-denied01", "denied": True, "schedule": {"count": 2}},
        {"id": "crs-shown001", "denied": True, "visible": True},
        {"id": "crs-only2001", "api": ["v2"]},
        {"id": "crs-else0001", "account": "2"},
        {"id": "crs-tokyo001", "region": "ap-tokyo", "schedule": {"count": 1}},
    ],
}


class Client:
    """v2 and v3 calls over one keep-alive connection; every part of a request can be bent."""

    def __init__(self, url, secret_id=SECRET_ID, secret_key=SECRET_KEY, token=None):
        self.url = url
        self.host = url.split("//")[1]
        self.pair = (secret_id, secret_key, token)
        self.session = requests.Session()
        self.session.trust_env = False

    def stop(self):
        self.session.close()

    def as_(self, secret_id, secret_key="k", token=None):
        """The same client with other credentials."""
        return Client(self.url, secret_id, secret_key, token)

    def v2_params(self, action, region="gz", now=None, nonce=None, **params):
        sent = dict(
            params,
            Action=action,
            Region=region,
            SecretId=self.pair[0],
            SignatureMethod="HmacSHA256",
            Timestamp=int(now or time.time()),
            Nonce=nonce or next(NONCES),
        )
        if self.pair[2]:
            sent["Token"] = self.pair[2]
        return {name: value for name, value in sent.items() if value is not None}

    def v2(self, action="GetRedisBackupList", method="GET", **params):
        """The requests.Response of a signed v2 call."""
        sent = self.v2_params(action, **params)
        return self.v2_send(
            method, dict(sent, Signature=v1_sign(self.pair[1], method, self.host, "/v2/index.php", sent))
        )

    def v2_send(self, method, sent):
        where = {"params": sent} if method == "GET" else {"data": sent}
        return self.session.request(method, self.url + "/v2/index.php", timeout=10, allow_redirects=False, **where)

    def v2_list(self, redisId="crs-many0001", limit=100, offset=0, **params):
        return self.v2(redisId=redisId, limit=limit, offset=offset, **params).json()

    def v3_raw(
        self,
        action="DescribeInstanceBackups",
        region="ap-guangzhou",
        version="2018-04-12",
        service="redis",
        now=None,
        body=None,
        headers=None,
        **params,
    ):
        """The requests.Response of a signed TC3 POST."""
        payload = json.dumps(params).encode() if body is None else body
        timestamp = int(now or time.time())
        sent = {
            "Content-Type": "application/json",
            "X-TC-Action": action,
            "X-TC-Version": version,
            "X-TC-Region": region,
            "X-TC-Timestamp": str(timestamp),
            "X-TC-Token": self.pair[2],
            "Authorization": tc3_sign(self.pair[0], self.pair[1], service, self.host, payload, timestamp),
        }
        sent.update(headers or {})
        return self.session.post(self.url + "/", data=payload, headers=sent, timeout=10, allow_redirects=False)

    def v3(self, action="DescribeInstanceBackups", **params):
        """What `Response` holds."""
        return self.v3_raw(action, **params).json()["Response"]

    def code(self, action="DescribeInstanceBackups", **params):
        """The v3 error code, or None."""
        return self.v3(action, **params).get("Error", {}).get("Code")

    def v3_form(self, action="DescribeInstanceBackups", method="POST", digest="HmacSHA256", **params):
        """What `Response` holds after a call signed in the older way."""
        sent = self.v2_params(action, region="ap-guangzhou", **params)
        sent.update(Version="2018-04-12", SignatureMethod=digest)
        sent["Signature"] = v1_sign(self.pair[1], method, self.host, "/", sent)
        where = {"params": sent} if method == "GET" else {"data": sent}
        return self.session.request(method, self.url + "/", timeout=10, **where).json()["Response"]


def v1_sign(key, method, host, path, params):
    names = {name.replace("_", "."): str(value) for name, value in params.items()}
    text = method + host + path + "?" + "&".join("%s=%s" % pair for pair in sorted(names.items()))
    digest = hashlib.sha256 if params.get("SignatureMethod") == "HmacSHA256" else hashlib.sha1
    return base64.b64encode(hmac.new(key.encode(), text.encode(), digest).digest()).decode()


def tc3_sign(
    secret_id,
    key,
    service,
    host,
    payload,
    timestamp,
    method="POST",
    query="",
    content_type="application/json",
    action=None,
    date=None,
):
    """The Authorization header; `action` is signed too if given, `date` replaces that of the timestamp."""
    signed = {"content-type": content_type, "host": host}
    if action:
        signed["x-tc-action"] = action.lower()
    names = ";".join(signed)
    headers = "".join("%s:%s\n" % header for header in signed.items())
    digest = hashlib.sha256(payload).hexdigest()
    canonical = "%s\n/\n%s\n%s\n%s\n%s" % (method, query, headers, names, digest)
    scope = "%s/%s/tc3_request" % (date or time.strftime("%Y-%m-%d", time.gmtime(timestamp)), service)
    text = "TC3-HMAC-SHA256\n%d\n%s\n%s" % (timestamp, scope, hashlib.sha256(canonical.encode()).hexdigest())
    secret = ("TC3" + key).encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    return "TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (secret_id, scope, names, signature)
