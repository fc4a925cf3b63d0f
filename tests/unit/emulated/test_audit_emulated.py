# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits over several regions and policies: all regions at a time, no faster than their account allows, each host by itself."""

from __future__ import annotations

import json
import time

import pytest
from emulator import DEFAULT_CREDENTIALS

from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import notes as _notes
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run as _audit
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import places
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import judge_again
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._settings import PREFIX

REGIONS = ("ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-singapore")
PLACES = [(region, f"crs-{region[3:6]}{number}") for region in REGIONS for number in range(5)]
#: Requests for the backups of each by itself: of the days before now, and of those to come.
SINGLES = 2 * len(PLACES)
HOSTS = {name: {f"{PREFIX}max_age": "26h", "crs_region": region} for region, name in PLACES}


def fleet(**settings):
    backups = {"every": "12h", "last": "-1h", "count": 3}
    instances = [{"id": name, "region": region, "schedule": backups} for region, name in PLACES]
    return {"settings": settings, "instances": instances}


@pytest.fixture
def audit(monkeypatch):
    """`audit(emulator, hosts, **options)` returns the record of an audit of some hosts, by default of all PLACES."""
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", DEFAULT_CREDENTIALS["secret_id"])
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", DEFAULT_CREDENTIALS["secret_key"])

    def run(emulator, hosts=None, regions=places.AUDITED, coverage="report", known=(), **options):
        defaults = {name: entry.get("default") for name, entry in connection_spec().items()}
        scope = Scope({**defaults, "api_version": "v3", "endpoint": emulator.url, **options}, {})
        targets = [scope.target(name, values) for name, values in (hosts or HOSTS).items()]
        keyring = Keyring()
        connections = _audit.connect_all(targets, keyring)
        checked = places.check(regions, connections)
        beside = [
            places.Claim(f"host {name}", True, None, scope.whereabouts({"crs_region": region})[1], {name})
            for name, region in known
        ]
        inventory = places.inventory(beside, connections, keyring)
        record = _audit.run(connections, coverage, inventory, regions=checked)
        # Whatever came of it: read from its file, it follows from its own facts.
        assert judge_again.contradiction(json.loads("".join(_record.parts(record)))) is None
        return record

    return run


def test_regions_are_asked_at_a_time(serve, audit):
    """Each region is read by one request after the other, so concurrent requests can only be those of different regions."""
    emulator = serve(fleet(latency=0.1))
    record = audit(emulator, concurrency=1, requests_per_second=0)
    assert record["complete"] and record["summary"]["pass"] == len(PLACES)
    assert [entry["region"] for entry in record["listings"]] == sorted(REGIONS)
    assert [entry["instances"] for entry in record["coverage"]] == [5] * len(REGIONS)
    assert max(entry["in_flight"] for entry in emulator.log) == len(REGIONS)


def test_the_instances_of_a_region_are_listed_before_their_backups(serve, audit):
    """Instances that the list lacks aren't taken from a sweep, so the list must be complete before the sweep is used."""
    emulator = serve(fleet())
    audit(emulator, concurrency=6, requests_per_second=0)
    for region in REGIONS:
        asked = [entry["action"] for entry in emulator.log if entry["region"] == region]
        assert asked == ["DescribeInstances", *["DescribeInstanceBackups"] * (SINGLES // len(REGIONS))]


def test_regions_of_an_account_keep_its_pace_together(serve, audit):
    emulator = serve(fleet())
    began = time.time()
    audit(emulator, concurrency=4, requests_per_second=40)
    times = sorted(entry["at"] for entry in emulator.log)
    # Twenty instances and four regions; each region at its own pace would take a fourth of the time.
    assert len(times) == SINGLES + len(REGIONS)
    # From the start on: on a busy machine the first arrives late, and not the later for that.
    assert times[-1] - began >= (len(times) - 1) / 40


def ahead(number, **dated):
    """Some instances whose backups are good, and of the first one another is dated in the future."""
    good = {"every": "12h", "last": "-1h", "count": 3}
    return {
        "instances": [
            {
                "id": name,
                "region": region,
                "schedule": good,
                "backups": [{"id": f"{name}-odd", **dated}] if at == 0 else [],
            }
            for at, (region, name) in enumerate((REGIONS[0], f"crs-one{one:02}") for one in range(number))
        ]
    }


@pytest.mark.parametrize("dated", ["+1h", "+26h", "+2d", "+29d"])
@pytest.mark.parametrize("version, number", [("v2", 2), ("v3", 2), ("v3", 12)], ids=["v2", "v3-single", "v3-sweep"])
def test_a_backup_that_is_dated_ahead_is_seen_over_both_apis(serve, audit, version, number, dated):
    emulator = serve(ahead(number, start=dated))
    hosts = {f"crs-one{one:02}": {f"{PREFIX}max_age": "26h", "crs_region": REGIONS[0]} for one in range(number)}
    record = audit(emulator, hosts, api_version=version, requests_per_second=0)
    outcomes = {entry["instance_id"]: entry["outcome"] for entry in record["instances"]}
    assert outcomes == {name: "unknown" if name == "crs-one00" else "pass" for name in hosts}
    (odd,) = [entry for entry in record["instances"] if entry["outcome"] == "unknown"]
    assert "dated in the future" in odd["rules"][0]["message"]


@pytest.mark.parametrize("number", [2, 12], ids=["single", "sweep"])
def test_over_api_3_what_is_dated_further_ahead_than_is_asked_for_is_not_seen(serve, audit, number):
    """A query shows thirty days: each further month would cost one for each instance. The documentation says so."""
    emulator = serve(ahead(number, start="+31d"))
    hosts = {f"crs-one{one:02}": {f"{PREFIX}max_age": "26h", "crs_region": REGIONS[0]} for one in range(number)}
    second, third = (
        {entry["instance_id"]: entry["outcome"] for entry in audit(emulator, hosts, api_version=version)["instances"]}
        for version in ("v2", "v3")
    )
    assert second == {**dict.fromkeys(hosts, "pass"), "crs-one00": "unknown"}
    assert third == dict.fromkeys(hosts, "pass")


#: Rules whose outcome depends on how far back backups are seen.
SEEING = {f"{PREFIX}min_usable": 6, f"{PREFIX}window": "00:00-24:00", f"{PREFIX}max_gap": "8d"}
WEEKLY = {"every": "7d", "last": "-1h", "count": 10}


@pytest.mark.parametrize("version, seen, horizon", [("v2", 1, 7), ("v3", 4, 28)])
def test_what_comes_of_a_host_does_not_depend_on_the_others(serve, audit, version, seen, horizon):
    """Another's longer policy has more listed over the connection that they share, and --limit or a slice less."""
    names = ("crs-usual", "crs-longer")
    kept = {"region": "ap-guangzhou", "schedule": WEEKLY, "auto_backup": {"days": 90}}
    emulator = serve({"instances": [{"id": name, **kept} for name in names]})
    hosts = {name: {"crs_region": "ap-guangzhou", **SEEING} for name in names}
    hosts["crs-longer"][f"{PREFIX}min_retention"] = "60d"

    def entries(some):
        record = audit(emulator, some, api_version=version)
        found = {entry["host"]: entry for entry in record["instances"]}
        for entry in found.values():
            # What they found is in seconds, and these pass.
            entry["rules"] = [(verdict["rule"], verdict["outcome"]) for verdict in entry["rules"]]
            del entry["evaluated_at"]
        return found

    together = entries(hosts)
    assert together == {**entries({"crs-usual": hosts["crs-usual"]}), **entries({"crs-longer": hosts["crs-longer"]})}
    usual = together["crs-usual"]
    assert (usual["usable"], len(usual["backups"]), usual["horizon_seconds"]) == (seen, seen, horizon * 86400)
    assert together["crs-longer"]["usable"] == (9 if version == "v3" else 1)


# Where coverage looks --------------------------------------------------------------------------------------------

#: One host in one region; the same account has instances in two others, one of them in the inventory.
GUANGZHOU = {PLACES[0][1]: HOSTS[PLACES[0][1]]}
ON_SALE = ["ap-guangzhou", "ap-shanghai", "na-ashburn"]
SCATTERED = {
    "settings": {"regions": ON_SALE},
    "instances": [
        {"id": PLACES[0][1], "region": "ap-guangzhou", "schedule": {"every": "12h", "last": "-1h", "count": 3}},
        {"id": "crs-strange1", "region": "na-ashburn"},
        {"id": "crs-strange2", "region": "na-ashburn"},
        {"id": "crs-named001", "region": "ap-shanghai"},
        {"id": "crs-retired1", "region": "ap-chengdu"},
        # Of another account.
        {"id": "crs-another1", "region": "na-ashburn", "account": "100000000002"},
    ],
}


def covered(record):
    """Return ``{region: (instances, not in the inventory, not audited, fails, kind of the error)}``."""
    return {
        entry["region"]: (
            entry["instances"],
            entry["not_in_inventory"],
            entry["not_audited"],
            entry["fails"],
            entry["error"] and entry["error"]["kind"],
        )
        for entry in record["coverage"]
    }


SEEN_HERE = {"ap-guangzhou": (1, [], [], False, None)}
#: Where a host is that is out of scope, coverage looks, too.
SEEN_BESIDE = {"ap-shanghai": (1, [], ["crs-named001"], False, None)}


@pytest.mark.parametrize(
    "regions, elsewhere",
    [
        (places.AUDITED, {}),
        (
            "all",
            {
                "na-ashburn": (2, ["crs-strange1", "crs-strange2"], [], True, None),
            },
        ),
        (
            ["gz", "ap-chengdu", "ap-tokyo"],
            {"ap-chengdu": (1, ["crs-retired1"], [], True, None), "ap-tokyo": (0, [], [], False, None)},
        ),
    ],
)
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_coverage_looks_in_the_regions_that_it_is_to_look_in(serve, audit, version, regions, elsewhere):
    emulator = serve(SCATTERED)
    more = {"regions": regions, "coverage": "fail", "known": [("crs-named001", "ap-shanghai")], "api_version": version}
    if (version, regions) == ("v2", "all"):
        with pytest.raises(
            InvalidOption,
            match=r"coverage_regions is all, and host crs-gua0 is reached over API 2.0, which can't list its regions: name",
        ):
            audit(emulator, GUANGZHOU, **more)
        assert emulator.log == []
        return
    assert covered(audit(emulator, GUANGZHOU, **more)) == {**SEEN_HERE, **SEEN_BESIDE, **elsewhere}


def test_a_region_that_cannot_be_listed_is_a_gap(serve, audit):
    emulator = serve(
        {**SCATTERED, "faults": [{"name": "api_error", "code": "UnauthorizedOperation", "region": "na-ashburn"}]}
    )
    found = covered(audit(emulator, GUANGZHOU, regions="all", coverage="fail"))
    assert found["na-ashburn"] == (None, [], [], True, "denied") and found["ap-guangzhou"] == SEEN_HERE["ap-guangzhou"]


@pytest.mark.parametrize(
    "settings, fault, kind",
    [
        ({}, {"name": "api_error", "code": "UnauthorizedOperation"}, "denied"),
        ({}, {"name": "all_null"}, "bad_response"),
        ({"regions": []}, {"name": "charset"}, "bad_response"),
    ],
)
def test_without_the_list_of_regions_none_of_the_others_is_covered(serve, audit, settings, fault, kind):
    emulator = serve({**SCATTERED, "settings": {**SCATTERED["settings"], **settings}})
    emulator.set_faults([{**fault, "action": "DescribeProductInfo"}])
    found = covered(audit(emulator, GUANGZHOU, regions="all", coverage="fail", retries=0))
    assert found == {**SEEN_HERE, "all": (None, [], [], True, kind)}


def test_each_account_is_looked_at_in_all_regions_once(serve, audit):
    emulator = serve(fleet(regions=[*REGIONS, "ap-tokyo"]))
    record = audit(emulator, regions="all")
    assert [entry["region"] for entry in record["coverage"]] == sorted([*REGIONS, "ap-tokyo"])
    asked = [
        (entry["action"], entry["region"]) for entry in emulator.log if entry["action"] != "DescribeInstanceBackups"
    ]
    assert sorted(asked)[: len(REGIONS) + 1] == [("DescribeInstances", one) for one in sorted([*REGIONS, "ap-tokyo"])]
    assert [action for action, _region in asked].count("DescribeProductInfo") == 1


def test_coverage_that_is_off_looks_nowhere_else(serve, audit):
    emulator = serve(SCATTERED)
    assert audit(emulator, GUANGZHOU, regions="all", coverage="off")["coverage"] == []
    assert {entry["action"] for entry in emulator.log} == {"DescribeInstances", "DescribeInstanceBackups"}
    assert {entry["region"] for entry in emulator.log} == {"ap-guangzhou"}


@pytest.mark.parametrize(
    "regions, said",
    [
        ("gz", "coverage_regions 'gz' is neither audited nor all nor a list of regions: write it as [ap-"),
        ([], "coverage_regions [] is neither"),
        ([5], "coverage_regions [5] is neither"),
        (None, "coverage_regions None is neither"),
        (["gz", "nowhere"], "coverage_regions: region 'nowhere' is not a region code"),
        (["all", "gz"], "coverage_regions: region 'all' is not a region code"),
    ],
)
def test_other_values_for_where_to_look_are_named(regions, said):
    with pytest.raises(InvalidOption) as caught:
        places.check(regions, [])
    assert said in str(caught.value)


# What the API says of instances ----------------------------------------------------------------------------------

FACTS = {
    "instances": [
        {"id": "crs-young001", "region": "ap-guangzhou", "created": "-2h"},
        {"id": "crs-leaving1", "region": "ap-guangzhou", "created": "-90d", "status": -2},
        {"id": "crs-old00001", "region": "ap-guangzhou", "created": "-90d"},
    ]
}


#: What lists instances, and how it is denied.
LISTS = {"v3": ("DescribeInstances", "UnauthorizedOperation"), "v2": ("DescribeRedis", 4101)}


def without_lists(emulator):
    """Take the right to list instances."""
    emulator.set_faults([{"name": "api_error", "action": name, "code": code} for name, code in LISTS.values()])


def found(record):
    return {entry["host"]: (entry["outcome"], entry["status"]) for entry in record["instances"]}


@pytest.mark.parametrize("coverage", ["off", "report", "fail"])
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_what_an_inventory_does_not_say_is_what_the_region_s_list_says(serve, audit, version, coverage):
    """The same instances without any claims, as a static inventory names them."""
    emulator = serve(FACTS)
    names = [*(one["id"] for one in FACTS["instances"]), "crs-gone0001"]
    hosts = {name: {"crs_region": "ap-guangzhou", f"{PREFIX}max_age": "26h"} for name in names}
    record = audit(emulator, hosts, api_version=version, coverage=coverage)
    assert found(record) == {
        "crs-young001": ("not_applicable", "running"),
        "crs-leaving1": ("not_applicable", "isolated"),
        "crs-old00001": ("fail", "running"),
        "crs-gone0001": ("unknown", None),
    }
    assert _notes.of(record) == []
    without_lists(emulator)
    record = audit(emulator, hosts, api_version=version, coverage=coverage)
    assert set(found(record).values()) == {("fail", None), ("unknown", None)}
    (said,) = _notes.of(record)
    assert f"in ap-guangzhou can't be read: {LISTS[version][0]} in ap-guangzhou at" in said and "grant it" in said


LONG_AGO = "2020-01-01T00:00:00+08:00"


@pytest.mark.parametrize("coverage", ["off", "report", "fail"])
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_claim_of_the_inventory_excuses_nothing(serve, audit, version, coverage):
    emulator = serve(FACTS)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    said = {
        "crs-young001": {"crs_created_time": LONG_AGO, "crs_status": "running"},
        "crs-leaving1": {"crs_status": "running"},
        "crs-old00001": {"crs_created_time": now, "crs_status": "isolated"},
    }
    hosts = {name: {"crs_region": "ap-guangzhou", f"{PREFIX}max_age": "26h", **more} for name, more in said.items()}
    record = audit(emulator, hosts, api_version=version, coverage=coverage)
    assert found(record) == {
        "crs-young001": ("not_applicable", "running"),
        "crs-leaving1": ("not_applicable", "isolated"),
        "crs-old00001": ("fail", "running"),
    }
    notes = "\n".join(_notes.of(record))
    assert f"host crs-young001: crs_created_time is '{LONG_AGO}', and the API says '20" in notes
    assert "host crs-leaving1: crs_status is 'running', and the API says 'isolated'" in notes
    assert f"host crs-old00001: crs_created_time is '{now}', and" in notes
    assert "host crs-old00001: crs_status is 'isolated', and the API says 'running' of crs-old00001" in notes
    assert len(_notes.of(record)) == 4

    without_lists(emulator)
    # Nor does it where what is unknown is a warning.
    hosts = {name: {**variables, f"{PREFIX}unknown": "warn"} for name, variables in hosts.items()}
    record = audit(emulator, hosts, api_version=version, coverage=coverage)
    assert found(record) == {
        "crs-young001": ("fail", None),
        "crs-leaving1": ("fail", None),
        "crs-old00001": ("unknown", None),
    }
    assert all(entry["fails"] for entry in record["instances"])
    (entry,) = [one for one in record["instances"] if one["host"] == "crs-old00001"]
    assert f"was created at {now} and is isolated, which the API did not confirm" in entry["rules"][0]["message"]
    assert len(_notes.of(record)) == 1


# Instances that the list lacks ---------------------------------------------------------------------------------------

GOOD = {"every": "12h", "last": "-1h", "count": 3}


# That coverage changes nothing is for test_facts_alone, over all.
@pytest.mark.parametrize(
    ("version", "number", "coverage"), [("v2", 4, "off"), ("v2", 12, "fail"), ("v3", 4, "report"), ("v3", 12, "off")]
)
def test_what_the_account_does_not_have_is_unknown_while_its_backups_are_shown(serve, audit, version, number, coverage):
    kinds = ({"gone": True}, {"hidden": True}, {}, {})
    names = [f"crs-one{one:05}" for one in range(number)]
    instances = [
        {"id": name, "region": "ap-guangzhou", "schedule": GOOD, **kind}
        for name, kind in zip(names, (*kinds, *[{}] * number))
    ]
    emulator = serve({"instances": instances})
    hosts = {name: {"crs_region": "ap-guangzhou", f"{PREFIX}max_age": "26h"} for name in names}
    record = audit(emulator, hosts, api_version=version, coverage=coverage)
    gone, hidden, *others = sorted(record["instances"], key=lambda entry: entry["host"])
    assert {entry["outcome"] for entry in others} == {"pass"}
    for entry in (gone, hidden):
        assert (entry["outcome"], entry["fails"], entry["complete"], entry["backups"]) == ("unknown", True, False, [])
        assert entry["error"]["kind"] == "not_found" and entry["rules"][0]["message"].startswith("instance not found: ")
    assert "lacks it, but its backups are shown" in hidden["error"]["message"] and gone["error"]["code"] is not None
    assert record["listings"][0]["incomplete"] == 2
    # Without any list, hidden instances cannot be recognized; for one that is gone, the API says so itself.
    without_lists(emulator)
    record = audit(emulator, hosts, api_version=version, coverage=coverage)
    assert [entry["host"] for entry in record["instances"] if entry["outcome"] != "pass"] == [names[0]]


# Hosts of one instance -------------------------------------------------------------------------------------------------


def test_hosts_of_one_instance_are_one_instance(serve, audit):
    """Also where one of them calls the account otherwise, and one is asked over the other API."""
    hosts = {name: {**HOSTS["crs-gua0"], "crs_instance_id": "crs-gua0"} for name in ("one", "two", "three")}
    hosts["one"]["crs_api_version"], hosts["two"]["crs_account"] = "v2", "shop"
    hosts["three"][f"{PREFIX}max_age"] = "30m"
    record = audit(serve(fleet()), {**hosts, "crs-gua1": HOSTS["crs-gua1"]}, coverage="off")
    assert record["summary"] == {**dict.fromkeys(record["summary"], 0), "instances": 2, "fail": 1, "pass": 1}
    assert {entry["host"]: entry["outcome"] for entry in record["instances"]} == {
        "one": "pass",
        "two": "pass",
        "three": "fail",
        "crs-gua1": "pass",
    }
    (said,) = _notes.of(record)
    assert said.startswith(
        "the hosts one, three, two have the same crs_instance_id, crs-gua0 in ap-guangzhou: they are one"
    )


def test_the_same_id_elsewhere_is_another_instance(serve, audit):
    hosts = {region: {**HOSTS["crs-gua0"], "crs_region": region, "crs_instance_id": "crs-gua0"} for region in REGIONS}
    record = audit(serve(fleet()), hosts, coverage="off")
    assert record["summary"]["instances"] == len(REGIONS) and _notes.of(record) == []


# What coverage can't believe ------------------------------------------------------------------------------------

TWO = {
    "instances": [
        {"id": name, "region": "ap-guangzhou", "schedule": {"every": "12h", "last": "-1h", "count": 3}, **more}
        for name, more in {"crs-here0001": {}, "crs-hidden01": {"hidden": True}}.items()
    ]
}


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_list_that_lacks_what_was_just_audited_is_no_evidence(serve, audit, version):
    """The key's right to list instances is restricted, by a tag or a resource: who knows what else it hides."""
    emulator = serve(TWO)
    hosts = {
        name: {"crs_region": "ap-guangzhou", f"{PREFIX}max_age": "26h"} for name in ("crs-here0001", "crs-gone0001")
    }
    told = {"coverage": "fail", "api_version": version}
    # That it has been deleted agrees with the list.
    assert covered(audit(emulator, hosts, **told)) == SEEN_HERE
    hosts["crs-hidden01"] = hosts["crs-here0001"]
    record = audit(emulator, hosts, **told)
    doubt, seen = record["coverage"]
    assert (doubt["fails"], doubt["error"]["kind"], seen["instances"], seen["error"]) == (True, "incomplete", 1, None)
    assert "lacks crs-hidden01, and the API doesn't say that it no longer exists" in doubt["error"]["message"]
    assert "Is the key's permission" in doubt["error"]["message"]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_what_may_not_be_read_and_is_in_no_list_is_no_evidence_either(serve, audit, version):
    """Whoever may read less must not see a greener run: with the right, the list would be contradicted."""
    denied = {"id": "crs-denied01", "region": "ap-guangzhou", "denied": True}
    hosts = {name: {"crs_region": "ap-guangzhou", f"{PREFIX}max_age": "26h"} for name in ("crs-here0001", denied["id"])}
    for more, fails in (({}, True), ({"visible": True}, False)):
        emulator = serve({"instances": [TWO["instances"][0], {**denied, **more}]})
        record = audit(emulator, hosts, coverage="fail", api_version=version)
        assert any(entry["fails"] for entry in record["coverage"]) is fails


def test_an_isolated_instance_that_nobody_names_is_listed_and_fails_nothing(serve, audit):
    emulator = serve(
        {"instances": [*TWO["instances"][:1], {"id": "crs-leaving1", "region": "ap-guangzhou", "status": -2}]}
    )
    hosts = {"crs-here0001": {"crs_region": "ap-guangzhou", f"{PREFIX}max_age": "26h"}}
    record = audit(emulator, hosts, coverage="fail")
    assert covered(record) == {"ap-guangzhou": (2, [], [], False, None)}
    assert record["coverage"][0]["isolated"] == ["crs-leaving1"]


def test_a_host_of_another_cloud_covers_nothing(serve, audit):
    """Two clouds, one id: the second's instance is in no inventory."""
    here, there = (
        serve(TWO),
        serve({"instances": [{"id": name, "region": "ap-guangzhou"} for name in ("crs-here0001", "crs-b0000001")]}),
    )
    values = {"crs_region": "ap-guangzhou", f"{PREFIX}max_age": "26h"}
    hosts = {"crs-here0001": values, "crs-b0000001": {**values, "crs_endpoint": there.url}}
    record = audit(here, hosts, coverage="fail")
    assert [(entry["endpoint"], entry["not_in_inventory"], entry["fails"]) for entry in record["coverage"]] == sorted(
        [(f"{here.url}/", [], False), (f"{there.url}/", ["crs-here0001"], True)]
    )
