# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes `emulator` importable wherever the test tree lies, and gives each test a client of either dialect."""

from __future__ import annotations

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from emulator import Emulator
from emulator_client import FLEET, Client


def pytest_itemcollected(item):
    # Coverage of the emulator is not measured.
    item.add_marker(pytest.mark.without_coverage)


@pytest.fixture
def serve():
    """`serve(fleet, **options)` -> (emulator, client); everything is stopped at the end."""
    running = []

    def start(fleet=None, **options):
        emulator = Emulator(fleet or FLEET, **options).start()
        client = Client(emulator.url)
        running.extend([client, emulator])
        return emulator, client

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def client(serve):
    return serve()[1]


@pytest.fixture
def faulty(serve):
    """`faulty(name, **arguments)` -> a client of an emulator with that fault."""

    def start(name, **arguments):
        emulator, client = serve()
        emulator.set_faults([dict(arguments, name=name)])
        return client

    return start
