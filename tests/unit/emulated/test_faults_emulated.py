# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of the emulator, over both dialects: the full listing, or a stated error. Never a short one."""

from __future__ import annotations

import os
import sys
import time

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from emulator.faults import names

ONE = "crs-one00001"
COUNT = 25
TIMEOUT, RETRIES = 0.3, 6

#: fault: (its arguments, what comes of it over v2, over v3). "full" is all 25 backups; else the kind of the error.
FAULTS = {
    "api_error": ({"code": "4000"}, "invalid_request", "invalid_request"),
    "capped_page": ({"cap": 4}, "full", "full"),
    "charset": ({}, "full", "full"),
    "deep_nesting": ({"depth": 100000}, "bad_response", "bad_response"),
    "drip": ({"delay": 0.05}, "unreachable", "unreachable"),
    "drop": ({}, "unreachable", "unreachable"),
    "drop_after_headers": ({}, "bad_response", "bad_response"),
    "duplicate_keys": ({}, "bad_response", "bad_response"),
    "duplicate_page": ({}, "incomplete", "incomplete"),
    "echo_secret": ({}, "auth", "auth"),
    "empty": ({}, "bad_response", "bad_response"),
    "empty_page": ({"from_offset": 10}, "incomplete", "incomplete"),
    "gzip": ({}, "bad_response", "bad_response"),
    "gzip_bomb": ({"bytes": 100_000_000}, "bad_response", "bad_response"),
    "html": ({}, "bad_response", "bad_response"),
    "http_429": ({}, "throttled", "throttled"),
    "http_500": ({}, "server_error", "server_error"),
    "http_502": ({}, "server_error", "server_error"),
    "http_503": ({"retry_after": 1}, "server_error", "server_error"),
    "huge": ({"bytes": 50_000_000}, "bad_response", "bad_response"),
    "ignore_status": ({}, "full", "full"),
    "internal_error": ({}, "server_error", "server_error"),
    "invalid_utf8": ({}, "bad_response", "bad_response"),
    "missing_total": ({}, "bad_response", "bad_response"),
    "moving": ({"every": "request"}, "incomplete", "incomplete"),
    "nan": ({}, "bad_response", "bad_response"),
    "null_set": ({}, "bad_response", "bad_response"),
    "nulls": ({}, "full", "full"),
    "offset_in_pages": ({}, "full", "incomplete"),
    "other_instance": ({}, "full", "bad_response"),
    "redirect": ({"location": "http://127.0.0.1:9/"}, "bad_response", "bad_response"),
    "reset": ({}, "unreachable", "unreachable"),
    "skew": ({"seconds": 900}, "auth", "auth"),
    "slow": ({"delay": 3}, "unreachable", "unreachable"),
    "string_numbers": ({}, "full", "full"),
    "throttle": ({}, "throttled", "throttled"),
    "total_too_high": ({"by": 3}, "incomplete", "incomplete"),
    "total_too_low": ({"by": 3}, "incomplete", "incomplete"),
    "truncated": ({}, "bad_response", "bad_response"),
    "truncated_json": ({}, "bad_response", "bad_response"),
    "unknown_status": ({"code": 9}, "full", "full"),
    "unknown_type": ({"code": "9"}, "full", "full"),
    "vanishing": ({"every": "request"}, "incomplete", "incomplete"),
    "wrong_type": ({}, "bad_response", "bad_response"),
}


def fleet():
    return {
        "instances": [{"id": ONE, "region": "ap-guangzhou", "schedule": {"every": "1h", "last": "-1h", "count": COUNT}}]
    }


def test_every_fault_of_the_emulator_is_here():
    assert set(FAULTS) == set(names())


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_full_or_a_stated_error(serve, lister, fault, version):
    arguments, *expected = FAULTS[fault]
    emulator = serve(fleet())
    emulator.set_faults([{"name": fault, **arguments}])
    began = time.monotonic()
    (listing,) = lister(emulator, version, page_size=10).instances([ONE])
    assert time.monotonic() - began < TIMEOUT * RETRIES + 1.5
    outcome = listing.error.kind if listing.error else "full"
    assert outcome == expected[version == "v3"]
    if listing.error:
        assert listing.backups == [] and listing.total is None
        assert isinstance(listing.error, CrsError) and ONE in str(listing.error)
    else:
        assert len({row["backup_id"] for row in listing.backups}) == listing.total == COUNT


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize(
    "fault", [name for name, (_arguments, v2, v3) in sorted(FAULTS.items()) if "full" not in (v2, v3)]
)
def test_a_passing_fault_costs_nothing_but_time(serve, lister, fault, version):
    """What goes away is survived, unless trying again would be wrong or worthless."""
    arguments, *expected = FAULTS[fault]
    emulator = serve(fleet())
    arguments = {**arguments, "every": "once"} if "every" in arguments else arguments
    emulator.set_faults([{"name": fault, **arguments, "times": 1}])
    (listing,) = lister(emulator, version, page_size=10).instances([ONE])
    final = {"api_error", "echo_secret", "redirect", "huge"}
    if fault in final:
        assert listing.error.kind == expected[version == "v3"]
    else:
        assert listing.error is None
        assert (
            len({row["backup_id"] for row in listing.backups})
            == listing.total
            == len(emulator.fleet.instances[ONE].backups)
        )


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_an_error_that_echoes_secrets_shows_none(serve, lister, version):
    emulator = serve(fleet())
    emulator.set_faults([{"name": "echo_secret"}])
    (listing,) = lister(emulator, version).instances([ONE])
    assert "madeupEmulatorKey" not in str(listing.error)


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_skew_says_how_far_the_clock_is_off(serve, lister, version):
    emulator = serve(fleet())
    emulator.set_faults([{"name": "skew", "seconds": 900}])
    (listing,) = lister(emulator, version).instances([ONE])
    assert "s behind the server's" in str(listing.error)
    assert len(emulator.log) == 2
