# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of the wrong shape, named by their type alone: what stands in the wrong place may hold a secret.

Private to this collection. Ansible's own checks would print it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._errors import InvalidOption

#: How a type is written.
_WRITE = {
    "list": "a list, with a dash before each entry",
    "dict": "a dict, a name and its value on each line",
    "bool": "true or false",
}


def check_shapes(options: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]], where: str = "") -> None:
    """Raise InvalidOption for a dict or list that an option doesn't take, or something else where it takes one.

    ``spec`` has the ``type``, ``elements`` and ``options`` of options, as an argument spec has them.
    """
    for name in [name for name in options if name in spec]:
        value = options[name]
        if value is not None:
            _check_shape(f"{where}{name}", value, spec[name].get("type"))
            if isinstance(value, dict):
                check_shapes(value, spec[name].get("options", {}), f"{where}{name}.")
        for number, entry in enumerate(value if isinstance(value, list) else []):
            # An entry that is a text may be the template of any other.
            if not isinstance(entry, str):
                _check_shape(f"{where}{name}[{number}]", entry, spec[name].get("elements"))


def kind_of(value: object) -> str:
    """Return a type by its usual name: Ansible has classes of its own for what it read from a file."""
    usual = {str: "a str", bool: "a bool", int: "an int", float: "a float", list: "a list", dict: "a dict"}
    other = "null" if value is None else f"a {type(value).__name__}"
    return next((name for kind, name in usual.items() if isinstance(value, kind)), other)


def _check_shape(what: str, value: object, kind: str | None) -> None:
    # Ansible itself makes a list of a text.
    types: dict[str | None, tuple[type, ...]] = {"list": (list, str), "dict": (dict,)}
    takes = types.get(kind)
    fits = isinstance(value, takes) if takes else not isinstance(value, (dict, list))
    if not fits:
        raise InvalidOption(f"{what} is {kind_of(value)}: write {_WRITE.get(kind or '', 'a single value')}")
