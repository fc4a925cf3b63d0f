# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._option_types import check_numbers, check_shapes

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


NUMBERS = {
    "count": {"type": "int"},
    "ratio": {"type": "float"},
    "size": {"type": "bytes"},
    "counts": {"type": "list", "elements": "int"},
    "names": {"type": "list", "elements": "str"},
    "any": {},
    "deep": {"type": "dict", "options": {"count": {"type": "int"}, "token": {"no_log": True}}},
    "key": {"type": "str", "no_log": True},
}
A_SIZE = "use a size, as a number of bytes or such as 512M or 8G"


@pytest.mark.parametrize(
    "options, said",
    [
        ({"count": "x"}, "count is 'x': use a whole number"),
        ({"count": "1.5"}, "count is '1.5': use a whole number"),
        ({"ratio": "half"}, "ratio is 'half': use a number"),
        *(({"size": value}, f"size is {value!r}: {A_SIZE}") for value in ("-1", "big", "", "1.5X", -1)),
        ({"counts": "1,x"}, "counts is 'x': use a whole number"),
        ({"counts": [1, "x"]}, "counts is 'x': use a whole number"),
        ({"counts": 1.5}, "counts is 1.5: use a whole number"),
        # In the place of a secret.
        ({"deep": {"count": "madeupNestedKey"}}, "deep.count is a str: use a whole number"),
    ],
)
def test_what_is_no_number_is_named_with_its_remedy(options, said):
    with pytest.raises(InvalidOption) as caught:
        check_numbers(options, NUMBERS)
    assert str(caught.value) == said


def test_numbers_in_all_their_forms():
    for count in (1, "1", None):
        good = {"count": count, "ratio": "0.5", "size": "512M", "counts": "1,2", "names": ["x"], "any": "x", "key": "x"}
        check_numbers({**good, "deep": {"count": count}, "none": "x"}, NUMBERS)
    check_numbers({"ratio": 1, "size": 7, "counts": [1, "2"]}, NUMBERS)
