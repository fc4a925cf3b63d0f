# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is evaluated once for many hosts depends on nothing but what its key has."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.plugin_utils._rendering.repeated import Repeated
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import trusted

SIMPLE = [
    "{{ a }}",
    "{{a}}h",
    "x-{{ a }}-{{ b }}",
    "{{ a | default('c') }}",
    "{{ a|default(b) }}",
    "{{ a | default(omit) }}",
]


@pytest.mark.parametrize("text", SIMPLE)
def test_equal_variables_are_one_key(text):
    repeated = Repeated()
    same = [repeated.key(text, {"a": value, "host": host}) for host, value in enumerate([str(26), "26", "2" + "6"])]
    assert same[0] is not None and len(set(same)) == 1


@pytest.mark.parametrize("text", SIMPLE)
def test_others_are_not(text):
    repeated = Repeated()
    values = [{}, {"a": None}, {"a": 1}, {"a": True}, {"a": 1.0}, {"a": "1"}, {"a": ""}]
    assert len({repeated.key(text, one) for one in values}) == len(values)


def test_a_variable_that_is_a_template_counts_with_its_own():
    repeated, over = Repeated(), "{{ b }}h"
    one, other, same = (repeated.key("{{ a }}", {"a": over, "b": value}) for value in (1, 2, 1))
    assert one is not None and one != other and one == same


def test_the_same_text_elsewhere_is_another_template():
    """One may be trusted and the other not."""
    repeated, again = Repeated(), "".join(["{{ ", "a }}"])
    assert repeated.key("{{ a }}", {}) != repeated.key(again, {})


@pytest.mark.parametrize(
    "text",
    [
        "{{ lookup('env', 'A') }}",
        "{{ a | random }}",
        "{{ a | default(lookup('pipe', 'date')) }}",
        "{{ a.b }}",
        "{{ a[0] }}",
        "{{ a }}{% if b %}c{% endif %}",
        "{{ a }}{# b #}",
        "{{ now() }}",
        "{{ a | default('{{') }}",
        "{{ a | default('b\\'') }}",
        "#jinja2:trim_blocks:False\n{{ a }}",
        ["{{ a }}"],
        {"a": "{{ a }}"},
        None,
    ],
    ids=str,
)
def test_what_may_depend_on_more_has_none(text):
    assert Repeated().key(text, {"a": "b"}) is None


@pytest.mark.parametrize("value", [["b"], {"b": 1}, "{{ b.c }}", "{{ a }}", "#jinja2: b"], ids=str)
def test_so_has_one_over_a_variable_that_may(value):
    assert Repeated().key("{{ a }}", {"a": value}) is None


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(0, 2)
    | st.sampled_from(["", "x", "[1]", "True", "{{ b }}", "{{ b }}{{ b }}"])
)


@given(
    st.sampled_from(SIMPLE[:5]),
    st.lists(st.fixed_dictionaries({"a": VALUES, "b": st.integers(0, 1)}), min_size=2, max_size=4),
)
def test_one_key_is_one_value(text, hosts):
    text, repeated, found = trusted(text), Repeated(), {}
    templar = Templar(loader=DataLoader())
    for host in hosts:
        variables = trusted(host)
        key = repeated.key(text, variables)
        templar.available_variables = variables
        assert repr(found.setdefault(key, templar.template(text))) == repr(templar.template(text))
