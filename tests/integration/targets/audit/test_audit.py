# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit as its users run it: ansible-playbook against the emulator, over both generations of the API."""

from __future__ import annotations

import json
import re
import stat

import pytest
import yaml
from audit_runner import CASES, CREDENTIALS, DAILY, REGIONS, Audit, fleet, host, outcomes
from emulator import Emulator


@pytest.fixture
def audit(tmp_path):
    with Emulator(fleet()) as emulator:
        made = Audit(tmp_path, emulator)
        made.inventory()
        yield made


EXPECTED = {host(version, name): outcome for version in REGIONS for name, (_spec, outcome) in CASES.items()}
FAILING = {name for name, outcome in EXPECTED.items() if outcome in ("fail", "unknown")}


def failed_hosts(output):
    return set(re.findall(r"^fatal: \[([^\]]+)\]", output, re.MULTILINE))


def test_each_host_that_breaks_its_policy_fails(audit):
    done = audit.run()
    assert done.returncode == 2
    assert outcomes(audit.record) == EXPECTED
    assert failed_hosts(done.stdout) == FAILING
    assert audit.record["summary"] == {
        "instances": 24,
        "fail": 10,
        "unknown": 8,
        "waived": 0,
        "pass": 4,
        "not_applicable": 2,
    }
    assert audit.record["complete"] is False
    for line in (
        "newest usable backup started 27h ago, limit 26h",
        "oldest usable backup started 4d 3h ago, limit 6d",
        "0 usable backups (one in progress for 2",
        "access denied",
        "instance not found",
        "a backup is dated in the future",
    ):
        assert done.stdout.count(line) >= 2, line


def test_report_and_record_are_written_for_owner_and_group_only(audit):
    audit.run(crs_backup_policy_fail="never")
    for name in ("audit-record.json", "report.html"):
        assert stat.S_IMODE((audit.report_dir / name).stat().st_mode) == 0o640
    page = (audit.report_dir / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in EXPECTED)
    assert not [path.name for path in audit.report_dir.iterdir() if path.name.startswith(".")]


def test_one_listing_for_each_connection(audit):
    audit.run(crs_backup_policy_fail="never")
    record = audit.record
    assert sorted((listing["api_version"], listing["instances"]) for listing in record["listings"]) == [
        ("v2", 12),
        ("v3", 12),
    ]
    v3 = [entry for entry in audit.emulator.log if entry["api"] == "v3"]
    # A sweep, one question for each of the four that it doesn't show, and one for all instances of the region.
    assert len(v3) == 1 + 4 + 1


@pytest.mark.parametrize(("mode", "status", "failed"), [("once", 2, 1), ("never", 0, 0)])
def test_other_ways_to_fail(audit, mode, status, failed):
    done = audit.run(crs_backup_policy_fail=mode)
    assert done.returncode == status
    assert len(failed_hosts(done.stdout)) == failed
    assert outcomes(audit.record) == EXPECTED
    if failed:
        assert "18 hosts break their policy" in done.stdout


def test_unknown_may_warn_only(audit):
    done = audit.run(crs_backup_policy_unknown="warn")
    assert failed_hosts(done.stdout) == {name for name, outcome in EXPECTED.items() if outcome == "fail"}
    assert outcomes(audit.record) == EXPECTED


def test_check_mode_judges_and_writes_nothing(audit):
    done = audit.run("--check")
    assert failed_hosts(done.stdout) == FAILING
    assert not audit.report_dir.exists()


def test_a_healthy_fleet_passes(tmp_path):
    cases = {"healthy": CASES["healthy"], "halfold": CASES["halfold"]}
    with Emulator(fleet(cases)) as emulator:
        made = Audit(tmp_path, emulator)
        made.inventory(cases)
        done = made.run()
    assert done.returncode == 0
    assert made.record["complete"] is True
    assert made.record["summary"]["pass"] == 4


class TestEmptyScope:
    """A play without hosts is skipped by Ansible with exit status 0: that must not look like a pass."""

    def refused(self, done):
        assert done.returncode != 0
        assert (
            "0 hosts of the play match 'crs' and at least 1 are expected (crs_backup_policy_min_hosts)" in done.stdout
        )

    def test_no_inventory(self, audit):
        (audit.folder / "hosts.yml").unlink()
        self.refused(audit.run())

    def test_empty_group(self, audit):
        audit.write("hosts.yml", {"crs": {"hosts": {}}, "web": {"hosts": {"web1": {}}}})
        self.refused(audit.run())

    def test_inventory_source_that_fails(self, audit):
        audit.write("hosts.yml", "crs: [broken")
        self.refused(audit.run())

    def test_limit_to_others(self, audit):
        self.refused(audit.run("--limit", "web"))

    @pytest.mark.parametrize("limit", ["localhost", "nobody", "v2:!v2"])
    def test_limit_that_leaves_nobody(self, audit, limit):
        assert audit.run("--limit", limit).returncode != 0

    def test_fewer_than_expected(self, audit):
        done = audit.run(crs_backup_policy_min_hosts=25)
        assert done.returncode != 0 and "24 hosts of the play match" in done.stdout
        assert audit.emulator.log == []


def test_limit_narrows_the_audit(audit):
    done = audit.run("--limit", "v2:web1")
    assert set(outcomes(audit.record)) == {name for name in EXPECTED if name.startswith("crs-v2")}
    assert done.returncode == 2


def test_group_and_host_variables_win_for_their_hosts_alone(audit):
    audit.write("group_vars/v2.yml", {"crs_backup_policy_max_age": "30h"})
    audit.write(f"host_vars/{host('v3', 'tooshort')}.yml", {"crs_backup_policy_min_retention": "{{ 2 + 2 }}d"})
    audit.write(
        f"host_vars/{host('v3', 'none')}.yml",
        {"crs_backup_policy_unknown": "warn", "crs_backup_policy_min_usable": False},
    )
    audit.run()
    found = {entry["host"]: entry for entry in audit.record["instances"]}
    assert found[host("v2", "stale")]["outcome"] == "pass"
    assert found[host("v3", "stale")]["outcome"] == "fail"
    assert found[host("v3", "tooshort")]["outcome"] == "pass"
    assert found[host("v2", "tooshort")]["outcome"] == "fail"
    assert [verdict["rule"] for verdict in found[host("v3", "none")]["rules"]] == ["max_age", "min_retention"]
    assert found[host("v2", "stale")]["origins"] == {
        "max_age": "set for this host",
        "min_usable": "role default",
        "min_retention": "role default",
    }
    assert found[host("v3", "stale")]["origins"]["max_age"] == "role default"
    assert audit.record["policies"][found[host("v2", "stale")]["policy"]]["max_age"] == "30h"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("crs_backup_policy_max_age", "26 hours", "crs_backup_policy_max_age '26 hours' is not a duration"),
        ("crs_backup_policy_max_age", "-1h", "crs_backup_policy_max_age '-1h' is not a duration"),
        ("crs_backup_policy_min_usable", "many", "crs_backup_policy_min_usable 'many' is not a count"),
        ("crs_backup_policy_window", "25:00-26:00", "crs_backup_policy_window '25:00-26:00' is not a window"),
        ("crs_backup_policy_fail", "sometimes", "crs_backup_policy_fail 'sometimes' is not one of each, once, never"),
        ("crs_backup_policy_unknown", "pass", "crs_backup_policy_unknown 'pass' is not one of fail, warn"),
        ("crs_backup_policy_timezone", "Mars", "crs_backup_policy_timezone 'Mars' is neither an offset"),
        ("crs_region", "moon", "region 'moon' is not a region code"),
        ("crs_endpoint", "http://redis.example.com", "plain http"),
        ("crs_created_time", "yesterday", "crs_created_time 'yesterday' is not a time"),
        ("crs_timeout", "soon", "crs_timeout"),
        ("crs_instance_id", "no id", "crs_instance_id 'no id' is no instance id"),
    ],
)
def test_bad_values_stop_the_run_before_the_first_request(audit, name, value, says):
    done = audit.run(**{name: value})
    assert done.returncode != 0
    assert says in done.stdout
    assert audit.emulator.log == []
    assert not audit.report_dir.exists()


def test_settings_of_the_run_have_to_agree(audit):
    audit.write("group_vars/v2.yml", {"crs_backup_policy_report_dir": "elsewhere"})
    audit.write("group_vars/v3.yml", {"crs_backup_policy_report_dir": "here"})
    done = audit.run()
    assert done.returncode != 0 and "it holds for the whole run" in done.stdout


def test_a_policy_that_can_never_hold_is_said_once(audit):
    done = audit.run(crs_backup_policy_min_retention="14d", crs_backup_policy_fail="never")
    assert re.sub(r"\s+", " ", done.stdout).count("[WARNING]: crs_backup_policy_min_retention looks back 14d") == 1
    v2 = [entry for entry in audit.record["instances"] if entry["host"] == host("v2", "healthy")]
    assert [verdict["outcome"] for verdict in v2[0]["rules"]] == ["pass", "pass", "unknown"]


ROLE_PLAY = """
- hosts: crs
  gather_facts: false
  {keyword}
  tasks:
    - ansible.builtin.fail:
        msg: failed before the audit
      when: inventory_hostname in ['crs-v2healthy', 'crs-v2stale']
    - ansible.builtin.import_role:
        name: qcloud.crs.crs_backup_policy
"""


@pytest.mark.parametrize(
    "keyword", ["serial: 5", "serial: 100%", "order: shuffle", "serial: 7\n  order: reverse_sorted"]
)
def test_no_host_drops_out_of_the_record(audit, keyword):
    """Not under serial, and not a host that failed earlier in the play."""
    audit.write("play.yml", ROLE_PLAY.format(keyword=keyword))
    done = audit.run(playbook="play.yml")
    assert done.returncode == 2
    assert outcomes(audit.record) == EXPECTED
    expected = FAILING | {"crs-v2healthy"}
    # Ansible ends a play when a whole batch has failed; the record has all hosts nevertheless.
    assert failed_hosts(done.stdout) <= expected if "serial: 5" in keyword else failed_hosts(done.stdout) == expected


def test_a_strategy_that_runs_hosts_by_themselves_is_refused(audit):
    audit.write("play.yml", ROLE_PLAY.format(keyword="strategy: free"))
    done = audit.run(playbook="play.yml")
    assert done.returncode != 0 and "bypasses the host loop" in done.stdout


PARTLY_PLAY = """
- hosts: crs-v3healthy:crs-v3stale
  gather_facts: false
  tasks:
    - ansible.builtin.{how}_role:
        name: qcloud.crs.crs_backup_policy
      {keyword}
"""


@pytest.mark.parametrize(
    ("how", "keyword"),
    [
        ("include", "run_once: true"),
        ("include", "when: inventory_hostname == 'crs-v3healthy'"),
        ("import", "when: inventory_hostname == 'crs-v3healthy'"),
    ],
)
def test_a_host_that_the_role_is_not_run_for_fails_all_the_same(audit, how, keyword):
    audit.write("play.yml", PARTLY_PLAY.format(how=how, keyword=keyword))
    done = audit.run(playbook="play.yml")
    assert outcomes(audit.record) == {"crs-v3healthy": "pass", "crs-v3stale": "fail"}
    assert done.returncode == 2
    assert "the role is not run for them: crs-v3stale" in done.stdout
    assert audit.run(playbook="play.yml", crs_backup_policy_fail="never").returncode == 0


def test_only_the_host_that_fails_is_rescued(audit):
    audit.write(
        "play.yml",
        """
- hosts: crs-v3healthy:crs-v3stale
  gather_facts: false
  tasks:
    - block:
        - ansible.builtin.include_role:
            name: qcloud.crs.crs_backup_policy
        - ansible.builtin.debug:
            msg: passed {{ inventory_hostname }}
      rescue:
        - ansible.builtin.debug:
            msg: rescued {{ inventory_hostname }}
""",
    )
    done = audit.run(playbook="play.yml")
    assert done.returncode == 0
    assert set(re.findall(r"(?:passed|rescued) crs-\w+", done.stdout)) == {
        "passed crs-v3healthy",
        "rescued crs-v3stale",
    }


def test_credentials_of_a_host_are_its_own(audit):
    """Hosts with other credentials make a connection of their own, and nothing of it shows."""
    audit.write(
        f"host_vars/{host('v3', 'healthy')}.yml",
        {
            "crs_secret_id": CREDENTIALS["secret_id"],
            "crs_secret_key": "madeupOtherKey0000000000000001",
            "crs_token": CREDENTIALS["token"],
        },
    )
    audit.run()
    found = {entry["host"]: entry for entry in audit.record["instances"]}
    assert found[host("v3", "healthy")]["outcome"] == "unknown"
    assert found[host("v3", "healthy")]["error"]["kind"] == "auth"
    assert found[host("v3", "halfold")]["outcome"] == "pass"
    assert len(audit.record["listings"]) == 3


def test_no_credentials_at_all(audit):
    done = audit.run(environment={f"TENCENTCLOUD_{name}": "" for name in ("SECRET_ID", "SECRET_KEY", "TOKEN")})
    assert done.returncode != 0 and "no credentials: set TENCENTCLOUD_SECRET_ID" in done.stdout


@pytest.mark.parametrize(
    "fault", ["throttle", "http_500", "drop", "html", "truncated", "moving", "total_too_high", "echo_secret"]
)
def test_a_broken_cloud_is_unknown_and_never_passes(audit, fault):
    audit.emulator.set_faults([{"name": fault, **({"every": "request"} if fault == "moving" else {})}])
    audit.inventory(crs_retries=0, crs_timeout=5)
    audit.run()
    found = set(outcomes(audit.record).values())
    if fault == "moving":
        # One page is one moment: nothing can move under it.
        assert "pass" in found
    else:
        assert found == {"unknown"}
        assert audit.record["complete"] is False


def test_texts_of_the_cloud_are_data(tmp_path):
    evil = "<script>alert(1)</script>{{ lookup('pipe', 'touch templated') }}]]>\"'\n\u202e"
    cases = {"healthy": ({"schedule": DAILY}, "pass")}
    cloud = fleet(cases)
    for instance in cloud["instances"]:
        instance["name"] = evil
    with Emulator(cloud) as emulator:
        made = Audit(tmp_path, emulator)
        made.inventory(cases)
        made.run()
    assert not list(tmp_path.rglob("templated"))
    page = (made.report_dir / "report.html").read_text(encoding="utf-8")
    assert page.count("<script") == 1 and "alert(1)</script>" not in page and "&lt;script&gt;" in page
    assert {entry["instance_name"] for entry in made.record["instances"] if entry["api_version"] == "v3"} == {evil}


def waiver(rule, name, **more):
    return {
        "rule": rule,
        "reason": "CHG-1",
        "owner": "dba",
        "expires": "2099-01-01T00:00:00+08:00",
        "instance": name,
        **more,
    }


def test_waivers_keep_the_outcome_beside_them(audit):
    waivers = [
        waiver("max_age", host("v2", "stale")),
        waiver("min_retention", host("v3", "tooshort")),
        waiver("max_age", host("v3", "stale"), expires="2020-01-01T00:00:00Z"),
        waiver("max_gap", host("v3", "stale")),
        waiver("max_age", "crs-nobody"),
    ]
    done = audit.run(crs_backup_policy_waivers=waivers)
    found = {entry["host"]: entry for entry in audit.record["instances"]}
    for name, rule in ((host("v2", "stale"), "max_age"), (host("v3", "tooshort"), "min_retention")):
        assert found[name]["outcome"] == "waived"
        (verdict,) = [one for one in found[name]["rules"] if one["rule"] == rule]
        assert verdict["outcome"] == "fail" and verdict["waiver"]["owner"] == "dba"
    assert found[host("v3", "stale")]["outcome"] == "fail"
    assert failed_hosts(done.stdout) == FAILING - {host("v2", "stale"), host("v3", "tooshort")}
    states = sorted(one["state"] for one in audit.record["waivers"])
    assert states == ["expired", "live", "live", "unmatched", "unmatched"]
    said = re.sub(r"\s+", " ", done.stdout)
    assert said.count("has expired and counts for nothing") == 1
    assert said.count("matches no instance and rule in scope") == 2


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"reason": ""}, "crs_backup_policy_waivers[0] has no reason"),
        ({"expires": "2099-01-01"}, "crs_backup_policy_waivers[0].expires '2099-01-01' is not a time with a zone"),
        ({"rule": "everything"}, "crs_backup_policy_waivers[0].rule 'everything' is no rule"),
    ],
)
def test_a_malformed_waiver_stops_the_run_before_the_first_request(audit, broken, says):
    done = audit.run(crs_backup_policy_waivers=[{**waiver("max_age", "crs-1"), **broken}])
    assert done.returncode != 0 and says in done.stdout
    assert audit.emulator.log == []


class TestCoverage:
    def forget(self, audit):
        """Leave two instances out of the inventory."""
        data = yaml.safe_load((audit.folder / "hosts.yml").read_text(encoding="utf-8"))
        for version in REGIONS:
            del data["crs"]["children"][version]["hosts"][host(version, "healthy")]
        audit.write("hosts.yml", data)

    def missing(self, audit):
        return {entry["region"]: entry["not_in_inventory"] for entry in audit.record["coverage"]}

    def test_instances_that_nobody_audits_are_reported(self, audit):
        self.forget(audit)
        done = audit.run(crs_backup_policy_fail="once")
        assert self.missing(audit) == {region: [host(version, "healthy")] for version, region in REGIONS.items()}
        assert "1 instances of ap-shanghai are not in the inventory: crs-v2healthy" in done.stdout
        assert "nobody audits" not in "".join(failed_hosts(done.stdout))

    def test_and_fail_the_run_on_demand(self, audit):
        self.forget(audit)
        keep = {name: audit_case for name, audit_case in CASES.items() if name in ("halfold", "young")}
        audit.inventory(keep)
        done = audit.run(crs_backup_policy_coverage="fail")
        assert done.returncode == 2
        assert "(crs_backup_policy_coverage)" in done.stdout

    def test_what_cannot_be_found_out_is_no_coverage(self, audit):
        audit.emulator.set_faults(
            [{"name": "api_error", "action": "DescribeInstances", "code": "UnauthorizedOperation"}]
        )
        audit.inventory({"halfold": CASES["halfold"]})
        done = audit.run(crs_backup_policy_coverage="fail")
        assert done.returncode == 2
        assert "coverage of ap-guangzhou is not known" in done.stdout

    def test_limit_does_not_make_the_rest_uncovered(self, audit):
        audit.run("--limit", "v2")
        assert self.missing(audit) == {"ap-shanghai": []}

    def test_off_asks_nothing(self, audit):
        audit.run(crs_backup_policy_coverage="off")
        assert audit.record["coverage"] == []
        assert not [entry for entry in audit.emulator.log if entry["action"] in ("DescribeInstances", "DescribeRedis")]


def test_rules_on_configuration_read_it_from_api_3(tmp_path):
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    cases = {
        "daily": ({"schedule": DAILY, "auto_backup": {"week_days": days, "days": 7}}, "pass"),
        "weekly": ({"schedule": DAILY, "auto_backup": {"week_days": ["Monday"], "days": 30}}, "fail"),
    }
    with Emulator(fleet(cases)) as emulator:
        made = Audit(tmp_path, emulator)
        made.inventory(cases)
        made.run(crs_backup_policy_auto_backup=True, crs_backup_policy_retention_configured="7d")
    assert outcomes(made.record) == {
        "crs-v3daily": "pass",
        "crs-v3weekly": "fail",
        "crs-v2daily": "unknown",
        "crs-v2weekly": "unknown",
    }


def test_reports_of_a_stored_record_are_the_same(audit):
    audit.run(crs_backup_policy_fail="never")
    again = audit.folder / "again"
    done = audit.run(
        playbook="qcloud.crs.report",
        crs_audit_record=str(audit.report_dir / "audit-record.json"),
        crs_audit_report_dir=str(again),
    )
    assert done.returncode == 0
    made = sorted(path.name for path in again.iterdir())
    assert made == sorted(path.name for path in audit.report_dir.iterdir() if path.name != "audit-record.json")
    for name in made:
        assert (again / name).read_bytes() == (audit.report_dir / name).read_bytes()


def test_a_summary_is_published_for_awx(audit):
    done = audit.run(crs_backup_policy_fail="never", environment={"ANSIBLE_SHOW_CUSTOM_STATS": "1"})
    stats = done.stdout[done.stdout.index("CUSTOM STATS:") :]
    (published,) = re.findall(r"\{.*\}", stats, re.DOTALL)
    summary = json.loads(published)["crs_backup_audit"]
    assert summary["summary"] == audit.record["summary"]
    assert summary["complete"] is False
    assert set(summary["failed_hosts"]) == FAILING


def test_defaults_of_the_action_group_reach_the_audit(audit):
    audit.write(
        "hosts.yml",
        {"crs": {"vars": {"crs_endpoint": audit.emulator.url}, "hosts": {host("v3", "healthy"): {}}}},
    )
    play = {
        "hosts": "crs",
        "gather_facts": False,
        "module_defaults": {"group/qcloud.crs.crs": {"region": REGIONS["v3"]}},
        "roles": ["qcloud.crs.crs_backup_policy"],
    }
    audit.write("play.yml", [play])
    assert audit.run(playbook="play.yml").returncode == 0
    assert outcomes(audit.record) == {host("v3", "healthy"): "pass"}
