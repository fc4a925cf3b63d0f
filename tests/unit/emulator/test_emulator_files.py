# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of a backup's files, in both dialects, and the files that a fleet file describes."""

from __future__ import annotations

import pytest
import requests
from emulator import FleetError
from emulator.loader import load
from emulator.rdb import Snapshot

ONE = "crs-one00001"


def fleet(**file):
    backups = [{"id": "b-1", "start": "2026-05-28T20:26:40Z", **({"file": file} if file else {})}]
    return {"instances": [{"id": ONE, "type": 17, "backups": backups}]}


def files(client, **params):
    return client.v3("DescribeBackupUrl", InstanceId=ONE, BackupId="b-1", **params)


def contents(client):
    found = files(client)["BackupInfos"]
    assert len({info["FileName"] for info in found}) == len(found)
    return [requests.get(info["DownloadUrl"], timeout=10).content for info in found]


def content(client):
    return contents(client)[0]


def test_both_dialects_hand_out_the_same_file(serve):
    _emulator, client = serve(fleet())
    answer = files(client)
    info = answer["BackupInfos"][0]
    assert info["FileName"].endswith("-redis-server-7.0-1780000000-1-ignore.rdb") and "/" not in info["FileName"]
    assert answer["Filenames"] == [info["FileName"]] and answer["DownloadUrl"] == [info["DownloadUrl"]]
    data = requests.get(info["DownloadUrl"], timeout=10).content
    assert len(data) == info["FileSize"] and data == Snapshot(10, created=1780000000).database(0).keys(100).data()
    older = client.v2("GetBackupDownloadUrl", redisId=ONE, backupId="b-1").json()["data"]
    assert {requests.get(older[network], timeout=10).content for network in ("intranet", "extranet")} == {data}


def test_a_file_for_each_shard(serve):
    """Its keys are in no other."""
    _emulator, client = serve(fleet(**PLAIN, shards=3, expired=1))
    made = contents(client)
    assert len(made) == 3 and all(len(data) == len(made[0]) for data in made)
    for shard in range(3):
        names = b"key:%d" % (2 * shard), b"key:%d" % (2 * shard + 1), b"expired:%d" % shard
        assert [[name in data for data in made] for name in names] == [[place == shard for place in range(3)]] * 3


def test_one_file_for_all_shards(serve):
    _emulator, client = serve(fleet(**PLAIN, shards=3, repeated=True))
    made = contents(client)
    assert len(made) == 3 and len(set(made)) == 1


PLAIN = {"version": 9, "keys": 2, "created": "2026-05-28T20:26:40Z"}


@pytest.mark.parametrize(
    "file, expected",
    [
        ({}, lambda plain: plain.data()),
        ({"cut": 9}, lambda plain: plain.data()[:-9]),
        ({"append": "x"}, lambda plain: plain.data() + b"x"),
        ({"checksum": False}, lambda plain: plain.data()[:-8] + bytes(8)),
        ({"duplicate": True}, lambda plain: plain.key("key:0").data()),
        ({"module": True}, lambda plain: plain.module_key("module").data()),
        ({"expired": 1}, lambda plain: plain.key("expired:0", "value 0", expires=1779999999).data()),
        ({"databases": 2}, lambda plain: plain.database(1).keys(2).data()),
    ],
)
def test_what_a_file_is(serve, file, expected):
    _emulator, client = serve(fleet(**PLAIN, **file))
    assert content(client) == expected(Snapshot(9, created=1780000000).database(0).keys(2))


def test_other_forms_of_files(serve, tmp_path):
    (tmp_path / "dump.rdb").write_bytes(b"of a real server")
    assert content(serve(fleet(path=str(tmp_path / "dump.rdb")))[1]) == b"of a real server"
    plain = content(serve(fleet(**PLAIN))[1])
    assert not content(serve(fleet(**PLAIN, encrypted=True))[1]).startswith(b"REDIS")
    flipped = content(serve(fleet(**PLAIN, flip=3))[1])
    assert flipped[:3] + flipped[4:] == plain[:3] + plain[4:] and flipped[3] ^ plain[3] == 1
    assert content(serve(fleet(version=80))[1])[:9] == b"VALKEY080"
    assert content(serve(fleet(version=80, magic="REDIS"))[1])[:9] == b"REDIS0080"
    assert b"\xf5" + b"\x05#!lua" in content(serve(fleet(version=10, library="#!lua"))[1])
    assert b"ctime" in plain and b"ctime" not in content(serve(fleet(**PLAIN, undated=True))[1])
    assert b"\xfb\x09\x00" in content(serve(fleet(version=10, hint=9))[1])


def test_another_network_and_another_size(serve):
    _emulator, client = serve(fleet(refused=True, size=7))
    info = files(client)["BackupInfos"][0]
    assert (info["FileSize"], requests.get(info["DownloadUrl"], timeout=10).status_code) == (7, 403)


@pytest.mark.parametrize(
    "backup, status, v3, v2",
    [
        ("b-2", "normal", "InvalidParameterValue.BackupNotExists", 11213),
        ("b-1", "expired", "ResourceUnavailable.BackupStatusInvalid", 10711),
        ("b-1", "locked", "ResourceUnavailable.BackupStatusInvalid", 10711),
        ("b-1", "exporting", "ResourceUnavailable.BackupStatusInvalid", 10711),
    ],
)
def test_refusals(serve, backup, status, v3, v2):
    described = fleet()
    described["instances"][0]["backups"][0]["status"] = status
    _emulator, client = serve(described)
    assert client.code("DescribeBackupUrl", InstanceId=ONE, BackupId=backup) == v3
    assert client.v2("GetBackupDownloadUrl", redisId=ONE, backupId=backup).json()["code"] == v2


def test_whose_instance(serve):
    described = fleet()
    described["instances"][0]["denied"] = True
    _emulator, client = serve(described)
    assert client.code("DescribeBackupUrl", InstanceId=ONE, BackupId="b-1") == "UnauthorizedOperation.NoCAMAuthed"
    assert client.code("DescribeBackupUrl", InstanceId="crs-x", BackupId="b-1") == "ResourceNotFound.InstanceNotExists"
    assert client.code("DescribeBackupUrl", BackupId="b-1") == "MissingParameter"
    assert client.v2("GetBackupDownloadUrl", backupId="b-1").json()["code"] == 4000


def test_what_a_backup_is_of(serve):
    described = fleet()
    described["instances"][0]["backups"][0].update(encrypted=True, file={"shards": 2, "instance_shards": 3})
    _emulator, client = serve(described)
    found = client.v3("DescribeBackupDetail", InstanceId=ONE, BackupId="b-1")
    assert (found["ShardNum"], found["Encrypted"], found["DecryptKey"]) == (3, True, "madeupDecryptKey")
    assert len(files(client)["BackupInfos"]) == 2
    assert (
        client.code("DescribeBackupDetail", InstanceId=ONE, BackupId="b-2") == "InvalidParameterValue.BackupNotExists"
    )


def test_from_where_downloads_are_allowed(serve):
    assert serve(fleet())[1].v3("DescribeBackupDownloadRestriction")["LimitType"] == "NoLimit"
    _emulator, client = serve({**fleet(), "settings": {"downloads": "Customize"}})
    assert client.v3("DescribeBackupDownloadRestriction")["LimitType"] == "Customize"


def test_limits_of_an_address(serve):
    _emulator, client = serve(fleet())
    assert "BackupInfos" in files(client, LimitType="LimitOnlyIntranet")
    assert (
        client.code("DescribeBackupUrl", InstanceId=ONE, BackupId="b-1", LimitType="x")
        == "InvalidParameter.InvalidParameter"
    )


def test_api_2_hands_out_a_cluster_s_file_after_its_export(serve):
    described = fleet()
    described["instances"][0]["type"] = 18
    _emulator, client = serve(described)
    assert client.v2("GetBackupDownloadUrl", redisId=ONE, backupId="b-1").json()["code"] == 10711
    described["instances"][0]["backups"][0]["status"] = "exported"
    _emulator, client = serve(described)
    assert client.v2("GetBackupDownloadUrl", redisId=ONE, backupId="b-1").json()["code"] == 0


def test_wrong_descriptions():
    for file, text in (
        ({"shards": -1}, "file.shards: must not be"),
        ({"x": 1}, "file.x: unknown"),
        ({"keys": "1"}, "file.keys: expected"),
    ):
        with pytest.raises(FleetError, match=text):
            load(fleet(**file))
