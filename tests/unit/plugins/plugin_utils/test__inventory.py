# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._argspec import connection_spec
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils import _inventory
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory import Listed

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
        ([{}, "a"], None, r"accounts\[1\] is a str: write each account as a name and its options"),
        ([None], None, r"accounts\[0\] is null: write each"),
        ([{"region": "gz"}], None, r"accounts\[0\]: region is no option here: write regions, a list"),
        ([{}, {"profile": ""}], None, r"accounts\[1\]: profile is empty, and would mean another account"),
        ([{"zone": 1, "colour": 2}], None, r"accounts\[0\]: unknown options colour, zone: use name, regions, "),
        ([{"timeout": "soon"}], None, r"accounts\[0\]: .*timeout"),
        ([{"api_version": "v4"}], None, r"accounts\[0\]: value of api_version must be one of"),
        ([{"regions": None}], [5], "regions is "),
        ([{"regions": [""]}], ["gz"], r"regions of accounts\[0\] is \[''\]"),
        (None, [], r"regions is \[\]"),
        ([{}, {"regions": ["gz"]}], ["gz"], "the same account and region twice"),
    ],
)
def test_bad_accounts_are_named(accounts, regions, said):
    with pytest.raises(InvalidOption, match=said):
        _inventory.sources(DEFAULTS, accounts, regions)


@pytest.mark.parametrize("name", ["secret_id", "secret_key", "token"])
def test_a_key_in_the_file_is_refused_and_not_shown(name):
    with pytest.raises(InvalidOption, match=f"{name} is no option here") as caught:
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
    names, notes = _inventory.names([record("crs-1", "orders", tags, "10.0.1.61")], preferences)
    assert (names, notes) == ({"crs-1": wanted}, [])


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
    assert _inventory.names([record("crs-1", name)], ["instance_name"])[0] == {"crs-1": "crs-1"}


@pytest.mark.parametrize("name", ["订单缓存", "a", "a.b-c_d", "x" * 128])
def test_other_names_are(name):
    assert _inventory.names([record("crs-1", name)], ["instance_name"])[0] == {"crs-1": name}


def test_all_of_those_that_share_a_name_get_their_ids():
    records = [record("crs-1", "a"), record("crs-2", "b"), record("crs-3", "a")]
    for order in (records, records[::-1]):
        names, notes = _inventory.names(order, ["instance_name"])
        assert names == {"crs-1": "a_crs-1", "crs-2": "b", "crs-3": "a_crs-3"}
        assert notes == ["2 instances are called a: their ids are added"]


def test_a_name_that_is_another_s_with_its_id_takes_nobody_s_place():
    records = [record("crs-1", "a"), record("crs-2", "a"), record("crs-3", "a_crs-1"), record("crs-4", "crs-2")]
    for order in (records, records[::-1]):
        names, notes = _inventory.names(order, ["instance_name"])
        assert names == {"crs-1": "crs-1", "crs-2": "a_crs-2", "crs-3": "crs-3", "crs-4": "crs-4"}
        assert sorted(notes)[1:] == [
            "crs-1 can't be called a_crs-1, as something else is: it is called by its id",
            "crs-3 can't be called a_crs-1, as something else is: it is called by its id",
            "crs-4 can't be called crs-2, as something else is: it is called by its id",
        ]


def test_names_of_others_are_not_taken():
    names, notes = _inventory.names([record("crs-1", "a"), record("crs-2", "b")], ["instance_name"], {"a", "crs-2"})
    assert names == {"crs-1": "crs-1", "crs-2": "b"} and len(notes) == 1


def test_an_instance_is_that_of_the_first_source():
    listed = [
        Listed("a", "ap-guangzhou", {}, [record("crs-1"), record("crs-2")]),
        Listed(None, "ap-guangzhou", {}, [record(f"crs-{number}") for number in range(1, 7)]),
        Listed("c", "ap-tokyo", {}, [record("crs-9")]),
    ]
    once, notes = _inventory.unique(listed)
    assert [[one["instance_id"] for one in source.records] for source in once] == [
        ["crs-1", "crs-2"],
        ["crs-3", "crs-4", "crs-5", "crs-6"],
        ["crs-9"],
    ]
    assert notes == ["the account in ap-guangzhou has crs-1, crs-2, as a in ap-guangzhou has: the first counts"]


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


@pytest.mark.parametrize("taken", [["prod"], ["web-01", "prod"]])
def test_an_id_that_names_something_else_is_refused(taken):
    """Ids of private clouds may be any word, and whoever answers must not name a host or group that is somebody else's."""
    with pytest.raises(InvalidOption, match="the instance prod is called like another host or group"):
        _inventory.names([record("prod"), record("crs-1")], ["instance_id"], taken)
    # As it always was: a host of another file that stands for this instance.
    assert _inventory.names([record("crs-1")], ["instance_id"], ["crs-1"])[0] == {"crs-1": "crs-1"}
