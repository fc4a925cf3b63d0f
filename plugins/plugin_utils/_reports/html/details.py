# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data from which the page's script shows details of instances on demand. Pure. Private to this collection.

The page holds a few numbers for each instance, and each distinct piece of HTML once: ten thousand instances have a hundred
thousand backups, which a few dozen texts describe. The page's templates make the pieces and escape the texts in them. All else
is numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from ..._record.model import InstanceEntry
from .heatmap import Cells, Start


class Gap(NamedTuple):
    """The longest time without a usable backup, in seconds, and its begin and end, in seconds since 1970."""

    seconds: int
    begin: int
    end: int


class Pieces(dict[object, int]):
    """Distinct pieces, in the order in which they came: ``{piece: number}``."""

    def __missing__(self, piece: object) -> int:
        self[piece] = number = len(self)
        return number


class Details:
    """The details of a page's instances, and the pieces that they are made of."""

    def __init__(self) -> None:
        #: ``(outcome, rule, message)`` of rules; ``(type, status)`` of backups; texts of sizes; Cells.
        self.rules, self.kinds, self.sizes, self.cells = Pieces(), Pieces(), Pieces(), Pieces()
        #: Rows of the heat map, each as numbers of cells, ``0,1x14``.
        self.days = Pieces()
        self._rows: dict[Cells, int] = {}

    def of(
        self,
        entry: InstanceEntry,
        begun: Sequence[Start | None],
        cells: Cells,
        gap: Gap | None,
        now: int,
        sizes: Sequence[str],
    ) -> str:
        """Return an instance's details as text of numbers, which the page's script reads.

        ``begun`` are the ``starts`` of its backups, ``cells`` its days, ``gap`` its largest Gap or None, ``now`` the ``wall_clock`` of
        the judgement, ``sizes`` the texts of its backups' sizes, empty if the API shows none.
        """
        moments = [start and start[0] for start in begun]
        ends = [moments.index(when) if when in moments else "" for when in (gap.begin, gap.end)] if gap else []
        rules = entry["rules"] if entry["outcome"] == "pass" else []
        fields: tuple[Iterable[int | str], ...] = (
            [self.rules[verdict["outcome"], verdict["rule"], verdict["message"]] for verdict in rules],
            [self._row(cells)],
            _earlier([now, *(start and start[1] for start in begun)]),
            _shortest([self.kinds[backup["type"], backup["status"]] for backup in entry["backups"]]),
            _shortest([self.sizes[words] for words in sizes]),
            ends,
        )
        return "|".join([",".join(map(str, numbers)) for numbers in fields])

    def _row(self, cells: Cells) -> int:
        if cells not in self._rows:
            self._rows[cells] = self.days[_runs([self.cells[cell] for cell in cells])]
        return self._rows[cells]


def _earlier(times: Iterable[int | None]) -> list[int | str]:
    """Return times in seconds as shorter numbers: the first unchanged, each other as the difference to the time before it.

    An unreadable time is an empty text.
    """
    written: list[int | str] = []
    before = 0
    for when in times:
        if when is None:
            written.append("")
        else:
            written.append(before - when if written else when)
            before = when
    return written


def _shortest(numbers: list[int]) -> list[int]:
    """Return the numbers, or only the first if all are the same."""
    return numbers[:1] if len(set(numbers)) == 1 else numbers


def _runs(numbers: Iterable[int]) -> str:
    """Return numbers as text, runs of equal ones in short: ``0,1x14``."""
    runs = ((number, len(list(group))) for number, group in groupby(numbers))
    return ",".join(f"{number}x{count}" if count > 1 else str(number) for number, count in runs)
