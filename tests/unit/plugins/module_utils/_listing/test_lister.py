# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows, sweeps, several instances at once, and what is missing: over a dialect made of lists."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils import _errors
from ansible_collections.qcloud.crs.plugins.module_utils._api.base import Page
from ansible_collections.qcloud.crs.plugins.module_utils._api.instances import Wanted
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import Lister, list_instances, list_or_error

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)


class Api:
    """``backups``: {instance id: number of backups, or an error}. ``hidden``: not in a sweep.

    With ``meet`` questions wait for each other until so many are under way, however slow this machine is; but for the
    first of a sweep, which is alone.
    """

    action = "ListBackups"
    instances_action = "ListInstances"
    instances_page_size = 1000
    can_sweep = True
    max_span_seconds = 30 * 86400
    offset_may_count_pages = False

    def __init__(self, backups, hidden=(), sweep=None, delay=0.0, meet=0):
        self.backups, self.hidden, self.sweep, self.delay, self.meet = backups, hidden, sweep, delay, meet
        self.asked_for, self.instance_pages, self.under_way, self.most_under_way = [], [], 0, 0
        self.lock = threading.Condition()

    def asked(self, action, instance_id=None):
        return f"{action} of {instance_id}"

    def backups_page(self, instance_id, begin, end, offset, limit):
        with self.lock:
            self.asked_for.append((instance_id, begin, end, offset, limit))
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            self.lock.notify_all()
            if instance_id or offset:
                self.lock.wait_for(lambda: self.most_under_way >= self.meet, 3)
        if self.delay:
            time.sleep(self.delay)
        with self.lock:
            self.under_way -= 1
        if instance_id is None and self.sweep:
            raise self.sweep
        found = []
        for name, number in self.backups.items():
            if instance_id == name and isinstance(number, Exception):
                raise number
            if instance_id == name or (
                instance_id is None and name not in self.hidden and not isinstance(number, Exception)
            ):
                found += [{"instance_id": name, "backup_id": f"{name}-{one}"} for one in range(number)]
        return Page(found[offset : offset + limit], len(found))

    def instances_page(self, offset, limit, wanted):
        self.instance_pages.append((offset, limit))
        ids = list(self.backups)
        return Page([{"instance_id": one, "tags": None} for one in ids[offset : offset + limit]], len(ids))

    @property
    def singles(self):
        return [asked[0] for asked in self.asked_for if asked[0] is not None]

    @property
    def sweeps(self):
        return len([asked for asked in self.asked_for if asked[0] is None])


class ApiWithoutSweep(Api):
    can_sweep = False
    max_span_seconds = None


def names(number):
    return [f"crs-{one:03}" for one in range(number)]


def totals(listings):
    return {listing.instance_id: listing.total for listing in listings}


# Windows


class RecordingApi(Api):
    """One backup for each window, and every second of a window counted."""

    def backups_page(self, instance_id, begin, end, offset, limit):
        self.asked_for.append((instance_id, begin, end, offset, limit))
        return Page([{"instance_id": instance_id, "backup_id": f"{begin}"}], 1)


@pytest.mark.parametrize(
    "days, windows", [(0, 1), (1, 1), (29, 1), (30, 1), (31, 2), (45, 2), (60, 2), (61, 3), (90, 3), (365, 13)]
)
@pytest.mark.parametrize("microseconds", [0, 999999])
def test_x6_long_spans_are_split_at_a_second_that_both_sides_have(days, windows, microseconds):
    begin = (NOW - days * DAY).replace(microsecond=microseconds)
    end = NOW.replace(microsecond=microseconds)
    api = RecordingApi({})
    (listing,) = Lister(api, NOW, begin, end).instances(["crs-1"])
    assert listing.total == len(api.asked_for) == windows
    whole = [(asked[1].replace(microsecond=0), asked[2].replace(microsecond=0)) for asked in api.asked_for]
    assert whole[0][0] == begin.replace(microsecond=0) and whole[-1][1] == end.replace(microsecond=0)
    for first, last in whole:
        assert first <= last and (last - first).total_seconds() <= 30 * 86400
    for (first, last), (following, _last) in zip(whole, whole[1:]):
        # Should the API not count a window's end, the next one has it.
        assert following == last == first + 30 * DAY


def test_x6_the_last_second_is_asked_for_whatever_the_fractions_are():
    """A begin such as -30d has the fraction of now, an end as the user writes it has none."""
    begin, end = NOW.replace(microsecond=900000) - 30 * DAY, NOW
    api = RecordingApi({})
    Lister(api, NOW, begin, end).instances(["crs-1"])
    assert max(asked[2] for asked in api.asked_for).replace(microsecond=0) == end


@pytest.mark.parametrize(
    "end", [datetime(2099, 12, 31, tzinfo=timezone.utc), datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)]
)
def test_an_end_in_the_far_future_does_not_cost_a_request_for_each_month_until_then(end):
    api = RecordingApi({})
    Lister(api, NOW, NOW - 7 * DAY, end).instances(["crs-1"])
    assert len(api.asked_for) <= 2


def test_a_backup_on_both_sides_of_a_border_counts_once():
    api = Api({"crs-1": 3})
    (listing,) = Lister(api, NOW, NOW - 70 * DAY, NOW).instances(["crs-1"])
    assert (listing.total, len(listing.backups), len(api.asked_for)) == (3, 3, 3)


def test_an_end_that_nobody_asked_for_lies_ahead_so_that_a_wrong_zone_shows():
    api = Api({"crs-1": 1})
    Lister(api, NOW, NOW - 7 * DAY).instances(["crs-1"])
    assert [asked[1:3] for asked in api.asked_for] == [
        (NOW - 7 * DAY, NOW + 23 * DAY),
        (NOW + 23 * DAY, NOW + 30 * DAY),
    ]


@pytest.mark.parametrize(
    "kind, begin, end", [(Api, None, None), (Api, None, NOW), (ApiWithoutSweep, NOW - 70 * DAY, None)]
)
def test_without_a_begin_or_a_longest_span_there_is_one_window(kind, begin, end):
    api = kind({"crs-1": 1})
    Lister(api, NOW, begin, end).instances(["crs-1"])
    assert [asked[1:3] for asked in api.asked_for] == [(begin, end)]


# Sweep or single


@pytest.mark.parametrize(
    "instances, each, size, sweeps, singles",
    [
        (9, 3, 100, 0, 9),  # a handful: not worth finding out
        (10, 3, 100, 1, 0),
        (40, 7, 100, 3, 0),  # 280 backups
        (100, 100, 100, 100, 0),
        (10, 101, 100, 1, 10),  # 11 pages would be more than 10 questions
        (10, 3, 1, 1, 10),
    ],
)
def test_a_sweep_is_made_where_it_needs_fewer_requests(instances, each, size, sweeps, singles):
    api = Api(dict.fromkeys(names(instances), each))
    listings = Lister(api, NOW, page_size=size).instances(names(instances))
    assert totals(listings) == dict.fromkeys(names(instances), each)
    assert (api.sweeps, len(set(api.singles))) == (sweeps, singles)


def test_an_api_that_cannot_sweep_is_asked_for_each():
    api = ApiWithoutSweep(dict.fromkeys(names(30), 1))
    Lister(api, NOW).instances(names(30))
    assert (api.sweeps, len(api.singles)) == (0, 30)


def test_an_instance_that_a_sweep_hides_is_asked_by_itself():
    """Denied, unknown or without backups: a sweep shows all three as nothing."""
    backups = dict.fromkeys(names(10), 2)
    backups.update(
        {"crs-empty": 0, "crs-denied": _errors.Denied("no"), "crs-secret": 5, "crs-gone": _errors.NotFound("none")}
    )
    api = Api(backups, hidden=["crs-secret"])
    listings = Lister(api, NOW).instances(list(backups))
    assert api.sweeps == 1 and sorted(api.singles) == ["crs-denied", "crs-empty", "crs-gone", "crs-secret"]
    kinds = {listing.instance_id: listing.error and listing.error.kind for listing in listings}
    assert {name: kind for name, kind in kinds.items() if kind} == {"crs-denied": "denied", "crs-gone": "not_found"}
    assert totals(listings)["crs-empty"] == 0 and totals(listings)["crs-secret"] == 5
    assert totals(listings)["crs-denied"] is None


def test_a_sweep_that_is_refused_is_no_reason_not_to_ask_each():
    for error in (
        _errors.Denied("no"),
        _errors.InvalidRequest("no"),
        _errors.Incomplete("moving"),
        _errors.BadResponse("odd"),
        _errors.ServerError("InternalError.DbOperationFailed"),
        _errors.Throttled("busy"),
        _errors.Unreachable("no response within 30 s"),
        _errors.AuthError("bad key, for the sweep alone"),
    ):
        api = Api(dict.fromkeys(names(12), 1), sweep=error)
        assert totals(Lister(api, NOW).instances(names(12))) == dict.fromkeys(names(12), 1)


@pytest.mark.parametrize(
    "error", [_errors.AuthError("bad key"), _errors.Unreachable("down", meets_all=True)], ids=lambda error: error.kind
)
def test_trouble_of_everybody_in_a_sweep_is_confirmed_by_the_list_of_instances(error):
    api = without_list(Api(dict.fromkeys(names(12), error), sweep=error), error)
    listings = Lister(api, NOW, concurrency=2).instances(names(12))
    assert {listing.error for listing in listings} == {error} and len(api.singles) <= 2
    with pytest.raises(error.__class__):
        Lister(api, NOW).instances(names(12), stop_at_error=True)


def test_the_error_of_a_sweep_that_may_be_its_own_alone_is_nobody_elses():
    refused = _errors.AuthError("bad key")
    api = without_list(Api(dict.fromkeys(names(12), refused), sweep=_errors.Throttled("busy")), refused)
    assert {listing.error for listing in Lister(api, NOW).instances(names(12))} == {refused}


def test_in_a_region_an_instance_whose_id_can_name_no_host_has_an_error_and_no_backups():
    odd = "x" * 101
    listings = {listing.instance_id: listing for listing in Lister(Api({"crs-a": 1, odd: 1}), NOW).region()}
    left_out = listings.pop(_errors.plain(odd, 100))
    assert left_out.backups == [] and isinstance(left_out.error, _errors.BadResponse)
    assert listings["crs-a"].error is None and len(listings["crs-a"].backups) == 1


def test_a_region_lists_its_instances_and_those_without_backups():
    api = Api({"crs-b": 2, "crs-a": 0, "crs-c": 1})
    listings = Lister(api, NOW).region()
    assert list(totals(listings).items()) == [("crs-a", 0), ("crs-b", 2), ("crs-c", 1)]
    assert api.instance_pages == [(0, 1000)] and api.sweeps == 1 and api.singles == ["crs-a"]


@pytest.mark.parametrize("backups, sweeps, singles", [(200, 2, 0), (201, 1, 3)])
def test_a_region_is_swept_where_that_needs_fewer_requests(backups, sweeps, singles):
    """One request more than there are instances is worth it: a sweep also shows those that the list doesn't name."""
    api = Api({"crs-a": backups})
    assert totals(Lister(api, NOW).region()) == {"crs-a": backups}
    assert (api.sweeps, len(api.singles)) == (sweeps, singles)


def test_a_region_tells_what_is_wrong_with_one_instance_or_stops_there():
    api = Api({"crs-a": _errors.Denied("no"), "crs-b": 1})
    assert totals(Lister(api, NOW).region()) == {"crs-a": None, "crs-b": 1}
    with pytest.raises(_errors.Denied):
        Lister(api, NOW).region(stop_at_error=True)


def test_a_region_whose_sweep_fails_for_everybody_is_asked_by_instance():
    """Its list was answered: that error can't meet all."""
    error = _errors.AuthError("bad key")
    api = Api({"crs-a": 1, "crs-b": error, "crs-c": error}, sweep=error)
    assert [listing.error for listing in Lister(api, NOW).region()] == [None, error, error]
    assert sorted(api.singles) == ["crs-a", "crs-b", "crs-c"]


def gone(answer, sweep=1):
    """Return an API whose list lacks an instance: a sweep shows its backups, and by itself it answers something else."""
    api = Api({"crs-a": 1, "crs-destroyed": answer})
    of_all = Api({"crs-a": 1, "crs-destroyed": sweep})
    single = api.backups_page

    def backups_page(instance_id, *more):
        return single(instance_id, *more) if instance_id else of_all.backups_page(None, *more)

    api.backups_page = backups_page
    api.instances_page = lambda offset, limit, wanted: Page([{"instance_id": "crs-a", "tags": None}], 1)
    return api


@pytest.mark.parametrize("sweep", [0, 1, 5000])
@pytest.mark.parametrize("answer", [_errors.NotFound("gone"), _errors.Denied("no"), 0, 1])
def test_what_the_list_of_a_region_lacks_is_never_a_whole_listing(answer, sweep):
    found = {one.instance_id: one for one in Lister(gone(answer, sweep), NOW).region()}
    assert (found["crs-a"].total, found["crs-a"].error) == (1, None)
    if sweep == 1:
        odd = found["crs-destroyed"]
        assert (odd.backups, odd.total) == ([], None)
        if isinstance(answer, int):
            assert odd.error.kind == "not_found" and "lacks it, but its backups are shown" in odd.error.reason
            assert odd.error.asked == "ListInstances of crs-destroyed"
        else:
            assert odd.error is answer
        with pytest.raises(type(odd.error)):
            Lister(gone(answer), NOW).region(stop_at_error=True)


def many_and_gone(answer):
    """Return an API and the ids of instances that are enough to sweep; all are listed but the last, which answers something else."""
    ids = [*names(11), "crs-destroyed"]
    api = gone(answer)
    api.backups.update(dict.fromkeys(ids[:-1], 1))
    shown = Api({**api.backups, "crs-destroyed": 1})
    single = api.backups_page
    api.backups_page = lambda instance_id, *more: (single if instance_id else shown.backups_page)(instance_id, *more)
    api.instances_page = lambda offset, limit, wanted: Page(
        [{"instance_id": one, "tags": None} for one in ids[:-1]], len(ids) - 1
    )
    return api, ids


@pytest.mark.parametrize("listed", [None, "list"])
def test_a_sweep_stands_only_for_what_the_list_has(listed):
    api, ids = many_and_gone(_errors.NotFound("gone"))
    found = Lister(api, NOW).instances(ids, listed=listed and list_or_error(api))
    assert [one.total for one in found] == [1] * 11 + [None] and found[-1].error.kind == "not_found"
    assert api.singles == ["crs-destroyed"]


def test_one_that_answers_and_is_not_listed_is_complete_for_those_who_did_not_ask_for_the_list_alone():
    api, ids = many_and_gone(2)
    assert [one.total for one in Lister(api, NOW).instances(ids)] == [1] * 11 + [2]
    found = Lister(api, NOW).instances(ids, listed=list_or_error(api))
    assert [one.total for one in found] == [1] * 11 + [None] and isinstance(found[-1].error, _errors.NotListed)
    with pytest.raises(_errors.NotListed):
        Lister(api, NOW).instances(ids, stop_at_error=True, listed=list_or_error(api))


def without_list(api, error):
    """Return an Api whose list of instances meets an error."""

    def refuse(*_asked):
        raise error

    api.instances_page = refuse
    return api


@pytest.mark.parametrize("given", [False, True])
def test_without_the_list_each_is_asked(given):
    error = _errors.Denied("no")
    api, ids = many_and_gone(_errors.NotFound("gone"))
    found = Lister(without_list(api, error), NOW).instances(ids, listed=error if given else None)
    assert [one.total for one in found] == [1] * 11 + [None]
    assert sorted(api.singles) == sorted(ids)


@pytest.mark.parametrize("given", [False, True])
def test_a_list_that_fails_for_everybody_is_a_probe(given):
    error = _errors.AuthError("bad key")
    api, ids = many_and_gone(error)
    api.backups.update(dict.fromkeys(ids, error))
    found = Lister(without_list(api, error), NOW, concurrency=2).instances(ids, listed=error if given else None)
    assert [one.error for one in found] == [error] * 12
    assert len(api.singles) <= 2


def test_an_instance_that_cannot_name_a_host_has_an_error_of_its_own():
    api = Api({"redis-1": 1, "no host": 2, "crs-a": 0}, hidden=["no host"])
    listings = {one.instance_id: one for one in Lister(api, NOW).region()}
    assert {name: one.error and one.error.kind for name, one in listings.items()} == {
        "crs-a": None,
        "no host": "bad_response",
        "redis-1": None,
    }
    assert str(listings["no host"].error).startswith("ListInstances of None: the instance 'no host' is left out")
    with pytest.raises(_errors.BadResponse, match="'no host' is left out"):
        Lister(api, NOW).region(stop_at_error=True)


def test_one_that_is_not_wanted_is_no_error():
    api = Api({"crs-a": 1, "no host": 1})
    page = api.instances_page(0, 9, None)
    api.instances_page = lambda *asked: replace(
        page, rows=[{**row, "status": "running" if row["instance_id"] == "crs-a" else "isolated"} for row in page.rows]
    )
    assert [one["instance_id"] for one in list_instances(api, Wanted(statuses=("running",)))] == ["crs-a"]


def test_an_incomplete_list_of_instances_is_an_error():
    api = Api({"crs-a": 1})
    api.instances_page = lambda offset, limit, wanted: Page([{"instance_id": "crs-a", "tags": None}], 2)
    with pytest.raises(_errors.Incomplete, match="ListInstances of None: the listing is not complete"):
        Lister(api, NOW).region()


def test_an_empty_region_is_an_empty_list():
    assert Lister(Api({}), NOW).region() == []


def test_an_incomplete_listing_says_what_was_asked():
    api = Api({"crs-1": 1})
    api.backups_page = lambda *asked: Page([], 5)
    (listing,) = Lister(api, NOW).instances(["crs-1"])
    assert str(listing.error).startswith("ListBackups of crs-1: the listing is not complete")
    assert (listing.total, listing.backups) == (None, [])


@pytest.mark.parametrize("may", [False, True])
def test_x1_offsets_may_count_pages_where_the_dialect_says_so(may):
    api = ApiWithoutSweep({"crs-1": 250})
    api.offset_may_count_pages = may
    page_of_rows = api.backups_page
    api.backups_page = lambda name, begin, end, offset, limit: page_of_rows(name, begin, end, offset * limit, limit)
    (listing,) = Lister(api, NOW).instances(["crs-1"])
    assert (listing.total, listing.error and listing.error.kind) == ((250, None) if may else (None, "incomplete"))


# Several at once, and what goes wrong


def test_the_order_is_the_callers():
    wanted = ["crs-3", "crs-1", "crs-9", "crs-2"]
    api = Api(dict.fromkeys(wanted, 1), delay=0.002)
    assert [listing.instance_id for listing in Lister(api, NOW).instances(wanted)] == wanted


@pytest.mark.parametrize("options, most", [({"concurrency": 1}, 1), ({"concurrency": 4}, 4), ({}, 8)])
def test_at_most_so_many_at_once(options, most):
    api = ApiWithoutSweep(dict.fromkeys(names(12), 1), delay=0.05, meet=most)
    Lister(api, NOW, **options).instances(names(12))
    assert api.most_under_way == most


@pytest.mark.parametrize("concurrency", [1, 4])
def test_at_most_so_many_pages_of_a_sweep_at_once(concurrency):
    api = Api(dict.fromkeys(names(12), 1), delay=0.05, meet=concurrency)
    listings = Lister(api, NOW, page_size=1, concurrency=concurrency).instances(names(12))
    assert (api.most_under_way, api.sweeps, api.singles) == (concurrency, 12, [])
    assert [listing.backups for listing in listings] == [
        [{"instance_id": name, "backup_id": f"{name}-0"}] for name in names(12)
    ]


def refused(kind, number, good=0):
    return {name: kind("no") if one < number else 1 for one, name in enumerate(names(number + good))}


@pytest.mark.parametrize(
    "kind, asked",
    [
        (_errors.AuthError, 1),
        (_errors.Unreachable, 9),
        (_errors.Throttled, 9),
        (_errors.ServerError, 9),
        (_errors.Denied, 9),
        (_errors.NotFound, 9),
        (_errors.BadResponse, 9),
        (_errors.Incomplete, 9),
    ],
)
def test_trouble_of_everybody_is_not_met_once_per_instance(kind, asked):
    api = without_list(Api(refused(kind, 9)), kind("no"))
    listings = Lister(api, NOW, concurrency=1).instances(names(9))
    assert len(api.asked_for) == asked
    assert {type(listing.error) for listing in listings} == {kind} and {listing.total for listing in listings} == {None}


def test_many_at_once_ask_at_most_once_each_and_probe_once_after_an_account_wide_error():
    api = without_list(ApiWithoutSweep(refused(_errors.AuthError, 50), delay=0.002), _errors.AuthError("no"))
    Lister(api, NOW, concurrency=8).instances(names(50))
    assert len(api.asked_for) <= 8


def test_trouble_that_passes_is_not_everybodys():
    backups = {}
    for one, name in enumerate(names(9)):
        backups[name] = 1 if one % 3 == 2 else _errors.Unreachable("down")
    api = Api(backups)
    listings = Lister(api, NOW, concurrency=1).instances(names(9))
    assert len(api.asked_for) == 9 and len([1 for listing in listings if not listing.error]) == 3


def test_refusals_of_single_instances_do_not_count_as_trouble_of_everybody():
    """They show that the connection works."""
    gone = _errors.NotFound("none")
    api = Api({"crs-1": gone, "crs-2": gone, "crs-3": _errors.ServerError("failed"), "crs-4": 1})
    assert totals(Lister(api, NOW, concurrency=1).instances(list(api.backups)))["crs-4"] == 1


def test_stop_at_error_raises_the_first_and_asks_no_further():
    api = Api({**refused(_errors.Denied, 1), "crs-x": 1, "crs-y": _errors.NotFound("none")})
    with pytest.raises(_errors.Denied):
        Lister(api, NOW, concurrency=1).instances(["crs-000", "crs-x", "crs-y"], stop_at_error=True)
    assert api.singles == ["crs-000"]


def test_a_mistake_of_ours_is_not_an_error_of_one_instance():
    api = Api({"crs-1": KeyError("mistake")})
    with pytest.raises(KeyError):
        Lister(api, NOW).instances(["crs-1"])
