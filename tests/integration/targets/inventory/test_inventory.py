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

    def list(self, options=None, **settings):
        """Return what ansible-inventory lists, with its warnings under ``warnings``."""
        if options is not None:
            self.write(options)
        done = self.run("ansible-inventory", "-i", "demo.crs.yml", "--list", "-vvv", **settings)
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


def test_two_accounts_three_regions_both_dialects(inventory):
    inventory.write(FULL)
    done = inventory.run("ansible-inventory", "-i", "demo.crs.yml", "--graph")
    assert done.returncode == 0 and sorted(re.findall(r"--(crs-\w+)", done.stdout)) == EVERYONE
    # ansible-core 2.16 has that to say where ansible-test runs it.
    assert done.stderr.replace("[WARNING]: running with default collection qcloud.crs\n", "") == ""
    assert [entry["action"] for entry in inventory.emulator.log] == ["DescribeInstances"] * 2 + ["DescribeRedis"]


def test_the_second_run_is_the_cache_s_without_requests_or_credentials(inventory):
    more = {
        "hostnames": ["instance_name"],
        "groups": {"clusters": "crs_architecture == 'cluster'"},
        "keyed_groups": [{"key": "crs_tags", "prefix": "tag"}, {"key": "crs_region", "separator": ""}],
        "compose": {"team": "crs_tags.team | default('none')", "note": "crs_tags.note | default('')"},
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(inventory.folder / "cache"),
    }
    first = inventory.list({**FULL, **more})
    assert len(inventory.emulator.log) == 3
    inventory.emulator.clear_log()
    second = inventory.list(environ={})
    assert second == first and inventory.emulator.log == []
    (kept,) = (inventory.folder / "cache").iterdir()
    assert not SECRET.search(kept.read_text(encoding="utf-8"))
    # Asked to, it lists anew.
    inventory.run("ansible-playbook", "qcloud.crs.audit", "-i", "demo.crs.yml", "--list-hosts", "--flush-cache")
    assert len(inventory.emulator.log) == 3


def test_the_cache_is_of_one_account_and_of_one_set_of_options(inventory):
    cache = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(inventory.folder / "cache"),
    }
    source = {"regions": ["ap-guangzhou"], **cache}
    assert hosts(inventory.list(source)) == ["crs-shop0001", "crs-shop0002"]
    other = {"TENCENTCLOUD_SECRET_ID": ENVIRON["PAY_SECRET_ID"], "TENCENTCLOUD_SECRET_KEY": ENVIRON["PAY_SECRET_KEY"]}
    assert hosts(inventory.list(environ=other)) == []
    assert hosts(inventory.list({**source, "tags": {"env": "prod"}})) == ["crs-shop0001"]
    assert hosts(inventory.list({**source, "regions": ["ap-shanghai"]})) == ["crs-shop0003", "crs-shop0004"]


def test_what_hosts_have(inventory):
    listed = inventory.list(FULL)
    values = listed["_meta"]["hostvars"]
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
    assert (shop["crs_account"], shop["crs_api_version"], shop["crs_endpoint"]) == (
        "shop",
        "v3",
        inventory.emulator.url,
    )
    assert (pay["crs_account"], pay["crs_api_version"], pay["crs_env_prefix"]) == ("pay", "v2", "PAY")
    assert not [name for name in shop if "secret" in name or "token" in name]


def test_a_task_on_a_host_runs_with_the_controller_s_python(inventory):
    inventory.write(FULL)
    play = [
        {
            "hosts": "crs-shop0001",
            "gather_facts": False,
            "tasks": [{"qcloud.crs.crs_instance_info": {"region": "gz", "endpoint": inventory.emulator.url}}],
        }
    ]
    (inventory.folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    done = inventory.run("ansible-playbook", "play.yml", "-i", "demo.crs.yml", "-vvv")
    assert done.returncode == 0, done.stdout
    assert "crs-shop0002" in done.stdout


def test_texts_of_the_cloud_are_data(inventory):
    source = {
        "regions": ["ap-shanghai"],
        "hostnames": ["tag:note", "instance_name"],
        "exclude": ["crs_instance_name == 'nobody'"],
        "compose": {
            "note": "crs_tags.note | default('')",
            "header": "crs_tags.header | default('')",
            "joined": "(crs_tags.p ~ crs_tags.q ~ crs_tags.r) if crs_tags.p is defined else ''",
        },
        "keyed_groups": [{"key": f"crs_tags.{tag} | default('')", "prefix": tag} for tag in ("note", "header", "q")],
    }
    inventory.write(source)
    play = [
        {
            "hosts": "crs-shop0004",
            "gather_facts": False,
            "tasks": [
                {
                    "ansible.builtin.debug": {
                        "msg": "{{ crs_instance_name }} {{ note }} {{ crs_tags }} {{ header }} {{ joined }}"
                    }
                }
            ],
        }
    ]
    (inventory.folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    done = inventory.run("ansible-playbook", "play.yml", "-i", "demo.crs.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("touch ran") >= 3


@pytest.mark.parametrize(
    "options, wanted",
    [
        ({"statuses": ["running"]}, ["crs-pay00001", "crs-shop0001", "crs-shop0002", "crs-shop0004"]),
        ({"statuses": ["isolated"]}, ["crs-shop0003"]),
        ({"statuses": ["unknown"]}, ["crs-pay00002"]),
        ({"name": "order"}, ["crs-shop0001", "crs-shop0002"]),
        ({"project_ids": [7]}, ["crs-shop0003"]),
        ({"include": ["crs_api_version == 'v2'"]}, ["crs-pay00001", "crs-pay00002"]),
        (
            {"include": ["crs_account == 'pay'", "crs_status == 'isolated'"]},
            ["crs-pay00001", "crs-pay00002", "crs-shop0003"],
        ),
        (
            {"include": ["crs_account == 'pay'"], "exclude": ["crs_instance_name == 'cards'", "false"]},
            ["crs-pay00001"],
        ),
        ({"exclude": ["true"]}, []),
    ],
)
def test_filters(inventory, options, wanted):
    assert hosts(inventory.list({**FULL, **options})) == wanted


def test_tags_are_filtered_where_the_api_has_them(inventory):
    source = {"regions": ["gz"], "tags": {"env": "prod", "team": "a"}}
    assert hosts(inventory.list(source)) == ["crs-shop0001"]
    assert "tags are set, and API 2.0 doesn't know the tags" in inventory.fails({**FULL, "tags": {"env": "prod"}})


def test_groups_and_variables_by_expressions(inventory):
    listed = inventory.list(
        {
            **FULL,
            "groups": {"clusters": "crs_architecture == 'cluster'"},
            "keyed_groups": [{"key": "crs_tags.env | default('none', true)", "prefix": "env"}],
            "compose": {"crs_backup_policy_max_age": "'1h' if crs_account == 'pay' else '26h'"},
        }
    )
    assert hosts(listed, "clusters") == ["crs-shop0002"]
    assert hosts(listed, "env_prod") == ["crs-shop0001"] and hosts(listed, "env_test") == ["crs-shop0002"]
    ages = {name: values["crs_backup_policy_max_age"] for name, values in listed["_meta"]["hostvars"].items()}
    assert {name for name, age in ages.items() if age == "1h"} == {"crs-pay00001", "crs-pay00002"}


def test_names_are_unique_and_fit_for_hosts(inventory):
    listed = inventory.list({**FULL, "hostnames": ["tag:team", "instance_name"]})
    assert hosts(listed) == ["a", "cards", "carts", "crs-shop0004", "ledger", "orders"]
    listed = inventory.list({**FULL, "hostnames": ["instance_name"]})
    assert hosts(listed) == ["cards", "carts", "crs-shop0004", "ledger", "orders_crs-shop0001", "orders_crs-shop0002"]
    assert "2 instances are called orders: their ids are added" in listed["warnings"]


def test_an_instance_that_two_sources_have_is_one_host(inventory):
    twice = {"accounts": [{"name": "first", "regions": ["gz"]}, {"name": "second", "regions": ["ap-guangzhou"]}]}
    listed = inventory.list(twice)
    assert hosts(listed) == ["crs-shop0001", "crs-shop0002"]
    assert {values["crs_account"] for values in listed["_meta"]["hostvars"].values()} == {"first"}
    assert "second in ap-guangzhou has crs-shop0001, crs-shop0002, as first in ap-guangzhou has" in listed["warnings"]


def test_an_instance_that_the_first_source_filters_out_is_the_second_s(inventory):
    twice = {"accounts": [{"name": "first", "regions": ["gz"]}, {"name": "second", "regions": ["gz"]}]}
    listed = inventory.list({**twice, "exclude": ["crs_account == 'first'"]})
    assert {values["crs_account"] for values in listed["_meta"]["hostvars"].values()} == {"second"}


def test_a_region_without_instances_is_an_empty_inventory(inventory):
    assert hosts(inventory.list({"regions": ["ap-tokyo"]})) == []


def test_the_region_of_the_environment(inventory):
    environ = {**ENVIRON, "TENCENTCLOUD_REGION": "sh"}
    assert hosts(inventory.list({}, environ=environ)) == ["crs-shop0003", "crs-shop0004"]


def test_an_account_by_a_role(inventory):
    source = {"accounts": [{"name": "pay", "role_arn": ROLE, "regions": ["sg"]}]}
    assert hosts(inventory.list(source)) == ["crs-pay00001", "crs-pay00002"]
    assert [entry["action"] for entry in inventory.emulator.log] == ["AssumeRole", "DescribeInstances"]


def test_an_account_by_a_profile(inventory):
    (inventory.folder / ".tccli").mkdir()
    pair = {"secretId": CREDENTIALS[1]["secret_id"], "secretKey": CREDENTIALS[1]["secret_key"]}
    (inventory.folder / ".tccli" / "pay.credential").write_text(json.dumps(pair))
    (inventory.folder / ".tccli" / "pay.configure").write_text('{"_sys_param": {"region": "ap-singapore"}}')
    listed = inventory.list({"profile": "pay"})
    assert hosts(listed) == ["crs-pay00001", "crs-pay00002"]
    assert listed["_meta"]["hostvars"]["crs-pay00001"]["crs_profile"] == "pay"


def test_options_may_be_templates(inventory):
    source = {"regions": ["{{ lookup('env', 'WHERE') }}"], "accounts": [{"name": "{{ 'sh' ~ 'op' }}"}]}
    listed = inventory.list(source, WHERE="gz")
    assert listed["_meta"]["hostvars"]["crs-shop0001"]["crs_account"] == "shop"


FAULT = {"name": "api_error", "code": "UnauthorizedOperation.NoCAMAuthed", "region": "ap-shanghai"}


def test_a_region_that_fails_fails_the_source(inventory):
    inventory.emulator.set_faults([FAULT])
    said = inventory.fails(FULL)
    assert "shop: DescribeInstances in ap-shanghai at 127.0.0.1" in said and "this account may not do this" in said


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
    for coverage, code in (("report", 0), ("fail", 2)):
        done = inventory.run(
            "ansible-playbook", "qcloud.crs.audit", "-i", "demo.crs.yml", "-e", f"crs_backup_policy_coverage={coverage}"
        )
        assert done.returncode == code, done.stdout
        said = " ".join((done.stdout + done.stderr).split())
        assert "coverage of account shop in ap-shanghai is not known: DescribeInstances in ap-shanghai" in said
        record = json.loads((inventory.folder / "crs-audit" / "audit-record.json").read_text(encoding="utf-8"))
        (gap,) = [entry for entry in record["coverage"] if entry["error"]]
        assert (gap["account"], gap["region"], gap["error"]["kind"]) == ("shop", "ap-shanghai", "denied")
    inventory.emulator.set_faults([])
    assert hosts(inventory.list()) == EVERYONE


def test_a_source_that_fails_half_way_leaves_no_host_behind(inventory):
    inventory.write({"regions": ["gz"], "strict": True, "keyed_groups": [{"key": "crs_tags.team"}]})
    done = inventory.run(
        "ansible-inventory", "-i", "demo.crs.yml", "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="0"
    )
    assert "Could not generate group for host crs-shop0002" in " ".join(done.stderr.split())
    assert "crs-shop0001" not in done.stdout


def test_a_host_of_another_source_is_not_taken_over(inventory):
    (inventory.folder / "a.yml").write_text("all: {hosts: {carts: {mine: 1}}}")
    inventory.write({"regions": ["sh"], "hostnames": ["instance_name"]})
    done = inventory.run("ansible-inventory", "-i", "a.yml", "-i", "demo.crs.yml", "--list")
    listed = plain(json.loads(done.stdout))
    assert hosts(listed) == ["crs-shop0003", "crs-shop0004"]
    assert listed["_meta"]["hostvars"]["carts"] == {"mine": 1}
    assert "crs-shop0003 can't be called carts, as something else is" in " ".join(done.stderr.split())


def test_the_cache_is_of_one_region_and_role_of_the_environment(inventory):
    source = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(inventory.folder / "cache"),
    }
    environ = {**ENVIRON, "TENCENTCLOUD_REGION": "ap-guangzhou"}
    assert hosts(inventory.list(source, environ=environ)) == ["crs-shop0001", "crs-shop0002"]
    environ["TENCENTCLOUD_REGION"] = "ap-shanghai"
    assert hosts(inventory.list(environ=environ)) == ["crs-shop0003", "crs-shop0004"]
    environ = {**environ, "TENCENTCLOUD_REGION": "sg", "TENCENTCLOUD_ROLE_ARN": ROLE}
    assert hosts(inventory.list(environ=environ)) == ["crs-pay00001", "crs-pay00002"]


def test_filters_may_be_templates_and_flags_too(inventory):
    source = {"regions": ["gz"], "tags": {"env": "{{ 'prod' }}"}, "name": "{{ 'ord' }}", "strict_regions": "{{ true }}"}
    listed = inventory.list({**source, "validate_certs": "{{ true }}"})
    assert hosts(listed) == ["crs-shop0001"]
    assert "crs_validate_certs" not in listed["_meta"]["hostvars"]["crs-shop0001"]


def test_a_short_listing_is_no_inventory(inventory):
    inventory.emulator.set_faults([{"name": "total_too_high"}])
    assert "the listing is not complete" in inventory.fails({"regions": ["gz"]})


@pytest.mark.parametrize(
    "options, said",
    [
        ("plugin: other.thing.crs\n", "plugin"),
        ("plugin: qcloud.crs.crs\nregions: [", "demo.crs.yml"),
        ({"regions": ["nowhere"]}, "region 'nowhere' is not a region code"),
        ({"regions": []}, "regions is [], which is no list of regions"),
        ({"region": "gz"}, "unknown options region"),
        ({"secret_key": "madeupFileKey1"}, "secret_key would be in every host's variables: use env_prefix or profile"),
        ({"accounts": []}, "accounts is an empty list"),
        ({"accounts": [{"secret_id": "x"}], "regions": ["gz"]}, "accounts[0]: secret_id is no option here"),
        (
            {"accounts": [{}, {"region": "gz"}], "regions": ["gz"]},
            "accounts[1]: region is no option here: write regions",
        ),
        (
            {"accounts": [{"timeuot": 3}], "regions": ["gz"]},
            "accounts[0]: unknown options timeuot: use name, regions, api_version",
        ),
        ({"accounts": [{"regions": "gz"}]}, "regions of accounts[0] is 'gz', which is no list"),
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
            "which is no list: write each condition",
        ),
        ({"exclude": ["crs_tags ="], "regions": ["gz"]}, "include or exclude can't be evaluated for crs-shop0001"),
        ({"statuses": ["gone"], "regions": ["gz"]}, "statuses"),
        ({"profile": "none", "regions": ["gz"]}, "profile 'none' is not there"),
        ({"validate_certs": "maybe", "regions": ["gz"]}, "validate_certs is 'maybe': use true or false"),
        ({"tags": {"env": True}, "regions": ["gz"]}, "tags.env is True, which is no text: write it in quotes"),
        ({"tags": {"env": ["a"]}, "regions": ["gz"]}, "tags.env is a dict or list, which is no text"),
        ({"project_ids": ["x"], "regions": ["gz"]}, "project_ids"),
        ({"accounts": ["prod"], "regions": ["gz"]}, "accounts[0] is a str: write each account as a name"),
        (
            {"accounts": {"name": "shop", "secret_key": "madeupDashKey1"}},
            "accounts is a dict: write a list, with a dash before each entry",
        ),
        ({"accounts": [{"name": {"secret_key": "madeupNameKey1"}}], "regions": ["gz"]}, "accounts[0]: name is a dict"),
        ({"timeout": {"secret_key": "madeupTimeKey1"}}, "timeout is a dict: write a single value"),
        (
            {"accounts": [{"profile": ""}], "regions": ["gz"]},
            "accounts[0]: profile is empty, and would mean another account",
        ),
        ({"regions": ["gz", "??"], "strict_regions": False}, "region '??' is not a region code"),
        ({"timeout": 0, "regions": ["gz"]}, "timeout is 0: use a number from 1 to 600"),
        ({"compose": {"a": "nothing.at.all"}, "strict": True, "regions": ["gz"]}, "Could not set a for host"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_a_source_that_is_wrong_fails(inventory, options, said):
    assert said in inventory.fails(options)


def test_an_empty_file_is_no_source(inventory):
    # Ansible's own plugins would take it for an inventory without hosts.
    assert "is empty" in inventory.fails("", ANSIBLE_INVENTORY_ENABLED="qcloud.crs.crs")


def test_without_credentials_it_says_where_to_put_them(inventory):
    assert "no credentials: set TENCENTCLOUD_SECRET_ID" in inventory.fails({"regions": ["gz"]}, environ={})


def test_other_files_are_not_its_own(inventory):
    inventory.write(FULL, "demo.yml")
    done = inventory.run("ansible-inventory", "-i", "demo.yml", "--list")
    assert done.returncode != 0 and inventory.emulator.log == []


def test_the_audit_of_an_inventory_from_the_account(inventory):
    inventory.write(FULL)
    done = inventory.run(
        "ansible-playbook", "qcloud.crs.audit", "-i", "demo.crs.yml", "-vvv", "-e", "crs_backup_policy_coverage=fail"
    )
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
    assert [(entry["instances"], entry["not_in_inventory"]) for entry in record["coverage"]] == [(2, [])] * 3
    for path in (inventory.folder / "crs-audit").iterdir():
        assert not SECRET.search(path.read_text(encoding="utf-8")), path.name
