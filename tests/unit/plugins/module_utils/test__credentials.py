# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from urllib.parse import quote

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._credentials import Credentials, resolve
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption

OPTIONS = {"secret_id": "option-id", "secret_key": "option-key", "token": "option-token"}
ENVIRON = {"TENCENTCLOUD_SECRET_ID": "env-id", "TENCENTCLOUD_SECRET_KEY": "env-key"}


def options(*names):
    return {name: OPTIONS[name] if name in names else None for name in OPTIONS}


@pytest.mark.parametrize(
    "given, environ, wanted",
    [
        (options("secret_id", "secret_key"), {}, ("option-id", "option-key", None)),
        (options(*OPTIONS), {}, ("option-id", "option-key", "option-token")),
        (options(), ENVIRON, ("env-id", "env-key", None)),
        ({}, ENVIRON, ("env-id", "env-key", None)),
        ({"secret_id": "", "secret_key": "", "token": ""}, ENVIRON, ("env-id", "env-key", None)),
        (options(*OPTIONS), ENVIRON, ("option-id", "option-key", "option-token")),
        # X21: the token's names, and their order
        (options(), {**ENVIRON, "TENCENTCLOUD_TOKEN": "t1"}, ("env-id", "env-key", "t1")),
        (options(), {**ENVIRON, "TENCENTCLOUD_SECURITY_TOKEN": "t2"}, ("env-id", "env-key", "t2")),
        (
            options(),
            {**ENVIRON, "TENCENTCLOUD_TOKEN": "t1", "TENCENTCLOUD_SECURITY_TOKEN": "t2"},
            ("env-id", "env-key", "t1"),
        ),
        (
            options(),
            {**ENVIRON, "TENCENTCLOUD_TOKEN": "", "TENCENTCLOUD_SECURITY_TOKEN": "t2"},
            ("env-id", "env-key", "t2"),
        ),
        # a token never meets a pair of another source
        (
            options("secret_id", "secret_key"),
            {**ENVIRON, "TENCENTCLOUD_TOKEN": "t1"},
            ("option-id", "option-key", None),
        ),
    ],
    ids=[
        "options",
        "options-token",
        "environment",
        "no-keys",
        "empty-options",
        "options-win",
        "x21-token",
        "x21-security-token",
        "x21-both",
        "x21-empty",
        "not-mixed",
    ],
)
def test_the_first_source_is_taken_whole(given, environ, wanted):
    assert tuple(resolve(given, environ)) == wanted


@pytest.mark.parametrize(
    "given, environ, named",
    [
        (
            options(),
            {},
            ["no credentials", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "secret_id", "secret_key"],
        ),
        (options("secret_id"), ENVIRON, ["secret_id is set in the options", "secret_key is not"]),
        (options("secret_key"), ENVIRON, ["secret_key is set in the options", "secret_id is not"]),
        (options("token"), ENVIRON, ["token is set in the options without secret_id and secret_key"]),
        (options("secret_id", "token"), ENVIRON, ["secret_key is not"]),
        (options(), {"TENCENTCLOUD_SECRET_ID": "env-id"}, ["the environment", "TENCENTCLOUD_SECRET_KEY is not"]),
        (options(), {"TENCENTCLOUD_SECRET_KEY": "env-key"}, ["the environment", "TENCENTCLOUD_SECRET_ID is not"]),
        (options(), {"TENCENTCLOUD_TOKEN": "t1"}, ["TENCENTCLOUD_TOKEN is set in the environment without"]),
        (
            options(),
            {"TENCENTCLOUD_SECURITY_TOKEN": "t2"},
            ["TENCENTCLOUD_SECURITY_TOKEN is set in the environment without"],
        ),
        (dict(OPTIONS, secret_key="option-key "), {}, ["secret_key of the options", "white space"]),
        (dict(OPTIONS, secret_id="option\x00id"), {}, ["secret_id of the options", "control characters"]),
        (dict(OPTIONS, token="option-token\n"), {}, ["token of the options"]),
        (
            options(),
            dict(ENVIRON, TENCENTCLOUD_SECRET_KEY="env-key\r\n"),
            ["TENCENTCLOUD_SECRET_KEY of the environment"],
        ),
        # They go into headers, which hold Latin-1 only: better said here than as a failing connection.
        (dict(OPTIONS, secret_id="option\u2013id"), {}, ["secret_id of the options"]),
        (dict(OPTIONS, token="option\u2013token"), {}, ["token of the options"]),
    ],
    ids=[
        "none",
        "id-only",
        "key-only",
        "token-only",
        "id-and-token",
        "env-id-only",
        "env-key-only",
        "env-token-only",
        "env-security-token-only",
        "space",
        "nul",
        "newline",
        "env-newline",
        "id-not-ascii",
        "token-not-ascii",
    ],
)
def test_half_a_pair_and_bad_values_are_named_and_not_shown(given, environ, named):
    with pytest.raises(InvalidOption) as caught:
        resolve(given, environ)
    said = str(caught.value)
    assert [part for part in named if part not in said] == []
    for secret in ("option-key", "option-token", "env-key", "t1", "t2"):
        assert secret not in said


def test_the_repr_shows_no_secret():
    assert repr(Credentials("id", "the-key", "the-token")) == "Credentials(secret_id='id')"
    assert "the-key" not in f"{Credentials('id', 'the-key', None)} {Credentials('id', 'the-key', None)!r}"


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="/"),
        lambda text: quote(text, safe="").lower(),
    ],
    ids=["raw", "url", "url-with-slash", "url-in-lower-case"],
)
def test_redact_takes_out_key_and_token_in_every_form(form):
    key, token = "KEY+with/signs=", "TOKEN+abc/123=="
    text = Credentials("id", key, token).redact(f"a {form(key)} b {form(token)} c")
    assert text == "a ******** b ******** c"


def test_redact_leaves_the_rest_alone():
    assert Credentials("id", "key", None).redact("id of crs-1") == "id of crs-1"
