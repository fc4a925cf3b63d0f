# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether a stored record follows from its own facts: instances are judged again as of the same moment, and counted again.

Pure. Private to this collection. The record must match its schema. Whether the facts themselves are true can't be checked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from ...module_utils._errors import InvalidOption, NotFound
from ...module_utils._times import from_iso, parse_iso
from .._canonical_json import digest
from .._coverage.coverage import Account, account_of, is_there
from .._policy import restore_tests
from .._policy import waivers as _waivers
from .._policy.facts import Whose, place, whose
from .._policy.history import MAX_AHEAD
from .._policy.policy import Policy, looks_back, parse_policy
from . import record as _record
from .model import CoverageEntry, InstanceEntry, ListingEntry, Record, SliceEntry

Place = tuple[str, str, str, str]
Placed = TypeVar("Placed", InstanceEntry, ListingEntry, CoverageEntry)
#: Facts that all hosts of an instance share within one listing; facts that they share if their policies also look back equally far.
_OF_INSTANCE, _OF_LISTING = ("created_time", "status", "config", "restore_tests"), ("complete", "error", "backups")
#: In place of a horizon where the API shows backups of any age.
_ANY = float("inf")
#: The maximum time that judging may take, in seconds. It begins after the last request.
_MAX_JUDGING = 3600


def contradiction(record: Record) -> str | None:
    """Return the first contradiction between a record and its own facts, as a sentence, or None. The record must match its schema."""
    return next(chain.from_iterable(check(record) for check in _CHECKS), None)


def merged_id(slices: Iterable[SliceEntry]) -> str:
    """Return the id of a record that is merged from slices: the same slices are the same audit, however often they are merged."""
    return digest([leaf["sha256"] for leaf in slices])[:32]


def _policies(record: Record) -> Iterator[str]:
    """Yield policies that are missing, invalid or of no instance, and those whose id is not the hash of their values."""
    used = {(entry["policy"], entry["unknown"]) for entry in record["instances"]}
    names = {policy_id for policy_id, _unknown in used}
    for policy_id in sorted(names - record["policies"].keys()):
        yield f"it has no policy {policy_id}"
    for policy_id, unknown in sorted(used):
        values = record["policies"][policy_id]
        try:
            policy = parse_policy(values)
        except InvalidOption as error:
            yield f"policy {policy_id}: {error.reason}"
        else:
            theirs = _record.policy_id({**policy.values, "timezone": policy.zone_name}, unknown)
            if theirs != policy_id or values.keys() != {*policy.values, "timezone"}:
                yield f"policy {policy_id} does not have the values that its id is the hash of: its values give {theirs}, with unknown: {unknown}"
    for policy_id in sorted(record["policies"].keys() - names):
        yield f"policy {policy_id} belongs to no instance"


def _hosts(record: Record) -> Iterator[str]:
    for host, count in Counter(entry["host"] for entry in record["instances"]).items():
        if count > 1:
            yield f"host {host} is in it {count} times"
    # The schema allows any form of ISO 8601 here, as the API says it, so that an impossible date matches, too.
    for entry in record["instances"]:
        if entry["created_time"] and parse_iso(entry["created_time"]) is None:
            yield f"{_of(entry)} was created at {entry['created_time']}, which is not a valid time"


def _restore_tests(record: Record) -> Iterator[str]:
    """Yield contradictions within restore tests, tests that ended after the judgement, and runs that read tests for some instances only."""
    entries = record["instances"]
    if not record["slices"] and len({entry["restore_tests"] is None for entry in entries}) > 1:
        yield "restore tests were looked at for some of its instances, and not for others"
    for entry in entries:
        tests = entry["restore_tests"]
        found = restore_tests.contradiction(tests) if tests else None
        if found:
            yield f"{_of(entry)}: {found}"
        for test in (tests["latest"], tests["passed"], tests["failed"]) if tests else ():
            if test and from_iso(test["evaluated_at"]) > from_iso(entry["evaluated_at"]) + MAX_AHEAD:
                yield f"{_of(entry)} was judged at {entry['evaluated_at']}, and its restore test ended at {test['evaluated_at']}"


def _verdicts(record: Record) -> Iterator[str]:
    """Yield instances whose rules or outcome differ from what their facts, policy, waivers and moment of judgement give."""
    policies = {policy_id: parse_policy(values) for policy_id, values in record["policies"].items()}
    waivers = _waivers.of_hosts(record["waivers"])
    for entry in record["instances"]:
        wanted: Mapping[str, Any] = _record.conclude(entry, policies[entry["policy"]], waivers.get(entry["host"], ()))
        found: Mapping[str, Any] = entry
        # Rules are compared first: a differing verdict explains a differing outcome.
        differing = [key for key in ("rules", *wanted) if found[key] != wanted[key]]
        if differing:
            yield _differing(entry, differing[0], wanted[differing[0]])


def _differing(entry: InstanceEntry, key: str, value: Any) -> str:
    """Return which part of an entry is not what its facts give."""
    found: Mapping[str, Any] = entry
    if key != "rules":
        return f"{_of(entry)}: {key} is {found[key]!r}, and its facts give {value!r}"
    names, wanted = ([verdict["rule"] for verdict in verdicts] for verdicts in (found[key], value))
    if names != wanted:
        return f"{_of(entry)}: its rules are {', '.join(names)}, and those of its policy are {', '.join(wanted)}"
    rule, part, said, given = next(
        (verdict["rule"], part, verdict[part], wanted[part])
        for verdict, wanted in zip(found[key], value)
        for part in wanted
        if verdict[part] != wanted[part]
    )
    return f"{_of(entry)}, rule {rule}: {part} is {said!r}, and its facts give {given!r}"


def _totals(record: Record) -> Iterator[str]:
    summary, complete = _record.summary(record["instances"]), _record.complete(record["instances"])
    for key, said, found in (("summary", record["summary"], summary), ("complete", record["complete"], complete)):
        if said != found:
            yield f"{key} is {said!r}, and its instances give {found!r}"


def _moments(record: Record) -> Iterator[str]:
    """Yield times that differ from the record's or its slices', and slices with fewer or more instances than they had."""
    slices = record["slices"]
    spans = [(leaf["evaluated_at"], leaf["finished_at"]) for leaf in slices]
    for evaluated_at, finished_at in spans or [(record["evaluated_at"], record["finished_at"])]:
        seconds = (from_iso(finished_at) - from_iso(evaluated_at)).total_seconds()
        if not 0 <= seconds <= _MAX_JUDGING:
            yield f"it was judged at {evaluated_at}, and finished at {finished_at}"
    moments = Counter(entry["evaluated_at"] for entry in record["instances"])
    if not slices:
        for moment in sorted(moments.keys() - {record["evaluated_at"]}):
            yield f"instances were judged at {moment}, and it at {record['evaluated_at']}"
        return
    wanted: Counter[str] = Counter()
    for leaf in slices:
        wanted[leaf["evaluated_at"]] += leaf["instances"]
    for moment in sorted(moments.keys() | wanted.keys()):
        if moments[moment] != wanted[moment]:
            yield f"its slices have {wanted[moment]} instances that were judged at {moment}, and it has {moments[moment]}"
    first, last = min(leaf["evaluated_at"] for leaf in slices), max(leaf["finished_at"] for leaf in slices)
    if record["evaluated_at"] != first:
        yield f"evaluated_at is {record['evaluated_at']}, and the first of its slices' is {first}"
    if record["finished_at"] != last:
        yield f"finished_at is {record['finished_at']}, and the last of its slices' is {last}"
    # A slice without instances is never complete.
    if all(leaf["complete"] for leaf in slices if leaf["instances"]) != all(
        entry["complete"] for entry in record["instances"]
    ):
        words = ("all", "not all") if not _record.complete(record["instances"]) else ("not all", "all")
        yield f"{words[0]} of its slices are complete, and {words[1]} of its instances are"
    if record["id"] != merged_id(slices):
        yield f"id is {record['id']}, and its slices give {merged_id(slices)}"


def _reviewed(record: Record) -> Iterator[str]:
    """Yield waivers that list hosts to which they don't apply, and those whose state doesn't follow from their end and the rules."""
    hosts = {entry["host"]: entry for entry in record["instances"]} if record["waivers"] else {}
    moments = [leaf["evaluated_at"] for leaf in record["slices"]] or [record["evaluated_at"]]
    for one in record["waivers"]:
        theirs = [hosts[host] for host in one["hosts"] if host in hosts]
        said = f"the waiver of {one['rule']} by {one['owner']}, until {one['expires']},"
        if len(theirs) < len(one["hosts"]) or any(
            one["instance"] not in (None, entry["instance_id"]) for entry in theirs
        ):
            yield f"{said} lists hosts that it does not apply to, or that do not exist: {', '.join(one['hosts'])}"
        # Times compare as texts, since all have one form. The record doesn't say which slices have a waiver without hosts.
        ended = [entry["evaluated_at"] for entry in theirs] or [min(moments)]
        expired = one["state"] == "expired"
        if one["expires"] > max(moments) if expired else one["expires"] <= max(ended):
            yield f"{said} is {one['state']}"
        matches = any(one["rule"] in record["policies"][entry["policy"]] for entry in theirs)
        if not expired and matches != (one["state"] == "live"):
            yield f"{said} is {one['state']}, and for {'something' if matches else 'nothing'} in scope"


def _listings(record: Record) -> Iterator[str]:
    """Yield contradictions between the listings of each place and its instances."""
    entries, listings = _by_place(record["instances"]), _by_place(record["listings"])
    for where in sorted(entries.keys() ^ listings.keys()):
        has, lacks = ("instances", "listing") if where in entries else ("a listing", "instances")
        yield f"{_at(where)}: it has {has}, and no {lacks}"
    policies = {policy_id: parse_policy(values) for policy_id, values in record["policies"].items()}
    for where, theirs in entries.items():
        for check in (_horizons, _begun, _states, _counts, _twins):
            for problem in check(theirs, listings[where], policies):
                yield f"{_at(where)}: {problem}"


def _begun(entries: list[InstanceEntry], listings: list[ListingEntry], _policies: object) -> Iterator[str]:
    """Yield instances that were judged before their backups can have been listed, and a begin_time that the API version rules out."""
    if any((one["begin_time"] is None) != (one["api_version"] == "v2") for one in listings):
        yield "begin_time of its listings must be null with API v2, and set with API v3"
    begun = [
        from_iso(one["begin_time"]).timestamp() + (one["horizon_seconds"] or 0) for one in listings if one["begin_time"]
    ]
    moments = {entry["evaluated_at"] for entry in entries}
    # Each slice made its listing before its judgement: the first listing is before the first judgement, the last before the last.
    for choose in (min, max) if begun else ():
        if from_iso(choose(moments)).timestamp() < choose(begun):
            yield (
                f"its instances were judged at {choose(moments)}, before their listing began according to begin_time and "
                "horizon_seconds"
            )


def _states(entries: list[InstanceEntry], listings: list[ListingEntry], _policies: object) -> Iterator[str]:
    """Yield instances that have facts from the list of instances although it lacks them or could not be read."""
    unread = sum(one["hosts"] for one in listings if one["instances_error"])
    stated = [entry for entry in entries if _is_stated(entry)]
    for entry in stated:
        error = entry["error"]
        if error and error["kind"] == NotFound.kind and error["code"] is None:
            yield f"{_of(entry)} has a status or creation time from the list of instances, and its error says that this list lacks it"
    if len(entries) - len(stated) < unread:
        yield (
            f"the list of instances could not be read for {unread} of {len(entries)} hosts, but {len(stated)} have a status or "
            f"creation time from it, such as {_of(stated[0])}"
        )


def _is_stated(entry: InstanceEntry) -> bool:
    """Tell whether the list of instances has it: status and creation time come from that list alone."""
    return entry["status"] is not None or entry["created_time"] is not None


def _horizons(entries: list[InstanceEntry], listings: list[ListingEntry], policies: dict[str, Policy]) -> Iterator[str]:
    """Yield horizons of instances that differ from those of their listings, or from what their policies give, in seconds."""
    most, asked = (
        max(_ANY if one["horizon_seconds"] is None else one["horizon_seconds"] for one in those)
        for those in (entries, listings)
    )
    if most != asked:
        yield f"horizon_seconds is at most {most} for its instances, and at most {asked} for its listings"
    # API 2.0 has one horizon for all policies. Over API 3.0 it follows from each policy.
    of_api = listings[0]["horizon_seconds"] if listings[0]["api_version"] == "v2" else None
    back = {policy_id: looks_back(policy, of_api) for policy_id, policy in policies.items()}
    for entry in entries:
        if entry["horizon_seconds"] != back[entry["policy"]]:
            yield f"horizon_seconds of {_of(entry)} is {entry['horizon_seconds']}, and its policy gives {back[entry['policy']]}"


def _by_listing(entries: list[InstanceEntry], listings: list[ListingEntry]) -> list[list[InstanceEntry]] | None:
    """Return the entries of each listing, by moment of judgement, or None if there are more listings than moments: that is ambiguous."""
    moments: dict[str, list[InstanceEntry]] = {}
    for entry in entries:
        moments.setdefault(entry["evaluated_at"], []).append(entry)
    return list(moments.values()) if len(moments) == len(listings) else None


def _counts(entries: list[InstanceEntry], listings: list[ListingEntry], _policies: object) -> Iterator[str]:
    """Yield counts of one place's listings that are lower or higher than its instances allow."""
    groups = _by_listing(entries, listings)
    # Each connection that listed an instance has counted it.
    least, most = _counted(groups or [entries], max), _counted(groups or [[entry] for entry in entries], sum)
    counted: Sequence[Mapping[str, Any]] = listings
    for key, at_least in least.items():
        found = sum(listing[key] for listing in counted)
        if not at_least <= found <= most[key]:
            yield f"{key} of its listings is {found}, and its instances give {at_least if found < at_least else most[key]}"


def _counted(groups: list[list[InstanceEntry]], joined: Callable[[Iterable[int]], int]) -> Counter[str]:
    """Return the counts that listings have if each lists one of the groups: hosts, instances, incomplete instances, backups (``total``).

    Hosts of an instance share its backups if their policies look back equally far. If they don't, ``joined`` combines the numbers:
    ``max`` gives the lowest possible count, ``sum`` the highest.
    """
    counts = Counter(hosts=0, instances=0, incomplete=0, total=0)
    for entries in groups:
        rows: dict[str, dict[int | None, int]] = {}
        for entry in entries:
            rows.setdefault(entry["instance_id"], {})[entry["horizon_seconds"]] = len(entry["backups"])
        counts["hosts"] += len(entries)
        counts["instances"] += len(rows)
        counts["incomplete"] += len({entry["instance_id"] for entry in entries if not entry["complete"]})
        counts["total"] += sum(joined(theirs.values()) for theirs in rows.values())
    return counts


def _twins(entries: list[InstanceEntry], listings: list[ListingEntry], _policies: object) -> Iterator[str]:
    """Yield hosts of an instance whose facts differ from those of its first host, although both are from one listing."""
    first: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    groups: Iterable[Sequence[Mapping[str, Any]]] = _by_listing(entries, listings) or ()
    for group in groups:
        for entry in group:
            for keys, facts in (((), _OF_INSTANCE), ((entry["horizon_seconds"],), _OF_LISTING)):
                other = first.setdefault((entry["evaluated_at"], entry["instance_id"], *keys), entry)
                for key in facts if other is not entry else ():
                    if _bare(entry[key]) != _bare(other[key]):
                        yield f"{key} of {_of(entry)} is not that of {_of(other)}, and one listing showed both"


def _bare(facts: Any) -> Any:
    """Return backups without remarks, since a record keeps only the remarks that a policy reads. Other facts are returned unchanged."""
    return [{**one, "remark": None} for one in facts] if isinstance(facts, list) else facts


def _coverage(record: Record) -> Iterator[str]:
    """Coverage has an entry for each listed place, unless it is off; ``fails`` follows from its gaps and the setting."""
    setting = record["coverage_setting"]
    listings, looked = _by_place(record["listings"]), _by_place(record["coverage"])
    for where in sorted(listings.keys() - looked.keys()) if setting != "off" else ():
        yield f"{_at(where)}: it has a listing, and no coverage"
    for where in listings.keys() & looked.keys():
        if any(one["instances_error"] for one in listings[where]) and not any(one["error"] for one in looked[where]):
            yield f"{_at(where)}: its instances could not be listed, and its coverage has no error"
    audited: dict[Whose | Place, set[str]] = {}
    for entry in record["instances"]:
        audited.setdefault(whose(entry["endpoint"], entry["region"]), set()).add(entry["instance_id"])
        audited.setdefault(place(entry), set()).add(entry["instance_id"])
    for where, entries in looked.items():
        for found in entries:
            in_region = audited.get(whose(found["endpoint"], found["region"]), set())
            here = audited.get(where, set())
            for problem in _gaps(found, setting, in_region, here):
                yield f"{_at(where)}: {problem}"
    yield from _lists(record)
    yield from _shown(record, listings, looked)


def _shown(
    record: Record, listings: dict[Place, list[ListingEntry]], looked: dict[Place, list[CoverageEntry]]
) -> Iterator[str]:
    """Yield lists of instances that are shorter than the number of audited instances with facts from such a list.

    Instances that weren't audited don't count: they may be from another list of the place, such as one that another key shows.
    """
    theirs = _by_place(record["instances"])
    for where in sorted(listings.keys() & looked.keys()):
        groups = _by_listing(theirs[where], listings[where]) or ()
        for length in (found["instances"] for found in looked[where]):
            known = max((len({one["instance_id"] for one in group if _is_stated(one)}) for group in groups), default=0)
            if length is not None and length < known:
                yield f"{_at(where)}: its coverage has {length} instances, and its list showed at least {known}"


def _lists(record: Record) -> Iterator[str]:
    """Yield lists of an account's instances in a region that are too short for those known to exist there, unless coverage says so."""
    seen: dict[Account, list[CoverageEntry]] = {}
    there: dict[Account, set[str]] = {}
    doubted: set[Account] = set()
    for found in record["coverage"]:
        account = account_of(found)
        if found["lacking"]:
            doubted.add(account)
        elif not found["error"]:
            seen.setdefault(account, []).append(found)
            there.setdefault(account, set()).update(found["not_in_inventory"], found["not_audited"])
    ended: dict[Account, set[str]] = {}
    for entry in record["instances"] if seen else ():
        if (account := account_of(entry)) in seen:
            # An instance may be deleted between two slices. Later lists lack it.
            (there if is_there(entry) else ended).setdefault(account, set()).add(entry["instance_id"])
    for account in seen.keys() - doubted:
        longest = max(found["instances"] or 0 for found in seen[account])
        known = len(there[account] - ended.get(account, set()))
        if longest < known:
            where = _at(place(seen[account][0]))
            yield f"{where}: its coverage has {longest} instances, and at least {known} are known to exist"


def _gaps(entry: CoverageEntry, setting: str, in_region: set[str], here: set[str]) -> Iterator[str]:
    """Yield contradictions between an entry of coverage and the instances that were audited in its region and in its place."""
    missing, left_out, leaving = (set(entry[key]) for key in ("not_in_inventory", "not_audited", "isolated"))
    gap = bool(entry["error"] or missing)
    if entry["fails"] != (gap and setting == "fail"):
        which = "a gap" if gap else "no gap"
        yield f"fails of its coverage is {entry['fails']}, and it has {which} where coverage is set to {setting}"
    for instance_id in sorted((missing | left_out | leaving) & here):
        yield f"instance {instance_id} was audited, and its coverage says that it was not"
    for instance_id in sorted(left_out & (missing | leaving)):
        yield f"instance {instance_id} is in the inventory, and its coverage says that it is not"
    # Each instance that was not audited must be in one of the entry's lists.
    named = sum(len(value) for value in entry.values() if isinstance(value, list))
    if not entry["error"] and (entry["instances"] or 0) > named + len(in_region):
        yield (
            f"its coverage has {entry['instances']} instances, and {len(in_region)} that were audited and {named} that were not are "
            "known"
        )


def _by_place(entries: Iterable[Placed]) -> dict[Place, list[Placed]]:
    found: dict[Place, list[Placed]] = {}
    for entry in entries:
        found.setdefault(place(entry), []).append(entry)
    return found


def _of(entry: Mapping[str, Any]) -> str:
    return f"host {entry['host']} (instance {entry['instance_id']})"


def _at(place: Place) -> str:
    region, api_version, account, endpoint = place
    return f"account {account} in {region} over API {api_version} at {endpoint}"


#: In this order: each may rely on those before it.
_CHECKS = (_policies, _hosts, _restore_tests, _verdicts, _totals, _moments, _reviewed, _listings, _coverage)
