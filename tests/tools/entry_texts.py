# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the writers of rules, reports and sources of key pairs share: marks, the markup of texts, and lists of all entries.

The lines between two marks are written, all others are an author's.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, NamedTuple

WIDTH = 120
_COLLECTION = "ansible_collections.qcloud.crs"
_ROOT = Path(__file__).resolve().parents[2]
_HEADER = """# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""


class Entry(NamedTuple):
    """An entry, and where it stands."""

    #: Below the package of all entries of its kind, such as ``html.page``.
    module: str
    constant: str
    value: Any


def entries(package: str, kind: type) -> list[Entry]:
    """Return the entries of a kind in all modules of a package, such as ``plugins/plugin_utils/_reports``, in their order."""
    found = []
    for path in sorted((_ROOT / package).rglob("*.py")):
        module = ".".join(path.relative_to(_ROOT / package).with_suffix("").parts)
        # Other modules are not imported: some of them import the list of all entries, which may be out of date.
        for name in re.findall(rf"^(\w+) = {kind.__name__}\(", path.read_text(encoding="utf-8"), re.M):
            imported = import_module(f"{_COLLECTION}.{package.replace('/', '.')}.{module}")
            found.append(Entry(module, name, getattr(imported, name)))
    found.sort(key=lambda entry: entry.value.order)
    orders = [entry.value.order for entry in found]
    if len(set(orders)) < len(orders):
        raise ValueError(f"two entries in {package} have the same order: {orders}")
    return found


def registry(found: Iterable[Entry], kind: type, name: str, docstring: str) -> str:
    """Return the file that lists all entries. Its imports are plain ones, which mypy, import-linter and Ansible can follow."""
    aliases = {f"{entry.module.rpartition('.')[2]}_{entry.constant}".upper(): entry for entry in found}
    lines = [f"from .{entry.module} import {entry.constant} as {alias}" for alias, entry in aliases.items()]
    type_module = kind.__module__.rpartition(".")[2]
    imports = "\n".join(sorted([*lines, f"from .{type_module} import {kind.__name__}"]))
    listed = "".join(f"    {alias},\n" for alias in aliases)
    return (
        f'{_HEADER}\n"""{docstring} Written by make entries. Private to this collection."""\n\n'
        f"from __future__ import annotations\n\n{imports}\n\n{name}: tuple[{kind.__name__}, ...] = (\n{listed})\n"
    )


def marked(what: str, lines: Callable[[], Iterator[str]]) -> Callable[[str], str]:
    """Return the function that puts lines between the marks of a text, as far in as the first mark stands.

    The marks are comments: ``WHAT, written by make entries`` and ``the end of WHAT``.
    """
    begin, end = f"{what}, written by make entries", f"the end of {what}"

    def put(text: str) -> str:
        parts = re.fullmatch(rf"(.*?^( *)\S+ {begin}\b[^\n]*\n).*?(^ *\S+ {end}\b.*)", text, re.M | re.S)
        if not parts:
            raise ValueError(f"the marks {begin!r} and {end!r} are missing")
        written = textwrap.indent("".join(f"{line}\n" for line in lines()), parts[2])
        return parts[1] + written + parts[3]

    return put


def as_literals(text: str, quotes: str) -> str:
    """Return a text in Ansible's markup with names and values between ``quotes``, as Markdown and reStructuredText write them."""
    written = re.sub(r"\b[OVCE]\(([^()]+)\)", rf"{quotes}\1{quotes}", text)
    return re.sub(rf"{quotes}(\w+)=(\w+){quotes}", rf"{quotes}\1: \2{quotes}", written)


def item(text: str, width: int = WIDTH - 10) -> list[str]:
    """Return the lines of a text as an item of a list in YAML."""
    # A plain scalar of YAML has neither of these.
    if ": " in text or " #" in text:
        return ["- >-", *textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ")]
    return textwrap.wrap(text, width, initial_indent="- ", subsequent_indent="  ")


def and_last(words: Iterable[str]) -> str:
    """Return words as a sentence lists them."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
