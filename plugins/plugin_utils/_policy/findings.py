# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule finds, and when doubts turn it into ``unknown``. Pure. Private to this collection.

A doubtful backup has no start, or an undocumented status or type. A rule of presence (there is a recent backup, there are enough)
might pass if it counted, so ``fail`` becomes ``unknown``. A rule of absence (none started outside the window) might fail if it
counted, so ``pass`` becomes ``unknown``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Union

from ...module_utils._times import say_duration
from .history import AnyBackup, BackupHistory

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"

#: Codes that several rules share: the rule is met; a doubtful backup may decide; a backup that the listing can't show may decide;
#: the instance is too young; there is no usable backup.
MET, UNCLEAR, HIDDEN, TOO_YOUNG, NONE = "met", "unclear", "hidden", "too_young", "none"
#: The actual value, in the unit of the limit; None if there is none.
Actual = Union[int, float, str, None]


class Finding(NamedTuple):
    """What a rule says of an instance: the outcome, the reason, the actual value, and a sentence with all of these and the limit.

    ``code`` is the reason in a word, which stays the same when the sentence is reworded.
    """

    outcome: str
    code: str
    actual: Actual
    message: str


def presence(
    history: BackupHistory,
    holds: bool,
    broken: str,
    actual: Actual,
    message: str,
    doubts: Sequence[AnyBackup],
    look_back: float = 0,
    young: bool = False,
) -> Finding:
    """Return the Finding of a rule that requires something to exist.

    ``holds`` says whether it exists, and ``broken`` is the code if it doesn't. ``doubts`` are doubtful backups that might be it.
    ``look_back`` is how many seconds back it may be. ``young`` means that the instance is too young to have it.
    """
    if holds:
        return Finding(PASS, MET, actual, message)
    if doubts:
        return Finding(UNKNOWN, UNCLEAR, actual, f"{message}: {doubt(doubts)}")
    if is_hidden(history, look_back):
        return Finding(UNKNOWN, HIDDEN, actual, f"{message}: {beyond(history)}")
    if young:
        return Finding(
            NOT_APPLICABLE,
            TOO_YOUNG,
            actual,
            f"{message}: the instance is {say_duration(history.age or 0)} old, too young",
        )
    return Finding(FAIL, broken, actual, message)


def absence(holds: bool, broken: str, actual: Actual, message: str, doubts: Sequence[AnyBackup]) -> Finding:
    """Return the Finding of a rule that forbids something.

    ``holds`` says whether it is absent, and ``broken`` is the code if it isn't. ``doubts`` are doubtful backups that might be it.
    """
    if holds and doubts:
        return Finding(UNKNOWN, UNCLEAR, actual, f"{message}: {doubt(doubts)}")
    return settled(holds, broken, actual, message)


def settled(holds: bool, broken: str, actual: Actual, message: str) -> Finding:
    """Return the Finding of a rule without doubts: pass if it ``holds``, else fail with the code ``broken``."""
    return Finding(PASS, MET, actual, message) if holds else Finding(FAIL, broken, actual, message)


def not_configured(history: BackupHistory, key: str) -> Finding:
    """Return the Finding of a rule on the configuration if that has no value for ``key``."""
    if history.config is None:
        return Finding(UNKNOWN, "config_not_read", None, "the backup configuration was not read")
    return Finding(UNKNOWN, "config_not_shown", None, str(history.config.get("error") or f"the API doesn't show {key}"))


def compared(found: str, seconds: float | None, limit: float) -> str:
    """Return ``found``, with the duration for its ``{}``, and the limit. Both are in seconds if they look equal and aren't."""
    if seconds is None:
        return f"{found}, limit {say_duration(limit)}"
    actual, wanted = say_duration(seconds), say_duration(limit)
    if actual == wanted and seconds != limit:
        actual, wanted = f"{seconds} s", f"{limit} s"
    return f"{found.format(actual)}, limit {wanted}"


def is_hidden(history: BackupHistory, look_back: float) -> bool:
    """Tell whether the listing can't show backups that started ``look_back`` seconds ago, and there may be such."""
    if history.horizon is None or (history.age is not None and history.age <= history.horizon):
        return False
    return look_back > history.horizon


def beyond(history: BackupHistory) -> str:
    """Return why backups may be hidden."""
    return f"the listing shows only the last {shown(history)}"


def shown(history: BackupHistory) -> str:
    """Return in words how far back a listing with a horizon shows backups."""
    return say_duration(history.horizon or 0)


def doubt(rows: Sequence[AnyBackup]) -> str:
    """Return in words what isn't known of doubtful backups, at least one."""
    undated = sum(row.start is None for row in rows)
    count, what = (undated, "a time that can't be read") if undated else (len(rows), "an undocumented status or type")
    return f"{count} of its backups {'has' if count == 1 else 'have'} {what}"


def in_progress(history: BackupHistory) -> str:
    """Return in words how long the newest backup in progress has taken; empty if there is none."""
    busy = [row for row in history.backups if row.status == "locked"]
    return f" (one in progress for {say_duration(history.seconds_since(busy[-1]))})" if busy else ""
