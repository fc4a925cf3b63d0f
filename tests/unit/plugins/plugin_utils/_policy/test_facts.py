# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of an instance: the API's word, and beside it what only the inventory says."""

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._errors import Denied, NotFound, NotListed
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import InstanceListing
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import facts
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy.facts import State
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import D

ORIGIN = facts.Origin("prod", "ap-guangzhou", "https://redis.tencentcloudapi.com/", "v3")
CREATED = "2026-06-01T00:00:00Z"
NOTHING = State(None, None)


def gather(listed, claimed=NOTHING, error=None):
    listing = InstanceListing("crs-1", [], None, error)
    return facts.gather(ORIGIN, listing, listed, claimed, None, 28 * D)


def listed(created=CREATED, status="running"):
    return {"crs-1": {"created_time": created, "status": status}}


@pytest.mark.parametrize(
    "found, state",
    [
        (listed(), State(CREATED, "running")),
        (listed(None, "unknown"), State(None, None)),
        ({}, State(None, None)),
        ({"crs-1": None}, State(None, None)),
        (Denied("no"), State(None, None)),
    ],
)
def test_the_state_is_the_apis_word_alone(found, state):
    assert gather(found, State("2026-01-01T00:00:00Z", "isolated")).state == state


@pytest.mark.parametrize(
    "claimed, kept",
    [
        (State(None, None), None),
        (State(CREATED, "running"), None),
        (State("2026-06-01T08:00:59+08:00", "running"), None),
        (State("2026-06-01T00:01:00Z", "processing"), None),
        (State("2026-06-01T00:01:01Z", None), State("2026-06-01T00:01:01Z", None)),
        (State("2026-05-31T23:58:59Z", "running"), State("2026-05-31T23:58:59Z", None)),
        (State(CREATED, "isolated"), State(None, "isolated")),
        (State("2009-01-01T00:00:00Z", "to_be_deleted"), State("2009-01-01T00:00:00Z", "to_be_deleted")),
    ],
)
def test_claims_are_what_matters_and_the_api_does_not_say(claimed, kept):
    assert gather(listed(), claimed).claims == kept


@pytest.mark.parametrize(
    "stated, claimed, kept",
    [
        ("isolated", "to_be_deleted", None),
        ("isolated", "running", "running"),
        ("unknown", "isolated", "isolated"),
        ("unknown", "running", None),
    ],
)
def test_of_statuses_it_matters_whether_the_instance_is_on_its_way_out(stated, claimed, kept):
    claims = gather(listed(status=stated), State(None, claimed)).claims
    assert claims == (kept and State(None, kept))


@pytest.mark.parametrize("found", [Denied("no"), {}])
def test_without_the_apis_word_all_are_claims(found):
    assert gather(found, State(CREATED, "isolated")).claims == State(CREATED, "isolated")
    assert gather(found, State(None, "running")).claims is None


def test_one_that_answers_although_the_list_lacks_it_is_hidden():
    assert gather({}, error=NotListed("lacks it")).hidden
    assert not gather({}, error=NotFound("gone")).hidden and not gather(listed()).hidden
