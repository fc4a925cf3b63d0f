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

from ...module_utils._errors import plain
from ...module_utils._times import from_iso, parse_iso, to_iso
from .._folders import leads_nowhere, walk
from .._policy.facts import Instance, identity_of
from .._policy.restore_tests import FAILED, PASSED, UNKNOWN, Result, outweighs
from .._record import schema
from . import consistency, record
from .record import Record

#: The maximum size of a record, in bytes: ten times that of a hundred shards with all of their databases.
_MAX_SIZE = 1 << 28
#: How far the clock of the machine that tested may be ahead of ours.
_AHEAD = timedelta(minutes=10)
#: Each worse than those before.
_WORSE = (PASSED, UNKNOWN, FAILED)


class LastTests(NamedTuple):
    """The records of an instance's last test, of the last that passed, and of the last whose failure stands (see ``outweighs``)."""

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

    With an ``instance_id``, files with the names of other instances' records are not read.
    """
    problems: list[Problem] = []
    tests = last_tests(records(folder, now, problems, instance_id))
    return Found(tests, [problem.message for problem in problems])


def last_tests(made: Iterable[Record]) -> dict[Instance, LastTests]:
    """Return the last tests of each instance, whatever label of an account and API version they were made under."""
    tests: dict[Instance, _Tests] = {}
    for one in made:
        tests.setdefault(identity_of(one), _Tests()).add(one)
    return {instance: found.last() for instance, found in tests.items()}


def records(folder: str, now: datetime, problems: list[Problem], instance_id: str = "") -> Iterator[Record]:
    """Yield the records of a folder, at any depth, and add files that are not valid records to ``problems``. Raises InvalidOption.

    A link that leads nowhere is also a problem, of any instance.
    """
    for path in _paths(folder, instance_id, problems):
        try:
            yield _record(path, now)
        except (OSError, ValueError, RecursionError) as error:
            said = f"{path!r} is not the record of a restore test, and is ignored: {plain(str(error), 200)}"
            problems.append(Problem(path, said))


def _paths(folder: str, instance_id: str, problems: list[Problem]) -> Iterator[str]:
    if not os.path.lexists(folder):
        return
    for parent, names in walk(folder, "records of tests"):
        for name in names:
            path = os.path.join(parent, name)
            if name.startswith(record.PREFIX) and name.endswith(".json"):
                if not instance_id or record.instance_in(name) in (instance_id, None):
                    yield path
            elif leads_nowhere(path):
                said = (
                    f"{path!r} is a link that leads nowhere: if its target is a folder, that may hold records of tests"
                )
                problems.append(Problem(path, said))


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
    if os.path.basename(path) != record.file_name(made):
        # By its name it is of another instance, or of none.
        raise ValueError(f"the file of this record is called {record.file_name(made)}")
    found: Record = made
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


class _Tests:
    """The tests of one instance, in any order."""

    def __init__(self) -> None:
        self._latest: dict[str, Record] = {}
        self._passed: list[Result] = []
        self._failed: list[tuple[Result, Record]] = []

    def add(self, made: Record) -> None:
        outcome = made["outcome"]
        self._latest[outcome] = max(self._latest.get(outcome, made), made, key=_moment)
        if outcome == PASSED:
            self._passed.append(_result(made))
        elif outcome == FAILED:
            self._failed.append((_result(made), made))

    def last(self) -> LastTests:
        standing = [made for failed, made in self._failed if not any(outweighs(one, failed) for one in self._passed)]
        return LastTests(
            max(self._latest.values(), key=_moment),
            self._latest.get(PASSED),
            max(standing, key=_moment, default=None),
        )


def _result(made: Record) -> Result:
    backup = made["backup"] or {}
    return Result(from_iso(made["evaluated_at"]), backup.get("backup_id"), parse_iso(backup.get("start_time")))


def _moment(made: Record) -> tuple[str, int, str]:
    """Return the key to sort records by time. All our times have one form, so they compare as texts. Of equal ones the worse is later."""
    return made["evaluated_at"], _WORSE.index(made["outcome"]), made["id"]
