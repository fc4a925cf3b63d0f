# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP, the log and the command line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

import emulator
import pytest
from emulator import server
from emulator_client import Client

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(emulator.__file__)))
FLEET = {"instances": [{"id": "crs-a", "schedule": {"count": 2}}]}


class Recorder:
    """A socket that remembers what was sent, call by call."""

    def __init__(self, sock, sends):
        self.sock = sock
        self.sends = sends

    def sendall(self, data):
        self.sends.append(data)
        self.sock.sendall(data)

    def __getattr__(self, name):
        return getattr(self.sock, name)


def test_a_reply_leaves_in_one_send_without_delay(serve, monkeypatch):
    """Two sends, or Nagle's algorithm, would cost a keep-alive client 40 ms for each request."""
    sends, delays = [], []
    original = server.Connection.setup

    def setup(connection):
        original(connection)
        delays.append(connection.request.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        connection.request = Recorder(connection.request, sends)

    monkeypatch.setattr(server.Connection, "setup", setup)
    client = serve()[1]
    for _number in range(3):
        assert client.code() is None
    assert len(sends) == 3 and delays == [1]
    assert all(data.startswith(b"HTTP/1.1 200 OK\r\n") and data.endswith(b"}}") for data in sends)


def test_log(serve):
    served, client = serve()
    client.v3(InstanceId="crs-many0001", Limit=5, Offset=5)
    client.v2_list("crs-unknown1")
    first, second = served.log
    assert first["params"] == {"InstanceId": "crs-many0001", "Limit": 5, "Offset": 5}
    assert (
        first["api"],
        first["action"],
        first["instance"],
        first["offset"],
        first["limit"],
        first["region"],
        first["outcome"],
    ) == ("v3", "DescribeInstanceBackups", "crs-many0001", 5, 5, "ap-guangzhou", "ok")
    assert first["in_flight"] == 1 and abs(first["at"] - time.time()) < 10
    assert (second["api"], second["outcome"], second["connection"]) == ("v2", "10701", first["connection"])
    other = Client(served.url)
    other.v3_raw()
    other.stop()
    assert served.log[2]["connection"] != first["connection"]


def test_log_keeps_no_secret(serve):
    served, client = serve()
    caller = client.as_("AKIDtemporary", token="tok+/=")
    caller.v2_list()
    caller.v3()
    caller.stop()
    text = json.dumps(served.log)
    assert "tok+" not in text and 'Signature"' not in text and "Authorization" not in text


def test_bad_http(serve):
    served = serve()[0]
    for sent, status in (
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
    ):
        with socket.create_connection(("127.0.0.1", served.port), 60) as sock:
            sock.sendall(sent)
            assert sock.recv(1000).split()[1] == status


def test_a_client_may_ask_to_close(serve):
    answer = serve()[1].v3_raw(headers={"Connection": "close"})
    assert answer.status_code == 200 and answer.headers["Connection"] == "close"


def test_it_listens_on_loopback_only(serve):
    assert serve()[0].server.server_address[0] == "127.0.0.1"


@contextlib.contextmanager
def run(tmp_path, *options, module=False, fleet=None):
    """The emulator as a process of its own, which ends with the block even if a test fails."""
    path = tmp_path / "fleet.json"
    path.write_text(fleet or json.dumps(FLEET), encoding="utf-8")
    start = ["-m", "emulator"] if module else [os.path.join(TESTS, "emulator")]
    process = subprocess.Popen(
        [sys.executable] + start + ["--fleet", str(path), "--lifetime", "120"] + list(options),
        cwd=str(tmp_path),
        env=dict(os.environ, PYTHONPATH=TESTS if module else ""),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("module", [True, False])
def test_command_line(tmp_path, module):
    ready = tmp_path / "ready.json"
    with run(tmp_path, "--ready-file", str(ready), module=module) as process:
        told = json.loads(process.stdout.readline())
        assert told["pid"] == process.pid and told["url"].endswith(":%d" % told["port"])
        deadline = time.monotonic() + 30
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert json.loads(ready.read_text(encoding="utf-8")) == told
        client = Client(told["url"])
        assert client.v3(InstanceId="crs-a")["TotalCount"] == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        client.stop()


def test_command_line_ends_by_itself(tmp_path):
    with run(tmp_path, "--lifetime", "0.2") as process:
        assert process.wait(30) == 0


def test_command_line_pins_the_time(tmp_path):
    with run(tmp_path, "--now", "2026-05-28T20:26:40Z") as process:
        client = Client(json.loads(process.stdout.readline())["url"])
        assert client.v3(InstanceId="crs-a")["BackupSet"][0]["StartTime"] == "2026-05-29 01:26:40"
        client.stop()


@pytest.mark.parametrize("fleet, words", [("instances: [{}]", "instances[0].id: is required"), ("a: [", "is not YAML")])
def test_command_line_says_what_is_wrong(tmp_path, fleet, words):
    with run(tmp_path, fleet=fleet) as process:
        errors = process.stderr.read()
        assert process.wait(30) == 2 and words in errors and errors.count("\n") == 1
