# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API 2.0: `/v2/index.php`, parameters in a query or a form, integer codes.

Sources: the API pages of GetRedisBackupList and DescribeRedis, and the page of common error codes.
"""

from __future__ import annotations

from .errors import Refusal
from .files import hand_out
from .messages import Call
from .model import STATUS_TEXT, TYPE_CODES
from .paging import page
from .params import Params, unflatten
from .regions import REGIONS, long_code

PATH = "/v2/index.php"
COMMON = {
    "Action",
    "Region",
    "Timestamp",
    "Nonce",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Token",
    "Version",
    "RequestClient",
    "RequestSource",
}
HORIZON = 7 * 86400  # "you can just query the backups for the last 7 days"
DOWNLOAD_LIFETIME = 12 * 3600
MAX_LIMIT = 100  # documented for DescribeRedis only; taken to hold for both


def read(request):
    """The call that a request carries; what can't be read is kept as `problem`, for its signature comes first."""
    call = Call(request, "v2")
    sent = request.form()
    call.common = {name: value for name, value in sent.items() if name in COMMON}
    call.action = sent.get("Action", "")
    call.action = call.action[:1].upper() + call.action[1:]
    call.version = sent.get("Version", "")
    call.region_sent = sent.get("Region", "")
    call.region = long_code(call.region_sent)
    try:
        values = unflatten({name: value for name, value in sent.items() if name not in COMMON})
    except Refusal as refusal:
        values, call.problem = {}, refusal
    call.params = Params(values, typed=False)
    if isinstance(values.get("redisId"), str):
        call.instances = [values["redisId"]]
    call.offset = _lenient(values.get("offset"))
    call.limit = _lenient(values.get("limit"))
    return call


def _lenient(text):
    """A number for the log and for faults that look at the offset; the strict reading comes later."""
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 18 else 0


def refuse(refusal):
    """The envelope of an error: no data, no totalCount."""
    code, description, message = refusal.v2
    return {"code": code, "message": message, "codeDesc": description}


def answer(call, service):
    """The envelope of a success, or a Refusal."""
    if not call.action:
        raise Refusal("missing", "the common parameter `Action` is required")
    if call.action not in ACTIONS:
        raise Refusal("action")
    if call.region is None:
        raise Refusal(
            "region" if call.region_sent else "missing", "the common parameter `Region` is missing or unknown"
        )
    total, data = ACTIONS[call.action](call, service)
    return {"code": 0, "message": "", "codeDesc": "Success", "totalCount": total, "data": data}


def get_redis_backup_list(call, service):
    params, fleet = call.params, service.fleet
    limit, offset = params.integer("limit", low=1, high=MAX_LIMIT), params.integer("offset")
    instance_id = params.text("redisId")
    zone = fleet.settings.zone
    begin, end = params.time("beginTime", zone), params.time("endTime", zone)
    if begin is not None and end is not None and begin > end:
        raise Refusal("parameter", "beginTime is after endTime")
    one = fleet.find(call.credential.account, "v2", call.region, instance_id)
    if one is None:
        raise Refusal("instance")
    if one.denied:
        raise Refusal("denied")
    earliest = int(service.clock.data()) - HORIZON
    low = earliest if begin is None else max(begin, earliest)
    found = fleet.selected(
        lambda: one.backups, lambda backup: low <= backup.start and (end is None or backup.start <= end), None
    )
    total, rows = page(call, found, offset, limit, backup_row)
    return total, {"redisBackupSet": rows}


def backup_row(backup):
    """One of data.redisBackupSet: no size, no end, no instance."""
    return {
        "startTime": backup.start_text,
        "backupId": backup.id,
        "backupType": TYPE_CODES[backup.type][0],
        "status": backup.status,
        "remark": backup.remark,
        "locked": backup.locked,
    }


def describe_redis(call, service):
    params, fleet = call.params, service.fleet
    limit, offset = params.integer("limit", low=1, high=MAX_LIMIT), params.integer("offset")
    identity, name = params.text("redisId", None), params.text("redisName", None)
    projects = params.integers("projectIds")
    found = [
        one
        for one in fleet.listed(call.credential.account, "v2", call.region)
        if (identity is None or one.id == identity)
        and (name is None or one.name == name)
        and (not projects or one.project in projects)
    ]
    total, rows = page(call, found, offset, limit, instance_row)
    return total, {"redisSet": rows}


def instance_row(one):
    """One of data.redisSet, its numbers in quotes as in the documented example."""
    return {
        "redisName": one.name,
        "redisId": one.id,
        "appid": "1250000000",
        "projectId": str(one.project),
        "regionId": str(REGIONS[one.region][1]),
        "zoneId": str(one.zone),
        "vpcId": "11133673",
        "unVpcId": one.vpc,
        "subnetId": "2282634",
        "unSubnetId": one.subnet,
        "status": str(one.status),
        "statusDesc": STATUS_TEXT.get(one.status, ""),
        "wanIp": one.ip,
        "port": str(one.port),
        "createtime": one.created_text,
        "size": str(one.size),
        "sizeUsed": "0",
        "typeId": "1" if one.is_cluster else "2",
        "typeIddesc": "集群版" if one.is_cluster else "主从版",
        "autoRenewFlag": "0",
        "deadlineTime": one.deadline_text,
    }


def get_backup_download_url(call, service):
    """One file, an address for each network; its size is not stated."""
    call.params.text("redisId")
    found = hand_out(call, service, call.params.text("backupId"), DOWNLOAD_LIFETIME)
    return 0, {"intranet": found[0][2], "extranet": found[0][2]}


ACTIONS = {
    "GetRedisBackupList": get_redis_backup_list,
    "DescribeRedis": describe_redis,
    "GetBackupDownloadUrl": get_backup_download_url,
}
