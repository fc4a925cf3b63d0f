# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for CI systems: JUnit XML, a pure function of the record. Private to this collection.

``testsuites > testsuite > properties, testcase > failure | error | skipped``, in what the schema of Jenkins' ecosystem,
Jenkins and GitLab all take: ``skipped`` has no attribute, ``testsuites`` no count of them, a case no properties.

A suite is an audit, account, region and API, a case a host (its class) and a rule (its name). The two follow a case from run to run:
they hold nothing that a run changes, and never occur twice in the file, because GitLab keeps the first of equals only.
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from .._record.model import CoverageEntry, InstanceEntry, PlaceEntry, Record, RuleVerdict
from .._record.record import say_restore_tests
from .report_type import Report

Entry = TypeVar("Entry", bound=PlaceEntry)


class Case(NamedTuple):
    """One test case."""

    classname: str
    name: str
    #: The element of the outcome (failure, error or skipped), None for a pass.
    kind: str | None
    message: str | None
    #: The text of that element.
    text: str


#: Characters that XML 1.0 can't hold, that control a terminal, or that change the direction of the text after them.
_UNFIT = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
MAX_NAME = 200
MAX_MESSAGE = 1000
MAX_TEXT = 4000


def parts(record: Record) -> Iterator[str]:
    """Yield the XML text."""
    suites = [_suite(place, _audited(entries), record, entries) for place, entries in _by_place(record["instances"])]
    suites += _coverage(record)
    if not record["instances"]:
        # Without any case the build would be green.
        nothing = Case("audit", "scope", "error", "no instance was audited", "no instance was in scope")
        suites.append(_suite("scope", [nothing], record))
    root = ET.Element("testsuites", {"name": "crs-backup-policy", **_counts(suites)})
    root.extend(suites)
    ET.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ET.tostring(root, encoding="unicode") + "\n"


def _by_place(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Return ``[(place, entries)]`` for each account, region and API, in an order that no verdict changes."""
    places: dict[str, list[Entry]] = {}
    for entry in entries:
        places.setdefault(f"{entry['account']}/{entry['region']}/{entry['api_version']}", []).append(entry)
    return sorted(places.items())


def _audited(entries: list[InstanceEntry]) -> list[Case]:
    in_order = sorted(entries, key=lambda entry: entry["host"])
    return [_judged(entry, verdict) for entry in in_order for verdict in entry["rules"]]


def _class(entry: InstanceEntry) -> str:
    # Two hosts may name one instance.
    host, instance_id = entry["host"], entry["instance_id"]
    return host if host == instance_id else f"{host} ({instance_id})"


def _judged(entry: InstanceEntry, verdict: RuleVerdict) -> Case:
    message, waiver = verdict["message"], verdict["waiver"]
    case = Case(_class(entry), verdict["rule"], None, None, "")
    if waiver:
        text = f"WAIVED by {waiver['owner']} until {waiver['expires']}: {waiver['reason']}\nIt is {verdict['outcome']}: {message}"
        return case._replace(kind="skipped", text=text)
    if verdict["outcome"] == "not_applicable":
        return case._replace(kind="skipped", text=f"not applicable: {message}")
    if verdict["outcome"] == "pass":
        return case
    # Unknown is an error, because a skipped case leaves the build green.
    kind = "failure" if verdict["outcome"] == "fail" else "error"
    return case._replace(kind=kind, message=message, text=_details(entry, verdict))


def _details(entry: InstanceEntry, verdict: RuleVerdict) -> str:
    """Return the text of a rule that fails or is unknown. It repeats the message, because GitLab shows only the text."""
    origin = entry["origins"].get(verdict["rule"])
    lines = [
        verdict["message"],
        f"severity: {verdict['severity']}",
        f"limit: {verdict['limit']}" + (f" ({origin})" if origin else ""),
        f"actual: {'none' if verdict['actual'] is None else verdict['actual']}",
        f"instance: {entry['instance_id']} {entry['instance_name'] or ''}".rstrip(),
        f"policy: {entry['policy']}",
    ]
    if entry["error"]:
        lines.append(f"error: {entry['error']['message']}")
    return "\n".join(lines)


def _coverage(record: Record) -> list[ET.Element]:
    """Return the suite of instances that are not audited, as a list; empty if coverage is off."""
    cases = [case for place, entries in _by_place(record["coverage"]) for case in _covered(place, entries)]
    return [_suite("coverage", cases, record)] if cases else []


def _covered(place: str, entries: list[CoverageEntry]) -> list[Case]:
    """Return whether a region's instances could be listed, and a case for each that the inventory doesn't name.

    Two endpoints share these cases, and so do a slice that could list them and one that couldn't. A gap is a failure only if the record
    says so. With ``coverage: report`` it is skipped.
    """
    errors = [entry["error"]["message"] for entry in entries if entry["error"]]
    listed = Case(f"coverage {place}", "listing", None, None, "")
    cases = [listed._replace(kind="error", message=errors[0], text="\n".join(errors)) if errors else listed]
    gaps: dict[str, bool] = {}
    for entry in entries:
        for instance_id in entry["not_in_inventory"]:
            gaps[instance_id] = gaps.get(instance_id, False) or entry["fails"]
    for instance_id in sorted(gaps):
        text = f"{instance_id} is in the account but not in the inventory: its backups are not audited"
        gap = Case(f"coverage {place}", instance_id, "skipped", None, text)
        cases.append(gap._replace(kind="failure", message=text) if gaps[instance_id] else gap)
    return cases


def _suite(name: str, cases: list[Case], record: Record, entries: Sequence[InstanceEntry] = ()) -> ET.Element:
    kinds = [case.kind for case in cases]
    counts = {f"{kind}s": str(kinds.count(kind)) for kind in ("failure", "error")}
    suite = ET.Element("testsuite", {"name": _name(f"{record['name']}/{name}"), "tests": str(len(cases)), **counts})
    suite.set("skipped", str(kinds.count("skipped")))
    # In UTC; the form of Ant's schema has no zone.
    suite.set("timestamp", record["evaluated_at"].rstrip("Z"))
    properties = {
        "evaluated_at": record["evaluated_at"],
        "generator": record["generator"],
        "complete": str(record["complete"]).lower(),
    }
    if entries:
        properties["restore_tests"] = say_restore_tests(entries)
        properties["policies"] = " ".join(sorted({entry["policy"] for entry in entries}))
    listed = ET.SubElement(suite, "properties")
    for key, value in properties.items():
        ET.SubElement(listed, "property", {"name": key, "value": _fit(value, MAX_TEXT)})
    for case in cases:
        made = ET.SubElement(suite, "testcase", {"classname": _name(case.classname), "name": _name(case.name)})
        if case.kind:
            attributes = {"type": case.kind, "message": _fit(case.message, MAX_MESSAGE)} if case.message else {}
            ET.SubElement(made, case.kind, attributes).text = _fit(case.text, MAX_TEXT)
    return suite


def _counts(suites: list[ET.Element]) -> dict[str, str]:
    return {key: str(sum(int(suite.attrib[key]) for suite in suites)) for key in ("tests", "failures", "errors")}


def _name(text: str) -> str:
    """Return a valid name for a text. Different texts give different names, also where characters were replaced or cut."""
    fit = _escaped(text)
    if fit == text and len(text) <= MAX_NAME:
        return text
    return f"{fit[:MAX_NAME]}~{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _fit(text: str, longest: int) -> str:
    fit = _escaped(text)
    return fit if len(fit) <= longest else f"{fit[:longest]} ... (truncated: the record has all {len(text)} characters)"


def _escaped(text: str) -> str:
    return _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


REPORT = Report(
    order=20,
    name="junit",
    file_name="junit.xml",
    parts=parts,
    users="GitLab, Jenkins and other CI systems",
    details="V(fail) is a failure, V(unknown) an error, V(waived) and V(not_applicable) are skipped",
)
