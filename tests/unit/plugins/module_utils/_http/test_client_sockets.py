# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a real connection shows, on a loopback server."""

from __future__ import annotations

import socket
import threading
import time
from types import SimpleNamespace

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._api.endpoint import choose
from ansible_collections.qcloud.crs.plugins.module_utils._errors import BadResponse, Unreachable
from ansible_collections.qcloud.crs.plugins.module_utils._http import client as _client
from ansible_collections.qcloud.crs.plugins.module_utils._http.endpoint import Endpoint

GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"ok": 1}'


class Server:
    """``handle(connection, requests so far)`` answers each request of each connection."""

    def __init__(self):
        self.requests, self.connections, self.bytes = [], 0, 0
        self.handle = None
        self.stopped = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection:
            try:
                while True:
                    text = b""
                    while not text.endswith(b"body"):
                        read = connection.recv(65536)
                        if not read:
                            return
                        text += read
                    self.requests.append(text.decode())
                    if self.handle(connection, len(self.requests)) == "close":
                        return
            except OSError:
                return

    def drip(self, connection, head, drop, pause, most):
        connection.sendall(head)
        for _number in range(most):
            if self.stopped.wait(pause):
                break
            connection.sendall(drop)
            self.bytes += len(drop)
        return "close"


@pytest.fixture
def server():
    one = Server()
    yield one
    one.stopped.set()
    one.socket.close()


def answers(*texts):
    def handle(connection, number):
        text = texts[min(number, len(texts)) - 1]
        connection.sendall(text)
        return "close" if b"close" in text else None

    return handle


@pytest.fixture
def ask(server):
    def ask(times=1, **options):
        client = _client.Client(choose(f"http://127.0.0.1:{server.port}", "v3", "x"), **{"retries": 0, **options})
        host = client.endpoint.host
        for _time in range(times):
            answer = client.call(
                "Asking", lambda: _client.Message({"Host": host, "Authorization": "ours"}, b"body"), lambda a: a
            )
        return answer.document

    return ask


def test_one_connection_serves_many_requests(server, ask):
    server.handle = answers(GOOD)
    assert ask(times=5) == {"ok": 1}
    assert (server.connections, len(server.requests)) == (1, 5)


def test_a_connection_that_the_server_closed_is_made_anew(server, ask):
    def handle(connection, number):
        connection.sendall(GOOD)
        return "close"

    server.handle = handle
    assert ask(times=2, retries=1, sleep=lambda seconds: None) == {"ok": 1}
    assert server.connections == 2


def test_x23_the_host_with_its_port_is_sent(server, ask):
    server.handle = answers(GOOD)
    ask()
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in server.requests[0]


def test_netrc_and_proxies_are_not_asked_about_a_loopback_address(server, ask, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login thief password thief\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.handle = answers(GOOD)
    assert ask() == {"ok": 1}
    assert "\r\nAuthorization: ours\r\n" in server.requests[0]


def test_cookies_are_not_kept(server, ask):
    server.handle = answers(GOOD.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"))
    ask(times=2)
    assert "Cookie" not in server.requests[1]


def test_a_redirect_is_not_followed(server, ask):
    where = f"http://127.0.0.1:{server.port}/stolen"
    server.handle = answers(f"HTTP/1.1 307 Go\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode(), GOOD)
    with pytest.raises(BadResponse, match="redirects"):
        ask()
    assert len(server.requests) == 1


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + b'Content-Length: 100\r\n\r\n{"ok": 1}close',
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n64\r\n{"ok": 1}close',
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"o\r\nzz close',
        b'HTTP/1.1 200 OK\r\n\r\n{"ok": close',
    ],
    ids=["length", "chunk", "chunk-size", "until-close"],
)
def test_a_body_that_is_cut_off_is_told(server, ask, text):
    server.handle = answers(text)
    with pytest.raises(BadResponse):
        ask()


@pytest.mark.parametrize(
    "text",
    [b"close", b"HTTP/1.1 200 OK\r\nclose", b"not http at all close\r\n\r\n"],
    ids=["nothing", "head", "not-http"],
)
def test_no_answer_at_all(server, ask, text):
    server.handle = answers(text)
    with pytest.raises((Unreachable, BadResponse), match=r"connection failed|broke off|not a JSON"):
        ask()


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Content-Length: 100000\r\n\r\n",
        HEAD + b"X-Long: ",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
    ids=["body", "headers", "chunk"],
)
def test_a_server_that_sends_a_byte_now_and_then_is_bounded_by_timeout(server, ask, head):
    server.handle = lambda connection, number: server.drip(connection, head, b" ", 0.1, 300)
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"within 0\.[1-5]\d* s"):
        ask(timeout=0.5)
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    "head, drop",
    [
        (HEAD + b"Content-Length: 99999999\r\n\r\n", b"x" * 10000),
        (HEAD + b"\r\n", b"x" * 10000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + b"x" * 10000 + b"\r\n"),
    ],
    ids=["length", "until-close", "chunked"],
)
def test_a_body_that_is_too_large_is_not_read_to_its_end(server, ask, monkeypatch, head, drop):
    monkeypatch.setattr(_client, "MAX_BODY", 100000)
    server.handle = lambda connection, number: server.drip(connection, head, drop, 0.0002, 9999)
    with pytest.raises(BadResponse, match="larger than 100000 bytes"):
        ask(retries=3)
    assert len(server.requests) == 1
    assert server.bytes < 20_000_000


def test_who_was_given_up_on_reads_no_further():
    given_up, reads = threading.Event(), []

    def read(size, decode_content):
        reads.append(size)
        given_up.set()
        return b"x"

    answer = SimpleNamespace(headers={}, raw=SimpleNamespace(read=read))
    assert _client._body(answer, given_up) == b"x" and len(reads) == 1


def test_nobody_listens():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        client = _client.Client(choose(f"http://127.0.0.1:{held.getsockname()[1]}", "v3", "x"), retries=0)
        with pytest.raises(Unreachable, match="the connection failed: ConnectionRefusedError"):
            client.call("Asking", lambda: _client.Message({}, b"body"), None)


def test_a_name_that_is_none():
    client = _client.Client(Endpoint("https", "example..com", "/"), retries=0)
    with pytest.raises(Unreachable):
        client.call("Asking", lambda: _client.Message({}, b"body"), None)


def unreachable(endpoint, **options):
    client = _client.Client(choose(endpoint, "v3", "x"), **{"retries": 0, **options})
    with pytest.raises(Unreachable) as caught:
        client.call("Asking", lambda: _client.Message({"Host": client.endpoint.host}, b"body"), lambda answer: answer)
    return caught.value


def test_nobody_at_the_address_cannot_be_about_one_instance():
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        assert unreachable(f"http://127.0.0.1:{bound.getsockname()[1]}").meets_all
    assert unreachable("https://redis.example.invalid", timeout=5).meets_all


@pytest.mark.parametrize("why", ["stuck", "hangs up"])
def test_who_is_there_and_does_not_answer_may_be_stuck_on_one_instance(server, why):
    def handle(connection, number):
        return "close" if why == "hangs up" else server.stopped.wait(30)

    server.handle = handle
    client = _client.Client(choose(f"http://127.0.0.1:{server.port}", "v3", "x"), retries=0, timeout=0.3)
    with pytest.raises((Unreachable, BadResponse)) as caught:
        client.call("Asking", lambda: _client.Message({"Host": client.endpoint.host}, b"body"), lambda answer: answer)
    assert caught.value.meets_all is False
