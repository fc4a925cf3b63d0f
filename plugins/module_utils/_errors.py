# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of the collection: a class for each kind, so that callers never look at texts. Private to this collection."""

from __future__ import annotations

import unicodedata
from typing import Callable, TypedDict


class ErrorDict(TypedDict):
    """An error as modules return it and records hold it."""

    kind: str
    #: The API's own error code, and below its id of the request; None if it sent none.
    code: str | None
    message: str
    request_id: str | None


def plain(text: str, most: int = 1000) -> str:
    """Return a text from outside with a space for each control, format or separator character, and at most ``most`` characters."""
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text[: most + 1])
    return kept if len(kept) <= most else kept[: most - 3] + "..."


class CrsError(Exception):
    """The base class. An error has everything that a user needs to act on it, and never a secret.

    ``reason`` says what happened and what to do. ``code``, ``request_id`` and ``said`` (the message) are the API's own. The client sets
    ``asked`` (which request, to which host) and ``effort`` (how many attempts).
    """

    kind = "error"
    #: How often the same request may be sent again: None means as often as the option ``retries`` allows.
    max_retries: int | None = 0
    #: Whether every instance would get this error: the key is wrong, or no connection is possible.
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
        """``max_retries`` -1 stands for that of the class. ``retry_after`` is in seconds, from the server."""
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
        shown = ", ".join(detail for detail in details if detail)
        return f"{text} ({shown})" if shown else text

    def clean(self, redact: Callable[[str], str]) -> None:
        """Replace each text that may come from outside by ``plain(redact(text))``."""
        for name in ("reason", "code", "request_id", "said"):
            text = getattr(self, name)
            if text:
                setattr(self, name, plain(redact(text)))
        self.args = (self.reason,)

    def as_dict(self) -> ErrorDict:
        return {"kind": self.kind, "code": self.code, "message": str(self), "request_id": self.request_id}


class InvalidOption(CrsError):
    """A value that the user set can't work. Raised before any request where possible."""

    kind = "invalid_option"


class MissingLibrary(CrsError):
    kind = "missing_library"


class AuthError(CrsError):
    """The key pair, token, signature or clock is wrong: true for the whole account, not for one instance."""

    kind = "auth"
    meets_all = True


class Denied(CrsError):
    """The credentials are valid, but lack a permission."""

    kind = "denied"


class NotFound(CrsError):
    kind = "not_found"


class NotListed(NotFound):
    """The list of the region's instances lacks the instance, but the API shows its backups."""


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

    ``meets_all`` is true if no connection was made. A server that accepts it and doesn't answer may hang only for one instance.
    """

    kind = "unreachable"
    max_retries = None

    def __init__(self, reason: str, meets_all: bool = False, max_retries: int | None = -1) -> None:
        super().__init__(reason, max_retries=max_retries)
        self.meets_all = meets_all


class BadResponse(CrsError):
    """An answer that is not as documented: truncated, not JSON, without a field, too large."""

    kind = "bad_response"
    max_retries = None


class Incomplete(CrsError):
    """Pages were read, but their rows don't add up to the API's total."""

    kind = "incomplete"
