# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell the unit tests that import Ansible, themselves or through what they import, from those that can't notice it.

python knows_ansible.py          the files that do
python knows_ansible.py --not    the files that don't: for them one ansible-core is as good as another
"""

from __future__ import annotations

import ast
import pathlib
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "unit"
COLLECTION = "ansible_collections.qcloud.crs."
#: Who imports by a name that is made at run time may import anything.
AT_RUN_TIME = ("importlib", "runpy")


def imported(path: pathlib.Path) -> Iterator[tuple[str, pathlib.Path]]:
    """(name, folder where the search for it begins) of each import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, path.parent) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = path.parents[max(node.level - 1, 0)]
            names = [f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names]
            yield from ((name, folder) for name in [node.module, *names] if name)


def source(name: str, folder: pathlib.Path) -> pathlib.Path | None:
    """The file of a module: of the collection by its full name, of a helper beside the test or on its path."""
    if name.startswith(COLLECTION):
        places = [ROOT / name[len(COLLECTION) :].replace(".", "/")]
    else:
        places = [base / name.replace(".", "/") for base in (folder, *folder.parents, *TESTS.glob("plugins/*"))]
    files = (file for place in places for file in (place.with_suffix(".py"), place / "__init__.py"))
    return next((file for file in files if file.is_file()), None)


def knows(path: pathlib.Path, seen: set[pathlib.Path]) -> bool:
    if path in seen:
        return False
    seen.add(path)
    for name, folder in imported(path):
        if name.partition(".")[0] in ("ansible", *AT_RUN_TIME):
            return True
        file = source(name, folder)
        if file and knows(file, seen):
            return True
    return False


def split() -> tuple[list[str], list[str]]:
    """Paths of the unit tests that know Ansible, and of those that don't."""
    sides: tuple[list[str], list[str]] = ([], [])
    for test in sorted(TESTS.rglob("test_*.py")):
        seen: set[pathlib.Path] = set()
        read = [test, *(folder / "conftest.py" for folder in test.parents if (folder / "conftest.py").is_file())]
        sides[not any(knows(path, seen) for path in read)].append(str(test.relative_to(ROOT)))
    return sides


if __name__ == "__main__":
    print("\n".join(split()[sys.argv[1:] == ["--not"]]))
