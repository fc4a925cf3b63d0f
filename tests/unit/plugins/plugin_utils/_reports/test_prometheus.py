# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: facts beside limits, nothing where nothing is known, and a text that no name can break."""

from __future__ import annotations

import copy
import re

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import prometheus
from ansible_collections.qcloud.crs.tests.reports.records import (
    HOSTILE,
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
    a_test,
    ago,
    backup,
    restore_tests,
)

SAMPLE = re.compile(r'(crs_backup_[a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\d+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
UNIX = int(NOW.timestamp())
INSTANCE = ("audit", "region", "api_version", "instance_id", "host")


def plain(text):
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text)


def read(fleet):
    """Return ``{(metric, labels as a frozenset of pairs): value}``; checks the form of each line, and that it is unique."""
    samples = {}
    for line in "".join(prometheus.parts(fleet.record())).rstrip("\n").split("\n"):
        if line.startswith("# "):
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        key = (
            found[1][len("crs_backup_") :],
            frozenset((name, plain(value)) for name, value in LABEL.findall(found[2] or "")),
        )
        assert key not in samples, line
        samples[key] = int(found[3])
    return samples


def of(fleet, metric, **labels):
    """Return the values of a metric where it has these labels."""
    return [
        value
        for (name, found), value in sorted(read(fleet).items(), key=lambda item: sorted(item[0][1]))
        if name == metric and set(labels.items()) <= found
    ]


def outcomes(fleet, **labels):
    return {
        dict(found)["outcome"]: value
        for (name, found), value in read(fleet).items()
        if name == "instance_outcome" and set(labels.items()) <= found
    }


def test_help_and_type_stand_once_before_their_series():
    seen, current = [], None
    fleet = every_kind(tests=restore_tests(a_test(2 * D), a_test(D, "failed")))
    fleet.add("tested", rules={"max_restore_test_age": "35d", "max_restore_time": "15m"})
    for line in "".join(prometheus.parts(fleet.record())).rstrip("\n").split("\n"):
        if line.startswith("# HELP "):
            current = line.split()[2]
            assert current not in seen
            seen.append(current)
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {current} gauge"
        else:
            assert re.split("[{ ]", line)[0] == current
    assert seen == [f"crs_backup_{name}" for name in prometheus._METRICS]


def test_there_is_no_head_without_series():
    text = "".join(prometheus.parts(Fleet().record()))
    assert "newest_usable" not in text and "coverage" not in text


def test_no_sample_has_a_timestamp():
    for line in "".join(prometheus.parts(every_kind().record())).rstrip("\n").split("\n"):
        assert line.startswith("#") or re.search(r"(\}|[a-z]) \d+$", line)


def test_the_run():
    fleet = every_kind()
    assert of(fleet, "last_evaluation_timestamp_seconds") == [UNIX]
    assert of(fleet, "last_evaluation_complete") == [0]
    assert of(Fleet().add("a"), "last_evaluation_complete") == [1]
    assert of(Fleet(), "last_evaluation_complete") == [0]
    summary = fleet.record()["summary"]
    for outcome in ("pass", "fail", "unknown", "waived", "not_applicable"):
        assert of(fleet, "instances", outcome=outcome) == [summary[outcome]]
        assert of(Fleet(), "instances", outcome=outcome) == [0]
    # The second connection to Guangzhou, that reads times in another zone, adds to the first.
    assert of(fleet, "listing_requests", region="ap-guangzhou", api_version="v3") == [6]


def test_facts_and_limits_of_an_instance():
    rules = {"max_age": "26h", "max_age_system": "2d", "max_age_manual": "7d", "min_retention": "6d", "min_usable": 3}
    fleet = Fleet().add("db1", [*good(), backup(30 * H, type="manual")], rules, instance_id="crs-a")
    labels = {"region": "ap-guangzhou", "api_version": "v3", "instance_id": "crs-a", "host": "db1"}
    assert of(fleet, "newest_usable_timestamp_seconds", **labels, type="system") == [UNIX - H]
    assert of(fleet, "newest_usable_timestamp_seconds", **labels, type="manual") == [UNIX - 30 * H]
    assert of(fleet, "oldest_usable_timestamp_seconds", **labels) == [UNIX - 7 * D - H]
    assert of(fleet, "usable_backups", **labels) == [9]
    assert of(fleet, "max_age_seconds", **labels) == [26 * H]
    assert of(fleet, "type_max_age_seconds", **labels, type="system") == [2 * D]
    assert of(fleet, "type_max_age_seconds", **labels, type="manual") == [7 * D]
    assert of(fleet, "min_retention_seconds", **labels) == [6 * D]
    assert of(fleet, "min_usable_backups", **labels) == [3]
    assert outcomes(fleet) == {"pass": 1, "fail": 0, "unknown": 0, "waived": 0, "not_applicable": 0}


def test_only_usable_backups_with_a_time_are_facts():
    rows = [backup(H, "locked"), backup(2 * H, "expired"), backup(3 * H, "unknown"), backup(undated=True)]
    fleet = Fleet().add("a", [*rows, backup(4 * H, "exported"), backup(5 * H, "exporting")])
    assert of(fleet, "newest_usable_timestamp_seconds") == [UNIX - 4 * H]
    assert of(fleet, "oldest_usable_timestamp_seconds") == [UNIX - 5 * H]


def test_without_a_backup_there_is_no_time_and_zero_of_them():
    fleet = Fleet().add("a", [])
    assert of(fleet, "newest_usable_timestamp_seconds") == of(fleet, "oldest_usable_timestamp_seconds") == []
    assert of(fleet, "usable_backups") == [0]
    assert of(fleet, "max_age_seconds") == [26 * H]
    assert 0 not in [value for (name, _labels), value in read(fleet).items() if name.endswith("timestamp_seconds")]


@pytest.mark.parametrize("rows", [[], good(3)])
def test_an_incomplete_listing_has_no_facts_and_no_limits(rows):
    fleet = Fleet().add("a", rows, error=denied())
    assert {name for (name, labels), _value in read(fleet).items() if dict(labels).get("host")} == {
        *("instance_outcome", "rule_outcome")
    }
    assert outcomes(fleet)["unknown"] == 1


JUDGED = {
    "pass": (Fleet().add("a"), []),
    "fail": (Fleet().add("a", good()[3:]), [("max_age", "fail")]),
    "waived": (Fleet().add("a", good()[3:], waivers=[waiver("max_age")]), [("max_age", "waived")]),
    "not applicable": (
        Fleet().add("a", good()[:1], {"max_age": "26h", "min_retention": "6d"}, created_time=ago(2 * H)),
        [("min_retention", "not_applicable")],
    ),
    "unknown": (
        Fleet().add("a", good()[:1], {"max_age": "26h", "min_retention": "14d"}, horizon=7 * D),
        [("min_retention", "unknown")],
    ),
}


@pytest.mark.parametrize(("fleet", "expected"), JUDGED.values(), ids=JUDGED)
def test_rules_have_series_only_where_they_did_not_pass(fleet, expected):
    found = [dict(labels) for (name, labels), _value in read(fleet).items() if name == "rule_outcome"]
    assert [(labels["rule"], labels["outcome"]) for labels in found] == expected


def test_a_limit_stands_where_it_was_judged():
    """Else an alert would take an isolated, a young or an unknown instance for one that fails."""
    limits = {kind: of(fleet, "min_retention_seconds") for kind, (fleet, _expected) in JUDGED.items()}
    assert limits == {
        "pass": [6 * D],
        "fail": [6 * D],
        "waived": [6 * D],
        "not applicable": [],
        "unknown": [],
    }
    assert all(of(fleet, "max_age_seconds") for fleet, _expected in JUDGED.values())
    assert of(Fleet().add("a", good()[3:], status="isolated"), "max_age_seconds") == []


def test_a_waiver_says_until_when():
    fleet = Fleet().add("a", good()[3:], waivers=[waiver("max_age", 30), waiver("min_usable", 30)])
    assert of(fleet, "waiver_expires_timestamp_seconds", rule="max_age") == [UNIX + 30 * D]
    assert of(fleet, "waiver_expires_timestamp_seconds", rule="min_usable") == []
    assert of(Fleet().add("a", good()[3:]), "waiver_expires_timestamp_seconds") == []


COVERED = {
    "not looked": (Fleet().add("a"), [], []),
    "all": (Fleet().add("a").cover(), [1], [0]),
    "gaps": (Fleet().add("a").cover(["crs-x", "crs-y"]), [1], [2]),
    "not known": (Fleet().add("a").cover(error=denied()), [0], []),
    "two looks, one not known": (Fleet().add("a").cover(["crs-x"]).cover(error=denied()), [0], [1]),
    "two looks": (Fleet().add("a").cover(["crs-x", "crs-y"]).cover(["crs-y"]), [1], [2]),
    "two clouds": (
        Fleet().add("a").cover(["crs-x"]).cover(["crs-x"], endpoint="https://redis.lab.example.com/"),
        [1],
        [2],
    ),
    "two accounts": (Fleet().add("a").cover(["crs-x", "crs-y"]).cover(["crs-y"], account="test"), [1, 1], [2, 1]),
}


@pytest.mark.parametrize(("fleet", "complete", "uncovered"), COVERED.values(), ids=COVERED)
def test_coverage(fleet, complete, uncovered):
    assert of(fleet, "coverage_complete") == complete
    assert of(fleet, "uncovered_instances") == uncovered
    assert of(fleet, "isolated_instances") == [0] * len(uncovered)


def test_isolated_instances_are_counted_by_themselves():
    fleet = Fleet().add("a").cover(["crs-x"], isolated=["crs-i", "crs-j"])
    assert (of(fleet, "uncovered_instances"), of(fleet, "isolated_instances")) == ([1], [2])


def test_series_stay_when_verdicts_and_names_change():
    def labels(**known):
        return {found for _name, found in read(Fleet().add("a", **known)) if dict(found).get("outcome") != "fail"}

    assert labels() == labels(backups=good()[3:], name="renamed", tags={"a": "b"})
    # An instance's series don't end because a key is exchanged, by which an account may be called.
    names = {name for one in labels() if "host" in dict(one) for name, _value in one}
    assert names == {*INSTANCE, "outcome", "type"}


def test_series_of_two_audits_are_never_the_same():
    """Without the name of the audit they were all the same, and node_exporter showed one of each pair."""
    one, other = read(every_kind()), read(every_kind(audit="dr"))
    assert len(one) == len(other) > 100 and not set(one) & set(other)
    assert {dict(labels)["audit"] for _metric, labels in {**one, **other}} == {"crs", "dr"}


def test_two_hosts_of_one_instance_have_series_of_their_own():
    fleet = Fleet().add("db1", instance_id="crs-a").add("db2", good()[3:], instance_id="crs-a")
    assert outcomes(fleet, host="db1")["pass"] == outcomes(fleet, host="db2")["fail"] == 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_texts_are_label_values(text):
    fleet = Fleet().add(text, good()[3:], instance_id="crs-a", name=text, tags={text: text})
    fleet.add("b", good()[3:], waivers=[waiver("max_age", reason=text, owner=text)])
    hosts = {dict(labels)["host"] for _name, labels in read(fleet) if dict(labels).get("host")}
    assert len(hosts) == 2
    (host,) = hosts - {"b"}
    if not set(text) & set("\x00\x1b\t\r\ud800"):
        assert host == text
    assert not set(host) & set("\x00\x1b\t\r\x7f\x9b\ud800")
    "".join(prometheus.parts(fleet.record())).encode("utf-8")


def test_every_series_is_in_order_and_the_record_untouched():
    record = every_kind().record()
    before = copy.deepcopy(record)
    text = "".join(prometheus.parts(record))
    assert text == "".join(prometheus.parts(every_kind().record()))
    assert record == before
    assert text.endswith("\n") and "\n\n" not in text


def test_restore_tests_have_series_where_somebody_looked():
    tests = restore_tests(a_test(3 * D, seconds=12.5))
    rules = {"max_restore_test_age": "35d", "max_restore_time": "15m"}
    fleet = Fleet(tests=tests).add("good", rules=rules)
    fleet.add("bad", rules=rules, restore_tests=restore_tests(a_test(5 * D), a_test(2 * D, "failed")))
    fleet.add("better", restore_tests=restore_tests(a_test(5 * D, "failed"), a_test(2 * D))).add(
        "new", restore_tests=restore_tests()
    )
    older = a_test(2 * D, backup_id="b-0", backup_start="2026-01-01T00:00:00Z")
    fleet.add("older", restore_tests=restore_tests(a_test(5 * D, "failed"), older))
    fleet.add("before", restore_tests=restore_tests(a_test(5 * D), a_test(2 * D, "unknown")))
    found = "".join(prometheus.parts(fleet.record())).splitlines()

    def series(name, host):
        return [
            line.rpartition(" ")[2]
            for line in found
            if line.startswith(f"crs_backup_{name}{{") and f'host="{host}"' in line
        ]

    passed, failed = "restore_test_passed_timestamp_seconds", "restore_test_failed_timestamp_seconds"
    unix = {days: str(int(NOW.timestamp()) - days * D) for days in (2, 3, 5)}
    hosts = ("good", "bad", "better", "new", "older", "before")
    assert [series(passed, host) for host in hosts] == [[unix[3]], [unix[5]], [unix[2]], [], [unix[2]], [unix[5]]]
    assert [series(failed, host) for host in hosts] == [[], [unix[2]], [], [], [unix[5]], []]
    assert series("restore_seconds", "good") == ["12.5"] and series("restore_seconds", "new") == []
    assert series("max_restore_test_age_seconds", "bad") == [str(35 * D)] and series("max_restore_seconds", "good") == [
        "900"
    ]
    counts = {
        line.partition('outcome="')[2].partition('"')[0]: line[-1]
        for line in found
        if line.startswith("crs_backup_restore_tests{")
    }
    assert counts == {
        "passed": "2",
        "failed": "2",
        "passed_before": "1",
        "unknown": "0",
        "never": "1",
        "not_known": "0",
    }


def test_restore_tests_that_nobody_looked_at_have_no_series():
    assert "restore" not in "".join(prometheus.parts(Fleet().add("a").record()))
