# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary credentials of the role of a pod in the vendor's Kubernetes, in exchange for the token of its service account.

Private to this collection. Sources: the vendor's page of AssumeRoleWithWebIdentity and its SDK's provider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from .._api.regions import to_long
from .._errors import InvalidOption
from .._http.client import Client, Message
from . import sts
from .model import Credentials, Learn, parts
from .source_type import Finder, Source

if TYPE_CHECKING:
    from .chain import Keyring

REGION, PROVIDER_ID = "TKE_REGION", "TKE_PROVIDER_ID"
TOKEN_FILE, ROLE_ARN = "TKE_WEB_IDENTITY_TOKEN_FILE", "TKE_ROLE_ARN"
VARIABLES = (REGION, PROVIDER_ID, TOKEN_FILE, ROLE_ARN)
#: Bytes. A token has a few thousand.
_MAX_BYTES = 64 * 1024
_TOKEN = re.compile(r"[!-~]+")


class WebIdentity(NamedTuple):
    """The values of VARIABLES, in the same order."""

    #: The region whose token service is called.
    region: str
    provider_id: str
    token_file: str
    role_arn: str


def find(environ: Mapping[str, str]) -> WebIdentity | None:
    """Return the WebIdentity of the environment, or None if it has none of VARIABLES. Raises InvalidOption if it has only some."""
    missing = [name for name in VARIABLES if not environ.get(name)]
    if len(missing) == len(VARIABLES):
        return None
    if missing:
        present = next(name for name in VARIABLES if name not in missing)
        raise InvalidOption(
            f"{present} is set in the environment but {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not: "
            f"set all of {', '.join(VARIABLES)}, as the cluster does for a pod whose service account has a role, or none"
        )
    return WebIdentity(*(environ[name] for name in VARIABLES))


def read_token(path: str) -> str:
    """Return the token that a file holds. Raises InvalidOption, which never shows a part of it."""
    try:
        with open(path, "rb") as stream:
            token = stream.read(_MAX_BYTES + 1).decode("ascii", "replace").strip()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a path"
        raise InvalidOption(
            f"{TOKEN_FILE} names {path!r}, which can't be read ({why}): mount the service account's token there"
        ) from None
    if not _TOKEN.fullmatch(token) or len(token) > _MAX_BYTES:
        raise InvalidOption(
            f"{TOKEN_FILE} names {path!r}, which holds no token: mount the token of the pod's service account there"
        )
    return token


class Assumer(sts.Sts):
    """The token service, called without a key: the token in the request identifies the caller."""

    def __init__(self, client: Client, identity: WebIdentity, zone: tzinfo, learn: Learn) -> None:
        """``learn`` is called with each token, to mask it: the cluster replaces the token in the file from time to time."""
        super().__init__(client, self._credentials_of_token, identity.region, zone)
        self._identity = identity
        self._learn = learn

    def fetch(self, session_name: str) -> tuple[Credentials, int]:
        """Return ``(Credentials, expiry in Unix seconds)`` of the role. Raises CrsError."""
        params = {
            "ProviderId": self._identity.provider_id,
            "RoleArn": self._identity.role_arn,
            "RoleSessionName": session_name,
            "DurationSeconds": 7200,
        }
        return self.credentials("AssumeRoleWithWebIdentity", params, self._identity.role_arn)

    def _credentials_of_token(self) -> Credentials:
        token = read_token(self._identity.token_file)
        self._learn([token, *parts(token)])
        # The token takes the place of the secret key, so that it is redacted from errors, and an answer that repeats it is refused.
        return Credentials("", token, None)

    def _message(self, credentials: Credentials, action: str, params: Mapping[str, Any]) -> Message:
        return super()._message(credentials, action, {**params, "WebIdentityToken": credentials.secret_key})

    def _authorization(self, credentials: Credentials, body: bytes, timestamp: int) -> str:
        return "SKIP"


def checked(identity: WebIdentity) -> WebIdentity:
    """Return the identity with the long code of its region. Raises InvalidOption, which names the variable."""
    try:
        region = to_long(identity.region)
    except InvalidOption as error:
        raise InvalidOption(f"{REGION} of the environment: {error.reason}") from None
    if not sts.is_role(identity.role_arn):
        raise InvalidOption(
            f"{ROLE_ARN} {identity.role_arn!r} is not the name of a role: write it as "
            "qcs::cam::uin/100000000001:roleName/audit"
        )
    read_token(identity.token_file)
    return identity._replace(region=region)


def _find(keyring: Keyring, _options: Mapping[str, Any]) -> Source | None:
    identity = find(keyring.environ)
    return Source(identity, None, None, None, None) if identity else None


SOURCE = Finder(
    order=60,
    find=_find,
    text=f"in the vendor's Kubernetes, the role of the pod's service account, by E({REGION}), E({PROVIDER_ID}), E({TOKEN_FILE}) and "
    f"E({ROLE_ARN})",
    remedy="in the vendor's Kubernetes, give the pod's service account a role",
)
