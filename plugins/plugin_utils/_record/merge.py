# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Merges the records of slices into the record that one run over all of them would have written. Pure: ``now`` is a parameter.

Private to this collection. Verdicts are those of the slices, and were checked when the records were read. A slice that is missing, old or
passed twice is an error, and gives no record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from ...module_utils._errors import InvalidOption, plain
from ...module_utils._times import parse_iso, say_duration, to_iso
from .._coverage import coverage
from .._policy import waivers
from .._policy.history import MAX_AHEAD
from . import judge_again
from . import record as _record
from .model import Record, SliceEntry, Stored

#: The maximum number of seconds between the first and the last slice. With a run id it may be long, since some slices wait for a machine.
#: Without one it is short, so that a slice of an earlier run doesn't replace a missing one.
SPREAD, SPREAD_WITHOUT_RUN = 6 * 3600, 3600
#: ``{path: slices}``: a record that is merged already has several.
Leaves = Mapping[str, Sequence[SliceEntry]]
Shared = Literal["name", "run", "coverage_setting"]
#: Keys that are equal in all slices of an audit: ``{key: (its name in errors, the variable that sets it)}``.
_SHARED: dict[Shared, tuple[str, str]] = {
    "name": ("audit", "crs_backup_policy_name"),
    "run": ("run", "crs_backup_policy_run_id"),
    "coverage_setting": ("coverage", "crs_backup_policy_coverage"),
}


def merge(
    found: Mapping[str, Stored],
    now: datetime,
    slices: int,
    max_age: float,
    max_spread: float | None = None,
    min_hosts: int = 1,
) -> Record:
    """Return the record of ``{path: Stored}``. Raises InvalidOption, which names the option and the record.

    ``slices`` is the required number of slices, ``min_hosts`` the minimum number of instances. ``max_age`` is the maximum age of the
    oldest slice, ``max_spread`` the maximum time between the oldest and the newest, both in seconds.

    The merged record is as old as its oldest slice. Each instance keeps the time at which it was judged.
    """
    records = {path: stored.record for path, stored in found.items()}
    leaves: dict[str, list[SliceEntry]] = {
        path: stored.record["slices"] or [_leaf(stored)] for path, stored in found.items()
    }
    _check_number(leaves, slices)
    for key in _SHARED:
        _check_shared(records, key)
    first = next(iter(records.values()))
    if max_spread is None:
        max_spread = SPREAD if first["run"] else SPREAD_WITHOUT_RUN
    _check_moments(leaves, now, max_age, max_spread)
    _check_hosts(records)
    _check_instances(records, min_hosts)
    _check_once(leaves)
    parts = records.values()
    slices_of_it = sorted((leaf for those in leaves.values() for leaf in those), key=lambda leaf: tuple(leaf.values()))
    return _record.build(
        [entry for record in parts for entry in record["instances"]],
        {policy_id: values for record in parts for policy_id, values in record["policies"].items()},
        [listing for record in parts for listing in record["listings"]],
        coverage.join(parts, first["coverage_setting"] == "fail"),
        waivers.join(record["waivers"] for record in parts),
        min(_moment(record["evaluated_at"], "evaluated_at", path) for path, record in records.items()),
        max(_moment(record["finished_at"], "finished_at", path) for path, record in records.items()),
        judge_again.merged_id(slices_of_it),
        slices_of_it,
        audit_name=first["name"],
        run=first["run"],
        coverage_setting=first["coverage_setting"],
    )


def notes(record: Record) -> list[str]:
    """Return warnings of what a merged record may lack without a way to detect it."""
    if record["run"] or len(record["slices"]) < 2:
        return []
    return [
        "the slices have no run id, so a slice of an earlier run may replace one that failed: set "
        "crs_backup_policy_run_id to an id that all slices of a run share, such as that of the pipeline"
    ]


def _leaf(stored: Stored) -> SliceEntry:
    """Return the entry of a slice in the merged record. Its hash identifies the file."""
    record = stored.record
    return {
        "evaluated_at": record["evaluated_at"],
        "finished_at": record["finished_at"],
        "generator": record["generator"],
        "instances": len(record["instances"]),
        "complete": record["complete"],
        "sha256": stored.sha256,
    }


def _check_number(leaves: Leaves, slices: int) -> None:
    found = sum(map(len, leaves.values()))
    if found != slices:
        hint = "did one fail, or is its folder missing?" if found < slices else "is there one of another run?"
        raise InvalidOption(
            f"{found} slices are there and {slices} are expected (slices): {hint} There are {_all(leaves)}"
        )


def _check_shared(records: Mapping[str, Record], key: Shared) -> None:
    """Raise InvalidOption for slices of several audits, runs or settings: one of another run could replace a missing one."""
    values: dict[str | None, str] = {}
    for path, record in records.items():
        values.setdefault(record[key], path)
    if len(values) > 1:
        (first, its), (second, others) = [
            (path, "none" if value is None else repr(value)) for value, path in list(values.items())[:2]
        ]
        what, option = _SHARED[key]
        raise InvalidOption(
            f"record {first!r} is of the {what} {its} and {second!r} of {others}: merge the slices of one {what}, and set {option} to "
            "one value for all of them"
        )


def _check_moments(leaves: Leaves, now: datetime, max_age: float, max_spread: float) -> None:
    moments = sorted(
        (_moment(leaf["evaluated_at"], "evaluated_at", path), path) for path, found in leaves.items() for leaf in found
    )
    (oldest, first), (newest, last) = moments[0], moments[-1]
    if newest > now + MAX_AHEAD:
        raise InvalidOption(f"record {last!r} was judged at {to_iso(newest)}, in the future: check the clocks")
    age, spread = (now - oldest).total_seconds(), (newest - oldest).total_seconds()
    if age > max_age:
        raise InvalidOption(
            f"record {first!r} was judged {say_duration(age)} ago, but at most {say_duration(max_age)} are allowed "
            "(max_age): is it of an earlier run?"
        )
    if spread > max_spread:
        raise InvalidOption(
            f"record {first!r} was judged {say_duration(spread)} before {last!r}, and at most {say_duration(max_spread)} are "
            "allowed (max_spread): are they of one run?"
        )


def _moment(text: str, key: str, path: str) -> datetime:
    moment = parse_iso(text)
    if moment is None:
        raise InvalidOption(f"record {path!r} has {text!r} for {key}, which is not a valid time: copy the file again")
    return moment


def _check_hosts(records: Mapping[str, Record]) -> None:
    whose: dict[str, str] = {}
    for path, record in records.items():
        for entry in record["instances"]:
            other = whose.setdefault(entry["host"], path)
            if other != path:
                raise InvalidOption(
                    f"host {plain(entry['host'])} is in the records {other!r} and {path!r}: pass each slice of a run once"
                )


def _check_instances(records: Mapping[str, Record], min_hosts: int) -> None:
    hosts = [entry for record in records.values() for entry in record["instances"]]
    instances = _record.summary(hosts)["instances"]
    if instances < min_hosts:
        raise InvalidOption(
            f"the {len(hosts)} hosts in the records stand for {instances} instances, and at least {min_hosts} are expected (min_hosts): "
            f"is a slice smaller than it was? Hosts with the same crs_instance_id in a region are one instance. There are {_all(records)}"
        )


def _check_once(leaves: Leaves) -> None:
    """Raise InvalidOption for a slice that appears twice: it could replace a missing one."""
    whose: dict[str, str] = {}
    for path, found in leaves.items():
        for sha256 in (leaf["sha256"] for leaf in found):
            if sha256 in whose:
                raise InvalidOption(
                    f"the slice {sha256} is in the record {whose[sha256]!r} and again in {path!r}: pass each slice "
                    "of one run once"
                )
            whose[sha256] = path


def _all(paths: Iterable[str]) -> str:
    return ", ".join(repr(path) for path in paths) or "none"
