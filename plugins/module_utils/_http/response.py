# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the bytes of an answer to a JSON object, or to the error that they stand for. Private to this collection.

Pure: it knows neither connection nor dialect.
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
    """What a service gets back."""

    #: A JSON object, and the bytes that it was. From here on ``Any`` is what JSON holds: its type is known only after a check.
    document: dict[str, Any]
    body: bytes
    #: The HTTP status.
    status: int
    #: The server's Date header.
    date: str | None
    #: After how many seconds the server asks to come back, if it does.
    retry_after: float | None


def parse(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the Answer, or raise if the body is not a JSON object. ``headers`` finds names in any case."""
    document, retry_after = _document(body), _retry_after(headers)
    if isinstance(document, dict):
        return Answer(document, body, status, headers.get("Date"), retry_after)
    if status != 200:
        raise _refusal(status, retry_after)
    raise BadResponse(f"the response is not a JSON object but {_describe(headers, body)}")


def understood(answer: Answer, read: Callable[[Answer], Value]) -> Value:
    """Return ``read(answer)``. The API answers with status 200, errors included: another may be a gateway's.

    What the API itself says comes first, whatever the status.
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
    """Tell whether a text is anywhere in the answer, also in another way to write it in JSON."""
    return text.encode("utf-8") in answer.body or (
        b"\\" in answer.body and text in json.dumps(answer.document, ensure_ascii=False)
    )


def _refusal(status: int, retry_after: float | None) -> CrsError:
    """Return the error that an HTTP status stands for."""
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
    """Return the seconds of a Retry-After header, which has seconds or an HTTP date; None where there is none."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
