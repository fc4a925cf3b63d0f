# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules: each a pure function from a Case and a limit to a Finding. Private to this collection.

Limits are inclusive. A rule of presence (there is a fresh backup, there are enough) cannot be broken by a backup that
wasn't understood, but might be met by it: its ``fail`` becomes ``unknown``. A rule of absence (none started outside
the window) is the other way round: its ``pass`` does.
"""

from __future__ import annotations

import statistics
from collections import namedtuple
from datetime import datetime, timedelta

from ansible_collections.qcloud.crs.plugins.module_utils._times import say_duration

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"

#: ``actual`` is what was found, in the limit's unit; None for nothing.
Finding = namedtuple("Finding", "outcome actual message")

_DAY = 86400
#: A sudden change shows only against something: so many earlier backups are needed.
_FEWEST_SIZES = 3


def max_age(case, limit, type_word=None):
    rows = case.usable(type_word)
    kind = f"usable {type_word} backup" if type_word else "usable backup"
    age = case.seconds_since(rows[-1]) if rows else None
    if age is not None:
        message = f"newest {kind} started {say_duration(age)} ago, limit {say_duration(limit)}"
    else:
        message = f"no {kind}{_in_progress(case)}, limit {say_duration(limit)}"
    doubts = [row for row in case.doubtful(type_word) if row.start is None or case.seconds_since(row) <= limit]
    return _presence(case, age is not None and age <= limit, age, message, doubts, reach=limit, grace=limit)


def max_age_system(case, limit):
    return max_age(case, limit, "system")


def max_age_manual(case, limit):
    return max_age(case, limit, "manual")


def min_usable(case, limit):
    count = len(case.usable()) + len([row for row in case.undated if row.usable])
    message = f"{count} usable {'backup' if count == 1 else 'backups'}{_in_progress(case)}, limit {limit}"
    doubts = [row for row in case.doubtful() if row.status == "unknown"]
    return _presence(case, count >= limit, count, message, doubts, grace=limit * case.interval)


def min_retention(case, limit):
    rows = case.usable()
    age = case.seconds_since(rows[0]) if rows else None
    found = f"oldest usable backup started {say_duration(age)} ago" if rows else "no usable backup"
    message = f"{found}, limit {say_duration(limit)}"
    doubts = [row for row in case.doubtful() if row.start is None or case.seconds_since(row) >= limit]
    # The first backup comes up to an interval after the instance.
    grace = limit + case.interval
    return _presence(case, age is not None and age >= limit, age, message, doubts, reach=limit, grace=grace)


def daily(case, limit):
    today = case.now.astimezone(case.zone).date()
    days = [today - timedelta(days=back) for back in range(1, limit + 1)]
    if case.age is not None:
        # On the day of its creation an instance may be too late for the window.
        born = (case.now - timedelta(seconds=case.age)).astimezone(case.zone).date()
        days = [day for day in days if day > born]
    if not days:
        return Finding(NOT_APPLICABLE, None, "the instance has no completed day yet")
    made = {row.start.astimezone(case.zone).date() for row in case.usable()}
    missing = [day for day in days if day not in made]
    listed = ", ".join(str(day) for day in sorted(missing)[:5]) + (", ..." if len(missing) > 5 else "")
    message = f"usable backups on {len(days) - len(missing)} of the last {len(days)} completed days" + (
        f", none on {listed}" if missing else ""
    )
    doubts = [row for row in case.doubtful() if row.start is None or row.start.astimezone(case.zone).date() in missing]
    shown = case.now - timedelta(seconds=case.horizon) if case.horizon is not None else None
    hidden = [day for day in missing if shown and datetime.combine(day, datetime.min.time(), case.zone) < shown]
    if missing and len(hidden) == len(missing) and not doubts:
        return Finding(UNKNOWN, len(days) - len(missing), f"{message}: {_beyond(case)}")
    return _presence(case, not missing, len(days) - len(missing), message, doubts)


def max_gap(case, limit):
    rows = case.usable()
    if not rows:
        message = f"no usable backup{_in_progress(case)}, limit {say_duration(limit)}"
        return _presence(case, False, None, message, case.doubtful(), reach=limit, grace=limit)
    since = case.now - timedelta(seconds=case.retention) if case.retention else rows[0].start
    moments = [row.start for row in rows] + [max(case.now, rows[-1].start)]
    gaps = [(later - earlier, later) for earlier, later in zip(moments, moments[1:]) if later >= since]
    widest, until = max(gaps)
    seconds = int(widest.total_seconds())
    ended = "now" if until == moments[-1] else f"{until.astimezone(case.zone):%Y-%m-%d %H:%M}"
    message = (
        f"largest gap between usable backups is {say_duration(seconds)}, until {ended}, limit {say_duration(limit)}"
    )
    doubts = [row for row in case.doubtful() if row.start is None or row.start >= since]
    if seconds <= limit and case.retention and _is_hidden(case, case.retention):
        return Finding(UNKNOWN, seconds, f"{message}: {_beyond(case)}")
    return _presence(case, seconds <= limit, seconds, message, doubts)


def window(case, limit):
    rows = [row for row in case.backups if row.type == "system"]
    doubts = [row for row in case.undated if row.type in ("system", "unknown")]
    doubts += [row for row in case.backups if row.type == "unknown" and not _within(case, row, limit)]
    if not rows and not doubts:
        return Finding(NOT_APPLICABLE, None, "no system backup to judge")
    outside = [row for row in rows if not _within(case, row, limit)]
    starts = sorted({f"{row.start.astimezone(case.zone):%H:%M}" for row in outside})
    message = f"{len(rows) - len(outside)} of {len(rows)} system backups started within {limit.text}" + (
        f", others at {', '.join(starts[:5])}" if starts else ""
    )
    return _absence(outside, starts[0] if starts else None, message, doubts)


def required_remark(case, limit):
    rows = [
        row
        for row in case.usable("manual")
        if limit.pattern.search(row.remark) and case.seconds_since(row) <= limit.within
    ]
    wanted = f"usable manual backup with a remark like {limit.pattern.pattern} within {say_duration(limit.within)}"
    message = f"{len(rows)} {wanted}" if rows else f"no {wanted}"
    doubts = [
        row
        for row in case.doubtful("manual")
        if limit.pattern.search(row.remark) and (row.start is None or case.seconds_since(row) <= limit.within)
    ]
    return _presence(case, bool(rows), len(rows), message, doubts, reach=limit.within, grace=limit.within)


def min_size_ratio(case, limit):
    rows = case.usable()
    if not rows:
        return _presence(case, False, None, "no usable backup", case.doubtful(), grace=case.interval)
    if rows[-1].size is None:
        return Finding(UNKNOWN, None, "the API doesn't show the size of the newest usable backup")
    sizes = [row.size for row in rows[:-1] if row.size]
    if len(sizes) < _FEWEST_SIZES:
        return Finding(NOT_APPLICABLE, None, f"{len(sizes)} earlier sizes, {_FEWEST_SIZES} are needed to compare")
    median = statistics.median(sizes)
    ratio = round(rows[-1].size / median, 3)
    message = (
        f"newest usable backup has {rows[-1].size} bytes, {ratio:g} of the median before ({median:g}), limit {limit:g}"
    )
    return Finding(PASS if rows[-1].size >= limit * median else FAIL, ratio, message)


def max_in_progress(case, limit):
    busy = [row for row in case.backups + case.undated if row.status in ("locked", "exporting")]
    late = [row for row in busy if row.start is not None and case.seconds_since(row) > limit]
    doubts = [row for row in busy if row.start is None]
    doubts += [row for row in case.doubtful() if row.start is not None and case.seconds_since(row) > limit]
    age = max((case.seconds_since(row) for row in busy if row.start is not None), default=0)
    message = (
        f"{late[0].status} backup started {say_duration(age)} ago, limit {say_duration(limit)}"
        if late
        else f"nothing locked or exporting for longer than {say_duration(limit)}"
    )
    return _absence(late, age, message, doubts)


def retention_configured(case, limit):
    days = _configured(case, "retention_days")
    if isinstance(days, Finding):
        return days
    message = f"automatic backups are kept {days}d by configuration, limit {say_duration(limit)}"
    return Finding(PASS if days * _DAY >= limit else FAIL, days * _DAY, message)


def auto_backup(case, limit):
    week_days = _configured(case, "week_days")
    if isinstance(week_days, Finding):
        return week_days
    count = len(set(week_days))
    return Finding(PASS if count == 7 else FAIL, count, f"automatic backup is configured for {count} of 7 days a week")


def _presence(case, holds, actual, message, doubts, reach=0, grace=0):
    if holds:
        return Finding(PASS, actual, message)
    if doubts:
        return Finding(UNKNOWN, actual, f"{message}: {_doubt(doubts)}")
    if _is_hidden(case, reach):
        return Finding(UNKNOWN, actual, f"{message}: {_beyond(case)}")
    if case.age is not None and case.age < grace:
        return Finding(NOT_APPLICABLE, actual, f"{message}: the instance is {say_duration(case.age)} old, too young")
    return Finding(FAIL, actual, message)


def _absence(broken, actual, message, doubts):
    if broken:
        return Finding(FAIL, actual, message)
    if doubts:
        return Finding(UNKNOWN, actual, f"{message}: {_doubt(doubts)}")
    return Finding(PASS, actual, message)


def _configured(case, key):
    config = case.config or {"error": "the backup configuration was not read"}
    if config.get("error"):
        return Finding(UNKNOWN, None, str(config["error"]))
    if config.get(key) is None:
        return Finding(UNKNOWN, None, f"the API doesn't show {key}")
    return config[key]


def _is_hidden(case, reach):
    return case.horizon is not None and reach > case.horizon


def _beyond(case):
    return f"the listing shows the last {say_duration(case.horizon)} only"


def _doubt(rows):
    undated = sum(row.start is None for row in rows)
    if undated:
        return f"{undated} of its backups have a time that can't be read"
    return f"{len(rows)} of its backups have a status or type that isn't known"


def _in_progress(case):
    busy = [row for row in case.backups if row.status == "locked"]
    return f" (one in progress for {say_duration(case.seconds_since(busy[-1]))})" if busy else ""


def _within(case, row, limit):
    moment = row.start.astimezone(case.zone).time().replace(microsecond=0)
    if limit.begin <= limit.end:
        return limit.begin <= moment <= limit.end
    return moment >= limit.begin or moment <= limit.end
