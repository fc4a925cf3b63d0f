# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the API's words to ours: codes, numbers, times, explicit keys. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Callable, TypedDict

from .._errors import BadResponse
from .._times import api_time_to_iso, parse_iso


class BackupRecord(TypedDict):
    """A backup. What the API doesn't say is None; times are ISO 8601 in UTC."""

    instance_id: str
    instance_name: str | None
    region: str
    backup_id: str
    #: One of TYPE_WORDS, and the API's own code.
    type: str
    type_code: str | None
    #: One of STATUS_WORDS, and the API's own code.
    status: str
    status_code: int | None
    #: Whether an instance can be restored from it.
    usable: bool
    locked: bool | None
    remark: str | None
    start_time: str | None
    end_time: str | None
    #: From when on the backup is gone, whatever its status says.
    expire_time: str | None
    size_bytes: int | None
    file_type: str | None
    encrypted: bool | None


#: The result's status codes, the same in both dialects. (The v3 filter's codes read alike and mean other things.)
STATUSES: dict[int | None, str] = {1: "locked", 2: "normal", 3: "exporting", 4: "exported", -1: "expired"}
#: Those from which an instance can be restored: while and after exporting, the backup itself exists.
USABLE = frozenset({"normal", "exporting", "exported"})
#: v2 sends words; v3 sent the same words once, and sends digits now.
TYPES: dict[str | None, str] = {
    "manualBackupInstance": "manual",
    "systemBackupInstance": "system",
    "0": "manual",
    "1": "system",
    "2": "spec_change",
}
#: There are no backups from before; and times at the end of the calendar can't be converted to another zone.
FIRST_YEAR, LAST_YEAR = 2010, 9998
STATUS_WORDS = (*STATUSES.values(), "unknown")
_INTEGER = re.compile(r"\s*-?\d{1,19}\s*", re.ASCII)
TYPE_WORDS = ("manual", "system", "spec_change", "unknown")


def as_int(value: object) -> int | None:
    """Return an int for an int or a text of digits (the API sends both), else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        # As many digits as a text may have. Larger ones are not plausible counts, and break calculations.
        return value if abs(value) < 10**19 else None
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def as_text(value: object) -> str | None:
    """Return a text as it is, a number as text, and None for anything else."""
    if isinstance(value, str):
        # Half of a character can be written in JSON and nowhere else.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def as_moment(value: object, zone: tzinfo) -> str | None:
    """Return a time in ISO 8601, or None: one from before the service existed, or from 9999, is not a fact.

    The first is some program's default, the other its "never": an end that is None never comes.
    """
    moment = api_time_to_iso(value, zone)
    return moment if moment and FIRST_YEAR <= int(moment[:4]) <= LAST_YEAR else None


def backup(
    row: Mapping[str, Any], fields: Mapping[str, str | None], zone: tzinfo, region: str, instance_id: str | None
) -> BackupRecord:
    """Return the record of one row of a listing.

    ``fields`` maps our key to the dialect's field name, or to None for what the dialect doesn't have; ``instance_id``
    and ``region`` stand in where the row doesn't say. Every field may be missing or null, except the backup's id,
    without which rows can't be distinguished.
    """
    # No row has the name None: what the dialect doesn't have is None.
    get: Callable[[Any], Any] = row.get
    backup_id = as_text(get(fields["backup_id"]))
    if not backup_id:
        raise BadResponse(f"a backup has no {fields['backup_id']}")
    type_code, status_code = as_text(get(fields["type_code"])), as_int(get(fields["status_code"]))
    status = STATUSES.get(status_code, "unknown")
    size = as_int(get(fields["size_bytes"]))
    locked, encrypted = as_int(get(fields["locked"])), get(fields["encrypted"])
    return {
        "instance_id": instance_id or as_text(get(fields["instance_id"])) or "",
        "instance_name": as_text(get(fields["instance_name"])),
        "region": as_text(get(fields["region"])) or region,
        "backup_id": backup_id,
        "type": TYPES.get(type_code, "unknown"),
        "type_code": type_code,
        "status": status,
        "status_code": status_code,
        "usable": status in USABLE,
        "locked": None if locked is None else locked != 0,
        "remark": as_text(get(fields["remark"])),
        "start_time": as_moment(get(fields["start_time"]), zone),
        "end_time": as_moment(get(fields["end_time"]), zone),
        "expire_time": as_moment(get(fields["expire_time"]), zone),
        "size_bytes": size if size is not None and size >= 0 else None,
        "file_type": as_text(get(fields["file_type"])),
        "encrypted": encrypted if isinstance(encrypted, bool) else None,
    }


def as_of(row: BackupRecord, now: datetime) -> BackupRecord:
    """Return a record as it counts at a moment: from its own ``expire_time`` on a backup is gone, whatever its status says.

    API 2.0 shows no such time. One that is still being made stays what it is.
    """
    if not row["usable"]:
        return row
    end = parse_iso(row.get("expire_time"))
    return row if end is None or end > now else {**row, "status": "expired", "usable": False}
