# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which reports there are, and how they get to disk with the record. Private to this collection.

Each is a function of the record alone, so that a stored record gives the same reports again.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption, plain
from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_iso, to_iso
from ansible_collections.qcloud.crs.plugins.plugin_utils import (
    _files,
    _record,
    _report_html,
    _report_junit,
    _report_ocsf,
    _report_prometheus,
    _schema,
)

RECORD = "audit-record.json"
#: In bytes: a record of ten thousand instances has a twentieth of it.
_LARGEST = 1024**3
#: So far may the clock of another machine be ahead of ours.
_AHEAD = timedelta(minutes=10)

#: name: (file, parts(record) -> parts of a text)
REPORTS = {
    "html": ("report.html", _report_html.parts),
    "junit": ("junit.xml", _report_junit.parts),
    "prometheus": ("metrics.prom", _report_prometheus.parts),
    "ocsf": ("findings.ocsf.json", _report_ocsf.parts),
}
#: The names of all files that an audit writes.
NAMES = ["record", *REPORTS]
DEFAULT_MODES = dict.fromkeys(NAMES, _files.DEFAULT_MODE)


def find(paths):
    """Return the paths of records: files as they are, and of a folder each audit-record.json at any depth."""
    found = []
    for path in paths:
        found += _inside(path) if os.path.isdir(path) else [path]
    return list({os.path.realpath(path): path for path in found}.values())


def _inside(folder):
    def refused(error):
        raise InvalidOption(f"the folder {error.filename!r} can't be read ({error}): it may hold a record")

    return [
        os.path.join(parent, RECORD)
        for parent, _folders, files in sorted(os.walk(folder, onerror=refused))
        if RECORD in files
    ]


def read(path, now):
    """Return the record of a file. Raises InvalidOption if that is no whole record that this version knows, or not yet."""
    try:
        record = _load(path)
        schema = record.get("schema") if isinstance(record, dict) else None
        if schema != _record.SCHEMA:
            raise InvalidOption(
                f"record {path!r} is of schema {plain(repr(schema), 60)}, and this version reads {_record.SCHEMA}"
            )
        fault = _schema.fault(record, _schema.of_records()) or _contradiction(record)
    except (OSError, ValueError) as error:
        raise InvalidOption(f"record {path!r} can't be read ({error}): give the path of an {RECORD}") from None
    except RecursionError:
        raise InvalidOption(
            f"record {path!r} can't be read (it is nested too deeply): give the path of an {RECORD}"
        ) from None
    if fault:
        raise InvalidOption(
            f"record {path!r} isn't as it was written ({plain(fault)}): take it from where it was made once more"
        )
    judged = max(one["evaluated_at"] for one in (record, *record["slices"], *record["instances"]))
    if judged > to_iso(now + _AHEAD):
        # Whoever asks how old the last audit is would be content with it until then.
        raise InvalidOption(f"record {path!r} was judged at {judged}, in the future: check the clocks")
    return record


def _load(path):
    """Return what JSON a file has. Raises OSError and ValueError."""
    if os.path.exists(path) and not os.path.isfile(path):
        # A pipe would be waited for without end, and a device read without end.
        raise ValueError("it is no regular file")
    with open(path, encoding="utf-8") as file:
        if os.fstat(file.fileno()).st_size > _LARGEST:
            raise ValueError(f"it is larger than {_LARGEST} bytes, which no record is")
        return json.load(file, parse_constant=_refuse)


def _refuse(constant):
    raise ValueError(f"{constant} is no number of JSON")


def _contradiction(record):
    """Return what the parts of a record say against each other, of what no schema can say, or None."""
    if record["summary"] != _record.summary(record["instances"]):
        return "its totals are not those of its instances"
    missing = {entry["policy"] for entry in record["instances"]} - set(record["policies"])
    if missing:
        return f"it has no policy {min(missing)}"
    return _contradiction_of_instances(record) or _contradiction_of_slices(record)


def _contradiction_of_instances(record):
    for entry in record["instances"]:
        outcome = _record.outcome_of(entry["rules"])
        if entry["outcome"] != outcome:
            return f"host {entry['host']} has the outcome {entry['outcome']}, and its rules come to {outcome}"
        # As texts, for all are in one form, and a fleet's record has thousands.
        if entry["evaluated_at"] < record["evaluated_at"]:
            return f"host {entry['host']} was judged at {entry['evaluated_at']}, before the record's first"
        # Not of the schema's one form: it is as the inventory says.
        if entry["created_time"] and parse_iso(entry["created_time"]) is None:
            return f"host {entry['host']} was created at {entry['created_time']}, which is no time"
    return None


def _contradiction_of_slices(record):
    slices, instances = record["slices"], len(record["instances"])
    if not slices:
        return None
    found = sum(one["instances"] for one in slices)
    if found != instances:
        return f"its slices have {found} instances, and it has {instances}"
    first = min(one["evaluated_at"] for one in slices)
    if first != record["evaluated_at"]:
        return f"its oldest slice was judged at {first}, and it at {record['evaluated_at']}"
    return None


def parse_modes(value, option):
    """Return ``{name: mode}`` of an option that has one mode for all files, or modes by the names of files."""
    return _files.parse_modes(value, NAMES, option)


def write_all(record, folder, modes=None):
    """Write the record and all reports to a folder, with ``{name: mode}`` or the default ones. Raises OSError.

    Returns ``({name: path}, warnings)``: the files are written also where they can't have their modes.
    """
    return _write({"record": (RECORD, _record.parts), **REPORTS}, record, folder, modes or DEFAULT_MODES)


def write_reports(record, folder, modes=None):
    """Write all reports of a record to a folder, as ``write_all`` does."""
    return _write(REPORTS, record, folder, modes or DEFAULT_MODES)


def _write(files, record, folder, modes):
    paths, others = {}, {}
    for name, (file, parts) in files.items():
        paths[name] = os.path.join(folder, file)
        found = _files.write(paths[name], parts(record), modes[name])
        if found != modes[name]:
            others.setdefault((modes[name], found), []).append(file)
    return paths, [_other_mode(folder, wanted, found, written) for (wanted, found), written in others.items()]


def _other_mode(folder, wanted, found, written):
    return (
        f"the file system of {folder!r} doesn't set modes: {', '.join(written)} should have {wanted:04o} and "
        f"{'has' if len(written) == 1 else 'have'} {found:04o}. Set who may read them where that file system is mounted"
    )
