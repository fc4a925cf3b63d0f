# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where coverage looks beside the hosts in scope: each place once, and what can't be reached is a gap."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import places
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import target

OPTIONS = {name: entry.get("default") for name, entry in connection_spec().items()}
CLOUD, LAB = "tencentcloud", "redis.lab.example.com"


def options(region="ap-guangzhou", **more):
    return {**OPTIONS, "region": region, **more}


def claim(said_by="host h", account="shop", ids="", leads=True, **more):
    return places.Claim(said_by, leads, account, options(**more), set(ids))


@pytest.fixture
def keyring(tmp_path):
    return Keyring(
        {"TENCENTCLOUD_SECRET_ID": "AKIDmadeup", "TENCENTCLOUD_SECRET_KEY": "madeupPlacesKey"}, home=str(tmp_path)
    )


def reached(inventory):
    return [places.place(way.account, way.api) for way in inventory.ways]


def test_places_of_hosts_in_scope_are_looked_at_once(keyring):
    claims = [claim(ids="a"), claim(ids="b", region="ap-tokyo"), claim(ids="c", region="ap-tokyo", account="pay")]
    # By its short code.
    hosts = [target("x", {"max_age": "26h"}, account="shop", connection=options("gz"))]
    found = places.inventory(claims, run.connect_all(hosts, keyring), keyring)
    assert [(place.account, place.region) for place in reached(found)] == [("shop", "ap-tokyo"), ("pay", "ap-tokyo")]
    assert found.known == {(CLOUD, "ap-guangzhou"): {"a"}, (CLOUD, "ap-tokyo"): {"b", "c"}} and found.gaps == ()


def test_hosts_that_may_be_anything_lead_nowhere(keyring):
    nowhere = [claim(None, ids="w", leads=False), claim(None, ids="v", leads=False, region=None)]
    found = places.inventory([*nowhere, claim(ids="a", region="sh")], [], keyring)
    assert [place.region for place in reached(found)] == ["ap-shanghai"] and found.gaps == ()
    assert found.known[CLOUD, "ap-guangzhou"] == {"w"}


def test_hosts_that_only_a_limit_leaves_out_lead_where_they_can_and_are_no_gap_where_they_cannot(keyring):
    found = places.inventory([claim(None, ids="a"), claim(None, ids="v", region=None)], [], keyring)
    assert [place.region for place in reached(found)] == ["ap-guangzhou"] and found.gaps == ()
    assert found.known[CLOUD, "ap-guangzhou"] == {"a"}


@pytest.mark.parametrize(
    ("more", "said", "where"),
    [
        ({"region": "nowhere"}, "region 'nowhere' is not a region code", ("shop", "unknown", f"https://{LAB}/", "v3")),
        ({"region": None}, "no region", ("shop", "unknown", f"https://{LAB}/", "v3")),
        ({"timeout": 0}, "timeout is 0", ("shop", "ap-guangzhou", f"https://{LAB}/", "v3")),
        (
            {"profile": "nobody", "account": None},
            "profile 'nobody'",
            ("nobody", "ap-guangzhou", f"https://{LAB}/", "v3"),
        ),
        (
            {"env_prefix": "NO"},
            "env_prefix is 'NO', and NO_SECRET_ID",
            ("shop", "ap-guangzhou", f"https://{LAB}/", "v3"),
        ),
        (
            {"env_prefix": "NO", "account": None},
            "env_prefix is 'NO', and NO_SECRET_ID",
            ("NO", "ap-guangzhou", f"https://{LAB}/", "v3"),
        ),
        (
            {"api_version": "v2", "retries": 99},
            "retries is 99",
            ("shop", "ap-guangzhou", f"https://{LAB}/v2/index.php", "v2"),
        ),
        ({"endpoint": "a b"}, "endpoint is not a host", ("shop", "ap-guangzhou", "unknown", "v3")),
    ],
)
def test_what_cannot_be_reached_is_a_gap_that_says_why(keyring, more, said, where):
    found = places.inventory([claim(ids="a", **{"endpoint": LAB, **more})], [], keyring, [{"first": 1}])
    first, gap = found.gaps
    assert first == {"first": 1} and found.ways == ()
    assert tuple(gap[key] for key in ("account", "region", "endpoint", "api_version")) == where
    assert gap["error"]["kind"] == "invalid_option" and gap["error"]["message"].startswith(f"host h: {said}")
    # Places that the inventory names are known as far as their variables can be read.
    assert list(found.known.values()) == [{"a"}]


def test_a_gap_of_which_nothing_is_known():
    assert places.gap(Denied("no")) == {
        "account": "unknown",
        "region": "unknown",
        "endpoint": "unknown",
        "api_version": "v3",
        "error": Denied("no").as_dict(),
    }


def test_an_account_of_the_inventory_over_api_2_has_a_gap_for_all_regions(keyring, monkeypatch):
    monkeypatch.setattr(places, "list_or_error", lambda dialect: {})
    ways = places.inventory([claim(api_version="v2")], [], keyring).ways
    (gap,) = [look for look in places.looks([], ways, "all") if look.place.region == "all"]
    assert "API 2.0 can't list its regions: name the regions in crs_backup_policy_coverage_regions" in str(gap.found)
