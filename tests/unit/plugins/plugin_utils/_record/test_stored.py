# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where records lie, and which files are none."""

from __future__ import annotations

import json
import math
import os
from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import merge, stored
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema as _schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import write
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, every_kind, good, waiver
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW, D, backup, iso

MINUTE = timedelta(minutes=1)


def put(path, text="{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_of_folders_each_record_at_any_depth_in_order(tmp_path):
    made = [put(tmp_path / name / "audit-record.json") for name in ("b", "a/deep/er", "a")]
    put(tmp_path / "a" / "report.html")
    put(tmp_path / "a" / ".audit-record.json.x1y2")
    assert stored.find([str(tmp_path)]) == [made[2], made[1], made[0]]


def test_a_file_is_taken_whatever_its_name_and_whether_it_is_there(tmp_path):
    other = put(tmp_path / "yesterday.json")
    assert stored.find([other, str(tmp_path / "gone")]) == [other, str(tmp_path / "gone")]


def test_a_record_counts_once_however_often_it_is_named(tmp_path):
    made = put(tmp_path / "a" / "audit-record.json")
    os.symlink(made, tmp_path / "link.json")
    assert len(stored.find([str(tmp_path), made, str(tmp_path / "link.json")])) == 1


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path, monkeypatch):
    real = os.scandir

    def refuse(path):
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    put(tmp_path / "a" / "audit-record.json")
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InvalidOption, match=r"the folder '.*/a' can't be read .*it may hold a record"):
        stored.find([str(tmp_path)])


def test_records_below_a_linked_folder_are_found_once(tmp_path):
    made = put(tmp_path / "share" / "2026" / "audit-record.json")
    records = tmp_path / "records"
    records.mkdir()
    for name in ("worker1", "worker2"):
        (records / name).symlink_to(tmp_path / "share")
    (tmp_path / "share" / "up").symlink_to(records)
    assert [os.path.realpath(path) for path in stored.find([str(records)])] == [made]


def test_a_link_that_leads_nowhere_is_an_error(tmp_path):
    """The folder of a slice that is not mounted would otherwise be a missing slice without an error."""
    put(tmp_path / "a" / "audit-record.json")
    (tmp_path / "b").symlink_to(tmp_path / "unmounted")
    with pytest.raises(InvalidOption, match="/b' is a link that leads nowhere: if its target is a folder"):
        stored.find([str(tmp_path)])


def test_a_record_comes_back_as_it_was_written(tmp_path):
    record = every_kind().record()
    paths = write.write_all(record, str(tmp_path))[0]
    assert stored.read(paths["record"], NOW).record == record


@pytest.mark.parametrize("key", ["run", "coverage_setting"])
def test_a_record_that_can_not_be_judged_again_is_refused_with_the_reason(tmp_path, key):
    """It was written when records had neither the configuration nor remarks, nor what the host's settings are."""
    record = every_kind().record()
    del record[key], record["name"]
    for entry in record["instances"]:
        del entry["config"], entry["unknown"]
    path = put(tmp_path / "audit-record.json", json.dumps(record))
    said = f"is of an earlier version of this collection .it has no {key}., which did not store all that .* again: run the audit again"
    with pytest.raises(InvalidOption, match=said):
        stored.read(path, NOW)


@pytest.mark.parametrize("key", ["hosts", "code"])
def test_so_is_one_that_lacks_whose_a_waiver_is_or_the_code_of_a_verdict(tmp_path, key):
    record = every_kind().record()
    for one in record["waivers"] if key == "hosts" else record["instances"][0]["rules"]:
        del one[key]
    path = put(tmp_path / "audit-record.json", json.dumps(record))
    with pytest.raises(
        InvalidOption, match=rf"is of an earlier version of this collection .it has no {key}., .* run the audit again"
    ):
        stored.read(path, NOW)


def test_a_record_of_another_version_that_judged_by_other_rules_says_so(tmp_path):
    record = every_kind().record()
    record["generator"] = "qcloud.crs 0.0.9"
    path = put(tmp_path / "audit-record.json", json.dumps(record))
    assert stored.read(path, NOW).record == record
    record["instances"][0]["rules"][0]["message"] = "in other words"
    put(tmp_path / "audit-record.json", json.dumps(record))
    with pytest.raises(
        InvalidOption, match=r"or read it with the version that wrote it \(qcloud.crs 0.0.9; this is qcloud.crs \d"
    ):
        stored.read(path, NOW)


@pytest.mark.parametrize("name", ["", "a b", "größe", None, 1, "a" * 65])
def test_a_record_of_no_proper_name_is_no_record(tmp_path, name):
    path = put(tmp_path / "audit-record.json", json.dumps({**every_kind().record(), "name": name}))
    with pytest.raises(InvalidOption, match=r"\(\.name: (pattern|type)\)"):
        stored.read(path, NOW)


CHANGES = {
    "another schema": (lambda record: record.update(schema="qcloud.crs/audit-record/2"), "is of schema"),
    "a key is gone": (lambda record: record.pop("coverage"), r"\(: no coverage\)"),
    "a deep key is gone": (lambda record: first(record).pop("rules"), r"\(\.instances\[0\]: no rules\)"),
    "a failure was turned": (lambda record: first(record).update(outcome="pass"), r"\.instances\[0\]"),
    "a failure that doesn't fail": (lambda record: first(record).update(fails=False), r"\.instances\[0\]"),
    "null for a failure": (lambda record: first(record).update(fails=None), r"\.instances\[0\]\.fails: type"),
    "a hash that is none": (
        lambda record: record["listings"][0].update(sha256="a"),
        r"\.listings\[0\]\.sha256: pattern",
    ),
    "a key too many": (lambda record: record.update(note="a"), r"\.note: additionalProperties"),
    "no instances": (lambda record: record.update(instances=None), r"\.instances: type"),
    "an instance is gone": (lambda record: record["instances"].pop(), "summary is .*, and its instances give "),
    "a policy is gone": (lambda record: record["policies"].clear(), "it has no policy [0-9a-f]{12}"),
}


def first(record):
    """Return the worst instance, which fails."""
    return record["instances"][0]


def listed(record):
    return record["listings"][0]


def on_first(key, value, said):
    return lambda record: first(record).update({key: value}), rf"\(\.instances\[0\]\.{key}: {said}\)"


def backup_of(record):
    """Return the first backup there is."""
    return next(backup for entry in record["instances"] for backup in entry["backups"])


CHANGES.update(
    {
        "infinity": (lambda record: listed(record).update(requests=math.inf), "read .Infinity is not a JSON number"),
        "not a number": (lambda record: listed(record).update(seconds=math.nan), "read .NaN is not a JSON number"),
        "a huge size": (lambda record: backup_of(record).update(size=10**400), r"backups\[0\]\.size: type"),
        "a huge float": (lambda record: listed(record).update(seconds=1e300), r"listings\[0\]\.seconds: type"),
        "a huge depth in time": on_first("horizon_seconds", 3661 * D + 1, "maximum"),
        "a month 13": (
            lambda record: record.update(finished_at="2026-13-45T00:00:00Z"),
            r"\(\.finished_at: format\)",
        ),
        "a judgement in month 13": on_first("evaluated_at", "2026-13-45T00:00:00Z", "format"),
        "a line break": (
            lambda record: record.update(evaluated_at=record["evaluated_at"] + "\n"),
            "evaluated_at: pattern",
        ),
        "digits of another script": on_first("evaluated_at", "２０２６-06-15T12:00:00Z", "pattern"),
        "a judgement in 1999": on_first("evaluated_at", "1999-12-31T23:59:59Z", "pattern"),
        "a judgement in 9999": on_first("evaluated_at", "9999-01-01T00:00:00Z", "pattern"),
        "a backup in month 13": (
            lambda record: backup_of(record).update(start="2026-13-45T00:00:00Z"),
            r"backups\[0\]\.start: ",
        ),
        "a backup in year 1": (
            lambda record: backup_of(record).update(start="0001-01-01T00:00:00Z"),
            r"backups\[0\]\.start: ",
        ),
        "a host of month 13": (
            lambda record: first(record).update(created_time="2026-13-45T00:00:00+08:00"),
            "was created at 2026-13-45T00:00:00.08:00, which is not a valid time",
        ),
        "a host of year 9999": on_first("created_time", "9999-12-31T00:00:00Z", "pattern"),
        "another schema, at length": (
            lambda record: record.update(schema="\x1b" * 200),
            r"is of schema '(.x1b)+\.\.\., and",
        ),
        "a key that moves the cursor": (
            lambda record: record.update({"\x1b[2J": 1}),
            r"\(\. \[2J: additionalProperties",
        ),
    }
)


@pytest.mark.parametrize("change, said", CHANGES.values(), ids=CHANGES)
def test_what_is_not_as_it_was_written_is_no_record(tmp_path, change, said):
    record = every_kind().record()
    assert first(record)["outcome"] == "fail" and first(record)["fails"]
    change(record)
    path = put(tmp_path / "audit-record.json", json.dumps(record))
    with pytest.raises(InvalidOption, match=said) as caught:
        stored.read(path, NOW)
    assert repr(path) in str(caught.value)


def merged():
    """Return the record of two slices, of one that fails, and a minute later of one that passes."""
    slices = [Fleet().add("crs-0", []).record(), Fleet(NOW + MINUTE).add("crs-1").record()]
    found = {str(number): _record.stored(record) for number, record in enumerate(slices)}
    return merge.merge(found, NOW + MINUTE, 2, 3600, 3600)


@pytest.mark.parametrize("seconds", [600, 601])
@pytest.mark.parametrize(
    "make, ahead",
    [
        (lambda: Fleet().record(), lambda record, moment: record.update(evaluated_at=moment)),
        (lambda: Fleet().record(), lambda record, moment: record.update(finished_at=moment)),
        (merged, lambda record, moment: record["instances"][1].update(evaluated_at=moment)),
        (merged, lambda record, moment: record["slices"][1].update(evaluated_at=moment)),
    ],
    ids=["record", "end", "instance", "slice"],
)
def test_a_record_is_of_the_past_as_far_as_clocks_agree(tmp_path, monkeypatch, make, ahead, seconds):
    record = make()
    ahead(record, iso(NOW + timedelta(seconds=seconds)))
    path = put(tmp_path / "audit-record.json", json.dumps(record))
    monkeypatch.setattr(stored.judge_again, "contradiction", lambda _record: None)
    if seconds == 600:
        assert stored.read(path, NOW).record == record
        return
    with pytest.raises(
        InvalidOption, match=r"record '.*' was judged at 2026-06-15T12:10:01Z, in the future: check the"
    ):
        stored.read(path, NOW)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('"seconds": 0.25', '"seconds": 1e999', r"\(\.listings\[0\]\.seconds: type\)"),
        ('"requests": 3', '"requests": -1e999', r"\(\.listings\[0\]\.requests: type\)"),
        ('"requests": 3', f'"requests": 3{"0" * 5000}', r"can't be read|requests: type"),
        ('"qcloud.crs/audit-record/1"', "[" * 200000, "can't be read .it is nested too deeply"),
        (
            '"seconds": 0.25',
            f'"seconds": {"[" * 900}{"]" * 900}',
            r"\(\.listings\[0\]\.seconds: type\)|nested too deeply",
        ),
    ],
    ids=["1e999", "-1e999", "digits", "deep", "deep-enough"],
)
def test_what_breaks_those_who_calculate_or_descend(tmp_path, old, new, said):
    text = json.dumps(every_kind().record())
    assert old in text
    path = put(tmp_path / "audit-record.json", text.replace(old, new, 1))
    with pytest.raises(InvalidOption, match=said) as caught:
        stored.read(path, NOW)
    assert repr(path) in str(caught.value)


def test_a_waiver_may_last_for_ever_and_a_backup_be_old(tmp_path):
    fleet = Fleet().add("a", good()[3:], waivers=[waiver("max_age", expires="9999-12-31T23:59:59Z")])
    record = fleet.add("b", [backup(at="1970-01-01T00:00:00Z")], api_version="v2", horizon=7 * D).record()
    paths = write.write_all(record, str(tmp_path))[0]
    assert stored.read(paths["record"], NOW).record == record


def fifo(path):
    os.mkfifo(path)


@pytest.mark.parametrize(
    "make", [fifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)], ids=["fifo", "dir", "device"]
)
def test_what_is_no_regular_file_is_not_even_opened(tmp_path, monkeypatch, make):
    path = str(tmp_path / "audit-record.json")
    make(path)
    monkeypatch.setattr("builtins.open", lambda *_args, **_more: pytest.fail("opened"))
    with pytest.raises(
        InvalidOption, match=r"audit-record\.json' can't be read \(it is not a regular file\): give the path of"
    ):
        stored.read(path, NOW)


def test_a_link_to_a_record_is_followed(tmp_path):
    paths = write.write_all(every_kind().record(), str(tmp_path))[0]
    os.symlink(paths["record"], tmp_path / "link")
    assert stored.read(str(tmp_path / "link"), NOW) == stored.read(paths["record"], NOW)


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_may_not_be_of_any_size(tmp_path, monkeypatch, more):
    path = write.write_all(every_kind().record(), str(tmp_path))[0]["record"]
    monkeypatch.setattr(stored, "MAX_BYTES", os.path.getsize(path) - more)
    if not more:
        assert stored.read(path, NOW)
        return
    with pytest.raises(
        InvalidOption, match=r"audit-record\.json' can't be read \(it is larger than \d+ bytes, too large for a rec"
    ):
        stored.read(path, NOW)


@pytest.mark.parametrize("text", ["", "[]", "null", '"x"', '{"schema": "qcloud', "\x00"])
def test_what_is_no_json_or_no_record(tmp_path, text):
    path = put(tmp_path / "audit-record.json", text)
    with pytest.raises(InvalidOption, match=r"audit-record\.json"):
        stored.read(path, NOW)


def test_a_keyword_of_the_schema_that_nobody_reads_is_no_silence():
    """Its reader is compared with another's in tests/reports."""
    with pytest.raises(KeyError):
        _schema.fault(1, {"multipleOf": 2})


@pytest.mark.parametrize("kind, one", [("integer", 1), ("number", 4096.0)])
def test_the_largest_number(kind, one):
    for end in (10**19, -(10**19)):
        assert _schema.fault(end, {"type": kind}) is None
        assert _schema.fault(end + (one if end > 0 else -one), {"type": kind}) == ": type"


def test_what_a_schema_says_of_a_kind_holds_for_that_kind_alone():
    schema = {
        "type": ["object", "array", "null"],
        "properties": {"a": {"type": "string"}},
        "additionalProperties": False,
        "items": {"type": "string"},
        "required": ["a"],
    }
    assert [_schema.fault(value, schema) for value in (None, {"a": "x"}, ["x"])] == [None, None, None]
    assert _schema.fault({"a": 1}, schema) == ".a: type" and _schema.fault([1], schema) == "[0]: type"
    assert _schema.fault({"a": "x", "b": 1}, schema) == ".b: additionalProperties"
