# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backup of an instance is tested, and when its file must have been written. Pure. Private to this collection."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ...module_utils._api.backups import BackupRecord, as_of
from ...module_utils._times import parse_iso
from .outcomes import NotPassed

SELECTIONS = ("newest", "oldest", "random")
#: The states in which a backup has a download address. A backup that is being exported may have none yet.
DOWNLOADABLE = frozenset({"normal", "exported"})
#: The maximum time from the start of a backup to that of its file. A file says when its save began, not when that ended, so it is
#: not as long as a backup may take.
MAX_DELAY = timedelta(hours=6)

#: The offsets of time zones from UTC are multiples of it, in seconds, and from -12 to +14 hours, in minutes.
_ZONE_STEP = 900
_MIN_ZONE, _MAX_ZONE = -720, 840
#: At a larger distance, which few zones have, the file is rather that of another backup. 14 hours.
_MAX_STEPS = 56
#: The number of seconds after the start, or by another clock before it, at which a save usually begins.
_ZONE_TOLERANCE = 180


class Choice(NamedTuple):
    """Which backup to test: by its id, or selected from those that began within ``within`` seconds. ``seed`` is for a random one."""

    backup_id: str | None = None
    select: str = "newest"
    within: int | None = None
    seed: str = ""


class Window(NamedTuple):
    """The first and last time when the file of a backup may have begun, and the start of the backup, in Unix seconds."""

    first: float
    last: float
    start: float


class Chosen(NamedTuple):
    """A backup, the number of candidates, and when its file may have begun."""

    backup: BackupRecord
    candidates: int
    created: Window


def choose(backups: Sequence[BackupRecord], choice: Choice, now: datetime, slack: int) -> Chosen:
    """Return the backup to test from a complete listing. Two clocks may differ by ``slack`` seconds. Raises NotPassed."""
    backups = [as_of(backup, now) for backup in backups]
    candidates = _by_id(backups, choice.backup_id) if choice.backup_id is not None else _eligible(backups, choice, now)
    backup = candidates[_place(choice, len(candidates))]
    if _start(backup) > now + timedelta(seconds=slack):
        raise NotPassed("dated_ahead")
    return Chosen(backup, len(candidates), _created(backup, backups, now, slack))


def _by_id(backups: Sequence[BackupRecord], backup_id: str) -> list[BackupRecord]:
    found = [backup for backup in backups if backup["backup_id"] == backup_id]
    if not found:
        raise NotPassed("backup_gone")
    if found[0]["status"] not in DOWNLOADABLE:
        raise NotPassed("backup_status", found[0]["status"])
    return found


def _eligible(backups: Sequence[BackupRecord], choice: Choice, now: datetime) -> list[BackupRecord]:
    """Return the backups that can be downloaded, oldest first. Raises NotPassed, also for one without a date: its place is unknown."""
    found = sorted(
        (backup for backup in backups if backup["status"] in DOWNLOADABLE),
        key=lambda backup: (_start(backup), backup["backup_id"]),
    )
    if choice.within is not None:
        begin = now - timedelta(seconds=choice.within)
        found = [backup for backup in found if _start(backup) >= begin]
    if not found:
        raise NotPassed("no_backup")
    return found


def _place(choice: Choice, count: int) -> int:
    """Return the index among ``count`` candidates, oldest first. The recorded seed lets anybody verify a random choice."""
    if choice.select == "random":
        return int(hashlib.sha256(choice.seed.encode()).hexdigest(), 16) % count
    return 0 if choice.select == "oldest" else count - 1


def _created(backup: BackupRecord, backups: Sequence[BackupRecord], now: datetime, slack: int) -> Window:
    """Return when the file of a backup may have begun. Without an end, as over API 2.0, the file began before the next backup."""
    start = _start(backup)
    later = [moment for moment in map(_moment, backups) if moment is not None and moment > start]
    end = parse_iso(backup["end_time"]) or min(later, default=now)
    began = start.timestamp()
    return Window(began - slack, last_begin(start, end, now).timestamp() + slack, began)


def last_begin(start: datetime, end: datetime, now: datetime) -> datetime:
    """Return when the file of a backup from ``start`` to ``end`` may have begun at the latest, if all clocks agree."""
    return max(start, min(end, now, start + MAX_DELAY))


def fitting_zone(distance: float, utc_offset: float) -> str | None:
    """Return the offset from UTC that puts the start of a backup at the time of its file, None if no time zone has it.

    ``distance`` is from the start to the file's time if the API's zone is ``utc_offset``; both in seconds.
    """
    steps = round(distance / _ZONE_STEP)
    minutes = round(utc_offset / 60) - steps * _ZONE_STEP // 60
    if not 1 <= abs(steps) <= _MAX_STEPS or not _MIN_ZONE <= minutes <= _MAX_ZONE:
        return None
    if abs(distance - steps * _ZONE_STEP) > _ZONE_TOLERANCE:
        return None
    return "{}{:02}:{:02}".format("-" if minutes < 0 else "+", *divmod(abs(minutes), 60))


def _start(backup: BackupRecord) -> datetime:
    moment = _moment(backup)
    if moment is None:
        raise NotPassed("undated")
    return moment


def _moment(backup: BackupRecord) -> datetime | None:
    return parse_iso(backup["start_time"])
