# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances are to be tested next, and how many at a time. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ...module_utils._times import from_iso, to_iso
from .._policy.facts import Instance
from .latest import LastTests

#: The minimum memory of a test, in bytes. If there is less for each, fewer tests run at a time.
MIN_MEMORY = 512 << 20


class Host(NamedTuple):
    """A host, the instance that it stands for, and the seconds after which a test that passed is too old.

    ``max_memory`` is its own maximum of a test's memory, in bytes, or None.
    """

    name: str
    instance: Instance
    every: int
    max_memory: int | None = None


class Due(NamedTuple):
    """Hosts by name: ``now`` are those to test in this run, in order, and ``later`` those for which it has no room.

    ``never`` is how many of both have never passed. Of several hosts that stand for one instance, the first is tested.
    """

    now: list[str]
    later: list[str]
    never: int


class _Candidate(NamedTuple):
    """The sort key: instances that were not tried come first, then those that wait longest. ``since`` is blank if none ever passed."""

    tried: bool
    since: str
    name: str
    never: bool


def due(hosts: Iterable[Host], tests: Mapping[Instance, LastTests], now: datetime, max_hosts: int) -> Due:
    """Return what is due: instances whose last passed test is too old, or that have none. Most overdue first.

    An instance whose test did not pass since it became due comes after those that were not tried. Otherwise a few that can never be
    tested would block all others.
    """
    found = [_candidate(host, tests.get(host.instance), now) for host in _distinct(hosts)]
    waiting = sorted(one for one in found if one is not None)
    names = [one.name for one in waiting]
    return Due(names[:max_hosts], names[max_hosts:], sum(one.never for one in waiting))


def _distinct(hosts: Iterable[Host]) -> Iterable[Host]:
    """Return a host for each instance, with the shortest interval of all that stand for it."""
    first: dict[Instance, Host] = {}
    for host in hosts:
        known = first.get(host.instance, host)
        first[host.instance] = known._replace(every=min(known.every, host.every))
    return first.values()


def _candidate(host: Host, last: LastTests | None, now: datetime) -> _Candidate | None:
    passed = last.passed if last else None
    since = None if passed is None else to_iso(from_iso(passed["evaluated_at"]) + timedelta(seconds=host.every))
    if since is not None and since > to_iso(now):
        return None
    tried: str | None = last.latest["evaluated_at"] if last else None
    if tried is not None and tried > (since or ""):
        return _Candidate(True, tried, host.name, since is None)
    return _Candidate(False, since or "", host.name, since is None)


def share(parallel: int, forks: int, memory: int, wanted: Sequence[int | None]) -> tuple[int, int]:
    """Return how many tests may run at a time, and the bytes of memory for each that has no maximum of its own.

    ``memory`` is the limit for all tests together; ``wanted`` has each test's own maximum, or None; all in bytes.
    """
    largest = max((MIN_MEMORY if one is None else one for one in wanted), default=MIN_MEMORY)
    at_once = max(1, min(parallel, forks, len(wanted), memory // largest))
    return at_once, memory // at_once
