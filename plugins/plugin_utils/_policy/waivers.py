# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waivers: documented exceptions from rules, with owner, reason and end. Pure. Private to this collection.

A waiver keeps the original outcome. An expired waiver has no effect.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypedDict

from ...module_utils._api.instances import INSTANCE_ID
from ...module_utils._errors import InvalidOption
from ...module_utils._times import from_iso, parse_iso, say_duration, to_iso
from .findings import FAIL, UNKNOWN
from .policy import Policy, Verdict
from .rules import RULES

_REQUIRED = ("rule", "reason", "owner", "expires")
#: The states of a waiver. If runs disagree, the first of these counts.
_STATES = ("expired", "live", "unmatched")


class Waiver(NamedTuple):
    """Who lets which rule be broken, why and until when. ``instance`` is an id, or None for each host that has the waiver."""

    rule: str
    reason: str
    owner: str
    expires: datetime
    instance: str | None


class AcceptedBy(TypedDict):
    """What a verdict says of the live waiver that covers it."""

    reason: str
    owner: str
    expires: str


class WaiverEntry(AcceptedBy):
    """One distinct waiver in scope, and its state."""

    rule: str
    instance: str | None
    hosts: list[str]
    #: live, expired or unmatched
    state: str


class WaivedVerdict(Verdict):
    """A verdict with the reason, owner and end of the waiver that covers it, or None."""

    waiver: AcceptedBy | None


class Holder(Protocol):
    """A host of the audit, as far as waivers go."""

    @property
    def host(self) -> str:
        """Its name."""

    @property
    def instance_id(self) -> str:
        """The instance that it stands for."""

    @property
    def policy(self) -> Policy:
        """The policy that applies to it."""

    @property
    def waivers(self) -> Sequence[Waiver]:
        """Its waivers, some of which may be for other instances."""


def parse_waivers(value: object, name: str) -> tuple[Waiver, ...]:
    """Return the Waivers of a variable's value: a list of dicts, None or "". ``name`` is for errors. Raises InvalidOption."""
    if value in (None, ""):
        return ()
    if not isinstance(value, list):
        raise InvalidOption(f"{name} is not a list: write one entry with {', '.join(_REQUIRED)} for each waiver")
    return tuple(_parse(entry, f"{name}[{number}]") for number, entry in enumerate(value))


def _parse(entry: object, name: str) -> Waiver:
    if not isinstance(entry, dict):
        raise InvalidOption(f"{name} {entry!r} is not a dict: give it {', '.join(_REQUIRED)}")
    missing = [key for key in _REQUIRED if not str(entry.get(key) or "").strip()]
    if missing:
        raise InvalidOption(f"{name} has no {missing[0]}: a waiver needs {', '.join(_REQUIRED)}")
    unknown = sorted(str(key) for key in set(entry) - {*_REQUIRED, "instance"})
    if unknown:
        raise InvalidOption(f"{name} has {unknown[0]!r}, which is unknown: use {', '.join(_REQUIRED)} and instance")
    if not isinstance(entry["rule"], str) or entry["rule"] not in RULES:
        raise InvalidOption(f"{name}.rule {entry['rule']!r} is not a rule: use one of {', '.join(RULES)}")
    expires = parse_iso(str(entry["expires"]))
    if expires is None:
        raise InvalidOption(
            f"{name}.expires {str(entry['expires'])!r} is not a time with a zone: write it as 2026-09-30T00:00:00+08:00"
        )
    instance = _instance(entry["instance"], f"{name}.instance") if "instance" in entry else None
    return Waiver(entry["rule"], str(entry["reason"]), str(entry["owner"]), expires, instance)


def _instance(value: object, name: str) -> str:
    """Return the id. An empty key does not mean to waive the rule for all hosts."""
    if isinstance(value, bool) or not INSTANCE_ID.fullmatch(str(value or "")):
        raise InvalidOption(
            f"{name} {value!r} is not a valid instance id: write it as crs-a1b2c3d4, or leave the key out for each host that "
            "has the variable"
        )
    return str(value)


def check_ends(waivers: Iterable[Waiver], longest: float, now: datetime, prefix: str) -> None:
    """Raise InvalidOption for a waiver that ends more than ``longest`` seconds after ``now``. ``prefix`` is for its name in errors."""
    for number, waiver in enumerate(waivers):
        ahead = waiver.expires - now
        if ahead > timedelta(seconds=longest):
            raise InvalidOption(
                f"{prefix}waivers[{number}].expires {to_iso(waiver.expires)!r} is {say_duration(ahead.total_seconds())} ahead, "
                f"and at most {say_duration(longest)} are allowed ({prefix}max_waiver): use an earlier time, and renew the "
                "waiver if it is still needed then"
            )


def waive(
    verdicts: Iterable[Verdict], waivers: Sequence[Waiver], instance_id: str, now: datetime
) -> list[WaivedVerdict]:
    """Return the verdicts, each with a ``waiver``: the live one that covers a broken rule and lasts longest, or None.

    Unknown rules are waived as well, and the message says so: what was accepted is the lack of a fact.
    """
    return [_waived(verdict, _cover(verdict, waivers, instance_id, now)) for verdict in verdicts]


def _waived(verdict: Verdict, waiver: AcceptedBy | None) -> WaivedVerdict:
    if waiver and verdict["outcome"] == UNKNOWN:
        verdict = {**verdict, "message": f"{verdict['message']} (the waiver covers what is not known)"}
    return {**verdict, "waiver": waiver}


def counted(verdict: Mapping[str, Any]) -> str:
    """Return the outcome that counts for the instance: ``waived`` instead of what an active waiver covers."""
    outcome: str = verdict["outcome"]
    return "waived" if verdict["waiver"] else outcome


def _cover(verdict: Verdict, waivers: Sequence[Waiver], instance_id: str, now: datetime) -> AcceptedBy | None:
    if verdict["outcome"] not in (FAIL, UNKNOWN):
        return None
    live = [waiver for waiver in _live(waivers, instance_id, now) if waiver.rule == verdict["rule"]]
    if not live:
        return None
    longest = max(live, key=_lasting)
    return {"reason": longest.reason, "owner": longest.owner, "expires": to_iso(longest.expires)}


def _live(waivers: Iterable[Waiver], instance_id: str, now: datetime) -> list[Waiver]:
    return [waiver for waiver in waivers if _covers(waiver, instance_id) and now < waiver.expires]


def _lasting(waiver: Waiver) -> tuple[datetime, str, str]:
    """Return the key to sort waivers by their end. Owner and reason make the order independent of where they are set."""
    return waiver.expires, waiver.owner, waiver.reason


def review(targets: Iterable[Holder], now: datetime) -> list[WaiverEntry]:
    """Return an entry for each distinct waiver: ``{..., hosts, state}`` with ``live``, ``expired`` or ``unmatched``.

    ``hosts`` are those that have it and to whose instance it applies. A waiver is unmatched if there are none, or its rule is
    off for all of them.
    """
    theirs: dict[Waiver, set[str]] = {}
    matched = set()
    for target in targets:
        for waiver in target.waivers:
            hosts = theirs.setdefault(waiver, set())
            if _covers(waiver, target.instance_id):
                hosts.add(target.host)
                if waiver.rule in target.policy.limits:
                    matched.add(waiver)
    return [
        {
            "rule": waiver.rule,
            "reason": waiver.reason,
            "owner": waiver.owner,
            "expires": to_iso(waiver.expires),
            "instance": waiver.instance,
            "hosts": sorted(hosts),
            "state": _state(waiver, waiver in matched, now),
        }
        for waiver, hosts in theirs.items()
    ]


def join(reviews: Iterable[Iterable[WaiverEntry]]) -> list[WaiverEntry]:
    """Return several runs' reviews as one: a waiver that has expired in one run is expired; else, if it is live in one run, it is live."""
    found: dict[tuple[Any, ...], WaiverEntry] = {}
    for reviewed in itertools.chain.from_iterable(reviews):
        key = (reviewed["rule"], reviewed["reason"], reviewed["owner"], reviewed["expires"], reviewed["instance"])
        other = found.get(key, reviewed)
        first = min(other, reviewed, key=lambda waiver: _STATES.index(waiver["state"]))
        found[key] = {**first, "hosts": sorted({*other["hosts"], *reviewed["hosts"]})}
    return list(found.values())


def of_hosts(reviewed: Iterable[WaiverEntry]) -> dict[str, list[Waiver]]:
    """Return ``{host: Waivers}`` of what ``review`` returned: each host's waivers that apply to its instance."""
    found: dict[str, list[Waiver]] = {}
    for known in reviewed:
        ends = from_iso(known["expires"])
        waiver = Waiver(known["rule"], known["reason"], known["owner"], ends, known["instance"])
        for host in known["hosts"]:
            found.setdefault(host, []).append(waiver)
    return found


def notes(reviewed: Iterable[WaiverEntry]) -> list[str]:
    """Return a sentence about each waiver that has expired or is unmatched."""
    why = {"expired": "has expired and has no effect", "unmatched": "matches no instance and rule in scope"}
    return [_note(waiver, why[waiver["state"]]) for waiver in reviewed if waiver["state"] in why]


def outlasted(targets: Iterable[Holder], now: datetime) -> list[str]:
    """Return a sentence about each live waiver without effect, since another one lasts as long or longer wherever it applies."""
    live: dict[Waiver, Waiver] = {}
    counting: set[Waiver] = set()
    for target in targets:
        longest: dict[str, Waiver] = {}
        for waiver in sorted(_live(target.waivers, target.instance_id, now), key=_lasting):
            if waiver.rule in target.policy.limits:
                live[waiver] = longest[waiver.rule] = waiver
        counting.update(longest.values())
    why = "never applies, since another lasts as long or longer"
    return [
        _note({**waiver._asdict(), "expires": to_iso(waiver.expires)}, why) for waiver in live if waiver not in counting
    ]


def _note(waiver: Mapping[str, Any], why: str) -> str:
    whom = f" for {waiver['instance']}" if waiver["instance"] else ""
    return f"the waiver of {waiver['rule']}{whom} by {waiver['owner']}, until {waiver['expires']}, {why}: remove it"


def _covers(waiver: Waiver, instance_id: str) -> bool:
    return waiver.instance in (None, instance_id)


def _state(waiver: Waiver, matched: bool, now: datetime) -> str:
    if now >= waiver.expires:
        return "expired"
    return "live" if matched else "unmatched"
