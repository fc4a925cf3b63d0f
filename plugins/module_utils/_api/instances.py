# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of instances: from the rows of both API versions to one form, and filters for them.

Private to this collection. Sources: the vendor's pages of DescribeInstances and DescribeRedis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import NamedTuple, TypedDict

from .._errors import BadResponse, plain
from .backups import as_int, as_moment, as_text
from .base import Row, rows_of


class _Common(TypedDict):
    """What both API versions say of an instance."""

    instance_id: str
    instance_name: str | None
    #: One of STATUS_WORDS, and the API's own code.
    status: str
    status_code: int | None
    created_time: str | None
    #: When a prepaid instance ends.
    deadline_time: str | None


class InstanceRecord(_Common):
    """An instance. What the API doesn't say is None; times are ISO 8601 in UTC."""

    region: str
    #: The availability zone.
    zone_id: int | None
    engine: str | None
    engine_version: str | None
    architecture: str | None
    type_code: int | None
    size_mb: int | None
    billing: str | None
    project_id: int | None
    project_name: str | None
    private_ip: str | None
    port: int | None
    vpc_id: str | None
    subnet_id: str | None
    tags: dict[str, str] | None


STATUSES: dict[int | None, str] = {
    0: "initializing",
    1: "processing",
    2: "running",
    -2: "isolated",
    -3: "to_be_deleted",
}
STATUS_WORDS = (*STATUSES.values(), "unknown")
#: Valid instance ids: those that can be names of hosts, since they go into patterns, files and URLs.
#: The vendor's begin with crs-; those of a private cloud may not.
INSTANCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
#: Names that mean something else as a host: implicit hosts and groups of Ansible, and the inventory plugin's own group.
_TAKEN = frozenset(("localhost", "all", "ungrouped", "crs"))
_BILLING: dict[int | None, str] = {0: "postpaid", 1: "prepaid"}

#: API 3.0's Type: (engine, its version, architecture).
_TYPES: dict[int | None, tuple[str, str | None, str | None]] = {
    2: ("Redis", "2.8", "standard"),
    3: ("CKV", "3.2", "standard"),
    4: ("CKV", "3.2", "cluster"),
    5: ("Redis", "2.8", "standalone"),
    6: ("Redis", "4.0", "standard"),
    7: ("Redis", "4.0", "cluster"),
    8: ("Redis", "5.0", "standard"),
    9: ("Redis", "5.0", "cluster"),
    15: ("Redis", "6.2", "standard"),
    16: ("Redis", "6.2", "cluster"),
    17: ("Redis", "7.0", "standard"),
    18: ("Redis", "7.0", "cluster"),
    19: ("Valkey", "8.0", None),
    20: ("Valkey", "8.0", None),
    21: ("Valkey", "8.0", None),
    22: ("Valkey", "8.0", None),
    200: ("Memcached", None, None),
}
#: The typeId of API 2.0 says only the architecture.
_V2_ARCHITECTURES: dict[int | None, str] = {1: "cluster", 2: "standard"}


class Wanted(NamedTuple):
    """A filter for instances. An empty field selects all."""

    #: Words of STATUS_WORDS.
    statuses: tuple[str, ...] = ()
    #: An instance has to have all of these tags, with these values.
    tags: Mapping[str, str] = {}
    #: A part of the name.
    name: str | None = None
    project_ids: tuple[int, ...] = ()


ALL = Wanted()


def of_v3(row: Row, zone: tzinfo, region: str) -> InstanceRecord:
    """Return the record of a row of ``InstanceSet``. ``zone`` is that of its times; ``region`` is used if the row has none."""
    type_code = as_int(row.get("Type"))
    engine, version, architecture = _TYPES.get(type_code, (as_text(row.get("Engine")), None, None))
    return {
        **_common(row, "InstanceId", "InstanceName", "Status", "Createtime", "DeadlineTime", zone),
        "region": as_text(row.get("Region")) or region,
        "zone_id": as_int(row.get("ZoneId")),
        "engine": engine,
        "engine_version": version,
        "architecture": architecture,
        "type_code": type_code,
        "size_mb": as_int(row.get("Size")),
        "billing": _BILLING.get(as_int(row.get("BillingMode"))),
        "project_id": as_int(row.get("ProjectId")),
        "project_name": as_text(row.get("ProjectName")),
        "private_ip": as_text(row.get("WanIp")) or None,
        "port": as_int(row.get("Port")),
        "vpc_id": as_text(row.get("UniqVpcId")) or None,
        "subnet_id": as_text(row.get("UniqSubnetId")) or None,
        "tags": _tags(row.get("InstanceTags")),
    }


def of_v2(row: Row, zone: tzinfo, region: str) -> InstanceRecord:
    """Return the record of a row of ``data.redisSet``. ``zone`` is that of its times; what API 2.0 doesn't say is None."""
    type_code = as_int(row.get("typeId"))
    return {
        **_common(row, "redisId", "redisName", "status", "createtime", "deadlineTime", zone),
        "region": region,
        "zone_id": as_int(row.get("zoneId")),
        "engine": "Redis",
        "engine_version": None,
        "architecture": _V2_ARCHITECTURES.get(type_code),
        "type_code": type_code,
        "size_mb": as_int(row.get("size")),
        "billing": None,
        "project_id": as_int(row.get("projectId")),
        "project_name": None,
        "private_ip": as_text(row.get("wanIp")) or None,
        "port": as_int(row.get("port")),
        "vpc_id": as_text(row.get("unVpcId")) or None,
        "subnet_id": as_text(row.get("unSubnetId")) or None,
        "tags": None,
    }


def is_wanted(record: InstanceRecord, wanted: Wanted) -> bool:
    """Tell whether a record passes the filter. The API may not have applied all of it."""
    tags = record["tags"] or {}
    return (
        (not wanted.statuses or record["status"] in wanted.statuses)
        and (not wanted.name or wanted.name.lower() in (record["instance_name"] or "").lower())
        # Both API versions filter by project, so a row without a project is one of them.
        and (not wanted.project_ids or record["project_id"] in (None, *wanted.project_ids))
        and all(tags.get(name) == value for name, value in wanted.tags.items())
    )


def unfit(record: InstanceRecord) -> BadResponse | None:
    """Return None, or a BadResponse if the instance's id can't be the name of a host."""
    instance_id = record["instance_id"]
    if INSTANCE_ID.fullmatch(instance_id) and instance_id not in _TAKEN:
        return None
    return BadResponse(
        f"the instance {plain(instance_id, 100)!r} is left out: its id can't be used as a host name, which has "
        "at most 64 letters, digits, - and _, and is not one of " + ", ".join(sorted(_TAKEN)),
        max_retries=0,
    )


def status_codes(words: Iterable[str]) -> list[int | None] | None:
    """Return the codes of these statuses for the API's filter, or None for no filter: the codes of ``unknown`` aren't documented."""
    return None if "unknown" in words else [code for code, word in STATUSES.items() if word in words]


def _common(
    row: Row, id_name: str, name_name: str, status_name: str, created_name: str, deadline_name: str, zone: tzinfo
) -> _Common:
    instance_id = as_text(row.get(id_name))
    if not instance_id:
        raise BadResponse(f"an instance has no {id_name}")
    status_code = as_int(row.get(status_name))
    return {
        "instance_id": instance_id,
        "instance_name": as_text(row.get(name_name)),
        "status": STATUSES.get(status_code, "unknown"),
        "status_code": status_code,
        "created_time": as_moment(row.get(created_name), zone),
        "deadline_time": as_moment(row.get(deadline_name), zone),
    }


def _tags(rows: object) -> dict[str, str]:
    """Return ``{name: value}``. (The field ``Tags`` has other things: anti-affinity labels.)"""
    pairs = [
        (as_text(row.get("TagKey")) or "", as_text(row.get("TagValue")) or "")
        for row in rows_of(rows, "InstanceTags", 0)
    ]
    tags = dict(sorted(pair for pair in pairs if pair[0]))
    if len(tags) != len(pairs):
        raise BadResponse("InstanceTags has a tag without a key, or one twice")
    return tags
