# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads a file from an allowed address, with limits. The address is a secret, so no error contains it.

Private to this collection.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from ...module_utils._errors import Unreachable
from ...module_utils._http.client import within
from .digest import Sha256
from .outcomes import NotPassed
from .space import DISK_FULL

try:
    import requests
    import urllib3
except ImportError:  # pragma: no cover: without it, the API's client says so before there is an address
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

ALLOWED_HOSTS = ("*.myqcloud.com", "*.tencentcos.cn")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}")
_CHUNK = 1 << 18
#: Seconds without a byte after which a server counts as stuck.
MAX_SILENCE_SECONDS = 60.0
_REFUSALS = {401: "download_refused", 403: "download_refused", 404: "file_missing"}


class Downloaded(NamedTuple):
    size: int
    sha256: str


class Bounds(NamedTuple):
    """``max_size`` in bytes, ``timeout`` in seconds. ``verify``: whether to verify certificates, or the path of a CA file."""

    max_size: int
    timeout: float
    hosts: Sequence[str] = ALLOWED_HOSTS
    verify: bool | str = True


def check_address(url: str, hosts: Sequence[str]) -> SplitResult:
    """Return the parts of an address that is allowed. Raises NotPassed, before anything is sent."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotPassed("host_not_allowed", "the address is not a URL") from None
    loopback = host in LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise NotPassed("host_not_allowed", "the address is not https")
    if parts.username is not None or (port not in (None, 443) and not loopback):
        raise NotPassed("host_not_allowed", "the address has a user or a port")
    # Other parsers may read other characters, such as a backslash or a tab, differently.
    if not url.isprintable() or " " in url:
        raise NotPassed("host_not_allowed", "the address is not a URL")
    if not (loopback or _NAME.fullmatch(host)) or not any(_matches(host, pattern.lower()) for pattern in hosts):
        raise NotPassed("host_not_allowed")
    return parts


def _matches(host: str, pattern: str) -> bool:
    """Tell whether a host is the pattern or, for ``*.NAME``, below it."""
    return host.endswith(pattern[1:]) and len(host) >= len(pattern) if pattern.startswith("*.") else host == pattern


def download(url: str, path: str, size: int, bounds: Bounds) -> Downloaded:
    """Download to a new file. ``size`` is the number of bytes according to the API, 0 if unknown. Raises NotPassed."""
    parts = check_address(url, bounds.hosts)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    deadline = time.monotonic() + bounds.timeout

    def transfer(given_up: threading.Event) -> Downloaded:
        # Closed by who writes to it: after that, its number may be that of another file.
        with os.fdopen(descriptor, "wb", buffering=0):
            return _transfer(url, parts, descriptor, size, bounds, deadline, given_up)

    try:
        # In a thread: a socket's timeout bounds each read, not their sum.
        return within(bounds.timeout, transfer)
    except Unreachable:
        raise NotPassed("download_timeout") from None


def _transfer(
    url: str,
    parts: SplitResult,
    file: int,
    size: int,
    bounds: Bounds,
    deadline: float,
    given_up: threading.Event,
) -> Downloaded:
    silence = min(MAX_SILENCE_SECONDS, bounds.timeout)
    try:
        with (
            _silent(),
            _session(parts) as session,
            _send(session, url, silence, bounds.verify) as response,
        ):
            expected = _expected(response, size, bounds.max_size)
            return _save(response, file, expected, bounds.max_size, deadline, given_up)
    # Causes and texts of these errors are dropped, since they contain the address.
    except requests.exceptions.Timeout:
        raise NotPassed("transfer_broken", "no response within the timeout, or it broke off") from None
    except urllib3.exceptions.ReadTimeoutError:
        raise NotPassed("transfer_broken", "the response broke off") from None
    except urllib3.exceptions.ProtocolError:
        raise NotPassed("transfer_broken") from None
    # The last two result from an invalid URL of a proxy.
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, TypeError):
        raise NotPassed("unreachable") from None
    except OSError as error:
        if error.errno in DISK_FULL:
            raise NotPassed("no_disk_space") from None
        raise NotPassed("transfer_broken") from None


@contextmanager
def _silent() -> Iterator[None]:
    """Suppress the logs of urllib3: its warning of unreadable headers contains the address, and would go to standard error."""
    ours = threading.get_ident()

    def of_others(record: logging.LogRecord) -> bool:
        return record.thread != ours

    # A logger's filter doesn't apply to its children. An abandoned download may end during the next one, so each download has
    # its own filter.
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("urllib3.")]
    for logger in loggers:
        logger.addFilter(of_others)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(of_others)


def _session(parts: SplitResult) -> requests.Session:
    session = requests.Session()
    # The environment's proxy is used as for any request, except for this machine's own addresses.
    session.trust_env = parts.hostname not in LOOPBACK
    # Without an auth of its own, requests would take one from ~/.netrc.
    session.auth = lambda request: request
    session.headers.update({"Accept-Encoding": "identity"})
    return session


def _send(session: requests.Session, url: str, silence: float, verify: bool | str) -> requests.Response:
    """Request a file. Through the adapter: the session would read the body of a redirect into memory, without bounds."""
    request = session.prepare_request(requests.Request("GET", url))
    found = session.merge_environment_settings(url, {}, True, verify, None)
    # Without a value, certificates are verified.
    authorities = found["verify"] or found["verify"] is None
    return session.get_adapter(url).send(
        request, True, silence, verify=authorities, cert=found["cert"], proxies=found["proxies"]
    )


def _expected(response: requests.Response, size: int, max_size: int) -> int | None:
    """Return the number of bytes to come, None if the end shows by itself. Raises NotPassed if the response is not to be read."""
    if response.is_redirect or 300 <= response.status_code < 400:
        raise NotPassed("redirected")
    if response.status_code != 200:
        word = _REFUSALS.get(response.status_code, "transfer_broken")
        raise NotPassed(word, f"HTTP status {response.status_code}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotPassed("transfer_broken", "the response is compressed although that was not requested")
    header = response.headers.get("Content-Length", "")
    length = int(header) if header.isascii() and header.isdecimal() and len(header) < 20 else None
    if length is None:
        if not size and response.headers.get("Transfer-Encoding", "").lower() != "chunked":
            # A connection that broke off would look like the end of the file.
            raise NotPassed("transfer_broken", "neither object storage nor the API says how large the file is")
        return size or None
    if max(length, size) > max_size:
        raise NotPassed("too_large", f"{max(length, size)} of {max_size} bytes")
    if size and length != size:
        raise NotPassed("size_differs", f"{length} instead of {size} bytes")
    return length


def _save(
    response: requests.Response,
    file: int,
    expected: int | None,
    max_size: int,
    deadline: float,
    given_up: threading.Event,
) -> Downloaded:
    received = 0
    with Sha256() as digest:
        while True:
            chunk: bytes = response.raw.read(_CHUNK, decode_content=False)
            if given_up.is_set() or time.monotonic() > deadline:
                raise NotPassed("download_timeout")
            if not chunk:
                break
            received += len(chunk)
            if received > max_size:
                raise NotPassed("too_large", f"more than {max_size} bytes")
            digest.update(chunk)
            _write(file, chunk)
    if expected is not None and received != expected:
        raise NotPassed("transfer_broken", f"{received} of {expected} bytes")
    return Downloaded(received, digest.hexdigest())


def _write(file: int, chunk: bytes) -> None:
    while chunk:
        chunk = chunk[os.write(file, chunk) :]
