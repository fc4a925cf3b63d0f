# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two actions around restore tests, in one process: who is due, and what came of them."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from ansible_collections.qcloud.crs.plugins.action import crs_restore_test_due, crs_restore_test_summary
from ansible_collections.qcloud.crs.plugins.module_utils._times import to_iso
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import record
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import APlay

sys.path.insert(0, str(Path(__file__).parents[1] / "plugin_utils" / "_restore"))

from restore_records import restore_record

HOSTS = """
crs:
  vars:
    crs_region: gz
  hosts:
    crs-one00001:
    orders:
      crs_instance_id: crs-two00001
      crs_restore_test_every: "{{ 3 + 4 }}d"
    crs-three001:
web:
  hosts:
    web1:
"""
NOWHERE = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/nowhere"))


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """`run(plugin, ...)` returns an action's result, and what it showed."""
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "AKIDmadeup")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "madeupSomethingKey")

    def run(plugin, inventory=HOSTS, check_mode=False, forks=5, pattern="all", **args):
        play = APlay(tmp_path, inventory, pattern)
        task, task_vars = play.task(**args)
        task.check_mode = check_mode
        action = plugin.ActionModule(task, NOWHERE, None, play.loader, play.templar(task_vars), None)
        action._load_name = plugin.__name__
        capsys.readouterr()
        result = action.run(task_vars={**task_vars, "ansible_forks": forks})
        if not result.get("failed"):
            module = import_module(plugin.__name__.replace(".action.", ".modules."))
            assert set(result) - {"changed", "warnings"} == set(yaml.safe_load(module.RETURN))
        return result, capsys.readouterr().out

    return run


@pytest.fixture
def choose(run, tmp_path):
    def choose(inventory=HOSTS, **args):
        args = {"hosts": "crs", "record_dir": str(tmp_path / "records"), **args}
        return run(crs_restore_test_due, inventory, **args)

    return choose


@pytest.fixture
def tested(tmp_path):
    """`tested(instance, days)` writes the record of a test that passed this number of days ago."""
    (tmp_path / "records").mkdir()

    def tested(instance, days, outcome="passed"):
        moment = to_iso(datetime.now(timezone.utc) - timedelta(days=days))
        made = restore_record(outcome, moment, instance_id=instance)
        path = tmp_path / "records" / record.file_name(made)
        path.write_text(json.dumps(made), encoding="utf-8")

    return tested


def test_without_records_all_are_due(choose):
    result, shown = choose()
    assert result["due"] == ["crs-one00001", "crs-three001", "orders"]
    assert (result["waiting"], result["never"], result["parallel"]) == ([], 3, 3)
    assert result["max_memory"] >= 1 and result["warnings"] == [] and result["changed"] is False
    assert shown == "3 hosts: 3 due for a restore test, 3 of which never passed one; 3 now, 0 later\n"
    assert choose(hosts="crs-one00001")[1].startswith("1 host: 1 due for a restore test")


def test_each_host_has_an_interval_of_its_own(choose, tested):
    tested("crs-one00001", 8)
    tested("crs-two00001", 10)
    tested("crs-three001", 31)
    result, shown = choose()
    assert (result["due"], result["never"]) == (["orders", "crs-three001"], 0)
    assert shown.startswith("3 hosts: 2 due")
    assert choose(every="9d")[0]["due"] == ["crs-three001", "orders"]
    assert choose(max_hosts=1) and choose(max_hosts=1)[0]["waiting"] == ["crs-three001"]


def test_a_host_whose_last_test_failed_is_due_again(choose, tested):
    for name in ("crs-one00001", "crs-two00001", "crs-three001"):
        tested(name, 2)
    tested("crs-three001", 1, "failed")
    tested("crs-three001", 0.5, "unknown")
    assert choose()[0]["due"] == ["crs-three001"]


def test_bounds_of_what_runs_at_a_time(choose):
    assert choose(forks=2)[0]["parallel"] == 2 and choose(parallel=1)[0]["parallel"] == 1


def test_the_memory_of_one_host_is_not_that_of_others(choose, tested, monkeypatch):
    monkeypatch.setattr(crs_restore_test_due.space, "default_memory", lambda: 8 << 30)
    orders = "orders:\n      crs_restore_test_max_memory: "
    result, _shown = choose(HOSTS.replace("orders:", f"{orders}128M"))
    assert (result["parallel"], result["max_memory"]) == (3, (8 << 30) // 3)
    large = HOSTS.replace("orders:", f"{orders}5G")
    assert [choose(large)[0][name] for name in ("parallel", "max_memory")] == [1, 8 << 30]
    # Not due, so it takes no memory.
    tested("crs-two00001", 1)
    assert [choose(large)[0][name] for name in ("parallel", "max_memory")] == [2, 4 << 30]


def test_a_file_that_is_no_record_is_a_warning(choose, tested, tmp_path):
    tested("crs-one00001", 1)
    (tmp_path / "records" / "restore-test-x.json").write_text("{")
    result, _shown = choose()
    assert "crs-one00001" not in result["due"] and "is ignored" in result["warnings"][0]


def left_by_a_killed_test(parent):
    made = parent / "made"
    made.mkdir(parents=True)
    (made / "dump.rdb").write_text("data")
    return made.rename(parent / f"crs-restoring-{made.stat().st_ino}")


@pytest.mark.parametrize("check_mode", [False, True])
def test_leftovers_go_even_if_nothing_is_due(choose, tested, tmp_path, monkeypatch, check_mode):
    for name in ("crs-one00001", "crs-two00001", "crs-three001"):
        tested(name, 2)
    monkeypatch.setattr(crs_restore_test_due.fleet.workdir, "default", lambda: str(tmp_path / "default"))
    left = [left_by_a_killed_test(tmp_path / name) for name in ("default", "own")]
    half = tmp_path / "records" / ".restore-test-crs-one00001-20260601T020000Z-0123abcd.json.a_b1c2d3"
    half.write_text("{")
    os.utime(half, (1, 1))
    hosts = {"orders": tmp_path / "own", "crs-three001": tmp_path / "missing"}
    inventory = HOSTS
    for host, folder in hosts.items():
        inventory = inventory.replace(f"{host}:", f"{host}:\n      crs_restore_test_work_dir: {folder}")
    assert choose(inventory, check_mode=check_mode)[0]["due"] == []
    assert [path.exists() for path in (*left, half)] == [check_mode] * 3


def test_what_is_no_leftover_stays(choose, tested, tmp_path, monkeypatch):
    monkeypatch.setattr(crs_restore_test_due.fleet.workdir, "default", lambda: str(tmp_path / "default"))
    tested("crs-one00001", 2)
    name = ".restore-test-crs-one00001-20260601T020000Z-0123abcd.json.a_b1c2d3"
    # The first one may be being written.
    kept = [name, f"{name}4", name[1:], name.replace(".json", ".txt"), ".another.json.a_b1c2d3"]
    for number, other in enumerate(kept):
        (tmp_path / "records" / other).write_text("{")
        if number:
            os.utime(tmp_path / "records" / other, (1, 1))
    folder = tmp_path / "records" / name.replace("0123", "4567")
    folder.mkdir()
    os.utime(folder, (1, 1))
    choose()
    assert set(kept) < {path.name for path in (tmp_path / "records").iterdir()} and folder.is_dir()


GAP = {
    "account": "shop",
    "region": "ap-shanghai",
    "endpoint": "https://a/",
    "api_version": "v3",
    "error": {"kind": "denied", "message": "no right", "code": None, "request_id": None},
}


def test_a_part_that_the_inventory_left_out_is_a_warning(choose):
    inventory = HOSTS.replace("crs_region: gz", f"crs_region: gz\n    crs_inventory_errors: [{json.dumps(GAP)}]")
    (said,) = choose(inventory)[0]["warnings"]
    assert said == "the inventory lacks the instances of ap-shanghai, which are not tested: no right"


@pytest.mark.parametrize(
    "options, said",
    [
        ({"max_hosts": 0}, "max_hosts is 0: use a whole number, 1 or more (variable crs_restore_test_max_hosts)"),
        (
            {"max_hosts": "ten"},
            "max_hosts is 'ten': use a whole number, 1 or more (variable crs_restore_test_max_hosts)",
        ),
        ({"min_hosts": -1}, "min_hosts is -1: use a whole number, 0 or more"),
        ({"parallel": 0}, "parallel is 0: use a whole number, 1 or more"),
        ({"record_dir": ""}, "record_dir '' is not a folder: give the path of one, or leave it out"),
        ({"hosts": ""}, "hosts is '': use a pattern for hosts, such as the name of a group, or leave it out"),
        ({"every": "9999999d"}, "host crs-one00001: crs_restore_test_every '9999999d' is longer than ten years"),
        ({"every": "soon"}, "host crs-one00001: crs_restore_test_every 'soon' is not a duration"),
        ({"min_hosts": 4}, "3 hosts of the play match 'crs' and stand for 3 instances, and at least 4 are expected"),
        ({"hosts": "none"}, "0 hosts of the play match 'none' and stand for 0 instances, and at least 1 are expected"),
        ({"region": "nowhere", "hosts": "all"}, "region 'nowhere' is not a region code"),
    ],
)
def test_what_is_wrong_is_said(choose, options, said):
    result, shown = choose(**options)
    assert result["failed"] and said in result["msg"] and shown == ""


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("web1:", "web1:\n      crs_restore_test_hosts: web", "host 'web'"),
        ("crs-three001:", "crs-three001:\n      crs_restore_test_max_hosts: 1", "crs_restore_test_max_hosts is 1 here"),
        ("crs-three001:", "crs-three001:\n      crs_restore_test_selct: x", "did you mean crs_restore_test_select?"),
        ("crs-three001:", "crs-three001:\n      crs_enpoint: x", "did you mean crs_endpoint?"),
    ],
)
def test_what_a_host_says_for_all_is_refused(choose, old, new, said):
    result, _shown = choose(HOSTS.replace(old, new))
    assert result["failed"]
    assert said in result["msg"] or (
        said == "host 'web'" and "crs_restore_test_hosts is 'web' here and not set" in result["msg"]
    )


@pytest.mark.parametrize(
    "variable, said",
    [
        (
            "crs_restore_test_fail: nevr",
            "fail is 'nevr': use one of each, once, never (variable crs_restore_test_fail)",
        ),
        ('crs_restore_test_record_mode: "0999"', "crs_restore_test_record_mode '0999' is not a mode"),
        ("crs_restore_test_record_mode: 420", "crs_restore_test_record_mode 420 is a number: write the mode in quotes"),
    ],
)
def test_what_the_next_play_needs_is_checked_first(choose, variable, said):
    result, _shown = choose(HOSTS.replace("crs_region: gz", f"crs_region: gz\n    {variable}"))
    assert result["failed"] and said in result["msg"]


def test_the_variables_of_those_in_scope_decide(choose, tested, tmp_path):
    """The task runs for the first host of the play, which may be in no group of theirs."""
    tested("crs-one00001", 1)
    given = {"max_hosts": 1, "parallel": 1, "record_dir": str(tmp_path / "records"), "min_hosts": 3}
    variables = "".join(f"\n    crs_restore_test_{name}: {value}" for name, value in given.items())
    inventory = HOSTS.replace("crs_region: gz", f"crs_region: gz{variables}")
    result, _shown = choose(inventory, record_dir=str(tmp_path / "others"), hosts="crs:!orders")
    assert "2 hosts of the play match" in result["msg"]
    result, _shown = choose(inventory, record_dir=str(tmp_path / "others"))
    assert (result["due"], result["waiting"], result["parallel"]) == (["crs-three001"], ["orders"], 1)


def test_the_localhost_of_no_inventory_has_no_say(choose, monkeypatch):
    inventory = HOSTS.replace("web1:", "web1:\n      crs_restore_test_hosts: web")
    monkeypatch.setattr(crs_restore_test_due.HostVariables, "is_implicit", lambda self, host: host == "web1")
    assert len(choose(inventory)[0]["due"]) == 3


def test_hosts_of_one_instance_are_one(choose):
    hosts = HOSTS.replace("crs-two00001", "crs-one00001")
    assert choose(hosts)[0]["due"] == ["crs-one00001", "crs-three001"]
    assert "stand for 2 instances" in choose(hosts, min_hosts=3)[0]["msg"]


def test_standard_output_is_the_callbacks(choose, monkeypatch):
    monkeypatch.setattr("ansible.constants.DEFAULT_STDOUT_CALLBACK", "tree")
    result, shown = choose()
    assert shown == "" and result["totals"].startswith("3 hosts")


RESULTS = {"good": {"record": restore_record()}, "bad": {"record": restore_record("failed")}, "lost": {}}


def summed(run, **args):
    return run(crs_restore_test_summary, results=RESULTS, **args)


def test_the_summary(run):
    result, shown = summed(run)
    assert result["summary"] == {"hosts": 3, "passed": 1, "failed": 1, "unknown": 1}
    assert set(result["failed_hosts"]) == {"bad", "lost"} and result["failure"] == "" and result["fail"] == "each"
    assert result["ansible_stats"]["data"] == {
        "crs_restore_test": {"summary": result["summary"], "failed_hosts": ["bad", "lost"]}
    }
    assert shown.splitlines()[-1] == result["totals"] == "3 restore tests: 1 passed, 1 FAILED, 1 UNKNOWN"
    assert len(shown.splitlines()) == 5


@pytest.mark.parametrize("show, rows", [("all", 5), ("failed", 4), ("none", 0)])
def test_what_is_shown(run, show, rows):
    assert len(summed(run, show=show)[1].splitlines()) == rows


@pytest.mark.parametrize("fail, failure", [("each", False), ("once", True), ("never", False)])
def test_how_a_run_fails(run, fail, failure):
    result, _shown = summed(run, fail=fail)
    assert result["fail"] == fail and (result["failure"] != "") is failure
    if failure:
        assert result["failure"].startswith(f"{result['totals']}: crs-one00001 in ap-guangzhou: restore test failed")


def test_who_fails_without_having_failed(run):
    assert set(summed(run, unknown="warn")[0]["failed_hosts"]) == {"bad", "lost"}
    assert set(summed(run, check_mode=True)[0]["failed_hosts"]) == {"lost"}
