# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our client against the emulator, in one process."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._api import endpoint
from ansible_collections.qcloud.crs.plugins.module_utils._api.v2 import ApiV2
from ansible_collections.qcloud.crs.plugins.module_utils._api.v3 import ApiV3
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._http.client import Client
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import Lister
from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_zone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from emulator import DEFAULT_CREDENTIALS, Emulator

DIALECTS = {"v2": ApiV2, "v3": ApiV3}
#: So long that no request is repeated because the machine is busy.
TIMEOUT, RETRIES = 10, 6


@pytest.fixture
def serve():
    """`serve(fleet)` starts an emulator; all are stopped at the end."""
    running = []

    def start(fleet):
        running.append(Emulator(fleet).start())
        return running[-1]

    yield start
    for emulator in running:
        emulator.stop()


@pytest.fixture
def lister():
    """`lister(emulator, "v2", ...)` is a Lister for it, with pauses that take no time."""

    def make(emulator, version, page_size=100, begin=None, end=None, concurrency=4, retries=RETRIES, timeout=TIMEOUT):
        credentials = Credentials(DEFAULT_CREDENTIALS["secret_id"], DEFAULT_CREDENTIALS["secret_key"], None)
        client = Client(
            endpoint.choose(emulator.url, version, "ap-guangzhou"),
            timeout=timeout,
            retries=retries,
            sleep=lambda seconds: None,
            pool=concurrency,
        )
        dialect = DIALECTS[version](client, lambda: credentials, "ap-guangzhou", parse_zone("+08:00"))
        now = datetime.now(timezone.utc)
        return Lister(dialect, now, begin, end, page_size, concurrency)

    return make
