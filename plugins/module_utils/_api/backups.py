# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of backups: from the rows of both API versions to one form. Private to this collection.

Sources: the vendor's pages of GetRedisBackupList and DescribeInstanceBackups. Their contradictions are X3 to X10 in
``docs/development/api-traps.md``.
"""

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
    #: The time at which the backup is deleted. From then on it doesn't count, whatever its status says.
    expire_time: str | None
    size_bytes: int | None
    file_type: str | None
    encrypted: bool | None


#: Status codes of a result, the same in both API versions. (The filter of API 3.0 has the same numbers for other things.)
STATUSES: dict[int | None, str] = {1: "locked", 2: "normal", 3: "exporting", 4: "exported", -1: "expired"}
#: The statuses from which an instance can be restored: during and after an export, the backup still exists.
USABLE = frozenset({"normal", "exporting", "exported"})
#: API 2.0 sends words. API 3.0 used to send the same words, and now sends digits.
TYPES: dict[str | None, str] = {
    "manualBackupInstance": "manual",
    "systemBackupInstance": "system",
    "0": "manual",
    "1": "system",
    "2": "spec_change",
}
#: Earlier times are not plausible, and later ones can't be converted to every zone.
FIRST_YEAR, LAST_YEAR = 2010, 9998
STATUS_WORDS = (*STATUSES.values(), "unknown")
_INTEGER = re.compile(r"\s*-?\d{1,19}\s*", re.ASCII)
TYPE_WORDS = ("manual", "system", "spec_change", "unknown")


def as_int(value: object) -> int | None:
    """Return the int of an int or of a text of digits (the API sends both), of at most 19 digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        # As many digits as a text may have. Larger ones are not plausible counts, and break calculations.
        return value if abs(value) < 10**19 else None
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def as_text(value: object) -> str | None:
    """Return a text as it is, a number as text, and None for anything else."""
    if isinstance(value, str):
        # JSON can hold half of a surrogate pair, which UTF-8 can't.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def as_moment(value: object, zone: tzinfo) -> str | None:
    """Return a time of the API in ISO 8601 and UTC, or None if it can't be read or lies outside FIRST_YEAR to LAST_YEAR.

    An earlier time is a default of some program, a later one means "never". So None as an end means that there is none.
    """
    moment = api_time_to_iso(value, zone)
    return moment if moment and FIRST_YEAR <= int(moment[:4]) <= LAST_YEAR else None


def backup(
    row: Mapping[str, Any], fields: Mapping[str, str | None], zone: tzinfo, region: str, instance_id: str | None
) -> BackupRecord:
    """Return the record of one row of a listing.

    ``fields`` maps each key of a record to the field's name in this API version, or to None if it has no such field.
    ``zone`` is that of the row's times. ``instance_id`` is that of the query, or None in a sweep. ``region`` is used if the row has
    none. Every field may be missing or null, except the backup's id, without which rows can't be distinguished: BadResponse.
    """
    # For a field that this API version lacks, this is row.get(None), which is None.
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
    """Return the record as of ``now``: a usable backup whose ``expire_time`` has passed becomes expired and unusable.

    Any other record is returned unchanged. API 2.0 shows no ``expire_time``.
    """
    if not row["usable"]:
        return row
    end = parse_iso(row.get("expire_time"))
    return row if end is None or end > now else {**row, "status": "expired", "usable": False}
