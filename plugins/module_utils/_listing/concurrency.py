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
    """Return a ``map`` with this maximum number of concurrent calls. The first error ends it, and no further call is made."""

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
    """Return ``{instance_id: Reply}`` of ``ask(instance_id)``, each asked once.

    Only an error that can't be about one instance is taken for an answer to all, and only after a probe: ``probe()`` asks the same
    service with the same key for something that is about no instance, and has to meet such an error, too. Another instance would
    be no evidence: two may answer badly, wherever they stand. How many fail, and in which order, decides nothing. With
    ``stop_at_error`` the first error is raised.
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
    """Instances that wait to be asked, and what the others answered. Safe for use by several threads."""

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
        #: What meets all that weren't asked.
        self._shared: CrsError | None = None
        self._one_probe = Lock()

    def reply(self, instance_id: str) -> Reply[Value]:
        return self._replies.get(instance_id) or Reply(None, self._shared)

    def work(self) -> None:
        """Ask those that wait, first come, first served."""
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
        """Keep the Reply of an instance, and return its error."""
        try:
            reply = Reply(self._ask(instance_id), None)
        except CrsError as error:
            reply = Reply(None, error)
        self._replies[instance_id] = reply
        return reply.error

    def _find_out(self) -> None:
        """Find out whether those that wait would meet an error that can't be about one instance."""
        with self._one_probe:
            if self._shared or not self._waiting:
                return
            try:
                self._probe()
            except CrsError as error:
                if error.meets_all:
                    self._shared = error
