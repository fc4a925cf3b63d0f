# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore test of one backup: download each of its files, check, load, count, compare, wipe. Private to this collection.

*passed* needs all of it, for each file: the checker reads the file to its last byte, a server that we started answers after
loading it, the server's loaded and expired keys are as many as the checker read, and the file is the right one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Callable, NamedTuple

from . import checker, programs, rdb, sandbox, server, signals, space, workdir
from .choice import Window, fitting_zone
from .download import ALLOWED_HOSTS, Bounds, Downloaded, download
from .outcomes import NotPassed
from .sandbox import DUMP

PHASES = ("list", "address", "download", "header", "check", "load", "count", "canary", "wipe")
#: The phases that a restore needs.
RESTORE_PHASES = ("download", "check", "load")
#: Codes that say something of a server, and nothing of the file: the next server may test it.
INDECISIVE = ("server_aborted", "server_unusable", "invalid_answer", "checker_unusable", "no_server")


class Source(NamedTuple):
    """One file of a backup. ``address()`` asks for a new download address; ``size`` is 0 if the API doesn't say."""

    address: Callable[[], str]
    size: int = 0


class Settings(NamedTuple):
    """Sizes are in bytes and timeouts in seconds. ``max_memory`` 0 is half of the free memory."""

    servers: Sequence[str] = ()
    download_hosts: Sequence[str] = ALLOWED_HOSTS
    work_dir: str | None = None
    max_size: int = 8 << 30
    max_memory: int = 0
    download_timeout: float = 1800.0
    load_timeout: float = 600.0
    sandbox: str = "auto"
    functions: str = "sandboxed"
    verify: bool | str = True


class Expected(NamedTuple):
    """What a good backup has. ``created`` is when its file may have begun, and ``utc_offset`` that of the API's zone at its start, in seconds.

    ``encrypted`` is what the API says of its files, None if it says nothing.
    """

    files: int = 1
    min_keys: int = 1
    databases: Sequence[int] = ()
    canary: server.Canary | None = None
    created: Window | None = None
    utc_offset: float = 0
    encrypted: bool | None = False


class Report:
    """What is known of a test so far; ``as_dict`` has neither addresses nor anything out of the data."""

    def __init__(self) -> None:
        self.outcome = "unknown"
        self.word: str | None = None
        self.message = ""
        self.files: list[dict[str, Any]] = []
        self.seconds: dict[str, float] = dict.fromkeys(PHASES, 0.0)
        self.wiped = False

    def as_dict(self) -> dict[str, Any]:
        seconds = {phase: round(spent, 3) for phase, spent in self.seconds.items()}
        return {
            "outcome": self.outcome,
            "word": self.word,
            "message": self.message,
            "files": self.files,
            "keys": sum(file.get("keys", 0) for file in self.files),
            "seconds": seconds,
            # The sum of rounded values: the rounded sum could be larger than the phases shown.
            "restore_seconds": round(sum(seconds[phase] for phase in RESTORE_PHASES), 3),
            "wiped": self.wiped,
        }

    def end(self, problem: NotPassed) -> None:
        self.outcome, self.word, self.message = problem.outcome, problem.word, str(problem)

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[phase] += time.monotonic() - began


def run(sources: Sequence[Source], settings: Settings, expected: Expected, report: Report | None = None) -> Report:
    """Return the report with the result of the test added.

    Raises only InvalidOption, for options that can't work here, and NotWiped, for a folder that can't be removed.
    """
    report = report or Report()
    with signals.deferred():
        began = [time.monotonic()]
        try:
            with workdir.private(settings.work_dir) as folder:
                try:
                    _Test(report, settings, expected, folder).all(sources)
                    report.outcome = "passed"
                except NotPassed as problem:
                    report.end(problem)
                except OSError as error:
                    report.end(_refused(error))
                began.append(time.monotonic())
            report.wiped = True
        finally:
            report.seconds["wipe"] += time.monotonic() - began[-1]
    return report


def _refused(error: OSError) -> NotPassed:
    """Return the NotPassed for an error of the system, such as a refused process. Its text is not used, since it may contain a path."""
    if error.errno in space.DISK_FULL:
        return NotPassed("no_disk_space")
    return NotPassed("system_error", error.strerror or "")


def _inconclusive(tried: Sequence[tuple[programs.Program, NotPassed]]) -> NotPassed:
    """Return the NotPassed for a file that no server decided: its abort, since that says the most, else the result of the first."""
    words = [problem.word for _program, problem in tried]
    word = next((word for word in words if word == "server_aborted"), words[0])
    said = [f"{program}, {problem.detail}" if problem.detail else str(program) for program, problem in tried]
    return NotPassed(word, "; ".join(said))


class _Test:
    def __init__(self, report: Report, settings: Settings, expected: Expected, folder: str) -> None:
        self._report = report
        self._settings = settings
        self._expected = expected
        self._folder = folder
        self._dump = os.path.join(folder, DUMP)
        self._memory = settings.max_memory or space.default_memory()
        self._programs: list[programs.Program] = []

    def all(self, sources: Sequence[Source]) -> None:
        if len(sources) < self._expected.files:
            raise NotPassed("missing_files", f"{len(sources)} of {self._expected.files}")
        self._check_sizes(sources)
        self._programs = self._find_programs()
        for source in sources:
            self._one(source)
        keys = sum(file["keys"] for file in self._report.files)
        if keys < self._expected.min_keys:
            raise NotPassed("too_few_keys", f"{keys} instead of at least {self._expected.min_keys}")
        self._check_databases()
        if self._expected.canary and not any(file.get("canary") for file in self._report.files):
            raise NotPassed("canary_expired" if self._has_expired() else "canary_missing")

    def _find_programs(self) -> list[programs.Program]:
        """Return the servers that run here, before anything is downloaded. Raises NotPassed if there are none."""
        settings = self._settings
        boxes = sandbox.candidates(settings.sandbox)
        found = programs.find(settings.servers, boxes, self._folder)
        if not found:
            lacks_box = settings.sandbox == "require" and programs.paths(settings.servers)
            raise NotPassed("no_sandbox" if lacks_box else "no_server")
        return found

    def _check_sizes(self, sources: Sequence[Source]) -> None:
        total = sum(source.size for source in sources)
        if total > self._settings.max_size:
            raise NotPassed("too_large", f"{total} of {self._settings.max_size} bytes")
        space.check_disk(self._folder, total)

    def _check_databases(self) -> None:
        found = {number for file in self._report.files for number in file["databases"]}
        missing = sorted(set(self._expected.databases) - found)
        if missing:
            word = "database_expired" if self._has_expired() else "missing_database"
            raise NotPassed(word, f"database {missing[0]}")

    def _has_expired(self) -> bool:
        """Tell whether the server skipped expired keys: then a missing key may have been in the file."""
        return any(file["expired"] for file in self._report.files)

    def _one(self, source: Source) -> None:
        """Test one file, and delete it to make room for the next."""
        facts: dict[str, Any] = {}
        self._report.files.append(facts)
        with self._report.timed("download"):
            facts.update(self._download(source)._asdict())
        try:
            self._check_distinct(facts)
            self._test(facts)
        finally:
            with self._report.timed("wipe"):
                os.unlink(self._dump)

    def _check_distinct(self, facts: dict[str, Any]) -> None:
        """Raise NotPassed if an earlier file with keys is the same one: each key is in one shard only. Empty shards may be equal."""
        if any(file["sha256"] == facts["sha256"] and file["keys"] for file in self._report.files[:-1]):
            raise NotPassed("file_twice")

    def _download(self, source: Source) -> Downloaded:
        """Download a file. If the address is refused, it may have expired: try again with a new one."""
        try:
            return self._fetch(source)
        except NotPassed as problem:
            if problem.word != "download_refused":
                raise
        os.unlink(self._dump)
        return self._fetch(source)

    def _fetch(self, source: Source) -> Downloaded:
        settings = self._settings
        room = settings.max_size - sum(file.get("size", 0) for file in self._report.files)
        bounds = Bounds(room, settings.download_timeout, settings.download_hosts, settings.verify)
        return download(source.address(), self._dump, source.size, bounds)

    def _test(self, facts: dict[str, Any]) -> None:
        with self._report.timed("header"):
            able = self._read_header(facts)
        known = facts.copy()
        tried: list[tuple[programs.Program, NotPassed]] = []
        for program in able:
            facts.clear()
            facts.update(known, server=str(program), sandbox=program.box.kind)
            try:
                return self._restore(program, facts)
            except NotPassed as problem:
                if problem.word not in INDECISIVE:
                    raise
                tried.append((program, problem))
            finally:
                facts["tried"] = [{"server": str(program), "code": problem.word} for program, problem in tried]
        raise _inconclusive(tried)

    def _restore(self, program: programs.Program, facts: dict[str, Any]) -> None:
        """Check and load the file with one server."""
        bounds = sandbox.Bounds(self._memory, self._settings.load_timeout)
        with self._report.timed("check"):
            checked = checker.check(program, self._folder, bounds)
        facts.update(keys=checked.keys, expires=checked.expires, checksum="verified" if checked.verified else "absent")
        with server.running(program, self._folder, bounds) as running:
            with self._report.timed("load"):
                running.wait()
            with self._report.timed("count"):
                loaded = running.count()
            facts.update(loaded=loaded.loaded, expired=loaded.expired, databases=loaded.databases)
            if loaded.libraries and not facts["functions"] and self._settings.functions != "allow":
                raise NotPassed("functions_hidden")
            if loaded.loaded + loaded.expired != checked.keys:
                raise NotPassed("count_mismatch", f"{loaded.loaded + loaded.expired} instead of {checked.keys}")
            if self._expected.canary:
                with self._report.timed("canary"):
                    facts["canary"] = running.has(self._expected.canary)

    def _read_header(self, facts: dict[str, Any]) -> list[programs.Program]:
        """Return the servers for the file. Raises NotPassed if its header rules out a test."""
        with open(self._dump, "rb") as file:
            header = rdb.read(file, self._expected.encrypted)
        facts.update(
            format="VALKEY" if header.valkey else "REDIS",
            version=header.version,
            writer=header.writer,
            created=header.created,
            used_memory=header.used_memory,
            functions=header.functions,
        )
        self._check_created(header)
        if header.module:
            raise NotPassed("module_data")
        space.check_memory(header.used_memory, self._memory)
        able = programs.choose(self._programs, header)
        facts.update(server=str(able[0]), sandbox=able[0].box.kind)
        if header.functions:
            able = [program for program in able if self._may_run_functions(program)]
        if not able:
            raise NotPassed("functions_refused")
        return able

    def _check_created(self, header: rdb.Header) -> None:
        """Raise NotPassed if the file is from another time, or should say its time and doesn't. Version 6 has none to compare."""
        if self._expected.created is None:
            return
        if header.created is None:
            if rdb.is_dated(header.valkey, header.version):
                raise NotPassed("undated_file")
            return
        window = self._expected.created
        if window.first <= header.created <= window.last:
            return
        distance = header.created - window.start
        zone = fitting_zone(distance, self._expected.utc_offset)
        if zone:
            raise NotPassed("zone_in_doubt", f"{distance:+.0f} s after its start; timezone {zone} would fit")
        raise NotPassed("wrong_backup", f"{distance:+.0f} s after its start")

    def _may_run_functions(self, program: programs.Program) -> bool:
        choice = self._settings.functions
        return choice == "allow" or (choice == "sandboxed" and program.box.is_sandbox)
