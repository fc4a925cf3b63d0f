# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last restore tests of each instance, from a folder of records. Private to this collection.

A file that is not a valid record is ignored and reported. Callers that rely on the other records must pass this on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, NoReturn

from ...module_utils._errors import InvalidOption, plain
from ...module_utils._times import to_iso
from .._policy.facts import Instance, identity_of
from .._record import schema
from . import consistency, record
from .record import Record

#: The maximum size of a record, in bytes: ten times that of a hundred shards with all of their databases.
_MAX_SIZE = 1 << 28
#: How far the clock of the machine that tested may be ahead of ours.
_AHEAD = timedelta(minutes=10)


class LastTests(NamedTuple):
    """The records of an instance's last test, of the last that passed, and of the last that failed."""

    latest: Record
    passed: Record | None = None
    failed: Record | None = None


class Found(NamedTuple):
    """``problems`` are sentences about files that are not records."""

    tests: dict[Instance, LastTests]
    problems: list[str]


class Problem(NamedTuple):
    """A file that is not a record, and why."""

    path: str
    message: str


def read(folder: str, now: datetime, instance_id: str = "") -> Found:
    """Return the last tests by instance. A missing folder has none. Raises InvalidOption for one that can't be read.

    With an ``instance_id``, only files with the name of its records are read.
    """
    problems: list[Problem] = []
    tests = last_tests(records(folder, now, problems, instance_id))
    return Found(tests, [problem.message for problem in problems])


def last_tests(made: Iterable[Record]) -> dict[Instance, LastTests]:
    """Return the last tests of each instance, whatever label of an account and API version they were made under."""
    tests: dict[Instance, LastTests] = {}
    for one in made:
        instance = identity_of(one)
        tests[instance] = _later(tests.get(instance), one)
    return tests


def records(folder: str, now: datetime, problems: list[Problem], instance_id: str = "") -> Iterator[Record]:
    """Yield the records of a folder, at any depth, and add files that are not valid records to ``problems``. Raises InvalidOption."""
    for path in _paths(folder, record.file_prefix(instance_id)):
        try:
            yield _record(path, now)
        except (OSError, ValueError, RecursionError) as error:
            said = f"{path!r} is not the record of a restore test, and is ignored: {plain(str(error), 200)}"
            problems.append(Problem(path, said))


def _paths(folder: str, prefix: str) -> Iterator[str]:
    if not os.path.lexists(folder):
        return

    def refused(error: OSError) -> NoReturn:
        raise InvalidOption(
            f"the folder {error.filename!r} can't be read ({error.strerror}): it may hold records of tests"
        )

    for parent, folders, files in os.walk(folder, onerror=refused):
        folders.sort()
        for name in sorted(files):
            if name.startswith(prefix) and name.endswith(".json"):
                yield os.path.join(parent, name)


def _record(path: str, now: datetime) -> Record:
    if not os.path.isfile(path) or os.path.getsize(path) > _MAX_SIZE:
        raise ValueError("it is not a regular file, or too large for one")
    with open(path, encoding="utf-8") as file:
        made = json.load(file, parse_constant=_refuse)
    fault = schema.fault(made, record.schema())
    if fault:
        raise ValueError(f"not as its schema says ({fault})")
    fault = consistency.contradiction(made)
    if fault:
        raise ValueError(f"it contradicts itself: {fault}")
    if made["evaluated_at"] > to_iso(now + _AHEAD):
        # Until that time, no other record would count as newer.
        raise ValueError(f"it is of {made['evaluated_at']}, in the future: check the clocks")
    found: Record = made
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def _later(known: LastTests | None, made: Record) -> LastTests:
    passed, failed = (made if made["outcome"] == outcome else None for outcome in ("passed", "failed"))
    if known is None:
        return LastTests(made, passed, failed)
    return LastTests(
        max(known.latest, made, key=_moment),
        max((one for one in (known.passed, passed) if one), key=_moment, default=None),
        max((one for one in (known.failed, failed) if one), key=_moment, default=None),
    )


def _moment(made: Record) -> tuple[str, str]:
    """Return the key to sort records by time. All our times have one form, so they compare as texts."""
    return made["evaluated_at"], made["id"]
