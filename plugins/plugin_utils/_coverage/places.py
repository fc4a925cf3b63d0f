# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The places whose instances coverage lists: those that the inventory lists or has hosts in and, if requested, other regions.

Private to this collection. It knows no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from ...module_utils._api.base import Api
from ...module_utils._api.endpoint import choose
from ...module_utils._api.regions import ALL, LONG_BY_SHORT, to_long
from ...module_utils._connection import account_label, connect
from ...module_utils._credentials.chain import Keyring
from ...module_utils._errors import CrsError, InvalidOption
from ...module_utils._listing.concurrency import in_order
from ...module_utils._listing.lister import Listed, list_or_error
from ...module_utils._options.connection import Options
from .._policy.facts import Origin as Place
from .._policy.facts import Whose, whose
from .._settings import PREFIX

if TYPE_CHECKING:
    from .._audit.run import Connection

#: Instead of regions: only those of the inventory.
AUDITED = "audited"
_SETTING = PREFIX + "coverage_regions"
#: How many regions are listed at the same time. Those of one account share its rate limit.
MAX_REGIONS = 8
#: What stands in a gap for a part of a place that isn't known.
_UNKNOWN = "unknown"


class Way(NamedTuple):
    """How a place is reached."""

    account: str
    api: Api
    cloud: Cloud


class Look(NamedTuple):
    """What was seen of a place: the records of all its instances by id, or the CrsError in their place."""

    place: Place
    found: Listed | CrsError


class Claim(NamedTuple):
    """A place that the inventory names in addition to those of the hosts in scope.

    ``said_by`` is the host or variable that names it, for errors. It is None for hosts that may be no instances at all; their errors
    are ignored. ``leads`` says whether coverage looks there because of this claim. ``ids`` are the instances of its hosts.
    """

    said_by: str | None
    leads: bool
    account: str | None
    options: Options
    ids: set[str]


#: What stands for a place that couldn't be listed, in the form of ``crs_inventory_errors``.
Gap = dict[str, Any]
#: AUDITED, ALL or long codes.
Regions = Union[str, list[str]]


class Inventory(NamedTuple):
    """What the inventory has in addition to the hosts in scope.

    ``ways`` lead to its other places; ``known`` are the ids that its other hosts stand for; ``gaps`` are places that could not be
    listed, as ``gap`` makes them.
    """

    ways: tuple[Way, ...] = ()
    known: Mapping[Whose, set[str]] = {}
    gaps: tuple[Gap, ...] = ()


#: The Inventory of an audit that has all of it in scope.
NOTHING = Inventory()


class Cloud:
    """One account with all of its regions, as its connections reach it."""

    def __init__(self, account: str, options: Options, keyring: Keyring) -> None:
        self.account = account
        #: Equal for connections that differ only in the region.
        self.key = repr((account, {name: value for name, value in options.items() if name != "region"}))
        self._options = options
        self._keyring = keyring

    def at(self, region: str) -> Api:
        """Return the Api of a region; nothing is sent yet."""
        return connect({**self._options, "region": region}, self._keyring)


def place(account: str, api: Api) -> Place:
    """Return the Place of an account that an Api reaches."""
    return Place(account, api.region, api.client.endpoint.url, api.version)


def way(account: str | None, options: Options, keyring: Keyring) -> Way:
    """Return the Way of an account's checked options; ``account`` is what the inventory calls it. Raises InvalidOption."""
    api = connect(options, keyring)
    label = account_label(account, options, keyring)
    return Way(label, api, Cloud(label, options, keyring))


def inventory(
    claims: Iterable[Claim], connections: Iterable[Connection], keyring: Keyring, gaps: Iterable[Gap] = ()
) -> Inventory:
    """Return the Inventory of Claims, without places that Connections of hosts in scope reach. An invalid place becomes a gap; nothing is raised."""
    in_scope = [connection.targets[0] for connection in connections]
    theirs = {_key(target.account, target.connection) for target in in_scope}
    ways: dict[str, Way] = {}
    known: dict[Whose, set[str]] = {}
    found = list(gaps)
    for claim in claims:
        key = _key(claim.account, claim.options)
        try:
            reached = ways.get(key) or way(claim.account, claim.options, keyring)
            where = place(reached.account, reached.api).whose
            if claim.leads and key not in theirs:
                ways[key] = reached
        except InvalidOption as error:
            where = whose(*_whereabouts(claim.options))
            if claim.said_by:
                found.append(gap(error, claim.said_by, claim.account, claim.options))
        known.setdefault(where, set()).update(claim.ids)
    return Inventory(tuple(ways.values()), known, tuple(found))


def _key(account: str | None, options: Options) -> str:
    """Return a key that is equal for equal connections, also if one of them has the short code of the region."""
    region = options.get("region")
    return repr((account, {**options, "region": LONG_BY_SHORT.get(region or "", region)}))


def gap(error: CrsError, said_by: str | None = None, account: str | None = None, options: Options | None = None) -> Gap:
    """Return the Gap of a place that can't be listed; ``said_by``, a host or variable, is put before the message."""
    options = options or {}
    endpoint, region = _whereabouts(options)
    named = account or options.get("role_arn") or options.get("profile") or options.get("env_prefix")
    named_error = {**error.as_dict(), "message": f"{said_by}: {error}" if said_by else str(error)}
    return {
        "account": named or _UNKNOWN,
        "region": region,
        "endpoint": endpoint,
        "api_version": options.get("api_version") or "v3",
        "error": named_error,
    }


def _whereabouts(options: Options) -> tuple[str, str]:
    """Return ``(endpoint, region)`` of invalid options; a part that can't be read is ``unknown``."""
    try:
        region = to_long(options["region"])
    except (KeyError, AttributeError, InvalidOption):
        region = _UNKNOWN
    try:
        return choose(options.get("endpoint"), options["api_version"], region).url, region
    except (KeyError, InvalidOption):
        return _UNKNOWN, region


def check(regions: Any, connections: Iterable[Connection]) -> Regions:
    """Return AUDITED, ALL or the long codes of a list. Raises InvalidOption for anything else, and for ALL with API 2.0."""
    if regions == AUDITED:
        return AUDITED
    if regions == ALL:
        blind = [connection for connection in connections if connection.api.regions_action is None]
        if blind:
            raise InvalidOption(
                f"{_SETTING} is {ALL}, and host {blind[0].targets[0].host} is reached over API 2.0, which can't list its "
                f"regions: name the regions, or use {AUDITED}"
            )
        return ALL
    if not isinstance(regions, list) or not regions or not all(isinstance(region, str) for region in regions):
        raise InvalidOption(
            f"{_SETTING} {regions!r} is neither {AUDITED} nor {ALL} nor a list of regions: write it as [ap-guangzhou, ap-shanghai]"
        )
    try:
        return [to_long(region) for region in regions]
    except InvalidOption as error:
        raise InvalidOption(f"{_SETTING}: {error.reason}") from None


def looks(connections: Sequence[Connection], ways: Sequence[Way], regions: Regions) -> list[Look]:
    """Return the Looks at the places of ``ways``, and at ``regions`` (from ``check``) that neither connections nor ways reach."""
    found: list[Look] = []
    wanted = list(ways)
    own = [Way(connection.account, connection.api, connection.cloud) for connection in connections]
    for theirs in _by_cloud([*own, *ways]) if regions != AUDITED else ():
        cloud_, api = theirs[0].cloud, theirs[0].api
        try:
            codes = _all_regions(api) if regions == ALL else regions
        except CrsError as error:
            found.append(Look(place(cloud_.account, api)._replace(region=ALL), error))
            continue
        seen = {reached.api.region for reached in theirs}
        wanted.extend(Way(cloud_.account, cloud_.at(code), cloud_) for code in codes if code not in seen)
    return found + list(in_order(MAX_REGIONS)(_look, wanted))


def _all_regions(api: Api) -> list[str]:
    if api.regions_action is None:
        raise InvalidOption(f"API 2.0 can't list its regions: name the regions in {_SETTING}, or use {AUDITED}")
    return api.regions()


def _look(reached: Way) -> Look:
    return Look(place(reached.account, reached.api), list_or_error(reached.api))


def _by_cloud(ways: Iterable[Way]) -> list[list[Way]]:
    groups: dict[str, list[Way]] = {}
    for reached in ways:
        groups.setdefault(reached.cloud.key, []).append(reached)
    return list(groups.values())
