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
    """The sort key: instances that were not tried come first, then those that wait longest.

    ``since`` is when it became due, blank if it never passed or failed.
    """

    tried: bool
    since: str
    name: str
    never: bool
    failed: bool


def due(hosts: Iterable[Host], tests: Mapping[Instance, LastTests], now: datetime, max_hosts: int) -> Due:
    """Return what is due: instances whose last passed test is too old, or that have none, or that failed since. Most overdue first.

    An instance whose test did not pass since it became due comes after those that were not tried. Otherwise a few that can never be
    tested would block all others. Those that failed come first, so that a run does not succeed without them, but in no more than half
    of the room, for the same reason.
    """
    found = [_candidate(host, tests.get(host.instance), now) for host in _distinct(hosts)]
    waiting = sorted(one for one in found if one is not None)
    first = [one for one in waiting if one.failed][: max_hosts // 2]
    names = [one.name for one in first] + [one.name for one in waiting if one not in first]
    return Due(names[:max_hosts], names[max_hosts:], sum(one.never for one in waiting))


def _distinct(hosts: Iterable[Host]) -> Iterable[Host]:
    """Return a host for each instance, with the shortest interval of all that stand for it."""
    first: dict[Instance, Host] = {}
    for host in hosts:
        known = first.get(host.instance, host)
        first[host.instance] = known._replace(every=min(known.every, host.every))
    return first.values()


def _candidate(host: Host, last: LastTests | None, now: datetime) -> _Candidate | None:
    if last is None:
        return _Candidate(False, "", host.name, True, False)
    # Only a failure that stands is there. An instance with one is due at once.
    failed: str | None = last.failed["evaluated_at"] if last.failed else None
    passed = last.passed["evaluated_at"] if last.passed else None
    since = failed or (to_iso(from_iso(passed) + timedelta(seconds=host.every)) if passed else "")
    if failed is None and since > to_iso(now):
        return None
    latest: str = last.latest["evaluated_at"]
    tried = latest > since
    return _Candidate(tried, latest if tried else since, host.name, passed is None, failed is not None)


def share(parallel: int, forks: int, memory: int, wanted: Sequence[int | None]) -> tuple[int, int]:
    """Return how many tests may run at a time, and the bytes of memory for each that has no maximum of its own.

    ``memory`` is the limit for all tests together; ``wanted`` has each test's own maximum, or None; all in bytes.
    """
    largest = max((MIN_MEMORY if one is None else one for one in wanted), default=MIN_MEMORY)
    at_once = max(1, min(parallel, forks, len(wanted), memory // largest))
    return at_once, memory // at_once
