# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the bytes of an answer to a JSON object, or to the error that they stand for. Private to this collection.

Pure: it knows neither connection nor dialect.
"""

from __future__ import annotations

import json
import time
from collections import namedtuple
from email.utils import parsedate_to_datetime

from ansible_collections.qcloud.crs.plugins.module_utils._errors import BadResponse, CrsError, ServerError, Throttled

#: What a dialect gets back: the JSON document (a dict) and the bytes that it was, the HTTP status, the server's Date
#: header, and after how many seconds it asks to come back, or None.
Answer = namedtuple("Answer", "document body status date retry_after")


def parse(status, headers, body):
    """Return the Answer, or raise for what is no JSON object. ``headers`` finds names in any case."""
    document = _document(body)
    answer = Answer(document, body, status, headers.get("Date"), _retry_after(headers))
    if isinstance(document, dict):
        return answer
    if status != 200:
        raise _refusal(answer)
    raise BadResponse(f"the answer is not a JSON object but {_describe(headers, body)}")


def understood(answer, read):
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
    raise _refusal(answer)


def holds(answer, text):
    """Tell whether a text is anywhere in the answer, also in another way to write it in JSON."""
    return text.encode("utf-8") in answer.body or (
        b"\\" in answer.body and text in json.dumps(answer.document, ensure_ascii=False)
    )


def _refusal(answer):
    """Return the error that an HTTP status stands for."""
    status = answer.status
    if 300 <= status < 400:
        return BadResponse(
            f"the server redirects (HTTP {status}), which is not followed: check endpoint", max_retries=0
        )
    if status == 429:
        return Throttled(f"too many requests (HTTP {status})", retry_after=answer.retry_after)
    if status >= 500:
        return ServerError(f"the server failed (HTTP {status})", retry_after=answer.retry_after)
    return BadResponse(f"the server refused (HTTP {status}): check endpoint and proxy", max_retries=0)


def _document(body):
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_duplicates(pairs):
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate keys")
    return made


def _no_constant(name):
    raise ValueError(name)


def _describe(headers, body):
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    return f"{len(body)} bytes of {kind or 'no stated type'}" if body else "empty"


def _retry_after(headers):
    """Return the seconds of a Retry-After header, which has seconds or an HTTP date; None where there is none."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
