# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OCSF against the published schema of 1.5.0, as the package ocsf-json-schema carries it."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import ocsf
from ansible_collections.qcloud.crs.tests.reports.records import Fleet

OCSF = get_ocsf_schema("1.5.0")
CLASS = OCSF["classes"]["compliance_finding"]["attributes"]


@pytest.fixture(scope="module")
def validator():
    schema = OcsfJsonSchemaEmbedded(OCSF).get_class_schema("compliance_finding", ["cloud"])
    assert schema["additionalProperties"] is False
    return Draft202012Validator(schema)


def findings(text):
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_the_published_schema_takes_it(record, validator):
    for finding in findings("".join(ocsf.parts(record))):
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(finding)]
        assert errors == []


def test_words_are_the_captions_of_their_numbers(record):
    """The schema binds them in words only. 99 is Other, whose word is the source's own."""
    compliance = OCSF["objects"]["compliance"]["attributes"]["status_id"]["enum"]
    for finding in findings("".join(ocsf.parts(record))):
        assert CLASS["severity_id"]["enum"][str(finding["severity_id"])]["caption"] == finding["severity"]
        assert CLASS["status_id"]["enum"][str(finding["status_id"])]["caption"] == finding["status"]
        stated = finding["compliance"]
        caption = compliance[str(stated["status_id"])]["caption"]
        assert caption == stated["status"] or (caption == "Other" and stated["status_code"] == "not_applicable")


def test_the_class_is_the_schemas():
    (finding,) = findings("".join(ocsf.parts(Fleet().add("a", rules={"min_usable": 1}).record())))
    assert finding["class_uid"] == OCSF["classes"]["compliance_finding"]["uid"]
    assert finding["class_name"] == OCSF["classes"]["compliance_finding"]["caption"]
    assert finding["category_uid"] * 1000 + 3 == finding["class_uid"]


#: What the schema refuses, and what this test would not see if it didn't.
WRONG = {
    "region without the cloud": lambda one: one.pop("cloud"),
    "a key of ours": lambda one: one.update(host="db1"),
    "a number as a parameter": lambda one: one["compliance"]["control_parameters"][0].update(value=1),
    "no identity": lambda one: one["finding_info"].pop("uid"),
    "a status that isn't there": lambda one: one["compliance"].update(status_id=4),
    "a resource without id": lambda one: (one["resources"][0].pop("uid"), one["resources"][0].pop("name")),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_the_schema_refuses_what_it_is_to_refuse(change, validator):
    finding = findings("".join(ocsf.parts(Fleet().add("a").record())))[0]
    assert validator.is_valid(finding)
    change(finding)
    assert not validator.is_valid(finding)


def test_a_thousand(thousand, figures, validator):
    found = findings(figures("OCSF", ocsf.parts, thousand))
    assert len(found) == sum(len(entry["rules"]) for entry in thousand["instances"])
    for finding in found[:: len(found) // 100]:
        validator.validate(finding)
