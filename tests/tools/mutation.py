# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Break one thing at a time in what signs, lists, reads and judges, and see that a unit test notices.

python mutation.py [MODULE ...]     such as lister paging; all of them if none is named

Runs mutmut over the copy in CRS_TREE. Fails below the least score, for a survivor that isn't in the list of known ones,
and for one in the list that isn't found among the survivors.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import textwrap
from collections import Counter
from typing import NamedTuple

import yaml

COLLECTION = pathlib.PurePosixPath("ansible_collections/qcloud/crs")
#: What is mutated, and where it is.
MODULES = {
    "signing": "module_utils/_api",
    "v3_service": "module_utils/_api",
    "lister": "module_utils/_listing",
    "paging": "module_utils/_listing",
    "backups": "module_utils/_api",
    "findings": "plugin_utils/_policy",
    "limits": "plugin_utils/_policy",
    "policy": "plugin_utils/_policy",
    "rules": "plugin_utils/_policy",
}
#: The tests of these modules that are quick. Those with random input would take an hour.
TESTS = (
    "module_utils/_api/test_signing.py",
    "module_utils/_api/test_v2.py",
    "module_utils/_api/test_v3.py",
    "module_utils/_listing/test_lister.py",
    "module_utils/_listing/test_paging.py",
    "module_utils/_api/test_backups.py",
    "plugin_utils/_policy/test_policy.py",
    "plugin_utils/test_false_results.py",
    "plugin_utils/_policy/rules",
)
LEAST_SCORE = 90
#: A loop without end that collects something ends here. In bytes, of address space.
MOST_MEMORY = 3 << 30
#: A test that runs for ever, or can't get on, has noticed too. All else is a survivor: also what no test reaches.
KILLED = ("killed", "timeout")
MUTMUT = [str(pathlib.Path(sys.executable).with_name("mutmut"))]
SURVIVORS = pathlib.Path("tests/mutation/survivors.yml")


class Mutant(NamedTuple):
    """What is changed where, in words that stay the same when something else is changed."""

    function: str
    diff: str


def main() -> int:
    modules = sys.argv[1:] or list(MODULES)
    unknown = [module for module in modules if module not in MODULES]
    if unknown:
        print(f"error: no such module here: {', '.join(unknown)} (of {', '.join(MODULES)})")
        return 1
    tree = pathlib.Path(os.environ["CRS_TREE"])
    known = read_known(tree / COLLECTION / SURVIVORS, modules)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    (tree / "setup.cfg").write_text(settings(modules), encoding="utf-8")
    if not run(tree) or not all_are_found(tree):
        return 1
    outcomes = read_outcomes(ask(tree, "results", "--all", "true"))
    problems = score(outcomes, modules) + compare(survivors(tree, outcomes), known)
    for problem in problems:
        print(f"error: mutation: {problem}")
    return 1 if problems else 0


def settings(modules: list[str]) -> str:
    """Return mutmut's settings.

    A mutant has a minute, and thirty times what its tests take: on a busy machine a shorter time would end those that
    survive, and so call them killed.
    """
    options = {
        "source_paths": [str(COLLECTION)],
        "only_mutate": [str(COLLECTION / "plugins" / MODULES[module] / f"{module}.py") for module in modules],
        "pytest_add_cli_args_test_selection": selection(),
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
        "timeout_multiplier": ["30"],
        "timeout_constant": ["2"],
    }
    return "[mutmut]\n" + "".join(f"{name} =\n    " + "\n    ".join(lines) + "\n" for name, lines in options.items())


def selection() -> list[str]:
    return [str(COLLECTION / "tests/unit/plugins" / test) for test in TESTS]


def run(tree: pathlib.Path) -> bool:
    # What a test expects must not hold by chance, because this machine has the zone that it means.
    environment = {**os.environ, "TZ": "UTC"}
    output = None if sys.stdout.isatty() else subprocess.PIPE
    done = subprocess.run([*MUTMUT, "run"], cwd=tree, env=environment, check=False, text=True, stdout=output)
    if done.returncode:
        print(f"{done.stdout or ''}\nerror: mutmut could not run")
    return not done.returncode


def all_are_found(tree: pathlib.Path) -> bool:
    """Tell whether each test is found by its name where tests were collected before, as it has to be for each mutant.

    If one isn't, all its mutants are called killed: pytest escapes a backslash in an id of ours a second time then.
    """
    names = json.loads((tree / "mutants" / "mutmut-stats.json").read_text(encoding="utf-8"))["duration_by_test"]
    code = "import json, pytest, sys; sys.exit(any([pytest.main(arguments) for arguments in json.load(sys.stdin)]))"
    common = ["--rootdir=.", "--collect-only", "-qqq", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        input=json.dumps([[*common, *selection()], [*common, *names]]),
        check=False,
        text=True,
        stdout=subprocess.PIPE,
    )
    if done.returncode:
        print(f"{done.stdout}\nerror: these tests are not found by name")
    return not done.returncode


def ask(tree: pathlib.Path, *question: str) -> str:
    return subprocess.run([*MUTMUT, *question], cwd=tree, check=True, text=True, stdout=subprocess.PIPE).stdout


def read_outcomes(text: str) -> dict[str, str]:
    """Return ``{mutant's name: outcome}``."""
    return {name.strip(): outcome for name, _colon, outcome in (line.partition(": ") for line in text.splitlines())}


def place(name: str) -> tuple[str, str]:
    """Return (module, function) of a mutant's name, such as plugins.module_utils._listing.lister.xǁListerǁregion__mutmut_3."""
    module, _dot, function = name.rpartition(".")
    return module.rpartition(".")[2], re.sub(r"^x[_ǁ]|__mutmut_\d+$", "", function).replace("ǁ", ".")


def score(outcomes: dict[str, str], modules: list[str]) -> list[str]:
    """Print each module's figures; return what is wrong with them."""
    counts = {
        module: Counter(outcome for name, outcome in outcomes.items() if place(name)[0] == module) for module in modules
    }
    print(f"\n{'module':<12} {'mutants':>8} {'killed':>8} {'timeout':>8} {'survived':>8} {'score':>8}")
    for module, count in [*counts.items(), ("all of them", sum(counts.values(), Counter()))]:
        killed = sum(count[outcome] for outcome in KILLED)
        share = 100 * killed / (count.total() or 1)
        print(
            f"{module:<12} {count.total():>8} {count['killed']:>8} {count['timeout']:>8} {count.total() - killed:>8} {share:>6.1f} %"
        )
    problems = [f"{module} has no mutants: was it renamed?" for module, count in counts.items() if not count]
    if share < LEAST_SCORE:
        problems.append(f"{share:.1f} % of the mutants are killed, {LEAST_SCORE} % have to be")
    return problems


def survivors(tree: pathlib.Path, outcomes: dict[str, str]) -> list[Mutant]:
    """Return those that no test noticed."""
    names = [name for name, outcome in outcomes.items() if outcome not in KILLED]
    return [Mutant(".".join(place(name)), changed(ask(tree, "show", name))) for name in names]


def changed(diff: str) -> str:
    """Return the changed lines of a diff, without their indentation."""
    _head, _at, lines = diff.partition("\n@@")
    return "".join(
        f"{line[0]} {line[1:].strip()}".rstrip() + "\n" for line in lines.splitlines() if line[:1] in ("-", "+")
    )


def read_known(path: pathlib.Path, modules: list[str]) -> list[Mutant]:
    """Return the mutants of the list: ``[{reason, mutants: [{function, diff}]}]``; of modules that are looked at or don't exist."""
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    bare = [entry for entry in known if not entry.get("reason")]
    if bare:
        raise SystemExit(f"error: {SURVIVORS}: no reason: {bare[0]}")
    mutants = [Mutant(one["function"], one["diff"]) for entry in known for one in entry["mutants"]]
    aside = set(MODULES) - set(modules)
    return [mutant for mutant in mutants if mutant.function.partition(".")[0] not in aside]


def compare(found: list[Mutant], known: list[Mutant]) -> list[str]:
    """Return what the survivors and the list of them don't agree on."""
    new, gone = Counter(found) - Counter(known), Counter(known) - Counter(found)
    problems = [f"survives, and is not in {SURVIVORS}:\n{shown(mutant)}" for mutant in new.elements()]
    return problems + [f"doesn't survive, and is in {SURVIVORS}:\n{shown(mutant)}" for mutant in gone.elements()]


def shown(mutant: Mutant) -> str:
    """Return a mutant as the list has it."""
    return textwrap.indent(
        f"- function: {mutant.function}\n  diff: |\n{textwrap.indent(mutant.diff, ' ' * 4)}", " " * 4
    )


if __name__ == "__main__":
    sys.exit(main())
