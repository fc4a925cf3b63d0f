# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a stored record follows from its own facts: it is judged again, at the moment at which it was, and counted again.

Pure. Private to this collection. It knows a record that is as the schema says, and nothing of how it was made: that the facts
themselves are true, no record can show.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_iso
from .._canonical_json import digest
from .._policy.facts import whose
from .._policy.policy import parse_policy
from .._policy.waivers import Waiver
from . import record as _record

#: In place of a horizon where the API shows backups of any age.
_ANY = float("inf")


def contradiction(record):
    """Return what a record says against its own facts, or None. It has what its schema asks for."""
    return next(chain.from_iterable(check(record) for check in _CHECKS), None)


def merged_id(slices):
    """Return the id of a record that is merged from slices: the same slices are the same audit, however often they are merged."""
    return digest([one["sha256"] for one in slices])[:32]


def _policies(record):
    """Each policy is what its id is the hash of, and is some instance's."""
    for policy_id, values in record["policies"].items():
        try:
            policy = parse_policy(values)
        except InvalidOption as error:
            yield f"policy {policy_id}: {error.reason}"
        else:
            if policy.id != policy_id or values.keys() != {*policy.values, "timezone"}:
                yield f"policy {policy_id} has other values than that id is the hash of: theirs is {policy.id}"
    used = {entry["policy"] for entry in record["instances"]}
    for policy_id in sorted(used - record["policies"].keys()):
        yield f"it has no policy {policy_id}"
    for policy_id in sorted(record["policies"].keys() - used):
        yield f"policy {policy_id} is no instance's"


def _hosts(record):
    for host, count in Counter(entry["host"] for entry in record["instances"]).items():
        if count > 1:
            yield f"host {host} is in it {count} times"
    # Not of the schema's one form: it is as the inventory says.
    for entry in record["instances"]:
        if entry["created_time"] and parse_iso(entry["created_time"]) is None:
            yield f"{_of(entry)} was created at {entry['created_time']}, which is no time"


def _verdicts(record):
    """What each instance comes to is what its facts give, by its policy, at its moment, under the waivers that it names."""
    policies = {policy_id: parse_policy(values) for policy_id, values in record["policies"].items()}
    # One that had ended in a slice may have been live in another that was judged before.
    states = ("live", "expired") if record["slices"] else ("live",)
    known = {_waiver_key(one, one["rule"], one["instance"]) for one in record["waivers"] if one["state"] in states}
    for entry in record["instances"]:
        waivers = []
        for verdict in entry["rules"]:
            waiver = verdict["waiver"]
            if not waiver:
                continue
            if not known & {_waiver_key(waiver, verdict["rule"], whose) for whose in (None, entry["instance_id"])}:
                yield f"{_of(entry)}, rule {verdict['rule']}: it is waived by {waiver['owner']}, by no live waiver of the record"
            expires = parse_iso(waiver["expires"])
            waivers.append(Waiver(verdict["rule"], waiver["reason"], waiver["owner"], expires, None))
        found = _record.conclude(entry, policies[entry["policy"]], waivers)
        if any(entry[key] != value for key, value in found.items()):
            # The rule first, for it says more than what comes of it.
            differing = [key for key in ("rules", *found) if entry[key] != found[key]]
            yield _differing(entry, differing[0], found[differing[0]])


def _waiver_key(waiver, rule, instance):
    return rule, instance, waiver["owner"], waiver["reason"], waiver["expires"]


def _differing(entry, key, value):
    """Return which part of an entry is not what its facts give."""
    if key != "rules":
        return f"{_of(entry)}: {key} is {entry[key]!r}, and its facts give {value!r}"
    names, wanted = ([verdict["rule"] for verdict in verdicts] for verdicts in (entry["rules"], value))
    if names != wanted:
        return f"{_of(entry)}: its rules are {', '.join(names)}, and its policy's are {', '.join(wanted)}"
    rule, part, said, given = next(
        (verdict["rule"], part, verdict[part], wanted[part])
        for verdict, wanted in zip(entry["rules"], value)
        for part in wanted
        if verdict[part] != wanted[part]
    )
    return f"{_of(entry)}, rule {rule}: {part} is {said!r}, and its facts give {given!r}"


def _totals(record):
    for key, count in (("summary", _record.summary), ("complete", _record.complete)):
        found = count(record["instances"])
        if record[key] != found:
            yield f"{key} is {record[key]!r}, and its instances give {found!r}"


def _moments(record):
    """All are judged at the record's moment, or at those of the slices; no slice's instances are fewer or more than it had."""
    slices = record["slices"]
    moments = Counter(entry["evaluated_at"] for entry in record["instances"])
    if not slices:
        for moment in sorted(moments.keys() - {record["evaluated_at"]}):
            yield f"instances were judged at {moment}, and it at {record['evaluated_at']}"
        return
    wanted: Counter = Counter()
    for one in slices:
        wanted[one["evaluated_at"]] += one["instances"]
    for moment in sorted(moments.keys() | wanted.keys()):
        if moments[moment] != wanted[moment]:
            yield f"its slices have {wanted[moment]} instances that were judged at {moment}, and it has {moments[moment]}"
    for key, choose, which in (("evaluated_at", min, "first"), ("finished_at", max, "last")):
        moment = choose(one[key] for one in slices)
        if record[key] != moment:
            yield f"{key} is {record[key]}, and the {which} of its slices' is {moment}"
    # One without instances has nothing that is complete.
    if all(one["complete"] for one in slices if one["instances"]) != all(
        one["complete"] for one in record["instances"]
    ):
        words = ("all", "not all") if not _record.complete(record["instances"]) else ("not all", "all")
        yield f"{words[0]} of its slices are complete, and {words[1]} of its instances are"
    if record["id"] != merged_id(slices):
        yield f"id is {record['id']}, and its slices give {merged_id(slices)}"


def _waivers(record):
    """A waiver has ended or not by the moments of the judgement; a live one is for an instance and rule in scope."""
    moments = [one["evaluated_at"] for one in record["slices"]] or [record["evaluated_at"]]
    for one in record["waivers"]:
        # As texts, for all are in one form. Of slices it isn't kept which of them had it.
        ended = one["expires"] <= (max(moments) if one["state"] == "expired" else min(moments))
        if ended != (one["state"] == "expired"):
            yield f"the waiver of {one['rule']} by {one['owner']}, until {one['expires']}, is {one['state']}"
    live = [one for one in record["waivers"] if one["state"] == "live"]
    # Of a fleet's hundred thousand verdicts, where there is a waiver that may be of one.
    matched = {
        (verdict["rule"], whose)
        for entry in (record["instances"] if live else ())
        for verdict in entry["rules"]
        for whose in (None, entry["instance_id"])
    }
    for one in live:
        if (one["rule"], one["instance"]) not in matched:
            yield f"the waiver of {one['rule']} by {one['owner']}, until {one['expires']}, is live, and for nothing in scope"


def _listings(record):
    """What was asked for, and what came, is what the instances have."""
    entries, listings = _by_place(record["instances"]), _by_place(record["listings"])
    for place in sorted(entries.keys() ^ listings.keys()):
        has, lacks = ("instances", "listing") if place in entries else ("a listing", "instances")
        yield f"{_at(place)}: it has {has}, and no {lacks}"
    for place, theirs in entries.items():
        for problem in chain(_counts(theirs, listings[place]), _horizons(theirs, listings[place])):
            yield f"{_at(place)}: {problem}"


def _counts(entries, listings):
    """Yield what the counts of one place's listings say against its instances."""
    rows: dict = {}
    for entry in entries:
        rows[entry["instance_id"]] = max(rows.get(entry["instance_id"], 0), len(entry["backups"]))
    partial = [entry["instance_id"] for entry in entries if not entry["complete"]]
    # Each count at least, and at most: of an instance that several connections were asked for, each has counted it.
    counts = {
        "hosts": (len(entries), len(entries)),
        "instances": (len(rows), len(entries)),
        "incomplete": (len(set(partial)), len(partial)),
        "total": (sum(rows.values()), sum(len(entry["backups"]) for entry in entries)),
    }
    for key, (least, most) in counts.items():
        found = sum(one[key] for one in listings)
        if len(listings) == 1 and key != "hosts":
            most = least
        if key == "total" and any(one["begin_time"] for one in listings):
            # What was listed beyond what an instance's policy looks back is not judged, and not in the record.
            most = max(most, found)
        if not least <= found <= most:
            yield f"{key} of its listings is {found}, and its instances give {least if found < least else most}"


def _horizons(entries, listings):
    """Yield whether instances were judged as if more was shown than what was asked for, or less."""
    most, asked = (
        max(_ANY if one["horizon_seconds"] is None else one["horizon_seconds"] for one in those)
        for those in (entries, listings)
    )
    if most != asked:
        yield f"horizon_seconds of its instances is up to {most}, and of its listings {asked}"


def _coverage(record):
    """Each place that was asked was looked at, unless nobody was to look; what was found fails if it was to fail."""
    setting = record["coverage_setting"]
    listings, looked = _by_place(record["listings"]), _by_place(record["coverage"])
    for place in sorted(listings.keys() - looked.keys()) if setting != "off" else ():
        yield f"{_at(place)}: it has a listing, and no coverage"
    audited: dict = {}
    for entry in record["instances"]:
        for where in (whose(entry["endpoint"], entry["region"]), _record.place(entry)):
            audited.setdefault(where, set()).add(entry["instance_id"])
    for place, entries in looked.items():
        for entry in entries:
            in_region = audited.get(whose(entry["endpoint"], entry["region"]), set())
            here = audited.get(place, set())
            for problem in _gaps(entry, setting, in_region, here):
                yield f"{_at(place)}: {problem}"


def _gaps(entry, setting, in_region, here):
    """Yield what an entry of coverage says against what was audited in its region, and in its place."""
    missing, left_out, leaving = (set(entry[key]) for key in ("not_in_inventory", "not_audited", "isolated"))
    gap = bool(entry["error"] or missing)
    if entry["fails"] != (gap and setting == "fail"):
        which = "a gap" if gap else "no gap"
        yield f"fails of its coverage is {entry['fails']}, and it has {which} where coverage is set to {setting}"
    for instance_id in sorted((missing | left_out | leaving) & here):
        yield f"instance {instance_id} was audited, and is not by its coverage"
    for instance_id in sorted(left_out & (missing | leaving)):
        yield f"instance {instance_id} is in the inventory, and is not by its coverage"
    # However they are named, all that are not audited are in a list.
    named = sum(len(value) for value in entry.values() if isinstance(value, list))
    if not entry["error"] and entry["instances"] > named + len(in_region):
        yield (
            f"its coverage has {entry['instances']} instances, and {len(in_region)} that were audited and {named} that were not are "
            "known"
        )


def _by_place(entries):
    found: dict = {}
    for entry in entries:
        found.setdefault(_record.place(entry), []).append(entry)
    return found


def _of(entry):
    return f"host {entry['host']} (instance {entry['instance_id']})"


def _at(place):
    region, api_version, account, endpoint = place
    return f"account {account} in {region} over API {api_version} at {endpoint}"


#: In this order: each may rely on those before it.
_CHECKS = (_policies, _hosts, _verdicts, _totals, _moments, _waivers, _listings, _coverage)
