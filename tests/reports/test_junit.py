# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit as others read it: libxml2 with the constraints of Jenkins' schema, and junitparser."""

from __future__ import annotations

import os

import junitparser
import pytest
from lxml import etree

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import junit

SCHEMA = etree.XMLSchema(etree.parse(os.path.join(os.path.dirname(os.path.abspath(__file__)), "junit.xsd")))
#: What GitLab takes of one file.
GITLAB = 30e6


def check(text):
    SCHEMA.assertValid(etree.fromstring(text.encode("utf-8")))


def test_the_schema_takes_it(record):
    check("".join(junit.parts(record)))


#: Each of these is what somebody might write, and what one of the readers trips over.
WRONG = {
    "an attribute of skipped": '<testsuite name="s" tests="1"><testcase name="a"><skipped message="m"/></testcase></testsuite>',
    "skipped after failure": '<testsuite name="s" tests="1"><testcase name="a"><failure/><skipped/></testcase></testsuite>',
    "properties of a case": '<testsuite name="s" tests="1"><testcase name="a"><properties/></testcase></testsuite>',
    "properties at the end": '<testsuite name="s" tests="0"><testcase name="a"/><properties><property name="a" value=""/></properties></testsuite>',
    "no properties": '<testsuite name="s" tests="0"><properties/></testsuite>',
    "a zone": '<testsuite name="s" tests="0" timestamp="2026-01-01T00:00:00Z"/>',
    "no count": '<testsuite name="s"/>',
    "a case twice": '<testsuite name="s" tests="2"><testcase name="a" classname="b"/><testcase name="a" classname="b"/></testsuite>',
}


@pytest.mark.parametrize("suite", WRONG.values(), ids=WRONG)
def test_the_schema_refuses_what_it_is_to_refuse(suite):
    assert not SCHEMA.validate(etree.fromstring(f"<testsuites>{suite}</testsuites>"))


def test_junitparser_reads_it(record):
    parsed = junitparser.JUnitXml.fromstring("".join(junit.parts(record)).encode("utf-8"))
    counted = {junitparser.Failure: 0, junitparser.Error: 0, junitparser.Skipped: 0, None: 0}
    for suite in parsed:
        for case in suite:
            assert len(case.result) < 2
            kind = type(case.result[0]) if case.result else None
            counted[kind] += 1
            assert kind is None or case.result[0].text
    assert parsed.tests == sum(counted.values())
    assert parsed.failures == counted[junitparser.Failure]
    assert parsed.errors == counted[junitparser.Error]
    assert sum(suite.skipped for suite in parsed) == counted[junitparser.Skipped]
    verdicts = [verdict for entry in record["instances"] for verdict in entry["rules"]]
    assert counted[junitparser.Failure] == sum(one["outcome"] == "fail" and not one["waiver"] for one in verdicts)


def test_a_thousand(thousand, figures):
    text = figures("JUnit", junit.parts, thousand)
    check(text)
    assert len(text) < GITLAB
