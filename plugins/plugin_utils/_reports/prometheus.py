# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for Prometheus: a file for node_exporter's textfile collector, a pure function of the record.

Private to this collection. Facts are times and counts, and the limits are separate series, so that
an alert compares two series and goes on working between two audits. What isn't known has no series: 0 would be a
number of backups, or 1970. Each series has the name of the audit, so that files of several audits can lie in one
folder. No sample has a timestamp: one makes node_exporter refuse the whole file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeVar

from ...module_utils._api.backups import USABLE
from ...module_utils._times import from_iso
from .._policy import waivers
from .._policy.policy import OUTCOMES
from .._policy.restore_tests import NOT_LOOKED_AT, RestoreTests
from .._record.model import CoverageEntry, InstanceEntry, ListingEntry, Record, RuleVerdict
from .._record.record import restore_tests
from .report_type import Report

#: Name without prefix, labels as text, value; the label of the audit is added to all of them.
Sample = tuple[str, str, float]
Entry = TypeVar("Entry", ListingEntry, CoverageEntry)

#: name without prefix: help; in the file's order, all of them gauges.
_METRICS = {
    "last_evaluation_timestamp_seconds": "When the audit judged the instances, in Unix time; with slices, when the first did.",
    "last_evaluation_complete": "Whether the listing of every instance was complete: 1 yes, 0 no.",
    "instances": "Instances of the last audit by outcome.",
    "listing_requests": "Requests that the last audit sent for a listing, its coverage and configurations.",
    "coverage_complete": "Whether the audit could list the account's instances in the region: 1 yes, 0 no.",
    "uncovered_instances": "Instances of the account that the inventory does not name.",
    "isolated_instances": "Instances of the account that the inventory does not name and that are isolated or to be deleted.",
    "instance_outcome": "Outcome of an instance: 1 for its outcome, 0 for the others.",
    "rule_outcome": "1 for a rule of an instance that did not pass, by its outcome; no series for a pass.",
    "waiver_expires_timestamp_seconds": "When the waiver of a failing or unknown rule of an instance ends, in Unix time.",
    "newest_usable_timestamp_seconds": "Start of the newest usable backup of a type, in Unix time; no series without one.",
    "oldest_usable_timestamp_seconds": "Start of the oldest usable backup, in Unix time; no series without one.",
    "usable_backups": "Number of usable backups; no series if the listing is incomplete.",
    "restore_tests": "Instances by the outcome of their last restore test, or passed_before, never or not_known; no series if no record was read.",
    "restore_test_passed_timestamp_seconds": "End of the last restore test that passed, in Unix time; no series without one.",
    "restore_test_failed_timestamp_seconds": "End of the last restore test whose failure stands, in Unix time; no series without one.",
    "restore_seconds": "How long the last restore test that passed took to download, check and load the backup.",
    "max_age_seconds": "Maximum age of the newest usable backup of any type, if it could be judged.",
    "type_max_age_seconds": "Maximum age of the newest usable backup of a type, if it could be judged.",
    "min_retention_seconds": "Minimum age of the oldest usable backup, if it could be judged.",
    "min_usable_backups": "Minimum number of usable backups, if it could be judged.",
    "max_restore_test_age_seconds": "Maximum age of the last restore test that passed, if it could be judged.",
    "max_restore_seconds": "Maximum time that restoring may take, if it could be judged.",
}
#: Rules whose limit is a metric next to that of the fact: the metric and its labels.
_LIMITS: dict[str, tuple[str, dict[str, str]]] = {
    "max_age": ("max_age_seconds", {}),
    "max_age_system": ("type_max_age_seconds", {"type": "system"}),
    "max_age_manual": ("type_max_age_seconds", {"type": "manual"}),
    "min_retention": ("min_retention_seconds", {}),
    "min_usable": ("min_usable_backups", {}),
    "max_restore_test_age": ("max_restore_test_age_seconds", {}),
    "max_restore_time": ("max_restore_seconds", {}),
}
#: Control characters are not allowed in labels: NUL ends the parser's text. A lone surrogate can't be written as UTF-8.
_UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def parts(record: Record) -> Iterator[str]:
    """Yield the text: each metric once, its series together and in order."""
    audit = f'audit="{_escaped(record["name"])}"'
    samples = [*_run(record), *_coverage(record["coverage"])]
    for entry in record["instances"]:
        samples += _instance(entry)
    lines: dict[str, list[str]] = {name: [] for name in _METRICS}
    for name, labels, value in samples:
        lines[name].append(f"crs_backup_{name}{{{audit}{labels}}} {value}")
    for name, series in lines.items():
        if series:
            yield f"# HELP crs_backup_{name} {_METRICS[name]}\n# TYPE crs_backup_{name} gauge\n"
            yield "\n".join(sorted(series)) + "\n"


def _run(record: Record) -> Iterator[Sample]:
    """Yield the Samples of the whole audit."""
    yield "last_evaluation_timestamp_seconds", "", _unix(record["evaluated_at"])
    yield "last_evaluation_complete", "", int(record["complete"])
    for outcome in OUTCOMES:
        yield "instances", _labels(outcome=outcome), record["summary"][outcome]
    tests = restore_tests(record["instances"])
    if sum(tests.values()) > tests.pop(NOT_LOOKED_AT):
        for outcome, count in tests.items():
            yield "restore_tests", _labels(outcome=outcome), count
    for place, listings in _by_place(record["listings"]):
        yield "listing_requests", place, sum(listing["requests"] for listing in listings)


def _coverage(coverage: Iterable[CoverageEntry]) -> Iterator[Sample]:
    for place, entries in _by_place(coverage):
        yield "coverage_complete", place, int(not any(entry["error"] for entry in entries))
        if not all(entry["error"] for entry in entries):
            yield "uncovered_instances", place, _count(entries, "not_in_inventory")
            yield "isolated_instances", place, _count(entries, "isolated")


def _count(entries: Sequence[CoverageEntry], key: Literal["not_in_inventory", "isolated"]) -> int:
    """Return the number of distinct instances. Two clouds may use the same id."""
    return len({(entry["endpoint"], instance_id) for entry in entries for instance_id in entry[key]})


def _by_place(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return ``[(labels, entries)]`` for each account, region and API version: slices may share a place, and series must be unique."""
    places: dict[str, list[Entry]] = {}
    for entry in entries:
        labels = _labels(account=entry["account"], region=entry["region"], api_version=entry["api_version"])
        places.setdefault(labels, []).append(entry)
    return list(places.items())


def _instance(entry: InstanceEntry) -> Iterator[Sample]:
    """Yield the Samples of an instance. Its name is not a label: renaming it would create another series.

    The host distinguishes it, so it needs no account.
    """
    labels = _labels(
        region=entry["region"],
        api_version=entry["api_version"],
        instance_id=entry["instance_id"],
        host=entry["host"],
    )
    for outcome in OUTCOMES:
        yield "instance_outcome", labels + _labels(outcome=outcome), int(outcome == entry["outcome"])
    for verdict in entry["rules"]:
        yield from _verdict(verdict, labels)
    # An incomplete listing proves nothing: its oldest backup may not be the oldest.
    if entry["complete"]:
        yield from _facts(entry, labels)
    # Restore tests do not depend on the listing.
    yield from _tests(entry["restore_tests"], labels)


def _tests(tests: RestoreTests | None, labels: str) -> Iterator[Sample]:
    if tests and tests["passed"]:
        yield "restore_test_passed_timestamp_seconds", labels, _unix(tests["passed"]["evaluated_at"])
        yield "restore_seconds", labels, tests["passed"]["restore_seconds"]
    if tests and tests["failed"]:
        yield "restore_test_failed_timestamp_seconds", labels, _unix(tests["failed"]["evaluated_at"])


def _verdict(verdict: RuleVerdict, labels: str) -> Iterator[Sample]:
    rule, outcome = verdict["rule"], waivers.counted(verdict)
    if outcome != "pass":
        yield "rule_outcome", labels + _labels(rule=rule, outcome=outcome), 1
    if verdict["waiver"]:
        yield "waiver_expires_timestamp_seconds", labels + _labels(rule=rule), _unix(verdict["waiver"]["expires"])
    # If a rule does not apply or is unknown, an alert must not take the fact for a failure.
    if rule in _LIMITS and verdict["outcome"] in ("pass", "fail"):
        name, more = _LIMITS[rule]
        yield name, labels + _labels(**more), verdict["limit"]


def _facts(entry: InstanceEntry, labels: str) -> Iterator[Sample]:
    yield "usable_backups", labels, entry["usable"]
    if entry["oldest_usable"]:
        yield "oldest_usable_timestamp_seconds", labels, _unix(entry["oldest_usable"])
    newest: dict[str, str] = {}
    for row in entry["backups"]:
        if row["status"] in USABLE and row["start"]:
            # Times compare as texts: all are in UTC and have one form.
            newest[row["type"]] = max(newest.get(row["type"], ""), row["start"])
    for type_word, start in newest.items():
        yield "newest_usable_timestamp_seconds", labels + _labels(type=type_word), _unix(start)


def _unix(text: str) -> int:
    return int(from_iso(text).timestamp())


# An instance has about twenty series, and most of them have the same labels.
@functools.lru_cache(maxsize=1000)
def _labels(**labels: str) -> str:
    """Return labels as text, each after a comma: ``,region="ap-guangzhou"``."""
    return "".join(f',{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    text = _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


REPORT = Report(
    order=30,
    name="prometheus",
    file_name="metrics.prom",
    parts=parts,
    users="Prometheus, through node exporter's textfile collector",
    details="C(docs/alerts) of the collection has alert rules for it",
)
