# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the key pair comes from. Private to this collection.

A pair is taken whole from one source: a token of the environment never meets a pair of the options.
"""

from __future__ import annotations

import re
from collections import namedtuple

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption

ENV_ID = "TENCENTCLOUD_SECRET_ID"
ENV_KEY = "TENCENTCLOUD_SECRET_KEY"
#: Tools disagree on the token's name; the first one set wins.
ENV_TOKENS = ("TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN")


_PRINTABLE = re.compile(r"[!-~]+")


class Credentials(namedtuple("Credentials", "secret_id secret_key token")):
    """One key pair, with a token if it is temporary. Its repr shows no secret."""

    __slots__ = ()

    def __repr__(self):
        return f"Credentials(secret_id={self.secret_id!r})"

    @property
    def secrets(self):
        """What must never be shown: the key and the token."""
        return tuple(secret for secret in (self.secret_key, self.token) if secret)

    def redact(self, text):
        """Return the text without the secrets, plain or as a URL has them, in whole or in part."""
        for secret in self.secrets:
            text = re.sub("".join(_any_form(char) for char in secret), "********", text, flags=re.IGNORECASE)
        return text


def _any_form(char):
    """Return a pattern for a character as it is or as %2B or %2b."""
    digits = "".join(f"[{digit.lower()}{digit.upper()}]" for digit in f"{ord(char):02x}")
    return f"(?:{re.escape(char)}|%{digits})"


def resolve(options, environ):
    """Return the Credentials of the first source that has any: options, then environment.

    Raises InvalidOption when there are none, or when a source has half a pair.
    """
    for source in (_from_options, _from_environment):
        found = source(options, environ)
        if found:
            return found
    raise InvalidOption(
        f"no credentials: set {ENV_ID} and {ENV_KEY} in the environment, or the options secret_id and secret_key"
    )


def _from_options(options, environ):
    names = ("secret_id", "secret_key", "token")
    return _pair([options.get(name) for name in names], names, "the options")


def _from_environment(options, environ):
    names = (ENV_ID, ENV_KEY, next((name for name in ENV_TOKENS if environ.get(name)), ENV_TOKENS[0]))
    return _pair([environ.get(name) for name in names], names, "the environment")


def _pair(values, names, where):
    secret_id, secret_key, token = values
    if not secret_id and not secret_key:
        if token:
            raise InvalidOption(f"{names[2]} is set in {where} without {names[0]} and {names[1]}: set all three there")
        return None
    for value, name, other in ((secret_id, names[0], names[1]), (secret_key, names[1], names[0])):
        if not value:
            raise InvalidOption(f"{other} is set in {where} but {name} is not: set both there, or neither")
    for value, name in zip(values, names):
        if value and not _PRINTABLE.fullmatch(value):
            raise InvalidOption(
                f"{name} of {where} has white space, control characters or others that no key has: copy it once more"
            )
    return Credentials(secret_id, secret_key, token or None)
