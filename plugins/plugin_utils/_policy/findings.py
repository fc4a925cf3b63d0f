# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule finds, and what doubts make of it. Pure. Private to this collection.

A rule of presence (there is a recent backup, there are enough) cannot be broken by a backup that wasn't understood, but might be met
by it: its ``fail`` becomes ``unknown``. A rule of absence (none started outside the window) is the other way round: its ``pass`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Union

from ...module_utils._times import say_duration
from .history import AnyBackup, BackupHistory

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"

#: Codes of several rules: it holds; backups that may decide are not understood, or out of sight; the instance is too young; there
#: is no usable backup.
MET, UNCLEAR, HIDDEN, TOO_YOUNG, NONE = "met", "unclear", "hidden", "too_young", "none"
#: What was found, in the limit's unit; None for nothing.
Actual = Union[int, float, str, None]


class Finding(NamedTuple):
    """What a rule says of an instance: the outcome, why, what was found, and a sentence with all that and the limit.

    ``code`` says why in a word that stays when the sentence is improved.
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

    ``broken`` is the code where it isn't. ``doubts`` are backups that might be it, ``look_back`` is how far back it may be, and
    ``young`` says that the instance is too young to have it.
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
    """Return the Finding of a rule that something must not be there. ``doubts`` are backups that might be it."""
    if holds and doubts:
        return Finding(UNKNOWN, UNCLEAR, actual, f"{message}: {doubt(doubts)}")
    return settled(holds, broken, actual, message)


def settled(holds: bool, broken: str, actual: Actual, message: str) -> Finding:
    """Return the Finding of a rule that nothing puts in doubt."""
    return Finding(PASS, MET, actual, message) if holds else Finding(FAIL, broken, actual, message)


def not_configured(history: BackupHistory, key: str) -> Finding:
    """Return the Finding of a rule on the configuration where that lacks what it judges."""
    if history.config is None:
        return Finding(UNKNOWN, "config_not_read", None, "the backup configuration was not read")
    return Finding(UNKNOWN, "config_not_shown", None, str(history.config.get("error") or f"the API doesn't show {key}"))


def compared(found: str, seconds: float | None, limit: float) -> str:
    """Return what was found (``{}`` stands for the duration) and the limit; in seconds where words hide the difference."""
    if seconds is None:
        return f"{found}, limit {say_duration(limit)}"
    actual, wanted = say_duration(seconds), say_duration(limit)
    if actual == wanted and seconds != limit:
        actual, wanted = f"{seconds} s", f"{limit} s"
    return f"{found.format(actual)}, limit {wanted}"


def is_hidden(history: BackupHistory, look_back: float) -> bool:
    """Tell whether backups that started this many seconds ago may be hidden."""
    if history.horizon is None or (history.age is not None and history.age <= history.horizon):
        return False
    return look_back > history.horizon


def beyond(history: BackupHistory) -> str:
    """Say why backups are hidden."""
    return f"the listing shows the last {shown(history)} only"


def shown(history: BackupHistory) -> str:
    """Say how far back a listing with a horizon shows backups."""
    return say_duration(history.horizon or 0)


def doubt(rows: Sequence[AnyBackup]) -> str:
    """Say what isn't known of some backups."""
    undated = sum(row.start is None for row in rows)
    count, what = (undated, "a time that can't be read") if undated else (len(rows), "an undocumented status or type")
    return f"{count} of its backups {'has' if count == 1 else 'have'} {what}"


def in_progress(history: BackupHistory) -> str:
    """Say since when a backup is in progress, if one is."""
    busy = [row for row in history.backups if row.status == "locked"]
    return f" (one in progress for {say_duration(history.seconds_since(busy[-1]))})" if busy else ""
