# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP request, the API call it carries, and the reply: plain data between the layers."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

FORM = "application/x-www-form-urlencoded"


class Request:
    """One HTTP request: header names in lower case, `query` as sent, `connection` the number of its TCP connection."""

    def __init__(self, method, path, query, headers, body, connection=0):
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.connection = connection

    @property
    def host(self):
        return self.headers.get("host", "")

    @property
    def content_type(self):
        return self.headers.get("content-type", "")

    def form(self):
        """The parameters of a query string or a form body, never of both."""
        text = self.query
        if self.method == "POST":
            text = self.body.decode("utf-8", "replace") if self.content_type.split(";")[0].strip() == FORM else ""
        return dict(parse_qsl(text, keep_blank_values=True))


class Call:
    """What is asked: filled by a dialect's `read`, then by authentication; faults may turn the knobs at its end."""

    def __init__(self, request, api):
        self.request = request
        self.api = api  # v2 or v3
        self.service = "redis"  # or sts
        self.action = ""
        self.version = ""
        self.region_sent = ""
        self.region = None  # the long code
        self.params = None  # Params
        self.common = {}  # signing parameters: SecretId, Timestamp, Nonce, Token, Signature...
        self.instances = []  # ids named by the request
        self.offset = 0
        self.limit = None
        self.unsigned = False  # whether it says who asks by other means than a signature
        self.problem = None  # the Refusal of a request that can't even be read
        self.credential = None
        self.active = None  # the faults at work on this call
        self.skew = 0  # seconds the server's clock is wrong
        self.offset_in_pages = False
        self.ignore_status = False


class Reply:
    """One HTTP reply. `length` may lie; `send(sock, head, body)` may replace the plain way of sending, and then closes."""

    def __init__(self, status, body, content_type="application/json"):
        self.status = status
        self.body = body
        self.headers = {"Content-Type": content_type}
        self.length = None
        self.send = None
        self.close = False
        self.skew = 0

    @classmethod
    def of(cls, document, status=200):
        """A JSON reply."""
        return cls(status, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
