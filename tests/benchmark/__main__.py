# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times the audit against what it is held to, and prints a table of what is reached. See README.md.

    make benchmark [ROWS="1000 rate-limit"] [RUNS=3]

It ends with 1 if a row is red, and with 2 if a run did less than it had to. JSON: tests/output/benchmark.json.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from bench import ROOT, WORK, Bench, Wrong
from rows import ROWS

OUTPUT = ROOT / "tests" / "output" / "benchmark.json"


def main(vendor, runs, names):
    if names == ["stages"]:
        Bench(runs, vendor)
        stages()
        return
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.exit(f"error: ROWS has {unknown[0]!r}, which is none of {', '.join(ROWS)}; stages stands alone")
    before, started = os.getloadavg(), datetime.now(timezone.utc)
    print(f"{os.cpu_count()} processors, load {_load(before)}; median of {runs} runs", flush=True)
    bench, results = Bench(runs, vendor), []
    try:
        for name in names or ROWS:
            for result in ROWS[name](bench):
                results.append(result)
                print(line(result), flush=True)
    except Wrong as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    finally:
        after = os.getloadavg()
        _write(results, before, after, started, runs)
    red = sum(not reached(result) for result in results)
    print(f"load {_load(after)}; {len(results) - red} of {len(results)} ok, {red} RED; {OUTPUT.relative_to(ROOT)}")
    sys.exit(1 if red else 0)


def stages():
    """Show where the time goes, in a process for each size: the memory of one is not that of the other."""
    for count in (1000, 10_000):
        print(f"{count} instances", flush=True)
        command = [
            sys.executable,
            str(Path(__file__).with_name("stages.py")),
            str(count),
            str(WORK),
            str(WORK / "collections"),
        ]
        subprocess.run(command, check=True)


def reached(result):
    return result.value <= result.target if result.at_most else result.value >= result.target


def line(result):
    """Return one line of the table."""
    figures = ", ".join(f"{name} {value:.2f}" for name, value in result.detail.items())
    side = "at most" if result.at_most else "at least"
    word = "ok " if reached(result) else "RED"
    value = f"{result.value:.2f}" if result.unit in ("x", "s") else f"{result.value:.0f}"
    return f"{word} {result.row:<10} {value:>7} {result.unit:<3} ({side} {result.target:g})  {result.what}" + (
        f"\n{'':15}{figures}" if figures else ""
    )


def _load(load):
    return " ".join(f"{one:.2f}" for one in load)


def _write(results, before, after, started, runs):
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "started": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": {"start": before, "end": after},
        "runs": runs,
        "rows": [{**result._asdict(), "reached": reached(result)} for result in results],
    }
    OUTPUT.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(str(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3:])
