# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where coverage looks: at every place that the inventory lists or has hosts in, and on demand in other regions.

Private to this collection. It knows no Ansible.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...module_utils._api.endpoint import choose
from ...module_utils._api.regions import ALL, LONG_BY_SHORT, to_long
from ...module_utils._connection import account_label, connect
from ...module_utils._errors import CrsError, InvalidOption
from ...module_utils._listing.concurrency import in_order
from ...module_utils._listing.lister import list_or_error
from .._policy.facts import Origin as Place
from .._policy.facts import whose
from .._settings import PREFIX

#: In place of regions: those of the inventory, and no other.
AUDITED = "audited"
_SETTING = PREFIX + "coverage_regions"
#: How many regions are listed at the same time. Those of one account share its rate limit.
_AT_ONCE = 8
#: What stands in a gap for a part of a place that isn't known.
_UNKNOWN = "unknown"


class Way(NamedTuple):
    """How a place is reached. A Connection of the audit is one, too."""

    account: str
    dialect: Any
    cloud: Cloud | None = None


class Look(NamedTuple):
    """What was seen of a place: the records of all its instances by id, or the CrsError in their place."""

    place: Place
    found: dict | CrsError


class Claim(NamedTuple):
    """A place that the inventory names beside the hosts in scope.

    ``said_by`` says where, for errors; it is None for hosts that may be anything, and whose errors are nobody's. ``leads`` says
    whether coverage looks there because of it. ``ids`` are the instances that hosts there stand for.
    """

    said_by: str | None
    leads: bool
    account: str | None
    options: dict
    ids: set


class Inventory(NamedTuple):
    """What the inventory says beside the hosts in scope.

    ``ways`` lead to its other places; ``known`` are the ids that its other hosts stand for, by ``Place.whose``; ``gaps`` are
    places that nobody could look at, as ``gap`` makes them.
    """

    ways: tuple = ()
    known: dict = {}
    gaps: tuple = ()


#: Of an audit that has all of the inventory in scope.
NOTHING = Inventory()


class Cloud:
    """One account with all of its regions, as its connections reach it."""

    def __init__(self, account, options, keyring):
        self.account = account
        #: Equal for connections that differ in the region alone.
        self.key = repr((account, {name: value for name, value in options.items() if name != "region"}))
        self._options = options
        self._keyring = keyring

    def at(self, region):
        """Return the dialect that reaches a region; nothing is sent yet."""
        return connect({**self._options, "region": region}, self._keyring)


def place(account, dialect):
    """Return the Place that a dialect reaches for an account."""
    return Place(account, dialect.region, dialect.client.endpoint.url, dialect.version)


def way(account, options, keyring):
    """Return the Way of an account's checked options; ``account`` is what the inventory calls it. Raises InvalidOption."""
    dialect = connect(options, keyring)
    label = account_label(account, options, keyring)
    return Way(label, dialect, Cloud(label, options, keyring))


def inventory(claims, connections, keyring, gaps=()):
    """Return the Inventory of Claims, beside the Connections of hosts in scope. What can't be reached is a gap: nothing is raised."""
    theirs = {_key(one.targets[0].account, one.targets[0].connection) for one in connections}
    ways: dict = {}
    known: dict = {}
    found = list(gaps)
    for claim in claims:
        key = _key(claim.account, claim.options)
        try:
            one = ways.get(key) or way(claim.account, claim.options, keyring)
            where = place(one.account, one.dialect).whose
            if claim.leads and key not in theirs:
                ways[key] = one
        except InvalidOption as error:
            where = whose(*_whereabouts(claim.options))
            if claim.said_by:
                found.append(gap(error, claim.said_by, claim.account, claim.options))
        known.setdefault(where, set()).update(claim.ids)
    return Inventory(tuple(ways.values()), known, tuple(found))


def _key(account, options):
    """Return what is equal for connections to one place: a region has a short code, too."""
    return repr((account, {**options, "region": LONG_BY_SHORT.get(options.get("region"), options.get("region"))}))


def gap(error, said_by=None, account=None, options=None):
    """Return what stands for a place that can't be looked at, in the form of ``crs_inventory_errors``."""
    options = options or {}
    endpoint, region = _whereabouts(options)
    named = account or options.get("role_arn") or options.get("profile") or options.get("env_prefix")
    told = {**error.as_dict(), "message": f"{said_by}: {error}" if said_by else str(error)}
    return {
        "account": named or _UNKNOWN,
        "region": region,
        "endpoint": endpoint,
        "api_version": options.get("api_version") or "v3",
        "error": told,
    }


def _whereabouts(options):
    """Return the endpoint and the region of options that lead nowhere, as far as they can be read."""
    try:
        region = to_long(options["region"])
    except (KeyError, AttributeError, InvalidOption):
        region = _UNKNOWN
    try:
        return choose(options.get("endpoint"), options["api_version"], region).url, region
    except (KeyError, InvalidOption):
        return _UNKNOWN, region


def check(regions, connections):
    """Return AUDITED, ALL or the long codes of a list. Raises InvalidOption for anything else, and where ALL can't be had."""
    if regions == AUDITED:
        return regions
    if regions == ALL:
        blind = [one for one in connections if one.dialect.regions_action is None]
        if blind:
            raise InvalidOption(
                f"{_SETTING} is {ALL}, and host {blind[0].targets[0].host} is reached over API 2.0, which can't list its "
                f"regions: name the regions, or use {AUDITED}"
            )
        return regions
    if not isinstance(regions, list) or not regions or not all(isinstance(one, str) for one in regions):
        raise InvalidOption(
            f"{_SETTING} {regions!r} is neither {AUDITED} nor {ALL} nor a list of regions: write it as [ap-guangzhou, ap-shanghai]"
        )
    try:
        return [to_long(one) for one in regions]
    except InvalidOption as error:
        raise InvalidOption(f"{_SETTING}: {error.reason}") from None


def looks(connections, ways, regions):
    """Return the Looks at the places of ``ways``, and at those of ``regions``, as ``check`` returns them, that are none of both."""
    found, wanted = [], list(ways)
    for theirs in _by_cloud([*connections, *ways]) if regions != AUDITED else ():
        cloud_, dialect = theirs[0].cloud, theirs[0].dialect
        try:
            codes = _all_regions(dialect) if regions == ALL else regions
        except CrsError as error:
            found.append(Look(place(cloud_.account, dialect)._replace(region=ALL), error))
            continue
        seen = {one.dialect.region for one in theirs}
        wanted.extend(Way(cloud_.account, cloud_.at(code)) for code in codes if code not in seen)
    return found + list(in_order(_AT_ONCE)(_look, wanted))


def _all_regions(dialect):
    if dialect.regions_action is None:
        raise InvalidOption(f"API 2.0 can't list its regions: name the regions in {_SETTING}, or use {AUDITED}")
    return dialect.regions()


def _look(one):
    return Look(place(one.account, one.dialect), list_or_error(one.dialect))


def _by_cloud(ways):
    groups: dict = {}
    for one in ways:
        groups.setdefault(one.cloud.key, []).append(one)
    return list(groups.values())
