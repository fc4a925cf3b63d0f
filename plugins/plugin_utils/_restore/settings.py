# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a whole run of restore tests, all checked before any request. Pure. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from ansible.module_utils.common.validation import check_type_path

from ...module_utils._errors import InvalidOption
from .options import check_folder

#: The prefix of the variables of restore tests.
PREFIX = "crs_restore_test_"
FAIL = ("each", "once", "never")
UNKNOWN = ("fail", "warn")
SHOW = ("all", "failed", "none")
#: The mode of the records' files, which is checked by what writes them.
RECORD_MODE = "record_mode"


class Settings(NamedTuple):
    """What decides which hosts are tested now."""

    min_hosts: int
    max_hosts: int
    parallel: int
    record_dir: str


def parse(values: Mapping[str, Any]) -> Settings:
    """Return the Settings of ``{name: value}``, without the prefix. Raises InvalidOption."""
    return Settings(
        min_hosts=int(values["min_hosts"]),
        max_hosts=int(values["max_hosts"]),
        parallel=int(values["parallel"]),
        record_dir=check_type_path(values["record_dir"]),
    )


def check(values: Mapping[str, Any]) -> None:
    """Raise InvalidOption for the first wrong value of a setting. Other names and None are passed over."""
    for name in CHECKS:
        if values.get(name) is not None:
            try:
                CHECKS[name](name, values[name])
            except InvalidOption as error:
                raise InvalidOption(f"{error.reason} (variable {PREFIX}{name})") from None


def _at_least(lowest: int) -> Callable[[str, object], None]:
    def check_count(name: str, value: object) -> None:
        text = str(value).strip()
        if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) < lowest:
            raise InvalidOption(f"{name} is {value!r}: use a whole number, {lowest} or more")

    return check_count


def _one_of(*choices: str) -> Callable[[str, object], None]:
    def check_choice(name: str, value: object) -> None:
        if value not in choices:
            raise InvalidOption(f"{name} is {value!r}: use one of {', '.join(choices)}")

    return check_choice


def _check_pattern(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InvalidOption(
            f"{name} is {value!r}: use a pattern for hosts, such as the name of a group, or leave it out"
        )


CHECKS: dict[str, Callable[[str, object], object]] = {
    "hosts": _check_pattern,
    "min_hosts": _at_least(0),
    "max_hosts": _at_least(1),
    "parallel": _at_least(1),
    "record_dir": check_folder,
    "fail": _one_of(*FAIL),
    "unknown": _one_of(*UNKNOWN),
    "show": _one_of(*SHOW),
}
