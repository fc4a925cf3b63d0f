# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule judges: the backups of an instance at a moment, with parsed times. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple, Union

from ...module_utils._api.backups import FIRST_YEAR, LAST_YEAR, USABLE, BackupRecord, as_of
from ...module_utils._times import parse_iso

#: How far after our own time a time of another machine may be, such as a backup's start or a record's judgement, since clocks
#: differ. The API allows requests five minutes.
MAX_AHEAD = timedelta(minutes=10)


class Backup(NamedTuple):
    """All facts of a backup that a verdict may depend on. The record has them, so that it can be judged again. ``size`` is in bytes."""

    start: datetime
    type: str
    status: str
    usable: bool
    remark: str
    size: int | None


class UndatedBackup(NamedTuple):
    """A Backup without a start: the API doesn't say it, or it can't be read."""

    type: str
    status: str
    usable: bool
    remark: str
    size: int | None
    start: None = None


AnyBackup = Union[Backup, UndatedBackup]


class BackupHistory:
    """One instance as the rules see it.

    ``backups`` are those with a start, oldest first. Of those with the same start, the smallest is last: which one is the newest
    is unknown, and the smallest is the worst case. ``undated`` are those without a start. ``horizon`` is how many seconds back the
    listing can show backups, or None for no limit. ``age`` is that of the instance in seconds, or None if it isn't known when it
    was created. ``interval`` is the number of seconds within which a new backup is expected, ``retention`` that of the policy's
    ``min_retention`` or None. ``config`` is the configuration of automatic backups, ``{"error": ...}``, or None if it wasn't read.
    ``restore_tests`` is what is known of restore tests, and ``test_interval`` the maximum age in seconds of the last one that passed.
    """

    def __init__(
        self,
        backups: Sequence[AnyBackup],
        now: datetime,
        zone: tzinfo,
        interval: int,
        horizon: int | None = None,
        created: datetime | None = None,
        retention: int | None = None,
        config: object = None,
        restore_tests: object = None,
        test_interval: int = 0,
    ) -> None:
        if now.tzinfo is None:
            raise TypeError("now has no zone")
        # In UTC, because Python subtracts two times of one zone by its wall clock, and ignores that clocks may change in between.
        self.now = now = now.astimezone(timezone.utc)
        self.zone = zone
        self.horizon = horizon
        # An instance whose creation lies in the future would otherwise stay too young for its rules.
        self.age = None if created is None or created > now + MAX_AHEAD else max(0.0, (now - created).total_seconds())
        self.interval = interval
        self.retention = retention
        self.config = config if isinstance(config, dict) else None
        self.restore_tests = restore_tests
        self.test_interval = test_interval
        self.undated = [row for row in backups if row.start is None]
        self.backups = sorted((row for row in backups if row.start is not None), key=_age_and_size)
        self._usable = [row for row in self.backups if row.usable]
        all_rows: list[AnyBackup] = [*self.backups, *self.undated]
        # Computed once: every rule needs it, and it is nearly always empty.
        self._unclear: list[AnyBackup] = [
            row
            for row in all_rows
            if row.status == "unknown" or (row.usable and (row.start is None or row.type == "unknown"))
        ]

    @property
    def ahead(self) -> Backup | None:
        """The newest backup if it is dated in the future, else None. Then a zone or clock is wrong, and so is every age."""
        newest = self.backups[-1] if self.backups else None
        return newest if newest and newest.start > self.now + MAX_AHEAD else None

    def usable(self, type_word: str | None = None) -> list[Backup]:
        """Return the usable backups of a type, or of all types, oldest first."""
        return self._usable if type_word is None else [row for row in self._usable if row.type == type_word]

    def doubtful(self, type_word: str | None = None) -> list[AnyBackup]:
        """Return the backups of which it isn't known whether they count: without a start, or with an undocumented status or type."""
        if type_word is None:
            return [row for row in self._unclear if row.status == "unknown" or row.start is None]
        return [row for row in self._unclear if row.type in (type_word, "unknown")]

    def seconds_since(self, row: Backup) -> int:
        """Return the seconds since a backup's start; 0 if it starts in the future."""
        return self.seconds_to(row.start)

    def seconds_to(self, moment: datetime) -> int:
        """Return the seconds from a moment to now; 0 if it is in the future."""
        return max(0, int((self.now - moment).total_seconds()))

    def local(self, row: Backup) -> datetime:
        """Return a backup's start in the policy's zone."""
        return row.start.astimezone(self.zone)


def parse_created(text: object) -> datetime | None:
    """Return the aware UTC datetime of an instance's creation, or None if it is not a time, or not from FIRST_YEAR to LAST_YEAR."""
    moment = parse_iso(text)
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def of_row(row: BackupRecord, now: datetime) -> AnyBackup:
    """Return the Backup of a record of ``crs_backup_info``, as of ``now`` (see ``as_of``)."""
    row = as_of(row, now)
    remark = row.get("remark") or ""
    return _backup(row["start_time"], row["type"], row["status"], row["usable"], remark, row.get("size_bytes"))


def of_entry(backup: Mapping[str, Any]) -> AnyBackup:
    """Return the Backup of a BackupEntry of an audit record."""
    status = backup["status"]
    usable, remark = status in USABLE, backup.get("remark", "")
    return _backup(backup["start"], backup["type"], status, usable, remark, backup["size"])


def _backup(start_time: object, type_word: str, status: str, usable: bool, remark: str, size: int | None) -> AnyBackup:
    start = parse_iso(start_time)
    if start is None:
        return UndatedBackup(type_word, status, usable, remark, size)
    return Backup(start, type_word, status, usable, remark, size)


def _age_and_size(row: Backup) -> tuple[datetime, bool, int]:
    return row.start, row.size is None, -(row.size or 0)
