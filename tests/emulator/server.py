# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 over TCP or TLS, on loopback only.

Written by hand instead of on http.server, for control of every byte and for speed: a reply leaves in one send with
TCP_NODELAY, so no client ever waits 40 ms for a delayed acknowledgement.
"""

from __future__ import annotations

import itertools
import socket
import socketserver
import ssl
import sys
import threading
from email.utils import formatdate
from http import HTTPStatus

from .messages import Reply, Request

MAX_LINE = 1 << 16
MAX_BODY = 10 << 20  # bytes; the documented limit for TC3
HOST = "127.0.0.1"


class BadRequest(Exception):
    """HTTP that can't be read: (status, text)."""


def read_request(stream, connection):
    """The next Request of a connection, or None at its end."""
    line = stream.readline(MAX_LINE)
    if not line.strip():
        return None
    try:
        method, target, _version = line.decode("latin-1").split()
    except ValueError:
        raise BadRequest(400, "bad request line") from None
    headers = _read_headers(stream)
    if "transfer-encoding" in headers:
        raise BadRequest(411, "length required")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise BadRequest(413, "content too large")
    path, _mark, query = target.partition("?")
    return Request(method, path, query, headers, stream.read(int(length)), connection)


def _read_headers(stream):
    """Header names in lower case -> values."""
    headers = {}
    for line in iter(lambda: stream.readline(MAX_LINE), b""):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            return headers
        headers[name.strip().lower()] = value.strip()
    return headers


def render_head(reply, now):
    """The status line and headers of a reply, blank line included."""
    headers = {"Server": "crs-emulator", "Date": formatdate(now + reply.skew, usegmt=True)}
    length = len(reply.body) if reply.length is None else reply.length
    if length >= 0:
        headers["Content-Length"] = length
    if reply.close or reply.send:
        headers["Connection"] = "close"
    headers.update(reply.headers)
    status = "HTTP/1.1 %d %s" % (reply.status, HTTPStatus(reply.status).phrase)
    return "\r\n".join([status] + ["%s: %s" % header for header in headers.items()] + ["", ""]).encode(
        "latin-1", "replace"
    )


class Connection(socketserver.BaseRequestHandler):
    """One TCP connection: requests one after the other until either side closes."""

    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.server.tls:
            # Here rather than on accept, so that a slow handshake delays no other client.
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.server.opened(self.request)
        self.number = next(self.server.numbers)

    def handle(self):
        with self.request.makefile("rb") as stream:
            while True:
                try:
                    request = read_request(stream, self.number)
                    if request is None:
                        return
                    reply = self.server.service.handle(request)
                    reply.close |= request.headers.get("connection", "").lower() == "close"
                except BadRequest as problem:
                    reply = Reply(problem.args[0], problem.args[1].encode(), "text/plain")
                    reply.close = True
                if not self.answer(reply):
                    return

    def answer(self, reply):
        """Send it; whether the connection lives on."""
        head = render_head(reply, self.server.service.clock.wall())
        if reply.send:
            reply.send(self.request, head, reply.body)
            return False
        self.request.sendall(head + reply.body)
        return not reply.close

    def finish(self):
        self.server.closed(self.request)
        self.request.close()


class Server(socketserver.ThreadingTCPServer):
    """A thread for each connection; `port` is what the system gave."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, service, port=0, tls=None):
        super().__init__((HOST, port), Connection)
        self.service = service
        self.numbers = itertools.count(1)
        self.tls = None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)
        self._sockets = set()
        self._lock = threading.Lock()

    @property
    def port(self):
        return self.server_address[1]

    @property
    def url(self):
        return "%s://%s:%d" % ("https" if self.tls else "http", HOST, self.port)

    def opened(self, sock):
        with self._lock:
            self._sockets.add(sock)

    def closed(self, sock):
        with self._lock:
            self._sockets.discard(sock)

    def shutdown_request(self, request):
        """The handler closes its own socket: a shutdown here would turn a reset into an orderly end."""
        request.close()

    def handle_error(self, request, client_address):
        """Ignore errors of clients that went away, often because of a fault; report our own bugs."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def stop(self):
        """Stop serving and end the connections that are still open."""
        self.shutdown()
        self.server_close()
        with self._lock:
            for sock in self._sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
