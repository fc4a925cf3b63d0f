# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is to know of a rule: an entry of ``rules.RULES``. Pure. Private to this collection.

``make rules`` writes the options of role and filter, the role's defaults, the table in its README and the names in the record's
schema from the entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Generic, TypeVar

from .findings import Finding
from .history import BackupHistory
from .limits import Kind

Limit = TypeVar("Limit")
#: The limits of a policy, by the names of its rules.
Limits = Mapping[str, Any]


@dataclass(frozen=True)
class Text:
    """What users read of a rule, in the markup of Ansible's documentation, where ``O(NAME)`` is another rule or the time zone.

    ``summary`` is a sentence without its full stop: what the limit is. ``details`` follow it in the options of role and filter,
    ``of_role`` and ``of_filter`` in one of them.
    """

    summary: str
    details: tuple[str, ...] = ()
    of_role: tuple[str, ...] = ()
    of_filter: tuple[str, ...] = ()


def may_be_unknown(_limits: Limits, _horizon: float) -> str:
    """Say what comes of most rules that look back further than the API shows."""
    return "where it would fail it is unknown"


def never_holds(_limits: Limits, _horizon: float) -> str:
    """Say what comes of a rule that needs to see all of that."""
    return "it can never be shown to hold there"


@dataclass(frozen=True)
class Rule(Generic[Limit]):
    """One rule.

    ``kind`` reads its limit, and ``judge(history, limit)`` returns the Finding. ``default`` is what the role sets where the
    user sets nothing, None where it is off then. ``look_back(limit, limits)`` is how many seconds back it looks, where it does, by
    the policy's other limits too, and ``beyond(limits, horizon)`` says what comes of it where that is further than the API shows.
    ``caution(limit)`` says why a limit flaps, or returns None. ``config`` says that it judges the configuration and not the
    listing of backups, ``restore_tests`` the same of restore tests, ``only_v3`` that API 2.0 doesn't show what it judges.
    """

    kind: Kind[Limit]
    judge: Callable[[BackupHistory, Limit], Finding]
    severity: str
    text: Text
    default: str | int | None = None
    look_back: Callable[[Limit, Limits], int] | None = None
    beyond: Callable[[Limits, float], str] = may_be_unknown
    caution: Callable[[Limit], str | None] | None = None
    config: bool = False
    restore_tests: bool = False
    only_v3: bool = False

    @property
    def listing(self) -> bool:
        """Whether it judges the listing of backups."""
        return not (self.config or self.restore_tests)
