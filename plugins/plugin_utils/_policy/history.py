# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule looks at: one instance's backups at one moment, with their times parsed. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple, Union

from ...module_utils._api.backups import FIRST_YEAR, LAST_YEAR, USABLE, BackupRecord, as_of
from ...module_utils._times import parse_iso

#: A backup may be dated so far ahead of us: clocks differ, and the API itself refuses more than five minutes.
MAX_AHEAD = timedelta(minutes=10)


class Backup(NamedTuple):
    """All the facts of a backup that a verdict may depend on, so that a record that has them can be judged again."""

    start: datetime
    type: str
    status: str
    usable: bool
    remark: str
    size: int | None


class UndatedBackup(NamedTuple):
    """The same of a backup whose start the API doesn't say, or not so that it can be read."""

    type: str
    status: str
    usable: bool
    remark: str
    size: int | None
    start: None = None


AnyBackup = Union[Backup, UndatedBackup]


class BackupHistory:
    """One instance as the rules see it.

    ``backups`` are those with a readable time, oldest first, and of those that started together the smallest last: which of them
    is the newest can't be known, and the smallest says the worst. ``undated`` are the others. ``horizon`` is how many
    seconds back the listing can show backups, None where the API doesn't say. ``age`` is the instance's, None where
    its creation isn't known. ``interval`` is the time in which a new backup is expected, by the policy's ``max_age``.
    ``restore_tests`` are what is known of those, and ``test_interval`` is how many seconds ago the last one that passed may have been.
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
        # In UTC, since Python subtracts two times of the same zone by its wall clock, whatever that did in between.
        self.now = now = now.astimezone(timezone.utc)
        self.zone = zone
        self.horizon = horizon
        # One that is created in the future would be too young for ever.
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
        # Every rule asks, and there is hardly ever one.
        self._unclear: list[AnyBackup] = [
            row
            for row in all_rows
            if row.status == "unknown" or (row.usable and (row.start is None or row.type == "unknown"))
        ]

    @property
    def ahead(self) -> Backup | None:
        """The newest backup if it is dated in the future: then the zone or a clock is wrong, and so is every age."""
        newest = self.backups[-1] if self.backups else None
        return newest if newest and newest.start > self.now + MAX_AHEAD else None

    def usable(self, type_word: str | None = None) -> list[Backup]:
        """Return the usable backups, of a type or of all, oldest first."""
        return self._usable if type_word is None else [row for row in self._usable if row.type == type_word]

    def doubtful(self, type_word: str | None = None) -> list[AnyBackup]:
        """Return the backups that might count if the API were clearer: no time, or an undocumented code."""
        if type_word is None:
            return [row for row in self._unclear if row.status == "unknown" or row.start is None]
        return [row for row in self._unclear if row.type in (type_word, "unknown")]

    def seconds_since(self, row: Backup) -> int:
        """Return the seconds since a backup's start; a start a little ahead of our clock is now."""
        return self.seconds_to(row.start)

    def seconds_to(self, moment: datetime) -> int:
        """Return the seconds from a moment to now; one a little ahead of our clock is now."""
        return max(0, int((self.now - moment).total_seconds()))

    def local(self, row: Backup) -> datetime:
        """Return a backup's start in the policy's zone."""
        return row.start.astimezone(self.zone)


def parse_created(text: object) -> datetime | None:
    """Return the aware UTC datetime of an instance's creation, or None: at the calendar's ends no zone can be applied."""
    moment = parse_iso(text)
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def of_row(row: BackupRecord, now: datetime) -> AnyBackup:
    """Return the Backup of a record of ``crs_backup_info``, as it counts at a moment."""
    row = as_of(row, now)
    remark = row.get("remark") or ""
    return _backup(row["start_time"], row["type"], row["status"], row["usable"], remark, row.get("size_bytes"))


def of_entry(backup: Mapping[str, Any]) -> AnyBackup:
    """Return the Backup of one of an audit record's."""
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
