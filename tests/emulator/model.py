# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulated service holds: credentials, roles, instances and their backups."""

from __future__ import annotations

import hashlib

# The word in the fleet file -> the code that both dialects answer.
STATUS_CODES = {"locked": 1, "normal": 2, "exporting": 3, "exported": 4, "expired": -1}
# The word in the fleet file -> (v2 backupType, v3 BackupType). v2 is older than backups made by a change of specification.
TYPE_CODES = {
    "manual": ("manualBackupInstance", "0"),
    "system": ("systemBackupInstance", "1"),
    "spec_change": ("systemBackupInstance", "2"),
}
ENGINE_VERSIONS = {
    2: "2.8",
    3: "3.2",
    4: "3.2",
    5: "2.8",
    6: "4.0",
    7: "4.0",
    8: "5.0",
    9: "5.0",
    15: "6.2",
    16: "6.2",
    17: "7.0",
    18: "7.0",
    19: "8.0",
    20: "8.0",
    21: "8.0",
    22: "8.0",
}
# An instance's status -> the service's own words, in Chinese in either language.
STATUS_TEXT = {0: "待初始化", 1: "流程中", 2: "运行中", -2: "已隔离", -3: "待删除"}
CLUSTER_TYPES = {4, 7, 9, 16, 18, 20, 22}


def backup_id(instance_id, label):
    """An id that depends on place alone, never on time, so that two runs over one fleet file compare."""
    digest = hashlib.sha256(("%s/%s" % (instance_id, label)).encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


class Record:
    """A plain holder of the attributes it is given."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def __repr__(self):
        return "%s(%s)" % (
            type(self).__name__,
            ", ".join("%s=%r" % item for item in self.__dict__.items() if "key" not in item[0]),
        )


class Credential(Record):
    """secret_id, secret_key, token (None for a permanent pair), account, denied_actions, expires (Unix seconds or None)."""


class Role(Record):
    """arn, account, expires_in (the longest life of its credentials, seconds), denied_actions, web_identity.

    The last is the (provider, token) that may take it without a key, or None.
    """


class Instance(Record):
    """One Redis instance; every attribute is set by `loader.instance`, `backups` is sorted by the fleet."""

    @property
    def is_cluster(self):
        return self.type in CLUSTER_TYPES

    @property
    def engine_version(self):
        return ENGINE_VERSIONS.get(self.type, "6.2")


class Backup:
    """One backup: times in Unix seconds with their bare text beside them, made once because each is sent many times."""

    __slots__ = (
        "encrypted",
        "end_text",
        "expire_text",
        "file",
        "id",
        "instance",
        "locked",
        "remark",
        "size",
        "start",
        "start_text",
        "status",
        "type",
    )

    def __init__(
        self,
        instance,
        label,
        zone,
        start,
        end=None,
        expire=None,
        type="system",
        status=2,
        remark="",
        locked=0,
        size=1048576,
        encrypted=False,
        id=None,
        file=None,
    ):
        self.id = id or backup_id(instance.id, label)
        self.instance = instance
        self.start = start
        self.type = type
        self.status = status
        self.remark = remark
        self.locked = locked
        self.size = size
        self.encrypted = encrypted
        self.file = file  # what files.read_file makes of the fleet file, None for a good one
        self.start_text = zone.text(start)
        self.end_text = zone.text(start + 21 if end is None else end)
        self.expire_text = zone.text(start + instance.auto_backup["days"] * 86400 if expire is None else expire)
