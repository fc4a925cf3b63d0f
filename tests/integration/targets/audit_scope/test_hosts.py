# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom an audit is about: limits, empty groups, and the many ways of Ansible to leave hosts out of a task."""

from __future__ import annotations

import re

import pytest
from audit_runner import EXPECTED, FAILING, REGIONS, audited, failed_hosts, host, outcomes

OTHERS = [
    ("merge", {"crs_merge_records": "nowhere", "crs_merge_slices": 1}),
    ("report", {"crs_audit_record": "nowhere"}),
]


class TestEmptyScope:
    """A play without hosts is skipped by Ansible with exit status 0: that must not look like a pass."""

    def refused(self, done):
        assert done.returncode != 0
        assert (
            "0 hosts of the play match 'crs' and at least 1 are expected (crs_backup_policy_min_hosts)" in done.stdout
        )

    def test_no_inventory(self, audit):
        (audit.folder / "hosts.yml").unlink()
        # What only a host of the inventory can say isn't asked before there is one.
        self.refused(audit.run(crs_backup_policy_report_dir="{{ nowhere }}/reports"))

    def test_empty_group(self, audit):
        audit.write("hosts.yml", {"crs": {"hosts": {}}, "web": {"hosts": {"web1": {}}}})
        self.refused(audit.run())

    def test_inventory_source_that_fails(self, audit):
        audit.write("hosts.yml", "crs: [broken")
        self.refused(audit.run())

    def test_limit_to_others(self, audit):
        self.refused(audit.run("--limit", "web"))

    @pytest.mark.parametrize("limit", ["localhost", "v2:!v2"])
    def test_limit_that_leaves_nobody(self, audit, limit):
        assert audit.run("--limit", limit).returncode != 0

    # With a limit, an inventory without hosts has no localhost either.
    @pytest.mark.parametrize("hosts, limit", [({"crs": {"hosts": {}}}, "crs"), ("crs: [broken", "all")])
    def test_limit_of_nothing(self, audit, hosts, limit):
        audit.write("hosts.yml", hosts)
        self.nobody(audit.run("--limit", limit))

    @pytest.mark.parametrize("playbook, variables", OTHERS)
    def test_limit_of_nothing_in_the_other_playbooks(self, audit, playbook, variables):
        audit.write("hosts.yml", {"crs": {"hosts": {}}})
        self.nobody(audit.run("--limit", "crs", playbook=f"qcloud.crs.{playbook}", **variables))

    def nobody(self, done):
        assert done.returncode != 0 and "no host is left: the inventory is empty" in done.stdout


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """An audit of a part, with the tags of a job that has other plays, too, as AWX gives them."""
    with audited(tmp_path_factory.mktemp("limited")) as made:
        made.done = made.run("--limit", "v2:web1:!crs-v2healthy", "--tags", "nightly")
        return made


@pytest.mark.xdist_group("limited")
def test_limit_narrows_the_audit_and_tags_leave_nothing_out(limited):
    narrowed = {name for name in EXPECTED if name.startswith("crs-v2")} - {"crs-v2healthy"}
    assert outcomes(limited.record) == {name: EXPECTED[name] for name in narrowed}
    assert failed_hosts(limited.done.stdout) == FAILING & narrowed
    assert limited.done.returncode == 2


@pytest.mark.parametrize(
    ("playbook", "variables", "skipped"),
    [("audit", {}, "always"), *((*other, skipped) for other, skipped in zip(OTHERS, ("nightly,tagged", "always")))],
)
def test_to_skip_all_tags_is_an_error(audit, playbook, variables, skipped):
    done = audit.run(playbook=f"qcloud.crs.{playbook}", environment={"ANSIBLE_SKIP_TAGS": skipped}, **variables)
    assert done.returncode != 0 and "nothing is left to run: --skip-tags" in done.stdout
    assert audit.emulator.log == []


@pytest.mark.xdist_group("limited")
def test_limit_does_not_make_the_rest_uncovered(limited):
    """It looks there nevertheless: instances that are not audited may be in any place that the inventory names."""
    missing = {entry["region"]: entry["not_in_inventory"] for entry in limited.record["coverage"]}
    assert missing == {region: [] for region in REGIONS.values()}


#: As many as it takes for batches of which some fail and some don't.
FEW = ["healthy", "halfold", "stale", "denied"]


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


@pytest.mark.parametrize("keyword", ["serial: 2", "serial: 5\n  order: reverse_sorted"])
def test_no_host_drops_out_of_the_record(audit, keyword):
    """Not under serial, and not a host that failed earlier in the play."""
    audit.inventory(FEW)
    audit.write("play.yml", ROLE_PLAY.format(keyword=keyword))
    done = audit.run(playbook="play.yml")
    assert done.returncode == 2
    few = {host(version, name) for version in REGIONS for name in FEW}
    assert outcomes(audit.record) == {name: EXPECTED[name] for name in few}
    expected = FAILING & few | {"crs-v2healthy"}
    # Ansible ends a play when a whole batch has failed; the record has all hosts nevertheless.
    assert failed_hosts(done.stdout) <= expected if "serial: 2" in keyword else failed_hosts(done.stdout) == expected


def test_a_strategy_that_runs_hosts_by_themselves_is_refused(audit):
    audit.inventory(FEW)
    audit.write("play.yml", ROLE_PLAY.format(keyword="strategy: free"))
    done = audit.run(playbook="play.yml")
    assert done.returncode != 0 and "bypasses the host loop" in done.stdout
    assert 'If Ansible refuses the strategy, set "strategy: linear" for the play' in done.stdout


def test_the_playbooks_have_a_strategy_of_their_own(audit):
    free = {"ANSIBLE_STRATEGY": "free"}
    audit.run("--limit", "v2", environment=free)
    assert outcomes(audit.record) == {name: EXPECTED[name] for name in EXPECTED if name.startswith("crs-v2")}
    record = str(audit.report_dir / "audit-record.json")
    others = [("report", {"crs_audit_record": record, "crs_audit_report_dir": "again"})]
    others.append(("merge", {"crs_merge_records": [record], "crs_merge_slices": 1, "crs_merge_report_dir": "merged"}))
    for playbook, variables in others:
        done = audit.run(playbook=f"qcloud.crs.{playbook}", environment=free, **variables)
        assert "bypasses the host loop" not in done.stdout
    assert (audit.folder / "again" / "report.html").exists() and (audit.folder / "merged" / "report.html").exists()


INCLUDE = {"ansible.builtin.include_role": {"name": "qcloud.crs.crs_backup_policy"}}
PARTLY_PLAY = """
- hosts: crs-v3healthy:crs-v3stale
  gather_facts: false
  tasks:
    - ansible.builtin.{how}_role:
        name: qcloud.crs.crs_backup_policy
      {keyword}
"""


PARTLY = [
    ("include", "run_once: true"),
    ("include", "when: inventory_hostname == 'crs-v3healthy'"),
    ("import", "when: inventory_hostname == 'crs-v3healthy'"),
]


@pytest.mark.parametrize(("how", "keyword"), PARTLY)
def test_a_host_that_the_role_is_not_run_for_fails_all_the_same(audit, how, keyword):
    audit.write("play.yml", PARTLY_PLAY.format(how=how, keyword=keyword))
    done = audit.run(playbook="play.yml")
    assert outcomes(audit.record) == {"crs-v3healthy": "pass", "crs-v3stale": "fail"}
    assert done.returncode == 2
    assert (
        "the role does not run for them (set crs_backup_policy_hosts to the hosts to audit): crs-v3stale" in done.stdout
    )


JOINED_PLAY = """
- hosts: crs-v3healthy:crs-v2healthy:joined
  gather_facts: false
  {keyword}
  tasks:
    - ansible.builtin.add_host:
        name: crs-v3stale
        groups: joined
    - ansible.builtin.import_role:
        name: qcloud.crs.crs_backup_policy
"""


@pytest.mark.parametrize("keyword", ["order: inventory", "serial: 1"])
def test_a_host_that_joins_during_the_play_fails_the_run(audit, keyword):
    """Ansible runs no task for it, so that it can't fail by itself; other batches can."""
    audit.write("play.yml", JOINED_PLAY.format(keyword=keyword))
    # Its group isn't there when the play begins.
    done = audit.run(playbook="play.yml", environment={"ANSIBLE_HOST_PATTERN_MISMATCH": "ignore"})
    assert outcomes(audit.record)["crs-v3stale"] == "fail" and done.returncode == 2
    assert "1 hosts that joined the play after it began, and can't fail by themselves, violate" in done.stdout


SPLIT_PLAY = """
- hosts: crs-v3healthy:crs-v2healthy
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: qcloud.crs.crs_backup_policy
      loop: "{{ limits }}"
      loop_control: {loop_var: limit}
      vars: {crs_backup_policy_max_age: "{{ limit }}"}
"""


def test_an_include_that_differs_by_host_is_refused(audit):
    """Each part of it would audit all hosts with the values of its own ones, and the last one would be the record."""
    for version, limit in (("v2", "2h"), ("v3", "30h")):
        audit.write(f"host_vars/crs-{version}healthy.yml", {"limits": [limit]})
    audit.write("play.yml", SPLIT_PLAY)
    done = audit.run(playbook="play.yml", crs_backup_policy_fail="never")
    assert done.returncode == 2 and audit.emulator.log == [] and not audit.report_dir.exists()
    assert "is audited here with the values of other hosts' include" in done.stdout


def test_an_include_for_each_group_that_names_whom_it_audits(audit):
    audit.write(
        "play.yml",
        [
            {
                "hosts": "crs-v3healthy:crs-v2healthy",
                "gather_facts": False,
                "tasks": [
                    {
                        **INCLUDE,
                        "loop": ["v2", "v3"],
                        "when": "item in group_names",
                        "vars": {
                            "crs_backup_policy_hosts": "{{ item }}",
                            "crs_backup_policy_report_dir": "of-{{ item }}",
                        },
                    }
                ],
            }
        ],
    )
    assert audit.run(playbook="play.yml").returncode == 0
    assert (audit.folder / "of-v2" / "report.html").exists() and (audit.folder / "of-v3" / "report.html").exists()


def test_unless_no_host_is_to_fail(audit):
    plays = [PARTLY_PLAY.format(how=how, keyword=keyword) for how, keyword in PARTLY]
    audit.write("play.yml", "".join(plays))
    done = audit.run(playbook="play.yml", crs_backup_policy_fail="never")
    assert done.returncode == 0 and done.stdout.count("PLAY [") == len(PARTLY)


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


@pytest.mark.parametrize("name", ["crs_audit_hosts", "crs_backup_policy_hosts"])
def test_the_variables_of_a_group_do_not_leave_out_the_others(audit, name):
    audit.write("group_vars/v2.yml", {name: "v2"})
    audit.write("play.yml", [{"hosts": "crs", "gather_facts": False, "roles": ["qcloud.crs.crs_backup_policy"]}])
    done = audit.run(playbook="play.yml" if "policy" in name else "qcloud.crs.audit")
    assert done.returncode == 2
    assert f"{name} is " in done.stdout and "the hosts to audit" in done.stdout
    assert audit.emulator.log == []


def test_a_pattern_for_the_whole_run(audit):
    """Also one that only hosts of the inventory can say, and not the localhost that is in the play with them."""
    for group in ("crs", "web"):
        audit.write(f"group_vars/{group}.yml", {"audited": "v2:!crs-v2none"})
    audit.run(crs_audit_hosts="{{ audited }}", crs_backup_policy_fail="once")
    assert set(outcomes(audit.record)) == {name for name in EXPECTED if name.startswith("crs-v2")} - {"crs-v2none"}


def test_a_rescue_of_an_earlier_audit_is_none_of_this_one(audit):
    rescued = {"block": [INCLUDE], "rescue": [{"ansible.builtin.debug": {"msg": "rescued"}}]}
    play = {"hosts": "crs-v3healthy:crs-v3none", "gather_facts": False}
    audit.write("play.yml", [{**play, "tasks": [rescued]}, {**play, "tasks": [{**INCLUDE, "run_once": True}]}])
    done = audit.run(playbook="play.yml")
    assert done.returncode == 2
    assert (
        done.stdout.count(
            "the role does not run for them (set crs_backup_policy_hosts to the hosts to audit): crs-v3none"
        )
        >= 1
    )


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
