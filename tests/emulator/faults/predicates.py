# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which calls a fault can act on."""

from __future__ import annotations

BACKUP_LISTS = {"GetRedisBackupList", "DescribeInstanceBackups"}
INSTANCE_LISTS = {"DescribeRedis", "DescribeInstances"}


def lists(call):
    """Any list."""
    return call.action in BACKUP_LISTS | INSTANCE_LISTS


def backups(call):
    """A list of backups."""
    return call.action in BACKUP_LISTS


def later_page(call):
    """A page of any list after its first."""
    return lists(call) and call.offset > 0


def later_backups(call):
    """A page of backups after the first: what changes before it, changed between two pages."""
    return backups(call) and call.offset > 0


def v3_backups(call):
    """Rows that name their instance: only v3 has them."""
    return call.action == "DescribeInstanceBackups"
