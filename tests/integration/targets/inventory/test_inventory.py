# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin as its users run it: ansible-inventory and the audit playbook against the emulator."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
import yaml
from emulator import Emulator
from watched import SECRET

SHOP, PAY = "100000000001", "100000000002"
ROLE = f"qcs::cam::uin/{PAY}:roleName/audit"
CREDENTIALS = [
    {"secret_id": "AKIDmadeupfortheshop00000000000001", "secret_key": "madeupShopKey0000001", "account": SHOP},
    {"secret_id": "AKIDmadeupforpayments0000000000001", "secret_key": "madeupPayKey00000001", "account": PAY},
]
DAILY = {"every": "24h", "last": "-3h", "count": 7}
HOSTILE = "{{ lookup('pipe', 'touch ran') }}"
#: Braces of its own, and braces in parts: no text may be evaluated, whatever it is joined with.
HEADER = "#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ lookup('pipe', 'touch ran') ]]"
PARTS = {"p": "{", "q": "{ lookup('pipe', 'touch ran') }", "r": "}"}
FLEET = {
    "credentials": CREDENTIALS,
    "roles": {ROLE: {"account": PAY}},
    "instances": [
        {
            "id": "crs-shop0001",
            "name": "orders",
            "account": SHOP,
            "tags": {"env": "prod", "team": "a"},
            "schedule": DAILY,
        },
        {
            "id": "crs-shop0002",
            "name": "orders",
            "account": SHOP,
            "tags": {"env": "test"},
            "type": 16,
            "schedule": DAILY,
        },
        {"id": "crs-shop0003", "name": "carts", "account": SHOP, "region": "ap-shanghai", "status": -2, "project": 7},
        {
            "id": "crs-shop0004",
            "name": HOSTILE,
            "account": SHOP,
            "region": "ap-shanghai",
            "tags": {"note": HOSTILE, "env": "", "header": HEADER, **PARTS},
        },
        {"id": "crs-pay00001", "name": "ledger", "account": PAY, "region": "ap-singapore", "schedule": DAILY},
        {
            "id": "crs-pay00002",
            "name": "cards",
            "account": PAY,
            "region": "ap-singapore",
            "schedule": DAILY,
            "status": 9,
        },
    ],
}
ENVIRON = {
    "TENCENTCLOUD_SECRET_ID": CREDENTIALS[0]["secret_id"],
    "TENCENTCLOUD_SECRET_KEY": CREDENTIALS[0]["secret_key"],
    "PAY_SECRET_ID": CREDENTIALS[1]["secret_id"],
    "PAY_SECRET_KEY": CREDENTIALS[1]["secret_key"],
}
#: Two accounts, three regions, both dialects.
FULL = {
    "accounts": [
        {"name": "shop", "regions": ["ap-guangzhou", "sh"]},
        {"name": "pay", "env_prefix": "PAY", "api_version": "v2", "regions": ["sg"]},
    ]
}
EVERYONE = ["crs-pay00001", "crs-pay00002", "crs-shop0001", "crs-shop0002", "crs-shop0003", "crs-shop0004"]


class Inventory:
    """A folder with a source in it, and the commands that read it."""

    def __init__(self, folder, emulator):
        self.folder = folder
        self.emulator = emulator

    def write(self, options, name="demo.crs.yml"):
        text = options if isinstance(options, str) else yaml.safe_dump(self.source(options))
        (self.folder / name).write_text(text, encoding="utf-8")

    def source(self, options):
        url = self.emulator.url
        return {"plugin": "qcloud.crs.crs", "endpoint": url, "sts_endpoint": url, "retries": 0, **options}

    def run(self, *command, environ=None, **settings):
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={
                **os.environ,
                "HOME": str(self.folder),
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
                "ANSIBLE_NOCOLOR": "1",
                **(ENVIRON if environ is None else environ),
                **settings,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        for text in (done.stdout, done.stderr):
            assert not SECRET.search(text), "a secret shows in the output"
            assert "Traceback" not in text
        assert not (self.folder / "ran").exists(), "a text of the cloud was evaluated"
        return done

    def list(self, options=None, extra=None, **settings):
        """Return what ansible-inventory lists, with its warnings under ``warnings``."""
        if options is not None:
            self.write(options)
        after = ("-e", json.dumps(extra)) if extra else ()
        done = self.run("ansible-inventory", "-i", "demo.crs.yml", "--list", "-vvv", *after, **settings)
        assert done.returncode == 0, done.stderr
        listed = plain(json.loads(done.stdout[done.stdout.index("\n{") :]))
        # Wrapped over lines by the width of a terminal.
        return {**listed, "warnings": " ".join(done.stderr.split())}

    def fails(self, options, **settings):
        """Return the one-line error of a source that must not be read."""
        self.write(options)
        done = self.run("ansible-inventory", "-i", "demo.crs.yml", "--list", **settings)
        assert done.returncode != 0, done.stdout
        return " ".join(done.stderr.split())


def plain(value):
    """Return values without the mark that ansible-inventory gives to texts that are never evaluated."""
    if isinstance(value, dict):
        return value.get("__ansible_unsafe") or {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


@pytest.fixture
def inventory(tmp_path):
    with Emulator(FLEET) as emulator:
        yield Inventory(tmp_path, emulator)


def hosts(listed, group="crs"):
    return sorted(listed.get(group, {}).get("hosts", []))


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """What is listed of all, with groups and variables of the user's, and kept in a cache."""
    with Emulator(FLEET) as emulator:
        made = Inventory(tmp_path_factory.mktemp("listed"), emulator)
        made.options = {
            **FULL,
            "groups": {"clusters": "crs_architecture == 'cluster'"},
            "keyed_groups": [
                {"key": "crs_tags", "prefix": "tag"},
                {"key": "crs_region", "separator": ""},
                {"key": "crs_tags.env | default('none', true)", "prefix": "env"},
            ],
            "compose": {
                "team": "crs_tags.team | default('none')",
                "note": "crs_tags.note | default('')",
                "crs_backup_policy_max_age": "'1h' if crs_account == 'pay' else '26h'",
            },
            "cache": True,
            "cache_plugin": "ansible.builtin.jsonfile",
            "cache_connection": str(made.folder / "cache"),
        }
        made.first = made.list(made.options)
        made.asked = list(emulator.log)
        yield made


def test_two_accounts_three_regions_both_dialects(inventory):
    inventory.write(FULL)
    done = inventory.run("ansible-inventory", "-i", "demo.crs.yml", "--graph")
    assert done.returncode == 0 and sorted(re.findall(r"--(crs-\w+)", done.stdout)) == EVERYONE
    # ansible-core 2.16 has that to say where ansible-test runs it.
    assert done.stderr.replace("[WARNING]: running with default collection qcloud.crs\n", "") == ""
    assert [entry["action"] for entry in inventory.emulator.log] == ["DescribeInstances"] * 2 + ["DescribeRedis"]


@pytest.mark.xdist_group("listed")
def test_the_second_run_is_the_cache_s_without_requests_or_credentials(listed):
    assert len(listed.asked) == 3
    listed.emulator.clear_log()
    second = listed.list(environ={})
    assert second == listed.first and listed.emulator.log == []
    (kept,) = (listed.folder / "cache").iterdir()
    assert not SECRET.search(kept.read_text(encoding="utf-8"))
    # Asked to, it lists anew.
    listed.run("ansible-playbook", "qcloud.crs.audit", "-i", "demo.crs.yml", "--list-hosts", "--flush-cache")
    assert len(listed.emulator.log) == 3


@pytest.mark.xdist_group("listed")
def test_what_hosts_have(listed):
    values = listed.first["_meta"]["hostvars"]
    shop, pay = values["crs-shop0001"], values["crs-pay00001"]
    assert shop["ansible_connection"] == "local"
    assert {
        key: shop[key] for key in ("crs_instance_id", "crs_instance_name", "crs_region", "crs_status", "crs_tags")
    } == {
        "crs_instance_id": "crs-shop0001",
        "crs_instance_name": "orders",
        "crs_region": "ap-guangzhou",
        "crs_status": "running",
        "crs_tags": {"env": "prod", "team": "a"},
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shop["crs_created_time"])
    assert (shop["crs_account"], shop["crs_api_version"], shop["crs_endpoint"]) == ("shop", "v3", listed.emulator.url)
    assert (pay["crs_account"], pay["crs_api_version"], pay["crs_env_prefix"]) == ("pay", "v2", "PAY")
    assert not [name for name in shop if "secret" in name or "token" in name]


@pytest.mark.xdist_group("listed")
def test_groups_and_variables_by_expressions(listed):
    assert hosts(listed.first, "clusters") == ["crs-shop0002"]
    assert hosts(listed.first, "env_prod") == ["crs-shop0001"] and hosts(listed.first, "env_test") == ["crs-shop0002"]
    ages = {name: values["crs_backup_policy_max_age"] for name, values in listed.first["_meta"]["hostvars"].items()}
    assert {name for name, age in ages.items() if age == "1h"} == {"crs-pay00001", "crs-pay00002"}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A playbook on hosts whose names and tags are out to be evaluated."""
    source = {
        "regions": ["gz", "sh"],
        "hostnames": ["tag:note", "instance_name"],
        "exclude": ["crs_instance_id == 'crs-shop0001'"],
        "compose": {
            "note": "crs_tags.note | default('')",
            "header": "crs_tags.header | default('')",
            "joined": "(crs_tags.p ~ crs_tags.q ~ crs_tags.r) if crs_tags.p is defined else ''",
        },
        "keyed_groups": [{"key": f"crs_tags.{tag} | default('')", "prefix": tag} for tag in ("note", "header", "q")],
    }
    text = "{{ crs_instance_name }} {{ note }} {{ crs_tags }} {{ header }} {{ joined }}"
    with Emulator(FLEET) as emulator:
        made = Inventory(tmp_path_factory.mktemp("played"), emulator)
        made.write(source)
        asking = {"qcloud.crs.crs_instance_info": {"region": "gz", "endpoint": emulator.url}}
        plays = [
            {"hosts": "crs-shop0004", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": text}}]},
            {"hosts": "carts", "gather_facts": False, "tasks": [asking]},
        ]
        (made.folder / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
        done = made.run("ansible-playbook", "play.yml", "-i", "demo.crs.yml", "-vvv")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.split("PLAY [")


@pytest.mark.xdist_group("played")
def test_texts_of_the_cloud_are_data(played):
    assert played[1].count("touch ran") >= 3


@pytest.mark.xdist_group("played")
def test_a_task_on_a_host_runs_with_the_controller_s_python(played):
    assert "crs-shop0002" in played[2]


FAULT = {"name": "api_error", "code": "UnauthorizedOperation.NoCAMAuthed", "region": "ap-shanghai"}


def test_a_region_that_fails_fails_the_source(inventory):
    inventory.emulator.set_faults([FAULT])
    said = inventory.fails(FULL)
    assert (
        "shop: DescribeInstances in ap-shanghai at 127.0.0.1" in said
        and "this account lacks permission for this action or resource" in said
    )


def test_a_region_may_be_left_out_on_demand_and_that_is_said_and_not_cached(inventory):
    inventory.emulator.set_faults([FAULT])
    cache = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(inventory.folder / "cache"),
    }
    listed = inventory.list({**FULL, **cache, "strict_regions": False})
    assert hosts(listed) == ["crs-pay00001", "crs-pay00002", "crs-shop0001", "crs-shop0002"]
    assert (
        "left out of the inventory (strict_regions is false): shop: DescribeInstances in ap-shanghai"
        in listed["warnings"]
    )
    (error,) = listed["_meta"]["hostvars"]["crs-shop0001"]["crs_inventory_errors"]
    assert (error["account"], error["region"], error["error"]["kind"]) == ("shop", "ap-shanghai", "denied")
    done = inventory.run(
        "ansible-playbook", "qcloud.crs.audit", "-i", "demo.crs.yml", "-e", "crs_backup_policy_coverage=fail"
    )
    assert done.returncode == 2, done.stdout
    said = " ".join((done.stdout + done.stderr).split())
    assert "coverage of account shop in ap-shanghai is not known: DescribeInstances in ap-shanghai" in said
    record = json.loads((inventory.folder / "crs-audit" / "audit-record.json").read_text(encoding="utf-8"))
    (gap,) = [entry for entry in record["coverage"] if entry["error"]]
    assert (gap["account"], gap["region"], gap["error"]["kind"]) == ("shop", "ap-shanghai", "denied")
    assert list((inventory.folder / "cache").iterdir()) == []


#: Hosts of somebody's own beside those of the plugin: one that is audited, one that isn't, one that can't be reached, a web server.
STATIC = {
    "audited": {"hosts": {"crs-shop0002": {"crs_region": "gz"}}},
    "beside": {
        "hosts": {
            "crs-pay00001": {"crs_region": "sg", "crs_api_version": "v2", "crs_env_prefix": "PAY"},
            "crs-odd00001": {"crs_region": "sg", "crs_env_prefix": "NOBODY"},
        }
    },
    "web": {"hosts": {"web1": {"broken": "{{ nowhere }}"}}},
}


@pytest.fixture(scope="module")
def covered(tmp_path_factory):
    """What an audit of one host says of all that the inventory lists: places without hosts in scope, gaps, a source that failed."""
    with Emulator(FLEET) as emulator:
        emulator.set_faults([{**FAULT, "region": "ap-tokyo"}])
        made = Inventory(tmp_path_factory.mktemp("covered"), emulator)
        for group in ("audited", "beside"):
            STATIC[group]["vars"] = {"crs_endpoint": emulator.url, "crs_retries": 0}
        (made.folder / "hosts.yml").write_text(yaml.safe_dump(STATIC), encoding="utf-8")
        # All hosts of the second region are filtered away, and the third can't be listed.
        regions = {"regions": ["gz", "sh", "ap-tokyo"], "tags": {"env": "prod"}, "strict_regions": False}
        made.write(regions)
        # Two instances are called orders: the whole file is given up, and Ansible goes on.
        made.write({"regions": ["gz"], "hostnames": ["instance_name"]}, "named.crs.yml")
        sources = [word for name in ("hosts.yml", "demo.crs.yml", "named.crs.yml") for word in ("-i", name)]
        asked = ["-e", "crs_audit_hosts=audited", "-e", "crs_backup_policy_coverage=fail"]
        made.done = made.run(
            "ansible-playbook", "qcloud.crs.audit", *sources, *asked, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="0"
        )
        record = json.loads((made.folder / "crs-audit" / "audit-record.json").read_text(encoding="utf-8"))
        made.audited = [entry["host"] for entry in record["instances"]]
        made.coverage = {(entry["account"], entry["region"]): entry for entry in record["coverage"]}
        (made.shop,) = (account for account, region in made.coverage if region == "ap-shanghai")
        yield made


@pytest.mark.xdist_group("covered")
def test_coverage_looks_wherever_the_inventory_has_looked(covered):
    assert covered.audited == ["crs-shop0002"]
    here, there = (covered.coverage[covered.shop, region] for region in ("ap-guangzhou", "ap-shanghai"))
    assert (here["not_in_inventory"], here["not_audited"], here["fails"]) == ([], ["crs-shop0001"], False)
    # No host is there, and one of the two instances is about to go.
    assert (there["not_in_inventory"], there["isolated"], there["fails"]) == (["crs-shop0004"], ["crs-shop0003"], True)
    assert covered.done.returncode == 2 and "crs-shop0004 (crs_backup_policy_coverage)" not in covered.done.stderr


@pytest.mark.xdist_group("covered")
def test_and_where_it_has_hosts_that_are_not_audited(covered):
    (pay,) = [
        entry
        for (account, region), entry in covered.coverage.items()
        if region == "ap-singapore" and not entry["error"]
    ]
    assert (pay["not_audited"], pay["not_in_inventory"]) == (["crs-pay00001"], ["crs-pay00002"])
    odd = covered.coverage["NOBODY", "ap-singapore"]
    assert odd["fails"] and odd["error"]["message"].startswith("host crs-odd00001: env_prefix is 'NOBODY'")
    assert not [entry for entry in covered.coverage.values() if "web1" in json.dumps(entry)]


@pytest.mark.xdist_group("covered")
def test_gaps_of_the_inventory_are_in_the_record_of_any_host(covered):
    gap = covered.coverage[covered.shop, "ap-tokyo"]
    assert (gap["error"]["kind"], gap["fails"]) == ("denied", True)
    failed = covered.coverage["named.crs.yml", "unknown"]
    assert failed["fails"] and "would both be the host orders: rename one of them" in failed["error"]["message"]


def test_options_may_be_templates_whole_or_in_part(inventory):
    source = {
        "accounts": "{{ shops }}",
        "regions": "{{ where }}",
        "tags": "{{ {'env': stage} }}",
        "name": "{{ 'ord' }}",
        "strict_regions": "{{ true }}",
        "profile": "{{ nobody | default(omit) }}",
        "role_arn": "{{ nobody | default(none) }}",
    }
    # What stands after -e is the user's, and templates in it are evaluated.
    extra = {"shops": [{"name": "{{ 'shop' }}"}], "where": ["gz", "sh"], "stage": "prod"}
    listed = inventory.list({**source, "validate_certs": "{{ true }}"}, extra)
    assert hosts(listed) == ["crs-shop0001"]
    values = listed["_meta"]["hostvars"]["crs-shop0001"]
    assert values["crs_account"] == "shop"
    assert not {"crs_validate_certs", "crs_profile", "crs_role_arn"} & set(values)


#: Values that are mistakes: a source, or its options, and a part of the message.
WRONG = [
    ("plugin: other.thing.crs\n", "other.thing.crs"),
    ("plugin: qcloud.crs.crs\nregions: [", "did not find expected node content"),
    ({"regions": ["nowhere"]}, "region 'nowhere' is not a region code"),
    ({"regions": []}, "regions is [], which is not a list of regions"),
    ({"region": "gz"}, "unknown options region"),
    ({"secret_key": "madeupFileKey1"}, "secret_key would be in every host's variables: use env_prefix or profile"),
    ({"accounts": []}, "accounts is an empty list"),
    ({"accounts": [{"secret_id": "x"}], "regions": ["gz"]}, "accounts[0]: secret_id is not an option here"),
    (
        {"accounts": [{}, {"region": "gz"}], "regions": ["gz"]},
        "accounts[1]: region is not an option here: use regions",
    ),
    (
        {"accounts": [{"timeuot": 3}], "regions": ["gz"]},
        "accounts[0]: unknown options timeuot: use name, regions, api_version",
    ),
    ({"accounts": [{"regions": "gz"}]}, "regions of accounts[0] is 'gz', which is not a list"),
    ({"accounts": [{}, {}], "regions": ["gz"]}, "accounts has the same account and region twice"),
    (
        {"hostnames": ["name"], "regions": ["gz"]},
        "hostnames has 'name': use instance_id, instance_name, private_ip or tag:KEY",
    ),
    (
        {"include": ["crs_tags.nothing.at.all"], "regions": ["gz"]},
        "include or exclude can't be evaluated for crs-shop0001",
    ),
    (
        {"include": "crs_status in ['running', 'isolated']", "regions": ["gz"]},
        "which is not a list: write each condition",
    ),
    ({"exclude": ["crs_tags ="], "regions": ["gz"]}, "include or exclude can't be evaluated for crs-shop0001"),
    ({"statuses": ["gone"], "regions": ["gz"]}, "statuses"),
    ({"profile": "none", "regions": ["gz"]}, "profile 'none' not found"),
    ({"validate_certs": "maybe", "regions": ["gz"]}, "validate_certs is 'maybe': use true or false"),
    ({"tags": {"env": True}, "regions": ["gz"]}, "tags.env is True, which is not a text: write it in quotes"),
    ({"tags": {"env": ["a"]}, "regions": ["gz"]}, "tags.env is a dict or list, which is not a text"),
    ({"project_ids": ["x"], "regions": ["gz"]}, "project_ids"),
    ({"accounts": ["prod"], "regions": ["gz"]}, "accounts[0] is a str: write each account as a dict"),
    (
        {"accounts": {"name": "shop", "secret_key": "madeupDashKey1"}},
        "accounts is a dict: write a list, with a dash before each entry",
    ),
    ({"accounts": [{"name": {"secret_key": "madeupNameKey1"}}], "regions": ["gz"]}, "accounts[0]: name is a dict"),
    ({"timeout": {"secret_key": "madeupTimeKey1"}}, "timeout is a dict: write a single value"),
    (
        {"accounts": [{"profile": ""}], "regions": ["gz"]},
        "accounts[0]: profile is empty, and would select another account",
    ),
    ({"regions": ["gz", "??"], "strict_regions": False}, "region '??' is not a region code"),
    ({"timeout": 0, "regions": ["gz"]}, "timeout is 0: use a number from 1 to 600"),
    ({"compose": {"a": "nothing.at.all"}, "strict": True, "regions": ["gz"]}, "Could not set a for host"),
    (
        {"regions": ["gz"], "strict": True, "keyed_groups": [{"key": "crs_tags.team"}]},
        "Could not generate group for host crs-shop0002",
    ),
    ({**FULL, "tags": {"env": "prod"}}, "tags are set, but API 2.0 does not support tags"),
    (
        {"regions": ["gz"], "hostnames": ["instance_name"]},
        "would both be the host orders: rename one of them, set another",
    ),
]


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """All these as sources of one command, that goes on after each."""
    with Emulator(FLEET) as emulator:
        made = Inventory(tmp_path_factory.mktemp("refused"), emulator)
        sources = [f"wrong{number:02}.crs.yml" for number in range(len(WRONG))]
        for name, (options, _said) in zip(sources, WRONG):
            made.write(options, name)
        command = [word for name in sources for word in ("-i", name)]
        done = made.run("ansible-inventory", *command, "--list", "-vvv", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="0")
        assert done.returncode == 0
        # Each source is given up with this line, after what the plugins have said of it.
        yield re.split(r"wrong\d\d\.crs\.yml as an inventory source", " ".join(done.stderr.split())), done.stdout


@pytest.mark.xdist_group("refused")
@pytest.mark.parametrize("number", range(len(WRONG)))
def test_a_source_that_is_wrong_fails(refused, number):
    said, _listed = refused
    assert len(said) == len(WRONG) + 1
    assert WRONG[number][1] in said[number]


@pytest.mark.xdist_group("refused")
def test_and_leaves_no_host_behind(refused):
    _said, listed = refused
    assert "crs-shop" not in listed[listed.index("\n{") :]


def test_an_empty_file_is_no_source(inventory):
    # Ansible's own plugins would take it for an inventory without hosts.
    assert "is empty" in inventory.fails("", ANSIBLE_INVENTORY_ENABLED="qcloud.crs.crs")


def test_other_files_are_not_its_own(inventory):
    inventory.write(FULL, "demo.yml")
    done = inventory.run("ansible-inventory", "-i", "demo.yml", "--list")
    assert done.returncode != 0 and inventory.emulator.log == []


def test_the_audit_of_an_inventory_from_the_account(inventory):
    inventory.write(FULL)
    # The first account has no instance there, and the second is looked at there anyway.
    extra = {"crs_backup_policy_coverage": "fail", "crs_backup_policy_coverage_regions": ["sg"]}
    done = inventory.run("ansible-playbook", "qcloud.crs.audit", "-i", "demo.crs.yml", "-vvv", "-e", json.dumps(extra))
    assert done.returncode == 2
    record = json.loads((inventory.folder / "crs-audit" / "audit-record.json").read_text(encoding="utf-8"))
    assert {entry["host"]: entry["outcome"] for entry in record["instances"]} == {
        "crs-shop0001": "pass",
        "crs-shop0002": "pass",
        "crs-shop0003": "not_applicable",
        "crs-shop0004": "fail",
        "crs-pay00001": "pass",
        "crs-pay00002": "pass",
    }
    assert sorted(
        (entry["account"], entry["region"], entry["instances"], entry["not_in_inventory"])
        for entry in record["coverage"]
    ) == [
        ("pay", "ap-singapore", 2, []),
        ("shop", "ap-guangzhou", 2, []),
        ("shop", "ap-shanghai", 2, []),
        ("shop", "ap-singapore", 0, []),
    ]
    for path in (inventory.folder / "crs-audit").iterdir():
        assert not SECRET.search(path.read_text(encoding="utf-8")), path.name
