# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A key pair, and how long it may be used. Private to this collection."""

from __future__ import annotations

import re
import threading
import time
from collections import namedtuple

from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError, InvalidOption

_PRINTABLE = re.compile(r"[!-~]+")
#: Seconds before they expire at which temporary credentials are replaced, and after which a failed try is repeated.
_MARGIN, _AGAIN = 300, 30


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


def pair(values, names, where):
    """Return the Credentials of ``(secret_id, secret_key, token)``, or None if there are none.

    ``names`` are what the place calls them. Raises InvalidOption for half a pair, or for what no key looks like.
    """
    secret_id, secret_key, token = values
    if not secret_id and not secret_key:
        if token:
            raise InvalidOption(f"{names[2]} is set in {where} without {names[0]} and {names[1]}: set all three there")
        return None
    for value, name, other in ((secret_id, names[0], names[1]), (secret_key, names[1], names[0])):
        if not value:
            raise InvalidOption(f"{other} is set in {where} but {name} is not: set both there, or neither")
    for value, name in zip(values, names):
        if value and not (isinstance(value, str) and _PRINTABLE.fullmatch(value)):
            raise InvalidOption(
                f"{name} of {where} has white space, control characters or others that no key has: copy it once more"
            )
    return Credentials(secret_id, secret_key, token or None)


def is_expiry(seconds):
    """Say whether a number is a time in Unix seconds at all."""
    return seconds is not None and 0 <= seconds < 1 << 40


class Renewed:
    """Callable: returns Credentials that are valid now, replaced before they expire. Safe for several threads.

    ``fetch`` returns ``(Credentials, expiry)`` with the expiry in Unix seconds or None; what it raises is raised to
    every caller from then on, for it has tried again itself. ``learn`` is told of each new pair's secrets.
    """

    def __init__(self, fetch, learn, clock=time.time):
        self._fetch, self._learn, self._clock = fetch, learn, clock
        self._lock = threading.Lock()
        self._current = self._expires = self._due = self._failed = None

    def __call__(self):
        with self._lock:
            if self._failed:
                raise self._failed
            if self._current is None or (self._due is not None and self._clock() >= self._due):
                self._renew()
            return self._current

    def _renew(self):
        now = self._clock()
        try:
            credentials, expires = self._fetch()
        except CrsError as error:
            if self._expires is not None and now < self._expires:
                self._due = min(self._expires, now + _AGAIN)
                return
            self._failed = error
            raise
        self._learn(credentials.secrets)
        self._current, self._expires = credentials, expires
        # A short life is halved: with the whole margin it would be over before it began.
        self._due = None if expires is None else expires - min(_MARGIN, max(0, expires - now) / 2)
