# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record's own schema: it takes every record that the collection makes, and nothing else."""

from __future__ import annotations

import copy
import functools
import json
import os
import random

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema as _schema
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, every_kind, good, waiver
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import ALL_RULES

#: How many wrong records of each kind are tried: some, always the same, or as many new ones as asked for (make fuzz).
MANY = int(os.environ.get("CRS_EXAMPLES") or 0)
PATH = os.path.join(os.path.dirname(_record.__file__), "audit-record.schema.json")
with open(PATH, encoding="utf-8") as file:
    SCHEMA = json.load(file)
VALIDATOR = Draft202012Validator(SCHEMA)


def errors(record):
    return [f"{error.json_path}: {error.message[:300]}" for error in VALIDATOR.iter_errors(record)]


def objects(schema, path=""):
    """Yield each part of the schema that says which keys an object has."""
    if isinstance(schema, dict):
        if "additionalProperties" in schema and "properties" in schema:
            yield path, schema
        for key, value in schema.items():
            yield from objects(value, f"{path}/{key}")


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_takes_every_record(record):
    assert errors(record) == []


def test_it_takes_a_thousand(thousand, figures):
    assert json.loads(figures("The record", _record.parts, thousand)) == thousand
    assert errors({**thousand, "instances": thousand["instances"][::50]}) == []


def test_it_takes_every_way_to_write_a_policy():
    rules = {"max_age": "93600s", "min_usable": "2", "daily": "3", "auto_backup": "yes", "min_size_ratio": "0.5"}
    assert errors(Fleet().add("a", rules=rules).add("b", rules={**rules, "min_size_ratio": 1}).record()) == []


def test_every_key_is_described_and_fixed():
    found = dict(objects(SCHEMA))
    assert len(found) >= 10
    for path, schema in found.items():
        assert schema["additionalProperties"] is False, path
        for key, value in schema["properties"].items():
            described = value if "description" in value else SCHEMA["$defs"][value["$ref"].rpartition("/")[2]]
            assert described["description"].endswith("."), f"{path}/{key}"


def test_its_words_are_the_collections():
    defs = SCHEMA["$defs"]
    assert SCHEMA["properties"]["schema"]["const"] == _record.SCHEMA
    assert set(defs["instance"]["properties"]["outcome"]["enum"]) == set(policy.OUTCOMES)
    assert set(SCHEMA["properties"]["summary"]["properties"]) == {"instances", *policy.OUTCOMES}
    assert defs["api_version"]["enum"] == sorted(connection_spec()["api_version"]["choices"])
    severities = {rule.severity for rule in policy.RULES.values()}
    assert severities <= set(defs["verdict"]["properties"]["severity"]["enum"])


def test_every_key_of_the_record_is_required():
    # Records from before audits had names are records still.
    for key in every_kind().record().keys() - {"name"}:
        assert SCHEMA["required"].count(key) == 1
    assert "name" in every_kind().record()


def instance(record):
    return record["instances"][0]


WRONG = {
    "another version": lambda record: record.update(schema="qcloud.crs/audit-record/2"),
    "a name that breaks a label": lambda record: record.update(name='a"b'),
    "a key too many": lambda record: record.update(secret_key="hush"),
    "an instance's key too many": lambda record: instance(record).update(password="hush"),
    "a backup's address": lambda record: instance(record)["backups"][0].update(url="https://example.com/"),
    "a key too few": lambda record: record.pop("coverage"),
    "a summary of strings": lambda record: record["summary"].update(fail="1"),
    "a time without zone": lambda record: record.update(evaluated_at="2026-06-15T12:00:00"),
    "a local time": lambda record: instance(record).update(newest_usable="2026-06-15T12:00:00+08:00"),
    "a pass under a waiver": lambda record: record["instances"][1]["rules"][0].update(
        waiver={"reason": "a", "owner": "b", "expires": "2026-06-15T12:00:00Z"}
    ),
    "a waived rule": lambda record: instance(record)["rules"][0].update(outcome="waived"),
    "a failure that doesn't fail": lambda record: instance(record).update(fails=False),
    "complete in spite of an error": lambda record: instance(record).update(
        error={"kind": "denied", "code": None, "message": "a", "request_id": None}
    ),
    "incomplete without an error": lambda record: (
        record.update(complete=False),
        instance(record).update(complete=False),
    ),
    "complete in spite of an instance": lambda record: instance(record).update(
        complete=False, error={"kind": "denied", "code": None, "message": "a", "request_id": None}
    ),
    "complete of nothing": lambda record: record.update(instances=[]),
    "no rule": lambda record: instance(record).update(rules=[]),
    "an origin that isn't one": lambda record: instance(record)["origins"].update(max_age="somewhere"),
    "a waiver without end": lambda record: record["waivers"][0].update(expires=None),
    "gaps that can't be known": lambda record: record["coverage"][0].update(
        error={"kind": "denied", "code": 1, "message": "a", "request_id": None}
    ),
    "a hash that is none": lambda record: record["listings"][0].update(sha256="ab"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_it_refuses(change):
    fleet = Fleet().add("a", good()[3:], ALL_RULES, config={"retention_days": 7, "week_days": []})
    record = fleet.add("b", waivers=[waiver("max_age")]).cover(["crs-x"]).record()
    assert errors(record) == []
    wrong = copy.deepcopy(record)
    change(wrong)
    assert errors(wrong) != []
    assert _schema.fault(wrong, SCHEMA)


def broken(value, path=()):
    """Yield ``(path, change)``: each key away, and each value another of each kind, of the first of each list."""
    if isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(min(1, len(value))):
            yield (*path, key), None
            for other in (None, True, 1, -1, 1.0, 0.5, "", "a", [], ["a"], ["a", "a"], {}, {"a": "a"}):
                yield (*path, key), [other]
            yield from broken(value[key], (*path, key))


def test_our_reader_of_the_schema_says_what_others_say(record):
    """What reads records where the collection runs knows but a part of JSON Schema: all that this one uses."""
    assert _schema.fault(record, SCHEMA) is None
    every = list(broken(record))
    for path, change in random.Random(None if MANY else 1).sample(every, min(MANY or 50, len(every))):
        wrong = copy.deepcopy(record)
        holder = functools.reduce(lambda part, key: part[key], path[:-1], wrong)
        if change is None:
            del holder[path[-1]]
        else:
            holder[path[-1]] = change[0]
        assert bool(_schema.fault(wrong, SCHEMA)) is not VALIDATOR.is_valid(wrong), (path, change)
