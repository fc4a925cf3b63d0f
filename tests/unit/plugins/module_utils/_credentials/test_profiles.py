# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import time

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._credentials import profiles
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.profiles import Profile
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption

PAIR = {"secretId": "the-id", "secretKey": "the-key"}


@pytest.fixture
def home(tmp_path):
    for folder in (".tccli", ".tencentcloud", "etc/tencentcloud"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def find(home, name="one"):
    return profiles.find(name, str(home), str(home / "etc"))


def tccli(home, document, name="one"):
    text = document if isinstance(document, str) else json.dumps(document)
    (home / ".tccli" / f"{name}.credential").write_text(text, encoding="utf-8")


def ini(home, text, folder=".tencentcloud"):
    (home / folder / "credentials").write_text(text, encoding="utf-8")


def test_all_that_tccli_writes(home):
    tccli(home, {**PAIR, "token": "the-token", "role-arn": "arn", "role-session-name": "s", "type": "default"})
    (home / ".tccli" / "one.configure").write_text(json.dumps({"_sys_param": {"region": "ap-tokyo"}, "redis": {}}))
    assert find(home) == Profile(Credentials("the-id", "the-key", "the-token"), "arn", "s", "ap-tokyo", False)


@pytest.mark.parametrize(
    "settings", [None, {}, {"_sys_param": None}, {"_sys_param": {"region": ""}}, {"_sys_param": {"region": 5}}]
)
def test_a_region_may_be_missing(home, settings):
    tccli(home, PAIR)
    if settings is not None:
        (home / ".tccli" / "one.configure").write_text(json.dumps(settings))
    assert find(home) == Profile(Credentials("the-id", "the-key", None), None, None, None, False)


@pytest.mark.parametrize(
    "text",
    [
        "[one]\nsecret_id = the-id\nsecret_key = the-key\n",
        "[one]\nsecret_id=the-id\nsecret_key: the-key\n[two]\nsecret_id = x\n",
        # As the vendor's own docstring shows it; its reader makes the quotes part of the key.
        "[one]\nsecret_id = \"the-id\"\nsecret_key = 'the-key'\n",
        "# mine\n[default]\nsecret_id = d\nsecret_key = d\n[one]\nsecret_key = the-key\nsecret_id = the-id\n",
        "[one]\nsecret_id = old\n[one]\nsecret_id = the-id\nsecret_key = the-key\n",
    ],
    ids=["plain", "colon", "quotes", "second", "twice"],
)
@pytest.mark.parametrize("folder", [".tencentcloud", "etc/tencentcloud"])
def test_sections_of_the_sdks_files(home, text, folder):
    ini(home, text, folder)
    assert find(home) == Profile(Credentials("the-id", "the-key", None), None, None, None, False)


def test_what_a_section_may_have_besides(home):
    ini(home, "[one]\nsecret_id = i\nsecret_key = 50%off\ntoken = t\nrole_arn = arn\nregion = sg\n")
    assert find(home) == Profile(Credentials("i", "50%off", "t"), "arn", None, "sg", False)


def test_the_first_file_that_has_the_pair_counts(home):
    ini(home, "[one]\nsecret_id = etc\nsecret_key = k\n", "etc/tencentcloud")
    assert find(home).credentials.secret_id == "etc"
    # A section that isn't there is no reason to look no further.
    ini(home, "[other]\nsecret_id = home\nsecret_key = k\n")
    assert find(home).credentials.secret_id == "etc"
    ini(home, "[one]\nsecret_id = home\nsecret_key = k\n")
    assert find(home).credentials.secret_id == "home"
    ini(home, "[one]\nregion = sg\n")
    assert find(home).credentials.secret_id == "etc"
    ini(home, "[one]\nsecret_id = home\nsecret_key = k\n")
    tccli(home, {"type": "default"})
    assert find(home).credentials.secret_id == "home"
    tccli(home, {**PAIR, "secretId": "tccli"})
    assert find(home).credentials.secret_id == "tccli"


def test_nothing_anywhere_is_none(tmp_path):
    assert find(tmp_path) is None
    (tmp_path / ".tccli").write_text("a file in place of the folder")
    assert find(tmp_path) is None


@pytest.mark.parametrize("kind", ["oauth", "sso"])
def test_a_login_that_has_expired_is_said(home, kind):
    tccli(home, {**PAIR, "token": "t", "type": kind, "expiresAt": int(time.time()) - 1})
    with pytest.raises(InvalidOption, match=r"the login of profile 'one' .* has expired: log in with tccli again"):
        find(home)
    tccli(home, {**PAIR, "token": "t", "type": kind, "expiresAt": int(time.time()) + 60})
    assert find(home).credentials.token == "t"


def test_an_instance_role(home):
    tccli(home, {"type": "cvm-role"})
    assert find(home) == (None, None, None, None, True)


SECRET = "madeupProfileKey00000001"


@pytest.mark.parametrize(
    "write, said",
    [
        (
            lambda home: tccli(home, "{" + SECRET),
            "one.credential is not a JSON object: create it again with tccli configure",
        ),
        (lambda home: tccli(home, f'["{SECRET}"]'), "one.credential is not a JSON object"),
        (lambda home: tccli(home, "[" * 100000), "one.credential is not a JSON object"),
        (lambda home: tccli(home, {"secretId": "i"}), "secretId is set in .*one.credential but secretKey is not"),
        (lambda home: tccli(home, {"secretId": "i", "secretKey": f"{SECRET} "}), "secretKey of .* white space"),
        (lambda home: tccli(home, {"secretId": "i", "secretKey": [SECRET]}), "secretKey of .* copy it again"),
        (lambda home: tccli(home, " " * 1100000), "larger than 1048576 bytes"),
        (
            lambda home: ini(home, f"secret_key = {SECRET}\n"),
            r"credentials is not an INI file \(line 1\): write \[one\]",
        ),
        (lambda home: ini(home, f"[one]\nsecret_id = i\n{SECRET}\n"), r"credentials is not an INI file \(line 3\)"),
        (
            lambda home: ini(home, f"[one]\nsecret_key = {SECRET}\n"),
            r"secret_key is set in \[one\] of .*but secret_id is not",
        ),
        (
            lambda home: (home / ".tencentcloud" / "credentials").write_bytes(b"\xff[one]"),
            "can't be read .it is not UTF-8",
        ),
        (lambda home: (home / ".tencentcloud" / "credentials").mkdir(), "can't be read .it is not a file"),
    ],
    ids=[
        "json",
        "list",
        "deep",
        "half",
        "space",
        "type",
        "large",
        "no-section",
        "no-value",
        "half-ini",
        "utf8",
        "folder",
    ],
)
def test_a_broken_file_is_named_and_not_shown(home, write, said):
    write(home)
    with pytest.raises(InvalidOption, match=said) as caught:
        find(home)
    assert SECRET not in str(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["../one", "a/b", ".one", "", "a b", os.sep])
def test_a_name_is_no_path(home, name):
    with pytest.raises(InvalidOption, match="is not the name of a profile"):
        find(home, name)


def test_a_pipe_is_not_waited_for(home):
    os.mkfifo(home / ".tccli" / "one.credential")
    with pytest.raises(InvalidOption, match="it is not a file"):
        find(home)
