# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet file: times, defaults, schedules, ids, and errors that name the key."""

from __future__ import annotations

import json
import os

import emulator
import pytest
import yaml
from emulator import DEFAULT_CREDENTIALS, FleetError
from emulator.loader import load
from emulator.times import Zone, duration, instant

NOW = 1780000000


def fleet_of(**fleet):
    return load(fleet, NOW)


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("-26h", NOW - 93600),
        ("+2h", NOW + 7200),
        ("-3d", NOW - 259200),
        ("-1.5h", NOW - 5400),
        ("now", NOW),
        ("2026-05-28T20:26:40Z", NOW),
        ("2026-05-29T04:26:40+08:00", NOW),
    ],
)
def test_instant(text, seconds):
    assert instant(text, NOW) == seconds


@pytest.mark.parametrize("text", ["26h", "-3w", "2026-05-28T20:26:40", "yesterday", ""])
def test_no_instant(text):
    with pytest.raises(ValueError):
        instant(text, NOW)


def test_durations():
    assert [duration(text) for text in ("24h", "90m", "7d", "30s", 5)] == [86400, 5400, 604800, 30, 5]


@pytest.mark.parametrize(
    "name, text",
    [("+08:00", "2026-05-29 04:26:40"), ("+00:00", "2026-05-28 20:26:40"), ("-03:30", "2026-05-28 16:56:40")],
)
def test_zone(name, text):
    zone = Zone(name)
    assert zone.text(NOW) == text and zone.seconds(text) == NOW and zone.text(None) == "0000-00-00 00:00:00"


def test_defaults():
    fleet = fleet_of(instances=[{"id": "crs-a"}])
    one = fleet.instances["crs-a"]
    assert (one.account, one.api, one.region, one.status, one.name) == (
        DEFAULT_CREDENTIALS["account"],
        {"v2", "v3"},
        "ap-guangzhou",
        2,
        "crs-a",
    )
    assert list(fleet.credentials) == [DEFAULT_CREDENTIALS["secret_id"]] and fleet.settings.rate_limit is None


def test_schedule():
    one = fleet_of(
        instances=[{"id": "crs-a", "schedule": {"every": "12h", "last": "-1h", "count": 3, "type": "manual"}}]
    ).instances["crs-a"]
    assert [NOW - backup.start for backup in one.backups] == [3600, 46800, 90000]
    assert {backup.type for backup in one.backups} == {"manual"}


def test_expiry_follows_retention():
    one = fleet_of(instances=[{"id": "crs-a", "auto_backup": {"days": 2}, "backups": [{"start": "-1d"}]}]).instances[
        "crs-a"
    ]
    assert one.backups[0].expire_text == "2026-05-30 04:26:40"


def test_ids_do_not_depend_on_time():
    fleet = {
        "instances": [{"id": "crs-a", "schedule": {}, "backups": [{"start": "-1h"}]}],
        "generate": [{"count": 3, "schedule": {}}],
    }

    def ids(now):
        loaded = load(json.loads(json.dumps(fleet)), now)
        return {backup.id for one in loaded.instances.values() for backup in one.backups}

    assert ids(NOW) == ids(NOW + 12345) and len(ids(NOW)) == 8 + 3 * 7


def test_generated_instances():
    fleet = fleet_of(generate=[{"count": 5, "prefix": "crs-gen", "schedule": {"count": 2}}])
    assert len(fleet.instances) == 5 and all(len(name) == 12 and name.startswith("crs-") for name in fleet.instances)
    assert [one.name for one in fleet.instances.values()][4] == "crs-gen-00004"


@pytest.mark.parametrize("order, expected", [("newest", [1, 2, 3]), ("oldest", [3, 2, 1]), ("shuffled", None)])
def test_order(order, expected):
    fleet = fleet_of(
        settings={"order": order}, instances=[{"id": "crs-a", "schedule": {"every": "1h", "last": "-1h", "count": 3}}]
    )
    hours = [(NOW - backup.start) // 3600 for backup in fleet.instances["crs-a"].backups]
    assert hours == expected if expected else sorted(hours) == [1, 2, 3]


def test_yaml_file(tmp_path):
    path = tmp_path / "fleet.yml"
    path.write_text("instances:\n  - id: crs-a\n    backups:\n      - start: 2026-05-28T20:26:40Z\n", encoding="utf-8")
    assert load(str(path), NOW).instances["crs-a"].backups[0].start == NOW


def test_the_documented_example_loads():
    with open(
        os.path.join(os.path.dirname(os.path.abspath(emulator.__file__)), "README.md"), encoding="utf-8"
    ) as stream:
        example = stream.read().split("```yaml\n")[1].split("```")[0]
    fleet = load(yaml.safe_load(example), NOW)
    assert (
        len(fleet.instances) == 1001 and len(fleet.instances["crs-demo0001"].backups) == 10 and len(fleet.faults) == 1
    )


@pytest.mark.parametrize(
    "fleet, words",
    [
        ({"instances": [{"name": "x"}]}, "instances[0].id: is required"),
        ({"instances": [{"id": "a", "colour": "x"}]}, "instances[0].colour: unknown key"),
        ({"instances": [{"id": "a"}, {"id": "a"}]}, "the id a occurs twice"),
        ({"instances": [{"id": "a", "region": "mars"}]}, "instances[0].region: 'mars' is none of"),
        ({"instances": [{"id": "a", "api": ["v4"]}]}, "instances[0].api"),
        ({"instances": [{"id": "a", "denied": "no"}]}, "instances[0].denied: expected true or false"),
        ({"instances": [{"id": "a", "backups": [{}]}]}, "instances[0].backups[0].start: is required"),
        ({"instances": [{"id": "a", "backups": [{"start": "soon"}]}]}, "instances[0].backups[0].start: not a time"),
        (
            {"instances": [{"id": "a", "backups": [{"start": "-1h", "status": "odd"}]}]},
            "instances[0].backups[0].status: 'odd'",
        ),
        (
            {"instances": [{"id": "a", "backups": [{"start": "-1h", "type": "odd"}]}]},
            "instances[0].backups[0].type: 'odd'",
        ),
        ({"instances": [{"id": "a", "schedule": {"every": "daily"}}]}, "instances[0].schedule.every: not a duration"),
        ({"instances": [{"id": "a", "auto_backup": {"week_days": ["Mon"]}}]}, "instances[0].auto_backup.week_days"),
        ({"instances": {}}, "instances: expected a list"),
        ({"settings": {"regions": ["nowhere"]}}, "settings.regions: no region is called 'nowhere'"),
        ({"roles": {"r": {"web_identity": {"provider": "p"}}}}, "roles.r.web_identity.token: is required"),
        ({"settings": {"order": "random"}}, "settings.order: 'random'"),
        ({"settings": {"timezone": "Asia/Shanghai"}}, "settings.timezone: not an offset"),
        ({"settings": {"latency": "fast"}}, "settings.latency: expected a number"),
        ({"credentials": [{"secret_id": "x"}]}, "credentials[0].secret_key: is required"),
        ({"credentials": []}, "credentials: at least one"),
        ({"generate": [{}]}, "generate[0].count: is required"),
        ({"faults": [{"name": "nope"}]}, "faults[0].name: no fault is called 'nope'"),
        ({"roles": {"arn": {"expires_in": "x"}}}, "roles.arn.expires_in: not a duration"),
        ({"instance": []}, "instance: unknown key"),
        ("/nonexistent/fleet.yml", "fleet: can't read"),
    ],
)
def test_errors_name_the_key(fleet, words):
    with pytest.raises(FleetError) as caught:
        load(fleet, NOW)
    assert words in str(caught.value) and "\n" not in str(caught.value)
