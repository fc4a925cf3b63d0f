# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API 3.0 rows: every documented field with its documented type, quirks included."""

from __future__ import annotations

from .model import STATUS_TEXT, TYPE_CODES
from .regions import REGIONS


def backup_row(backup):
    """One of BackupSet."""
    one = backup.instance
    return {
        "StartTime": backup.start_text,
        "EndTime": backup.end_text,
        "ExpireTime": backup.expire_text,
        "BackupId": backup.id,
        "BackupType": TYPE_CODES[backup.type][1],
        "Status": backup.status,
        "Remark": backup.remark,
        "Locked": backup.locked,
        "BackupSize": backup.size,
        "FullBackup": 0,
        "InstanceType": one.type,
        "InstanceId": one.id,
        "InstanceName": one.name,
        "Region": one.region,
        "FileType": "RDB-Redis %s" % one.engine_version,
        "Encrypted": backup.encrypted,
    }


def instance_row(one):
    """One of InstanceSet. `Createtime` has a small t, `Tags` are not the tags, `WanIp` is private: so it is documented."""
    return {
        "InstanceId": one.id,
        "InstanceName": one.name,
        "Appid": 1250000000,
        "ProjectId": one.project,
        "ProjectName": one.project_name,
        "Region": one.region,
        "RegionId": REGIONS[one.region][1],
        "ZoneId": one.zone,
        "VpcId": 11133673,
        "SubnetId": 2282634,
        "UniqVpcId": one.vpc,
        "UniqSubnetId": one.subnet,
        "Status": one.status,
        "SubStatus": 0,
        "InstanceTitle": STATUS_TEXT.get(one.status, ""),
        "WanIp": one.ip,
        "Port": one.port,
        "WanAddress": "",
        "Vip6": "",
        "IPv6": "",
        "Createtime": one.created_text,
        "DeadlineTime": one.deadline_text,
        "OfflineTime": one.offline_text,
        "CloseTime": one.closed_text,
        "Size": one.size,
        "SizeUsed": 0,
        "DiskSize": 0,
        "Type": one.type,
        "Engine": one.engine,
        "ProductType": "cluster" if one.is_cluster else "standalone",
        "ProductVersion": "local",
        "BillingMode": 0,
        "AutoRenewFlag": 0,
        "PriceId": 0,
        "RedisShardSize": one.size,
        "RedisShardNum": 1,
        "RedisReplicasNum": 1,
        "Tags": [],
        "InstanceNode": [],
        "NodeSet": [],
        "InstanceTags": [{"TagKey": key, "TagValue": value} for key, value in one.tags.items()],
        "NoAuth": False,
        "PasswordFree": 0,
        "ReadOnly": 0,
        "SlaveReadWeight": 0,
        "DeleteProtectionSwitch": 0,
        "ClientLimit": 10000,
        "ClientLimitMin": 10000,
        "ClientLimitMax": 40000,
        "NetLimit": 24,
        "DtsStatus": 0,
        "RemainBandwidthDuration": "",
        "MonitorVersion": "5s",
        "PolarisServer": "",
        "RedisClusterId": "",
        "DedicatedClusterId": "",
        "CurrentProxyVersion": "5.8.0",
        "CurrentRedisVersion": "%s.0" % one.engine_version,
        "UpgradeProxyVersion": "",
        "UpgradeRedisVersion": "",
        "BackupMode": "NormalLevelBackup",
    }


def region_row(code):
    """One of RegionSet, with one zone that sells one product."""
    product = {
        "Type": 15,
        "TypeName": "Redis 主从版",
        "MinBuyNum": 1,
        "MaxBuyNum": 10,
        "Saleout": False,
        "Engine": "Redis",
        "Version": "Redis-6.2",
        "TotalSize": ["1", "2"],
        "ShardSize": ["1", "2"],
        "ReplicaNum": ["1"],
        "ShardNum": ["1"],
        "PayMode": "0",
        "EnableRepicaReadOnly": True,
        "EnableReplicaReadOnly": True,
    }
    zone = {
        "ZoneId": "%s-1" % code,
        "ZoneName": "一区",
        "IsSaleout": False,
        "IsDefault": True,
        "NetWorkType": ["vpcnet"],
        "ProductSet": [product],
        "OldZoneId": REGIONS[code][1] * 100000 + 1,
    }
    return {
        "RegionId": code,
        "RegionName": code,
        "RegionShortName": REGIONS[code][0].upper(),
        "Area": code.split("-")[0],
        "ZoneSet": [zone],
    }
