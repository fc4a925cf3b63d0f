# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `instances` and `generate` parts of a fleet file."""

from __future__ import annotations

import hashlib

from .errors import FleetError
from .files import read_file
from .model import STATUS_CODES, TYPE_CODES, Backup, Instance
from .regions import REGIONS, long_code
from .section import Section
from .times import duration, instant

WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
INSTANCE_KEYS = {
    "id",
    "name",
    "account",
    "api",
    "region",
    "created",
    "status",
    "tags",
    "denied",
    "visible",
    "gone",
    "hidden",
    "auto_backup",
    "schedule",
    "backups",
    "engine",
    "type",
    "size",
    "project",
    "project_name",
    "zone",
    "vpc",
    "subnet",
    "ip",
    "port",
    "deadline",
    "offline",
    "closed",
}
GENERATE_KEYS = (INSTANCE_KEYS - {"id"}) | {"count", "prefix"}
BACKUP_KEYS = {"id", "start", "type", "status", "remark", "end", "expire", "size", "locked", "encrypted", "file"}


def read_instance(where, item, context):
    """One instance with its backups; `context` holds now, zone and the default account."""
    section = Section(where, item, INSTANCE_KEYS)
    one = read_attributes(section, context)
    add_backups(section, one, context)
    return one


def read_attributes(section, context):
    """An instance that has no backup yet."""
    identity = section.text("id")

    def when(key, default):
        return section.convert(key, lambda text: instant(text, context.now), default)

    return Instance(
        id=identity,
        name=section.text("name", identity),
        account=section.text("account", context.account),
        api=read_apis(section),
        region=section.convert("region", region, "ap-guangzhou"),
        created_text=context.zone.text(when("created", "-90d")),
        deadline_text=context.zone.text(when("deadline", None)),
        # The service answers "" for the one and zeros for the other when an instance is in use.
        offline_text=context.zone.text(when("offline", None)) if section.raw("offline", None) else "",
        closed_text=context.zone.text(when("closed", None)),
        status=section.number("status", 2),
        tags={str(key): str(value) for key, value in section.table("tags").items()},
        denied=section.flag("denied", False),
        visible=section.flag("visible", False),
        gone=section.flag("gone", False),
        hidden=section.flag("hidden", False),
        engine=section.text("engine", "Redis"),
        type=section.number("type", 15),
        size=section.number("size", 1024),
        project=section.number("project", 0),
        project_name=section.text("project_name", "默认项目"),
        zone=section.number("zone", 100002),
        vpc=section.text("vpc", "vpc-demo0001"),
        subnet=section.text("subnet", "subnet-demo0001"),
        ip=section.text("ip", "10.0.1.61"),
        port=section.number("port", 6379),
        auto_backup=read_auto_backup(section),
        backups=[],
    )


def add_backups(section, one, context):
    if section.raw("schedule", None) is not None:
        one.backups.extend(scheduled(section.path("schedule"), section.raw("schedule"), one, context))
    for index, (path, backup) in enumerate(section.items("backups")):
        one.backups.append(read_backup(path, backup, one, index, context))


def generated(where, item, context):
    """`count` instances alike, their ids eight characters that depend on prefix and number alone."""
    section = Section(where, item, GENERATE_KEYS)
    prefix = section.text("prefix", "crs-gen")
    common = {key: value for key, value in item.items() if key not in ("count", "prefix", "name")}
    name = section.text("name", prefix)
    # Read once: they differ in id, name and backups alone, and may be thousands.
    section_of_one = Section(where, dict(common, id=prefix), INSTANCE_KEYS)
    attributes = vars(read_attributes(section_of_one, context))
    for number in range(section.number("count")):
        tail = hashlib.sha256(("%s/%d" % (prefix, number)).encode()).hexdigest()[:8]
        own = {"id": "crs-" + tail, "name": "%s-%05d" % (name, number), "backups": []}
        one = Instance(**{**attributes, **own})
        add_backups(section_of_one, one, context)
        yield one


def region(text):
    if long_code(text) is None:
        raise ValueError("%r is none of %s" % (text, ", ".join(REGIONS)))
    return long_code(text)


def read_apis(section):
    found = section.texts("api", ["v2", "v3"])
    if not set(found) <= {"v2", "v3"}:
        raise FleetError("%s: only v2 and v3 exist" % section.path("api"))
    return frozenset(found)


def read_auto_backup(section):
    """What DescribeAutoBackupConfig answers: week_days, window, days (retention)."""
    auto = Section(section.path("auto_backup"), section.raw("auto_backup", {}), {"week_days", "window", "days"})
    days = auto.texts("week_days", WEEK)
    if not set(days) <= set(WEEK):
        raise FleetError("%s: weekdays are written %s" % (auto.path("week_days"), ", ".join(WEEK)))
    return {"week_days": days, "window": auto.text("window", "01:00-02:00"), "days": auto.number("days", 7)}


def status_code(word):
    """A word of the fleet file, or a raw code that the service may have and we may not know."""
    if isinstance(word, int) and not isinstance(word, bool):
        return word
    if word not in STATUS_CODES:
        raise ValueError("%r is neither a number nor one of %s" % (word, ", ".join(STATUS_CODES)))
    return STATUS_CODES[word]


def scheduled(where, item, one, context):
    """`count` backups, the last at `last`, each `every` before the next; number 0 is the newest."""
    section = Section(where, item, {"every", "last", "count", "type", "status", "size"})
    last = section.convert("last", lambda text: instant(text, context.now), "-3h")
    every = section.convert("every", duration, "24h")
    kind = section.choice("type", TYPE_CODES, "system")
    status = section.convert("status", status_code, "normal")
    size = section.number("size", 1048576)
    return [
        Backup(one, "schedule-%d" % number, context.zone, last - number * every, type=kind, status=status, size=size)
        for number in range(section.number("count", 7))
    ]


def read_backup(where, item, one, index, context):
    section = Section(where, item, BACKUP_KEYS)

    def when(key, *default):
        return section.convert(key, lambda text: instant(text, context.now), *default)

    backup = Backup(
        one,
        "backup-%d" % index,
        context.zone,
        when("start"),
        when("end", None),
        when("expire", None),
        type=section.choice("type", TYPE_CODES, "system"),
        status=section.convert("status", status_code, "normal"),
        remark=section.text("remark", ""),
        locked=section.number("locked", 0),
        size=section.number("size", 1048576),
        encrypted=section.flag("encrypted", False),
        id=section.text("id", None),
    )
    if section.raw("file", None) is not None:
        backup.file = read_file(section.path("file"), section.raw("file"), backup, context.now)
    return backup
