# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A writer of RDB files: the form in which Redis and Valkey keep a snapshot, and backups of the service are.

It writes what real servers accept, and on request what they don't: nothing here is checked. Versions 6 to 13 have the magic
`REDIS` and four digits, Valkey's 80 has `VALKEY` and three.
"""

from __future__ import annotations

import struct
import time

from .crc64 import crc64

# The one-byte codes of what isn't a key.
AUX, RESIZE, MODULE_AUX, FUNCTION = b"\xfa", b"\xfb", b"\xf7", b"\xf5"
EXPIRE_MS, DATABASE, END = b"\xfc", b"\xfe", b"\xff"
STRING, LIST, SET, HASH, MODULE = b"\x00", b"\x01", b"\x02", b"\x04", b"\x07"
# Version -> the server that wrote it first; versions before 7 don't say.
WRITERS = {
    7: "redis 3.2.13",
    8: "redis 4.0.14",
    9: "redis 6.2.14",
    10: "redis 7.0.15",
    11: "valkey 8.1.8",
    12: "redis 8.2.3",
    13: "redis 8.4.0",
    80: "valkey 9.1.2",
}
NAME_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def length(number):
    """A length in as few bytes as the format has for it."""
    if number < 1 << 6:
        return bytes([number])
    if number < 1 << 14:
        return struct.pack(">H", number | 0x4000)
    if number < 1 << 32:
        return b"\x80" + struct.pack(">I", number)
    return b"\x81" + struct.pack(">Q", number)


def string(value):
    """A text, bytes or, in the format's own short form, an integer of 32 bits."""
    if isinstance(value, int) and -(1 << 31) <= value < 1 << 31:
        for code, form, bits in ((b"\xc0", "<b", 7), (b"\xc1", "<h", 15), (b"\xc2", "<i", 31)):
            if -(1 << bits) <= value < 1 << bits:
                return code + struct.pack(form, value)
    data = value if isinstance(value, bytes) else str(value).encode()
    return length(len(data)) + data


def module_id(name="madeupmod", version=1):
    """The number that stands for a module's type: nine letters of six bits, then its version."""
    number = 0
    for letter in name:
        number = number << 6 | NAME_LETTERS.index(letter)
    return number << 10 | version


def value(kept):
    """(type, bytes) of a Python value: str, bytes and int are strings; list, set and dict what one expects."""
    if isinstance(kept, dict):
        return HASH, length(len(kept)) + b"".join(string(field) + string(item) for field, item in kept.items())
    if isinstance(kept, (set, frozenset)):
        return SET, length(len(kept)) + b"".join(string(item) for item in sorted(kept))
    if isinstance(kept, list):
        return LIST, length(len(kept)) + b"".join(string(item) for item in kept)
    return STRING, string(kept)


class Snapshot:
    """One RDB file in the making: what is added first comes first in the file.

    `created` (Unix seconds; 0 is now) and `used_memory` (bytes) go into the head; None leaves one out. So does `writer`, such as
    `redis 7.0.15`. `magic` is REDIS or VALKEY, by default that of the version.
    """

    def __init__(self, version=10, magic=None, created=0, used_memory=1 << 20, writer=None, checksum=True):
        self.checksum = checksum
        valkey = version >= 80 if magic is None else magic == "VALKEY"
        self._parts = [b"VALKEY%03d" % version if valkey else b"REDIS%04d" % version]
        if version < 7:
            return
        product, number = (writer or WRITERS.get(version, WRITERS[10])).split()
        named = {
            "%s-ver" % product: number,
            "redis-bits": 64,
            "ctime": int(time.time()) if created == 0 else created,
            "used-mem": used_memory,
            "aof-base" if version >= 10 else "aof-preamble": 0,
        }
        for name, text in named.items():
            if text is not None:
                self.field(name, text)

    def raw(self, data):
        """Any bytes at all."""
        self._parts.append(data)
        return self

    def field(self, name, text):
        """A field of the head."""
        return self.raw(AUX + string(name) + string(text))

    def functions(self, code):
        """A library of functions (version 10 and newer): a server runs its code while it loads the file."""
        return self.raw(FUNCTION + string(code))

    def module_head(self, name="madeupmod"):
        """What a module keeps beside its keys, at the head of the file."""
        return self.raw(
            MODULE_AUX + length(module_id(name)) + length(2) + length(1) + length(2) + length(7) + length(0)
        )

    def database(self, number, hint=None):
        """Keys that follow are in this database; `hint` is (keys, keys that expire), as the server is to make room for."""
        self.raw(DATABASE + length(number))
        return self if hint is None else self.raw(RESIZE + length(hint[0]) + length(hint[1]))

    def key(self, name, kept="", expires=None):
        """A key with its value, and when it expires (Unix seconds)."""
        code, data = value(kept)
        head = b"" if expires is None else EXPIRE_MS + struct.pack("<q", int(expires * 1000))
        return self.raw(head + code + string(name) + data)

    def keys(self, count, prefix="key", first=0, **more):
        """`count` keys alike, numbered from `first`."""
        for number in range(first, first + count):
            self.key("%s:%d" % (prefix, number), "value %d" % number, **more)
        return self

    def module_key(self, name, module="madeupmod"):
        """A key whose value only a module can read."""
        return self.raw(MODULE + string(name) + length(module_id(module)) + length(2) + length(7) + length(0))

    def data(self):
        """The file; without `checksum` it has zeros in its place, as of a server that has it turned off."""
        body = b"".join(self._parts) + END
        return body + struct.pack("<Q", crc64(body) if self.checksum else 0)


# What happens to a file on its way.


def flipped(data, offset, bit=0):
    """The same bytes, with one bit flipped."""
    changed = bytearray(data)
    changed[offset] ^= 1 << bit
    return bytes(changed)


def zeroed(data, offset, count):
    """The same bytes, with `count` of them zero."""
    return data[:offset] + bytes(len(data[offset : offset + count])) + data[offset + count :]


def junk(count, seed=1):
    """Bytes without a pattern, such as an encrypted file has; the same ones each time."""
    found, state = bytearray(), seed or 1
    while len(found) < count:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        found += struct.pack(">I", state >> 32)
    return bytes(found[:count])
