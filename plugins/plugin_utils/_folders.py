# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds files of records below a folder: nothing is left out without notice. Private to this collection."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

from ..module_utils._errors import InvalidOption


def walk(folder: str, contents: str) -> Iterator[tuple[str, list[str]]]:
    """Yield ``(path, names)`` of a folder and of each folder below it, links to folders included. ``names`` are all but folders, sorted.

    Each folder comes once, so a loop of links ends. Raises InvalidOption if one can't be read; ``contents`` is what it may hold.
    """

    def refused(error: OSError) -> NoReturn:
        raise InvalidOption(
            f"the folder {error.filename!r} can't be read ({error.strerror}): it may hold {contents}"
        ) from None

    seen: set[str] = set()
    for parent, folders, names in os.walk(folder, onerror=refused, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        yield parent, sorted(names)


def leads_nowhere(path: str) -> bool:
    """Tell whether a path is a link without a target. It may have been one to a folder, such as a share that is not mounted."""
    return os.path.islink(path) and not os.path.exists(path)
