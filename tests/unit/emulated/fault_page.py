# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation's table of faults: what was seen becomes a page, and the page says what is to be seen."""

from __future__ import annotations

import math
import os
import re

from fault_cases import FULL, GROUPS
from fault_surfaces import COLLECTION, SURFACES

PATH = os.path.join(COLLECTION, "docs", "docsite", "rst", "faults.rst")
APIS = {"v2": "2.0", "v3": "3.0"}
_BOTH = "2.0, 3.0"

_HEAD = """\
..
  Copyright (c) 2026 qcloud.crs contributors
  SPDX-License-Identifier: GPL-3.0-or-later
  Made by tests/unit/emulated/test_faults_emulated.py: "make faults" writes it anew.

.. _ansible_collections.qcloud.crs.docsite.faults:

What happens when something goes wrong
======================================

Each of these faults is played to the collection by its tests, over both generations of the API, and this table is what
they saw. A listing is whole or it is an error: never a short list, and never a verdict from one.

An instance has 205 backups, which are three pages, and the region of the inventory 205 instances. All options have their
defaults: five retries, 30 seconds for an attempt. A cell has the result, how many requests were sent, and how long it
takes at most where that is a second or more. Nothing takes longer than :literal:`timeout` times :literal:`retries` (150
seconds) for one page. The role reads the region's list of instances before the backups, and the module doesn't.

* *full* and *pass* are a complete listing, and what the role makes of it with its default policy.
* Everything else is the kind of the error, as in :literal:`error.kind` of a failed module, of an instance in the module's
  result, or of an instance in the audit's record. The role's outcome is then *unknown*, which fails unless you say
  otherwise.
* A fault without *once* or *twice* is there for ever.
"""


def cell(seen):
    """Return what the page says of a Seen."""
    outcome, _space, kind = seen.result.partition(" ")
    result = f"{outcome} (``{kind[1:-1]}``)" if kind else outcome
    if re.search("_", outcome) or outcome not in (FULL, "pass", "unknown", "fail", "not_applicable"):
        result = f"``{outcome}``"
    requests = f"{seen.requests} request{'' if seen.requests == 1 else 's'}"
    return ", ".join([result, requests] + ([f"{math.ceil(seen.seconds)} s"] if seen.seconds >= 1 else []))


def render(cells):
    """Return the page of ``{(title, api version, head of the surface): cell}``."""
    parts = [_HEAD]
    for group, cases in GROUPS.items():
        parts.append(f"\n{group}\n{'-' * len(group)}\n\n.. list-table::\n   :header-rows: 1\n\n")
        parts.append(_row(["Fault", "API", *SURFACES]))
        for case in cases:
            seen = {version: [cells[case.title, version, head] for head in SURFACES] for version in APIS}
            if seen["v2"] == seen["v3"]:
                parts.append(_row([case.title, _BOTH, *seen["v3"]]))
            else:
                parts += [_row([case.title, APIS[version], *seen[version]]) for version in APIS]
    return "".join(parts)


def _row(texts):
    return f"   * - {texts[0]}\n" + "".join(f"     - {text}\n" for text in texts[1:])


def parse(page):
    """Return the cells of a page."""
    cells = {}
    for row in re.findall(r"^   \* - .*\n(?:     - .*\n)+", page, re.MULTILINE):
        title, api, *texts = [line[7:] for line in row.splitlines()]
        for version, name in APIS.items():
            if name in api:
                cells.update({(title, version, head): text for head, text in zip(SURFACES, texts)})
    return cells
