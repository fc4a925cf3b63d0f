# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both generations of the API share: how they are asked, and which answers are none. Private to this collection."""

from __future__ import annotations

import time
from collections import namedtuple
from email.utils import parsedate_to_datetime

from ansible_collections.qcloud.crs.plugins.module_utils._answer import holds
from ansible_collections.qcloud.crs.plugins.module_utils._errors import BadResponse, CrsError
from ansible_collections.qcloud.crs.plugins.module_utils._records import as_int

#: One page of a listing: records, and how many the API counts in all.
Page = namedtuple("Page", "rows total")

#: A shorter one is no key of the vendor's, and may be any word of an answer.
_SHORTEST_SECRET = 12
#: A count beyond this is no fleet but a broken answer, and would be paged for hours.
_LARGEST_TOTAL = 5_000_000


class Dialect:
    """``credentials`` is a callable that returns valid Credentials; ``zone`` is that of the API's bare timestamps."""

    def __init__(self, client, credentials, region, zone):
        self.client = client
        self.region = region
        self.zone = zone
        self._credentials = credentials

    def asked(self, action, instance_id=None):
        """Return in words what is asked of whom, for errors."""
        subject = f" of {instance_id}" if instance_id else ""
        return f"{action}{subject} in {self.region} at {self.client.endpoint.host}"

    def ask(self, action, params, parse, instance_id=None):
        """Return ``parse(payload)`` of a successful answer; raise a CrsError otherwise.

        What ``parse`` can't make sense of is asked again like any other broken answer.
        """
        # Credentials may be replaced between two attempts.
        used = set()

        def build():
            credentials = self._credentials()
            used.add(credentials)
            return self._message(credentials, action, params)

        def understand(answer):
            # The API's own errors come first: what they repeat is taken out below.
            payload = self._read(answer)
            _refuse_secrets(answer, used)
            return parse(payload)

        def redacted(text):
            for credentials in used:
                text = credentials.redact(text)
            return text

        try:
            return self.client.call(self.asked(action, instance_id), build, understand)
        except CrsError as error:
            # Whoever answered may have repeated what was sent, or written to a terminal, in any place that an error shows.
            error.clean(redacted)
            raise

    @staticmethod
    def refused(entry, code, said, request_id=None, hint=""):
        """Return the error of an answer, by an entry of the dialect's table: (class, meaning, how often to try again)."""
        kind, meaning, max_retries = entry
        return kind(f"{meaning}: {hint}" if hint else meaning, code, request_id or None, said, max_retries)

    def _message(self, credentials, action, params):
        raise NotImplementedError

    def _read(self, answer):
        raise NotImplementedError


def _refuse_secrets(answer, used):
    """Raise BadResponse if a secret comes back as data: it would stand in results, records and reports."""
    secrets = {secret for credentials in used for secret in credentials.secrets if len(secret) >= _SHORTEST_SECRET}
    if any(holds(answer, secret) for secret in secrets):
        raise BadResponse("the answer repeats the request's key or token: check endpoint", max_retries=0)


def rows_of(value, name, total):
    """Return the list of row dicts; null stands for "none" only where the API also counts none."""
    if value is None and total == 0:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadResponse(f"{name} is not a list of objects")
    return value


def total_of(value, name):
    total = as_int(value)
    if total is None or not 0 <= total <= _LARGEST_TOTAL:
        raise BadResponse(f"{name} is not a count")
    return total


def clock_hint(date):
    """Return what the server's Date header says of this machine's clock, for errors about time."""
    try:
        seconds = time.time() - parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return "check this machine's clock"
    side = "ahead of" if seconds > 0 else "behind"
    return f"this machine's clock is {abs(seconds):.0f} s {side} the server's ({date}), and five minutes are allowed"
