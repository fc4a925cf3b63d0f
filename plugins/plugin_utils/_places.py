# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where coverage looks: in the regions of the audit, and on demand in others of the same accounts.

Private to this collection. It knows no Ansible.
"""

from __future__ import annotations

from collections import namedtuple

from ansible_collections.qcloud.crs.plugins.module_utils._connection import connect
from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError, InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._fanout import in_order
from ansible_collections.qcloud.crs.plugins.module_utils._listing import list_or_error
from ansible_collections.qcloud.crs.plugins.module_utils._regions import ALL, to_long
from ansible_collections.qcloud.crs.plugins.plugin_utils._target import PREFIX

#: In place of regions: those of the audit, and no other.
AUDITED = "audited"
_SETTING = PREFIX + "coverage_regions"
#: How many regions are listed at the same time. Those of one account share its rate limit.
_AT_ONCE = 8

#: One account in one region: ``facts`` are the records of all its instances by id, or the CrsError in their place.
#: ``region`` is set where it isn't the dialect's: ALL, if it is not known which regions there are.
Place = namedtuple("Place", "account dialect facts region", defaults=(None,))


class Cloud:
    """One account with all of its regions, as its connections reach it."""

    def __init__(self, account, options, keyring):
        self.account = account
        self._options = options
        self._keyring = keyring

    def at(self, region):
        """Return the dialect that reaches a region; nothing is sent yet."""
        return connect({**self._options, "region": region}, self._keyring)


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


def others(connections, regions):
    """Return the Places of ``regions``, as ``check`` returns them, that are none of the connections' own."""
    if regions == AUDITED:
        return []
    dialects, places = [], []
    for theirs in _by_cloud(connections):
        cloud, dialect = theirs[0].cloud, theirs[0].dialect
        try:
            wanted = dialect.regions() if regions == ALL else regions
        except CrsError as error:
            places.append(Place(cloud.account, dialect, error, ALL))
            continue
        seen = {connection.dialect.region for connection in theirs}
        dialects.extend((cloud.account, cloud.at(region)) for region in wanted if region not in seen)
    return places + list(in_order(_AT_ONCE)(_listed, dialects))


def _listed(found):
    account, dialect = found
    return Place(account, dialect, list_or_error(dialect))


def _by_cloud(connections):
    groups: dict = {}
    for connection in connections:
        groups.setdefault(id(connection.cloud), []).append(connection)
    return list(groups.values())
