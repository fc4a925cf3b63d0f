# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, by kind: callers choose by class, never by text. Private to this collection."""

from __future__ import annotations

import unicodedata
from typing import Callable, TypedDict


class ErrorDict(TypedDict):
    """The shape in which modules and records show an error."""

    kind: str
    #: Code and id of the request are the API's own, if it said any.
    code: str | None
    message: str
    request_id: str | None


def plain(text: str, most: int = 1000) -> str:
    """Return a foreign text without control and direction characters, truncated."""
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text[: most + 1])
    return kept if len(kept) <= most else kept[: most - 3] + "..."


class CrsError(Exception):
    """An error with everything a reader needs to act on it, and never a secret.

    ``reason`` says what happened and what to do; ``code`` and ``request_id`` are the API's own, ``said`` is the
    API's own message. The client adds what was asked of whom and how often.
    """

    kind = "error"
    #: How often the same request is worth sending again: 0 never, 1 once, None as often as the caller allows.
    max_retries: int | None = 0
    #: Whether it concerns all instances: the key is wrong, or no connection is possible.
    meets_all = False

    def __init__(
        self,
        reason: str,
        code: str | None = None,
        request_id: str | None = None,
        said: str | None = None,
        max_retries: int | None = -1,
        retry_after: float | None = None,
    ) -> None:
        """``max_retries`` is that of the class unless it is given, and ``retry_after`` is seconds."""
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.request_id = request_id
        self.said = said
        self.retry_after = retry_after
        self.asked: str | None = None
        self.effort: str | None = None
        if max_retries != -1:
            self.max_retries = max_retries

    def __str__(self) -> str:
        text = f"{self.asked}: {self.reason}" if self.asked else self.reason
        details = [
            f"code {self.code}" if self.code is not None else "",
            f'the API says "{self.said}"' if self.said else "",
            f"request id {self.request_id}" if self.request_id else "",
            self.effort or "",
        ]
        told = ", ".join(detail for detail in details if detail)
        return f"{text} ({told})" if told else text

    def clean(self, redact: Callable[[str], str]) -> None:
        """Put ``redact(text)``, made plain, in the place of each text that may come from outside."""
        for name in ("reason", "code", "request_id", "said"):
            text = getattr(self, name)
            if text:
                setattr(self, name, plain(redact(text)))
        self.args = (self.reason,)

    def as_dict(self) -> ErrorDict:
        return {"kind": self.kind, "code": self.code, "message": str(self), "request_id": self.request_id}


class InvalidOption(CrsError):
    """A value of the user's that cannot work; found before any request."""

    kind = "invalid_option"


class MissingLibrary(CrsError):
    kind = "missing_library"


class AuthError(CrsError):
    """The key pair, token, signature or clock is wrong: true for the whole account, not for one instance."""

    kind = "auth"
    meets_all = True


class Denied(CrsError):
    """The credentials are good but may not do this."""

    kind = "denied"


class NotFound(CrsError):
    kind = "not_found"


class NotListed(NotFound):
    """The list of the region's instances doesn't have the instance, but the API shows its backups."""


class InvalidRequest(CrsError):
    kind = "invalid_request"


class Throttled(CrsError):
    kind = "throttled"
    max_retries = None


class ServerError(CrsError):
    kind = "server_error"
    max_retries = None


class Unreachable(CrsError):
    """No answer: name resolution, connection, TLS or time.

    ``meets_all`` says that no connection came about. A server that is there and doesn't answer may be stuck on one
    instance.
    """

    kind = "unreachable"
    max_retries = None

    def __init__(self, reason: str, meets_all: bool = False, max_retries: int | None = -1) -> None:
        super().__init__(reason, max_retries=max_retries)
        self.meets_all = meets_all


class BadResponse(CrsError):
    """An answer that is not what the contract says: cut short, not JSON, a field missing, too large."""

    kind = "bad_response"
    max_retries = None


class Incomplete(CrsError):
    """Pages were read, but they do not add up to the whole listing."""

    kind = "incomplete"
