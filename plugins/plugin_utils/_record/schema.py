# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validates a record against its schema. Private to this collection.

Implements those keywords of JSON Schema, draft 2020-12, that the schema uses; any other keyword is a KeyError. A merge would
fail on an invalid record or, worse, take it for a pass.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Union

from ...module_utils._times import parse_iso

_PATH = os.path.join(os.path.dirname(__file__), "audit-record.schema.json")
#: A larger number is not a plausible count and breaks calculations; infinity is not a number either.
MAX_NUMBER = 10**19
#: A part of a schema; and what a check finds: where a part of the value is invalid and by which keyword, True if the value itself is,
#: None or False if nothing is.
Schema = Mapping[str, Any]
Fault = Union[str, bool, None]

_IS: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": lambda value: (
        isinstance(value, (int, float)) and not isinstance(value, bool) and -MAX_NUMBER <= value <= MAX_NUMBER
    ),
    "integer": lambda value: _IS["number"](value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


@functools.cache
def of_records() -> Schema:
    with open(_PATH, encoding="utf-8") as file:
        schema: Schema = json.load(file)
    return schema


def fault(value: Any, schema: Schema) -> str | None:
    """Return where a value violates a schema, and which keyword, such as ``.listings[0].sha256: pattern``; None if it is valid."""
    for keyword, wanted in schema.items():
        check = _CHECKS[keyword]
        found = check and check(value, wanted, schema)
        if found:
            return f": {keyword}" if found is True else str(found)
    return None


def _ref(value: Any, wanted: str, _schema: Schema) -> Fault:
    return fault(value, of_records()["$defs"][wanted.rpartition("/")[2]])


def _properties(value: Any, wanted: Mapping[str, Schema], _schema: Schema) -> Fault:
    if isinstance(value, dict):
        for key, part in wanted.items():
            found = key in value and fault(value[key], part)
            if found:
                return f".{key}{found}"
    return None


def _others(value: Any, wanted: Any, schema: Schema) -> Fault:
    """Check the properties that the schema doesn't name."""
    if isinstance(value, dict):
        for key in value.keys() - schema.get("properties", {}).keys():
            found = wanted is False or fault(value[key], wanted)
            if found:
                return f".{key}{': additionalProperties' if found is True else found}"
    return None


def _items(value: Any, wanted: Schema, _schema: Schema) -> Fault:
    if isinstance(value, list):
        for number, item in enumerate(value):
            found = fault(item, wanted)
            if found:
                return f"[{number}]{found}"
    return None


def _required(value: Any, wanted: list[str], _schema: Schema) -> Fault:
    missing = [key for key in wanted if key not in value] if isinstance(value, dict) else None
    return f": no {missing[0]}" if missing else None


def _names(value: Any, wanted: Schema, _schema: Schema) -> Fault:
    return isinstance(value, dict) and any(fault(key, wanted) for key in value)


def _all(value: Any, wanted: list[Schema], _schema: Schema) -> Fault:
    return next((found for found in (fault(value, part) for part in wanted) if found), None)


def _branch(value: Any, wanted: Schema, schema: Schema) -> Fault:
    return fault(value, schema.get("else" if fault(value, wanted) else "then", {}))


@functools.cache
def _pattern(wanted: str) -> re.Pattern[str]:
    """Compile a pattern as JSON Schema defines it: ``$`` matches only at the very end, unlike in Python, and digits are ASCII."""
    return re.compile(re.sub(r"\$$", r"\\Z", wanted), re.ASCII)


def _typed(value: Any, wanted: str | list[str]) -> bool:
    return any(_IS[name](value) for name in ([wanted] if isinstance(wanted, str) else wanted))


def _twice(value: Any) -> bool:
    return isinstance(value, list) and len({json.dumps(item, sort_keys=True) for item in value}) < len(value)


#: The check of each keyword: ``(value, the keyword's value, the whole schema) -> Fault``. None for keywords without a check of their own.
_CHECKS: dict[str, Callable[[Any, Any, Schema], Fault] | None] = {
    **dict.fromkeys(("$schema", "$id", "$defs", "title", "description", "then", "else")),
    "$ref": _ref,
    "type": lambda value, wanted, _: not _typed(value, wanted),
    # Every part that has one of these has a type as well, so that true is never taken for 1.
    "const": lambda value, wanted, _: value != wanted,
    "enum": lambda value, wanted, _: value not in wanted,
    "minimum": lambda value, wanted, _: _IS["number"](value) and value < wanted,
    "maximum": lambda value, wanted, _: _IS["number"](value) and value > wanted,
    "pattern": lambda value, wanted, _: isinstance(value, str) and not _pattern(wanted).search(value),
    # The one format is date-time.
    "format": lambda value, _wanted, _: isinstance(value, str) and parse_iso(value) is None,
    "minLength": lambda value, wanted, _: isinstance(value, str) and len(value) < wanted,
    "minItems": lambda value, wanted, _: isinstance(value, list) and len(value) < wanted,
    "maxItems": lambda value, wanted, _: isinstance(value, list) and len(value) > wanted,
    "uniqueItems": lambda value, _wanted, _: _twice(value),
    "required": _required,
    "propertyNames": _names,
    "properties": _properties,
    "additionalProperties": _others,
    "items": _items,
    "anyOf": lambda value, wanted, _: all(fault(value, part) for part in wanted),
    "allOf": _all,
    "not": lambda value, wanted, _: not fault(value, wanted),
    "if": _branch,
}
