# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures: the vendor's known answers are accepted, and one changed character of anything signed is not."""

from __future__ import annotations

import json
import os
import time
from urllib.parse import urlencode

import pytest
from emulator import v2, v3
from emulator.auth import Gate
from emulator.errors import Refusal
from emulator.messages import FORM, Request
from emulator.model import Credential
from emulator_client import NONCES, SECRET_ID, tc3_sign

with open(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "signing-vectors.json"), encoding="utf-8"
) as file:
    VECTORS = json.load(file)
ROLE = "qcs::cam::uin/1:roleName/audit"
POD = "qcs::cam::uin/1:roleName/pod"


def admit(dialect, request, secret_id, key, token, now):
    known = Credential(secret_id=secret_id, secret_key=key, token=token, account="1", denied_actions=(), expires=None)
    return Gate({secret_id: known}).admit(dialect.read(request), now)


def swap(text, index=-3):
    """The text with one character changed."""
    letters = list(text)
    letters[index] = "7" if letters[index] != "7" else "8"
    return "".join(letters)


def admit_v2(vector, params=None, signature=None, host=None):
    sent = urlencode(dict(params or vector["params"], Signature=signature or vector["signature"]))
    query, body = (sent, b"") if vector["method"] == "GET" else ("", sent.encode())
    request = Request(
        vector["method"], vector["path"], query, {"host": host or vector["host"], "content-type": FORM}, body
    )
    return admit(
        v2,
        request,
        vector["params"]["SecretId"],
        vector["secret_key"],
        vector["params"].get("Token"),
        vector["params"]["Timestamp"],
    )


def admit_v3(vector, **changed):
    vector = dict(vector, **changed)
    headers = {
        "host": vector["host"],
        "content-type": vector["content_type"],
        "authorization": vector["authorization"],
        "x-tc-timestamp": str(vector["timestamp"]),
        "x-tc-action": vector["action"],
    }
    if vector["token"]:
        headers["x-tc-token"] = vector["token"]
    request = Request("POST", "/", "", headers, vector["body"].encode())
    return admit(v3, request, vector["secret_id"], vector["secret_key"], vector["token"], vector["timestamp"])


def refused(call, *arguments, **options):
    with pytest.raises(Refusal) as caught:
        call(*arguments, **options)
    return caught.value.v2[0], caught.value.v3[0]


@pytest.mark.parametrize("vector", VECTORS["api_v2"], ids=lambda vector: vector["id"])
def test_v2_vector(vector):
    assert admit_v2(vector).secret_id == vector["params"]["SecretId"]
    assert refused(admit_v2, vector, signature=swap(vector["signature"]))[0] == 4100
    assert refused(admit_v2, vector, host=swap(vector["host"]))[0] == 4100
    for name in set(vector["params"]) - {"SecretId", "Timestamp", "SignatureMethod"}:
        changed = dict(vector["params"], **{name: swap(str(vector["params"][name]), -1)})
        assert refused(admit_v2, vector, params=changed)[0] == 4100, name


@pytest.mark.parametrize("vector", VECTORS["api_v3"], ids=lambda vector: vector["id"])
def test_v3_vector(vector):
    assert admit_v3(vector).secret_id == vector["secret_id"]
    for name in ("authorization", "body", "host", "content_type"):
        assert refused(admit_v3, vector, **{name: swap(vector[name])})[1] == "AuthFailure.SignatureFailure", name
    later = refused(admit_v3, vector, timestamp=vector["timestamp"] + 1)[1]
    assert later == "AuthFailure.SignatureFailure"


def admit_signed(now, sent_action="DescribeInstances", **signed):
    """The emulator's judgement of a small call that this file's own signer signed."""
    headers = {"host": "h", "content-type": "application/json", "x-tc-timestamp": str(now), "x-tc-action": sent_action}
    headers["authorization"] = tc3_sign("A", "k", "redis", "h", b"{}", now, **signed)
    return admit(v3, Request("POST", "/", "", headers, b"{}"), "A", "k", None, now)


def test_v3_scope_date_must_be_the_timestamps_utc_date():
    """Signed over the right timestamp, but in the scope of another day."""
    midnight = 1583020800
    assert admit_signed(midnight)
    assert refused(admit_signed, midnight, date="2020-02-29")[1] == "AuthFailure.SignatureFailure"


def test_v3_also_signed_action_is_accepted():
    """Newer documents sign x-tc-action too, in lower case."""
    assert admit_signed(1551113065, action="DescribeInstances")
    code = refused(admit_signed, 1551113065, "DescribeInstanceBackups", action="DescribeInstances")[1]
    assert code == "AuthFailure.SignatureFailure"


def test_v2_methods_and_digests(client):
    for method in ("GET", "POST"):
        assert client.v2(method=method, redisId="crs-many0001", limit=1, offset=0).json()["code"] == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("digest", ["HmacSHA1", "HmacSHA256"])
def test_v3_form(client, method, digest):
    found = client.v3_form(method=method, digest=digest, InstanceId="crs-mixed001", **{"Status.0": 2, "Status.1": 4})
    assert found["TotalCount"] == 3  # two normal or exported, and the code that no filter knows
    assert client.as_(SECRET_ID, "wrong").v3_form(method=method)["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_v3_get_signs_the_query(client):
    query, now, form = "Limit=5&Offset=0&InstanceId=crs-many0001", int(time.time()), "application/x-www-form-urlencoded"
    headers = {
        "Content-Type": form,
        "X-TC-Action": "DescribeInstanceBackups",
        "X-TC-Version": "2018-04-12",
        "X-TC-Region": "ap-guangzhou",
        "X-TC-Timestamp": str(now),
        "Authorization": tc3_sign(SECRET_ID, client.pair[1], "redis", client.host, b"", now, "GET", query, form),
    }

    def get(text):
        return client.session.get(client.url + "/?" + text, headers=headers, timeout=10).json()["Response"]

    assert len(get(query)["BackupSet"]) == 5
    assert get(query.replace("5", "6"))["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_wrong_and_unknown_keys(client):
    assert client.as_(SECRET_ID, "wrong").code() == "AuthFailure.SignatureFailure"
    assert client.as_(SECRET_ID, "wrong").v2_list()["code"] == 4100
    assert client.as_("AKIDnobody").code() == "AuthFailure.SecretIdNotFound"
    assert client.as_("AKIDnobody").v2_list()["code"] == 4104


def test_missing_authorization(client):
    assert client.code(headers={"Authorization": "Bearer x"}) == "AuthFailure.InvalidAuthorization"
    assert client.code(headers={"Authorization": None}) == "MissingParameter"
    assert client.v2_send("GET", {"Action": "GetRedisBackupList"}).json()["code"] == 4000


@pytest.mark.parametrize("token, good", [("tok+/=", True), ("other", False), (None, False)])
def test_token(client, token, good):
    caller = client.as_("AKIDtemporary", token=token)
    assert caller.code() == (None if good else "AuthFailure.TokenFailure")
    assert caller.v2_list()["code"] == (0 if good else 4105)


def test_token_with_a_permanent_pair(client):
    assert client.as_(SECRET_ID, client.pair[1], token="t").code() == "AuthFailure.TokenFailure"


@pytest.mark.parametrize("off, good", [(290, True), (-290, True), (310, False), (-310, False)])
def test_clock(client, off, good):
    assert client.code(now=time.time() + off) == (None if good else "AuthFailure.SignatureExpire")
    assert client.v2_list(now=time.time() + off)["code"] == (0 if good else 4500)


def test_replayed_nonce(client):
    nonce = next(NONCES)
    assert client.v2_list(nonce=nonce)["code"] == 0
    assert client.v2_list(nonce=nonce)["code"] == 4500
    assert client.v2_list(nonce=nonce + 1000000)["code"] == 0


def test_denied_action(client):
    limited = client.as_("AKIDlimited")
    assert limited.code("DescribeInstances") == "UnauthorizedOperation.NoCAMAuthed"
    assert limited.v2("DescribeRedis", limit=20, offset=0).json()["code"] == 4101
    assert limited.code() is None


def assume(client, **options):
    return client.v3("AssumeRole", version="2018-08-13", service="sts", RoleSessionName="test", **options)


def test_assumed_role(client):
    made = assume(client, RoleArn=ROLE)["Credentials"]
    caller = client.as_(made["TmpSecretId"], made["TmpSecretKey"], made["Token"])
    assert caller.code() is None
    assert caller.v2_list()["code"] == 0
    assert client.as_(made["TmpSecretId"], made["TmpSecretKey"]).code() == "AuthFailure.TokenFailure"


def test_assumed_role_expires(serve):
    emulator, client = serve()
    answer = assume(client, RoleArn=ROLE, DurationSeconds=60)
    assert 0 < answer["ExpiredTime"] - time.time() <= 60
    made = answer["Credentials"]
    caller = client.as_(made["TmpSecretId"], made["TmpSecretKey"], made["Token"])
    emulator.service.gate.credentials[made["TmpSecretId"]].expires = time.time() - 1
    assert caller.code() == "AuthFailure.TokenFailure"
    assert caller.v2_list()["code"] == 4105


@pytest.mark.parametrize(
    "options, code",
    [
        ({"RoleArn": "qcs::cam::uin/1:roleName/none"}, "ResourceNotFound.RoleNotFound"),
        ({"RoleArn": ROLE, "DurationSeconds": 43201}, "InvalidParameter.InvalidParameter"),
        ({}, "MissingParameter"),
    ],
)
def test_assume_role_refusals(client, options, code):
    assert assume(client, **options)["Error"]["Code"] == code


def with_token(client, authorization="SKIP", **params):
    """The code and response of an unsigned call."""
    asked = {"ProviderId": "cls-1", "WebIdentityToken": "jwt", "RoleArn": POD, "RoleSessionName": "test"}
    answer = client.v3(
        params.pop("action", "AssumeRoleWithWebIdentity"),
        version="2018-08-13",
        headers={"Authorization": authorization},
        **{**asked, **params},
    )
    return answer.get("Error", {}).get("Code"), answer


def test_a_role_for_a_token(serve):
    emulator, client = serve()
    code, answer = with_token(client)
    made = answer["Credentials"]
    assert code is None and 0 < answer["ExpiredTime"] - time.time() <= 7200
    assert client.as_(made["TmpSecretId"], made["TmpSecretKey"], made["Token"]).code() is None
    assert "jwt" not in repr(emulator.log) and emulator.log[0]["params"]["ProviderId"] == "cls-1"


@pytest.mark.parametrize(
    "params, code",
    [
        ({"WebIdentityToken": "other"}, "InvalidParameter.WebIdentityTokenError"),
        ({"ProviderId": "cls-2"}, "InvalidParameter.WebIdentityTokenError"),
        ({"RoleArn": ROLE}, "InvalidParameter.WebIdentityTokenError"),
        ({"RoleArn": "qcs::cam::uin/1:roleName/none"}, "ResourceNotFound.RoleNotFound"),
        ({"WebIdentityToken": None}, "MissingParameter"),
        ({"DurationSeconds": 43201}, "InvalidParameter.InvalidParameter"),
        # Nothing else goes unsigned.
        ({"action": "AssumeRole"}, "AuthFailure.InvalidAuthorization"),
        ({"authorization": "skip"}, "AuthFailure.InvalidAuthorization"),
    ],
)
def test_refusals_of_a_token(client, params, code):
    assert with_token(client, **params)[0] == code


def test_redis_is_never_asked_unsigned(client):
    assert client.code(headers={"Authorization": "SKIP"}) == "AuthFailure.InvalidAuthorization"
