# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of a record's parts have the keys of its schema: what mypy checks is what readers get."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import ErrorDict
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import restore_tests, waivers
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import model, schema

DEFS = schema.of_records()["$defs"]
TYPES = {
    "error": ErrorDict,
    "listing_error": model.ListingError,
    "config": model.ConfigEntry,
    "restore_tests": restore_tests.RestoreTests,
    "restore_test": restore_tests.RestoreTest,
    "waiver": waivers.AcceptedBy,
    "verdict": model.RuleVerdict,
    "backup": model.BackupEntry,
    "instance": model.InstanceEntry,
    "claims": model.ClaimsEntry,
    "listing": model.ListingEntry,
    "coverage": model.CoverageEntry,
    "reviewed_waiver": waivers.WaiverEntry,
    "slice": model.SliceEntry,
}


@pytest.mark.parametrize("name", TYPES)
def test_an_entry_has_the_keys_of_its_schema(name):
    same_keys(TYPES[name], DEFS[name])


def test_a_record_has_the_keys_of_its_schema():
    same_keys(model.Record, schema.of_records())


def same_keys(of_types, of_schema):
    required = set(of_schema.get("required", ()))
    assert of_types.__required_keys__ == required
    assert of_types.__optional_keys__ == set(of_schema["properties"]) - required


def test_each_part_with_keys_of_its_own_has_a_type():
    objects = {name for name, part in DEFS.items() if part.get("type") == "object" and "properties" in part}
    # A policy's values are as its rules take them.
    assert objects - {"policy", "required_remark"} == set(TYPES)
