# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a restore test: what was tested, how, and the result. Private to this collection.

It contains no address, no name or value of a key, and no output of a program.
"""

from __future__ import annotations

import functools
import json
import math
import os
import re
from datetime import datetime, timezone
from typing import Any, NamedTuple
from uuid import uuid4

from ...module_utils._errors import CrsError
from ...module_utils._times import parse_iso, to_iso
from ...module_utils._version import VERSION
from .choice import Chosen
from .options import Options
from .run import Report
from .space import total_memory

SCHEMA = "qcloud.crs/restore-test-record/1"
GENERATOR = f"qcloud.crs {VERSION}"
#: The prefix of the names of files with records.
PREFIX = "restore-test-"
#: How ``file_name`` names files.
_NAME = re.compile(rf"{PREFIX}([A-Za-z0-9][A-Za-z0-9_-]*)-[0-9TZ]+-[0-9a-f]{{8}}\.json")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
#: The end of the year 9999, where the calendar ends.
_MAX_SECONDS = 253402300800
_SCHEMA_PATH = os.path.join(os.path.dirname(__file__), "restore-test-record.schema.json")

Record = dict[str, Any]


class Origin(NamedTuple):
    """Which instance was tested, and where."""

    instance_id: str
    account: str | None
    region: str
    api_version: str
    endpoint: str


class Asked(NamedTuple):
    """What was required of the chosen backup; ``files`` is how many files it must have, None if not known."""

    options: Options
    files: int | None
    chosen: Chosen | None


def build(origin: Origin, asked: Asked, report: Report, error: CrsError | None, began: datetime) -> Record:
    """Return the record of a test that is over."""
    # If the clock was set back, the record must not contradict itself, since it would be ignored.
    now = max(began, datetime.now(timezone.utc))
    found = report.as_dict()
    return {
        "schema": SCHEMA,
        "generator": GENERATOR,
        "id": uuid4().hex,
        **origin._asdict(),
        "started_at": to_iso(began),
        "evaluated_at": to_iso(now),
        "outcome": found["outcome"],
        "code": found["word"],
        "message": found["message"],
        "error": error and error.as_dict(),
        "backup": asked.chosen and _backup(asked.chosen),
        "selection": _selection(asked),
        "expected": _expected(asked),
        "files": [_file(file, asked.chosen) for file in found["files"]],
        "size_bytes": sum(file.get("size", 0) for file in found["files"]),
        "key_count": found["keys"],
        "seconds": found["seconds"],
        "restore_seconds": found["restore_seconds"],
        # A test whose data can't be removed has no record: it fails, whatever it found.
        "wiped_at": to_iso(now) if report.wiped else None,
        "machine": {"cores": os.cpu_count(), "memory_bytes": total_memory()},
    }


def _backup(chosen: Chosen) -> Record:
    wanted = ("backup_id", "type", "status", "start_time", "end_time", "expire_time", "size_bytes", "file_type")
    backup: Record = {**chosen.backup}
    return {name: backup[name] for name in (*wanted, "encrypted")}


def _selection(asked: Asked) -> Record:
    choice = asked.options.choice
    return {
        "by": "id" if choice.backup_id is not None else choice.select,
        "within_seconds": choice.within,
        "seed": choice.seed or None,
        "candidates": asked.chosen.candidates if asked.chosen else None,
    }


def _expected(asked: Asked) -> Record:
    expected = asked.options.expected
    return {
        "files": asked.files,
        "min_keys": expected.min_keys,
        "min_key_ratio": asked.options.key_ratio,
        # Null with a ratio: the keys were not compared, since no earlier test passed.
        "baseline": asked.options.baseline and asked.options.baseline._asdict(),
        "databases": list(expected.databases),
        # Only whether there was one: the name of the key stays secret.
        "canary": expected.canary is not None,
        # Times of files are whole seconds.
        "created_from": asked.chosen and to_iso(_moment(math.ceil(asked.chosen.created[0]))),
        "created_to": asked.chosen and to_iso(_moment(math.floor(asked.chosen.created[1]))),
    }


def _file(facts: Record, chosen: Chosen | None) -> Record:
    """Return what is known of a file. If the test ended early, more values are None."""
    created, writer = _moment(facts.get("created")), facts.get("writer") or ""
    start = parse_iso(chosen.backup["start_time"]) if chosen else None
    return {
        "size_bytes": facts.get("size"),
        "sha256": facts.get("sha256"),
        "format": facts.get("format"),
        "rdb_version": facts.get("version"),
        # The file says this itself, so it may be any text.
        "writer": writer if _VERSION.fullmatch(writer) else None,
        "created_at": to_iso(created),
        "start_offset_seconds": int((created - start).total_seconds()) if created and start else None,
        "used_memory_bytes": facts.get("used_memory"),
        "checksum": facts.get("checksum"),
        "tried": facts.get("tried", []),
        "server": facts.get("server"),
        "sandbox": facts.get("sandbox"),
        "key_count": facts.get("keys"),
        "expires": facts.get("expires"),
        "loaded": facts.get("loaded"),
        "expired": facts.get("expired"),
        "databases": {str(number): keys for number, keys in facts.get("databases", {}).items()},
        "canary": facts.get("canary"),
    }


def _moment(seconds: int | None) -> datetime | None:
    """Return the moment of Unix seconds, None if they are invalid: the file may say any number."""
    if seconds is None or not 0 <= seconds < _MAX_SECONDS:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc)


def instance_in(name: str) -> str | None:
    """Return the instance id in the name of a record's file, None if it is not such a name."""
    found = _NAME.fullmatch(name)
    return found[1] if found else None


def file_name(made: Record) -> str:
    """Return the name of a record's file, which no other record has."""
    moment = re.sub(r"[^0-9TZ]", "", made["evaluated_at"])
    return f"{PREFIX}{made['instance_id']}-{moment}-{made['id'][:8]}.json"


def sentence(made: Record) -> str:
    """Return a sentence about a test that did not pass."""
    backup = made["backup"]
    which = f"backup {backup['backup_id']} of {backup['start_time']}" if backup else "no backup"
    said = f"{made['instance_id']} in {made['region']}: restore test {made['outcome']}, {made['code']}"
    return f"{said} ({which}): {made['message']}"


@functools.cache
def schema() -> Record:
    with open(_SCHEMA_PATH, encoding="utf-8") as file:
        found: Record = json.load(file)
        return found
