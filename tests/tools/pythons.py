# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the Pythons that really exist, past the shims of version managers.

python pythons.py --path     PATH without shims and with the folder of each Python found
python pythons.py 3.9        the executable of that version; exit code 1 if there is none
python pythons.py --best     the executable that the environments are made with; exit code 1 if there is none
python pythons.py            a list
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

OLDEST = (3, 9)
#: What the environments can be made with. The first two run the newest ansible-core; of these, more tools have wheels for
#: the older one.
PREFERRED = ((3, 13), (3, 14), (3, 12), (3, 11))


def path_entries() -> list[str]:
    return [entry for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]


def is_shims(entry: str) -> bool:
    return pathlib.PurePath(entry).name == "shims"


def version_folders() -> list[pathlib.Path]:
    """Folders of version managers that hold one folder for each installed version."""
    roots = []
    if os.environ.get("PYENV_ROOT"):
        roots.append(pathlib.Path(os.environ["PYENV_ROOT"]))
    for entry in path_entries():
        if is_shims(entry):
            # ROOT/shims and ROOT/plugins/NAME/shims
            roots.extend(pathlib.Path(entry).parents[:3])
    folders = []
    for root in roots:
        for folder in (root / "versions", root / "installs" / "python"):
            if folder.is_dir() and folder not in folders:
                folders.append(folder)
    return folders


def candidates() -> list[pathlib.Path]:
    found = []
    for entry in path_entries():
        if not is_shims(entry):
            found.extend(sorted(pathlib.Path(entry).glob("python3.*")))
    for folder in version_folders():
        found.extend(sorted(folder.glob("*/bin/python3.*"), reverse=True))
    # A virtual environment that is active may hide the Python that it was made with.
    found.append(pathlib.Path(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}"))
    return [path for path in found if re.fullmatch(r"python3\.\d+", path.name)]


def works(path: pathlib.Path) -> bool:
    """Tell whether it runs, isn't a virtual environment, and can make one."""
    code = "import sys, ensurepip, venv; sys.exit(sys.prefix != sys.base_prefix)"
    try:
        return subprocess.run([str(path), "-c", code], check=False, capture_output=True, timeout=120).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def pythons() -> dict[tuple[int, int], pathlib.Path]:
    """The first working executable of each version, newest version first."""
    found: dict[tuple[int, int], pathlib.Path] = {}
    for path in candidates():
        version = (3, int(path.name.partition(".")[2]))
        if version >= OLDEST and version not in found and works(path):
            found[version] = path
    return dict(sorted(found.items(), reverse=True))


def main() -> int:
    found = pythons()
    if sys.argv[1:] == ["--path"]:
        entries = [entry for entry in path_entries() if not is_shims(entry)]
        folders = [str(path.parent) for path in found.values()]
        print(os.pathsep.join(entries + [folder for folder in folders if folder not in entries]))
    elif len(sys.argv) == 2:
        wanted = PREFERRED if sys.argv[1] == "--best" else [tuple(int(part) for part in sys.argv[1].split("."))]
        path = next((found[version] for version in wanted if version in found), None)
        if path is None:
            return 1
        print(path)
    else:
        for version, path in found.items():
            print("{}.{} {}".format(*version, path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
