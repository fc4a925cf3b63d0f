# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults at random, several at once: a listing ends in time with the exact set or an error, never with less."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from emulator import Emulator
from emulator.faults import names
from hypothesis import event, given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError
from ansible_collections.qcloud.crs.tests.unit.examples import examples

pytestmark = pytest.mark.without_coverage

PAGE, RETRIES, TIMEOUT = 10, 6, 0.3
#: way to list: (API, how many instances, how many backups each). Ten instances are the fewest that a sweep is for.
WAYS = {"v2 each": ("v2", 3, 25), "v3 each": ("v3", 3, 25), "v3 sweep": ("v3", 12, 9), "v3 region": ("v3", 12, 9)}
#: Arguments that a fault needs, or that keep it short. No total is so low that it ends on the edge of a page: then the
#: API would count what it shows, and nothing contradicts it.
ARGUMENTS = {
    "api_error": {"code": st.sampled_from(["4000", "InternalError", "ResourceNotFound", "10701", "Odd", ""])},
    "capped_page": {"cap": st.integers(1, PAGE)},
    "deep_nesting": {"depth": st.sampled_from([10, 100_000])},
    "drip": {"delay": st.just(0.02)},
    "empty_page": {"from_offset": st.integers(0, 30)},
    "gzip_bomb": {"bytes": st.just(4 << 20)},
    "http_429": {"retry_after": st.sampled_from([None, 0, 86400])},
    "http_503": {"retry_after": st.sampled_from([None, 1, "soon"])},
    "huge": {"bytes": st.sampled_from([100_000, 40_000_000])},
    "moving": {"every": st.sampled_from(["once", "request"])},
    "skew": {"seconds": st.sampled_from([1, 600])},
    "slow": {"delay": st.just(0.5)},
    "total_too_high": {"by": st.integers(1, 100)},
    "total_too_low": {"by": st.integers(1, 4)},
    "truncated": {"missing": st.integers(1, 5000)},
    "unknown_status": {"code": st.integers(-9, 99)},
    "vanishing": {"every": st.sampled_from(["once", "request"])},
}
#: What hides or changes rows: under a total that is too low, the API would again count what it shows.
ROWS = {"capped_page", "duplicate_page", "empty_page", "moving", "null_set", "offset_in_pages", "vanishing"}
#: Time is what these take, so they are rare.
SLOW = {"drip", "huge", "slow"}


@st.composite
def faults(draw, name, ids):
    one = {"name": name, **{key: draw(values) for key, values in ARGUMENTS.get(name, {}).items()}}
    one["skip"] = draw(st.one_of(st.just(0), st.integers(0, 6)))
    for key, values in (
        ("times", st.integers(1, 3)),
        ("page", st.integers(1, 3)),
        ("instance", st.sampled_from(ids)),
    ):
        if draw(st.booleans()):
            one[key] = draw(values)
    return one


@st.composite
def scripts(draw, way):
    """A few faults for the emulator."""
    usual = sorted(set(names()) - SLOW)
    if "each" not in way:
        # In a sweep, whose a row is says the row alone.
        usual.remove("other_instance")
    weighted = sorted(ROWS) * 6 + usual * 2 + sorted(SLOW)
    chosen = draw(st.lists(st.sampled_from(weighted), min_size=1, max_size=4))
    if "total_too_low" in chosen:
        chosen = [name for name in chosen if name not in ROWS]
    ids = [instance["id"] for instance in fleet(way)["instances"]]
    return [draw(faults(name, ids)) for name in chosen]


def fleet(way):
    _version, count, backups = WAYS[way]
    return {
        "instances": [
            {
                "id": f"crs-many{number:04}",
                "region": "ap-guangzhou",
                "schedule": {"every": "1h", "last": f"-{60 + number}m", "count": backups},
            }
            for number in range(count)
        ]
    }


class States:
    """All sets of backups that each instance had since the listing began."""

    def __init__(self, emulated):
        self._fleet = emulated.fleet
        self.seen = {instance_id: [] for instance_id in self._fleet.instances}
        self._note()
        for name in ("add", "remove"):
            setattr(self._fleet, name, self._noting(getattr(self._fleet, name)))

    def _noting(self, change):
        def changed(subject):
            result = change(subject)
            self._note()
            return result

        return changed

    def _note(self):
        for instance_id, instance in self._fleet.instances.items():
            self.seen[instance_id].append({backup.id for backup in instance.backups})


def read(make_lister, emulator, way):
    """Return ``{instance id: listing}``, or the error that stands for all."""
    lister = make_lister(emulator, WAYS[way][0], PAGE, retries=RETRIES, timeout=TIMEOUT)
    try:
        listings = lister.region() if way == "v3 region" else lister.instances(sorted(emulator.fleet.instances))
    except CrsError as error:
        return error
    return {listing.instance_id: listing for listing in listings}


def test_the_exact_set_or_an_error(lister):
    ends, ways = Counter(), set()

    @examples(few=48, share=0.4)
    @given(st.sampled_from(list(WAYS)).flatmap(lambda way: st.tuples(st.just(way), scripts(way))))
    def play(drawn):
        way, script = drawn
        ways.add(way)
        with Emulator(fleet(way)) as emulator:
            states = States(emulator)
            emulator.set_faults(script)
            began = time.monotonic()
            found = read(lister, emulator, way)
            spent = time.monotonic() - began

        # Four readings of each list, in pages that may have a single row; and a sweep comes on top.
        rows = sum(len(seen[-1]) for seen in states.seen.values())
        assert len(emulator.log) <= 2 * 4 * (rows + len(states.seen)) * (RETRIES + 1)
        assert spent < 30
        if isinstance(found, CrsError):
            end = found.kind
        else:
            assert set(found) == set(states.seen)
            for instance_id, listing in found.items():
                if listing.error:
                    assert isinstance(listing.error, CrsError) and listing.backups == [] and listing.total is None
                else:
                    ids = {row["backup_id"] for row in listing.backups}
                    assert len(ids) == len(listing.backups) == listing.total
                    assert ids in states.seen[instance_id]
            kinds = {listing.error.kind if listing.error else "full" for listing in found.values()}
            end = " ".join(sorted(kinds))
        event(f"{way}: {end}")
        ends[end] += 1

    play()
    assert ways == set(WAYS)
    # Scripts that nothing comes through would prove nothing, and neither would faults that never strike.
    assert ends["full"] >= 3 and sum(ends.values()) - ends["full"] >= 3, ends
