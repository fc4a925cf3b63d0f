# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the audit record: one JSON document with queries, facts and verdicts. Private to this collection.

Every report is a function of the record alone. It never has a credential.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from ...module_utils._api.backups import USABLE, BackupRecord, as_of
from ...module_utils._errors import CrsError
from ...module_utils._listing.lister import InstanceListing
from ...module_utils._times import from_iso, to_iso
from ...module_utils._version import VERSION
from .._canonical_json import digest
from .._policy import findings, history, rules
from .._policy import policy as _policy
from .._policy import restore_tests as _restore_tests
from .._policy import waivers as _waivers
from .._policy.facts import Facts, Instance, identity_of, place
from .model import (
    AccountQuery,
    BackupEntry,
    ClaimsEntry,
    Conclusion,
    ConfigEntry,
    CoverageEntry,
    InstanceEntry,
    InstanceFacts,
    ListingEntry,
    ListingError,
    PolicyValues,
    Record,
    SliceEntry,
    Stored,
    Summary,
)

if TYPE_CHECKING:
    from .._audit.target import Target

#: The name of the file of a record.
FILE_NAME = "audit-record.json"
SCHEMA = "qcloud.crs/audit-record/1"
GENERATOR = f"qcloud.crs {VERSION}"
#: Valid names of an audit, and the default name.
NAME, DEFAULT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}"), "crs"
#: Valid ids of a run that has slices. CI systems and AWX have such ids.
RUN = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")
#: What restore tests come to, in words.
_STATES = {
    _restore_tests.FAILED: "failed a test",
    _restore_tests.PASSED_BEFORE: "passed an earlier test, and could not be tested since",
    _restore_tests.UNKNOWN: "could not be tested",
    _restore_tests.NEVER: "were never tested",
    _restore_tests.NOT_KNOWN: "not known",
    _restore_tests.NOT_LOOKED_AT: "not looked at",
}
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_ORDER = {outcome: rank for rank, outcome in enumerate(_policy.OUTCOMES)}


def build(
    audited: Iterable[InstanceEntry],
    policies: Mapping[str, PolicyValues],
    listings: Iterable[ListingEntry],
    coverage: Iterable[CoverageEntry],
    waivers: Iterable[_waivers.WaiverEntry],
    evaluated_at: datetime,
    finished_at: datetime,
    audit_id: str,
    slices: Iterable[SliceEntry] = (),
    audit_name: str = DEFAULT_NAME,
    run: str | None = None,
    coverage_setting: str = "off",
) -> Record:
    """Return the record. The order of its entries depends only on their content.

    ``policies`` has at least those of the instances, by ``policy_id``. ``audit_id`` is 32 hexadecimal digits, unique to the record.
    ``slices`` are those of a merged record. ``audit_name`` distinguishes audits, and ``run`` the slices of one run from those of
    another. ``coverage_setting`` is off, report or fail.
    """
    instances = sorted(audited, key=lambda entry: (_ORDER[entry["outcome"]], _lateness(entry), entry["host"]))
    return {
        "schema": SCHEMA,
        "id": audit_id,
        "name": audit_name,
        "run": run,
        "generator": GENERATOR,
        "evaluated_at": to_iso(evaluated_at),
        "finished_at": to_iso(finished_at),
        "complete": complete(instances),
        "summary": summary(instances),
        "policies": {entry["policy"]: policies[entry["policy"]] for entry in instances},
        "instances": instances,
        "listings": sorted(listings, key=place),
        "coverage_setting": coverage_setting,
        "coverage": sorted(coverage, key=place),
        "waivers": sorted(waivers, key=_waiver_order),
        "slices": list(slices),
    }


def instance(target: Target, facts: Facts, now: datetime) -> InstanceEntry:
    """Return the entry of a host: the facts of its instance, and the conclusion.

    All that is judged is in the entry, so that ``conclude`` returns the same for it at any later time.
    """
    known = _known(target, facts, now)
    return {**known, **conclude(known, target.policy, target.waivers)}


def _known(target: Target, facts: Facts, now: datetime) -> InstanceFacts:
    listing = facts.listing
    return {
        "host": target.host,
        "instance_id": target.instance_id,
        "instance_name": target.name
        or next((row["instance_name"] for row in listing.backups if row["instance_name"]), None),
        "account": facts.origin.account,
        "region": facts.origin.region,
        "api_version": facts.origin.api_version,
        "endpoint": facts.origin.endpoint,
        "evaluated_at": to_iso(now),
        "complete": listing.error is None,
        "error": _error(listing.error),
        "created_time": facts.state.created_time,
        "status": facts.state.status,
        "claims": _claims(facts),
        "tags": target.tags,
        "horizon_seconds": facts.horizon_seconds,
        "config": _config(facts.config),
        "restore_tests": facts.restore_tests,
        "unknown": _unknown(target),
        "policy": _id_of_policy(target),
        "origins": target.origins,
        "backups": _backups(listing.backups, "required_remark" in target.policy.limits, now),
    }


def _error(error: CrsError | None) -> ListingError | None:
    # Verdicts use the reason. The message also has the request and the API's answer.
    return {**error.as_dict(), "reason": error.reason} if error else None


def _claims(facts: Facts) -> ClaimsEntry | None:
    claims = facts.claims
    return {"created_time": claims.created_time, "status": claims.status} if claims else None


def _config(config: Mapping[str, Any] | None) -> ConfigEntry | None:
    """Return the part of a configuration that rules read."""
    if config is None:
        return None
    kept = {key: config[key] for key in ("retention_days", "week_days", "error") if key in config}
    return cast(ConfigEntry, kept)


def _backups(rows: Iterable[BackupRecord], with_remarks: bool, now: datetime) -> list[BackupEntry]:
    """Return the entries of backups as of ``now`` (see ``as_of``), newest first."""
    entries: list[BackupEntry] = []
    for row in rows:
        row = as_of(row, now)
        kept: BackupEntry = {
            "start": row["start_time"],
            "type": row["type"],
            "status": row["status"],
            "size": row["size_bytes"],
        }
        # Only one rule reads remarks, so a fleet's hundred thousand backups don't all need one.
        if with_remarks and row["remark"]:
            kept["remark"] = row["remark"][: rules.MAX_REMARK]
        entries.append(kept)
    return sorted(entries, key=_backup_order, reverse=True)


def _backup_order(backup: BackupEntry) -> tuple[str, int, str, str, str]:
    """Return a sort key of all that an entry has, so that the API's order doesn't count."""
    size = -1 if backup["size"] is None else backup["size"]
    return backup["start"] or "", size, backup["type"], backup["status"], backup.get("remark", "")


def conclude(entry: InstanceFacts, policy: _policy.Policy, waivers: Sequence[_waivers.Waiver]) -> Conclusion:
    """Return the conclusion of an instance's facts: its verdicts, their worst outcome, and whether the host fails.

    ``waivers`` are all of the host's.
    """
    backups = [history.of_entry(backup) for backup in entry["backups"]]
    verdicts = _verdicts(entry, backups, policy, waivers)
    outcome = outcome_of(verdicts)
    fails = outcome == findings.FAIL or (outcome == findings.UNKNOWN and entry["unknown"] == "fail")
    if outcome == findings.UNKNOWN and entry["claims"] and not fails:
        # An instance that is unknown only because of a claim fails: a claim excuses nothing.
        fails = outcome_of(_verdicts({**entry, "claims": None}, backups, policy, waivers)) == findings.FAIL
    starts = sorted(backup["start"] for backup in entry["backups"] if backup["start"] and backup["status"] in USABLE)
    return {
        "outcome": outcome,
        "fails": fails,
        "usable": sum(backup["status"] in USABLE for backup in entry["backups"]),
        "newest_usable": starts[-1] if starts else None,
        "oldest_usable": starts[0] if starts else None,
        "rules": verdicts,
    }


def _verdicts(
    entry: InstanceFacts, backups: list[Any], policy: _policy.Policy, waivers: Sequence[_waivers.Waiver]
) -> list[_waivers.WaivedVerdict]:
    moment = from_iso(entry["evaluated_at"])
    return _waivers.waive(_policy.judge(backups, entry, policy, moment), waivers, entry["instance_id"], moment)


def outcome_of(verdicts: Iterable[Mapping[str, Any]]) -> str:
    """Return the worst outcome of the verdicts, with waivers applied."""
    return _policy.worst(_waivers.counted(verdict) for verdict in verdicts)


def listing(
    query: AccountQuery, hosts: int, listings: Iterable[InstanceListing], instances_error: CrsError | None = None
) -> ListingEntry:
    """Return the entry of one connection's listing for a number of hosts, with a hash of all its rows.

    An instance that was listed several times, because its hosts look back differently far, counts once. ``instances_error`` is that of
    the region's list of instances, or None.
    """
    listings = list(listings)
    rows = {(row["instance_id"], row["backup_id"]): row for listed in listings for row in listed.backups}
    return {
        **query,
        "hosts": hosts,
        "instances": len({listed.instance_id for listed in listings}),
        "incomplete": len({listed.instance_id for listed in listings if listed.error}),
        "instances_error": instances_error.as_dict() if instances_error else None,
        "total": len(rows),
        "sha256": digest([rows[key] for key in sorted(rows)]),
    }


def complete(instances: Sequence[InstanceEntry]) -> bool:
    """Tell whether there is an instance, and the listing of each is complete."""
    return bool(instances) and all(entry["complete"] for entry in instances)


def summary(instances: Iterable[InstanceEntry]) -> Summary:
    """Return the number of instances, and of each outcome.

    An instance with several hosts counts once, with the worst of their outcomes.
    """
    by_instance: dict[Instance, list[str]] = {}
    for entry in instances:
        by_instance.setdefault(identity_of(entry), []).append(entry["outcome"])
    outcomes = [_policy.worst(found) for found in by_instance.values()]
    return {"instances": len(outcomes), **{outcome: outcomes.count(outcome) for outcome in _policy.OUTCOMES}}


def policies(targets: Iterable[Target]) -> dict[str, PolicyValues]:
    """Return ``{policy_id: values}`` of the hosts' policies."""
    distinct = {(id(target.policy), target.unknown_fails): target for target in targets}
    return {_id_of_policy(target): _values(target.policy) for target in distinct.values()}


def _id_of_policy(target: Target) -> str:
    return policy_id(_values(target.policy), _unknown(target))


def _unknown(target: Target) -> str:
    return "fail" if target.unknown_fails else "warn"


def _values(policy: _policy.Policy) -> PolicyValues:
    return {**policy.values, "timezone": policy.zone_name}


def policy_id(values: PolicyValues, unknown: str) -> str:
    """Return the id of a policy with these values: 12 hexadecimal digits of a hash. ``unknown`` is fail or warn."""
    return digest({**values, "unknown": unknown})[:12]


def parts(record: Record) -> Iterator[str]:
    """Yield the record as JSON text: a line for each instance, listing, gap of coverage and waiver."""
    for number, (key, value) in enumerate(record.items()):
        yield f"{',' if number else '{'}\n{_as_json(key)}: "
        if isinstance(value, list):
            for line, entry in enumerate(value):
                yield f"{',' if line else '['}\n{_as_json(entry)}"
            yield "\n]" if value else "[]"
        else:
            yield _as_json(value)
    yield "\n}\n"


def hashed(texts: Iterable[str], update: Callable[[bytes], object]) -> Iterator[str]:
    """Yield the texts unchanged, and call ``update`` with the bytes that a file of them has."""
    for part in texts:
        # A JSON text can hold half of a surrogate pair, which UTF-8 can't: files have it escaped.
        update(part.encode("utf-8", "backslashreplace"))
        yield part


def stored(record: Record) -> Stored:
    """Return the record as Stored, with the hash of the file that the audit writes."""
    sha256 = hashlib.sha256()
    for _part in hashed(parts(record), sha256.update):
        pass
    return Stored(record, sha256.hexdigest())


def restore_tests(instances: Iterable[InstanceEntry]) -> dict[str, int]:
    """Return how many instances there are by what their restore tests come to: each of STATES, and NOT_LOOKED_AT."""
    found = {identity_of(entry): _restore_tests.state(entry["restore_tests"]) for entry in instances}
    counts = Counter(found.values())
    return {state: counts[state] for state in (*_restore_tests.STATES, _restore_tests.NOT_LOOKED_AT)}


def say_restore_tests(instances: Sequence[InstanceEntry]) -> str:
    """Return the same in words: what was never tested is to be seen, whether or not a rule asks for it."""
    counts = restore_tests(instances)
    total = sum(counts.values())
    if counts[_restore_tests.NOT_LOOKED_AT] == total:
        return "not looked at"
    more = [f"{counts[state]} {words}" for state, words in _STATES.items() if counts[state]]
    return ", ".join([f"{counts[_restore_tests.PASSED]} of {total} instances passed their last test", *more])


def _lateness(entry: InstanceEntry) -> int:
    """Return a sort key: of equal outcomes, the one with most rules of that outcome comes first."""
    return -sum(verdict["outcome"] == entry["outcome"] for verdict in entry["rules"])


def _waiver_order(waiver: _waivers.WaiverEntry) -> tuple[str, ...]:
    return waiver["rule"], waiver["instance"] or "", waiver["expires"], waiver["owner"], waiver["reason"]
