# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory import hosts as _inventory
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory.hosts import Listed

DEFAULTS = {name: connection_spec()[name].get("default") for name in _inventory.OPTION_NAMES}


def record(instance_id, name=None, tags=None, private_ip=None):
    return {"instance_id": instance_id, "instance_name": name, "tags": tags, "private_ip": private_ip}


def test_accounts_times_regions():
    accounts = [{"name": "a", "regions": ["gz", "sh", "ap-guangzhou"]}, {"profile": "b", "timeout": "9"}]
    found = _inventory.sources(DEFAULTS, accounts, ["sg"])
    assert [(one.account, one.options["region"]) for one in found] == [
        ("a", "ap-guangzhou"),
        ("a", "ap-shanghai"),
        (None, "ap-singapore"),
    ]
    assert (found[0].options["profile"], found[2].options["profile"]) == (None, "b")
    assert found[2].options["timeout"] == 9


def test_without_accounts_or_regions_there_is_one_source():
    (one,) = _inventory.sources({**DEFAULTS, "profile": "p"}, None, None)
    assert (one.account, one.options["region"], one.options["profile"]) == (None, None, "p")


@pytest.mark.parametrize(
    "accounts, regions, said",
    [
        ([], None, "accounts is an empty list"),
        ([{}, "a"], None, r"accounts\[1\] is a str: write each account as a dict with a name and options"),
        ([None], None, r"accounts\[0\] is null: write each"),
        ([{"region": "gz"}], None, r"accounts\[0\]: region is not an option here: use regions, a list"),
        ([{}, {"profile": ""}], None, r"accounts\[1\]: profile is empty, and would select another account"),
        ([{"zone": 1, "colour": 2}], None, r"accounts\[0\]: unknown options colour, zone: use name, regions, "),
        ([{"timeout": "soon"}], None, r"accounts\[0\]: .*timeout"),
        ([{"api_version": "v4"}], None, r"accounts\[0\]: value of api_version must be one of"),
        ([{"regions": None}], [5], "regions is "),
        ([{"regions": [""]}], ["gz"], r"regions of accounts\[0\] is \[''\]"),
        (None, [], r"regions is \[\]"),
        (
            [{}, {"regions": ["gz"]}],
            ["gz"],
            r"has the same account and region twice \(without a name, ap-guangzhou\): leave one out",
        ),
    ],
)
def test_bad_accounts_are_named(accounts, regions, said):
    with pytest.raises(InvalidOption, match=said):
        _inventory.sources(DEFAULTS, accounts, regions)


@pytest.mark.parametrize("name", ["secret_id", "secret_key", "token"])
def test_a_key_in_the_file_is_refused_and_not_shown(name):
    with pytest.raises(InvalidOption, match=f"{name} is not an option here") as caught:
        _inventory.sources(DEFAULTS, [{name: "madeupInventoryKey1"}], None)
    assert "madeup" not in str(caught.value)


NESTED = {"secret_key": "madeupNestedKey"}


@pytest.mark.parametrize(
    "accounts, regions, said",
    [
        (["shop", NESTED], None, r"accounts\[0\] is a str"),
        (["secret_key=madeupNestedKey"], None, r"accounts\[0\] is a str"),
        ([[NESTED]], None, r"accounts\[0\] is a list"),
        ([{}, {"name": NESTED}], ["gz"], r"accounts\[1\]: name is a dict: write a single value"),
        ([{"name": ["shop"]}], ["gz"], r"accounts\[0\]: name is a list: write a single value"),
        ([{"regions": NESTED}], None, r"accounts\[0\]: regions is a dict: write a list, with a dash before each entry"),
        ([{"regions": ["gz", NESTED]}], None, r"accounts\[0\]: regions\[1\] is a dict: write a single value"),
        (None, ["gz", [NESTED]], r"regions\[1\] is a list: write a single value"),
        ([{"profile": NESTED}], ["gz"], r"accounts\[0\]: profile is a dict: write a single value"),
        ([{"api_version": [NESTED]}], ["gz"], r"accounts\[0\]: api_version is a list: write a single value"),
    ],
)
def test_a_value_that_may_hold_a_secret_is_not_shown(accounts, regions, said):
    with pytest.raises(InvalidOption, match=said) as caught:
        _inventory.sources(DEFAULTS, accounts, regions)
    assert "madeup" not in str(caught.value)


def named(records, preferences=("instance_name",), hosts=None, groups=(), **where):
    """Return ``{id: host name}`` of the instances of one account and region."""
    found = _inventory.names([listed(*records, **where)], list(preferences), hosts, groups)
    return {one["instance_id"]: name for name, one, _listed in found}


def listed(*records, account="shop", region="ap-guangzhou", **options):
    return Listed(account, region, {**DEFAULTS, **options}, list(records))


@pytest.mark.parametrize(
    "preferences, wanted",
    [
        ([], "crs-1"),
        (["instance_name"], "orders"),
        (["tag:Name", "instance_name"], "Orders.main"),
        (["tag:none", "private_ip"], "10.0.1.61"),
        (["tag:bad", "tag:empty"], "crs-1"),
    ],
)
def test_the_first_fit_preference_is_the_name(preferences, wanted):
    tags = {"Name": "Orders.main", "bad": "a:b", "empty": ""}
    assert named([record("crs-1", "orders", tags, "10.0.1.61")], preferences) == {"crs-1": wanted}


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "a b",
        "a:b",
        "a,b",
        "a[1]",
        "!a",
        "~a",
        "&a",
        ".a",
        "-a",
        "a\n",
        "localhost",
        "all",
        "ungrouped",
        "x" * 129,
    ],
)
def test_a_name_that_ansible_would_misread_is_not_used(name):
    assert named([record("crs-1", name)]) == {"crs-1": "crs-1"}


@pytest.mark.parametrize("name", ["订单缓存", "a", "a.b-c_d", "x" * 128])
def test_other_names_are(name):
    assert named([record("crs-1", name)]) == {"crs-1": name}


A, B, REMEDY = "crs-1 of shop in ap-guangzhou", "crs-2 of shop in ap-guangzhou", "rename one of them, set another"


@pytest.mark.parametrize(
    ("first", "second", "preferences", "said"),
    [
        ("orders", "orders", ["instance_name"], f"{A} and {B} would both be the host orders: {REMEDY}"),
        # The second is called as the first would be without a name, and as it is, whatever it is called.
        (None, "crs-1", ["instance_name"], f"{A} and {B} would both be the host crs-1: {REMEDY}"),
        ("orders", "crs-1", ["instance_name"], f"{A} and {B} would both be the host crs-1: {REMEDY}"),
        # One by its tag, the other by its name.
        ("orders", "x", ["tag:t2", "instance_name"], f"{A} and {B} would both be the host orders: {REMEDY}"),
        ("a", "b", ["private_ip"], f"{A} and {B} would both be the host 10.0.0.1: {REMEDY}"),
    ],
)
def test_no_instance_gets_the_name_of_another(first, second, preferences, said):
    """Who may name one would choose the variables and groups of the other."""
    records = [record("crs-1", first, None, "10.0.0.1"), record("crs-2", second, {"t2": "orders"}, "10.0.0.1")]
    for order in (records, records[::-1]):
        with pytest.raises(InvalidOption) as caught:
            named(order, preferences)
        assert caught.value.reason.startswith(said)
        assert caught.value.reason.endswith("or leave hostnames out, which uses ids")
    assert named(records, ["instance_id"]) == {"crs-1": "crs-1", "crs-2": "crs-2"}


def test_nor_do_instances_of_two_accounts_or_regions():
    for other in ({"account": "pay"}, {"region": "ap-tokyo"}, {"endpoint": "redis.lab.example.com"}):
        with pytest.raises(InvalidOption, match="would both be the host orders"):
            _inventory.names(
                [listed(record("crs-1", "orders")), listed(record("crs-2", "orders"), **other)], ["instance_name"]
            )


def test_names_that_differ_for_ansible_are_two():
    """Ansible changes the names of groups, and none of hosts."""
    records = [record(f"crs-{name}", name) for name in ("a-b", "a_b", "a.b", "A-b")]
    assert sorted(named(records).values()) == ["A-b", "a-b", "a.b", "a_b"]


def test_an_id_of_two_clouds_names_two_hosts_only_by_something_else():
    two = [listed(record("crs-1", "orders")), listed(record("crs-1", "carts"), endpoint="redis.lab.example.com")]
    assert [name for name, *_rest in _inventory.names(two, ["instance_name"])] == ["orders", "carts"]
    with pytest.raises(InvalidOption) as caught:
        _inventory.names(two, ["instance_id"])
    assert caught.value.reason == (
        "crs-1 of shop in ap-guangzhou and crs-1 of shop in ap-guangzhou at redis.lab.example.com would both be the host crs-1: "
        "two clouds or regions have an instance with this id. Set hostnames to what distinguishes them, such as instance_name or "
        "tag:KEY, or use a separate inventory and audit for each"
    )


MADE = {"crs_instance_id": "crs-1", "crs_region": "ap-guangzhou", "crs_api_version": "v3"}
LAB = "https://redis.lab.example.com"


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        # Of another file of this plugin: the same instance, over either API.
        ("orders", MADE, True),
        ("orders", {**MADE, "crs_api_version": "v2"}, True),
        ("orders", {**MADE, "crs_instance_id": "crs-2"}, False),
        ("orders", {**MADE, "crs_region": "ap-tokyo"}, False),
        ("orders", {**MADE, "crs_endpoint": LAB}, False),
        ("crs-1", {**MADE, "crs_endpoint": LAB}, False),
        # Of somebody's own file: what it says has to agree, and what groups say isn't known.
        ("orders", {}, False),
        ("crs-1", {}, True),
        ("crs-1", {"crs_region": "gz"}, True),
        ("crs-1", {"crs_region": "ap-tokyo"}, False),
        ("crs-1", {"crs_region": "nowhere"}, False),
        ("crs-1", {"crs_region": "{{ here }}"}, True),
        ("crs-1", {"crs_instance_id": "crs-2"}, False),
        ("orders", {"crs_instance_id": "crs-1", "crs_region": "gz"}, True),
        ("orders", {"crs_instance_id": "crs-1", "crs_endpoint": LAB}, False),
    ],
)
def test_a_host_of_another_source_is_taken_over_by_its_own_instance_alone(name, host, fits):
    one = record("crs-1", name if name != "crs-1" else None)
    if fits:
        assert named([one], hosts={name: host}) == {"crs-1": name}
        return
    with pytest.raises(
        InvalidOption, match=f"{A} would be the host {name}, which another source uses for something else"
    ):
        named([one], hosts={name: host})


def test_nor_does_a_host_get_the_name_of_a_group():
    with pytest.raises(InvalidOption, match=f"{A} would be the host prod, which is the name of a group: {REMEDY}"):
        named([record("crs-1", "prod")], groups={"prod"})


@pytest.mark.parametrize("turn", [1, -1])
def test_an_instance_is_that_of_the_account_whose_name_comes_first(turn):
    """In whatever order the file has them: who is asked may decide what is seen."""
    sources = [
        listed(record("crs-1"), record("crs-2"), account="b"),
        # Over the other API, and still of the same cloud.
        listed(*(record(f"crs-{number}") for number in range(1, 7)), account="a", api_version="v2"),
        listed(record("crs-9"), account="c", region="ap-tokyo"),
        listed(record("crs-1"), account="lab", endpoint="redis.lab.example.com"),
        listed(record("crs-1"), record("crs-9"), account=None, region="ap-tokyo"),
    ][::turn]
    once, notes = _inventory.unique(sources)
    assert [[one["instance_id"] for one in source.records] for source in once][::turn] == [
        [],
        ["crs-1", "crs-2", "crs-3", "crs-4", "crs-5", "crs-6"],
        [],
        ["crs-1"],
        ["crs-1", "crs-9"],
    ]
    assert notes[::turn] == [
        "b in ap-guangzhou and a in ap-guangzhou both have crs-1, crs-2: a in ap-guangzhou is used, by the order of their names",
        "c in ap-tokyo and the account in ap-tokyo both have crs-9: the account in ap-tokyo is used, by the order of their names",
    ]


@pytest.mark.parametrize("turn", [1, -1])
def test_of_accounts_of_one_name_what_leads_there_decides_and_not_their_order(turn):
    sources = [listed(record("crs-1"), account=None, profile=profile) for profile in ("b", "a")]
    once, _notes = _inventory.unique(sources[::turn])
    assert [one.options["profile"] for one in once if one.records] == ["a"]


def test_variables_are_facts_and_what_leads_there_again():
    options = {**DEFAULTS, "profile": "p", "region": "gz", "timeout": 9, "use_instance_role": False}
    values = _inventory.variables(record("crs-1", "orders"), Listed("a", "ap-guangzhou", options, []))
    assert values == {
        "crs_instance_id": "crs-1",
        "crs_instance_name": "orders",
        "crs_tags": None,
        "crs_private_ip": None,
        "crs_api_version": "v3",
        "crs_region": "ap-guangzhou",
        "crs_profile": "p",
        "crs_timeout": 9,
        "crs_account": "a",
    }


@pytest.mark.parametrize("name", ["name", "tag:", "tags", ""])
def test_a_preference_that_nothing_has_is_an_error(name):
    with pytest.raises(InvalidOption, match="hostnames has"):
        _inventory.check_hostnames(["instance_id", "tag:x", name])


def test_filters_are_checked_and_those_that_are_not_set_are_none():
    assert _inventory.filters({"name": None, "project_ids": ["7"], "tags": {"env": "prod"}}) == {
        "project_ids": [7],
        "tags": {"env": "prod"},
        "statuses": None,
        "name": None,
    }
    with pytest.raises(InvalidOption, match="value of statuses must be one or more of"):
        _inventory.filters({"statuses": ["asleep"]})


def test_an_id_that_names_something_else_is_refused():
    """Ids of private clouds may be any word, and the server must not choose the name of a host or group that exists already."""
    for taken in ({"hosts": {"prod": {}}}, {"groups": {"prod"}}):
        with pytest.raises(InvalidOption, match="prod of shop in ap-guangzhou would be the host prod, "):
            named([record("prod"), record("crs-1")], ["instance_id"], **taken)
    # It is called so, and says that it stands for it.
    assert named([record("prod")], ["instance_id"], {"prod": {"crs_instance_id": "prod"}}) == {"prod": "prod"}


def test_a_place_is_what_leads_to_its_hosts_and_none_of_their_facts():
    one = listed(record("crs-1", "orders"), profile="p", timeout=9)
    way = _inventory.way(one)
    assert way == {
        "crs_account": "shop",
        "crs_api_version": "v3",
        "crs_region": "ap-guangzhou",
        "crs_profile": "p",
        "crs_timeout": 9,
    }
    assert {**_inventory.variables(record("crs-1", "orders"), one), **way} == _inventory.variables(
        record("crs-1", "orders"), one
    )
