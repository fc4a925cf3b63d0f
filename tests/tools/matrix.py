# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sanity, unit and integration tests on every promised ansible-core, with every Python that is here for it.

python matrix.py [--whole] [--after-test] [CORE ...]     such as 2.16 2.21; all of them if none is named

A cell is a pair of ansible-core and Python. Each cell runs the unit tests that know Ansible, but for the long ones, and the
integration targets of IN_EACH_CELL. What doesn't depend on the pair runs where its subject changes, unless --whole asks for
all units and targets in each cell:

- unit tests that import no Ansible, which is two thirds of them: once for each Python; those of them against the emulator
  or with random input on the oldest and the newest;
- the others against the emulator or with random input, the other integration targets, and sanity, which looks at all
  Pythons by itself: once for each ansible-core, on Pythons that differ as far as they can;
- unit tests of modules on the oldest promised Python: once for each ansible-core; of module_utils there: once.

"make test" runs all of that on a pair of its own. After it, --after-test leaves out this cell and what needs to run once
only.

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

import knows_ansible
import pythons
import totals

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: What each ansible-core runs on, as its own release notes say: (oldest, newest) minor version of Python 3.
CORES = {"2.16": (10, 12), "2.17": (10, 12), "2.18": (11, 13), "2.19": (11, 13), "2.20": (12, 14), "2.21": (12, 14)}
#: A module, a role and an audit with all its reports: what would break first.
IN_EACH_CELL = "audit crs_backup_info"
#: One more than the processors that we count on: tests wait, too.
LANES = 3
#: How much of its output a step that fails shows.
LINES = 200
#: In CI a step that hangs ends after so many seconds, so that its output is seen; none takes half of that.
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


def first_of_each_core(found: list[tuple[str, int]], tested: tuple[str, int] | None) -> set[tuple[str, int]]:
    """One pair for each core, of the Python that has fewest so far; for that of ``make test`` its own."""
    chosen = [tested] if tested else []
    for core in dict.fromkeys(core for core, _minor in found):
        if core not in [one for one, _minor in chosen]:
            taken = [minor for _core, minor in chosen]
            chosen.append(min((pair for pair in found if pair[0] == core), key=lambda pair: taken.count(pair[1])))
    return set(chosen)


def pair_of_make_test() -> tuple[str, int]:
    """The (ansible-core, minor version of Python) that ``make test`` ran on."""
    code = "import sys, ansible.release; print(ansible.release.__version__, sys.version_info[1])"
    told = subprocess.run(
        [str(ROOT / ".venv" / "core" / "bin" / "python"), "-c", code], check=True, capture_output=True, text=True
    )
    version, minor = told.stdout.split()
    return ".".join(version.split(".")[:2]), int(minor)


def is_long(test: str) -> bool:
    """Tell whether a file of unit tests plays a network or tries random input: these take most of the time."""
    return test.startswith("tests/unit/emulated/") or "hypothesis" in (ROOT / test).read_text(encoding="utf-8")


def cells(cores: list[str], whole: bool, tested: tuple[str, int] | None) -> list[Cell]:
    """All cells but the one of ``make test``, the longest first."""
    with_ansible, without = knows_ansible.split()
    modules = [test for test in with_ansible if test.startswith("tests/unit/plugins/modules/")]
    found = pairs(cores)
    firsts = first_of_each_core(found, tested)
    ends = {pick([minor for _core, minor in found], default=0) for pick in (min, max)}
    made, seen = [], {tested[1]} if tested else set()
    for core, minor in sorted(found, key=lambda pair: pair not in firsts):
        if (core, minor) == tested:
            continue
        first = (core, minor) in firsts
        steps = [("sanity", "")] if first else []
        known = [test for test in with_ansible if first or not is_long(test)]
        fresh = [test for test in without if minor not in seen and (minor in ends or not is_long(test))]
        units = [] if whole else known + fresh
        steps.append(("units-controller", f"UNITS={' '.join(units)}"))
        if first:
            steps.append(("units-oldest", f"UNITS={' '.join(modules if (made or tested) and not whole else [])}"))
        steps.append(("integration", "" if first or whole else f"TARGETS={IN_EACH_CELL}"))
        made.append(Cell(core, f"3.{minor}", pythons_for(core)[minor], tuple(steps)))
        seen.add(minor)
    return made


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
    parser.add_argument("--whole", action="store_true", help="every test in every cell")
    parser.add_argument("--after-test", action="store_true", help='without what "make test" ran just now')
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
    tested = pair_of_make_test() if asked.after_test else None
    if tested not in pairs(cores):
        tested = None
    done = run_all(cells(cores, asked.whole, tested))

    print("\ncore  Python  seconds  result")
    if tested:
        print(f"{tested[0]}  3.{tested[1]:<4}           as make test says")
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
    ran = {cell.core for cell in done} | ({tested[0]} if tested else set())
    for core in [core for core in cores if core not in ran]:
        print(f"error: no Python here runs ansible-core {core}: 3.{CORES[core][0]} to 3.{CORES[core][1]} do")
        sums[1] += 1
    print(f"all of them in {time.monotonic() - began:.0f} s")
    print(f"matrix: {totals.text(*sums)}")
    return 1 if sums[1] or not sums[0] else 0


if __name__ == "__main__":
    sys.exit(main())
