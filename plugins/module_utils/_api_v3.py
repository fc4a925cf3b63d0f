# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""API 3.0, the dialect of DescribeInstanceBackups: its requests, its rows, its errors. Private to this collection.

Sources: the vendor's pages of DescribeInstanceBackups and DescribeInstances (version 2018-04-12) and of the common
error codes.
"""

from __future__ import annotations

import json
import time

from ansible_collections.qcloud.crs.plugins.module_utils import _records
from ansible_collections.qcloud.crs.plugins.module_utils._client import Message
from ansible_collections.qcloud.crs.plugins.module_utils._dialect import Dialect, Page, clock_hint, rows_of, total_of
from ansible_collections.qcloud.crs.plugins.module_utils._errors import (
    AuthError,
    BadResponse,
    Denied,
    InvalidRequest,
    NotFound,
    ServerError,
    Throttled,
)
from ansible_collections.qcloud.crs.plugins.module_utils._signing import sign_v3
from ansible_collections.qcloud.crs.plugins.module_utils._times import format_api_time

SERVICE, VERSION = "redis", "2018-04-12"
_CONTENT_TYPE = "application/json"

#: Whole codes and families, the longest match wins: (class, what it means and what to do, how often to try again).
#: A family's name says little: InvalidParameter.PermissionDenied is a denial, LimitExceeded is a quota, no throttle.
_CODES = {
    "AuthFailure": (AuthError, "authentication failed: check secret_id and secret_key", 0),
    "AuthFailure.InvalidSecretId": (AuthError, "the secret_id is not one of API keys", 0),
    "AuthFailure.MFAFailure": (AuthError, "multi-factor authentication is asked for", 0),
    "AuthFailure.SecretIdNotFound": (AuthError, "the secret_id doesn't exist or is disabled", 0),
    "AuthFailure.SignatureExpire": (AuthError, "the request has expired", 1),
    "AuthFailure.SignatureFailure": (AuthError, "the signature is wrong: check secret_key", 0),
    "AuthFailure.TokenFailure": (AuthError, "the token is wrong or has expired: get new temporary credentials", 0),
    "AuthFailure.UnauthorizedOperation": (Denied, "access management denies this", 0),
    "FailedOperation": (InvalidRequest, "the operation failed", 0),
    "FailedOperation.SystemError": (ServerError, "the API failed", None),
    "InternalError": (ServerError, "the API failed", None),
    "InvalidAction": (InvalidRequest, "the API doesn't know this action: check endpoint", 0),
    "InvalidParameter": (InvalidRequest, "a parameter is wrong", 0),
    "InvalidParameter.PermissionDenied": (Denied, "this account may not do this: grant it in access management", 0),
    "IpInBlacklist": (Denied, "this machine's address is blocked", 0),
    "IpNotInWhitelist": (Denied, "this machine's address is not allowed", 0),
    "LimitExceeded": (InvalidRequest, "a quota is used up", 0),
    "RequestLimitExceeded": (Throttled, "too many requests: lower requests_per_second", None),
    "ResourceNotFound": (NotFound, "what was asked for doesn't exist", 0),
    "ResourceNotFound.InstanceNotExists": (NotFound, "the instance doesn't exist in this account and region", 0),
    "ServiceUnavailable": (ServerError, "the API is unavailable", None),
    "UnauthorizedOperation": (Denied, "this account may not do this: grant it in access management", 0),
    "UnsupportedRegion": (InvalidRequest, "the API doesn't know this region: check region and endpoint", 0),
}
_OTHER = (InvalidRequest, "the API refused", 0)
_CLOCK_CODE = "AuthFailure.SignatureExpire"

#: The filter's codes, not the result's: in process, normal, converting, converted, expired. Left out, the API shows
#: normal ones only. (-2, deleted, is no backup any more.)
_EVERY_STATUS = [1, 2, 3, 4, -1]

_BACKUP_FIELDS = {
    "instance_id": "InstanceId",
    "instance_name": "InstanceName",
    "region": "Region",
    "backup_id": "BackupId",
    "type_code": "BackupType",
    "status_code": "Status",
    "locked": "Locked",
    "remark": "Remark",
    "start_time": "StartTime",
    "end_time": "EndTime",
    "expire_time": "ExpireTime",
    "size_bytes": "BackupSize",
    "file_type": "FileType",
    "encrypted": "Encrypted",
}


class ApiV3(Dialect):
    """Pages of backups and instances over API 3.0."""

    version = "v3"
    action = "DescribeInstanceBackups"
    instances_action = "DescribeInstances"
    instances_page_size = 1000
    #: The API states no limit: how far back a listing reaches depends on the time asked for.
    horizon_seconds = None
    #: Thirty days, less an hour: in a zone with summer time, thirty days of seconds may be more by the clock.
    max_span_seconds = 30 * 86400 - 3600
    can_sweep = True
    offset_may_count_pages = False

    def backups_page(self, instance_id, begin, end, offset, limit):
        """Return a Page of backup records of one instance, or with None of the whole region."""
        params = {"Limit": limit, "Offset": offset, "Status": _EVERY_STATUS}
        if instance_id is not None:
            params["InstanceId"] = instance_id
        for name, moment in (("BeginTime", begin), ("EndTime", end)):
            if moment is not None:
                params[name] = format_api_time(moment, self.zone)

        def parse(payload):
            total = total_of(payload.get("TotalCount"), "TotalCount")
            rows = rows_of(payload.get("BackupSet"), "BackupSet", total)
            return Page([self._backup(row, instance_id) for row in rows], total)

        return self.ask(self.action, params, parse, instance_id)

    def instance_ids_page(self, offset, limit):
        """Return a Page of the ids of the region's instances."""

        def parse(payload):
            total = total_of(payload.get("TotalCount"), "TotalCount")
            rows = rows_of(payload.get("InstanceSet"), "InstanceSet", total)
            ids = [_records.as_text(row.get("InstanceId")) for row in rows]
            if not all(ids):
                raise BadResponse("an instance has no InstanceId")
            return Page(ids, total)

        return self.ask(self.instances_action, {"Limit": limit, "Offset": offset}, parse)

    def auto_backup_config(self, instance_id):
        """Return what is configured of an instance's automatic backups: ``{retention_days, week_days, window}``.

        ``week_days`` are English names, ``window`` is like ``01:00-02:00`` in the API's zone; null for what isn't said.
        """

        def parse(payload):
            week_days = payload.get("WeekDays")
            if not isinstance(week_days, list):
                raise BadResponse("WeekDays is not a list")
            return {
                "retention_days": _records.as_int(payload.get("BackupStorageDays")),
                "week_days": [_records.as_text(day) for day in week_days],
                "window": _records.as_text(payload.get("TimePeriod")),
            }

        return self.ask("DescribeAutoBackupConfig", {"InstanceId": instance_id}, parse, instance_id)

    def _backup(self, row, asked):
        """Return a row's record. A row of another instance than the one asked for would be counted as its backup."""
        record = _records.backup(row, _BACKUP_FIELDS, self.zone, self.region, asked)
        owner = _records.as_text(row.get("InstanceId"))
        if asked is None and not owner:
            raise BadResponse(f"backup {record['backup_id']} has no InstanceId")
        if asked is not None and owner and owner != asked:
            raise BadResponse(f"the answer has a backup of {owner} instead")
        return record

    def _message(self, action, params):
        credentials, endpoint = self._credentials(), self.client.endpoint
        body = json.dumps(params).encode("ascii")
        timestamp = int(time.time())
        headers = {
            "Host": endpoint.host,
            "Content-Type": _CONTENT_TYPE,
            "Authorization": sign_v3(
                SERVICE, endpoint.host, body, credentials.secret_id, credentials.secret_key, timestamp, _CONTENT_TYPE
            ),
            "X-TC-Action": action,
            "X-TC-Version": VERSION,
            "X-TC-Timestamp": str(timestamp),
            "X-TC-Region": self.region,
            "X-TC-Language": "en-US",
        }
        if credentials.token:
            headers["X-TC-Token"] = credentials.token
        return Message(headers, body)

    def _read(self, answer):
        payload = answer.document.get("Response")
        if not isinstance(payload, dict):
            raise BadResponse("the answer has no Response")
        if payload.get("Error") is not None:
            raise self._error(payload, answer.date)
        return payload

    def _error(self, payload, date):
        error = payload["Error"] if isinstance(payload["Error"], dict) else {}
        code = _records.as_text(error.get("Code")) or "unknown"
        return self.refused(
            _CODES.get(code) or _CODES.get(code.partition(".")[0]) or _OTHER,
            code,
            _records.as_text(error.get("Message")),
            _records.as_text(payload.get("RequestId")),
            clock_hint(date) if code == _CLOCK_CODE else "",
        )
