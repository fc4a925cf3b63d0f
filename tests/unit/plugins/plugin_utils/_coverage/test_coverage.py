# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody audits: of one connection, and of several looks at one account's region."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import coverage
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage.places import NOTHING, Inventory, Look, Place

VENDOR, V2 = "https://redis.tencentcloudapi.com/", "https://redis.api.qcloud.com/v2/index.php"


def at(account="prod", region="ap-guangzhou", endpoint=VENDOR, api_version="v3"):
    return Place(account, region, endpoint, api_version)


def seen(ids, known=(), audited=(), fails=False, isolated=(), **place):
    """Return the entry of ids such as "a b c"."""
    records = {**dict.fromkeys(ids), **{one: {"status": "isolated"} for one in isolated}}
    return coverage.seen(at(**place), records, set(known), set(audited), fails)


def unseen(said="no right", fails=False, **place):
    return coverage.unseen(at(**place), Denied(said), fails)


def told(entry):
    return "".join(entry["not_in_inventory"]), "".join(entry["not_audited"]), entry["instances"]


def joined(entries, audited=()):
    return [told(entry) for entry in coverage.join(entries, {at().whose: set(audited)})]


def test_an_instance_is_audited_or_left_out_or_not_in_the_inventory():
    entry = seen("dcba", known="bcx", audited="b")
    assert told(entry) == ("ad", "c", 4)
    assert (entry["account"], entry["region"], entry["api_version"]) == ("prod", "ap-guangzhou", "v3")
    assert entry["endpoint"] == "https://redis.tencentcloudapi.com/" and entry["error"] is None


@pytest.mark.parametrize(
    "entry, fails",
    [
        (seen("ab", "a", "a", True), True),
        (seen("ab", "a", "a", False), False),
        (seen("ab", "ab", "a", True), False),
        (unseen(fails=True), True),
        (unseen(fails=False), False),
    ],
)
def test_what_fails_the_run(entry, fails):
    assert entry["fails"] is fails
    assert coverage.join([entry], {at().whose: {"a"}})[0]["fails"] is fails


def test_what_could_not_be_listed_has_no_numbers():
    entry = unseen()
    assert told(entry) == ("", "", None) and entry["error"]["message"] == "no right"


def test_slices_with_their_own_hosts_only():
    slices = [seen("abcd", known=own, audited=own) for own in ("a", "b", "c")]
    assert joined(slices, "abc") == [("d", "", 4)]


def test_slices_by_limit():
    slices = [seen("abcd", known="abc", audited=own) for own in ("a", "b", "c")]
    assert joined(slices, "abc") == [("d", "", 4)]


def test_what_a_slices_inventory_names_is_known_though_no_slice_audits_it():
    """Slices of a part of the inventory: the rest of it is left out, and isn't strange."""
    slices = [seen("abcd", known="ac", audited="a"), seen("abcd", known="b", audited="b")]
    assert joined(slices, "ab") == [("d", "c", 4)]


def test_an_instance_that_one_listing_shows_is_not_explained_by_another_that_does_not():
    """It was made between the two."""
    assert joined([seen("ab", "a", "a"), seen("abn", "b", "b")], "ab") == [("n", "", 3)]
    assert joined([seen("abn", "a", "a"), seen("ab", "b", "b")], "ab") == [("n", "", 3)]


def test_a_gap_that_another_slice_closes_fails_nothing():
    slices = [seen("ab", own, own, True) for own in "ab"]
    assert [slice["fails"] for slice in slices] == [True, True]
    assert [entry["fails"] for entry in coverage.join(slices, {at().whose: set("ab")})] == [False]
    slices.append(seen("abx", "a", "a", False))
    assert [entry["fails"] for entry in coverage.join(slices, {at().whose: set("ab")})] == [True]


def test_what_one_could_list_and_another_could_not_is_both():
    entries = coverage.join([unseen("first"), seen("ab", "a", "a"), unseen("second", fails=True)], {at().whose: {"a"}})
    assert [entry["error"] and entry["error"]["message"] for entry in entries] == ["first", None]
    assert [entry["fails"] for entry in entries] == [True, False]
    assert told(entries[1]) == ("b", "", 2)


@pytest.mark.parametrize(
    "other", [{"account": "test"}, {"region": "ap-tokyo"}, {"api_version": "v2"}, {"endpoint": "https://b/"}]
)
def test_places_stay_apart(other):
    assert joined([seen("a"), seen("a", **other)]) == [("a", "", 1), ("a", "", 1)]


def test_of_nothing_there_is_nothing():
    assert coverage.join([], {}) == []


def test_what_is_given_stays_as_it_is():
    entry = seen("ab", "a", "a")
    coverage.join([entry, seen("abc", "b", "b")], {at().whose: set("abc")})
    assert entry == seen("ab", "a", "a")


# Two clouds -------------------------------------------------------------------------------------------------------

LAB = "https://redis.lab.example.com/"


def test_one_id_of_two_clouds_is_two_instances():
    entries = [seen("ab", "a", "a"), seen("ab", "b", "b", endpoint=LAB)]
    audited = {at().whose: {"a"}, at(endpoint=LAB).whose: {"b"}}
    # Of the second slice's inventory, "b" of the first cloud isn't the "b" that it has.
    assert [told(entry) for entry in coverage.join(entries, audited)] == [("b", "", 2), ("a", "", 2)]
    known = [*entries, seen("ab", "ab", "b", endpoint=LAB)]
    assert [told(entry) for entry in coverage.join(known, audited)] == [("b", "", 2), ("", "a", 2)]


@pytest.mark.parametrize(
    "other",
    [
        {"account": "same key, another label"},
        {"endpoint": "https://redis.ap-guangzhou.tencentcloudapi.com/"},
        {"endpoint": V2, "api_version": "v2"},
    ],
)
def test_in_one_cloud_an_id_is_one_instance_whoever_asks(other):
    """Two labels or two APIs lead to one instance: who audits it over one of them covers it over both."""
    entries = [seen("ab", "ab", "ab"), seen("ab", "b", "b", **other)]
    assert joined(entries, "ab") == [("", "", 2), ("", "", 2)]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (VENDOR, V2, True),
        (VENDOR, "https://redis.ap-shanghai-fsi.tencentcloudapi.com/", True),
        (VENDOR, "https://redis.tencentcloudapi.com.example.com/", False),
        (VENDOR, "https://redis.internal.tencentcloudapi.com/", True),
        # The international site is said to be another service.
        (VENDOR, "https://redis.intl.tencentcloudapi.com/", False),
        (VENDOR, "https://xredis.tencentcloudapi.com/", False),
        (VENDOR, LAB, False),
        (LAB, "https://redis.lab.example.com/v2/index.php", True),
        (LAB, "https://redis.lab.example.com:8443/", False),
        ("unknown", "unknown", True),
        ("unknown", LAB, False),
    ],
)
def test_which_endpoints_are_of_one_cloud(first, second, same):
    assert (at(endpoint=first).whose == at(endpoint=second).whose) is same


# Lists that can't be believed -------------------------------------------------------------------------------------


def looked(ids, **place):
    return Look(at(**place), ids if isinstance(ids, Denied) else dict.fromkeys(ids))


def covered(looks, there, inventory=NOTHING, fails=True):
    """Return ``[(not in the inventory, instances, fails, kind of the error)]`` where what is there is what was audited."""
    audited = {}
    for place, ids in there.items():
        audited.setdefault(place.whose, set()).update(ids)
    entries = coverage.cover(looks, inventory, audited, {place: set(ids) for place, ids in there.items()}, fails)
    return [
        (
            "".join(entry["not_in_inventory"]),
            entry["instances"],
            entry["fails"],
            entry["error"] and entry["error"]["kind"],
        )
        for entry in entries
    ]


DARK = ("", None, True, "incomplete")


@pytest.mark.parametrize(
    ("lists", "there", "found"),
    [
        (["ab"], "ab", [("", 2, False, None)]),
        (["abc"], "ab", [("c", 3, True, None)]),
        # What the list has counts all the same.
        (["a"], "ab", [DARK, ("", 1, False, None)]),
        (["ac"], "ab", [DARK, ("c", 2, True, None)]),
        ([""], "a", [DARK, ("", 0, False, None)]),
        ([""], "", [("", 0, False, None)]),
        # Keys of their own for some hosts, that see no others: another list has all.
        (["a", "ab"], "ab", [("", 2, False, None)]),
        (["abc", "a"], "ab", [("c", 3, True, None)]),
        # None of both is whole, and together they may lack others as well.
        (["a", "b"], "ab", [DARK, ("", 1, False, None)]),
        ([Denied("no")], "ab", [("", None, True, "denied")]),
    ],
)
def test_a_list_that_lacks_what_was_audited_is_no_evidence(lists, there, found):
    assert covered([looked(ids) for ids in lists], {at(): there}) == found


def test_what_another_place_showed_says_nothing_of_this_one():
    for other in ({"account": "pay"}, {"region": "ap-tokyo"}, {"endpoint": LAB}, {"endpoint": V2, "api_version": "v2"}):
        looks = [looked("a"), looked("b", **other)]
        found = covered(looks, {at(): "a", at(**other): "b"})
        assert [(instances, kind) for _missing, instances, _fails, kind in found] == [(1, None), (1, None)]


def test_the_error_names_what_is_lacking_and_why_that_may_be():
    looks, ids = [looked(""), looked("a")], set("abcdef")
    doubt, _seen = coverage.cover(looks, NOTHING, {at().whose: ids}, {at(): ids}, True)
    said = doubt["error"]["message"]
    assert said.startswith("the list of instances lacks b, c, d and 2 more, and the API doesn't say that")
    assert "Does a tag or a resource restrict the key's right to list instances (DescribeInstances)?" in said
    assert doubt["lacking"] == list("bcdef")


def test_slices_lack_together_what_each_of_them_lacks():
    """As one run over all of them says it; and an error of a list is none of what it lacks."""

    def lacks(ids):
        return coverage.cover([looked("a")], NOTHING, {at().whose: set(ids)}, {at(): set(ids)}, True)

    whole = lacks("abcd")
    for slices in ([lacks("ab"), lacks("acd")], [lacks("acd"), lacks("ab"), lacks("ab")]):
        made = coverage.join([entry for entries in slices for entry in entries], {at().whose: set("abcd")})
        assert made == whole
    for slices in ([unseen(fails=True), *lacks("ab")], [*lacks("ab"), unseen(fails=True)]):
        (dark,) = [entry for entry in coverage.join(slices, {at().whose: set("ab")}) if entry["error"]]
        assert (dark["error"]["kind"], dark["lacking"], dark["fails"]) == ("denied", ["b"], True)


# Instances that are about to go -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["isolated", "to_be_deleted"])
def test_who_leaves_is_not_missed(status):
    records = {"a": None, "b": {"status": status}, "c": {"status": "running"}, "d": {"status": status}}
    entry = coverage.seen(at(), records, {"a", "d"}, {"a"}, True)
    assert (told(entry), entry["isolated"], entry["fails"]) == (("c", "d", 4), ["b"], True)
    entry = coverage.seen(at(), {**records, "c": {"status": status}}, {"a", "d"}, {"a"}, True)
    assert (told(entry), entry["isolated"], entry["fails"]) == (("", "d", 4), ["b", "c"], False)


def test_who_leaves_in_one_slice_and_is_missed_in_another_is_missed():
    leaving, running, named = seen("a", "a", "a", True, "b"), seen("ab", "a", "a", True), seen("ab", "ab", "a", True)
    for slices, missed, isolated in (
        ([leaving, leaving], "", ["b"]),
        ([leaving, running], "b", []),
        ([leaving, named], "", []),
    ):
        (entry,) = coverage.join(slices, {at().whose: {"a"}})
        assert ("".join(entry["not_in_inventory"]), entry["isolated"], entry["fails"]) == (
            missed,
            isolated,
            bool(missed),
        )


# What the inventory couldn't list ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", [True, False])
def test_gaps_of_the_inventory_are_there_whether_or_not_coverage_looks(fails):
    assert covered([], {}, Inventory(gaps=(GAP,)), fails) == [("", None, fails, "denied")]


GAP = {
    "account": "prod",
    "region": "ap-guangzhou",
    "endpoint": "https://redis.tencentcloudapi.com/",
    "api_version": "v3",
    "error": {**Denied("no right").as_dict(), "code": 4101},
}


@pytest.mark.parametrize("fails", [True, False])
def test_what_the_inventory_left_out_is_what_could_not_be_listed(fails):
    entry = coverage.left_out(GAP, fails)
    assert entry == {**unseen(fails=fails), "error": {**Denied("no right").as_dict(), "code": "4101"}}


@pytest.mark.parametrize(
    "gap", [None, "a", 5, [], {}, {**GAP, "error": None}, {name: GAP[name] for name in GAP if name != "region"}]
)
def test_what_is_no_gap_is_not_passed_over(gap):
    with pytest.raises(InvalidOption, match="leave it to the inventory plugin to set"):
        coverage.left_out(gap, True)
