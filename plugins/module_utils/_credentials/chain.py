# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the key pair in the sources, in order, and keeps what a run's connections share. Private to this collection.

A source is used as a whole: a token from the environment is never combined with a pair from the options, and a named
profile is never replaced by the environment's account.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Hashable, Mapping
from typing import Any, Callable, NamedTuple, TypeVar

from .._errors import InvalidOption
from . import instance_role, profiles, web_identity
from .model import (
    Credentials,
    Fetch,
    Learn,
    Provider,
    Renewed,
    pair,
)

DEFAULT_PREFIX = "TENCENTCLOUD"
ENV_PROFILE = "TCCLI_PROFILE"
_OPTIONS = ("secret_id", "secret_key", "token")
#: Options that name an account, so they must not be blank. (A token may be: a permanent pair has none.)
_NAMING = ("secret_id", "secret_key", "profile", "env_prefix", "role_arn")
_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Value = TypeVar("Value")


class Source(NamedTuple):
    """Where credentials come from, and what the source sets besides them, such as a region; None for what it doesn't set."""

    #: A WebIdentity becomes a provider later: its credentials need a connection, which is not known here.
    provider: Provider | web_identity.WebIdentity
    role_arn: str | None
    role_session_name: str | None
    region: str | None
    #: Identifies the key without showing it; None if that takes a request.
    fingerprint: str | None


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
        self._home = os.path.expanduser("~") if home is None else home
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
        prefix = self.prefix(options)
        looks = [self._of_options, self._of_profile if options.get("profile") else self._of_environment]
        if not options.get("profile") and prefix == DEFAULT_PREFIX:
            looks += [self._of_usual_profile, self._of_instance, self._of_web_identity]
        for look in looks:
            found = look(options)
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

    def _fixed(
        self,
        credentials: Credentials | None,
        role_arn: str | None = None,
        session: str | None = None,
        region: str | None = None,
    ) -> Source | None:
        if credentials is None:
            return None
        self.learn(credentials.secrets)
        # An equal pair returns the same provider, so that what depends on the provider is shared, too.
        provider = self.kept(credentials, lambda: lambda: credentials)
        fingerprint = hashlib.sha256(credentials.secret_id.encode("ascii")).hexdigest()[:8]
        return Source(provider, role_arn, session, region, fingerprint)

    def _of_options(self, options: Mapping[str, Any]) -> Source | None:
        return self._fixed(pair([options.get(name) for name in _OPTIONS], _OPTIONS, "the options"))

    def _of_environment(self, options: Mapping[str, Any]) -> Source | None:
        prefix, environ = self.prefix(options), self.environ
        # Tools disagree on the token's name. The first one that is set is used.
        tokens = (f"{prefix}_TOKEN", f"{prefix}_SECURITY_TOKEN")
        names = (
            f"{prefix}_SECRET_ID",
            f"{prefix}_SECRET_KEY",
            next((one for one in tokens if environ.get(one)), tokens[0]),
        )
        return self._fixed(
            pair([environ.get(name) for name in names], names, "the environment"),
            environ.get(f"{prefix}_ROLE_ARN"),
            environ.get(f"{prefix}_ROLE_SESSION_NAME"),
            environ.get(f"{prefix}_REGION"),
        )

    def _of_profile(self, options: Mapping[str, Any]) -> Source | None:
        return self._profile(options["profile"])

    def _of_usual_profile(self, options: Mapping[str, Any]) -> Source | None:
        found = self._profile(self._usual_profile())
        if found is None and self.environ.get(ENV_PROFILE):
            # If a profile is named, no other source may be used instead.
            raise InvalidOption(f"{ENV_PROFILE} names a profile: {self._missing(self._usual_profile())}")
        return found

    def _usual_profile(self) -> str:
        return self.environ.get(ENV_PROFILE) or "default"

    def _profile(self, name: str) -> Source | None:
        profile = profiles.find(name, self._home)
        if profile is None:
            return None
        if profile.is_instance_role:
            return self._instance(profile.role_arn, profile.role_session_name, profile.region)
        return self._fixed(profile.credentials, profile.role_arn, profile.role_session_name, profile.region)

    def _of_instance(self, options: Mapping[str, Any]) -> Source | None:
        return self._instance() if options.get("use_instance_role") else None

    def _of_web_identity(self, options: Mapping[str, Any]) -> Source | None:
        identity = web_identity.find(self.environ)
        return Source(identity, None, None, None, None) if identity else None

    def _instance(self, role_arn: str | None = None, session: str | None = None, region: str | None = None) -> Source:
        provider = self.kept("instance role", lambda: self.renewed(instance_role.fetch))
        return Source(provider, role_arn, session, region, None)

    def _nothing(self, options: Mapping[str, Any], prefix: str) -> str:
        if options.get("profile"):
            return self._missing(options["profile"])
        if prefix != DEFAULT_PREFIX:
            return (
                f"env_prefix is {prefix!r}, and {prefix}_SECRET_ID and {prefix}_SECRET_KEY are not in the environment"
            )
        return (
            f"no credentials: set {prefix}_SECRET_ID and {prefix}_SECRET_KEY in the environment, the options secret_id and "
            "secret_key or profile, or use_instance_role on a virtual machine with a role; in the vendor's Kubernetes, give the pod's "
            "service account a role; "
            f"looked at {profiles.places(self._usual_profile(), self._home)} too"
        )

    def _missing(self, name: str) -> str:
        return f"profile {name!r} not found, or without a key pair; searched: {profiles.places(name, self._home)}"
