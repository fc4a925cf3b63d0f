# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending, retrying, classifying: over a scripted wire, with a clock that only moves when someone sleeps."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import requests
import urllib3
from crs_fakes import reply

from ansible_collections.qcloud.crs.plugins.module_utils._errors import (
    BadResponse,
    CrsError,
    Denied,
    InvalidOption,
    MissingLibrary,
    ServerError,
    Throttled,
    Unreachable,
)
from ansible_collections.qcloud.crs.plugins.module_utils._http import client as _client
from ansible_collections.qcloud.crs.plugins.module_utils._http.rate_limit import Pace

GOOD = reply({"ok": 1})
DOWN = requests.exceptions.ConnectionError("no route")


def build():
    return _client.Message({"Host": "redis.example.com", "Content-Type": "text/x"}, b"body")


def call(client, read=lambda answer: answer.document):
    return client.call("Asking of crs-1", build, read)


def failure(client, kind):
    with pytest.raises(CrsError) as caught:
        call(client)
    assert caught.value.__class__ is kind
    return caught.value


def test_what_is_sent(wire, make_client):
    wire.expect(GOOD)
    assert call(make_client(timeout=7)) == {"ok": 1}
    (sent,) = wire.sent
    assert (sent.method, sent.url, sent.body) == ("POST", "https://redis.example.com/", b"body")
    assert dict(sent.headers) == {
        "Host": "redis.example.com",
        "Content-Type": "text/x",
        "Content-Length": "4",
        "Connection": "keep-alive",
        "User-Agent": "qcloud.crs/0.1.0 (Ansible collection)",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    assert sent.options["timeout"] == 7 and sent.options["stream"] is True and sent.options["verify"] is True
    assert not sent.options["proxies"] and sent.options["cert"] is None


@pytest.mark.parametrize("verify", [True, False, "/some/ca.pem"])
def test_certificates_are_checked_as_asked_whatever_the_environment_says(wire, make_client, monkeypatch, verify):
    if verify is not True:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/other.pem")
    wire.expect(GOOD)
    call(make_client(verify=verify))
    assert wire.sent[0].options["verify"] == verify


def test_a_proxy_of_the_environment_is_for_other_machines_only(wire, make_client, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    wire.expect(GOOD, GOOD, GOOD)
    for endpoint, proxied in (
        ("redis.example.com", True),
        ("http://127.0.0.1:1", False),
        ("https://localhost:1", False),
    ):
        call(make_client(endpoint))
        assert bool(wire.sent[-1].options["proxies"]) is proxied


def test_netrc_is_not_read(wire, make_client, monkeypatch, tmp_path):
    """requests would write its password over our signature."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine redis.example.com login thief password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    wire.expect(GOOD)
    make_client().call("Asking", lambda: _client.Message({"Authorization": "ours"}, b""), lambda answer: answer)
    assert wire.sent[0].headers["Authorization"] == "ours"


TRANSPORT = {
    "down": (DOWN, Unreachable),
    "read-timeout": (requests.exceptions.ReadTimeout("slow"), Unreachable),
    "tls": (requests.exceptions.SSLError("bad certificate"), Unreachable),
    "broken-off": (urllib3.exceptions.ProtocolError("gone"), BadResponse),
    "http-500": (reply(status=500, body=b"oops"), ServerError),
    "http-503": (reply(status=503, body=b""), ServerError),
    "http-429": (reply(status=429, body=b""), Throttled),
    "html": (reply(body=b"<html>", Content_Type="text/html"), BadResponse),
    "empty": (reply(body=b""), BadResponse),
    "list": (reply([]), BadResponse),
    "not-utf-8": (reply(body=b'{"a": "\xff"}'), BadResponse),
    "nan": (reply(body=b'{"a": NaN}'), BadResponse),
    "duplicate-keys": (reply(body=b'{"a": 1, "a": 2}'), BadResponse),
    "deep": (reply(body=b'{"a":' + b"[" * 100000), BadResponse),
    "cut-off": (reply(body=b'{"a": 1}', Content_Length="9"), BadResponse),
    "compressed": (reply(body=b"\x1f\x8b", Content_Encoding="gzip"), BadResponse),
}


@pytest.mark.parametrize("answer, kind", TRANSPORT.values(), ids=TRANSPORT)
def test_trouble_on_the_way_is_tried_again_and_then_told(wire, make_client, answer, kind):
    wire.expect(*[answer] * 3)
    client = make_client(retries=2)
    error = failure(client, kind)
    assert (client.requests, client.retries) == (3, 2)
    assert str(error).startswith("Asking of crs-1: ")
    assert "tried 3 times" in str(error)


@pytest.mark.parametrize(
    "met, meets_all",
    [
        (requests.exceptions.SSLError("bad certificate"), True),
        (requests.exceptions.ProxyError("refused"), True),
        (requests.exceptions.ConnectTimeout("nobody"), True),
        (requests.exceptions.ReadTimeout("slow"), False),
        (requests.exceptions.ConnectionError("reset"), False),
        (OSError("odd"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_without_a_connection_it_is_not_about_one_instance(wire, make_client, met, meets_all):
    wire.expect(met)
    assert failure(make_client(retries=0), Unreachable).meets_all is meets_all


@pytest.mark.parametrize("answer, kind", TRANSPORT.values(), ids=TRANSPORT)
def test_trouble_on_the_way_may_pass(wire, make_client, answer, kind):
    wire.expect(answer, GOOD)
    assert call(make_client()) == {"ok": 1}


@pytest.mark.parametrize(
    "answer, said",
    [
        (
            reply(status=302, body=b"", Location="https://evil.example.com/"),
            "redirects .HTTP 302., which is not followed",
        ),
        (reply(status=307, body=b"", Location="/elsewhere"), "redirects .HTTP 307."),
        (reply(status=403, body=b"<html>"), "refused .HTTP 403."),
        (reply(status=404, body=b""), "refused .HTTP 404."),
        (reply(status=407, body=b""), "check endpoint and proxy"),
    ],
)
def test_what_another_attempt_cannot_change_is_not_tried_again(wire, make_client, answer, said):
    wire.expect(answer)
    client = make_client()
    with pytest.raises(BadResponse, match=said):
        call(client)
    assert client.requests == 1


def test_retry_after_is_waited_for(wire, make_client, faketime):
    wire.expect(reply(status=503, body=b"", Retry_After="12"), GOOD)
    call(make_client())
    assert faketime.slept == [12]


def test_a_retry_after_beyond_the_deadline_is_not_waited_for(wire, make_client, faketime):
    wire.expect(reply(status=503, body=b"", Retry_After="150"))
    failure(make_client(timeout=30, retries=5), ServerError)
    assert faketime.slept == []


def test_nobody_waits_longer_than_the_deadline_because_someone_else_was_throttled(wire, make_client, faketime):
    """A Retry-After of a day must not hold the next call for a day."""
    pace = Pace(20, faketime.clock, faketime.sleep)
    wire.expect(reply(status=429, body=b"", Retry_After="86400"))
    client = make_client(timeout=30, retries=5, pace=pace)
    failure(client, Throttled)
    wire.expect(GOOD)
    began = faketime.now
    try:
        call(client)
    except CrsError:
        wire.script.clear()
    assert faketime.now - began <= 30 * 5


def test_waiting_for_ones_turn_does_not_shorten_the_attempt(wire, make_client, faketime):
    """With many at once and a slow pace, turns come later than one call's deadline would allow."""
    pace = Pace(1, faketime.clock, sleep=lambda seconds: None)
    for _other in range(20):
        pace.wait()
    pace._sleep = faketime.sleep
    wire.expect(GOOD)
    call(make_client(timeout=5, retries=1, pace=pace))
    assert wire.sent[0].options["timeout"] == 5


@pytest.mark.parametrize(
    "chance, wanted",
    [
        (0.0, [0.25, 0.5, 1, 2, 4, 4, 4]),
        (1.0, [0.5, 1, 2, 4, 8, 8, 8]),
        (0.5, [0.375, 0.75, 1.5, 3, 6, 6, 6]),
    ],
)
def test_pauses_grow_within_the_bounds_of_the_jitter(wire, make_client, faketime, chance, wanted):
    wire.expect(*[DOWN] * 8)
    failure(make_client(retries=7, chance=lambda: chance), Unreachable)
    assert faketime.slept == wanted


def test_jitter_differs_from_pause_to_pause(wire, make_client, faketime):
    wire.expect(*[DOWN] * 9)
    failure(make_client(retries=8), Unreachable)
    assert len(set(faketime.slept[4:])) == 4 and all(4 <= pause <= 8 for pause in faketime.slept[4:])


@pytest.mark.parametrize("timeout, retries, spent", [(30, 5, 30), (10, 3, 7), (10, 20, 10), (600, 0, 600)])
def test_all_attempts_end_before_the_deadline(wire, make_client, faketime, timeout, retries, spent):
    def slow(sent):
        faketime.now += min(spent, sent.options["timeout"])
        return requests.exceptions.ReadTimeout("slow")

    wire.serve(slow)
    began = faketime.now
    error = failure(make_client(timeout=timeout, retries=retries), Unreachable)
    assert faketime.now - began <= timeout * max(1, retries)
    assert f"no response within {wire.sent[-1].options['timeout']:.3g} s" in str(error)


def test_a_throttle_slows_everybody_down(wire, make_client, faketime):
    pace = Pace(10, faketime.clock, faketime.sleep)
    wire.expect(reply(status=429, body=b"", Retry_After="3"), GOOD, GOOD, GOOD)
    client = make_client(pace=pace)
    call(client)
    assert client.throttled == 1 and faketime.now >= 1003
    began = faketime.now
    call(client)
    assert faketime.now - began > 0.11
    call(client)
    assert client.throttled == 1


@pytest.mark.parametrize(
    "max_retries, retries, wanted", [(0, 5, 1), (1, 5, 2), (1, 0, 1), (None, 5, 6), (None, 0, 1), (None, 2, 3)]
)
def test_an_error_says_how_often_it_is_worth_trying(wire, make_client, max_retries, retries, wanted):
    wire.expect(*[GOOD] * wanted)

    def read(answer):
        raise Denied("no", max_retries=max_retries)

    client = make_client(retries=retries)
    with pytest.raises(Denied) as caught:
        call(client, read)
    assert client.requests == wanted
    assert ("tried" in str(caught.value)) is (wanted > 1)


def test_x12_an_error_that_passed_is_forgotten(wire, make_client):
    """The vendor's retryer keeps the first error, and raises it after successes."""
    wire.expect(reply(status=429, body=b""), DOWN, GOOD)
    client = make_client()
    assert call(client) == {"ok": 1}
    assert (client.requests, client.retries, client.throttled) == (3, 2, 1)


def test_the_last_error_is_told_and_not_the_first(wire, make_client):
    wire.expect(reply(status=429, body=b""), DOWN)
    assert "no route" in str(failure(make_client(retries=1), Unreachable))


def test_what_is_no_error_of_ours_is_not_hidden(wire, make_client):
    wire.expect(GOOD)
    with pytest.raises(KeyError):
        call(make_client(), lambda answer: answer.document["missing"])


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:hunter2@proxy.example.com:port",
        "http://user:hunter2@[::1",
        "socks9://user:hunter2@proxy.example.com",
        "http://user:hunter2@127.0.0.1:1",
    ],
)
def test_a_password_of_the_proxy_is_not_shown(monkeypatch, faketime, proxy):
    """Without a wire: requests reads the proxy's URL before it connects."""
    from ansible_collections.qcloud.crs.plugins.module_utils._api.endpoint import choose

    monkeypatch.setenv("HTTPS_PROXY", proxy)
    client = _client.Client(choose("redis.example.com", "v3", "x"), timeout=2, retries=0, clock=faketime.clock)
    error = failure(client, Unreachable)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "proxy",
    [
        "http://svc:madeupPartKey/madeupRestKey@10.0.0.9:3128",
        "http://svc:madeupPartKey?madeupRestKey@10.0.0.9:3128",
        "http://svc:madeupPartKey#madeupRestKey@10.0.0.9:3128",
        "http://svc:madeupPartKey@10.0.0.9:99999",
        "http://svc:madeupPartKey@10.0.0.9:port",
        "http://svc:madeupPartKey@[::1",
        "http://svc:madeupPartKey@.example.com:3128",
        "http://svc:madeupPartKey@:3128",
        "http://svc:madeupPartKey\u20ac@127.0.0.1:1",
        "svc:madeupPartKey@10.0.0.9:3128",
        "ftp://svc:madeupPartKey@10.0.0.9:3128",
        "http://:madeupPartKey@",
    ],
)
def test_nothing_of_a_proxy_that_is_no_url_is_shown(monkeypatch, faketime, name, proxy):
    from ansible_collections.qcloud.crs.plugins.module_utils._api.endpoint import choose

    monkeypatch.setenv(name, proxy)
    client = _client.Client(choose("redis.example.com", "v3", "x"), retries=3, clock=faketime.clock)
    error = failure(client, Unreachable)
    assert str(error) == (
        "Asking of crs-1: HTTPS_PROXY is not a valid proxy URL: check its scheme, host "
        "and port, and write / ? # @ of a password as %2F %3F %23 %40"
    )
    assert client.requests == 1
    shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    for secret in (proxy, "madeupPart", "madeupRest", "10.0.0.9"):
        assert secret not in shown


def test_a_missing_library_for_a_proxy_is_not_the_proxy_s_fault(monkeypatch, faketime):
    from ansible_collections.qcloud.crs.plugins.module_utils._api.endpoint import choose

    monkeypatch.setenv("HTTPS_PROXY", "socks5h://svc:madeupPartKey@10.0.0.9:1080")
    monkeypatch.setattr(_client.sys, "executable", "/opt/odd/python")
    client = _client.Client(choose("redis.example.com", "v3", "x"), retries=3, clock=faketime.clock)
    assert str(failure(client, Unreachable)) == (
        "Asking of crs-1: the proxy in HTTPS_PROXY is a SOCKS proxy, and the Python library for that is missing in "
        "/opt/odd/python: install it there (pip install PySocks), or use an HTTP proxy"
    )
    assert client.requests == 1


@pytest.mark.parametrize("proxy", [None, "http://svc:madeupPartKey@10.0.0.9:99999"])
def test_without_a_proxy_the_same_trouble_is_not_its_fault(wire, make_client, monkeypatch, proxy):
    """A proxy of another scheme, or one that NO_PROXY excludes, is not used."""
    if proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "elsewhere.example.com")
    wire.expect(ValueError("odd"))
    assert str(failure(make_client(retries=0), Unreachable)).endswith("the connection failed: ValueError: odd")
    wire.expect(TypeError("ours"))
    with pytest.raises(TypeError):
        call(make_client(retries=0))


def test_a_missing_library_names_interpreter_and_remedy(monkeypatch):
    monkeypatch.setattr(_client, "HAS_REQUESTS", False)
    monkeypatch.setattr(_client.sys, "executable", "/opt/odd/python")
    with pytest.raises(MissingLibrary) as caught:
        _client.Client(None)
    said = str(caught.value)
    assert "requests is missing in /opt/odd/python" in said and "{{ ansible_playbook_python }}" in said
    assert caught.value.as_dict()["kind"] == "missing_library"


def test_without_the_library_all_can_be_imported():
    """The error has to come from the client, in words, and not from the import of a module."""
    code = """
import sys
sys.modules.update(requests=None, urllib3=None)
from ansible_collections.qcloud.crs.plugins.module_utils._http import client as _client
from ansible_collections.qcloud.crs.plugins.module_utils import _connection
from ansible_collections.qcloud.crs.plugins.module_utils._credentials import instance_role as _instance_role
from ansible_collections.qcloud.crs.plugins.module_utils._errors import MissingLibrary
try:
    _client.Client(None)
except MissingLibrary as error:
    print(error)
"""
    path = os.pathsep.join([str(Path(_client.__file__).parents[6]), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "the Python library requests is missing in" in done.stdout and done.returncode == 0, done.stdout


def test_the_cause_of_causes_is_looked_for_with_an_end():
    deep = OSError("the innermost")
    for number in range(30):
        outer = OSError(f"level {number}")
        outer.__cause__ = deep
        deep = outer
    assert _client._root(deep) == "OSError: level 19"
    ring = OSError("a ring")
    ring.reason = ring
    assert _client._root(ring) == "OSError: a ring"


@pytest.mark.parametrize("value", [" ap-x", "ap-x ", "ap\nx", "\u5e7f\u5dde", "", "ap-\u00e9"])
@pytest.mark.parametrize(
    ("header", "option"), [("X-TC-Region", "region"), ("X-TC-Token", "token"), ("X-Other", "X-Other")]
)
def test_a_header_that_no_request_can_carry_names_its_option(wire, make_client, header, option, value):
    def build_it():
        return _client.Message({"Host": "redis.example.com", header: value}, b"body")

    with pytest.raises(InvalidOption) as caught:
        make_client().call("Asking of crs-1", build_it, None)
    assert caught.value.reason.startswith(f"{option} has ") and wire.sent == []
    assert not value or value.strip() not in caught.value.reason


def test_what_requests_refuses_to_prepare_is_an_error_of_ours(wire, make_client, monkeypatch):
    def refuse(*args):
        raise requests.exceptions.InvalidHeader("invalid")

    monkeypatch.setattr(requests.Session, "prepare_request", refuse)
    client = make_client(retries=0)
    assert "InvalidHeader" in failure(client, Unreachable).reason
