# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page says of restore tests. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ....module_utils._times import from_iso, say_duration
from ..._policy.restore_tests import (
    FAILED,
    NEVER,
    NOT_KNOWN,
    PASSED,
    PASSED_BEFORE,
    UNKNOWN,
    RestoreTest,
    RestoreTests,
    state,
)
from ..._record.model import InstanceEntry
from .heatmap import Outlook

#: The maximum number of instances whose tests are on the page.
MAX_TESTED = 500
#: state or outcome: (word, class)
WORDS = {
    "passed": ("passed", "p"),
    "failed": ("FAILED", "f"),
    "passed_before": ("UNKNOWN", "u"),
    "unknown": ("UNKNOWN", "u"),
    "never": ("never", "u"),
    "not_known": ("not known", "u"),
}
_ORDER = {word: rank for rank, word in enumerate((FAILED, NOT_KNOWN, UNKNOWN, PASSED_BEFORE, PASSED, NEVER))}
#: What the column sorts states by in which no passed test counts: later than any age in seconds, the worst last.
_KEYS = {UNKNOWN: "1e12", NOT_KNOWN: "2e12", FAILED: "3e12", NEVER: "4e12"}


class Cell(NamedTuple):
    """An instance's cell in the column of restore tests.

    ``letter`` is the class of its word, empty for a passed test. ``ago`` and ``when`` are the time of the test that the word is of.
    ``more`` is about another test. By ``key`` the column is sorted: the age of the passed test in seconds.
    """

    word: str
    letter: str = ""
    ago: str = ""
    when: str = ""
    more: str = ""
    key: str = ""


def cell(tests: RestoreTests | None, look: Outlook, now: datetime) -> Cell:
    """Return the Cell of an instance."""
    if tests is None:
        return Cell("not looked at")
    found = state(tests)
    word, letter = WORDS[found]
    latest, passed = tests["latest"], tests["passed"]
    test = {PASSED: passed, FAILED: tests["failed"], UNKNOWN: latest, PASSED_BEFORE: latest}.get(found)
    ago, when = (_ago(test, now), _clock(test["evaluated_at"], look)) if test else ("", "")
    before = f"passed {_ago(passed, now)}" if passed and found != PASSED else ""
    key = _KEYS.get(found) or (str(_age(passed, now)) if passed else "")
    return Cell(word, letter, ago, when, before, key)


def view(instances: Sequence[InstanceEntry], looks: Sequence[Outlook]) -> dict[str, Any] | None:
    """Return the tests of instances, worst first, or None if no records of tests were read."""
    looked = [(entry, tests, look) for entry, look in zip(instances, looks) if (tests := entry["restore_tests"])]
    if not looked:
        return None
    tested = sorted((one for one in looked if one[1]["latest"]), key=lambda one: _ORDER[state(one[1])])
    return {
        "rows": (row for one in tested[:MAX_TESTED] for row in _rows(*one)),
        "some": bool(tested),
        "hidden": max(0, len(tested) - MAX_TESTED),
    }


def _rows(entry: InstanceEntry, tests: RestoreTests, look: Outlook) -> Iterator[dict[str, Any]]:
    """Yield a row for the last test of an instance, for a failure that stands, and for the last one that passed."""
    now, shown = from_iso(entry["evaluated_at"]), []
    for test in (tests["latest"], tests["failed"], tests["passed"]):
        if test and test not in shown:
            shown.append(test)
            word, letter = WORDS[test["outcome"]]
            yield {
                "entry": entry,
                "test": test,
                "word": word,
                "class": letter,
                "ago": _ago(test, now),
                "when": _clock(test["evaluated_at"], look),
                "backup": _clock(test["backup_start"], look) if test["backup_start"] else "",
                "phases": [(phase, seconds) for phase, seconds in test["seconds"].items() if seconds],
            }


def _age(test: RestoreTest, now: datetime) -> int:
    """Return the age of a test in seconds. The clock of the machine that tested may be a little ahead."""
    return max(0, int((now - from_iso(test["evaluated_at"])).total_seconds()))


def _ago(test: RestoreTest, now: datetime) -> str:
    return f"{say_duration(_age(test, now))} ago"


def _clock(text: str, look: Outlook) -> str:
    return from_iso(text).astimezone(look.zone).isoformat(" ")[:16]
