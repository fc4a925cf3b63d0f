# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a terminal shows: worst first, limited in length, and never anybody else's control characters."""

from __future__ import annotations

import unicodedata

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils import _stdout
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import console
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import D, a_test, restore_tests

TOTALS = {"instances": 0, "fail": 0, "unknown": 0, "waived": 0, "pass": 0, "not_applicable": 0}


def verdict(outcome, rule="max_age", message="newest usable backup started 31h ago, limit 26h", waiver=None):
    return {"rule": rule, "outcome": outcome, "message": message, "waiver": waiver}


def entry(host, outcome, *rules, complete=True, name="orders"):
    return {
        "host": host,
        "instance_name": name,
        "region": "ap-guangzhou",
        "api_version": "v3",
        "outcome": outcome,
        "complete": complete,
        "rules": list(rules),
        "endpoint": "https://redis.tencentcloudapi.com/",
        "instance_id": host,
        "restore_tests": None,
    }


def record(*entries):
    summary = {**TOTALS, "instances": len(entries)}
    for one in entries:
        summary[one["outcome"]] += 1
    return {"instances": list(entries), "summary": summary, "coverage": []}


def lines_of(*args, **more):
    """Return the lines but that on restore tests, the last but one, which has a test of its own."""
    found = console.lines(*args, **more)
    assert [line for line in found if line.startswith("restore tests: ")] == found[-2:-1] or not args[0]["instances"]
    return [line for line in found if not line.startswith("restore tests: ")]


FAILED = entry(
    "crs-1", "fail", verdict("fail"), verdict("pass", "min_usable", "3 usable"), verdict("fail", "daily", "1 of 3")
)
PASSED = entry(
    "crs-2", "pass", verdict("pass"), verdict("not_applicable", "window", "none"), verdict("pass", "daily", "3 of 3")
)


def test_failures_with_limit_and_actual():
    assert lines_of(record(FAILED, PASSED), False) == [
        "OUTCOME  HOST   NAME    REGION        API  RULE     FOUND",
        "FAIL     crs-1  orders  ap-guangzhou  v3   max_age  newest usable backup started 31h ago, limit 26h",
        "FAIL     crs-1  orders  ap-guangzhou  v3   daily    1 of 3",
        "2 instances: 1 pass, 1 FAIL, 0 UNKNOWN, 0 waived, 0 n/a",
    ]


def test_all_of_them():
    lines = lines_of(record(FAILED, PASSED, entry("crs-3", "not_applicable", verdict("not_applicable"))), True)
    assert [line.split()[:2] for line in lines[1:-1]] == [
        ["FAIL", "crs-1"],
        ["FAIL", "crs-1"],
        ["pass", "crs-2"],
        ["n/a", "crs-2"],
        ["n/a", "crs-3"],
    ]
    assert "max_age, daily" in lines[3]


def test_a_waived_rule_is_not_shown_as_one_that_fails():
    """The waiver stands in the record beside the outcome; who reads the table has to see it too."""
    waiver = {"reason": "CHG-1", "owner": "dba", "expires": "2026-09-30T00:00:00Z"}
    mixed = entry("crs-1", "fail", verdict("fail", "max_age", waiver=waiver), verdict("fail", "daily"))
    waived = entry("crs-2", "waived", verdict("fail", "max_age", waiver=waiver), verdict("pass", "daily"))
    made = lines_of(record(mixed, waived), True)[1:-1]
    assert [(line.split()[0], line.split()[1], line.split()[5]) for line in made] == [
        ("FAIL", "crs-1", "daily"),
        ("pass", "crs-2", "daily"),
        ("waived", "crs-2", "max_age"),
    ]
    assert [line.split()[5] for line in lines_of(record(mixed, waived), False)[1:-1]] == ["daily"]


@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_a_waived_rule_is_told_as_waived_with_what_was_found(outcome):
    waiver = {"reason": "CHG-1", "owner": "dba", "expires": "2026-09-30T00:00:00Z"}
    made = lines_of(record(entry("crs-1", "waived", verdict(outcome, waiver=waiver))), True)
    assert (made[1].split()[0], "started 31h ago, limit 26h" in made[1]) == ("waived", True)


def test_one_that_could_not_be_listed_and_is_waived_in_part():
    """What counts is the rule without a waiver; why stands behind each of them."""
    waiver = {"reason": "CHG-1", "owner": "dba", "expires": "2026-09-30T00:00:00Z"}
    rules = [verdict("unknown", "max_age", "other", waiver), verdict("unknown", "daily", "denied")]
    made = lines_of(record(entry("crs-1", "unknown", *rules, complete=False)), False)
    assert [(line.split()[0], line.split()[5:]) for line in made[1:-1]] == [("UNKNOWN", ["all", "denied"])]


COVERAGE = {
    "account": "prod",
    "region": "ap-guangzhou",
    "endpoint": "https://redis.tencentcloudapi.com/",
    "not_in_inventory": [],
    "isolated": [],
    "error": None,
}


@pytest.mark.parametrize(
    "more, line",
    [
        ({}, None),
        ({"not_in_inventory": ["crs-9"]}, "1 instance of ap-guangzhou is not in the inventory: crs-9"),
        (
            {"not_in_inventory": [f"c{n}" for n in range(12)]},
            "12 instances of ap-guangzhou are not in the inventory: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 2 more",
        ),
        (
            {"isolated": ["crs-9", "crs-8"]},
            "2 instances of ap-guangzhou are isolated and not in the inventory: crs-9, crs-8",
        ),
        ({"error": {"message": "denied\x1b[2J"}}, "coverage of ap-guangzhou is not known: denied [2J"),
    ],
)
def test_what_the_inventory_does_not_name(more, line):
    made = lines_of({**record(PASSED), "coverage": [{**COVERAGE, **more}]}, False)
    assert made[:-1] == ([line] if line else [])


def test_two_accounts_in_one_region_are_told_apart():
    gap = {**COVERAGE, "not_in_inventory": ["crs-9"]}
    made = lines_of({**record(PASSED), "coverage": [gap, {**gap, "account": "tes\x1bt"}]}, False)
    assert made[:-1] == [
        "1 instance of account prod in ap-guangzhou is not in the inventory: crs-9",
        "1 instance of account tes t in ap-guangzhou is not in the inventory: crs-9",
    ]


def test_two_clouds_with_one_region_are_told_apart():
    gap = {**COVERAGE, "not_in_inventory": ["crs-9"]}
    lab = {
        **gap,
        "endpoint": "https://redis.lab\x1b.example.com/",
        "not_in_inventory": [],
        "error": {"message": "denied"},
    }
    made = lines_of({**record(PASSED), "coverage": [gap, lab, {**gap, "region": "ap-tokyo"}]}, False)
    assert made[:-1] == [
        "1 instance of ap-guangzhou at https://redis.tencentcloudapi.com/ is not in the inventory: crs-9",
        "coverage of ap-guangzhou at https://redis.lab .example.com/ is not known: denied",
        "1 instance of ap-tokyo is not in the inventory: crs-9",
    ]


def test_what_is_isolated_is_no_reason_to_fail():
    """The lines of ``uncovered`` are those that a run fails by."""
    assert console.uncovered({"coverage": [{**COVERAGE, "isolated": ["crs-9"]}]}) == []


def test_what_no_slice_has_is_named():
    whole = {**COVERAGE, "not_audited": []}
    some = {**COVERAGE, "not_audited": [f"crs-{n}" for n in range(10)], "region": "ap-tokyo"}
    more = {**some, "not_audited": ["crs-\x1b", *some["not_audited"]], "account": "test"}
    ten = ", ".join(some["not_audited"])
    assert console.left_out({"coverage": [{**some, "not_audited": ["crs-9"]}]}) == [
        "1 instance of ap-tokyo is in the inventory and in no slice: crs-9"
    ]
    assert console.left_out({"coverage": [whole, some]}) == [
        f"10 instances of ap-tokyo are in the inventory and in no slice: {ten}"
    ]
    assert console.left_out({"coverage": [whole, more]}) == [
        f"11 instances of account test in ap-tokyo are in the inventory and in no slice: crs- , {ten[:-7]} and 1 more"
    ]


def test_only_good_news_is_one_line():
    assert lines_of(record(PASSED), False) == ["1 instance: 1 pass, 0 FAIL, 0 UNKNOWN, 0 waived, 0 n/a"]


def test_of_nothing_the_totals_remain():
    assert lines_of(record(), True) == ["0 instances: 0 pass, 0 FAIL, 0 UNKNOWN, 0 waived, 0 n/a"]


def test_an_instance_that_could_not_be_listed_says_so_once():
    rules = [verdict("unknown", name, "access denied") for name in ("max_age", "min_usable", "daily")]
    lines = lines_of(record(entry("crs-1", "unknown", *rules, complete=False)), False)
    assert len(lines) == 3 and "UNKNOWN" in lines[1] and "access denied" in lines[1]


def test_a_rule_of_configuration_is_not_all_rules():
    """It needs no listing: beside one that failed, it alone is broken, and nothing is known of the others."""
    rules = [verdict("unknown", "max_age", "denied"), verdict("fail", "retention_configured", "kept 3d")]
    made = lines_of(record(entry("crs-1", "fail", *rules, complete=False)), False)
    assert [line.split()[5] for line in made[1:-1] if line.startswith("FAIL")] == ["retention_configured"]


def test_unknown_rules_of_a_complete_listing_are_all_told():
    rules = [verdict("unknown", name, "no time") for name in ("max_age", "daily")]
    assert len(lines_of(record(entry("crs-1", "unknown", *rules)), False)) == 4


@pytest.mark.parametrize(
    "outcome, word",
    [("fail", "FAIL"), ("unknown", "UNKNOWN"), ("pass", "pass"), ("waived", "waived"), ("not_applicable", "n/a")],
)
def test_words(outcome, word):
    assert lines_of(record(entry("crs-1", outcome, verdict(outcome))), True)[1].split()[0] == word


@pytest.mark.parametrize("count, lines, hidden", [(199, 201, 0), (200, 202, 0), (201, 203, 1), (1000, 203, 800)])
def test_a_long_table_ends_and_says_so(count, lines, hidden):
    made = lines_of(record(*[entry(f"crs-{n:04}", "fail", verdict("fail")) for n in range(count)]), False)
    assert len(made) == lines
    assert ("... and" in made[-2]) is bool(hidden)
    assert not hidden or made[-2] == f"... and {hidden} more, in the record"
    assert made[-1].startswith(f"{count} instances: ")


def test_a_hidden_long_name_widens_no_column():
    entries = [entry("crs-1", "fail", verdict("fail")) for _n in range(200)]
    assert (
        lines_of(record(*entries, entry("x" * 40, "fail", verdict("fail"))), False)[:201]
        == lines_of(record(*entries), False)[:201]
    )


HOSTILE = [
    "\x1b[2J\x1b[1;1Hpass",
    "a\rb",
    "a\nFAIL crs-9",
    "a\tb",
    "\x00",
    "\x07",
    "\x9b31m",
    "\u202eelif\u202c",
    "\u2066a\u2069",
    "\u200b\u200e\u200f",
    "\u2028\u2029",
    "\u00a0",
    "\ufeff",
    "\x7f",
    "\u061c",
    "\ud800",
    "\ue000",
    "\U000e0041",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("where", ["host", "message", "name", "region"])
def test_nothing_moves_the_cursor_or_turns_the_text(text, where):
    names = ("host", "message", "name", "region")
    host, message, name, region = (f"a{text}z" if where == one else "plain" for one in names)
    one = {**entry(host, "fail", verdict("fail", message=message), name=name), "region": region}
    _check_still(lines_of(record(one), False), 3)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("accounts", [["prod"], ["prod", "test"]], ids=len)
def test_nor_does_a_region_of_the_coverage(text, accounts):
    gap = {**COVERAGE, "region": f"a{text}z", "not_in_inventory": ["crs-9"], "not_audited": ["crs-8"]}
    gaps = [{**gap, "account": account} for account in accounts]
    failed = [{**gap, "error": {"message": "denied"}} for gap in gaps]
    _check_still(lines_of({**record(), "coverage": [*gaps, *failed]}, False), 2 * len(accounts) + 1)
    _check_still(console.left_out({"coverage": gaps}), len(accounts))


def _check_still(lines, count):
    assert len(lines) == count
    for line in lines:
        assert [char for char in line if char != " " and unicodedata.category(char)[0] in "CZ"] == []
        line.encode("utf-8")


def test_letters_of_any_script_stay():
    line = lines_of(record(entry("订单-Größe-סדר", "fail", verdict("fail"))), False)[1]
    assert "订单-Größe-סדר" in line


@pytest.mark.parametrize("length, shown", [(40, "x" * 40), (41, "x" * 37 + "..."), (10240, "x" * 37 + "...")])
def test_long_names_are_cut(length, shown):
    assert lines_of(record(entry("x" * length, "fail", verdict("fail"))), False)[1].split()[1] == shown


@pytest.mark.parametrize("length, shown", [(160, "x" * 160), (161, "x" * 157 + "..."), (10240, "x" * 157 + "...")])
def test_long_messages_are_cut(length, shown):
    assert (
        lines_of(record(entry("crs-1", "fail", verdict("fail", message="x" * length))), False)[1].split()[-1] == shown
    )


def test_a_template_stays_a_template():
    assert (
        "{{ lookup('pipe', 'id') }}"
        in lines_of(record(entry("crs-1", "fail", verdict("fail", message="{{ lookup('pipe', 'id') }}"))), False)[1]
    )


def test_columns_line_up():
    lines = lines_of(record(FAILED, entry("a-much-longer-name", "unknown", verdict("unknown"))), False)
    assert {line.index("ap-guangzhou") for line in lines[1:-1]} == {lines[0].index("REGION")}
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("name", ["订单库", "订单 orders", "データベース", "데이터", "e\u0301te\u0301", "🧨"])
def test_columns_line_up_beside_names_that_are_wider_or_narrower_than_their_number_of_characters(name):
    lines = lines_of(record(FAILED, entry("crs-2", "fail", verdict("fail"), name=name)), False, _stdout.width)
    columns = {_stdout.width(line.partition("ap-guangzhou")[0]) for line in lines[1:-1]}
    assert columns == {_stdout.width(lines[0].partition("REGION")[0])}


def test_who_was_never_tested_is_said_whatever_the_rules_are():
    def said(*tests):
        entries = [{**entry(f"crs-{number}", "pass"), "restore_tests": one} for number, one in enumerate(tests)]
        return console.lines(record(*entries), False)[-2]

    passed, failed = restore_tests(a_test(D)), restore_tests(a_test(2 * D), a_test(D, "failed"))
    unknown, unread = restore_tests(a_test(D, "unknown")), restore_tests(a_test(D), problem="one can't be read")
    assert said(None, None) == "restore tests: not looked at"
    assert said(passed, passed) == "restore tests: 2 of 2 instances passed their last test"
    assert said(restore_tests(), passed, None) == (
        "restore tests: 1 of 3 instances passed their last test, 1 were never tested, 1 not looked at"
    )
    assert said(failed, unknown, unread, restore_tests(a_test(2 * D), a_test(D, "unknown"))) == (
        "restore tests: 0 of 4 instances passed their last test, 1 failed a test, 1 passed an earlier test, and could not be tested since, "
        "1 could not be tested, 1 not known"
    )


def test_hosts_of_one_instance_are_tested_once():
    tests = restore_tests(a_test(D))
    entries = [{**entry(host, "pass"), "instance_id": "crs-1", "restore_tests": tests} for host in ("a", "b")]
    assert console.lines(record(*entries), False)[-2] == "restore tests: 1 of 1 instances passed their last test"
