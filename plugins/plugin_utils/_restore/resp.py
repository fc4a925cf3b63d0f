# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the throw-away server: a few commands over its socket, with size limits for answers. Private to this collection.

The server may run code from the file, so its answers are not trusted.
"""

from __future__ import annotations

import socket
from typing import Callable, Union

#: The maximum size of a line of an answer, and of a value, in bytes. INFO has 60 bytes for each of up to 65,536 databases.
MAX_LINE = 1 << 10
MAX_VALUE = 1 << 23
#: How often ``waiting`` is called, in seconds.
_TURN_SECONDS = 0.05

Reply = Union[bytes, int, None]


class ServerError(Exception):
    """An answer that is an error; ``code`` is its first word, such as LOADING."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoReply(Exception):
    """The connection ended, or the data received is not a valid answer."""


class Client:
    """One connection. ``waiting()`` is called at each part of an answer, and now and then in between, and may raise."""

    def __init__(self, path: str, waiting: Callable[[], None]) -> None:
        self._waiting = waiting
        self._buffer = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_TURN_SECONDS)
            self._socket.connect(path)
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def ask(self, *words: str | bytes) -> Reply:
        """Return the answer to a command. Raises ServerError, NoReply, and whatever ``waiting`` raises."""
        parts = [word if isinstance(word, bytes) else word.encode() for word in words]
        command = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
        try:
            self._socket.sendall(command)
            return self._reply()
        except OSError:
            raise NoReply from None

    def _reply(self) -> Reply:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise ServerError(rest.split(b" ", 1)[0].decode("ascii", "replace"))
        if kind == b":":
            return _number(rest)
        if kind == b"$":
            return self._value(_number(rest))
        raise NoReply

    def _value(self, length: int) -> bytes | None:
        if length == -1:
            return None
        if not 0 <= length <= MAX_VALUE:
            raise NoReply
        while len(self._buffer) < length + 2:
            self._receive()
        value, self._buffer = self._buffer[:length], self._buffer[length + 2 :]
        return value

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE:
                raise NoReply
            self._receive()
        line, _end, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _receive(self) -> None:
        while True:
            # Always: a server that sends a byte now and then would never be waited for.
            self._waiting()
            try:
                data = self._socket.recv(1 << 16)
                break
            except (TimeoutError, socket.timeout):
                continue
        if not data:
            raise NoReply
        self._buffer += data


def _number(text: bytes) -> int:
    digits = text[1:] if text.startswith(b"-") else text
    if not digits.isdigit() or len(digits) > 19:
        raise NoReply
    return int(text)
