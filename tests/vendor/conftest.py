# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet of vendor_fleet.py, served in the clear and over TLS."""

from __future__ import annotations

import os
import sys

import pytest
import trustme

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from emulator import Emulator  # noqa: E402
from vendor_fleet import FLEET  # noqa: E402


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Nothing here may leave this machine, whatever its environment says."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def emulator():
    """The fleet over plain HTTP."""
    with Emulator(FLEET) as served:
        yield served


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """(server's certificate and key, path of the certificate authority), all as PEM files."""
    folder = tmp_path_factory.mktemp("tls")
    made = trustme.CA()
    cert = made.issue_cert("127.0.0.1", "localhost")
    paths = [str(folder / name) for name in ("server.pem", "server.key", "ca.pem")]
    cert.cert_chain_pems[0].write_to_path(paths[0])
    cert.private_key_pem.write_to_path(paths[1])
    made.cert_pem.write_to_path(paths[2])
    return (paths[0], paths[1]), paths[2]


@pytest.fixture
def secure(authority):
    """The fleet over TLS."""
    with Emulator(FLEET, tls=authority[0]) as served:
        yield served
