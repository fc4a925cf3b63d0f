# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is common to all questions; test__listing has what comes of it for listings."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._errors import (
    AuthError,
    BadResponse,
    Denied,
    NotFound,
    ServerError,
    Throttled,
    Unreachable,
)
from ansible_collections.qcloud.crs.plugins.module_utils._listing.concurrency import Reply, ask_each, in_order
from ansible_collections.qcloud.crs.tests.unit.examples import examples


def asker(answers, asked):
    def ask(name):
        asked.append(name)
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    return ask


def fine():
    """A probe that is answered."""


def raising(error, probes=None):
    """Return a probe that meets an error."""

    def probe():
        if probes is not None:
            probes.append(error)
        raise error

    return probe


def test_values_and_errors_in_the_callers_order():
    denied = Denied("no")
    answers = {"c": 1, "a": denied, "b": None}
    replies = ask_each(list(answers), asker(answers, []), fine, 4)
    assert list(replies.items()) == [("c", Reply(1, None)), ("a", Reply(None, denied)), ("b", Reply(None, None))]


def test_nobody_to_ask():
    assert ask_each([], None, None, 4) == {}


NOBODY = Unreachable("refused", meets_all=True)


OF_ALL = pytest.mark.parametrize("error", [AuthError("bad key"), NOBODY], ids=["wrong-key", "nobody-at-the-address"])


@OF_ALL
@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_cannot_be_about_one_instance_is_confirmed_by_a_probe(error, concurrency):
    names, asked, probes, met = [f"{number:02}" for number in range(40)], [], [], AuthError("that key of all")
    replies = ask_each(names, asker(dict.fromkeys(names, error), asked), raising(met, probes), concurrency)
    # Those that weren't asked have the error that is about no instance.
    assert {replies[name] for name in asked} == {Reply(None, error)}
    assert {reply for name, reply in replies.items() if name not in asked} == {Reply(None, met)}
    assert asked[0] == "00" and len(asked) <= concurrency and probes == [met]


@pytest.mark.parametrize("bad", [(0,), (0, 7), (0, 1, 2), (0, 3, 6), (7,), (6, 7), tuple(range(8))], ids=repr)
@pytest.mark.parametrize(
    "probe", [fine, raising(Denied("no")), raising(Unreachable("slow"))], ids=["answered", "denied", "slow"]
)
@pytest.mark.parametrize("concurrency", [1, 3])
@OF_ALL
def test_instances_confirm_nothing_of_each_other(error, concurrency, probe, bad):
    """Two bad ones are two bad ones, at the ends of the queue, too."""
    names = "abcdefgh"
    answers = {name: error if number in bad else number for number, name in enumerate(names)}
    asked = []
    replies = ask_each(list(names), asker(answers, asked), probe, concurrency)
    assert {name for name, reply in replies.items() if reply.error} == {names[number] for number in bad}
    assert sorted(asked) == list(names)


def test_a_service_that_goes_away_is_found_although_it_answered_before():
    asked = []

    def ask(name):
        asked.append(name)
        if len(asked) > 3:
            raise NOBODY
        return name

    def probe():
        if len(asked) > 3:
            raise NOBODY

    replies = ask_each(list("abcdefgh"), ask, probe, 1)
    assert "".join(asked) == "abcd" and [reply.error for reply in replies.values()] == 3 * [None] + 5 * [NOBODY]
    assert replies["c"].value == "c"


#: 10707, InternalError.DbOperationFailed, a time that is up: each may be about the one instance that was asked for.
OF_ONE = [ServerError("locked"), Throttled("busy"), Unreachable("no response within 30 s"), BadResponse("odd")]


@pytest.mark.parametrize("error", OF_ONE, ids=lambda error: error.kind)
@pytest.mark.parametrize("bad", ["abc", "adg", "fgh", "abcdefg"])
@pytest.mark.parametrize("concurrency", [1, 8])
def test_what_may_be_about_one_instance_is_never_everybodys(error, bad, concurrency):
    """However many fail, and wherever they stand."""
    asked = []
    replies = ask_each(
        list("abcdefgh"),
        asker({name: error if name in bad else 1 for name in "abcdefgh"}, asked),
        raising(error),
        concurrency,
    )
    assert {name for name, reply in replies.items() if reply.error} == set(bad) and sorted(asked) == list("abcdefgh")


@examples(few=50)
@given(
    st.permutations("abcdefgh"),
    st.sets(st.sampled_from("abcdefgh")),
    st.sampled_from([*OF_ONE, AuthError("bad key"), NOBODY]),
    st.integers(1, 8),
)
def test_the_order_decides_nothing(order, bad, error, concurrency):
    replies = ask_each(order, asker({name: error if name in bad else 1 for name in order}, []), fine, concurrency)
    assert {name: reply.error for name, reply in replies.items() if reply.error} == dict.fromkeys(bad, error)


def test_a_mistake_of_ours_ends_it():
    with pytest.raises(KeyError):
        ask_each(["a", "b"], asker({"a": KeyError("mistake"), "b": 1}, []), fine, 2)


@pytest.mark.parametrize("first", [Denied("no"), NotFound("none")], ids=["denied", "not-found"])
def test_refusals_before_do_not_count_as_trouble_of_everybody(first):
    """They show that the service answers."""
    answers, asked = {"a": first, "b": first, "c": ServerError("failed"), "d": 1}, []
    assert ask_each(list(answers), asker(answers, asked), fine, 1)["d"].value == 1
    assert asked == list(answers)


def test_the_first_error_in_the_callers_order_is_raised():
    first, second = Denied("no"), NotFound("none")
    with pytest.raises(Denied):
        ask_each(["a", "b", "c"], asker({"a": 1, "b": first, "c": second}, []), fine, 1, stop_at_error=True)


def test_in_order_with_so_many_under_way_and_no_more():
    lock, busy, most = threading.Condition(), [], []

    def ask(number):
        with lock:
            busy.append(number)
            most.append(len(busy))
            lock.notify_all()
            assert lock.wait_for(lambda: max(most) >= 4, 30)
        # The later ones answer first.
        time.sleep(0.05 - number % 4 / 100)
        with lock:
            busy.remove(number)
        return number * 10

    assert list(in_order(4)(ask, iter(range(12)))) == [number * 10 for number in range(12)]
    assert max(most) == 4


def test_in_order_asks_nothing_for_nothing():
    assert list(in_order(4)(None, [])) == []


def test_the_first_error_ends_it():
    asked = []

    def ask(number):
        asked.append(number)
        if number == 2:
            raise NotFound("gone")
        return number

    answers = in_order(2)(ask, range(100))
    assert [next(answers), next(answers)] == [0, 1]
    with pytest.raises(NotFound):
        next(answers)
    assert list(answers) == [] and len(asked) <= 4


def test_who_stops_listening_ends_it():
    asked = []
    answers = in_order(2)(asked.append, range(100))
    next(answers)
    answers.close()
    assert len(asked) <= 4


def test_an_error_that_may_meet_all_without_another_to_spare_is_that_instances_own():
    met = AuthError("bad key")
    assert ask_each(["a"], asker({"a": met}, []), None, 4) == {"a": Reply(None, met)}


def test_of_several_that_meet_such_an_error_at_once_one_probes():
    met, both, asked, probes = AuthError("bad key"), threading.Barrier(2), [], []

    def ask(name):
        asked.append(name)
        both.wait(60)
        raise met

    replies = ask_each(["a", "b", "c", "d"], ask, raising(met, probes), 2)
    assert sorted(asked) == ["a", "b"] and len(probes) == 1
    assert {reply.error for reply in replies.values()} == {met}
