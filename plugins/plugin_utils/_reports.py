# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which reports there are, and how they get to disk with the record. Private to this collection.

Each is a function of the record alone, so that a stored record gives the same reports again.
"""

from __future__ import annotations

import json
import os

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils import (
    _files,
    _record,
    _report_html,
    _report_junit,
    _report_ocsf,
    _report_prometheus,
)

RECORD = "audit-record.json"

#: name: (file, render(record) -> text)
REPORTS = {
    "html": ("report.html", _report_html.render),
    "junit": ("junit.xml", _report_junit.render),
    "prometheus": ("metrics.prom", _report_prometheus.render),
    "ocsf": ("findings.ocsf.json", _report_ocsf.render),
}


def read(path):
    """Return the record of a file. Raises InvalidOption if that is no record that this version knows."""
    try:
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
    except (OSError, ValueError) as error:
        raise InvalidOption(f"record {path!r} can't be read ({error}): give the path of an {RECORD}") from None
    schema = record.get("schema") if isinstance(record, dict) else None
    if schema != _record.SCHEMA:
        raise InvalidOption(f"record {path!r} is of schema {schema!r}, and this version reads {_record.SCHEMA}")
    return record


def write_all(record, folder):
    """Write the record and all reports to a folder, and return ``{name: path}``. Raises OSError."""
    paths = {"record": os.path.join(folder, RECORD)}
    _files.write(paths["record"], json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return {**paths, **write_reports(record, folder)}


def write_reports(record, folder):
    """Write all reports of a record to a folder, and return ``{name: path}``. Raises OSError."""
    paths = {}
    for name, (file, render) in REPORTS.items():
        paths[name] = os.path.join(folder, file)
        _files.write(paths[name], render(record))
    return paths
