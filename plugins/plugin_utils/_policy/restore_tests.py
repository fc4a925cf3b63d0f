# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of an instance's restore tests, and how far that carries. Pure. Private to this collection.

A test that passed counts until one fails. A failure stands until a later test passes, of the same backup or of one that began at the same
time or later: an older backup proves nothing about a newer one. A test that ended as unknown proves nothing either way. Missing evidence
never passes: a record that could not be read may be of a later test, with any outcome.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Callable, NamedTuple, TypedDict

from ...module_utils._times import from_iso, parse_iso
from .history import MAX_AHEAD

PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"
#: Further states of an instance's tests: one passed, and the last one, since then, was unknown; there was none; it isn't known whether
#: there was one; records of tests were not read.
PASSED_BEFORE, NEVER, NOT_KNOWN, NOT_LOOKED_AT = "passed_before", "never", "not_known", "not_looked_at"
_TESTS = ("passed", "failed", "latest")
#: In the order in which reports count them.
STATES = (PASSED, FAILED, PASSED_BEFORE, UNKNOWN, NEVER, NOT_KNOWN)


class RestoreTest(TypedDict):
    """One restore test: the part of its record that rules and reports need. Times are ISO 8601 in UTC."""

    id: str
    evaluated_at: str
    #: passed, failed or unknown, and why it is not passed.
    outcome: str
    code: str | None
    message: str
    backup_id: str | None
    backup_start: str | None
    files: int
    size_bytes: int
    key_count: int
    #: Each distinct product and version that loaded a file.
    servers: list[str]
    #: Of all files the weakest: verified before absent, and bwrap before user before limits; None if no file came that far.
    checksum: str | None
    sandbox: str | None
    #: Whether the time that each file says was compared with that of the backup: compared or not_compared; None without a header.
    created: str | None
    #: ``{phase: seconds}``.
    seconds: dict[str, float]
    restore_seconds: float
    wiped_at: str | None


class RestoreTests(TypedDict):
    """The last restore tests of an instance.

    ``problem`` is why records that may be of this instance could not be read, or None. ``latest`` is the last test, with any outcome, and
    ``passed`` the last one that passed. ``failed`` is the last one that failed and that no passed test outweighs, so its failure stands.
    """

    problem: str | None
    latest: RestoreTest | None
    passed: RestoreTest | None
    failed: RestoreTest | None


#: ``lookup((cloud, region), instance_id)`` returns what is known of an instance's tests, or None if their records were not read.
Lookup = Callable[["tuple[str, str]", str], "RestoreTests | None"]


def not_looked_at(_whose: tuple[str, str], _instance_id: str) -> None:
    """A Lookup for audits that read no records of restore tests: it returns None."""


class Evidence(NamedTuple):
    """When the last tests of an instance ended, as far as that is known, and what is in doubt.

    ``seconds`` is what the last passed test took. ``failed`` is that of a failure that stands. ``latest`` is None if it is earlier than
    the passed test. The codes say why these tests did not pass.
    """

    problem: str | None
    passed: datetime | None
    seconds: float
    failed: datetime | None
    failed_code: str
    latest: datetime | None
    latest_code: str


def evidence(tests: object, now: datetime) -> Evidence | None:
    """Return the Evidence of RestoreTests, or None for anything else: a filter's user may give any value."""
    if not isinstance(tests, Mapping) or not RestoreTests.__required_keys__ <= tests.keys():
        return None
    passed, failed, latest = (_moment(tests[name], now) for name in _TESTS)
    seconds = _seconds(tests["passed"])
    problem = None if tests["problem"] is None else str(tests["problem"]) or "a record can't be read"
    if any(_moment(tests[name], now) is None for name in _TESTS if tests[name] is not None):
        problem = "the time of a test can't be read, or is in the future"
    elif passed and seconds is None:
        problem = "the time that the passed test took can't be read"
    else:
        problem = problem or contradiction(tests)
    return Evidence(
        problem,
        passed,
        seconds or 0.0,
        failed,
        _code(tests["failed"]),
        _unless_before(latest, passed),
        _code(tests["latest"]),
    )


def contradiction(tests: Mapping[str, Any]) -> str | None:
    """Return what the tests of an instance say against each other, or None."""
    latest = tests["latest"]
    for name in (PASSED, FAILED):
        test = tests[name]
        if test is not None and test.get("outcome") != name:
            return f"the last {name} test is {test.get('outcome')}"
        if test is not None and (latest is None or _when(latest) < _when(test)):
            return f"the last {name} test is later than the last one"
        if latest is not None and latest.get("outcome") == name and latest != test:
            return f"the last test is {name}, and not the last {name} one"
    passed, failed = tests[PASSED], tests[FAILED]
    if passed is not None and failed is not None and outweighs(result_of(passed), result_of(failed)):
        return "a test passed since the failed one, of its backup or a newer one"
    return None


class Result(NamedTuple):
    """When a test was over, and which backup it tested, as far as that is known."""

    evaluated_at: datetime
    backup_id: str | None
    backup_start: datetime | None


def result_of(test: Mapping[str, Any]) -> Result:
    """Return the Result of a test that has the keys of RestoreTest."""
    return Result(_when(test), test.get("backup_id"), parse_iso(test.get("backup_start")))


def outweighs(passed: Result, failed: Result) -> bool:
    """Tell whether a failure no longer stands because of a passed test. Of two at the same second, and in doubt, it stands."""
    if passed.evaluated_at <= failed.evaluated_at:
        return False
    if passed.backup_id is not None and passed.backup_id == failed.backup_id:
        return True
    if passed.backup_start is None or failed.backup_start is None:
        return False
    return passed.backup_start >= failed.backup_start


def _when(test: Mapping[str, Any]) -> datetime:
    return from_iso(test["evaluated_at"])


def _moment(test: object, now: datetime) -> datetime | None:
    """Return when a test was over; None for none, and for one in the future: until then, nothing would be newer."""
    moment = parse_iso(test.get("evaluated_at")) if isinstance(test, Mapping) else None
    return moment if moment and moment <= now + MAX_AHEAD else None


def _seconds(test: object) -> float | None:
    seconds = test.get("restore_seconds") if isinstance(test, Mapping) else None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < math.inf:
        return None
    return seconds


def _unless_before(moment: datetime | None, passed: datetime | None) -> datetime | None:
    # Of two at the same second the worse counts.
    return moment if moment and (passed is None or moment >= passed) else None


def _code(test: object) -> str:
    return str(test.get("code") or "no reason given") if isinstance(test, Mapping) else ""


def state(tests: RestoreTests | None) -> str:
    """Return what an instance's tests come to: one of STATES, or NOT_LOOKED_AT. It is PASSED only if the last one passed."""
    if tests is None:
        return NOT_LOOKED_AT
    passed, latest = tests["passed"], tests["latest"]
    if tests["failed"]:
        return FAILED
    if tests["problem"]:
        return NOT_KNOWN
    if passed:
        return PASSED if latest == passed else PASSED_BEFORE
    return UNKNOWN if latest else NEVER
