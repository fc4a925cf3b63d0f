# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes files atomically: a run that is killed leaves the old file. Private to this collection."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Sequence

from ...module_utils._errors import InvalidOption

#: Reports name instances and what is wrong with their backups, so only the owner and the group may read them.
DEFAULT_MODE = 0o640
#: The owner can always read and write, others can at most read, and nothing is executable.
_MODE = re.compile(r"0?6[046][04]")


def parse_modes(value: object, names: Sequence[str], option: str) -> dict[str, int]:
    """Return ``{name: mode}`` for the names of files; ``value`` is one mode for all of them, or a dict of modes by name.

    A mode is text, in octal: YAML reads 0644 without quotes as the number 420.
    """
    by_name = value if isinstance(value, dict) else dict.fromkeys(names, value)
    unknown = sorted(set(map(str, by_name)) - set(names))
    if unknown:
        raise InvalidOption(f"{option} names {unknown[0]!r}, which is not a report: use {', '.join(names)}")
    given = {name: _parse(mode, option) for name, mode in by_name.items() if mode is not None}
    return {name: given.get(name, DEFAULT_MODE) for name in names}


def _parse(mode: object, option: str) -> int:
    if isinstance(mode, int) and not isinstance(mode, bool):
        raise InvalidOption(f'{option} {mode!r} is a number: write the mode in quotes, such as "0640" or "0644"')
    if not isinstance(mode, str) or not _MODE.fullmatch(mode):
        raise InvalidOption(
            f'{option} {mode!r} is not a mode for a report: write it in octal and in quotes, such as "0640" or "0644"; '
            "the owner's digit is 6, the group's 0, 4 or 6, that of others 0 or 4"
        )
    return int(mode, 8)


def write(path: str, parts: Iterable[str], mode: int = DEFAULT_MODE) -> int:
    """Replace a file atomically by the parts of a text, and return the mode that it then has. Raises OSError.

    That differs from ``mode`` on a file system that doesn't support modes, such as a network share.
    """
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):
            os.chmod(temporary, mode)
        found = stat.S_IMODE(os.stat(temporary).st_mode)
        os.replace(temporary, path)
    except BaseException:
        # If this fails, too, the first error is still the one to raise.
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return found
