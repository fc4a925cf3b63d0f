# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both API versions share: how requests are sent, and which responses are rejected. Private to this collection."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Callable, Generic, NamedTuple, Optional, TypedDict, TypeVar

from .._errors import BadResponse, CrsError
from .._http.client import Client, Message
from .._http.response import Answer, holds
from .backups import BackupRecord, as_int

if TYPE_CHECKING:
    from .._credentials.model import Credentials, Provider
    from .instances import InstanceRecord, Wanted

Record = TypeVar("Record")
Value = TypeVar("Value")
#: An object of an answer, as it came: only looking at a value tells its type.
Row = dict[str, Any]
#: What a code of the API's stands for: the class, what it means and what to do, and how often to try again (None: as
#: often as the caller allows).
Meaning = tuple[type[CrsError], str, Optional[int]]

#: A shorter text is not a key of the vendor, and may be any word of a response.
_MIN_SECRET_LENGTH = 12
#: A larger count is not plausible, and would be paged for hours.
_MAX_TOTAL = 5_000_000


@dataclass(frozen=True)
class Page(Generic[Record]):
    """One page of a listing."""

    rows: Sequence[Record]
    #: How many the API counts in all.
    total: int


class BackupConfig(TypedDict):
    """How the automatic backups of an instance are configured. What isn't said is None."""

    retention_days: int | None
    #: In English: Monday, ...
    week_days: list[str]
    #: Like ``01:00-02:00``, in the API's zone.
    window: str | None


class BackupFile(NamedTuple):
    """A file of a backup. Whoever has its address can read it, so the address is a secret, which no text shows."""

    #: Without a folder; empty where the API doesn't name it.
    name: str
    #: In bytes; 0 where the API doesn't say.
    size: int
    address: str

    def __repr__(self) -> str:
        return f"BackupFile(name={self.name!r}, size={self.size!r})"


class Service(ABC):
    """A service that is asked with signed requests. A subclass signs them, and reads the envelope of the answers."""

    def __init__(self, client: Client, credentials: Provider, region: str, zone: tzinfo) -> None:
        """``credentials`` returns valid Credentials; ``region`` is a long code, ``zone`` that of bare timestamps."""
        self.client = client
        self.region = region
        self.zone = zone
        self._credentials = credentials

    def asked(self, action: str, instance_id: str | None = None) -> str:
        """Return in words what is asked of whom, for errors."""
        subject = f" of {instance_id}" if instance_id else ""
        return f"{action}{subject} in {self.region} at {self.client.endpoint.host}"

    def ask(
        self, action: str, params: Mapping[str, Any], parse: Callable[[Row], Value], instance_id: str | None = None
    ) -> Value:
        """Return ``parse(payload)`` of a successful answer; raise a CrsError otherwise.

        What ``parse`` can't make sense of is asked again like any other broken answer.
        """
        # Credentials may be replaced between two attempts.
        used: set[Credentials] = set()

        def build() -> Message:
            credentials = self._credentials()
            used.add(credentials)
            return self._message(credentials, action, params)

        def understand(answer: Answer) -> Value:
            # The API's own errors come first: what they repeat is taken out below.
            payload = self._read(answer)
            _refuse_secrets(answer, used)
            return parse(payload)

        def redacted(text: str) -> str:
            for credentials in used:
                text = credentials.redact(text)
            return text

        try:
            return self.client.call(self.asked(action, instance_id), build, understand)
        except CrsError as error:
            # Whoever answered may have repeated what was sent, or written to a terminal, in any place that an error shows.
            error.clean(redacted)
            raise

    @staticmethod
    def refused(entry: Meaning, code: str, said: str | None, request_id: str | None = None, hint: str = "") -> CrsError:
        """Return the error of an answer, by an entry of the dialect's table."""
        kind, meaning, max_retries = entry
        return kind(f"{meaning}: {hint}" if hint else meaning, code, request_id or None, said, max_retries)

    @abstractmethod
    def _message(self, credentials: Credentials, action: str, params: Mapping[str, Any]) -> Message:
        """Return the signed request. It is made anew for each attempt."""

    @abstractmethod
    def _read(self, answer: Answer) -> Row:
        """Return the object with the data of a successful answer; raise the API's own error otherwise."""


class Api(Service):
    """One generation of the API: all that listings, modules and the audit ask of it. Actions are the API's own names."""

    #: The word of the option ``api_version``.
    version: str
    #: The action that lists backups.
    action: str
    #: The action that lists instances, and how many a page may have.
    instances_action: str
    instances_page_size: int
    #: The action that hands out the addresses of a backup's files.
    files_action: str
    #: The action that lists regions, and the one that shows how backups are configured; None where the API has none.
    regions_action: str | None
    config_action: str | None
    #: Whether the API shows the tags of instances.
    knows_tags: bool
    #: How far back the API shows backups; None where it states no limit.
    horizon_seconds: int | None
    #: How much time one query for backups may span; None where the API states no limit.
    max_span_seconds: int | None
    #: Whether one query can list the backups of all instances of a region.
    can_sweep: bool
    #: Whether an offset may count pages instead of rows.
    offset_may_count_pages: bool

    @abstractmethod
    def backups_page(
        self, instance_id: str | None, begin: datetime | None, end: datetime | None, offset: int, limit: int
    ) -> Page[BackupRecord]:
        """Return a page of the backups of an instance, or with None of the whole region if the API ``can_sweep``."""

    @abstractmethod
    def instances_page(self, offset: int, limit: int, wanted: Wanted) -> Page[InstanceRecord]:
        """Return a page of the region's instances. The server may narrow it by ``wanted``: the caller looks again."""

    @abstractmethod
    def regions(self) -> list[str]:
        """Return the long codes of all regions in which the vendor sells Redis, whichever this one is."""

    @abstractmethod
    def auto_backup_config(self, instance_id: str) -> BackupConfig:
        """Return how the automatic backups of an instance are configured."""

    @abstractmethod
    def backup_files(self, instance_id: str, backup_id: str, internal: bool) -> list[BackupFile]:
        """Return the files of a backup, at least one, with new addresses: public ones, or those inside the region."""

    @abstractmethod
    def backup_shards(self, instance_id: str, backup_id: str) -> int | None:
        """Return of how many shards a backup is, None where the API doesn't say."""

    @abstractmethod
    def download_restriction(self) -> str | None:
        """Return from which networks the region's backups can be downloaded, in a few words; None where the API doesn't say."""


def distinct_files(files: list[BackupFile]) -> list[BackupFile]:
    """Return the files; raise BadResponse unless each is another one: a file that is there twice stands for a missing one."""
    if not files:
        raise BadResponse("the answer has no file")
    for values in ([file.address for file in files], [file.name for file in files if file.name]):
        if len(set(values)) < len(values):
            raise BadResponse("the answer has a file twice")
    return files


def address_of(value: object, name: str) -> str:
    """Return an address. An error doesn't show what stands in its place."""
    if not isinstance(value, str) or not value:
        raise BadResponse(f"{name} is not an address")
    return value


def _refuse_secrets(answer: Answer, used: set[Credentials]) -> None:
    """Raise BadResponse if a secret comes back as data: it would stand in results, records and reports."""
    secrets = {secret for credentials in used for secret in credentials.secrets if len(secret) >= _MIN_SECRET_LENGTH}
    if any(holds(answer, secret) for secret in secrets):
        raise BadResponse("the response repeats the request's key or token: check endpoint", max_retries=0)


def rows_of(value: Any, name: str, total: int | None) -> list[Row]:
    """Return the list of row dicts; null stands for "none" only where the API also counts none."""
    if value is None and total == 0:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadResponse(f"{name} is not a list of objects")
    return value


def total_of(value: object, name: str) -> int:
    total = as_int(value)
    if total is None or not 0 <= total <= _MAX_TOTAL:
        raise BadResponse(f"{name} is not a count")
    return total


def clock_hint(date: str | None) -> str:
    """Return what the server's Date header says of this machine's clock, for errors about time."""
    try:
        seconds = time.time() - parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return "check this machine's clock"
    side = "ahead of" if seconds > 0 else "behind"
    return f"this machine's clock is {abs(seconds):.0f} s {side} the server's ({date}), and five minutes are allowed"
