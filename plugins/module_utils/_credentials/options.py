# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key pair of the options of a task. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .model import pair
from .source_type import Finder, Source

if TYPE_CHECKING:
    from .chain import Keyring

_NAMES = ("secret_id", "secret_key", "token")


def _find(keyring: Keyring, options: Mapping[str, Any]) -> Source | None:
    return keyring.fixed(pair([options.get(name) for name in _NAMES], _NAMES, "the options"))


SOURCE = Finder(
    order=10,
    find=_find,
    text="the options O(secret_id) and O(secret_key), with O(token) if the pair is temporary",
    named=True,
    in_inventory=False,
)
