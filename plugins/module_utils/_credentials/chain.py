# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the key pair in the sources, in their order, and keeps what a run's connections share. Private to this collection.

All values come from the same source: a token from the environment is never combined with a pair from the options, and a named
profile is never replaced by the environment's account.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Hashable, Mapping
from typing import Any, Callable, TypeVar

from .._errors import InvalidOption
from . import profiles
from .model import Credentials, Fetch, Learn, Provider, Renewed
from .registry import FINDERS
from .source_type import Source

DEFAULT_PREFIX = "TENCENTCLOUD"
#: Options that name an account, so they must not be blank. (A token may be: a permanent pair has none.)
_NAMING = ("secret_id", "secret_key", "profile", "env_prefix", "role_arn")
_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Value = TypeVar("Value")


def refuse_blank(options: Mapping[str, Any], where: str = "") -> None:
    """Raise InvalidOption for a blank option: an empty template must not select the next source. ``where`` begins the message."""
    blank = [name for name in _NAMING if isinstance(options.get(name), str) and not options[name].strip()]
    if blank:
        raise InvalidOption(f"{where}{blank[0]} is empty, and would select another account: set it, or leave it out")


class Keyring:
    """Finds sources, and keeps what they returned for all connections of a run.

    ``environ`` are the environment variables, by default those of the process; ``home`` is the folder with the user's profiles.
    ``learn`` is called with each secret that is found.
    """

    def __init__(
        self, environ: Mapping[str, str] | None = None, learn: Learn = lambda secrets: None, home: str | None = None
    ) -> None:
        self.environ = os.environ if environ is None else environ
        self.learn = learn
        self.home = os.path.expanduser("~") if home is None else home
        self._kept: dict[Hashable, Any] = {}

    def source(self, options: Mapping[str, Any]) -> Source:
        """Return the Source that the options select. Nothing is sent yet.

        Raises InvalidOption if there is none, if it is invalid, or if the options name two.
        """
        found = self.find(options)
        if found is None:
            raise InvalidOption(self._nothing(options, self.prefix(options)))
        return found

    def find(self, options: Mapping[str, Any]) -> Source | None:
        """Return the Source as ``source`` does, or None if there is none."""
        refuse_blank(options)
        self._refuse_two(options)
        named = options.get("profile") or self.prefix(options) != DEFAULT_PREFIX
        for finder in FINDERS:
            found = finder.find(self, options) if finder.named or not named else None
            if found:
                return found
        return None

    def kept(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value that is kept for ``key``; without one, keep and return ``make()``."""
        if key not in self._kept:
            self._kept[key] = make()
        value: Value = self._kept[key]
        return value

    def renewed(self, fetch: Fetch) -> Provider:
        """Return a provider that renews credentials with ``fetch``, and passes each secret to ``learn``."""
        return Renewed(fetch, self.learn)

    def fixed(
        self,
        credentials: Credentials | None,
        role_arn: str | None = None,
        session: str | None = None,
        region: str | None = None,
    ) -> Source | None:
        """Return the Source of a key pair that never changes, with what its source sets besides; without a pair, None."""
        if credentials is None:
            return None
        self.learn(credentials.secrets)
        # An equal pair returns the same provider, so that what depends on the provider is shared, too.
        provider = self.kept(credentials, lambda: lambda: credentials)
        fingerprint = hashlib.sha256(credentials.secret_id.encode("ascii")).hexdigest()[:8]
        return Source(provider, role_arn, session, region, fingerprint)

    @staticmethod
    def prefix(options: Mapping[str, Any]) -> str:
        """Return the prefix of the names of environment variables. Raises InvalidOption for an invalid one."""
        prefix: str = options.get("env_prefix") or DEFAULT_PREFIX
        if not _PREFIX.fullmatch(prefix):
            raise InvalidOption(
                f"env_prefix {prefix!r} is not a valid prefix of an environment variable: write it as TENCENTCLOUD_PROD"
            )
        return prefix

    @staticmethod
    def _refuse_two(options: Mapping[str, Any]) -> None:
        given = [name for name in ("secret_id", "profile", "env_prefix") if options.get(name)]
        if options.get("env_prefix") == DEFAULT_PREFIX:
            given.remove("env_prefix")
        if len(given) > 1:
            raise InvalidOption(f"{' and '.join(given)} are both set, but each selects an account: remove one of them")

    def _nothing(self, options: Mapping[str, Any], prefix: str) -> str:
        if options.get("profile"):
            return profiles.missing(options["profile"], self.home)
        if prefix != DEFAULT_PREFIX:
            return (
                f"env_prefix is {prefix!r}, and {prefix}_SECRET_ID and {prefix}_SECRET_KEY are not in the environment: "
                "set both there, or use another env_prefix"
            )
        remedies = [
            f"set {prefix}_SECRET_ID and {prefix}_SECRET_KEY in the environment, the options secret_id and secret_key or profile, or "
            "use_instance_role on a virtual machine with a role",
            *(finder.remedy for finder in FINDERS if finder.remedy),
            f"or store a profile (searched: {profiles.places(profiles.default_name(self.environ), self.home)})",
        ]
        return f"no credentials: {'; '.join(remedies)}"
