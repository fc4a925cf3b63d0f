# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of a restore test's record, by a validator that isn't ours: both refuse the same."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema as _schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import record, run

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "plugins" / "plugin_utils" / "_restore"))

from restore_records import restore_record

SCHEMA = record.schema()
VALIDATOR = Draft202012Validator(SCHEMA)
#: What stands in the place of any value.
WRONG = (None, "", -1, 1.5, True, [], {"x": 1}, "2026-06-01T02:00:00")


def places(value, path=()):
    """Yield the path of each value of a record, at any depth."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def changed(made, path, change):
    made = copy.deepcopy(made)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    change(inner, path[-1])
    return made


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].endswith("/plugins/plugin_utils/_restore/restore-test-record.schema.json")
    assert tuple(SCHEMA["properties"]["seconds"]["properties"]) == run.PHASES


@pytest.mark.parametrize("outcome", ["passed", "failed", "unknown"])
def test_it_takes_a_record(outcome):
    assert [error.message for error in VALIDATOR.iter_errors(restore_record(outcome))] == []


@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_both_refuse_the_same(outcome):
    """A value of another kind in each place, one that is missing, and one too many."""
    made, refused = restore_record(outcome), 0
    for path in list(places(made))[1:]:
        others = [changed(made, path, lambda inner, key, wrong=wrong: inner.__setitem__(key, wrong)) for wrong in WRONG]
        others.append(changed(made, path, lambda inner, key: inner.pop(key)))
        if isinstance(path[-1], str):
            others.append(changed(made, path, lambda inner, key: inner.__setitem__(f"{key}_", 1)))
        for other in others:
            ours = _schema.fault(other, SCHEMA) is not None
            assert ours is not VALIDATOR.is_valid(other), path
            refused += ours
    assert refused > 500
