# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users read of the sources of key pairs, and their list, written from their entries in plugins/module_utils/_credentials."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Callable

from ansible_collections.qcloud.crs.plugins.module_utils._credentials.source_type import Finder
from ansible_collections.qcloud.crs.tests.tools.entry_texts import WIDTH, as_literals, entries, item, marked, registry

_FOLDER = "plugins/module_utils/_credentials"
ENTRIES = entries(_FOLDER, Finder)
FINDERS: list[Finder] = [entry.value for entry in ENTRIES]
_WHAT = "the sources of key pairs"


def task_order() -> Iterator[str]:
    """Yield the lines about their order, in the description of the options of tasks."""
    yield from _sentence(FINDERS)


def inventory_order() -> Iterator[str]:
    """Yield the lines about their order, in the description of the inventory plugin."""
    yield from _sentence([finder for finder in FINDERS if finder.in_inventory])


def guide_list() -> Iterator[str]:
    """Yield the lines of the list in the guide."""
    yield ""
    for finder in FINDERS:
        end = "." if finder is FINDERS[-1] else ";"
        text = as_literals(finder.text, "``") + end
        yield from textwrap.wrap(text, WIDTH, initial_indent="#. ", subsequent_indent="   ", break_on_hyphens=False)
    yield ""


def sources_list(_text: str) -> str:
    """Return the file with the list of all sources."""
    return registry(ENTRIES, Finder, "FINDERS", "All sources of key pairs, in their order.")


def _sentence(finders: list[Finder]) -> list[str]:
    texts = "; ".join(finder.text for finder in finders)
    return item(f"The key pair is searched for, in this order, in {texts}.")


#: What is written: the file's path, and a function from its present text to its due text.
FILES: tuple[tuple[str, Callable[[str], str]], ...] = (
    (f"{_FOLDER}/registry.py", sources_list),
    ("plugins/doc_fragments/connection.py", marked(_WHAT, task_order)),
    ("plugins/inventory/crs.py", marked(_WHAT, inventory_order)),
    ("docs/docsite/rst/authentication.rst", marked(_WHAT, guide_list)),
)
