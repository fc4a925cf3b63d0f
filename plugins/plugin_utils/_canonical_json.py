# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hash of a value, the same wherever it is taken: of what was seen, of a record, of a policy.

Private to this collection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode
#: How many elements of a list are encoded in one go: one by one takes twice the time, and a fleet's in one much memory.
BATCH = 100


def digest(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hexadecimal digits."""
    sha256 = hashlib.sha256()
    for piece in _canonical(value):
        sha256.update(piece.encode("ascii"))
    return sha256.hexdigest()


def _canonical(value: object) -> Iterator[str]:
    """Yield the canonical JSON in pieces."""
    if isinstance(value, dict):
        for number, key in enumerate(sorted(value)):
            yield f"{',' if number else '{'}{_encode(key)}:"
            yield from _items(value[key])
        yield "}" if value else "{}"
    else:
        yield from _items(value)


def _items(value: object) -> Iterator[str]:
    if not isinstance(value, list):
        yield _encode(value)
        return
    yield "["
    for begin in range(0, len(value), BATCH):
        yield ("," if begin else "") + _encode(value[begin : begin + BATCH])[1:-1]
    yield "]"
