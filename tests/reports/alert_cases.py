# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way in which a run can end red, as the metrics that Prometheus scrapes, and the alerts that are to fire on them.

The records are made by the collection's own code. ``test_alerts.py`` runs all cases through promtool and writes the page
docs/alerts/cases.md from them.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import NamedTuple

from ansible_collections.qcloud.crs.plugins.module_utils import _errors
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import coverage
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import prometheus
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, denied, good, waiver
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    NOW,
    D,
    H,
    M,
    a_test,
    ago,
    backup,
    restore_tests,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import ALL_RULES, CONFIGURED, EXAMPLES

#: So long after the run, or after what stands in its place, alerts are looked at.
TIMES = {"10 min": 10 * M, "2 h": 2 * H, "20 h": 20 * H}
*EARLY, LATE = TIMES.values()

TOO_OLD, NONE, TOO_FEW = "CrsBackupTooOld", "CrsBackupNone", "CrsBackupTooFew"
TYPE_TOO_OLD, TYPE_NONE = "CrsBackupTypeTooOld", "CrsBackupTypeNone"
TOO_SHORT, RETENTION_NONE = "CrsBackupRetentionTooShort", "CrsBackupRetentionNone"
RULE_FAILED, UNKNOWN, WAIVER_ENDED = "CrsBackupRuleFailed", "CrsBackupUnknown", "CrsBackupWaiverEnded"
TEST_TOO_OLD, TEST_NONE, TEST_FAILED = (
    "CrsBackupRestoreTestTooOld",
    "CrsBackupRestoreTestNone",
    "CrsBackupRestoreTestFailed",
)
STALE, ABSENT, RUN_FAILED = "CrsBackupAuditStale", "CrsBackupAuditAbsent", "CrsBackupRunFailed"
INCOMPLETE = "CrsBackupAuditIncomplete"
UNCOVERED, COVERAGE_UNKNOWN = "CrsBackupUncovered", "CrsBackupCoverageUnknown"
#: Those that look at the facts, and so need no audit to see that a waiver has ended.
BY_FACTS = (TOO_OLD, NONE, TYPE_TOO_OLD, TYPE_NONE, TOO_FEW, RETENTION_NONE, TEST_TOO_OLD, TEST_NONE, TEST_FAILED)


class Case(NamedTuple):
    """What Prometheus scrapes, ``{seconds since the run: text}``, and the alerts that fire at each of TIMES.

    ``record`` is that of the run, None where it left none. An alert is a name, or ``(name, audit)`` where the audit isn't
    ``crs``. ``red`` says that the run ends with an error: where nothing is wrong yet, no alert is needed.
    """

    group: str
    name: str
    scrapes: dict
    alerts: tuple
    record: dict | None = None
    red: bool = True


def text(fleet):
    return "".join(prometheus.parts(fleet.record()))


def case(group, name, fleet, *alerts):
    """Return the case of one run that fails, and whose alerts fire at all times."""
    return Case(group, name, {0: text(fleet)}, (alerts,) * len(TIMES), fleet.record())


#: Rules that have alerts of their own: [(what is wrong, limit, the backups, the alert)]
BY_NAME = {
    "max_age": [("fails", "26h", good()[2:], TOO_OLD), ("fails, without a backup", "26h", [], NONE)],
    "max_age_system": [
        ("fails", "26h", [backup(H, type="manual"), *good()[2:]], TYPE_TOO_OLD),
        ("fails, without a backup of the type", "26h", [backup(H, type="manual")], TYPE_NONE),
    ],
    "max_age_manual": [
        ("fails", "26h", [*good(), backup(30 * H, type="manual")], TYPE_TOO_OLD),
        ("fails, without a backup of the type", "26h", good(), TYPE_NONE),
    ],
    "min_usable": [("fails", 9, good(), TOO_FEW)],
    "min_retention": [
        ("fails", "6d", good(3), TOO_SHORT),
        # An hour later it would hold, if the oldest were still there.
        ("fails, by an hour", "6d", [backup(H), backup(6 * D - H)], TOO_SHORT),
        ("fails, without a backup", "6d", [], RETENTION_NONE),
    ],
    "max_restore_test_age": [
        ("fails", "35d", good(), TEST_TOO_OLD),
        ("fails, without a test that passed", "35d", good(), TEST_NONE),
        ("fails, because the last test failed", "35d", good(), TEST_FAILED),
        ("fails, because the only test failed", "35d", good(), TEST_FAILED),
    ],
}
#: The restore tests of these, by the rule and what is wrong; of other rules, those of its example.
TESTS = {
    ("max_restore_test_age", "fails"): restore_tests(a_test(36 * D)),
    ("max_restore_test_age", "fails, without a test that passed"): restore_tests(),
    ("max_restore_test_age", "fails, because the last test failed"): restore_tests(a_test(36 * D), a_test(D, "failed")),
    ("max_restore_test_age", "fails, because the only test failed"): restore_tests(a_test(D, "failed")),
}
#: The same of each rule, any other by its example, which the alert for all rules is for.
FAILING = {
    rule: BY_NAME.get(rule) or [("fails", limit, backups, RULE_FAILED)]
    for rule, (limit, backups, _config) in ((rule, example.fails) for rule, example in EXAMPLES.items())
}


def tests_of(rule, wrong):
    return TESTS.get((rule, wrong), EXAMPLES[rule].restore_tests)


#: A configuration that breaks each rule that judges it, whatever the listing is.
CONFIG = {"retention_days": 7, "week_days": ["Monday"]}
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
REFUSED = {"error": "access denied"}
#: What may replace a listing: each kind of error, except those that are found before any request.
LISTING_ERRORS = {
    kind.kind: kind
    for kind in _errors.CrsError.__subclasses__()
    if kind not in (_errors.InvalidOption, _errors.MissingLibrary)
}
DOUBTFUL = {
    "the limit lies beyond what the API shows": {"rules": {"min_retention": "14d"}, "horizon": 7 * D},
    "a backup is dated in the future": {"backups": [backup(-2 * D), *good()]},
    "a backup has a time that can't be read": {"backups": [backup(undated=True)], "rules": {"max_age": "26h"}},
    "a backup has an undocumented status": {"backups": [backup(H, "unknown")], "rules": {"max_age": "26h"}},
    "the API doesn't show sizes": {"backups": [backup(n * D + H) for n in range(8)], "rules": {"min_size_ratio": 0.5}},
    "the configuration was not read": {"rules": {"auto_backup": True}},
    "a record of a restore test can't be read": {
        "rules": {"max_restore_test_age": "35d"},
        "restore_tests": restore_tests(a_test(D), problem="it can't be read"),
    },
    "the last restore test is unknown": {
        "rules": {"max_restore_test_age": "35d"},
        "restore_tests": restore_tests(a_test(36 * D), a_test(D, "unknown")),
    },
}


def failing():
    for rule, broken in FAILING.items():
        for wrong, limit, backups, alert in broken:
            fleet = Fleet(tests=tests_of(rule, wrong)).add("a", backups, {rule: limit}, config=CONFIG)
            yield case("A rule fails", f"`{rule}` {wrong}", fleet, alert)


def unknown():
    group = "A rule is unknown"
    for rule, limit in ALL_RULES.items():
        if rule in CONFIGURED:
            yield case(group, f"`{rule}`", Fleet().add("a", rules={rule: limit}, config=REFUSED), UNKNOWN)
        else:
            yield case(group, f"`{rule}`", Fleet().add("a", [], {rule: limit}, error=denied()), UNKNOWN, INCOMPLETE)
    for kind, error in LISTING_ERRORS.items():
        fleet = Fleet().add("a", good(3), error=error("it went wrong"))
        yield case(group, f"the listing ends with `{kind}`", fleet, UNKNOWN, INCOMPLETE)
    for name, known in DOUBTFUL.items():
        yield case(group, name, Fleet().add("a", **known), UNKNOWN)


def unknown_and_failing():
    """Either alone would do; the instance's outcome is ``fail``, and what fails may mend itself first."""
    group = "One rule is unknown, another fails"
    for rule, broken in FAILING.items():
        for wrong, limit, backups, alert in broken:
            if rule in CONFIGURED:
                fleet = Fleet().add("a", [], {"max_age": "26h", rule: limit}, denied(), config=CONFIG)
                yield case(group, f"`max_age` is unknown, `{rule}` {wrong}", fleet, UNKNOWN, INCOMPLETE, alert)
            else:
                fleet = Fleet(tests=tests_of(rule, wrong))
                fleet.add("a", backups, {"auto_backup": True, rule: limit}, config=REFUSED)
                yield case(group, f"`auto_backup` is unknown, `{rule}` {wrong}", fleet, UNKNOWN, alert)


def waived():
    group = "A waiver ends"
    fleet = Fleet().add("a", good()[2:], {"max_age": "26h"}, waivers=[waiver("max_age", -1)])
    yield case(group, "it had ended before the run, `max_age` fails", fleet, TOO_OLD)

    def an_hour_later(rule, outcome, fleet, *alerts):
        later = (WAIVER_ENDED, *alerts)
        name = f"it ends an hour after the run, `{rule}` {outcome}"
        return Case(group, name, {0: text(fleet)}, ((), later, later), fleet.record(), red=False)

    for rule, broken in FAILING.items():
        for wrong, limit, backups, alert in broken:
            fleet = Fleet(tests=tests_of(rule, wrong))
            fleet.add("a", backups, {rule: limit}, waivers=[waiver(rule, H / D)], config=CONFIG)
            yield an_hour_later(rule, wrong, fleet, *([alert] if alert in BY_FACTS else []))
    fleet = Fleet().add("a", rules={"auto_backup": True}, waivers=[waiver("auto_backup", H / D)], config=REFUSED)
    yield an_hour_later("auto_backup", "is unknown", fleet)
    waivers = [waiver("max_age", H / D), waiver("max_age")]
    for name, order in (("the shorter", waivers), ("the longer", waivers[::-1])):
        fleet = Fleet().add("a", good()[2:], {"max_age": "26h"}, waivers=order)
        yield green(group, f"{name} of two waivers comes first in the list, and the longer applies", fleet)


#: What the last restore test came to, the rules that fail by it, and the alerts of each.
RESTORE_TESTS = {
    "the last test failed": (
        restore_tests(a_test(2 * D), a_test(D, "failed")),
        {"max_restore_test_age": (TEST_FAILED,), "max_restore_time": (TEST_FAILED, RULE_FAILED)},
    ),
    "the last passed test is too old": (
        restore_tests(a_test(36 * D)),
        {"max_restore_test_age": (TEST_TOO_OLD,), "max_restore_time": (RULE_FAILED,)},
    ),
    "no test passed": (
        restore_tests(),
        {"max_restore_test_age": (TEST_NONE,), "max_restore_time": (RULE_FAILED,)},
    ),
    "restoring took too long": (restore_tests(a_test(D, seconds=3601.0)), {"max_restore_time": (RULE_FAILED,)}),
}
RESTORE_LIMITS = {"max_restore_test_age": "35d", "max_restore_time": "1h"}


def restore_tests_waived():
    """A waiver counts for its rule only, although one test may break both."""
    group = "Rules on restore tests, and waivers of some of them"
    subsets = [
        [rule for bit, rule in enumerate(RESTORE_LIMITS) if number >> bit & 1]
        for number in range(1 << len(RESTORE_LIMITS))
    ]
    for what, (tests, alerts) in RESTORE_TESTS.items():
        for judged in subsets:
            for left in subsets:
                failing_rules = [rule for rule in judged if rule in alerts]
                if failing_rules and set(left) <= set(failing_rules):
                    fleet = Fleet(tests=tests).add(
                        "a",
                        rules={rule: RESTORE_LIMITS[rule] for rule in judged},
                        waivers=[waiver(rule) for rule in left],
                    )
                    fired = sorted({alert for rule in failing_rules if rule not in left for alert in alerts[rule]})
                    waived_rules = f"; waived: {_listed(left)}" if left else ""
                    name = f"{what}; rules: {_listed(judged)}{waived_rules}"
                    made = case(group, name, fleet, *fired)
                    yield made if fired else made._replace(red=False)


def _listed(names):
    return " and ".join(f"`{name}`" for name in names)


def uncovered():
    group = "Coverage is set to fail the run"
    fleet = Fleet().add("a").cover(["crs-x"], fails=True)
    yield case(group, "the account has an instance that the inventory doesn't name", fleet, UNCOVERED)
    fleet = Fleet().add("a").cover(error=denied(), fails=True)
    yield case(group, "a region's instances can't be listed", fleet, COVERAGE_UNKNOWN)
    fleet = Fleet().add("a").cover(["crs-x"], fails=True).cover(error=denied(), fails=True)
    yield case(group, "both, in two listings of a region", fleet, UNCOVERED, COVERAGE_UNKNOWN)
    gap = {"account": "prod", "region": "ap-shanghai", "endpoint": "https://redis.tencentcloudapi.com/"}
    fleet = Fleet().add("a")
    fleet.coverage.append(coverage.left_out({**gap, "api_version": "v3", "error": denied().as_dict()}, True))
    yield case(group, "the inventory could not list a region", fleet, COVERAGE_UNKNOWN)


def earlier(seconds, audit="crs"):
    """Return the metrics of a run of so long ago, in which all was well and stays so for days."""
    then = NOW - timedelta(seconds=seconds)
    return text(Fleet(then, audit=audit).add("a", [backup(H, now=then)], {"max_age": "7d"}))


def began(seconds):
    """Return what the script for cron writes of a run that began so long ago."""
    return f'crs_backup_last_run_timestamp_seconds{{audit="crs"}} {int(NOW.timestamp()) - seconds}\n'


def without_a_record():
    group = "A run leaves no record"
    before = {-D: earlier(D) + began(D + M)}
    alerts = ((RUN_FAILED,), (RUN_FAILED, STALE), (RUN_FAILED, STALE))
    for name in (
        "too few instances (`crs_backup_policy_min_hosts`), or an invalid variable",
        "its folder can't be written to, or a slice is missing",
    ):
        yield Case(group, name, {**before, 0: earlier(D) + began(M)}, alerts)
    nothing = (((ABSENT, None),),) * len(TIMES)
    yield Case(group, "one of these, and no earlier run left a record", {0: began(M)}, nothing)
    yield Case(group, "no run has ever begun", {0: "up 1\n"}, nothing)
    yield Case(group, "the metrics are not scraped", {**before, 0: "up 1\n"}, ((ABSENT,),) * len(TIMES))
    name = "no run began for a day and an hour"
    yield Case(group, name, {-25 * H: earlier(25 * H) + began(25 * H + M)}, ((STALE,),) * len(TIMES))


def several():
    group = "Two audits, `crs` and `dr`"
    fails, passes = Fleet().add("a", good()[2:], {"max_age": "26h"}), earlier(0, "dr")
    yield Case(group, "`crs` fails, `dr` passes", {0: text(fails) + passes}, ((TOO_OLD,),) * 3, fails.record())
    doubts = Fleet(audit="dr").add("a", rules={"auto_backup": True}, config=REFUSED)
    alerts = ((TOO_OLD, (UNKNOWN, "dr")),) * len(TIMES)
    name = "`crs` fails and `dr` is unknown for the same instance"
    yield Case(group, name, {0: text(fails) + text(doubts)}, alerts, doubts.record())
    day = {-25 * H: earlier(25 * H) + earlier(25 * H, "dr")}
    name = "`crs` passes, `dr` did not run for a day and an hour"
    yield Case(group, name, {**day, 0: earlier(0) + earlier(25 * H, "dr")}, (((STALE, "dr"),),) * len(TIMES))
    name = "`crs` passes, `dr` is not scraped"
    yield Case(group, name, {**day, 0: earlier(0)}, (((ABSENT, "dr"),),) * len(TIMES))


def next_day():
    group = "Two runs, a day apart"
    then = NOW - timedelta(days=1)
    old = Fleet(then).add("a", [*good()[1:], backup(3 * D, type="manual")], {"max_age_manual": "26h"})
    gone = Fleet().add("a", good(), {"max_age_manual": "26h"})
    name = "the newest backup is too old, and deleted before the second run"
    yield Case(group, name, {-D: text(old), 0: text(gone)}, ((TYPE_NONE,),) * len(TIMES), gone.record())
    well = Fleet(then).add("a", good()[1:], {"max_age": "26h"})
    gone = Fleet().add("a", good()[2:], {"max_age": "26h"})
    name = "the first run passes, and its newest backup is deleted before the second"
    yield Case(group, name, {-D: text(well), 0: text(gone)}, ((TOO_OLD,),) * len(TIMES), gone.record())
    yield green(group, "the first run fails, the second passes", Fleet().add("a"), {-D: text(old)})


def green(group, name, fleet, before=None):
    """Return the case of a run that fails nothing, and after which no alert fires."""
    return Case(group, name, {**(before or {}), 0: text(fleet)}, ((),) * len(TIMES), fleet.record(), red=False)


def nothing_fails():
    group = "Nothing fails"
    remarked = backup(H, type="manual", remark="release-7", size=1000)
    # At four in the morning in the policy's zone, within the window.
    rows = [remarked, *(backup(n * D + 16 * H, size=1000) for n in range(8))]
    config = {"retention_days": 7, "week_days": WEEK}
    fleet = Fleet(tests=restore_tests(a_test(D)))
    fleet.add("a", rows, {**ALL_RULES, "max_age_system": "40h"}, config=config).cover()
    yield green(group, "all rules pass, and all instances are covered", fleet)
    yield green(
        group,
        "each rule that fails is waived",
        Fleet().add("a", good()[2:], {"max_age": "26h"}, waivers=[waiver("max_age")]),
    )
    fleet = Fleet().add("a", [], status="isolated").add("b", [], created_time=ago(H))
    yield green(group, "no rule applies", fleet)


def a_fleet(count, seed=1):
    """Return a fleet of instances of whatever policies, backups, errors and waivers; limits are not a whole number of hours away."""
    pick = random.Random(seed)
    fleet = Fleet()
    for number in range(count):
        rules = dict(pick.sample(sorted(ALL_RULES.items(), key=repr), pick.randint(1, len(ALL_RULES))))
        waivers = [waiver(rule, pick.choice((-1, 30))) for rule in rules if pick.random() < 0.1]
        known = {
            "error": pick.choice([None] * 9 + [denied()]),
            "created_time": pick.choice((None, ago(3 * D + H / 2), ago(90 * D))),
            "status": pick.choice([None] * 9 + ["isolated"]),
            "horizon": pick.choice((7 * D, 28 * D)),
            "restore_tests": _tests(pick),
            "config": pick.choice((None, CONFIG, REFUSED, {"retention_days": 5, "week_days": WEEK})),
        }
        fleet.add(f"h{number}", _backups(pick), rules, waivers=waivers, **known)
    return fleet


def _tests(pick):
    ages = sorted((pick.randrange(80 * 24) * H + H / 2 for _number in range(pick.choice((0, 1, 3)))), reverse=True)
    return restore_tests(*(a_test(age, pick.choice(("passed", "passed", "failed", "unknown"))) for age in ages))


def _backups(pick):
    return [
        backup(
            pick.randrange(9 * 24) * H + H / 2,
            pick.choice(["normal"] * 6 + ["locked", "exporting", "expired", "unknown"]),
            pick.choice(["system"] * 4 + ["manual", "manual", "spec_change"]),
            undated=pick.random() < 0.02,
            remark=pick.choice((None, "release-7")),
            size=pick.choice((9, 1000, 1001)),
        )
        for _number in range(pick.choice((0, 1, 4, 12, 30)))
    ]


def every_case():
    makers = (
        failing,
        unknown,
        unknown_and_failing,
        waived,
        restore_tests_waived,
        uncovered,
        without_a_record,
        several,
        next_day,
        nothing_fails,
    )
    return [found for make in makers for found in make()]


def page(cases):
    """Return the page for users: a line for each case and alert."""
    lines = [_HEAD]
    for group in dict.fromkeys(found.group for found in cases):
        lines += [f"\n## {group}\n", f"| what | alert | {' | '.join(TIMES)} |", f"| --- | --- |{' --- |' * len(TIMES)}"]
        for found in cases:
            if found.group == group:
                lines += _rows(found)
    return "\n".join(lines) + "\n"


def _rows(found):
    fired = dict.fromkeys(alert for alerts in found.alerts for alert in alerts)
    for number, alert in enumerate(fired):
        cells = ["fires" if alert in alerts else "quiet" for alerts in found.alerts]
        yield f"| {'' if number else found.name} | {_shown(alert)} | {' | '.join(cells)} |"
    if not fired:
        yield f"| {found.name} | none |{' |' * len(TIMES)}"


def _shown(alert):
    name, audit = (alert, None) if isinstance(alert, str) else alert
    return f"`{name}`" + (f" of `{audit}`" if audit else "")


_HEAD = """\
<!--
Copyright (c) 2026 qcloud.crs contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Which alert fires when

These tables list each way in which a run can fail, with the alerts of `crs-backup.rules.yml` that fire 10 minutes, 2 hours and 20 hours
later, before the next run. The last table has cases in which nothing fails. `make alerts` writes this page: its test creates the records of all
cases and passes their metrics to `promtool test rules`."""
