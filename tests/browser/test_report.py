# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a real browser: opened from disk, offline. Each page is also held to silence, see ``visit``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import datetime, timedelta

import pytest
import records
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import page as _report_html

ROWS = ".main > tbody > tr"
SHOWN = f"{ROWS}:not([hidden])"
WIDTHS = (400, 1280)
PATIENCE = 60_000  # milliseconds


def hosts(page, selector=SHOWN):
    # What isn't near the window isn't laid out, and has no inner text.
    return page.locator(f"{selector} > th > bdi:first-child").all_text_contents()


def window(width):
    return {"viewport": {"width": width, "height": 900}}


def test_it_opens_as_the_record_has_it(visit, write, mixed):
    with visit(write("mixed", mixed)) as page:
        assert page.title().startswith("Redis backup audit")
        expected = [entry["host"] for entry in mixed["instances"]]
        assert hosts(page) == expected
        assert page.locator("[role=status]").inner_text() == "42 of 42 instances shown"
        assert page.locator(".days tbody tr").count() == 42


def test_its_policy_stops_what_is_not_its_own(visit, write, mixed):
    """Even a script that got into the page would not run, nor an address be asked."""
    with visit(write("mixed", mixed), silent=False) as page:
        failures = []
        page.on("requestfailed", lambda request: failures.append((request.url, request.failure)))
        caught = page.evaluate(
            """() => new Promise((done) => {
                const caught = [];
                document.addEventListener("securitypolicyviolation", (event) => {
                    caught.push(event.effectiveDirective);
                    if (caught.length === 3) done(caught.sort());
                });
                setTimeout(() => done(caught.sort()), 30000);
                const add = (tag, fill) => document.body.append(Object.assign(document.createElement(tag), fill));
                add("script", {textContent: "document.title = 'run'"});
                add("img", {src: "https://example.com/x.png"});
                add("div", {innerHTML: "<p style='color: red' >x</p>"});
            })"""
        )
        assert caught == ["img-src", "script-src-elem", "style-src-attr"]
        assert page.title() != "run"
        # The browser itself refused: that the network is off played no part.
        assert failures == [("https://example.com/x.png", "csp")]


@pytest.mark.parametrize("by_keyboard", [False, True])
def test_sort(visit, write, mixed, by_keyboard):
    with visit(write("mixed", mixed)) as page:

        def press(name):
            button = page.get_by_role("columnheader").get_by_role("button", name=name, exact=True)
            if by_keyboard:
                button.focus()
                page.keyboard.press("Enter")
            else:
                button.click()

        def sorted_heads():
            return page.eval_on_selector_all(
                ".main th[aria-sort]", "all => all.map((th) => [th.innerText.trim(), th.getAttribute('aria-sort')])"
            )

        before = hosts(page)
        assert sorted_heads() == [["Outcome", "ascending"]]
        press("Instance")
        assert sorted_heads() == [["Instance", "ascending"]]
        assert hosts(page) == sorted(before)
        press("Instance")
        assert sorted_heads() == [["Instance", "descending"]]
        assert hosts(page) == sorted(before, reverse=True)
        assert page.locator(".days tbody th bdi:first-child").all_text_contents() == sorted(before, reverse=True)

        press("Usable")
        counts = page.locator(f"{ROWS} > td:nth-child(6)").all_text_contents()
        numbers = [int(count) for count in counts if count.isdigit()]
        assert numbers == sorted(numbers)
        assert set(counts[len(numbers) :]) == {"not known"}
        press("Outcome")
        assert hosts(page) == before


#: What the cell says of each of records.TESTS, in the order of the column: the newest passed test first, "never" last.
TESTED = (
    "passed 3d ago",
    # It passed 5 days ago.
    "UNKNOWN 4d ago",
    "passed 20d ago",
    "UNKNOWN 2d ago",
    "not known",
    "FAILED 24h ago",
    "never",
)


def cells_of_tests(page):
    """Return how the cells of restore tests begin, from the first row to the last."""
    texts = page.locator(f"{SHOWN} > td:nth-child(7)").all_text_contents()
    return [next(said for said in TESTED if " ".join(text.split()).startswith(said)) for text in texts]


def test_restore_tests_sort_by_the_last_that_passed(visit, write, mixed):
    with visit(write("mixed", mixed)) as page:
        button = page.get_by_role("columnheader").get_by_role("button", name="Restore test", exact=True)
        shown = cells_of_tests(page)
        assert set(shown) == set(TESTED) and len(shown) == 42
        button.click()
        assert cells_of_tests(page) == sorted(shown, key=TESTED.index)
        button.click()
        assert cells_of_tests(page) == sorted(shown, key=TESTED.index, reverse=True)
        page.get_by_label("Filter").fill("never")
        assert set(cells_of_tests(page)) == {"never"} and len(hosts(page)) == shown.count("never")
        page.get_by_role("button", name=re.compile("^pass ")).click()
        page.get_by_label("Filter").fill("failed 24h")
        assert set(cells_of_tests(page)) == {"FAILED 24h ago"}


def test_without_restore_tests_there_is_no_column_of_them(visit, write):
    with visit(write("fleet-untested", records.fleet(42))) as page:
        heads = page.locator(".main > thead th").all_text_contents()
        assert heads == ["Outcome", "Instance", "Region", "Newest usable", "Oldest usable", "Usable", "Rules"]
        assert page.locator(".main > thead button").count() == 6
        all_details(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_restore_test_came_to_is_seen_with_its_name(visit, write, mixed, width):
    """In a narrow window, where the head of the table is far away, each card names it."""
    with visit(write("mixed", mixed), **window(width)) as page:
        page.locator(ROWS).first.scroll_into_view_if_needed()
        cell = page.locator(f"{ROWS} > td:nth-child(7)").first
        name = cell.evaluate("(one) => getComputedStyle(one, '::before').content")
        assert name == ('"Restore test"' if width == 400 else "none")
        box = cell.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["width"] > 100


def test_filter(visit, write, mixed):
    with visit(write("mixed", mixed)) as page:
        total = mixed["summary"]["fail"]
        page.get_by_role("button", name=re.compile("^FAIL")).click()
        assert hosts(page) == [entry["host"] for entry in mixed["instances"] if entry["outcome"] == "fail"]
        assert page.locator("[role=status]").inner_text() == f"{total} of 42 instances shown"
        assert page.locator(".days tbody tr:not([hidden])").count() == total

        page.get_by_label("Filter").fill("ORDERS max_gap")
        expected = [
            entry["host"]
            for entry in mixed["instances"]
            if entry["outcome"] == "fail"
            and entry["instance_name"] == "orders"
            and "max_gap" in [verdict["rule"] for verdict in entry["rules"]]
        ]
        assert hosts(page) == expected and expected
        page.get_by_label("Filter").fill("no such thing")
        assert hosts(page) == []
        assert page.locator("[role=status]").inner_text() == "0 of 42 instances shown"
        page.get_by_label("Filter").fill("")
        page.get_by_role("button", name=re.compile("^All")).click()
        assert len(hosts(page)) == 42


@pytest.mark.parametrize("script", [True, False])
def test_a_timeline_opens_by_keyboard_alone(visit, write, mixed, script):
    with visit(write("mixed", mixed), java_script_enabled=script) as page:
        page.keyboard.press("Tab")
        assert page.locator(".skip").is_visible()
        page.keyboard.press("Enter")
        summary = page.locator(".main summary:focus")
        for _step in range(40):
            page.keyboard.press("Tab")
            if summary.count():
                break
        assert summary.count() == 1
        times = page.locator(".main details:has(> summary:focus) tbody td:first-child")
        assert not times.first.is_visible()
        page.keyboard.press("Enter")
        assert times.first.is_visible()
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", times.first.inner_text())
        page.keyboard.press("Enter")
        assert not times.first.is_visible()


def test_all_timelines_open_and_close(visit, write, mixed):
    with visit(write("mixed", mixed)) as page:
        page.get_by_role("button", name="Open timelines").click()
        assert page.locator(".main details:not([open])").count() == 0
        page.get_by_role("button", name="Close timelines").click()
        assert page.locator(".main details[open]").count() == 0


#: Each kind of instance in each colour and width; of pages with less on them, each once.
PAGES_FOR_AXE = [
    *((records.ALL_KINDS, scheme, width) for scheme in ("light", "dark") for width in WIDTHS),
    (3, "light", 400),
    (0, "dark", 1280),
]


@pytest.mark.parametrize(("size", "scheme", "width"), PAGES_FOR_AXE)
def test_axe_finds_nothing(visit, write, width, scheme, size):
    with visit(
        write(f"fleet-{size}", records.fleet(size, tested=size > 3)), color_scheme=scheme, **window(width)
    ) as page:
        if size:
            page.get_by_role("button", name="Open timelines").click()
        # What isn't laid out yet isn't checked.
        page.evaluate(
            "document.querySelectorAll('.heat, .main tr').forEach((one) => { one.style.contentVisibility = 'visible'; })"
        )
        found = Axe().run(page).response
        assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
        assert len(found["passes"]) > 15


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [320, *WIDTHS])
def test_the_page_never_scrolls_sideways(visit, write, mixed, width, script):
    with visit(write("mixed", mixed), java_script_enabled=script, **window(width)) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def local(text):
    """Return a time of the record as the page has it, in +08:00."""
    return (datetime.fromisoformat(text[:19]) + timedelta(hours=8)).isoformat(" ")[:16]


def test_it_is_complete_without_script(visit, write, mixed):
    with visit(write("mixed", mixed), java_script_enabled=False) as page:
        assert not page.locator(".tools").is_visible()
        texts = page.locator(ROWS).all_text_contents()
        assert len(texts) == len(mixed["instances"])
        for text, entry in zip(texts, mixed["instances"]):
            words = " ".join(text.split())
            for known in (
                entry["host"],
                entry["instance_name"],
                entry["region"],
                entry["api_version"],
                entry["policy"],
            ):
                assert known in words
            backups = re.findall(r"(system|manual) ?(normal|locked|expired|unknown)", words)
            if entry["outcome"] == "pass":
                # One line: the newest, the oldest, how many, and by how many rules of which policy.
                when = [local(entry[key]) for key in ("newest_usable", "oldest_usable")]
                said = next(
                    said for said, tests in records.TESTS.items() if tests["latest"] == entry["restore_tests"]["latest"]
                )
                assert f"{entry['usable']}{said}" in words
                assert f"{len(entry['rules'])} rules of {entry['policy']}, largest gap " in words
                number = "1 backup" if len(entry["backups"]) == 1 else f"{len(entry['backups'])} backups"
                assert f"{number}, newest {when[0]}, oldest {when[1]}" in words
                assert backups == []
                continue
            for verdict in entry["rules"]:
                assert f"{verdict['rule']} {verdict['message']}" in words
            # Each backup is a line of the timeline.
            assert len(backups) == len(entry["backups"])
        assert page.locator(".days tbody tr").count() == 42 - mixed["summary"]["pass"]
        assert f"{mixed['summary']['pass']} instances more that pass" in page.locator(".more").inner_text()
        page.locator(".main summary").first.click()
        assert page.locator(".main details[open] tbody tr").count() > 0


OPENED = "all => all.map((one) => one.outerHTML.replace(/ (open|data-full)=\"\"/g, ''))"
CELLS = "all => all.map((one) => one.innerHTML.trim())"


def all_details(page):
    """Return the HTML of all backups of a page, and of all days, once they are there."""
    page.get_by_role("button", name="Open timelines").click()
    # They are made when their event comes, after the click.
    expect(page.locator(".main [data-d] td > details:not([data-full])")).to_have_count(0, timeout=PATIENCE)
    return page.eval_on_selector_all(".main td > details", OPENED), page.eval_on_selector_all(".days tbody tr", CELLS)


def alike(html):
    """Return HTML without what makes no difference: white space, lines of no length, the mark of what is usable."""
    return re.sub(r"<path class=\"[a-z]+\" d=\"\"></path>|(?<=<tr) class=\"on\"|\s+", "", html)


def test_details_on_demand_are_those_of_the_page_itself(visit, write, mixed, monkeypatch):
    """The script makes of the numbers just what the page has of other instances: once with all of these in it, once with none."""
    failing = {**mixed, "instances": [entry for entry in mixed["instances"] if entry["outcome"] != "pass"]}
    with visit(write("in-full", failing)) as page:
        assert page.locator(".main [data-d]").count() == 0
        in_full = all_details(page)
    monkeypatch.setattr(_report_html, "MAX_IN_FULL", 0)
    with visit(write("on-demand", failing)) as page:
        assert page.locator(".main [data-d]").count() == len(failing["instances"]) > 20
        on_demand = all_details(page)
    for one, other in zip(in_full, on_demand):
        assert [alike(html) for html in one] == [alike(html) for html in other] and len(one) >= 20


def test_what_passes_shows_its_rules_backups_and_days_on_demand(visit, write, mixed):
    passing = [entry for entry in mixed["instances"] if entry["outcome"] == "pass"]
    with visit(write("mixed", mixed)) as page:
        all_details(page)
        for entry, row in zip(passing, page.locator(f"{ROWS}.p").all()):
            assert row.locator("th bdi").first.text_content() == entry["host"]
            rules = [f"{verdict['rule']} {verdict['message']}" for verdict in entry["rules"]]
            assert [" ".join(text.split()) for text in row.locator("li > div").all_text_contents()] == rules
            assert row.locator("tbody tr").count() == len(entry["backups"])


#: By count, and whether there are restore tests.
LARGE = {
    (1000, False): {"limit": 1000, "size": 0.8e6},
    (10_000, False): {"limit": 4000, "size": 6e6},
    (10_000, True): {"limit": 4000, "size": 6.5e6},
}


@pytest.fixture(scope="session", params=LARGE)
def large(request, write):
    """Return a count and whether there are restore tests, the record of this number of instances, and the address of its page."""
    count, tested = request.param
    record = records.large(count, tested)
    return request.param, record, write(f"large-{count}-{tested}", record)


def test_of_a_large_fleet_what_passes_has_days_on_demand(visit, large):
    (count, _tested), record, path = large
    shown = count - record["summary"]["pass"]
    with visit(path) as page:
        days, more = page.locator(".days tbody tr"), page.locator(".more")
        assert days.count() == shown > 10
        assert (
            more.inner_text()
            == f"{count - shown} instances more that pass: their rows are shown on demand. Show the next 200"
        )
        more.get_by_role("button").click()
        assert days.count() == shown + 200
        # The search reaches each instance, whether it has been shown or not.
        last = record["instances"][-1]
        page.get_by_label("Filter").fill(f"{last['host']} max_age")
        assert hosts(page) == [last["host"]] and last["outcome"] == "pass"
        assert more.inner_text().endswith("1 instance more that pass: their rows are shown on demand. Show it")
        page.locator(f"{SHOWN} summary").click()
        # The page's policy forbids the evaluation of scripts that waiting for a function needs.
        expect(page.locator(".days tbody tr:not([hidden])")).to_have_count(1, timeout=PATIENCE)
        assert (
            page.locator(".days tbody tr:not([hidden]) th").text_content() == f"{last['host']} {last['instance_name']}"
        )
        assert not more.is_visible()
        page.get_by_label("Filter").fill("")
        page.get_by_role("button", name="Open timelines").click()
        assert page.locator("[role=status]").inner_text() == f"The first 200 of {count} timelines are open"
        assert page.locator(".main td > details[open]").count() == 201
        page.get_by_role("button", name="Close timelines").click()
        assert page.locator(".main td > details[open]").count() == 0


def usable_after(page, count, tested):
    """Return ``{what: milliseconds}`` until a page is parsed and painted, and until an act shows."""
    loaded = page.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"""
    )
    # Page scripts may not use eval here, so each act is its own function.
    timed = """() => new Promise((done) => {
        const start = performance.now();
        ACT;
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
    })"""
    acts = {
        "filter": "document.querySelector('[data-show=f]').click()",
        "search": "const input = document.querySelector('.tools input'); input.value = 'orders'; input.dispatchEvent(new Event('input'))",
        "sort": "document.querySelectorAll('.main thead button')[3].click()",
    }
    if tested:
        acts["sort by test"] = "document.querySelectorAll('.main thead button')[6].click()"
    spent = {name: page.evaluate(timed.replace("ACT", act)) for name, act in acts.items()}
    assert page.locator("[role=status]").inner_text().endswith(f"of {count} instances shown")
    return {"usable": loaded, **spent}


def test_a_large_fleet_is_usable_at_once(visit, large, capsys):
    """The promise is four seconds for ten thousand; the limits here are it, and tries allow for a busy machine."""
    (count, tested), _record, path = large
    size = os.path.getsize(path.removeprefix("file://"))
    assert size <= LARGE[count, tested]["size"]
    acts = ("usable", "filter", "search", "sort", *(["sort by test"] if tested else []))
    limits = dict.fromkeys(acts, LARGE[count, tested]["limit"])
    for _try in range(5):
        with visit(path) as page:
            spent = usable_after(page, count, tested)
        with capsys.disabled():
            print(
                f"\n{count} instances{' with restore tests' if tested else ''}, {size / 1e6:.2f} MB: "
                + ", ".join(f"{what} {value:.0f} ms" for what, value in spent.items())
            )
        late = {what: value for what, value in spent.items() if value >= limits[what]}
        if not late:
            break
    assert not late


#: In any font a label is as wide as its cell at most. DejaVu Sans is the usual font of Linux, and one of the widest.
WIDE = "DejaVu Sans"
OVERLAPS = """(font) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { font-family: "${font}" !important } .main tr, .heat { content-visibility: visible !important }`);
    document.adoptedStyleSheets = [sheet];
    const textBox = (node) => { const range = document.createRange(); range.selectNodeContents(node); return range.getBoundingClientRect(); };
    const found = [];
    for (const label of document.querySelectorAll(".main li > b, .main td > .v, .days td > .v")) {
        const next = label.nextElementSibling || label.parentElement.nextElementSibling;
        const [box, after] = [textBox(label), next.getClientRects()[0]];
        if (box.width && after && after.width && box.right > after.left && box.bottom > after.top && box.top < after.bottom) found.push(label.textContent);
    }
    return [document.fonts.check(`16px "${font}"`), document.querySelectorAll(".main li > b").length, found];
}"""


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_have_room_in_a_wide_font(visit, write, mixed, width):
    fonts = (
        subprocess.run(["fc-list", WIDE], check=False, stdout=subprocess.PIPE).stdout
        if shutil.which("fc-list")
        else b""
    )
    if not fonts:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("expected: the font DejaVu Sans is not installed (Debian: apt-get install fonts-dejavu-core fontconfig)")
    with visit(write("mixed", mixed), **window(width)) as page:
        all_details(page)
        known, labels, overlapping = page.evaluate(OVERLAPS, WIDE)
        assert known and labels > 100
        assert overlapping == []


HOSTILE = [
    "<script>document.title = 'run'</script>",
    "<img src=x onerror=\"document.title = 'run'\">",
    "{{ 7*7 }} {% raw %} {# x #}",
    "]]> --> </td></table></style></script>",
    "\"quoted\" 'twice' `thrice` &amp; &lt;",
    "line\nbreak",
    "\u202egnp.exe",
    "x" * 10240,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_text_of_others_stays_text(visit, write, text):
    strange = records.entry(1, "healthy", name=text)
    strange = {**strange, "rules": [{**strange["rules"][0], "message": text}, *strange["rules"][1:]]}
    record = records.record([strange, records.entry(2, "healthy")])
    record["waivers"][0].update(reason=text, owner=text)
    record["coverage"][0]["not_in_inventory"] = [text]
    with visit(write(f"hostile-{HOSTILE.index(text)}", record), **window(400)) as page:
        assert page.title().startswith("Redis backup audit")
        all_details(page)
        found = page.eval_on_selector_all("bdi", "all => all.map((one) => one.textContent)")
        assert found.count(text) >= 5
        assert page.locator("script").count() == page.locator("style").count() == 1
        assert page.locator("img").count() == 0
        assert page.locator(ROWS).count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_paper_needs_no_scrolling(visit, write, mixed):
    """In print each part is as wide as the paper, and the heads of the tables repeat."""
    with visit(write("mixed", mixed)) as page:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 1030, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1030
        wide = "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.ariaLabel)"
        assert page.eval_on_selector_all(".scroll", wide) == []
        assert page.locator(".main > thead").evaluate("one => getComputedStyle(one).display") == "table-header-group"
        assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
