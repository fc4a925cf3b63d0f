# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a folder of restore tests for an audit. Private to this collection.

A test counts for its instance, whichever account's name it was made under. An unreadable file may be the record of a later test:
of the instance that its name contains or, if it contains none, of any instance.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import NamedTuple

from ...module_utils._errors import InvalidOption, plain
from .._policy.facts import Instance, Whose
from .._policy.restore_tests import Lookup, RestoreTest, RestoreTests
from . import latest
from .record import Record, instance_in

#: Each with the weakest last.
_CHECKSUMS, _SANDBOXES = ("verified", "absent"), ("bwrap", "user", "limits")
MAX_MESSAGE = 200
#: This is in the record of each instance, so it has no path; the warning has it.
_NO_FOLDER = "the folder of restore tests can't be read"


class Looked(NamedTuple):
    """``of`` returns what is known of an instance's tests. ``problems`` are sentences about what can't be read."""

    of: Lookup
    problems: list[str]


def look(folder: str, now: datetime) -> Looked:
    """Return what a folder of records says. If it is missing or can't be read, the tests of all instances are unknown."""
    problems: list[latest.Problem] = []
    try:
        if not os.path.isdir(folder):
            raise InvalidOption(f"there is no folder {folder!r}")
        tests = latest.last_tests(latest.records(folder, now, problems))
    except InvalidOption as error:
        return Looked(_Lookup({}, _NO_FOLDER, {}), [f"restore tests are not known: {error.reason}"])
    unread: dict[str | None, str] = {}
    for problem in problems:
        name = os.path.basename(problem.path)
        unread.setdefault(instance_in(name), f"{plain(name, 120)} can't be read")
    return Looked(_Lookup(tests, unread.pop(None, None), unread), [problem.message for problem in problems])


class _Lookup:
    def __init__(
        self,
        tests: dict[Instance, latest.LastTests],
        of_all: str | None,
        of_one: dict[str | None, str],
    ) -> None:
        self._tests, self._of_all, self._of_one = tests, of_all, of_one

    def __call__(self, region: Whose, instance_id: str) -> RestoreTests:
        last = self._tests.get(Instance(*region, instance_id))
        return {
            "problem": self._of_one.get(instance_id, self._of_all),
            "latest": _test(last.latest) if last else None,
            "passed": _test(last.passed) if last and last.passed else None,
            "failed": _test(last.failed) if last and last.failed else None,
        }


def _test(made: Record) -> RestoreTest:
    backup, files = made["backup"] or {}, made["files"]
    return {
        "id": made["id"],
        "evaluated_at": made["evaluated_at"],
        "outcome": made["outcome"],
        "code": made["code"],
        "message": plain(made["message"], MAX_MESSAGE),
        "backup_id": backup.get("backup_id"),
        "backup_start": backup.get("start_time"),
        "files": len(files),
        "size_bytes": made["size_bytes"],
        "key_count": made["key_count"],
        "servers": sorted({plain(file["server"]) for file in files if file["server"]}),
        "checksum": _weakest(files, "checksum", _CHECKSUMS),
        "created": _created(files),
        "sandbox": _weakest(files, "sandbox", _SANDBOXES),
        "seconds": made["seconds"],
        "restore_seconds": made["restore_seconds"],
        "wiped_at": made["wiped_at"],
    }


def _created(files: list[Record]) -> str | None:
    """Return whether the creation time of each file was compared with the backup, or None if no header was read."""
    times = [file["created_at"] for file in files if file["rdb_version"] is not None]
    return ("not_compared" if None in times else "compared") if times else None


def _weakest(files: list[Record], key: str, order: tuple[str, ...]) -> str | None:
    return max((file[key] for file in files if file[key]), key=order.index, default=None)
