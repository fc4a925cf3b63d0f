# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the file list of the collection's tarball.

python tarball.py TARBALL TREE [OTHER]

What a user needs is stated here, and again as build_ignore in galaxy.yml: the two must agree. OTHER is a tarball
built in a folder where tests and tools have run: it must have the same list.
"""

from __future__ import annotations

import pathlib
import sys
import tarfile

FOLDERS = ("LICENSES", "docs", "meta", "playbooks", "plugins", "roles")
FILES = ("CHANGELOG.md", "README.md", "SECURITY.md", "changelogs/changelog.yaml")
#: For developers of the collection, who need a checkout.
NOT_FOR_USERS = ("docs/development/",)
MADE = ("FILES.json", "MANIFEST.json")
REQUIRED = (
    "LICENSES/GPL-3.0-or-later.txt",
    "README.md",
    "changelogs/changelog.yaml",
    "meta/ee-requirements.txt",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "plugins/modules/crs_backup_info.py",
)


def names_in(tarball: str) -> set[str]:
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive if not member.isdir()}


def names_wanted(tree: pathlib.Path) -> set[str]:
    names = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    wanted = {name for name in names if name in FILES or name.partition("/")[0] in FOLDERS}
    return {name for name in wanted if not name.startswith(NOT_FOR_USERS)} | set(MADE)


def main() -> int:
    found = names_in(sys.argv[1])
    wanted = names_wanted(pathlib.Path(sys.argv[2]))
    problems = [f"unwanted: {name}" for name in sorted(found - wanted)]
    problems += [f"missing: {name}" for name in sorted((wanted | set(REQUIRED)) - found)]
    for other in sys.argv[3:]:
        listed = names_in(other)
        problems += [f"unwanted when built in the checkout: {name}" for name in sorted(listed - found)]
        problems += [f"missing when built in the checkout: {name}" for name in sorted(found - listed)]
    for problem in problems:
        print(f"error: tarball: {problem}")
    if not problems:
        print(f"  {len(found)} files, as stated")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
