# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin in one process: from a file to hosts, over a cache that holds for what it was asked alone."""

from __future__ import annotations

import json
import re
import traceback

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader

from ansible_collections.qcloud.crs.plugins.inventory.crs import InventoryModule
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory import hosts as _inventory
from ansible_collections.qcloud.crs.tests.docs.documents import options

OPTIONS = options("inventory", "crs")
SHOP = {"secret_id": "AKIDmadeupshop", "secret_key": "madeupShopKey", "account": "1"}
PAY = {"secret_id": "AKIDmadeuppay", "secret_key": "madeupPayKey", "account": "2"}
ROLE = "qcs::cam::uin/2:roleName/audit"
FLEET = {
    "credentials": [SHOP, PAY],
    "roles": {ROLE: {"account": "2"}},
    "instances": [
        {"id": "crs-shop0001", "name": "orders", "account": "1", "tags": {"env": "prod", "team": "a"}},
        {"id": "crs-shop0002", "name": "orders", "account": "1", "tags": {"env": "test"}},
        {
            "id": "crs-shop0003",
            "name": "{{ 1 + 1 }}",
            "account": "1",
            "region": "ap-shanghai",
            "status": -2,
            "project": 7,
        },
        {"id": "crs-pay00001", "name": "ledger", "account": "2", "region": "ap-singapore", "status": 9},
    ],
}
FULL = {
    "accounts": [
        {"name": "shop", "regions": ["gz", "sh"]},
        {"name": "pay", "env_prefix": "PAY", "api_version": "v2", "regions": ["sg"]},
    ]
}
#: Leaves one of the two instances that are called orders.
ONE_ORDERS = {"exclude": ["(crs_tags.env | default('')) == 'test'"]}
EVERYONE = ["crs-pay00001", "crs-shop0001", "crs-shop0002", "crs-shop0003"]


class Source:
    """A file of the plugin's, and what comes of it."""

    def __init__(self, folder, emulator, monkeypatch):
        self.emulator, self._monkeypatch = emulator, monkeypatch
        self.path = folder / "demo.crs.yml"
        self.cache = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(folder / "kept")}
        self.warnings = []
        self.with_keys()

    def with_keys(self, **pairs):
        """Set the environment's pairs, by default one for each account."""
        for prefix, pair in (pairs or {"TENCENTCLOUD": SHOP, "PAY": PAY}).items():
            for name in ("secret_id", "secret_key"):
                self._monkeypatch.setenv(f"{prefix}_{name.upper()}", pair[name])

    def read(self, inventory=None, anew=False, **given):
        """Return the InventoryData of a file with some options."""
        url = self.emulator.url
        source = {"plugin": "qcloud.crs.crs", "endpoint": url, "retries": 0, **given}
        self.path.write_text(yaml.safe_dump(source), encoding="utf-8")
        found = inventory or InventoryData()
        plugin = InventoryModule()
        # As Ansible's loader of plugins does.
        plugin._load_name, plugin._redirected_names = InventoryModule.NAME, [InventoryModule.NAME]
        self._monkeypatch.setattr(plugin.display, "warning", lambda text, **how: self.warnings.append(text))
        assert plugin.verify_file(str(self.path))
        plugin.parse(found, DataLoader(), str(self.path), cache=not anew)
        if hasattr(plugin, "_cache"):
            plugin.update_cache_if_changed()
        found.reconcile_inventory()
        return found

    def hosts(self, **given):
        return sorted(self.read(**given).hosts)

    def fails(self, **given):
        with pytest.raises(AnsibleError) as caught:
            self.read(**given)
        return str(caught.value)


@pytest.fixture
def source(serve, tmp_path, monkeypatch):
    # As Ansible does when it loads a plugin: from its documentation.
    constants.config.initialize_plugin_configuration_definitions("inventory", InventoryModule.NAME, OPTIONS)
    monkeypatch.setenv("HOME", str(tmp_path))
    return Source(tmp_path, serve(FLEET), monkeypatch)


@pytest.mark.parametrize(
    "name, ours",
    [("a.crs.yml", True), ("a.crs.yaml", True), ("a.yml", False), ("crs.yml", False), ("no.crs.yml", None)],
)
def test_the_name_of_the_file_says_whose_it_is(tmp_path, name, ours):
    if ours is not None:
        (tmp_path / name).write_text("plugin: qcloud.crs.crs")
    assert InventoryModule().verify_file(str(tmp_path / name)) is bool(ours)


def test_two_accounts_three_regions_both_dialects(source):
    found = source.read(**FULL)
    assert sorted(found.hosts) == EVERYONE and [host.name for host in found.groups["crs"].hosts] == list(found.hosts)
    shop, pay = (found.hosts[name].vars for name in ("crs-shop0001", "crs-pay00001"))
    assert (shop["ansible_connection"], shop["crs_account"], shop["crs_tags"]) == (
        "local",
        "shop",
        {"env": "prod", "team": "a"},
    )
    assert (pay["crs_api_version"], pay["crs_env_prefix"], pay["crs_region"]) == ("v2", "PAY", "ap-singapore")
    assert "madeup" not in repr([host.vars for host in found.hosts.values()])


def test_expressions_of_the_user_make_variables_and_groups(source):
    found = source.read(
        **FULL,
        compose={"crs_backup_policy_max_age": "'1h' if crs_account == 'pay' else '26h'"},
        groups={"payments": "crs_account == 'pay'"},
        keyed_groups=[{"key": "crs_tags.env | default('none', true)", "prefix": "env"}],
    )
    assert found.hosts["crs-pay00001"].vars["crs_backup_policy_max_age"] == "1h"
    assert [host.name for host in found.groups["payments"].hosts] == ["crs-pay00001"]
    assert [host.name for host in found.groups["env_test"].hosts] == ["crs-shop0002"]


@pytest.mark.parametrize(
    "given, wanted",
    [
        (
            {"include": ["crs_account == 'pay'", "(crs_tags.env | default('')) == 'prod'"], "exclude": []},
            ["crs-pay00001", "crs-shop0001"],
        ),
        ({"exclude": ["crs_api_version == 'v2'", "crs_instance_name == 'orders'"]}, ["crs-shop0003"]),
        ({"include": ["true"], "exclude": ["true"]}, []),
        ({"exclude": ["true"]}, []),
        ({"include": ["crs_api_version == 'v2'"]}, ["crs-pay00001"]),
        (
            {"include": ["crs_account == 'shop'"], "exclude": ["crs_instance_name == 'orders'", "false"]},
            ["crs-shop0003"],
        ),
        ({"statuses": ["running"]}, ["crs-shop0001", "crs-shop0002"]),
        ({"statuses": ["isolated"]}, ["crs-shop0003"]),
        ({"statuses": ["unknown"]}, ["crs-pay00001"]),
        ({"project_ids": [7]}, ["crs-shop0003"]),
        ({"name": "order"}, ["crs-shop0001", "crs-shop0002"]),
        ({"hostnames": ["instance_name"], **ONE_ORDERS}, ["crs-shop0003", "ledger", "orders"]),
    ],
)
def test_filters_and_names(source, given, wanted):
    assert source.hosts(**FULL, **given) == wanted
    assert source.warnings == []


def test_tags_are_filtered_where_the_api_has_them(source):
    assert source.hosts(regions=["gz"], tags={"env": "prod", "team": "a"}) == ["crs-shop0001"]
    assert source.hosts(regions=["gz"], tags={"env": "test", "team": "a"}) == []
    assert "tags are set, but API 2.0 does not support tags" in source.fails(**FULL, tags={"env": "prod"})


def test_a_tag_may_be_the_name(source):
    names = source.hosts(**FULL, hostnames=["tag:team", "instance_name"])
    assert names == ["a", "crs-shop0003", "ledger", "orders"] and source.warnings == []


def twice(**options):
    return {
        "accounts": [{"name": "first", "regions": ["gz"]}, {"name": "second", "regions": ["ap-guangzhou"]}],
        **options,
    }


def test_an_instance_that_two_accounts_have_is_one_host(source):
    found = source.read(**twice())
    assert sorted(found.hosts) == ["crs-shop0001", "crs-shop0002"]
    assert {host.vars["crs_account"] for host in found.hosts.values()} == {"first"}
    (said,) = source.warnings
    at = f"in ap-guangzhou at {source.emulator.url}"
    assert (
        said
        == f"second {at} and first {at} both have crs-shop0001, crs-shop0002: first {at} is used, by the order of their names"
    )


def test_an_instance_that_the_first_account_filters_out_is_the_seconds(source):
    found = source.read(**twice(exclude=["crs_account == 'first'"]))
    assert {host.vars["crs_account"] for host in found.hosts.values()} == {"second"} and len(found.hosts) == 2


def test_a_region_without_instances_is_an_empty_inventory(source):
    assert source.hosts(regions=["ap-tokyo"]) == []


def test_an_account_by_a_role(source):
    accounts = [{"name": "pay", "role_arn": ROLE, "regions": ["sg"]}]
    assert source.hosts(accounts=accounts, sts_endpoint=source.emulator.url) == ["crs-pay00001"]
    assert [entry["action"] for entry in source.emulator.log] == ["AssumeRole", "DescribeInstances"]


def test_an_account_by_a_profile_with_a_region(source, tmp_path):
    (tmp_path / ".tccli").mkdir()
    pair = {"secretId": PAY["secret_id"], "secretKey": PAY["secret_key"]}
    (tmp_path / ".tccli" / "pay.credential").write_text(json.dumps(pair))
    (tmp_path / ".tccli" / "pay.configure").write_text('{"_sys_param": {"region": "ap-singapore"}}')
    found = source.read(profile="pay")
    assert {name: host.vars["crs_profile"] for name, host in found.hosts.items()} == {"crs-pay00001": "pay"}


def test_region_and_role_of_the_environment_are_the_caches_too(source, monkeypatch):
    monkeypatch.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")
    assert source.hosts(**source.cache) == ["crs-shop0001", "crs-shop0002"]
    monkeypatch.setenv("TENCENTCLOUD_REGION", "sh")
    assert source.hosts(**source.cache) == ["crs-shop0003"]
    monkeypatch.setenv("TENCENTCLOUD_REGION", "sg")
    assert source.hosts(**source.cache) == []
    monkeypatch.setenv("TENCENTCLOUD_ROLE_ARN", ROLE)
    assert source.hosts(**source.cache, sts_endpoint=source.emulator.url) == ["crs-pay00001"]


@pytest.fixture
def extra(monkeypatch):
    """`extra(name=value)` is what stands after -e."""

    def give(**variables):
        monkeypatch.setattr("ansible.plugins.inventory.load_extra_vars", lambda loader: variables)

    return give


#: Each kind of option as one template: of a list, of a text with commas, of a dict, of a number, of a word.
WHOLE = {
    "regions": "{{ where }}",
    "statuses": "{{ ['running'] }}",
    "tags": "{{ {'env': stage} }}",
    "project_ids": "{{ [0] }}",
    "hostnames": "{{ ['tag:' ~ key, 'instance_name'] }}",
    "accounts": "{{ shops }}",
    "timeout": "{{ seconds }}",
    "validate_certs": "{{ checked }}",
    "profile": "{{ nobody | default(omit) }}",
}
VARIABLES = {
    "where": ["gz", "sh"],
    "stage": "prod",
    "key": "env",
    "shops": [{"name": "shop", "regions": ["gz"]}, {"name": "{{ other }}"}],
    "other": "store",
    "seconds": 7,
    "checked": False,
}


@pytest.mark.parametrize("where", [["gz", "sh"], "gz,sh", "gz, sh"])
def test_an_option_of_any_kind_may_be_one_template(source, extra, where):
    extra(**{**VARIABLES, "where": where})
    found = source.read(**WHOLE)
    (host,) = found.hosts.values()
    assert (host.name, host.vars["crs_account"], host.vars["crs_timeout"]) == ("prod", "shop", 7)
    assert host.vars["crs_validate_certs"] is False and "crs_profile" not in host.vars
    assert sorted(entry["region"] for entry in source.emulator.log) == ["ap-guangzhou", "ap-guangzhou", "ap-shanghai"]


@pytest.mark.parametrize(
    "nothing",
    ["{{ nobody | default(omit) }}", "{{ nobody | default(none) }}", "{{ 1 if nobody is defined else omit }}"],
)
@pytest.mark.parametrize(
    "name", ["profile", "role_arn", "timeout", "validate_certs", "tags", "statuses", "accounts", "hostnames", "name"]
)
def test_what_a_template_says_is_not_set_is_not_set(source, name, nothing):
    usual = source.read(regions=["gz"])
    found = source.read(regions=["gz"], **{name: nothing})
    assert [host.vars for host in found.hosts.values()] == [host.vars for host in usual.hosts.values()] != []


def test_so_is_a_part_of_a_list_and_an_option_of_an_account(source):
    absent = "{{ nobody | default(omit) }}"
    found = source.read(accounts=[{"name": "shop", "profile": absent, "regions": ["gz", absent]}, absent])
    assert sorted(found.hosts) == EVERYONE[1:3]
    assert {entry["region"] for entry in source.emulator.log} == {"ap-guangzhou"}


def test_regions_that_are_not_set_are_those_of_the_environment(source, monkeypatch):
    monkeypatch.setenv("TENCENTCLOUD_REGION", "sh")
    assert source.hosts(regions="{{ nobody | default(omit) }}") == EVERYONE[3:]


@pytest.mark.parametrize(
    "given, said",
    [
        ({"regions": "{{ {'a': 1} }}"}, "regions is a dict: write a list, with a dash before each entry"),
        ({"regions": "{{ [5] }}"}, "regions is [5], which is not a list of regions: write it as"),
        ({"tags": "{{ ['env'] }}"}, "tags is a list: write a dict, a name and its value on each line"),
        ({"tags": "{{ 'env' }}"}, "tags is a str: write a dict"),
        ({"accounts": "{{ 'shop' }}"}, "accounts[0] is a str: write each account as a dict with a name and options"),
        ({"accounts": "{{ {'name': 'shop'} }}"}, "accounts is a dict: write a list"),
        ({"statuses": "{{ ['asleep'] }}"}, "asleep"),
        ({"strict_regions": "{{ 'perhaps' }}"}, "strict_regions is 'perhaps': use true or false"),
        ({"regions": "{{ nobody }}"}, "regions can't be evaluated: "),
        ({"profile": "{{ '' }}", "regions": ["gz"]}, "profile is empty, and would select another account"),
    ],
)
def test_what_a_template_gives_is_named_as_what_it_is(source, given, said):
    text = source.fails(**given)
    assert said in text and "{{" not in text and source.emulator.log == []


def test_conditions_are_no_templates(source):
    assert "include is \"{{ ['true'] }}\", which is not a list" in source.fails(include="{{ ['true'] }}")


NAMED = {"hostnames": ["instance_name"], "regions": ["gz"]}


def test_who_can_name_an_instance_changes_no_policy_of_another(source):
    """Whether the name comes from the API or from the cache, and whichever of them was named first."""
    before = source.read(**NAMED, **ONE_ORDERS, **source.cache)
    assert sorted(before.hosts) == ["orders"]
    for given in ({**NAMED}, {**NAMED, **source.cache}, {**NAMED, **source.cache}):
        said = source.fails(**given)
        assert re.search(
            r"crs-shop0001 of the account in \S+ at \S+ and crs-shop0002 of .* would both be the host orders: rename",
            said,
        )


def other_source(source, name, **values):
    found = InventoryData()
    found.add_host(name)
    for key, value in values.items():
        found.hosts[name].set_variable(key, value)
    return found


@pytest.mark.parametrize("values", [{}, {"mine": 1}, {"crs_instance_id": "crs-else"}])
def test_names_of_other_sources_are_not_taken(source, values):
    other = other_source(source, "orders", **values)
    with pytest.raises(AnsibleError, match="would be the host orders, which another source uses for something else"):
        source.read(other, **NAMED, **ONE_ORDERS)
    assert sorted(other.hosts) == ["orders"] and other.hosts["orders"].vars.items() >= values.items()
    assert "crs_region" not in other.hosts["orders"].vars
    # Ansible goes on with what other sources have, and their audit must not look complete.
    (gap,) = other.groups["crs"].vars["crs_inventory_errors"]
    assert (gap["account"], gap["region"]) == ("demo.crs.yml", "unknown") and "the host orders" in gap["error"][
        "message"
    ]


def test_a_file_that_is_read_at_the_second_attempt_has_not_failed(source):
    found = InventoryData()
    source.emulator.set_faults([{"name": "api_error", "code": "UnauthorizedOperation"}])
    with pytest.raises(AnsibleError):
        source.read(found, regions=["gz"])
    # What it said of another file, or of a region, stays.
    other = {**found.groups["crs"].vars["crs_inventory_errors"][0], "account": "other.crs.yml"}
    found.groups["crs"].vars["crs_inventory_errors"].append(other)
    source.emulator.set_faults([])
    source.read(found, regions=["gz"])
    assert found.groups["crs"].vars["crs_inventory_errors"] == [other] and len(found.hosts) == 2


def test_a_file_of_another_plugin_is_no_failure_of_ours(source):
    found = InventoryData()
    with pytest.raises(AnsibleError):
        source.read(found, plugin="other.thing.crs")
    assert "crs" not in found.groups


def test_nor_are_names_of_groups(source):
    other = InventoryData()
    other.add_group("orders")
    with pytest.raises(AnsibleError, match="would be the host orders, which is the name of a group"):
        source.read(other, **NAMED, **ONE_ORDERS)


def test_two_files_have_one_host_for_an_instance_and_none_for_two(serve, source):
    """The second must not take over what the first has, be it called by its name or its id."""
    found = source.read(**NAMED, **ONE_ORDERS)
    lab = serve({**FLEET, "instances": [{**FLEET["instances"][0]}]})
    again = source.read(
        found, accounts=[{"name": "again", "regions": ["gz"]}], hostnames=["instance_name"], **ONE_ORDERS
    )
    assert sorted(again.hosts) == ["orders"]
    with pytest.raises(AnsibleError, match="would be the host orders, which another source uses for something else"):
        source.read(found, **NAMED, endpoint=lab.url)
    by_id = source.read(regions=["gz"], tags={"env": "prod"})
    with pytest.raises(
        AnsibleError, match=r"would be the host crs-shop0001, which another .* \(crs-shop0001, ap-guangzhou, "
    ):
        source.read(by_id, regions=["gz"], endpoint=lab.url)
    for inventory, name in ((found, "orders"), (by_id, "crs-shop0001")):
        assert list(inventory.hosts) == [name] and inventory.hosts[name].vars["crs_endpoint"] == source.emulator.url


def test_one_id_of_two_clouds_is_two_hosts_or_an_error(serve, source):
    lab = serve({**FLEET, "instances": [{**FLEET["instances"][0], "name": "lab-orders"}]})
    two = {
        "accounts": [{"name": "shop"}, {"name": "lab", "endpoint": lab.url}],
        "regions": ["gz"],
        "tags": {"env": "prod"},
    }
    found = source.read(**two, hostnames=["instance_name"])
    assert {name: host.vars["crs_instance_id"] for name, host in found.hosts.items()} == {
        "orders": "crs-shop0001",
        "lab-orders": "crs-shop0001",
    }
    assert (
        "two clouds or regions have an instance with this id. Set hostnames to what distinguishes them"
        in source.fails(**two)
    )


def test_what_was_listed_is_said_of_all_files_also_where_there_is_no_host(source):
    found = source.read(**FULL, tags=None, exclude=["crs_account == 'pay'"])
    for _time in range(2):
        source.read(found, regions=["ap-tokyo"], name="nothing", **source.cache)
    url = source.emulator.url
    assert [dict(place) for place in found.groups["crs"].vars["crs_inventory_places"]] == [
        {
            "crs_account": "shop",
            "crs_api_version": "v3",
            "crs_endpoint": url,
            "crs_region": "ap-guangzhou",
            "crs_retries": 0,
        },
        {
            "crs_account": "shop",
            "crs_api_version": "v3",
            "crs_endpoint": url,
            "crs_region": "ap-shanghai",
            "crs_retries": 0,
        },
        {
            "crs_account": "pay",
            "crs_api_version": "v2",
            "crs_endpoint": url,
            "crs_env_prefix": "PAY",
            "crs_region": "ap-singapore",
            "crs_retries": 0,
        },
        {"crs_api_version": "v3", "crs_endpoint": url, "crs_region": "ap-tokyo", "crs_retries": 0},
    ]


@pytest.mark.parametrize(
    "given, said",
    [
        ({"region": "gz"}, "unknown options region; ansible-doc -t inventory qcloud.crs.crs"),
        ({"secret_key": "x"}, "secret_key would be in every host's variables: use env_prefix or profile"),
        # Not evaluated: an error of the evaluation might show the value.
        ({"secret_key": "{{ 'madeupKey' | nobody }}"}, "secret_key would be in every host's variables: use env_prefix"),
        ({"strict_regions": "perhaps"}, "strict_regions is 'perhaps': use true or false"),
        ({"include": "crs_region == 'a', true"}, "include is \"crs_region == 'a', true\", which is not a list"),
        ({"hostnames": ["colour"]}, "hostnames has 'colour'"),
        ({"statuses": ["asleep"]}, "asleep"),
        ({"regions": ["nowhere"]}, "'nowhere' is not a region code"),
    ],
)
def test_bad_options_are_named_before_any_request(source, given, said):
    assert said in source.fails(**given) and source.emulator.log == []


@pytest.mark.parametrize(
    "unset, given, said",
    [
        (["REGION"], {}, "no region"),
        (["SECRET_ID", "SECRET_KEY"], {"regions": ["gz"]}, "no credentials: set TENCENTCLOUD_SECRET_ID"),
    ],
)
def test_an_error_about_a_connection_names_options_of_an_inventory(source, monkeypatch, unset, given, said):
    for name in unset:
        monkeypatch.delenv(f"TENCENTCLOUD_{name}", raising=False)
    text = source.fails(**given)
    assert said in text and "write regions for region, and env_prefix or profile for secret_id" in text


NESTED = {"secret_key": "madeupNestedKey"}
WRONG = {"list": [NESTED, [[NESTED]], 5], "dict": [[NESTED], "madeupNestedKey"]}
#: Each option, with what may hold a secret in its place; "plugin" is for Ansible, which wouldn't even call this one.
MISPLACED = [
    (name, value)
    for name, entry in OPTIONS.items()
    if name != "plugin"
    for value in WRONG.get(entry.get("type"), [NESTED, [NESTED]])
]


def refused(source, **given):
    """Return the whole error, its causes and tracebacks included."""
    with pytest.raises(AnsibleError) as caught:
        source.read(**given)
    text = "".join(traceback.format_exception(None, caught.value, caught.tb))
    assert "madeup" not in text and source.emulator.log == []
    return str(caught.value)


@pytest.mark.without_coverage
@pytest.mark.parametrize(("name", "value"), MISPLACED)
def test_what_may_hold_a_secret_is_named_by_its_type(source, name, value):
    said = refused(source, **{name: value})
    assert re.search(rf": {name}(\[0\])? is (a dict|a list|a str|an int): write ", said)


@pytest.mark.without_coverage
@pytest.mark.parametrize("name", ["name", "regions", *_inventory.OPTION_NAMES])
@pytest.mark.parametrize("value", [NESTED, [NESTED]])
def test_so_is_an_option_of_an_account(source, name, value):
    said = refused(source, accounts=[{"name": "shop", "regions": ["gz"], name: value}])
    assert re.search(rf": accounts\[0\]: {name}(\[0\])? is a (dict|list): write ", said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accounts": ["shop", NESTED]}, "accounts[0] is a str: write each account as a dict with a name and options"),
        ({"accounts": ["{{ [%s] }}" % NESTED]}, "accounts[0] is a list: write a dict"),
        ({"regions": ["{{ %s }}" % NESTED]}, "regions[0] is a dict: write a single value"),
        ({"profile": "{{ %s }}" % NESTED}, "profile is a dict: write a single value"),
        ({"project_ids": ["{{ %s }}" % NESTED]}, "project_ids[0] is a dict: write a single value"),
        ({"regions": ["gz"], "tags": {"env": NESTED}}, "tags.env is a dict or list, which is not a text"),
    ],
)
def test_so_is_what_a_template_gives_and_what_lies_deeper(source, given, said):
    assert said in refused(source, **given)


def test_a_condition_that_cannot_be_evaluated_keeps_and_leaves_out_nobody(source):
    assert "include or exclude can't be evaluated for crs-shop0003" in source.fails(
        **FULL, exclude=["crs_tags.env == 'a'"]
    )


def test_what_fails_for_one_host_leaves_no_part_of_the_others(source):
    found = InventoryData()
    with pytest.raises(AnsibleError):
        source.read(found, **FULL, strict=True, compose={"team": "crs_tags.env ~ 'a'"})
    assert not found.hosts


def test_each_expression_is_evaluated_once_for_each_host(source, monkeypatch):
    """Ten thousand hosts take a minute less for it."""
    asked = []
    compose = InventoryModule._compose
    monkeypatch.setattr(
        InventoryModule, "_compose", lambda self, text, *rest: asked.append(text) or compose(self, text, *rest)
    )
    source.read(**FULL, compose={"team": "crs_region ~ 'x'"}, keyed_groups=[{"key": "crs_region"}])
    assert asked == ["crs_region ~ 'x'", "crs_region"] * len(EVERYONE)


def test_hosts_come_into_the_inventory_with_all_that_was_made_for_them(source, tmp_path):
    found = InventoryData()
    found.add_group("region_ap_tokyo")
    for name in ("shop", "again"):
        (tmp_path / name).mkdir()
        found.current_source = str(tmp_path / name)
        keyed = [
            {"key": "crs_region", "prefix": "region", "parent_group": "regions"},
            {"key": "inventory_dir | basename", "prefix": "of"},
        ]
        source.read(found, accounts=[{"name": name, "regions": ["gz"]}], compose={"team": "'t'"}, keyed_groups=keyed)
    hosts = {name: host.vars for name, host in found.hosts.items()}
    assert sorted(hosts) == EVERYONE[1:3]
    # As with any other plugin: the last value counts, and the first one that set it is the source.
    for values in hosts.values():
        assert (values["crs_account"], values["team"]) == ("again", "t")
        assert (values["inventory_file"], values["inventory_dir"]) == (str(tmp_path / "shop"),) * 2
    assert [group.name for group in found.groups["regions"].child_groups] == ["region_ap_guangzhou"]
    assert [host.name for host in found.groups["region_ap_guangzhou"].hosts] == EVERYONE[1:3]
    assert {"of_shop", "crs", "region_ap_tokyo"} < set(found.groups)


def test_a_group_never_gets_what_is_meant_for_a_host(source):
    """Ansible would set the variables of a host that is called like a group for all hosts of that group."""
    named = {**FULL, "hostnames": ["instance_name"], **ONE_ORDERS}
    said = source.fails(**named, keyed_groups=[{"key": "'ledger'", "separator": ""}])
    assert "ledger is the name of a host and of a group that keyed_groups make: give these groups a prefix" in said
    said = source.fails(**named, groups={"ledger": "crs_account == 'pay'"})
    assert (
        "crs-pay00001 of pay in ap-singapore" in said
        and "would be the host ledger, which is the name of a group" in said
    )


def all_regions(source, *codes):
    source.emulator.fleet.settings.regions = list(codes)


def test_all_regions_are_those_that_the_api_has(source):
    all_regions(source, "ap-guangzhou", "ap-shanghai", "ap-tokyo")
    assert source.hosts(regions=["all"]) == EVERYONE[1:]
    asked = [(entry["action"], entry["region"]) for entry in source.emulator.log]
    assert asked[0] == ("DescribeProductInfo", "ap-guangzhou")
    assert asked[1:] == [("DescribeInstances", one) for one in ("ap-guangzhou", "ap-shanghai", "ap-tokyo")]


def test_each_account_has_all_its_regions(source, monkeypatch):
    monkeypatch.setenv("TENCENTCLOUD_REGION", "ap-tokyo")
    all_regions(source, "ap-guangzhou", "ap-singapore")
    accounts = [{"name": "shop", "regions": "{{ ['all'] }}"}, {"name": "pay", "env_prefix": "PAY", "regions": ["sg"]}]
    found = source.read(accounts=accounts)
    assert {name: host.vars["crs_account"] for name, host in found.hosts.items()} == {
        "crs-shop0001": "shop",
        "crs-shop0002": "shop",
        "crs-pay00001": "pay",
    }
    assert source.emulator.log[0]["region"] == "ap-tokyo"


@pytest.mark.parametrize(
    "given, said",
    [
        ({"regions": ["all", "gz"]}, "regions has all and others: write all alone, or name the regions"),
        ({"regions": ["all"], "api_version": "v2"}, "regions is [all], and API 2.0 can't list its regions: name them"),
        ({"accounts": [{"regions": ["all"], "api_version": "v2"}]}, "accounts[0]: regions is [all], and API 2.0"),
    ],
)
def test_all_regions_that_cannot_be_had_are_named_before_any_request(source, given, said):
    assert said in source.fails(**given) and source.emulator.log == []


def test_one_of_all_regions_that_fails_fails_all_unless_it_need_not(source):
    all_regions(source, "ap-guangzhou", "ap-shanghai")
    deny(source)
    assert "DescribeInstances in ap-shanghai" in source.fails(regions=["all"])
    found = source.read(regions=["all"], strict_regions=False)
    assert sorted(found.hosts) == EVERYONE[1:3]
    (gap,) = found.groups["crs"].vars["crs_inventory_errors"]
    assert gap["region"] == "ap-shanghai"


def test_so_does_the_list_of_regions(source):
    source.emulator.set_faults(
        [{"name": "api_error", "code": "UnauthorizedOperation", "action": "DescribeProductInfo"}]
    )
    assert "DescribeProductInfo in ap-guangzhou" in source.fails(regions=["all"])
    found = source.read(regions=["all"], strict_regions=False, **source.cache)
    (gap,) = found.groups["crs"].vars["crs_inventory_errors"]
    assert (gap["region"], gap["error"]["kind"], not found.hosts) == ("all", "denied", True)
    all_regions(source)
    source.emulator.set_faults([])
    assert "RegionSet has no region" in source.fails(regions=["all"])


def test_all_regions_are_cached_as_one(source):
    all_regions(source, "ap-guangzhou", "ap-shanghai")
    first = source.hosts(regions=["all"], **source.cache)
    asked(source)
    all_regions(source, "ap-guangzhou")
    assert source.hosts(regions=["all"], **source.cache) == first == EVERYONE[1:] and asked(source) == 0
    source.with_keys(TENCENTCLOUD=PAY)
    assert source.hosts(regions=["all"], **source.cache) == [] and asked(source) == 2


def deny(source, **fault):
    source.emulator.set_faults(
        [{"name": "api_error", "code": "UnauthorizedOperation", "region": "ap-shanghai", **fault}]
    )


def test_a_region_that_fails_fails_all(source):
    deny(source)
    assert "shop: " in source.fails(**FULL)


def test_unless_it_need_not_then_it_is_said_and_not_kept(source):
    deny(source)
    found = source.read(**FULL, strict_regions=False, **source.cache)
    assert sorted(found.hosts) == [*EVERYONE[:3]]
    (gap,) = found.groups["crs"].vars["crs_inventory_errors"]
    assert (gap["account"], gap["region"], gap["error"]["kind"]) == ("shop", "ap-shanghai", "denied")
    assert any("left out of the inventory (strict_regions is false): shop: " in text for text in source.warnings)
    source.emulator.set_faults([])
    assert source.hosts(**FULL, strict_regions=False, **source.cache) == EVERYONE


def test_what_several_files_could_not_list_is_all_said_and_once(source):
    source.emulator.set_faults([{"name": "api_error", "code": "UnauthorizedOperation"}])
    found = InventoryData()
    for name, region in (("shop", "gz"), ("shop", "sh"), ("shop", "gz"), ("other", "gz")):
        source.read(found, accounts=[{"name": name, "regions": [region]}], strict_regions=False)
    assert [(gap["account"], gap["region"]) for gap in found.groups["crs"].vars["crs_inventory_errors"]] == [
        ("shop", "ap-guangzhou"),
        ("shop", "ap-shanghai"),
        ("other", "ap-guangzhou"),
    ]


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("odd", ["orders cache", "crs-{{ 1 }}", "localhost"])
def test_an_id_that_cannot_name_a_host_is_left_out_with_a_warning_and_not_kept(serve, source, odd, version):
    ids = ["redis-1", odd, "crs-shop0001"]
    source.emulator = serve({"credentials": [SHOP], "instances": [{"id": one, "account": "1"} for one in ids]})
    for _time in range(2):
        given = {"regions": ["gz"], "api_version": version, **source.cache}
        assert source.hosts(**given) == ["crs-shop0001", "redis-1"]
        assert f"the instance {odd!r} is left out: its id can't be used as a host name" in source.warnings.pop()


def test_what_is_not_the_clouds_fault_is_always_an_error(source, monkeypatch):
    monkeypatch.delenv("PAY_SECRET_KEY")
    assert "PAY_SECRET_KEY" in source.fails(**FULL, strict_regions=False)


def asked(source):
    """Return how many requests there were since the last time."""
    count = len(source.emulator.log)
    source.emulator.clear_log()
    return count


def test_the_second_time_is_the_caches(source, monkeypatch):
    first = source.read(**FULL, **source.cache)
    assert asked(source) == 3
    for prefix in ("TENCENTCLOUD", "PAY"):
        monkeypatch.delenv(f"{prefix}_SECRET_ID")
        monkeypatch.delenv(f"{prefix}_SECRET_KEY")
    second = source.read(**FULL, **source.cache)
    assert asked(source) == 0
    assert {name: host.vars for name, host in second.hosts.items()} == {
        name: host.vars for name, host in first.hosts.items()
    }


def test_the_cache_is_of_one_key_one_file_and_its_options(source):
    one = {"regions": ["gz"], **source.cache}
    assert source.hosts(**one) == EVERYONE[1:3] and asked(source) == 1
    assert source.hosts(**one, tags={"env": "prod"}) == EVERYONE[1:2] and asked(source) == 1
    assert source.hosts(**{**one, "regions": ["gz", "sh"]}) == EVERYONE[1:] and asked(source) == 2
    assert source.hosts(**one) == EVERYONE[1:3] and asked(source) == 0
    source.read(anew=True, **one)
    assert asked(source) == 1
    source.with_keys(TENCENTCLOUD=PAY)
    assert source.hosts(**one) == [] and asked(source) == 1


@pytest.mark.parametrize(
    "change", [lambda kept: kept[0].pop("identity"), lambda kept: kept.pop(), lambda kept: kept.insert(0, 5)]
)
def test_what_another_version_has_kept_is_not_used(source, tmp_path, change):
    source.read(**FULL, **source.cache)
    asked(source)
    (file,) = (tmp_path / "kept").iterdir()
    document = json.loads(file.read_text(encoding="utf-8"))
    # ansible-core 2.19 and newer wrap it.
    kept = json.loads(document["__payload__"]) if "__payload__" in document else document
    change(kept)
    file.write_text(json.dumps({"__payload__": json.dumps(kept)} if kept is not document else kept), encoding="utf-8")
    assert source.hosts(**FULL, **source.cache) == EVERYONE and asked(source) == 3
