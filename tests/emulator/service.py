# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service without its sockets: a Request goes in, a Reply comes out."""

from __future__ import annotations

import threading
import time
from collections import deque

from . import control, storage, v2, v3
from .auth import Gate
from .errors import Refusal
from .faults import Faults
from .limits import Limits
from .messages import Reply

DIALECTS = {v2.PATH: v2, v3.PATH: v3}
KEPT_LOG = 200000  # entries; a long demonstration must not eat the memory
# Never written to the log.
SECRETS = {"Signature", "SecretKey", "Token", "WebIdentityToken"}


class Service:
    """One fleet, who may see it, the faults that are set, and the log of what was asked."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.clock = fleet.clock
        self.gate = Gate(fleet.credentials)
        self.limits = Limits(fleet.settings.rate_limit)
        self.faults = Faults(fleet.faults)
        self.url = ""  # where it is served, for addresses of files
        self.storage = storage.Storage(self.clock, self.faults)
        self.log = deque(maxlen=KEPT_LOG)
        self._in_flight = 0
        self._lock = threading.Lock()

    def handle(self, request):
        """The reply to one HTTP request."""
        if request.path.startswith(control.PREFIX):
            return control.handle(self, request)
        if request.path.startswith(storage.PREFIX):
            return self.storage.handle(request)
        dialect = DIALECTS.get(request.path)
        if dialect is None:
            return Reply(404, b"not found\n", "text/plain")
        if request.method not in ("GET", "POST"):
            return Reply(405, b"method not allowed\n", "text/plain")
        with self._lock:
            self._in_flight += 1
            in_flight = self._in_flight
        try:
            return self._serve(dialect, request, in_flight)
        finally:
            with self._lock:
                self._in_flight -= 1

    def _serve(self, dialect, request, in_flight):
        arrived = time.time()
        call = dialect.read(request)
        call.active = self.faults.choose(call)
        call.active.run("setup", call)
        document, code = self._answer(dialect, call)
        reply = Reply.of(call.active.transform("document", call, document))
        if self.fleet.settings.latency:
            time.sleep(self.fleet.settings.latency)
        reply.skew = call.skew
        self.log.append(self._entry(call, code, arrived, in_flight))
        call.active.run("reply", call, reply)
        return reply

    def _answer(self, dialect, call):
        """(document, code); a request is authenticated even if a fault is going to swallow its answer."""
        try:
            if not call.unsigned:
                call.credential = self.gate.admit(call, self.clock.wall() + call.skew)
            if call.problem:
                raise call.problem
            if call.credential:
                self.limits.take(call.credential.secret_id)
            call.active.run("before", call, self)
            return dialect.answer(call, self), ""
        except Refusal as refusal:
            return dialect.refuse(refusal), str(refusal.v2[0] if call.api == "v2" else refusal.v3[0])

    @staticmethod
    def _entry(call, code, arrived, in_flight):
        """One line of the log: what was asked, by which connection, and what came of it."""
        common = {name: value for name, value in call.common.items() if name not in SECRETS}
        params = {name: value for name, value in call.params.values.items() if name not in SECRETS}
        return {
            "api": call.api,
            "service": call.service,
            "action": call.action,
            "params": dict(common if call.api == "v2" else {}, **params),
            "instance": call.instances[0] if call.instances else None,
            "offset": call.offset,
            "limit": call.limit,
            "region": call.region_sent,
            "outcome": (call.active.names + [code or "ok"])[0],
            "code": code,
            "faults": call.active.names,
            "at": arrived,
            "in_flight": in_flight,
            "connection": call.request.connection,
        }
