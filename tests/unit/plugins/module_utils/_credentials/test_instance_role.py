# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.server
import json
import threading
import time

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._credentials import instance_role
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._errors import AuthError

TIMEOUT = instance_role.TIMEOUT
GOOD = {
    "Code": "Success",
    "TmpSecretId": "role-id",
    "TmpSecretKey": "madeupRoleKey001",
    "Token": "madeupRoleToken001",
    "ExpiredTime": 4102444800,
}


@pytest.fixture
def metadata(monkeypatch):
    """``metadata({path: (status, body) or a function})`` serves the metadata address; returns the paths asked for."""
    servers = []

    def serve(answers):
        asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                answer = answers[self.path.rpartition("/")[2]]
                status, body = answer() if callable(answer) else answer
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        monkeypatch.setattr(instance_role, "METADATA", f"http://127.0.0.1:{server.server_port}/cam/")
        # A busy machine needs more than a moment.
        monkeypatch.setattr(instance_role, "TIMEOUT", 30)
        return asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_role_then_its_credentials(metadata):
    asked = metadata({"": (200, "audit\n"), "audit": (200, json.dumps(GOOD))})
    assert instance_role.fetch() == (Credentials("role-id", "madeupRoleKey001", "madeupRoleToken001"), 4102444800)
    assert asked == ["/cam/", "/cam/audit"]


def test_the_environments_proxy_is_not_asked(metadata, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    metadata({"": (200, "audit"), "audit": (200, json.dumps(GOOD))})
    assert instance_role.fetch()[0].secret_id == "role-id"


@pytest.mark.parametrize(
    "answers, said",
    [
        ({"": (404, "")}, "HTTP 404: bind a role to this virtual machine"),
        ({"": (302, "")}, "HTTP 302"),
        ({"": (200, "")}, "returns no role: bind one"),
        ({"": (200, "<html>")}, "returns no role"),
        ({"": (200, "../../x")}, "returns no role"),
        ({"": (200, "audit"), "audit": (404, "")}, "HTTP 404"),
        ({"": (200, "audit"), "audit": (200, "no json")}, "no credentials for the role audit"),
        ({"": (200, "audit"), "audit": (200, "[]")}, "no credentials for the role audit"),
        (
            {"": (200, "audit"), "audit": (200, json.dumps({**GOOD, "Code": "Failed"}))},
            "no credentials for the role audit",
        ),
        (
            {"": (200, "audit"), "audit": (200, json.dumps({**GOOD, "TmpSecretKey": None}))},
            "no credentials for the role",
        ),
        (
            {"": (200, "audit"), "audit": (200, json.dumps({**GOOD, "ExpiredTime": None}))},
            "no credentials for the role",
        ),
    ],
)
def test_where_there_is_none_it_is_said(metadata, answers, said):
    metadata(answers)
    with pytest.raises(AuthError, match=said) as caught:
        instance_role.fetch()
    assert "madeup" not in str(caught.value) and caught.value.max_retries == 0


def test_an_address_that_never_answers_holds_nobody_up(metadata, monkeypatch):
    over = threading.Event()
    metadata({"": lambda: (200, "audit" if over.wait(30) else "late")})
    monkeypatch.setattr(instance_role, "TIMEOUT", TIMEOUT)
    began = time.monotonic()
    with pytest.raises(AuthError, match="did not respond within 1 s: is this a virtual machine") as caught:
        instance_role.fetch()
    assert time.monotonic() - began < 15 and caught.value.max_retries == 0
    over.set()


def test_off_the_cloud_nobody_answers(monkeypatch):
    monkeypatch.setattr(instance_role, "METADATA", "http://127.0.0.1:9/cam/")
    with pytest.raises(AuthError, match="no credentials of an instance role: the metadata address did not respond"):
        instance_role.fetch()
