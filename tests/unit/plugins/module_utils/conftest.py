# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A quiet environment, a scripted wire in place of the network, and dialects that talk over it.

Traps of the API that have a test here (search for the number), and where:

X1   offset in records or pages      paging           X14  the vendor's packages           connection
X2   limit and offset required       api_v2           X15  families of codes mislead       api_v2, api_v3
X3   types as words or numbers       records          X16  region, finance hosts           endpoint, api_v2, api_v3
X4   two meanings of status          records, api_v3  X17  international host              endpoint
X5   status defaults to normal       api_v3           X18  a filter's default              api_v3
X6   windows of 30 and of 7 days     listing,         X19  names that mislead              api_v3
                                     connection       X20  URLs and keys are secrets       crs_backup_info
X7   offset a multiple of limit      paging           X21  names of the token's variable   credentials
X8   times without zone, or none     times, api_v3    X22  clocks                          api_v2, api_v3
X9   every field may be null         records          X23  the host is signed as sent      signing, endpoint,
X10  numbers as texts                records, api_v2                                       api_v2, api_v3, client
X11  a task number is no request id  api_v2           X24  a number with two names         api_v2
X12  errors that passed              client           X25  a total beyond the rows         paging, crs_backup_info
X13  content type with a charset     api_v2, api_v3
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
    """Stands in place of the network; fails a test that sent less than the script has."""
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
