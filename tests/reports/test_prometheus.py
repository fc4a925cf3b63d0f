# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus's own tool reads the metrics, and the alerts of the documentation fire on them when they are to."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import prometheus
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, denied, good, waiver
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW, D, H, ago, backup

PROMTOOL = shutil.which("promtool")
ALERTS = os.path.join(os.path.dirname(prometheus.__file__), "../../../docs/alerts")
RULES, TESTS = os.path.join(ALERTS, "crs-backup.rules.yml"), os.path.join(ALERTS, "crs-backup.test.yml")

with open(RULES, encoding="utf-8") as file:
    RULES_TEXT = file.read()


def promtool(*args, **more):
    """Run promtool and return ``(exit status, what it said)``; without it, skip, except where CI runs."""
    if not PROMTOOL:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is missing: install Debian's package prometheus")
        pytest.skip("expected: promtool is missing (Debian's package prometheus has it)")
    done = subprocess.run(
        [PROMTOOL, *args],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        **more,
    )
    return done.returncode, done.stdout


def test_the_metrics_are_clean(record):
    assert promtool("check", "metrics", input="".join(prometheus.parts(record))) == (0, "")


#: What it finds, so that its silence says something.
WRONG = {
    "no help": "crs_backup_a 1\n",
    "a type twice": "# TYPE a gauge\n# TYPE a gauge\na 1\n",
    "a label that isn't closed": '# HELP a b\n# TYPE a gauge\na{b="c} 1\n',
    "a line feed in a label": '# HELP a b\n# TYPE a gauge\na{b="c\nd"} 1\n',
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_promtool_refuses_what_it_is_to_refuse(text):
    assert promtool("check", "metrics", input=text)[0] != 0


def test_a_thousand(thousand, figures):
    text = figures("Prometheus", prometheus.parts, thousand)
    assert promtool("check", "metrics", input=text) == (0, "")
    series = [line for line in text.split("\n") if line and line[0] != "#"]
    per_instance = len([line for line in series if "instance_id=" in line]) / len(thousand["instances"])
    assert per_instance < 20


def test_the_alert_rules_are_rules():
    status, said = promtool("check", "rules", RULES)
    assert status == 0, said


def test_the_alert_rules_pass_their_tests():
    status, said = promtool("test", "rules", TESTS)
    assert status == 0, said


#: Each change of the rules has to break their tests, else these would say nothing: the test that notices, by how its name begins,
#: what is changed, and to what. All tests together take five times as long.
MUTATIONS = [
    (
        "The newest backup",
        "(crs_backup_newest_usable_timestamp_seconds) > crs",
        "(crs_backup_newest_usable_timestamp_seconds) >= crs",
    ),
    (
        "The limit of a type",
        "crs_backup_newest_usable_timestamp_seconds > crs_backup_type",
        "crs_backup_newest_usable_timestamp_seconds >= crs_backup_type",
    ),
    ("The oldest backup", "and ignoring (rule, outcome)", "unless ignoring (rule, outcome)"),
    ("The oldest backup", 'rule="min_retention", outcome="fail"', 'rule="min_retention"'),
    ("As many backups", "usable_backups < crs", "usable_backups <= crs"),
    ("The audit is as old", "timestamp_seconds > 90000", "timestamp_seconds >= 90000"),
    ("The audit didn't see everything", "uncovered_instances > 0", "uncovered_instances >= 0"),
    ("The newest backup", "max without", "min without"),
    ("No backup, and none of a type", 'rule="max_age"} > time()', 'rule="max_age"} < time()'),
    ("A waiver", 'rule="max_age"} > time()', 'rule="max_age"} >= time()'),
    ("As many backups", 'rule="min_usable"}', 'rule="max_age"}'),
    ("No backup whose age", 'rule="min_retention"}', 'rule="max_age"}'),
    ("No backup, and none of a type", 'rule=~"max_age_.+"}', 'rule=~"max_gap"}'),
    ("No backup, and none of a type", '"type", "$1"', '"type_of", "$1"'),
    ("Rules that have no metric", "|max_age_manual", ""),
    ("Rules that have no metric", 'outcome="fail", rule!~"max_age|', 'outcome="fail", rule!~"'),
    (
        "Rules that have no metric",
        'rule_outcome{outcome="unknown"})',
        'rule_outcome{outcome="unknown", rule="max_age"})',
    ),
    ("Rules that have no metric", "count without (rule)", "count without (rule, host)"),
    ("The end of a waiver", "seconds <= time()", "seconds < time()"),
    ("A run judges", "run_timestamp_seconds > crs", "run_timestamp_seconds >= crs"),
    ("The audit didn't see everything", "coverage_complete == 0", "coverage_complete == 1"),
    ("Two audits of one instance", "last_evaluation_complete == 0", "last_evaluation_complete"),
    ("There is no audit", "absent(crs", "(crs"),
    ("No backup, and none of a type", "severity: critical", "severity: warning"),
    ("No backup, and none of a type", "for: 5m", "for: 6m"),
    ("No backup, and none of a type", "max without (type)", "max without (type, audit)"),
    ("The audit is as old", "group by (audit) (last", "group by (instance) (last"),
    ("One of two audits goes", "or on ()", "or"),
    ("Two audits of one instance", "audit=%q,", "audit!=%q,"),
]


@pytest.mark.parametrize(("noticed_by", "old", "new"), MUTATIONS)
def test_a_change_of_the_alert_rules_breaks_their_tests(noticed_by, old, new, tmp_path):
    assert old in RULES_TEXT
    (tmp_path / os.path.basename(RULES)).write_text(RULES_TEXT.replace(old, new), encoding="utf-8")
    with open(TESTS, encoding="utf-8") as file:
        every = yaml.safe_load(file)
    (test,) = [one for one in every["tests"] if one["name"].startswith(noticed_by)]
    path = tmp_path / os.path.basename(TESTS)
    path.write_text(yaml.safe_dump({**every, "tests": [test]}), encoding="utf-8")
    status, said = promtool("test", "rules", str(path))
    # Not merely that it could not be read.
    assert status != 0 and "got:" in said, said


def test_the_alert_rules_name_only_metrics_that_there_are():
    named = set(re.findall(r"crs_backup_(\w+)", re.sub(r"#.*", "", RULES_TEXT)))
    # That one is written by who starts the audit.
    assert named - {"last_run_timestamp_seconds"} <= set(prometheus._METRICS)


def fleet():
    """Return hosts by what is wrong with them."""
    typed = {"max_age": "26h", "max_age_system": "2d", "max_age_manual": "2d", "daily": 3}
    made = Fleet().add("fine").add("old", good()[2:]).add("none", []).add("short", good(3))
    made.add("few", rules={"min_usable": 9, "max_age": "26h"})
    made.add("typed", [backup(H, type="manual"), *good()[2:]], typed)
    made.add("waived", good()[2:], waivers=[waiver("max_age")])
    made.add("expired", good()[2:], waivers=[waiver("max_age", -1)])
    made.add("unkept", [], waivers=[waiver("max_age"), waiver("min_usable")])
    made.add("isolated", good()[2:], status="isolated").add("young", [], created_time=ago(H))
    made.add("denied", [], error=denied()).add("limited", rules={"min_retention": "14d"}, horizon=7 * D)
    return made.cover(["crs-x"]).cover(error=denied(), region="ap-shanghai")


FIRING = {
    ("CrsBackupTooOld", "old"),
    ("CrsBackupTooOld", "expired"),
    ("CrsBackupNone", "none"),
    ("CrsBackupTooFew", "none"),
    ("CrsBackupTooFew", "few"),
    ("CrsBackupRetentionTooShort", "short"),
    ("CrsBackupRetentionNone", "none"),
    ("CrsBackupRetentionNone", "unkept"),
    ("CrsBackupTypeTooOld", "typed"),
    ("CrsBackupRuleFailed", "typed"),
    ("CrsBackupUnknown", "denied"),
    ("CrsBackupUnknown", "limited"),
    ("CrsBackupAuditIncomplete", None),
    ("CrsBackupUncovered", None),
    ("CrsBackupCoverageUnknown", None),
}


def input_series(text):
    """Return the samples as promtool's input, constant, with the audit at its time 0."""
    for line in text.split("\n"):
        if line and line[0] != "#":
            name, _space, value = line.rpartition(" ")
            is_time = name.partition("{")[0].endswith("_timestamp_seconds")
            yield {"series": name, "values": f"{int(value) - is_time * int(NOW.timestamp())}+0x20"}


def test_the_alerts_fire_on_the_metrics_of_a_record(tmp_path):
    """The two files fit: what a record says to be wrong fires, and nothing else."""
    labels = [{"alertname": alert, **({"host": host} if host else {})} for alert, host in FIRING]
    samples = [
        {"labels": "{" + ",".join(f'{name}="{value}"' for name, value in found.items()) + "}", "value": 1}
        for found in labels
    ]
    firing = 'max by (alertname, host) (ALERTS{alertstate="firing"})'
    test = {
        "interval": "1m",
        "input_series": list(input_series("".join(prometheus.parts(fleet().record())))),
        "promql_expr_test": [{"expr": firing, "eval_time": "10m", "exp_samples": samples}],
    }
    shutil.copy(RULES, tmp_path)
    # JSON is YAML.
    path = tmp_path / "test.yml"
    path.write_text(json.dumps({"rule_files": [os.path.basename(RULES)], "tests": [test]}), encoding="utf-8")
    status, said = promtool("test", "rules", str(path))
    assert status == 0, said
