# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what an inventory has in addition to the hosts in scope: places that its plugin listed, and other hosts.

Private to this collection. With --limit, or in a slice, an inventory has more hosts than are audited. Its plugin may also
list places that have no hosts.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial
from typing import Any

from ansible.errors import AnsibleActionFail

from ...module_utils._errors import InvalidOption
from .._coverage import places as _places
from .host_variables import HostVariables, Read, Variables
from .scope import INSTANCE_NAMES, PLACE_NAMES, Scope

#: The inventory plugin's group, and its variables there: the places that it listed, each as the variables that hosts in it have,
#: and those that it couldn't list.
GROUP, PLACES, ERRORS = "crs", "crs_inventory_places", "crs_inventory_errors"
_ANY = "a host in no group"
_ID = "crs_instance_id"


def gaps(value: Any) -> list[Any]:
    """Return the value of ``crs_inventory_errors`` as a list. The entries are checked where they are used."""
    return value if isinstance(value, list) else [value] if value else []


def claims(
    variables: HostVariables, scope: Scope, but: Container[str], pattern: str
) -> tuple[list[_places.Claim], list[_places.Gap]]:
    """Return ``(Claims, gaps)`` of the whole inventory except the hosts ``but``, with one Claim for each place.

    ``pattern`` is that of the hosts in scope. A host that only --limit leaves out adds the same place as without --limit. What can't
    be read becomes a gap, not an error, since the hosts in scope are judged nevertheless. Raises InvalidOption only for an invalid
    ``crs_inventory_places``.
    """
    found = _Claims(scope)
    for number, place in enumerate(_listed(variables)):
        said_by = f"{PLACES}[{number}]"
        found.add(said_by, None, partial(variables.of_a_host_like, said_by, place, PLACE_NAMES, GROUP))
    common = _common(variables)
    for host, own, in_scope, read in variables.elsewhere(but, pattern, GROUP, INSTANCE_NAMES):
        if own:
            found.add(f"host {host}", host, partial(read, PLACE_NAMES))
        elif in_scope:
            found.add_limited(host, read)
        elif common is not None:
            found.add_bystander(host, common, read)
    return list(found.claims.values()), list(found.gaps.values())


def _listed(variables: HostVariables) -> list[Variables]:
    places = variables.group(GROUP, PLACES) or []
    if not isinstance(places, list) or not all(isinstance(place, dict) for place in places):
        raise InvalidOption(f"{PLACES} is {places!r}: leave it to the inventory plugin to set")
    return places


def _common(variables: HostVariables) -> Variables | None:
    """Return the values that apply to all hosts, including those without a variable of the collection; None if they can't be evaluated."""
    try:
        return variables.of_a_host_like(_ANY, {}, [name for name in PLACE_NAMES if name != _ID])
    except AnsibleActionFail:
        return None


class _Claims:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.claims: dict[tuple[Any, ...], _places.Claim] = {}
        self.gaps: dict[str, _places.Gap] = {}

    def add(self, said_by: str, host: str | None, read: Callable[[], Variables]) -> None:
        """Add the place, and the instance if there is a host, to which the variables from ``read()`` lead."""
        values: Variables = {}
        try:
            values = read()
            self._claim(said_by, values, True).ids.update([_instance_id(host, values)] if host else [])
        except AnsibleActionFail as error:  # which names the host; others may have the same fault
            self.gaps.setdefault(str(error).replace(said_by, "", 1), _places.gap(InvalidOption(str(error))))
        except InvalidOption as error:
            self.gaps.setdefault(error.reason, _places.gap(error, said_by, values.get("crs_account")))

    def add_limited(self, host: str, read: Read) -> None:
        """Add a host that has no variable of its own and that only --limit leaves out: its place is that of all hosts.

        If its variables can't be evaluated or are invalid, it doesn't count as an instance. A run without --limit stops at this
        error before coverage begins, and a template for all hosts may need a variable that only some have.
        """
        try:
            values = read(PLACE_NAMES)
            self._claim(None, values, True).ids.add(_instance_id(host, values))
        except (AnsibleActionFail, InvalidOption):
            pass

    def add_bystander(self, host: str, common: Variables, read: Read) -> None:
        """Add a host that has no variable of its own and that no run has in scope: it may be an instance in the place of all hosts.

        Coverage does not look there because of it. If its id can't be evaluated, it doesn't count as an instance.
        """
        try:
            instance_id = _instance_id(host, read([_ID]))
            self._claim(None, common, False).ids.add(instance_id)
        except (AnsibleActionFail, InvalidOption):
            pass

    def _claim(self, said_by: str | None, values: Variables, leads: bool) -> _places.Claim:
        account, options = self._scope.whereabouts(values)
        # The scope returns the same options for all hosts that have equal ones.
        key = (account, id(options), bool(said_by), leads)
        return self.claims.setdefault(key, _places.Claim(said_by, leads, account, options, set()))


def _instance_id(host: str, values: Variables) -> str:
    return str(values.get(_ID) or host)
