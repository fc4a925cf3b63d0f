# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way in which a user meets the API, in this process, with a clock that makes minutes of milliseconds.

A surface is a function ``(options, folder)`` that returns what a user gets to see: FULL, PASS, or what else it is.
Module and inventory raise or return the kind of the error; the role gives its outcome and that kind.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections import namedtuple
from datetime import datetime, timezone

import yaml

from ansible_collections.qcloud.crs.plugins.module_utils import _connection
from ansible_collections.qcloud.crs.plugins.module_utils._api.instances import ALL
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError, Unreachable
from ansible_collections.qcloud.crs.plugins.module_utils._http import client as _client
from ansible_collections.qcloud.crs.plugins.module_utils._http.client import Client
from ansible_collections.qcloud.crs.plugins.module_utils._http.rate_limit import Pace
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.modules import crs_backup_info
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory import hosts
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import stored
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import write

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "plugins", "modules"))

from fault_cases import COUNT, FULL, ONE
from in_process import run_main

COLLECTION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")

#: How many times shorter a timeout is that has to run out.
SPEED = 600
#: What a surface showed, how many requests were sent, and how many seconds passed with the defaults of the options.
Seen = namedtuple("Seen", "result requests seconds text")


class _Time:
    """Moves by what is slept, and by a whole timeout when one ran out."""

    now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class _Hurried(Client):
    """A client with a clock of its own, for which ``timeout`` lasts ``speed`` times shorter, and no pause is random."""

    def __init__(self, *args, speed, **options):
        self.time = _Time()
        self._speed = speed
        own = {"clock": self.time.clock, "sleep": self.time.sleep, "chance": lambda: 1.0}
        pace = Pace(options.pop("pace")._wanted, self.time.clock, self.time.sleep)
        super().__init__(*args, pace=pace, **own, **options)

    def _attempt(self, message, seconds):
        began = time.monotonic()
        try:
            return super()._attempt(message, seconds / self._speed)
        except Unreachable:
            if time.monotonic() - began >= seconds / self._speed:
                self.time.sleep(seconds)
            raise


def look(surface, options, folder, monkeypatch, timed=False):
    """Return what a surface shows with the connection's ``options``, everything else at its default."""
    clients = []

    def make(*args, **more):
        clients.append(_Hurried(*args, speed=SPEED if timed else 1, **more))
        return clients[-1]

    if timed:
        monkeypatch.setattr(_client, "GRACE_SECONDS", 0.01)
    monkeypatch.setattr(_connection, "Client", make)
    result, text = surface(options, folder)
    return Seen(result, sum(client.requests for client in clients), max(client.time.now for client in clients), text)


def module(options, folder):
    """Run the module."""
    _code, result, printed = run_main(crs_backup_info.main, {**options, "instance_ids": [ONE]})
    if result.get("failed"):
        assert "backups" not in result
        return result["error"]["kind"], printed
    (instance,) = result["instances"]
    assert instance["complete"] is True and instance["error"] is None
    ids = {row["backup_id"] for row in result["backups"]}
    assert len(ids) == instance["total"] == len(result["backups"])
    assert abs(len(ids) - COUNT) <= 1
    return FULL, printed


def role(options, folder):
    """Audit with the role's defaults, and write all reports."""
    defaults = _defaults()
    values = {name: spec.get("default") for name, spec in connection_spec().items()}
    target = Scope({**values, **options}, defaults).target(ONE, defaults)
    record = run.run(run.connect_all([target]))
    paths, _warnings = write.write_all(record, str(folder))
    found = stored.read(paths["record"], datetime.now(timezone.utc))
    assert found.record == record
    (entry,) = record["instances"]
    assert record["complete"] is entry["complete"] is (entry["error"] is None)
    shown = "".join(_read(path) for path in paths.values())
    return (f"{entry['outcome']} ({entry['error']['kind']})" if entry["error"] else entry["outcome"]), shown


@functools.cache
def _defaults():
    return yaml.safe_load(_read(os.path.join(COLLECTION, "roles", "crs_backup_policy", "defaults", "main.yml")))


def inventory(options, folder):
    """List the instances of a region, as the inventory plugin does."""
    values = {name: spec.get("default") for name, spec in connection_spec().items()}
    source = hosts.Source(None, {**values, **options, "region": "ap-shanghai"})
    try:
        listed = _read_source(source)
    except CrsError as error:
        return error.kind, str(error)
    ids = {record["instance_id"] for record in listed.records}
    assert len(ids) == len(listed.records) == COUNT and all(one.startswith("crs-") for one in ids)
    return FULL, repr(listed)


def _read_source(source):
    environ = {f"TENCENTCLOUD_{name.upper()}": source.options.pop(name) for name in ("secret_id", "secret_key")}
    return hosts.read(source, lambda dialect: ALL, Keyring(environ, home="/nowhere"))


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


#: As the page names them: text of the head -> surface.
SURFACES = {
    ":ansplugin:`qcloud.crs.crs_backup_info#module`": module,
    ":ansplugin:`qcloud.crs.crs_backup_policy#role`": role,
    ":ansplugin:`qcloud.crs.crs#inventory`": inventory,
}
