# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a restore test, checked before any request. Private to this collection."""

from __future__ import annotations

import contextlib
import math
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...module_utils._api.instances import INSTANCE_ID
from ...module_utils._connection import verify
from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_duration
from . import programs, run, sandbox, signals, space, workdir
from .choice import SELECTIONS, Choice
from .download import ALLOWED_HOSTS, LOOPBACK
from .outcomes import NotPassed
from .server import Canary

#: Options of the test itself, without those of the connection and of the record.
TEST_SPEC: dict[str, dict[str, Any]] = {
    "backup_id": {"type": "str"},
    "select": {"type": "str", "choices": list(SELECTIONS), "default": "newest"},
    "within": {"type": "str"},
    "seed": {"type": "str"},
    "network": {"type": "str", "choices": ["public", "internal"], "default": "public"},
    "download_hosts": {"type": "list", "elements": "str", "default": list(ALLOWED_HOSTS)},
    "server": {"type": "list", "elements": "path", "default": []},
    "work_dir": {"type": "path"},
    "max_size": {"type": "bytes", "default": "8G"},
    "max_memory": {"type": "bytes"},
    "download_timeout": {"type": "str", "default": "30m"},
    "load_timeout": {"type": "str", "default": "10m"},
    "sandbox": {"type": "str", "choices": ["auto", "require"], "default": "auto"},
    "functions": {"type": "str", "choices": ["sandboxed", "refuse", "allow"], "default": "sandboxed"},
    "created_slack": {"type": "str", "default": "15m"},
    "expect": {
        "type": "dict",
        "options": {
            "files": {"type": "int"},
            "min_keys": {"type": "int", "default": 1},
            "min_key_ratio": {"type": "float"},
            "databases": {"type": "list", "elements": "int", "default": []},
            "canary": {
                "type": "dict",
                "options": {
                    "database": {"type": "int", "default": 0},
                    "key": {"type": "str", "required": True, "no_log": True},
                    "sha256": {"type": "str", "required": True, "no_log": True},
                },
            },
        },
    },
}
SPEC: dict[str, dict[str, Any]] = {
    "instance_id": {"type": "str", "required": True, "aliases": ["redis_id"]},
    "account": {"type": "str"},
    **TEST_SPEC,
    "record_dir": {"type": "path"},
    "record_mode": {"type": "raw", "default": "0640"},
    "fail_on": {"type": "str", "choices": ["not_passed", "failed", "never"], "default": "not_passed"},
}
_HOST = re.compile(r"(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{1,63}")
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_MAX_DATABASE = (1 << 16) - 1
#: The maximum of each time limit: a day.
MAX_SECONDS = 86400
#: A pebibyte. The system can't set limits that are far larger.
_MAX_BYTES = 1 << 50


class Baseline(NamedTuple):
    """The earlier test whose keys count for ``min_key_ratio``: the id of its record, and its number of keys."""

    id: str
    key_count: int


class Options(NamedTuple):
    """``files`` is how many files the backup must have, None for the number that the API says. ``slack`` is in seconds.

    ``key_ratio`` is the minimum ratio of its keys to those of the last test that passed, None for any. ``baseline`` is
    that test, None if no test passed or there is no ratio. ``baseline_known`` is False if a later record of one can't be read.
    """

    choice: Choice
    internal: bool
    slack: int
    files: int | None
    key_ratio: float | None
    settings: run.Settings
    expected: run.Expected
    baseline: Baseline | None = None
    baseline_known: bool = True


def parse(params: Mapping[str, Any]) -> Options:
    """Return the checked options of a test. Raises InvalidOption, which names option, value and remedy, and no secret."""
    expect = params.get("expect") or {}
    min_keys, files = expect.get("min_keys", 1), expect.get("files")
    _check_number("expect.min_keys", min_keys, 0)
    if files is not None:
        _check_number("expect.files", files, 1)
    ratio = expect.get("min_key_ratio")
    if ratio is not None:
        _check_ratio(ratio, params["record_dir"])
    _check_folders(params["work_dir"], params["record_dir"])
    return Options(
        choice=_choice(params),
        internal=params["network"] == "internal",
        slack=_seconds(params, "created_slack", 0),
        files=files,
        key_ratio=ratio,
        settings=_settings(params),
        expected=run.Expected(
            min_keys=min_keys, databases=_databases(expect.get("databases") or []), canary=_canary(expect.get("canary"))
        ),
    )


def compared(options: Options, baseline: Baseline | None, known: bool = True) -> Options:
    """Return the options with the minimum number of keys that follows from the last passed test, None if there is none.

    ``known`` is False if a record that may be of such a test can't be read.
    """
    ratio, expected = options.key_ratio, options.expected
    if ratio is None:
        return options
    if baseline is not None:
        expected = expected._replace(min_keys=max(expected.min_keys, least_keys(ratio, baseline.key_count)))
    return options._replace(baseline=baseline, baseline_known=known, expected=expected)


def least_keys(ratio: float, last_keys: int) -> int:
    """Return the minimum number of keys that follows from a ratio and the keys of the last passed test."""
    return math.ceil(ratio * last_keys)


def check_instance_id(value: str, name: str = "instance_id") -> None:
    if not INSTANCE_ID.fullmatch(value):
        raise InvalidOption(f"{name} {value!r} is not an instance id: write it as crs-a1b2c3d4")


def check_here(options: Options) -> None:
    """Raise InvalidOption for what this machine lacks: a folder to work in, and the servers that are named.

    What a killed test left in the folder is removed.
    """
    settings = options.settings
    with signals.deferred(), workdir.private(settings.work_dir) as folder:
        if settings.servers:
            # In any box: that there is no sandbox is not a matter of the server. The test itself reports what the machine refuses.
            with contextlib.suppress(OSError, NotPassed):
                programs.check_servers(settings.servers, sandbox.candidates("auto"), folder)


def check_folder(name: str, folder: object) -> None:
    """Raise InvalidOption for what is not the path of a folder. A blank one would mean the current folder."""
    if not isinstance(folder, str) or not folder.strip() or "\0" in folder:
        raise InvalidOption(f"{name} {folder!r} is not a folder: give the path of one, or leave it out")


def _check_folders(work_dir: str | None, record_dir: str | None) -> None:
    """Raise InvalidOption for blank folders, and for a folder of records where tests work: code of a file could write a record there."""
    for name, folder in (("work_dir", work_dir), ("record_dir", record_dir)):
        if folder is not None:
            check_folder(name, folder)
    if record_dir is None:
        return
    records, work = (os.path.realpath(folder) for folder in (record_dir, work_dir or workdir.default()))
    if os.path.commonpath([records, work]) == records:
        raise InvalidOption(
            f"record_dir {record_dir!r} contains the folder in which tests work, {work}, and all files below it are read as "
            "records: choose a record_dir for records alone, or another work_dir"
        )


def _choice(params: Mapping[str, Any]) -> Choice:
    if params["backup_id"] == "":
        raise InvalidOption("backup_id '' is empty: give the id of a backup, or leave it out")
    if params["backup_id"] is not None and params["within"] is not None:
        raise InvalidOption("backup_id and within are both set: a backup that is named needs no within, leave it out")
    if params["backup_id"] is not None and params["select"] != "newest":
        raise InvalidOption(
            f"backup_id and select are both set: a backup that is named is not selected, leave out select {params['select']!r}"
        )
    if params["seed"] is not None and params["select"] != "random":
        raise InvalidOption(
            f"seed {params['seed']!r} has no effect with select {params['select']!r}: set select to random, or leave seed out"
        )
    within = None if params["within"] is None else parse_duration(params["within"], "within")
    if within == 0:
        raise InvalidOption(f"within {params['within']!r} is zero, and no backup is that new: use a longer time")
    if params["select"] != "random":
        return Choice(params["backup_id"], params["select"], within)
    return Choice(params["backup_id"], params["select"], within, params["seed"] or secrets.token_hex(8))


def _settings(params: Mapping[str, Any]) -> run.Settings:
    programs.check_paths(params["server"])
    memory = params["max_memory"]
    if memory is not None:
        _check_bytes("max_memory", memory, space.MIN_MEMORY)
    _check_bytes("max_size", params["max_size"], 1)
    work_dir = params["work_dir"]
    return run.Settings(
        servers=tuple(params["server"]),
        download_hosts=_hosts(params["download_hosts"]),
        work_dir=None if work_dir is None else os.path.abspath(work_dir),
        max_size=params["max_size"],
        max_memory=memory or 0,
        download_timeout=_seconds(params, "download_timeout", 1),
        load_timeout=_seconds(params, "load_timeout", 1),
        sandbox=params["sandbox"],
        functions=params["functions"],
        verify=verify(params),
    )


def _seconds(params: Mapping[str, Any], name: str, lowest: int) -> int:
    seconds = parse_duration(params[name], name)
    if not lowest <= seconds <= MAX_SECONDS:
        raise InvalidOption(f"{name} is {params[name]}: use from {lowest}s to 24h")
    return seconds


def _hosts(hosts: Sequence[str]) -> tuple[str, ...]:
    if not hosts:
        raise InvalidOption("download_hosts is an empty list: name hosts, or leave it out for those of the vendor")
    for host in hosts:
        if host not in LOOPBACK and not _HOST.fullmatch(host):
            raise InvalidOption(
                f"download_hosts has {host!r}, which is not the name of a host: write it as *.myqcloud.com or "
                "files.example.com, without https:// and without a port"
            )
    return tuple(hosts)


def _databases(numbers: Sequence[int]) -> tuple[int, ...]:
    for number in numbers:
        _check_database("expect.databases has", number)
    return tuple(numbers)


def _check_database(subject: str, number: int) -> None:
    if not 0 <= number <= _MAX_DATABASE:
        raise InvalidOption(f"{subject} {number}: use a number from 0 to {_MAX_DATABASE}")


def _canary(canary: Mapping[str, Any] | None) -> Canary | None:
    """Return the canary. No error contains its key or hash."""
    if canary is None:
        return None
    _check_database("expect.canary.database is", canary["database"])
    if not canary["key"]:
        raise InvalidOption("expect.canary.key is blank: name a key, or leave the canary out")
    if not _SHA256.fullmatch(canary["sha256"]):
        raise InvalidOption("expect.canary.sha256 is not 64 hexadecimal digits: use the SHA-256 of the key's value")
    return Canary(canary["database"], canary["key"], canary["sha256"])


def _check_ratio(ratio: float, record_dir: str | None) -> None:
    # "not within" also catches NaN, which compares false with everything.
    if not 0 < ratio <= 1:
        raise InvalidOption(f"expect.min_key_ratio is {ratio}: use a number above 0, up to 1")
    if record_dir is None:
        raise InvalidOption(
            "expect.min_key_ratio needs record_dir, which has the records of earlier tests: set it, too"
        )


def _check_bytes(name: str, value: int, lowest: int) -> None:
    _check_number(name, value, lowest)
    if value > _MAX_BYTES:
        raise InvalidOption(f"{name} is {value}: use {_MAX_BYTES} or less")


def _check_number(name: str, value: int, lowest: int) -> None:
    if value < lowest:
        raise InvalidOption(f"{name} is {value}: use {lowest} or more")
