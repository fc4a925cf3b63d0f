# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a backup: what the `file` part of a fleet file says of them, and where they are handed out.

A backup that says nothing has one good file. Files are made when an address is asked for, and stay the same then.
"""

from __future__ import annotations

import hashlib

from .errors import FleetError, Refusal
from .model import Record
from .rdb import Snapshot, flipped, junk
from .section import Section
from .times import instant

KEYS = {
    "path",
    "shards",
    "instance_shards",
    "repeated",
    "version",
    "magic",
    "writer",
    "created",
    "undated",
    "used_memory",
    "keys",
    "expired",
    "databases",
    "checksum",
    "library",
    "module",
    "duplicate",
    "hint",
    "flip",
    "cut",
    "append",
    "encrypted",
    "size",
    "refused",
}
# The engine of an instance -> the version that its servers write.
VERSIONS = {"2.8": 6, "3.2": 7, "4.0": 8, "5.0": 9, "6.2": 9, "7.0": 10, "8.0": 11}
DOWNLOADABLE = {2, 4}
CLUSTER_DOWNLOADABLE = {4}  # API 2.0 hands out a cluster's files after ExportRedisBackup only


def read_file(where, item, backup, now):
    """What the fleet file says of a backup's files; `size` is what the API claims, if not the truth."""
    section = Section(where, item, KEYS)
    version = section.number("version", VERSIONS.get(backup.instance.engine_version, 9))
    if section.number("shards", 1) < 0:
        raise FleetError("%s: must not be negative" % section.path("shards"))
    return Record(
        path=section.text("path", None),
        shards=section.number("shards", 1),
        instance_shards=section.number("instance_shards", section.number("shards", 1)),
        repeated=section.flag("repeated", False),
        version=version,
        magic=section.text("magic", None),
        writer=section.text("writer", None),
        created=section.convert("created", lambda text: instant(text, now), None) or backup.start,
        undated=section.flag("undated", False),
        used_memory=section.number("used_memory", 1 << 20),
        keys=section.number("keys", 100),
        expired=section.number("expired", 0),
        databases=section.number("databases", 1),
        checksum=section.flag("checksum", True),
        functions=section.text("library", None),
        module=section.flag("module", False),
        duplicate=section.flag("duplicate", False),
        hint=section.number("hint", None),
        flip=section.number("flip", None),
        cut=section.number("cut", 0),
        append=section.text("append", ""),
        encrypted=section.flag("encrypted", False),
        size=section.number("size", None),
        refused=section.flag("refused", False),
    )


def make(about, shard=0):
    """The bytes of one file; `shard` counts from 0."""
    if about.path is not None:
        with open(about.path, "rb") as stream:
            return stream.read()
    data = _snapshot(about, 0 if about.repeated else shard).data()
    if about.flip is not None:
        data = flipped(data, about.flip % len(data))
    data = data[: len(data) - about.cut] + about.append.encode()
    return junk(len(data)) if about.encrypted else data


def _snapshot(about, shard):
    """Each key is in one shard only."""
    snapshot = Snapshot(
        about.version,
        about.magic,
        None if about.undated else about.created,
        about.used_memory,
        about.writer,
        checksum=about.checksum,
    )
    if about.functions is not None:
        snapshot.functions(about.functions)
    for number in range(about.databases):
        snapshot.database(number, None if about.hint is None else (about.hint, 0))
        snapshot.keys(about.keys, first=shard * about.keys)
        snapshot.keys(about.expired, "expired", first=shard * about.expired, expires=about.created - 1)
    if about.module:
        snapshot.module_key("module")
    return snapshot.key("key:%d" % (shard * about.keys)) if about.duplicate else snapshot


def names(backup):
    """The names of a backup's files, one for each shard; the digest keeps those of two backups of one minute apart."""
    one, digest = backup.instance, hashlib.sha256(backup.id.encode()).hexdigest()[:8]
    return [
        "%s/%s-redis-server-%s-%s-%d-ignore.rdb" % (one.id, digest, one.engine_version, backup.start, shard + 1)
        for shard in range(backup.file.shards)
    ]


def find(one, backup_id, service):
    """The instance's backup of that id with what is known of its files, or the refusal that its absence deserves."""
    backup = next((found for found in one.backups if found.id == backup_id), None)
    if backup is None:
        raise Refusal("no_backup")
    if backup.file is None:
        backup.file = read_file("file", {}, backup, int(service.clock.data()))
    return backup


def hand_out(call, service, backup_id, lifetime):
    """[(name, size, address)] of the files of the instance's backup, or the refusal that the call deserves."""
    one = service.fleet.find(call.credential.account, call.api, call.region, call.instances[0])
    if one is None:
        raise Refusal("instance")
    if one.denied:
        raise Refusal("denied")
    backup = find(one, backup_id, service)
    if backup.status not in (CLUSTER_DOWNLOADABLE if call.api == "v2" and one.is_cluster else DOWNLOADABLE):
        raise Refusal("backup_status")
    storage, found = service.storage, []
    for shard, name in enumerate(names(backup)):
        if storage.data(name) is None:
            storage.put(name, make(backup.file, shard), backup.file.refused)
        size = len(storage.data(name)) if backup.file.size is None else backup.file.size
        found.append((name, size, storage.address(service.url, name, lifetime)))
    return found
