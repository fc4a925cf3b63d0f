# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sanity, unit and integration tests on every promised ansible-core, with every Python that is here for it.

python matrix.py [CORE ...]     such as 2.16 2.21; all of them if none is named

Two cells at a time, each with a home and results of its own. Sanity tests look at all Pythons by themselves, and run once
for each core; so do the unit tests of modules on the oldest promised Python. The last line is the totals.
"""

from __future__ import annotations

import os
import pathlib
import queue
import shutil
import subprocess
import sys
import threading
import time

import pythons
import totals

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: What each ansible-core runs on, as its own release notes say: (oldest, newest) minor version of Python 3.
CORES = {"2.16": (10, 12), "2.17": (10, 12), "2.18": (11, 13), "2.19": (11, 13), "2.20": (12, 14), "2.21": (12, 14)}
LANES = 2


def pythons_for(core: str) -> list[tuple[tuple[int, int], pathlib.Path]]:
    """(version, executable) of each Python here that runs an ansible-core, the newest first."""
    oldest, newest = CORES[core]
    return [(version, path) for version, path in pythons.pythons().items() if oldest <= version[1] <= newest]


def cells(cores: list[str]) -> list[tuple[str, str, str, str]]:
    """(core, Python's version, its executable, make targets), the longest first."""
    found = []
    for core in cores:
        for number, (version, path) in enumerate(pythons_for(core)):
            targets = "units-controller integration" if number else "sanity units integration"
            found.append((core, f"3.{version[1]}", str(path), targets))
    return sorted(found, key=lambda cell: "sanity" not in cell[3])


def run(cell: tuple[str, str, str, str], lane: int) -> tuple[int, float]:
    """Run one cell and return make's exit code and the seconds it took. Its output is printed if it fails."""
    core, version, path, targets = cell
    began = time.monotonic()
    log = ROOT / ".cache" / "logs" / f"matrix-{core}-{version}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = ["make", *targets.split(), f"CORE={core}", f"PYTHON={path}"]
    environment = {**os.environ, "CRS_LANE": f"-lane{lane}", "CRS_RESULTS": str(results(core, version))}
    with log.open("w", encoding="utf-8") as stream:
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=stream, stderr=subprocess.STDOUT)
    if done.returncode:
        print(f"\n== ansible-core {core}, Python {version}\n" + log.read_text(encoding="utf-8"), flush=True)
    return done.returncode, time.monotonic() - began


def results(core: str, version: str) -> pathlib.Path:
    return ROOT / "tests" / "output" / "matrix" / f"{core}-{version}"


def run_all(wanted: list[tuple[str, str, str, str]]) -> dict[tuple[str, str, str, str], tuple[int, float]]:
    todo: queue.SimpleQueue[tuple[str, str, str, str]] = queue.SimpleQueue()
    for cell in wanted:
        todo.put(cell)
    done: dict[tuple[str, str, str, str], tuple[int, float]] = {}

    def work(lane: int) -> None:
        while True:
            try:
                cell = todo.get_nowait()
            except queue.Empty:
                return
            done[cell] = run(cell, lane)
            print(f"ansible-core {cell[0]}, Python {cell[1]}: {cell[3]}: exit code {done[cell][0]}", flush=True)

    lanes = [threading.Thread(target=work, args=(number,)) for number in range(LANES)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    return done


def main() -> int:
    unknown = [core for core in sys.argv[1:] if core not in CORES]
    if unknown:
        print(f"error: no such ansible-core here: {', '.join(unknown)} (of {', '.join(CORES)})")
        return 1
    cores = sys.argv[1:] or list(CORES)
    wanted = cells(cores)
    bare = [core for core in cores if core not in {cell[0] for cell in wanted}]
    began = time.monotonic()
    shutil.rmtree(results("", "").parent, ignore_errors=True)
    done = run_all(wanted)

    print("\ncore  Python  seconds  result")
    sums = [0, 0, 0]
    for cell in sorted(done):
        runners = totals.read_results(results(cell[0], cell[1]))
        for name, one in runners.items():
            totals.print_notes(f"{cell[0]}, {cell[1]}, {name}", one)
        counts = [sum(getattr(one, what) for one in runners.values()) for what in ("passed", "failed", "skipped")]
        # A step that fails without a failed test is a failure too, and so is a cell where nothing ran.
        if (done[cell][0] and not counts[1]) or not counts[0]:
            counts[1] += 1
        sums = [total + count for total, count in zip(sums, counts)]
        print(f"{cell[0]}  {cell[1]:<6}  {done[cell][1]:>7.0f}  {totals.text(*counts)}")
    for core in bare:
        print(f"error: no Python here runs ansible-core {core}: 3.{CORES[core][0]} to 3.{CORES[core][1]} do")
        sums[1] += 1
    print(f"all of them in {time.monotonic() - began:.0f} s")
    print(f"matrix: {totals.text(*sums)}")
    return 1 if sums[1] or not sums[0] else 0


if __name__ == "__main__":
    sys.exit(main())
