# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same facts give the same outcomes, however they came; and fewer of them never turn red into green.

Whole audits over a cloud that is made of lists. Ages are odd half hours and limits whole ones, so that the seconds that an audit
takes decide nothing.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._dialect import Page
from ansible_collections.qcloud.crs.plugins.module_utils._errors import (
    AuthError,
    BadResponse,
    Denied,
    NotFound,
    ServerError,
    Throttled,
    Unreachable,
)
from ansible_collections.qcloud.crs.plugins.plugin_utils import _audit
from ansible_collections.qcloud.crs.tests.unit.examples import examples
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    CODES,
    D,
    H,
    ago,
    backup,
    iso,
    target,
)

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
#: Errors that one instance may answer with, and those that nobody is spared.
OF_ONE = [
    Denied("no"),
    NotFound("gone"),
    ServerError("locked"),
    Throttled("busy"),
    Unreachable("stuck"),
    BadResponse("odd"),
]
OF_ALL = [AuthError("bad key"), Unreachable("refused", meets_all=True)]
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
    ends = draw(st.sampled_from([[], [], [], [-1], [1, 30, -1]]))
    return {
        "rows": rows,
        "days": draw(st.sampled_from([6, 7, 30])),
        "week": draw(st.sampled_from([WEEK, WEEK[:6]])),
        "created": draw(st.sampled_from([None, 5, 24 * 3, 24 * 300])),
        "waived": [(rule, end) for end in ends for rule in RULES],
        "error": draw(st.sampled_from([None] * 9 + OF_ONE)),
    }


@st.composite
def fleets(draw):
    names = draw(st.sampled_from([SINGLE, SWEPT]))
    return {name: draw(instances()) for name in names}, draw(POLICIES)


class Cloud:
    """A region of API 3.0. Each keyword is a way to answer, and none of them changes a fact, but ``lost`` and ``refused``.

    ``cap`` is how many rows a page has at most, ``lost`` are backups that are counted and not shown, ``refused`` are errors by
    action.
    """

    version, region, zone = "v3", "ap-guangzhou", timezone.utc
    action, instances_action, config_action = "backups", "instances", "config"
    horizon_seconds, max_span_seconds, offset_may_count_pages = None, 30 * D, False

    def __init__(self, fleet, now, order=None, cap=100, can_sweep=True, lost=(), refused=None):
        self.fleet, self.now, self.cap, self.can_sweep = fleet, now, cap, can_sweep
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
        self._refuse("backups")
        if instance_id is None:
            self._refuse("sweep")
        elif self.fleet[instance_id]["error"]:
            raise self.fleet[instance_id]["error"]
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
        rows = self.order([row for row in rows if iso(begin) <= row["start_time"] <= iso(end)])
        limit = min(limit, self.cap)
        return Page([row for row in rows[offset : offset + limit] if row["backup_id"] not in self.lost], len(rows))

    def instances_page(self, offset, limit, wanted):
        self._refuse("instances")
        names = self.order(list(self.fleet))
        return Page(
            [{"instance_id": name, "tags": None, "status": "running", "created_time": None} for name in names][
                offset : offset + limit
            ],
            len(names),
        )

    def auto_backup_config(self, instance_id):
        self._refuse("config")
        one = self.fleet[instance_id]
        return {"retention_days": one["days"], "week_days": one["week"], "window": None}


def record(fleet, rules, now, names=None, waivers=None, concurrency=1, created=True, **how):
    """Return the record of an audit of a fleet. ``names`` is the order of its hosts, ``waivers`` orders a host's own."""
    targets = [
        target(
            name,
            rules,
            [
                {"rule": rule, "reason": "CHG-1", "owner": "dba", "expires": ago(-days * D, now)}
                for rule, days in (waivers or list)(fleet[name]["waived"])
            ],
            created_time=(created and fleet[name]["created"] and ago(fleet[name]["created"] * H + H / 2, now)) or None,
        )
        for name in names or fleet
    ]
    dialect = Cloud(fleet, now, **how)
    return _audit.run([_audit.Connection("prod", dialect, concurrency, targets, None)], "fail", set(fleet))


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
        plain = verdicts(record(fleet, rules, now))
        outcomes.update(outcome for outcome, _fails, _rules in plain.values())
        random = data.draw(st.randoms(use_true_random=False))

        def shuffled(items):
            return random.sample(list(items), len(items))

        how = {
            "names": shuffled(fleet),
            # Sorted anew for each page, rows would move while paging, which is no fact of theirs.
            "order": data.draw(st.sampled_from([None, lambda rows: rows[::-1], lambda rows: sorted(rows, key=repr)])),
            "cap": data.draw(st.sampled_from([1, 3, 100])),
            "can_sweep": data.draw(st.booleans()),
            "waivers": shuffled,
            "concurrency": data.draw(st.sampled_from([1, 4])),
            # Whatever a sweep meets, each instance can still be asked.
            "refused": data.draw(st.sampled_from([None, *({"sweep": error} for error in OF_ONE + OF_ALL)])),
        }
        if how["refused"] and how["refused"]["sweep"] in OF_ALL:
            # Confirmed by an instance that is stuck, it would be everybody's.
            how["refused"] = how["refused"] if not any(one["error"] for one in fleet.values()) else None
        assert verdicts(record(fleet, rules, now, **how)) == plain

    any_fleet()
    assert {"pass", "fail", "unknown", "waived"} <= set(outcomes), outcomes


def weaker(fleet, random):
    """Return ways to know less of a fleet, by name: each a fleet and how it is asked."""
    name = random.choice(sorted(fleet))
    one = fleet[name]
    ids = [f"{other}-{at}" for other in fleet for at in range(len(fleet[other]["rows"]))]
    hidden = [
        (age, kind, "unknown" if random.random() < 0.5 else status, size) for age, kind, status, size in one["rows"]
    ]
    unsized = [(age, kind, status, None) for age, kind, status, _size in one["rows"]]
    return {
        "a row is lost": (fleet, {"lost": random.sample(ids, min(1, len(ids)))}),
        "many rows are lost": (fleet, {"lost": random.sample(ids, len(ids) // 2)}),
        "all rows are lost": (fleet, {"lost": ids}),
        "a right is missing": ({**fleet, name: {**one, "error": Denied("no")}}, {}),
        "an instance answers with an error": ({**fleet, name: {**one, "error": random.choice(OF_ONE)}}, {}),
        "a status isn't known": ({**fleet, name: {**one, "rows": hidden}}, {}),
        "sizes are missing": ({**fleet, name: {**one, "rows": unsized}}, {}),
        "creation isn't known": (fleet, {"created": False}),
        "configurations are denied": (fleet, {"refused": {"config": Denied("no")}}),
        "instances are denied": (fleet, {"refused": {"instances": Denied("no")}}),
        "backups are denied": (fleet, {"refused": {"backups": Denied("no")}}),
        "the region is gone": (
            fleet,
            {"refused": dict.fromkeys(("backups", "instances", "config"), random.choice(OF_ALL))},
        ),
    }


def test_weaker_facts_never_turn_red_into_green():
    seen = Counter()

    @examples(few=30)
    @given(fleets(), st.randoms(use_true_random=False), st.sampled_from([1, 3, 100]), st.booleans())
    def any_fleet(made, random, cap, can_sweep):
        fleet, rules = made
        now = datetime.now(timezone.utc)
        how = {"cap": cap, "can_sweep": can_sweep}
        before = red(record(fleet, rules, now, **how))
        for what, (less, known) in weaker(fleet, random).items():
            after = red(record(less, rules, now, **{**how, **known}))
            assert before <= after, (what, before - after)
            seen[what] += len(after - before)

    any_fleet()
    # Knowing less shows, in the end: none of these is a way to change nothing.
    assert all(seen[what] for what in ("the region is gone", "instances are denied", "all rows are lost")), seen
