# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defers signals that end a process until data is wiped. Private to this collection."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_PR_SET_PDEATHSIG, _PR_GET_PDEATHSIG = 1, 2
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Interrupted(BaseException):
    """Raised in the main thread by the first signal only, so that each ``finally`` runs."""


class _State:
    """Signals received, whether one was raised, and whether raising is blocked. A signal mask would apply to one thread only."""

    received: list[int] = []
    raised = False
    blocked = False


def _note(number: int, frame: FrameType | None) -> None:
    _State.received.append(number)
    _raise()


def _raise() -> None:
    if _State.received and not _State.raised and not _State.blocked:
        _State.raised = True
        raise Interrupted(_State.received[0])


@contextmanager
def deferred() -> Iterator[None]:
    """Let a signal end the block with Interrupted, so that it cleans up, and afterwards the process with the same signal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _State.received, _State.raised = [], False
    before: dict[int, Any] = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        for number in _SIGNALS:
            signal.signal(number, _note)
        with _ending_with_parent():
            yield
    finally:
        # Without raising: each handler must be restored.
        _State.blocked = True
        for restored, handler in before.items():
            signal.signal(restored, handler)
        received, _State.received, _State.blocked = _State.received, [], False
        if received:
            os.kill(os.getpid(), received[0])


@contextmanager
def _ending_with_parent() -> Iterator[None]:
    """Receive SIGTERM when the parent ends: a killed Ansible must end the test, too. Linux only."""
    process = ctypes.CDLL(None)
    if not hasattr(process, "prctl"):
        yield
        return
    before = ctypes.c_int()
    process.prctl(_PR_GET_PDEATHSIG, ctypes.byref(before), 0, 0, 0)
    process.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    try:
        yield
    finally:
        process.prctl(_PR_SET_PDEATHSIG, before.value, 0, 0, 0)


@contextmanager
def blocked() -> Iterator[None]:
    """Let a block finish before a signal is raised."""
    _State.blocked = True
    try:
        yield
    finally:
        _State.blocked = False
        _raise()
