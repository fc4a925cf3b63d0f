# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same facts give the same outcomes, however they came; and fewer of them never turn red into green.

Whole audits over a cloud that is made of lists. Ages are odd half hours and limits whole ones, so that the seconds that an audit
takes decide nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._api.base import Page
from ansible_collections.qcloud.crs.plugins.module_utils._errors import (
    AuthError,
    BadResponse,
    CrsError,
    Denied,
    NotFound,
    ServerError,
    Throttled,
    Unreachable,
)
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import judge_again, merge
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.tests.unit.examples import MANY, examples
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    CODES,
    D,
    H,
    ago,
    backup,
    iso,
    target,
)

pytestmark = pytest.mark.without_coverage

WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
#: What a policy may ask; each with limits that some fleets meet.
RULES = {
    "max_age": st.sampled_from(["26h", "3d"]),
    "max_age_system": st.sampled_from(["26h", "8d"]),
    "min_usable": st.sampled_from([1, 3, 8]),
    "min_retention": st.sampled_from(["1d", "6d"]),
    "daily": st.sampled_from([1, 4]),
    "max_gap": st.sampled_from(["30h", "4d"]),
    "window": st.sampled_from(["00:00-12:00", "00:00-24:00"]),
    "min_size_ratio": st.sampled_from([0.1, 1]),
    "max_in_progress": st.sampled_from(["2h", "3d"]),
    "retention_configured": st.just("7d"),
    "auto_backup": st.just(True),
}
#: Rules that what isn't shown can't break: they would pass first, were a listing that failed judged.
ABSENCE = st.fixed_dictionaries({name: RULES[name] for name in ("window", "max_in_progress")})
POLICIES = st.one_of(st.fixed_dictionaries({}, optional=RULES).filter(bool), ABSENCE)
#: Errors that concern one instance, and those that concern all.
OF_ONE = [
    Denied("no"),
    NotFound("gone", code="ResourceNotFound"),
    ServerError("locked"),
    Throttled("busy"),
    Unreachable("stuck"),
    BadResponse("odd"),
]
OF_ALL = [AuthError("bad key"), Unreachable("refused", meets_all=True)]
#: What lies in a window of sixty days ago, where only some policies look: an error, or a backup whose time can't be read.
OLD = [None, None, "undated", ServerError("cold storage"), Denied("archived")]
DEEP = st.sampled_from([{"min_retention": "90d"}, {"max_gap": "70d"}, {"max_age": "26h", "min_usable": 99}])
#: Whether the account has an instance: it may be gone, or be hidden from the list alone. A sweep shows backups of both.
THERE = ["listed"] * 8 + ["gone", "hidden"]
#: What an inventory may claim, as the account says it and otherwise: hours of age, and a status.
CLAIMS = st.fixed_dictionaries(
    {}, optional={"age": st.sampled_from([5, 24 * 300]), "status": st.sampled_from(["isolated", "running"])}
)
SINGLE = ["crs-a", "crs-b", "crs-c"]
SWEPT = [f"crs-{letter}" for letter in "abcdefghijkl"]


@st.composite
def instances(draw):
    """One instance: its backups as (half hours of age, type, status, size), its configuration, and who waives what until when."""
    if draw(st.booleans()):
        rows = [(2 * 24 * day + 1, "system", "normal", 1000) for day in range(draw(st.integers(1, 9)))]
    else:
        ages = st.integers(-60, 2 * 24 * 10).map(lambda hours: 2 * hours + 1)
        row = st.tuples(
            ages, st.sampled_from(["system", "manual"]), st.sampled_from(list(CODES)), st.sampled_from([None, 9, 999])
        )
        rows = draw(st.lists(row, max_size=8))
        if draw(st.booleans()):
            rows.append((2 * 24 * 4 + 1, "system", "locked", None))
    if draw(st.sampled_from([False] * 11 + [True])):
        # As far ahead as API 3.0 is asked for.
        rows.append((1 - 2 * 24 * 29, "manual", "normal", 9))
    ends = draw(st.sampled_from([[], [], [], [-1], [1, 30, -1]]))
    return {
        "rows": rows,
        "days": draw(st.sampled_from([6, 7, 30])),
        "week": draw(st.sampled_from([WEEK, WEEK[:6]])),
        "there": draw(st.sampled_from(THERE)),
        "created": draw(st.sampled_from([None, 5, 24 * 3, 24 * 300])),
        "status": draw(st.sampled_from(["running"] * 6 + ["unknown", "isolated"])),
        "claims": draw(CLAIMS),
        "waived": [(rule, end) for end in ends for rule in RULES],
        # Even what can't be about one instance may be said of one alone.
        "error": draw(st.sampled_from([None] * 12 + OF_ONE + OF_ALL)),
        "old": draw(st.sampled_from(OLD)),
    }


@st.composite
def fleets(draw):
    names = draw(st.sampled_from([SINGLE, SWEPT]))
    return {name: draw(instances()) for name in names}, draw(POLICIES)


class Cloud:
    """A region, of API 3.0 unless ``version`` says otherwise. Each keyword is a way to answer, and none of them changes a fact, but ``lost`` and ``refused``.

    ``asked`` collects whose pages of backups were asked for, None for all. ``cap`` is how many rows a page has at most, ``lost``
    are backups that are counted and not shown, ``refused`` are errors by action.
    """

    region, zone = "ap-guangzhou", timezone.utc
    action, instances_action, config_action = "backups", "instances", "config"
    offset_may_count_pages = False

    def __init__(
        self, fleet, now, order=None, cap=100, can_sweep=True, lost=(), refused=None, version="v3", asked=None
    ):
        self.fleet, self.now, self.cap, self.can_sweep = fleet, now, cap, can_sweep and version == "v3"
        self.version, self.asked_for = version, [] if asked is None else asked
        self.horizon_seconds, self.max_span_seconds = (None, 30 * D) if version == "v3" else (7 * D, None)
        self.order, self.lost, self.refused = order or (lambda rows: rows), lost, refused or {}
        self.instances_page_size = 1000
        endpoint = SimpleNamespace(url="https://redis.example.com/", host="redis.example.com")
        self.client = SimpleNamespace(endpoint=endpoint, requests=0, retries=0, throttled=0)

    def asked(self, action, instance_id=None):
        return f"{action} of {instance_id}"

    def _refuse(self, action):
        if action in self.refused:
            raise self.refused[action]

    def backups_page(self, instance_id, begin, end, offset, limit):
        self.asked_for.append(instance_id)
        self._refuse("backups")
        if instance_id is None:
            self._refuse("sweep")
        else:
            self._refuse_instance(instance_id)
        first = iso(begin or self.now - timedelta(seconds=self.horizon_seconds))
        begins_early = begin and begin < self.now - timedelta(days=40)
        rows = [
            {
                **backup(age * H / 2, status, kind, size=size, now=self.now, backup_id=f"{name}-{at}"),
                "instance_id": name,
            }
            for name, one in self.fleet.items()
            # A sweep hides what may not be read.
            if instance_id == name or (instance_id is None and not one["error"])
            for at, (age, kind, status, size) in enumerate(one["rows"])
        ]
        rows = self.order(
            [row for row in rows if first <= row["start_time"] and (not end or row["start_time"] <= iso(end))]
        )
        if begins_early:
            for name in [instance_id] if instance_id else self.fleet:
                rows += self._old(name)
        limit = min(limit, self.cap)
        return Page([row for row in rows[offset : offset + limit] if row["backup_id"] not in self.lost], len(rows))

    def _old(self, name):
        """Return what a window of long ago has of an instance, beside rows that have a time."""
        old = self.fleet[name]["old"]
        if isinstance(old, CrsError):
            raise old
        return [{**backup(undated=True, backup_id=f"{name}-old"), "instance_id": name}] if old else []

    def _refuse_instance(self, instance_id):
        one = self.fleet[instance_id]
        if one["there"] == "gone":
            raise NotFound("no such instance", code="ResourceNotFound")
        if one["error"]:
            raise one["error"]

    def instances_page(self, offset, limit, wanted):
        self._refuse("instances")
        rows = self.order([self._instance(name, one) for name, one in self.fleet.items() if one["there"] == "listed"])
        return Page(rows[offset : offset + limit], len(rows))

    def _instance(self, name, one):
        return {
            "instance_id": name,
            "tags": None,
            "status": one["status"],
            "created_time": one["created"] and ago(one["created"] * H + H / 2, self.now),
        }

    def auto_backup_config(self, instance_id):
        self._refuse("config")
        if self.fleet[instance_id]["there"] == "gone":
            raise NotFound("no such instance", code="ResourceNotFound")
        one = self.fleet[instance_id]
        return {"retention_days": one["days"], "week_days": one["week"], "window": None}


def record(
    fleet,
    rules,
    now,
    names=None,
    waivers=None,
    concurrency=1,
    claims=True,
    coverage="fail",
    policies=None,
    unknown_fails=True,
    **how,
):
    """Return the record of an audit of a fleet. ``names`` are its hosts, in this order; ``waivers`` orders a host's own.

    Without ``claims`` the inventory says nothing but ids. ``policies`` are those of hosts that have rules of their own.
    """
    targets = [
        target(
            name,
            (policies or {}).get(name, rules),
            [
                {"rule": rule, "reason": "CHG-1", "owner": "dba", "expires": ago(-days * D, now)}
                for rule, days in (waivers or list)(fleet[name]["waived"])
            ],
            **(claimed(fleet[name]["claims"], now) if claims else {}),
            connection={"api_version": how.get("version", "v3")},
            unknown_fails=unknown_fails,
        )
        for name in names or fleet
    ]
    dialect = Cloud(fleet, now, **how)
    made = run.run([run.Connection("prod", dialect, concurrency, targets, None)], coverage)
    # Whatever it is: read from its file, it follows from its own facts.
    assert judge_again.contradiction(json.loads("".join(_record.parts(made)))) is None
    return made


def claimed(claims, now):
    """Return what a host's variables say of its instance."""
    age = claims.get("age")
    return {"created_time": age and ago(age * H + H / 2, now), "status": claims.get("status")}


def verdicts(made):
    """Return what is concluded of each instance. Messages may name seconds, and are left out."""
    return {
        entry["instance_id"]: (
            entry["outcome"],
            entry["fails"],
            [(one["rule"], one["outcome"], one["waiver"]) for one in entry["rules"]],
        )
        for entry in made["instances"]
    }


def red(made):
    """Return what fails a run: instances, and places whose coverage isn't known or isn't whole."""
    return {entry["instance_id"] for entry in made["instances"] if entry["fails"]} | {
        entry["region"] for entry in made["coverage"] if entry["fails"]
    }


def test_the_same_facts_give_the_same_outcomes():
    outcomes = Counter()

    @examples(few=40)
    @given(fleets(), st.data())
    def any_fleet(made, data):
        fleet, rules = made
        now = datetime.now(timezone.utc)
        # With and without the right to list instances there are other facts, and the same however they come.
        denied = data.draw(st.sampled_from([{}, {}, {"instances": Denied("no")}, {"instances": OF_ALL[0]}]))
        if denied.get("instances") in OF_ALL:
            # The list and an instance that answer so are evidence of a bad key: then the others aren't asked.
            fleet = {
                name: {**one, "error": None if one["error"] in OF_ALL else one["error"]} for name, one in fleet.items()
            }
        plain = verdicts(record(fleet, rules, now, refused=denied))
        outcomes.update(outcome for outcome, _fails, _rules in plain.values())
        random = data.draw(st.randoms(use_true_random=False))

        def shuffled(items):
            return random.sample(list(items), len(items))

        how = {
            "names": shuffled(fleet),
            # Sorted anew for each page, rows would move while paging, which does not happen in reality.
            "order": data.draw(st.sampled_from([None, lambda rows: rows[::-1], lambda rows: sorted(rows, key=repr)])),
            "cap": data.draw(st.sampled_from([1, 3, 100])),
            "can_sweep": data.draw(st.booleans()),
            "waivers": shuffled,
            "concurrency": data.draw(st.sampled_from([1, 4])),
            "coverage": data.draw(st.sampled_from(["off", "report", "fail"])),
            # Whatever a sweep meets, each instance can still be asked.
            "refused": {**data.draw(st.sampled_from([{}, *({"sweep": error} for error in OF_ONE + OF_ALL)])), **denied},
        }
        assert verdicts(record(fleet, rules, now, **how)) == plain

    any_fleet()
    assert {"pass", "fail", "unknown", "waived"} <= set(outcomes), outcomes


def parted(names, random):
    """Return the names in two parts that both have some."""
    cut = random.randrange(1, len(names))
    mixed = random.sample(names, len(names))
    return mixed[:cut], mixed[cut:]


def test_some_of_the_hosts_are_judged_as_among_all():
    """As --limit leaves out the others, and as slices that are merged: a part of those that are swept is asked one by one."""

    @examples(few=25)
    @given(fleets(), st.randoms(use_true_random=False), st.sampled_from([{}, {"instances": Denied("no")}]))
    def any_fleet(made, random, refused):
        fleet, rules = made
        now = datetime.now(timezone.utc)
        single = record(fleet, rules, now, refused=refused)
        whole = verdicts(single)
        slices = [record(fleet, rules, now, names=names, refused=refused) for names in parted(list(fleet), random)]
        for one in slices:
            limited = verdicts(one)
            assert limited == {name: whole[name] for name in limited}
        moment = datetime.now(timezone.utc)
        merged = merge.merge(dict(zip("ab", map(_record.stored, slices))), moment, 2, max_age=600, max_spread=600)
        assert verdicts(merged) == whole
        assert merged["summary"] == _record.summary(merged["instances"])
        assert merged["coverage"] == single["coverage"]

    any_fleet()


#: What API 2.0 shows as API 3.0 does: rules that look back seven days at most, and judge neither sizes nor configurations.
BOTH_SHOW = {
    "max_age": st.just("26h"),
    "max_age_system": st.just("26h"),
    "min_usable": st.sampled_from([1, 3]),
    "min_retention": st.sampled_from(["1d", "6d"]),
    "daily": st.sampled_from([1, 4]),
    "max_gap": st.sampled_from(["30h", "4d"]),
    "window": RULES["window"],
    "max_in_progress": RULES["max_in_progress"],
}


def test_both_apis_come_to_the_same_where_both_show_the_facts():
    seen = Counter()

    @examples(few=40)
    @given(fleets(), st.fixed_dictionaries({}, optional=BOTH_SHOW).filter(bool), st.booleans())
    def any_fleet(made, rules, denied):
        # Backups of a week.
        fleet = {
            name: {**one, "rows": [row for row in one["rows"] if row[0] < 2 * 24 * 7 - 1]}
            for name, one in made[0].items()
        }
        how = {"refused": {"instances": Denied("no")} if denied else None}
        now = datetime.now(timezone.utc)
        second, third = (verdicts(record(fleet, rules, now, version=one, **how)) for one in ("v2", "v3"))
        assert second == third
        seen.update(outcome for outcome, _fails, _rules in third.values())

    any_fleet()
    assert {"pass", "fail", "unknown", "not_applicable"} <= set(seen), seen


def test_a_claim_excuses_nothing():
    """Whatever the account itself says, and whether what is unknown fails or is a warning."""
    seen = Counter()

    @examples(few=80)
    @given(fleets(), st.booleans(), st.booleans())
    def any_fleet(made, denied, unknown_fails):
        fleet, rules = made
        now = datetime.now(timezone.utc)
        how = {"refused": {"instances": Denied("no")} if denied else None, "unknown_fails": unknown_fails}
        without, claimed_ = (record(fleet, rules, now, claims=claims, **how) for claims in (False, True))
        assert red(without) == red(claimed_)
        by_claims = verdicts(claimed_)
        for name, (_outcome, _fails, rules) in verdicts(without).items():
            for first, second in zip(rules, by_claims[name][2]):
                # Of what the account doesn't say itself, it makes a doubt of a failure at most.
                assert first == second or (first[1], second[1]) == ("fail", "unknown")
                seen[first == second, unknown_fails] += 1

    any_fleet()
    assert seen[False, True] and seen[False, False], seen


def test_a_host_is_judged_alone_as_beside_neighbours_whose_policies_look_further_back():
    """An error of where only they look, or a backup without a time, is theirs."""
    seen = Counter()

    @examples(few=60)
    @given(fleets(), st.data())
    def any_fleet(made, data):
        fleet, rules = made
        now = datetime.now(timezone.utc)
        some = data.draw(
            st.sets(st.sampled_from(sorted(fleet)), max_size=len(fleet) - 1), label="who looks further back"
        )
        policies = {name: data.draw(DEEP) for name in sorted(some)}
        how = {"policies": policies, "can_sweep": data.draw(st.booleans())}
        beside = verdicts(record(fleet, rules, now, **how))
        name = data.draw(st.sampled_from(sorted(set(fleet) - some)), label="host")
        for names in ([name], sorted(set(fleet) - some), [name, *sorted(some)]):
            limited = verdicts(record(fleet, rules, now, names=names, **how))
            assert limited == {one: beside[one] for one in names}
        seen[bool(some and fleet[name]["old"]), beside[name][0]] += 1

    any_fleet()
    assert seen[True, "pass"], seen


@pytest.mark.parametrize(
    "policies, asked",
    [
        ({}, {None: 2}),
        # All that look back 27 days at most are listed together.
        ({"crs-a": {"min_retention": "27d"}, "crs-b": {"max_age": "3d"}}, {None: 2}),
        ({"crs-a": {"min_retention": "28d"}}, {None: 2, "crs-a": 2}),
        ({"crs-a": {"min_retention": "90d"}, "crs-b": {"min_retention": "90d"}}, {None: 2, "crs-a": 5, "crs-b": 5}),
    ],
)
def test_a_policy_that_looks_further_back_costs_requests_of_its_own_hosts(policies, asked):
    one = {
        "rows": [(2 * 24 * day + 1, "system", "normal", 9) for day in range(3)],
        "there": "listed",
        "created": 24 * 300,
    }
    more = {"status": "running", "claims": {}, "waived": [], "error": None, "old": None}
    fleet, found = {name: {**one, **more} for name in [*SWEPT, "crs-m", "crs-n"]}, []
    record(fleet, {"max_age": "26h"}, datetime.now(timezone.utc), policies=policies, asked=found)
    assert Counter(found) == asked


@pytest.mark.parametrize("version, outcomes", [("v2", ["pass", "unknown"]), ("v3", ["pass", "unknown"])])
@pytest.mark.parametrize("turn", [1, -1])
def test_two_hosts_of_one_instance_may_look_back_differently(version, outcomes, turn):
    """The record counts the instance once, and follows from its own facts if only one of its listings failed."""
    one = {
        "rows": [(1, "system", "normal", 9)],
        "there": "listed",
        "created": 24 * 300,
        "status": "running",
        "error": None,
    }
    fleet, now = {"crs-a": {**one, "old": OF_ONE[2]}}, datetime.now(timezone.utc)
    targets = [
        target(host, rules, instance_id="crs-a", connection={"api_version": version})
        for host, rules in (("near", {"max_age": "26h"}), ("far", {"min_retention": "90d"}))
    ]
    made = run.run([run.Connection("prod", Cloud(fleet, now, version=version), 1, targets[::turn], None)])
    assert sorted(entry["outcome"] for entry in made["instances"]) == outcomes
    (listing,) = made["listings"]
    assert (listing["instances"], listing["incomplete"], listing["total"]) == (1, int(version == "v3"), 1)
    assert judge_again.contradiction(json.loads("".join(_record.parts(made)))) is None


def test_what_the_account_lacks_is_never_judged_by_its_backups():
    @examples(few=25)
    @given(fleets(), st.sampled_from(["gone", "hidden"]), st.booleans(), st.sampled_from(["v2", "v3"]))
    def any_fleet(made, there, can_sweep, version):
        fleet, rules = made
        rules = {name: limit for name, limit in rules.items() if name not in ("retention_configured", "auto_backup")}
        fleet = {name: {**one, "there": there, "waived": [], "error": None} for name, one in fleet.items()}
        found = record(
            fleet, rules or {"max_age": "26h"}, datetime.now(timezone.utc), can_sweep=can_sweep, version=version
        )
        assert {entry["outcome"] for entry in found["instances"]} == {"unknown"}
        assert {entry["error"]["kind"] for entry in found["instances"]} == {"not_found"}
        assert red(found) >= set(fleet)

    any_fleet()


def test_what_another_accounts_list_says_of_an_instance_is_no_fact_of_this_ones():
    """That it is about to be deleted, where this one's list hides it: as a slice of this one alone says it."""
    now = datetime.now(timezone.utc)
    one = {
        "rows": [(1, "system", "normal", 9)],
        "created": None,
        "claims": {},
        "waived": [],
        "error": None,
        "old": None,
    }
    both = {
        "other": {"crs-a": {**one, "there": "hidden", "status": "isolated"}},
        "prod": {"crs-a": {**one, "there": "listed", "status": "isolated"}},
    }

    def audited(*accounts):
        made = run.run(
            [
                run.Connection(
                    name,
                    Cloud(both[name], now),
                    1,
                    [target(f"of-{name}", {"max_age": "26h"}, instance_id="crs-a")],
                    None,
                )
                for name in accounts
            ],
            "fail",
        )
        assert judge_again.contradiction(json.loads("".join(_record.parts(made)))) is None
        return made

    whole, slices = audited("other", "prod"), [audited(name) for name in both]
    assert [entry["lacking"] for entry in whole["coverage"]] == [["crs-a"], [], []]
    found = {str(number): _record.stored(one) for number, one in enumerate(slices)}
    assert merge.merge(found, now + timedelta(minutes=1), 2, 3600, 3600)["coverage"] == whole["coverage"]


@pytest.mark.parametrize("steps", [(0, -90, -90), (0, 5, -90)], ids=["while listing", "while judging"])
def test_a_clock_that_is_set_back_during_an_audit_contradicts_nothing(monkeypatch, steps):
    """As one is that a machine sets soon after it starts. The backups are judged no earlier than they were asked for."""
    now = datetime.now(timezone.utc)
    clock = iter(now + timedelta(seconds=step) for step in steps)
    monkeypatch.setattr(run, "datetime", SimpleNamespace(now=lambda _zone: next(clock)))
    fleet = {
        "crs-a": {
            "rows": [(1, "system", "normal", 9)],
            "there": "listed",
            "created": None,
            "status": "running",
            **{"claims": {}, "waived": [], "error": None, "old": None},
        }
    }
    # Read from its file, it follows from its own facts: record() looks.
    assert verdicts(record(fleet, {"max_age": "26h"}, now))


def weaker(fleet, random):
    """Return ways to know less of a fleet, by name: each a fleet and how it is asked."""
    name = random.choice(sorted(fleet))
    one = fleet[name]
    ids = [f"{other}-{at}" for other in fleet for at in range(len(fleet[other]["rows"]))]
    hidden = [
        (age, kind, "unknown" if random.random() < 0.5 else status, size) for age, kind, status, size in one["rows"]
    ]
    unsized = [(age, kind, status, None) for age, kind, status, _size in one["rows"]]
    partly = [(age, kind, status, None if random.random() < 0.5 else size) for age, kind, status, size in one["rows"]]
    return {
        "a row is lost": (fleet, {"lost": random.sample(ids, min(1, len(ids)))}),
        "many rows are lost": (fleet, {"lost": random.sample(ids, len(ids) // 2)}),
        "all rows are lost": (fleet, {"lost": ids}),
        "a right is missing": ({**fleet, name: {**one, "error": Denied("no")}}, {}),
        "an instance answers with an error": ({**fleet, name: {**one, "error": random.choice(OF_ONE)}}, {}),
        "a status isn't known": ({**fleet, name: {**one, "rows": hidden}}, {}),
        "sizes are missing": ({**fleet, name: {**one, "rows": unsized}}, {}),
        "some sizes are missing": ({**fleet, name: {**one, "rows": partly}}, {}),
        "creation isn't known": ({other: {**fleet[other], "created": None} for other in fleet}, {}),
        "a state isn't known": ({**fleet, name: {**one, "status": "unknown"}}, {}),
        "the inventory says nothing": (fleet, {"claims": False}),
        "an instance is gone": ({**fleet, name: {**one, "there": "gone"}}, {}),
        "an instance is hidden from the list": ({**fleet, name: {**one, "there": "hidden"}}, {}),
        "configurations are denied": (fleet, {"refused": {"config": Denied("no")}}),
        "instances are denied": (fleet, {"refused": {"instances": Denied("no")}}),
        "backups are denied": (fleet, {"refused": {"backups": Denied("no")}}),
        "the region is gone": (
            fleet,
            {"refused": dict.fromkeys(("backups", "instances", "config"), random.choice(OF_ALL))},
        ),
    }


def denied_by_another_fact(fleet, less):
    """Return the region whose list is no longer in doubt, since the API now says that what it lacks no longer exists: that is not a weaker fact."""
    return {
        Cloud.region
        for name, one in fleet.items()
        if less[name] != one
        and one["there"] == "hidden"
        and (less[name]["there"] == "gone" or isinstance(less[name]["error"], NotFound))
    }


def test_weaker_facts_never_turn_red_into_green():
    seen = Counter()

    @examples(few=20)
    @given(fleets(), st.randoms(use_true_random=False), st.sampled_from([1, 3, 100]), st.booleans())
    def any_fleet(made, random, cap, can_sweep):
        fleet, rules = made
        now = datetime.now(timezone.utc)
        how = {"cap": cap, "can_sweep": can_sweep}
        before = red(record(fleet, rules, now, **how))
        ways = weaker(fleet, random)
        # Where many fleets are tried, two ways for each of them come to all.
        for what in random.sample(sorted(ways), 2) if MANY else ways:
            less, known = ways[what]
            after = red(record(less, rules, now, **{**how, **known}))
            if what == "instances are denied":
                # Without any list, it is not known what the list would lack: it is judged by its backups, with a warning.
                after |= {name for name, one in fleet.items() if one["there"] == "hidden"}
            after |= denied_by_another_fact(fleet, less)
            assert before <= after, (what, before - after)
            seen[what] += len(after - before)

    any_fleet()
    # Knowing less shows, in the end: none of these is a way to change nothing.
    known = ("the region is gone", "instances are denied", "all rows are lost")
    assert all(seen[what] for what in known), seen


def test_no_right_that_is_missing_turns_red_into_green():
    """One instance's backups, for each of them, and the list of instances."""

    @examples(few=10)
    @given(fleets(), st.sampled_from(["off", "fail"]))
    def any_fleet(made, coverage):
        fleet, rules = made
        now = datetime.now(timezone.utc)
        before = red(record(fleet, rules, now, coverage=coverage))
        for name, one in fleet.items():
            less = {**fleet, name: {**one, "error": Denied("no")}}
            after = record(less, rules, now, coverage=coverage)
            assert before <= red(after), name
            (entry,) = [entry for entry in after["instances"] if entry["instance_id"] == name]
            assert entry["outcome"] != "pass"
        after = red(record(fleet, rules, now, coverage=coverage, refused={"instances": Denied("no")}))
        hidden = {name for name, one in fleet.items() if one["there"] == "hidden"}
        assert before - hidden <= after

    any_fleet()
