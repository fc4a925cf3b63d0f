# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles through the emulator's token service: taken once, kept, replaced, refused."""

from __future__ import annotations

import os
import time

import pytest
from emulator import DEFAULT_CREDENTIALS

from ansible_collections.qcloud.crs.plugins.module_utils._connection import account_label, connect, identity
from ansible_collections.qcloud.crs.plugins.module_utils._credentials import sts as _sts
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._errors import AuthError, CrsError, InvalidOption, Unreachable
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import list_instances
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec

ROLE = "qcs::cam::uin/100000000002:roleName/audit"
SHORT = "qcs::cam::uin/100000000002:roleName/short"
POD = "qcs::cam::uin/100000000001:roleName/pod"
JWT = "madeupHeader.madeupClaims.madeupSignature"
FLEET = {
    "credentials": [{**DEFAULT_CREDENTIALS}],
    "roles": {
        ROLE: {"account": "100000000002"},
        SHORT: {"account": "100000000002", "expires_in": 600},
        POD: {"account": "100000000001", "expires_in": 600, "web_identity": {"provider": "cls-1", "token": JWT}},
    },
    "instances": [
        {"id": "crs-own00001", "account": "100000000001"},
        {"id": "crs-other001", "account": "100000000002"},
        {"id": "crs-other002", "account": "100000000002", "region": "ap-shanghai"},
    ],
}
ENVIRON = {
    "TENCENTCLOUD_SECRET_ID": DEFAULT_CREDENTIALS["secret_id"],
    "TENCENTCLOUD_SECRET_KEY": DEFAULT_CREDENTIALS["secret_key"],
}


@pytest.fixture
def emulator(serve):
    return serve(FLEET)


def options(emulator, **given):
    defaults = {name: entry.get("default") for name, entry in connection_spec().items()}
    return {
        **defaults,
        "endpoint": emulator.url,
        "sts_endpoint": emulator.url,
        "region": "ap-guangzhou",
        "retries": 0,
        "timeout": 10,
        "requests_per_second": 0,
        **given,
    }


def ids(dialect):
    return [record["instance_id"] for record in list_instances(dialect)]


def asked(emulator, action):
    return len([entry for entry in emulator.log if entry["action"] == action])


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_role_of_another_account_is_taken_once_for_all_connections(emulator, version):
    learned = []
    keyring = Keyring(ENVIRON, learned.extend, home="/nowhere")
    dialects = [
        connect(options(emulator, api_version=version, role_arn=ROLE, region=region), keyring)
        for region in ("gz", "sh")
    ]
    assert emulator.log == []
    assert [ids(dialect) for dialect in dialects] == [["crs-other001"], ["crs-other002"]]
    assert asked(emulator, "AssumeRole") == 1
    # The base key, then key and token of the role.
    assert len(set(learned)) == 3
    assert ids(connect(options(emulator, api_version=version), keyring)) == ["crs-own00001"]


def test_the_role_of_the_environment(emulator):
    environ = {**ENVIRON, "TENCENTCLOUD_ROLE_ARN": ROLE, "TENCENTCLOUD_ROLE_SESSION_NAME": "nightly"}
    assert ids(connect(options(emulator), Keyring(environ, home="/nowhere"))) == ["crs-other001"]


def test_credentials_of_a_role_are_replaced_before_they_expire(emulator, monkeypatch):
    dialect = connect(options(emulator, role_arn=SHORT), Keyring(ENVIRON, home="/nowhere"))
    for _time in range(2):
        assert ids(dialect) == ["crs-other001"]
    assert asked(emulator, "AssumeRole") == 1
    (first,) = [one for one in emulator.service.gate.credentials.values() if one.expires]
    # Half of their life is over: it's the second that is used from now on.
    monkeypatch.setattr(dialect._credentials, "_clock", lambda: time.time() + 320)
    assert ids(dialect) == ["crs-other001"]
    first.expires = time.time() - 1
    assert ids(dialect) == ["crs-other001"]
    assert asked(emulator, "AssumeRole") == 2


def test_a_role_that_may_not_be_taken_is_said_once(emulator):
    dialect = connect(options(emulator, role_arn=ROLE.replace("audit", "none")), Keyring(ENVIRON, home="/nowhere"))
    for _one in range(2):
        with pytest.raises(CrsError) as caught:
            ids(dialect)
    text = str(caught.value)
    assert text.startswith("AssumeRole of qcs::cam::uin/100000000002:roleName/none in ap-guangzhou at 127.0.0.1")
    assert (len(emulator.log), asked(emulator, "AssumeRole")) == (1, 1)


def test_a_wrong_key_for_the_role_is_an_error_of_authentication(emulator):
    environ = {**ENVIRON, "TENCENTCLOUD_SECRET_KEY": "madeupWrongKey"}
    dialect = connect(options(emulator, role_arn=ROLE), Keyring(environ, home="/nowhere"))
    with pytest.raises(AuthError, match=r"^AssumeRole of .*the signature is wrong") as caught:
        ids(dialect)
    assert "madeup" not in str(caught.value)


def test_a_token_service_that_is_down_is_named(emulator):
    dialect = connect(
        options(emulator, role_arn=ROLE, sts_endpoint="http://127.0.0.1:9"), Keyring(ENVIRON, home="/nowhere")
    )
    with pytest.raises(Unreachable, match=r"AssumeRole of .* at 127\.0\.0\.1:9: the connection failed"):
        ids(dialect)
    assert emulator.log == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Credentials": None, "ExpiredTime": 1},
        {"Credentials": {"TmpSecretId": "i", "TmpSecretKey": "", "Token": "t"}, "ExpiredTime": 4102444800},
        {"Credentials": {"TmpSecretId": "i", "TmpSecretKey": "k\n", "Token": "t"}, "ExpiredTime": 4102444800},
        {"Credentials": {"TmpSecretId": "i", "TmpSecretKey": "k", "Token": "t"}, "ExpiredTime": None},
    ],
)
def test_an_answer_without_credentials_is_a_bad_one(body, monkeypatch, emulator):
    sts = _sts.Sts(None, None, None, None)
    monkeypatch.setattr(sts, "ask", lambda action, params, parse, subject: parse(body))
    with pytest.raises(CrsError, match="the response has no credentials with an expiry"):
        sts.assume(ROLE, "qcloud.crs")


@pytest.fixture
def pod(tmp_path):
    """The environment of a pod whose service account has a role, and the file with its token."""
    file = tmp_path / "token"
    file.write_text(JWT + "\n")
    return {
        "TKE_REGION": "ap-shanghai",
        "TKE_PROVIDER_ID": "cls-1",
        "TKE_WEB_IDENTITY_TOKEN_FILE": str(file),
        "TKE_ROLE_ARN": POD,
    }


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_pod_has_its_role_for_its_token_once_for_all_connections(emulator, pod, version):
    learned = []
    keyring = Keyring(pod, learned.extend, home="/nowhere")
    dialects = [connect(options(emulator, api_version=version, region=region), keyring) for region in ("gz", "sh")]
    assert emulator.log == []
    assert [ids(dialect) for dialect in dialects] == [["crs-own00001"], []]
    (entry,) = [entry for entry in emulator.log if entry["action"] == "AssumeRoleWithWebIdentity"]
    assert (entry["region"], entry["params"]) == (
        "ap-shanghai",
        {"ProviderId": "cls-1", "RoleArn": POD, "RoleSessionName": "qcloud.crs", "DurationSeconds": 7200},
    )
    # The token of the pod and its parts, then key and token of the role.
    assert len(set(learned)) == 6 and {JWT, *JWT.split(".")} < set(learned)
    assert account_label(None, options(emulator), keyring) == POD
    assert identity(options(emulator), keyring) == {"fingerprint": None, "role_arn": POD, "region": "ap-guangzhou"}


def test_a_pod_s_role_may_take_another(emulator, pod):
    keyring = Keyring(pod, home="/nowhere")
    dialect = connect(options(emulator, role_arn=ROLE, role_session_name="nightly"), keyring)
    assert ids(dialect) == ["crs-other001"]
    assert [(entry["action"], entry["params"].get("RoleSessionName")) for entry in emulator.log[:2]] == [
        ("AssumeRoleWithWebIdentity", "nightly"),
        ("AssumeRole", "nightly"),
    ]


def test_a_pod_s_credentials_are_replaced_with_the_token_that_is_there_then(emulator, pod, monkeypatch):
    dialect = connect(options(emulator), Keyring(pod, home="/nowhere"))
    for _time in range(2):
        assert ids(dialect) == ["crs-own00001"]
    assert asked(emulator, "AssumeRoleWithWebIdentity") == 1
    # As the cluster does, long before a token expires.
    with open(pod["TKE_WEB_IDENTITY_TOKEN_FILE"], "w") as file:
        file.write("madeupNextToken")
    emulator.fleet.roles[POD].web_identity = ("cls-1", "madeupNextToken")
    monkeypatch.setattr(dialect._credentials, "_clock", lambda: time.time() + 320)
    assert ids(dialect) == ["crs-own00001"]
    assert asked(emulator, "AssumeRoleWithWebIdentity") == 2


@pytest.mark.parametrize("fault", [None, {"name": "echo_secret"}, {"name": "echo_header"}])
def test_a_pod_s_token_shows_in_no_error(emulator, pod, fault):
    if fault:
        emulator.set_faults([{**fault, "action": "AssumeRoleWithWebIdentity"}])
    else:
        emulator.fleet.roles[POD].web_identity = ("cls-1", "another")
    dialect = connect(options(emulator), Keyring(pod, home="/nowhere"))
    with pytest.raises(CrsError, match=rf"^AssumeRoleWithWebIdentity of {POD} in ap-shanghai at 127") as caught:
        ids(dialect)
    text = f"{caught.value} {caught.value.as_dict()} {caught.value.said}"
    assert "madeup" not in text
    if not fault:
        assert caught.value.kind == "auth"
        assert "the token of TKE_WEB_IDENTITY_TOKEN_FILE is not valid for TKE_PROVIDER_ID, or has expired" in text


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "which can't be read (No such file or directory): mount the service account's token there"),
        (b"", "which holds no token"),
        (b"madeup token", "which holds no token"),
        (b"madeup\xff", "which holds no token"),
        (b"madeup" * 20000, "which holds no token"),
    ],
)
def test_a_file_without_a_token_is_named_before_any_request(emulator, pod, content, said):
    path = pod["TKE_WEB_IDENTITY_TOKEN_FILE"]
    os.unlink(path)
    if content is not None:
        with open(path, "wb") as file:
            file.write(content)
    with pytest.raises(InvalidOption) as caught:
        connect(options(emulator), Keyring(pod, home="/nowhere"))
    text = str(caught.value)
    assert text.startswith(f"TKE_WEB_IDENTITY_TOKEN_FILE names {path!r}, ") and said in text
    assert "madeup" not in text and emulator.log == []


@pytest.mark.parametrize(
    "environ, given, said",
    [
        ({"TKE_ROLE_ARN": "pod"}, {}, "TKE_ROLE_ARN 'pod' is not the name of a role: write it as qcs::cam"),
        ({"TKE_REGION": " "}, {}, "^TKE_REGION of the environment: region ' ' is not a region code: use a long one"),
        ({"TKE_REGION": "ap\nx"}, {}, r"^TKE_REGION of the environment: region 'ap\\nx' is not a region code"),
        (
            {"TKE_REGION": "\u5e7f\u5dde"},
            {},
            "^TKE_REGION of the environment: region '\u5e7f\u5dde' is not a region code",
        ),
        ({}, {"role_session_name": "a b"}, "role_session_name 'a b' is not a name of a session"),
        ({"TKE_WEB_IDENTITY_TOKEN_FILE": "a\0b"}, {}, "it is not a path"),
    ],
)
def test_what_the_token_service_would_refuse_is_named_before(emulator, pod, environ, given, said):
    with pytest.raises(InvalidOption, match=said):
        connect(options(emulator, **given), Keyring({**pod, **environ}, home="/nowhere"))
    assert emulator.log == []
