# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent requests, which end early if the service is down. Private to this collection."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Callable, Generic, Protocol, TypeVar

from .._errors import CrsError

Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Reply(Generic[Value]):
    """The answer about an instance, or the error in its place: one of the two is None."""

    value: Value | None
    error: CrsError | None


class InOrder(Protocol):
    """The type of ``map``, and of what ``in_order`` returns: calls one after the other, or several concurrently."""

    def __call__(self, ask: Callable[[Item], Value], items: Iterable[Item], /) -> Iterator[Value]:
        """Yield ``ask(item)`` for each item, in the order of the items."""


def in_order(concurrency: int) -> InOrder:
    """Return a ``map`` that makes at most ``concurrency`` calls at a time. After the first error it makes no further call."""

    def each(ask: Callable[[Item], Value], items: Iterable[Item]) -> Iterator[Value]:
        items = iter(items)
        with ThreadPoolExecutor(max_workers=concurrency) as pool:
            waiting = deque(pool.submit(ask, item) for item in islice(items, concurrency))
            try:
                while waiting:
                    yield waiting.popleft().result()
                    waiting.extend(pool.submit(ask, item) for item in islice(items, 1))
            finally:
                for one in waiting:
                    one.cancel()

    return each


def ask_each(
    instance_ids: Sequence[str],
    ask: Callable[[str], Value],
    probe: Callable[[], object],
    concurrency: int,
    stop_at_error: bool = False,
) -> dict[str, Reply[Value]]:
    """Call ``ask(instance_id)`` at most once for each id, and return ``{instance_id: Reply}``.

    After an error that concerns all instances (``meets_all``), ``probe()`` sends the same service a request with the same key that is
    about no instance. If that raises such an error, too, it becomes the Reply of all instances that are still waiting. Otherwise they
    are asked. A failure of a second instance would prove nothing, so the number of failures and their order don't count.

    With ``stop_at_error`` no further instance is asked after an error, and the first one by the order of ``instance_ids`` is raised.
    """
    questions = _Questions(instance_ids, ask, probe, stop_at_error)
    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        workers = [pool.submit(questions.work) for _one in range(min(concurrency, len(instance_ids)))]
    for worker in workers:
        worker.result()
    replies = {instance_id: questions.reply(instance_id) for instance_id in instance_ids}
    if stop_at_error:
        for reply in replies.values():
            if reply.error:
                raise reply.error
    return replies


class _Questions(Generic[Value]):
    """A queue of instances, and the Replies of those that were asked. Safe for use by several threads."""

    def __init__(
        self,
        instance_ids: Iterable[str],
        ask: Callable[[str], Value],
        probe: Callable[[], object],
        stop_at_error: bool,
    ) -> None:
        self._waiting = deque(instance_ids)
        self._ask = ask
        self._probe = probe
        self._stop_at_error = stop_at_error
        self._replies: dict[str, Reply[Value]] = {}
        #: The error of all instances that weren't asked, once there is one.
        self._shared: CrsError | None = None
        self._one_probe = Lock()

    def reply(self, instance_id: str) -> Reply[Value]:
        return self._replies.get(instance_id) or Reply(None, self._shared)

    def work(self) -> None:
        """Ask about waiting instances until none is left, or there is a shared error."""
        while not self._shared:
            try:
                instance_id = self._waiting.popleft()
            except IndexError:
                return
            error = self._ask_one(instance_id)
            if error and self._stop_at_error:
                self._shared = error
            elif error and error.meets_all:
                self._find_out()

    def _ask_one(self, instance_id: str) -> CrsError | None:
        """Ask about an instance, store its Reply, and return its error or None."""
        try:
            reply = Reply(self._ask(instance_id), None)
        except CrsError as error:
            reply = Reply(None, error)
        self._replies[instance_id] = reply
        return reply.error

    def _find_out(self) -> None:
        """Probe the service once, and share the error if it concerns all instances."""
        with self._one_probe:
            if self._shared or not self._waiting:
                return
            try:
                self._probe()
            except CrsError as error:
                if error.meets_all:
                    self._shared = error
