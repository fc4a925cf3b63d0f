# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody audits: of one connection, and of several looks at one account's region."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils import _coverage


def dialect(region="ap-guangzhou", version="v3", url="https://redis.tencentcloudapi.com/"):
    client = SimpleNamespace(endpoint=SimpleNamespace(url=url))
    return SimpleNamespace(region=region, version=version, client=client)


def seen(ids, known=(), audited=(), fails=False, account="prod", **place):
    """Return the entry of ids such as "a b c"."""
    return _coverage.seen(account, dialect(**place), list(ids), set(known), set(audited), fails)


def unseen(said="no right", fails=False, account="prod"):
    return _coverage.unseen(account, dialect(), Denied(said), fails)


def told(entry):
    return "".join(entry["not_in_inventory"]), "".join(entry["not_audited"]), entry["instances"]


def joined(entries, audited=()):
    return [told(entry) for entry in _coverage.join(entries, set(audited))]


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
    assert _coverage.join([entry], set("a"))[0]["fails"] is fails


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
    assert [entry["fails"] for entry in _coverage.join(slices, set("ab"))] == [False]
    assert [entry["fails"] for entry in _coverage.join([*slices, seen("abx", "a", "a", False)], set("ab"))] == [True]


def test_what_one_could_list_and_another_could_not_is_both():
    entries = _coverage.join([unseen("first"), seen("ab", "a", "a"), unseen("second", fails=True)], set("a"))
    assert [entry["error"] and entry["error"]["message"] for entry in entries] == ["first", None]
    assert [entry["fails"] for entry in entries] == [True, False]
    assert told(entries[1]) == ("b", "", 2)


@pytest.mark.parametrize(
    "other", [{"account": "test"}, {"region": "ap-tokyo"}, {"version": "v2"}, {"url": "https://b/"}]
)
def test_places_stay_apart(other):
    assert joined([seen("a"), seen("a", **other)]) == [("a", "", 1), ("a", "", 1)]


def test_of_nothing_there_is_nothing():
    assert _coverage.join([], set()) == []


def test_what_is_given_stays_as_it_is():
    entry = seen("ab", "a", "a")
    _coverage.join([entry, seen("abc", "b", "b")], set("abc"))
    assert entry == seen("ab", "a", "a")


GAP = {
    "account": "prod",
    "region": "ap-guangzhou",
    "endpoint": "https://redis.tencentcloudapi.com/",
    "api_version": "v3",
    "error": {**Denied("no right").as_dict(), "code": 4101},
}


@pytest.mark.parametrize("fails", [True, False])
def test_what_the_inventory_left_out_is_what_could_not_be_listed(fails):
    entry = _coverage.left_out(GAP, fails)
    assert entry == {**unseen(fails=fails), "error": {**Denied("no right").as_dict(), "code": "4101"}}


@pytest.mark.parametrize(
    "gap", [None, "a", 5, [], {}, {**GAP, "error": None}, {name: GAP[name] for name in GAP if name != "region"}]
)
def test_what_is_no_gap_is_not_passed_over(gap):
    with pytest.raises(InvalidOption, match="leave it to the inventory plugin to set"):
        _coverage.left_out(gap, True)
