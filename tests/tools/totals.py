# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Add up the results of all test runners.

python totals.py                            one line for each runner, the totals as the last one
python totals.py --steps FILE SECONDS       the same, with how long steps took and all of them; a step that failed counts
python totals.py --all                      the same, with those of the other versions of ansible-core
python totals.py --only RUNNER              one runner, while they are still going
python totals.py --skips LOG                fail if ansible-test skipped what could have run
python totals.py --integration DATA LOG OUT make one result for each integration target
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

TOOLS = pathlib.Path(__file__).resolve().parent
JUNIT = pathlib.Path(os.environ.get("CRS_RESULTS") or TOOLS.parents[1] / "tests" / "output" / "junit")

# A test that skips itself says why, and the reason starts with this. Everything else counts as a failure.
EXPECTED_SKIP = "expected: "

# What ansible-test says where the collection has no file of the kind that a sanity test looks at.
NOT_APPLICABLE = "No tests applicable."

# and about a Python that it does not find.
SKIPPED_PYTHON = re.compile(r"Skipping .*\bPython (3\.\d+) because it could not be found")

# Places in an integration test's output that say why it failed: how many of the last ones are printed, and how many lines of each.
REASON = re.compile(r"E  |FAILED |ERROR|fatal: ")
REASONS, REASON_LINES = 6, 6

# Maximum number of characters of the reason why a test failed.
REASON_SIZE = 3000


def existing_pythons() -> set[str]:
    listed = subprocess.run([sys.executable, str(TOOLS / "pythons.py")], check=True, capture_output=True, text=True)
    return {line.split()[0] for line in listed.stdout.splitlines()}


def missing_python(reason: str) -> str:
    """The version that a skip is about, if this machine really has no such Python."""
    match = SKIPPED_PYTHON.search(reason)
    return match.group(1) if match and match.group(1) not in existing_pythons() else ""


class Results:
    """Passed, failed and skipped tests of one runner."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.notes: list[str] = []
        self.idle: list[str] = []

    def read(self, path: pathlib.Path) -> None:
        for case in ET.parse(path).iter("testcase"):
            name = "{}::{}".format(case.get("classname", ""), case.get("name", ""))
            skip = case.find("skipped")
            wrong = [found for found in (case.find("failure"), case.find("error")) if found is not None]
            if wrong:
                self.failed += 1
                reason = (wrong[0].get("message") or "").strip()[:REASON_SIZE]
                self.notes.append(f"failed: {name}: {reason}")
            elif skip is None:
                self.passed += 1
            else:
                reason = (skip.get("message") or skip.text or "").strip()
                if reason == NOT_APPLICABLE:
                    self.idle.append(case.get("name", ""))
                elif reason.startswith(EXPECTED_SKIP) or missing_python(reason):
                    self.skipped += 1
                    self.notes.append(f"skipped: {name}: {reason}")
                else:
                    self.failed += 1
                    self.notes.append(f"failed: {name}: unexpected skip: {reason}")


def text(passed: int, failed: int, skipped: int) -> str:
    line = f"{passed} passed, {failed} failed"
    return f"{line}, {skipped} skipped" if skipped else line


def read_runner(folder: pathlib.Path) -> Results:
    results = Results()
    for path in sorted(folder.glob("*.xml")):
        results.read(path)
    return results


def read_results(junit: pathlib.Path = JUNIT) -> dict[str, Results]:
    folders = sorted(junit.iterdir()) if junit.is_dir() else []
    return {folder.name: read_runner(folder) for folder in folders if folder.is_dir()}


def print_notes(name: str, results: Results) -> None:
    for note in results.notes:
        print(f"{name}: {note}")
    if results.idle:
        print(f"{name}: nothing to look at for {', '.join(results.idle)}")


def check_runner(name: str) -> int:
    # Not those of the others, which may just be writing theirs.
    results = read_runner(JUNIT / name)
    if results.failed or not results.passed:
        print_notes(name, results)
        print(f"error: {name}: {text(results.passed, results.failed, results.skipped)}")
        return 1
    return 0


def read_steps(path: pathlib.Path, seconds: str) -> list[str]:
    """Print what each step took; return the names of those that failed."""
    failed, sums = [], 0.0
    print("\nstep            seconds  of processors  result")
    for line in path.read_text(encoding="utf-8").splitlines():
        name, took, cpu, code = line.split("\t")
        spent = sum(float(part) for part in cpu.split())
        sums += spent
        failed += [name] if code != "0" else []
        print(f"{name:<15} {took:>7} {spent:>14.0f}  {'ok' if code == '0' else f'FAILED (exit code {code})'}")
    print(f"{'all of them':<15} {seconds:>7} {sums:>14.0f}")
    return failed


def print_totals(steps: list[str] | None, matrix: bool = False) -> int:
    runners = read_results()
    for cell in sorted((JUNIT.parent / "matrix").glob("*")) if matrix else []:
        runners.update({f"{name} {cell.name}": results for name, results in read_results(cell).items()})
    failed_steps = read_steps(pathlib.Path(steps[0]), steps[1]) if steps else []

    print()
    for name, results in runners.items():
        print_notes(name, results)
    for name, results in runners.items():
        print(f"{name:<28} {text(results.passed, results.failed, results.skipped)}")
        if not results.passed + results.failed + results.skipped and name not in failed_steps:
            failed_steps.append(name)
            print(f"{name}: no test ran")
    passed = sum(results.passed for results in runners.values())
    failed = sum(results.failed for results in runners.values())
    skipped = sum(results.skipped for results in runners.values())
    # A step that fails without a failed test (a linter, a crash) is one failure too.
    for name in failed_steps:
        own = [results for runner, results in runners.items() if runner == name or runner.startswith(name + "-")]
        if not any(results.failed for results in own):
            failed += 1
    print(text(passed, failed, skipped))
    return 1 if failed or not passed else 0


def check_skips(log: pathlib.Path) -> int:
    """A Python that exists is not skipped, and no sanity test passes without its program."""
    missing, wrong = set(), set()
    for line in re.sub(r"\x1b\[[0-9;]*m", "", log.read_text("utf-8", "replace")).splitlines():
        # Without its program a sanity test only warns, and passes unseen.
        if line.startswith("WARNING:") and re.search(r"skip|required program", line, re.IGNORECASE):
            version = missing_python(line)
            if version:
                missing.add(version)
            else:
                wrong.add(line)
    if missing:
        versions = sorted(missing, key=lambda version: int(version.partition(".")[2]))
        print(f"expected skip: this machine has no Python {', '.join(versions)}")
    for line in sorted(wrong):
        print(f"error: unexpected skip: {line}")
    return 1 if wrong else 0


def integration(data: pathlib.Path, log: pathlib.Path, out: pathlib.Path) -> int:
    """Write one result for each target; ansible-test's own are one for each task."""
    tasks = out / "tasks"
    tasks.mkdir(exist_ok=True)
    for path in out.glob("*.xml"):
        path.replace(tasks / path.name)
    suite = ET.Element("testsuite", name="integration")
    for path in sorted(data.glob("integration-*.json")):
        for name, result in json.loads(path.read_text(encoding="utf-8"))["targets"].items():
            seconds = str(result["run_time_seconds"])
            ET.SubElement(suite, "testcase", classname="integration", name=name, time=seconds)
    lines = log.read_text("utf-8", "replace").splitlines()
    target, reasons = "", {}
    for number, line in enumerate(lines):
        runs = re.match(r"Running (\S+) integration test (role|script)", line)
        listed = re.search(r"The (\d+) integration test\(s\) listed below", line)
        if runs:
            target = runs.group(1)
        elif listed:
            for name in lines[number + 1 : number + 1 + int(listed.group(1))]:
                case = ET.SubElement(suite, "testcase", classname="integration", name=name.strip())
                ET.SubElement(case, "failure", message="\n".join(reasons.get(name.strip(), [])[-REASONS:]))
        elif REASON.match(line) and not (line.startswith("E  ") and lines[number - 1].startswith("E  ")):
            more = REASON_LINES if line.startswith(("E  ", "fatal: ")) else 1
            told = "\n".join(one[:300] for one in lines[number : number + more])
            # No XML holds control characters.
            reasons.setdefault(target, []).append(re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "?", told))
    ET.ElementTree(suite).write(out / "integration.xml", encoding="utf-8", xml_declaration=True)
    return 0


def main() -> int:
    args = sys.argv[1:]
    if args[:1] == ["--integration"]:
        return integration(*(pathlib.Path(arg) for arg in args[1:4]))
    if args[:1] == ["--only"]:
        return check_runner(args[1])
    if args[:1] == ["--skips"]:
        return check_skips(pathlib.Path(args[1]))
    return print_totals(args[1:3] if args[:1] == ["--steps"] else None, args == ["--all"])


if __name__ == "__main__":
    sys.exit(main())
