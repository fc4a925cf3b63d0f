# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: a pure function of the record. Private to this collection.

Here is what the page says about each instance and day; the templates hold how it looks. All text of the record is
escaped: names and remarks are somebody else's.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from collections import Counter, namedtuple
from datetime import timedelta
from itertools import groupby

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._records import USABLE
from ansible_collections.qcloud.crs.plugins.module_utils._times import UTC, parse_iso, parse_zone, say_duration
from ansible_collections.qcloud.crs.plugins.plugin_utils import _days, _policy, _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._digest import digest

_TEMPLATES = os.path.join(os.path.dirname(__file__), "..", "..", "roles", "crs_backup_policy", "templates")
#: outcome: (word, class)
OUTCOMES = {
    "fail": ("FAIL", "f"),
    "unknown": ("UNKNOWN", "u"),
    "waived": ("waived", "w"),
    "pass": ("pass", "p"),
    "not_applicable": ("not applicable", "n"),
}
_DAY = 86400
#: The width of a timeline, in its own units; the longest text that doesn't fold.
_WIDTH, _LONGEST = 400, 300

#: A policy as the page needs it: its zone, how that is called, and how many seconds back its rules look.
Outlook = namedtuple("Outlook", "zone name reach")
#: The longest time without a usable backup, and the two moments that it lies between.
Gap = namedtuple("Gap", "seconds begin end")


class _Environment(Environment):
    """Looks for an item before an attribute: nearly all that the templates name are keys of the record."""

    def getattr(self, obj, attribute):
        try:
            return obj[attribute]
        except (TypeError, LookupError):
            return super().getattr(obj, attribute)


def parts(record):
    """Yield the HTML text in parts: a page of ten thousand instances is made a row at a time."""
    environment = _environment()
    style, script = (environment.get_template(f"report.{kind}.j2").render() for kind in ("css", "js"))
    yield from environment.get_template("report.html.j2").generate(
        record=record,
        name=_record.name(record),
        style=Markup(style),
        script=Markup(script),
        csp=content_policy(style, script),
        outcomes=OUTCOMES,
        day_words=_days.KINDS,
        **view(record),
    )


@functools.lru_cache(maxsize=1)
def _environment():
    environment = _Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = say_duration
    environment.globals["text"] = text
    return environment


def text(value):
    """Return a text that somebody else wrote as HTML: its direction stays its own, and a very long one folds.

    Here and not in a template, because ten thousand instances have a hundred thousand of them.
    """
    value = str(value)
    shown = escape(value)
    if len(value) <= _LONGEST:
        return Markup(f"<bdi>{shown}</bdi>")
    head = f"<bdi>{escape(value[:80])}</bdi>… <span>({len(value)} characters)</span>"
    return Markup(f'<details class="long"><summary>{head}</summary><bdi>{shown}</bdi></details>')


def content_policy(style, script):
    """Return the policy that lets a browser run these two texts, load nothing and send nothing."""
    allowed = [
        base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") for text in (style, script)
    ]
    return (
        f"default-src 'none'; style-src 'sha256-{allowed[0]}'; script-src 'sha256-{allowed[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def view(record):
    """Return what the page shows beside the record itself."""
    outlooks = {key: outlook(values) for key, values in record["policies"].items()}
    instances = record["instances"]
    last = max((entry["evaluated_at"] for entry in instances), default=record["evaluated_at"])
    days = _days.columns(instances, outlooks, parse_iso(last))
    looks = [outlooks[entry["policy"]] for entry in instances]
    begun = [_days.starts(entry, look.zone) for entry, look in zip(instances, looks)]
    cells = [_days.cells(entry, starts, days, look) for entry, starts, look in zip(instances, begun, looks)]
    return {
        "rows": map(row, instances, begun, looks),
        "days": days,
        "day_rows": list(zip(instances, cells)),
        "months": [(label, len(list(group))) for label, group in groupby(days, lambda day: f"{day:%b %Y}")],
        "kinds": {cell.kind for one in cells for cell in one},
        "distinct_cells": {cell for one in cells for cell in one},
        "zones": sorted({one.name for one in outlooks.values()}),
        "shares": shares(record["summary"]),
        "origins": origins(record["instances"]),
        "last": last,
        "accounts": sorted({listing["account"] for listing in record["listings"]}),
        "incomplete": sum(not entry["complete"] for entry in record["instances"]),
        "digest": digest(record),
    }


def row(entry, begun, look):
    """Return what the page says of one instance beside its entry, as of the moment at which it was judged.

    ``begun`` are the ``starts`` of its backups.
    """
    now = parse_iso(entry["evaluated_at"])
    backups = entry["backups"]
    dated = [(start[0], one["status"] in USABLE) for start, one in zip(begun, backups) if start and start[0] <= now]
    gap = largest_gap([when for when, usable in dated if usable], now)
    return {
        "entry": entry,
        "zone": look.name,
        "newest": moment(entry["newest_usable"], look.zone, now),
        "oldest": moment(entry["oldest_usable"], look.zone, now),
        "gap": gap and (say_duration(gap.seconds), at(gap.begin, look.zone), at(gap.end, look.zone)),
        "ticks": ticks(dated, gap, look.zone, now),
        "backups": [_texts(one, start) for one, start in zip(backups, begun)],
        "sized": any(one["size"] is not None for one in backups),
    }


def _texts(backup, start):
    """Return start, type, status and size of a backup as HTML: there are too many to escape each of them."""
    begun = _wall_clock(start[1]) if start else "not readable"
    return begun, _escaped(backup["type"]), _escaped(backup["status"]), say_size(backup["size"])


@functools.lru_cache(maxsize=100)
def _escaped(text):
    return str(escape(text))


def outlook(values):
    """Return the Outlook of a policy's values; UTC where this machine doesn't know the zone, and it says so."""
    name = str(values.get("timezone") or "+08:00")
    try:
        zone = parse_zone(name)
    except InvalidOption:
        zone, name = UTC, f"UTC ({name} is not known here)"
    try:
        reach = _policy.reach(_policy.parse_policy({**values, "timezone": "UTC"}))
    except InvalidOption:
        reach = 0
    return Outlook(zone, name, reach)


def at(when, zone, length=19):
    """Return a moment's wall clock time in a zone, or None for none; to the minute with a length of 16."""
    return when and _wall_clock(when.astimezone(zone), length)


def _wall_clock(there, length=19):
    return there.isoformat(" ")[:length]


def moment(text, zone, now):
    """Return ``(seconds, age in words, time)`` of an ISO time, or None for none."""
    when = parse_iso(text)
    if when is None:
        return None
    seconds = int((now - when).total_seconds())
    words = f"{say_duration(seconds)} ago" if seconds >= 0 else f"{say_duration(-seconds)} ahead"
    return seconds, words, at(when, zone, 16)


def largest_gap(starts, now):
    """Return the largest Gap between neighbouring backups, or between the newest and now; None without a backup.

    Of two that are as large the later one.
    """
    moments = sorted(when for when in starts if when <= now)
    if not moments:
        return None
    moments.append(now)
    length, end, begin = max((end - begin, end, begin) for begin, end in zip(moments, moments[1:]))
    return Gap(int(length.total_seconds()), begin, end)


def ticks(dated, gap, zone, now):
    """Return a timeline up to now, as SVG paths: (usable, others, gap, the time it begins at); None without a backup.

    ``dated`` are ``(moment, usable)`` of backups that lie before now.
    """
    if not dated:
        return None
    begin = min(now - timedelta(seconds=_DAY), *(when for when, _usable in dated))
    scale = (_WIDTH - 4) / (now - begin).total_seconds()

    def place(when):
        return 2 + round((when - begin).total_seconds() * scale)

    def path(wanted):
        return "".join(f"M{x} 3v10" for x in sorted({place(when) for when, usable in dated if usable is wanted}))

    return path(True), path(False), gap and f"M{place(gap.begin)} 8H{place(gap.end)}", at(begin, zone, 16)


def shares(summary):
    """Return ``(class, x, width)`` of each outcome's part of a bar that is 1000 wide, worst first."""
    total, parts, begin = max(1, summary["instances"]), [], 0.0
    for outcome, (_word, letter) in OUTCOMES.items():
        width = round(1000 * summary[outcome] / total, 1)
        if width:
            parts.append((letter, round(begin, 1), width))
        begin += width
    return parts


def origins(instances):
    """Return of each policy how many instances have it, and of each of its rules where it is from: words."""
    counts, found = Counter(), {}
    for entry in instances:
        counts[entry["policy"]] += 1
        for rule, origin in entry["origins"].items():
            found.setdefault((entry["policy"], rule), Counter())[origin] += 1

    def say(policy, counter):
        if len(counter) == 1 and sum(counter.values()) == counts[policy]:
            return next(iter(counter))
        return ", ".join(f"{origin} ({count})" for origin, count in sorted(counter.items()))

    return {
        policy: (count, {rule: say(policy, counter) for (key, rule), counter in found.items() if key == policy})
        for policy, count in counts.items()
    }


def say_size(count):
    """Return a number of bytes for people."""
    if count is None:
        return "not shown"
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
