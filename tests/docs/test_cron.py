# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's script for cron: what it leaves for node_exporter when a run judges, and when it does not."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
import time

import pytest

from ansible_collections.qcloud.crs.tests.docs.documents import RST, read

#: What stands in for ansible-playbook: it finds its folder among its arguments.
JUDGES = '#!/bin/sh\necho fresh > "$(expr "$*" : \'.*report_dir=\\([^ ]*\\)\')/metrics.prom"\nexit 2\n'
STOPS = "#!/bin/sh\nexit 2\n"
RUN = re.compile(r'crs_backup_last_run_timestamp_seconds\{audit="prod"\} (\d+)\n')


def script(folder):
    """Return the guide's script, with all its places below a folder."""
    block = re.search(r"\n( +#!/usr/bin/env bash\n(?:.*\n)*?)\n``/etc/cron.d", read(RST / "ci.rst"))
    text = textwrap.dedent(block[1])
    for name in ("project", "archive", "textfile"):
        text, count = re.subn(rf"^{name}=.*$", f"{name}={folder}/{name}", text, flags=re.MULTILINE)
        assert count == 1
    return text


@pytest.fixture
def place(tmp_path):
    for name in ("project", "archive", "textfile", "home/.local/bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "project/credentials").write_text("", encoding="utf-8")
    (tmp_path / "textfile/crs-backup-prod.prom").write_text("old\n", encoding="utf-8")
    (tmp_path / "script").write_text(script(tmp_path), encoding="utf-8")
    return tmp_path


def run(place, playbook):
    path = place / "home/.local/bin/ansible-playbook"
    path.write_text(playbook, encoding="utf-8")
    path.chmod(0o755)
    began = int(time.time())
    home = {**os.environ, "HOME": str(place / "home")}
    status = subprocess.run(["bash", str(place / "script")], check=False, env=home, timeout=60).returncode
    said = (place / "textfile/crs-run-prod.prom").read_text(encoding="utf-8")
    assert began <= int(RUN.fullmatch(said)[1]) <= time.time()
    assert sorted(path.name for path in (place / "textfile").iterdir()) == ["crs-backup-prod.prom", "crs-run-prod.prom"]
    return status, (place / "textfile/crs-backup-prod.prom").read_text(encoding="utf-8")


def test_a_run_that_judges(place):
    assert run(place, JUDGES) == (2, "fresh\n")


def test_a_run_that_judges_nothing(place):
    assert run(place, STOPS) == (2, "old\n")


def test_a_run_that_can_not_begin(place):
    (place / "project/credentials").unlink()
    assert run(place, JUDGES) == (1, "old\n")


def test_others_may_read_it(place):
    run(place, STOPS)
    assert (place / "textfile/crs-run-prod.prom").stat().st_mode & 0o777 == 0o644
