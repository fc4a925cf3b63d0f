# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules: each a pure function from a BackupHistory and a limit to a Finding, and its entry. Private to this collection.

Limits are inclusive. A new rule is a function and an entry here, and a file of tests; then ``make entries``.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ...module_utils._api.backups import as_int
from ...module_utils._times import MAX_DURATION_SECONDS, say_duration
from . import limits, restore_tests
from .findings import (
    FAIL,
    HIDDEN,
    MET,
    NONE,
    NOT_APPLICABLE,
    PASS,
    TOO_YOUNG,
    UNCLEAR,
    UNKNOWN,
    Finding,
    absence,
    beyond,
    compared,
    doubt,
    in_progress,
    is_hidden,
    not_configured,
    presence,
    settled,
    shown,
)
from .history import AnyBackup, Backup, BackupHistory
from .rule_type import Limits, Rule, Text, may_be_unknown, never_holds

#: All rules by name, in the order in which their verdicts come.
RULES: dict[str, Rule[Any]] = {}

_DAY_SECONDS = 86400
_WEEK_DAYS = frozenset(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
#: More than a hundred years is not a plausible number of days.
_MAX_RETENTION_DAYS = 36500
#: Minimum number of earlier backups: a sudden change needs something to compare with.
_MIN_SIZES = 3
_UNSIZED = "the API doesn't show the sizes that are needed"
#: The maximum number of characters of a remark that are searched. Remarks of the API are far shorter.
MAX_REMARK = 4096


def _the_limit(limit: int, _limits: Limits) -> int:
    """Return the look-back, in seconds, of a rule that looks back as far as its limit."""
    return limit


def _needs_slack(limit: int) -> str | None:
    if limit > _DAY_SECONDS:
        return None
    return "automatic backups start once a day: the rule will fail every day until the new one is made; allow some slack, such as 26h"


def max_age(history: BackupHistory, limit: int, type_word: str | None = None) -> Finding:
    rows = history.usable(type_word)
    kind = f"usable {type_word} backup" if type_word else "usable backup"
    age = history.seconds_since(rows[-1]) if rows else None
    holds = age is not None and age <= limit
    found = f"newest {kind} started {{}} ago" if rows else f"no {kind}"
    message = compared(found + ("" if holds else in_progress(history)), age, limit)
    doubts = [row for row in history.doubtful(type_word) if row.start is None or history.seconds_since(row) <= limit]
    broken = "exceeded" if rows else NONE
    return presence(
        history,
        holds,
        broken,
        age,
        message,
        doubts,
        look_back=limit,
        young=history.age is not None and history.age < limit,
    )


RULES["max_age"] = Rule(
    limits.DURATION,
    max_age,
    "high",
    Text(
        "Maximum age of the newest usable backup",
        of_role=("Automatic backups start once a day, so allow some slack.",),
    ),
    default="26h",
    look_back=_the_limit,
    caution=_needs_slack,
)
_DEFAULT_INTERVAL = limits.duration(RULES["max_age"].default, "max_age")


def interval(policy_limits: Limits) -> int:
    """Return the seconds in which a policy expects a new backup."""
    seconds: int = policy_limits.get("max_age", _DEFAULT_INTERVAL)
    return seconds


def max_age_system(history: BackupHistory, limit: int) -> Finding:
    return max_age(history, limit, "system")


RULES["max_age_system"] = Rule(
    limits.DURATION,
    max_age_system,
    "high",
    Text("Maximum age of the newest usable system backup"),
    look_back=_the_limit,
    caution=_needs_slack,
)


def max_age_manual(history: BackupHistory, limit: int) -> Finding:
    return max_age(history, limit, "manual")


RULES["max_age_manual"] = Rule(
    limits.DURATION,
    max_age_manual,
    "medium",
    Text("Maximum age of the newest usable manual backup"),
    look_back=_the_limit,
)


def min_usable(history: BackupHistory, limit: int) -> Finding:
    count, doubts = len(history.usable()), history.doubtful()
    message = f"{count} usable {'backup' if count == 1 else 'backups'}{in_progress(history)}, limit {limit}"
    # How many backups can have been made by now.
    due = limit if history.age is None else min(limit, int(history.age // history.interval))
    curable = doubts if count + len(doubts) >= due else []
    reach = look_back_of_usable(due, history.interval)
    return presence(
        history, count >= limit, "too_few", count, message, curable, look_back=reach, young=due < limit and count >= due
    )


def look_back_of_usable(count: int, interval: int) -> int:
    """Return how many seconds back ``count`` backups reach, with one per interval. An interval of a day or longer counts in whole days."""
    return count * (interval if interval < _DAY_SECONDS else interval // _DAY_SECONDS * _DAY_SECONDS)


def _look_back_of_usable(limit: int, policy_limits: Limits) -> int:
    # At most as far as a rule with a duration can look.
    return min(look_back_of_usable(limit, interval(policy_limits)), MAX_DURATION_SECONDS)


RULES["min_usable"] = Rule(
    limits.COUNT,
    min_usable,
    "critical",
    Text(
        "Minimum number of usable backups, a whole number from 1 to 10000",
        details=(
            "The look-back is this number times O(max_age), or times one day without it. An O(max_age) of a day or longer is "
            "rounded down to whole days. V(unknown) if fewer are found and the look-back exceeds what the API shows, for example "
            "more than seven days with API 2.0.",
        ),
        of_role=("A new instance needs only as many as could exist by now, with one backup per O(max_age).",),
    ),
    default=1,
    look_back=_look_back_of_usable,
)


def min_retention(history: BackupHistory, limit: int) -> Finding:
    rows = history.usable()
    age = history.seconds_since(rows[0]) if rows else None
    message = compared("oldest usable backup started {} ago" if rows else "no usable backup", age, limit)
    doubts = [row for row in history.doubtful() if row.start is None or history.seconds_since(row) >= limit]
    # The first backup is made up to an interval after the instance: the oldest can't be older than this.
    due = limit if history.age is None else min(limit, int(history.age) - history.interval)
    young = due < limit and (age or 0) >= due
    holds, broken = age is not None and age >= limit, "too_short" if rows else NONE
    return presence(history, holds, broken, age, message, doubts, look_back=limit, young=young)


def _retention_flaps(limit: int) -> str | None:
    if not 6 * _DAY_SECONDS < limit <= 7 * _DAY_SECONDS:
        return None
    return (
        "automatic backups are deleted after 7d, one a day: the oldest is younger than that for part of each day; allow some "
        "slack, such as 6d"
    )


RULES["min_retention"] = Rule(
    limits.DURATION,
    min_retention,
    "medium",
    Text(
        "Minimum age of the oldest usable backup",
        of_role=(
            "This proves that the retention is met, not just configured.",
            "By default, the vendor deletes automatic backups after seven days, so V(7d) would fail until the next one is made.",
            "A new instance needs a backup that is as old as the instance minus O(max_age).",
        ),
    ),
    default="6d",
    look_back=_the_limit,
    beyond=never_holds,
    caution=_retention_flaps,
)
#: How many seconds back max_gap looks if the policy has no min_retention.
_DEFAULT_RETENTION = limits.duration(RULES["min_retention"].default, "min_retention")


def retention_configured(history: BackupHistory, limit: int) -> Finding:
    days = None if history.config is None else as_int(history.config.get("retention_days"))
    if days is None or not 0 <= days <= _MAX_RETENTION_DAYS:
        return not_configured(history, "retention_days")
    message = f"automatic backups are retained for {days}d by configuration, limit {say_duration(limit)}"
    return settled(days * _DAY_SECONDS >= limit, "too_short", days * _DAY_SECONDS, message)


RULES["retention_configured"] = Rule(
    limits.DURATION,
    retention_configured,
    "medium",
    Text("Minimum configured retention of automatic backups"),
    config=True,
    only_v3=True,
)


def auto_backup(history: BackupHistory, _limit: bool) -> Finding:
    week_days = None if history.config is None else history.config.get("week_days")
    if not isinstance(week_days, (list, tuple)):
        return not_configured(history, "week_days")
    count = len({str(day) for day in week_days} & _WEEK_DAYS)
    message = f"automatic backup is configured for {count} of 7 days a week"
    return settled(count == 7, "not_every_day", count, message)


RULES["auto_backup"] = Rule(
    limits.FLAG,
    auto_backup,
    "high",
    Text("If V(true), automatic backup must be configured for every day"),
    config=True,
    only_v3=True,
)


def daily(history: BackupHistory, limit: int) -> Finding:
    today = history.now.astimezone(history.zone).date()
    days = [today - timedelta(days=back) for back in range(1, limit + 1)]
    if history.age is not None:
        # On the day of its creation, an instance may have missed the backup window.
        born = (history.now - timedelta(seconds=history.age)).astimezone(history.zone).date()
        days = [day for day in days if day > born]
    if not days:
        return Finding(NOT_APPLICABLE, TOO_YOUNG, None, "the instance has no completed day yet")
    made = {history.local(row).date() for row in history.usable()}
    missing = [day for day in days if day not in made]
    listed = ", ".join(str(day) for day in sorted(missing)[:5]) + (", ..." if len(missing) > 5 else "")
    message = f"usable backups on {len(days) - len(missing)} of the last {len(days)} completed days" + (
        f", none on {listed}" if missing else ""
    )
    doubts = [row for row in history.doubtful() if row.start is None or history.local(row).date() in missing]
    shown = history.now - timedelta(seconds=history.horizon) if history.horizon is not None else None
    hidden = [day for day in missing if shown and datetime.combine(day, datetime.min.time(), history.zone) < shown]
    found = len(days) - len(missing)
    if missing and not doubts and len(hidden) == len(missing):
        return Finding(UNKNOWN, HIDDEN, found, f"{message}: {beyond(history)}")
    curable = doubts if len(doubts) + len(hidden) >= len(missing) else []
    return presence(history, not missing, "missing", found, message, curable)


def _completed_days(limit: int, _limits: Limits) -> int:
    # The first of the completed days began up to a day earlier.
    return (limit + 1) * _DAY_SECONDS


def _holds_at_times(_limits: Limits, _horizon: float) -> str:
    return "it is unknown there, at least for a part of each day"


RULES["daily"] = Rule(
    limits.DAYS,
    daily,
    "medium",
    Text("Number of completed days, from 1 to 366, that must each have a usable backup, in O(timezone)"),
    look_back=_completed_days,
    beyond=_holds_at_times,
)


def max_gap(history: BackupHistory, limit: int) -> Finding:
    rows = history.usable()
    young = history.age is not None and history.age < limit
    if not rows:
        message = f"no usable backup{in_progress(history)}, limit {say_duration(limit)}"
        return presence(history, False, NONE, None, message, history.doubtful(), look_back=limit, young=young)
    span = history.retention or _DEFAULT_RETENTION
    since = history.now - timedelta(seconds=span)
    moments = [row.start for row in rows] + [max(history.now, rows[-1].start)]
    # Never empty: the last gap ends now, or at a backup that is slightly ahead of our clock.
    gaps = [(later - earlier, later) for earlier, later in zip(moments, moments[1:]) if later > since]
    widest, until = max(gaps)
    seconds = int(widest.total_seconds())
    holds = seconds <= limit
    ended = "now" if until == moments[-1] else f"{until.astimezone(history.zone):%Y-%m-%d %H:%M}"
    message = compared(f"largest gap between usable backups is {{}}, until {ended}", seconds, limit)
    # A gap that began before ``since`` and ends after it counts in full.
    began = min(earlier for earlier, later in zip(moments, moments[1:]) if later > since)
    doubts = [row for row in history.doubtful() if row.start is None or row.start > began]
    # If the oldest usable backup is within the span, an unclear one long before it may show another gap.
    open_begin = rows[0].start > since
    older = [
        row for row in history.doubtful() if row.start is None or (rows[0].start - row.start).total_seconds() > limit
    ]
    if holds and open_begin and older:
        return Finding(UNKNOWN, UNCLEAR, seconds, f"{message}: {doubt(older)}")
    if holds and is_hidden(history, math.inf if open_begin else span):
        # Without min_retention, the retention is unknown: a short one looks like a gap before the oldest backup.
        remedy = "" if history.retention else ": set min_retention to the actual retention"
        return Finding(UNKNOWN, HIDDEN, seconds, f"{message}: {beyond(history)}{remedy}")
    return presence(history, holds, "exceeded", seconds, message, doubts)


def _span_of_gaps(policy_limits: Limits) -> int:
    seconds: int = policy_limits.get("min_retention", _DEFAULT_RETENTION)
    return seconds


def _gap_and_span(limit: int, policy_limits: Limits) -> int:
    return max(limit, _span_of_gaps(policy_limits))


def _gaps_beyond(policy_limits: Limits, horizon: float) -> str:
    says = may_be_unknown if _span_of_gaps(policy_limits) <= horizon else never_holds
    return says(policy_limits, horizon)


RULES["max_gap"] = Rule(
    limits.DURATION,
    max_gap,
    "medium",
    Text(
        "Maximum time between two successive usable backups, and between the newest one and now, within O(min_retention), or six "
        "days without it"
    ),
    look_back=_gap_and_span,
    beyond=_gaps_beyond,
    caution=_needs_slack,
)


def window(history: BackupHistory, limit: limits.Window) -> Finding:
    rows = [row for row in history.backups if row.type == "system"]
    doubts: list[AnyBackup] = [row for row in history.undated if row.type in ("system", "unknown")]
    doubts += [row for row in history.backups if row.type == "unknown" and not _within(history, row, limit)]
    if not rows and not doubts:
        return Finding(NOT_APPLICABLE, NONE, None, "no system backup to judge")
    outside = [row for row in rows if not _within(history, row, limit)]
    starts = sorted({f"{history.local(row):%H:%M}" for row in outside})
    message = f"{len(rows) - len(outside)} of {len(rows)} system backups started within {limit.text}" + (
        f", others at {', '.join(starts[:5])}" if starts else ""
    )
    return absence(not outside, "outside", starts[0] if starts else None, message, doubts)


def _within(history: BackupHistory, row: Backup, limit: limits.Window) -> bool:
    moment = history.local(row).time().replace(microsecond=0)
    if limit.begin <= limit.end:
        return limit.begin <= moment <= limit.end
    return moment >= limit.begin or moment <= limit.end


RULES["window"] = Rule(
    limits.WINDOW,
    window,
    "low",
    Text(
        "Time of day in which system backups must start, such as V(01:00-05:00), in O(timezone)",
        details=("It may span midnight, and V(24:00) is the end of a day.",),
    ),
)


def required_remark(history: BackupHistory, limit: limits.Remark) -> Finding:
    rows = [
        row
        for row in history.usable("manual")
        if _has_remark(row, limit) and history.seconds_since(row) <= limit.within
    ]
    wanted = f"usable manual backup with a remark like {limit.pattern.pattern} within {say_duration(limit.within)}"
    message = f"{len(rows)} {wanted}" if rows else f"no {wanted}"
    doubts = [
        row
        for row in history.doubtful("manual")
        if _has_remark(row, limit) and (row.start is None or history.seconds_since(row) <= limit.within)
    ]
    young = history.age is not None and history.age < limit.within
    return presence(history, bool(rows), NONE, len(rows), message, doubts, look_back=limit.within, young=young)


def _has_remark(row: AnyBackup, limit: limits.Remark) -> bool:
    # A pattern may take time that grows with the square of the text's length.
    return bool(limit.pattern.search(row.remark[:MAX_REMARK]))


def _within_time(limit: limits.Remark, _limits: Limits) -> int:
    return limit.within


RULES["required_remark"] = Rule(
    limits.REMARK,
    required_remark,
    "high",
    Text(
        "A usable manual backup with a matching remark must have started within a given time, such as "
        "V({pattern: ^release-, within: 6h})",
        details=(
            "A dict of C(pattern), a regular expression that is searched for in the first 4096 characters of the remark, and "
            "C(within), a duration. Both are required.",
        ),
    ),
    look_back=_within_time,
)


def min_size_ratio(history: BackupHistory, limit: float) -> Finding:
    rows = history.usable()
    if not rows:
        young = history.age is not None and history.age < history.interval
        return presence(history, False, NONE, None, "no usable backup", history.doubtful(), young=young)
    newest, earlier, unclear = rows[-1], rows[:-1], history.doubtful()
    doubts = [row for row in unclear if row.start is None or row.start >= newest.start]
    if doubts:
        return Finding(UNKNOWN, UNCLEAR, None, f"it is not known which backup is the newest: {doubt(doubts)}")
    # For an earlier backup that is unclear, only one thing is open: whether it is one to compare with.
    if len(earlier) < _MIN_SIZES <= len(earlier) + len(unclear):
        return Finding(UNKNOWN, UNCLEAR, None, f"it is not known which backups to compare: {doubt(unclear)}")
    if len(earlier) < _MIN_SIZES:
        return Finding(
            NOT_APPLICABLE, "too_few", None, f"{len(earlier)} earlier backups, {_MIN_SIZES} are needed to compare"
        )
    sizes = [row.size for row in earlier if row.size]
    if newest.size is None or len(sizes) < _MIN_SIZES:
        return Finding(UNKNOWN, "sizes_not_shown", None, _UNSIZED)
    median = statistics.median(sizes)
    ratio = round(newest.size / median, 3)
    message = (
        f"newest usable backup has {newest.size} bytes, {ratio:g} of the median before ({median:g}), limit {limit:g}"
    )
    holds = newest.size >= limit * median
    unsized = len(earlier) - len(sizes)
    if _may_differ(newest.size, limit, holds, _medians(sizes, unsized, [])):
        return Finding(UNKNOWN, "sizes_not_shown", ratio, f"{message}: {_UNSIZED}")
    if _may_differ(newest.size, limit, holds, _medians(sizes, unsized, unclear)):
        return Finding(UNKNOWN, UNCLEAR, ratio, f"{message}: {doubt(unclear)}")
    return settled(holds, "too_small", ratio, message)


def _may_differ(size: int, limit: float, holds: bool, medians: Iterator[float]) -> bool:
    return any((size >= limit * median) != holds for median in medians)


def _medians(sizes: list[int], unsized: int, unclear: list[AnyBackup]) -> Iterator[float]:
    """Yield medians, in bytes, that bound every median that is possible.

    ``unsized`` is the number of further backups to compare with, whose size isn't known and may be any. Any number of ``unclear``
    backups may count, too: the bounds come from the smallest or the largest of them.
    """
    smallest = sorted(row.size or 0 for row in unclear)
    largest = sorted((row.size or math.inf for row in unclear), reverse=True)
    low, high = [*sizes, *[0] * unsized], [*sizes, *[math.inf] * unsized]
    for count in range(len(unclear) + 1):
        yield statistics.median([*low, *smallest[:count]])
        yield statistics.median([*high, *largest[:count]])


RULES["min_size_ratio"] = Rule(
    limits.RATIO,
    min_size_ratio,
    "medium",
    Text(
        "Minimum size of the newest usable backup as a share of the median of earlier ones, a number above 0 and up to 1, such as "
        "V(0.5)",
        details=(
            "V(not_applicable) with fewer than three earlier backups. V(unknown) if earlier backups with an undocumented status "
            "or without a size would decide the result.",
        ),
    ),
    only_v3=True,
)


def max_in_progress(history: BackupHistory, limit: int) -> Finding:
    stuck = [row for row in history.backups if row.status == "locked" and history.seconds_since(row) > limit]
    # A backup is locked from its start. The API doesn't show when an export began.
    doubts: list[AnyBackup] = [row for row in history.undated if row.status in ("locked", "exporting", "unknown")]
    doubts += [
        row for row in history.backups if row.status in ("exporting", "unknown") and history.seconds_since(row) > limit
    ]
    age = history.seconds_since(stuck[0]) if stuck else None
    if stuck:
        return Finding(FAIL, "exceeded", age, compared("locked backup started {} ago", age, limit))
    message = f"nothing locked or exporting for longer than {say_duration(limit)}"
    if is_hidden(history, math.inf):
        message += f" of what started in the last {shown(history)}"
    if doubts:
        since = "the API doesn't show when the export of its backups began"
        why = since if all(row.status == "exporting" for row in doubts) else doubt(doubts)
        return Finding(UNKNOWN, UNCLEAR, None, f"{message}: {why}")
    # A stuck backup leaves the listing in the end. Only a newer usable backup shows that no older one blocks.
    if is_hidden(history, limit if history.usable() else math.inf):
        return Finding(UNKNOWN, HIDDEN, None, f"{message}: {beyond(history)}")
    return Finding(PASS, MET, None, message)


RULES["max_in_progress"] = Rule(
    limits.DURATION,
    max_in_progress,
    "medium",
    Text(
        "Maximum age of a backup that is still locked or exporting",
        details=(
            "The API does not show when an export began, so the rule is V(unknown) for an exporting backup that is older than the "
            "limit.",
        ),
    ),
    look_back=_the_limit,
    beyond=never_holds,
)


#: The maximum age in seconds of the last passed restore test if the policy sets none: a month and some slack.
_DEFAULT_TEST_INTERVAL = 35 * _DAY_SECONDS


def test_interval(policy_limits: Limits) -> int:
    """Return the number of seconds within which a policy expects the next restore test."""
    seconds: int = policy_limits.get("max_restore_test_age", _DEFAULT_TEST_INTERVAL)
    return seconds


class _Passed(NamedTuple):
    """How many seconds ago the last restore test passed, and how many it took."""

    age: int
    seconds: float


def _last_passed(history: BackupHistory) -> Finding | _Passed:
    """Return the last restore test if it passed and is recent enough, else the Finding of an instance without such a test."""
    found, limit = restore_tests.evidence(history.restore_tests, history.now), history.test_interval
    if found is None:
        return Finding(UNKNOWN, "tests_not_read", None, "restore tests were not looked at")
    age = history.seconds_to(found.passed) if found.passed else None
    if found.failed:
        ago = say_duration(history.seconds_to(found.failed))
        since = "no later test of that backup or a newer one passed"
        return Finding(FAIL, "test_failed", age, f"a restore test failed {ago} ago ({found.failed_code}), and {since}")
    message = compared("last passed restore test was {} ago" if found.passed else "no restore test passed", age, limit)
    if found.problem:
        return Finding(UNKNOWN, "tests_not_readable", age, f"{message}: {found.problem}")
    if age is not None and age <= limit:
        return _Passed(age, found.seconds)
    if found.latest and history.seconds_to(found.latest) <= limit:
        return Finding(UNKNOWN, "test_unknown", age, f"{message}: the last one was unknown: {found.latest_code}")
    if history.age is not None and history.age < limit:
        young = f"the instance is {say_duration(history.age)} old, too young"
        return Finding(NOT_APPLICABLE, TOO_YOUNG, age, f"{message}: {young}")
    return Finding(FAIL, "never_passed" if age is None else "exceeded", age, message)


def max_restore_test_age(history: BackupHistory, limit: int) -> Finding:
    last = _last_passed(history)
    if isinstance(last, Finding):
        return last
    return Finding(PASS, MET, last.age, compared("last passed restore test was {} ago", last.age, limit))


RULES["max_restore_test_age"] = Rule(
    limits.DURATION,
    max_restore_test_age,
    "medium",
    Text(
        "Maximum age of the last restore test that passed",
        details=(
            "V(fail) also while the failure of a test stands, that is, until the same backup, or one that began at the same time or "
            "later, passes a later test.",
            "V(unknown) if a record of a test cannot be read, or if no test passed within the limit, but the last one was within it "
            "and V(unknown).",
        ),
        of_role=("Requires O(restore_test_dir).",),
        of_filter=("According to the C(restore_tests) in O(instances), in the form that an audit record has.",),
    ),
    restore_tests=True,
)


def max_restore_time(history: BackupHistory, limit: int) -> Finding:
    last = _last_passed(history)
    if isinstance(last, Finding):
        return last._replace(actual=None)
    message = f"restoring took {round(last.seconds, 3)} s in the test {say_duration(last.age)} ago, limit {say_duration(limit)}"
    return settled(last.seconds <= limit, "exceeded", last.seconds, message)


RULES["max_restore_time"] = Rule(
    limits.DURATION,
    max_restore_time,
    "medium",
    Text(
        "Maximum time that the last passed restore test took to download, check and load the backup",
        details=(
            "The test must have passed within O(max_restore_test_age), or within 35 days without that rule. If none did, or the "
            "failure of a test stands, the outcome is determined as for O(max_restore_test_age).",
            "It is the time to a usable copy on the machine that tested, not that of the vendor's own restore.",
        ),
        of_role=("Requires O(restore_test_dir).",),
        of_filter=("According to the C(restore_tests) in O(instances), in the form that an audit record has.",),
    ),
    restore_tests=True,
)
