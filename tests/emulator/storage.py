# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object storage beside the API: files behind signed addresses that expire, as backups are handed out.

It lies below `/objects/` on the same loopback server. Anyone who has an address can read the file, until it expires.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from urllib.parse import parse_qsl, quote, unquote, urlencode

from .messages import Call, Reply

PREFIX = "/objects/"
LIFETIME = 6 * 3600  # as documented for API 3.0; API 2.0 has twelve hours
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Storage:
    """Files by name. `faults` are those of the service; to them a download is the action GetObject of the api `cos`."""

    def __init__(self, clock, faults):
        self.clock = clock
        self._faults = faults
        self._key = secrets.token_bytes(16)
        self._files = {}
        self._etags = {}
        self._refused = set()
        self._lock = threading.Lock()
        self.downloads = []

    def put(self, name, data, refused=False):
        """Keep a file; one that is `refused` has addresses, but not for this network. `data` may be a function that makes it."""
        with self._lock:
            self._files[name] = data
            self._etags.pop(name, None)
            (self._refused.add if refused else self._refused.discard)(name)

    def data(self, name):
        """What a file holds, or None."""
        with self._lock:
            data = self._files.get(name)
            if callable(data):
                data = self._files[name] = data()
        return data

    def address(self, base, name, lifetime=LIFETIME):
        """A new address of a file, below the URL of a server."""
        now = int(self.clock.wall())
        span = "%d;%d" % (now - 60, now + lifetime)
        return "%s%s%s?%s" % (
            base,
            PREFIX,
            quote(name),
            urlencode({"sign": self._sign(name, span), "q-sign-time": span}),
        )

    def _sign(self, name, span):
        return hmac.new(self._key, ("%s\n%s" % (name, span)).encode(), hashlib.sha1).hexdigest()

    def handle(self, request):
        """The reply to one request for a file."""
        name = unquote(request.path[len(PREFIX) :])
        call = Call(request, "cos")
        call.action = "GetObject"
        call.instances = [name.split("/")[0]]
        call.active = self._faults.choose(call)
        reply = self._reply(request, name)
        with self._lock:
            self.downloads.append((name, reply.status))
        call.active.run("reply", call, reply)
        return reply

    def _reply(self, request, name):
        if request.method != "GET":
            return error(405, "MethodNotAllowed", "The specified method is not allowed.")
        problem = self._refusal(name, dict(parse_qsl(request.query, keep_blank_values=True)))
        data = self.data(name)
        if problem:
            return error(403, "AccessDenied", problem)
        if data is None:
            return error(404, "NoSuchKey", "The specified key does not exist.")
        reply = self._part(data, request.headers.get("range"))
        if reply.status < 400:
            reply.headers["ETag"] = self._etag(name, data)
        return reply

    def _etag(self, name, data):
        """The tag of a file, computed once: of a large one, that takes longer than to send it."""
        if name not in self._etags:
            self._etags[name] = '"%s"' % hashlib.md5(data).hexdigest()
        return self._etags[name]

    def _refusal(self, name, sent):
        span = sent.get("q-sign-time", "")
        if not hmac.compare_digest(self._sign(name, span).encode(), sent.get("sign", "").encode()):
            return "The signature does not match."
        if not int(span.split(";")[0]) <= self.clock.wall() < int(span.split(";")[1]):
            return "Request has expired."
        return "Access is not allowed from this network." if name in self._refused else None

    @staticmethod
    def _part(data, wanted):
        """The whole file, or the range that was asked for."""
        reply = Reply(200, data, "application/octet-stream")
        found = RANGE.fullmatch(wanted or "")
        if found:
            first, last = int(found.group(1)), int(found.group(2) or len(data) - 1)
            if first >= len(data):
                return error(416, "InvalidRange", "The requested range can't be satisfied.")
            reply = Reply(206, data[first : last + 1], "application/octet-stream")
            reply.headers["Content-Range"] = "bytes %d-%d/%d" % (first, first + len(reply.body) - 1, len(data))
        return reply


def error(status, code, message):
    """Object storage says no in XML."""
    text = "<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>%s</Code>\n\t<Message>%s</Message>\n</Error>\n"
    return Reply(status, (text % (code, message)).encode(), "application/xml")
