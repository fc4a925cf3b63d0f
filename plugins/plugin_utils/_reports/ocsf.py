# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a SIEM: OCSF 1.5.0 Compliance Findings (class 2003), a pure function of the record.

Private to this collection. JSON lines in ASCII, times in milliseconds: one object for each rule of each instance, for each instance
that the inventory doesn't name, and for each place whose coverage isn't known. The profile ``cloud`` adds the key for the
region. Keys are those of the published schema; other values are in ``unmapped``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ...module_utils._errors import ErrorDict
from ...module_utils._times import from_iso
from .._policy.restore_tests import state
from .._policy.waivers import AcceptedBy
from .._record.model import CoverageEntry, InstanceEntry, PlaceEntry, Record, RuleVerdict
from .report_type import Report

VERSION = "1.5.0"
_CREATE = 1
#: ``compliance.status_id`` is the outcome before any waiver. Warning is the schema's word for "no result for lack of
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
COVERAGE_SEVERITY = "high"
#: The status of the finding itself. Earlier runs are not known, so each finding is new unless a waiver covers it.
_NEW, _SUPPRESSED = (1, "New"), (3, "Suppressed")
_SURROGATES = re.compile("[\ud800-\udfff]")
#: One object of the schema, or a part of it.
Json = dict[str, Any]

#: Shared by all lines: creating an encoder takes as long as encoding a line.
_to_json = json.JSONEncoder(separators=(",", ":")).encode
_limit_to_json = json.JSONEncoder(sort_keys=True).encode


def parts(record: Record) -> Iterator[str]:
    """Yield the lines, in the record's order."""
    metadata, audit = _metadata(record), record["name"]
    for entry in record["instances"]:
        # Half of each finding is the same for all findings of an instance, so it is encoded once.
        common = _encode({**_where(entry, entry["evaluated_at"], metadata), "resources": [_resource(entry)]})
        for verdict in entry["rules"]:
            yield _joined(_encode(_of_verdict(entry, verdict, audit)), common) + "\n"
    for place in record["coverage"]:
        for gap in _gaps(place):
            yield _encode({**_of_gap(place, gap, audit), **_where(place, record["evaluated_at"], metadata)}) + "\n"


def _encode(value: Json) -> str:
    text = _to_json(value)
    # json writes a lone surrogate as an escape that strict parsers refuse: the line would be lost.
    return _to_json(_without_surrogates(value)) if "\\ud" in text else text


def _joined(first: str, second: str) -> str:
    """Return two JSON objects, neither of them empty, as one."""
    return f"{first[:-1]},{second[1:]}"


class _Gap(NamedTuple):
    """An instance that the inventory doesn't name or, with None as ``instance_id``, a place whose coverage isn't known."""

    instance_id: str | None
    outcome: str
    message: str


def _gaps(entry: CoverageEntry) -> list[_Gap]:
    """Return the _Gaps of an entry of coverage; none where all instances are in the inventory."""
    if entry["error"]:
        return [_Gap(None, "unknown", f"coverage is not known: {entry['error']['message']}")]
    message = "in the account but not in the inventory: its backups are not audited"
    return [_Gap(instance_id, "fail", message) for instance_id in entry["not_in_inventory"]]


def _where(entry: PlaceEntry, evaluated_at: str, metadata: Json) -> Json:
    return {
        "time": _milliseconds(evaluated_at),
        "metadata": metadata,
        "cloud": {"provider": "Tencent Cloud", "account": {"name": entry["account"]}, "region": entry["region"]},
    }


def _of_gap(entry: CoverageEntry, gap: _Gap, audit: str) -> Json:
    """Return a finding of coverage without time and place. In each run it is the same, except for its message."""
    place = "/".join((entry["account"], entry["region"], entry["api_version"], entry["endpoint"]))
    status_id, status = _STATUS[gap.outcome]
    return {
        **_class(COVERAGE_SEVERITY, gap.outcome, waived=False),
        "message": f"{gap.instance_id or entry['region']}: coverage {gap.outcome}: {gap.message}",
        "finding_info": {
            "uid": "/".join(part for part in (audit, place, gap.instance_id, "coverage") if part),
            "title": "Backup policy: coverage",
            "types": ["backup"],
        },
        "compliance": {
            "control": "coverage",
            "standards": ["qcloud.crs coverage"],
            "status_id": status_id,
            "status": status,
            "status_code": gap.outcome,
            "status_details": [gap.message],
        },
        "resources": [
            {
                "uid": gap.instance_id or place,
                "type": "CRS instance" if gap.instance_id else "CRS region",
                "region": entry["region"],
            }
        ],
        "unmapped": {
            "audit": audit,
            "api_version": entry["api_version"],
            "endpoint": entry["endpoint"],
            "fails": entry["fails"],
        },
        **_error(entry["error"]),
    }


def _of_verdict(entry: InstanceEntry, verdict: RuleVerdict, audit: str) -> Json:
    """Return the finding of a verdict, without what is the same for all findings of the instance."""
    waiver = verdict["waiver"]
    return {
        **_class(verdict["severity"], verdict["outcome"], waived=waiver is not None),
        "compliance": _compliance(entry, verdict),
        "message": f"{entry['instance_id']}: {verdict['rule']} {verdict['outcome']}: {verdict['message']}",
        "finding_info": _info(entry, verdict, audit),
        # The name of the audit, the API version, and limit and actual value as numbers.
        "unmapped": {
            "audit": audit,
            "api_version": entry["api_version"],
            "limit": verdict["limit"],
            "actual": verdict["actual"],
            "waiver": waiver,
            **_restore_test(entry),
        },
        **_error(entry["error"]),
        **({"comment": _waived(waiver)} if waiver else {}),
    }


def _restore_test(entry: InstanceEntry) -> Json:
    """Return the state of the instance's restore tests, or nothing if they were not read."""
    return {"restore_test": state(entry["restore_tests"])} if entry["restore_tests"] else {}


def _error(error: ErrorDict | None) -> Json:
    """Return the API's error, of an instance or of coverage, under the schema's keys."""
    if not error:
        return {}
    code = {} if error["code"] is None else {"status_code": str(error["code"])}
    return {"status_detail": error["message"], **code}


def _class(severity: str, outcome: str, waived: bool) -> Json:
    """Return class, severity and status of a finding under the schema's keys."""
    severity_id, severity_name = _SEVERITY[severity] if outcome in ("fail", "unknown") else _INFORMATIONAL
    status_id, status = _SUPPRESSED if waived else _NEW
    return {
        "activity_id": _CREATE,
        "category_uid": 2,
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 2003 * 100 + _CREATE,
        "severity_id": severity_id,
        "severity": severity_name,
        "status_id": status_id,
        "status": status,
    }


def _metadata(record: Record) -> Json:
    name, _space, version = record["generator"].partition(" ")
    return {
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {"name": name, "vendor_name": "qcloud.crs contributors", "version": version},
        "logged_time": _milliseconds(record["finished_at"]),
    }


def _info(entry: InstanceEntry, verdict: RuleVerdict, audit: str) -> Json:
    """Return what identifies a finding: unique within a run, and the same in each run for an audit, instance and rule."""
    parts = [audit, entry["region"], entry["instance_id"], verdict["rule"]]
    if entry["host"] != entry["instance_id"]:
        # Two hosts may stand for one instance, each with its own policy.
        parts.insert(3, entry["host"])
    return {"uid": "/".join(parts), "title": f"Backup policy: {verdict['rule']}", "types": ["backup"]}


def _compliance(entry: InstanceEntry, verdict: RuleVerdict) -> Json:
    """Return name, limit and outcome of the rule under the schema's keys."""
    status_id, status = _STATUS[verdict["outcome"]]
    return {
        "control": verdict["rule"],
        "standards": [f"qcloud.crs policy {entry['policy']}"],
        "control_parameters": [{"name": "limit", "value": _as_text(verdict["limit"])}],
        "status_id": status_id,
        "status": status,
        "status_code": verdict["outcome"],
        "status_details": [verdict["message"], *([_waived(verdict["waiver"])] if verdict["waiver"] else [])],
    }


def _resource(entry: InstanceEntry) -> Json:
    resource: Json = {
        "uid": entry["instance_id"],
        "uid_alt": entry["host"],
        "type": "CRS instance",
        "region": entry["region"],
    }
    if entry["instance_name"]:
        resource["name"] = entry["instance_name"]
    if entry["tags"]:
        resource["tags"] = [{"name": str(name), "value": _as_text(value)} for name, value in entry["tags"].items()]
    if entry["created_time"]:
        resource["created_time"] = _milliseconds(entry["created_time"])
    return resource


def _waived(waiver: AcceptedBy) -> str:
    return f"waived by {waiver['owner']} until {waiver['expires']}: {waiver['reason']}"


def _milliseconds(text: str) -> int:
    return int(from_iso(text).timestamp() * 1000)


def _as_text(value: object) -> str:
    """Return a value as text, as the schema requires: JSON, unless it is a text already."""
    return value if isinstance(value, str) else _limit_to_json(value)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value


REPORT = Report(
    order=40,
    name="ocsf",
    file_name="findings.ocsf.json",
    parts=parts,
    users="SIEM",
    details=f"OCSF {VERSION} Compliance Findings, one per line",
)
