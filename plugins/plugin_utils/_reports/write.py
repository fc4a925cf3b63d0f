# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a record and its reports. Private to this collection.

Each report is a function of the record alone, so that a stored record gives the same reports again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from .._record import record as _record
from .._record.model import Record, Stored
from . import atomic_file
from .registry import REPORTS
from .report_type import Report

#: ``(file name, parts of its text)``.
File = tuple[str, Iterable[str]]
#: ``({name: path}, warnings)`` of the files that were written.
Written = tuple[dict[str, str], list[str]]

#: The names of all files that an audit writes.
NAMES = ["record", *(report.name for report in REPORTS)]
DEFAULT_MODES = dict.fromkeys(NAMES, atomic_file.DEFAULT_MODE)


def parse_modes(value: object, option: str) -> dict[str, int]:
    """Return ``{name: mode}`` of an option with one mode for all files, or a dict of modes. Raises InvalidOption."""
    return atomic_file.parse_modes(value, NAMES, option)


def write_all(record: Record, folder: str, modes: Mapping[str, int] | None = None) -> Written:
    """Write the record and all reports to a folder, with ``{name: mode}`` or the default ones. Raises OSError.

    Returns ``({name: path}, warnings)``. If a file system doesn't support modes, the files are written, and there is a warning.
    """
    sha256 = hashlib.sha256()
    text = _record.hashed(_record.parts(record), sha256.update)
    files = {"record": (_record.FILE_NAME, text), **_rendered(record, sha256.hexdigest)}
    return _write(files, folder, modes or DEFAULT_MODES)


def write_reports(stored: Stored, folder: str, modes: Mapping[str, int] | None = None) -> Written:
    """Write all reports of a Stored record to a folder, as ``write_all`` does."""
    return _write(_rendered(stored.record, lambda: stored.sha256), folder, modes or DEFAULT_MODES)


def _rendered(record: Record, sha256: Callable[[], str]) -> dict[str, File]:
    """Return ``{name: (file name, parts)}`` of the reports."""
    return {report.name: (report.file_name, _parts(report, record, sha256)) for report in REPORTS}


def _parts(report: Report, record: Record, sha256: Callable[[], str]) -> Iterator[str]:
    """Yield the parts of a report's file. ``sha256()`` is called when it is written, after the record."""
    yield from report.parts(record, sha256()) if report.shows_hash else report.parts(record)


def _write(files: Mapping[str, File], folder: str, modes: Mapping[str, int]) -> Written:
    paths: dict[str, str] = {}
    others: dict[tuple[int, int], list[str]] = {}
    for name, (file, parts) in files.items():
        paths[name] = os.path.join(folder, file)
        found = atomic_file.write(paths[name], parts, modes[name])
        if found != modes[name]:
            others.setdefault((modes[name], found), []).append(file)
    return paths, [_other_mode(folder, wanted, found, written) for (wanted, found), written in others.items()]


def _other_mode(folder: str, wanted: int, found: int, written: Sequence[str]) -> str:
    return (
        f"the file system of {folder!r} does not support modes: {', '.join(written)} should have {wanted:04o} and "
        f"{'has' if len(written) == 1 else 'have'} {found:04o}. Set who may read them where that file system is mounted"
    )
