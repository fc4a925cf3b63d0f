# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of a source of key pairs: its entry, and what is found there. Private to this collection.

An entry is next to its function. ``make entries`` writes the list of all entries, ``registry.py``, and their order in the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from .model import Provider

if TYPE_CHECKING:
    from .chain import Keyring
    from .web_identity import WebIdentity


class Source(NamedTuple):
    """Where credentials come from, and what the source sets besides them, such as a region; None for what it doesn't set."""

    #: A WebIdentity becomes a provider later: its credentials need a connection, which is not known here.
    provider: Provider | WebIdentity
    role_arn: str | None
    role_session_name: str | None
    region: str | None
    #: Identifies the key without showing it; None if that takes a request.
    fingerprint: str | None


@dataclass(frozen=True)
class Finder:
    """The entry of one source.

    ``order`` is its place among the sources: the lowest is tried first. ``find(keyring, options)`` returns its Source, or None if it
    has no key pair; it raises InvalidOption for half a pair and the like. ``text`` documents it, as a part of a sentence in Ansible's
    markup. ``named`` means that it is tried also if options name an account (``profile``, ``env_prefix``), and ``in_inventory`` that
    inventories have it, too. ``remedy`` says how to use it, for the error that no source has a key pair.
    """

    order: int
    find: Callable[[Keyring, Mapping[str, Any]], Source | None]
    text: str
    named: bool = False
    in_inventory: bool = True
    remedy: str | None = None
