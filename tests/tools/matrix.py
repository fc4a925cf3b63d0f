# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that another ansible-core or another Python can make fail.

python matrix.py [--whole] [--after-test] [CORE ...]     such as 2.16 2.21; all of them if none is named

A cell is a pair of ansible-core and Python. There is one for each ansible-core, on Pythons that differ as far as they can:

- each: does everything compile and import, do modules match their documentation (sanity tests QUICK), and the integration
  targets of IN_EACH_CELL;
- the oldest and the newest ansible-core: sanity whole, and all unit tests.

--after-test leaves out the cell of the ansible-core that "make test" has just run all tests on.

With --whole there is a cell for each pair, with all unit tests and integration targets; and once for each ansible-core,
sanity whole and the unit tests on the oldest Python.

Some cells run at a time, each with a home and results of its own. The last line is the totals.
"""

from __future__ import annotations

import argparse
import functools
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import threading
import time
import traceback
from typing import NamedTuple

import pythons
import totals

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: What each ansible-core runs on, as its own release notes say: (oldest, newest) minor version of Python 3.
CORES = {"2.16": (10, 12), "2.17": (10, 12), "2.18": (11, 13), "2.19": (11, 13), "2.20": (12, 14), "2.21": (12, 14)}
#: A module, an audit with all its reports, and what variables mean: what would break first.
IN_EACH_CELL = "audit crs_backup_info variables"
QUICK = "--test compile --test import --test validate-modules"
#: As many as processors that we count on.
LANES = 2
#: How much of its output a step that fails shows.
LINES = 200
#: In CI, a step that hangs is stopped after this number of seconds, so that its output is seen. None takes half of that.
LIMIT = 2400


class Cell(NamedTuple):
    core: str
    #: such as 3.12
    version: str
    python: pathlib.Path
    #: What make runs, one after the other: (target, "VARIABLE=value" or "").
    steps: tuple[tuple[str, str], ...]


@functools.cache
def pythons_for(core: str) -> dict[int, pathlib.Path]:
    """{minor version: executable} of each Python here that runs an ansible-core, the oldest first."""
    oldest, newest = CORES[core]
    return {version[1]: path for version, path in sorted(pythons.pythons().items()) if oldest <= version[1] <= newest}


def pairs(cores: list[str]) -> list[tuple[str, int]]:
    """(ansible-core, minor version of a Python that is here and runs it), each core's oldest Python first."""
    return [(core, minor) for core in cores for minor in pythons_for(core)]


def one_of_each_core(cores: list[str]) -> list[tuple[str, int]]:
    """One pair for each core, of the Python that has fewest so far, the oldest first."""
    chosen: list[tuple[str, int]] = []
    for core in cores:
        taken = [minor for _core, minor in chosen]
        own = [pair for pair in pairs(cores) if pair[0] == core]
        chosen += sorted(own, key=lambda pair: taken.count(pair[1]))[:1]
    return chosen


def core_of_make_test() -> str:
    """The ansible-core that ``make test`` ran on."""
    code = "import ansible.release; print(ansible.release.__version__)"
    run_on = [str(ROOT / ".venv" / "core" / "bin" / "python"), "-c", code]
    version = subprocess.run(run_on, check=True, capture_output=True, text=True).stdout
    return ".".join(version.split(".")[:2])


def cells(cores: list[str]) -> list[Cell]:
    """A cell for each core, the longest first."""
    ends = (min(CORES, key=version_of), max(CORES, key=version_of))
    thorough = (("sanity", ""), ("units", "UNITS=tests/unit"), ("integration", f"TARGETS={IN_EACH_CELL}"))
    made = []
    for core, minor in one_of_each_core(cores):
        # On all Pythons, the first and the last ansible-core look.
        quick = (("sanity", f"SANITY={QUICK} --python 3.{minor}"), ("integration", f"TARGETS={IN_EACH_CELL}"))
        made.append(Cell(core, f"3.{minor}", pythons_for(core)[minor], thorough if core in ends else quick))
    return sorted(made, key=lambda cell: cell.core not in ends)


def all_cells(cores: list[str]) -> list[Cell]:
    """A cell for each pair, the longest first."""
    firsts = one_of_each_core(cores)
    everything = (("units", "UNITS=tests/unit"), ("integration", ""))
    once = (("sanity", ""), ("units-oldest", ""))
    return [
        Cell(
            core,
            f"3.{minor}",
            pythons_for(core)[minor],
            (*once, *everything) if (core, minor) in firsts else everything,
        )
        for core, minor in sorted(pairs(cores), key=lambda pair: pair not in firsts)
    ]


def version_of(core: str) -> tuple[int, ...]:
    return tuple(int(part) for part in core.split("."))


def run(cell: Cell, lane: int) -> tuple[int, float]:
    """Run all steps of a cell; return the first exit code that isn't 0, and seconds. The end of what fails is printed."""
    began = time.monotonic()
    log = ROOT / ".cache" / "logs" / f"matrix-{cell.core}-{cell.version}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "CRS_LANE": f"-lane{lane}", "CRS_RESULTS": str(results(cell.core, cell.version))}
    failed = 0
    limit = ["timeout", "--kill-after=30", str(LIMIT)] if os.environ.get("CI") == "true" else []
    with log.open("wb+") as stream:
        for target, variable in cell.steps:
            command = ["make", target, f"CORE={cell.core}", f"PYTHON={cell.python}", *([variable] if variable else [])]
            start = stream.seek(0, os.SEEK_END)
            done = subprocess.run(
                limit + command, cwd=ROOT, env=environment, check=False, stdout=stream, stderr=subprocess.STDOUT
            )
            if done.returncode:
                failed = failed or done.returncode
                stream.seek(start)
                end = stream.read().decode("utf-8", "replace").splitlines()[-LINES:]
                head = f"\n== {title(cell)}: make {target}: exit code {done.returncode}; the end of {log}"
                print("\n".join([head, *end]), flush=True)
    return failed, time.monotonic() - began


def title(cell: Cell) -> str:
    return f"ansible-core {cell.core}, Python {cell.version}"


def results(core: str, version: str) -> pathlib.Path:
    return ROOT / "tests" / "output" / "matrix" / f"{core}-{version}"


def run_all(wanted: list[Cell]) -> dict[Cell, tuple[int, float]]:
    todo: queue.SimpleQueue[Cell] = queue.SimpleQueue()
    for cell in wanted:
        todo.put(cell)
    done: dict[Cell, tuple[int, float]] = {}

    def work(lane: int) -> None:
        while True:
            try:
                cell = todo.get_nowait()
            except queue.Empty:
                return
            # Whatever happens to it here, a cell that didn't run to its end has failed.
            done[cell] = (1, 0.0)
            try:
                done[cell] = run(cell, lane)
            except Exception:
                traceback.print_exc()
            what = ", ".join(target for target, _variable in cell.steps)
            print(f"{title(cell)}: {what}: exit code {done[cell][0]}", flush=True)

    lanes = [threading.Thread(target=work, args=(number,)) for number in range(LANES)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    return done


def main() -> int:
    parser = argparse.ArgumentParser(description="ansible-core by Python")
    parser.add_argument("cores", nargs="*", metavar="CORE", help="such as 2.16; all of them if none is named")
    parser.add_argument("--whole", action="store_true", help="every pair of ansible-core and Python")
    parser.add_argument("--after-test", action="store_true", help='without the ansible-core that "make test" ran on')
    asked = parser.parse_args()
    unknown = [core for core in asked.cores if core not in CORES]
    if unknown:
        print(f"error: no such ansible-core here: {', '.join(unknown)} (of {', '.join(CORES)})")
        return 1
    if asked.after_test and not all((totals.JUNIT / runner).is_dir() for runner in ("sanity", "units", "integration")):
        print('error: "make test" has left no results here: run it first, or the matrix without AFTER=test')
        return 1
    cores = asked.cores or list(CORES)
    began = time.monotonic()
    shutil.rmtree(results("", "").parent, ignore_errors=True)
    tested = core_of_make_test() if asked.after_test else None
    others = [core for core in cores if core != tested]
    done = run_all(all_cells(others) if asked.whole else cells(others))

    print("\ncore  Python  seconds  result")
    if tested:
        print(f"{tested}                   as make test shows")
    sums = [0, 0, 0]
    for cell in sorted(done):
        runners = totals.read_results(results(cell.core, cell.version))
        for name, one in runners.items():
            totals.print_notes(f"{cell.core}, {cell.version}, {name}", one)
        counts = [sum(getattr(one, what) for one in runners.values()) for what in ("passed", "failed", "skipped")]
        # A step that fails without a failed test is a failure too, and so is a cell where nothing ran.
        if (done[cell][0] and not counts[1]) or not counts[0]:
            counts[1] += 1
        sums = [total + count for total, count in zip(sums, counts)]
        print(f"{cell.core}  {cell.version:<6}  {done[cell][1]:>7.0f}  {totals.text(*counts)}")
    ran = {cell.core for cell in done} | {tested}
    for core in [core for core in cores if core not in ran]:
        print(f"error: no Python here runs ansible-core {core}: 3.{CORES[core][0]} to 3.{CORES[core][1]} do")
        sums[1] += 1
    print(f"all of them in {time.monotonic() - began:.0f} s")
    print(f"matrix: {totals.text(*sums)}")
    return 1 if sums[1] or not sums[0] else 0


if __name__ == "__main__":
    sys.exit(main())
