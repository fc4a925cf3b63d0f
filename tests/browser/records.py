# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of made-up fleets, of any size and always the same, built by the collection's own code."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from random import Random
from types import SimpleNamespace

from ansible_collections.qcloud.crs.plugins.module_utils._api.backups import USABLE
from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied
from ansible_collections.qcloud.crs.plugins.plugin_utils._canonical_json import digest
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import facts
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import waivers as _waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record

NOW = datetime(2026, 6, 15, 6, 30, 0, tzinfo=timezone.utc)
AUDIT_ID = "3f9a1c" + 26 * "0"
H, D = 3600, 86400
DEFAULT = {"max_age": "26h", "min_usable": 1, "min_retention": "6d", "timezone": "+08:00"}
STRICT = {
    "max_age": "26h",
    "min_usable": 2,
    "min_retention": "13d",
    "daily": 7,
    "max_gap": "30h",
    "window": "01:00-05:00",
    "required_remark": {"pattern": "^release-", "within": "6h"},
    "timezone": "Asia/Shanghai",
}
ENDPOINT = "https://redis.example.com/"
NAMES = ("orders", "carts", "sessions", "catalog", "prices", "stock", "search", "profiles", "coupons", "reviews")
WAIVERS = [
    {
        "rule": "max_age",
        "reason": "Frozen until the migration is over, see CHG-4711.",
        "owner": "dba@example.com",
        "expires": "2026-09-30T00:00:00+08:00",
    },
    {"rule": "min_usable", "reason": "To be removed.", "owner": "ops@example.com", "expires": "2026-06-01T00:00:00Z"},
    {
        "rule": "daily",
        "reason": "A cache.",
        "owner": "web@example.com",
        "expires": "2026-12-31T00:00:00Z",
        "instance": "crs-00gone00",
    },
]


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def backup(age, status="normal", kind="system", size=1_300_000_000, remark=""):
    """Return a row as the listing has it; an age of None is a time that can't be read."""
    start = None if age is None else iso(NOW - timedelta(seconds=age))
    return {
        "instance_id": "crs-00000000",
        "instance_name": None,
        "backup_id": f"{kind}-{age}-{status}",
        "type": kind,
        "status": status,
        "usable": status in USABLE,
        "remark": remark,
        "start_time": start,
        "size_bytes": size,
    }


def days(count, first=10 * H, **more):
    return [backup(first + n * D + n * 97, size=1_300_000_000 + n * 1_000_003, **more) for n in range(count)]


#: What may be right or wrong with an instance: name, its backups, and what else is different about it.
KINDS = {
    "none": ([], {}),
    "busy": ([backup(20 * 60, "locked")], {}),
    "stale": (days(5, 50 * H), {}),
    "short": (days(3, 5 * H), {}),
    "gap": ([one for one in days(12) if "-4" not in one["start_time"][:10]][:3] + days(12)[7:], {"policy": STRICT}),
    "odd": (days(3) + [backup(4 * D + H, "unknown"), backup(None), backup(5 * D, "expired"), *days(2, 7 * D)], {}),
    "ahead": ([backup(-3 * H), *days(6)], {}),
    "denied": ([], {"error": Denied("no permission for this resource")}),
    "waived": (days(5, 60 * H), {"waivers": WAIVERS}),
    "strict": (days(14) + [backup(2 * H, kind="manual", remark="release-7")], {"policy": STRICT}),
    "unstated": (days(9), {"horizon": None}),
    "v2": ([{**one, "size_bytes": None} for one in days(7)], {"version": "v2", "horizon": 7 * D}),
    "young": (days(1, 4 * H), {"created": 30 * H}),
    "newborn": ([], {"created": 2 * H}),
    "isolated": (days(2), {"status": "isolated"}),
}
HEALTHY = (days(14), {})
#: Those of all entries: a record takes its own.
POLICIES = {}


def a_test(age, outcome="passed", seconds=12.5):
    """Return a restore test that ended this number of seconds ago, as a record has it."""
    passed = outcome == "passed"
    return {
        "id": f"{age:032x}",
        "evaluated_at": iso(NOW - timedelta(seconds=age)),
        "outcome": outcome,
        "code": None if passed else {"failed": "checksum_mismatch", "unknown": "download_refused"}[outcome],
        "message": "" if passed else "it says why",
        "backup_id": "165706342-5832225-1641692389",
        "backup_start": iso(NOW - timedelta(seconds=age + 8 * H)),
        "files": 1,
        "size_bytes": 1_300_000_000,
        "key_count": 1_000_000 if passed else 0,
        "servers": ["redis 7.0.15"],
        "checksum": "verified" if passed else None,
        "created": "compared" if passed else None,
        "sandbox": "bwrap",
        "seconds": {"download": seconds},
        "restore_seconds": seconds,
        "wiped_at": iso(NOW - timedelta(seconds=age)),
    }


def tests(*made, problem=None):
    """Return what is known of an instance with these restore tests, the oldest first."""
    last = {name: [one for one in made if one["outcome"] == name] for name in ("passed", "failed")}
    return {
        "problem": problem,
        "latest": made[-1] if made else None,
        **{name: found[-1] if found else None for name, found in last.items()},
    }


#: Restore tests in each state, by what the page says of them.
TESTS = {
    "passed 3d ago": tests(a_test(3 * D)),
    "never": tests(),
    "FAILED 24h ago": tests(a_test(9 * D), a_test(D, "failed")),
    "passed 20d ago": tests(a_test(20 * D)),
    "UNKNOWN 2d ago": tests(a_test(2 * D, "unknown")),
    "UNKNOWN 4d ago": tests(a_test(5 * D), a_test(4 * D, "unknown")),
    "not known": tests(a_test(6 * D), problem="restore-test-old.json can't be read"),
}


def entry(number, kind, name=None, backups=None, restore_tests=None, **more):
    """Return an instance's entry in the record, with other backups than those of its kind where they are given."""
    usual, what = KINDS.get(kind, HEALTHY)
    backups = usual if backups is None else backups
    policy = _policy.parse_policy(what.get("policy", DEFAULT))
    created = what.get("created", 200 * D)
    target = SimpleNamespace(
        host=f"crs-{number:08}",
        account=None,
        instance_id=f"crs-{number:08}",
        name=name or NAMES[number % len(NAMES)],
        created_time=iso(NOW - timedelta(seconds=created)),
        status=what.get("status"),
        tags={},
        connection={"api_version": what.get("version", "v3")},
        policy=policy,
        origins=dict.fromkeys(policy.limits, "set for this host" if "policy" in what else "role default"),
        waivers=_waivers.parse_waivers(what.get("waivers"), "waivers"),
        unknown_fails=True,
    )
    for key, value in more.items():
        setattr(target, key, value)
    listing = SimpleNamespace(backups=backups, error=what.get("error"))
    version = target.connection["api_version"]
    region = "ap-shanghai" if version == "v2" else "ap-guangzhou"
    origin = facts.Origin("prod", region, f"https://redis.example.com/{version}", version)
    state = facts.State(target.created_time, target.status)
    known = (listing, state, None, None, what.get("horizon", 28 * D), restore_tests)
    POLICIES.update(_record.policies([target]))
    return _record.instance(target, facts.Facts(origin, target.instance_id, *known), NOW)


def record(entries, **more):
    listings = [
        {
            "account": "prod",
            "api_version": version,
            "action": action,
            "endpoint": ENDPOINT + version,
            "region": region,
            "timezone": "UTC+08:00",
            "begin_time": None,
            "end_time": None,
            "horizon_seconds": horizon,
            "requests": 14,
            "retries": 0,
            "throttled": 0,
            "seconds": 1.5,
            "hosts": sum(one["region"] == region for one in entries),
            "instances": sum(one["region"] == region for one in entries),
            "incomplete": sum(one["region"] == region and not one["complete"] for one in entries),
            "total": sum(len(one["backups"]) for one in entries if one["region"] == region),
            "sha256": digest([one["backups"] for one in entries if one["region"] == region]),
        }
        for version, action, region, horizon in (
            ("v3", "DescribeInstanceBackups", "ap-guangzhou", 28 * D),
            ("v2", "GetRedisBackupList", "ap-shanghai", 7 * D),
        )
    ]
    coverage = [
        {"region": "ap-guangzhou", "api_version": "v3", "instances": 44, "error": None},
        {
            "region": "ap-shanghai",
            "api_version": "v2",
            "instances": None,
            "error": Denied("no right to list").as_dict(),
        },
    ]
    rest = {
        "account": "prod",
        "endpoint": "https://redis.example.com/",
        "not_audited": [],
        "isolated": [],
        "lacking": [],
        "fails": False,
    }
    coverage = [{**rest, "not_in_inventory": [], **one} for one in coverage]
    coverage[0]["not_in_inventory"] = ["crs-0000aaaa", "crs-0000bbbb"]
    waivers = [
        {**waiver._asdict(), "expires": iso(waiver.expires), "state": state}
        for waiver, state in zip(_waivers.parse_waivers(WAIVERS, "waivers"), ("live", "expired", "unmatched"))
    ]
    made = _record.build(entries, POLICIES, listings, coverage, waivers, NOW, NOW + timedelta(seconds=3), AUDIT_ID)
    return {**made, **more}


def large(count, tested=False, distinct=500):
    """Return the record of a large fleet, of which one in fifty fails: no two backups start at the same time or are as large.

    Some instances differ only in their names, since judging each takes longer than looking at the page. ``tested`` gives most of
    them a restore test of the last month that passed, and one in twenty each of TESTS in turn.
    """
    random = Random(1)

    def backups(late):
        first = random.randrange(H, 20 * H) + late
        starts = [first + n * D + random.randrange(-900, 900) for n in range(14)]
        return [backup(start, size=random.randrange(10**6, 10**11)) for start in starts]

    late = [30 * H if number % 50 == 0 else 0 for number in range(distinct)]
    states = list(TESTS.values())

    def tests_of(number):
        return (
            states[number // 20 % len(states)] if number % 20 == 0 else tests(a_test((number % 30) * D + number * 60))
        )

    entries = [
        entry(number, "healthy", backups=backups(seconds), restore_tests=tests_of(number) if tested else None)
        for number, seconds in enumerate(late)
    ]
    ids = [f"crs-{number:08}" for number in range(count)]
    return record([{**entries[n % distinct], "host": one, "instance_id": one} for n, one in enumerate(ids)])


#: The smallest fleet with an instance of each kind.
ALL_KINDS = 2 * len(KINDS)


def fleet(count, tested=False):
    """Return the record of this number of instances: some of each kind, most of them healthy. ``tested`` gives them TESTS in turn."""
    kinds = list(KINDS)
    every = max(1, count // (3 * len(kinds)))
    chosen = [kinds[n // every % len(kinds)] if n % every == 0 else "healthy" for n in range(count)]
    if count >= ALL_KINDS:
        chosen[: len(kinds)] = kinds
    else:
        chosen[:3] = ["stale", "denied", "healthy"][:count]
    states = list(TESTS.values()) if tested else [None]
    return record([entry(n + 1, kind, restore_tests=states[n % len(states)]) for n, kind in enumerate(chosen)])
