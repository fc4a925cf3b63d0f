# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key pair of the environment, under the usual prefix or that of the options. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .model import pair
from .source_type import Finder, Source

if TYPE_CHECKING:
    from .chain import Keyring


def _find(keyring: Keyring, options: Mapping[str, Any]) -> Source | None:
    if options.get("profile"):
        return None
    prefix, environ = keyring.prefix(options), keyring.environ
    # Tools disagree on the token's name. The first one that is set is used.
    tokens = (f"{prefix}_TOKEN", f"{prefix}_SECURITY_TOKEN")
    names = (
        f"{prefix}_SECRET_ID",
        f"{prefix}_SECRET_KEY",
        next((name for name in tokens if environ.get(name)), tokens[0]),
    )
    return keyring.fixed(
        pair([environ.get(name) for name in names], names, "the environment"),
        environ.get(f"{prefix}_ROLE_ARN"),
        environ.get(f"{prefix}_ROLE_SESSION_NAME"),
        environ.get(f"{prefix}_REGION"),
    )


SOURCE = Finder(
    order=30,
    find=_find,
    text="the environment variables E(TENCENTCLOUD_SECRET_ID) and E(TENCENTCLOUD_SECRET_KEY), with E(TENCENTCLOUD_TOKEN) (or "
    "E(TENCENTCLOUD_SECURITY_TOKEN)) if the pair is temporary",
    named=True,
)
