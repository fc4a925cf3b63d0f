# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files an audit writes, with which modes, and the hash of the record."""

from __future__ import annotations

import json
import os
import stat
import subprocess

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._record import merge, stored
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import atomic_file, write
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import page
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.registry import REPORTS
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, every_kind
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW


def sha256sum(path):
    """Return the hash that the command says which the page names."""
    done = subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.split()[0]


def test_the_hash_of_a_record_is_that_of_its_file(tmp_path):
    """Whatever names its instances have, also those of which half a character is lost."""
    fleet = Fleet().add("a", name="订单库 🧨", tags={"环境": "生产"}).add("b", name="half \ud800 of one")
    paths = write.write_all(fleet.record(), str(tmp_path))[0]
    said = sha256sum(paths["record"])
    with open(paths["html"], encoding="utf-8") as file:
        assert f'<code class="hash">{said}</code>. To verify: <code>sha256sum audit-record.json</code>' in file.read()
    found = stored.read(paths["record"], NOW)
    assert found.sha256 == _record.stored(found.record).sha256 == said
    assert "".join(page.parts(found.record)) == "".join(page.parts(*found))


def test_of_a_record_in_another_form_the_hash_is_that_of_its_file_as_well(tmp_path):
    """As jq writes it, for example."""
    path = tmp_path / "audit-record.json"
    path.write_text(
        json.dumps(Fleet().add("a", name="订单库").record(), indent=4, ensure_ascii=False), encoding="utf-8"
    )
    found, said = stored.read(str(path), NOW), sha256sum(path)
    assert found.sha256 == said != _record.stored(found.record).sha256
    paths = write.write_reports(found, str(tmp_path))[0]
    with open(paths["html"], encoding="utf-8") as file:
        assert said in file.read()
    merged = merge.merge({str(path): found}, NOW, 1, 3600)
    assert [one["sha256"] for one in merged["slices"]] == [said]


def test_no_process_is_started_for_however_many_instances(tmp_path, monkeypatch):
    """While threads of requests may still be under way, a fork can wait for a lock that is never released."""
    fleet = Fleet()
    for number in range(60):
        fleet.add(f"crs-{number}")
    for name in ("fork", "posix_spawn"):
        monkeypatch.setattr(os, name, lambda *_args, **_more: pytest.fail("a process was started"))
    paths, _warnings = write.write_all(fleet.record(), str(tmp_path))
    assert list(paths) == write.NAMES


def test_each_file_has_its_own_mode(tmp_path):
    modes = atomic_file.parse_modes({"prometheus": "0644", "record": "0600"}, write.NAMES, "mode")
    paths, warnings = write.write_all(every_kind().record(), str(tmp_path), modes)
    found = {name: stat.S_IMODE(os.stat(path).st_mode) for name, path in paths.items()}
    assert found == {**dict.fromkeys(write.NAMES, 0o640), "record": 0o600, "prometheus": 0o644}
    assert warnings == []


def test_where_modes_can_not_be_set_a_warning_says_which_the_files_have(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_file.os, "chmod", lambda *_args: None)
    modes = atomic_file.parse_modes({"prometheus": "0644"}, write.NAMES, "mode")
    paths, warnings = write.write_all(every_kind().record(), str(tmp_path), modes)
    assert sorted(map(os.path.basename, paths.values())) == sorted(os.listdir(tmp_path))
    begin, end = (
        f"the file system of {str(tmp_path)!r} does not support modes: ",
        "Set who may read them where that file",
    )
    files = [_record.FILE_NAME, *(report.file_name for report in REPORTS)]
    others = ", ".join(file for file in files if file != "metrics.prom")
    assert [one.split(end)[0] for one in warnings] == [
        f"{begin}{others} should have 0640 and have 0600. ",
        f"{begin}metrics.prom should have 0644 and has 0600. ",
    ]
