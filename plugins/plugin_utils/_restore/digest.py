# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Computes a SHA-256 in a thread beside the one that has the data. Private to this collection.

Receiving and hashing take about the same time, and both leave the interpreter to others meanwhile.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from types import TracebackType

#: The maximum number of pieces that wait to be hashed.
_PIECES = 4
_END = b""


class Sha256:
    """Takes pieces of data; ``hexdigest`` is complete after the ``with`` block."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._pieces: queue.Queue[bytes] = queue.Queue(_PIECES)
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Sha256:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pieces.put(_END)
        self._thread.join()

    def update(self, piece: bytes) -> None:
        """Add a piece that is not empty. Waits if too many are not hashed yet."""
        self._pieces.put(piece)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()

    def _work(self) -> None:
        for piece in iter(self._pieces.get, _END):
            self._digest.update(piece)
