# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a SIEM: OCSF 1.5.0 Compliance Findings (class 2003), a pure function of the record.

Private to this collection. One JSON object a line for each instance and rule, each instance that the inventory doesn't name
and each place of which that isn't known, in ASCII, times in milliseconds. With
the profile ``cloud``, without which the schema has no place for a region. Keys are those of the published schema; what
it has none for is in ``unmapped``.
"""

from __future__ import annotations

import functools
import json
import re
from typing import NamedTuple

from ...module_utils._times import from_iso

VERSION = "1.5.0"
_CREATE = 1
#: ``compliance.status_id`` keeps the fact, whoever waived it. Warning is the schema's word for "no result for lack of
#: information". It has none for a rule that doesn't apply: Pass would say that it holds, Unknown and Warning that
#: somebody has to look, so that it is Other, which ``status`` explains.
_STATUS = {
    "pass": (1, "Pass"),
    "unknown": (2, "Warning"),
    "fail": (3, "Fail"),
    "not_applicable": (99, "Not Applicable"),
}
_SEVERITY = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
_INFORMATIONAL = (1, "Informational")
#: The severity of an instance that isn't audited: it may have no backups.
_OF_COVERAGE = "high"
#: Of the finding itself. There is no history here, so that each is new unless a waiver covers it.
_NEW, _SUPPRESSED = (1, "New"), (3, "Suppressed")
_SURROGATES = re.compile("[\ud800-\udfff]")
#: One for all lines: to make one takes as long as a line.
_encode = json.JSONEncoder(separators=(",", ":")).encode
_encode_text = json.JSONEncoder(sort_keys=True).encode


def parts(record):
    """Yield the lines, in the record's order."""
    metadata, audit = _metadata(record), record["name"]
    for entry in record["instances"]:
        common = _object(_common(entry, metadata))
        for verdict in entry["rules"]:
            alike = _alike(verdict["severity"], verdict["outcome"], bool(verdict["waiver"]))
            yield f"{{{alike},{_compliance(entry, verdict)},{_object(_own(entry, verdict, audit))},{common}}}\n"
    for entry in record["coverage"]:
        for found in _gaps(entry):
            finding = {**_uncovered(entry, audit, *found), **_where(record, entry, metadata)}
            yield f"{{{_alike(_OF_COVERAGE, found.outcome, False)},{_object(finding)}}}\n"


class _Gap(NamedTuple):
    """What coverage lacks in a place: an instance that the inventory doesn't name, or without one all that is known of it."""

    instance_id: str | None
    outcome: str
    message: str


def _gaps(entry):
    """Return the _Gaps of an entry of coverage; none where all instances are in the inventory."""
    if entry["error"]:
        return [_Gap(None, "unknown", f"coverage is not known: {entry['error']['message']}")]
    told = "in the account and not in the inventory: nobody audits its backups"
    return [_Gap(one, "fail", told) for one in entry["not_in_inventory"]]


def _where(record, entry, metadata):
    return {
        "time": _milliseconds(record["evaluated_at"]),
        "metadata": metadata,
        "cloud": {"provider": "Tencent Cloud", "account": {"name": entry["account"]}, "region": entry["region"]},
    }


def _uncovered(entry, audit, instance_id, outcome, message):
    """Return what a finding of coverage says, which is the same in each run but for its message."""
    place = "/".join(entry[key] for key in ("account", "region", "api_version", "endpoint"))
    of = instance_id or entry["region"]
    status_id, status = _STATUS[outcome]
    return {
        "message": f"{of}: coverage {outcome}: {message}",
        "finding_info": {
            "uid": "/".join(part for part in (audit, place, instance_id, "coverage") if part),
            "title": "Backup policy: coverage",
            "types": ["backup"],
        },
        "compliance": {
            "control": "coverage",
            "standards": ["qcloud.crs coverage"],
            "status_id": status_id,
            "status": status,
            "status_code": outcome,
            "status_details": [message],
        },
        "resources": [
            {
                "uid": instance_id or place,
                "type": "CRS instance" if instance_id else "CRS region",
                "region": entry["region"],
            }
        ],
        "unmapped": {"audit": audit, **{key: entry[key] for key in ("api_version", "endpoint", "fails")}},
        **_error(entry),
    }


def _error(entry):
    """Return the API's error in the schema's places, of an instance or of coverage."""
    error = entry["error"]
    if not error:
        return {}
    code = {} if error["code"] is None else {"status_code": str(error["code"])}
    return {"status_detail": error["message"], **code}


def _object(value):
    """Return the inside of an object as JSON."""
    return _json(value)[1:-1]


def _json(value):
    text = _encode(value)
    # json writes a lone surrogate as an escape that strict parsers refuse: the line would be lost.
    return _encode(_mended(value)) if "\\ud" in text else text


def _common(entry, metadata):
    """Return what all findings of an instance say alike: half of each line."""
    return {
        "time": _milliseconds(entry["evaluated_at"]),
        "metadata": metadata,
        "cloud": {"provider": "Tencent Cloud", "account": {"name": entry["account"]}, "region": entry["region"]},
        "resources": [_resource(entry)],
    }


@functools.lru_cache(maxsize=100)
def _alike(severity, outcome, waived):
    """Return the inside of what findings of so many instances say alike: made once, since it is a third of each line."""
    severity_id, severity = _SEVERITY[severity] if outcome in ("fail", "unknown") else _INFORMATIONAL
    status_id, status = _SUPPRESSED if waived else _NEW
    return _object(
        {
            "activity_id": _CREATE,
            "category_uid": 2,
            "class_uid": 2003,
            "class_name": "Compliance Finding",
            "type_uid": 2003 * 100 + _CREATE,
            "severity_id": severity_id,
            "severity": severity,
            "status_id": status_id,
            "status": status,
        }
    )


def _own(entry, verdict, audit):
    """Return what a finding of an audit alone says."""
    finding = {
        "message": f"{entry['instance_id']}: {verdict['rule']} {verdict['outcome']}: {verdict['message']}",
        "finding_info": _info(entry, verdict, audit),
        "unmapped": _unmapped(entry, verdict, audit),
        **_error(entry),
    }
    if verdict["waiver"]:
        finding["comment"] = _waived(verdict["waiver"])
    return finding


def _metadata(record):
    name, _space, version = record["generator"].partition(" ")
    return {
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {"name": name, "vendor_name": "qcloud.crs contributors", "version": version},
        "logged_time": _milliseconds(record["finished_at"]),
    }


def _info(entry, verdict, audit):
    """Return what tells findings apart: the same for an audit, instance and rule in each run, and once in a run."""
    parts = [audit, entry["region"], entry["instance_id"], verdict["rule"]]
    if entry["host"] != entry["instance_id"]:
        # Two hosts may name one instance, and hold it to policies of their own.
        parts.insert(3, entry["host"])
    return {"uid": "/".join(parts), "title": f"Backup policy: {verdict['rule']}", "types": ["backup"]}


def _compliance(entry, verdict):
    details = [verdict["message"]]
    if verdict["waiver"]:
        details.append(_waived(verdict["waiver"]))
    control = _control(entry["policy"], verdict["rule"], _text(verdict["limit"]), verdict["outcome"])
    return f'"compliance":{{{control},"status_details":[{",".join(map(_json, details))}]}}'


@functools.lru_cache(maxsize=1000)
def _control(policy, rule, limit, outcome):
    """Return the inside of what a policy's rule is called, and how it ended."""
    status_id, status = _STATUS[outcome]
    return _object(
        {
            "control": rule,
            "standards": [f"qcloud.crs policy {policy}"],
            "control_parameters": [{"name": "limit", "value": limit}],
            "status_id": status_id,
            "status": status,
            "status_code": outcome,
        }
    )


def _resource(entry):
    resource = {
        "uid": entry["instance_id"],
        "uid_alt": entry["host"],
        "type": "CRS instance",
        "region": entry["region"],
    }
    if entry["instance_name"]:
        resource["name"] = entry["instance_name"]
    if entry["tags"]:
        resource["tags"] = [{"name": str(name), "value": _text(value)} for name, value in entry["tags"].items()]
    if entry["created_time"]:
        resource["created_time"] = _milliseconds(entry["created_time"])
    return resource


def _unmapped(entry, verdict, audit):
    """Return numbers as numbers, which audit it was, and whose API said so."""
    return {
        "audit": audit,
        "api_version": entry["api_version"],
        **{key: verdict[key] for key in ("limit", "actual", "waiver")},
    }


def _waived(waiver):
    return f"waived by {waiver['owner']} until {waiver['expires']}: {waiver['reason']}"


def _milliseconds(text):
    return int(from_iso(text).timestamp() * 1000)


def _text(value):
    """Return a value as the schema wants it, a text: as JSON, unless it is one."""
    return value if isinstance(value, str) else _encode_text(value)


def _mended(value):
    if isinstance(value, dict):
        return {key: _mended(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_mended(one) for one in value]
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value
