# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: every text of the record is text in it, and it asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied
from ansible_collections.qcloud.crs.plugins.module_utils._listing import InstanceListing
from ansible_collections.qcloud.crs.plugins.plugin_utils import _record, _report_html
from ansible_collections.qcloud.crs.plugins.plugin_utils._scope import PREFIX, Scope
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW, D, H, backup

#: Elements whose end tag HTML lets one leave out.
OPTIONAL = {"li", "dt", "dd", "p", "thead", "tbody", "tr", "td", "th"}
VOID = {"meta", "br", "link", "img", "input", "hr", "base", "source", "embed", "area", "col", "track", "wbr"}
GOOD = [backup(n * D + H, size=1000) for n in range(8)]


class Page(HTMLParser):
    """Elements with their attributes, the text of each and all of it; checks that tags are closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.text, self._open, self.declarations = [], "", [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open[-1] in OPTIONAL and self._open[-1] != tag:
            self._open.pop()
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] not in (["style"], ["script"]):
            self.text += data

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


def entry(host="crs-1", backups=GOOD, error=None, **variables):
    rules = {PREFIX + "max_age": "26h", PREFIX + "min_usable": 1, **variables}
    target = Scope({"api_version": "v3"}, {}, {}).target(host, rules)
    return _record.instance(
        target, "ap-guangzhou", InstanceListing(target.instance_id, list(backups), None, error), 28 * D, None, NOW
    )


def render(*entries, listings=None):
    return _report_html.render(_record.build(list(entries), listings or [listing()], [], [], NOW, NOW))


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
    """As the name of a host, an instance and a region, in an error, in a limit and in what was asked."""
    plain = Page(
        render(
            entry("h"),
            entry("h2", error=Denied("e")),
            entry("h3", **{PREFIX + "required_remark": {"pattern": "p", "within": "6h"}}),
        )
    )
    page = Page(
        render(
            {**entry("h", crs_instance_name=f"n{text}"), "host": f"h{text}", "instance_id": f"i{text}"},
            entry("h2", error=Denied(f"e{text}")),
            entry("h3", **{PREFIX + "required_remark": {"pattern": re.escape(text), "within": "6h"}}),
            listings=[listing(endpoint=text, region=text, timezone=text, action=text, sha256=text)],
        )
    )
    for letter in "hine":
        assert f"{letter}{text}" in page.text
    assert text in page.text.split("What was asked")[1]

    # The text added rows of its own (id and name beside the host), and no element or attribute beside them.
    def shape(one):
        return [(tag, sorted(attrs)) for tag, attrs in one.elements if tag not in ("br", "div", "span", "bdi")]

    # A very long one is folded away, and makes nothing but that.
    assert {tag for tag, _attrs in page.elements} <= {tag for tag, _attrs in plain.elements} | {"details", "summary"}
    assert len(text) > 1000 or shape(page) == shape(plain)
    assert {key for _tag, attrs in page.elements for key in attrs} == {
        key for _tag, attrs in plain.elements for key in attrs
    }


def test_names_of_others_can_not_turn_the_page():
    """A mark that turns the direction of text stays within the element that holds the name."""
    html = render(entry(crs_instance_name="\u202eevil"))
    assert "<bdi>\u202eevil</bdi>" in html


def test_it_asks_nobody_for_anything():
    html = render(entry(), entry("crs-2", error=Denied("no")))
    page = Page(html)
    for tag, attrs in page.elements:
        assert tag not in (
            "link",
            "img",
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
    assert not re.search(r"url\(|@import|expression\(", html)
    # The only address is the one that was asked, as text.
    assert re.findall(r"\w+://[^\s<\"]*", html) == ["https://redis.tencentcloudapi.com/"]
    # What is referred to is in the page itself.
    targets = [attrs["href"] for _tag, attrs in page.elements if "href" in attrs]
    ids = {attrs.get("id") for _tag, attrs in page.elements}
    assert targets and all(target.startswith("#") and target[1:] in ids for target in targets)


def sha256(text):
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def test_its_policy_forbids_all_but_its_own_style_and_script():
    html = render(entry())
    (style,), (script,) = (re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("style", "script"))
    (policy,) = [
        attrs["content"] for attrs in Page(html).tags("meta") if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{sha256(style)}'",
        f"script-src 'sha256-{sha256(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    head = html[: html.index("<style>")]
    assert html.index("Content-Security-Policy") < html.index("<title>") and "Content-Security-Policy" in head


def test_it_is_a_document_that_is_readable_without_style():
    page = Page(render(entry()))
    assert page.declarations == ["DOCTYPE html"]
    assert page.tags("html") == [{"lang": "en"}]
    assert {"charset": "utf-8"} in page.tags("meta")
    assert len(page.tags("h1")) == len(page.tags("title")) == 1
    # Each table says what it is; those of backups are within a summary that does.
    within = len(page.tags("details"))
    assert len(page.tags("table")) == len(page.tags("caption")) + within
    assert all(attrs.get("scope") in ("col", "colgroup", "row") for attrs in page.tags("th"))


def test_each_outcome_has_a_word():
    page = Page(
        render(entry("good"), entry("bad", []), entry("no", error=Denied("n")), entry("gone", crs_status="isolated"))
    )
    for word in ("pass", "FAIL", "UNKNOWN", "not applicable", "waived"):
        assert word in page.text


def test_totals_and_worst_first():
    text = Page(render(entry("good"), entry("bad", []), entry("denied", error=Denied("n")))).text
    assert re.search(r"Instances\s*3", text) and re.search(r"FAIL\s*1", text) and re.search(r"UNKNOWN\s*1", text)
    assert text.index("Instances") < text.index("bad") < text.index("denied") < text.index("good")
    assert "newest usable backup started 1h ago, limit 26h" in text


def test_it_says_whether_all_was_seen():
    assert "All listings were complete." in Page(render(entry())).text
    part = Page(render(entry(), entry("no", error=Denied("n")))).text
    assert "Not all listings were complete" in part and "All listings were complete." not in part
    assert "All listings were complete." not in Page(render()).text


def test_a_listing_that_failed_shows_no_number_of_backups():
    """0 would read as "it has none"."""
    assert "not known" in Page(render(entry(error=Denied("n"), backups=[]))).text
    assert "not known" not in Page(render(entry(backups=[]))).text


def test_a_horizon_that_is_not_known():
    assert "not stated" in Page(render(entry(), listings=[listing(horizon_seconds=None)])).text
    assert "28d" in Page(render(entry())).text


def test_it_is_a_function_of_the_record():
    assert render(entry()) == render(entry())


def test_a_record_with_a_key_missing_is_an_error_not_a_gap():
    record = _record.build([entry()], [listing()], [], [], NOW, NOW)
    del record["instances"][0]["newest_usable"]
    with pytest.raises(Exception, match="newest_usable"):
        _report_html.render(record)


def test_a_thousand_instances():
    one = entry()
    page = Page(render(*[{**one, "host": f"crs-{n:04}"} for n in range(1000)]))
    # Once in the table of instances, once in the heat map.
    assert len([attrs for attrs in page.tags("th") if attrs["scope"] == "row"]) == 2000
    assert len(page.tags("details")) == 1000
