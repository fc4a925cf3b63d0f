# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""API 2.0, which lists backups with GetRedisBackupList: its requests, rows and errors. Private to this collection.

Sources: the vendor's pages of GetRedisBackupList and of the requests and error codes of API 2.0.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .._errors import (
    AuthError,
    BadResponse,
    CrsError,
    Denied,
    InvalidRequest,
    NotFound,
    ServerError,
    Throttled,
)
from .._http.client import Client, Message
from .._http.response import Answer
from .._times import format_api_time
from . import backups, instances
from .backups import BackupRecord
from .base import (
    Api,
    BackupConfig,
    BackupFile,
    Meaning,
    Page,
    Row,
    address_of,
    clock_hint,
    rows_of,
    total_of,
)
from .instances import ALL, InstanceRecord, Wanted
from .regions import to_short
from .signing import sign_v2

if TYPE_CHECKING:
    from .._credentials.model import Credentials, Provider

_CODES: dict[int, Meaning] = {
    4000: (InvalidRequest, "a parameter is missing or invalid", 0),
    4100: (AuthError, "authentication failed, usually because of a wrong signature: check secret_id and secret_key", 0),
    4101: (Denied, "this account lacks permission for this action: grant it in access management", 0),
    4102: (Denied, "this account lacks permission for this instance: grant it in access management", 0),
    4103: (Denied, "this account lacks permission for a resource of this action: grant it in access management", 0),
    4104: (AuthError, "the secret_id does not exist", 0),
    4105: (AuthError, "the token is wrong or has expired: get new temporary credentials", 0),
    4106: (AuthError, "multi-factor authentication is required", 0),
    4110: (Denied, "access management denies this", 0),
    4200: (AuthError, "the request has expired", 1),
    4300: (Denied, "access is denied for this account", 0),
    4400: (Throttled, "too many requests: lower requests_per_second", None),
    4500: (AuthError, "the request was rejected as a replay, because of its nonce or time", 1),
    4600: (InvalidRequest, "the API requires HTTPS: check endpoint", 0),
    5000: (NotFound, "the instance does not exist in this account and region", 0),
    6000: (ServerError, "the API failed", None),
    6100: (InvalidRequest, "the API does not know this action: API 2.0 may be retired here, use api_version v3", 0),
    6200: (ServerError, "the action is in maintenance", None),
    10701: (NotFound, "the instance does not exist in this account and region", 0),
    10702: (InvalidRequest, "the instance is being changed, isolated or deleted", 0),
    10707: (ServerError, "the instance is locked", None),
    10711: (InvalidRequest, "the backup can't be downloaded in its state", 0),
    11201: (InvalidRequest, "a parameter is wrong", 0),
    11213: (InvalidRequest, "the backup doesn't exist any more", 0),
}
_OTHER: Meaning = (InvalidRequest, "the API refused", 0)
_CLOCK_CODES = {4200, 4500}
_MODULE_CODE = re.compile(r"\s*\((-?\d{1,9})\)", re.ASCII)

_BACKUP_FIELDS: dict[str, str | None] = {
    "backup_id": "backupId",
    "type_code": "backupType",
    "status_code": "status",
    "locked": "locked",
    "remark": "remark",
    "start_time": "startTime",
    # Fields that this API doesn't have.
    **dict.fromkeys(
        ("instance_id", "instance_name", "region", "end_time", "expire_time", "size_bytes", "file_type", "encrypted")
    ),
}


class ApiV2(Api):
    """Pages of backups and instances over API 2.0."""

    version = "v2"
    action = "GetRedisBackupList"
    instances_action = "DescribeRedis"
    instances_page_size = 100
    files_action = "GetBackupDownloadUrl"
    regions_action = None
    config_action = None
    knows_tags = False
    shows_each_file = False
    #: Backups are kept, and shown, for seven days.
    horizon_seconds = 7 * 86400
    max_span_seconds = None
    can_sweep = False
    #: The vendor's page calls offset a "current page number" and explains it as a record number.
    offset_may_count_pages = True

    def __init__(
        self, client: Client, credentials: Provider, region: str, zone: tzinfo, digest: str = "HmacSHA256"
    ) -> None:
        super().__init__(client, credentials, region, zone)
        self._digest = digest

    def backups_page(
        self, instance_id: str | None, begin: datetime | None, end: datetime | None, offset: int, limit: int
    ) -> Page[BackupRecord]:
        params: dict[str, Any] = {"redisId": instance_id, "offset": offset, "limit": limit}
        for name, moment in (("beginTime", begin), ("endTime", end)):
            if moment is not None:
                params[name] = format_api_time(moment, self.zone)

        def parse(document: Row) -> Page[BackupRecord]:
            total, rows = _page(document, "redisBackupSet")
            return Page(
                [backups.backup(row, _BACKUP_FIELDS, self.zone, self.region, instance_id) for row in rows], total
            )

        return self.ask(self.action, params, parse, instance_id)

    def instances_page(self, offset: int, limit: int, wanted: Wanted = ALL) -> Page[InstanceRecord]:
        """Of ``wanted``, only the projects are sent.

        Whether ``redisName`` finds parts of names isn't documented, so the caller compares names itself.
        """
        params = {"offset": offset, "limit": limit}
        params.update({f"projectIds.{number}": one for number, one in enumerate(wanted.project_ids)})

        def parse(document: Row) -> Page[InstanceRecord]:
            total, rows = _page(document, "redisSet")
            return Page([instances.of_v2(row, self.zone, self.region) for row in rows], total)

        return self.ask(self.instances_action, params, parse)

    def regions(self) -> list[str]:
        """API 2.0 has no such query."""
        raise InvalidRequest("API 2.0 does not list its regions")

    def auto_backup_config(self, instance_id: str) -> BackupConfig:
        """API 2.0 has no such query."""
        raise InvalidRequest("API 2.0 does not show the configuration of automatic backups")

    def backup_files(self, instance_id: str, backup_id: str, internal: bool) -> list[BackupFile]:
        """This API shows one file for each backup, without name and size."""
        name = "intranet" if internal else "extranet"

        def parse(document: Row) -> list[BackupFile]:
            data = document.get("data")
            found = data.get(name) if isinstance(data, dict) else None
            return [BackupFile("", 0, address_of(found, f"data.{name}"))]

        return self.ask(self.files_action, {"redisId": instance_id, "backupId": backup_id}, parse, instance_id)

    def backup_shards(self, instance_id: str, backup_id: str) -> int | None:
        """Return 1 for an instance that is not a cluster. This API doesn't say it of clusters."""

        def parse(document: Row) -> int | None:
            _total, rows = _page(document, "redisSet")
            found = (instances.of_v2(row, self.zone, self.region) for row in rows)
            known = {record["instance_id"]: record["architecture"] for record in found}
            return 1 if known.get(instance_id) == "standard" else None

        params = {"redisId": instance_id, "offset": 0, "limit": self.instances_page_size}
        return self.ask(self.instances_action, params, parse, instance_id)

    def download_restriction(self) -> str | None:
        """API 2.0 has no such query."""
        return None

    def _message(self, credentials: Credentials, action: str, params: Mapping[str, Any]) -> Message:
        """Sign with the current time and a new nonce: a retry with the old ones would be rejected as a replay."""
        signed = {
            **params,
            "Action": action,
            "Region": to_short(self.region),
            "Timestamp": int(time.time()),
            "Nonce": random.SystemRandom().randint(1, 2**31 - 1),
            "SecretId": credentials.secret_id,
            "SignatureMethod": self._digest,
        }
        if credentials.token:
            signed["Token"] = credentials.token
        endpoint = self.client.endpoint
        signed["Signature"] = sign_v2(
            "POST", endpoint.host, endpoint.path, signed, credentials.secret_key, self._digest
        )
        headers = {"Host": endpoint.host, "Content-Type": "application/x-www-form-urlencoded"}
        return Message(headers, urlencode(signed).encode("ascii"))

    def _read(self, answer: Answer) -> Row:
        document = answer.document
        code = backups.as_int(document.get("code"))
        if code is None:
            raise BadResponse("the response has no key code")
        if code != 0:
            raise self._error(code, document, answer.date)
        return document

    def _error(self, code: int, document: Row, date: str | None) -> CrsError:
        """Return the CrsError of an answer.

        The more precise code is that of the module behind the API. It is in ``code``, or in brackets at the start of ``message``.
        """
        said = backups.as_text(document.get("message")) or ""
        inner = _MODULE_CODE.match(said)
        known = int(inner[1]) if inner and int(inner[1]) in _CODES else code
        word = backups.as_text(document.get("codeDesc"))
        hint = clock_hint(date) if known in _CLOCK_CODES else ""
        return self.refused(_CODES.get(known, _OTHER), f"{known} {word}" if word else str(known), said, hint=hint)


def _page(document: Row, name: str) -> tuple[int, list[Row]]:
    total = total_of(document.get("totalCount"), "totalCount")
    data = document.get("data")
    return total, rows_of(data.get(name) if isinstance(data, dict) else None, f"data.{name}", total)
