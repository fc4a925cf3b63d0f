# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A quiet environment, a scripted wire instead of the network, and APIs that use it.

Tests with a number such as x13 in their names play traps of the API: see docs/development/api-traps.md.
"""

from __future__ import annotations

import os
import random
import socket
import sys
from datetime import timedelta, timezone

import pytest
import requests

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from crs_fakes import SECRET_ID, SECRET_KEY, FakeTime, Wire

from ansible_collections.qcloud.crs.plugins.module_utils._api import endpoint as _endpoint
from ansible_collections.qcloud.crs.plugins.module_utils._api.v2 import ApiV2
from ansible_collections.qcloud.crs.plugins.module_utils._api.v3 import ApiV3
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._http.client import Client


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """No setting from outside counts, and nothing leaves this machine."""
    for name in list(os.environ):
        if name.startswith(("TENCENTCLOUD_", "TKE_")) or name.lower().endswith("_proxy") or name.endswith("_CA_BUNDLE"):
            monkeypatch.delenv(name)
    connect = socket.socket.connect

    def loopback_only(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1"):
            raise AssertionError(f"a connection to {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)


@pytest.fixture
def wire(monkeypatch):
    """Replaces the network; fails a test that sent less than the script has."""
    one = Wire()
    monkeypatch.setattr(requests.adapters, "HTTPAdapter", lambda **options: one)
    yield one
    assert not one.script, f"{len(one.script)} expected requests were not sent"


@pytest.fixture
def faketime():
    return FakeTime()


@pytest.fixture
def make_client(wire, faketime):
    """``make_client(endpoint="…", **options)`` -> a Client over the wire, with the fake clock."""

    def make(endpoint="redis.example.com", version="v3", **options):
        options = {"clock": faketime.clock, "sleep": faketime.sleep, "chance": random.Random(1).random, **options}
        return Client(_endpoint.choose(endpoint, version, "ap-guangzhou"), **options)

    return make


@pytest.fixture
def make_api(make_client):
    """``make_api("v2" or "v3", …)`` -> the dialect over the wire."""

    def make(version, region="ap-guangzhou", zone=timezone(timedelta(hours=8)), token=None, endpoint=None, **options):
        client = make_client(endpoint or "redis.example.com", version, **options)
        credentials = Credentials(SECRET_ID, SECRET_KEY, token)
        return {"v2": ApiV2, "v3": ApiV3}[version](client, lambda: credentials, region, zone)

    return make
