# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault, over both dialects, as module and role meet it: the full listing, or a stated error. Never a short one.

The page docs/docsite/rst/faults.rst is made of this and held to it; with CRS_FAULTS_PAGE set it is written there.
"""

from __future__ import annotations

import os
import re
import time

import pytest
import requests
from certificates import Authority
from emulator import DEFAULT_CREDENTIALS, Emulator
from emulator.faults import names
from fault_cases import CASES, COUNT, FLEET, FULL, ONE, PASS, World
from fault_page import PATH, cell, parse, render
from fault_surfaces import SURFACES, look, module, role

from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError

pytestmark = pytest.mark.without_coverage

#: timeout times retries for a page, with the defaults; the slowest listing here fails at its first page.
BOUND = 30 * 5
#: What no further attempt can mend, and isn't tried again.
FINAL = {"api_error", "echo_row", "echo_secret", "redirect", "huge"}

#: What a row of an instance can't do without, or can, is not what it is for a backup.
OF_ROWS = {"all_null", "nulls", "offset_in_pages", "other_instance", "null_set"}


class Page:
    """Holds what is seen against the page, or writes the page from it."""

    def __init__(self):
        self.new = os.environ.get("CRS_FAULTS_PAGE")
        self.text = "" if self.new else _read(PATH)
        self.cells = parse(self.text)

    def check(self, key, text):
        if self.new:
            self.cells[key] = text
        assert self.cells.get(key) == text, "docs/docsite/rst/faults.rst is out of date: make faults"

    def close(self):
        if self.new:
            with open(self.new, "w", encoding="utf-8") as file:
                file.write(render(self.cells))


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.fixture(scope="module")
def page():
    one = Page()
    yield one
    one.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def shared():
    with Emulator(FLEET) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    """Return a bundle of authorities of which none is ours."""
    return Authority(tmp_path_factory.mktemp("others")).path


@pytest.fixture
def world(monkeypatch, authority, trusted, shared):
    # Each connection reads the bundle, which has well over a hundred authorities otherwise.
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", trusted)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    one = World(monkeypatch, authority, shared)
    yield one
    one.close()


@pytest.fixture
def met(world, monkeypatch, tmp_path):
    """``met(case, version, surface)`` is what the surface shows under the case."""

    def meet(case, version, surface):
        emulator = None if case.way else world.with_faults(case.faults)
        options = {
            "api_version": version,
            "region": "ap-guangzhou",
            "secret_id": DEFAULT_CREDENTIALS["secret_id"],
            "secret_key": DEFAULT_CREDENTIALS["secret_key"],
            **(case.way(world) if case.way else {"endpoint": emulator.url}),
        }
        seen = look(surface, options, tmp_path, monkeypatch, case.timed)
        if emulator:
            # All of them: none is left that the next one's emulator would count.
            assert _counted(emulator, seen.requests) == seen.requests
        return seen

    return meet


def _counted(emulator, due):
    """Return how many requests the emulator had: on a busy machine it reads one after its client gave up."""
    until = time.monotonic() + 10
    while len(emulator.log) < due and time.monotonic() < until:
        time.sleep(0.01)
    return len(emulator.log)


def test_every_fault_of_the_emulator_is_here():
    assert {fault["name"] for case in CASES.values() for fault in case.faults} == set(names())


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("title", CASES)
def test_full_or_a_stated_error(met, page, title, version):
    case = CASES[title]
    kind = getattr(case, version)
    expected = {module: kind, role: case.role or (PASS if kind == FULL else f"unknown ({kind})")}
    for head, surface in SURFACES.items():
        seen = met(case, version, surface)
        if surface in expected:
            assert seen.result == expected[surface], seen.text
        else:
            # Not every fault is one of a list of instances; what is, is the same error.
            assert seen.result in (FULL, kind) or case.faults[0]["name"] in OF_ROWS, seen.text
        # The role asks for instances, and for backups.
        assert seen.seconds <= BOUND * (2 if surface is role else 1)
        assert not re.search("madeup[A-Z][A-Za-z]*(Key|Token)", seen.text)
        page.check((title, version, head), cell(seen))


def test_the_page_is_of_these_cases_and_surfaces(page):
    if not page.new:
        assert render(page.cells) == page.text


@pytest.mark.parametrize("surface", [module, role])
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_wrong_clock_is_told_with_the_server_s_date(met, version, surface):
    seen = met(CASES["This machine's clock is off by 10 minutes"], version, surface)
    date = r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"
    assert re.search(rf"this machine's clock is (5[5-9]\d|60\d) s behind the server's \({date}\)", seen.text)


PASSING = [title for title, case in CASES.items() if case.faults and not {"times", "page"} & set(case.faults[0])]


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("title", PASSING)
def test_a_fault_that_passes_costs_nothing_but_time(world, lister, title, version):
    """What goes away is survived, unless trying again would be wrong or worthless."""
    (fault,) = CASES[title].faults
    # A wait that another attempt should take is for _http/test_client.py.
    fault = {name: value for name, value in fault.items() if name not in ("retry_after", "as_date")}
    emulator = world.with_faults([{**fault, "times": 1}])
    began = time.monotonic()
    # Only where time has to run out it does soon, or a busy machine would make an error of its own.
    options = {"timeout": 0.3, "retries": 100} if CASES[title].timed else {}
    (listing,) = lister(emulator, version, **options).instances([ONE])
    assert time.monotonic() - began < 30
    if fault["name"] in FINAL:
        assert isinstance(listing.error, CrsError) and listing.error.kind == getattr(CASES[title], version)
        assert listing.backups == [] and listing.total is None and ONE in str(listing.error)
    else:
        there = {backup.id for backup in emulator.fleet.instances[ONE].backups}
        assert listing.error is None and abs(len(there) - COUNT) <= 1
        assert {row["backup_id"] for row in listing.backups} == there
        assert listing.total == len(listing.backups) == len(there)
