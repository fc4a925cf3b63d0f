# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both API versions share: the interface that the rest of the collection uses, and which answers are rejected.

Private to this collection.
"""

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
#: A JSON object of an answer. The types of its values are unknown until they are checked.
Row = dict[str, Any]
#: What an error code of the API stands for: (class, meaning and remedy, maximum number of retries). None: as many as the
#: option ``retries`` allows.
Meaning = tuple[type[CrsError], str, Optional[int]]

#: In characters. A shorter text is not a key of the vendor's, and may be any word of a response.
_MIN_SECRET_LENGTH = 12
#: Rows of a listing. A larger total is not plausible, and would be paged for hours.
_MAX_TOTAL = 5_000_000


@dataclass(frozen=True)
class Page(Generic[Record]):
    """One page of a listing."""

    rows: Sequence[Record]
    #: How many rows the API counts on all pages together.
    total: int


class BackupConfig(TypedDict):
    """How the automatic backups of an instance are configured. What the API doesn't say is None."""

    retention_days: int | None
    #: Names in English, such as Monday.
    week_days: list[str]
    #: The time of day at which they start, such as ``01:00-02:00``, in the API's zone.
    window: str | None


class BackupFile(NamedTuple):
    """A file of a backup. Whoever has its address can read it, so the address is a secret, which no text shows."""

    #: Without a folder; empty if the API doesn't name the file.
    name: str
    #: In bytes; 0 if the API doesn't say.
    size: int
    address: str

    def __repr__(self) -> str:
        return f"BackupFile(name={self.name!r}, size={self.size!r})"


class Service(ABC):
    """A service of the vendor, such as Redis or STS. A subclass signs the requests, and reads the envelope of the answers."""

    def __init__(self, client: Client, credentials: Provider, region: str, zone: tzinfo) -> None:
        """``credentials()`` returns valid Credentials; ``region`` is a long code; ``zone`` is that of the API's timestamps."""
        self.client = client
        self.region = region
        self.zone = zone
        self._credentials = credentials

    def asked(self, action: str, instance_id: str | None = None) -> str:
        """Return the action, instance, region and host of a request in words, for errors."""
        subject = f" of {instance_id}" if instance_id else ""
        return f"{action}{subject} in {self.region} at {self.client.endpoint.host}"

    def ask(
        self, action: str, params: Mapping[str, Any], parse: Callable[[Row], Value], instance_id: str | None = None
    ) -> Value:
        """Send a request, and return ``parse(payload)`` of a successful answer; raise a CrsError otherwise.

        ``action`` and ``params`` are the API's own names. If ``parse`` raises BadResponse, the request is repeated, like after any
        other invalid answer. Errors name ``instance_id``, and hold no secret.
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
            # Each text of the error may repeat a secret that was sent, or hold control characters for a terminal.
            error.clean(redacted)
            raise

    @staticmethod
    def refused(entry: Meaning, code: str, said: str | None, request_id: str | None = None, hint: str = "") -> CrsError:
        """Return the CrsError for an error code of the API, by its entry in the table of the API version.

        ``said`` is the API's own message, ``hint`` says more than the entry does.
        """
        kind, meaning, max_retries = entry
        return kind(f"{meaning}: {hint}" if hint else meaning, code, request_id or None, said, max_retries)

    @abstractmethod
    def _message(self, credentials: Credentials, action: str, params: Mapping[str, Any]) -> Message:
        """Return the signed request. It is made anew for each attempt, with the time of signing."""

    @abstractmethod
    def _read(self, answer: Answer) -> Row:
        """Return the object with the data of a successful answer; raise the API's own error otherwise."""


class Api(Service):
    """One version of the API: all that listings, modules and the audit ask of it. Each method raises a CrsError if it fails.

    Attributes that end in ``action`` are the API's own names.
    """

    #: Its value of the option ``api_version``: v2 or v3.
    version: str
    #: The action that lists backups.
    action: str
    #: The action that lists instances, and the maximum number of them on a page.
    instances_action: str
    instances_page_size: int
    #: The action that returns the addresses of a backup's files.
    files_action: str
    #: The action that lists regions, and the one that shows how backups are configured; None where the API has none.
    regions_action: str | None
    config_action: str | None
    #: Whether the API shows the tags of instances.
    knows_tags: bool
    #: Whether the API returns the addresses of all files of a backup, and not only of one.
    shows_each_file: bool
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
        """Return a page of the backups that an instance started from ``begin`` to ``end``; None leaves out that bound.

        Without an ``instance_id`` they are those of the whole region, which only an API that ``can_sweep`` lists.
        """

    @abstractmethod
    def instances_page(self, offset: int, limit: int, wanted: Wanted) -> Page[InstanceRecord]:
        """Return a page of the region's instances. The API may apply only a part of ``wanted``: the caller has to filter."""

    @abstractmethod
    def regions(self) -> list[str]:
        """Return the long codes of all regions in which the vendor sells Redis. They are the same from every region."""

    @abstractmethod
    def auto_backup_config(self, instance_id: str) -> BackupConfig:
        """Return how the automatic backups of an instance are configured."""

    @abstractmethod
    def backup_files(self, instance_id: str, backup_id: str, internal: bool) -> list[BackupFile]:
        """Return the files of a backup, at least one, with new addresses: public ones, or if ``internal`` those inside the region."""

    @abstractmethod
    def backup_shards(self, instance_id: str, backup_id: str) -> int | None:
        """Return the number of shards of a backup, or None if the API doesn't say."""

    @abstractmethod
    def download_restriction(self) -> str | None:
        """Return in a few words from which networks the region's backups can be downloaded, or None if the API doesn't say."""


def distinct_files(files: list[BackupFile]) -> list[BackupFile]:
    """Return the files. Raises BadResponse if there is none, or one twice, since then another one may be missing."""
    if not files:
        raise BadResponse("the response has no file")
    for values in ([file.address for file in files], [file.name for file in files if file.name]):
        if len(set(values)) < len(values):
            raise BadResponse("the response has a file twice")
    return files


def address_of(value: object, name: str) -> str:
    """Return ``value`` if it is a text. Raises BadResponse otherwise, without the value, which may hold a secret."""
    if not isinstance(value, str) or not value:
        raise BadResponse(f"{name} is not an address")
    return value


def _refuse_secrets(answer: Answer, used: set[Credentials]) -> None:
    """Raise BadResponse if the answer holds a secret as data: it would end up in results, records and reports."""
    secrets = {secret for credentials in used for secret in credentials.secrets if len(secret) >= _MIN_SECRET_LENGTH}
    if any(holds(answer, secret) for secret in secrets):
        raise BadResponse("the response repeats the request's key or token: check endpoint", max_retries=0)


def rows_of(value: Any, name: str, total: int | None) -> list[Row]:
    """Return the rows of the field ``name``. Null means no rows only if ``total`` is 0. Raises BadResponse for anything else."""
    if value is None and total == 0:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadResponse(f"{name} is not a list of objects")
    return value


def total_of(value: object, name: str) -> int:
    """Return the number of rows in the field ``name``. Raises BadResponse if it is not a plausible count."""
    total = as_int(value)
    if total is None or not 0 <= total <= _MAX_TOTAL:
        raise BadResponse(f"{name} is not a count")
    return total


def clock_hint(date: str | None) -> str:
    """Return a sentence on how far this machine's clock differs from the server's Date header, for errors about time."""
    try:
        seconds = time.time() - parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return "check this machine's clock"
    side = "ahead of" if seconds > 0 else "behind"
    return f"this machine's clock is {abs(seconds):.0f} s {side} the server's ({date}), and five minutes are allowed"
