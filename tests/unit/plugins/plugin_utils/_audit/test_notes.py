# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings that follow from a record: what could not be read, what contradicts the API, and hosts of one instance."""

from __future__ import annotations

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import notes as _notes

ERROR = Denied("grant it").as_dict()


def listing(error="denied", region="ap-guangzhou"):
    return {"account": "prod", "region": region, "instances_error": ERROR if error == "denied" else error}


VENDOR, V2 = "https://redis.tencentcloudapi.com/", "https://redis.api.qcloud.com/v2/index.php"


def entry(
    host, instance_id=None, claims=None, status="running", region="ap-guangzhou", account="prod", endpoint=VENDOR
):
    return {
        "host": host,
        "account": account,
        "endpoint": endpoint,
        "region": region,
        "instance_id": instance_id or host,
        "claims": claims,
        "created_time": "2026-06-01T00:00:00Z",
        "status": status,
    }


def notes(*instances, listings=()):
    return _notes.of({"instances": list(instances), "listings": list(listings)})


def test_nothing_to_say():
    assert notes(entry("crs-1"), entry("crs-2"), listings=[listing(None)]) == []


def test_a_list_that_could_not_be_read_is_said_once_for_a_region():
    found = notes(listings=[listing(), listing(), listing(region="ap-shanghai"), listing(None)])
    assert [note.partition(":")[0] for note in found] == [
        "the list of instances of account prod in ap-guangzhou can't be read",
        "the list of instances of account prod in ap-shanghai can't be read",
    ]
    assert "grant it. Without it" in found[0]


def test_a_contradiction_names_host_variable_and_both_values():
    claims = {"created_time": "2026-06-10T00:00:00Z", "status": "isolated"}
    assert notes(entry("one", "crs-1", claims)) == [
        "host one: crs_created_time is '2026-06-10T00:00:00Z', and the API says '2026-06-01T00:00:00Z' of crs-1: the API's value "
        "is used. Correct the variable, or leave it out",
        "host one: crs_status is 'isolated', and the API says 'running' of crs-1: the API's value is used. Correct the variable, or "
        "leave it out",
    ]


def test_what_the_api_does_not_say_is_no_contradiction():
    assert notes(entry("crs-1", claims={"created_time": None, "status": "isolated"}, status=None)) == []


def test_hosts_of_one_instance_are_named():
    hosts = [entry(f"h{number:02}", "crs-1") for number in range(12)]
    (said,) = notes(*hosts, entry("crs-2"), entry("crs-1", region="ap-shanghai"))
    assert (
        said.startswith("the hosts h00, h01, h02,") and "h09 and 2 more have the same crs_instance_id, crs-1 in" in said
    )


def test_one_instance_is_one_whichever_account_and_api_lead_to_it():
    """Not so in two clouds: there an id may be two instances."""
    hosts = [entry("a", "crs-1"), entry("b", "crs-1", account="test"), entry("c", "crs-1", endpoint=V2)]
    assert notes(*hosts, entry("d", "crs-1", endpoint="https://redis.example.com/")) == [
        "the hosts a, b, c have the same crs_instance_id, crs-1 in ap-guangzhou: they are one instance, and count once"
    ]


def test_many_of_a_kind_are_cut_short():
    claims = {"created_time": None, "status": "isolated"}
    found = notes(*(entry(f"crs-{number}", claims=claims) for number in range(25)))
    assert len(found) == 21 and found[-1] == "and 5 more of this kind, in the record"
