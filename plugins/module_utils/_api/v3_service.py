# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all services of API 3.0 share: the signed request, the envelope, the errors. Private to this collection.

Sources: the vendor's pages of the signature (TC3-HMAC-SHA256) and of the common error codes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
from .._http.client import Message
from .._http.response import Answer
from . import backups
from .base import Meaning, Row, Service, clock_hint
from .signing import sign_v3

if TYPE_CHECKING:
    from .._credentials.model import Credentials

_CONTENT_TYPE = "application/json"

#: By whole code, else by the part before the first dot. That part alone says little:
#: InvalidParameter.PermissionDenied is a denial, and LimitExceeded a quota, not the rate limit.
_CODES: dict[str, Meaning] = {
    "AuthFailure": (AuthError, "authentication failed: check secret_id and secret_key", 0),
    "AuthFailure.InvalidSecretId": (AuthError, "the secret_id does not belong to an API key", 0),
    "AuthFailure.MFAFailure": (AuthError, "multi-factor authentication is required", 0),
    "AuthFailure.SecretIdNotFound": (AuthError, "the secret_id does not exist or is disabled", 0),
    "AuthFailure.SignatureExpire": (AuthError, "the request has expired", 1),
    "AuthFailure.SignatureFailure": (AuthError, "the signature is wrong: check secret_key", 0),
    "AuthFailure.TokenFailure": (AuthError, "the token is wrong or has expired: get new temporary credentials", 0),
    "AuthFailure.UnauthorizedOperation": (Denied, "access management denies this", 0),
    "FailedOperation": (InvalidRequest, "the operation failed", 0),
    "FailedOperation.SystemError": (ServerError, "the API failed", None),
    "InternalError": (ServerError, "the API failed", None),
    "InvalidAction": (InvalidRequest, "the API does not know this action: check endpoint", 0),
    "InvalidParameter": (InvalidRequest, "a parameter is wrong", 0),
    "InvalidParameter.WebIdentityTokenError": (
        AuthError,
        "the token of TKE_WEB_IDENTITY_TOKEN_FILE is not valid for TKE_PROVIDER_ID, or has expired: check both",
        0,
    ),
    "InvalidParameterValue.BackupNotExists": (InvalidRequest, "the backup doesn't exist any more", 0),
    "InvalidParameter.PermissionDenied": (
        Denied,
        "this account lacks permission for this action or resource: grant it in access management",
        0,
    ),
    "IpInBlacklist": (Denied, "this machine's address is blocked", 0),
    "IpNotInWhitelist": (Denied, "this machine's address is not allowed", 0),
    "LimitExceeded": (InvalidRequest, "a quota is used up", 0),
    "RequestLimitExceeded": (Throttled, "too many requests: lower requests_per_second", None),
    "ResourceNotFound": (NotFound, "the requested resource does not exist", 0),
    "ResourceNotFound.InstanceNotExists": (NotFound, "the instance does not exist in this account and region", 0),
    "ResourceUnavailable.BackupStatusInvalid": (InvalidRequest, "the backup can't be downloaded in its state", 0),
    "ServiceUnavailable": (ServerError, "the API is unavailable", None),
    "UnauthorizedOperation.UserNotInWhiteList": (
        Denied,
        "the vendor has to enable this for the account: open a ticket",
        0,
    ),
    "UnauthorizedOperation": (
        Denied,
        "this account lacks permission for this action or resource: grant it in access management",
        0,
    ),
    "UnsupportedRegion": (InvalidRequest, "the API does not know this region: check region and endpoint", 0),
}
_OTHER: Meaning = (InvalidRequest, "the API refused", 0)
_CLOCK_CODE = "AuthFailure.SignatureExpire"


class V3Service(Service):
    """A service of API 3.0. Subclasses name their ``service`` and ``api`` (the date that is its version)."""

    service: str
    api: str

    def _message(self, credentials: Credentials, action: str, params: Mapping[str, Any]) -> Message:
        endpoint = self.client.endpoint
        body = json.dumps(params).encode("ascii")
        timestamp = int(time.time())
        headers = {
            "Host": endpoint.host,
            "Content-Type": _CONTENT_TYPE,
            "Authorization": self._authorization(credentials, body, timestamp),
            "X-TC-Action": action,
            "X-TC-Version": self.api,
            "X-TC-Timestamp": str(timestamp),
            "X-TC-Region": self.region,
            "X-TC-Language": "en-US",
        }
        if credentials.token:
            headers["X-TC-Token"] = credentials.token
        return Message(headers, body)

    def _authorization(self, credentials: Credentials, body: bytes, timestamp: int) -> str:
        return sign_v3(
            self.service,
            self.client.endpoint.host,
            body,
            credentials.secret_id,
            credentials.secret_key,
            timestamp,
            _CONTENT_TYPE,
        )

    def _read(self, answer: Answer) -> Row:
        payload = answer.document.get("Response")
        if not isinstance(payload, dict):
            raise BadResponse("the response has no key Response")
        if payload.get("Error") is not None:
            raise self._error(payload, answer.date)
        return payload

    def _error(self, payload: Row, date: str | None) -> CrsError:
        error = payload["Error"] if isinstance(payload["Error"], dict) else {}
        code = backups.as_text(error.get("Code")) or "unknown"
        return self.refused(
            _CODES.get(code) or _CODES.get(code.partition(".")[0]) or _OTHER,
            code,
            backups.as_text(error.get("Message")),
            backups.as_text(payload.get("RequestId")),
            clock_hint(date) if code == _CLOCK_CODE else "",
        )
