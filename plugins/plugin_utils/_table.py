# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdicts as lines for a terminal: worst first, with limit and actual. Private to this collection."""

from __future__ import annotations

import unicodedata

_WORDS = {"pass": "pass", "fail": "FAIL", "unknown": "UNKNOWN", "waived": "waived", "not_applicable": "n/a"}
_MOST_LINES = 200
_WIDEST = 40


def lines(record, show_passed):
    """Return the lines of a record: a line for each verdict that tells something, and the totals."""
    rows = [
        (_WORDS[verdict["outcome"]], _printable(entry["host"]), entry["region"], entry["api_version"], verdict["rule"],
         _printable(verdict["message"], 160))
        for entry in record["instances"]
        for verdict in _told(entry, show_passed)
    ]
    if rows:
        rows.insert(0, ("OUTCOME", "HOST", "REGION", "API", "RULE", "FOUND"))
    shown, hidden = rows[: _MOST_LINES + 1], rows[_MOST_LINES + 1 :]
    widths = [max(len(row[column]) for row in shown) for column in range(5)] if shown else []
    made = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[5]]).rstrip() for row in shown]
    if hidden:
        made.append(f"... and {len(hidden)} more, in the record")
    return [*made, totals(record["summary"])]


def totals(summary):
    """Return the totals in one line."""
    counts = [f"{summary[outcome]} {word}" for outcome, word in _WORDS.items()]
    return f"{summary['instances']} instances: {', '.join(counts)}"


def _told(entry, show_passed):
    """Return the verdicts to show: those that made the outcome; where all passed, the one that says most."""
    told = [verdict for verdict in entry["rules"] if verdict["outcome"] == entry["outcome"]]
    if entry["outcome"] in ("fail", "unknown"):
        # The same error stands behind each rule of an instance that could not be listed.
        return told if entry["complete"] else told[:1]
    return told[:1] if show_passed else []


def _printable(text, most=_WIDEST):
    """Return a text of somebody else's without what would move a terminal's cursor or turn its direction."""
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in str(text))
    return kept if len(kept) <= most else kept[: most - 3] + "..."
