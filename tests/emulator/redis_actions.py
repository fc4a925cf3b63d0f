# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API 3.0 actions of redis, version 2018-04-12, with their refusals.

Source: the API 3.0 pages of DescribeInstanceBackups, DescribeInstances, DescribeAutoBackupConfig and DescribeProductInfo.
"""

from __future__ import annotations

from .errors import Refusal
from .files import find, hand_out
from .paging import page
from .rows import backup_row, instance_row, region_row
from .storage import LIFETIME

MAX_SPAN = 30 * 86400
LIMIT_TYPES = ("NoLimit", "LimitOnlyIntranet", "Customize")
# The filter's codes. A backup whose code the filter has no word for can't be asked for, so it is shown to everyone.
FILTER_CODES = {1, 2, 3, 4, -1, -2}
DEFAULT_FILTER = [2]  # "default value: 2": an answer without an explicit filter hides all but normal backups


def _paging(call, high):
    """(offset, limit), refused unless the offset is a multiple of the limit."""
    limit = call.params.integer("Limit", 20, low=1, high=high)
    offset = call.params.integer("Offset", 0)
    if offset % limit and not call.offset_in_pages:
        raise Refusal("parameter", "the parameter `Offset` must be a multiple of `Limit`")
    return offset, limit


def _readable(call, service, identity):
    """The instance of that id, or the refusal that its absence or denial deserves."""
    one = service.fleet.find(call.credential.account, "v3", call.region, identity)
    if one is None:
        raise Refusal("instance")
    if one.denied:
        raise Refusal("denied")
    return one


def _span(call, service):
    """(begin, end) of the filter on the start, both included, None for open."""
    zone = service.fleet.settings.zone
    begin, end = call.params.time("BeginTime", zone), call.params.time("EndTime", zone)
    if begin is not None:
        until = int(service.clock.data()) if end is None else end
        if end is not None and begin > end:
            raise Refusal("parameter", "BeginTime is after EndTime")
        if until - begin > MAX_SPAN:
            raise Refusal("parameter", "the time span must not exceed 30 days")
    return begin, end


def _statuses(call):
    """The status filter as a set."""
    asked = call.params.integers("Status")
    for code in asked:
        if code not in FILTER_CODES:
            raise Refusal("parameter", "the parameter `Status` has no value %d" % code)
    return frozenset(asked or DEFAULT_FILTER)


def describe_instance_backups(call, service):
    params, account = call.params, call.credential.account
    offset, limit = _paging(call, 100)
    begin, end = _span(call, service)
    statuses = FILTER_CODES if call.ignore_status else _statuses(call)
    identity, name = params.text("InstanceId", None), params.text("InstanceName", None)
    low, high = begin if begin is not None else float("-inf"), end if end is not None else float("inf")

    def wanted(backup):
        return low <= backup.start <= high and (backup.status in statuses or backup.status not in FILTER_CODES)

    fleet = service.fleet
    if identity is None:
        key = (account, call.region, name, begin, end, frozenset(statuses))
        found = fleet.selected(lambda: fleet.swept(account, "v3", call.region, name), wanted, key)
    else:
        one = _readable(call, service, identity)
        found = fleet.selected(
            lambda: one.backups, lambda backup: wanted(backup) and (not name or name in one.name), None
        )
    total, rows = page(call, found, offset, limit, backup_row)
    return {"TotalCount": total, "BackupSet": rows}


def describe_instances(call, service):
    offset, limit = _paging(call, 1000)
    tests = _instance_tests(call.params)
    found = [
        one
        for one in service.fleet.listed(call.credential.account, "v3", call.region)
        if all(test(one) for test in tests)
    ]
    total, rows = page(call, _ordered(call.params, found), offset, limit, instance_row)
    return {"TotalCount": total, "InstanceSet": rows}


def _instance_tests(params):
    """One test for each filter that was sent."""
    identity, identities = params.text("InstanceId", None), params.texts("InstanceIds")
    name, key, keys = params.text("InstanceName", None), params.text("SearchKey", None), params.texts("SearchKeys")
    statuses, projects = params.integers("Status"), params.integers("ProjectIds")
    tags, tag_keys = params.tags("InstanceTags"), params.texts("TagKeys")
    tests = (
        (identity, lambda one: one.id == identity),
        (identities, lambda one: one.id in identities),
        (name, lambda one: one.name == name),
        (key, lambda one: key in one.name),
        (keys, lambda one: any(word in one.name or word in (one.id, one.ip) for word in keys)),
        (statuses, lambda one: one.status in statuses),
        (projects, lambda one: one.project in projects),
        (tags, lambda one: any(one.tags.get(tag) == value for tag, value in tags)),
        (tag_keys, lambda one: any(tag in one.tags for tag in tag_keys)),
    )
    return [test for value, test in tests if value]


ORDERS = {
    "projectid": lambda one: one.project,
    "createtime": lambda one: one.created_text,
    "instancename": lambda one: one.name,
    "type": lambda one: one.type,
    "curdeadline": lambda one: one.deadline_text,
}


def _ordered(params, found):
    """By OrderBy, descending unless OrderType is 0; without it in the order of the fleet file."""
    order, direction = params.text("OrderBy", None), params.integer("OrderType", 1, high=1)
    if order is None:
        return found
    key = ORDERS.get(order.strip().lower())  # the documented example has a blank at its end
    if key is None:
        raise Refusal("parameter", "the parameter `OrderBy` has no value %s" % order)
    return sorted(found, key=key, reverse=direction == 1)


def describe_auto_backup_config(call, service):
    auto = _readable(call, service, call.params.text("InstanceId")).auto_backup
    return {
        "AutoBackupType": 1,
        "WeekDays": auto["week_days"],
        "TimePeriod": auto["window"],
        "BackupStorageDays": auto["days"],
        "BinlogStorageDays": 7,
    }


def describe_backup_url(call, service):
    """The files of a backup, an address for each network: the new form, and beside it the lists that are to go."""
    call.params.text("InstanceId")
    limit = call.params.text("LimitType", "NoLimit")
    if limit not in LIMIT_TYPES:
        raise Refusal("parameter", "the parameter `LimitType` has no value %s" % limit)
    found = hand_out(call, service, call.params.text("BackupId"), LIFETIME)
    names, addresses = [name.split("/")[-1] for name, _size, _address in found], [address for *_rest, address in found]
    return {
        "DownloadUrl": addresses,
        "InnerDownloadUrl": addresses,
        "Filenames": names,
        "BackupInfos": [
            {"FileName": name, "FileSize": size, "DownloadUrl": address, "InnerDownloadUrl": address}
            for name, (_path, size, address) in zip(names, found)
        ],
    }


def describe_backup_detail(call, service):
    """What a backup is of. `MemSize` is that of one shard, in MB; the type is the other way round than in a listing, as documented."""
    one = _readable(call, service, call.params.text("InstanceId"))
    backup = find(one, call.params.text("BackupId"), service)
    return {
        "BackupId": backup.id,
        "StartTime": backup.start_text,
        "EndTime": backup.end_text,
        "BackupType": "1" if backup.type == "manual" else "0",
        "Status": backup.status,
        "Remark": backup.remark,
        "Locked": backup.locked,
        "BackupSize": backup.size,
        "InstanceType": one.type,
        "MemSize": one.size,
        "ShardNum": backup.file.instance_shards,
        "ReplicasNum": 1,
        "Encrypted": backup.encrypted,
        "DecryptKey": "madeupDecryptKey" if backup.encrypted else "",
    }


def describe_backup_download_restriction(call, service):
    """From which networks backups of the region can be downloaded."""
    nothing = {"VpcComparisonSymbol": "", "IpComparisonSymbol": "", "LimitVpc": [], "LimitIp": []}
    return {"LimitType": service.fleet.settings.downloads, **nothing}


def describe_product_info(call, service):
    """What is sold in every region, whichever region is named in the request."""
    return {"RegionSet": [region_row(code) for code in service.fleet.settings.regions]}


ACTIONS = {
    "DescribeInstanceBackups": (
        describe_instance_backups,
        {"InstanceId", "InstanceName", "Limit", "Offset", "BeginTime", "EndTime", "Status"},
    ),
    "DescribeInstances": (
        describe_instances,
        {
            "Limit",
            "Offset",
            "InstanceId",
            "InstanceIds",
            "InstanceName",
            "SearchKey",
            "SearchKeys",
            "Status",
            "ProjectIds",
            "InstanceTags",
            "TagKeys",
            "OrderBy",
            "OrderType",
        },
    ),
    "DescribeAutoBackupConfig": (describe_auto_backup_config, {"InstanceId"}),
    "DescribeBackupUrl": (
        describe_backup_url,
        {"InstanceId", "BackupId", "LimitType", "VpcComparisonSymbol", "IpComparisonSymbol", "LimitVpc", "LimitIp"},
    ),
    "DescribeBackupDownloadRestriction": (describe_backup_download_restriction, set()),
    "DescribeBackupDetail": (describe_backup_detail, {"InstanceId", "BackupId"}),
    "DescribeProductInfo": (describe_product_info, set()),
}
