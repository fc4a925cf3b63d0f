# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: a pure function of the record. Private to this collection.

This file decides what the page says about each instance and day, the templates how it looks. All text of the record is
escaped, since others choose names and remarks.

An instance that passes has one row, which shows what an auditor asks first, even without script. Its rules, backups and days
are shown on demand, from the numbers of ``details.py``, so that a page of ten thousand instances opens at once.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby, zip_longest
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ....module_utils._api.backups import USABLE
from ....module_utils._errors import InvalidOption
from ....module_utils._times import UTC, from_iso, parse_iso, parse_zone, say_duration
from ..._policy import policy as _policy
from ..._record import record as _record
from ..._record.model import BackupEntry, InstanceEntry, PolicyValues, Record, Summary
from ..report_type import Report
from . import heatmap, restore_tests
from .details import Details, Gap
from .heatmap import Cells, Outlook, Start

_TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")
#: outcome: (word, class)
OUTCOMES = {
    "fail": ("FAIL", "f"),
    "unknown": ("UNKNOWN", "u"),
    "waived": ("waived", "w"),
    "pass": ("pass", "p"),
    "not_applicable": ("not applicable", "n"),
}
_DAY_SECONDS, _EPOCH = 86400, datetime(1970, 1, 1)
_UNITS = ("KiB", "MiB", "GiB", "TiB")
#: How many instances that don't pass have their backups and days in the page itself; all others are rendered on demand.
MAX_IN_FULL = 500
#: The width of a timeline, in its own units; the longest text that doesn't fold.
_WIDTH, MAX_UNFOLDED = 400, 300

#: The row that the script fills in for instances whose details are shown on demand.
_SKELETON = {"gap": "", "ends": ("", ""), "ticks": ("", "", "", ""), "backups": [], "sized": True}


class _Environment(Environment):
    """Looks for an item before an attribute, because most names in the templates are keys of the record."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        try:
            return obj[attribute]
        except (TypeError, LookupError):
            return super().getattr(obj, attribute)


def parts(record: Record, sha256: str | None = None) -> Iterator[str]:
    """Yield the HTML text in parts: a page of ten thousand instances is made a row at a time.

    ``sha256`` is the hash of the record's file; by default that of the file as the audit writes it.
    """
    environment = _environment()
    style, script = (environment.get_template(f"report.{kind}.j2").render() for kind in ("css", "js"))
    yield from environment.get_template("report.html.j2").generate(
        record=record,
        name=record["name"],
        style=Markup(style),
        script=Markup(script),
        csp=content_policy(style, script),
        outcomes=OUTCOMES,
        day_words=heatmap.KINDS,
        usable=USABLE,
        digest=sha256 or _record.stored(record).sha256,
        **view(record),
    )


@functools.lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = _Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = say_duration
    environment.filters["size"] = say_size
    environment.globals.update(text=text, skeleton=_SKELETON)
    return environment


@functools.lru_cache(maxsize=1000)
def text(value: object) -> Markup:
    """Return a foreign text as HTML: isolated, so that its direction does not change the text around it, and folded if it is very long.

    This is not a template, because ten thousand instances have a hundred thousand such texts.
    """
    raw = str(value)
    shown = escape(raw)
    if len(raw) <= MAX_UNFOLDED:
        return Markup(f"<bdi>{shown}</bdi>")
    head = f"<bdi>{escape(raw[:80])}</bdi>… <span>({len(raw)} characters)</span>"
    return Markup(f'<details class="long"><summary>{head}</summary><bdi>{shown}</bdi></details>')


def content_policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy that allows this style and this script, and forbids to load or send anything."""
    allowed = [
        base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") for text in (style, script)
    ]
    return (
        f"default-src 'none'; style-src 'sha256-{allowed[0]}'; script-src 'sha256-{allowed[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def view(record: Record) -> dict[str, Any]:
    """Return what the page shows in addition to the record itself."""
    outlooks = {key: outlook(values) for key, values in record["policies"].items()}
    instances, details = record["instances"], Details()
    last = max((entry["evaluated_at"] for entry in instances), default=record["evaluated_at"])
    days = heatmap.columns(instances, outlooks, from_iso(last))
    looks = [outlooks[entry["policy"]] for entry in instances]
    begun = [heatmap.starts(entry, look.zone) for entry, look in zip(instances, looks)]
    cells = [heatmap.cells(entry, starts, days, look) for entry, starts, look in zip(instances, begun, looks)]
    full = _in_full(instances)
    return {
        "rows": (
            row(entry, starts, found, look, None if whole else details)
            for entry, starts, found, look, whole in zip(instances, begun, cells, looks, full)
        ),
        "details": details,
        "days": days,
        "day_rows": [(entry, found) for entry, found, whole in zip(instances, cells, full) if whole],
        "on_demand": full.count(False),
        "months": [(label, len(list(group))) for label, group in groupby(days, lambda day: f"{day:%b %Y}")],
        "kinds": {cell.kind for found in cells for cell in found},
        "zones": sorted({look.name for look in outlooks.values()}),
        "shares": shares(record["summary"]),
        "tests": restore_tests.view(instances, looks),
        "said_tests": _record.say_restore_tests(instances),
        "origins": origins(record["instances"]),
        "last": last,
        "accounts": sorted({listing["account"] for listing in record["listings"]}),
        "incomplete": sum(not entry["complete"] for entry in record["instances"]),
    }


def _in_full(instances: Sequence[InstanceEntry]) -> list[bool]:
    """Tell for each instance whether its backups and days are in the page itself."""
    number = 0
    found: list[bool] = []
    for entry in instances:
        number += entry["outcome"] != "pass"
        found.append(entry["outcome"] != "pass" and number <= MAX_IN_FULL)
    return found


def row(
    entry: InstanceEntry, begun: Sequence[Start | None], cells: Cells, look: Outlook, details: Details | None
) -> dict[str, Any]:
    """Return what the page shows of an instance in addition to its entry, as of the moment at which it was judged.

    ``begun`` are the ``starts`` of its backups, ``cells`` its days. With ``details``, what is shown on demand is put there.
    """
    now = from_iso(entry["evaluated_at"])
    backups, unix = entry["backups"], int(now.timestamp())
    dated = [(start, backup["status"] in USABLE) for start, backup in zip(begun, backups) if start and start[0] <= unix]
    gap = largest_gap([start[0] for start, usable in dated if usable], unix)
    sized = any(backup["size"] is not None for backup in backups)
    sizes = [say_size(backup["size"]) for backup in backups] if sized else []
    newest = moment(entry["newest_usable"], look.zone, now)
    oldest = moment(entry["oldest_usable"], look.zone, now)
    tested = restore_tests.cell(entry["restore_tests"], look, now)
    usable = entry["usable"] if entry["complete"] else ""
    known = (newest[0] if newest else "", oldest[0] if oldest else "", usable, *filter(None, [tested.key]))
    common = {
        "entry": entry,
        "zone": look.name,
        "newest": newest,
        "oldest": oldest,
        "gap": gap and say_duration(gap.seconds),
        "tested": tested,
        "count": _plural(len(backups), "backup"),
        # What the script sorts by.
        "key": ",".join(map(str, known)),
    }
    wall = heatmap.wall_clock(now, look.zone)
    if details:
        return {**common, "details": details.of(entry, begun, cells, gap, wall, sizes)}
    walls = {unix: wall, **dict(start for start, _usable in dated)}
    ends = (walls[gap.begin], walls[gap.end]) if gap else None
    return {
        **common,
        "details": None,
        "ends": ends and [_clock(end) for end in ends],
        "ticks": ticks([(start[1], usable) for start, usable in dated], ends, wall),
        "backups": [_texts(*shown) for shown in zip_longest(backups, begun, sizes)],
        "sized": sized,
    }


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _texts(backup: BackupEntry, start: Start | None, size: str | None) -> tuple[str, str, str, str | None]:
    """Return start, type, status and size of a backup as HTML: there are too many to escape each of them."""
    begun = _clock(start[1]) if start else "not readable"
    return begun, _escaped(backup["type"]), _escaped(backup["status"]), size


@functools.lru_cache(maxsize=100)
def _escaped(text: str) -> str:
    return str(escape(text))


def outlook(values: PolicyValues) -> Outlook:
    """Return the Outlook of a policy's values. If this machine doesn't know the zone, it is UTC, and the name says so."""
    name = str(values.get("timezone") or "+08:00")
    try:
        zone = parse_zone(name)
    except InvalidOption:
        zone, name = UTC, f"UTC ({name} is not known here)"
    try:
        reach = _policy.min_look_back(_policy.parse_policy({**values, "timezone": "UTC"}))
    except InvalidOption:
        reach = 0
    return Outlook(zone, name, reach)


def _clock(wall: int, length: int = 19) -> str:
    """Return a time of ``heatmap.wall_clock`` as text; to the minute with a length of 16."""
    return (_EPOCH + timedelta(seconds=wall)).isoformat(" ")[:length]


def moment(text: str | None, zone: tzinfo, now: datetime) -> tuple[int, str, str] | None:
    """Return ``(age in seconds, age in words, local time)`` of an ISO time, or None if it is None or not readable."""
    when = parse_iso(text)
    if when is None:
        return None
    seconds = int((now - when).total_seconds())
    words = f"{say_duration(seconds)} ago" if seconds >= 0 else f"{say_duration(-seconds)} ahead"
    return seconds, words, when.astimezone(zone).isoformat(" ")[:16]


def largest_gap(starts: Sequence[int], now: int) -> Gap | None:
    """Return the largest Gap between neighbouring backups, or between the newest and now; None without a backup.

    All times are in Unix seconds. Of two gaps of the same size, the later one is returned.
    """
    moments = sorted(when for when in starts if when <= now)
    if not moments:
        return None
    moments.append(now)
    return Gap(*max((end - begin, begin, end) for begin, end in zip(moments, moments[1:])))


def ticks(
    dated: Sequence[tuple[int, bool]], gap: tuple[int, int] | None, now: int
) -> tuple[str, str, str | None, str] | None:
    """Return a timeline up to now, as SVG paths: (usable, others, gap, the time it begins at); None without a backup.

    ``dated`` are ``(time, usable)`` of backups that lie before now, and ``gap`` the two ends of the largest gap, all in
    seconds of a wall clock.
    """
    if not dated:
        return None
    begin = min(now - _DAY_SECONDS, *(when for when, _usable in dated))

    def place(when: int) -> int:
        return 2 + int((when - begin) * (_WIDTH - 4) / (now - begin) + 0.5)

    def path(wanted: bool) -> str:
        return "".join(f"M{x} 3v10" for x in sorted({place(when) for when, usable in dated if usable is wanted}))

    return path(True), path(False), gap and f"M{place(gap[0])} 8H{place(gap[1])}", _clock(begin, 16)


def shares(summary: Summary) -> list[tuple[str, float, float]]:
    """Return ``(class, x, width)`` of each outcome's part of a bar that is 1000 wide, worst first."""
    total, begin = max(1, summary["instances"]), 0.0
    bars: list[tuple[str, float, float]] = []
    for outcome, (_word, letter) in OUTCOMES.items():
        width = round(1000 * summary[outcome] / total, 1)
        if width:
            bars.append((letter, round(begin, 1), width))
        begin += width
    return bars


def origins(instances: Sequence[InstanceEntry]) -> dict[str, tuple[int, dict[str, str]]]:
    """Return ``{policy: (number of instances, {rule: origin in words})}``."""
    counts: Counter[str] = Counter()
    found: dict[tuple[str, str], Counter[str]] = {}
    for entry in instances:
        counts[entry["policy"]] += 1
        for rule, origin in entry["origins"].items():
            found.setdefault((entry["policy"], rule), Counter())[origin] += 1

    def say(policy: str, counter: Counter[str]) -> str:
        if len(counter) == 1 and sum(counter.values()) == counts[policy]:
            return next(iter(counter))
        return ", ".join(f"{origin} ({count})" for origin, count in sorted(counter.items()))

    return {
        policy: (count, {rule: say(policy, counter) for (key, rule), counter in found.items() if key == policy})
        for policy, count in counts.items()
    }


def say_size(count: int | None) -> str:
    """Return a number of bytes in words, such as ``1.5 MiB``."""
    if count is None:
        return "not shown"
    unit = min((abs(count).bit_length() - 1) // 10, len(_UNITS)) if count else 0
    return f"{count / 1024**unit:.1f} {_UNITS[unit - 1]}" if unit > 0 else f"{count} B"


REPORT = Report(
    order=10,
    name="html",
    file_name="report.html",
    parts=parts,
    users="people and auditors",
    details="a self-contained file, readable without scripts and styles",
    shows_hash=True,
)
