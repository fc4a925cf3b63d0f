# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances that are not audited: of one connection, and of several looks at one account's region."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, InvalidOption, NotFound, NotListed
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import coverage
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage.places import NOTHING, Inventory, Look, Place
from ansible_collections.qcloud.crs.tests.unit.examples import examples

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


def audits(ids, error=None, status="running", **place):
    """Return entries of instances such as "a b c", as a record has them."""
    kept = {**at(**place)._asdict(), "error": error and {**error.as_dict(), "reason": error.reason}, "status": status}
    return [{**kept, "instance_id": instance_id} for instance_id in ids]


def sliced(*entries, audited=""):
    """Return a slice that audits some ids, and has these entries."""
    return {"coverage": list(entries), "instances": audited if isinstance(audited, list) else audits(audited)}


def a_slice(ids, known=(), audited="", fails=False, isolated=(), **place):
    """Return the slice of one list, of which it audits some ids."""
    return sliced(seen(ids, known, audited, fails, isolated, **place), audited=audits(audited, **place))


def joined(*slices, fails=False):
    return [told(entry) for entry in coverage.join(slices, fails)]


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
    assert coverage.join([sliced(entry, audited="a")], True)[0]["fails"] is (
        fails or bool(entry["error"] or entry["not_in_inventory"])
    )
    assert coverage.join([sliced(entry, audited="a")], False)[0]["fails"] is False


def test_what_could_not_be_listed_has_no_numbers():
    entry = unseen()
    assert told(entry) == ("", "", None) and entry["error"]["message"] == "no right"


def test_slices_with_their_own_hosts_only():
    assert joined(*(a_slice("abcd", own, own) for own in "abc")) == [("d", "", 4)]


def test_slices_by_limit():
    assert joined(*(a_slice("abcd", "abc", own) for own in "abc")) == [("d", "", 4)]


def test_what_a_slices_inventory_names_is_known_though_no_slice_audits_it():
    """Slices of a part of the inventory: the rest of it is left out, and isn't strange."""
    assert joined(a_slice("abcd", "ac", "a"), a_slice("abcd", "b", "b")) == [("d", "c", 4)]


def test_an_instance_that_one_listing_shows_is_not_explained_by_another_that_does_not():
    """It was made between the two."""
    assert joined(a_slice("ab", "a", "a"), a_slice("abn", "b", "b")) == [("n", "", 3)]
    assert joined(a_slice("abn", "a", "a"), a_slice("ab", "b", "b")) == [("n", "", 3)]


def test_a_gap_that_another_slice_closes_fails_nothing():
    slices = [a_slice("ab", own, own, True) for own in "ab"]
    assert [one["coverage"][0]["fails"] for one in slices] == [True, True]
    assert [entry["fails"] for entry in coverage.join(slices, True)] == [False]
    slices.append(a_slice("abx", "a", "a", True))
    assert [entry["fails"] for entry in coverage.join(slices, True)] == [True]


def test_what_one_could_list_and_another_could_not_is_both():
    slices = [sliced(unseen("first")), a_slice("ab", "a", "a"), sliced(unseen("second", fails=True))]
    for order in (slices, slices[::-1]):
        entries = coverage.join(order, True)
        assert [entry["error"] and entry["error"]["message"] for entry in entries] == ["first", None]
        assert [entry["fails"] for entry in entries] == [True, True]
        assert told(entries[1]) == ("b", "", 2)


@pytest.mark.parametrize(
    "other", [{"account": "test"}, {"region": "ap-tokyo"}, {"api_version": "v2"}, {"endpoint": "https://b/"}]
)
def test_places_stay_apart(other):
    assert joined(a_slice("a"), a_slice("a", **other)) == [("a", "", 1), ("a", "", 1)]


def test_of_nothing_there_is_nothing():
    assert coverage.join([], True) == coverage.join([sliced(audited="a")], True) == []


def test_what_is_given_stays_as_it_is():
    slices = [a_slice("ab", "a", "a"), a_slice("abc", "b", "b")]
    coverage.join(slices, True)
    assert slices == [a_slice("ab", "a", "a"), a_slice("abc", "b", "b")]


# Two clouds -------------------------------------------------------------------------------------------------------

LAB = "https://redis.lab.example.com/"


def test_one_id_of_two_clouds_is_two_instances():
    slices = [a_slice("ab", "a", "a"), a_slice("ab", "b", "b", endpoint=LAB)]
    # Of the second slice's inventory, "b" of the first cloud isn't the "b" that it has.
    assert joined(*slices) == [("a", "", 2), ("b", "", 2)]
    assert joined(*slices, a_slice("ab", "ab", "b", endpoint=LAB)) == [("", "a", 2), ("b", "", 2)]


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
    assert joined(a_slice("ab", "ab", "ab"), a_slice("ab", "b", "b", **other)) == [("", "", 2), ("", "", 2)]


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


def covering(looks, there, inventory=NOTHING, fails=True, going=""):
    """Return the entries of an audit of what is there, and of what is about to go."""
    audited = {}
    for place, ids in there.items():
        audited.setdefault(place.whose, set()).update(ids, going)
    return coverage.cover(looks, inventory, audited, {place: set(ids) for place, ids in there.items()}, fails)


def covered(*given, **options):
    """Return ``[(not in the inventory, instances, fails, kind of the error)]`` of ``covering``."""
    return [
        (
            "".join(entry["not_in_inventory"]),
            entry["instances"],
            entry["fails"],
            entry["error"] and entry["error"]["kind"],
        )
        for entry in covering(*given, **options)
    ]


DARK = ("", None, True, "incomplete")


@pytest.mark.parametrize(
    ("lists", "there", "found"),
    [
        (["ab"], "ab", [("", 2, False, None)]),
        (["abc"], "ab", [("c", 3, True, None)]),
        # What the list has counts nevertheless.
        (["a"], "ab", [DARK, ("", 1, False, None)]),
        (["ac"], "ab", [DARK, ("c", 2, True, None)]),
        ([""], "a", [DARK, ("", 0, False, None)]),
        ([""], "", [("", 0, False, None)]),
        # Keys of their own for some hosts, that see no others: another list has all.
        (["a", "ab"], "ab", [("", 2, False, None)]),
        (["abc", "a"], "ab", [("c", 3, True, None)]),
        # None of both is whole, and together they may lack others as well.
        (["a", "b"], "ab", [DARK, ("", 1, False, None)]),
        # Nor does one list stand for all where another shows what it lacks.
        (["ax", "ay"], "a", [DARK, ("xy", 2, True, None)]),
        (["ax", "axy"], "a", [("xy", 3, True, None)]),
        ([Denied("no")], "ab", [("", None, True, "denied")]),
    ],
)
def test_a_list_that_lacks_what_was_audited_is_no_evidence(lists, there, found):
    assert covered([looked(ids) for ids in lists], {at(): there}) == found


def test_what_another_place_showed_says_nothing_of_this_one():
    for other in ({"account": "pay"}, {"region": "ap-tokyo"}, {"endpoint": LAB}):
        looks = [looked("a"), looked("b", **other)]
        found = covered(looks, {at(): "a", at(**other): "b"})
        assert [(instances, kind) for _missing, instances, _fails, kind in found] == [(1, None), (1, None)]


def test_an_instance_that_is_audited_through_another_label_is_another_accounts():
    """A label is an account, and the list of one never has what the other has: so it says nothing that it lacks this."""
    whole, empty = ("", 1, False, None), ("", 0, False, None)
    assert covered([looked(""), looked("a", account="pay")], {at(account="pay"): "a"}) == [whole, empty]
    # Audited through both, it is of both: then each list has to have it.
    both = {at(): "a", at(account="pay"): "a"}
    assert covered([looked(""), looked("a", account="pay")], both) == [whole, DARK, empty]


V2_TOO = {"endpoint": V2, "api_version": "v2"}


@pytest.mark.parametrize(
    ("over_v3", "over_v2", "doubts"), [("ab", "ab", 0), ("ab", "a", 0), ("b", "ab", 0), ("a", "b", 2), ("a", "a", 2)]
)
def test_both_apis_show_one_list_of_the_account(over_v3, over_v2, doubts):
    """If one of them shows all, there is no doubt. Else both are in doubt, whichever an instance is audited over."""
    looks, there = [looked(over_v3), looked(over_v2, **V2_TOO)], {at(): "a", at(**V2_TOO): "b"}
    found = covered(looks, there)
    assert found.count(DARK) == doubts and len(found) == 2 + doubts


def test_an_instance_that_is_about_to_be_deleted_may_go_between_two_lists():
    going = Look(at(), {"a": {"status": "isolated"}, "b": None})
    assert covered([going, looked("bc")], {at(): "b"}, going="a") == [("c", 2, True, None)]
    first = sliced(seen("ab", "ab", "ab"), audited=[*audits("a", status="isolated"), *audits("b")])
    assert joined(first, a_slice("bc", "c", "c")) == [("", "", 2)]


def test_the_error_names_what_is_lacking_and_why_that_may_be():
    doubt, _seen = covering([looked(""), looked("a")], {at(): "abcdef"})
    said = doubt["error"]["message"]
    assert said.startswith("the list of instances lacks b, c, d and 2 more, and the API doesn't say that")
    assert "Is the key's permission to list instances (DescribeInstances) restricted by tag or resource?" in said
    assert doubt["lacking"] == list("bcdef")


def covering_slice(lists, ids, **place):
    """Return the slice of a run over some lists of a place that audits some ids."""
    return sliced(*covering([looked(one, **place) for one in lists], {at(**place): ids}), audited=audits(ids, **place))


def test_slices_lack_together_what_each_of_them_lacks():
    """As one run over all of them says it; and an error of a list is none of what it lacks."""
    whole = covering([looked("a")], {at(): "abcd"})
    for ids in (["ab", "acd"], ["acd", "ab", "ab"]):
        assert coverage.join([covering_slice(["a"], one) for one in ids], True) == whole
    lacks, denied = covering_slice(["a"], "ab"), sliced(unseen(fails=True))
    for slices in ([denied, lacks], [lacks, denied]):
        for again in (slices, [sliced(*coverage.join(slices, True), audited="ab"), lacks]):
            (dark,) = [entry for entry in coverage.join(again, True) if entry["error"]]
            assert (dark["error"]["kind"], dark["lacking"], dark["fails"]) == ("denied", ["b"], True)


def test_slices_whose_lists_lack_each_others_instances_are_not_known_together():
    """Two keys under one label, each of which hides what the other shows: each slice by itself looks whole."""
    slices = [covering_slice([one], one) for one in "ab"]
    assert [len(one["coverage"]) for one in slices] == [1, 1]
    made = coverage.join(slices, True)
    assert made == covering([looked("a"), looked("b")], {at(): "ab"})
    assert [(entry["instances"], entry["lacking"], entry["fails"]) for entry in made] == [
        (None, ["a"], True),
        (1, [], False),
    ]
    # And the doubt of one slice is none where another slice's list has all.
    for more in (["abc"], ["a", "abc"]):
        both = [covering_slice(["a"], "ab"), covering_slice(more, "c")]
        assert coverage.join(both, True) == covering([looked("abc")], {at(): "abc"})


@pytest.mark.parametrize(("list_of_prod", "lacking"), [("a", ["b"]), ("ab", [])])
def test_what_another_accounts_hosts_audit_is_not_taken_for_listed(list_of_prod, lacking):
    """Two labels lead to one account, of which one key hides an instance. A slice that audits it by the other key proves nothing about the list of this one."""
    pay = {"account": "pay"}
    lists = [looked(list_of_prod), looked("ab", **pay)]
    first = sliced(*covering(lists, {at(**pay): "ab"}), audited=audits("ab", **pay))
    second = sliced(*covering(lists[:1], {at(): "ab"}), audited=audits("ab"))
    for slices in ([first, second], [second, first]):
        made = coverage.join(slices, True)
        assert made == covering(lists, {at(**pay): "ab", at(): "ab"})
        assert [one for entry in made for one in entry["lacking"]] == lacking


def test_what_the_api_says_is_gone_and_what_only_the_list_hides():
    """Both are not found, and only what is gone is so by a code of the API's."""
    gone = sliced(seen("a", "ab", "ab"), audited=[*audits("a"), *audits("b", NotFound("gone", code="10701"))])
    assert joined(gone, a_slice("a", "a", "a")) == [("", "", 1)]
    hidden = sliced(*covering([looked("a")], {at(): "ab"}), audited=[*audits("a"), *audits("b", NotListed("hidden"))])
    made = coverage.join([hidden, a_slice("a", "a", "a")], True)
    assert [entry["lacking"] for entry in made] == [["b"], []]
    # Another key's list of the slice has it. So this slice is in no doubt, and the whole is none by a list that lacks it.
    shown = sliced(*covering([looked("a"), looked("ab")], {at(): "ab"}), audited=hidden["instances"])
    assert len(shown["coverage"]) == 1 and len(coverage.join([shown, a_slice("ac", "c", "c")], True)) == 2


#: Lists of one account's region: whole ones, such as one key shows, and whatever restricted keys do.
LISTS = st.one_of(st.just(["abcdefgh"]), st.lists(st.text("abcdefgh", max_size=8), min_size=1, max_size=3))


@st.composite
def runs(draw):
    """Slices of a run: each has lists of its own at some places, ids that it audits there, and those that its inventory knows."""
    places = [at(), at(**V2_TOO), at(account="pay")]
    shared = draw(LISTS) if draw(st.booleans()) else None
    made = []
    for _number in range(draw(st.integers(1, 3))):
        where = draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True))
        made.append({place: (shared or draw(LISTS), draw(st.text("abcdefgh", max_size=3))) for place in where})
    return made, set(draw(st.text("abcdefgh")))


def one_run(parts, known):
    """Return the record of a run over the lists and ids of slices, without an id that two labels lead to."""
    looks = [
        Look(place, dict.fromkeys(ids)) for part in parts for place, (lists, _audited) in part.items() for ids in lists
    ]
    there: dict = {}
    for part in parts:
        for place, (_lists, ids) in part.items():
            there.setdefault(place, set()).update(ids)
    inventory = Inventory(known={at().whose: known})
    instances = [entry for place, ids in there.items() for entry in audits(sorted(ids), **place._asdict())]
    return sliced(*covering(looks, there, inventory), audited=instances)


def test_the_coverage_of_a_run_is_that_of_its_slices():
    """However they are cut, merged once or twice, whatever keys they have and whatever their inventories know."""
    seen_so_far = Counter()

    @examples(few=150)
    @given(runs(), st.randoms(use_true_random=False), st.booleans())
    def any_run(made, random, all_know):
        # Else each slice's inventory has its own hosts only.
        parts, known = made if all_know else (made[0], set())
        # An id is of one account.
        theirs = {"pay": set("fgh"), "prod": set("abcde")}
        parts = [
            {
                place: (
                    ["".join(one for one in ids if one in theirs[place.account]) for ids in lists],
                    "".join(one for one in audited if one in theirs[place.account]),
                )
                for place, (lists, audited) in part.items()
            }
            for part in parts
        ]
        whole = one_run(parts, known)["coverage"]
        slices = [one_run([part], known) for part in parts]
        random.shuffle(slices)
        assert coverage.join(slices, True) == whole
        cut = random.randrange(len(slices))
        first = slices[: cut + 1]
        half = sliced(*coverage.join(first, True), audited=[entry for one in first for entry in one["instances"]])
        assert coverage.join([half, *slices[cut + 1 :]], True) == whole
        seen_so_far[any(entry["lacking"] for entry in whole), len(slices) > 1] += 1

    any_run()
    assert all(seen_so_far[doubt, True] > 5 for doubt in (True, False)), seen_so_far


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
        (entry,) = coverage.join([sliced(one, audited="a") for one in slices], True)
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
