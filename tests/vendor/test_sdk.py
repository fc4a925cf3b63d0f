# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""tencentcloud-sdk-python-redis against the emulator: TC3 over POST and GET, the older signature, tokens and STS."""

from __future__ import annotations

from urllib.request import urlopen

import pytest
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.redis.v20180412 import models
from tencentcloud.redis.v20180412.redis_client import RedisClient
from vendor_fleet import EXPECTED, SECRET_ID, SECRET_KEY, pages

WAYS = [
    ("POST", "TC3-HMAC-SHA256"),
    ("GET", "TC3-HMAC-SHA256"),
    ("POST", "HmacSHA256"),
    ("POST", "HmacSHA1"),
    ("GET", "HmacSHA256"),
]


def make(served, way=WAYS[0], key=SECRET_KEY, secret_id=SECRET_ID, token=None, region="ap-guangzhou", **http):
    options = dict({"protocol": "http", "endpoint": "127.0.0.1:%d" % served.port}, **http)
    profile = ClientProfile(signMethod=way[1], httpProfile=HttpProfile(reqMethod=way[0], **options))
    return RedisClient(credential.Credential(secret_id, key, token), region, profile)


def ask(client, **params):
    request = models.DescribeInstanceBackupsRequest()
    for name, value in params.items():
        setattr(request, name, value)
    return client.DescribeInstanceBackups(request)


def listing(client, **params):
    def page(offset, limit):
        answer = ask(client, InstanceId="crs-vendor01", Offset=offset, Limit=limit, Status=[1, 2, 3, 4, -1], **params)
        return answer.BackupSet, answer.TotalCount

    return [(row.BackupId, row.BackupType, row.Status, row.Remark) for row in pages(page)]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_listing(emulator, way):
    assert listing(make(emulator, way)) == EXPECTED["v3"]
    assert [entry["outcome"] for entry in emulator.log] == ["ok"] * 3
    assert len({entry["params"]["Limit"] for entry in emulator.log}) == 1


@pytest.mark.parametrize("way", WAYS, ids="-".join)
@pytest.mark.parametrize(
    "options, params, code",
    [
        ({}, {"InstanceId": "crs-nowhere1"}, "ResourceNotFound.InstanceNotExists"),
        ({"key": "wrong"}, {}, "AuthFailure.SignatureFailure"),
        ({"secret_id": "AKIDnobody"}, {}, "AuthFailure.SecretIdNotFound"),
        ({"secret_id": "AKIDtemporary", "key": "temporaryKey"}, {}, "AuthFailure.TokenFailure"),
        ({}, {"Limit": 101}, "InvalidParameter.InvalidParameter"),
        ({"region": "ap-nowhere"}, {}, "UnsupportedRegion"),
    ],
)
def test_refusals(emulator, way, options, params, code):
    with pytest.raises(TencentCloudSDKException) as caught:
        ask(make(emulator, way, **options), **params)
    assert caught.value.get_code() == code and caught.value.get_request_id()


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_token(emulator, way):
    client = make(emulator, way, secret_id="AKIDtemporary", key="temporaryKey", token="tok+/=")
    assert listing(client) == EXPECTED["v3"]


def test_filters_and_rows(emulator):
    """The SDK's model knows every field of the rows, and the emulator fills every field of the model."""
    client = make(emulator)
    assert [row.BackupId for row in ask(client, InstanceId="crs-vendor01", Status=[4]).BackupSet] == ["backup-4"]
    assert ask(client, InstanceId="crs-vendor01").TotalCount == 6
    assert ask(client).TotalCount == 7
    row = ask(client, InstanceId="crs-vendor02").BackupSet[0]
    assert [name for name, value in vars(row).items() if value is None] == []


def test_every_documented_instance_field(emulator):
    answer = make(emulator).DescribeInstances(models.DescribeInstancesRequest())
    assert [one.InstanceId for one in answer.InstanceSet] == ["crs-vendor01", "crs-vendor02"] and answer.TotalCount == 2
    assert [name for name, value in vars(answer.InstanceSet[0]).items() if value is None] == []


def test_auto_backup(emulator):
    request = models.DescribeAutoBackupConfigRequest()
    request.InstanceId = "crs-vendor01"
    answer = make(emulator).DescribeAutoBackupConfig(request)
    assert (len(answer.WeekDays), answer.TimePeriod, answer.BackupStorageDays) == (7, "01:00-02:00", 7)


def test_a_download(emulator):
    request = models.DescribeBackupUrlRequest()
    request.InstanceId, request.BackupId = "crs-vendor01", "backup-1"
    answer = make(emulator).DescribeBackupUrl(request)
    info = answer.BackupInfos[0]
    assert [name for name, value in vars(info).items() if value is None] == [] and answer.DownloadUrl == [
        info.DownloadUrl
    ]
    with urlopen(info.DownloadUrl, timeout=10) as file:
        data = file.read()
    assert data.startswith(b"REDIS0009") and len(data) == info.FileSize


def test_what_a_backup_is_of(emulator):
    request = models.DescribeBackupDetailRequest()
    request.InstanceId, request.BackupId = "crs-vendor01", "backup-1"
    answer = make(emulator).DescribeBackupDetail(request)
    assert (answer.BackupId, answer.ShardNum, answer.Encrypted) == ("backup-1", 1, False)
    # Of an encrypted backup alone.
    missing = [name for name, value in vars(answer).items() if value is None]
    assert sorted(missing) == ["_KeyAlgorithm", "_KmsKeyId"]


def test_from_where_downloads_are_allowed(emulator):
    answer = make(emulator).DescribeBackupDownloadRestriction(models.DescribeBackupDownloadRestrictionRequest())
    assert [name for name, value in vars(answer).items() if value is None] == [] and answer.LimitType == "NoLimit"


def test_documented_action_that_is_not_emulated(emulator):
    request = models.DescribeTaskInfoRequest()
    request.TaskId = 1
    with pytest.raises(TencentCloudSDKException) as caught:
        make(emulator).DescribeTaskInfo(request)
    assert caught.value.get_code() == "InvalidAction"


def test_tls(secure, authority):
    assert listing(make(secure, protocol="https", certification=authority[1])) == EXPECTED["v3"]
    with pytest.raises(TencentCloudSDKException) as caught:
        ask(make(secure, protocol="https"))
    assert caught.value.get_code() == "ClientNetworkError"


def test_assumed_role(emulator):
    """The SDK's own role credentials, made by the emulator's STS and then used on its redis."""
    made = credential.STSAssumeRoleCredential(
        SECRET_ID, SECRET_KEY, "qcs::cam::uin/1:roleName/audit", "audit", endpoint="http://127.0.0.1:%d" % emulator.port
    )
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint="127.0.0.1:%d" % emulator.port))
    assert listing(RedisClient(made, "ap-guangzhou", profile)) == EXPECTED["v3"]
    assert emulator.log[0]["action"] == "AssumeRole"


def test_role_of_a_pod(emulator, tmp_path, monkeypatch):
    """The SDK's credentials of a pod, as it finds them in the environment of the vendor's Kubernetes."""
    (tmp_path / "token").write_text("madeupPodToken")
    for name, value in {
        "TKE_REGION": "ap-guangzhou",
        "TKE_PROVIDER_ID": "cls-vendor",
        "TKE_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "TKE_ROLE_ARN": "qcs::cam::uin/1:roleName/pod",
    }.items():
        monkeypatch.setenv(name, value)
    made = credential.DefaultTkeOIDCRoleArnProvider().get_credential()
    made.endpoint = "http://127.0.0.1:%d" % emulator.port
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint="127.0.0.1:%d" % emulator.port))
    assert listing(RedisClient(made, "ap-guangzhou", profile)) == EXPECTED["v3"]
    assert [entry["action"] for entry in emulator.log][:2] == ["AssumeRoleWithWebIdentity", "DescribeInstanceBackups"]
    made = credential.DefaultTkeOIDCRoleArnProvider().get_credential()
    made.endpoint = "http://127.0.0.1:%d" % emulator.port
    (tmp_path / "token").write_text("another")
    with pytest.raises(TencentCloudSDKException) as caught:
        made.refresh()
    assert caught.value.get_code() == "InvalidParameter.WebIdentityTokenError"


def test_regions_on_sale(emulator):
    """The same from every region, and every field of the SDK's models is filled."""
    first, second = (
        make(emulator, region=region).DescribeProductInfo(models.DescribeProductInfoRequest())
        for region in ("ap-guangzhou", "na-ashburn")
    )
    codes = [one.RegionId for one in first.RegionSet]
    assert codes == [one.RegionId for one in second.RegionSet]
    assert len(codes) > 20 and "ap-guangzhou" in codes
    region = first.RegionSet[0]
    zone = region.ZoneSet[0]
    for one in (region, zone, zone.ProductSet[0]):
        assert [name for name, value in vars(one).items() if value is None] == []
