# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of an RDB file: what real servers write, and what only looks like it."""

from __future__ import annotations

import io

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import rdb
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.outcomes import NotPassed

#: The heads of files of real servers, up to the first database.
REAL = {
    "redis 6.2.14": (
        "524544495330303039fa0972656469732d76657206362e322e3134fa0a72656469732d62697473c040fa056374696d65c204fa0a6b"
        "fa08757365642d6d656dc2b8500e00fa0c616f662d707265616d626c65c000fe00"
    ),
    "redis 7.0.15": (
        "524544495330303130fa0972656469732d76657206372e302e3135fa0a72656469732d62697473c040fa056374696d65c204fa0a6b"
        "fa08757365642d6d656dc280170f00fa08616f662d62617365c000fe00"
    ),
    "valkey 8.1.8": (
        "524544495330303131fa0a76616c6b65792d76657205382e312e38fa0a72656469732d62697473c040fa056374696d65c204fa0a6b"
        "fa08757365642d6d656dc210131000fa08616f662d62617365c000fe00"
    ),
    "valkey 9.1.2": (
        "56414c4b4559303830fa0a76616c6b65792d76657205392e312e32fa0a72656469732d62697473c040fa056374696d65c204fa0a6b"
        "fa08757365642d6d656dc200ac1000fa08616f662d62617365c000fe00"
    ),
}


def read(data, encrypted=False):
    return rdb.read(io.BytesIO(data), encrypted)


@pytest.mark.parametrize(
    "writer, valkey, version, used",
    [
        ("redis 6.2.14", False, 9, 938168),
        ("redis 7.0.15", False, 10, 989056),
        ("valkey 8.1.8", False, 11, 1053456),
        ("valkey 9.1.2", True, 80, 1092608),
    ],
)
def test_real_heads(writer, valkey, version, used):
    header = read(bytes.fromhex(REAL[writer]))
    assert (header.valkey, header.version, header.used_memory) == (valkey, version, used)
    assert header.writer == writer.split()[1] and header.created == 0x6B0AFA04
    assert not header.functions and not header.module


def test_an_old_file_has_no_fields():
    header = read(b"REDIS0006\xff")
    assert (header.version, header.fields, header.writer, header.created, header.used_memory) == (
        6,
        {},
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "code, functions, module", [(b"\xf5", True, False), (b"\xf6", True, False), (b"\xf7", False, True)]
)
def test_what_comes_first(code, functions, module):
    header = read(b"REDIS0010" + code)
    assert (header.functions, header.module) == (functions, module)


FIELD = b"REDIS0010\xfa"


@pytest.mark.parametrize(
    "data, fields",
    [
        (b"\x01a\x01b", {"a": "b"}),
        (b"\x01a\x40\x01b", {"a": "b"}),
        (b"\x01a\x80\x00\x00\x00\x01b", {"a": "b"}),
        (b"\x01a\x81\x00\x00\x00\x00\x00\x00\x00\x01b", {"a": "b"}),
        (b"\x01a\xc0\xff", {"a": "-1"}),
        (b"\x01a\xc1\x00\x01", {"a": "256"}),
        (b"\x01a\xc3\x02\x05xx", {"a": ""}),
        (b"\x01a\x01\xff", {"a": "\ufffd"}),
        (b"\x01a\x01b\xfa\x01a\x01c", {"a": "b"}),
    ],
)
def test_forms_of_fields(data, fields):
    assert read(FIELD + data + b"\xff").fields == fields


@pytest.mark.parametrize("text", ["", "-1", "x", "1" * 20, "٣"])
def test_a_number_that_is_none(text):
    data = text.encode()
    header = read(FIELD + b"\x05ctime" + bytes([len(data)]) + data + b"\xff")
    assert header.created is None


@pytest.mark.parametrize(
    "data, encrypted, word",
    [
        (b"", False, "cut_short"),
        (b"REDI", False, "cut_short"),
        (b"REDIS001", None, "cut_short"),
        (b"VALKEY08", False, "cut_short"),
        (b"REDIS0010", False, "cut_short"),
        (FIELD, False, "cut_short"),
        (FIELD + b"\x05ab", False, "cut_short"),
        (FIELD + b"\x41", False, "cut_short"),
        (FIELD + b"\x82", False, "corrupt"),
        (FIELD + b"\xc4", False, "corrupt"),
        (b"REDIS0000\xff", False, "not_rdb"),
        (b"REDIS00x0\xff", False, "not_rdb"),
        (b"redis0010\xff", False, "not_rdb"),
        (b"VALKEY80\xff", False, "not_rdb"),
        (b"\x1f\x8b\x08xxxxxx", False, "not_rdb"),
        (b"\x1f\x8b\x08xxxxxx", None, "perhaps_encrypted"),
        (b"\x1f\x8b\x08xxxxxx", True, "encrypted"),
        (b"<?xml version", False, "error_page"),
        (b"\n <html><head>", True, "error_page"),
        (b"\xef\xbb\xbf<html>", False, "error_page"),
    ],
)
def test_no_head(data, encrypted, word):
    with pytest.raises(NotPassed) as problem:
        read(data, encrypted)
    assert problem.value.word == word


def test_most_fields_that_may_be():
    assert len(read(b"REDIS0010" + b"".join(b"\xfa\x01%c\x01b" % (33 + n) for n in range(63)) + b"\xff").fields) == 63


@pytest.mark.parametrize(
    "more",
    [
        b"\xfa\x03lua\x7f\xff" + b"x" * 20000,
        b"\xfa\x03lua\xc3\x7f\xff\x80\x00\x00\x80\x00" + b"x" * 20000,
        b"\xfa\x03lua\x81" + b"\xff" * 8,
        b"\xfa\x03lua\x01x" * 64,
    ],
    ids=["long", "compressed", "very long", "many"],
)
def test_scripts_of_a_server_without_keys_are_not_read(more):
    """Redis 5.0 to 6.2 writes them as fields after the databases. Whether the file is good is for the checker to say."""
    header = read(FIELD + b"\x05ctime\x0212" + more + b"\xf5")
    assert (header.created, header.functions, header.module) == (12, False, False)


def test_the_flag_alone_does_not_make_it_encrypted():
    assert read(b"REDIS0006\xff", True).version == 6
