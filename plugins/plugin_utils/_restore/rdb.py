# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The head of an RDB file: version and fields, read within bounds. It starts no program. Private to this collection.

Nothing here is a security boundary: anybody who writes a file may put anything after its header.
"""

from __future__ import annotations

import re
from typing import BinaryIO, NamedTuple

from .outcomes import NotPassed

_MAGIC = re.compile(rb"REDIS([0-9]{4})|VALKEY([0-9]{3})")
_AUX, _MODULE, _FUNCTIONS = 0xFA, 0xF7, (0xF5, 0xF6)
#: Writers have about ten short fields.
MAX_FIELDS = 64
MAX_TEXT = 1024


class Header(NamedTuple):
    """``fields`` are the file's, as texts. ``functions`` and ``module`` tell whether the first entry after them is one."""

    valkey: bool
    version: int
    fields: dict[str, str]
    functions: bool = False
    module: bool = False

    @property
    def writer(self) -> str | None:
        """The version of the server that wrote the file."""
        return self.fields.get("valkey-ver") or self.fields.get("redis-ver")

    @property
    def created(self) -> int | None:
        """When the file was begun, in Unix seconds."""
        return _number(self.fields.get("ctime"))

    @property
    def used_memory(self) -> int | None:
        """The bytes that the data took in the memory of the server that wrote it."""
        return _number(self.fields.get("used-mem"))


def is_dated(valkey: bool, version: int) -> bool:
    """Tell whether files of a version have a creation time: all since version 7, whatever wrote them."""
    return valkey or version > 6


def read(file: BinaryIO, encrypted: bool | None = False) -> Header:
    """Return the header; ``encrypted`` is what the API says of the file, None if it says nothing. Raises NotPassed."""
    start = file.read(9)
    magic = _MAGIC.fullmatch(start)
    if not magic:
        raise NotPassed(_without_magic(start, encrypted))
    version = int(magic.group(1) or magic.group(2))
    if version == 0:
        raise NotPassed("not_rdb")
    fields: dict[str, str] = {}
    code = _fields(file, fields)
    return Header(magic.group(2) is not None, version, fields, code in _FUNCTIONS, code == _MODULE)


class _TooLong(Exception):
    """A field that is not read."""


def _fields(file: BinaryIO, fields: dict[str, str]) -> int:
    """Add the file's fields, and return the code of what follows them.

    It stops at a field that is too long, and at one too many: a file without keys has the scripts of its server as fields.
    """
    for _count in range(MAX_FIELDS):
        code = _byte(file)
        if code != _AUX:
            return code
        try:
            name, text = _string(file), _string(file)
        except _TooLong:
            return _AUX
        fields.setdefault(name, text)
    return _AUX


def _without_magic(start: bytes, encrypted: bool | None) -> str:
    if start.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
        return "error_page"
    if encrypted:
        return "encrypted"
    if len(start) < 9 and (b"REDIS".startswith(start[:5]) or b"VALKEY".startswith(start[:6])):
        return "cut_short"
    return "perhaps_encrypted" if encrypted is None else "not_rdb"


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise NotPassed("cut_short")
    return data


def _byte(file: BinaryIO) -> int:
    return _exactly(file, 1)[0]


def _string(file: BinaryIO) -> str:
    """Return a string or an integer in its short form, as text. A compressed string is skipped, and returned as an empty text."""
    first = _byte(file)
    kind, rest = first >> 6, first & 0x3F
    if first in (0xC0, 0xC1, 0xC2):
        return str(int.from_bytes(_exactly(file, 1 << rest), "little", signed=True))
    if first == 0xC3:
        packed, _size = _length(file, _byte(file)), _length(file, _byte(file))
        _text(file, packed)
        return ""
    if kind == 3:
        raise NotPassed("corrupt")
    return _text(file, _length(file, first)).decode("utf-8", "replace")


def _length(file: BinaryIO, first: int) -> int:
    kind, rest = first >> 6, first & 0x3F
    if kind == 0:
        return rest
    if kind == 1:
        return rest << 8 | _byte(file)
    if first in (0x80, 0x81):
        return int.from_bytes(_exactly(file, 4 if first == 0x80 else 8), "big")
    raise NotPassed("corrupt")


def _text(file: BinaryIO, length: int) -> bytes:
    if length > MAX_TEXT:
        raise _TooLong
    return _exactly(file, length)


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) < 20 and text.isascii() and text.isdecimal() else None
