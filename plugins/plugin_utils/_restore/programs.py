# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers of this machine, and which of them can read a file. Private to this collection."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...module_utils._errors import InvalidOption
from .outcomes import NotPassed
from .rdb import Header
from .sandbox import Bounds, Box

NAMES = ("valkey-server", "redis-server")
_VERSION = re.compile(rb"\A(Redis|Valkey) server v=(\d{1,4})\.(\d{1,4})\.(\d{1,4}) ")
#: ``str`` of a Program.
_AS_TEXT = re.compile(r"(redis|valkey) (\d{1,4})\.(\d{1,4})\.(\d{1,4})", re.ASCII)
_REMEDY = "give the path of redis-server or valkey-server, or leave server out to use those of the PATH"
_VERSION_SECONDS = 20.0
_VERSION_MEMORY = 1 << 28
#: ``(server's version, newest RDB version that it reads)``, newest first. Older servers don't count the keys that they load.
_REDIS = (((8, 4), 13), ((7, 4), 12), ((7, 2), 11), ((7, 0), 10))
_VALKEY = (((7, 2), 11),)
#: Valkey's own RDB versions begin at 80, with their own magic. It reads no version between 11 and 80.
_VALKEY_OWN = (((9, 0), 80),)


class Program(NamedTuple):
    """A server, and the box in which it runs here."""

    path: str
    product: str
    version: tuple[int, int, int]
    box: Box

    @property
    def checker(self) -> str:
        """The name under which the same executable runs as a checker."""
        return f"{self.product}-check-rdb"

    @property
    def server(self) -> str:
        return f"{self.product}-server"

    def __str__(self) -> str:
        return "{} {}.{}.{}".format(self.product, *self.version)

    def reads(self, header: Header) -> bool:
        """Tell whether it can read the file, as far as its version goes."""
        return _reads(self.product, self.version, header.valkey, header.version)


def _newest(version: tuple[int, ...], table: Iterable[tuple[tuple[int, int], int]]) -> int:
    return next((newest for since, newest in table if version[:2] >= since), 0)


def _reads(product: str, server: tuple[int, ...], valkey: bool, version: int) -> bool:
    if product == "redis":
        return not valkey and version <= _newest(server, _REDIS)
    if valkey:
        return 80 <= version <= _newest(server, _VALKEY_OWN)
    return version <= _newest(server, _VALKEY)


def can_read(server: str, valkey: bool, version: int) -> bool:
    """Tell whether a server, as ``str`` of its Program, can read files of a version. Any other text can't."""
    found = _AS_TEXT.fullmatch(server)
    return found is not None and _reads(found[1], tuple(map(int, found.groups()[1:])), valkey, version)


def check_paths(named: Sequence[str]) -> None:
    """Raise InvalidOption for the first path that is not that of a program: a test with another server would not be the one asked for."""
    for path in named:
        if not os.path.isabs(path):
            raise InvalidOption(
                f"server {path!r} is not an absolute path: write it from the root, such as /usr/bin/redis-server"
            )
        if not os.path.isfile(path) or not os.access(path, os.X_OK):
            raise InvalidOption(f"server {path!r} is not a program of this machine: {_REMEDY}")


def check_servers(named: Sequence[str], boxes: Sequence[Box], folder: str) -> None:
    """Raise InvalidOption for the first program that is not a server. None is if it runs in none of the boxes."""
    for path in named:
        if _probe(path, boxes, folder) is None:
            raise InvalidOption(f"server {path!r} does not state its version as Redis and Valkey do: {_REMEDY}")


def paths(named: Sequence[str]) -> list[str]:
    """Return the servers named by the user, else those on the PATH."""
    if named:
        return list(named)
    return [found for found in map(shutil.which, NAMES) if found and os.path.isabs(found)]


def find(named: Sequence[str], boxes: Sequence[Box], folder: str) -> list[Program]:
    """Return the servers that run here, each in the strictest of the boxes in which it runs."""
    found = [_probe(path, boxes, folder) for path in paths(named)]
    return [program for program in found if program is not None]


def _probe(path: str, boxes: Sequence[Box], folder: str) -> Program | None:
    for box in boxes:
        bounds = Bounds(_VERSION_MEMORY, _VERSION_SECONDS)
        deadline = time.monotonic() + _VERSION_SECONDS
        ending = box.run(path, [os.path.basename(path), "--version"], folder, bounds, deadline)
        stated = _VERSION.search(ending.output) if ending and ending.status == 0 else None
        if stated:
            major, minor, patch = (int(number) for number in stated.groups()[1:])
            return Program(path, stated.group(1).decode().lower(), (major, minor, patch), box)
    return None


def choose(programs: Sequence[Program], header: Header) -> list[Program]:
    """Return the servers that can read the file, in their order, one of each version. Raises NotPassed if there are none."""
    able: dict[str, Program] = {}
    for program in programs:
        if program.reads(header):
            able.setdefault(str(program), program)
    if able:
        return list(able.values())
    here = ", ".join(map(str, programs)) or "none"
    magic = "VALKEY" if header.valkey else "REDIS"
    raise NotPassed("no_server", f"the file is {magic} version {header.version}; here: {here}")
