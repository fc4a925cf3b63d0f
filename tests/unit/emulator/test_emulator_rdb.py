# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writer of RDB files: byte for byte what real servers write, and its forms of numbers."""

from __future__ import annotations

import pytest
from emulator import rdb
from emulator.crc64 import crc64
from emulator.rdb import Snapshot, flipped, junk, length, string, zeroed

# What each server wrote of the same keys: version, ctime, used-mem, the order of two keys, and its checksum.
REAL = [
    ("redis 7.0.15", 10, 1795881513, 988928, ("big", "name"), "e43b46cc4b4cb16e"),
    ("valkey 9.1.2", 80, 1795881513, 1092192, ("name", "big"), "69f62b92d873310c"),
    ("redis 6.2.14", 9, 1795881514, 938168, ("name", "big"), "6090ef70fbadc4e1"),
    ("valkey 8.1.8", 11, 1795881514, 1053696, ("name", "big"), "61cf88aca000e87c"),
    ("redis 8.2.3", 12, 1795881514, 771672, ("big", "name"), "16f2fc895f0e0ae9"),
]


@pytest.mark.parametrize("writer, version, created, used, order, checksum", REAL)
def test_it_writes_what_a_real_server_does(writer, version, created, used, order, checksum):
    values = {"name": "value", "big": "x" * 70}
    snapshot = Snapshot(version, created=created, used_memory=used, writer=writer).database(0, hint=(2, 0))
    for name in order:
        snapshot.key(name, values[name])
    data = snapshot.database(3, hint=(1, 1)).key("k", "v", expires=4e9).data()
    assert data[-8:].hex() == checksum


def test_the_checksum_is_that_of_redis():
    assert crc64(b"123456789") == 0xE9C6D914C4B8D9CA and crc64(b"") == 0


@pytest.mark.parametrize(
    "number, data",
    [(0, "00"), (63, "3f"), (64, "4040"), (16383, "7fff"), (16384, "8000004000"), (1 << 32, "810000000100000000")],
)
def test_lengths(number, data):
    assert length(number).hex() == data


@pytest.mark.parametrize(
    "value, data",
    [
        (0, "c000"),
        (-128, "c080"),
        (128, "c18000"),
        (-32769, "c2ff7fffff"),
        (1 << 31, "0a32313437343833363438"),
        ("ä", "02c3a4"),
        (b"\xff", "01ff"),
    ],
)
def test_strings(value, data):
    assert string(value).hex() == data


def test_versions_and_magics():
    assert Snapshot(6).data()[:10] == b"REDIS0006\xff"
    assert Snapshot(12).data()[:10] == b"REDIS0012\xfa" and Snapshot(80).data()[:10] == b"VALKEY080\xfa"
    assert Snapshot(80, magic="REDIS").data()[:9] == b"REDIS0080"


def test_fields_may_be_left_out():
    data = Snapshot(created=None, used_memory=None).data()
    assert b"ctime" not in data and b"used-mem" not in data and b"redis-ver" in data


def test_no_checksum():
    with_it, without = Snapshot(created=1).data(), Snapshot(created=1, checksum=False).data()
    assert with_it[:-8] == without[:-8] and without[-8:] == bytes(8) != with_it[-8:]


def test_values():
    assert rdb.value({"a": 1}) == (b"\x04", b"\x01\x01a\xc0\x01")
    assert rdb.value({"a", "b"}) == (b"\x02", b"\x02\x01a\x01b") and rdb.value([1]) == (b"\x01", b"\x01\xc0\x01")


def test_damage():
    assert flipped(b"abc", 1, 1) == b"a`c" and zeroed(b"abcd", 2, 9) == b"ab\0\0" and zeroed(b"abcd", 1, 1) == b"a\0cd"
    assert junk(1000) == junk(1000) != junk(1000, seed=2) and len(junk(1001)) == 1001
    assert len({junk(8, seed=number) for number in range(1, 50)}) == 49
