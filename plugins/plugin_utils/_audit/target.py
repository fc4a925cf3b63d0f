# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host of an audit, with its variables read and checked. Private to this collection. It knows no Ansible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .._policy.policy import Policy
from .._policy.waivers import Waiver


class Target(NamedTuple):
    """An instance to audit, as its host's variables describe it."""

    host: str
    #: The label of the account by the inventory, or None.
    account: str | None
    instance_id: str
    name: str | None
    #: Claims of the inventory: creation time (ISO 8601) and status.
    created_time: str | None
    status: str | None
    tags: dict[str, str]
    #: The checked options of the connection.
    connection: dict[str, Any]
    policy: Policy
    #: Where the limit of each rule was set: ``role default``, ``set for the play`` or ``set for this host``.
    origins: dict[str, str]
    waivers: tuple[Waiver, ...]
    #: Whether the host fails if its outcome is unknown.
    unknown_fails: bool


def by_connection(targets: Iterable[Target]) -> list[tuple[dict[str, Any], list[Target]]]:
    """Return ``[(connection, targets)]``: hosts of one account with equal connections share one listing."""
    groups: dict[str, tuple[dict[str, Any], list[Target]]] = {}
    for target in targets:
        key = repr((target.account, target.connection))
        groups.setdefault(key, (target.connection, []))[1].append(target)
    return list(groups.values())
