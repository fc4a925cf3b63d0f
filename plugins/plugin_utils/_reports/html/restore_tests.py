# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page says of restore tests. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ....module_utils._times import from_iso, say_duration
from ..._policy.restore_tests import FAILED, NEVER, NOT_KNOWN, PASSED_BEFORE, RestoreTest, RestoreTests, state
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
_ORDER = {word: rank for rank, word in enumerate((FAILED, NOT_KNOWN, "unknown", PASSED_BEFORE, "passed", NEVER))}


def briefly(tests: RestoreTests | None, now: datetime) -> str | None:
    """Return the state of an instance's restore tests in few words, or None if their records were not read."""
    if tests is None:
        return None
    found = state(tests)
    if found == PASSED_BEFORE and tests["passed"]:
        return f"{WORDS[found][0]}, passed {_ago(tests['passed'], now)}"
    test = tests["passed"] if found == "passed" else tests["failed"] if found == FAILED else None
    return WORDS[found][0] + (f" {_ago(test, now)}" if test else "")


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


def _ago(test: RestoreTest, now: datetime) -> str:
    return f"{say_duration((now - from_iso(test['evaluated_at'])).total_seconds())} ago"


def _clock(text: str, look: Outlook) -> str:
    return from_iso(text).astimezone(look.zone).isoformat(" ")[:16]
