# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore tests of files that the emulator's object storage hands out. Whatever comes of one, it leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from emulator import Emulator
from traces import CONFIDENTIAL, MEMORY, SECONDS, check_nothing_is_left

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import run


def need(program, package):
    """Return where a program is. Without it nothing is proved here, which CI takes for a failure."""
    found = shutil.which(program)
    if found is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say(f"expected: no {program} is installed (Debian: apt-get install {package}), so no backup was restored")
    return found


@pytest.fixture(scope="session")
def redis_server():
    return need("redis-server", "redis-server")


@pytest.fixture(scope="session")
def bwrap():
    """The path of bubblewrap, if it works: in many containers the kernel does not allow a sandbox."""
    path = need("bwrap", "bubblewrap")
    if not sandbox_works(path):
        pytest.skip("expected: bwrap can't build a sandbox on this machine")
    return path


def sandbox_works(path):
    command = [path, "--unshare-all", "--ro-bind", "/", "/", "true"]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


@pytest.fixture(scope="session")
def strict():
    """The strictest settings under which code in a file runs on this machine."""
    return {"sandbox": "require"} if sandbox_works(need("bwrap", "bubblewrap")) else {"functions": "allow"}


@pytest.fixture(scope="session")
def emulator():
    with Emulator({"instances": [{"id": "crs-one00001"}]}) as running:
        yield running


@pytest.fixture
def storage(emulator):
    emulator.set_faults([])
    emulator.storage.downloads.clear()
    return emulator.storage


@pytest.fixture
def source(emulator, storage):
    """`source(data)` is a file in object storage, `source(data, size=...)` one that the API says to be as large."""
    names = iter(range(1000))

    def put(data, size=None, lifetime=600, **more):
        name = f"crs-one00001/{next(names)}.rdb"
        storage.put(name, data, **more)
        return run.Source(lambda: storage.address(emulator.url, name, lifetime), len(data) if size is None else size)

    return put


@pytest.fixture
def work_dir():
    """A folder that others may pass: root's tests run as somebody else, from whom pytest keeps its own folders."""
    with tempfile.TemporaryDirectory(prefix="crs-unit-") as folder:
        os.chmod(folder, 0o711)
        yield folder


@pytest.fixture
def restore(source, work_dir, capfd, monkeypatch):
    """`restore(data, ...)` is what a restore test of that file says; options of Settings and Expected go by their names."""
    monkeypatch.setenv("CRS_MADEUP_VARIABLE", "madeupSomethingKey")

    def run_test(*files, **options):
        expected = {name: options.pop(name) for name in list(options) if name in run.Expected._fields}
        settings = {
            "download_hosts": ["127.0.0.1"],
            "work_dir": work_dir,
            "load_timeout": SECONDS,
            "download_timeout": SECONDS,
            "max_memory": MEMORY,
            **options,
        }
        sources = [file if isinstance(file, run.Source) else source(file) for file in files]
        report = run.run(sources, run.Settings(**settings), run.Expected(**{"files": len(files), **expected}))
        check_nothing_is_left(work_dir)
        said = json.dumps(report.as_dict()) + repr(capfd.readouterr())
        assert CONFIDENTIAL not in said and "127.0.0.1" not in said and "sign" not in said
        assert report.wiped and (report.word is None) == (report.message == "") == (report.outcome == "passed")
        return report

    return run_test
