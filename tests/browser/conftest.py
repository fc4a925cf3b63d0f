# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from contextlib import contextmanager

import chromium
import pytest
import records

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.html import page as _report_html


@pytest.fixture(scope="session")
def browser():
    if chromium.find() is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("expected: no Chromium is installed (Debian: apt-get install chromium), so the report was not opened")
    with chromium.launch() as launched:
        yield launched


@pytest.fixture(scope="session")
def write(tmp_path_factory):
    """Return a function that writes a record's report once, and returns its address."""
    folder = tmp_path_factory.mktemp("reports")

    def write_once(name, record):
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_text("".join(_report_html.parts(record)), encoding="utf-8")
        return path.as_uri()

    return write_once


@pytest.fixture(scope="session")
def mixed():
    return records.fleet(42, tested=True)


@pytest.fixture
def visit(browser):
    """Return a context manager that opens an address offline, and holds the page to silence: no request, no message."""

    @contextmanager
    def opened(address, silent=True, **options):
        context = browser.new_context(**{"offline": True, "viewport": {"width": 1280, "height": 900}, **options})
        page = context.new_page()
        requests, messages = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("dialog", lambda dialog: (messages.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        yield page
        assert (requests, messages) == ([address], []) or not silent
        context.close()

    return opened
