# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The type of a rule: an entry of ``rules.RULES``. Pure. Private to this collection.

``make entries`` writes the options of role and filter, the role's defaults, the table in its README and the names in the record's
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
    """The documentation of a rule, in Ansible's markup. ``O(NAME)`` is another rule or the time zone.

    ``summary`` says what the limit is, in a sentence without its full stop. ``details`` are further paragraphs for role and filter,
    ``of_role`` and ``of_filter`` for one of the two.
    """

    summary: str
    details: tuple[str, ...] = ()
    of_role: tuple[str, ...] = ()
    of_filter: tuple[str, ...] = ()


def may_be_unknown(_limits: Limits, _horizon: float) -> str:
    """Return the consequence for most rules that look back further than the API shows."""
    return "where it would fail it is unknown"


def never_holds(_limits: Limits, _horizon: float) -> str:
    """Return the consequence for a rule that can pass only if the listing shows all of its look-back."""
    return "it can never be shown to hold there"


@dataclass(frozen=True)
class Rule(Generic[Limit]):
    """One rule.

    ``kind`` parses its limit, and ``judge(history, limit)`` returns the Finding. ``default`` is the role's default, None if the rule is
    off by default. ``look_back(limit, limits)`` returns how many seconds back the rule needs to see, which may depend on the
    policy's other ``limits``; None if no rule needs that. ``beyond(limits, horizon)`` returns the consequence if the API shows only
    the last ``horizon`` seconds, fewer than the look-back. ``caution(limit)`` returns why a limit would pass and fail by turns, or None.
    ``config`` means that it judges the configuration of automatic backups, not the listing, ``restore_tests`` that it judges restore
    tests, and ``only_v3`` that API 2.0
    doesn't show what it judges.
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
