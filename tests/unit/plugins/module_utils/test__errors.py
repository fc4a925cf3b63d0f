# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of somebody else's in errors: one line, no commands to a terminal, no secret, not too long."""

from __future__ import annotations

import unicodedata

import pytest
from crs_fakes import v2_error, v3_error

from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError, Denied, plain

EVIL = "\x1b[2J\x1b]0;owned\x07 one\r\ntwo\t\u202ethree\u2028\x9b31m \ud800 \u4e2d\u6587"


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("", ""),
        ("as it is, with \u00e4 and \u4e2d\u6587", "as it is, with \u00e4 and \u4e2d\u6587"),
        ("a\nb\tc\x1b[0m", "a b c [0m"),
        ("\u202egnp.exe\u2029", " gnp.exe "),
        ("x" * 1000, "x" * 1000),
        ("x" * 1001, "x" * 997 + "..."),
        ("x" * 10**7, "x" * 997 + "..."),
    ],
    ids=["empty", "words", "control", "direction", "longest", "too-long", "huge"],
)
def test_plain(text, wanted):
    assert plain(text) == wanted


def test_an_error_is_cleaned_in_each_text():
    error = Denied(f"reason{EVIL}", f"code{EVIL}", f"id{EVIL}", f"said{EVIL}")
    error.clean(lambda text: text.replace("owned", "***"))
    for text in (error.reason, error.code, error.request_id, error.said, str(error), error.args[0]):
        assert not [char for char in text if unicodedata.category(char)[0] == "C"]
        assert "owned" not in text and "***" in text
    assert error.said.startswith("said [2J ]0;*** ")


def test_what_is_not_there_stays_so():
    error = Denied("reason")
    error.clean(lambda text: "changed")
    assert error.as_dict() == {"kind": "denied", "code": None, "message": "changed", "request_id": None}


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_an_error_of_the_api_is_one_line(wire, make_api, version):
    wire.expect(v2_error(4101, EVIL, EVIL) if version == "v2" else v3_error(f"UnauthorizedOperation{EVIL}", EVIL, EVIL))
    with pytest.raises(CrsError) as caught:
        make_api(version).backups_page("crs-1", None, None, 0, 100)
    assert str(caught.value).isprintable() and "owned" in str(caught.value)
