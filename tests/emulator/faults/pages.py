# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of lists: pages that overlap, stop early or move, and totals that lie."""

from __future__ import annotations

from ..v2 import HORIZON
from .predicates import later_backups, later_page, lists
from .registry import fault


@fault("page", when=lists, by=1)
def total_too_high(call, fault, page):
    """The total claims `by` rows more than there are."""
    page.total += fault["by"]


@fault("page", when=lists, by=1)
def total_too_low(call, fault, page):
    """The total claims `by` rows fewer than there are."""
    page.total = max(0, page.total - fault["by"])


@fault("page", when=later_page)
def duplicate_page(call, fault, page):
    """The second page repeats the first; later ones are right."""
    if page.offset < 2 * page.limit:
        page.offset = 0


@fault("page", when=lists, cap=20)
def capped_page(call, fault, page):
    """Never more than `cap` rows, whatever the limit."""
    page.limit = min(page.limit, fault["cap"])


@fault("page", when=lists, from_offset=1)
def empty_page(call, fault, page):
    """No rows from `from_offset` on, although the total promises them."""
    if page.offset >= fault["from_offset"]:
        page.limit = 0


@fault("setup", when=lists)
def offset_in_pages(call, fault):
    """The offset counts pages instead of records, as one reading of the v2 document has it."""
    call.offset_in_pages = True


def _changes(fault):
    """Whether to change the fleet before this page: each time, or once only."""
    first = not fault.args.get("changed")
    fault.args["changed"] = True
    return first or fault["every"] == "request"


@fault("before", when=later_backups, every=("request", "once"))
def moving(call, fault, service):
    """A new backup appears at the head between two pages; `every`: request or once."""
    if _changes(fault):
        found = _listed(call, service)
        if found:
            service.fleet.add(found[0].instance)


@fault("before", when=later_backups, every=("once", "request"))
def vanishing(call, fault, service):
    """The head of the list disappears between two pages; `every`: request or once."""
    if _changes(fault):
        found = _listed(call, service)
        if found:
            service.fleet.remove(found[0])


def _listed(call, service):
    """The normal backups that the call can see, in the service's order."""
    fleet, account = service.fleet, call.credential.account
    if call.instances:
        one = fleet.find(account, call.api, call.region, call.instances[0])
        found = one.backups if one else []
    else:
        found = fleet.swept(account, call.api, call.region, call.params.text("InstanceName", None))
    earliest = service.clock.data() - HORIZON if call.api == "v2" else 0
    return [backup for backup in found if backup.status == 2 and backup.start >= earliest]
