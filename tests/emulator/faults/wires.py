# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of HTTP and of the connection beneath it."""

from __future__ import annotations

import socket
import struct
import time
from email.utils import formatdate

from ..messages import Reply
from .registry import fault

BLOCK = 1 << 16


def _status(reply, status, text, retry_after=None, as_date=False):
    """Turn a reply into a gateway's error page."""
    reply.__dict__.update(Reply(status, ("%d %s\n" % (status, text)).encode(), "text/plain").__dict__)
    if retry_after is not None:
        date = as_date and isinstance(retry_after, (int, float))
        reply.headers["Retry-After"] = formatdate(time.time() + retry_after, usegmt=True) if date else str(retry_after)


@fault("reply")
def http_500(call, fault, reply):
    """HTTP status 500."""
    _status(reply, 500, "Internal Server Error")


@fault("reply")
def http_502(call, fault, reply):
    """HTTP status 502."""
    _status(reply, 502, "Bad Gateway")


@fault("reply", retry_after=None, as_date=False)
def http_503(call, fault, reply):
    """HTTP status 503; `retry_after`: seconds or a text, sent as a date if `as_date`."""
    _status(reply, 503, "Service Unavailable", fault["retry_after"], fault["as_date"])


@fault("reply", retry_after=None, as_date=False)
def http_429(call, fault, reply):
    """HTTP status 429; `retry_after`: seconds or a text, sent as a date if `as_date`."""
    _status(reply, 429, "Too Many Requests", fault["retry_after"], fault["as_date"])


@fault("reply", location="http://127.0.0.1:9/")
def redirect(call, fault, reply):
    """HTTP status 302 to `location`."""
    _status(reply, 302, "Found")
    reply.headers["Location"] = fault["location"]


@fault("reply")
def drop(call, fault, reply):
    """The connection is closed before a response, although the request was carried out."""
    reply.send = lambda sock, head, body: None


@fault("reply")
def drop_after_headers(call, fault, reply):
    """The connection is closed between headers and body."""
    reply.send = lambda sock, head, body: sock.sendall(head)


@fault("reply")
def half_closed(call, fault, reply):
    """A whole answer that promises to keep the connection, of which the server then closes its own side."""

    def send(sock, head, body):
        # Held back until the end is known, so that it goes out together with it: a client sees both, or neither.
        if hasattr(socket, "TCP_CORK"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        sock.sendall(head + body)
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(5)
        while sock.recv(BLOCK):
            pass

    reply.headers["Connection"] = "keep-alive"
    reply.send = send


@fault("reply")
def reset(call, fault, reply):
    """The connection is reset (RST) before an answer."""

    def send(sock, head, body):
        # Lingering for zero seconds makes close() send RST instead of FIN.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    reply.send = send


@fault("reply", missing=100)
def truncated(call, fault, reply):
    """The body ends `missing` bytes before its Content-Length."""
    reply.length = len(reply.body) + fault["missing"]
    reply.close = True


@fault("reply", delay=1.0)
def slow(call, fault, reply):
    """`delay` seconds pass before the answer."""
    time.sleep(fault["delay"])


@fault("reply", delay=0.01)
def drip(call, fault, reply):
    """The body comes byte by byte, `delay` seconds apart."""

    def send(sock, head, body):
        sock.sendall(head)
        for index in range(len(body)):
            sock.sendall(body[index : index + 1])
            time.sleep(fault["delay"])

    reply.send = send


@fault("reply", bytes=1 << 30)
def huge(call, fault, reply):
    """A body of `bytes` bytes without a Content-Length: JSON that begins well and never gets anywhere."""
    reply.length = -1

    def send(sock, head, body):
        sock.sendall(head + b'{"x":"')
        for start in range(0, fault["bytes"], BLOCK):
            sock.sendall(b"x" * min(BLOCK, fault["bytes"] - start))

    reply.send = send
