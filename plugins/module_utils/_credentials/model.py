# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key pairs, and providers that renew temporary ones. Private to this collection."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional

from .._errors import CrsError, InvalidOption

_PRINTABLE = re.compile(r"[!-~]+")
#: In seconds: how long before their expiry temporary credentials are renewed; the wait after a failed renewal.
_MARGIN_SECONDS, _RETRY_SECONDS = 300, 30
#: A word of a text; the minimum length at which it may reveal a part of a secret.
_WORD, _BETRAYS = re.compile(r"[A-Za-z0-9_-]+"), 12
_MASK = "********"


@dataclass(frozen=True)
class Credentials:
    """One key pair, with a token if it is temporary. Its repr shows no secret."""

    secret_id: str
    secret_key: str
    token: str | None

    def __repr__(self) -> str:
        return f"Credentials(secret_id={self.secret_id!r})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown: the key and the token."""
        return tuple(secret for secret in (self.secret_key, self.token) if secret)

    def redact(self, text: str) -> str:
        """Return the text with the secrets masked, also if they are URL-encoded or only parts of them occur."""
        for secret in self.secrets:
            text = re.sub("".join(_any_form(char) for char in secret), _MASK, text, flags=re.IGNORECASE)
            # A server that quotes a token may truncate it anywhere.
            text = _without_parts(text, secret.lower())
        return text


#: A callable that returns credentials that are valid now.
Provider = Callable[[], Credentials]
#: A callable that requests temporary credentials, and returns them with their expiry in Unix seconds, or None if they have none.
Fetch = Callable[[], tuple[Credentials, Optional[int]]]
#: A callable that receives each secret, so that it is masked.
Learn = Callable[[Iterable[str]], object]


def parts(token: str) -> list[str]:
    """Return the parts of a token that are long enough to reveal it. A Kubernetes token has parts that are separated by dots."""
    return [part for part in token.split(".") if len(part) >= _BETRAYS]


def _without_parts(text: str, secret: str) -> str:
    """Return a text with all words masked that are or contain a part of a secret, which is in lower case."""

    def shown(match: re.Match[str]) -> str:
        word = match[0].lower()
        betrays = len(word) >= _BETRAYS and (word in secret or any(part in word for part in parts(secret)))
        return _MASK if betrays else match[0]

    return _WORD.sub(shown, text)


def _any_form(char: str) -> str:
    """Return a pattern for a character as it is or as %2B or %2b."""
    digits = "".join(f"[{digit.lower()}{digit.upper()}]" for digit in f"{ord(char):02x}")
    return f"(?:{re.escape(char)}|%{digits})"


def pair(values: Sequence[Any], names: Sequence[str], where: str) -> Credentials | None:
    """Return the Credentials of ``(secret_id, secret_key, token)``, or None if there are none.

    ``names`` are their names in the source ``where``, for errors. Raises InvalidOption for half a pair, or for invalid characters.
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
                f"{name} of {where} has white space, control characters or other invalid characters: copy it again"
            )
    return Credentials(secret_id, secret_key, token or None)


def is_expiry(seconds: int | None) -> bool:
    """Tell whether a number is a valid time in Unix seconds."""
    return seconds is not None and 0 <= seconds < 1 << 40


class Renewed:
    """Callable: returns Credentials that are valid now, replaced before they expire. Safe for several threads.

    An error of ``fetch`` is raised to every later caller, since ``fetch`` retries by itself. While the current credentials are
    valid, it is not raised. ``learn`` is called with the secrets of each new pair.
    """

    def __init__(self, fetch: Fetch, learn: Learn, clock: Callable[[], float] = time.time) -> None:
        self._fetch, self._learn, self._clock = fetch, learn, clock
        self._lock = threading.Lock()
        self._current: Credentials | None = None
        self._expires: int | None = None
        self._due: float | None = None
        self._failed: CrsError | None = None

    def __call__(self) -> Credentials:
        with self._lock:
            if self._failed:
                raise self._failed
            current = self._current
            if current is None or (self._due is not None and self._clock() >= self._due):
                current = self._current = self._renew(current)
            return current

    def _renew(self, current: Credentials | None) -> Credentials:
        now = self._clock()
        try:
            credentials, expires = self._fetch()
        except CrsError as error:
            if current is not None and self._expires is not None and now < self._expires:
                self._due = min(self._expires, now + _RETRY_SECONDS)
                return current
            self._failed = error
            raise
        self._learn(credentials.secrets)
        self._expires = expires
        # Credentials with a short life are renewed after half of it: the whole margin may be longer than that life.
        self._due = None if expires is None else expires - min(_MARGIN_SECONDS, max(0, expires - now) / 2)
        return credentials
