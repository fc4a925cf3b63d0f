# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""retention_configured and auto_backup: what the instance is set to do, by a call of its own."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    D,
    Example,
    Row,
    ago,
    backup,
    name_of,
    sentences,
)

FEW = {"retention_days": 7, "week_days": ["Monday"]}
EXAMPLES = {
    "retention_configured": Example("7d", 7 * D, ("14d", [backup(0)], FEW), limits=("7d", "30d")),
    "auto_backup": Example(True, True, (True, [backup(0)], FEW)),
}
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DENIED = {"error": "access denied: not authorised"}


RETENTION_ROWS = [
    Row("a day more", "7d", [], "pass", 8 * D, config={"retention_days": 8}),
    Row("on the limit", "7d", [], "pass", 7 * D, config={"retention_days": 7}),
    Row("a second short", f"{7 * D + 1}s", [], "fail", 7 * D, "too_short", config={"retention_days": 7}),
    Row("a day short", "7d", [], "fail", 6 * D, "too_short", config={"retention_days": 6}),
    Row("zero days", "7d", [], "fail", 0, "too_short", config={"retention_days": 0}),
    Row("a hundred years", "7d", [], "pass", 36500 * D, config={"retention_days": 36500}),
    Row("more", "7d", [], "unknown", None, "config_not_shown", config={"retention_days": 36501}),
    Row("less than none", "7d", [], "unknown", None, "config_not_shown", config={"retention_days": -1}),
    Row("not read", "7d", [], "unknown", None, "config_not_read", config=None),
    Row("empty", "7d", [], "unknown", None, "config_not_shown", config={}),
    Row("as text", "7d", [], "pass", 7 * D, config={"retention_days": "7"}),
    Row("as text, a day short", "7d", [], "fail", 6 * D, "too_short", config={"retention_days": " 6 "}),
    Row("words", "7d", [], "unknown", None, "config_not_shown", config={"retention_days": "seven"}),
    Row("true is not a number", "1d", [], "unknown", None, "config_not_shown", config={"retention_days": True}),
    Row("a share of a day", "7d", [], "unknown", None, "config_not_shown", config={"retention_days": 7.5}),
    Row("a list", "7d", [], "unknown", None, "config_not_shown", config={"retention_days": [7]}),
    Row("no dict", "7d", [], "unknown", None, "config_not_read", config="rubbish"),
    Row("null", "7d", [], "unknown", None, "config_not_shown", config={"retention_days": None}),
    Row("denied", "7d", [], "unknown", None, "config_not_shown", config=DENIED),
    Row("a value beside an error", "7d", [], "pass", 30 * D, config={**DENIED, "retention_days": 30}),
    Row("a short value beside an error", "7d", [], "fail", D, "too_short", config={**DENIED, "retention_days": 1}),
    Row(
        "rubbish beside an error",
        "7d",
        [],
        "unknown",
        None,
        "config_not_shown",
        config={**DENIED, "retention_days": "?"},
    ),
    Row("an error that says nothing", "7d", [], "unknown", None, "config_not_shown", config={"error": ""}),
    Row("backups do not matter", "7d", [backup(300 * D)], "fail", D, "too_short", config={"retention_days": 1}),
    Row("nor a time ahead", "7d", [backup(-D)], "pass", 7 * D, config={"retention_days": 7}),
    Row("but not listed", "7d", [], "unknown", 7 * D, "not_listed", config={"retention_days": 7}, complete=False),
    Row("short, and not listed", "7d", [], "fail", D, "too_short", config={"retention_days": 1}, complete=False),
    Row("nor the horizon", "30d", [], "pass", 30 * D, config={"retention_days": 30}, horizon_seconds=7 * D),
    Row("nor the age", "7d", [], "fail", D, "too_short", config={"retention_days": 1}, created_time=ago(60)),
]


@pytest.mark.parametrize("row", RETENTION_ROWS, ids=name_of)
def test_retention_configured(row):
    row.check("retention_configured")


AUTO_ROWS = [
    Row("every day", True, [], "pass", 7, config={"week_days": WEEK}),
    Row("six days", True, [], "fail", 6, "not_every_day", config={"week_days": WEEK[:6]}),
    Row("seven entries of six days", True, [], "fail", 6, "not_every_day", config={"week_days": [*WEEK[:6], "Monday"]}),
    Row("eight entries of seven days", True, [], "pass", 7, config={"week_days": [*WEEK, "Monday"]}),
    Row("no day", True, [], "fail", 0, "not_every_day", config={"week_days": []}),
    Row("not read", True, [], "unknown", None, "config_not_read"),
    Row("null", True, [], "unknown", None, "config_not_shown", config={"week_days": None}),
    Row("denied", True, [], "unknown", None, "config_not_shown", config=DENIED),
    Row("as text", "yes", [], "pass", 7, config={"week_days": WEEK}),
    Row("empty", True, [], "unknown", None, "config_not_shown", config={}),
    Row("a text is not a list", True, [], "unknown", None, "config_not_shown", config={"week_days": "Monday"}),
    Row("a number is not a list", True, [], "unknown", None, "config_not_shown", config={"week_days": 7}),
    Row(
        "a dict is not a list", True, [], "unknown", None, "config_not_shown", config={"week_days": dict.fromkeys(WEEK)}
    ),
    Row(
        "words that are not days",
        True,
        [],
        "fail",
        6,
        "not_every_day",
        config={"week_days": [*WEEK[:6], "Someday", None, 7, [1]]},
    ),
    Row("seven words, none a day", True, [], "fail", 0, "not_every_day", config={"week_days": list("abcdefg")}),
    Row("days beside an error", True, [], "pass", 7, config={**DENIED, "week_days": WEEK}),
    Row("six days beside an error", True, [], "fail", 6, "not_every_day", config={**DENIED, "week_days": WEEK[1:]}),
    Row("rubbish beside an error", True, [], "unknown", None, "config_not_shown", config={**DENIED, "week_days": "?"}),
    Row("no dict", True, [], "unknown", None, "config_not_read", config=WEEK),
    Row("backups do not matter", True, [backup()], "fail", 1, "not_every_day", config={"week_days": WEEK[:1]}),
    Row("but not listed", True, [], "unknown", 7, "not_listed", config={"week_days": WEEK}, complete=False),
    Row(
        "six days, and not listed", True, [], "fail", 6, "not_every_day", config={"week_days": WEEK[1:]}, complete=False
    ),
]


@pytest.mark.parametrize("row", AUTO_ROWS, ids=name_of)
def test_auto_backup(row):
    row.check("auto_backup")


#: What people read of each way in which retention_configured comes out.
RETENTION_CONFIGURED_SENTENCES = {
    "a day more": "automatic backups are retained for 8d by configuration, limit 7d",
    "a second short": "automatic backups are retained for 7d by configuration, limit 7d",
    "more": "the API doesn't show retention_days",
    "not read": "the backup configuration was not read",
    "denied": "access denied: not authorised",
    "but not listed": (
        "automatic backups are retained for 7d by configuration, limit 7d: not listed: it is not known whether the listing is "
        "complete"
    ),
}


def test_sentences_of_retention_configured():
    assert RETENTION_CONFIGURED_SENTENCES.items() <= sentences("retention_configured", RETENTION_ROWS).items()


#: What people read of each way in which auto_backup comes out.
AUTO_BACKUP_SENTENCES = {
    "every day": "automatic backup is configured for 7 of 7 days a week",
    "six days": "automatic backup is configured for 6 of 7 days a week",
    "not read": "the backup configuration was not read",
    "null": "the API doesn't show week_days",
    "denied": "access denied: not authorised",
    "but not listed": (
        "automatic backup is configured for 7 of 7 days a week: not listed: it is not known whether the listing is complete"
    ),
}


def test_sentences_of_auto_backup():
    assert AUTO_BACKUP_SENTENCES.items() <= sentences("auto_backup", AUTO_ROWS).items()
