# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table for a terminal: verdicts, worst first, and totals. Private to this collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ...module_utils._errors import plain
from .._policy.waivers import counted
from .._record.model import CoverageEntry, InstanceEntry, Record, Summary
from .._record.record import say_restore_tests

_WORDS = {"pass": "pass", "fail": "FAIL", "unknown": "UNKNOWN", "waived": "waived", "not_applicable": "n/a"}
MAX_LINES = 200
MAX_CELL = 40
#: How many ids a line names.
MAX_IDS = 10


def lines(record: Record, show_passed: bool, width: Callable[[str], int] = len) -> list[str]:
    """Return the table, lines on coverage, and the totals. ``show_passed`` includes instances that pass or are waived.

    ``width`` returns the number of columns that a text takes in the terminal.
    """
    rows = [
        (
            _WORDS[outcome],
            _printable(entry["host"]),
            _printable(entry["instance_name"] or "-"),
            _printable(entry["region"]),
            entry["api_version"],
            rule,
            _printable(message, 160),
        )
        for entry in record["instances"]
        for outcome, rule, message in _shown(entry, show_passed)
    ]
    if rows:
        rows.insert(0, ("OUTCOME", "HOST", "NAME", "REGION", "API", "RULE", "FOUND"))
    shown, hidden = rows[: MAX_LINES + 1], rows[MAX_LINES + 1 :]
    widest = [max(map(width, column)) for column in list(zip(*shown))[:-1]]
    filled = [[cell + " " * (most - width(cell)) for cell, most in zip(row, widest)] for row in shown]
    table = ["  ".join([*cells, row[-1]]) for cells, row in zip(filled, shown)]
    if hidden:
        table.append(f"... and {len(hidden)} more, in the record")
    tests = [f"restore tests: {say_restore_tests(record['instances'])}"] if record["instances"] else []
    return [*table, *uncovered(record), *isolated(record), *tests, totals(record["summary"])]


def uncovered(record: Record) -> list[str]:
    """Return a line for each account and region in which instances are not audited, or in which that isn't known."""
    found = []
    for where, entry in _places(record):
        if entry["error"]:
            found.append(f"coverage of {where} is not known: {_printable(entry['error']['message'], 300)}")
        elif entry["not_in_inventory"]:
            found.append(_named(entry["not_in_inventory"], where, "not in the inventory"))
    return found


def isolated(record: Record) -> list[str]:
    """Return a line for each account and region with isolated instances that are not in the inventory."""
    what = "isolated and not in the inventory"
    return [_named(entry["isolated"], where, what) for where, entry in _places(record) if entry["isolated"]]


def left_out(record: Record) -> list[str]:
    """Return a line for each account and region with instances that an inventory names and no slice audited."""
    what = "in the inventory and in no slice"
    return [_named(entry["not_audited"], where, what) for where, entry in _places(record) if entry["not_audited"]]


def _places(record: Record) -> list[tuple[str, CoverageEntry]]:
    """Return ``[(place in words, entry)]`` of the coverage. Accounts and endpoints are only named if there are several."""
    coverage = record["coverage"]
    several = len({entry["account"] for entry in coverage}) > 1
    words = [
        (f"account {_printable(entry['account'])} in " if several else "") + _printable(entry["region"])
        for entry in coverage
    ]
    ends = {(said, entry["endpoint"]) for said, entry in zip(words, coverage)}
    alike = Counter(said for said, _endpoint in ends)
    return [
        (said + (f" at {_printable(entry['endpoint'])}" if alike[said] > 1 else ""), entry)
        for said, entry in zip(words, coverage)
    ]


def _named(ids: list[str], where: str, what: str) -> str:
    more = f" and {len(ids) - MAX_IDS} more" if len(ids) > MAX_IDS else ""
    subject = f"1 instance of {where} is" if len(ids) == 1 else f"{len(ids)} instances of {where} are"
    return f"{subject} {what}: {', '.join(map(_printable, ids[:MAX_IDS]))}{more}"


def totals(summary: Summary) -> str:
    """Return the totals in one line."""
    counts = [f"{summary[outcome]} {word}" for outcome, word in _WORDS.items()]
    return f"{summary['instances']} {'instance' if summary['instances'] == 1 else 'instances'}: {', '.join(counts)}"


def reasons(entry: InstanceEntry) -> list[tuple[str, str]]:
    """Return ``[(rule, message)]`` of the verdicts with the instance's outcome.

    If the listing failed, they have the same reason: it is returned once, with the rule ``all``.
    """
    found = [
        (verdict["rule"], verdict["message"]) for verdict in entry["rules"] if counted(verdict) == entry["outcome"]
    ]
    if entry["outcome"] == "unknown" and not entry["complete"]:
        return [("all", found[0][1])]
    return found


def _shown(entry: InstanceEntry, show_passed: bool) -> list[tuple[str, str, str]]:
    """Return ``[(outcome, rule, message)]`` of an instance's lines: the reasons of a failure, or one for all rules that pass."""
    if entry["outcome"] in ("fail", "unknown"):
        return [(entry["outcome"], *reason) for reason in reasons(entry)]
    if not show_passed:
        return []
    verdicts = [(counted(verdict), verdict["rule"], verdict["message"]) for verdict in entry["rules"]]
    passed = [verdict for verdict in verdicts if verdict[0] == "pass"]
    rest = [verdict for verdict in verdicts if verdict[0] != "pass"]
    summed = [("pass", ", ".join(rule for _outcome, rule, _message in passed), passed[0][2])] if passed else []
    return summed + rest


def _printable(text: str, most: int = MAX_CELL) -> str:
    return plain(text, most)
