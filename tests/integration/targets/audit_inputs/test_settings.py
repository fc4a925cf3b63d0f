# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users set, for the run and for single hosts: the policy, the connection, credentials."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from audit_runner import CREDENTIALS, REGIONS, audited, host

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


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The record of an audit with variables of a group and of single hosts."""
    with audited(tmp_path_factory.mktemp("own")) as audit:
        audit.write("group_vars/v2.yml", {"crs_backup_policy_max_age": "30h"})
        audit.write(f"host_vars/{host('v3', 'tooshort')}.yml", {"crs_backup_policy_min_retention": "{{ 2 + 2 }}d"})
        audit.write(
            f"host_vars/{host('v3', 'none')}.yml",
            {"crs_backup_policy_unknown": "warn", "crs_backup_policy_min_usable": False},
        )
        audit.write(
            f"host_vars/{host('v3', 'healthy')}.yml",
            {
                "crs_secret_id": CREDENTIALS["secret_id"],
                "crs_secret_key": "madeupOtherKey0000000000000001",
                "crs_token": CREDENTIALS["token"],
            },
        )
        audit.run(crs_backup_policy_fail="never")
        return audit.record


def test_group_and_host_variables_win_for_their_hosts_alone(own):
    found = {entry["host"]: entry for entry in own["instances"]}
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
    assert own["policies"][found[host("v2", "stale")]["policy"]]["max_age"] == "30h"


def test_credentials_of_a_host_are_its_own(own):
    """Hosts with other credentials make a connection of their own, and nothing of it shows."""
    found = {entry["host"]: entry for entry in own["instances"]}
    assert found[host("v3", "healthy")]["outcome"] == "unknown"
    assert found[host("v3", "healthy")]["error"]["kind"] == "auth"
    assert found[host("v3", "halfold")]["outcome"] == "pass"
    assert len(own["listings"]) == 3


#: Each of these has one rule on and all others off, in its own way: name: (rule, limit, off)
ALONE = {
    host("v3", "healthy"): ("min_usable", 1, False),
    host("v3", "halfold"): ("max_age", "26h", "off"),
    host("v3", "stale"): ("min_usable", 1, "no"),
    host("v3", "young"): ("max_age", "26h", "false"),
}
WAIVER = {
    "rule": "max_age",
    "reason": "CHG-1",
    "owner": "dba",
    "expires": f"{datetime.now(timezone.utc) + timedelta(days=300):%Y-%m-%dT%H:%M:%S+00:00}",
    "instance": "crs-1",
}
#: Values that are mistakes: a variable, its value, and a part of the message.
BAD_VALUES = [
    ("crs_backup_policy_max_age", "26 hours", "crs_backup_policy_max_age '26 hours' is not a duration"),
    ("crs_backup_policy_max_age", "-1h", "crs_backup_policy_max_age '-1h' is not a duration"),
    ("crs_backup_policy_min_retention", "7", "crs_backup_policy_min_retention '7' has no unit: write 7d for days"),
    ("crs_backup_policy_min_usable", "many", "crs_backup_policy_min_usable 'many' is not a count"),
    ("crs_backup_policy_window", "25:00-26:00", "crs_backup_policy_window '25:00-26:00' is not a window"),
    ("crs_backup_policy_fail", "sometimes", "crs_backup_policy_fail 'sometimes' is not one of each, once, never"),
    ("crs_backup_policy_unknown", "pass", "crs_backup_policy_unknown 'pass' is not one of fail, warn"),
    ("crs_backup_policy_timezone", "Mars", "crs_backup_policy_timezone 'Mars' is neither an offset"),
    ("crs_region", "moon", "region 'moon' is not a region code"),
    ("crs_endpoint", "http://redis.example.com", "plain http"),
    ("crs_created_time", "yesterday", "crs_created_time 'yesterday' is not a time"),
    ("crs_timeout", "soon", "crs_timeout"),
    ("crs_instance_id", "no id", "crs_instance_id 'no id' is not a valid instance id"),
    ("crs_env_prefix", "NOBODY", "NOBODY_SECRET_ID and NOBODY_SECRET_KEY are not in the environment"),
]
BAD_WAIVERS = [
    ({"reason": ""}, "crs_backup_policy_waivers[0] has no reason"),
    ({"expires": "2099-01-01"}, "crs_backup_policy_waivers[0].expires '2099-01-01' is not a time with a zone"),
    ({"expires": "2099-01-01T00:00:00+08:00"}, "at most 366d are allowed (crs_backup_policy_max_waiver)"),
    ({"rule": "everything"}, "crs_backup_policy_waivers[0].rule 'everything' is not a rule"),
]
NO_LIMITS = [
    ("crs_backup_policy_required_remark", None, "crs_backup_policy_required_remark None is empty: set a limit"),
    ("crs_backup_policy_required_remark", "^a", "crs_backup_policy_required_remark '^a' is not a dict of pattern"),
    ("crs_backup_policy_min_size_ratio", "half", "crs_backup_policy_min_size_ratio 'half' is not a share"),
    (
        "crs_backup_policy_auto_backup",
        "perhaps",
        "crs_backup_policy_auto_backup 'perhaps' is not true: use true, or false",
    ),
]
#: As the playbook does it, and as users of the role.
JUDGE = {"qcloud.crs.crs_backup_audit": {"hosts": "crs"}, "run_once": True}
ROLE = {"ansible.builtin.import_role": {"name": "qcloud.crs.crs_backup_policy"}}
#: name: ({variable: value}, task, part of the message), each of a host with its own play.
REFUSED = {
    **{f"value{number}": ({name: value}, JUDGE, said) for number, (name, value, said) in enumerate(BAD_VALUES)},
    **{
        f"waiver{number}": ({"crs_backup_policy_waivers": [{**WAIVER, **broken}]}, JUDGE, said)
        for number, (broken, said) in enumerate(BAD_WAIVERS)
    },
    **{f"limit{number}": ({name: value}, ROLE, said) for number, (name, value, said) in enumerate(NO_LIMITS)},
}


@pytest.fixture(scope="module")
def refusing(tmp_path_factory):
    """A playbook of many plays: what stops one of them doesn't stop the next."""
    with audited(tmp_path_factory.mktemp("refusing")) as audit:
        connection = {"crs_endpoint": audit.emulator.url, "crs_region": REGIONS["v3"], "crs_retries": 0}
        alone = {
            name: {f"crs_backup_policy_{one}": off for one in RULES} | {f"crs_backup_policy_{rule}": limit}
            for name, (rule, limit, off) in ALONE.items()
        }
        hosts = {name: variables for name, (variables, _task, _said) in REFUSED.items()}
        ids = {name: {"crs_instance_id": f"crs-{name}"} for name in hosts}
        audit.write(
            "hosts.yml",
            {"crs": {"vars": connection, "hosts": {**{name: {**ids[name], **hosts[name]} for name in hosts}, **alone}}},
        )
        plays = [
            {
                "hosts": name,
                "gather_facts": False,
                "tasks": [{"block": [task], "rescue": [{"ansible.builtin.meta": "noop"}]}],
            }
            for name, (_variables, task, _said) in REFUSED.items()
        ]
        audit.write("refused.yml", plays)
        audit.refused = audit.run(playbook="refused.yml")
        audit.asked, audit.wrote = list(audit.emulator.log), audit.report_dir.exists()
        audit.write("alone.yml", [{"hosts": ":".join(ALONE), "gather_facts": False, "tasks": [ROLE]}])
        audit.alone = audit.run(playbook="alone.yml", crs_backup_policy_fail="never")
        yield audit


def refusals(output):
    """Return ``{host: message}`` of what failed."""
    found = re.findall(r"^fatal: \[([^\]]+)\]: FAILED! => (\{.*?^\})", output, re.MULTILINE | re.DOTALL)
    return {name: json.loads(text)["msg"] for name, text in found}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_values_stop_the_run_before_the_first_request(refusing, name):
    assert REFUSED[name][2] in refusals(refusing.refused.stdout)[name]
    assert refusing.asked == [] and not refusing.wrote


def test_each_rule_can_be_turned_off_through_the_role(refusing):
    # A host whose variables the role refuses would fail, and be judged nevertheless.
    assert refusing.alone.returncode == 0
    found = {entry["host"]: [verdict["rule"] for verdict in entry["rules"]] for entry in refusing.record["instances"]}
    assert found == {name: [rule] for name, (rule, _limit, _off) in ALONE.items()}


def test_settings_of_the_run_have_to_agree(audit):
    audit.write("group_vars/v2.yml", {"crs_backup_policy_report_dir": "elsewhere"})
    audit.write("group_vars/v3.yml", {"crs_backup_policy_report_dir": "here"})
    done = audit.run()
    assert done.returncode != 0 and "it applies to the whole run" in done.stdout
    assert audit.emulator.log == []
