# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices of one run, merged, are that run; whatever is not a whole set of slices of one run is an error."""

from __future__ import annotations

import copy
import itertools
import json
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import coverage as _coverage
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import places
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import judge_again, merge
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.registry import REPORTS
from ansible_collections.qcloud.crs.tests.reports.records import ENDPOINT, Fleet, good, waiver
from ansible_collections.qcloud.crs.tests.unit.examples import examples
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import AUDIT_ID, NOW, D, H, ago, iso

#: host: how it is added. All outcomes, two accounts, two regions, three policies, waivers of each state.
HOSTS = {
    "crs-good": {},
    "crs-late": {"backups": good()[2:], "rules": {"max_age": "26h", "daily": 3}},
    "crs-none": {"backups": [], "region": "ap-shanghai"},
    "crs-denied": {"backups": [], "error": Denied("no right"), "region": "ap-shanghai"},
    "crs-waived": {"backups": [], "waivers": [waiver(rule) for rule in ("max_age", "min_usable", "min_retention")]},
    "crs-expired": {"backups": [], "waivers": [waiver("max_age", days=-1)]},
    "crs-unmatched": {"waivers": [waiver("max_age", instance="crs-late")]},
    "crs-matched": {
        "rules": {"max_age": "1h"},
        "waivers": [waiver("max_age", instance="crs-matched")],
        "account": "test",
    },
    "crs-other": {"waivers": [waiver("max_age", instance="crs-matched")], "account": "test"},
    "crs-young": {"backups": [], "created_time": ago(2 * H), "account": "test", "region": "ap-tokyo"},
    "crs-warned": {"backups": [], "error": Denied("no right"), "unknown_fails": False, "account": "test"},
}
#: What the accounts have beside them.
STRANGERS = {("prod", "ap-guangzhou"): ["crs-x", "crs-y"], ("test", "ap-tokyo"): ["crs-z"]}
LIMITS = {"max_age": 12 * H, "max_spread": 6 * H}


def place(host):
    return HOSTS[host].get("account", "prod"), HOSTS[host].get("region", "ap-guangzhou")


def run(hosts, inventory, coverage="report", audit_id=AUDIT_ID, run_id="17"):
    """Return the record of an audit of some hosts, by an inventory that may have more."""
    fleet = Fleet(audit_id=audit_id, run=run_id, coverage_setting=coverage)
    for host in hosts:
        fleet.add(host, **copy.deepcopy(HOSTS[host]))
    if coverage != "off":
        for account, region in sorted({place(host) for host in hosts}):
            ids = [host for host in HOSTS if place(host) == (account, region)] + STRANGERS.get((account, region), [])
            where = places.Place(account, region, ENDPOINT, "v3")
            seen = _coverage.seen(where, dict.fromkeys(ids), set(inventory), set(hosts), coverage == "fail")
            fleet.coverage.append(seen)
    return fleet.record()


def merged(records, slices=None, now=NOW + timedelta(hours=1), **options):
    given = {f"slice-{number}": _record.stored(record) for number, record in enumerate(records)}
    return merge.merge(given, now, len(records) if slices is None else slices, **{**LIMITS, **options})


def text(record):
    """What a report is made of, except the ids of audits and what each slice was asked."""
    return json.dumps(
        {key: value for key, value in record.items() if key not in ("id", "listings", "slices")}, indent=1
    )


cuts = st.lists(st.integers(0, 3), min_size=len(HOSTS), max_size=len(HOSTS)).map(
    lambda parts: [
        hosts for number in range(4) if (hosts := [host for host, part in zip(HOSTS, parts) if part == number])
    ]
)


@pytest.mark.without_coverage
@examples(few=6)
@given(cuts, st.randoms())
def test_slices_merged_are_the_single_run_byte_for_byte(cut, turn):
    """Each slice with an inventory of its own hosts, or each with all of it and a limit."""
    for coverage, whole_inventory in itertools.product(("off", "report", "fail"), (False, True)):
        records = [run(hosts, HOSTS if whole_inventory else hosts, coverage) for hosts in cut]
        turn.shuffle(records)
        check_merged(records, run(HOSTS, HOSTS, coverage))


def check_merged(records, whole):
    made = json.loads(json.dumps(merged(records)))
    assert text(made) == text(whole)
    assert judge_again.contradiction(made) is judge_again.contradiction(whole) is None
    assert sum(one["total"] for one in made["listings"]) == sum(one["total"] for one in whole["listings"])
    assert sorted(one["sha256"] for one in made["slices"]) == sorted(_record.stored(one).sha256 for one in records)
    # The page shows the hash of the record, which differs.
    for parts in (report.parts for report in REPORTS if not report.shows_hash):
        assert list(parts({**made, "listings": whole["listings"]})) == list(parts(whole))


@pytest.mark.without_coverage
@given(cut=cuts)
def test_merged_records_can_be_merged_once_more(cut):
    records = [run(hosts, HOSTS) for hosts in cut]
    first = json.loads(json.dumps(merged(records[:2])))
    again = merged([first, *records[2:]], slices=len(records))
    assert text(json.loads(json.dumps(again))) == text(run(HOSTS, HOSTS))
    assert {key: again[key] for key in ("id", "slices")} == {key: merged(records)[key] for key in ("id", "slices")}


PARTS = [["crs-good", "crs-late"], [host for host in HOSTS if host not in ("crs-good", "crs-late")]]


def parts():
    return [run(hosts, HOSTS) for hosts in PARTS]


def later(record, hours):
    moved = copy.deepcopy(record)
    moved.update(evaluated_at=iso(NOW + timedelta(hours=hours)), finished_at=iso(NOW + timedelta(hours=hours)))
    return moved


def renamed(record, host):
    """Return a record whose first host has another name."""
    changed = copy.deepcopy(record)
    changed["instances"][0]["host"] = host
    return changed


def doubled(record):
    """Return a merged record that says its last slice twice."""
    return {**record, "slices": [*record["slices"], record["slices"][-1]]}


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: merged(parts()[:1], slices=2), r"1 slices are there and 2 are expected \(slices\): did one fail"),
        (lambda: merged([], slices=2), r"0 slices are there and 2 are expected .* There are none"),
        (lambda: merged(parts(), slices=1), r"2 slices are there and 1 are expected .*is there one of another run\?"),
        (
            lambda: merged([*parts(), parts()[0]]),
            r"host crs-\w+ is in the records 'slice-0' and 'slice-2': pass each slice",
        ),
        (
            lambda: merged([renamed(parts()[0], "crs\x1b[2J"), renamed(parts()[1], "crs\x1b[2J")]),
            r"host crs \[2J is in the records 'slice-0' and 'slice-1'",
        ),
        (
            lambda: merged(parts(), min_hosts=12),
            r"the 11 hosts in the records stand for 11 instances, and at least 12 are expected \(min_hosts\): is a slice",
        ),
        (
            lambda: merged(parts(), now=NOW + timedelta(hours=12, seconds=1)),
            r"record 'slice-\d' was judged 12h ago, but at most 12h are allowed \(max_age\): is it of an earlier run",
        ),
        (
            lambda: merged([parts()[0], later(parts()[1], 7)], now=NOW + timedelta(hours=8)),
            r"record 'slice-0' was judged 7h before 'slice-1', and at most 6h are allowed \(max_spread\)",
        ),
        (
            lambda: merged([*parts(), run([], HOSTS), run([], HOSTS)]),
            r"the slice [0-9a-f]{64} is in the record 'slice-2' and again in 'slice-3': pass each slice",
        ),
        (
            lambda: merged([doubled(merged([parts()[0], run([], HOSTS)]))], slices=3),
            r"the slice [0-9a-f]{64} is in the record 'slice-0' and again in 'slice-0'",
        ),
        (
            lambda: merged([parts()[0], run(PARTS[1], HOSTS, "off")]),
            "record 'slice-0' is of the coverage 'report' and 'slice-1' of 'off': merge the slices of one coverage, and set crs_backup_pol",
        ),
        (
            lambda: merged([later(parts()[0], 1), parts()[1]], now=NOW + timedelta(hours=12, seconds=1)),
            r"record 'slice-1' was judged 12h ago, but at most 12h are allowed \(max_age\)",
        ),
        (
            lambda: merged([later(parts()[0], 0), parts()[1]], now=NOW - timedelta(minutes=10, seconds=1)),
            r"record 'slice-1' was judged at 2026-06-15T12:00:00Z, in the future: check the clocks",
        ),
        (
            lambda: merged([{**parts()[0], "evaluated_at": "yesterday"}]),
            "has 'yesterday' for evaluated_at, which is not a valid time",
        ),
    ],
    ids=[
        "missing",
        "none",
        "too-many",
        "twice",
        "hostile",
        "hosts",
        "old",
        "apart",
        "empty",
        "in-itself",
        "coverage",
        "one-old",
        "future",
        "time",
    ],
)
def test_what_is_no_whole_run_is_an_error(make, said):
    with pytest.raises(InvalidOption, match=said):
        make()


def test_slices_without_hosts_may_be_of_one_second():
    empty = [run([], HOSTS, audit_id=f"{number:032x}") for number in range(2)]
    others = parts()
    made = merged([*others, *empty])
    assert [one["instances"] for one in made["slices"]].count(0) == 2
    assert made["id"] == merged([*empty, *others])["id"] != merged([*others, empty[0]])["id"]
    assert re.fullmatch("[0-9a-f]{32}", made["id"])


def test_a_slice_without_hosts_had_nowhere_to_look():
    assert merged([*parts(), run([], HOSTS)])["coverage"] == merged(parts())["coverage"] != []


def test_a_waiver_that_ended_between_two_slices_has_ended():
    made = merged([run(["crs-waived"], HOSTS), later(run(["crs-good"], HOSTS), 1)])
    (live,) = [one for one in made["waivers"] if one["rule"] == "max_age"]
    ended = copy.deepcopy(run(["crs-good"], HOSTS))
    ended["waivers"] = [{**live, "state": "expired"}]
    made = merged([run(["crs-waived"], HOSTS), ended])
    assert live["state"] == "live"
    assert [one["state"] for one in made["waivers"] if one["rule"] == "max_age"] == ["expired"]


def test_hosts_of_one_instance_in_several_slices_are_one_instance():
    """Under whatever account's label, and over both APIs: one of them may be asked for by hand, and one by the plugin."""
    hosts = [{}, {"account": "test"}, {"api_version": "v2", "horizon": 7 * D}]
    records = [
        Fleet().add(f"crs-{number}", instance_id="crs-a", **how).record() for number, how in enumerate(hosts)
    ] + [Fleet().add("crs-b").record()]
    assert merged(records, min_hosts=2)["summary"]["instances"] == 2
    said = (
        "the 4 hosts in the records stand for 2 instances, and at least 3 are expected (min_hosts): is a slice smaller"
    )
    with pytest.raises(InvalidOption, match=re.escape(said)):
        merged(records, min_hosts=3)


def test_keys_that_hide_from_each_other_what_they_show_are_in_doubt_together():
    """Each slice's list has what that slice audits, and the other's not: one run over both says that it isn't known."""
    slices = []
    for host in ("crs-a", "crs-b"):
        fleet = Fleet(coverage_setting="fail").add(host, status="running")
        where = places.Place("prod", "ap-guangzhou", ENDPOINT, "v3")
        fleet.coverage.append(_coverage.seen(where, {host: None}, {host}, {host}, True))
        slices.append(fleet.record())
    made = json.loads(json.dumps(merged(slices)))
    assert [(one["instances"], one["lacking"], one["fails"]) for one in made["coverage"]] == [
        (None, ["crs-a"], True),
        (1, [], False),
    ]
    assert judge_again.contradiction(made) is None


def test_limits_are_inclusive():
    assert merged(parts(), now=NOW + timedelta(hours=12), min_hosts=11)["summary"]["instances"] == 11
    assert merged([parts()[0], later(parts()[1], 6)], now=NOW + timedelta(hours=6))
    assert merged(parts(), now=NOW - timedelta(minutes=10))


def test_the_whole_is_as_old_as_its_oldest_slice():
    made = merged([later(parts()[0], 1), parts()[1]])
    assert (made["evaluated_at"], made["finished_at"]) == (iso(NOW), iso(NOW + timedelta(hours=1)))
    assert {one["evaluated_at"] for one in made["instances"]} == {iso(NOW)}


def test_an_incomplete_slice_makes_the_whole_incomplete():
    records = parts()
    assert [record["complete"] for record in records] == [True, False]
    assert merged(records)["complete"] is False
    assert merged(records[:1])["complete"] is True


def test_the_merged_audit_is_called_as_its_slices():
    slices = [Fleet(audit="dr").add(host).record() for host in ("crs-a", "crs-b")]
    assert merged(slices)["name"] == "dr"


def test_slices_of_two_audits_are_no_audit():
    slices = [Fleet(audit=name).add(f"crs-{name}").record() for name in ("prod", "dr")]
    said = "record 'slice-0' is of the audit 'prod' and 'slice-1' of 'dr': merge the slices of one audit, and set crs_backup_p"
    with pytest.raises(InvalidOption, match=re.escape(said)):
        merged(slices)


def judged(hours, run_id):
    """Return a slice that was judged this number of hours after the first one."""
    return Fleet(NOW + timedelta(hours=hours), run=run_id).add(f"crs-{hours}").record()


def test_slices_of_two_runs_are_no_run():
    """As one of this morning would stand in for one that failed since."""
    said = "record 'slice-0' is of the run '17' and 'slice-1' of '18': merge the slices of one run, and set crs_backup_policy_run_id"
    with pytest.raises(InvalidOption, match=re.escape(said)):
        merged([judged(0, "17"), judged(1, "18")])
    with pytest.raises(InvalidOption, match="record 'slice-0' is of the run none and 'slice-1' of '18': merge the"):
        merged([judged(0, None), judged(1, "18")])


def test_the_merged_record_is_of_the_run_of_its_slices():
    assert merged([judged(0, "17"), judged(1, "17")])["run"] == "17"
    assert merged([judged(0, None), judged(1, None)])["run"] is None


def test_how_far_apart_slices_may_be_depends_on_whether_they_say_of_which_run_they_are():
    """Those of one run may wait for a machine; of others, one of five hours ago is as likely one of an earlier run."""
    unlimited = {"now": NOW + timedelta(hours=8), "max_spread": None}
    assert merged([judged(0, "17"), judged(6, "17")], **unlimited)
    assert merged([judged(0, None), judged(1, None)], **unlimited)
    for hours, run_id, said in ((7, "17", "7h before 'slice-1', and at most 6h"), (5, None, "5h before .*at most 1h")):
        with pytest.raises(InvalidOption, match=f"record 'slice-0' was judged {said} are allowed .max_spread"):
            merged([judged(0, run_id), judged(hours, run_id)], **unlimited)
    assert merged([judged(0, None), judged(5, None)], now=NOW + timedelta(hours=8))


def test_slices_that_say_nothing_of_their_run_are_a_warning():
    assert merge.notes(merged([judged(0, "17"), judged(1, "17")])) == merge.notes(merged([judged(0, None)])) == []
    (said,) = merge.notes(merged([judged(0, None), judged(1, None)]))
    assert "a slice of an earlier run may replace one that failed: set crs_backup_policy_run_id to an id" in said


def test_what_one_slice_audits_in_its_cloud_is_not_covered_in_another():
    lab = "https://redis.lab.example.com/"
    first, second = (
        run(["crs-good"], ["crs-good"], "fail", "1" * 32),
        run(["crs-young"], ["crs-young"], "fail", "2" * 32),
    )
    elsewhere = copy.deepcopy(first)
    for entry in (*elsewhere["instances"], *elsewhere["listings"], *elsewhere["coverage"]):
        entry["endpoint"] = lab
    # The second has a region of the first's cloud, where an instance of the same id is.
    where = places.Place("prod", "ap-guangzhou", ENDPOINT, "v3")
    second["coverage"].append(_coverage.seen(where, {"crs-good": None}, set(), set(), True))

    def missing(*slices):
        return {
            entry["endpoint"] for entry in merged(list(slices))["coverage"] if "crs-good" in entry["not_in_inventory"]
        }

    assert (missing(first, second), missing(elsewhere, second)) == (set(), {ENDPOINT})
