# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between us and the API: each fault of the emulator, and the ways in which there is no way to it.

``World`` has what a case may need to be set up; a case without a ``way`` asks an emulator with the case's faults.
"""

from __future__ import annotations

import itertools
import socket
from collections import namedtuple

from emulator import Emulator

ONE = "crs-one00001"
#: Three pages of the usual size, within the seven days that API 2.0 shows, and old enough for the role's defaults.
COUNT = 205
FLEET = {
    "instances": [{"id": ONE, "region": "ap-guangzhou", "schedule": {"every": "43m", "last": "-1h", "count": COUNT}}],
    # Three pages of API 2.0 for lists of instances, too.
    "generate": [{"count": COUNT, "prefix": "crs-gen", "region": "ap-shanghai"}],
}
#: A listing with everything, and what the role makes of it.
FULL, PASS = "full", "pass"

#: ``v2`` and ``v3`` are what comes of a listing: FULL, or the kind of the error. ``role`` is the role's outcome where
#: that doesn't follow from it. ``way(world)`` returns options of the connection. In a ``timed`` case time runs out.
Case = namedtuple("Case", "title faults v2 v3 role way timed", defaults=(None, None, False))


#: Faults that change the fleet itself, so that other tests cannot use it afterwards.
CHANGING = {"moving", "vanishing"}


class World:
    """Emulators and other ends of a connection; ``monkeypatch`` is pytest's, ``authority`` one of ``certificates``.

    ``shared`` is an emulator that others have asked before and are going to ask.
    """

    def __init__(self, monkeypatch, authority, shared):
        self.monkeypatch = monkeypatch
        self.authority = authority
        self._shared = shared
        self._ends = []

    def with_faults(self, faults):
        """Return an emulator with these faults and an empty log."""
        changing = CHANGING & {fault["name"] for fault in faults}
        emulator = self.emulator() if changing else self._shared
        emulator.set_faults(faults)
        emulator.clear_log()
        return emulator

    def emulator(self, tls=None):
        emulator = Emulator(FLEET, tls=tls).start()
        self._ends.append(emulator.stop)
        return emulator

    def listener(self):
        """Return the port of a socket that takes connections and never says a word."""
        listening = socket.create_server(("127.0.0.1", 0))
        self._ends.append(listening.close)
        return listening.getsockname()[1]

    def closed_port(self):
        """Return a port on which nothing listens or can listen."""
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        self._ends.append(held.close)
        return held.getsockname()[1]

    def close(self):
        for end in self._ends:
            end()


def _no_name(world):
    look_up = socket.getaddrinfo

    def fail(host, *args, **kwargs):
        if host == "redis.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *args, **kwargs)

    world.monkeypatch.setattr(socket, "getaddrinfo", fail)
    return {"endpoint": "redis.invalid"}


def _proxy_down(world):
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        world.monkeypatch.delenv(name, raising=False)
    world.monkeypatch.setenv("HTTPS_PROXY", f"http://user:madeupProxyKey@127.0.0.1:{world.closed_port()}")
    return {"endpoint": "redis.invalid"}


def _tls(world, trusted=True, **certificate):
    emulator = world.emulator(tls=world.authority.issue(**certificate))
    return {"endpoint": emulator.url, **({"ca_path": world.authority.path} if trusted else {})}


def _way(title, way, timed=False):
    return Case(title, [], "unreachable", "unreachable", way=way, timed=timed)


def _fault(title, name, v2, v3=None, role=None, timed=False, **arguments):
    return Case(title, [{"name": name, **arguments}], v2, v3 or v2, role, timed=timed)


GROUPS = {
    "Before a connection": [
        _way("The name of the host doesn't resolve", _no_name),
        _way("The connection is refused", lambda world: {"endpoint": f"http://127.0.0.1:{world.closed_port()}"}),
        _way("The proxy of the environment is down", _proxy_down),
        _way("The server doesn't speak TLS", lambda world: {"endpoint": f"https://127.0.0.1:{world.emulator().port}"}),
        _way(
            "The server never answers the TLS handshake",
            lambda world: {"endpoint": f"https://127.0.0.1:{world.listener()}"},
            timed=True,
        ),
        _way("The certificate was issued by an unknown authority", lambda world: _tls(world, trusted=False)),
        _way("The certificate has expired", lambda world: _tls(world, days=-1)),
        _way("The certificate is for another host", lambda world: _tls(world, name="redis.example.com")),
    ],
    "The connection": [
        _fault("The connection is closed before a response", "drop", "unreachable"),
        _fault("The connection is reset", "reset", "unreachable"),
        _fault("The connection is closed between headers and body", "drop_after_headers", "bad_response"),
        _fault("The body ends before its stated length", "truncated", "bad_response"),
        _fault("The server closes its side of a connection that it promised to keep", "half_closed", FULL),
        _fault("The response takes longer than the timeout", "slow", "unreachable", timed=True, delay=30),
        _fault(
            "The body arrives byte by byte, for longer than the timeout", "drip", "unreachable", timed=True, delay=0.05
        ),
        _fault("The body has 5 GB", "huge", "bad_response", bytes=5 << 30),
    ],
    "HTTP": [
        _fault("Status 302, to another server", "redirect", "bad_response"),
        _fault("Status 429", "http_429", "throttled"),
        _fault("Status 429, with a request to wait 7 seconds", "http_429", "throttled", retry_after=7),
        _fault(
            "Status 429, with a request to wait until tomorrow",
            "http_429",
            "throttled",
            retry_after=86400,
            as_date=True,
        ),
        _fault("Status 500", "http_500", "server_error"),
        _fault("Status 500 for the third page only", "http_500", "server_error", page=3),
        _fault("Status 500 for the third page only, once", "http_500", FULL, page=3, times=1),
        _fault("Status 502", "http_502", "server_error"),
        _fault("Status 503, with a request to wait 7 seconds", "http_503", "server_error", retry_after=7),
        _fault("Status 503, twice", "http_503", FULL, times=2),
    ],
    "Errors of the API": [
        _fault("Too many requests", "throttle", "throttled"),
        _fault("Too many requests, twice", "throttle", FULL, times=2),
        _fault("An internal error", "internal_error", "server_error"),
        _fault("An undocumented error", "api_error", "invalid_request", code="4999", message="no"),
        _fault("This machine's clock is off by 10 minutes", "skew", "auth", seconds=600),
        _fault("An error that repeats the request's secrets", "echo_secret", "auth"),
    ],
    "The text of a response": [
        _fault("An HTML page with status 200, as a captive portal sends", "html", "bad_response"),
        _fault("An empty body with status 200", "empty", "bad_response"),
        _fault(
            "A JSON text that breaks off, although the body has its stated length", "truncated_json", "bad_response"
        ),
        _fault("A compressed body that was not requested", "gzip", "bad_response"),
        _fault("A compressed body that unpacks to 256 MiB", "gzip_bomb", "bad_response"),
        _fault("A text that is not UTF-8", "invalid_utf8", "bad_response"),
        _fault("Total and rows appear twice", "duplicate_keys", "bad_response"),
        _fault("A total of NaN", "nan", "bad_response"),
        _fault("A hundred thousand nested lists", "deep_nesting", "bad_response"),
        _fault("A JSON list", "wrong_type", "bad_response"),
        _fault("Null for every value", "all_null", "bad_response"),
        _fault("Null for the rows", "null_set", "bad_response"),
        _fault("No total", "missing_total", "bad_response"),
        _fault("Numbers as strings", "string_numbers", FULL),
        _fault("A content type with a charset", "charset", FULL),
        _fault("A content type that repeats the request's secrets", "echo_header", "bad_response"),
    ],
    "Pages and totals": [
        _fault("Pages of 20 rows, whatever page size is requested", "capped_page", FULL),
        _fault("The second page repeats the first", "duplicate_page", "incomplete"),
        _fault("Empty pages from the second on", "empty_page", "incomplete"),
        _fault("A total that is too high", "total_too_high", "incomplete", by=3),
        _fault("A total that is too low", "total_too_low", "incomplete", by=3),
        _fault("The API counts the offset in pages instead of rows", "offset_in_pages", FULL, "incomplete"),
        _fault("A new backup before every page", "moving", "incomplete", every="request"),
        _fault("A new backup between two pages, once", "moving", FULL, every="once"),
        _fault("A backup disappears before every page", "vanishing", "incomplete", every="request"),
        _fault("A backup disappears between two pages, once", "vanishing", FULL, every="once"),
    ],
    "Rows": [
        _fault("An undocumented status", "unknown_status", FULL),
        _fault("An undocumented type", "unknown_type", FULL),
        _fault("Backups of another instance", "other_instance", FULL, "bad_response"),
        _fault("Null for every value that a row may lack", "nulls", FULL),
        _fault("A row that repeats the request's secrets", "echo_row", "bad_response"),
        _fault("Backups of every status, although only some were requested", "ignore_status", FULL),
    ],
}
CASES = {case.title: case for case in itertools.chain.from_iterable(GROUPS.values())}
