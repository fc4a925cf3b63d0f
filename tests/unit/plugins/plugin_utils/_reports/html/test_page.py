# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: every text of the record is text in it, and it requests nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import InstanceListing
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.restore_tests import STATES
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import heatmap
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import page as _report_html
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import restore_tests as tests_of_page
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    AUDIT_ID,
    NOW,
    UTC,
    D,
    H,
    a_test,
    ago,
    backup,
    facts,
    iso,
    restore_tests,
    target,
)

VOID = {
    "meta",
    "br",
    "link",
    "img",
    "input",
    "hr",
    "base",
    "source",
    "embed",
    "area",
    "col",
    "track",
    "wbr",
    "path",
    "rect",
}
#: Tables of a thousand rows leave out the end tags that HTML lets one leave out: tag: what its start or end ends.
ENDS = {
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("td", "th", "tr"),
    "thead": ("th", "tr"),
    "tbody": ("td", "tr"),
    "template": ("td", "tr"),
}
GOOD = [backup(n * D + H, size=1000) for n in range(8)]
#: Those of all entries: a record takes its own.
POLICIES = {}


class Page(HTMLParser):
    """Elements with their attributes, the text of each and all of it; checks that tags are closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self._texts, self._open, self.declarations = [], [], [], []
        self.feed(text)
        self.close()
        self.text = "".join(self._texts)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self._end(ENDS.get(tag, ()))
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self._end([one for one in ENDS.get(tag, ()) if one != tag])
        assert self._open.pop() == tag

    def _end(self, tags):
        while self._open and self._open[-1] in tags:
            self._open.pop()

    def handle_data(self, data):
        if self._open[-1:] not in (["style"], ["script"]):
            self._texts.append(data)

    def handle_decl(self, decl):
        self.declarations.append(decl)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data):
        raise AssertionError(f"a declaration: {data}")

    def tags(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def listing(**more):
    return {
        "account": "prod",
        "api_version": "v3",
        "action": "DescribeInstanceBackups",
        "endpoint": "https://redis.tencentcloudapi.com/",
        "region": "ap-guangzhou",
        "timezone": "UTC+08:00",
        "horizon_seconds": 28 * D,
        "requests": 3,
        "instances": 1,
        "incomplete": 0,
        "total": 8,
        "sha256": "ab" * 32,
        **more,
    }


def entry(host="crs-1", backups=GOOD, error=None, horizon=28 * D, rules=None, tests=None, **known):
    judged = target(host, {"max_age": "26h", "min_usable": 1, **(rules or {})}, **known)
    listing = InstanceListing(judged.instance_id, list(backups), None, error)
    POLICIES.update(_record.policies([judged]))
    return _record.instance(judged, facts(judged, listing, horizon, restore_tests=tests), NOW)


def build(*entries, listings=None, coverage=(), waivers=(), **more):
    evidence = (list(entries), POLICIES, listings or [listing()], list(coverage), list(waivers))
    return _record.build(*evidence, NOW, NOW, AUDIT_ID, **more)


def render(*entries, **more):
    return "".join(_report_html.parts(build(*entries, **more)))


def words(html):
    return " ".join(Page(html).text.split())


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'\" onmouseover='alert(1)",
    "]]>",
    "<!--",
    "-->",
    "</td></table>",
    "</bdi></style></title>",
    "&lt;script&gt;",
    "&",
    "{{ lookup('pipe', 'id') }}",
    "{% for x in y %}",
    "{# note #}",
    "\u202eelif\u202c\u2066",
    "line\nbreak",
    "x" * 10240,
    "订单",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_text_of_others_is_text(text):
    """As the name of a host, an instance and a region, in an error, in a limit, in a waiver and in what was asked."""

    def page(text):
        waiver = {
            "rule": "max_age",
            "reason": f"r{text}",
            "owner": f"o{text}",
            "expires": iso(NOW),
            "instance": f"t{text}",
        }
        return Page(
            render(
                {**entry("h", name=f"n{text}"), "host": f"h{text}", "instance_id": f"i{text}"},
                entry("h2", error=Denied(f"e{text}")),
                entry("a4", backups=[{**backup(H), "type": f"y{text}"}]),
                entry("h3", rules={"required_remark": {"pattern": re.escape(text), "within": "6h"}}),
                listings=[
                    listing(account=f"a{text}", endpoint=text, region=text, timezone=text, action=text, sha256=text),
                    listing(),
                ],
                coverage=[
                    {
                        "account": f"c{text}",
                        "region": text,
                        "endpoint": text,
                        "api_version": "v3",
                        "instances": 1,
                        "not_in_inventory": [f"m{text}"],
                        "isolated": [f"i{text}"],
                        "not_audited": [],
                        "error": None,
                    }
                ],
                waivers=[{**waiver, "state": state} for state in ("live", "expired", "unmatched")],
            )
        )

    # As long, and harmless: a very long text folds.
    plain, hostile = page("x" * len(text)), page(text)
    for letter in "hinermoacy":
        assert f"{letter}{text}" in hostile.text
    assert text in hostile.text.rsplit("Queries", maxsplit=1)[-1]
    # The text added no element or attribute, and changed none but where a hash stands.
    assert [(tag, sorted(attrs)) for tag, attrs in hostile.elements] == [
        (tag, sorted(attrs)) for tag, attrs in plain.elements
    ]
    known = re.compile(r"[\w ,.:;'/#+=()|-]*")
    assert all(known.fullmatch(value or "") for _tag, attrs in hostile.elements for value in attrs.values())


def test_names_of_others_can_not_turn_the_page():
    """A mark that turns the direction of text stays within the element that holds the name."""
    html = render(entry(backups=[], name="\u202eevil"))
    assert html.count("<bdi>\u202eevil</bdi>") == html.count("\u202e") == 2


def test_it_asks_nobody_for_anything():
    html = render(entry(), entry("crs-2", error=Denied("no")))
    page = Page(html)
    for tag, attrs in page.elements:
        assert tag not in (
            "link",
            "img",
            "image",
            "use",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
            "video",
            "audio",
            "source",
        )
        assert not {"src", "srcset", "action", "data", "background", "style", "ping", "poster"} & set(attrs)
        assert not [name for name in attrs if name.startswith("on")]
        assert attrs.get("href", "#").startswith("#")
    assert not re.search(r"url\(|@import|expression\(|fetch\(|XMLHttp|innerHTML|eval\(", html)
    # The only address is the one that was asked, as text.
    assert re.findall(r"\w+://[^\s<\"]*", html) == ["https://redis.tencentcloudapi.com/"]
    ids = [attrs["id"] for _tag, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"][1:] for attrs in page.tags("a")} <= set(ids)


@pytest.mark.parametrize("entries", [[], [entry()]], ids=["none", "one"])
def test_its_policy_allows_its_own_two_blocks_only(entries):
    html = render(*entries)
    (policy,) = [
        attrs["content"] for attrs in Page(html).tags("meta") if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    hashes = {}
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        hashes[tag] = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_it_is_a_document_that_is_readable_without_style():
    page = Page(render(entry(), entry("crs-2", [])))
    assert page.declarations == ["DOCTYPE html"]
    assert page.tags("html") == [{"lang": "en"}]
    assert {"charset": "utf-8"} in page.tags("meta")
    assert len(page.tags("h1")) == len(page.tags("title")) == len(page.tags("main")) == 1
    assert all(attrs.get("scope") in ("col", "row", "colgroup") for attrs in page.tags("th"))
    # Each table of the page has a caption; those of the timelines have their summary.
    assert len(page.tags("table")) == len(page.tags("caption")) + len(page.tags("summary"))
    headings = [int(tag[1]) for tag, _attrs in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1 and all(after <= before + 1 for before, after in zip(headings, headings[1:]))
    # What needs the script is not there without it.
    (tools,) = [attrs for attrs in page.tags("div") if attrs.get("class") == "tools"]
    assert "hidden" in tools


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("pass", entry()),
        ("FAIL", entry(backups=[])),
        ("UNKNOWN", entry(error=Denied("n"))),
        ("not applicable", entry(status="isolated")),
        ("waived", {**entry(), "outcome": "waived"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_outcome_has_its_word_in_its_row(word, one):
    html = render(one)
    assert f'<b class="v">{word}</b>' in re.search(r"<tr class.*?</b>", html, re.DOTALL)[0]
    # What passes has a row of days on demand only.
    (found,) = re.findall(r'<tr><th scope="row">.*?</b>', html) or [None]
    assert (found is None) if word == "pass" else f'<b class="v">{word}</b>' in found


def test_totals_and_worst_first():
    text = words(render(entry("good"), entry("bad", []), entry("denied", error=Denied("n"))))
    assert "1 of 3 instances violates its policy, and 1 could not be judged." in text
    assert re.search("Instances ?3 FAIL ?1 UNKNOWN ?1 waived ?0 pass ?1 not applicable ?0", text)
    assert text.index("Instances") < text.index("bad") < text.index("denied") < text.index("good")
    assert "max_age newest usable backup started 1h ago, limit 26h" in text
    assert "No instance violates its policy." in words(render(entry()))
    assert "1 of 1 could not be judged." in words(render(entry(error=Denied("n"))))


def test_it_says_whether_all_was_seen():
    assert "All listings were complete." in words(render(entry()))
    part = words(render(entry(), entry("other"), entry("no", error=Denied("n"))))
    assert "Not all listings were complete: 1 of 3 instances was not listed in full." in part
    assert "no, 1 of 3 not listed in full" in part
    assert "All listings were complete." not in part


REGION = {
    "account": "prod",
    "region": "gz",
    "endpoint": "https://redis.tencentcloudapi.com/",
    "api_version": "v3",
    "instances": 7,
    "not_audited": ["crs-z", "crs-w", "crs-v"],
    "not_in_inventory": ["crs-x", "crs-y"],
    "isolated": ["crs-i"],
    "error": None,
}


def test_a_merged_record_says_what_it_was_made_of():
    """Each instance is shown as of the moment at which it was judged, and the days run to the last of them."""
    one, other = entry("first"), {**entry("second"), "evaluated_at": iso(NOW + timedelta(days=1))}
    slices = [
        {
            "evaluated_at": record["evaluated_at"],
            "finished_at": record["evaluated_at"],
            "generator": "qcloud.crs 0.1.0",
            "instances": 1,
            "complete": True,
            "sha256": letter * 64,
        }
        for record, letter in ((one, "a"), (other, "b"))
    ]
    html = "".join(
        _report_html.parts(_record.build([one, other], POLICIES, [listing()], [REGION], [], NOW, NOW, AUDIT_ID, slices))
    )
    text = words(html)
    assert "3 instances of the inventory are in no slice." in text
    assert re.search(r"Listings, SHA-256 ?\w{16}….*Slices, SHA-256.*Record, SHA-256", text)
    assert "Judged from 2026-06-15 12:00:00 to 2026-06-16 12:00:00 UTC. Merged from 2 slices." in text
    for found in slices:
        assert f"1 instance, judged at {found['evaluated_at']}: {found['sha256'][:16]}…" in text
    ages = re.findall(r"<td>(\d+\w[^<]* ago)(?=<)", html)
    assert ages == ["1h ago", "7d 1h ago", "25h ago", "8d 1h ago"]
    assert '<th scope="col" class="today">16</th>' in html


def test_the_page_says_which_audit_it_is_of():
    html = render(entry(), audit_name="dr")
    assert f"<title>Redis backup audit dr {iso(NOW)}</title>" in html and "<h1>Redis backup audit dr</h1>" in html


def test_one_run_says_nothing_of_slices():
    text = words(render(entry()))
    assert "Judged at 2026-06-15 12:00:00 UTC." in text and "slice" not in text.lower()


def test_a_record_of_nothing():
    text = words("".join(_report_html.parts(_record.build([], {}, [], [], [], NOW, NOW, AUDIT_ID))))
    assert "There was no instance to judge." in text and "Nothing was listed, so" in text
    assert "All listings were complete." not in text and "No instance breaks" not in text


def test_a_listing_that_failed_shows_no_number_of_backups():
    """0 would read as "it has none"."""
    part = words(render(entry(error=Denied("n"), backups=[])))
    assert "not known not known not known" in part and "not listed" in part
    assert "not known" not in words(render(entry(backups=[])))


def test_a_horizon_that_is_not_known():
    assert "not stated" in words(render(entry(horizon=None), listings=[listing(horizon_seconds=None)]))
    assert "28d" in words(render(entry()))


def test_a_waived_rule_keeps_its_outcome():
    one = entry(backups=[])
    one["rules"][0]["waiver"] = {"reason": "moved", "owner": "dba", "expires": iso(NOW + timedelta(days=1))}
    assert f"FAIL, waived by dba until {iso(NOW + timedelta(days=1))}: moved" in words(render(one))


def test_waivers_and_coverage():
    waiver = {"rule": "max_age", "reason": "why", "owner": "dba", "expires": iso(NOW), "instance": None}
    failed = {
        **REGION,
        "instances": None,
        "not_in_inventory": [],
        "not_audited": [],
        "isolated": [],
        "error": Denied("no right").as_dict(),
    }
    text = words(
        render(
            entry(),
            coverage=[REGION, failed],
            waivers=[{**waiver, "state": state} for state in ("live", "expired", "unmatched")],
        )
    )
    assert re.search(r"EXPIRED ?max_age.*UNMATCHED ?max_age.*active ?max_age ?each host that has it ?dba", text)
    assert re.search(r"prod ?gz ?v3 ?7 ?3 ?1 ?2 ?crs-x, crs-y \(isolated: crs-i\)", text)
    assert re.search(r"prod ?gz ?v3 ?(not known ?){4}UNKNOWN no right", text)
    # and at the head of the page, which would look green without it
    head = text.partition("Waivers")[0]
    assert "2 instances of the account are not in the inventory." in head
    assert "3 instances of the inventory are not in the scope of this audit." in head
    assert "Whether other instances are missing could not be determined in 1 region." in head
    assert "not in the inventory" not in words(render(entry())).partition("Waivers")[0]


def test_where_a_limit_is_from():
    one = entry()
    record = build(
        {**one, "origins": {"max_age": "role default", "min_usable": "role default"}},
        {**one, "host": "crs-2", "origins": {"max_age": "role default", "min_usable": "set for this host"}},
    )
    count, found = _report_html.origins(record["instances"])[one["policy"]]
    assert (count, found) == (2, {"max_age": "role default", "min_usable": "role default (1), set for this host (1)"})


def test_each_backup_is_in_the_timeline():
    rows = [
        backup(H, size=3 * 2**20),
        backup(2 * D, "expired"),
        backup(undated=True),
        backup(3 * D, "unknown", "manual"),
    ]
    html = render(entry(backups=rows, rules={"min_usable": 9}))
    assert re.findall(r"<tr><td>([^<]*)<td>([^<]*)<td>([^<]*)<td>([^<]*)$", html, re.MULTILINE) == [
        ("2026-06-15 19:00:00", "system", "normal", "3.0 MiB"),
        ("2026-06-13 20:00:00", "system", "expired", "not shown"),
        ("2026-06-12 20:00:00", "manual", "unknown", "not shown"),
        ("not readable", "system", "normal", "not shown"),
    ]
    assert "4 backups, largest gap 1h" in words(html)


def test_it_is_a_function_of_the_record():
    assert render(entry()) == render(entry())


def test_a_record_with_a_key_missing_is_an_error_not_a_gap():
    record = build(entry())
    del record["instances"][0]["newest_usable"]
    with pytest.raises(Exception, match="newest_usable"):
        "".join(_report_html.parts(record))


def test_a_thousand_instances_stay_small():
    one = entry(backups=[backup(n * D + H, size=10**9) for n in range(14)])
    html = render(*[{**one, "host": f"crs-{n:04}"} for n in range(1000)])
    assert len(re.findall(r'<th[^>]* scope="?row', html)) == 1000
    assert len(html.encode()) < 600_000


# Days. NOW is 20:00 in +08:00.


def cells(one, zone="+08:00", **values):
    look = _report_html.outlook({"max_age": "26h", "min_retention": "3d", "timezone": zone, **values})
    days = heatmap.columns([one], {one["policy"]: look}, NOW)
    made = heatmap.cells(one, heatmap.starts(one, look.zone), days, look)
    assert sum(cell.days for cell in made) == len(days)
    return " ".join(f"{cell.kind}{cell.usable or ''}{'*' + str(cell.days) if cell.days > 1 else ''}" for cell in made)


@pytest.mark.parametrize(
    ("backups", "known", "expected"),
    [
        # today, and 28 days before it; the first began before the horizon does
        (GOOD, {}, "h o*20 k1 k1 k1 k1 k1 k1 k1 k1"),
        ([], {}, "h o*25 g g t"),
        ([backup(H), backup(2 * H)], {}, "h o*25 g g k2"),
        # between kept ones none is a gap, whatever the policy looks at
        ([backup(H), backup(6 * D)], {}, "h o*21 k1 g g g g g k1"),
        ([backup(H, "locked")], {}, "h o*25 g g b"),
        ([backup(H, "locked"), backup(2 * H)], {}, "h o*25 g g k1"),
        ([backup(H, "unknown"), backup(2 * H, "locked")], {}, "h o*25 g g q"),
        ([backup(D, "expired"), backup(undated=True)], {}, "h o*25 g e t"),
        # in +08:00 it's still the 15th at 16:00 UTC minus a second, and the 14th before midnight
        ([backup(20 * H + 1)], {}, "h o*25 g k1 t"),
        ([backup(20 * H)], {}, "h o*25 g g k1"),
        # a backup of a day that is partly beyond the horizon is seen
        ([backup(28 * D - H)], {}, "k1 g*1".replace("g*1", " ".join(["g"] * 27)) + " t"),
        ([], {"horizon": 7 * D}, "h o*4 g g t"),
        (GOOD, {"horizon": None}, "o k1 k1 k1 k1 k1 k1 k1 k1"),
        ([], {"horizon": None}, "o*5 g g t"),
        ([], {"horizon": 90 * D}, "o*28 g g t"),
        ([], {"error": Denied("n")}, "i*29"),
        ([], {"created_time": ago(2 * D)}, "z*27 g t"),
        ([backup(2 * D)], {"created_time": ago(2 * D)}, "z*26 k1 g t"),
        ([], {"created_time": ago(2 * H)}, "z*29"),
    ],
)
def test_days(backups, known, expected):
    assert cells(entry(backups=backups, **known)) == expected


def test_days_in_another_zone():
    """12:00 in UTC: the same moments fall on other days."""
    assert cells(entry(backups=[backup(13 * H)]), zone="UTC") == "h o*25 g k1 t"
    assert cells(entry(backups=[backup(13 * H)]), zone="+08:00") == "h o*25 g g k1"


def test_zones_whose_today_differs():
    """The columns reach to the latest today; elsewhere that day hasn't begun."""
    now = datetime(2026, 6, 15, 20, 0, tzinfo=UTC)
    looks = {name: _report_html.outlook({"min_usable": 1, "timezone": name}) for name in ("+08:00", "UTC")}
    instances = [{**entry(backups=[], horizon=7 * D), "policy": name, "evaluated_at": iso(now)} for name in looks]
    days = heatmap.columns(instances, looks, now)
    assert (days[0], days[-1], len(days)) == (date(2026, 6, 8), date(2026, 6, 16), 9)
    kinds = [
        heatmap.cells(one, heatmap.starts(one, looks[one["policy"]].zone), days, looks[one["policy"]])[-1].kind
        for one in instances
    ]
    assert kinds == ["t", "z"]


def test_a_zone_that_is_not_known_here():
    look = _report_html.outlook({"max_age": "26h", "timezone": "Mars/Olympus"})
    assert (look.zone, look.name) == (timezone.utc, "UTC (Mars/Olympus is not known here)")
    record = build(entry())
    for values in record["policies"].values():
        values["timezone"] = "Mars/Olympus"
    assert "Times are in UTC (Mars/Olympus is not known here)" in words("".join(_report_html.parts(record)))


def test_a_policy_that_can_not_be_read_looks_nowhere():
    assert _report_html.outlook({"max_age": "soon"}).reach == 0
    assert _report_html.outlook({"max_age": "26h", "min_retention": "6d"}).reach == 6 * D


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([], None),
        ([-H], None),
        ([H], (H, H, 0)),
        ([H, 2 * H, 5 * H], (3 * H, 5 * H, 2 * H)),
        ([5 * H, H], (4 * H, 5 * H, H)),
        # of equal ones the later
        ([2 * H, 4 * H], (2 * H, 2 * H, 0)),
        ([-H, 2 * H], (2 * H, 2 * H, 0)),
    ],
)
def test_the_largest_gap(ages, expected):
    now = int(NOW.timestamp())
    gap = _report_html.largest_gap([now - age for age in ages], now)
    assert gap == (expected and (expected[0], now - expected[1], now - expected[2]))


@pytest.mark.parametrize(
    ("age", "expected"),
    [(3 * H, "3h ago"), (0, "0s ago"), (-H, "1h ahead"), (2 * D + H, "2d 1h ago")],
)
def test_ages(age, expected):
    assert _report_html.moment(ago(age), UTC, NOW)[:2] == (age, expected)


def test_no_age():
    assert _report_html.moment(None, UTC, NOW) is None


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (None, "not shown"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (3 * 2**30, "3.0 GiB"),
        (5 * 2**40, "5.0 TiB"),
    ],
)
def test_sizes(size, expected):
    assert _report_html.say_size(size) == expected


def test_the_bar_is_as_wide_as_all():
    parts = _report_html.shares({"instances": 3, "fail": 1, "unknown": 0, "waived": 1, "pass": 1, "not_applicable": 0})
    assert [letter for letter, _x, _width in parts] == ["f", "w", "p"]
    assert sum(width for _letter, _x, width in parts) == pytest.approx(1000, abs=0.5)


def test_restore_tests_that_nobody_looked_at_are_not_called_never():
    page = render(entry())
    assert "Restore testsnot looked at" in words(page)
    assert "Not looked at. To read records of restore tests, set crs_backup_policy_restore_test_dir." in words(page)
    assert "never" not in words(page).rsplit("Restore tests", maxsplit=1)[-1]


def test_each_restore_test_is_shown_with_all_that_it_found():
    bad = a_test(2 * D, "failed", message="<b>cut</b>")
    page = words(
        render(
            entry("good", tests=restore_tests(a_test(3 * D, seconds=12.34))),
            entry("bad", backups=[], tests=restore_tests(a_test(5 * D), bad)),
            entry("new", tests=restore_tests()),
        )
    )
    assert "1 of 3 instances passed their last test, 1 failed a test, 1 were never tested" in page
    shown = page[page.index("The last test of each instance") :]
    assert (
        "FAILEDcut_shortbad<b>cut</b>download 30.00 s2d ago2026-06-13 20:00b-12026-06-13 19:0004.0 KiB1 fileredis 7.0.15bwrapnot reachedyes"
        in shown
    )
    assert (
        "passedgood12.34 sdownload 12.34 s3d ago2026-06-12 20:00b-12026-06-12 19:001004.0 KiB1 fileredis 7.0.15bwrapverifiedyes"
        in shown
    )
    # Of one that failed, also the last that passed; the worst first.
    assert shown.index("FAILED") < shown.index("passedbad30.00 s") < shown.index("passedgood")


@pytest.mark.parametrize("created, said", [("compared", 0), ("not_compared", 1), (None, 0)])
def test_a_creation_time_that_was_not_compared_is_shown(created, said):
    page = words(render(entry(tests=restore_tests(a_test(D, created=created)))))
    assert page.count("verifiedcreation time not comparedyes") == page.count("creation time not compared") == said


def test_a_failure_that_stands_is_shown_whatever_passed_since():
    older = a_test(D, backup_id="b-0", backup_start="2026-06-01T00:00:00Z")
    page = words(render(entry(tests=restore_tests(a_test(2 * D, "failed"), older))))
    assert "0 of 1 instances passed their last test, 1 failed a test" in page
    shown = page[page.index("The last test of each instance") :]
    assert shown.count("cut_short") == 1 and shown.index("passed") < shown.index("FAILED")


#: What is known of an instance's tests; what its cell says, when that was, and what it says of another test; what it is sorted by.
CELLS = [
    (restore_tests(a_test(3 * D)), "passed 3d ago", "2026-06-12 20:00", "", 3 * D),
    (restore_tests(), "never", "", "", 4e12),
    (restore_tests(a_test(2 * D, "failed")), "FAILED 2d ago", "2026-06-13 20:00", "", 3e12),
    (restore_tests(a_test(5 * D), a_test(2 * D, "failed")), "FAILED 2d ago", "2026-06-13 20:00", "passed 5d ago", 3e12),
    (restore_tests(a_test(2 * D, "failed"), a_test(2 * H)), "passed 2h ago", "2026-06-15 18:00", "", 2 * H),
    (restore_tests(a_test(2 * H, "unknown", backup_id=None)), "UNKNOWN 2h ago", "2026-06-15 18:00", "", 1e12),
    (
        restore_tests(a_test(5 * D), a_test(2 * D, "unknown")),
        "UNKNOWN 2d ago",
        "2026-06-13 20:00",
        "passed 5d ago",
        5 * D,
    ),
    (restore_tests(a_test(2 * H), problem="one can't be read"), "not known", "", "passed 2h ago", 2e12),
    (restore_tests(problem="one can't be read"), "not known", "", "", 2e12),
    # The clock of the machine that tested is a little ahead.
    (restore_tests(a_test(-60)), "passed 0s ago", "2026-06-15 20:01", "", 0),
    # Their records were not read, as in one slice of a run.
    (None, "not looked at", "", "", None),
]


@pytest.mark.parametrize("tests, said, when, more, key", CELLS)
@pytest.mark.parametrize("backups, outcome", [(GOOD, "pass"), ([], "FAIL")])
def test_the_column_of_restore_tests(backups, outcome, tests, said, when, more, key):
    page = render(entry("a", backups=backups, tests=tests), entry("b", tests=restore_tests(a_test(D))))
    heads = re.findall(r'<th scope="col">([^<]*)', page.partition('class="main tested"')[2])
    rows = [row for row in page.split("<tr ") if " data-k=" in row]
    (row,) = [row for row in rows if row.split("<th", 2)[1].startswith(' scope="row"><bdi>a<')]
    assert f'<b class="v">{outcome}</b>' in row
    keys = re.search('data-k="([^"]*)"', row)[1].split(",")
    cells = [re.sub(r"<[^>]*>|\n", "", cell).strip() for cell in row.split("<td>")[1:]]
    # The name is in a cell of another kind.
    assert cells[heads.index("Restore test") - 1] == said + (when if outcome == "FAIL" else "") + more
    assert (float(keys[3]) if len(keys) > 3 else None) == key


def test_an_instance_that_was_never_tested_comes_last():
    """After all in which something came of it, and these after any age."""
    keys = {tests_of_page.state(tests): key for tests, *_said, key in CELLS if tests}
    others = [key for state, key in keys.items() if state not in ("passed", "passed_before", "never")]
    assert min(others) > 50 * 366 * D and max(others) < keys["never"] and len(keys) == len(STATES)


def test_a_word_of_a_restore_test_is_more_than_a_colour():
    """Each state of the last test has a word of its own, and each that isn't a pass stands out by its weight, too."""
    words_of = {state: word for state, (word, _letter) in tests_of_page.WORDS.items()}
    assert words_of.pop("passed_before") == words_of["unknown"] and len({*words_of.values()}) == len(STATES) - 1
    page = render(entry("a", tests=restore_tests()), entry("b", tests=restore_tests(a_test(D, "failed"))))
    assert '<b class="u">never</b>' in page and '<b class="f">FAILED</b> <span>24h ago</span>' in page


def test_where_nobody_looked_at_restore_tests_there_is_no_column_of_them():
    page = render(entry(), entry("b", backups=[]))
    assert "Restore test" not in re.findall(r'<th scope="col">([^<]*)', page) and '<table class="main">' in page
    assert all(keys.count(",") == 2 for keys in re.findall('data-k="([^"]*)"', page))


def test_no_more_than_some_hundred_restore_tests_are_in_the_page(monkeypatch):
    monkeypatch.setattr(tests_of_page, "MAX_TESTED", 1)
    page = words(render(*(entry(host, tests=restore_tests(a_test(D))) for host in "abc")))
    assert "Tests of 2 more instances are in the record." in page
