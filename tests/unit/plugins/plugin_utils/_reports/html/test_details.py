# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Details in numbers say what the entry says; that the page's script reads them so, tests/browser shows."""

from __future__ import annotations

import re

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import details as _details
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import heatmap, page
from ansible_collections.qcloud.crs.tests.reports.records import Fleet, good
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW, D, H, backup, iso

UNIX = int(NOW.timestamp())
EIGHT = 8 * H


def details(made, **known):
    """Return the text of a host's details, by its fields."""
    (entry,) = Fleet().add("a", **known).record()["instances"]
    look = page.outlook({"max_age": "26h", "timezone": "+08:00"})
    begun = heatmap.starts(entry, look.zone)
    days = heatmap.columns([entry], {entry["policy"]: look}, NOW)
    cells = heatmap.cells(entry, begun, days, look)
    text = page.row(entry, begun, cells, look, made)["details"]
    assert re.fullmatch(r"[\d,|-]*", text)
    return dict(zip(("rules", "day", "times", "kinds", "sizes", "gap"), text.split("|"), strict=True))


def made_of(*rows, **known):
    made = _details.Details()
    return made, details(made, backups=list(rows), rules={"min_usable": 1}, **known)


def test_times_are_those_of_the_wall_clock_each_by_how_much_earlier():
    _made, found = made_of(backup(H), backup(H + 90), backup(3 * D))
    assert found["times"] == f"{UNIX + EIGHT},3600,90,{3 * D - H - 90}"


def test_a_time_that_can_not_be_read_is_nothing_and_one_ahead_is_later():
    _made, found = made_of(backup(-H), backup(H), backup(undated=True))
    assert found["times"] == f"{UNIX + EIGHT},-3600,7200,"


def test_what_all_backups_share_stands_once():
    made, found = made_of(backup(H, size=2048), backup(2 * H, size=2048))
    assert (found["kinds"], list(made.kinds)) == ("0", [("system", "normal")])
    assert (found["sizes"], list(made.sizes)) == ("0", ["2.0 KiB"])
    made, found = made_of(backup(H, size=2048), backup(2 * H, "expired", "manual"), backup(3 * H, size=2048))
    assert (found["kinds"], list(made.kinds)) == ("0,1,0", [("system", "normal"), ("manual", "expired")])
    assert (found["sizes"], list(made.sizes)) == ("0,1,0", ["2.0 KiB", "not shown"])


def test_where_no_size_is_known_none_is_said():
    assert made_of(backup(H), backup(2 * H))[1]["sizes"] == ""


def test_no_backup():
    """A policy may ask for the configuration alone."""
    config = {"retention_days": 7, "week_days": []}
    made = _details.Details()
    found = details(made, backups=[], rules={"retention_configured": "7d"}, config=config)
    assert (found["times"], found["kinds"], found["sizes"], found["gap"]) == (str(UNIX + EIGHT), "", "", "")


@pytest.mark.parametrize(
    "ages, gap",
    [((H, 3 * H, 9 * H), "2,1"), ((9 * H, 10 * H), "0,"), ((H, 2 * H), "0,")],
    ids=["between", "until now", "of equal ones the later"],
)
def test_the_largest_gap_is_from_one_backup_to_another_or_to_now(ages, gap):
    assert made_of(*(backup(age) for age in ages))[1]["gap"] == gap


def test_each_distinct_piece_is_there_once_whoever_has_it():
    made = _details.Details()
    first, second = details(made, backups=good()), details(made, backups=good())
    assert first == second and len(made.rules) == 3
    third = details(made, backups=good(7))
    assert len(made.rules) == 5, "the newest is as old, and there are fewer, and they reach back less far"
    assert third["rules"].split(",")[0] == first["rules"].split(",")[0]
    assert len(made.days) == 2


def test_rows_of_days_are_numbers_of_cells():
    made, found = made_of(backup(H), backup(D + H), horizon=4 * D)
    runs = [run.partition("x") for run in list(made.days)[int(found["day"])].split(",")]
    shown = [list(made.cells)[int(number)] for number, _x, count in runs for _n in range(int(count or 1))]
    assert "".join(cell.kind * cell.days for cell in shown) == "hookk"
    assert found["day"] == "0" and len(runs) == len(made.cells) == 3


def test_what_does_not_pass_has_its_rules_in_the_page_and_not_here():
    made = _details.Details()
    assert details(made, backups=[])["rules"] == "" and not made.rules


def test_the_wall_clock_of_a_zone_that_changes_its_offset():
    """A day before and after the clocks of Berlin were put forward, at the same hour there."""
    (entry,) = (
        Fleet().add("a", [backup(at="2026-03-29T10:00:00Z"), backup(at="2026-03-28T11:00:00Z")]).record()["instances"]
    )
    look = page.outlook({"max_age": "26h", "timezone": "Europe/Berlin"})
    walls = [wall for _unix, wall in heatmap.starts(entry, look.zone)]
    assert [page._clock(wall) for wall in walls] == ["2026-03-29 12:00:00", "2026-03-28 12:00:00"]
    assert iso(NOW) == entry["evaluated_at"]
