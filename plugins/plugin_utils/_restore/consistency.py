# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether the record of a restore test follows from its own facts. Pure. Private to this collection.

A record that contradicts itself proves nothing. The record must match its schema.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...module_utils._times import parse_iso, to_iso
from .options import least_keys
from .record import Record
from .run import RESTORE_PHASES

#: Seconds are rounded to milliseconds, each by itself.
_ROUNDING = 0.001


def contradiction(made: Record) -> str | None:
    """Return the first contradiction between a record and its own facts, as a sentence, or None."""
    return next(_all(made), None)


def _all(made: Record) -> Iterator[str]:
    yield from _times(made)
    for key in ("size_bytes", "key_count"):
        total = sum(file[key] or 0 for file in made["files"])
        if made[key] != total:
            yield f"{key} is {made[key]}, and its files give {total}"
    expected = made["expected"]
    if expected["min_key_ratio"] is None and expected["last_key_count"] is not None:
        yield "it has the number of keys of an earlier test, and no ratio to compare with it"
    seconds = sum(made["seconds"][phase] for phase in RESTORE_PHASES)
    if abs(made["restore_seconds"] - seconds) > len(RESTORE_PHASES) * _ROUNDING:
        yield f"restore_seconds is {made['restore_seconds']}, and its phases give {seconds:.3f}"
    if made["outcome"] == "passed":
        yield from _passed(made)


def _times(made: Record) -> Iterator[str]:
    for key in ("started_at", "evaluated_at", "wiped_at"):
        if made[key] is not None and made[key] != to_iso(parse_iso(made[key])):
            yield f"{key} is {made[key]}, which is not in the form of all records"
    # All times have one form, so they compare as texts.
    if made["evaluated_at"] < made["started_at"]:
        yield f"it ended at {made['evaluated_at']}, and began at {made['started_at']}"
    wiped = made["wiped_at"]
    if wiped and not made["started_at"] <= wiped <= made["evaluated_at"]:
        yield f"its data was removed at {wiped}, which is not while it ran"


def _passed(made: Record) -> Iterator[str]:
    """Yield each condition of a passed test that is not met."""
    files, expected = made["files"], made["expected"]
    if len(files) < (expected["files"] or 1):
        yield f"it passed with {len(files)} of {expected['files']} files"
    least = expected["min_keys"]
    if expected["min_key_ratio"] is not None and expected["last_key_count"] is not None:
        least = max(least, least_keys(expected["min_key_ratio"], expected["last_key_count"]))
    if made["key_count"] < least:
        yield f"it passed with {made['key_count']} keys, and at least {least} were expected"
    for file in files:
        loaded = file["loaded"] + file["expired"]
        if loaded != file["key_count"]:
            yield f"it passed, and {loaded} of {file['key_count']} keys were loaded or had expired"
        if any(file[key] is None for key in ("sha256", "checksum", "server", "sandbox")):
            yield "it passed, and a file was not checked and loaded"
        if sum(file["databases"].values()) > file["loaded"]:
            yield f"it passed, and its databases have more than the {file['loaded']} keys that were loaded"
    found = {number for file in files for number, keys in file["databases"].items() if keys}
    if any(str(number) not in found for number in expected["databases"]):
        yield "it passed, and an expected database is not there"
    if expected["canary"] and not any(file["canary"] for file in files):
        yield "it passed, and its canary was not found"
