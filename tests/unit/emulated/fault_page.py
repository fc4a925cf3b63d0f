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

The tests simulate each of these faults, with both API versions, and generate these tables from the results. A listing
is complete or an error: never a short list, and never a verdict based on one.

An instance has 205 backups (three pages), and the region of the inventory has 205 instances. All options have their
defaults: five retries, 30 seconds per attempt. A cell shows the result, the number of requests, and the maximum
duration if it is a second or more. Nothing takes longer than :literal:`timeout` times :literal:`retries` (150
seconds) for one page. The role reads the region's list of instances before the backups, so it
sends more requests and takes longer. The module does not.

* *full* means a complete listing, and *pass* the role's verdict on it with its default policy.
* Everything else is the kind of error, as in :literal:`error.kind` of a failed module, of an instance in the module's
  result, or of an instance in the audit's record. In this case the role's outcome is *unknown*, which fails by
  default.
* A fault without *once* or *twice* is permanent.
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
