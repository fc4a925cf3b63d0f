# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of the wrong shape, named by their type alone: what stands in the wrong place may hold a secret.

Private to this collection. Ansible's own checks would print it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.module_utils.common.validation import check_type_bytes, check_type_float, check_type_int

from ..module_utils._errors import InvalidOption

#: How a type is written.
_WRITE = {
    "list": "a list, with a dash before each entry",
    "dict": "a dict, a name and its value on each line",
    "bool": "true or false",
}

#: How Ansible reads each kind of number, and how to write it.
_NUMBERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "int": (check_type_int, "a whole number"),
    "float": (check_type_float, "a number"),
    "bytes": (check_type_bytes, "a size, as a number of bytes or such as 512M or 8G"),
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


def check_numbers(options: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]], where: str = "") -> None:
    """Raise InvalidOption for the first value that is not the number or size that an option takes.

    Call it after check_shapes. Ansible's own check names neither the value of a size nor a remedy. In a dict with a secret, a value that
    is not a number may be the secret, so only its type is named.
    """
    secret = where != "" and any(about.get("no_log") for about in spec.values())
    for name in [name for name in options if name in spec]:
        value, about = options[name], spec[name]
        if isinstance(value, dict):
            check_numbers(value, about.get("options", {}), f"{where}{name}.")
            continue
        kind = about.get("elements", about.get("type", ""))
        entries = value.split(",") if about.get("type") == "list" and isinstance(value, str) else value
        for entry in entries if isinstance(entries, list) else [entries]:
            if not _is_number(entry, kind):
                said = kind_of(entry) if secret else repr(entry)
                raise InvalidOption(f"{where}{name} is {said}: use {_NUMBERS[kind][1]}")


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


def _is_number(value: object, kind: str) -> bool:
    """Tell whether Ansible reads a value as this kind of number. Any value is one of another kind, and so is null."""
    if kind not in _NUMBERS or value is None:
        return True
    try:
        _NUMBERS[kind][0](value)
    except (TypeError, ValueError):
        return False
    return True
