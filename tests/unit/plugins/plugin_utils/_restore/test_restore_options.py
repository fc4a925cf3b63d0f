# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a restore test: what is wrong is named with its remedy before anything is asked, and no secret is."""

from __future__ import annotations

import os
import sys
import tempfile

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import options, programs, sandbox, workdir
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.choice import Choice
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.outcomes import NotPassed
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.server import Canary

SUM = "AB" * 32


def parse(**given):
    checked = ArgumentSpecValidator({**connection_spec(), **options.SPEC}).validate({"instance_id": "crs-1", **given})
    assert checked.error_messages == []
    return options.parse(checked.validated_parameters)


def test_what_holds_without_options():
    found = parse()
    assert (found.choice, found.internal, found.slack, found.files) == (Choice(), False, 900, None)
    assert (found.settings.max_size, found.settings.max_memory, found.settings.load_timeout) == (8 << 30, 0, 600)
    assert (found.settings.download_timeout, found.settings.verify, found.settings.work_dir) == (1800, True, None)
    assert (found.expected.min_keys, found.expected.databases, found.expected.canary) == (1, (), None)


def test_what_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    canary = {"key": "madeup", "sha256": SUM}
    found = parse(
        select="oldest",
        within="7d",
        network="internal",
        max_size="512M",
        max_memory="2G",
        work_dir="room",
        validate_certs=False,
        download_hosts=["127.0.0.1", "*.example.com", "files.example.com"],
        expect={"files": 2, "min_keys": 0, "databases": [0, 3], "canary": canary},
    )
    assert found.choice == Choice(None, "oldest", 7 * 86400) and found.internal and found.files == 2
    assert (found.settings.max_size, found.settings.max_memory, found.settings.verify) == (512 << 20, 2 << 30, False)
    assert found.settings.work_dir == str(tmp_path / "room")
    assert found.expected[1:4] == (0, (0, 3), Canary(0, "madeup", SUM))


def test_a_random_choice_has_a_seed():
    assert parse(select="random", seed="a").choice.seed == "a"
    made = [parse(select="random").choice.seed for _time in range(2)]
    assert made[0] != made[1] and all(len(seed) == 16 for seed in made)


@pytest.mark.parametrize(
    "given, said",
    [
        ({"backup_id": "b", "within": "1d"}, "backup_id and within are both set: .* leave it out"),
        ({"backup_id": "b", "select": "oldest"}, "backup_id and select are both set: .* leave out select 'oldest'"),
        ({"backup_id": "b", "select": "random", "seed": "a"}, "backup_id and select are both set"),
        ({"seed": "a"}, "seed 'a' has no effect with select 'newest': set select to random, or leave seed out"),
        ({"seed": "", "select": "oldest"}, "seed '' has no effect with select 'oldest'"),
        ({"backup_id": ""}, "backup_id '' is empty: give the id of a backup, or leave it out"),
        ({"max_memory": "99999999999T"}, "max_memory is [0-9]*: use 1125899906842624 or less"),
        ({"max_size": "99999999999T"}, "max_size is [0-9]*: use 1125899906842624 or less"),
        ({"within": "7"}, "within '7' has no unit"),
        ({"within": "0d"}, "within '0d' is zero, and no backup is that new"),
        ({"within": "9999999d"}, "within '9999999d' is longer than ten years: use a shorter time"),
        ({"created_slack": "999999999w"}, "created_slack '999999999w' is longer than ten years"),
        ({"download_timeout": "999999999w"}, "download_timeout '999999999w' is longer than ten years"),
        ({"load_timeout": "999999999w"}, "load_timeout '999999999w' is longer than ten years"),
        ({"work_dir": ""}, "work_dir '' is not a folder: give the path of one, or leave it out"),
        ({"record_dir": ""}, "record_dir '' is not a folder: give the path of one, or leave it out"),
        ({"record_dir": "a\0b"}, "record_dir .* is not a folder"),
        ({"record_dir": "/x", "work_dir": "/x"}, "record_dir '/x' contains the folder in which tests work, /x, and"),
        ({"record_dir": "/", "work_dir": "/x/y"}, "record_dir '/' contains the folder in which tests work, /x/y, and"),
        ({"created_slack": "2d"}, "created_slack is 2d: use from 0s to 24h"),
        ({"download_timeout": "0s"}, "download_timeout is 0s: use from 1s"),
        ({"load_timeout": "25h"}, "load_timeout is 25h: use from 1s"),
        ({"max_size": "0"}, "max_size is 0: use 1 or more"),
        ({"max_memory": "127M"}, "max_memory is 133169152: use 134217728 or more"),
        ({"server": ["redis-server"]}, "server 'redis-server' is not an absolute path"),
        *(
            (
                {"server": [sys.executable, path]},
                f"server '{path}' is not a program of this machine: give the path of redis",
            )
            for path in ("/nowhere/redis-server", "/usr", "/etc/passwd")
        ),
        ({"download_hosts": []}, "download_hosts is an empty list"),
        ({"download_hosts": ["https://a.example.com"]}, "download_hosts has 'https://a.example.com', which is not"),
        ({"download_hosts": ["*"]}, r"download_hosts has '\*', which is not"),
        ({"expect": {"files": 0}}, r"expect\.files is 0: use 1 or more"),
        ({"expect": {"min_keys": -1}}, r"expect\.min_keys is -1: use 0 or more"),
        ({"expect": {"min_key_ratio": 0}, "record_dir": "/x"}, r"expect\.min_key_ratio is 0\.0: use a number above 0"),
        (
            {"expect": {"min_key_ratio": 1.1}, "record_dir": "/x"},
            r"expect\.min_key_ratio is 1\.1: use a number above 0",
        ),
        ({"expect": {"min_key_ratio": "nan"}, "record_dir": "/x"}, r"expect\.min_key_ratio is nan"),
        ({"expect": {"min_key_ratio": 0.5}}, r"expect\.min_key_ratio needs record_dir"),
        ({"expect": {"databases": [65536]}}, r"expect\.databases has 65536: use a number from 0 to 65535"),
        (
            {"expect": {"canary": {"key": "madeup", "database": 65536, "sha256": "0" * 64}}},
            r"expect\.canary\.database is 65536: use a number from 0 to 65535",
        ),
        ({"expect": {"canary": {"key": "", "sha256": SUM}}}, r"expect\.canary\.key is blank"),
        (
            {"expect": {"canary": {"key": "madeup", "sha256": "madeup"}}},
            r"expect\.canary\.sha256 is not 64 hexadecimal",
        ),
        ({"validate_certs": False, "ca_path": "/x"}, "ca_path is '/x' but validate_certs is false"),
    ],
)
def test_what_can_not_be(given, said):
    with pytest.raises(InvalidOption, match=said) as problem:
        parse(**given)
    assert "madeup" not in str(problem.value)


@pytest.mark.parametrize("min_keys, last, least", [(1, 100, 80), (1, 101, 81), (90, 100, 90), (7, None, 7), (0, 0, 0)])
def test_the_least_number_of_keys_follows_from_the_last_test(min_keys, last, least):
    found = parse(record_dir="/x", expect={"min_keys": min_keys, "min_key_ratio": 0.8})
    baseline = None if last is None else options.Baseline("ab" * 16, last)
    made = options.compared(found, baseline, False)
    assert (made.expected.min_keys, made.baseline, made.baseline_known) == (least, baseline, False)


def test_without_a_ratio_nothing_is_compared():
    found = parse(expect={"min_keys": 7})
    assert options.compared(found, options.Baseline("ab" * 16, 100), False) == found


def test_a_folder_of_records_apart_from_that_of_the_tests(tmp_path, monkeypatch):
    """Beside or below it is as good. By links, too: what counts is where the files are."""
    assert parse(record_dir=str(tmp_path / "a"), work_dir=str(tmp_path)).settings.work_dir == str(tmp_path)
    assert parse(record_dir=str(tmp_path / "a"), work_dir=str(tmp_path / "ab"))
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for records in (tmp_path, tmp_path / "link"):
        with pytest.raises(InvalidOption, match="contains the folder in which tests work"):
            parse(record_dir=str(records))


def test_an_id_that_is_none():
    options.check_instance_id("crs-a1b2c3d4")
    with pytest.raises(InvalidOption, match=r"instance_id '\.\./x' is not an instance id"):
        options.check_instance_id("../x")


@pytest.fixture
def server(tmp_path, monkeypatch):
    """`server(version)` is the path of a program that states this version, or ends with an error if that is None."""
    boxes = {"auto": [sandbox.Box("limits")]}
    monkeypatch.setattr(sandbox, "candidates", boxes.__getitem__)
    (tmp_path / "work").mkdir()

    def server(version):
        path = tmp_path / f"server{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!/bin/sh\necho '{version or ''}'; exit {version is None:d}\n")
        path.chmod(0o755)
        return str(path)

    return server


OLD, NEW = "Redis server v=6.2.14 sha=0:0", "Valkey server v=9.1.2 sha=0:0"


@pytest.mark.parametrize("chosen", ["auto", "require"])
@pytest.mark.parametrize("other", ["ls (GNU coreutils) 9.1", "", None])
def test_a_program_that_is_named_is_a_server(server, tmp_path, chosen, other):
    work_dir = str(tmp_path / "work")
    good = [server(OLD), server(NEW)]
    options.check_here(parse(server=good, work_dir=work_dir, sandbox=chosen))
    path = server(other)
    with pytest.raises(InvalidOption) as error:
        options.check_here(parse(server=[*good, path], work_dir=work_dir, sandbox=chosen))
    assert str(error.value).startswith(
        f"server {path!r} does not state its version as Redis and Valkey do: give the path of"
    )
    assert os.listdir(work_dir) == []


@pytest.mark.parametrize("error", [OSError(11, "no more processes"), NotPassed("system_error")])
def test_what_the_machine_refuses_is_not_the_server(server, tmp_path, monkeypatch, error):
    def refuse(*arguments):
        raise error

    monkeypatch.setattr(programs, "check_servers", refuse)
    options.check_here(parse(server=[server(NEW)], work_dir=str(tmp_path)))


def test_a_folder_to_work_in(tmp_path):
    _left, lock = workdir._make(str(tmp_path))
    os.close(lock)
    options.check_here(parse(work_dir=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidOption, match=r"work_dir .* can't be used"):
        options.check_here(parse(work_dir=str(tmp_path / "none")))
