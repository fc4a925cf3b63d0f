# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many questions, several at a time, without asking a dead service once per instance.

Private to this collection.
"""

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
    """The answer to a question, or the error met instead."""

    value: Value | None
    error: CrsError | None


class InOrder(Protocol):
    """One by one, as ``map`` does, or several under way at a time."""

    def __call__(self, ask: Callable[[Item], Value], items: Iterable[Item], /) -> Iterator[Value]:
        """Yield ``ask(item)`` of each item, in their order."""


def in_order(concurrency: int) -> InOrder:
    """Return a ``map`` that has so many questions under way. The first error ends it, and no further one is asked then."""

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
    concurrency: int,
    stop_at_error: bool = False,
    suspicion: CrsError | None = None,
) -> dict[str, Reply[Value]]:
    """Return ``{instance_id: Reply}`` of ``ask(instance_id)``, each asked once.

    Only an error that can't be about one instance is taken for an answer to all, and only after a probe: another instance
    has to meet such an error, too. That is one that was answered before, else the one that is furthest from its turn. How
    many fail, and in which order, decides nothing. ``suspicion`` is such an error that was met beforehand. With
    ``stop_at_error`` the first error is raised.
    """
    questions = _Questions(instance_ids, ask, stop_at_error)
    if suspicion:
        questions.probe(suspicion)
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
    """Instances that wait to be asked, and what the others answered. Safe for use by several threads."""

    def __init__(self, instance_ids: Iterable[str], ask: Callable[[str], Value], stop_at_error: bool) -> None:
        self._waiting = deque(instance_ids)
        self._ask = ask
        self._stop_at_error = stop_at_error
        self._replies: dict[str, Reply[Value]] = {}
        #: An instance for which somebody answered, if only to refuse it.
        self._answered: str | None = None
        #: What meets all that weren't asked.
        self._shared: CrsError | None = None
        self._one_probe = Lock()

    def reply(self, instance_id: str) -> Reply[Value]:
        return self._replies.get(instance_id) or Reply(None, self._shared)

    def work(self) -> None:
        """Ask those that wait, first come, first served."""
        while not self._shared:
            try:
                error = self._ask_one(self._waiting.popleft())
            except IndexError:
                return
            if error and self._stop_at_error:
                self._shared = error
            elif error and error.meets_all:
                self.probe(error)

    def probe(self, error: CrsError) -> None:
        """Find out by another instance whether an error meets all."""
        with self._one_probe:
            if self._shared:
                return
            try:
                other = self._try(self._answered).error if self._answered else self._ask_one(self._waiting.pop())
            except IndexError:
                return
            if other and (other.meets_all or self._stop_at_error):
                self._shared = error

    def _ask_one(self, instance_id: str) -> CrsError | None:
        """Keep the Reply of an instance, and return its error."""
        reply = self._replies[instance_id] = self._try(instance_id)
        if not (reply.error and reply.error.meets_all):
            self._answered = instance_id
        return reply.error

    def _try(self, instance_id: str) -> Reply[Value]:
        try:
            return Reply(self._ask(instance_id), None)
        except CrsError as error:
            return Reply(None, error)
