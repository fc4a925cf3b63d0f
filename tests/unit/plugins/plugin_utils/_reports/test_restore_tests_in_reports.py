# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore tests in every report: each outcome of both rules on them, and that there was never one, also with these rules off."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._times import from_iso
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import restore_tests as _policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.rules import RULES
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.waivers import counted
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import console, junit, ocsf, prometheus
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import page
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html.restore_tests import WORDS
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, waiver
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import D, a_test, restore_tests

AGE, TIME = "max_restore_test_age", "max_restore_time"
LIMITS = {AGE: "35d", TIME: "1h"}


class Case(NamedTuple):
    """What is known of an instance's tests, the outcomes of AGE and TIME, and what the message of AGE says."""

    tests: _policy.RestoreTests
    outcomes: tuple[str, str]
    said: str
    waived: tuple[str, ...] = ()
    known: dict = {}


CASES = {
    "passed": Case(restore_tests(a_test(3 * D, seconds=12.5)), ("pass", "pass"), "last passed restore test was 3d ago"),
    "failed": Case(restore_tests(a_test(5 * D), a_test(D, "failed")), ("fail", "fail"), "failed 24h ago (cut_short)"),
    "unknown": Case(restore_tests(a_test(D, "unknown")), ("unknown", "unknown"), "the last one was unknown: no_server"),
    "unknown since": Case(
        restore_tests(a_test(5 * D), a_test(D, "unknown")), ("pass", "pass"), "last passed restore test was 5d ago"
    ),
    "unreadable": Case(restore_tests(a_test(D), problem="x can't be read"), ("unknown", "unknown"), "x can't be read"),
    "never": Case(restore_tests(), ("fail", "fail"), "no restore test passed"),
    "too old": Case(restore_tests(a_test(36 * D)), ("fail", "fail"), "last passed restore test was 36d ago"),
    "too slow": Case(
        restore_tests(a_test(D, seconds=3601.0)), ("pass", "fail"), "last passed restore test was 24h ago"
    ),
    "too young": Case(
        restore_tests(),
        ("not_applicable", "not_applicable"),
        "too young",
        known={"created_time": "2026-06-14T00:00:00Z"},
    ),
    "waived": Case(restore_tests(a_test(D, "failed")), ("waived", "waived"), "failed 24h ago (cut_short)", (AGE, TIME)),
    "never, waived": Case(restore_tests(), ("waived", "waived"), "no restore test passed", (AGE, TIME)),
    "unknown, waived": Case(restore_tests(a_test(D, "unknown")), ("waived", "waived"), "no_server", (AGE, TIME)),
    "one rule waived": Case(
        restore_tests(a_test(D, "failed")), ("fail", "waived"), "failed 24h ago (cut_short)", (TIME,)
    ),
    "too slow, waived": Case(
        restore_tests(a_test(D, seconds=3601.0)), ("pass", "waived"), "last passed restore test was 24h ago", (TIME,)
    ),
}
#: Where somebody looked at tests although no rule judges them.
STATES = {
    "passed": restore_tests(a_test(D)),
    "failed": restore_tests(a_test(D, "failed")),
    "unknown": restore_tests(a_test(D, "unknown")),
    "never": restore_tests(),
    "not_known": restore_tests(problem="x can't be read"),
    "passed_before": restore_tests(a_test(5 * D), a_test(D, "unknown")),
}


def record_of(case):
    waivers = [waiver(rule) for rule in case.waived]
    fleet = Fleet().add("crs-a", rules=LIMITS, waivers=waivers, restore_tests=case.tests, **case.known)
    return fleet.record()


@pytest.fixture(params=CASES.values(), ids=CASES)
def judged(request):
    """A case, its record, and the verdicts of both rules."""
    record = record_of(request.param)
    verdicts = {verdict["rule"]: verdict for verdict in record["instances"][0]["rules"]}
    return request.param, record, verdicts


def test_the_cases_are_what_they_say(judged):
    case, _record, verdicts = judged
    assert tuple(counted(verdicts[rule]) for rule in LIMITS) == case.outcomes
    assert case.said in verdicts[AGE]["message"]


def test_each_outcome_of_each_rule_is_a_case():
    assert LIMITS.keys() == {name for name, rule in RULES.items() if rule.restore_tests}
    for number in range(len(LIMITS)):
        assert {case.outcomes[number] for case in CASES.values()} == {
            "pass",
            "fail",
            "unknown",
            "waived",
            "not_applicable",
        }
    assert {_policy.state(case.tests) for case in CASES.values()} == set(_policy.STATES) == STATES.keys()


def test_the_table_has_it(judged):
    case, record, verdicts = judged
    lines = console.lines(record, True)
    word = {"pass": "pass", "fail": "FAIL", "unknown": "UNKNOWN", "waived": "waived", "not_applicable": "n/a"}
    shown = record["instances"][0]["outcome"]
    for rule, outcome in zip(LIMITS, case.outcomes):
        found = [line for line in lines if rule in line and line.startswith(word[outcome] + " ")]
        # Where something fails, its reasons are what counts.
        if outcome == shown or shown not in ("fail", "unknown"):
            assert len(found) == 1 and (outcome == "pass" or verdicts[rule]["message"][:150] in found[0])
        else:
            assert found == []


def test_the_page_has_it(judged):
    case, record, verdicts = judged
    shown = "".join(page.parts(record))
    text = html.unescape(re.sub(r"<[^>]*>", "", shown))
    for rule, outcome in zip(LIMITS, case.outcomes):
        assert f"{page.OUTCOMES[outcome][0]}{rule} {verdicts[rule]['message']}" in text
        waived_by = f"{page.OUTCOMES[verdicts[rule]['outcome']][0]}, waived by dba-team until "
        after = text.partition(f"{rule} {verdicts[rule]['message']}")[2]
        assert after.startswith(waived_by) == (rule in case.waived)
    assert WORDS[_policy.state(case.tests)][0] in text[text.index("Restore testRules") :]


def series(record):
    return dict(re.findall(r"^crs_backup_(.*) (\S+)$", "".join(prometheus.parts(record)), re.MULTILINE))


def test_the_metrics_have_it(judged):
    case, record, verdicts = judged
    found, where = series(record), record["instances"][0]
    labels = f'audit="crs",region="{where["region"]}",api_version="v3",instance_id="crs-a",host="crs-a"'
    for rule, outcome in zip(LIMITS, case.outcomes):
        outcomes = {
            value: found.get(f'rule_outcome{{{labels},rule="{rule}",outcome="{value}"}}')
            for value in ("pass", "fail", "unknown", "waived", "not_applicable")
        }
        assert {value for value, one in outcomes.items() if one} == {outcome} - {"pass"}
        limit = {AGE: "max_restore_test_age_seconds", TIME: "max_restore_seconds"}[rule]
        is_judged = verdicts[rule]["outcome"] in ("pass", "fail")
        assert found.get(f"{limit}{{{labels}}}") == (str(verdicts[rule]["limit"]) if is_judged else None)
        assert (f'waiver_expires_timestamp_seconds{{{labels},rule="{rule}"}}' in found) == (rule in case.waived)
    passed = case.tests["passed"]
    seen = [found.get(f"{name}{{{labels}}}") for name in ("restore_test_passed_timestamp_seconds", "restore_seconds")]
    assert seen == ([_unix(passed), str(passed["restore_seconds"])] if passed else [None, None])
    has_failed = case.tests["failed"] if _policy.state(case.tests) == "failed" else None
    failed = found.get(f"restore_test_failed_timestamp_seconds{{{labels}}}")
    assert failed == (_unix(has_failed) if has_failed else None)


def _unix(test):
    return str(int(from_iso(test["evaluated_at"]).timestamp()))


def test_the_findings_for_a_siem_have_it(judged):
    case, record, verdicts = judged
    findings = [json.loads(line) for line in ocsf.parts(record)]
    assert [finding["compliance"]["control"] for finding in findings] == list(verdicts)
    for finding in findings:
        verdict = verdicts[finding["compliance"]["control"]]
        is_waived = verdict["rule"] in case.waived
        assert finding["compliance"]["status_code"] == verdict["outcome"]
        assert finding["compliance"]["status_details"][0] == verdict["message"]
        assert finding["status"] == ("Suppressed" if is_waived else "New") and ("comment" in finding) == is_waived
        numbers = (finding["unmapped"]["limit"], finding["unmapped"]["actual"])
        assert numbers == (verdict["limit"], verdict["actual"])
        assert finding["unmapped"]["restore_test"] == _policy.state(case.tests)


def test_the_build_has_it(judged):
    case, record, verdicts = judged
    kinds = {"pass": None, "fail": "failure", "unknown": "error", "waived": "skipped", "not_applicable": "skipped"}
    cases = {one.get("name"): one for one in ET.fromstring("".join(junit.parts(record))).iter("testcase")}
    for rule, outcome in zip(LIMITS, case.outcomes):
        children = list(cases[rule])
        assert [child.tag for child in children] == [kind for kind in [kinds[outcome]] if kind]
        assert all(verdicts[rule]["message"] in child.text for child in children)


def test_both_rules_have_a_case_in_all(judged):
    _case, record, _verdicts = judged
    assert len(list(ET.fromstring("".join(junit.parts(record))).iter("testcase"))) == len(LIMITS)


@pytest.mark.parametrize("state", STATES)
def test_with_the_rules_off_every_report_says_what_tests_came_to(state):
    """Above all that there was never one."""
    record = Fleet(tests=STATES[state]).add("crs-a").add("crs-b").record()
    assert not {verdict["rule"] for entry in record["instances"] for verdict in entry["rules"]} & LIMITS.keys()
    counts = {
        "passed": "2 of 2 instances passed their last test",
        "failed": "0 of 2 instances passed their last test, 2 failed a test",
        "unknown": "0 of 2 instances passed their last test, 2 could not be tested",
        "never": "0 of 2 instances passed their last test, 2 were never tested",
        "not_known": "0 of 2 instances passed their last test, 2 not known",
        "passed_before": "0 of 2 instances passed their last test, 2 passed an earlier test, and could not be tested since",
    }
    for show_passed in (True, False):
        assert f"restore tests: {counts[state]}" in console.lines(record, show_passed)
    root = ET.fromstring("".join(junit.parts(record)))
    assert [one.get("value") for one in root.iter("property") if one.get("name") == "restore_tests"] == [counts[state]]
    found = series(record)
    of_run = {name: found[f'restore_tests{{audit="crs",outcome="{name}"}}'] for name in STATES}
    assert of_run == {**dict.fromkeys(STATES, "0"), state: "2"}
    assert {json.loads(line)["unmapped"]["restore_test"] for line in ocsf.parts(record)} == {state}
    shown = "".join(page.parts(record))
    text = html.unescape(re.sub(r"<[^>]*>", "", shown))
    word = WORDS[state][0]
    head = text.index("Restore testRules")
    assert counts[state] in text[:head] and text[head : text.index("Backups by day", head)].count(word) == 2
