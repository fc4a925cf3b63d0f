# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ours is evaluated, what is the cloud's never is."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.qcloud.crs.plugins.plugin_utils import _unsafe
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import trusted


def templar(**variables):
    return Templar(loader=DataLoader(), variables=variables)


def test_a_text_of_ours_is_evaluated():
    assert templar(a="b").template(_unsafe.trusted("{{ a }}")) == "b"


@pytest.mark.parametrize(
    "value",
    [
        "{{ a }}",
        ["{{ a }}", 1],
        {"tags": {"env": "{{ a }}", "{{ a }}": None}, "b": [{"c": "{{ a }}"}]},
        "#jinja2:variable_start_string:'[['\n[[ a }}",
    ],
    ids=repr,
)
def test_a_text_of_the_clouds_is_not(value):
    # Even if something has declared it fit to be.
    made = _unsafe.data(trusted(value))
    assert made == value
    assert templar(a="changed").template(made) == value
    assert templar(a="changed", value=made).template(_unsafe.trusted("{{ value }}")) == value


def test_parts_that_are_joined_are_not():
    parts = _unsafe.data(trusted({"p": "{", "q": "{ a }", "r": "}"}))
    assert templar(a="changed", **parts).template(_unsafe.trusted("{{ p ~ q ~ r }}")) == "{{ a }}"


@pytest.mark.parametrize("value", [1, None, True, 1.5])
def test_what_is_no_text_stays_what_it_is(value):
    assert _unsafe.data(value) is value


@pytest.mark.parametrize(
    "condition, holds", [("crs_region == 'a'", True), ("crs_region == 'b'", False), ("crs_region is defined", True)]
)
def test_conditions(condition, holds):
    values = _unsafe.data({"crs_region": "a"})
    assert _unsafe.holds(templar(), _unsafe.trusted(condition), values) is holds


def test_a_name_of_a_tag_is_not_even_in_a_variable_that_is_made_of_it():
    tags = _unsafe.data(trusted({"{{ a }}": "prod"}))
    made = templar(tags=tags).template(trusted("{{ tags | list | first }}"))
    assert templar(a="changed", made=made).template(trusted("{{ made }}")) == "{{ a }}"
