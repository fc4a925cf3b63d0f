# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users set, for the run and for single hosts: the policy, the connection, credentials."""

from __future__ import annotations

import re

import pytest
from audit_runner import CREDENTIALS, failed_hosts, host

RULES = [
    "max_age",
    "max_age_system",
    "max_age_manual",
    "min_usable",
    "min_retention",
    "retention_configured",
    "auto_backup",
    "daily",
    "max_gap",
    "window",
    "required_remark",
    "min_size_ratio",
    "max_in_progress",
]


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


ROLE_PLAY = """
- hosts: crs
  gather_facts: false
  roles:
    - role: qcloud.crs.crs_backup_policy
"""


def test_each_rule_can_be_turned_off_through_the_role(audit):
    """Each of four hosts has one rule on and all others off, in its own way."""
    audit.write("play.yml", ROLE_PLAY)
    told = {
        host("v3", "healthy"): ("min_usable", 1, False),
        host("v3", "halfold"): ("max_age", "26h", "off"),
        host("v3", "stale"): ("min_usable", 1, "no"),
        host("v3", "young"): ("max_age", "26h", "false"),
    }
    for name, (rule, limit, off) in told.items():
        values = {**dict.fromkeys(RULES, off), rule: limit}
        audit.write(f"host_vars/{name}.yml", {f"crs_backup_policy_{one}": value for one, value in values.items()})
    done = audit.run(playbook="play.yml")
    # A host whose variables the role refuses would fail, and be judged all the same.
    assert not failed_hosts(done.stdout) & set(told)
    found = {entry["host"]: [verdict["rule"] for verdict in entry["rules"]] for entry in audit.record["instances"]}
    assert {name: found[name] for name in told} == {name: [rule] for name, (rule, _limit, _off) in told.items()}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("crs_backup_policy_required_remark", None, "crs_backup_policy_required_remark None is blank: give a limit"),
        ("crs_backup_policy_required_remark", "^a", "crs_backup_policy_required_remark '^a' is not a dict of pattern"),
        ("crs_backup_policy_min_size_ratio", "half", "crs_backup_policy_min_size_ratio 'half' is not a share"),
        (
            "crs_backup_policy_auto_backup",
            "perhaps",
            "crs_backup_policy_auto_backup 'perhaps' is neither true nor false",
        ),
    ],
)
def test_a_rule_that_is_no_limit_is_said_in_the_same_words_through_the_role(audit, name, value, says):
    audit.write("play.yml", ROLE_PLAY)
    done = audit.run(playbook="play.yml", **{name: value})
    assert done.returncode != 0 and says in done.stdout and audit.emulator.log == []


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
