# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._option_types import check_shapes

NESTED = {"secret_key": "madeupNestedKey"}
SHAPES = {
    "some": {"type": "list", "elements": "str"},
    "each": {"type": "list", "elements": "dict"},
    "map": {"type": "dict"},
    "deep": {"type": "dict", "options": {"down": {"type": "dict", "options": {"name": {"type": "str"}}}}},
}
SHAPES.update({"on": {"type": "bool"}, "count": {"type": "int"}, "any": {}})


@pytest.mark.parametrize(
    "options, said",
    [
        ({"some": NESTED}, "some is a dict: write a list, with a dash before each entry"),
        ({"some": 5}, "some is an int: write a list"),
        ({"some": ["a", 1, [NESTED]]}, "some[2] is a list: write a single value"),
        ({"each": ["{{ a }}", NESTED, [NESTED]]}, "each[2] is a list: write a dict"),
        ({"each": [None]}, "each[0] is null: write a dict"),
        ({"map": [NESTED]}, "map is a list: write a dict"),
        ({"map": "madeupNestedKey"}, "map is a str: write a dict"),
        ({"deep": {"down": "madeupNestedKey"}}, "deep.down is a str: write a dict"),
        ({"deep": {"down": {"name": ["madeupNestedKey"]}}}, "deep.down.name is a list: write a single value"),
        ({"on": NESTED}, "on is a dict: write true or false"),
        ({"count": [1]}, "count is a list: write a single value"),
        ({"any": NESTED}, "any is a dict: write a single value"),
    ],
)
def test_what_has_another_shape_is_named_by_its_type(options, said):
    with pytest.raises(InvalidOption) as caught:
        check_shapes(options, SHAPES, "here: ")
    assert str(caught.value).startswith(f"here: {said}") and "madeup" not in str(caught.value)


def test_other_shapes_are_left_to_their_own_checks():
    fit = {
        "some": "a,b",
        "each": [NESTED],
        "map": NESTED,
        "on": "perhaps",
        "count": "soon",
        "any": None,
        "none": NESTED,
    }
    assert check_shapes(fit, SHAPES) is None
