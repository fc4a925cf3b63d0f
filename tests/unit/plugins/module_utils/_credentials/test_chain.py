# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credential matrix: which source wins, what each gives, and how a broken one is named."""

from __future__ import annotations

import json
import time

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._credentials import instance_role
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.web_identity import WebIdentity
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption

OPTIONS = {"secret_id": "option-id", "secret_key": "option-key", "token": "option-token"}
ENVIRON = {"TENCENTCLOUD_SECRET_ID": "env-id", "TENCENTCLOUD_SECRET_KEY": "env-key"}


def options(*names):
    return {name: OPTIONS[name] if name in names else None for name in OPTIONS}


def resolve(given, environ, home="/nowhere"):
    return Keyring(environ, home=str(home)).source(given).provider()


@pytest.mark.parametrize(
    "given, environ, wanted",
    [
        (options("secret_id", "secret_key"), {}, ("option-id", "option-key", None)),
        (options(*OPTIONS), {}, ("option-id", "option-key", "option-token")),
        (options(), ENVIRON, ("env-id", "env-key", None)),
        ({}, ENVIRON, ("env-id", "env-key", None)),
        ({**options("secret_id", "secret_key"), "token": ""}, ENVIRON, ("option-id", "option-key", None)),
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
        "blank-token",
        "options-win",
        "x21-token",
        "x21-security-token",
        "x21-both",
        "x21-empty",
        "not-mixed",
    ],
)
def test_the_first_source_is_taken_whole(given, environ, wanted):
    assert resolve(given, environ) == Credentials(*wanted)


@pytest.mark.parametrize("name", ["secret_id", "secret_key", "profile", "env_prefix", "role_arn"])
@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_blank_name_of_an_account_is_not_whoever_is_next(name, blank):
    """As a template gives that found nothing: the environment's account would be listed, and judged, in its place."""
    with pytest.raises(
        InvalidOption, match=f"^{name} is empty, and would select another account: set it, or leave it out$"
    ):
        Keyring(ENVIRON, home="/nowhere").find({**options(), name: blank})


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


ROLE_PAIR = Credentials("role-id", "role-key", "role-token")


@pytest.fixture
def home(tmp_path):
    """A home with a profile ``default`` and ``prod`` of tccli, and ``default`` and ``sdk`` of the SDKs."""
    (tmp_path / ".tccli").mkdir()
    (tmp_path / ".tencentcloud").mkdir()
    for name in ("default", "prod"):
        (tmp_path / ".tccli" / f"{name}.credential").write_text(
            json.dumps({"secretId": f"{name}-id", "secretKey": f"{name}-key"})
        )
    (tmp_path / ".tccli" / "prod.configure").write_text(json.dumps({"_sys_param": {"region": "ap-tokyo"}}))
    (tmp_path / ".tencentcloud" / "credentials").write_text(
        "[default]\nsecret_id = sdk-default-id\nsecret_key = sdk-default-key\n[sdk]\nsecret_id = sdk-id\nsecret_key = sdk-key\n"
    )
    return tmp_path


@pytest.fixture
def metadata(monkeypatch):
    """How often the instance's role was asked for; the answer is ROLE_PAIR."""
    asked = []

    def fetch():
        asked.append(1)
        return ROLE_PAIR, time.time() + 7200

    monkeypatch.setattr(instance_role, "fetch", fetch)
    return asked


@pytest.mark.parametrize(
    "given, environ, wanted",
    [
        (OPTIONS, ENVIRON, "option-id"),
        ({"use_instance_role": True, **OPTIONS}, ENVIRON, "option-id"),
        ({"profile": "prod"}, {}, "prod-id"),
        # Who names an account gets that one, or an error, never the environment's.
        ({"profile": "prod"}, ENVIRON, "prod-id"),
        ({"profile": "sdk"}, ENVIRON, "sdk-id"),
        ({"profile": "default"}, ENVIRON, "default-id"),
        ({}, ENVIRON, "env-id"),
        ({"use_instance_role": True}, ENVIRON, "env-id"),
        ({"env_prefix": "DR"}, {**ENVIRON, "DR_SECRET_ID": "dr-id", "DR_SECRET_KEY": "dr-key"}, "dr-id"),
        ({"env_prefix": "TENCENTCLOUD"}, ENVIRON, "env-id"),
        ({}, {**ENVIRON, "TCCLI_PROFILE": "prod"}, "env-id"),
        ({}, {"TCCLI_PROFILE": "prod"}, "prod-id"),
        ({}, {"TCCLI_PROFILE": "sdk"}, "sdk-id"),
        ({}, {}, "default-id"),
        ({"use_instance_role": True}, {}, "default-id"),
    ],
)
def test_the_order_of_sources(given, environ, wanted, home, metadata):
    assert resolve(given, environ, home).secret_id == wanted
    assert len(metadata) == (wanted == "role-id")


def test_the_instance_role_is_the_last_to_be_used(metadata):
    assert resolve({"use_instance_role": True}, {}) == ROLE_PAIR and metadata == [1]


def test_the_instance_role_is_off_unless_asked_for(metadata):
    with pytest.raises(InvalidOption, match=r"no credentials: .*use_instance_role"):
        resolve({"use_instance_role": False}, {})
    assert metadata == []


def test_the_instance_role_is_asked_once_for_all_connections(metadata):
    keyring = Keyring({}, home="/nowhere")
    sources = [keyring.source({"use_instance_role": True}) for _one in range(2)]
    assert metadata == []
    assert [source.provider() for source in sources] == [ROLE_PAIR, ROLE_PAIR] and metadata == [1]


@pytest.mark.parametrize(
    "given, environ, said",
    [
        ({"profile": "gone"}, ENVIRON, "profile 'gone' not found, or without a key pair; searched: .*gone.credential"),
        ({"profile": "../prod"}, {}, r"profile '\.\./prod' is not the name of a profile"),
        ({}, {"TCCLI_PROFILE": "/etc/x"}, "profile '/etc/x' is not the name"),
        (
            {"use_instance_role": True},
            {"TCCLI_PROFILE": "gone"},
            "TCCLI_PROFILE names a profile: profile 'gone' not found",
        ),
        ({"env_prefix": "DR"}, ENVIRON, "env_prefix is 'DR', and DR_SECRET_ID and DR_SECRET_KEY are not in the env"),
        ({"env_prefix": "D-R"}, ENVIRON, "env_prefix 'D-R' is not a valid prefix"),
        (
            {"env_prefix": "DR"},
            {"DR_SECRET_ID": "x"},
            "DR_SECRET_ID is set in the environment but DR_SECRET_KEY is not",
        ),
        ({"profile": "prod", **OPTIONS}, {}, "secret_id and profile are both set"),
        ({"profile": "prod", "env_prefix": "DR"}, {}, "profile and env_prefix are both set"),
        ({"env_prefix": "DR", **OPTIONS}, {}, "secret_id and env_prefix are both set"),
    ],
)
def test_what_is_named_and_does_not_work_is_an_error(given, environ, said, home):
    with pytest.raises(InvalidOption, match=said):
        resolve(given, environ, home)


def test_what_is_learned_are_key_and_token_of_every_source(home, metadata):
    learned = []
    keyring = Keyring(ENVIRON, learned.extend, str(home))
    for given in (OPTIONS, {"profile": "prod"}, {}):
        keyring.source(given)
    assert learned == ["option-key", "option-token", "prod-key", "env-key"]
    Keyring({}, learned.extend, "/nowhere").source({"use_instance_role": True}).provider()
    assert learned[4:] == ["role-key", "role-token"]


def test_a_profile_of_an_instance_role_asks_for_it(home, metadata):
    (home / ".tccli" / "cvm.credential").write_text(json.dumps({"type": "cvm-role", "role-arn": "arn"}))
    source = Keyring(ENVIRON, home=str(home)).source({"profile": "cvm"})
    assert (source.provider(), source.role_arn, metadata) == (ROLE_PAIR, "arn", [1])


def test_a_source_names_its_role_and_region(home):
    environ = {
        **ENVIRON,
        "TENCENTCLOUD_ROLE_ARN": "arn",
        "TENCENTCLOUD_ROLE_SESSION_NAME": "s1",
        "TENCENTCLOUD_REGION": "sg",
    }
    keyring = Keyring(environ, home=str(home))
    assert keyring.source({})[1:4] == ("arn", "s1", "sg")
    # Nor does the environment's role meet the pair of another source.
    assert keyring.source({"profile": "prod"})[1:4] == (None, None, "ap-tokyo")
    assert keyring.source(OPTIONS)[1:4] == (None, None, None)


def test_a_fingerprint_tells_keys_apart_and_shows_none(home, metadata):
    keyring = Keyring(ENVIRON, home=str(home))
    found = [keyring.source(given).fingerprint for given in ({}, {"profile": "prod"}, {"profile": "prod"})]
    assert found[0] != found[1] == found[2]
    assert all(len(one) == 8 and "env-id" not in one for one in found)
    assert Keyring({}, home="/nowhere").source({"use_instance_role": True}).fingerprint is None and metadata == []


def test_nothing_is_found_where_nothing_is_and_what_is_broken_is_said_all_the_same(home):
    assert Keyring({}, home="/nowhere").find({}) is None
    assert Keyring({}, home=str(home)).find({"profile": "none"}) is None
    with pytest.raises(InvalidOption, match="TENCENTCLOUD_SECRET_KEY is not"):
        Keyring({"TENCENTCLOUD_SECRET_ID": "x"}, home="/nowhere").find({})


TKE = {
    "TKE_REGION": "ap-shanghai",
    "TKE_PROVIDER_ID": "cls-1",
    "TKE_WEB_IDENTITY_TOKEN_FILE": "/token",
    "TKE_ROLE_ARN": "qcs::cam::uin/1:roleName/pod",
}


def test_the_role_of_a_pod_is_what_is_left_where_nothing_else_is(home, metadata):
    found = Keyring(TKE, home="/nowhere").source({})
    assert tuple(found.provider) == tuple(TKE.values())
    # Where else a region may be is not said by where the cluster is.
    assert found[1:] == (None, None, None, None)
    for given, environ, at in (
        (OPTIONS, {}, "/nowhere"),
        ({}, ENVIRON, "/nowhere"),
        ({}, {}, home),
        ({"use_instance_role": True}, {}, "/nowhere"),
    ):
        assert not isinstance(Keyring({**environ, **TKE}, home=str(at)).source(given).provider, WebIdentity)
    for given in ({"profile": "gone"}, {"env_prefix": "DR"}):
        assert Keyring(TKE, home="/nowhere").find(given) is None


@pytest.mark.parametrize("unset", [None, ""])
@pytest.mark.parametrize("name", TKE)
def test_a_part_of_a_pod_s_role_names_what_is_missing(name, unset):
    environ = {**TKE, name: unset} if unset is not None else {key: value for key, value in TKE.items() if key != name}
    with pytest.raises(InvalidOption, match=f"is set in the environment but {name} is not: set all of TKE_REGION, "):
        Keyring(environ, home="/nowhere").find({})
    assert not isinstance(Keyring({**environ, **ENVIRON}, home="/nowhere").find({}).provider, WebIdentity)


def test_several_missing_variables_are_all_named():
    with pytest.raises(InvalidOption, match=r"^TKE_ROLE_ARN is set .* but TKE_REGION and TKE_PROVIDER_ID and TKE_WEB_"):
        Keyring({"TKE_ROLE_ARN": "a"}, home="/nowhere").find({})
