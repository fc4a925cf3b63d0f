# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary credentials of a role, from the Security Token Service. Private to this collection.

Source: the vendor's page of AssumeRole (version 2018-08-13).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._api.backups import as_int
from .._api.base import Row
from .._api.v3_service import V3Service
from .._errors import BadResponse, InvalidOption
from .model import Credentials, is_expiry, pair

DEFAULT_HOST = "sts.tencentcloudapi.com"
#: The session name in the vendor's audit log if the user sets none.
DEFAULT_SESSION = "qcloud.crs"
_ARN = re.compile(r"qcs::cam::uin/\d+:(role|roleName)/[\w.@=+,/-]+", re.ASCII)
_SESSION = re.compile(r"[\w+=,.@-]{2,128}", re.ASCII)
_NAMES = ("TmpSecretId", "TmpSecretKey", "Token")


class Sts(V3Service):
    """The token service, called with credentials that are allowed to assume the role."""

    service = "sts"
    api = "2018-08-13"

    def assume(self, role_arn: str, session_name: str) -> tuple[Credentials, int]:
        """Return ``(Credentials, expiry in Unix seconds)`` of a role. Raises CrsError."""
        return self.credentials("AssumeRole", {"RoleArn": role_arn, "RoleSessionName": session_name}, role_arn)

    def credentials(self, action: str, params: Mapping[str, Any], role_arn: str) -> tuple[Credentials, int]:
        """Return ``(Credentials, expiry in Unix seconds)`` that an action returns for a role. Raises CrsError."""

        def parse(payload: Row) -> tuple[Credentials, int]:
            made: Any = payload.get("Credentials")
            expires = as_int(payload.get("ExpiredTime"))
            try:
                credentials = pair([made.get(name) for name in _NAMES], _NAMES, "the answer")
            except (AttributeError, InvalidOption):
                credentials = None
            if credentials is None or expires is None or not is_expiry(expires):
                raise BadResponse("the response has no credentials with an expiry")
            return credentials, expires

        return self.ask(action, params, parse, role_arn)


def is_role(role_arn: str) -> bool:
    """Tell whether a text has the form of a role's name."""
    return bool(_ARN.fullmatch(role_arn))


def check(role_arn: str, session_name: str) -> None:
    """Raise InvalidOption unless both have the form that the service requires."""
    if not is_role(role_arn):
        raise InvalidOption(
            f"role_arn {role_arn!r} is not the name of a role: write it as qcs::cam::uin/100000000001:roleName/audit"
        )
    check_session(session_name)


def check_session(session_name: str) -> None:
    """Raise InvalidOption unless the name has the form that the service requires."""
    if not _SESSION.fullmatch(session_name):
        raise InvalidOption(
            f"role_session_name {session_name!r} is not a name of a session: use 2 to 128 of letters, digits and _ + = , . @ -"
        )
