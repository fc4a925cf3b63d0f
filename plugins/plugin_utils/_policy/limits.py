# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a user writes for a rule to its limit: ``parse(value, name)``, where ``name`` is what errors call it.

Durations are in seconds. Each raises InvalidOption with name, value and remedy. Private to this collection.
"""

from __future__ import annotations

import math
import re
from collections import namedtuple
from datetime import time

from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_duration

#: Limits that are more than a number: two times of day with the text of both; a compiled pattern and seconds.
Window = namedtuple("Window", "begin end text")
Remark = namedtuple("Remark", "pattern within")

#: The longest duration that anybody means.
LONGEST = 3660 * 86400


def duration(value, name):
    seconds = parse_duration(value, name)
    if seconds == 0:
        raise InvalidOption(f"{name} {value!r} is no time at all: use a longer one, or false to turn the rule off")
    if seconds > LONGEST:
        raise InvalidOption(f"{name} {value!r} is longer than ten years: use a shorter time")
    return seconds


def count(value, name, largest=10000):
    text = str(value).strip()
    if isinstance(value, (bool, float)) or not re.fullmatch(r"\d{1,5}", text) or not 1 <= int(text) <= largest:
        raise InvalidOption(f"{name} {value!r} is not a count: use a whole number from 1 to {largest}")
    return int(text)


def days(value, name):
    return count(value, name, 366)


def ratio(value, name):
    try:
        share = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        share = math.nan
    if not 0 < share <= 1:
        raise InvalidOption(f"{name} {value!r} is not a share: use a number above 0 and up to 1, such as 0.5")
    return share


def window(value, name):
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", str(value).strip())
    if not match:
        raise InvalidOption(f"{name} {value!r} is not a window: write it as 01:00-05:00 (it may pass midnight)")
    begin = time(int(match[1]), int(match[2]))
    end = time(int(match[3]), int(match[4])) if match[3] else time.max
    return Window(begin, end, re.sub(r"\s", "", match[0]))


def remark(value, name):
    if not isinstance(value, dict) or set(value) != {"pattern", "within"}:
        raise InvalidOption(
            f"{name} {value!r} is not a dict of pattern and within: write {{pattern: ^release-, within: 6h}}"
        )
    if not isinstance(value["pattern"], str) or not value["pattern"]:
        raise InvalidOption(
            f"{name}.pattern {value['pattern']!r} says nothing: write a regular expression such as ^release-"
        )
    try:
        pattern = re.compile(value["pattern"])
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidOption(f"{name}.pattern {value['pattern']!r} is no regular expression: {error}") from None
    return Remark(pattern, duration(value["within"], f"{name}.within"))


def flag(value, name):
    if str(value).strip().lower() in ("true", "yes", "on", "1"):
        return True
    raise InvalidOption(f"{name} {value!r} is neither true nor false")
