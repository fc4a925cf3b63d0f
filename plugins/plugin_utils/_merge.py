# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One record of the records of slices, as one run over all of them would have written it. Pure; ``now`` is injected.

Private to this collection. Verdicts are taken as they are. A slice that is missing, old or there twice must not look
like a part of the whole: it is an error, and there is no record.
"""

from __future__ import annotations

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption, plain
from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_iso, say_duration
from ansible_collections.qcloud.crs.plugins.plugin_utils import _coverage, _record, _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._digest import digest


def merge(records, now, slices, max_age, max_spread, min_hosts=1):
    """Return the record of ``{path: record}``. Raises InvalidOption, which names the option and the record.

    ``slices`` is how many there have to be, ``min_hosts`` how many hosts at least; ``max_age`` and ``max_spread`` are
    the most seconds that a slice was judged ago, and apart from the others.

    The whole is as old as its oldest slice. Each instance keeps the moment at which it was judged.
    """
    leaves = {path: record["slices"] or [_leaf(record)] for path, record in records.items()}
    _check_number(leaves, slices)
    _check_name(records)
    _check_moments(leaves, now, max_age, max_spread)
    _check_hosts(records, min_hosts)
    _check_once(leaves)
    _check_coverage(records)
    parts = records.values()
    slices_of_it = sorted((leaf for found in leaves.values() for leaf in found), key=lambda leaf: tuple(leaf.values()))
    audited = [
        {**entry, "_policy": record["policies"][entry["policy"]]} for record in parts for entry in record["instances"]
    ]
    return _record.build(
        audited,
        [listing for record in parts for listing in record["listings"]],
        _coverage.join(
            [entry for record in parts for entry in record["coverage"]], {entry["instance_id"] for entry in audited}
        ),
        _waivers.join(record["waivers"] for record in parts),
        min(_moment(record, "evaluated_at", path) for path, record in records.items()),
        max(_moment(record, "finished_at", path) for path, record in records.items()),
        # The same slices are the same audit, however often they are merged.
        digest([leaf["sha256"] for leaf in slices_of_it])[:32],
        slices_of_it,
        _record.name(next(iter(parts))),
    )


def _leaf(record):
    """Return what a merged record says of one of its slices; the hash tells which record that was."""
    return {
        "evaluated_at": record["evaluated_at"],
        "finished_at": record["finished_at"],
        "generator": record["generator"],
        "instances": record["summary"]["instances"],
        "complete": record["complete"],
        "sha256": digest(record),
    }


def _check_number(leaves, slices):
    found = sum(len(one) for one in leaves.values())
    if found != slices:
        hint = "did one fail, or is its folder missing?" if found < slices else "is there one of another run?"
        raise InvalidOption(
            f"{found} slices are there and {slices} are expected (slices): {hint} There are {_all(leaves)}"
        )


def _check_name(records):
    """Refuse slices of several audits: what one of them lacks, another would stand in for."""
    names = {}
    for path, record in records.items():
        names.setdefault(_record.name(record), path)
    if len(names) > 1:
        (first, path), (second, other) = list(names.items())[:2]
        raise InvalidOption(
            f"record {path!r} is of the audit {first!r} and {other!r} of {second!r}: merge the slices of one audit, and "
            "set crs_backup_policy_name to one value for all of them"
        )


def _check_moments(leaves, now, max_age, max_spread):
    moments = sorted((_moment(leaf, "evaluated_at", path), path) for path, found in leaves.items() for leaf in found)
    (oldest, first), (newest, last) = moments[0], moments[-1]
    age, spread = (now - oldest).total_seconds(), (newest - oldest).total_seconds()
    if age > max_age:
        raise InvalidOption(
            f"record {first!r} was judged {say_duration(age)} ago, and at most {say_duration(max_age)} are allowed "
            "(max_age): is it of an earlier run?"
        )
    if spread > max_spread:
        raise InvalidOption(
            f"record {first!r} was judged {say_duration(spread)} before {last!r}, and at most {say_duration(max_spread)} are "
            "allowed (max_spread): are they of one run?"
        )


def _moment(entry, key, path):
    moment = parse_iso(entry[key])
    if moment is None:
        raise InvalidOption(f"record {path!r} has {entry[key]!r} for {key}, which is no time: take it once more")
    return moment


def _check_hosts(records, min_hosts):
    whose = {}
    for path, record in records.items():
        for entry in record["instances"]:
            other = whose.setdefault(entry["host"], path)
            if other != path:
                raise InvalidOption(
                    f"host {plain(entry['host'])} is in the records {other!r} and {path!r}: give each slice of one run once"
                )
    if len(whose) < min_hosts:
        raise InvalidOption(
            f"{len(whose)} hosts are in the records and at least {min_hosts} are expected (min_hosts): is a slice "
            f"smaller than it was? There are {_all(records)}"
        )


def _check_once(leaves):
    """Refuse a slice that is there twice, in place of one that is missing: two of them may differ in nothing but their ids."""
    whose = {}
    for path, found in leaves.items():
        for sha256 in (leaf["sha256"] for leaf in found):
            if sha256 in whose:
                raise InvalidOption(
                    f"the slice {sha256} is in the record {whose[sha256]!r} and once more in {path!r}: give each slice "
                    "of one run once"
                )
            whose[sha256] = path


def _check_coverage(records):
    """Refuse slices of which some looked for instances that nobody audits: the others' regions would seem covered."""
    looked = {bool(record["coverage"]): path for path, record in records.items() if record["listings"]}
    if len(looked) > 1:
        raise InvalidOption(
            f"record {looked[True]!r} has coverage and {looked[False]!r} has none: set crs_backup_policy_coverage to one "
            "value for all slices"
        )


def _all(paths):
    return ", ".join(repr(path) for path in paths) or "none"
