# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of a run's restore tests: a table, totals, and the hosts that fail. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable, NamedTuple

from ...module_utils._errors import InvalidOption, plain
from .._option_types import kind_of
from .._record import schema
from . import record
from .record import Record, sentence

_WORDS = {"passed": "passed", "failed": "FAILED", "unknown": "UNKNOWN"}
#: Worst first.
_ORDER = ("failed", "unknown", "passed")
_TITLE = ("OUTCOME", "HOST", "REGION", "BACKUP", "SIZE", "KEYS", "SECONDS", "FOUND")
_REMEDY = "give a dict, with a host and what its task registered on each line"
_NOT_TESTED = "not tested in this run, since a task of the host failed, in an earlier play or before its test was over"
_MAX_CELL = 40
_MAX_FOUND = 200


class Tested(NamedTuple):
    """A host, and the record of its test; if there is no record, None and the reason."""

    host: str
    record: Record | None
    why: str = ""

    @property
    def outcome(self) -> str:
        """The outcome of the test; ``unknown`` without a record."""
        outcome: str = self.record["outcome"] if self.record else "unknown"
        return outcome

    @property
    def said(self) -> str:
        """The result as a sentence."""
        return sentence(self.record) if self.record else f"restore test unknown: {self.why}"


def of_results(results: Mapping[str, Any]) -> list[Tested]:
    """Return a Tested for each host from ``{host: result of the module}``, worst first. Raises InvalidOption for anything else."""
    tested = [_of_result(host, result) for host, result in results.items()]
    return sorted(tested, key=lambda one: (_ORDER.index(one.outcome), one.host))


def _of_result(host: str, result: Any) -> Tested:
    # A result with results is that of a loop.
    if not isinstance(result, Mapping) or "results" in result:
        raise InvalidOption(
            f"results has {kind_of(result)} for {plain(host)} that crs_restore_test did not return: {_REMEDY}"
        )
    made = result.get("record")
    if made is None:
        return Tested(host, None, plain(str(result.get("msg") or _NOT_TESTED)))
    fault = schema.fault(made, record.schema())
    if fault:
        raise InvalidOption(
            f"results has no record of a restore test for {plain(host)} ({plain(fault, _MAX_FOUND)}): {_REMEDY}"
        )
    return Tested(host, made)


def counts(tested: Iterable[Tested]) -> dict[str, int]:
    outcomes = [one.outcome for one in tested]
    return {"hosts": len(outcomes), **{outcome: outcomes.count(outcome) for outcome in _WORDS}}


def totals(found: Mapping[str, int]) -> str:
    """Return the counts in one line."""
    tests = "restore test" if found["hosts"] == 1 else "restore tests"
    return f"{found['hosts']} {tests}: " + ", ".join(f"{found[name]} {word}" for name, word in _WORDS.items())


def failing(tested: Iterable[Tested], unknown_fails: bool, check_mode: bool = False) -> dict[str, str]:
    """Return ``{host: why it fails}``. One without a record always does: an option is wrong, or data is left behind.

    In check mode nothing is tested, so an outcome fails no host.
    """
    outcomes = () if check_mode else ("failed", "unknown") if unknown_fails else ("failed",)
    return {one.host: one.said for one in tested if one.record is None or one.outcome in outcomes}


def lines(tested: Iterable[Tested], show_passed: bool, width: Callable[[str], int] = len) -> list[str]:
    """Return the table; ``width`` returns how many columns a text takes."""
    rows = [_row(one) for one in tested if show_passed or one.outcome != "passed"]
    if not rows:
        return []
    rows.insert(0, _TITLE)
    widest = [max(map(width, column)) for column in list(zip(*rows))[:-1]]
    return [
        "  ".join([*(cell + " " * (most - width(cell)) for cell, most in zip(row, widest)), row[-1]]) for row in rows
    ]


def _row(one: Tested) -> tuple[str, ...]:
    made, cells = one.record, ["-"] * 5
    found = one.why
    if made:
        backup = made["backup"] or {}
        cells = [
            made["region"],
            backup.get("start_time") or "-",
            _size(made["size_bytes"]),
            str(made["key_count"]),
            f"{made['restore_seconds']:.1f}",
        ]
        found = made["message"] or _how(made)
    shown = [plain(cell, _MAX_CELL) for cell in (one.host, *cells)]
    return (_WORDS[one.outcome], *shown, plain(found, _MAX_FOUND))


def _how(made: Record) -> str:
    """Return the server and sandbox of a passed test, the servers tried before, and what it could not compare."""
    files, expected = made["files"], made["expected"]
    said = list(dict.fromkeys(f"{file['server']} in {file['sandbox']}{_tried(file)}" for file in files))
    if any(file["checksum"] == "absent" for file in files):
        said.append("the file has no checksum")
    if any(file["created_at"] is None for file in files):
        said.append("its creation time is not compared")
    if expected["min_key_ratio"] is not None and expected["baseline"] is None:
        said.append("number of keys not compared: no earlier test passed")
    return ", ".join(said)


def _tried(file: Record) -> str:
    said = " and ".join(f"{tried['server']} ({tried['code']})" for tried in file["tried"])
    return f" after {said}" if said else ""


def _size(size: int) -> str:
    amount, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
