# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the connection, of HTTP and of the answer's text: each is seen by a client."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime

import pytest
import requests

MANY = "crs-many0001"


# The connection and HTTP


@pytest.mark.parametrize("name", ["drop", "reset"])
def test_no_answer(faulty, name):
    client = faulty(name, times=1)
    with pytest.raises(requests.ConnectionError) as caught:
        client.v3_raw()
    assert ("reset" in str(caught.value).lower()) == (name == "reset")
    assert client.code() is None


def test_a_dropped_request_was_carried_out(faulty):
    """So its nonce is spent: a client that sends the same bytes again is a replay."""
    client = faulty("drop", times=1)
    with pytest.raises(requests.ConnectionError):
        client.v2_list(nonce=4711)
    assert client.v2_list(nonce=4711)["code"] == 4500


@pytest.mark.parametrize("name", ["drop_after_headers", "truncated"])
def test_half_an_answer(faulty, name):
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        faulty(name).v3_raw()


def test_half_closed(faulty):
    """The answer is whole and says that the connection stays; the next request has to find another."""
    client = faulty("half_closed", times=1)
    answer = client.v3_raw()
    assert answer.json() and answer.headers["Connection"] == "keep-alive"
    assert client.code() is None


@pytest.mark.parametrize("name, status", [("http_500", 500), ("http_502", 502), ("http_503", 503), ("http_429", 429)])
def test_status(faulty, name, status):
    answer = faulty(name).v3_raw()
    assert answer.status_code == status and "Retry-After" not in answer.headers


@pytest.mark.parametrize("name", ["http_503", "http_429"])
def test_retry_after(faulty, name):
    assert faulty(name, retry_after=2).v3_raw().headers["Retry-After"] == "2"
    answer = faulty(name, retry_after=1000, as_date=True).v3_raw()
    assert 900 < parsedate_to_datetime(answer.headers["Retry-After"]).timestamp() - time.time() < 1001


def test_redirect(faulty):
    answer = faulty("redirect", location="http://127.0.0.1:1/x").v3_raw()
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:1/x")


def test_slow(faulty):
    client, start = faulty("slow", delay=0.2), time.monotonic()
    assert client.code() is None and time.monotonic() - start >= 0.2


def test_drip(faulty):
    """What it drips is the whole answer; no timing is asserted, only that it took a send for each byte."""
    client, start = faulty("drip", delay=0.001), time.monotonic()
    answer = client.v3_raw(InstanceId="crs-unknown1")
    assert answer.json() and time.monotonic() - start >= 0.001 * len(answer.content)


def test_huge(faulty):
    answer = faulty("huge", bytes=3000000).v3_raw()
    assert "Content-Length" not in answer.headers and len(answer.content) > 3000000


# The body


def test_truncated_json(faulty):
    answer = faulty("truncated_json").v3_raw()
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(ValueError):
        json.loads(answer.content)


def test_html(faulty):
    answer = faulty("html").v3_raw()
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/html" and b"<html>" in answer.content


def test_empty(faulty):
    answer = faulty("empty").v3_raw()
    assert answer.status_code == 200 and answer.content == b""


def test_charset(faulty):
    assert faulty("charset").v3_raw().headers["Content-Type"] == "application/json; charset=utf-8"


def test_gzip(faulty):
    answer = faulty("gzip").v3_raw()
    assert answer.headers["Content-Encoding"] == "gzip" and "Response" in answer.json()


def test_gzip_bomb(faulty):
    answer = faulty("gzip_bomb", bytes=8 << 20).v3_raw()
    assert int(answer.headers["Content-Length"]) < 100000 and len(answer.content) > 8 << 20


def test_invalid_utf8(faulty):
    with pytest.raises(UnicodeDecodeError):
        faulty("invalid_utf8").v3_raw().content.decode()


def test_duplicate_keys(faulty):
    client = faulty("duplicate_keys")
    body = client.v3_raw(InstanceId=MANY).content
    assert body.count(b'"TotalCount"') == 2 and json.loads(body)["Response"]["BackupSet"] == []
    assert client.v2_list(MANY)["totalCount"] == 0


def test_nan(faulty):
    client = faulty("nan")
    assert b'"TotalCount":NaN' in client.v3_raw().content
    assert b'"totalCount":NaN' in client.v2(redisId=MANY, limit=5, offset=0).content


def test_deep_nesting(faulty):
    assert faulty("deep_nesting", depth=5000).v3_raw().content.count(b"[") >= 5000


def test_wrong_type(faulty):
    assert faulty("wrong_type").v3_raw().json() == []


def test_null_set(faulty):
    client = faulty("null_set")
    assert client.v3(InstanceId=MANY)["BackupSet"] is None and client.v3("DescribeInstances")["InstanceSet"] is None
    assert client.v2_list(MANY)["data"] == {"redisBackupSet": None}


def test_missing_total(faulty):
    client = faulty("missing_total")
    assert "TotalCount" not in client.v3(InstanceId=MANY) and "totalCount" not in client.v2_list(MANY)


def test_all_null(faulty):
    client = faulty("all_null")
    answer = client.v3(InstanceId=MANY)
    assert answer["TotalCount"] is None and {*answer["BackupSet"][0].values()} == {None}
    assert client.v2_list(MANY)["code"] is None


def test_string_numbers(faulty):
    client = faulty("string_numbers")
    assert client.v3(InstanceId=MANY)["TotalCount"] == "12"
    assert client.v3(InstanceId=MANY)["BackupSet"][0]["Encrypted"] is False
    answer = client.v2_list(MANY)
    assert (answer["code"], answer["totalCount"], answer["data"]["redisBackupSet"][0]["status"]) == ("0", "7", "2")
