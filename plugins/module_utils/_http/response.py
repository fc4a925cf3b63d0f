# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the bytes of an HTTP response to a JSON object, or to an error. Private to this collection.

Pure: it knows neither the connection nor the API version.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Callable, NamedTuple, TypeVar

from .._errors import BadResponse, CrsError, ServerError, Throttled

Value = TypeVar("Value")


class Answer(NamedTuple):
    """A response whose body is a JSON object."""

    #: The object, and the bytes that it was parsed from. The types of its values are unknown until they are checked.
    document: dict[str, Any]
    body: bytes
    #: The HTTP status.
    status: int
    #: The server's Date header.
    date: str | None
    #: The seconds of the Retry-After header, or None without one.
    retry_after: float | None


def parse(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the Answer. ``headers`` has to find names in any case.

    A body that is not a JSON object, or has a key twice, raises the error of its HTTP status, and BadResponse for status 200.
    """
    document, retry_after = _document(body), _retry_after(headers)
    if isinstance(document, dict):
        return Answer(document, body, status, headers.get("Date"), retry_after)
    if status != 200:
        raise _refusal(status, retry_after)
    raise BadResponse(f"the response is not a JSON object but {_describe(headers, body)}")


def understood(answer: Answer, read: Callable[[Answer], Value]) -> Value:
    """Return ``read(answer)``, or raise.

    The API sends its own errors with status 200. Any other status may come from a gateway, so it is an error even if ``read`` accepts
    the answer. An error of the API that ``read`` raises comes first, whatever the status.
    """
    try:
        value = read(answer)
    except BadResponse:
        if answer.status == 200:
            raise
    except CrsError as error:
        error.retry_after = answer.retry_after
        raise
    else:
        if answer.status == 200:
            return value
    raise _refusal(answer.status, answer.retry_after)


def holds(answer: Answer, text: str) -> bool:
    """Tell whether a text is anywhere in the answer, also if JSON escapes parts of it."""
    return text.encode("utf-8") in answer.body or (
        b"\\" in answer.body and text in json.dumps(answer.document, ensure_ascii=False)
    )


def _refusal(status: int, retry_after: float | None) -> CrsError:
    """Return the error for an HTTP status other than 200. ``retry_after`` is in seconds."""
    if 300 <= status < 400:
        return BadResponse(
            f"the server redirects (HTTP {status}), which is not followed: check endpoint", max_retries=0
        )
    if status == 429:
        return Throttled(f"too many requests (HTTP {status})", retry_after=retry_after)
    if status >= 500:
        return ServerError(f"the server failed (HTTP {status})", retry_after=retry_after)
    return BadResponse(f"the server refused (HTTP {status}): check endpoint and proxy", max_retries=0)


def _document(body: bytes) -> Any:
    """Return the parsed body, or None if it is not valid JSON in UTF-8, has a key twice, or a number that JSON lacks (NaN)."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate keys")
    return made


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _describe(headers: Mapping[str, str], body: bytes) -> str:
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    return f"{len(body)} bytes of {kind or 'no stated type'}" if body else "empty"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, which holds seconds or an HTTP date; None without a valid one."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
