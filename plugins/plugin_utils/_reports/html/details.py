# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page holds of instances whose details its script shows on demand. Pure. Private to this collection.

A few numbers for each instance, and each distinct piece of HTML once for all of them: ten thousand instances have a
hundred thousand backups, and a few dozen different words for them. The pieces are made by the page's own templates, and
text of others is in them alone, escaped as everywhere on the page; the numbers are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from ..._record.model import InstanceEntry
from .heatmap import Cells, Start


class Gap(NamedTuple):
    """The longest time without a usable backup, and the two moments that it lies between, in seconds."""

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
        #: Of rules ``(outcome, rule, message)``, of backups ``(type, status)``, of sizes their words, of days their Cells.
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

        ``begun`` are the ``starts`` of its backups, ``cells`` its days, ``gap`` its largest Gap or None, ``now`` what its wall clock
        showed at the judgement, ``sizes`` the words for its backups' sizes, or nothing.
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
    """Return numbers of times: the first as it is, each other by how much earlier than the one before it is.

    Nothing for one that can't be read.
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
    """Return numbers, and one for all where all are the same."""
    return numbers[:1] if len(set(numbers)) == 1 else numbers


def _runs(numbers: Iterable[int]) -> str:
    """Return numbers as text, neighbours that are the same once: ``0,1x14``."""
    runs = ((number, len(list(group))) for number, group in groupby(numbers))
    return ",".join(f"{number}x{count}" if count > 1 else str(number) for number, count in runs)
