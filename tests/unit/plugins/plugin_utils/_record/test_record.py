# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record: adds up, worst first, no secret, and a hash that is of the data."""

from __future__ import annotations

import hashlib
import json
import random
import re
from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, Incomplete, NotFound
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import InstanceListing
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    AUDIT_ID,
    NOW,
    D,
    H,
    ago,
    backup,
    facts,
    target,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import ALL_RULES

OPTIONS = {
    "api_version": "v3",
    "region": "ap-guangzhou",
    "secret_id": "AKIDleak",
    "secret_key": "hush-key",
    "token": "hush-token",
}
QUERY = {
    "account": "prod",
    "api_version": "v3",
    "action": "DescribeInstanceBackups",
    "endpoint": "https://redis.tencentcloudapi.com/",
    "region": "ap-guangzhou",
    "requests": 3,
    "horizon_seconds": 28 * D,
}
GOOD = [backup(n * D + H, size=1000) for n in range(8)]
#: Those of all entries: a record takes its own.
POLICIES = {}


def entry(host, backups=(), error=None, now=NOW, horizon=28 * D, config=None, rules=None, **known):
    rules = {"max_age": "26h", "min_usable": 1, "min_retention": "6d", **(rules or {})}
    judged = target(host, rules, **{"connection": OPTIONS, **known})
    listing = InstanceListing(judged.instance_id, list(backups), None if error else len(backups), error)
    POLICIES.update(_record.policies([judged]))
    return _record.instance(judged, facts(judged, listing, horizon, config), now)


def record(entries, listings=()):
    return _record.build(entries, POLICIES, list(listings), [], [], NOW, NOW + timedelta(seconds=3), AUDIT_ID)


def fleet():
    return [
        entry("good", GOOD),
        entry("stale", GOOD[3:]),
        entry("empty"),
        entry("denied", error=Denied("not allowed", code="UnauthorizedOperation", request_id="r-1")),
        entry("gone", GOOD, status="isolated"),
        entry("good-2", GOOD),
        entry("young", created_time=ago(H)),
    ]


def test_worst_first():
    found = [(one["host"], one["outcome"]) for one in record(fleet())["instances"]]
    # Equal outcomes: more broken rules first, then by name.
    assert found == [
        ("empty", "fail"),
        ("stale", "fail"),
        ("denied", "unknown"),
        ("good", "pass"),
        ("good-2", "pass"),
        ("gone", "not_applicable"),
        ("young", "not_applicable"),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_hosts_does_not_matter(seed):
    hosts = fleet()
    random.Random(seed).shuffle(hosts)
    assert [one["host"] for one in record(hosts)["instances"]] == [one["host"] for one in record(fleet())["instances"]]


@pytest.mark.parametrize(
    "same, count",
    [
        ({}, 1),
        # However it is called and asked, an id is one instance of a cloud's region.
        ({"account": "dr"}, 1),
        ({"api_version": "v2", "endpoint": "https://redis.api.qcloud.com/v2/index.php"}, 1),
        ({"region": "ap-shanghai"}, 2),
        ({"endpoint": "https://private.example/"}, 2),
    ],
)
def test_hosts_of_one_instance_count_once_with_the_worst_outcome(same, count):
    hosts = [entry("one", GOOD, instance_id="crs-1"), entry("two", GOOD[3:], instance_id="crs-1")]
    hosts[1].update(same)
    found = record(hosts)
    assert len(found["instances"]) == 2
    assert (found["summary"]["instances"], found["summary"]["fail"]) == (count, 1)
    assert found["summary"]["pass"] == count - 1 == record(hosts[::-1])["summary"]["pass"]


def test_the_summary_adds_up():
    summary = record(fleet())["summary"]
    assert summary == {"instances": 7, "fail": 2, "unknown": 1, "waived": 0, "pass": 2, "not_applicable": 2}
    assert sum(count for name, count in summary.items() if name != "instances") == summary["instances"]


def test_of_nothing_nothing_is_complete():
    empty = record([])
    assert empty["complete"] is False
    assert empty["summary"] == {"instances": 0, "fail": 0, "unknown": 0, "waived": 0, "pass": 0, "not_applicable": 0}


def test_one_incomplete_listing_makes_the_record_incomplete():
    assert record([entry("good", GOOD)])["complete"] is True
    assert record([entry("good", GOOD), entry("part", GOOD, error=Incomplete("7 of 9 rows came"))])["complete"] is False


def test_its_head():
    made = record([entry("good", GOOD)])
    assert made["schema"] == "qcloud.crs/audit-record/1"
    assert (made["evaluated_at"], made["finished_at"]) == ("2026-06-15T12:00:00Z", "2026-06-15T12:00:03Z")
    assert made["generator"].startswith("qcloud.crs ")


def test_an_instance():
    made = entry("db1", [*GOOD, backup(undated=True, size=5), backup(H // 2, "locked")], instance_id="crs-9")
    assert (made["host"], made["instance_id"], made["instance_name"], made["region"], made["api_version"]) == (
        "db1",
        "crs-9",
        "orders",
        "ap-guangzhou",
        "v3",
    )
    assert (made["outcome"], made["fails"], made["complete"], made["error"]) == ("pass", False, True, None)
    assert (made["usable"], made["newest_usable"], made["oldest_usable"]) == (9, ago(H), ago(7 * D + H))
    assert made["horizon_seconds"] == 28 * D
    # What was judged, newest first, the undated last.
    assert made["backups"][0] == {"start": ago(H // 2), "type": "system", "status": "locked", "size": None}
    assert made["backups"][-1] == {"start": None, "type": "system", "status": "normal", "size": 5}
    assert len(made["backups"]) == 10


def test_an_instance_without_usable_backups():
    made = entry("db1", [backup(H, "expired"), backup(H, "unknown")])
    assert (made["usable"], made["newest_usable"], made["oldest_usable"]) == (0, None, None)


def test_a_backup_whose_end_has_come_is_counted_as_it_is_judged():
    made = entry(
        "db1", [backup(H, expires=ago(1)), backup(2 * H, expires=ago(-1)), backup(3 * H, "exported", expires=ago(0))]
    )
    assert (made["usable"], made["newest_usable"], made["oldest_usable"]) == (1, ago(2 * H), ago(2 * H))
    assert [row["status"] for row in made["backups"]] == ["expired", "normal", "expired"]


def test_a_name_of_the_inventory_wins():
    assert entry("db1", GOOD, name="mine")["instance_name"] == "mine"
    assert entry("db1")["instance_name"] is None


@pytest.mark.parametrize(
    "error, says",
    [
        (Denied("not allowed", code="UnauthorizedOperation", request_id="r-1"), "access denied: not allowed"),
        (NotFound("no such instance"), "instance not found: no such instance"),
        (Incomplete("7 of 9 rows came"), "partial listing: 7 of 9 rows came"),
    ],
)
def test_an_error_is_unknown_whatever_was_read(error, says):
    made = entry("db1", GOOD, error=error)
    assert (made["outcome"], made["complete"], made["fails"]) == ("unknown", False, True)
    assert {rule["outcome"] for rule in made["rules"]} == {"unknown"}
    assert {rule["message"] for rule in made["rules"]} == {says}
    assert made["error"]["kind"] == error.kind
    assert set(made["error"]) == {"kind", "code", "message", "request_id", "reason"}


@pytest.mark.parametrize("fails", [True, False])
def test_unknown_fails_unless_it_is_to_warn(fails):
    assert entry("db1", error=Denied("no"), unknown_fails=fails)["fails"] is fails
    assert entry("db1", unknown_fails=fails)["fails"] is True
    assert entry("db1", GOOD, unknown_fails=fails)["fails"] is False


def test_policies_are_there_once_by_their_id():
    made = record([entry("a", GOOD), entry("b", GOOD), entry("c", GOOD, rules={"max_age": "13h"})])
    ids = {one["host"]: one["policy"] for one in made["instances"]}
    assert ids["a"] == ids["b"] != ids["c"]
    assert made["policies"] == {
        ids["a"]: {"max_age": "26h", "min_usable": 1, "min_retention": "6d", "timezone": "+08:00"},
        ids["c"]: {"max_age": "13h", "min_usable": 1, "min_retention": "6d", "timezone": "+08:00"},
    }
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in ids.values())


@pytest.mark.parametrize("fails, unknown", [(True, "fail"), (False, "warn")])
def test_a_policy_is_called_by_the_hash_of_what_is_on_with_zone_and_unknown(fails, unknown):
    canonical = (
        b'{"max_age":"26h","min_retention":"6d","min_usable":1,"timezone":"+08:00","unknown":"%s"}' % unknown.encode()
    )
    for rules in ({}, {"daily": "off"}):
        made = entry("a", GOOD, rules=rules, unknown_fails=fails)
        assert made["policy"] == hashlib.sha256(canonical).hexdigest()[:12]


def test_the_zone_is_part_of_a_policy():
    assert entry("a", GOOD)["policy"] != entry("a", GOOD, zone="UTC")["policy"]


def test_no_credential_is_in_it():
    listing = _record.listing(QUERY, 1, [InstanceListing("crs-1", GOOD, 8, None)])
    made = record(
        [*fleet(), entry("own", GOOD, connection={**OPTIONS, "secret_key": "hush-own", "token": "hush-own"})], [listing]
    )
    text = json.dumps(made).lower()
    for secret in ("akidleak", "hush", "secret", "token", "password", "credential", "url"):
        assert secret not in text


def test_it_is_json_and_comes_back_whole():
    made = record(
        [*fleet(), entry("all", GOOD, rules=ALL_RULES)],
        [_record.listing(QUERY, 1, [InstanceListing("crs-1", GOOD, 8, None)])],
    )
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_rules_of_configuration_get_it():
    rules = {"retention_configured": "7d"}
    assert [
        entry("a", GOOD, config=config, rules=rules)["outcome"]
        for config in (None, {"retention_days": 7}, {"retention_days": 6})
    ] == [
        "unknown",
        "pass",
        "fail",
    ]


WAIVER = {"rule": "max_age", "reason": "CHG-1", "owner": "dba", "expires": "2026-09-30T00:00:00Z"}


@pytest.mark.parametrize(
    "more, outcome, fails",
    [({}, "waived", False), ({"instance": "other"}, "fail", True), ({"expires": ago(0)}, "fail", True)],
)
def test_a_waiver_keeps_the_outcome_beside_it(more, outcome, fails):
    made = entry("db1", GOOD[3:], waivers=[{**WAIVER, **more}])
    assert (made["outcome"], made["fails"]) == (outcome, fails)
    assert made["rules"][0]["outcome"] == "fail"
    assert bool(made["rules"][0]["waiver"]) is (outcome == "waived")


def test_a_waiver_of_one_rule_does_not_cover_another():
    made = entry("db1", [], waivers=[WAIVER])
    assert (made["outcome"], made["fails"]) == ("fail", True)


# The hash of a listing -------------------------------------------------------------------------------------------


def sha(*listings):
    return _record.listing(QUERY, len(listings), listings)["sha256"]


def test_a_listing():
    made = _record.listing(
        QUERY,
        3,
        [
            InstanceListing("crs-1", GOOD, 8, None),
            InstanceListing("crs-2", [], None, Denied("no")),
            InstanceListing("crs-3", [], 0, None),
        ],
    )
    assert {name: made[name] for name in QUERY} == QUERY
    assert (made["instances"], made["incomplete"], made["total"]) == (3, 1, 8)
    assert re.fullmatch("[0-9a-f]{64}", made["sha256"])


def test_listings_may_come_from_an_iterator():
    assert _record.listing(QUERY, 1, iter([InstanceListing("crs-1", GOOD, 8, None)]))["total"] == 8


@pytest.mark.parametrize("seed", range(5))
def test_the_hash_does_not_depend_on_order(seed):
    rows = list(GOOD)
    random.Random(seed).shuffle(rows)
    keys = [dict(reversed(row.items())) for row in rows]
    assert sha(InstanceListing("crs-1", keys, 8, None)) == sha(InstanceListing("crs-1", GOOD, 8, None))
    parts = [InstanceListing("crs-1", rows[:3], 3, None), InstanceListing("crs-1", rows[3:], 5, None)]
    assert sha(*parts) == sha(*parts[::-1])


@pytest.mark.parametrize(
    "field, value",
    [
        ("start_time", ago(9)),
        ("start_time", None),
        ("status", "expired"),
        ("usable", False),
        ("size_bytes", 1001),
        ("remark", "x"),
        ("type", "manual"),
        ("backup_id", "other"),
        ("instance_id", "crs-2"),
        ("locked", True),
        ("status_code", 3),
    ],
)
def test_the_hash_changes_with_each_value(field, value):
    changed = [{**GOOD[0], field: value}, *GOOD[1:]]
    assert sha(InstanceListing("crs-1", changed, 8, None)) != sha(InstanceListing("crs-1", GOOD, 8, None))


def test_the_hash_changes_with_a_row_more_or_less():
    assert len({sha(InstanceListing("crs-1", GOOD[:n], n, None)) for n in range(9)}) == 9


def test_in_which_order_backups_were_shown_is_no_fact():
    rows = [backup(H, size=size, remark=remark) for size in (1, None, 2) for remark in ("a", "b")]
    rows += [backup(undated=True, size=size) for size in (1, 2)]
    rules = {"required_remark": {"pattern": "a", "within": "6h"}}
    whole = entry("a", rows, rules=rules)
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert entry("a", rows, rules=rules) == whole


def test_remarks_are_kept_as_far_as_a_rule_reads_them():
    rows = [backup(H, type="manual", remark="x" * 5000), backup(2 * H, remark=""), backup(3 * H)]
    assert [one.get("remark") for one in entry("a", rows)["backups"]] == [None, None, None]
    made = entry("a", rows, rules={"required_remark": {"pattern": "^x{4096}$", "within": "6h"}})
    assert [one.get("remark") for one in made["backups"]] == ["x" * 4096, None, None]
    assert next(one["outcome"] for one in made["rules"] if one["rule"] == "required_remark") == "pass"


def test_of_a_configuration_all_is_kept_that_a_rule_reads():
    config = {"retention_days": 7, "week_days": ["Monday"], "window": "01:00-02:00"}
    made = [entry("a", GOOD, config=one)["config"] for one in (config, {"error": "no right"}, None)]
    assert made == [{"retention_days": 7, "week_days": ["Monday"]}, {"error": "no right"}, None]


def test_what_is_judged_is_judged_at_the_second_that_the_record_says():
    """An instance that is as old as the API shows, to the second, is not a moment older."""
    later = NOW + timedelta(microseconds=999999)
    known = {"created_time": ago(28 * D), "rules": {"min_retention": "29d"}}
    assert entry("a", GOOD, now=later, **known) == entry("a", GOOD, **known)
