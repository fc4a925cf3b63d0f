# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is common to all questions; test__listing has what comes of it for listings."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import AuthError, Denied, NotFound, ServerError
from ansible_collections.qcloud.crs.plugins.module_utils._fanout import ask_each, in_order


def asker(answers, asked):
    def ask(name):
        asked.append(name)
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    return ask


def test_values_and_errors_in_the_callers_order():
    denied = Denied("no")
    answers = {"c": 1, "a": denied, "b": None}
    replies = ask_each(list(answers), asker(answers, []), 4)
    assert list(replies.items()) == [("c", (1, None)), ("a", (None, denied)), ("b", (None, None))]


def test_nobody_to_ask():
    assert ask_each([], None, 4) == {}


def test_an_error_known_beforehand_is_everybodys_and_nobody_is_asked():
    known, asked = AuthError("bad key"), []
    replies = ask_each(["a", "b"], asker({"a": 1, "b": 2}, asked), 4, error=known)
    assert replies == {"a": (None, known), "b": (None, known)} and asked == []
    with pytest.raises(AuthError):
        ask_each(["a"], asker({"a": 1}, asked), 4, stop_at_error=True, error=known)


@pytest.mark.parametrize("first", [Denied("no"), NotFound("none")], ids=["denied", "not-found"])
def test_refusals_before_do_not_count_as_trouble_of_everybody(first):
    """They show that the service answers."""
    answers, asked = {"a": first, "b": first, "c": ServerError("failed"), "d": 1}, []
    assert ask_each(list(answers), asker(answers, asked), 1)["d"].value == 1
    assert asked == list(answers)


def test_the_first_error_in_the_callers_order_is_raised():
    first, second = Denied("no"), NotFound("none")
    with pytest.raises(Denied):
        ask_each(["a", "b", "c"], asker({"a": 1, "b": first, "c": second}, []), 1, stop_at_error=True)


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
