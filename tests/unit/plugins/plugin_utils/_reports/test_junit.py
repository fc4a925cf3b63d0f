# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit: each outcome has its element, names stay and never repeat, and no text becomes markup."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import junit
from ansible_collections.qcloud.crs.tests.reports.records import (
    HOSTILE,
    RULES,
    Fleet,
    denied,
    every_kind,
    good,
    waiver,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    NOW,
    D,
    H,
    ago,
    restore_tests,
)


def parsed(fleet):
    return ET.fromstring("".join(junit.parts(fleet.record())).encode("utf-8"))


def case(fleet, name="max_age"):
    (found,) = parsed(fleet).iterfind(f".//testcase[@name='{name}']")
    return found


def names(root):
    return [(found.get("classname"), found.get("name")) for found in root.iter("testcase")]


TOLD = {
    "pass": (Fleet().add("a"), None, ""),
    "fail": (Fleet().add("a", good()[3:]), "failure", "newest usable backup started 3d 1h ago, limit 26h"),
    "unknown": (Fleet().add("a", [], error=denied()), "error", "access denied: not allowed"),
    "waived fail": (
        Fleet().add("a", good()[3:], waivers=[waiver("max_age")]),
        "skipped",
        "WAIVED by dba-team until 2026-07-15T12:00:00Z: CHG-1042\nIt is fail: newest usable",
    ),
    "waived unknown": (
        Fleet().add("a", [], error=denied(), waivers=[waiver("max_age")]),
        "skipped",
        "CHG-1042\nIt is unknown: access denied",
    ),
    "expired waiver": (Fleet().add("a", good()[3:], waivers=[waiver("max_age", -1)]), "failure", "3d 1h ago"),
    "warned of": (Fleet().add("a", [], error=denied(), unknown_fails=False), "error", "access denied"),
    "not applicable": (Fleet().add("a", [], status="isolated"), "skipped", "not applicable: the instance is isolated"),
}


@pytest.mark.parametrize(("fleet", "kind", "says"), TOLD.values(), ids=TOLD)
def test_each_outcome_has_its_element(fleet, kind, says):
    found = case(fleet)
    assert [child.tag for child in found] == ([kind] if kind else [])
    if kind:
        assert says in found[0].text
        # The schema's skipped has no attribute; elsewhere the message is what Jenkins shows first.
        assert set(found[0].attrib) == (set() if kind == "skipped" else {"type", "message"})
        assert kind == "skipped" or says in found[0].get("message")


def test_a_failure_says_all_that_is_needed():
    text = case(Fleet().add("db1", good()[3:], instance_id="crs-a1", name="orders"))[0].text
    for line in ("severity: high", "limit: 93600 (role default)", "actual: 262800", "instance: crs-a1 orders"):
        assert line in text.splitlines()
    assert "policy: " in text
    assert "actual: none" in case(Fleet().add("a", []))[0].text


def test_an_error_says_what_the_api_said():
    assert 'the API says "no permission", request id r-1' in case(Fleet().add("a", [], error=denied()))[0].text


def test_suites_are_audits_accounts_regions_and_apis():
    root = parsed(every_kind())
    assert root.tag == "testsuites"
    assert [suite.get("name") for suite in root] == [
        "crs/prod/ap-guangzhou/v3",
        "crs/prod/ap-shanghai/v2",
        "crs/coverage",
    ]
    assert {suite.get("name").partition("/")[0] for suite in parsed(every_kind(audit="dr"))} == {"dr"}


def test_the_counts_are_those_of_the_elements():
    root = parsed(every_kind())
    for suite in root:
        counted = {"tests": len(suite.findall("testcase")), "skipped": len(suite.findall(".//skipped"))}
        counted.update(failures=len(suite.findall(".//failure")), errors=len(suite.findall(".//error")))
        assert {key: int(suite.get(key)) for key in counted} == counted
        assert (
            suite.get("name") == "crs/coverage"
            or min(counted.values()) > 0
            or suite.get("name") == "crs/prod/ap-shanghai/v2"
        )
    for key in ("tests", "failures", "errors"):
        assert int(root.get(key)) == sum(int(suite.get(key)) for suite in root)
    # The schema has no such count for all.
    assert root.get("skipped") is None


def test_a_suite_says_by_which_policy_and_when():
    suite = parsed(Fleet().add("a").add("b", rules={"min_usable": 2}))[0]
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties["evaluated_at"] == "2026-06-15T12:00:00Z"
    assert properties["complete"] == "true"
    assert properties["generator"].startswith("qcloud.crs ")
    assert len(properties["policies"].split()) == 2
    # A zone is against Ant's schema.
    assert suite.get("timestamp") == "2026-06-15T12:00:00"


def test_names_stay_when_verdicts_change():
    def one_run(days, now):
        fleet = Fleet(now).add("a", good()[days:]).add("db1", good()[days:], instance_id="crs-b")
        return names(parsed(fleet.add("c", [] if days else good(), error=denied() if days else None)))

    assert one_run(0, NOW) == one_run(3, NOW + timedelta(days=1))
    # The record is worst first: an order that changes with the verdicts.
    assert names(parsed(Fleet().add("a", good()[3:]).add("b"))) == names(parsed(Fleet().add("a").add("b", good()[3:])))


def test_names_hold_no_numbers_of_the_run():
    assert set(names(parsed(Fleet().add("a", good()[3:])))) == {("a", rule) for rule in RULES}


def test_a_class_is_the_host_and_the_instance_where_they_differ():
    fleet = Fleet().add("crs-a").add("db1", instance_id="crs-a").add("db2", instance_id="crs-a")
    assert sorted({classname for classname, _name in names(parsed(fleet))}) == ["crs-a", "db1 (crs-a)", "db2 (crs-a)"]


def test_names_are_unique_even_where_texts_had_to_be_changed():
    fleet = every_kind()
    for host in (*HOSTILE.values(), HOSTILE["long"] + "x", HOSTILE["long"] + "y", "a\x00b", "a\x01b", "a\\u0000b"):
        if host not in [entry["host"] for entry in fleet.entries]:
            fleet.add(host, instance_id="crs-h")
    # Two accounts show the same region, and two entries the same gap.
    fleet.cover(["crs-x1"])
    found = names(parsed(fleet))
    assert len(found) == len(set(found))
    assert max(len(name) for one in found for name in one) < 250


def test_no_instance_is_no_green_build():
    root = parsed(Fleet())
    assert [suite.get("name") for suite in root] == ["crs/scope"]
    assert root.get("errors") == "1"
    assert len(root.findall(".//error")) == 1


class TestCoverage:
    def suite(self, fleet):
        return next((suite for suite in parsed(fleet) if suite.get("name") == "crs/coverage"), None)

    def told(self, fleet):
        return {one.get("name"): [child.tag for child in one] for one in self.suite(fleet).iter("testcase")}

    def test_without_a_look_there_is_no_suite(self):
        assert self.suite(Fleet().add("a")) is None

    def test_all_is_covered(self):
        assert self.told(Fleet().add("a").cover()) == {"listing": []}

    def test_a_gap_is_shown_and_fails_nothing_by_itself(self):
        assert self.told(Fleet().add("a").cover(["crs-x"])) == {"listing": [], "crs-x": ["skipped"]}

    def test_a_gap_fails_where_the_record_says_so(self):
        fleet = Fleet().add("a").cover(["crs-x"], fails=True)
        assert self.told(fleet) == {"listing": [], "crs-x": ["failure"]}
        assert "crs-x is in the account but not in the inventory" in self.suite(fleet).find(".//failure").get("message")

    def test_coverage_that_is_not_known_is_an_error(self):
        fleet = Fleet().add("a").cover(error=denied())
        assert self.told(fleet) == {"listing": ["error"]}
        assert "no permission" in self.suite(fleet).find(".//error").text

    def test_accounts_of_a_region_have_cases_of_their_own(self):
        fleet = Fleet().add("a").add("b", account="test").cover(["crs-x"]).cover(["crs-y"], account="test")
        assert [suite.get("name") for suite in parsed(fleet)] == [
            "crs/prod/ap-guangzhou/v3",
            "crs/test/ap-guangzhou/v3",
            "crs/coverage",
        ]
        assert [(one.get("classname"), one.get("name")) for one in self.suite(fleet).iter("testcase")] == [
            ("coverage prod/ap-guangzhou/v3", "listing"),
            ("coverage prod/ap-guangzhou/v3", "crs-x"),
            ("coverage test/ap-guangzhou/v3", "listing"),
            ("coverage test/ap-guangzhou/v3", "crs-y"),
        ]

    def test_two_looks_at_one_place_share_their_cases(self):
        fleet = Fleet().add("a").cover(["crs-x", "crs-y"]).cover(["crs-x"], fails=True).cover(["crs-x"])
        fleet.cover(error=denied())
        assert self.told(fleet) == {"listing": ["error"], "crs-x": ["failure"], "crs-y": ["skipped"]}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_texts_are_texts(text):
    fleet = Fleet().add(text, [], error=denied(text), instance_id="crs-a", name=text)
    fleet.add("b", good()[3:], waivers=[waiver("max_age", reason=text, owner=text)])
    root = parsed(fleet)
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "properties", "property", "testcase", "error", "skipped"),
    }
    rendered = "".join(junit.parts(fleet.record()))
    assert "<script" not in rendered and "<![CDATA[" not in rendered
    for value in [element.text or "" for element in root.iter()] + [
        value for element in root.iter() for value in element.attrib.values()
    ]:
        assert not set(value) & set("\x00\x1b\x07\x7f\x9b\u202e\u2066\ufffe\ud800")
        assert len(value) < 4200


@pytest.mark.parametrize("kind", ["script", "cdata", "template", "quotes", "entity", "chinese"])
def test_texts_that_xml_can_hold_stay_as_they_are(kind):
    fleet = Fleet().add("b", good()[3:], waivers=[waiver("max_age", reason=HOSTILE[kind])])
    assert HOSTILE[kind] in case(fleet)[0].text


def test_what_xml_cannot_hold_is_shown_as_what_it_was():
    fleet = Fleet().add("b", good()[3:], waivers=[waiver("max_age", reason="a\x00b \ud800 \u202e \ufffe")])
    assert "a\\u0000b \\ud800 \\u202e \\ufffe" in case(fleet)[0].text


def test_a_cut_is_told():
    fleet = Fleet().add("b", good()[3:], waivers=[waiver("max_age", reason=HOSTILE["long"])])
    assert case(fleet)[0].text.endswith(" characters)")
    assert "... (truncated: the record has all 10" in case(fleet)[0].text


def test_it_is_a_function_of_the_record():
    record = every_kind().record()
    before = copy.deepcopy(record)
    assert "".join(junit.parts(record)) == "".join(junit.parts(before))
    assert record == before


def test_a_young_instance_is_skipped():
    assert case(Fleet().add("a", [], created_time=ago(H)))[0].tag == "skipped"
    assert case(Fleet().add("a", [], created_time=ago(60 * D)))[0].tag == "failure"


def test_a_suite_says_what_restore_tests_came_to():
    for tests, said in (
        (None, "not looked at"),
        (restore_tests(), "0 of 1 instances passed their last test, 1 were never tested"),
    ):
        root = ET.fromstring("".join(junit.parts(Fleet(tests=tests).add("a").record())))
        assert [one.get("value") for one in root.iter("property") if one.get("name") == "restore_tests"] == [said]
