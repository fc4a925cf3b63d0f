# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire that answers from a script, a service behind it, and a clock that only moves when someone sleeps.

The signatures are checked here with code of its own, so that a mistake of the signer's cannot hide.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import threading
import time
from collections import namedtuple
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3

SECRET_ID = "AKIDmadeupforthesetests0000000000001"
SECRET_KEY = "madeupKey+with/signs=0000000001"
TOKEN = "madeupToken+abc/123=="
EVERY_STATUS = {1, 2, 3, 4, -1}
#: Texts of the API that are not ids of instances, whatever may be done with them.
ODD_IDS = (
    "localhost",
    "all",
    "ungrouped",
    "crs",
    "-a1b2c3d4",
    "crs-a b",
    "crs-" + 61 * "a",
    "crs-a1b2c3d4\n",
    "crs-{{ 1 }}",
    "crs-../a",
)

Sent = namedtuple("Sent", "method url headers body options")
Reply = namedtuple("Reply", "status headers body")
_build_response = requests.adapters.HTTPAdapter().build_response


def reply(document=None, status=200, body=None, **headers):
    """What the wire answers: a JSON document, or any bytes."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers.setdefault("Content-Type", "application/json")
    return Reply(status, headers, json.dumps(document).encode() if body is None else body)


def v2_ok(total, rows):
    return reply(
        {"code": 0, "message": "", "codeDesc": "Success", "totalCount": total, "data": {"redisBackupSet": rows}}
    )


def v2_error(code, message="", word="", **headers):
    return reply({"code": code, "message": message, "codeDesc": word}, **headers)


def v3_ok(total, rows, name="BackupSet"):
    return reply({"Response": {"TotalCount": total, name: rows, "RequestId": "r-1"}})


def v3_error(code, message="", request_id="r-1", **headers):
    return reply({"Response": {"Error": {"Code": code, "Message": message}, "RequestId": request_id}}, **headers)


def v2_row(number=1, **fields):
    return {
        "startTime": "2017-02-08 16:46:34",
        "backupId": f"b-{number:04}",
        "backupType": "systemBackupInstance",
        "status": 2,
        "remark": "",
        "locked": 0,
        **fields,
    }


def v3_row(number=1, instance_id="crs-1", **fields):
    return {
        "StartTime": "2026-06-01 02:00:48",
        "EndTime": "2026-06-01 02:01:20",
        "ExpireTime": "2026-06-08 02:00:48",
        "BackupId": f"b-{number:04}",
        "BackupType": "1",
        "Status": 2,
        "Remark": "",
        "Locked": 0,
        "BackupSize": 1048576,
        "FullBackup": 0,
        "InstanceType": 16,
        "InstanceId": instance_id,
        "InstanceName": "orders",
        "Region": "ap-guangzhou",
        "FileType": "RDB-Redis 6.2",
        "Encrypted": False,
        **fields,
    }


class FakeTime:
    def __init__(self, now=1000.0):
        self.now, self.slept = now, []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Wire(requests.adapters.BaseAdapter):
    """In place of the adapters of a session. A request beyond the script fails the test, and so does a missing one."""

    def __init__(self):
        super().__init__()
        self.script, self.sent, self._service, self._lock = [], [], None, threading.Lock()

    def expect(self, *answers):
        """Answer with these, one after the other: a Reply, an exception, or a function of what was sent."""
        self.script.extend(answers)

    def serve(self, service):
        """Answer everything with ``service(sent)``."""
        self._service = service

    def send(self, request, **options):
        sent = Sent(request.method, request.url, request.headers, request.body, options)
        with self._lock:
            self.sent.append(sent)
            if self._service is None and not self.script:
                raise AssertionError(f"request {len(self.sent)} was not expected: {sent.body!r}")
            answer = self._service or self.script.pop(0)
        if callable(answer):
            answer = answer(sent)
        if isinstance(answer, Exception):
            raise answer
        return _build_response(
            request,
            urllib3.HTTPResponse(
                io.BytesIO(answer.body), headers=answer.headers, status=answer.status, preload_content=False
            ),
        )

    def close(self):
        pass


def v2_params(sent):
    """The parameters of a signed API 2.0 request; fails unless it is one."""
    params = dict(parse_qsl(sent.body.decode("ascii"), keep_blank_values=True, strict_parsing=True))
    url = urlsplit(sent.url)
    assert (sent.method, url.query) == ("POST", "")
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent.headers["Host"] == url.netloc
    signature = params.pop("Signature")
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    digest = {"HmacSHA256": hashlib.sha256, "HmacSHA1": hashlib.sha1}[params["SignatureMethod"]]
    wanted = hmac.new(SECRET_KEY.encode(), f"POST{url.netloc}{url.path}?{text}".encode(), digest).digest()
    assert base64.b64decode(signature) == wanted
    return params


def v3_params(sent):
    """The parameters of a signed API 3.0 request; fails unless it is one."""
    url = urlsplit(sent.url)
    assert (sent.method, url.path, url.query) == ("POST", "/", "")
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["Host"] == url.netloc
    stamp = int(sent.headers["X-TC-Timestamp"])
    day = datetime.fromtimestamp(stamp, timezone.utc).strftime("%Y-%m-%d")
    canonical = (
        f"POST\n/\n\ncontent-type:application/json\nhost:{url.netloc}\n\ncontent-type;host\n"
        + hashlib.sha256(sent.body).hexdigest()
    )
    key = f"TC3{SECRET_KEY}".encode()
    for part in (day, "redis", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/redis/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    assert sent.headers["Authorization"] == (
        f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{day}/redis/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={signature}"
    )
    assert sent.headers["X-TC-Version"] == "2018-04-12"
    return json.loads(sent.body)


def v2_service(rows):
    """GetRedisBackupList over ``{instance id: rows}``, offset counted in records."""

    def answer(sent):
        params = v2_params(sent)
        assert params["Action"] == "GetRedisBackupList"
        mine, offset, limit = rows.get(params["redisId"]), int(params["offset"]), int(params["limit"])
        if mine is None:
            return v2_error(10701, "no such instance", "InstanceNotExists")
        assert 1 <= limit <= 100 and offset % limit == 0
        return v2_ok(len(mine), mine[offset : offset + limit])

    return answer


def v3_service(rows):
    """DescribeInstanceBackups and DescribeInstances over ``{instance id: rows}``."""

    def answer(sent):
        params, action = v3_params(sent), sent.headers["X-TC-Action"]
        offset, limit = params["Offset"], params["Limit"]
        assert offset % limit == 0
        if action == "DescribeInstances":
            assert 1 <= limit <= 1000
            page = [{"InstanceId": instance_id} for instance_id in rows][offset : offset + limit]
            return v3_ok(len(rows), page, "InstanceSet")
        assert action == "DescribeInstanceBackups" and 1 <= limit <= 100
        assert set(params["Status"]) == EVERY_STATUS
        asked = params.get("InstanceId")
        if asked is not None and asked not in rows:
            return v3_error("ResourceNotFound.InstanceNotExists", "no such instance")
        found = [row for instance_id in rows for row in rows[instance_id] if asked in (None, instance_id)]
        return v3_ok(len(found), found[offset : offset + limit])

    return answer


def soon(seconds):
    """The HTTP date this number of seconds from now."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + seconds))
