# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is the old one or the new one, whole, whatever happens between."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import atomic_file


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_new_file(tmp_path):
    path = tmp_path / "report.html"
    atomic_file.write(str(path), "größer 订单\n")
    assert path.read_bytes() == "größer 订单\n".encode()
    assert os.listdir(tmp_path) == ["report.html"]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_owner_and_group_may_read_it_whatever_the_mask(tmp_path, mask):
    before = os.umask(mask)
    try:
        atomic_file.write(str(tmp_path / "record"), "x")
    finally:
        os.umask(before)
    assert mode(tmp_path / "record") == 0o640


@pytest.mark.parametrize("wanted", [0o600, 0o644, 0o664])
def test_a_file_gets_the_mode_that_was_asked_for(tmp_path, wanted):
    assert atomic_file.write(str(tmp_path / "record"), "x", wanted) == mode(tmp_path / "record") == wanted


def refuse(*_args):
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("chmod", [refuse, lambda *_args: None], ids=["refused", "ignored"])
def test_where_modes_can_not_be_set_the_file_is_written_and_its_mode_told(tmp_path, monkeypatch, chmod):
    """As on a share: some refuse, and some say nothing and set nothing."""
    path = tmp_path / "record"
    monkeypatch.setattr(atomic_file.os, "chmod", chmod)
    # What a new temporary file has.
    assert atomic_file.write(str(path), "new") == mode(path) == 0o600
    assert (path.read_text(), os.listdir(tmp_path)) == ("new", ["record"])


NAMES = ["record", "html", "prometheus"]


@pytest.mark.parametrize(
    "value, expected",
    [
        ("0644", [0o644, 0o644, 0o644]),
        ("600", [0o600, 0o600, 0o600]),
        ({"prometheus": "0644"}, [0o640, 0o640, 0o644]),
        ({"prometheus": "0644", "record": "0600", "html": None}, [0o600, 0o640, 0o644]),
        ({}, [0o640, 0o640, 0o640]),
        (None, [0o640, 0o640, 0o640]),
    ],
)
def test_a_mode_for_all_files_or_for_each(value, expected):
    assert list(atomic_file.parse_modes(value, NAMES, "mode").values()) == expected


@pytest.mark.parametrize(
    "value, said",
    [
        # 0644 and 644 as YAML reads them without quotes
        (0o644, r'^mode 420 is a number: write the mode in quotes, such as "0640" or "0644"$'),
        ({"prometheus": 644}, "^mode 644 is a number: write the mode in quotes"),
        ("u=rw,g=r", "^mode 'u=rw,g=r' is not a mode for a report: write it in octal"),
        ("", "^mode '' is not a mode"),
        (True, "^mode True is not a mode"),
        (["0644"], "^mode .'0644'. is not a mode"),
        # the writer could not read it, others could change evidence, a report is not a program
        ("0440", "is not a mode for a report"),
        ("0646", "is not a mode for a report"),
        ("0755", "is not a mode for a report"),
        ("4644", "is not a mode for a report"),
        ("0644\n", "is not a mode for a report"),
        ({"metrics": "0644"}, "^mode names 'metrics', which is not a report: use record, html, prometheus$"),
        ({1: "0644"}, "^mode names '1', which is not a report"),
    ],
)
def test_what_is_not_a_mode_is_named(value, said):
    with pytest.raises(InvalidOption, match=said):
        atomic_file.parse_modes(value, NAMES, "mode")


def test_folders_are_made(tmp_path):
    atomic_file.write(str(tmp_path / "a" / "b" / "record"), "x")
    assert (tmp_path / "a" / "b" / "record").read_text() == "x"


def test_an_old_file_is_replaced_and_not_written_into(tmp_path):
    path, link = tmp_path / "record", tmp_path / "link"
    path.write_text("old, and longer")
    path.chmod(0o666)
    os.link(path, link)
    atomic_file.write(str(path), "new")
    assert (path.read_text(), link.read_text(), mode(path)) == ("new", "old, and longer", 0o640)


def test_a_link_somebody_laid_is_not_followed(tmp_path):
    victim, path = tmp_path / "victim", tmp_path / "record"
    victim.write_text("keep")
    path.symlink_to(victim)
    atomic_file.write(str(path), "new")
    assert (victim.read_text(), path.read_text(), path.is_symlink()) == ("keep", "new", False)


@pytest.mark.parametrize(
    "step, error",
    [
        ("fsync", OSError("no space")),
        ("chmod", KeyboardInterrupt()),
        ("replace", OSError("busy")),
        ("replace", KeyboardInterrupt()),
        ("fsync", KeyboardInterrupt()),
        ("fsync", SystemExit(1)),
    ],
)
def test_a_failure_half_way_leaves_the_old_file_whole_and_nothing_else(tmp_path, monkeypatch, step, error):
    path = tmp_path / "record"
    path.write_text("old")

    def fail(*args, **kwargs):
        assert path.read_text() == "old"
        raise error

    monkeypatch.setattr(atomic_file.os, step, fail)
    with pytest.raises(type(error)):
        atomic_file.write(str(path), "new" * 100000)
    monkeypatch.undo()
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["record"])


def test_text_that_can_not_be_encoded_leaves_nothing_behind(tmp_path):
    with pytest.raises(TypeError):
        atomic_file.write(str(tmp_path / "record"), b"bytes")
    assert os.listdir(tmp_path) == []


def test_the_new_file_is_whole_before_it_has_the_name(tmp_path, monkeypatch):
    path, seen, replace = tmp_path / "record", [], os.replace

    def look(source, target):
        with open(source, encoding="utf-8") as file:
            seen.append((os.path.dirname(source), file.read(), mode(source), os.path.basename(source)[0]))
        replace(source, target)

    monkeypatch.setattr(atomic_file.os, "replace", look)
    atomic_file.write(str(path), "x" * 100000)
    assert seen == [(str(tmp_path), "x" * 100000, 0o640, ".")]


def test_a_folder_in_the_way_is_an_os_error(tmp_path):
    (tmp_path / "record").mkdir()
    with pytest.raises(OSError):
        atomic_file.write(str(tmp_path / "record"), "x")
    assert os.listdir(tmp_path) == ["record"]


def test_a_file_in_the_way_of_a_folder_is_an_os_error(tmp_path):
    (tmp_path / "a").write_text("file")
    with pytest.raises(OSError):
        atomic_file.write(str(tmp_path / "a" / "record"), "x")


def test_half_of_a_character_does_not_lose_the_record(tmp_path):
    """JSON of the API may hold a lone surrogate, in a name: the evidence of all others must not be lost over it."""
    atomic_file.write(str(tmp_path / "record"), "name \ud800 end")
    text = (tmp_path / "record").read_text(encoding="utf-8")
    assert text.startswith("name ") and text.endswith(" end")


def test_a_run_that_is_killed_leaves_the_old_file(tmp_path):
    path, started = tmp_path / "record", tmp_path / "started"
    path.write_text("old")
    code = (
        "import os, sys, time\n"
        "from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import atomic_file as _files\n"
        "def wait(descriptor):\n"
        "    open(sys.argv[2], 'w').close()\n"
        "    time.sleep(120)\n"
        "_files.os.fsync = wait\n"
        "_files.write(sys.argv[1], 'new')\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    process = subprocess.Popen([sys.executable, "-c", code, str(path), str(started)], env=environment)
    try:
        until = time.monotonic() + 60
        while not started.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        assert started.exists()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert path.read_text() == "old"


def test_a_file_that_cannot_be_removed_hides_no_error(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError("to remove it is refused")

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(ZeroDivisionError):
        atomic_file.write(str(tmp_path / "report.html"), (str(1 // number) for number in (1, 0)))
