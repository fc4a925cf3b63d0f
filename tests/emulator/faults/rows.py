# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of single rows."""

from __future__ import annotations

from .predicates import backups, lists, v3_backups
from .registry import fault

# What a row can't do without, in both dialects.
NEEDED = {"backupid", "starttime", "status", "backuptype", "instanceid", "redisid"}


def _set_first(rows, names, value):
    """Give the first row of the page another value under whichever of the names it has."""
    for name in names:
        if rows and name in rows[0]:
            rows[0][name] = value


@fault("rows", when=lists, code=9)
def unknown_status(call, fault, rows):
    """The first row of each page has a status `code` that no document knows."""
    _set_first(rows, ("Status", "status"), fault["code"])


@fault("rows", when=backups, code="9")
def unknown_type(call, fault, rows):
    """The first row of each page has a backup type `code` that no document knows."""
    _set_first(rows, ("BackupType", "backupType"), fault["code"])


@fault("rows", when=v3_backups, instance_id="crs-elsewher")
def other_instance(call, fault, rows):
    """The rows say that they belong to another instance."""
    for row in rows:
        row["InstanceId"] = fault["instance_id"]


@fault("rows", when=lists)
def echo_row(call, fault, rows):
    """The first row's name or remark is the secret of the request's key pair and its token."""
    secrets = " ".join(part for part in (call.credential.secret_key, call.credential.token) if part)
    _set_first(rows, ("InstanceName", "redisName", "remark"), secrets)


@fault("rows", when=lists)
def nulls(call, fault, rows):
    """Every field that a row can do without is null."""
    for row in rows:
        row.update({name: None for name in row if name.lower() not in NEEDED})
