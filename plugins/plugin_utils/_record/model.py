# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of an audit record. The descriptions in ``audit-record.schema.json`` say what each key means.

Private to this collection. Times are texts like 2026-06-01T02:00:00Z, so that sorting the texts sorts the times.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict

from ...module_utils._connection import Query
from ...module_utils._errors import ErrorDict
from .._policy.restore_tests import RestoreTests
from .._policy.waivers import WaivedVerdict, WaiverEntry

#: The values of a policy's rules as the user wrote them, and its ``timezone``.
PolicyValues = dict[str, Any]
#: The number of instances, under ``instances``, and of each outcome, under its name.
Summary = dict[str, int]


class ListingError(ErrorDict):
    """Why the listing of an instance is not complete."""

    #: The message without request and answer.
    reason: str


#: The record has verdicts in the form in which the policy returns them.
RuleVerdict = WaivedVerdict


class _Backup(TypedDict):
    start: str | None
    type: str
    status: str
    size: int | None


class BackupEntry(_Backup, total=False):
    """A backup that was judged. Lists of these begin with the newest. ``size`` is in bytes."""

    remark: str


class ConfigEntry(TypedDict, total=False):
    """How automatic backups are configured, or why that isn't known."""

    retention_days: int | None
    week_days: list[str] | None
    error: str


class ClaimsEntry(TypedDict):
    """What only the inventory says of an instance."""

    created_time: str | None
    status: str | None


class PlaceEntry(TypedDict):
    """A place: where instances were looked for."""

    account: str
    region: str
    endpoint: str
    api_version: str


class InstanceFacts(PlaceEntry):
    """What an instance is judged from."""

    host: str
    instance_id: str
    instance_name: str | None
    evaluated_at: str
    complete: bool
    error: ListingError | None
    created_time: str | None
    status: str | None
    claims: ClaimsEntry | None
    tags: dict[str, str]
    horizon_seconds: int | None
    config: ConfigEntry | None
    #: None where no folder of restore tests was looked at.
    restore_tests: RestoreTests | None
    #: Whether the host fails where nothing can be concluded: fail or warn.
    unknown: str
    #: The id of its policy.
    policy: str
    #: Where the limit of each rule was set: ``{rule: origin}``, as in Target.
    origins: dict[str, str]
    backups: list[BackupEntry]


class Conclusion(TypedDict):
    """The result for an instance."""

    outcome: str
    fails: bool
    usable: int
    newest_usable: str | None
    oldest_usable: str | None
    rules: list[RuleVerdict]


class InstanceEntry(InstanceFacts, Conclusion):
    """The entry of one host: facts of its instance, and the result."""


class AccountQuery(Query):
    """The Query of a listing, with the label of its account."""

    account: str


class ListingEntry(AccountQuery):
    """The listing of one connection, for all of its hosts."""

    hosts: int
    instances: int
    incomplete: int
    instances_error: ErrorDict | None
    total: int
    sha256: str


class CoverageEntry(PlaceEntry):
    """Which instances of an account's region the inventory doesn't name."""

    instances: int | None
    not_in_inventory: list[str]
    not_audited: list[str]
    isolated: list[str]
    lacking: list[str]
    fails: bool
    error: ErrorDict | None


class SliceEntry(TypedDict):
    """One of the records that a merged record was made of."""

    evaluated_at: str
    finished_at: str
    generator: str
    instances: int
    complete: bool
    sha256: str


class Record(TypedDict):
    """The audit record."""

    schema: str
    id: str
    name: str
    run: str | None
    generator: str
    evaluated_at: str
    finished_at: str
    complete: bool
    summary: Summary
    policies: dict[str, PolicyValues]
    instances: list[InstanceEntry]
    listings: list[ListingEntry]
    coverage_setting: str
    coverage: list[CoverageEntry]
    waivers: list[WaiverEntry]
    slices: list[SliceEntry]


class Stored(NamedTuple):
    """A record, and the SHA-256 (hexadecimal) of the file that has it."""

    record: Record
    sha256: str
