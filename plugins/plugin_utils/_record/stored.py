# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds and reads stored records, each only if its verdicts follow from its own facts. Private to this collection."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NoReturn

from ...module_utils._errors import InvalidOption, plain
from ...module_utils._times import to_iso
from .._folders import leads_nowhere, walk
from .._policy.history import MAX_AHEAD
from . import judge_again
from . import record as _record
from . import schema as _schema
from .model import Record, Stored

#: The maximum size of a record in bytes. One of ten thousand instances has a twentieth of it.
MAX_BYTES = 1024**3

#: Keys that records of early versions lack: of the record itself, and of its entries. Such a record can't be judged again.
_TO_JUDGE_AGAIN, _LATER = ("run", "coverage_setting"), ("hosts", "code")


def find(paths: Iterable[str]) -> list[str]:
    """Return the paths of records, each file once: given files, and each ``audit-record.json`` at any depth of given folders."""
    found: list[str] = []
    for path in paths:
        found += _inside(path) if os.path.isdir(path) else [path]
    return list({os.path.realpath(path): path for path in found}.values())


def _inside(folder: str) -> list[str]:
    found: list[str] = []
    for parent, names in walk(folder, "a record"):
        for path in (os.path.join(parent, name) for name in names):
            if os.path.basename(path) == _record.FILE_NAME:
                found.append(path)
            elif leads_nowhere(path):
                raise InvalidOption(
                    f"{path!r} is a link that leads nowhere: if its target is a folder, that may hold a record"
                )
    return found


def read(path: str, now: datetime) -> Stored:
    """Return the record of a file, with its hash.

    Raises InvalidOption if the file can't be read, doesn't fit the schema of this version, is dated in the future, or if its verdicts don't
    follow from its own facts.
    """
    try:
        text = _load(path)
        record = json.loads(text.decode("utf-8"), parse_constant=_refuse)
        schema = record.get("schema") if isinstance(record, dict) else None
        if schema != _record.SCHEMA:
            raise InvalidOption(
                f"record {path!r} is of schema {plain(repr(schema), 60)}, and this version reads {_record.SCHEMA}"
            )
        fault = _schema.fault(record, _schema.of_records())
    except (OSError, ValueError) as error:
        raise InvalidOption(
            f"record {path!r} can't be read ({error}): give the path of an {_record.FILE_NAME}"
        ) from None
    except RecursionError:
        raise InvalidOption(
            f"record {path!r} can't be read (it is nested too deeply): give the path of an {_record.FILE_NAME}"
        ) from None
    if fault:
        _check_version(path, record, fault)
    else:
        _check_past(path, record, now)
        fault = judge_again.contradiction(record)
    if fault:
        raise InvalidOption(
            f"record {path!r} is not a valid record ({plain(fault)}): it was modified or truncated. Copy it again from its source, or "
            f"run the audit again{_other_version(record)}"
        )
    return Stored(record, hashlib.sha256(text).hexdigest())


def _check_version(path: str, record: Mapping[str, Any], fault: str) -> None:
    """Raise InvalidOption with a clearer reason if the ``fault`` is that an early version wrote the record."""
    missing = [key for key in _TO_JUDGE_AGAIN if key not in record]
    missing += [key for key in _LATER if fault.endswith(f": no {key}")]
    if missing:
        raise InvalidOption(
            f"record {path!r} is of an earlier version of this collection (it has no {missing[0]}), which did not store all that "
            "is needed to judge it again: run the audit again"
        )


def _check_past(path: str, record: Record, now: datetime) -> None:
    moments = [part["evaluated_at"] for part in (record, *record["slices"], *record["instances"])]
    judged = max(*moments, record["finished_at"])
    if judged > to_iso(now + MAX_AHEAD):
        # Until then, checks of the age of the last audit would pass.
        raise InvalidOption(f"record {path!r} was judged at {judged}, in the future: check the clocks")


def _other_version(record: Mapping[str, Any]) -> str:
    """Return the remedy to add if another version of the collection wrote the record, else an empty text."""
    wrote = record.get("generator")
    if wrote == _record.GENERATOR or not isinstance(wrote, str):
        return ""
    return f", or read it with the version that wrote it ({plain(wrote, 60)}; this is {_record.GENERATOR})"


def _load(path: str) -> bytes:
    """Return the bytes of a file. Raises OSError and ValueError."""
    if os.path.exists(path) and not os.path.isfile(path):
        # Reading from a pipe may wait for ever, and a device may have no end.
        raise ValueError("it is not a regular file")
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES} bytes, too large for a record")
        return file.read()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")
