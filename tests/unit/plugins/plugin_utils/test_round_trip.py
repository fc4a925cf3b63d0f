# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a policy may ask and an API may answer: the record that an audit writes is one that its own reader takes."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._api import v2, v3
from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError, Denied, Incomplete, NotFound
from ansible_collections.qcloud.crs.plugins.module_utils._times import parse_zone
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import limits
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import merge, stored
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import write
from ansible_collections.qcloud.crs.tests.unit.examples import examples
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import target

pytestmark = pytest.mark.without_coverage

HOST = "crs-a1b2c3d4"
#: The ends of what a policy may ask, a usual value between them, and each as it may be written.
DURATIONS = st.sampled_from(["1s", " 26 h", "26h", "7d", "3660d", f"{3660 * 86400}s"])
VALUES = {
    limits.duration: DURATIONS,
    limits.count: st.sampled_from([1, "7", 10000]),
    limits.flag: st.sampled_from([True, "yes", 1]),
    limits.days: st.sampled_from([1, "7", 366]),
    limits.window: st.sampled_from(["00:00-24:00", "23:59-00:00", " 01:00 - 05:00 "]),
    limits.remark: st.fixed_dictionaries({"pattern": st.sampled_from([".", "^\u8ba2"]), "within": DURATIONS}),
    limits.ratio: st.sampled_from([5e-324, "0.5", 1]),
}
LIMITS = {name: VALUES[rule.kind.parse] for name, rule in RULES.items()}
ZONES = st.sampled_from(["UTC", "+08:00", "+23:59", "-23:59", "Pacific/Kiritimati", "America/New_York"])
TIMES = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}"),
    st.sampled_from(
        [f"{year}-{day}" for year in ("0001", "9998", "9999") for day in ("01-01 00:00:00", "12-31 23:59:59")]
    ),
    st.sampled_from([None, "", "0000-00-00 00:00:00", "9999-12-31 00:00:00", 5, {}]),
)
NUMBERS = st.one_of(
    st.sampled_from([None, "", "7", True, 1.5, [], -1, 10**19 - 1, "9" * 19, 10**19, "9" * 20, 2**63, 10**400]),
    st.integers(0, 10**19),
)
TEXTS = st.one_of(
    st.sampled_from([None, "", 7, True, {}, "\x00\x1b[31m", "half \ud800", "\u202e<script>"]), st.text(max_size=9)
)
CODES = st.one_of(st.sampled_from([-1, 1, 2, 3, 4, "2"]), NUMBERS)
KINDS = st.one_of(st.sampled_from(["0", "1", "2", "systemBackupInstance"]), TEXTS)
#: Our name of a field: what may stand in it. An instance that isn't the one asked for is an error, and not odd.
FIELDS = {"start_time": TIMES, "end_time": TIMES, "expire_time": TIMES, "status_code": CODES, "type_code": KINDS}
FIELDS |= {"size_bytes": NUMBERS, "locked": NUMBERS, "encrypted": NUMBERS}
FIELDS |= {"remark": TEXTS, "instance_name": TEXTS, "file_type": TEXTS, "region": TEXTS}
ERRORS = st.sampled_from([Denied("no"), NotFound("gone", code=20, request_id="r-1"), Incomplete("7 of 9 rows came")])
INSTANCES = st.just({"TotalCount": 1, "InstanceSet": [{"InstanceId": HOST}], "totalCount": 0, "data": {"redisSet": []}})
CONFIGS = st.fixed_dictionaries(
    {"WeekDays": st.sampled_from([[], ["Monday"], list(v3._DAYS)]), "BackupStorageDays": NUMBERS}
)
#: What the inventory may say of an instance beside its region.
KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "created_time": st.sampled_from(["2010-01-01T00:00:00Z", "9998-12-31T23:59:59Z", "2026-06-01T00:00:00+23:59"]),
        "status": st.sampled_from(["running", "isolated", "?"]),
        "tags": st.just({"env": "prod", "since": "2026"}),
        "unknown_fails": st.booleans(),
    },
)


def backups(names):
    """Return lists of a dialect's rows, by its ``{our name: its name}``."""
    fields = {names[name]: values for name, values in FIELDS.items() if names[name]}
    rows = st.lists(st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields), max_size=9)
    return rows.map(lambda found: [{**row, names["backup_id"]: f"b-{number}"} for number, row in enumerate(found)])


class Scripted:
    """In place of what sends: answers by the action alone."""

    def ask(self, action, _params, parse, _instance_id=None):
        if isinstance(self.answers[action], CrsError):
            raise self.answers[action]
        return parse(self.answers[action])


class V2(Scripted, v2.ApiV2):
    listings = backups(v2._BACKUP_FIELDS).map(lambda rows: {"totalCount": len(rows), "data": {"redisBackupSet": rows}})


class V3(Scripted, v3.ApiV3):
    listings = backups(v3._BACKUP_FIELDS).map(lambda rows: {"TotalCount": len(rows), "BackupSet": rows})


def audit(kind, rules, zone, api_zone, known, answers):
    """Return the record of an audit of one host."""
    options = {"api_version": kind.version, "region": "ap-guangzhou"}
    judged = target(HOST, rules, zone=zone, connection=options, **known)
    endpoint = SimpleNamespace(url="https://redis.tencentcloudapi.com/", host="redis.tencentcloudapi.com")
    client = SimpleNamespace(endpoint=endpoint, requests=3, retries=0, throttled=0)
    dialect = kind(client, None, "ap-guangzhou", parse_zone(api_zone))
    dialect.answers = dict(zip((kind.action, kind.instances_action, kind.config_action), answers))
    return run.run([run.Connection("prod", dialect, 1, [judged], None)], "report")


def check(kind, rules, zone, api_zone, known, answers):
    """Write and read the record of an audit, then that of a merge of it, and return its instance."""
    record = audit(kind, rules, zone, api_zone, known, answers)
    assert record["complete"] or record["summary"]["pass"] == 0
    now = datetime.now(timezone.utc)
    with tempfile.TemporaryDirectory() as folder:
        for one in (record, merge.merge({"a": _record.stored(record)}, now, 1, 60, 60)):
            assert stored.read(write.write_all(one, folder)[0]["record"], now).record == one
    return record["instances"][0]


@pytest.mark.parametrize("kind", [V2, V3], ids=["v2", "v3"])
def test_what_is_written_is_read(kind):
    odd = st.tuples(kind.listings | ERRORS, INSTANCES | ERRORS, CONFIGS | ERRORS)

    @examples(few=20)
    @given(st.fixed_dictionaries({}, optional=LIMITS).filter(bool), ZONES, ZONES, KNOWN, odd)
    def any_of_them(rules, zone, api_zone, known, answers):
        check(kind, rules, zone, api_zone, known, answers)

    any_of_them()


def listed(*rows):
    """Return the listing of backups a day apart, oldest first and the last of yesterday, each with what is odd in it."""
    today = datetime.now(timezone.utc)
    starts = [today - timedelta(days=days) for days in range(len(rows), 0, -1)]
    usual = {"BackupType": "1", "Status": 2}
    made = [{**usual, "StartTime": f"{start:%F} 00:00:00", **row} for start, row in zip(starts, rows)]
    return {"TotalCount": len(made), "BackupSet": [{"BackupId": f"b-{day}", **row} for day, row in enumerate(made)]}


def sized(*sizes):
    return listed(*[{"BackupSize": size} for size in sizes])


def kept(days):
    return {"WeekDays": list(v3._DAYS), "BackupStorageDays": days}


#: What random input may miss: the one rule, the zone of the policy, the listing, the configuration, and what comes of it.
EXTREMES = {
    "ten years": ({"min_retention": "3660d"}, "UTC", listed({}), None, "fail"),
    "the last days": ({"max_age": "1s"}, "UTC", listed({"StartTime": "9999-12-30 16:00:00"}), None, "unknown"),
    "the last second": ({"max_age": "1s"}, "+08:00", listed({"StartTime": "9999-12-31 23:59:59"}), None, "unknown"),
    "no end": ({"min_usable": 1}, "UTC", listed({"ExpireTime": "9999-12-31 23:59:59"}), None, "pass"),
    "not listed": ({"auto_backup": True}, "UTC", Denied("no"), kept(7), "unknown"),
    "kept for ever": ({"retention_configured": "7d"}, "UTC", listed(), kept(10**19 - 1), "unknown"),
    "grown": ({"min_size_ratio": 1}, "UTC", sized(1, 1, 1, 10**19 - 1), None, "pass"),
    "shrunk": ({"min_size_ratio": 1}, "UTC", sized(*[10**19 - 1] * 3, 1), None, "fail"),
}


@pytest.mark.parametrize("rules, zone, listing, config, outcome", EXTREMES.values(), ids=EXTREMES)
def test_an_extreme_is_judged_written_and_read(rules, zone, listing, config, outcome):
    instances = {"TotalCount": 1, "InstanceSet": [{"InstanceId": HOST}]}
    assert check(V3, rules, zone, "UTC", {}, (listing, instances, config))["outcome"] == outcome
