# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role and the playbooks are built on, in one process: a record is made, joined with others, rendered anew."""

from __future__ import annotations

import functools
import json
import os
import shutil
from datetime import datetime, timezone
from importlib import import_module
from types import SimpleNamespace

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from emulator import DEFAULT_CREDENTIALS
from fault_surfaces import COLLECTION

from ansible_collections.qcloud.crs.plugins.action import crs_backup_audit, crs_backup_merge, crs_backup_report
from ansible_collections.qcloud.crs.plugins.module_utils import _times
from ansible_collections.qcloud.crs.plugins.plugin_utils._action import RecordAction
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.host_variables import HostVariables
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import write
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.record import file_name
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils._restore.restore_records import restore_record
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import APlay

DAILY = {"every": "24h", "last": "-3h", "count": 7}
FLEET = {
    "instances": [
        {"id": "crs-good0001", "region": "ap-guangzhou", "created": "-90d", "schedule": DAILY},
        {"id": "crs-none0001", "region": "ap-guangzhou", "created": "-90d"},
        {"id": "crs-nobodys1", "region": "ap-guangzhou", "created": "-90d", "schedule": DAILY},
        {"id": "crs-other001", "region": "ap-guangzhou", "created": "-90d", "schedule": DAILY},
    ]
}
HOSTS = """
crs:
  hosts:
    crs-good0001:
    none:
      crs_instance_id: crs-none0001
    crs-other001:
"""
#: As --limit would have it.
PLAY_HOSTS = "crs:!crs-other001"
#: A connection that the actions have no use for.
NOWHERE = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/nowhere"))
ROLE = os.path.join(COLLECTION, "roles", "crs_backup_policy", "defaults", "main.yml")


def documented(plugin):
    return import_module(plugin.__name__.replace(".action.", ".modules."))


@functools.cache
def returned(plugin):
    """Return the documented keys of what an action returns."""
    return set(yaml.safe_load(documented(plugin).RETURN))


@functools.cache
def role_defaults():
    return DataLoader().load_from_file(ROLE)


class Actions:
    """Runs actions in one play."""

    def __init__(self, folder, emulator):
        self.folder, self.emulator = folder, emulator
        self.variables = {"crs_backup_policy_report_dir": str(folder / "made")}
        self.hosts, self.play_hosts, self.limit = HOSTS, PLAY_HOSTS, None

    def run(self, plugin, check_mode=False, **args):
        play = APlay(self.folder, self.hosts, self.play_hosts, **{**role_defaults(), **self.variables})
        play.inventory.subset(self.limit)
        task, task_vars = play.task(**args)
        task.check_mode = check_mode
        action = plugin.ActionModule(task, NOWHERE, None, play.loader, play.templar(task_vars), None)
        action._load_name = plugin.__name__  # as Ansible's loader of plugins does
        result = action.run(task_vars=task_vars)
        if not result.get("failed"):
            # Just what is documented, beside what Ansible itself knows.
            assert set(result) - {"changed", "warnings"} == returned(plugin)
        return result

    def audit(self, **args):
        options = {"endpoint": self.emulator.url, "region": "gz", "retries": 0, **args}
        return self.run(crs_backup_audit, **{"hosts": "crs", **options})

    def merge(self, **args):
        options = {"records": [str(self.folder / "made")], "report_dir": str(self.folder / "merged"), "slices": 1}
        return self.run(crs_backup_merge, **{**options, **args})

    @property
    def record(self):
        return json.loads((self.folder / "made" / "audit-record.json").read_text(encoding="utf-8"))


@pytest.fixture
def actions(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("SECRET_ID", "SECRET_KEY"):
        monkeypatch.setenv(f"TENCENTCLOUD_{name}", DEFAULT_CREDENTIALS[name.lower()])
    return Actions(tmp_path, serve(FLEET))


def test_an_audit_writes_shows_and_tells(actions, capsys):
    result = actions.audit()
    assert result["changed"] and result["complete"] and result["fail"] == "each"
    assert result["summary"] == {
        "instances": 2,
        "fail": 1,
        "unknown": 0,
        "waived": 0,
        "pass": 1,
        "not_applicable": 0,
    }
    assert set(result["failed_hosts"]) == {"none"}
    assert result["failed_hosts"]["none"].startswith("crs-none0001 in ap-guangzhou: max_age: no usable backup")
    assert result["uncovered"] == ["1 instance of ap-guangzhou is not in the inventory: crs-nobodys1"]
    published = result["ansible_stats"]["data"]["crs_backup_audit"]
    assert (published["uncovered"], published["coverage_fails"]) == (result["uncovered"], False)
    assert result["coverage_fails"] is False and result["warnings"] == []
    assert {entry["host"]: entry["outcome"] for entry in actions.record["instances"]} == {
        "crs-good0001": "pass",
        "none": "fail",
    }
    shown = capsys.readouterr().out
    assert "FAIL" in shown and all(f"written: {path}" in shown for path in result["reports"].values())


@pytest.mark.parametrize("show, callback", [("none", "default"), ("all", "tree"), ("failed", "tree")])
@pytest.mark.parametrize("what", ["audit", "merge"])
def test_standard_output_is_the_callbacks(actions, monkeypatch, capsys, what, show, callback):
    """Nothing is shown where the user wants nothing, nor where a machine may read it; all the rest is as ever."""
    actions.audit()
    monkeypatch.setattr("ansible.constants.DEFAULT_STDOUT_CALLBACK", callback)
    actions.variables["crs_backup_policy_show"] = show
    capsys.readouterr()
    result = actions.audit() if what == "audit" else actions.merge(show=show)
    assert capsys.readouterr().out == ""
    assert result["changed"] and result["reports"] and result["summary"]["fail"] == 1


def test_the_name_is_in_record_and_metrics(actions):
    actions.variables["crs_backup_policy_name"] = "dr"
    result = actions.audit()
    assert actions.record["name"] == "dr"
    with open(result["reports"]["prometheus"], encoding="utf-8") as file:
        assert {'audit="dr"' in line for line in file if line[0] != "#"} == {True}
    with open(actions.merge()["reports"]["record"], encoding="utf-8") as file:
        assert json.load(file)["name"] == "dr"


@pytest.mark.parametrize(
    "name, value, said",
    [
        ("crs_backup_policy_name", "a b", "crs_backup_policy_name 'a b' is not a valid name of an audit"),
        (
            "crs_backup_policy_report_mode",
            0o644,
            "crs_backup_policy_report_mode 420 is a number: write the mode in quotes",
        ),
    ],
)
def test_a_wrong_setting_stops_before_anything_is_asked(actions, name, value, said):
    actions.variables[name] = value
    result = actions.audit()
    assert result["failed"] and said in result["msg"] and actions.emulator.log == []


def test_restore_tests_are_judged_by_their_folder(actions):
    tests = actions.folder / "tests"
    actions.variables.update(crs_backup_policy_restore_test_dir="~/tests", crs_backup_policy_max_restore_test_age="35d")
    tests.mkdir()
    now = _times.to_iso(datetime.now(timezone.utc))
    for instance_id, outcome in (("crs-good0001", "passed"), ("crs-none0001", "unknown")):
        made = restore_record(outcome, now, instance_id=instance_id, endpoint=actions.emulator.url, account="other")
        (tests / file_name(made)).write_text(json.dumps(made), encoding="utf-8")
    result = actions.audit()
    found = {entry["host"]: (entry["restore_tests"], entry["rules"][-1]) for entry in actions.record["instances"]}
    assert found["crs-good0001"][0]["passed"]["evaluated_at"] == now
    assert found["none"][0]["latest"]["code"] == "transfer_broken"
    assert [rule["outcome"] for _tests, rule in found.values()] == ["unknown", "pass"]
    assert not result.get("warnings")
    # A file that is not a record is named, and every instance that it may be of is in doubt.
    (tests / "restore-test-1.json").write_text("{", encoding="utf-8")
    result = actions.audit()
    assert (
        len(result["warnings"]) == 1
        and "restore-test-1.json' is not the record of a restore test" in result["warnings"][0]
    )
    assert [entry["rules"][-1]["outcome"] for entry in actions.record["instances"]] == ["unknown", "unknown"]


def test_a_rule_about_restore_tests_without_their_folder_is_an_error_before_any_request(actions):
    actions.variables["crs_backup_policy_max_restore_time"] = "15m"
    result = actions.audit()
    assert result["failed"] and "crs_backup_policy_restore_test_dir is not set" in result["msg"]
    assert actions.emulator.log == []


def test_modes_of_files_of_each_action(actions):
    mode = {"prometheus": "0644"}
    actions.variables["crs_backup_policy_report_mode"] = mode
    made = [actions.audit(), actions.merge(report_mode=mode)]
    again = {"record": str(actions.folder / "made" / "audit-record.json"), "report_dir": str(actions.folder / "again")}
    made.append(actions.run(crs_backup_report, **again, report_mode=mode))
    for reports in (one["reports"] for one in made):
        modes = {name: os.stat(path).st_mode & 0o777 for name, path in reports.items()}
        assert modes == {name: 0o644 if name == "prometheus" else 0o640 for name in reports}
    for run in (
        lambda: actions.merge(report_mode=644),
        lambda: actions.run(crs_backup_report, **again, report_mode=644),
    ):
        assert "report_mode 644 is a number: write the mode in quotes" in run()["msg"]


def test_a_share_without_modes_is_written_with_a_warning(actions, monkeypatch):
    def refuse(*_args, **_more):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("ansible_collections.qcloud.crs.plugins.plugin_utils._reports.atomic_file.os.chmod", refuse)
    for result in (actions.audit(), actions.merge()):
        warning = result["warnings"][-1]
        assert "does not support modes: audit-record.json, report.html" in warning and "have 0600" in warning
        assert sorted(result["reports"]) == sorted(write.NAMES)


def test_check_mode_writes_nothing(actions):
    result = actions.audit(check_mode=True)
    assert (result["changed"], result["reports"]) == (False, {}) and not (actions.folder / "made").exists()


@pytest.mark.parametrize("coverage, told", [("report", 1), ("off", 0)])
def test_the_list_of_instances_is_read_once_whatever_is_made_of_it(actions, coverage, told):
    actions.variables["crs_backup_policy_coverage"] = coverage
    result = actions.audit()
    assert [entry["action"] for entry in actions.emulator.log].count("DescribeInstances") == 1
    assert len(result["uncovered"]) == told


GAP = {
    "account": "shop",
    "region": "ap-shanghai",
    "endpoint": "https://a/",
    "api_version": "v3",
    "error": {"kind": "denied", "message": "no right", "code": None, "request_id": None},
}
#: Hosts of a group of somebody's own, beside the plugin's without any.
BESIDE = "mine:\n  hosts:\n    crs-good0001:\ncrs:\n  vars:\n"


@pytest.mark.parametrize("coverage", ["report", "fail", "off"])
@pytest.mark.parametrize("hosts", [HOSTS + "  vars:\n", BESIDE], ids=["of the group", "of another"])
def test_a_part_that_the_inventory_left_out_is_no_coverage(actions, coverage, hosts):
    """Whichever hosts are audited, and whatever coverage says: a reader of the record sees the gap."""
    actions.hosts, actions.play_hosts = f"{hosts}    crs_inventory_errors: {json.dumps([GAP])}\n", "all"
    actions.variables["crs_backup_policy_coverage"] = coverage
    result = actions.audit(hosts="crs-good0001")
    assert result["coverage_fails"] is (coverage == "fail")
    assert [said for said in result["uncovered"] if "ap-shanghai is not known: no right" in said]
    gaps = [entry["region"] for entry in actions.record["coverage"] if entry["error"]]
    assert gaps == ["ap-shanghai"] and (len(actions.record["coverage"]) == 1) is (coverage == "off")


def test_what_only_looks_like_such_a_part_is_an_error_before_any_request(actions):
    actions.hosts = BESIDE + "    crs_inventory_errors: [soon]\n"
    actions.play_hosts = "all"
    result = actions.audit(hosts="crs-good0001")
    assert (
        result["failed"] and "crs_inventory_errors has 'soon': leave it to the inventory plugin to set" in result["msg"]
    )
    assert actions.emulator.log == []


def test_coverage_looks_at_what_the_plugin_listed_and_at_hosts_out_of_scope(actions):
    """With the task's own options where neither says anything else, and once each."""
    places = [
        {"crs_region": "ap-guangzhou"},
        {"crs_region": "ap-tokyo"},
        {"crs_region": "ap-tokyo", "crs_env_prefix": "NO"},
    ]
    actions.hosts += (
        f"    crs-far00001:\n      crs_region: sh\n  vars:\n    crs_inventory_places: {json.dumps(places)}\n"
    )
    actions.variables["crs_backup_policy_coverage"] = "fail"
    result = actions.audit(hosts="crs-good0001")
    asked = [entry["region"] for entry in actions.emulator.log if entry["action"] == "DescribeInstances"]
    assert sorted(asked) == ["ap-guangzhou", "ap-shanghai", "ap-tokyo"]
    found = {(entry["account"], entry["region"]): entry for entry in actions.record["coverage"]}
    assert found["NO", "ap-tokyo"]["error"]["message"].startswith(
        "crs_inventory_places[2]: env_prefix is 'NO', and NO_SECRET_ID"
    )
    (here,) = [entry for (_account, region), entry in found.items() if region == "ap-guangzhou"]
    assert (here["not_in_inventory"], here["not_audited"]) == (["crs-nobodys1"], ["crs-none0001", "crs-other001"])
    assert result["coverage_fails"]


#: All hosts have the region of one group; others have another, and one is something else.
ONE_REGION_FOR_ALL = """
all:
  vars: {crs_region: sh}
  children:
    usual: {hosts: {crs-far00001: }}
    here: {vars: {crs_region: gz}, hosts: {crs-good0001: , crs-other001: }}
    others: {vars: {ansible_connection: local}, hosts: {localhost: , bastion: }}
"""


@pytest.mark.parametrize("limit", ["here", "usual", "crs-good0001"])
def test_a_limit_changes_nothing_of_what_nobody_audits(actions, limit):
    """A host that says nothing of itself was where coverage didn't look, and its region passed unseen."""
    actions.hosts, actions.play_hosts = ONE_REGION_FOR_ALL, "all:localhost"
    actions.variables["crs_backup_policy_coverage"] = "fail"

    def missing():
        actions.audit(hosts="all:!others", region=None)
        return [
            (entry["account"], entry["region"], entry["instances"], entry["not_in_inventory"], entry["error"])
            for entry in actions.record["coverage"]
        ]

    whole = missing()
    assert [one[1:4] for one in whole] == [
        ("ap-guangzhou", 4, ["crs-nobodys1", "crs-none0001"]),
        ("ap-shanghai", 0, []),
    ]
    actions.limit = limit
    assert missing() == whole


@pytest.mark.parametrize("coverage", ["report", "fail"])
def test_what_cannot_be_found_out_is_no_coverage(actions, coverage):
    actions.emulator.set_faults([{"name": "api_error", "action": "DescribeInstances", "code": "UnauthorizedOperation"}])
    actions.variables["crs_backup_policy_coverage"] = coverage
    result = actions.audit(hosts="crs-good0001")
    assert result["coverage_fails"] is (coverage == "fail") and result["failed_hosts"] == {}
    (said,) = result["uncovered"]
    assert said.startswith("coverage of ap-guangzhou is not known") and (said in result["failure"]) is (
        coverage == "fail"
    )


def test_too_few_hosts_are_an_error_before_any_request(actions):
    actions.variables["crs_backup_policy_min_hosts"] = 3
    result = actions.audit()
    assert result["failed"] and result["msg"].startswith("2 hosts of the play match 'crs' and at least 3 are expected")
    assert actions.emulator.log == []


def test_hosts_of_one_instance_count_once(actions):
    actions.hosts = HOSTS.replace("crs-none0001", "crs-good0001")
    actions.variables["crs_backup_policy_min_hosts"] = 2
    result = actions.audit()
    assert result["failed"] and result["msg"] == (
        "2 hosts stand for 1 instance, and at least 2 are expected (crs_backup_policy_min_hosts): hosts with the same crs_instance_id "
        "are one instance"
    )
    assert actions.emulator.log == []
    actions.variables["crs_backup_policy_min_hosts"] = 1
    result = actions.audit()
    assert result["summary"]["instances"] == 1 and len(actions.record["instances"]) == 2
    assert any("the hosts crs-good0001, none have the same crs_instance_id" in note for note in result["warnings"])


def test_nobody_in_scope_is_an_error_unless_none_are_expected(actions):
    result = actions.audit(hosts="crs-other001")
    assert result["failed"] and result["msg"].startswith("0 hosts of the play match 'crs-other001' and at least 1 are")
    actions.variables["crs_backup_policy_min_hosts"] = 0
    result = actions.audit(hosts="crs-other001")
    assert result["summary"]["instances"] == 0 and result["complete"] is False
    # The inventory has hosts nevertheless, so coverage looks there.
    assert {entry["action"] for entry in actions.emulator.log} == {"DescribeInstances"}


def test_localhost_keeps_the_play_and_is_not_audited(actions):
    actions.play_hosts += ":localhost"
    actions.audit()
    assert {entry["host"] for entry in actions.record["instances"]} == {"crs-good0001", "none"}


@pytest.mark.parametrize("args", [{"region": "nowhere"}, {"colour": "red"}, {"timeout": "soon"}])
def test_bad_options_fail_before_any_request(actions, args):
    result = actions.audit(**args)
    assert result["failed"] and next(iter(args)) in result["msg"] and actions.emulator.log == []


def test_no_credentials_at_all_are_an_error_before_any_request(actions, monkeypatch):
    for name in ("SECRET_ID", "SECRET_KEY"):
        monkeypatch.delenv(f"TENCENTCLOUD_{name}")
    result = actions.audit()
    assert result["failed"] and "no credentials: set TENCENTCLOUD_SECRET_ID" in result["msg"]
    assert actions.emulator.log == []


def test_a_policy_that_can_never_hold_is_said_once(actions):
    actions.variables["crs_backup_policy_min_retention"] = "14d"
    (said,) = actions.audit(hosts="crs-good0001", api_version="v2")["warnings"]
    assert said.startswith("crs_backup_policy_min_retention has a look-back of 14d")
    by_rule = {one["rule"]: one["outcome"] for one in actions.record["instances"][0]["rules"]}
    assert (by_rule["min_usable"], by_rule["min_retention"]) == ("pass", "unknown")


def test_a_record_that_cannot_be_written_fails(actions):
    (actions.folder / "made").write_text("a file in place of the folder")
    result = actions.audit()
    assert (
        result["failed"]
        and "crs_backup_policy_report_dir" in result["msg"]
        and "use a folder that can" in result["msg"]
    )


def test_a_host_that_fails_says_all_that_is_known_of_an_error(actions):
    actions.emulator.set_faults([{"name": "api_error", "code": "UnauthorizedOperation"}])
    message = actions.audit()["failed_hosts"]["none"]
    error = actions.record["instances"][-1]["error"]
    assert message.startswith("crs-none0001 in ap-guangzhou: all: access denied: ")
    assert message.endswith(f" ({error['message']}) (audit {actions.record['id'][:6]})")
    assert error["code"] in message and error["request_id"] in message


def test_one_host_does_not_say_who_else_is_audited(actions):
    actions.hosts = HOSTS.replace("    none:\n", "    none:\n      crs_audit_hosts: crs-good0001\n")
    result = actions.audit(hosts="crs-good0001")
    assert (
        result["failed"] and "host none: crs_audit_hosts is 'crs-good0001' here and not set for host" in result["msg"]
    )
    assert actions.emulator.log == []


def test_a_part_of_the_play(actions):
    assert actions.audit(hosts="crs-good0001")["summary"]["instances"] == 1
    assert [entry["host"] for entry in actions.record["instances"]] == ["crs-good0001"]


def test_the_localhost_of_no_inventory_has_no_say(actions, monkeypatch):
    monkeypatch.setattr(HostVariables, "is_implicit", lambda self, host: host == "none")
    actions.hosts = HOSTS.replace("    none:\n", "    none:\n      crs_audit_hosts: crs-good0001\n")
    assert actions.audit()["complete"]


def test_a_misspelt_variable_stops_the_audit(actions):
    actions.hosts = HOSTS.replace("    none:\n", "    none:\n      crs_backup_policy_max_agee: 1h\n")
    result = actions.audit()
    assert result["failed"] and "did you mean crs_backup_policy_max_age?" in result["msg"]


def test_a_misspelt_connection_stops_the_audit(actions):
    actions.hosts = HOSTS.replace("    none:\n", "    none:\n      crs_enpoint: https://redis.example.com\n")
    result = actions.audit()
    assert result["failed"] and "did you mean crs_endpoint?" in result["msg"]


def test_records_of_slices_are_joined(actions):
    audited = actions.audit()
    result = actions.merge()
    assert result["changed"]
    assert result["failed_hosts"].keys() == audited["failed_hosts"].keys()
    # except the id of the audit, which distinguishes its failures from those of another
    assert result["failed_hosts"]["none"] != audited["failed_hosts"]["none"]
    assert result["failed_hosts"]["none"][:-8] == audited["failed_hosts"]["none"][:-8]
    assert (result["summary"], result["uncovered"]) == (audited["summary"], audited["uncovered"])
    merged = json.loads((actions.folder / "merged" / "audit-record.json").read_text(encoding="utf-8"))
    assert merged["instances"] == actions.record["instances"]


@pytest.mark.parametrize(
    "options, said",
    [
        ({"slices": 0}, "slices is 0: use the expected number of records"),
        ({"slices": 2}, "1 slices are there and 2 are expected"),
        ({"max_age": "soon"}, "max_age 'soon' is not a duration"),
        ({"max_age": "12"}, "max_age '12' has no unit: write 12d for days, 12h for hours"),
        ({"max_spread": 6}, "max_spread '6' has no unit: write 6d for days, 6h for hours"),
        ({"max_age": "9999999d"}, "max_age '9999999d' is longer than ten years: use a shorter time"),
        ({"min_hosts": 3}, "3"),
        ({"report_dir": "{made}"}, "is in a folder that records are read from"),
        ({"report_dir": "{made}/deeper"}, "is in a folder that records are read from"),
        (
            {"records": ["{made}/audit-record.json"], "report_dir": "{made}"},
            "is in a folder that records are read from",
        ),
        ({"records": ["{made}/nothing.json"]}, "nothing.json"),
        ({"records": ["{made}/nowhere"]}, "can't be read"),
        ({"fail": "sometimes"}, "value of fail must be one of: each, once, never, got: sometimes"),
    ],
)
def test_what_cannot_be_joined_is_said(actions, options, said):
    actions.audit()
    made = str(actions.folder / "made")
    filled = json.loads(json.dumps(options).replace("{made}", made))
    result = actions.merge(**filled)
    assert result["failed"] and said in result["msg"]
    assert not (actions.folder / "merged").exists()


def test_a_slice_that_is_there_twice_is_not_joined(actions):
    actions.audit()
    shutil.copytree(actions.folder / "made", actions.folder / "again")
    result = actions.merge(records=[str(actions.folder / name) for name in ("made", "again")], slices=2)
    assert result["failed"] and "pass each slice of a run once" in result["msg"]
    assert not (actions.folder / "merged").exists()


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "can't be read"),
        ("{}", "is of schema None"),
        ('{"schema": "qcloud.crs/audit-record/1"}', "is of an earlier version of this collection (it has no run)"),
    ],
    ids=["empty", "schema", "keys"],
)
def test_what_is_no_record_is_named(actions, text, said):
    (actions.folder / "made").mkdir()
    (actions.folder / "made" / "audit-record.json").write_text(text)
    result = actions.merge()
    assert result["failed"] and said in result["msg"] and "made/audit-record.json" in result["msg"]


@pytest.mark.parametrize("plugin", ["merge", "report"])
def test_a_record_that_contradicts_its_own_facts_is_no_record(actions, plugin):
    """Somebody made a pass of what failed, and didn't forget the totals."""
    actions.audit()
    record, path = actions.record, actions.folder / "made" / "audit-record.json"
    entry = record["instances"][0]
    assert entry["fails"] and entry["host"] == "none"
    entry.update(outcome="pass", fails=False)
    for verdict in entry["rules"]:
        verdict.update(outcome="pass", message="3 usable backups, limit 1")
    record["summary"].update(fail=0, **{"pass": 2})
    path.write_text(json.dumps(record), encoding="utf-8")
    shutil.rmtree(actions.folder / "merged", ignore_errors=True)
    (path.parent / "report.html").unlink()
    result = actions.merge() if plugin == "merge" else actions.run(crs_backup_report, record=str(path))
    assert (
        result["failed"]
        and f"record {str(path)!r} is not a valid record (host none (instance crs-none0001)" in result["msg"]
    )
    assert "rule max_age: outcome is 'pass', and its facts give 'fail'): it was modified" in result["msg"]
    assert result["msg"].endswith("or run the audit again")
    assert not (path.parent / "report.html").exists() and not (actions.folder / "merged").exists()


def about_runs(result):
    return [warning for warning in result["warnings"] if "crs_backup_policy_run_id" in warning]


def test_slices_are_of_the_run_that_awx_or_a_variable_says(actions):
    """Slices of two jobs of one workflow are merged without a warning, and those of two workflows are refused."""
    actions.variables["awx_workflow_job_id"] = 41
    for name, hosts in (("one", "crs-good0001"), ("two", "none")):
        actions.variables["crs_backup_policy_report_dir"] = str(actions.folder / name)
        assert "failed" not in actions.audit(hosts=hosts)
    slices = {"records": [str(actions.folder / name) for name in ("one", "two")], "slices": 2}
    result = actions.merge(**slices)
    assert about_runs(result) == [] and result["summary"]["instances"] == 2
    merged = json.loads((actions.folder / "merged" / "audit-record.json").read_text(encoding="utf-8"))
    assert merged["run"] == "41"
    actions.variables["crs_backup_policy_run_id"] = "nightly-7"
    actions.audit(hosts="none")
    result = actions.merge(**slices)
    assert (
        result["failed"]
        and "is of the run '41' and" in result["msg"]
        and "of 'nightly-7': merge the slices of" in result["msg"]
    )


def test_slices_without_a_run_are_joined_with_a_warning(actions):
    for name, hosts in (("one", "crs-good0001"), ("two", "none")):
        actions.variables["crs_backup_policy_report_dir"] = str(actions.folder / name)
        actions.audit(hosts=hosts)
    result = actions.merge(records=[str(actions.folder / name) for name in ("one", "two")], slices=2)
    (said,) = about_runs(result)
    assert "a slice of an earlier run may replace one that failed: set crs_backup_policy_run_id" in said


def test_beside_a_record_that_is_named_there_is_room(actions):
    actions.audit()
    made = actions.folder / "made"
    result = actions.merge(records=[str(made / "audit-record.json")], report_dir=str(made / "merged"))
    assert result["changed"]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_reports_of_a_record_are_made_anew(actions, elsewhere):
    made = actions.audit()["reports"]
    folder = actions.folder / ("again" if elsewhere else "made")
    page = (actions.folder / "made" / "report.html").read_bytes()
    (actions.folder / "made" / "report.html").unlink()
    options = {"report_dir": str(folder)} if elsewhere else {}
    result = actions.run(crs_backup_report, record=made["record"], **options)
    assert result["changed"] and result["summary"] == actions.record["summary"]
    assert (folder / "report.html").read_bytes() == page and set(result["reports"]) == set(made) - {"record"}


def test_a_record_of_the_future_is_neither_joined_nor_shown(actions):
    """The alert that there was no audit for a day would be silent until then."""
    path = actions.audit()["reports"]["record"]
    record = actions.record
    for one in (record, *record["instances"]):
        one["evaluated_at"] = "2999-01-01T00:00:00Z"
    (actions.folder / "made" / "audit-record.json").write_text(json.dumps(record), encoding="utf-8")
    for result in (
        actions.merge(),
        actions.run(crs_backup_report, record=path, report_dir=str(actions.folder / "new")),
    ):
        assert result["failed"] and "was judged at 2999-01-01T00:00:00Z, in the future" in result["msg"]
    assert not (actions.folder / "merged").exists() and not (actions.folder / "new").exists()


def test_reports_in_check_mode_are_not_written(actions):
    made = actions.audit()["reports"]
    folder = actions.folder / "again"
    result = actions.run(crs_backup_report, check_mode=True, record=made["record"], report_dir=str(folder))
    assert (result["changed"], result["reports"]) == (False, {}) and not folder.exists()


def test_reports_that_cannot_be_written_or_read_fail(actions):
    made = actions.audit()["reports"]
    (actions.folder / "file").write_text("a file in place of the folder")
    result = actions.run(crs_backup_report, record=made["record"], report_dir=str(actions.folder / "file"))
    assert result["failed"] and "can't be written to" in result["msg"]
    result = actions.run(crs_backup_report, record=made["html"])
    assert result["failed"] and "report.html" in result["msg"]


def test_a_defect_is_no_error_of_the_users(actions, monkeypatch):
    def die(self, task_vars):
        raise RuntimeError("a defect")

    monkeypatch.setattr(crs_backup_report.ActionModule, "work", die)
    with pytest.raises(RuntimeError, match="a defect"):
        actions.run(crs_backup_report, record="x")
    assert RecordAction.BYPASS_HOST_LOOP
