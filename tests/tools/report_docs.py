# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users and programs read of the reports, written from their entries in plugins/plugin_utils/_reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable

from ansible_collections.qcloud.crs.plugins.plugin_utils._record.record import FILE_NAME
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.report_type import Report
from ansible_collections.qcloud.crs.tests.tools.entry_texts import (
    and_last,
    as_literals,
    entries,
    item,
    marked,
    registry,
)

_FOLDER = "plugins/plugin_utils/_reports"
ENTRIES = entries(_FOLDER, Report)
REPORTS: list[Report] = [entry.value for entry in ENTRIES]
_WHAT, _KEYS = "the reports", "the keys of modes"


def readme_table() -> Iterator[str]:
    """Yield the lines of the table in the role's README."""
    yield from ("", "| file | for |", "| --- | --- |")
    yield (
        f"| `{FILE_NAME}` | the audit record: queries, facts, each verdict with limit and actual value, waivers, totals. Its schema is "
        "`plugins/plugin_utils/_record/audit-record.schema.json` in the collection. It never contains credentials |"
    )
    for report in REPORTS:
        yield f"| `{report.file_name}` | {report.users}: {as_literals(report.details, '`')} |"
    yield ""


def guide_table() -> Iterator[str]:
    """Yield the lines of the table in the guide on reports."""
    yield from ("", ".. list-table::", "   :header-rows: 1", "", "   * - file", "     - for")
    yield from (
        f"   * - ``{FILE_NAME}``",
        "     - the audit record: evidence, from which all other files are generated",
    )
    for report in REPORTS:
        yield from (f"   * - ``{report.file_name}``", f"     - {report.users}")
    yield ""


def folder_option() -> Iterator[str]:
    """Yield the lines about the files, in the description of the role's option for the folder."""
    files = "; ".join(f"C({report.file_name}) for {report.users}" for report in REPORTS)
    yield from item(f"It contains the audit record C({FILE_NAME}) and the reports that are generated from it: {files}.")


def mode_keys() -> Iterator[str]:
    """Yield the lines about the keys, in the description of an option for modes."""
    keys = and_last(f"C({name})" for name in ("record", *(report.name for report in REPORTS)))
    yield from item(f"The keys of such a dict are {keys}.")


def sample() -> Iterator[str]:
    """Yield the lines of the sample of what an audit returns."""
    files = {"record": FILE_NAME, **{report.name: report.file_name for report in REPORTS}}
    yield from (f"{name}: /home/ops/crs-audit/{file_name}" for name, file_name in files.items())


def reports_list(_text: str) -> str:
    """Return the file with the list of all reports."""
    return registry(ENTRIES, Report, "REPORTS", "All reports, in their order.")


#: What is written: the file's path, and a function from its present text to its due text.
FILES: tuple[tuple[str, Callable[[str], str]], ...] = (
    (f"{_FOLDER}/registry.py", reports_list),
    ("plugins/doc_fragments/report_files.py", marked(_KEYS, mode_keys)),
    ("plugins/modules/crs_backup_audit.py", marked(_WHAT, sample)),
    ("roles/crs_backup_policy/meta/argument_specs.yml", marked(_WHAT, folder_option)),
    ("roles/crs_backup_policy/meta/argument_specs.yml", marked(_KEYS, mode_keys)),
    ("roles/crs_backup_policy/README.md", marked(_WHAT, readme_table)),
    ("docs/docsite/rst/reports.rst", marked(_WHAT, guide_table)),
)
