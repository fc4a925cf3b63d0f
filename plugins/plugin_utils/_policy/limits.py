# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsers of the values that users set for rules: ``parse(value, name)`` returns the limit. Private to this collection.

Each raises InvalidOption with ``name``, value and remedy. A Kind is a parser with what the documentation and the schema say of its
values.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import time
from typing import Any, Callable, Generic, NamedTuple, TypeVar

from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_duration

Limit = TypeVar("Limit")


class Window(NamedTuple):
    """A time of day from ``begin`` to ``end``, over midnight if ``end`` is earlier; ``text`` is both, such as 01:00-05:00."""

    begin: time
    end: time
    text: str


class Remark(NamedTuple):
    """The pattern that a backup's remark has to match, and the maximum age of that backup in seconds."""

    pattern: re.Pattern[str]
    within: int


@dataclass(frozen=True)
class Kind(Generic[Limit]):
    """A kind of limit: its parser, an example, the type of its option, and the JSON schema of the value that users write."""

    parse: Callable[[object, str], Limit]
    example: str
    option_type: str
    schema: dict[str, Any]


def duration(value: object, name: str) -> int:
    """Return the seconds of a duration such as 26h, more than zero."""
    seconds = parse_duration(value, name)
    if seconds == 0:
        raise InvalidOption(f"{name} {value!r} is zero: use a longer time, or false to turn the rule off")
    return seconds


def count(value: object, name: str, largest: int = 10000) -> int:
    """Return a whole number from 1 to ``largest``."""
    text = str(value).strip()
    if isinstance(value, (bool, float)) or not re.fullmatch(r"\d{1,5}", text) or not 1 <= int(text) <= largest:
        raise InvalidOption(f"{name} {value!r} is not a count: use a whole number from 1 to {largest}")
    return int(text)


def days(value: object, name: str) -> int:
    """Return a number of days from 1 to 366."""
    return count(value, name, 366)


def ratio(value: object, name: str) -> float:
    """Return a share above 0 and up to 1."""
    try:
        share = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        share = math.nan
    if not 0 < share <= 1:
        raise InvalidOption(f"{name} {value!r} is not a share: use a number above 0 and up to 1, such as 0.5")
    return share


def window(value: object, name: str) -> Window:
    """Return the Window of a text such as 01:00-05:00."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", str(value).strip())
    if not match:
        raise InvalidOption(f"{name} {value!r} is not a window: write it as 01:00-05:00 (it may span midnight)")
    begin = time(int(match[1]), int(match[2]))
    end = time(int(match[3]), int(match[4])) if match[3] else time.max
    return Window(begin, end, re.sub(r"\s", "", match[0]))


def remark(value: object, name: str) -> Remark:
    """Return the Remark of a dict of ``pattern``, a regular expression, and ``within``, a duration."""
    if not isinstance(value, dict) or set(value) != {"pattern", "within"}:
        raise InvalidOption(
            f"{name} {value!r} is not a dict of pattern and within: write {{pattern: ^release-, within: 6h}}"
        )
    if not isinstance(value["pattern"], str) or not value["pattern"]:
        raise InvalidOption(
            f"{name}.pattern {value['pattern']!r} is empty: write a regular expression such as ^release-"
        )
    try:
        pattern = re.compile(value["pattern"])
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidOption(f"{name}.pattern {value['pattern']!r} is not a valid regular expression: {error}") from None
    return Remark(pattern, duration(value["within"], f"{name}.within"))


def flag(value: object, name: str) -> bool:
    """Return True for true. False doesn't get here: it turns the rule off."""
    if str(value).strip().lower() in ("true", "yes", "on", "1"):
        return True
    raise InvalidOption(f"{name} {value!r} is not true: use true, or false to turn the rule off")


DURATION = Kind(duration, "7d", "str", {"$ref": "#/$defs/duration"})
COUNT = Kind(count, "3", "raw", {"description": "A number of backups.", "type": ["integer", "string"]})
DAYS = Kind(days, "7", "raw", {"description": "A number of completed days.", "type": ["integer", "string"]})
RATIO = Kind(ratio, "0.5", "raw", {"description": "A share from 0 to 1.", "type": ["number", "string"]})
WINDOW = Kind(
    window,
    "01:00-05:00",
    "str",
    {"description": "The times of a day in the policy's zone, from-to, such as 01:00-05:00.", "type": "string"},
)
REMARK = Kind(remark, "{pattern: ^release-, within: 6h}", "raw", {"$ref": "#/$defs/required_remark"})
FLAG = Kind(
    flag, "true", "raw", {"description": "True, or a text that means it.", "type": ["boolean", "string", "integer"]}
)
