# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""API 3.0, which lists backups with DescribeInstanceBackups: its queries and rows. Private to this collection.

Sources: the vendor's pages of DescribeInstanceBackups, DescribeInstances, DescribeAutoBackupConfig, DescribeBackupUrl,
DescribeBackupDetail and DescribeProductInfo (version 2018-04-12).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .._errors import BadResponse, InvalidOption
from .._times import format_api_time
from . import backups, instances
from .backups import BackupRecord
from .base import (
    Api,
    BackupConfig,
    BackupFile,
    Page,
    Row,
    address_of,
    distinct_files,
    rows_of,
    total_of,
)
from .instances import ALL, InstanceRecord, Wanted
from .regions import to_long
from .v3_service import V3Service

#: Codes of the filter: in process, normal, converting, converted, expired. Those of the result differ. Without a filter the
#: API shows only normal ones. (-2, deleted, is not requested.)
_EVERY_STATUS = [1, 2, 3, 4, -1]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: What ``LimitType`` of downloads means.
_NETWORKS: dict[str | None, str] = {
    "NoLimit": "all networks",
    "LimitOnlyIntranet": "private networks only",
    "Customize": "some networks or addresses",
}
_BACKUP_FIELDS: dict[str, str | None] = {
    "instance_id": "InstanceId",
    "instance_name": "InstanceName",
    "region": "Region",
    "backup_id": "BackupId",
    "type_code": "BackupType",
    "status_code": "Status",
    "locked": "Locked",
    "remark": "Remark",
    "start_time": "StartTime",
    "end_time": "EndTime",
    "expire_time": "ExpireTime",
    "size_bytes": "BackupSize",
    "file_type": "FileType",
    "encrypted": "Encrypted",
}


class ApiV3(V3Service, Api):
    """Pages of backups and instances over API 3.0."""

    service = "redis"
    api = "2018-04-12"
    version = "v3"
    action = "DescribeInstanceBackups"
    instances_action = "DescribeInstances"
    instances_page_size = 1000
    files_action = "DescribeBackupUrl"
    regions_action: str = "DescribeProductInfo"
    config_action: str = "DescribeAutoBackupConfig"
    knows_tags = True
    shows_each_file = True
    #: The API states no limit: a listing reaches as far back as its ``begin``.
    horizon_seconds = None
    #: The API allows thirty days. One hour less, because where summer time begins, the clock shows an hour more than has passed.
    max_span_seconds = 30 * 86400 - 3600
    can_sweep = True
    offset_may_count_pages = False

    def backups_page(
        self, instance_id: str | None, begin: datetime | None, end: datetime | None, offset: int, limit: int
    ) -> Page[BackupRecord]:
        params: dict[str, Any] = {"Limit": limit, "Offset": offset, "Status": _EVERY_STATUS}
        if instance_id is not None:
            params["InstanceId"] = instance_id
        for name, moment in (("BeginTime", begin), ("EndTime", end)):
            if moment is not None:
                params[name] = format_api_time(moment, self.zone)

        def parse(payload: Row) -> Page[BackupRecord]:
            total = total_of(payload.get("TotalCount"), "TotalCount")
            rows = rows_of(payload.get("BackupSet"), "BackupSet", total)
            return Page([self._backup(row, instance_id) for row in rows], total)

        return self.ask(self.action, params, parse, instance_id)

    def instances_page(self, offset: int, limit: int, wanted: Wanted = ALL) -> Page[InstanceRecord]:
        params: dict[str, Any] = {"Limit": limit, "Offset": offset}
        codes = instances.status_codes(wanted.statuses)
        if codes:
            params["Status"] = codes
        if wanted.tags:
            # Whether several tags are joined by "and" or by "or" isn't documented: one is sent, and the caller checks all.
            name, value = next(iter(sorted(wanted.tags.items())))
            params["InstanceTags"] = [{"TagKey": name, "TagValue": value}]
        if wanted.name:
            params["SearchKey"] = wanted.name
        if wanted.project_ids:
            params["ProjectIds"] = list(wanted.project_ids)

        def parse(payload: Row) -> Page[InstanceRecord]:
            total = total_of(payload.get("TotalCount"), "TotalCount")
            rows = rows_of(payload.get("InstanceSet"), "InstanceSet", total)
            return Page([instances.of_v3(row, self.zone, self.region) for row in rows], total)

        return self.ask(self.instances_action, params, parse)

    def regions(self) -> list[str]:
        def parse(payload: Row) -> list[str]:
            rows = rows_of(payload.get("RegionSet"), "RegionSet", None)
            codes = [backups.as_text(row.get("RegionId")) for row in rows]
            if not codes:
                raise BadResponse("RegionSet has no region")
            try:
                return list(dict.fromkeys(to_long(code or "") for code in codes))
            except InvalidOption as error:
                raise BadResponse(f"RegionSet has an invalid entry: {error.reason}") from None

        return self.ask(self.regions_action, {}, parse)

    def auto_backup_config(self, instance_id: str) -> BackupConfig:
        def parse(payload: Row) -> BackupConfig:
            week_days = payload.get("WeekDays")
            if not isinstance(week_days, list) or [day for day in week_days if day not in _DAYS]:
                raise BadResponse("WeekDays is not a list of days")
            if len(set(week_days)) != len(week_days):
                raise BadResponse("WeekDays has a day twice")
            return {
                "retention_days": backups.as_int(payload.get("BackupStorageDays")),
                "week_days": week_days,
                "window": backups.as_text(payload.get("TimePeriod")),
            }

        return self.ask(self.config_action, {"InstanceId": instance_id}, parse, instance_id)

    def backup_files(self, instance_id: str, backup_id: str, internal: bool) -> list[BackupFile]:
        name = "InnerDownloadUrl" if internal else "DownloadUrl"

        def parse(payload: Row) -> list[BackupFile]:
            rows = rows_of(payload.get("BackupInfos"), "BackupInfos", None)
            return distinct_files(
                [
                    BackupFile(
                        backups.as_text(row.get("FileName")) or "",
                        max(0, backups.as_int(row.get("FileSize")) or 0),
                        address_of(row.get(name), f"BackupInfos.{name}"),
                    )
                    for row in rows
                ]
            )

        return self.ask(self.files_action, {"InstanceId": instance_id, "BackupId": backup_id}, parse, instance_id)

    def backup_shards(self, instance_id: str, backup_id: str) -> int | None:
        """Nothing else of the answer is read: it may hold the key of an encrypted backup."""

        def parse(payload: Row) -> int:
            shards = backups.as_int(payload.get("ShardNum"))
            if shards is None or shards < 1:
                raise BadResponse("ShardNum is not a count")
            return shards

        return self.ask("DescribeBackupDetail", {"InstanceId": instance_id, "BackupId": backup_id}, parse, instance_id)

    def download_restriction(self) -> str | None:
        def parse(payload: Row) -> str | None:
            return _NETWORKS.get(backups.as_text(payload.get("LimitType")))

        return self.ask("DescribeBackupDownloadRestriction", {}, parse)

    def _backup(self, row: Row, asked: str | None) -> BackupRecord:
        """Return the record of a row. ``asked`` is the instance of the query, or None in a sweep.

        Raises BadResponse if the row is of another instance, since it would count as a backup of ``asked``.
        """
        record = backups.backup(row, _BACKUP_FIELDS, self.zone, self.region, asked)
        owner = backups.as_text(row.get("InstanceId"))
        if asked is None and not owner:
            raise BadResponse(f"backup {record['backup_id']} has no InstanceId")
        if asked is not None and owner and owner != asked:
            raise BadResponse(f"the response has a backup of {owner} instead")
        return record
