# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From bytes and a status to a document or to the error that they stand for."""

from __future__ import annotations

import pytest
from crs_fakes import reply, soon

from ansible_collections.qcloud.crs.plugins.module_utils._errors import (
    BadResponse,
    CrsError,
    Denied,
    ServerError,
    Throttled,
)
from ansible_collections.qcloud.crs.plugins.module_utils._http import response


def parse(body, status=200, **headers):
    return response.parse(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def read(answer):
    return answer.document


def test_an_answer_is_document_body_status_date_and_pause():
    answer = parse(b'{"ok": "\xc3\xa4"}', 418, Date="Mon, 01 Jun 2026 02:00:00 GMT", Retry_After="7")
    assert answer == ({"ok": "\u00e4"}, b'{"ok": "\xc3\xa4"}', 418, "Mon, 01 Jun 2026 02:00:00 GMT", 7)


@pytest.mark.parametrize(
    "body, headers, said",
    [
        (b"", {}, "empty"),
        (b"<html>", {"Content_Type": "text/html; charset=utf-8"}, "6 bytes of text/html"),
        (b"[]", {"Content_Type": "application/json"}, "2 bytes of application/json"),
        (b'{"a": "\xff"}', {}, "10 bytes of no stated type"),
        (b'{"a": NaN}', {}, "10 bytes"),
        (b'{"a": Infinity}', {}, "15 bytes"),
        (b'{"a": 1, "a": 2}', {}, "16 bytes"),
        (b'{"a": {"b": 1, "b": 1}}', {}, "23 bytes"),
        (b'{"a":' + b"[" * 100000, {}, "100005 bytes"),
        (b'{"a": 1} x', {}, "10 bytes"),
        (b"\xef\xbb\xbf{}", {}, "5 bytes"),
    ],
    ids=["empty", "html", "list", "utf-8", "nan", "infinity", "twice", "twice-inside", "deep", "more-after", "bom"],
)
def test_what_is_no_json_object_is_told_by_size_and_kind(body, headers, said):
    with pytest.raises(BadResponse, match=f"not a JSON object but {said}") as caught:
        parse(body, **headers)
    assert caught.value.max_retries is None


REFUSALS = [
    (302, BadResponse, 0, "redirects .HTTP 302., which is not followed"),
    (403, BadResponse, 0, "refused .HTTP 403.: check endpoint and proxy"),
    (429, Throttled, None, "too many requests .HTTP 429."),
    (500, ServerError, None, "the server failed .HTTP 500."),
    (503, ServerError, None, "the server failed .HTTP 503."),
    (204, BadResponse, 0, "refused .HTTP 204."),
]


@pytest.mark.parametrize("status, kind, max_retries, said", REFUSALS)
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message": "no"}'], ids=["empty", "html", "json"])
def test_a_status_other_than_200_is_an_error_whatever_the_body(status, kind, max_retries, said, body):
    with pytest.raises(CrsError, match=said) as caught:
        response.understood(parse(body, status), read)
    assert caught.value.__class__ is kind and caught.value.max_retries == max_retries


def test_what_the_api_itself_says_comes_before_the_status():
    def refuse(answer):
        raise Denied("no")

    with pytest.raises(Denied) as caught:
        response.understood(parse(b"{}", 503, Retry_After="9"), refuse)
    assert caught.value.retry_after == 9


def test_what_the_reader_can_make_no_sense_of_is_told_by_the_reader_only_at_status_200():
    def refuse(answer):
        raise BadResponse("a field is missing")

    with pytest.raises(BadResponse, match="a field is missing"):
        response.understood(parse(b"{}"), refuse)
    with pytest.raises(ServerError):
        response.understood(parse(b"{}", 500), refuse)


@pytest.mark.parametrize("status, kind", [(302, BadResponse), (403, BadResponse), (429, Throttled), (503, ServerError)])
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_gateway_that_speaks_json_is_classified_by_its_status(wire, make_api, version, status, kind):
    """Gateways say {"message": …}: that's no answer of the API's, whatever it looks like."""
    wire.expect(reply({"message": "no"}, status=status, Retry_After="7"))
    with pytest.raises(CrsError, match=f"HTTP {status}") as caught:
        make_api(version, retries=0).backups_page("crs-1", None, None, 0, 100)
    assert caught.value.__class__ is kind
    if status in (429, 503):
        assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    "header, low, high",
    [
        ("0", 0, 0),
        ("7", 7, 7),
        (" 7 ", 7, 7),
        (3000, 2900, 3000),
        (-30, 0, 0),
        ("soon", None, None),
        ("", None, None),
        ("-5", None, None),
        ("7.5", None, None),
        ("Mon, 99 Foo 2026", None, None),
        ("\u00b2", None, None),
    ],
)
@pytest.mark.parametrize("status, kind", [(429, Throttled), (503, ServerError)])
def test_retry_after_is_seconds_or_a_date(header, low, high, status, kind):
    header = soon(header) if isinstance(header, int) else header
    with pytest.raises(kind) as caught:
        parse(b"", status, Retry_After=header)
    after = caught.value.retry_after
    assert after is None if low is None else low <= after <= high
