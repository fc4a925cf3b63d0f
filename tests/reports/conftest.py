# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records that each report is made of and each validator reads."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._record import merge
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
from ansible_collections.qcloud.crs.tests.reports.records import HOSTILE, Fleet, denied, every_kind, good, many, waiver
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW


def hostile():
    """Return a fleet in which each text that comes from outside is hostile, all kinds at once."""
    fleet = Fleet()
    for kind, text in HOSTILE.items():
        fleet.add(text, [], error=denied(text), instance_id=f"crs-{len(fleet.entries)}", name=text, tags={text: text})
        fleet.add(f"waived {kind}", good()[3:], waivers=[waiver("max_age", reason=text, owner=text)], status=text)
        fleet.cover([text], error=None).cover(error=denied(text), region="ap-shanghai")
    return fleet


def merged():
    """Return what becomes of two slices: of one account's region, the second of another account's too, and later."""
    first = every_kind().cover(["crs-b", "crs-x"])
    second = Fleet(NOW + timedelta(minutes=5)).add("b", instance_id="crs-b").add("c", account="test")
    second.cover(error=denied("no right")).cover(["crs-y"], account="test")
    found = {"first": _record.stored(first.record()), "second": _record.stored(second.record())}
    return json.loads(json.dumps(merge.merge(found, second.now, 2, max_age=3600, max_spread=300)))


RECORDS = {
    "every kind": lambda: every_kind().record(),
    "hostile": lambda: hostile().record(),
    "nothing": lambda: Fleet().record(),
    "one": lambda: Fleet().add("a").cover().record(),
    "merged": merged,
}


@pytest.fixture(params=RECORDS)
def record(request):
    return RECORDS[request.param]()


@pytest.fixture(scope="session")
def thousand():
    """A thousand instances with eight rules and 28 backups each."""
    return many(1000).record()


@pytest.fixture
def figures(capsys):
    """Print what a report of a thousand instances takes; the machine decides the time, so that nothing is asserted."""

    def tell(name, parts, record):
        began = time.perf_counter()
        text = "".join(parts(record))
        seconds = time.perf_counter() - began
        size = len(text.encode("utf-8"))
        with capsys.disabled():
            print(f"\n  {name} of {len(record['instances'])} instances: {size / 1e6:.2f} MB in {seconds:.2f} s")
        return text

    return tell
