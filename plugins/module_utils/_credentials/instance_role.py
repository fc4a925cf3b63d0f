# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary credentials of the role that is bound to the virtual machine on which this runs. Private to this collection.

Source: the vendor's page on instance metadata and its SDK's provider.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._api.backups import as_int
from .._errors import AuthError, InvalidOption, Unreachable
from .._http.client import within
from .model import Credentials, is_expiry, pair
from .source_type import Finder, Source

if TYPE_CHECKING:
    from .chain import Keyring

try:
    import requests
    import urllib3
except ImportError:
    # The client is created first, and reports it.
    pass

METADATA = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"
#: Seconds. On a virtual machine of the vendor it responds immediately, elsewhere not at all.
TIMEOUT = 1
_MAX_BYTES = 64 * 1024
_ROLE = re.compile(r"[\w.@=+,-]{1,128}", re.ASCII)
_NAMES = ("TmpSecretId", "TmpSecretKey", "Token")


def fetch() -> tuple[Credentials, int]:
    """Return ``(Credentials, expiry in Unix seconds)``. Raises AuthError where there is no such role."""
    role = _get("").strip()
    if not _ROLE.fullmatch(role):
        raise _none("the metadata address returns no role: bind one to this virtual machine")
    try:
        document = json.loads(_get(quote(role)))
        credentials = pair([document.get(name) for name in _NAMES], _NAMES, "the metadata")
        expires = as_int(document.get("ExpiredTime"))
    except (AttributeError, ValueError, RecursionError, InvalidOption):
        credentials = None
    if credentials is None or expires is None or not is_expiry(expires) or document.get("Code", "Success") != "Success":
        raise _none(f"the metadata address has no credentials for the role {role}: check the role's trust")
    return credentials, expires


def _get(path: str) -> str:
    """Return the text at the metadata address, which is plain http and never behind a proxy. Raises AuthError."""

    def ask(_given_up: Event) -> tuple[int, bytes]:
        with requests.Session() as session:
            session.trust_env = False
            with session.get(METADATA + path, timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
                return response.status_code, response.raw.read(_MAX_BYTES)

    try:
        status, body = within(TIMEOUT, ask)
    except (Unreachable, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _none(
            f"the metadata address did not respond within {TIMEOUT} s: is this a virtual machine of the vendor? "
            "If not, remove use_instance_role"
        ) from error
    if status != 200:
        raise _none(f"the metadata address answers with HTTP {status}: bind a role to this virtual machine")
    return body.decode("utf-8", "replace")


def _none(why: str) -> AuthError:
    return AuthError(f"no credentials of an instance role: {why}", max_retries=0)


def source(
    keyring: Keyring, role_arn: str | None = None, session: str | None = None, region: str | None = None
) -> Source:
    """Return the Source of the role, which all connections share, with what a profile may set besides."""
    return Source(keyring.kept("instance role", lambda: keyring.renewed(fetch)), role_arn, session, region, None)


def _find(keyring: Keyring, options: Mapping[str, Any]) -> Source | None:
    return source(keyring) if options.get("use_instance_role") else None


SOURCE = Finder(
    order=50,
    find=_find,
    text="with O(use_instance_role=true), the role of the virtual machine that Ansible runs on",
)
