# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last tests by instance, out of records as they are written, and out of files that are none."""

from __future__ import annotations

import itertools
import json
import re
from datetime import datetime, timezone

import pytest
from restore_records import restore_record

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.facts import Instance
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import latest, record
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.latest import read

NOW = datetime(2026, 6, 10, tzinfo=timezone.utc)
ONE = Instance("tencentcloud", "ap-guangzhou", "crs-one00001")


@pytest.fixture
def write(tmp_path):
    def write(made, name=None, folder=""):
        path = tmp_path / folder / (name or record.file_name(made))
        path.parent.mkdir(exist_ok=True)
        path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")
        return path

    return write


def found(folder):
    made = read(str(folder), NOW)
    assert made.problems == []
    for last in made.tests.values():
        assert last.failed is None or last.failed["outcome"] == "failed"
    return {
        instance: (last.latest["evaluated_at"], last.passed and last.passed["evaluated_at"])
        for instance, last in made.tests.items()
    }


@pytest.mark.parametrize(
    "days, latest_day, passed_day",
    [
        ({1: "passed"}, 1, 1),
        ({1: "passed", 2: "failed"}, 2, 1),
        ({1: "failed", 2: "passed"}, 2, 2),
        ({3: "unknown", 2: "passed", 1: "passed"}, 3, 2),
        ({1: "unknown", 2: "failed"}, 2, None),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_last_one_and_the_last_that_passed(write, tmp_path, days, latest_day, passed_day, order):
    for day, outcome in list(days.items())[::order]:
        write(restore_record(outcome, f"2026-06-0{day}T00:00:00Z"))
    moments = tuple(day and f"2026-06-0{day}T00:00:00Z" for day in (latest_day, passed_day))
    assert found(tmp_path) == {ONE: moments}


def test_an_instance_is_its_cloud_region_and_id(write, tmp_path):
    """A label may be renamed, and both API versions lead to one instance."""
    v2 = {"api_version": "v2", "endpoint": "https://redis.api.qcloud.com/v2/index.php"}
    others = ({"region": "ap-shanghai"}, {"instance_id": "crs-two00001"}, {"endpoint": "https://other.example.com/"})
    for changed in ({}, {"account": "shop"}, v2, *others):
        write(restore_record(**changed))
    shanghai, two = ONE._replace(region="ap-shanghai"), ONE._replace(instance_id="crs-two00001")
    assert set(found(tmp_path)) == {ONE, shanghai, two, ONE._replace(cloud="other.example.com")}


PLACE = {name: restore_record()[name] for name in ("endpoint", "region", "instance_id")}


def a_test(second, outcome, start, backup_id=None):
    backup = {"backup_id": backup_id or f"b-{start}", "start_time": start and f"2026-05-0{start}T00:00:00Z"}
    moment = f"2026-06-01T00:00:0{second}Z"
    return {**PLACE, "id": "0", "evaluated_at": moment, "outcome": outcome, "backup": backup}


def last(*made):
    return latest.last_tests(made)[ONE]


#: Outcomes of tests of an older backup, a newer one, and one without a date.
KINDS = list(itertools.product(("passed", "failed", "unknown"), (1, 2, None)))


@pytest.mark.parametrize("first", KINDS, ids=str)
def test_a_failure_stands_until_a_test_of_that_backup_or_a_newer_one_passes(first):
    """All sequences of three tests, in either order."""
    for kinds in itertools.product([first], KINDS, KINDS):
        made = [a_test(second, *kind) for second, kind in enumerate(kinds)]
        standing = [
            second
            for second, (outcome, start) in enumerate(kinds)
            if outcome == "failed"
            and not any(
                later == "passed" and (same == start or (same and start and same > start))
                for later, same in kinds[second + 1 :]
            )
        ]
        found = last(*made)
        assert found.failed == (made[standing[-1]] if standing else None), kinds
        assert last(*made[::-1]) == found


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_weaker_evidence_turns_no_failure_into_a_pass(kind):
    """Only a later pass of that backup or a newer one does, wherever the further test is in time."""
    for first, failed, second in itertools.product(KINDS, (1, 2, None), (1, 4, 5, 7)):
        before = [a_test(2, *first), a_test(5, "failed", failed, "b")]
        assert last(*before).failed
        outcome, start = kind
        newer = outcome == "passed" and second == 7 and failed and start and start >= failed
        assert last(*before, a_test(second, *kind)).failed or newer


def test_tests_without_a_backup_and_of_one_second():
    failed, passed = a_test(1, "failed", 1), a_test(1, "passed", 2)
    assert last(passed, failed) == last(failed, passed) == (failed, passed, failed)
    without = {**a_test(2, "passed", 2), "backup": None}
    assert last(failed, without).failed == failed
    assert last({**failed, "backup": None}, a_test(2, "passed", 2)).failed


def test_of_one_instance_alone_no_other_file_is_read(write, tmp_path):
    write(restore_record())
    write(restore_record(instance_id="crs-one000012"))
    write("broken", "restore-test-crs-two00001-20260609T020000Z-0123abcd.json")
    made = read(str(tmp_path), NOW, "crs-one00001")
    assert list(made.tests) == [ONE] and made.problems == []
    # What has no such name may be of any instance.
    write("broken", "restore-test-old.json")
    assert len(read(str(tmp_path), NOW, "crs-one00001").problems) == 1


def test_records_below_a_linked_folder_count(write, tmp_path):
    """Such as the share of another machine. Loops end, and whatever leads to a folder, its records are read once."""
    folder, share = tmp_path / "tests", tmp_path / "share"
    write(restore_record(), folder="tests")
    write(restore_record("failed", "2026-06-02T02:00:00Z"), folder="share")
    (folder / "worker2").symlink_to(share)
    (share / "up").symlink_to(folder)
    (share / "self").symlink_to(share)
    problems = []
    assert [made["outcome"] for made in latest.records(str(folder), NOW, problems)] == ["passed", "failed"]
    assert problems == []


def test_a_link_that_leads_nowhere_is_a_problem(write, tmp_path):
    """It may have been a folder of records: of any instance."""
    write(restore_record())
    (tmp_path / "worker2").symlink_to(tmp_path / "unmounted")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "notes").symlink_to(__file__)
    for instance_id in ("", "crs-one00001"):
        made = read(str(tmp_path), NOW, instance_id)
        assert list(made.tests) == [ONE] and len(made.problems) == 2
        assert all("is a link that leads nowhere: if its target is a folder" in said for said in made.problems)


def test_records_lie_at_any_depth_and_beside_anything(write, tmp_path):
    write(restore_record(), folder="2026")
    write("no record", "notes.txt")
    write("no record", "audit-record.json")
    assert list(found(tmp_path)) == [ONE]
    assert read(str(tmp_path / "nowhere"), NOW) == ({}, [])


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "Expecting value"),
        ("[]", "not as its schema says"),
        ('{"schema": NaN}', "NaN is not a number of JSON"),
        ("[" * 100000, "recursion"),
        (json.dumps(restore_record(outcome="passed", code="cut_short")), "not as its schema says"),
        (
            json.dumps(restore_record(schema="qcloud.crs/restore-test-record/2")),
            r"not as its schema says \(\.schema: const\)",
        ),
        (json.dumps(restore_record(evaluated_at="2026-06-10T00:11:00Z")), "in the future: check the clocks"),
        (json.dumps({**restore_record(), "url": "x"}), "additionalProperties"),
    ],
    ids=["nothing", "list", "no number", "deep", "contradiction", "other version", "future", "url"],
)
def test_a_file_that_is_none_is_named_and_the_others_count(write, tmp_path, text, said):
    path = write(text, "restore-test-0.json")
    write(restore_record())
    made = read(str(tmp_path), NOW)
    assert list(made.tests) == [ONE] and len(made.problems) == 1
    assert made.problems[0].startswith(repr(str(path))) and re.search(said, made.problems[0])


def test_what_is_no_file_is_not_opened(write, tmp_path, monkeypatch):
    (tmp_path / "restore-test-0.json").symlink_to("/dev/zero")
    write(restore_record())
    monkeypatch.setattr(latest, "_MAX_SIZE", 10)
    made = read(str(tmp_path), NOW)
    assert made.tests == {} and ["regular file" in said for said in made.problems] == [True, True]


def test_a_folder_that_can_not_be_read(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidOption, match="can't be read"):
        read(str(tmp_path / "file"), NOW)


def test_a_record_that_passed_has_all_that_passing_takes():
    """Whoever writes it, and whatever it leaves out."""
    assert schema.fault(restore_record(), record.schema()) is None
    for name, value in (("backup", None), ("files", []), ("wiped_at", None), ("message", None)):
        assert schema.fault(restore_record(**{name: value}), record.schema()) is not None, name
    for part, name in ((lambda made: made["files"][0], "loaded"), (lambda made: made["expected"], "files")):
        made = restore_record()
        part(made)[name] = None
        assert schema.fault(made, record.schema()) is not None, name
    assert schema.fault(restore_record("failed"), record.schema()) is None
    assert schema.fault(restore_record("failed", code=None), record.schema()) is not None
