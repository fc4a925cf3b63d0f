# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The restore test of one instance: list, choose, request addresses, run, and write a record. Private to this collection."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Callable, NamedTuple

from ...module_utils._api.base import Api, BackupFile
from ...module_utils._errors import CrsError, Denied, InvalidOption, InvalidRequest
from ...module_utils._listing.lister import Lister
from . import record, run
from .choice import Chosen, choose
from .options import Options
from .outcomes import NotPassed
from .workdir import NotWiped


class Subject(NamedTuple):
    """Which instance is tested; ``account`` is what the user calls its account, or None."""

    instance_id: str
    account: str | None


def test(api: Api, subject: Subject, options: Options, check_mode: bool = False) -> record.Record:
    """Return the record of a test.

    Raises only InvalidOption, for options that can't work here, and NotWiped, for data of a backup that is left behind.
    """
    begun = _Test(api, subject, options)
    try:
        begun.perform(check_mode)
    except NotPassed as problem:
        begun.report.end(problem)
    except (InvalidOption, NotWiped):
        raise
    except CrsError as error:
        begun.report.end(begun.refused(error))
    origin = record.Origin(subject.instance_id, subject.account, api.region, api.version, api.client.endpoint.url)
    asked = record.Asked(options, begun.files, begun.chosen)
    return record.build(origin, asked, begun.report, begun.error, begun.began)


class _Test:
    """A running test, and what is known so far, even if it ends early."""

    def __init__(self, api: Api, subject: Subject, options: Options) -> None:
        self.began = datetime.now(timezone.utc)
        self.report = run.Report()
        self.chosen: Chosen | None = None
        self.files: int | None = options.files
        self.error: CrsError | None = None
        self._api = api
        self._instance_id = subject.instance_id
        self._options = options

    def perform(self, check_mode: bool) -> None:
        chosen = self._choose()
        if check_mode:
            raise NotPassed("check_mode")
        try:
            files, sources = self._sources(chosen)
        except InvalidRequest:
            # It may have expired since it was listed.
            chosen = self._choose()
            files, sources = self._sources(chosen)
        expected = self._options.expected._replace(
            files=files,
            created=chosen.created,
            utc_offset=self._utc_offset(chosen),
            encrypted=chosen.backup["encrypted"],
        )
        run.run(sources, self._options.settings, expected, self.report)
        if self.report.outcome == "passed" and not self._options.baseline_known:
            # Only now: a bad backup has failed, whatever earlier tests found.
            raise NotPassed("baseline_unreadable")
        if self.report.word == "download_refused":
            self._say_restriction()

    def refused(self, error: CrsError) -> NotPassed:
        """Keep an error of the API, and return the NotPassed for it."""
        self.error = error
        return NotPassed("api_error", str(error))

    def _choose(self) -> Chosen:
        with self.report.timed("list"):
            lister = Lister(self._api, self.began, concurrency=1)
            (listing,) = lister.instances([self._instance_id], stop_at_error=True)
        self.chosen = choose(listing.backups, self._options.choice, self.began, self._options.slack)
        return self.chosen

    def _utc_offset(self, chosen: Chosen) -> float:
        """Return the seconds from UTC of the API's zone when the backup began."""
        offset = datetime.fromtimestamp(chosen.created.start, self._api.zone).utcoffset()
        return offset.total_seconds() if offset else 0

    def _sources(self, chosen: Chosen) -> tuple[int, list[run.Source]]:
        """Return how many files the backup must have, and those that the API shows."""
        with self.report.timed("address"):
            self.files = wanted = self._options.files or self._shards(chosen)
            if wanted > 1 and not self._api.shows_each_file:
                raise NotPassed("single_file")
            files = self.addresses(chosen)
        return wanted, [
            run.Source(self._address(chosen, files, number), file.size) for number, file in enumerate(files)
        ]

    def _say_restriction(self) -> None:
        """Add the region's setting to the message. If the setting can't be read, the message still says that the download was refused."""
        try:
            networks = self._api.download_restriction()
        except CrsError:
            return
        if networks:
            self.report.message += f" (the region's setting allows downloads from {networks})"

    def _shards(self, chosen: Chosen) -> int:
        try:
            shards = self._api.backup_shards(self._instance_id, chosen.backup["backup_id"])
        except Denied as error:
            self.error = error
            raise NotPassed("shards_unknown") from None
        if shards is None:
            raise NotPassed("single_file")
        return shards

    def addresses(self, chosen: Chosen) -> list[BackupFile]:
        return self._api.backup_files(self._instance_id, chosen.backup["backup_id"], self._options.internal)

    def _address(self, chosen: Chosen, files: list[BackupFile], number: int) -> Callable[[], str]:
        """Return a function that returns a file's address: first the one already received, then a new one at each call."""
        at_hand = [files[number].address]

        def address() -> str:
            if at_hand:
                return at_hand.pop()
            try:
                again = self.addresses(chosen)
            except CrsError as error:
                raise self.refused(error) from None
            if [file.name for file in again] != [file.name for file in files]:
                raise NotPassed("api_error", "it returned other files of the backup than before")
            return again[number].address

        return address
