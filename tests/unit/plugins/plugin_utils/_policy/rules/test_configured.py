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
)

FEW = {"retention_days": 7, "week_days": ["Monday"]}
EXAMPLES = {
    "retention_configured": Example("7d", 7 * D, ("14d", [backup(0)], FEW), limits=("7d", "30d")),
    "auto_backup": Example(True, True, (True, [backup(0)], FEW)),
}
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DENIED = {"error": "access denied: not authorised"}
NOT_READ = "the backup configuration was not read"
UNLISTED = ": not listed: nothing says that the listing is complete"


@pytest.mark.parametrize(
    "row",
    [
        Row("a day more", "7d", [], "pass", 8 * D, "kept 8d by configuration, limit 7d", config={"retention_days": 8}),
        Row(
            "on the limit", "7d", [], "pass", 7 * D, "kept 7d by configuration, limit 7d", config={"retention_days": 7}
        ),
        Row("a second short", f"{7 * D + 1}s", [], "fail", 7 * D, "kept 7d", config={"retention_days": 7}),
        Row("a day short", "7d", [], "fail", 6 * D, "kept 6d by configuration, limit 7d", config={"retention_days": 6}),
        Row("zero days", "7d", [], "fail", 0, "kept 0d", config={"retention_days": 0}),
        Row("a hundred years", "7d", [], "pass", 36500 * D, "kept 36500d", config={"retention_days": 36500}),
        Row("more", "7d", [], "unknown", None, "doesn't show retention_days", config={"retention_days": 36501}),
        Row("less than none", "7d", [], "unknown", None, "doesn't show retention_days", config={"retention_days": -1}),
        Row("not read", "7d", [], "unknown", None, NOT_READ, config=None),
        Row("empty", "7d", [], "unknown", None, "doesn't show retention_days", config={}),
        Row("as text", "7d", [], "pass", 7 * D, "kept 7d", config={"retention_days": "7"}),
        Row("as text, a day short", "7d", [], "fail", 6 * D, "kept 6d", config={"retention_days": " 6 "}),
        Row("words", "7d", [], "unknown", None, "doesn't show retention_days", config={"retention_days": "seven"}),
        Row("true is no number", "1d", [], "unknown", None, "retention_days", config={"retention_days": True}),
        Row("a share of a day", "7d", [], "unknown", None, "retention_days", config={"retention_days": 7.5}),
        Row("a list", "7d", [], "unknown", None, "retention_days", config={"retention_days": [7]}),
        Row("no dict", "7d", [], "unknown", None, config="rubbish"),
        Row("null", "7d", [], "unknown", None, "doesn't show retention_days", config={"retention_days": None}),
        Row("denied", "7d", [], "unknown", None, "access denied", config=DENIED),
        Row("a value beside an error", "7d", [], "pass", 30 * D, "kept 30d", config={**DENIED, "retention_days": 30}),
        Row("a short value beside an error", "7d", [], "fail", D, "kept 1d", config={**DENIED, "retention_days": 1}),
        Row(
            "rubbish beside an error",
            "7d",
            [],
            "unknown",
            None,
            "access denied",
            config={**DENIED, "retention_days": "?"},
        ),
        Row(
            "an error that says nothing", "7d", [], "unknown", None, "doesn't show retention_days", config={"error": ""}
        ),
        Row("backups do not matter", "7d", [backup(300 * D)], "fail", D, config={"retention_days": 1}),
        Row("nor a time ahead", "7d", [backup(-D)], "pass", 7 * D, config={"retention_days": 7}),
        Row("but not listed", "7d", [], "unknown", 7 * D, UNLISTED, config={"retention_days": 7}, complete=False),
        Row("short, and not listed", "7d", [], "fail", D, config={"retention_days": 1}, complete=False),
        Row("nor the horizon", "30d", [], "pass", 30 * D, config={"retention_days": 30}, horizon_seconds=7 * D),
        Row("nor the age", "7d", [], "fail", D, config={"retention_days": 1}, created_time=ago(60)),
    ],
    ids=name_of,
)
def test_retention_configured(row):
    row.check("retention_configured")


@pytest.mark.parametrize(
    "row",
    [
        Row("every day", True, [], "pass", 7, "for 7 of 7 days a week", config={"week_days": WEEK}),
        Row("six days", True, [], "fail", 6, "for 6 of 7 days a week", config={"week_days": WEEK[:6]}),
        Row("seven entries of six days", True, [], "fail", 6, config={"week_days": [*WEEK[:6], "Monday"]}),
        Row("eight entries of seven days", True, [], "pass", 7, config={"week_days": [*WEEK, "Monday"]}),
        Row("no day", True, [], "fail", 0, "for 0 of 7 days", config={"week_days": []}),
        Row("not read", True, [], "unknown", None, NOT_READ),
        Row("null", True, [], "unknown", None, "doesn't show week_days", config={"week_days": None}),
        Row("denied", True, [], "unknown", None, "access denied", config=DENIED),
        Row("as text", "yes", [], "pass", 7, config={"week_days": WEEK}),
        Row("empty", True, [], "unknown", None, "doesn't show week_days", config={}),
        Row("a text is no list", True, [], "unknown", None, "week_days", config={"week_days": "Monday"}),
        Row("a number is no list", True, [], "unknown", None, "week_days", config={"week_days": 7}),
        Row("a dict is no list", True, [], "unknown", None, "week_days", config={"week_days": dict.fromkeys(WEEK)}),
        Row("words that are no days", True, [], "fail", 6, config={"week_days": [*WEEK[:6], "Someday", None, 7, [1]]}),
        Row("seven words, none a day", True, [], "fail", 0, config={"week_days": list("abcdefg")}),
        Row("days beside an error", True, [], "pass", 7, config={**DENIED, "week_days": WEEK}),
        Row("six days beside an error", True, [], "fail", 6, config={**DENIED, "week_days": WEEK[1:]}),
        Row("rubbish beside an error", True, [], "unknown", None, "access denied", config={**DENIED, "week_days": "?"}),
        Row("no dict", True, [], "unknown", None, config=WEEK),
        Row("backups do not matter", True, [backup()], "fail", 1, config={"week_days": WEEK[:1]}),
        Row("but not listed", True, [], "unknown", 7, UNLISTED, config={"week_days": WEEK}, complete=False),
        Row("six days, and not listed", True, [], "fail", 6, config={"week_days": WEEK[1:]}, complete=False),
    ],
    ids=name_of,
)
def test_auto_backup(row):
    row.check("auto_backup")
