# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether the record of a restore test follows from its own facts. Pure. Private to this collection.

A record that contradicts itself proves nothing. The record must match its schema. Each condition of a passed test is one entry of
PASSED: a record, written by any program, counts as passed only if all of them are met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Callable

from ...module_utils._times import from_iso, parse_iso, to_iso
from . import programs, rdb
from .choice import DOWNLOADABLE, last_begin
from .options import MAX_SECONDS, least_keys
from .outcomes import WORDS
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
    if made["expected"]["min_key_ratio"] is None and made["expected"]["baseline"] is not None:
        yield "it has the number of keys of an earlier test, and no ratio to compare with it"
    seconds = sum(made["seconds"][phase] for phase in RESTORE_PHASES)
    if abs(made["restore_seconds"] - seconds) > len(RESTORE_PHASES) * _ROUNDING:
        yield f"restore_seconds is {made['restore_seconds']}, and its phases give {seconds:.3f}"
    word = WORDS.get(made["code"] or "")
    if word and word.outcome != made["outcome"]:
        yield f"it is {made['outcome']}, and its code is {made['code']}"
    if made["outcome"] == "passed":
        yield from (f"it passed, and {said}" for check in PASSED.values() for said in check(made))


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


#: Returns what is said against a passed record, after "it passed, and".
Check = Callable[[Record], Iterable[str]]


def _message(made: Record) -> Iterator[str]:
    if made["message"]:
        yield "it gives a reason why it did not pass"


def _status(made: Record) -> Iterator[str]:
    if made["backup"]["status"] not in DOWNLOADABLE:
        yield f"its backup is {made['backup']['status']}, which can't be downloaded"


def _dated(made: Record) -> Iterator[str]:
    if made["backup"]["start_time"] is None or None in _window(made):
        yield "it is not known when its backup began, or its files may have been written"


def _began(made: Record) -> Iterator[str]:
    start, (first, _last) = _moment(made["backup"]["start_time"]), _window(made)
    # Both clocks may differ by as much as the window begins before the backup.
    if start and first and first > from_iso(made["started_at"]):
        yield f"its backup began at {to_iso(start)}, after the test"


def _within(made: Record) -> Iterator[str]:
    start, seconds = _moment(made["backup"]["start_time"]), made["selection"]["within_seconds"]
    if start and seconds is not None and start < from_iso(made["started_at"]) - timedelta(seconds=seconds):
        yield f"its backup began at {to_iso(start)}, more than {seconds} s before it"


def _window_of_backup(made: Record) -> Iterator[str]:
    """Yield a sentence if the times between which files may have been written are not those of the backup."""
    start, (first, last) = _moment(made["backup"]["start_time"]), _window(made)
    if not (start and first and last):
        return
    began = from_iso(made["started_at"])
    latest = last_begin(start, _moment(made["backup"]["end_time"]) or began, began)
    slack = start - first
    if not timedelta(0) <= slack <= timedelta(seconds=MAX_SECONDS) or not start <= last <= latest + slack:
        yield f"its files may be from {to_iso(first)} to {to_iso(last)}, which is not the time of its backup"


def _candidates(made: Record) -> Iterator[str]:
    if not made["selection"]["candidates"]:
        yield "there was no backup to select from"


def _seed(made: Record) -> Iterator[str]:
    if made["selection"]["by"] == "random" and made["selection"]["seed"] is None:
        yield "its backup was selected at random without a seed"


def _file_count(made: Record) -> Iterator[str]:
    if len(made["files"]) < made["expected"]["files"]:
        yield f"has {len(made['files'])} of {made['expected']['files']} files"


def _distinct(made: Record) -> Iterator[str]:
    # Empty shards may be equal.
    hashes = [file["sha256"] for file in made["files"] if file["key_count"]]
    if len(set(hashes)) < len(hashes):
        yield "the same file is there twice"


def _tested(made: Record) -> Iterator[str]:
    needed = ("sha256", "format", "checksum", "server", "sandbox")
    if any(file[key] is None for file in made["files"] for key in needed):
        yield "a file was not checked and loaded"


def _able(made: Record) -> Iterator[str]:
    for file in made["files"]:
        server = file["server"]
        if server is not None and not programs.can_read(server, file["format"] == "VALKEY", file["rdb_version"]):
            yield f"a file of version {file['rdb_version']} was loaded by {server!r}, which can't read it"


def _tried(made: Record) -> Iterator[str]:
    for file in made["files"]:
        if file["server"] in [tried["server"] for tried in file["tried"]]:
            yield f"a file was loaded by {file['server']}, which could not load it before"


def _created(made: Record) -> Iterator[str]:
    first, last = _window(made)
    for file in made["files"]:
        created = _moment(file["created_at"])
        if created is None and rdb.is_dated(file["format"] != "REDIS", file["rdb_version"]):
            yield f"a file of version {file['rdb_version']} has no creation time"
        if created and first and last and not first <= created <= last:
            yield f"a file was written at {to_iso(created)}, at another time than its backup"


def _offset(made: Record) -> Iterator[str]:
    start = _moment(made["backup"]["start_time"])
    for file in made["files"]:
        created, offset = _moment(file["created_at"]), file["start_offset_seconds"]
        expected = int((created - start).total_seconds()) if created and start else None
        if start and offset != expected:
            yield f"start_offset_seconds is {offset}, and the times give {expected}"


def _loaded(made: Record) -> Iterator[str]:
    for file in made["files"]:
        loaded = file["loaded"] + file["expired"]
        if loaded != file["key_count"]:
            yield f"{loaded} of {file['key_count']} keys were loaded or had expired"


def _by_database(made: Record) -> Iterator[str]:
    for file in made["files"]:
        # Keys with an expiry may expire between loading and counting.
        counted, loaded = sum(file["databases"].values()), file["loaded"]
        if not loaded - (file["expires"] or 0) <= counted <= loaded:
            yield f"its databases have {counted} of the {loaded} keys that were loaded"


def _sizes(made: Record) -> Iterator[str]:
    for file in made["files"]:
        if file["size_bytes"] <= file["key_count"]:
            yield f"a file of {file['size_bytes']} bytes has {file['key_count']} keys"


def _durations(made: Record) -> Iterator[str]:
    # Each starts a program.
    for phase in ("check", "load"):
        if not made["seconds"][phase]:
            yield f"the phase {phase} took no time"


def _key_count(made: Record) -> Iterator[str]:
    if made["key_count"] < made["expected"]["min_keys"]:
        yield f"has {made['key_count']} keys, and at least {made['expected']['min_keys']} were expected"


def _ratio(made: Record) -> Iterator[str]:
    ratio, baseline = made["expected"]["min_key_ratio"], made["expected"]["baseline"]
    if ratio is not None and baseline is not None and made["key_count"] < least_keys(ratio, baseline["key_count"]):
        least = least_keys(ratio, baseline["key_count"])
        yield f"has {made['key_count']} keys, and at least {least} were expected, by the earlier test"


def _databases(made: Record) -> Iterator[str]:
    found = {number for file in made["files"] for number, keys in file["databases"].items() if keys}
    if any(str(number) not in found for number in made["expected"]["databases"]):
        yield "an expected database is not there"


def _canary(made: Record) -> Iterator[str]:
    if made["expected"]["canary"] and not any(file["canary"] for file in made["files"]):
        yield "its canary was not found"


def _moment(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)


def _window(made: Record) -> tuple[datetime | None, datetime | None]:
    """Return between which times the files may have been written."""
    return _moment(made["expected"]["created_from"]), _moment(made["expected"]["created_to"])


#: ``{condition: check}``: what a passed test needs, each condition once. The order is that of the test.
PASSED: dict[str, Check] = {
    "no reason": _message,
    "a backup that can be downloaded": _status,
    "a dated backup": _dated,
    "a backup from before the test": _began,
    "a backup from within": _within,
    "the window of the backup": _window_of_backup,
    "a candidate": _candidates,
    "a seed": _seed,
    "each file": _file_count,
    "distinct files": _distinct,
    "checked and loaded files": _tested,
    "a server that can read them": _able,
    "a server that did not give up before": _tried,
    "files of the time of the backup": _created,
    "the offset of the files": _offset,
    "as many keys loaded as checked": _loaded,
    "as many keys by database as loaded": _by_database,
    "more bytes than keys": _sizes,
    "time": _durations,
    "enough keys": _key_count,
    "enough keys by the earlier test": _ratio,
    "the expected databases": _databases,
    "the canary": _canary,
}
