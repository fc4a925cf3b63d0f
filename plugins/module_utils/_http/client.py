# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP session: send requests, bound their time and size, retry, count. It knows neither Ansible nor the API's messages.

Private to this collection.

Bounds: an attempt ends after ``timeout`` seconds whatever the server does, all attempts of a call together after
``timeout`` times ``retries`` (once if ``retries`` is 0), and an answer of more than MAX_BODY bytes is an error.
"""

from __future__ import annotations

import random
import re
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, TypeVar

from .._errors import (
    BadResponse,
    CrsError,
    InvalidOption,
    MissingLibrary,
    Throttled,
    Unreachable,
)
from .._version import VERSION
from . import response as _answer
from .endpoint import Endpoint
from .rate_limit import Pace

try:
    import requests
    import requests.adapters
    import requests.utils
    import urllib3
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

#: In bytes. The largest page (1,000 instances) has about 2 MB.
MAX_BODY = 32 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
#: How much longer than the timeout ``within`` waits, so that the socket's own error comes first.
GRACE_SECONDS = 0.5
_FIRST_DELAY_SECONDS, _MAX_DELAY_SECONDS = 0.5, 8.0
_NOT_A_PROXY = (
    "HTTPS_PROXY is not a valid proxy URL: check its scheme, host and port, and write "
    "/ ? # @ of a password as %2F %3F %23 %40"
)

_NO_SOCKS = (
    "the proxy in HTTPS_PROXY is a SOCKS proxy, and the Python library for that is missing in {}: install it there "
    "(pip install PySocks), or use an HTTP proxy"
)

#: Printable ASCII without a space at an end, and the options that headers come from.
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")
_OPTIONS = {"Authorization": "secret_id", "Host": "endpoint", "X-TC-Region": "region", "X-TC-Token": "token"}

Value = TypeVar("Value")


class Message(NamedTuple):
    """The headers and the body of a POST request, already signed."""

    headers: dict[str, str]
    body: bytes


class Client:
    """POSTs to one endpoint. Safe for use by several threads."""

    def __init__(
        self,
        endpoint: Endpoint,
        timeout: float = 30,
        retries: int = 5,
        verify: bool | str = True,
        pace: Pace | None = None,
        pool: int = 8,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``verify`` is True, False or the path of a CA bundle; ``timeout`` is in seconds, for one attempt.

        ``pool`` is the maximum number of concurrent requests, whatever the number of threads. ``clock``, ``sleep`` and
        ``chance`` are for tests. Raises MissingLibrary without requests.
        """
        if not HAS_REQUESTS:
            raise MissingLibrary(
                f"the Python library requests is missing in {sys.executable}: install it there (pip install requests), "
                "or run the task on the controller's own Python with ansible_python_interpreter set to "
                '"{{ ansible_playbook_python }}"'
            )
        self.endpoint = endpoint
        self.requests = self.retries = self.throttled = 0
        self._timeout = timeout
        self._retries = retries
        self._pace = pace or Pace(0)
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._count, self._room = threading.Lock(), threading.Semaphore(pool)
        self._session = _session(pool)
        self._adapter = self._session.get_adapter(endpoint.url)
        self._transport = _transport(self._session, endpoint, verify)
        # Exceptions raised by requests, urllib3 and the standard library for an invalid proxy URL.
        proxy = requests.utils.select_proxy(endpoint.url, self._transport["proxies"])
        self._not_a_proxy: tuple[type[Exception], ...] = (ValueError, TypeError) if proxy else ()

    def call(self, asked: str, build: Callable[[], Message], read: Callable[[_answer.Answer], Value]) -> Value:
        """Send the message that ``build()`` makes anew for each attempt, and return ``read(answer)``.

        ``asked`` describes the request, for errors. ``read`` raises a CrsError for an invalid answer or an error of the API.
        Raises the CrsError of the last attempt, with ``asked`` and ``effort`` (attempts and seconds) set.
        """
        budget = self._timeout * max(1, self._retries)
        spent, attempt = 0.0, 0
        while True:
            attempt += 1
            with self._room:
                # Time spent waiting for the rate limiter doesn't count against the time budget.
                self._pace.wait()
                # Signed now, not before. It may fetch credentials, which doesn't count against this call's bounds.
                message = build()
                began = self._clock()
                try:
                    seconds = min(self._timeout, max(0.1, budget - spent))
                    return _answer.understood(self._attempt(message, seconds), read)
                except CrsError as error:
                    spent += self._clock() - began
                    delay = self._delay(error, attempt, budget)
                    if delay is None or spent + delay >= budget:
                        self._tell(error, asked, attempt, spent)
                        raise
            spent += delay
            with self._count:
                self.retries += 1
            self._sleep(delay)

    def _delay(self, error: CrsError, attempt: int, budget: float) -> float | None:
        """Return the seconds to wait before the next attempt, or None for no further one."""
        if isinstance(error, Throttled):
            with self._count:
                self.throttled += 1
            self._pace.slow_down(min(error.retry_after or 0, budget))
        allowed = self._retries if error.max_retries is None else min(error.max_retries, self._retries)
        if attempt > allowed:
            return None
        backoff = min(_MAX_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2.0 ** (attempt - 1)) * (0.5 + self._chance() / 2)
        return max(backoff, error.retry_after or 0)

    @staticmethod
    def _tell(error: CrsError, asked: str, attempts: int, seconds: float) -> None:
        error.asked = asked
        if attempts > 1:
            error.effort = f"tried {attempts} times in {seconds:.1f} s"

    def _attempt(self, message: Message, seconds: float) -> _answer.Answer:
        with self._count:
            self.requests += 1
        status, headers, body = within(seconds, lambda given_up: self._send(message, seconds, given_up))
        return _answer.parse(status, headers, body)

    def _send(
        self, message: Message, seconds: float, given_up: threading.Event
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request, and return ``(status, headers, body)`` with the body as received."""
        _check_headers(message.headers)
        try:
            request = self._session.prepare_request(
                requests.Request("POST", self.endpoint.url, message.headers, data=message.body)
            )
            # The adapter itself: the session would read the body of a redirect, without bounds, to follow it.
            with self._adapter.send(request, stream=True, timeout=seconds, **self._transport) as response:
                return response.status_code, response.headers, _body(response, given_up)
        # Without their causes: a traceback would show the raw text of a server that may repeat what it was sent.
        except urllib3.exceptions.ProtocolError as error:
            raise BadResponse(f"the response broke off: {_root(error)}") from None
        except requests.exceptions.InvalidSchema:
            # The only possible cause here is a SOCKS proxy: the adapter is fixed, so no URL's scheme can be unknown.
            raise Unreachable(_NO_SOCKS.format(sys.executable), meets_all=True, max_retries=0) from None
        except self._not_a_proxy:
            # Without their text: it repeats the URL, or parts of its password that can't be recognized.
            raise Unreachable(_NOT_A_PROXY, meets_all=True, max_retries=0) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Unreachable(_why(error, seconds), meets_all=_no_connection(error)) from None


def _check_headers(headers: Mapping[str, str]) -> None:
    """Raise InvalidOption, which names the option, for a value that no request can carry."""
    for name, value in headers.items():
        if not _HEADER.fullmatch(value):
            # Without the value: it may be a token.
            raise InvalidOption(
                f"{_OPTIONS.get(name, name)} has a space at an end, or a character that no request can carry: check it "
                f"(it becomes the header {name})"
            )


def _session(pool: int) -> requests.Session:
    session = requests.Session()
    session.mount("https://", requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=pool))
    session.mount("http://", requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=pool))
    # Without an auth of its own, requests would take one from ~/.netrc and write it over our signature.
    session.auth = lambda request: request
    session.headers.update(
        {
            "User-Agent": f"qcloud.crs/{VERSION} (Ansible collection)",
            "Accept": "application/json",
            # Pages are small, and an answer that isn't compressed can't be a compression bomb.
            "Accept-Encoding": "identity",
        }
    )
    return session


def _transport(session: requests.Session, endpoint: Endpoint, verify: bool | str) -> dict[str, Any]:
    if endpoint.is_loopback:
        # A proxy would carry a request that was allowed to be plain http off this machine.
        session.trust_env = False
    settings = session.merge_environment_settings(endpoint.url, {}, True, verify if verify is not True else None, None)
    return {"verify": settings["verify"], "proxies": settings["proxies"], "cert": settings["cert"]}


def within(seconds: float, work: Callable[[threading.Event], Value]) -> Value:
    """Run ``work(given_up)`` in a thread and return its result, or raise its error.

    Raises Unreachable after ``seconds`` plus GRACE_SECONDS, and sets ``given_up``.

    A socket's timeout bounds each read, not their sum, and name resolution not at all: a server that sends a byte
    now and then would hold a caller for ever. An abandoned thread ends at its next read.
    """
    given_up = threading.Event()
    done: list[Value] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work(given_up))
        except BaseException as error:  # handed to the caller below, whatever it is
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds + GRACE_SECONDS)
    if failed:
        raise failed[0]
    if not done:
        given_up.set()
        raise Unreachable(f"the response was not complete within {seconds:.3g} s")
    return done[0]


def _body(response: requests.Response, given_up: threading.Event) -> bytes:
    """Return the body. Raises BadResponse if it is compressed, larger than MAX_BODY, or shorter than its Content-Length."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise BadResponse("the response is compressed although that was not requested: is there a proxy in between?")
    chunks: list[bytes] = []
    size = 0
    while not given_up.is_set():
        chunk = response.raw.read(_CHUNK_BYTES, decode_content=False)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            raise BadResponse(f"the response is larger than {MAX_BODY} bytes", max_retries=0)
    expected = response.headers.get("Content-Length", "")
    if expected.isascii() and expected.isdigit() and size < int(expected):
        raise BadResponse(f"the response was cut off after {size} of {expected} bytes")
    return b"".join(chunks)


def _why(error: Exception, seconds: float) -> str:
    """Return what went wrong between here and the server, without any URL: that of a proxy may hold a password."""
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy in HTTPS_PROXY cannot be reached or refused"
    if isinstance(error, requests.exceptions.SSLError):
        return f"TLS failed: {_root(error)}; check endpoint, ca_path and validate_certs"
    if isinstance(error, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError)):
        return f"no response within {seconds:.3g} s"
    return f"the connection failed: {_root(error)}"


def _no_connection(error: Exception) -> bool:
    """Tell whether no connection was made. Then the cause is not the instance that the request names: no server read it."""
    if isinstance(error, (requests.exceptions.ProxyError, requests.exceptions.SSLError)):
        return True
    return isinstance(error, requests.exceptions.ConnectTimeout) or any(
        isinstance(getattr(part, "reason", part), urllib3.exceptions.NewConnectionError) for part in error.args
    )


def _root(error: BaseException) -> str:
    """Return the text of the innermost cause, at most 300 characters: requests wraps urllib3, which wraps the socket's error."""
    for _depth in range(10):
        inner = getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        if inner is None:
            break
        error = inner
    return f"{type(error).__name__}: {error}"[:300]
