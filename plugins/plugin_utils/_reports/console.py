# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdicts as lines for a terminal: worst first, with limit and actual. Private to this collection."""

from __future__ import annotations

from collections import Counter

from ...module_utils._errors import plain
from .._policy.waivers import counted

_WORDS = {"pass": "pass", "fail": "FAIL", "unknown": "UNKNOWN", "waived": "waived", "not_applicable": "n/a"}
_MOST_LINES = 200
_WIDEST = 40


def lines(record, show_passed, width=len):
    """Return the lines of a record: a line for each verdict that tells something, and the totals.

    ``width`` returns how many columns a text takes.
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
        for outcome, rule, message in _told(entry, show_passed)
    ]
    if rows:
        rows.insert(0, ("OUTCOME", "HOST", "NAME", "REGION", "API", "RULE", "FOUND"))
    shown, hidden = rows[: _MOST_LINES + 1], rows[_MOST_LINES + 1 :]
    widest = [max(map(width, column)) for column in list(zip(*shown))[:-1]]
    filled = [[cell + " " * (most - width(cell)) for cell, most in zip(row, widest)] for row in shown]
    made = ["  ".join([*cells, row[-1]]) for cells, row in zip(filled, shown)]
    if hidden:
        made.append(f"... and {len(hidden)} more, in the record")
    return [*made, *uncovered(record), *isolated(record), totals(record["summary"])]


def uncovered(record):
    """Return a line for each account and region in which instances are not audited, or in which that isn't known."""
    made = []
    for where, entry in _places(record):
        if entry["error"]:
            made.append(f"coverage of {where} is not known: {_printable(entry['error']['message'], 300)}")
        elif entry["not_in_inventory"]:
            made.append(_named(entry["not_in_inventory"], where, "are not in the inventory"))
    return made


def isolated(record):
    """Return a line for each account and region of which the inventory leaves out instances that are about to be deleted."""
    what = "are isolated and not in the inventory"
    return [_named(entry["isolated"], where, what) for where, entry in _places(record) if entry["isolated"]]


def left_out(record):
    """Return a line for each account and region of which a merged record lacks instances that inventories name."""
    what = "are in the inventory and in no slice"
    return [_named(entry["not_audited"], where, what) for where, entry in _places(record) if entry["not_audited"]]


def _places(record):
    """Return ``[(words for it, entry)]`` of the coverage; accounts and endpoints are named where there are several."""
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


def _named(ids, where, what):
    more = f" and {len(ids) - 10} more" if len(ids) > 10 else ""
    return f"{len(ids)} instances of {where} {what}: {', '.join(_printable(one) for one in ids[:10])}{more}"


def totals(summary):
    """Return the totals in one line."""
    counts = [f"{summary[outcome]} {word}" for outcome, word in _WORDS.items()]
    return f"{summary['instances']} instances: {', '.join(counts)}"


def reasons(entry):
    """Return ``(rule, message)`` of the verdicts that made an instance's outcome.

    A listing that failed stands behind all of them, and is told once, of ``all``.
    """
    made = [(verdict["rule"], verdict["message"]) for verdict in entry["rules"] if counted(verdict) == entry["outcome"]]
    if entry["outcome"] == "unknown" and not entry["complete"]:
        return [("all", made[0][1])]
    return made


def _told(entry, show_passed):
    """Return ``(outcome, rule, message)`` of what is worth a line: what made the outcome, and what was left out."""
    if entry["outcome"] in ("fail", "unknown"):
        return [(entry["outcome"], *reason) for reason in reasons(entry)]
    if not show_passed:
        return []
    told = [(counted(verdict), verdict["rule"], verdict["message"]) for verdict in entry["rules"]]
    passed = [one for one in told if one[0] == "pass"]
    rest = [one for one in told if one[0] != "pass"]
    summed = [("pass", ", ".join(rule for _outcome, rule, _message in passed), passed[0][2])] if passed else []
    return summed + rest


def _printable(text, most=_WIDEST):
    return plain(str(text), most)
