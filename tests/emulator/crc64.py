# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CRC-64 as Redis and Valkey write it at the end of an RDB file (polynomial of Jones, reflected, starting at 0)."""

from __future__ import annotations

POLYNOMIAL = 0x95AC9329AC4BC9B5  # 0xad93d23594c935a9 with its bits reversed


def _entry(byte):
    for _bit in range(8):
        byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


TABLE = [_entry(byte) for byte in range(256)]


def crc64(data):
    """The checksum of some bytes; that of b"123456789" is 0xe9c6d914c4b8d9ca."""
    crc = 0
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc
