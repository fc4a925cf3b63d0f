# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stored record follows from its own facts, or is refused: no change of it alone turns red into green."""

from __future__ import annotations

import copy
import functools
import json
import os
import random
import re
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, Incomplete, NotFound, NotListed
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import waivers as _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.facts import place
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import judge_again, merge, schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, every_kind, good, waiver
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    NOW,
    D,
    H,
    a_test,
    ago,
    backup,
    iso,
    restore_tests,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import ALL_RULES, EXAMPLES

#: How many parts of each kind are changed: one, always the same, or as many others as asked for (make fuzz).
MANY = int(os.environ.get("CRS_EXAMPLES") or 0)
MINUTE = timedelta(minutes=1)
HOURLY = {"max_age": "1h", "timezone": "+08:00"}
HOURS_26 = {"max_age": "26h"}
CONFIG = {"retention_days": 3, "week_days": ["Monday"]}


def fleet(now=NOW):
    """Return a fleet in which each rule fails somewhere, and each other way to be red is there."""
    made = every_kind(now, tests=restore_tests(a_test(9 * D, now=now)))
    made.add("two waivers", good()[3:], waivers=[waiver("max_age", -1), waiver("max_age", instance="crs-a1")])
    made.add("no rule passes", good()[3:5], ALL_RULES, config=CONFIG)
    made.add("stuck", [*good(), backup(5 * H, "locked", now=now)], {"max_in_progress": "2h", "window": "00:00-00:01"})
    made.add("small", [backup(H, size=1, now=now), *good()[1:]], {"min_size_ratio": 0.5})
    for rule, example in EXAMPLES.items():
        limit, backups, config = example.fails
        made.add(
            f"fails {rule}", backups, {rule: limit}, config=config, restore_tests=example.restore_tests or made.tests
        )
    made.add("shares crs-a1", rules={"max_age": "30m"}, instance_id="crs-a1", created_time=ago(90 * D))
    made.add("as strict", rules={"max_age": "30m"})
    made.coverage_setting = "fail"
    for entry in made.coverage:
        entry["fails"] = bool(entry["error"] or entry["not_in_inventory"])
    return made


def merged():
    slices = [fleet(), Fleet(NOW + MINUTE, coverage_setting="fail").add("later").add("later and late", [])]
    slices[1].cover()
    # The inventory of both has the hosts of both.
    whole = next(one for one in slices[0].coverage if not one["error"])
    whole.update(not_audited=["later", "later and late"])
    found = {str(number): _record.stored(one.record()) for number, one in enumerate(slices)}
    return json.loads(json.dumps(merge.merge(found, NOW + MINUTE, 2, 3600, 3600)))


RECORDS = {"one run": lambda: fleet().record(), "merged": merged}
WHOLE = {name: json.dumps(make()) for name, make in RECORDS.items()}


@pytest.fixture(params=RECORDS)
def record(request):
    return json.loads(WHOLE[request.param])


def refusal(record):
    """Return why a record is refused, or None."""
    return schema.fault(record, schema.of_records()) or judge_again.contradiction(record)


def part_around(record, path):
    """Return a record with no other element of a list than the one that a path leads to: the schema looks at each by itself."""
    place, number = (*path, None)[:2]
    return {
        key: (value[number : number + 1] if key == place and isinstance(number, int) else [])
        if isinstance(value, list)
        else value
        for key, value in record.items()
    }


def red(record):
    """Return what fails the run that a record tells of."""
    return (
        {entry["host"] for entry in record["instances"] if entry["fails"]},
        {place(entry) for entry in record["coverage"] if entry["fails"]},
        record["complete"],
        record["summary"],
    )


def entry_of(record, host):
    return next(entry for entry in record["instances"] if entry["host"] == host)


def verdict_of(record, host, rule):
    return next(verdict for verdict in entry_of(record, host)["rules"] if verdict["rule"] == rule)


def counted_again(record):
    """Make all totals follow from the verdicts, as a careful forger would."""
    for entry in record["instances"]:
        entry["outcome"] = _record.outcome_of(entry["rules"])
        entry["fails"] = entry["outcome"] == "fail" or (entry["outcome"] == "unknown" and entry["unknown"] == "fail")
    record["summary"] = _record.summary(record["instances"])
    record["complete"] = _record.complete(record["instances"])


def test_what_is_written_is_its_own_proof(record):
    assert refusal(record) is None
    assert {entry["outcome"] for entry in record["instances"]} == set(policy.OUTCOMES)
    failing = {one["rule"] for entry in record["instances"] for one in entry["rules"] if one["outcome"] == "fail"}
    assert failing == set(policy.RULES)


# Each part of it, one at a time ----------------------------------------------------------------------------------


def leaves(value, path=()):
    if isinstance(value, (dict, list)):
        yield path
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*path, key))
    else:
        yield path


def part_of(record, path):
    return functools.reduce(lambda part, key: part[key], path, record)


@contextmanager
def changed(record, path, *value):
    """Have another value in the place of a part for a while, or nothing."""
    holder, key = part_of(record, path[:-1]), path[-1]
    kept = copy.copy(holder)
    if value:
        holder[key] = value[0]
    else:
        del holder[key]
    yield
    if isinstance(holder, dict):
        holder.clear()
        holder.update(kept)
    else:
        holder[:] = kept


def shape(path):
    """Return a path with no matter which element of a list."""
    return tuple("*" if isinstance(key, int) else key for key in path)


# A merged record has all that one of one run has.
@pytest.mark.parametrize("record", RECORDS if MANY else ["merged"], indirect=True)
def test_no_change_of_one_part_turns_red_into_green(record):
    """Each part of it in turn is what that part is elsewhere in the record, or gone: as far as the schema lets it be."""
    turn, before = random.Random(None if MANY else 1), red(record)
    by_shape: dict = {}
    for path in leaves(record):
        if path:
            by_shape.setdefault(shape(path), []).append(path)
    refused = Counter()
    for paths in by_shape.values():
        values = [part_of(record, path) for path in paths]
        for path in turn.sample(paths, min(MANY or 1, len(paths))):
            others = [[value] for value in values if value != part_of(record, path)]
            ways = [*turn.sample(others, min(MANY or 1, len(others))), []]
            for other in ways if MANY else [turn.choice(ways)]:
                with changed(record, path, *other):
                    fault = schema.fault(part_around(record, path), schema.of_records())
                    found = fault or judge_again.contradiction(record)
                    refused[bool(found)] += 1
                    assert found or red(record) == before, path
    assert refusal(record) is None
    assert refused[True] > 60 and refused[False] > 10, refused


# Each way to make a fleet green ----------------------------------------------------------------------------------


def fails_first(record):
    """Return an entry that fails by one rule that is broken."""
    return entry_of(record, "stale")


def turn(verdict, outcome="pass"):
    """Make a verdict another, with all that it says."""
    verdict.update(
        outcome=outcome, waiver=None, actual=verdict["limit"], message="newest usable backup started 1h ago, limit 26h"
    )


def on(host, change):
    """Return a change of one instance's entry."""
    return lambda record: change(entry_of(record, host))


def remove(host):
    return lambda record: record["instances"].remove(entry_of(record, host))


def ended(record):
    """Let a waiver that has ended cover what it covered."""
    of_it = {key: expired(record)[key] for key in ("reason", "owner", "expires")}
    verdict_of(record, "expired waiver", "max_age")["waiver"] = of_it


def expired(record):
    return next(one for one in record["waivers"] if one["state"] == "expired" and one["rule"] == "max_age")


def live(record):
    return next(one for one in record["waivers"] if one["state"] == "live" and one["rule"] == "max_age")


def waived_by(**made):
    def change(record):
        verdict = verdict_of(record, "empty", "min_usable")
        verdict["waiver"] = {"reason": "CHG-1042", "owner": "dba-team", "expires": ago(-30 * D), **made}

    return change


def ends_later(record):
    later = ago(-300 * D)
    expired(record).update(state="live", expires=later)
    verdict_of(record, "expired waiver", "max_age")["waiver"] = {
        "reason": "CHG-1042",
        "owner": "nobody",
        "expires": later,
    }


def policy_of(record, host):
    return record["policies"][entry_of(record, host)["policy"]]


def another_policy(record):
    """Judge an instance by the policy of one for which less is asked."""
    entry_of(record, "stale")["policy"] = entry_of(record, "small")["policy"]


def swap(record):
    """Give the facts of what passes to what fails, and the other way round."""
    good, stale = entry_of(record, "good"), entry_of(record, "stale")
    for key in ("backups", "usable", "newest_usable", "oldest_usable"):
        good[key], stale[key] = stale[key], good[key]


def judged_earlier(record):
    """As if all had been judged two days ago."""
    for one in (record, *record["instances"], *record["slices"]):
        one["evaluated_at"] = iso(NOW - 2 * timedelta(days=1))


def without(what):
    """Return a change that removes a region from the instances or from the listings."""

    def change(record):
        record[what] = [one for one in record[what] if one["region"] != "ap-shanghai"]

    return change


def uncovered(change):
    """Return a change of the coverage that has instances that are not audited."""
    return lambda record: change(next(one for one in record["coverage"] if one["not_in_inventory"]), record)


TAMPERED = {
    "a verdict is gone": (
        on("stale", lambda one: one["rules"].pop(0)),
        "host stale .*its rules are min_usable, min_ret",
    ),
    "a verdict is turned": (
        on("stale", lambda one: turn(one["rules"][0])),
        "host stale .*rule max_age: outcome is 'pass'",
    ),
    "a verdict isn't applicable": (
        on("stale", lambda one: turn(one["rules"][0], "not_applicable")),
        "host stale .*rule max_age: outcome is 'not_applicable', and its facts give 'fail'",
    ),
    "only the outcome of a verdict is turned": (
        on("stale", lambda one: one["rules"][0].update(outcome="pass")),
        "rule max_age: outcome is 'pass', and its facts give 'fail'",
    ),
    "a limit is raised": (
        on("stale", lambda one: one["rules"][0].update(outcome="pass", limit=100 * D)),
        "rule max_age: outcome is 'pass'",
    ),
    "all verdicts are one": (
        on("stale", lambda one: one.update(rules=one["rules"][1:2])),
        "its rules are min_usable, and those of its policy are max_age, min_usable, min_retention",
    ),
    "what was denied is complete": (
        on("denied", lambda one: one.update(complete=True, error=None)),
        "host denied .*rule max_age: outcome is 'unknown', and its facts give 'fail'",
    ),
    "what was denied passes": (
        on("denied", lambda one: (one.update(complete=True, error=None), [turn(rule) for rule in one["rules"]])),
        "host denied .*rule max_age: outcome is 'pass', and its facts give 'fail'",
    ),
    "what isn't known is a warning": (
        on("denied", lambda one: one.update(fails=False)),
        "fails is True|fails is False",
    ),
    "an instance is gone": (
        remove("stale"),
        "at https://redis.tencentcloudapi.com/: hosts of its listings is|its slices have",
    ),
    "an instance that could not be listed is gone": (remove("denied"), "hosts of its listings is|its slices have"),
    "a host of an instance that another passes": (remove("shares crs-a1"), "hosts of its listings is|its slices have"),
    "the instances of a region are gone": (
        without("instances"),
        "ap-shanghai over API v2 .*a listing, and no inst|its slices",
    ),
    "what a region showed is gone": (
        without("listings"),
        "in ap-shanghai over API v2 at .*: it has instances, and no listing",
    ),
    "backups are gone": (
        on("stuck", lambda one: one.update(backups=[])),
        "host stuck .*rule window: outcome is 'fail'",
    ),
    "the backups that break a rule are gone": (
        on(
            "stuck", lambda one: one["backups"].remove(next(row for row in one["backups"] if row["status"] == "locked"))
        ),
        "host stuck .*, and its facts give",
    ),
    "a waiver that has ended": (
        ended,
        "rule max_age: waiver is .*dba-team.*, and its facts give None",
    ),
    "a waiver of another instance": (
        on(
            "stale",
            lambda one: one["rules"][0].update(
                waiver={"reason": "CHG-1042", "owner": "dba-team", "expires": ago(-31 * D)}
            ),
        ),
        "host stale .*rule max_age: waiver is .*dba-team.*, and its facts give None",
    ),
    "a waiver that nobody wrote": (
        waived_by(owner="nobody"),
        "rule min_usable: waiver is .*nobody.*, and its facts give None",
    ),
    "a waiver that ends later now": (
        ends_later,
        "rule max_age: waiver is .*nobody.*, and its facts give .*dba-team",
    ),
    "a policy asks for less": (
        lambda record: policy_of(record, "stale").update(max_age="100d"),
        "policy [0-9a-f]{12} does not have the values that its id is the hash of: its values give [0-9a-f]{12}",
    ),
    "a policy asks for nothing": (
        lambda record: policy_of(record, "stale").pop("max_age"),
        "policy [0-9a-f]{12} does not have the values that its id is the hash of",
    ),
    "a policy is in another zone": (
        lambda record: policy_of(record, "stale").update(timezone="UTC"),
        "policy [0-9a-f]{12} does not have the values that its id is the hash of",
    ),
    "a policy in which nothing is on": (
        lambda record: (policy_of(record, "stale").clear(), policy_of(record, "stale").update(timezone="+08:00")),
        "policy [0-9a-f]{12}: no rule is on",
    ),
    "a policy that can't be read": (
        lambda record: policy_of(record, "stale").update(max_age="0s"),
        "policy [0-9a-f]{12}: max_age '0s' is zero",
    ),
    "a policy with a rule that is off": (
        lambda record: policy_of(record, "stale").update(auto_backup="off"),
        "policy [0-9a-f]{12} does not have the values that its id is the hash of",
    ),
    "a policy by which nobody is judged": (
        lambda record: record["policies"].update({_record.policy_id(HOURLY, "fail"): HOURLY}),
        "policy [0-9a-f]{12} belongs to no instance",
    ),
    "the policy of another": (
        another_policy,
        "host stale .*: its rules are max_age, .*and those of its policy are min_size_ratio",
    ),
    "judged at another time": (judged_earlier, "and its facts give"),
    "facts of another instance": (swap, "and its facts give"),
    "created an hour ago": (
        on("stale", lambda one: one.update(created_time=ago(H))),
        "host stale .*rule max_age: outcome is 'fail', and its facts give 'not_applicable'",
    ),
    "created when there is no day": (
        on("stale", lambda one: one.update(created_time="2026-02-30T00:00:00Z")),
        "host stale .*was created at 2026-02-30T00:00:00Z, which is not a valid time",
    ),
    "on its way out": (
        on("stale", lambda one: one.update(status="isolated")),
        "rule max_age: outcome is 'fail', and its facts give 'not_applicable'",
    ),
    "another horizon": (
        lambda record: [one.update(horizon_seconds=1) for one in record["instances"]],
        "and its facts give|horizon_seconds is at most 1",
    ),
    "configured as it should be": (
        on("no rule passes", lambda one: one.update(config={"retention_days": 30, "week_days": []})),
        "host no rule passes .*rule retention_configured: outcome is 'fail', and its facts give 'pass'",
    ),
    "fewer unusable backups": (
        on("all rules", lambda one: one.update(usable=99)),
        "usable is 99, and its facts give 9",
    ),
    "a host is there twice": (
        lambda record: entry_of(record, "stale").update(host="good"),
        "host good is in it 2 times",
    ),
    "the totals": (
        lambda record: record["summary"].update(fail=0),
        "summary is .*'fail': 0, .*, and its instances give .*'fail': [1-9]",
    ),
    "one is judged at another time": (
        on("gone", lambda one: one.update(evaluated_at="2026-06-15T12:00:30Z")),
        "instances were judged at 2026-06-15T12:00:30Z, and it at|its slices have [0-9]+ instances that were judged at",
    ),
    "a waiver that has ended is live": (
        lambda record: expired(record).update(state="live"),
        "the waiver of max_age by dba-team, until 2026-06-14T12:00:00Z, is live",
    ),
    "a live waiver has ended": (
        lambda record: live(record).update(state="expired"),
        "the waiver of .* by dba-team, until 2026-07-15T12:00:00Z, is expired",
    ),
    "a waiver for nothing in scope is live": (
        lambda record: next(one for one in record["waivers"] if one["state"] == "unmatched").update(state="live"),
        "the waiver of daily by dba-team, until .*, is live, and for nothing in scope",
    ),
    "nobody is uncovered": (
        uncovered(lambda one, _: one.update(not_in_inventory=[], fails=False)),
        "its coverage has [0-9]+ instances, and [0-9]+ that were audited and 0 that were not are known",
    ),
    "those that are uncovered don't fail": (
        uncovered(lambda one, _: one.update(fails=False)),
        "fails of its coverage is False, and it has a gap where coverage is set to fail",
    ),
    "nobody looked": (
        uncovered(lambda one, record: record["coverage"].remove(one)),
        "it has a listing, and no coverage",
    ),
    "what is audited is not in the inventory": (
        uncovered(lambda one, _: one["not_in_inventory"].append("stale")),
        "instance stale was audited, and its coverage says that it was not",
    ),
    "in the inventory, and not": (
        uncovered(lambda one, _: one["not_audited"].append(one["not_in_inventory"][0])),
        "instance crs-x1 is in the inventory, and its coverage says that it is not",
    ),
    "what is audited is isolated": (
        uncovered(lambda one, _: one["isolated"].append("stale")),
        "instance stale was audited, and its coverage says that it was not",
    ),
    "isolated, and in the inventory": (
        uncovered(lambda one, _: (one["isolated"].append("crs-x0"), one["not_audited"].append("crs-x0"))),
        "instance crs-x0 is in the inventory, and its coverage says that it is not",
    ),
}


@pytest.mark.parametrize(
    "record, change, said",
    [
        pytest.param(which, change, said, id=f"{name}, {which}")
        for name, (change, said) in TAMPERED.items()
        for which in RECORDS
        # Of slices where they come to something else.
        if which == "one run" or "|" in said
    ],
    indirect=["record"],
)
def test_whoever_makes_it_green_is_refused(record, change, said):
    whole = copy.deepcopy(record)
    change(record)
    found = refusal(record)
    assert found
    counted_again(record)
    # Some are mended by that.
    found = found if record == whole else judge_again.contradiction(record) or ""
    assert re.search(said, found), found


@pytest.mark.parametrize("key", ["hosts", "instances", "incomplete", "total"])
@pytest.mark.parametrize("more", [1, -1])
def test_of_one_listing_each_count_is_that_of_its_instances(key, more):
    record = Fleet().add("a").add("b", [], error=Denied("no")).add("c").record()
    assert refusal(record) is None
    found = record["listings"][0][key]
    record["listings"][0][key] += more
    assert f": {key} of its listings is {found + more}, and its instances give {found}" in refusal(record)


def test_of_an_instance_that_two_connections_were_asked_for_each_counts_it():
    """As where two hosts that stand for it read the API's times in different zones."""
    first, second = (Fleet(coverage_setting="off").add(host, instance_id="crs-a").record() for host in ("a", "b"))
    first["instances"] += second["instances"]
    first["listings"] += second["listings"]
    first["summary"] = _record.summary(first["instances"])
    assert refusal(first) is None
    first["listings"][0]["instances"] = 2
    assert "instances of its listings is 3, and its instances give 2" in refusal(first)


def judged_again(record):
    """Recalculate everything that follows from the facts of a record, as a careful forger would."""
    waivers = _waivers.of_hosts(record["waivers"])
    for entry in record["instances"]:
        values = record["policies"][entry["policy"]]
        entry.update(_record.conclude(entry, policy.parse_policy(values), waivers.get(entry["host"], ())))
    counted_again(record)


def late():
    return [backup(30 * H)]


def few():
    """Return a record in which each fact that is changed below makes something red: a host each, in a region or two."""
    made = Fleet(coverage_setting="fail").add("good").add("empty", []).add("denied", [], error=Denied("no"))
    made.add("late", late(), HOURS_26).add("waived", late(), HOURS_26, waivers=[waiver("max_age")])
    made.add("stuck", [*good(), backup(5 * H, "locked")], {**HOURS_26, "max_in_progress": "2h"})
    shared: dict = {"instance_id": "crs-a", "status": "running"}
    made.add("shared", [backup(50 * H)], **shared).add("shared too", [backup(50 * H)], **shared)
    made.add("looks far", [backup(H)], {"min_retention": "60d"})
    second: dict = {"region": "ap-tokyo", "api_version": "v2"}
    made.add("old", late(), HOURS_26, **second).add("old too", late(), HOURS_26, **second)
    made.add("unlisted", [], region="ap-shanghai")
    made.cover(["crs-x"], fails=True).cover(**second)
    made.cover(region="ap-shanghai", error=Denied("no"), fails=True)
    record = made.record()
    for one in record["listings"]:
        if one["region"] == "ap-shanghai":
            one["instances_error"] = Denied("no").as_dict()
    return record


def hidden():
    """Return a record whose list of instances hides one that is audited; the inventory has more than this run."""
    made = Fleet(coverage_setting="fail").add("good").add("hidden", error=NotListed("the list lacks it"))
    made.cover(fails=True, error=Incomplete("it lacks hidden"), lacking=["hidden"]).cover(not_audited=["crs-x"])
    record = made.record()
    seen_of(record)["instances"] = 2
    return record


def seen_of(record):
    return next(one for one in record["coverage"] if not one["error"])


def judged_at(hours, with_end=False):
    """Return a change that moves the judgement, with all that says when it was."""

    def change(record):
        for one in (record, *record["instances"]):
            one["evaluated_at"] = ago(-hours * H)
        if with_end:
            record["finished_at"] = ago(-hours * H)

    return change


def over_v2():
    """Return a record of API 2.0, which isn't asked for the time since a moment."""
    made = Fleet(coverage_setting="fail").add("late", late(), HOURS_26, region="ap-tokyo", api_version="v2")
    return made.cover(region="ap-tokyo", api_version="v2").record()


def gone():
    """Return a record in which the API says of one of two instances that it isn't there."""
    made = Fleet(coverage_setting="fail").add("good", status="running")
    made.add("gone", [], error=NotFound("it isn't there", code="ResourceNotFound")).cover()
    record = made.record()
    seen_of(record)["instances"] = 1
    return record


def without_error(record):
    """Say that a place was seen whose list of instances could not be read."""
    dark = next(one for one in record["coverage"] if one["region"] == "ap-shanghai")
    dark.update(error=None, fails=False, instances=1)


#: name: the record, the change of its facts, and a part of the message.
FACTS = {
    "backups that break a rule are gone": (
        few,
        on(
            "stuck", lambda one: one["backups"].remove(next(row for row in one["backups"] if row["status"] == "locked"))
        ),
        "over API v3 at .*: total of its listings is 21, and its instances give 20",
    ),
    "backups of one that looks further back are gone": (
        few,
        on("looks far", lambda one: one["backups"].clear()),
        "total of its listings is 21, and its instances give 20",
    ),
    "judged before it was asked": (
        few,
        judged_at(-20, with_end=True),
        "over API v3 at .*: its instances were judged at 2026-06-14T16:00:00Z, before their listing began according to begin_time",
    ),
    "judged when it had ended": (
        few,
        judged_at(48),
        "judged at 2026-06-17T12:00:00Z, and finished at 2026-06-15T12:00:03Z",
    ),
    "asked for since nobody knows when": (
        few,
        lambda record: (
            judged_at(-20, with_end=True)(record),
            [one.update(begin_time=None) for one in record["listings"]],
        ),
        "over API v3 at .*: begin_time of its listings must be null",
    ),
    "judged long before it ended, over API 2.0": (
        over_v2,
        judged_at(-6),
        "it was judged at 2026-06-15T06:00:00Z, and finished at 2026-06-15T12:00:03Z",
    ),
    "a status of a list that lacks it": (
        hidden,
        on("hidden", lambda one: one.update(status="isolated")),
        "host hidden .* has a status or creation time from the list of instances, and its error says that this list lacks it",
    ),
    "a creation of a list that lacks it": (
        hidden,
        on("hidden", lambda one: one.update(created_time=ago(H))),
        "host hidden .* has a status or creation time from the list of instances, and its error says that this list lacks it",
    ),
    "a status of a list that has no room for it": (
        gone,
        on("gone", lambda one: one.update(status="isolated")),
        "ap-guangzhou .*: its coverage has 1 instances, and its list showed at least 2",
    ),
    "a status of no list": (
        few,
        on("unlisted", lambda one: one.update(status="isolated")),
        "ap-shanghai .*: the list of instances could not be read for 1 of 1 hosts, but 1 have .*, such as host unlisted ",
    ),
    "a creation of no list": (
        few,
        on("unlisted", lambda one: one.update(created_time=ago(H))),
        "ap-shanghai .*: the list of instances could not be read for 1 of 1 hosts",
    ),
    "a coverage of no list": (
        few,
        without_error,
        "ap-shanghai .*: its instances could not be listed, and its coverage has no",
    ),
    "an account without instances": (
        few,
        lambda record: seen_of(record).update(instances=0, not_in_inventory=[], fails=False),
        "ap-guangzhou .*: its coverage has [0-9] instances, and at least 8 are known to exist",
    ),
    "a list that hides an instance is whole": (
        hidden,
        lambda record: record["coverage"].remove(next(one for one in record["coverage"] if one["error"])),
        "its coverage has 2 instances, and at least 3 are known to exist",
    ),
    "a waiver of a host that isn't there": (
        few,
        lambda record: record["waivers"][0].update(hosts=["waived", "nobody"]),
        "the waiver of max_age by dba-team, until .*, lists hosts that it does not apply to, or that do not exist: waived, nobody",
    ),
    "a waiver of an instance that the host isn't": (
        few,
        lambda record: record["waivers"][0].update(hosts=["late"], instance="waived"),
        "the waiver of max_age by dba-team, until .*, lists hosts that it does not apply to, or that do not exist: late",
    ),
    "a live waiver that is for nothing": (
        few,
        lambda record: record["waivers"][0].update(state="unmatched"),
        "the waiver of max_age by dba-team, until .*, is unmatched, and for something in scope",
    ),
    "less was asked for than was judged": (
        few,
        lambda record: [one.update(horizon_seconds=3600) for one in record["listings"]],
        "horizon_seconds is at most [0-9]+ for its instances, and at most 3600 for its listings",
    ),
    "less is shown of one": (
        few,
        on("empty", lambda one: one.update(horizon_seconds=3600)),
        "horizon_seconds of host empty .* is 3600, and its policy gives 2419200",
    ),
    "less is shown of one over API 2.0": (
        few,
        on("old", lambda one: one.update(horizon_seconds=3600)),
        "horizon_seconds of host old .* is 3600, and its policy gives 604800",
    ),
    "what isn't known is a warning": (
        few,
        on("denied", lambda one: one.update(unknown="warn")),
        "policy [0-9a-f]{12} does not have the values that its id is the hash of: its values give [0-9a-f]{12}, with unknown: warn",
    ),
    "an instance is isolated, and isn't": (
        few,
        on("shared", lambda one: one.update(status="isolated")),
        "status of host (shared|shared too) .* is not that of host (shared|shared too) .*, and one listing showed both",
    ),
    "an instance has backups, and hasn't": (
        few,
        on("shared", lambda one: one["backups"][0].update(start=ago(H))),
        "backups of host (shared|shared too) .* is not that of host (shared|shared too) .*, and one listing showed both",
    ),
}


@pytest.mark.parametrize("make, change, said", FACTS.values(), ids=FACTS)
def test_facts_that_contradict_each_other_are_refused(make, change, said):
    """Though all verdicts and totals follow from them."""
    record = make()
    assert judge_again.contradiction(record) is None
    change(record)
    judged_again(record)
    assert re.search(said, judge_again.contradiction(record) or ""), judge_again.contradiction(record)


@pytest.mark.parametrize("make", [few, hidden, over_v2, gone])
def test_those_records_are_as_their_schema_says(make):
    assert refusal(make()) is None


def test_a_waiver_covers_the_hosts_that_have_it_alone():
    record = few()
    (waiver_of_one,) = record["waivers"]
    assert waiver_of_one["hosts"] == ["waived"] and entry_of(record, "late")["outcome"] == "fail"
    waiver_of_one["hosts"] = ["late", "waived"]
    judged_again(record)
    assert entry_of(record, "late")["outcome"] == "waived"
    waiver_of_one["hosts"] = ["waived"]
    assert re.search("host late .*rule max_age: waiver is .*dba-team.*, and its facts give None", refusal(record))


#: Of a merged record, what its slices say.
OF_SLICES = {
    "a slice had fewer instances": (
        lambda slices, _: slices[0].update(instances=1),
        r"its slices have 1 instances that were judged at 2026-06-15T12:00:00Z, and it has \d+",
    ),
    "a slice is gone": (
        lambda slices, _: slices.pop(),
        "its slices have 0 instances that were judged at .*, and it has 2",
    ),
    "an older slice": (
        lambda slices, _: slices[0].update(evaluated_at="2026-06-15T11:30:00Z"),
        r"its slices have \d+ instances that were judged at 2026-06-15T11:30:00Z, and it has 0",
    ),
    "it is younger than its oldest slice": (
        lambda _, record: record.update(evaluated_at="2026-06-15T12:01:00Z"),
        "evaluated_at is 2026-06-15T12:01:00Z, and the first of its slices' is 2026-06-15T12:00:00Z",
    ),
    "it ended before its last slice": (
        lambda _, record: record.update(finished_at="2026-06-15T12:00:03Z"),
        "finished_at is 2026-06-15T12:00:03Z, and the last of its slices' is 2026-06-15T12:01:03Z",
    ),
    "all its slices are complete": (
        lambda slices, _: slices[0].update(complete=True),
        "all of its slices are complete, and not all of its instances are",
    ),
    "a slice that was another": (
        lambda slices, _: slices[0].update(sha256="0" * 64),
        "id is [0-9a-f]{32}, and its slices give [0-9a-f]{32}",
    ),
}


@pytest.mark.parametrize("change, said", OF_SLICES.values(), ids=OF_SLICES)
def test_what_slices_say_is_what_the_merged_record_has(change, said):
    record = json.loads(WHOLE["merged"])
    change(record["slices"], record)
    assert re.search(said, refusal(record) or ""), refusal(record)


def test_slices_are_complete_if_all_instances_are():
    """One without hosts is not, and lacks nothing."""
    slices = [Fleet().add("a").record(), {**Fleet().record(), "id": 32 * "1"}]
    made = merge.merge({str(n): _record.stored(one) for n, one in enumerate(slices)}, NOW, 2, 60)
    assert made["complete"] and refusal(json.loads(json.dumps(made))) is None
    slices[0] = Fleet().add("a", [], error=Denied("no")).record()
    made = merge.merge({str(n): _record.stored(one) for n, one in enumerate(slices)}, NOW, 2, 60)
    assert not made["complete"] and refusal(json.loads(json.dumps(made))) is None


def test_an_instance_may_end_between_two_slices():
    """The first slice could not list the account, and saw it; for the second it is gone, and the list is whole without it."""
    gone = NotFound("not found", code="ResourceNotFound.InstanceNotExists")
    first = Fleet(coverage_setting="fail").add("here", instance_id="crs-ends").cover(error=Denied("no"))
    second = (
        Fleet(NOW + MINUTE, coverage_setting="fail").add("stays").add("ended", [], error=gone, instance_id="crs-ends")
    )
    slices = [made.record() for made in (first, second.cover())]
    slices[1]["coverage"][0]["instances"] = 1
    found = {str(number): _record.stored(record) for number, record in enumerate(slices)}
    whole = json.loads(json.dumps(merge.merge(found, NOW + MINUTE, 2, 3600, 3600)))
    assert refusal(whole) is None


def _tested(record):
    return next(entry for entry in record["instances"] if entry["host"] == "fails max_restore_time")


def _faster(record):
    for test in ("latest", "passed"):
        _tested(record)["restore_tests"][test].update(restore_seconds=1.0)


OF_TESTS = {
    "restored faster": (_faster, "rule max_restore_time: outcome is 'fail', and its facts give 'pass'"),
    "a failed one passed": (
        lambda record: _tested(record)["restore_tests"]["passed"].update(outcome="failed"),
        "the last passed test is failed",
    ),
    "the last failed one is gone": (
        lambda record: _tested(record)["restore_tests"]["latest"].update(outcome="failed"),
        "the last test is failed, and not the last failed one",
    ),
    "the last one is gone": (
        lambda record: _tested(record)["restore_tests"].update(latest=None),
        "the last passed test is later than the last one",
    ),
    "it was after the audit": (
        lambda record: [
            _tested(record)["restore_tests"][test].update(evaluated_at="2026-06-15T12:10:01Z")
            for test in ("latest", "passed")
        ],
        "and its restore test ended at 2026-06-15T12:10:01Z",
    ),
    "nobody looked": (
        lambda record: _tested(record).update(restore_tests=None),
        "were looked at for some of its instances, and not for others",
    ),
}


@pytest.mark.parametrize("change, said", OF_TESTS.values(), ids=OF_TESTS)
def test_what_is_said_of_restore_tests_is_so(change, said):
    record = json.loads(WHOLE["one run"])
    change(record)
    assert said in (refusal(record) or ""), refusal(record)
