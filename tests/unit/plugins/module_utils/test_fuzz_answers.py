# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever bytes come back: records of the documented form, or one of our errors. Nothing else comes out."""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections import namedtuple
from dataclasses import asdict

import pytest
from crs_fakes import Reply, reply, v2_error, v2_ok, v2_row, v3_error, v3_ok, v3_row
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.module_utils._api.base import Page
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.sts import Sts
from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError
from ansible_collections.qcloud.crs.plugins.module_utils._http.rate_limit import Pace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from examples import examples

pytestmark = pytest.mark.without_coverage

V2_INSTANCE = {"redisId": "crs-1", "redisName": "n", "status": 2, "createtime": "2026-06-01 02:00:48", "size": 1024}
V3_INSTANCE = {
    "InstanceId": "crs-1",
    "InstanceName": "n",
    "Status": 2,
    "Type": 15,
    "Createtime": "2026-06-01 02:00:48",
    "InstanceTags": [{"TagKey": "env", "TagValue": "prod"}],
}
ROLE = {"TmpSecretId": "i", "TmpSecretKey": "k", "Token": "t"}

#: ``ask(api)`` sends one question; ``good`` are answers to it, from which wrong ones are made.
Question = namedtuple("Question", "version ask good")
QUESTIONS = {
    "v2-backups": Question(
        "v2",
        lambda api: api.backups_page("crs-1", None, None, 0, 100),
        [v2_ok(2, [v2_row(1), v2_row(2)]), v2_error(4100, "(10701)no", "NotExists")],
    ),
    "v2-instances": Question(
        "v2",
        lambda api: api.instances_page(0, 100),
        [
            v2_ok(0, []),
            reply({"code": 0, "totalCount": 1, "data": {"redisSet": [V2_INSTANCE]}}),
        ],
    ),
    "v3-backups": Question(
        "v3",
        lambda api: api.backups_page("crs-1", None, None, 0, 100),
        [v3_ok(2, [v3_row(1), v3_row(2)]), v3_error("AuthFailure.SignatureExpire", "no")],
    ),
    "v3-sweep": Question("v3", lambda api: api.backups_page(None, None, None, 0, 100), [v3_ok(1, [v3_row(1)])]),
    "v3-instances": Question("v3", lambda api: api.instances_page(0, 1000), [v3_ok(1, [V3_INSTANCE], "InstanceSet")]),
    "v3-config": Question(
        "v3",
        lambda api: api.auto_backup_config("crs-1"),
        [reply({"Response": {"WeekDays": ["Monday"], "BackupStorageDays": 7, "TimePeriod": "01:00-02:00"}})],
    ),
    "sts": Question(
        "v3",
        lambda api: Sts(api.client, api._credentials, api.region, api.zone).assume("arn", "session"),
        [reply({"Response": {"Credentials": ROLE, "ExpiredTime": 1}})],
    ),
}

#: What JSON can have in any place, and what one reader or another may stumble over.
ODD = [
    *(None, True, [], {}, [None], [[]], {"a": 1}, "", "\ud800", "\u0661", " 7 ", "-1", "1" * 30, 1.5, 1e308, -0.0),
    *(2**63, -(10**400), "0000-00-00 00:00:00", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "2026-02-30 00:00:00"),
]
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(ODD), st.text(max_size=12))
ANY = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """All paths into a JSON value, the empty one first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = replaced(made[path[0]], path[1:], new)
    return made


@st.composite
def bodies(draw, good):
    """Any bytes; a good answer with bytes changed; or one with values changed."""
    kind = draw(st.sampled_from(["bytes", "cut", "values", "values", "values"]))
    if kind == "bytes":
        return draw(st.binary(max_size=200))
    body = draw(st.sampled_from(good)).body
    if kind == "cut":
        for _cut in range(draw(st.integers(1, 3))):
            start = draw(st.integers(0, len(body)))
            end = draw(st.integers(start, min(len(body), start + 20)))
            body = body[:start] + draw(st.binary(max_size=8)) + body[end:]
        return body
    document = json.loads(body)
    for _change in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from([place for place in places(document) if place]))
        document = replaced(document, path, draw(ANY))
    return json.dumps(document).encode()


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
        "Date": st.one_of(st.just("Mon, 01 Jun 2026 02:00:00 GMT"), st.text("0123456789 :,-+GMTJan", max_size=30)),
        "Retry-After": st.one_of(st.just("9" * 400), st.text("0123456789 :,-+GMTJan", max_size=30)),
    },
)
STATUSES = st.one_of(
    st.just(200), st.just(200), st.just(200), st.sampled_from([204, 302, 400, 403, 429, 500, 503, 599])
)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_record_or_one_of_our_errors(wire, make_api, faketime, name):
    question = QUESTIONS[name]
    api = make_api(question.version, retries=1, pace=Pace(0, faketime.clock, faketime.sleep))
    answered = []

    @examples(few=60)
    @given(bodies(question.good), STATUSES, HEADERS)
    def ask(body, status, headers):
        wire.serve(lambda sent: Reply(status, headers, body))
        try:
            found = question.ask(api)
        except CrsError as error:
            assert str(error) and json.dumps(error.as_dict())
            str(error).encode("utf-8")
        else:
            assert status == 200
            answered.append(found)
            check(found)

    ask()
    # Those that were changed where it doesn't matter.
    assert len(answered) >= 2


@pytest.mark.parametrize("name", QUESTIONS)
def test_odd_values_in_every_place(wire, make_api, name):
    question = QUESTIONS[name]
    api = make_api(question.version, retries=0)
    for document in [json.loads(good.body) for good in question.good]:
        # What holds for the first of some rows holds for the others.
        for place, odd in itertools.product([one for one in places(document) if 1 not in one], ODD):
            wire.expect(reply(replaced(document, place, odd)))
            try:
                check(question.ask(api))
            except CrsError as error:
                str(error).encode("utf-8")


def check(found):
    """A result is plain, can be written, and has no number that nothing could count."""
    text = json.dumps(found, allow_nan=False, ensure_ascii=False, default=asdict)
    text.encode("utf-8")
    if isinstance(found, Page):
        assert isinstance(found.total, int) and 0 <= found.total <= 5_000_000
        for record in found.rows:
            assert isinstance(record["instance_id"], str) and record["instance_id"]
            assert record["status"] and record["region"]
            if "backup_id" in record:
                assert isinstance(record["backup_id"], str) and record["backup_id"]
                assert record["usable"] is (record["status"] in ("normal", "exported", "exporting"))
    for number in numbers(json.loads(text)):
        assert abs(number) < 10**19


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, (int, float)):
        yield value
