# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The throw-away server: start it on its own socket, wait until it has loaded the file, count keys, end it.

Only the answer of a server that we started, on the socket in our own folder, is evidence. An exit status is not, since it is 0 also
after a failed load; nor is a log. Private to this collection.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from . import checker
from .child import Child, Ending
from .outcomes import NotPassed
from .programs import Program
from .resp import Client, NoReply, Reply, ServerError
from .sandbox import DUMP, SOCKET, Bounds

_OPTIONS = {
    "port": "0",
    "unixsocket": SOCKET,
    "unixsocketperm": "600",
    "dir": ".",
    "dbfilename": DUMP,
    "save": "",
    "appendonly": "no",
    "daemonize": "no",
    "maxclients": "16",
    "sanitize-dump-payload": "yes",
    "crash-log-enabled": "no",
    "crash-memcheck-enabled": "no",
    # The message about module data is a warning.
    "loglevel": "warning",
}
_ARGUMENTS = [word for name, value in _OPTIONS.items() for word in ("--" + name, value)]
#: Databases cost memory and time before there is a key in them, so the higher number is used only for a file that needs it.
_DATABASES, _MAX_DATABASES = 1024, 1 << 16
_MORE_DATABASES = b"configured to handle more than"
_PAUSE_SECONDS = 0.002
#: The time limit for a server without a file, in seconds. It starts immediately.
_CONTROL_SECONDS = 20.0
#: The maximum time between the end of a connection and that of its process, in seconds.
_LAST_SECONDS = 1.0
#: Error codes of a server that is still loading.
_BUSY = ("LOADING", "BUSY")
_NO_MODULE = b"no matching module"
#: What a server writes before it ends with status 0 because of a signal. A file's code could write it, too: that proves nothing.
_SHUT_DOWN = re.compile(rb"Received (?:SIG(?:TERM|INT)|shutdown signal)")
#: The fault of a file that makes each server abort. Their other aborts may be faults of their own.
_KEY_TWICE = b"Duplicated key found in RDB file"
#: A higher status is 128 plus the number of a signal.
_MAX_EXIT_STATUS = 128
_NUMBER = re.compile(r"[0-9]{1,19}")
_DATABASE = re.compile(r"db(\d{1,9}):keys=(\d{1,19}),")
#: The maximum size of a canary's value, in bytes.
MAX_CANARY = 1 << 19


class Canary(NamedTuple):
    """A key, and the SHA-256 of its value. Neither name nor value leaves the test."""

    database: int
    key: str
    sha256: str


class Loaded(NamedTuple):
    """Numbers of keys: loaded, skipped because they had expired, and now in each database (``{number: keys}``).

    ``libraries`` is the number of function libraries.
    """

    loaded: int
    expired: int
    databases: dict[int, int]
    libraries: int = 0


class Ended(Exception):
    """The server has ended: by itself, or because it didn't answer as it should and so was killed."""

    def __init__(self, ending: Ending, by_itself: bool = True) -> None:
        super().__init__(ending.status)
        self.ending = ending
        self.by_itself = by_itself


class Server:
    """A server that loads the folder's file; ``wait`` for it before use. The caller must ``kill`` it in any case."""

    def __init__(self, program: Program, folder: str, bounds: Bounds) -> None:
        self._program = program
        self._folder = folder
        self._bounds = bounds
        self._deadline = time.monotonic() + bounds.seconds
        self._client: Client | None = None
        self._databases = _DATABASES
        self._child = self._start()

    def _start(self) -> Child:
        # The socket of an earlier server does not lead to this one.
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(self._folder, SOCKET))
        program = self._program
        arguments = [program.server, *_ARGUMENTS, "--databases", str(self._databases)]
        return program.box.start(program.path, arguments, self._folder, self._bounds)

    def kill(self) -> None:
        self._close()
        self._child.kill()

    def wait(self) -> None:
        """Return as soon as it has loaded the file; raise Ended, or NotPassed at the deadline."""
        try:
            self._wait()
        except Ended as end:
            if _MORE_DATABASES not in end.ending.output:
                raise
            self.kill()
            self._databases = _MAX_DATABASES
            self._child = self._start()
            self._wait()

    def _wait(self) -> None:
        while True:
            try:
                if self._ask("PING") == b"PONG":
                    return
                raise NoReply
            except ServerError as error:
                if error.code not in _BUSY:
                    raise self._gone() from None
            except (OSError, NoReply):
                # There is no socket yet, or the server has ended: ``waiting`` finds out which.
                self._close()
            self.waiting(_PAUSE_SECONDS)

    def waiting(self, pause: float = 0.0) -> None:
        """Raise Ended if the server has ended, NotPassed if the deadline has passed. Waits up to ``pause`` seconds."""
        ending = self._child.ended(pause)
        if ending is not None:
            raise Ended(ending)
        if time.monotonic() > self._deadline:
            raise NotPassed("load_timeout")

    def _ask(self, *words: str) -> Reply:
        if self._client is None:
            self._client = Client(os.path.join(self._folder, SOCKET), self.waiting)
        return self._client.ask(*words)

    def _value(self, *words: str) -> Reply:
        """Ask a server that has loaded."""
        try:
            return self._ask(*words)
        except (OSError, NoReply, ServerError):
            raise self._gone() from None

    def _gone(self) -> Ended:
        """Return how a server ended that doesn't answer as it should, and end it if it hasn't by itself."""
        ending = self._child.finish(time.monotonic() + _LAST_SECONDS)
        return Ended(ending) if ending else Ended(self._child.kill(), by_itself=False)

    def count(self) -> Loaded:
        """Return the server's own count. Call it right after ``wait``, since keys expire. Raises Ended."""
        facts = self._info("persistence")
        databases = {}
        for line in self._text("INFO", "keyspace").splitlines():
            found = _DATABASE.match(line)
            if found:
                databases[int(found.group(1))] = int(found.group(2))
        if facts.get("loading") != "0":
            raise self._gone()
        loaded, expired = (self._number(facts, f"rdb_last_load_keys_{name}") for name in ("loaded", "expired"))
        return Loaded(loaded, expired, databases, self._number(self._info("memory"), "number_of_libraries"))

    def _number(self, facts: dict[str, str], name: str) -> int:
        number = _NUMBER.fullmatch(facts.get(name, ""))
        if number is None:
            raise self._gone()
        return int(number[0])

    def has(self, canary: Canary) -> bool:
        """Tell whether the canary is there, and raise if it has another value than expected."""
        if canary.database >= self._databases:
            # It has more of them if the file has keys there.
            return False
        self._value("SELECT", str(canary.database))
        try:
            size = self._ask("STRLEN", canary.key)
        except ServerError:
            # Not a string.
            raise NotPassed("canary_too_large") from None
        except (OSError, NoReply):
            raise self._gone() from None
        if not isinstance(size, int) or size > MAX_CANARY:
            raise NotPassed("canary_too_large")
        value = self._value("GET", canary.key)
        if not isinstance(value, bytes):
            return False
        if hashlib.sha256(value).hexdigest() != canary.sha256.lower():
            raise NotPassed("canary_differs")
        return True

    def _info(self, section: str) -> dict[str, str]:
        lines = self._text("INFO", section).splitlines()
        return {name: value for name, _colon, value in (line.partition(":") for line in lines)}

    def _text(self, *words: str) -> str:
        answer = self._value(*words)
        return answer.decode("ascii", "replace") if isinstance(answer, bytes) else ""

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


@contextmanager
def running(program: Program, folder: str, bounds: Bounds) -> Iterator[Server]:
    """Run a server with the folder's file, and kill it in any case. Raises NotPassed if it ends early."""
    server = Server(program, folder, bounds)
    try:
        yield server
    except Ended as end:
        server.kill()
        raise NotPassed(_why(end, program, folder, bounds)) from None
    finally:
        server.kill()


def _why(end: Ended, program: Program, folder: str, bounds: Bounds) -> str:
    """Return the code for a server that ended.

    The file is to blame only if the same server runs without it, and ended by itself: an abort may be the server's own fault.
    """
    ending = end.ending
    if _NO_MODULE in ending.output:
        return "module_data"
    if end.by_itself and (ending.was_killed or _SHUT_DOWN.search(ending.output)):
        return "killed"
    if checker.reached(ending, bounds):
        return "memory_limit"
    if not _runs(program, folder, bounds):
        return "server_unusable"
    if not end.by_itself:
        return "invalid_answer"
    aborted = ending.status > _MAX_EXIT_STATUS and _KEY_TWICE not in ending.output
    return "server_aborted" if aborted else "server_refused"


def _runs(program: Program, folder: str, bounds: Bounds) -> bool:
    """Tell whether the server starts, answers and counts in the same box without a file."""
    empty = tempfile.mkdtemp(prefix="e", dir=folder)
    server = Server(program, empty, bounds._replace(seconds=min(bounds.seconds, _CONTROL_SECONDS)))
    try:
        server.wait()
        return server.count() == Loaded(0, 0, {})
    except (Ended, NotPassed):
        return False
    finally:
        server.kill()
        shutil.rmtree(empty, ignore_errors=True)
