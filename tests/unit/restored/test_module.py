# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module crs_restore_test, from a listing to its record, against the emulator and a real server."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from datetime import datetime, timedelta, timezone
from importlib import import_module
from types import SimpleNamespace

import pytest
import yaml
from emulator import DEFAULT_CREDENTIALS, Emulator, files
from traces import check_nothing_is_left

from ansible_collections.qcloud.crs.plugins.action import crs_restore_test
from ansible_collections.qcloud.crs.plugins.module_utils._times import to_iso
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import atomic_file
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import consistency, record, run, sandbox, workdir
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import APlay

REGION = "ap-guangzhou"
LOGS = "#!lua name=madeup\nredis.register_function('f', function() return 1 end)"
#: instance: its backups, newest first.
BACKUPS = {
    "good": [
        {"start": "-2h", "file": {"version": 10, "keys": 7, "expired": 3, "databases": 2}},
        {"start": "-26h"},
    ],
    "shards": [{"start": "-2h", "status": "exported", "file": {"version": 10, "shards": 2}}],
    "repeated": [{"start": "-2h", "status": "exported", "file": {"version": 10, "shards": 2, "repeated": True}}],
    "cluster": [{"start": "-2h", "status": "exported", "file": {"version": 10, "shards": 3}}],
    "short": [{"start": "-2h", "file": {"version": 10, "shards": 1, "instance_shards": 2}}],
    "flipped": [{"start": "-2h", "file": {"version": 10, "flip": 500}}],
    "other": [{"start": "-2h", "file": {"version": 10, "created": "-26h"}}],
    "overwritten": [{"start": "-26h", "file": {"version": 10, "created": "-1h"}}],
    "old": [{"start": "-2h", "file": {"version": 6}}],
    "undated": [{"start": "-2h", "file": {"version": 7, "undated": True}}],
    "functions": [{"start": "-2h", "file": {"version": 10, "library": LOGS}}],
    "newer": [{"start": "-2h", "file": {"version": 12}}],
    "refused": [{"start": "-2h", "file": {"version": 10, "refused": True}}],
    "encrypted": [{"start": "-2h", "encrypted": True, "file": {"version": 10, "encrypted": True}}],
    "ahead": [{"start": "+2h"}],
    "making": [{"start": "-2m", "status": "locked", "locked": 1}],
    "none": [],
}
#: instance: its type, if not the usual one.
TYPES = {"cluster": {"type": 18}}
FLEET = {
    "instances": [
        {"id": f"crs-{name}", "region": REGION, "backups": of, **TYPES.get(name, {})} for name, of in BACKUPS.items()
    ]
}
NOWHERE = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/nowhere"))


@pytest.fixture(scope="module")
def service():
    with Emulator(FLEET) as running:
        yield running


@pytest.fixture
def module(service, work_dir, tmp_path, monkeypatch, capfd):
    """`module(name, ...)` is the result of a test of that instance."""
    service.set_faults([])
    service.clear_log()
    for name in ("SECRET_ID", "SECRET_KEY"):
        monkeypatch.setenv(f"TENCENTCLOUD_{name}", DEFAULT_CREDENTIALS[name.lower()])

    def run(name, check_mode=False, **given):
        args = {
            "instance_id": f"crs-{name}",
            "endpoint": service.url,
            "region": REGION,
            "retries": 0,
            "download_hosts": ["127.0.0.1"],
            "work_dir": work_dir,
            "fail_on": "never",
            **given,
        }
        play = APlay(tmp_path, "all:\n  hosts:\n    one:\n")
        task, task_vars = play.task(**args)
        task.check_mode = check_mode
        action = crs_restore_test.ActionModule(task, NOWHERE, None, play.loader, play.templar(task_vars), None)
        action._load_name = "crs_restore_test"
        result = action.run(task_vars=task_vars)
        check_nothing_is_left(work_dir)
        said = json.dumps(result) + repr(capfd.readouterr())
        assert not [word for word in ("/objects/", "sign=", "key:0", "madeup") if word in said]
        if "record" in result:
            assert set(result) - {"changed", "warnings", "failed", "msg"} == set(documented("RETURN"))
            made = json.loads(json.dumps(result["record"]))
            assert schema.fault(made, record.schema()) is None
            assert consistency.contradiction(made) is None
            assert [result[name] for name in ("outcome", "code", "message")] == [
                made[name] for name in ("outcome", "code", "message")
            ]
        return result

    return run


def documented(constant):
    return yaml.safe_load(
        getattr(import_module("ansible_collections.qcloud.crs.plugins.modules.crs_restore_test"), constant)
    )


def outcome_of(result):
    return result["outcome"], result["code"]


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    "version, network", [("v3", "public"), ("v3", "internal"), ("v2", "public"), ("v2", "internal")]
)
def test_a_good_backup(module, strict, version, network):
    result = module("good", api_version=version, network=network, **strict)
    made = result["record"]
    assert outcome_of(result) == ("passed", None) and not result.get("failed")
    assert made["selection"] == {"by": "newest", "within_seconds": None, "seed": None, "candidates": 2}
    assert (made["key_count"], made["files"][0]["loaded"], made["files"][0]["expired"]) == (20, 14, 6)
    assert made["files"][0]["databases"] == {"0": 7, "1": 7} and made["files"][0]["start_offset_seconds"] == 0
    assert made["files"][0]["created_at"] == made["backup"]["start_time"]
    assert made["expected"]["files"] == 1 and made["wiped_at"] == made["evaluated_at"]
    assert made["api_version"] == version and made["account"] is None and made["error"] is None
    assert result["record_file"] is None and result["changed"] is False


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    "name, options, outcome",
    [
        ("shards", {}, ("passed", None)),
        ("shards", {"expect": {"files": 3}}, ("failed", "missing_files")),
        ("cluster", {}, ("passed", None)),
        ("cluster", {"api_version": "v2"}, ("unknown", "single_file")),
        ("cluster", {"api_version": "v2", "expect": {"files": 3}}, ("unknown", "single_file")),
        ("cluster", {"api_version": "v2", "expect": {"files": 1}}, ("passed", None)),
        ("good", {"api_version": "v2", "expect": {"files": 2}}, ("unknown", "single_file")),
        ("repeated", {}, ("unknown", "file_twice")),
        ("short", {}, ("failed", "missing_files")),
        ("short", {"expect": {"files": 1}}, ("passed", None)),
        ("good", {"expect": {"min_keys": 21}}, ("failed", "too_few_keys")),
        ("good", {"expect": {"databases": [1, 5]}}, ("unknown", "database_expired")),
        ("good", {"expect": {"canary": {"key": "key:1", "sha256": "0" * 64}}}, ("failed", "canary_differs")),
        ("good", {"max_size": "100"}, ("unknown", "too_large")),
        ("good", {"download_hosts": ["*.myqcloud.com"]}, ("unknown", "host_not_allowed")),
        ("flipped", {}, ("failed", "checksum_mismatch")),
        ("other", {}, ("failed", "wrong_backup")),
        ("other", {"created_slack": "24h"}, ("passed", None)),
        ("overwritten", {}, ("failed", "wrong_backup")),
        ("overwritten", {"api_version": "v2"}, ("failed", "wrong_backup")),
        ("old", {}, ("passed", None)),
        ("undated", {}, ("unknown", "undated_file")),
        ("functions", {"functions": "refuse"}, ("unknown", "functions_refused")),
        ("newer", {}, ("unknown", "no_server")),
        ("refused", {}, ("unknown", "download_refused")),
        ("encrypted", {}, ("unknown", "encrypted")),
        ("encrypted", {"api_version": "v2"}, ("unknown", "perhaps_encrypted")),
        ("ahead", {}, ("unknown", "dated_ahead")),
        ("making", {}, ("unknown", "no_backup")),
        ("none", {}, ("unknown", "no_backup")),
        ("good", {"within": "1h"}, ("unknown", "no_backup")),
        ("good", {"backup_id": "none"}, ("unknown", "backup_gone")),
        ("gone", {}, ("unknown", "api_error")),
        # As if the API's times were read in a wrong zone.
        ("good", {"timezone": "+09:00"}, ("unknown", "zone_in_doubt")),
    ],
)
def test_what_a_test_comes_to(module, name, options, outcome):
    result = module(name, **options)
    assert outcome_of(result) == outcome
    assert (result["message"] == "") == (outcome[0] == "passed")
    assert (result["record"]["error"] is None) == (outcome[1] != "api_error")


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize("zone, hours", [("+09:00", 1), ("+14:00", 6), ("Asia/Tokyo", 1)])
def test_the_zone_that_would_fit(module, zone, hours):
    """The emulator's is +08:00."""
    result = module("good", timezone=zone)
    assert outcome_of(result) == ("unknown", "zone_in_doubt")
    assert f"(+{hours * 3600} s after its start; timezone +08:00 would fit): check timezone" in result["message"]


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    "name, fail_on, fails",
    [
        ("flipped", "not_passed", True),
        ("flipped", "failed", True),
        ("flipped", "never", False),
        ("none", "not_passed", True),
        ("none", "failed", False),
        ("none", "never", False),
    ],
)
def test_when_it_fails(module, name, fail_on, fails):
    result = module(name, fail_on=fail_on)
    assert result.get("failed", False) is fails
    if fails:
        assert result["msg"].startswith(f"crs-{name} in {REGION}: restore test {result['outcome']}, {result['code']} (")
        assert result["msg"].endswith(result["message"]) and result["record"]["outcome"] == result["outcome"]


@pytest.mark.usefixtures("redis_server")
def test_the_record_is_written(module, tmp_path):
    folder = tmp_path / "records" / "here"
    made = [module("good", record_dir=str(folder), record_mode="0644", account="shop") for _time in range(2)]
    assert len({one["record_file"] for one in made}) == 2 == len(list(folder.iterdir())) and made[0]["changed"]
    for one in made:
        path = one["record_file"]
        with open(path, encoding="utf-8") as file:
            assert json.load(file) == json.loads(json.dumps(one["record"]))
        assert os.stat(path).st_mode & 0o777 == 0o644
        assert os.path.basename(path).startswith("restore-test-crs-good-20") and path.endswith(
            f"Z-{one['record']['id'][:8]}.json"
        )
        assert one["record"]["account"] == "shop"


@pytest.mark.usefixtures("redis_server")
def test_far_fewer_keys_than_the_last_time_are_too_few(module, tmp_path):
    given = {"record_dir": str(tmp_path), "expect": {"min_key_ratio": 0.5}}
    first, second = (module("good", **given)["record"] for _time in range(2))
    expected = [(made["expected"]["min_keys"], made["expected"]["baseline"]) for made in (first, second)]
    assert expected == [(1, None), (10, {"id": first["id"], "key_count": 20})] and second["outcome"] == "passed"
    # As if the last one had been of a hundred keys.
    later = to_iso(datetime.now(timezone.utc) + timedelta(minutes=1))
    hundred = {"key_count": 100, "loaded": 100, "expired": 0, "databases": {"0": 100}}
    files = [{**file, **hundred} for file in second["files"]]
    # Under another label of its account.
    third = {**second, "account": "old", "evaluated_at": later, "key_count": 100, "files": files}
    (tmp_path / record.file_name(third)).write_text(json.dumps(third))
    (tmp_path / "restore-test-crs-good-broken.json").write_text("{")
    result = module("good", **given)
    assert outcome_of(result) == ("failed", "too_few_keys") and "20 instead of at least 50" in result["message"]
    assert "is ignored" in result["warnings"][0] and result["record"]["expected"]["min_key_ratio"] == 0.5


@pytest.mark.usefixtures("redis_server")
def test_keys_that_can_not_be_compared_are_no_pass(module, tmp_path):
    """The record of the last test may have had any number of keys."""
    given = {"record_dir": str(tmp_path), "expect": {"min_key_ratio": 0.5}}
    (tmp_path / "restore-test-crs-other-20260101T000000Z-0123abcd.json").write_text("{")
    first = module("good", **given)
    assert outcome_of(first) == ("passed", None) and first["warnings"] == []
    with open(first["record_file"], "w", encoding="utf-8") as file:
        file.write("{")
    result = module("good", **given)
    assert outcome_of(result) == ("unknown", "baseline_unreadable") and "is ignored" in result["warnings"][0]
    # Nothing is compared, so the number does not have to be known.
    assert outcome_of(module("good", record_dir=str(tmp_path))) == ("passed", None)
    # A bad backup has failed, whatever was before.
    assert outcome_of(module("flipped", **given))[0] == "failed"


def test_a_record_that_can_not_be_written(module, tmp_path, monkeypatch):
    """The folder was there and could be written to before the test, and the disk is full after it."""

    def fail(path, parts, mode):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(atomic_file, "write", fail)
    result = module("none", record_dir=str(tmp_path / "records"))
    assert result["failed"] and "record" not in result
    assert (
        "the record of this test, whose outcome is unknown, can't be written to record_dir" in result["msg"]
        and "No space left" in result["msg"]
    )


@pytest.mark.parametrize("name", ["good", "none"])
def test_check_mode_downloads_and_writes_nothing(module, service, tmp_path, name):
    result = module(name, check_mode=True, record_dir=str(tmp_path / "records"), fail_on="not_passed")
    assert outcome_of(result) == ("unknown", "check_mode" if name == "good" else "no_backup") and not result.get(
        "failed"
    )
    assert not (tmp_path / "records").exists() and result["record_file"] is None
    assert {entry["action"] for entry in service.log} == {"DescribeInstanceBackups"}
    assert (result["record"]["backup"] is None) == (name == "none")


@pytest.mark.parametrize(
    "options, said",
    [
        ({"instance_id": "../x"}, "instance_id '../x' is not an instance id"),
        ({"within": "soon"}, "within 'soon' is not a duration"),
        ({"region": "nowhere"}, "nowhere"),
        ({"work_dir": "/nowhere"}, "work_dir '/nowhere' can't be used"),
        ({"record_mode": 420}, "record_mode 420 is a number"),
        ({"select": "best"}, "value of select must be one of: newest, oldest, random, got: best"),
        ({"record_dir": "{file}/x"}, "can't be created"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(module, service, tmp_path, options, said):
    (tmp_path / "file").write_text("a file in place of a folder")
    given = {name: str(value).replace("{file}", str(tmp_path / "file")) for name, value in options.items()}
    result = module("good", **{**given, **({"record_mode": 420} if "record_mode" in options else {})})
    assert result["failed"] and said in result["msg"] and "record" not in result and service.log == []


@pytest.mark.parametrize(
    "options, said",
    [
        ({"record_dir": ["a"]}, "record_dir is a list: write a single value"),
        ({"account": {"a": 1}}, "account is a dict: write a single value"),
        ({"backup_id": ["b"]}, "backup_id is a list: write a single value"),
        ({"expect": "min_keys"}, "expect is a str: write a dict"),
        ({"expect": [1]}, "expect is a list: write a dict"),
        ({"expect": {"canary": "madeup"}}, "expect.canary is a str: write a dict"),
        (
            {"expect": {"canary": {"key": ["madeup"], "sha256": "0" * 64}}},
            "expect.canary.key is a list: write a single",
        ),
        ({"region": ["gz"]}, "region is a list: write a single value"),
        ({"max_size": "big"}, "max_size is 'big': use a size"),
        ({"expect": {"min_keys": "x"}}, "expect.min_keys is 'x': use a whole number"),
    ],
)
def test_a_value_of_the_wrong_shape_does_not_become_a_text(module, service, options, said):
    """As a text, the name of the canary's key would be another, and a good backup would be called bad."""
    result = module("good", **options)
    assert result["failed"] and result["msg"].startswith(said) and "record" not in result and service.log == []


@pytest.mark.parametrize("mode, made", [("0640", 0o640), ({"record": "0644"}, 0o644), ({}, 0o640)])
def test_the_mode_of_a_record(mode, made):
    assert crs_restore_test._mode(mode) == made


def test_a_folder_that_nobody_may_write_to(module, service, monkeypatch, tmp_path):
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(tmp_path) and allowed(path, mode))
    result = module("good", record_dir=str(tmp_path))
    assert result["failed"] and "can't be written to" in result["msg"] and service.log == []


def test_a_share_without_modes(module, monkeypatch, tmp_path):
    def refuse(*_args, **_more):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("ansible_collections.qcloud.crs.plugins.plugin_utils._reports.atomic_file.os.chmod", refuse)
    result = module("none", record_dir=str(tmp_path))
    assert os.path.exists(result["record_file"]) and "should have 0640 and has 0600" in result["warnings"][0]


@pytest.mark.parametrize(
    "fault, code, kind",
    [
        (
            {"action": "DescribeInstanceBackups", "name": "api_error", "code": "UnauthorizedOperation"},
            "api_error",
            "denied",
        ),
        ({"action": "DescribeBackupUrl", "name": "api_error", "code": "UnauthorizedOperation"}, "api_error", "denied"),
        (
            {"action": "DescribeBackupUrl", "name": "api_error", "code": "UnauthorizedOperation.UserNotInWhiteList"},
            "api_error",
            "denied",
        ),
        ({"action": "DescribeBackupUrl", "name": "http_500"}, "api_error", "server_error"),
        (
            {"action": "DescribeBackupDetail", "name": "api_error", "code": "UnauthorizedOperation"},
            "shards_unknown",
            "denied",
        ),
        ({"action": "DescribeBackupDetail", "name": "drop"}, "api_error", "unreachable"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_the_api_refuses(module, service, fault, code, kind):
    service.set_faults([fault])
    result = module("good")
    assert outcome_of(result) == ("unknown", code) and result["record"]["error"]["kind"] == kind
    assert result["record"]["wiped_at"] is None and result["record"]["files"] == []


@pytest.mark.parametrize(
    "fault, code, kind",
    [({"name": "api_error", "code": 4102}, "shards_unknown", "denied"), ({"name": "drop"}, "api_error", "unreachable")],
)
def test_a_type_that_api_2_0_does_not_show(module, service, fault, code, kind):
    service.set_faults([{"action": "DescribeRedis", **fault}])
    result = module("good", api_version="v2")
    assert outcome_of(result) == ("unknown", code) and result["record"]["error"]["kind"] == kind
    assert result["record"]["expected"]["files"] is None and "GetBackupDownloadUrl" not in repr(service.log)


def counted(service, action):
    return [entry["action"] for entry in service.log].count(action)


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize("times, outcome", [(1, ("passed", None)), (2, ("unknown", "api_error"))])
@pytest.mark.parametrize("code", ["InvalidParameterValue.BackupNotExists", "ResourceUnavailable.BackupStatusInvalid"])
def test_a_backup_that_expires_after_it_was_listed_is_chosen_anew_once(module, service, times, outcome, code):
    service.set_faults([{"action": "DescribeBackupUrl", "name": "api_error", "code": code, "times": times}])
    assert outcome_of(module("good")) == outcome
    assert counted(service, "DescribeInstanceBackups") == counted(service, "DescribeBackupUrl") == 2


@pytest.mark.usefixtures("redis_server")
def test_a_new_address_is_asked_for_once(module, service):
    assert (
        outcome_of(module("refused")) == ("unknown", "download_refused") and counted(service, "DescribeBackupUrl") == 2
    )


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    "fault, code",
    [
        ({"name": "api_error", "code": "UnauthorizedOperation"}, "api_error"),
        ({"name": "drop"}, "api_error"),
    ],
)
def test_an_address_that_can_not_be_had_anew(module, service, fault, code):
    service.set_faults([{**fault, "action": "DescribeBackupUrl", "skip": 1}])
    result = module("refused")
    assert outcome_of(result) == ("unknown", code) and result["record"]["error"] is not None
    assert result["record"]["wiped_at"] is not None


@pytest.mark.usefixtures("redis_server")
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    "setting, said",
    [
        ("LimitOnlyIntranet", " (the region's setting allows downloads from private networks only)"),
        ("New", "or run the test inside the instance's region"),
        (None, "or run the test inside the instance's region"),
    ],
)
@pytest.mark.parametrize("version", ["v3", "v2"])
def test_a_refused_download_says_what_the_region_allows(module, service, monkeypatch, setting, said, version):
    """As far as it is known, and the outcome is the same without."""
    monkeypatch.setattr(service.fleet.settings, "downloads", setting)
    if setting is None:
        service.set_faults([{"action": "DescribeBackupDownloadRestriction", "name": "api_error", "code": "Denied"}])
    result = module("refused", api_version=version)
    said = said if version == "v3" else "or run the test inside the instance's region"
    assert outcome_of(result) == ("unknown", "download_refused") and result["message"].endswith(said)
    assert result["record"]["error"] is None


def test_other_files_than_before_are_no_files(module, service, monkeypatch):
    made = files.names
    calls = []

    def names_of(backup):
        calls.append(1)
        return [name + "x" * (len(calls) > 1) for name in made(backup)]

    monkeypatch.setattr(files, "names", names_of)
    result = module("refused")
    assert outcome_of(result) == ("unknown", "api_error") and "returned other files of the backup" in result["message"]


@pytest.mark.usefixtures("redis_server")
def test_data_that_can_not_be_wiped_fails_whatever_was_found(module, monkeypatch):
    kept = []
    remove = workdir.shutil.rmtree

    def keep(folder, ignore_errors):
        if os.path.exists(os.path.join(folder, sandbox.DUMP)) or kept:
            kept.append(folder)
        else:
            remove(folder, ignore_errors)

    monkeypatch.setattr(workdir.shutil, "rmtree", keep)
    monkeypatch.setattr(run._Test, "_one", lambda self, source: open(self._dump, "wb").close())
    with tempfile.TemporaryDirectory(prefix="crs-unit-") as other:
        result = module("good", work_dir=other, expect={"min_keys": 0})
        assert result["failed"] and "has data of a backup and can't be removed" in result["msg"]
        assert "record" not in result and kept
        monkeypatch.undo()


@pytest.mark.parametrize(
    "writer, shown", [("7.0.15", "7.0.15"), ("madeup {{ x }}", None), ("x" * 33, None), ("", None)]
)
def test_a_text_of_the_file_is_shown_only_if_it_is_a_version(writer, shown):
    assert record._file({"writer": writer}, None)["writer"] == shown


@pytest.mark.parametrize("seconds", [None, -1, 253402300800, 10**18])
def test_a_moment_that_is_none(seconds):
    assert record._file({"created": seconds}, None)["created_at"] is None
