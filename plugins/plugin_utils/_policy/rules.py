# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules: each a pure function from a Case and a limit to a Finding. Private to this collection.

Limits are inclusive. A rule of presence (there is a fresh backup, there are enough) cannot be broken by a backup that
wasn't understood, but might be met by it: its ``fail`` becomes ``unknown``. A rule of absence (none started outside
the window) is the other way round: its ``pass`` does.
"""

from __future__ import annotations

import math
import statistics
from collections import namedtuple
from datetime import datetime, timedelta

from ...module_utils._api.backups import as_int
from ...module_utils._times import say_duration

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"

#: ``actual`` is what was found, in the limit's unit; None for nothing.
Finding = namedtuple("Finding", "outcome actual message")

_DAY = 86400
_WEEK_DAYS = frozenset(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
#: Over which time gaps are looked for where the policy asks for no retention: automatic backups are kept for seven days.
USUAL_RETENTION = 6 * _DAY
#: More than a hundred years are no number of days that anybody has set.
_MOST_RETENTION_DAYS = 36500
#: A sudden change shows only against something: so many earlier backups are needed.
_FEWEST_SIZES = 3
#: So many characters of a remark are searched. The API's own are far shorter.
LONGEST_REMARK = 4096


def max_age(case, limit, type_word=None):
    rows = case.usable(type_word)
    kind = f"usable {type_word} backup" if type_word else "usable backup"
    age = case.seconds_since(rows[-1]) if rows else None
    holds = age is not None and age <= limit
    found = f"newest {kind} started {{}} ago" if rows else f"no {kind}"
    message = _compared(found + ("" if holds else _in_progress(case)), age, limit)
    doubts = [row for row in case.doubtful(type_word) if row.start is None or case.seconds_since(row) <= limit]
    return _presence(case, holds, age, message, doubts, reach=limit, young=case.age is not None and case.age < limit)


def max_age_system(case, limit):
    return max_age(case, limit, "system")


def max_age_manual(case, limit):
    return max_age(case, limit, "manual")


def min_usable(case, limit):
    count, doubts = len(case.usable()), case.doubtful()
    message = f"{count} usable {'backup' if count == 1 else 'backups'}{_in_progress(case)}, limit {limit}"
    # So many could have been made by now.
    due = limit if case.age is None else min(limit, int(case.age // case.interval))
    curable = doubts if count + len(doubts) >= due else []
    reach = reach_of_usable(due, case.interval)
    return _presence(case, count >= limit, count, message, curable, reach=reach, young=due < limit and count >= due)


def reach_of_usable(count, interval):
    """Return how many seconds back that number of backups reaches, at one per interval; an interval of days is rounded down to whole days."""
    return count * (interval if interval < _DAY else interval // _DAY * _DAY)


def min_retention(case, limit):
    rows = case.usable()
    age = case.seconds_since(rows[0]) if rows else None
    message = _compared("oldest usable backup started {} ago" if rows else "no usable backup", age, limit)
    doubts = [row for row in case.doubtful() if row.start is None or case.seconds_since(row) >= limit]
    # The first backup comes up to an interval after the instance: it can't be older than this.
    due = limit if case.age is None else min(limit, int(case.age) - case.interval)
    young = due < limit and (age or 0) >= due
    return _presence(case, age is not None and age >= limit, age, message, doubts, reach=limit, young=young)


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
    found = len(days) - len(missing)
    if missing and not doubts and len(hidden) == len(missing):
        return Finding(UNKNOWN, found, f"{message}: {_beyond(case)}")
    curable = doubts if len(doubts) + len(hidden) >= len(missing) else []
    return _presence(case, not missing, found, message, curable)


def max_gap(case, limit):
    rows = case.usable()
    young = case.age is not None and case.age < limit
    if not rows:
        message = f"no usable backup{_in_progress(case)}, limit {say_duration(limit)}"
        return _presence(case, False, None, message, case.doubtful(), reach=limit, young=young)
    span = case.retention or USUAL_RETENTION
    since = case.now - timedelta(seconds=span)
    moments = [row.start for row in rows] + [max(case.now, rows[-1].start)]
    # Never empty: the last one ends now, or with a backup a little ahead of our clock.
    gaps = [(later - earlier, later) for earlier, later in zip(moments, moments[1:]) if later > since]
    widest, until = max(gaps)
    seconds = int(widest.total_seconds())
    holds = seconds <= limit
    ended = "now" if until == moments[-1] else f"{until.astimezone(case.zone):%Y-%m-%d %H:%M}"
    message = _compared(f"largest gap between usable backups is {{}}, until {ended}", seconds, limit)
    # A gap that began before that, and ends after it, counts in full.
    began = min(earlier for earlier, later in zip(moments, moments[1:]) if later > since)
    doubts = [row for row in case.doubtful() if row.start is None or row.start > began]
    # So it may be broken by what came before the oldest, if that isn't a witness from before the span.
    open_begin = rows[0].start > since
    older = [row for row in case.doubtful() if row.start is None or (rows[0].start - row.start).total_seconds() > limit]
    if holds and open_begin and older:
        return Finding(UNKNOWN, seconds, f"{message}: {_doubt(older)}")
    if holds and _is_hidden(case, math.inf if open_begin else span):
        # Nothing says how long backups are kept, so that those of a short retention look like a gap before the oldest.
        remedy = "" if case.retention else ": set min_retention to what is kept"
        return Finding(UNKNOWN, seconds, f"{message}: {_beyond(case)}{remedy}")
    return _presence(case, holds, seconds, message, doubts)


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
    rows = [row for row in case.usable("manual") if _has_remark(row, limit) and case.seconds_since(row) <= limit.within]
    wanted = f"usable manual backup with a remark like {limit.pattern.pattern} within {say_duration(limit.within)}"
    message = f"{len(rows)} {wanted}" if rows else f"no {wanted}"
    doubts = [
        row
        for row in case.doubtful("manual")
        if _has_remark(row, limit) and (row.start is None or case.seconds_since(row) <= limit.within)
    ]
    young = case.age is not None and case.age < limit.within
    return _presence(case, bool(rows), len(rows), message, doubts, reach=limit.within, young=young)


def _has_remark(row, limit):
    # A pattern may take time that grows with the square of the text's length.
    return limit.pattern.search(row.remark[:LONGEST_REMARK])


def min_size_ratio(case, limit):
    rows = case.usable()
    if not rows:
        young = case.age is not None and case.age < case.interval
        return _presence(case, False, None, "no usable backup", case.doubtful(), young=young)
    newest, earlier, unclear = rows[-1], rows[:-1], case.doubtful()
    doubts = [row for row in unclear if row.start is None or row.start >= newest.start]
    if doubts:
        return Finding(UNKNOWN, None, f"which backup is the newest isn't known: {_doubt(doubts)}")
    # Of an earlier one that isn't understood, only whether it is to be compared with isn't known.
    if len(earlier) < _FEWEST_SIZES <= len(earlier) + len(unclear):
        return Finding(UNKNOWN, None, f"which backups are to be compared isn't known: {_doubt(unclear)}")
    if len(earlier) < _FEWEST_SIZES:
        return Finding(NOT_APPLICABLE, None, f"{len(earlier)} earlier backups, {_FEWEST_SIZES} are needed to compare")
    sizes = [row.size for row in earlier if row.size]
    if newest.size is None or len(sizes) < _FEWEST_SIZES:
        return Finding(UNKNOWN, None, "the API doesn't show the sizes that are needed")
    median = statistics.median(sizes)
    ratio = round(newest.size / median, 3)
    message = (
        f"newest usable backup has {newest.size} bytes, {ratio:g} of the median before ({median:g}), limit {limit:g}"
    )
    holds = newest.size >= limit * median
    if any((newest.size >= limit * other) != holds for other in _medians(sizes, unclear)):
        return Finding(UNKNOWN, ratio, f"{message}: {_doubt(unclear)}")
    return Finding(PASS if holds else FAIL, ratio, message)


def _medians(sizes, unclear):
    """Yield the medians between which all lie that some of the unclear backups may make: of the smallest, of the largest."""
    more = sorted(row.size for row in unclear if row.size)
    # Each cut parts the smallest from the largest; the first leaves none below it, and all above.
    for cut in range(len(more)):
        yield statistics.median(sizes + more[:cut])
        yield statistics.median(sizes + more[cut:])


def max_in_progress(case, limit):
    stuck = [row for row in case.backups if row.status == "locked" and case.seconds_since(row) > limit]
    # A backup is locked from its start on; since when it is exported, the API doesn't show.
    doubts = [row for row in case.undated if row.status in ("locked", "exporting", "unknown")]
    doubts += [
        row for row in case.backups if row.status in ("exporting", "unknown") and case.seconds_since(row) > limit
    ]
    age = case.seconds_since(stuck[0]) if stuck else None
    if stuck:
        return Finding(FAIL, age, _compared("locked backup started {} ago", age, limit))
    message = f"nothing locked or exporting for longer than {say_duration(limit)}"
    if _is_hidden(case, math.inf):
        message += f" of what started in the last {say_duration(case.horizon)}"
    if doubts:
        since = "since when its backups are exporting isn't shown"
        why = since if all(row.status == "exporting" for row in doubts) else _doubt(doubts)
        return Finding(UNKNOWN, None, f"{message}: {why}")
    # What hangs leaves the listing in the end. Only a backup that was made since shows that nothing older is in the way.
    if _is_hidden(case, limit if case.usable() else math.inf):
        return Finding(UNKNOWN, None, f"{message}: {_beyond(case)}")
    return Finding(PASS, None, message)


def retention_configured(case, limit):
    days = None if case.config is None else as_int(case.config.get("retention_days"))
    if days is None or not 0 <= days <= _MOST_RETENTION_DAYS:
        return _not_configured(case, "retention_days")
    message = f"automatic backups are kept {days}d by configuration, limit {say_duration(limit)}"
    return Finding(PASS if days * _DAY >= limit else FAIL, days * _DAY, message)


def auto_backup(case, limit):
    week_days = None if case.config is None else case.config.get("week_days")
    if not isinstance(week_days, (list, tuple)):
        return _not_configured(case, "week_days")
    count = len({str(day) for day in week_days} & _WEEK_DAYS)
    return Finding(PASS if count == 7 else FAIL, count, f"automatic backup is configured for {count} of 7 days a week")


def _presence(case, holds, actual, message, doubts, reach=0, young=False):
    if holds:
        return Finding(PASS, actual, message)
    if doubts:
        return Finding(UNKNOWN, actual, f"{message}: {_doubt(doubts)}")
    if _is_hidden(case, reach):
        return Finding(UNKNOWN, actual, f"{message}: {_beyond(case)}")
    if young:
        return Finding(NOT_APPLICABLE, actual, f"{message}: the instance is {say_duration(case.age)} old, too young")
    return Finding(FAIL, actual, message)


def _absence(broken, actual, message, doubts):
    if broken:
        return Finding(FAIL, actual, message)
    if doubts:
        return Finding(UNKNOWN, actual, f"{message}: {_doubt(doubts)}")
    return Finding(PASS, actual, message)


def _not_configured(case, key):
    if case.config is None:
        return Finding(UNKNOWN, None, "the backup configuration was not read")
    return Finding(UNKNOWN, None, str(case.config.get("error") or f"the API doesn't show {key}"))


def _compared(found, seconds, limit):
    """Return what was found (``{}`` stands for the duration) and the limit; in seconds where words hide the difference."""
    if seconds is None:
        return f"{found}, limit {say_duration(limit)}"
    told, wanted = say_duration(seconds), say_duration(limit)
    if told == wanted and seconds != limit:
        told, wanted = f"{seconds} s", f"{limit} s"
    return f"{found.format(told)}, limit {wanted}"


def _is_hidden(case, reach):
    if case.horizon is None or (case.age is not None and case.age <= case.horizon):
        return False
    return reach > case.horizon


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
