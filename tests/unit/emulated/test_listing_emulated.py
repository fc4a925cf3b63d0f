# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

import pytest

pytestmark = pytest.mark.without_coverage

ONE = "crs-one00001"


def fleet(count, every="30m", **instance):
    return {
        "instances": [
            {
                "id": ONE,
                "region": "ap-guangzhou",
                "created": "-400d",
                "schedule": {"every": every, "last": "-1h", "count": count},
                **instance,
            }
        ]
    }


def ids_of(emulator, instance_id=ONE):
    return {backup.id for backup in emulator.fleet.instances[instance_id].backups}


def asked(emulator, action):
    return [entry for entry in emulator.log if entry["action"] == action]


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize(
    "page_size, count",
    [
        (1, 0),
        (1, 1),
        (1, 3),
        (7, 0),
        (7, 6),
        (7, 7),
        (7, 8),
        (7, 14),
        (100, 0),
        (100, 1),
        (100, 100),
        (100, 101),
        (100, 250),
    ],
)
def test_exact_set_with_the_fewest_requests(serve, lister, version, page_size, count):
    emulator = serve(fleet(count))
    (listing,) = lister(emulator, version, page_size).instances([ONE])
    assert listing.error is None
    assert len(listing.backups) == listing.total == count
    assert {row["backup_id"] for row in listing.backups} == ids_of(emulator)
    assert len(emulator.log) == max(1, math.ceil(count / page_size))


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_every_status_and_type_comes_back(serve, lister, version):
    statuses = {"locked": 1, "normal": 2, "exporting": 3, "exported": 4, "expired": -1}
    emulator = serve(
        fleet(
            0,
            backups=[
                {"start": f"-{hours}h", "status": word, "type": "manual", "remark": word}
                for hours, word in enumerate(statuses, start=1)
            ],
        )
    )
    (listing,) = lister(emulator, version).instances([ONE])
    assert {row["remark"]: (row["status"], row["status_code"]) for row in listing.backups} == {
        word: (word, code) for word, code in statuses.items()
    }
    assert {row["remark"] for row in listing.backups if row["usable"]} == {"normal", "exporting", "exported"}
    assert {row["type"] for row in listing.backups} == {"manual"}


@pytest.mark.parametrize(("version", "shown"), [("v2", 7), ("v3", 100)])
def test_horizon_of_each_generation(serve, lister, version, shown):
    emulator = serve(fleet(100, every="24h"))
    (listing,) = lister(emulator, version).instances([ONE])
    assert len(listing.backups) == shown


def test_more_than_thirty_days_are_asked_in_parts(serve, lister):
    emulator = serve(fleet(100, every="24h"))
    now = datetime.now(timezone.utc)
    (listing,) = lister(emulator, "v3", begin=now - timedelta(days=100)).instances([ONE])
    assert {row["backup_id"] for row in listing.backups} == ids_of(emulator)
    assert [entry["outcome"] for entry in emulator.log] == ["ok"] * 5


def test_both_ends_are_included(serve, lister):
    emulator = serve(fleet(10, every="1h"))
    starts = sorted(row["start_time"] for row in lister(emulator, "v3").instances([ONE])[0].backups)
    begin, end = (datetime.fromisoformat(starts[at].replace("Z", "+00:00")) for at in (3, 6))
    for version in ("v2", "v3"):
        (listing,) = lister(emulator, version, begin=begin, end=end).instances([ONE])
        assert sorted(row["start_time"] for row in listing.backups) == starts[3:7]


def region(**settings):
    return {
        "settings": settings,
        "instances": [
            {"id": f"crs-many{n:04}", "region": "ap-guangzhou", "schedule": {"every": "24h", "last": "-1h", "count": 7}}
            for n in range(40)
        ]
        + [
            {"id": "crs-none0001", "region": "ap-guangzhou"},
            {"id": "crs-deny0001", "region": "ap-guangzhou", "denied": True, "visible": True},
            {"id": "crs-away0001", "region": "ap-shanghai", "schedule": {"every": "24h", "last": "-1h", "count": 7}},
        ],
    }


def test_region_has_every_instance_also_those_without_backups(serve, lister):
    emulator = serve(region())
    listings = {listing.instance_id: listing for listing in lister(emulator, "v3").region()}
    assert set(listings) == {f"crs-many{n:04}" for n in range(40)} | {"crs-none0001", "crs-deny0001"}
    assert listings["crs-none0001"].error is None and listings["crs-none0001"].total == 0
    assert listings["crs-deny0001"].error.kind == "denied" and listings["crs-deny0001"].total is None
    assert all(listings[f"crs-many{n:04}"].total == 7 for n in range(40))
    # 280 backups are three pages; the two instances that these don't show are asked by themselves.
    assert len(asked(emulator, "DescribeInstanceBackups")) == 3 + 2
    assert len(asked(emulator, "DescribeInstances")) == 1


def test_sweep_serves_many_and_asks_for_what_it_does_not_show(serve, lister):
    emulator = serve(region())
    wanted = [f"crs-many{n:04}" for n in range(20)] + ["crs-none0001", "crs-deny0001", "crs-gone0001", "crs-away0001"]
    listings = lister(emulator, "v3").instances(wanted)
    assert [listing.instance_id for listing in listings] == wanted
    assert [listing.error and listing.error.kind for listing in listings[20:]] == [
        None,
        "denied",
        "not_found",
        "not_found",
    ]
    assert all(listing.total == 7 for listing in listings[:20])
    # Two pages of the list of instances say whom the sweep stands for.
    assert len(emulator.log) == 3 + 1 + 4


def test_no_sweep_where_asking_each_takes_fewer_requests(serve, lister):
    emulator = serve(
        {
            "instances": [
                {
                    "id": f"crs-busy{n:04}",
                    "region": "ap-guangzhou",
                    "schedule": {"every": "10m", "last": "-1h", "count": 500},
                }
                for n in range(12)
            ]
        }
    )
    wanted = [f"crs-busy{n:04}" for n in range(10)]
    listings = lister(emulator, "v3").instances(wanted)
    assert all(listing.total == 500 for listing in listings)
    assert len(emulator.log) == 1 + 10 * 5


def test_rate_is_kept_and_never_throttled(serve, lister):
    emulator = serve(region(rate_limit=1000))
    assert all(
        listing.error is None for listing in lister(emulator, "v2").instances([f"crs-many{n:04}" for n in range(40)])
    )
    assert {entry["outcome"] for entry in emulator.log} == {"ok"}
