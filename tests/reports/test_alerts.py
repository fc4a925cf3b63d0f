# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever fails a run has an alert until the next one: all cases of ``alert_cases``, in one run of promtool."""

from __future__ import annotations

import json
import os
import re

import pytest
import yaml

from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import prometheus
from ansible_collections.qcloud.crs.tests.reports import alert_cases
from ansible_collections.qcloud.crs.tests.reports.test_prometheus import ALERTS, RULES, promtool
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW

CASES = alert_cases.every_case()
PAGE = os.path.join(ALERTS, "cases.md")
#: The interval of scrapes and evaluations, in seconds, up to the last of these times; each time that is checked is a multiple.
STEPS = {600: alert_cases.EARLY, 3600: [alert_cases.LATE]}
FIRING = 'group by (alertname, audit) (ALERTS{alertstate="firing", audit=~"%s"})'


def called(audit, number):
    """Return what the audit of a case is called among those of all cases, which share one server."""
    return f"{audit}-{number}"


def samples(text, number):
    """Return ``{series: value}`` of a scraped text."""
    lines = [line.rpartition(" ") for line in text.splitlines() if line[0] != "#"]
    return {
        re.sub(r'audit="(\w+)"', lambda found: f'audit="{called(found[1], number)}"', series): float(value)
        if "." in value
        else int(value)
        for series, _space, value in lines
    }


def input_series(number, scrapes, step, end):
    """Return the scrapes as promtool's input, whose time 0 is that of the first: each stays until the next, or the end."""
    found = {offset: samples(text, number) for offset, text in sorted(scrapes.items())}
    offsets = [*found, end + step]
    for series in dict.fromkeys(name for values in found.values() for name in values):
        is_time = series.partition("{")[0].endswith("_timestamp_seconds")
        shift = is_time * (int(NOW.timestamp()) + offsets[0])
        parts = []
        for offset, until in zip(offsets, offsets[1:]):
            count, value = (until - offset) // step, found[offset].get(series)
            parts.append(f"stale _x{count - 1}" if value is None else f"{value - shift}+0x{count - 1}")
        yield {"series": series, "values": " ".join(parts)}


def expectations(number, case, times):
    named = "|".join(["", *(called(audit, number) for audit in ("crs", "dr"))])
    for after, alerts in zip(alert_cases.TIMES.values(), case.alerts):
        if after in times:
            expected = [_sample(alert, number) for alert in alerts]
            yield {"expr": FIRING % named, "eval_time": f"{after - min(case.scrapes)}s", "exp_samples": expected}


def _sample(alert, number):
    name, audit = (alert, "crs") if isinstance(alert, str) else alert
    of = f', audit="{called(audit, number)}"' if audit else ""
    return {"labels": f'{{alertname="{name}"{of}}}', "value": 1}


def promtool_test(cases, step, times):
    """Return the test of some ``(number, case)`` that share one server, and begin together."""
    return {
        "interval": f"{step}s",
        "input_series": [one for number, case in cases for one in input_series(number, case.scrapes, step, max(times))],
        "promql_expr_test": [one for number, case in cases for one in expectations(number, case, times)],
    }


def without_annotations():
    """Return the rules without their sentences, which have tests beside them and take most of the time."""
    with open(RULES, encoding="utf-8") as file:
        rules = yaml.safe_load(file)
    for group in rules["groups"]:
        for rule in group["rules"]:
            del rule["annotations"]
    return json.dumps(rules)


def server(number, case):
    """Return which cases share a server with this: those that begin with it. One of no audit at all has none beside it."""
    absent = any(alert == (alert_cases.ABSENT, None) for alerts in case.alerts for alert in alerts)
    return (min(case.scrapes), number if absent else None)


def judged_by_promtool(folder, tests):
    """Run promtool once over ``{step: tests}`` of the alert rules, and return ``(exit status, what it said)``."""
    rules = os.path.basename(RULES)
    (folder / rules).write_text(without_annotations(), encoding="utf-8")
    paths = []
    for step, some in tests.items():
        paths.append(folder / f"{step}.yml")
        test = {"rule_files": [rules], "evaluation_interval": f"{step}s", "tests": list(some)}
        # JSON is YAML.
        paths[-1].write_text(json.dumps(test), encoding="utf-8")
    return promtool("test", "rules", *map(str, paths))


def test_the_alerts_of_each_case_fire_and_no_others(tmp_path):
    numbered, servers = list(enumerate(CASES)), {}
    for one in numbered:
        servers.setdefault(server(*one), []).append(one)
    tests = {step: [promtool_test(cases, step, times) for cases in servers.values()] for step, times in STEPS.items()}
    status, said = judged_by_promtool(tmp_path, tests)
    names = "".join(
        f"\n{number}: {case.group}: {case.name}" for number, case in numbered if re.search(rf"-{number}\b", said)
    )
    assert status == 0, said + names


#: The findings of a fleet without an alert of theirs, by the alerts that the table of cases has.
UNALERTED = [
    *(
        f'crs_backup_rule_outcome{{outcome="fail", rule="{rule}"}} unless on (audit, host) '
        f'ALERTS{{alertname=~"{"|".join({alert for *_what, alert in broken})}", rule=~"{rule}|"}}'
        for rule, broken in alert_cases.FAILING.items()
    ),
    'crs_backup_rule_outcome{outcome="unknown"} unless on (audit, host) ALERTS{alertname="CrsBackupUnknown"}',
]
#: The alerts of a fleet's hosts without a finding of theirs.
UNFOUNDED = 'ALERTS{host!=""} unless on (audit, host) crs_backup_rule_outcome{outcome=~"fail|unknown"}'


def test_each_finding_of_whatever_fleet_has_its_alert_and_no_other_host_has_one(tmp_path):
    record = alert_cases.a_fleet(100).record()
    found = {(verdict["rule"], verdict["outcome"]) for entry in record["instances"] for verdict in entry["rules"]}
    assert {(rule, outcome) for rule in policy.RULES for outcome in ("fail", "unknown")} <= found
    step, end = alert_cases.EARLY[-1], alert_cases.LATE
    # Pending at once, and from then on firing.
    expected = [
        (one.replace("ALERTS{", 'ALERTS{alertstate="firing", '), after) for one in UNALERTED for after in (step, end)
    ]
    expected += [(one, 0) for one in [*UNALERTED, UNFOUNDED]]
    test = {
        "interval": f"{step}s",
        "input_series": list(input_series(0, {0: "".join(prometheus.parts(record))}, step, end)),
        "promql_expr_test": [{"expr": one, "eval_time": f"{after}s", "exp_samples": []} for one, after in expected],
    }
    status, said = judged_by_promtool(tmp_path, {step: [test]})
    assert status == 0, said


def test_whatever_fails_a_run_has_an_alert_at_each_time():
    assert [case.name for case in CASES if case.red and not all(case.alerts)] == []


def fails(record):
    """Tell whether a run with that record ends with an error."""
    return any(entry["fails"] for entry in record["instances"] + record["coverage"])


def test_a_case_is_red_where_its_record_is():
    assert [case.name for case in CASES if case.record and fails(case.record) != case.red] == []


def test_a_record_without_a_failure_has_no_alert():
    assert [case.name for case in CASES if case.group == "Nothing fails" and any(case.alerts)] == []


def outcomes(record):
    return {(verdict["rule"], verdict["outcome"]) for entry in record["instances"] for verdict in entry["rules"]}


@pytest.mark.parametrize(
    "group, outcome",
    [("A rule fails", "fail"), ("A rule is unknown", "unknown"), ("One rule is unknown, another fails", "fail")],
)
def test_each_rule_is_in_the_table(group, outcome):
    found = [outcomes(case.record) for case in CASES if case.group == group]
    assert {rule for case in found for rule, one in case if one == outcome} == set(policy.RULES)


@pytest.mark.parametrize(
    "group, expected",
    [
        ("A rule fails", {"fail"}),
        ("A rule is unknown", {"unknown"}),
        ("One rule is unknown, another fails", {"fail", "unknown"}),
    ],
)
def test_a_case_has_what_its_group_says(group, expected):
    """And nothing else that could have an alert in its place."""
    found = [outcomes(case.record) for case in CASES if case.group == group]
    assert [case for case in found if {outcome for _rule, outcome in case} - {"pass"} != expected] == []


def test_each_alert_fires_in_some_case():
    with open(RULES, encoding="utf-8") as file:
        every = {rule["alert"] for group in yaml.safe_load(file)["groups"] for rule in group["rules"]}
    fired = {
        alert if isinstance(alert, str) else alert[0] for case in CASES for found in case.alerts for alert in found
    }
    assert fired == every


def test_the_page_is_what_the_cases_say():
    made = alert_cases.page(CASES)
    if os.environ.get("CRS_ALERTS_PAGE"):
        with open(os.environ["CRS_ALERTS_PAGE"], "w", encoding="utf-8") as file:
            file.write(made)
        return
    with open(PAGE, encoding="utf-8") as file:
        assert file.read() == made, "run make alerts"
