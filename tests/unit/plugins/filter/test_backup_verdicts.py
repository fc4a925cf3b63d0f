# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement alone, on a module's result: an incomplete result is refused, and never looks like an empty one."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.qcloud.crs.plugins.filter.backup_verdicts import FilterModule
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW, ago, backup, days, iso

ID = "crs-a1b2c3d4"
QUERY = {"types": None, "statuses": None, "end_time": None, "horizon_seconds": None}
LISTED = {
    "instances": [{"instance_id": ID, "complete": True, "total": 7, "error": None}],
    "backups": days(*range(7)),
    "query": QUERY,
}


def verdicts(listing, **options):
    return FilterModule().filters()["backup_verdicts"](listing, **{"now": NOW, "max_age": "26h", **options})


def outcomes(listing, **options):
    return [one["outcome"] for one in verdicts(listing, **options)]


def test_each_instance_is_judged_by_its_own_backups():
    two = [*LISTED["instances"], {"instance_id": "crs-none", "complete": True, "total": 0, "error": None}]
    first, second = verdicts({**LISTED, "instances": two}, min_retention="6d")
    assert (first["instance_id"], first["outcome"]) == (ID, "pass")
    assert (second["instance_id"], second["outcome"]) == ("crs-none", "fail")
    assert [rule["rule"] for rule in first["rules"]] == ["max_age", "min_retention"]


def test_a_verdict_says_why_in_a_word():
    (judged,) = verdicts({**LISTED, "backups": days(2, 3)}, min_usable=2)
    assert [verdict["code"] for verdict in judged["rules"]] == ["max_age.exceeded", "min_usable.met"]


def test_what_is_not_complete_never_passes():
    broken = {"instance_id": ID, "complete": False, "total": None, "error": {"kind": "denied", "message": "no right"}}
    assert outcomes({**LISTED, "instances": [broken]}) == ["unknown"]
    assert outcomes({**LISTED, "instances": [{"instance_id": ID}]}) == ["unknown"]


def test_what_an_api_cannot_show_is_unknown():
    assert outcomes({**LISTED, "query": {**QUERY, "horizon_seconds": 7 * 86400}}, min_retention="14d") == ["unknown"]


def test_facts_of_instances_count():
    young = {ID: {"created_time": ago(3600)}}
    assert outcomes({**LISTED, "backups": []}) == ["fail"]
    assert outcomes({**LISTED, "backups": []}, instances=young) == ["not_applicable"]
    assert outcomes({**LISTED, "backups": []}, instances={ID: {"created_time": None}}) == ["fail"]


@pytest.mark.parametrize("now", [NOW, iso(NOW)])
def test_now_is_given(now):
    assert outcomes(LISTED, now=now) == ["pass"]


@pytest.mark.parametrize("age, outcome", [(25, "pass"), (27, "fail")])
def test_or_it_is_now(age, outcome):
    real = datetime.now(timezone.utc)
    assert outcomes({**LISTED, "backups": [backup(age * 3600, now=real)]}, now=None) == [outcome]


@pytest.mark.parametrize(
    "listing",
    [
        None,
        [],
        "x",
        {"skipped": True},
        {**LISTED, "backups": None},
        {**LISTED, "instances": {}},
        {**LISTED, "query": 1},
    ],
)
def test_what_is_no_result_is_refused(listing):
    with pytest.raises(
        AnsibleFilterError, match=r"not a result of qcloud\.crs\.crs_backup_info .* was the task skipped"
    ):
        verdicts(listing)


@pytest.mark.parametrize(
    "query, said",
    [
        ({"types": ["manual"]}, r"was listed with types \['manual'\]: list all of them"),
        ({"statuses": ["normal"]}, r"was listed with statuses \['normal'\]"),
        ({"end_time": ago(1)}, "before now: list without end_time"),
    ],
)
def test_a_part_of_the_backups_is_refused(query, said):
    with pytest.raises(AnsibleFilterError, match=said):
        verdicts({**LISTED, "query": {**QUERY, **query}})
    assert outcomes({**LISTED, "query": {**QUERY, "end_time": iso(NOW), "types": []}}) == ["pass"]


@pytest.mark.parametrize(
    "options, said",
    [
        ({"now": "yesterday"}, "now 'yesterday' is not a time with an offset: write it in ISO 8601"),
        ({"now": datetime(2026, 6, 15)}, "is not a time with an offset: write it in ISO 8601, such as"),
        (
            {"instances": [ID]},
            "instances is not a dict of instance ids to dicts: write it as {crs-a1b2c3d4: {created_time: ",
        ),
        (
            {"instances": {ID: "2026"}},
            "instances is not a dict of instance ids to dicts: write it as {crs-a1b2c3d4: {created_time: ",
        ),
        (
            {"instances": {ID: {"created_time": "2026"}}},
            f"created_time '2026' of {ID} is not a time from 2010 on: write it in ISO 8601",
        ),
        ({"instances": {ID: {"created_time": "0001-01-01T00:00:00Z"}}}, f"of {ID} is not a time from 2010 on"),
        ({"instances": {ID: {"created_time": "9999-12-31T23:59:59Z"}}}, f"of {ID} is not a time from 2010 on"),
        ({"max_age": "soon"}, "max_age 'soon' is not a duration"),
        ({"max_aeg": "1h"}, "max_aeg"),
    ],
)
def test_bad_options_are_named(options, said):
    with pytest.raises(AnsibleFilterError, match=f"qcloud.crs.backup_verdicts: .*{said}"):
        verdicts(LISTED, **options)
