# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run on a disk that is too small for its file: a file system of its own, in memory."""

from __future__ import annotations

import json
import subprocess
import sys

import fake_server
import interrupted_run
import pytest
from emulator.rdb import Snapshot
from fake_server import good_check, good_serve
from traces import CONFIDENTIAL

pytestmark = pytest.mark.without_coverage

ROOM = 256 << 10
DATA = Snapshot(10, created=1).database(0).key(CONFIDENTIAL, bytes(2 * ROOM)).data()


@pytest.fixture
def restored_on_small_disk(source, work_dir, tmp_path, bwrap):
    """`restored_on_small_disk(data, size)` is (outcome, word, message, what is left) where there is ROOM; the API says ``size``."""

    def run_test(data, size):
        settings = {
            "address": source(data).address(),
            "size": size,
            "server": fake_server.write(tmp_path / "server", good_check(len(data), 2), good_serve()),
            "work_dir": work_dir,
            "box": "limits",
            "stop": None,
        }
        disk = [bwrap, "--dev-bind", "/", "/", "--size", str(ROOM), "--tmpfs", work_dir]
        command = [*disk, sys.executable, interrupted_run.__file__, json.dumps(settings)]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert CONFIDENTIAL not in done.stdout and "sign=" not in done.stdout
        return json.loads(done.stdout)

    return run_test


def test_a_disk_that_fills_up_while_it_is_downloaded(restored_on_small_disk, storage):
    outcome, word, message, left = restored_on_small_disk(DATA, size=0)
    assert (outcome, word, left) == ("unknown", "no_disk_space", []) and "make room" in message
    assert len(storage.downloads) == 1


def test_a_file_that_is_known_not_to_fit(restored_on_small_disk, storage):
    outcome, word, message, left = restored_on_small_disk(DATA, size=len(DATA))
    assert (outcome, word, left) == ("unknown", "no_disk_space", [])
    assert f"{ROOM} are free" in message and storage.downloads == []


def test_one_that_fits(restored_on_small_disk):
    data = Snapshot(10, created=1).database(0).keys(2, CONFIDENTIAL).data()
    # It comes as far as to the canary, which this server knows nothing of.
    assert restored_on_small_disk(data, size=0)[:2] == ["unknown", "canary_too_large"]
