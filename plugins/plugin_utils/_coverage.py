# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances of an account nobody audits: an entry of the record for each account, region and API.

Private to this collection.
"""

from __future__ import annotations

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import place


def seen(account, dialect, ids, known, audited, fails):
    """Return the entry of a region of which ``ids`` are all instances.

    ``known`` are the ids that the inventory names, ``audited`` those of them that this run judges, ``fails`` says whether
    an instance that isn't known fails the run.
    """
    missing = set(ids) - known
    return {
        **_place(account, dialect),
        "instances": len(ids),
        "not_in_inventory": sorted(missing),
        "not_audited": sorted(set(ids) & known - audited),
        "fails": fails and bool(missing),
        "error": None,
    }


def unseen(account, dialect, error, fails, region=None):
    """Return the entry of a region whose instances could not be listed: what isn't known is no coverage.

    ``region`` names it, if it isn't the dialect's own.
    """
    return {
        **_place(account, dialect),
        **({"region": region} if region else {}),
        "instances": None,
        "not_in_inventory": [],
        "not_audited": [],
        "fails": fails,
        "error": error.as_dict(),
    }


def left_out(gap, fails):
    """Return the entry of a region that the inventory couldn't list: of ``crs_inventory_errors``, its plugin's variable."""
    try:
        where = {key: str(gap[key]) for key in ("account", "region", "endpoint", "api_version")}
        error = {key: None if value is None else str(value) for key, value in gap["error"].items()}
    except (TypeError, KeyError, AttributeError):
        raise InvalidOption(f"crs_inventory_errors has {gap!r}: leave it to the inventory plugin to set") from None
    return {**where, "instances": None, "not_in_inventory": [], "not_audited": [], "fails": fails, "error": error}


def _place(account, dialect):
    return {
        "account": account,
        "region": dialect.region,
        "endpoint": dialect.client.endpoint.url,
        "api_version": dialect.version,
    }


def join(entries, audited):
    """Return one entry for each place that was seen, and one for each that was not, of connections or of slices.

    The inventory of a slice may have its own hosts only: an instance is known if any entry or any audit knows it.
    Nothing is concluded from an entry's silence, since instances come and go between two listings.
    """
    known = set(audited).union(*(entry["not_audited"] for entry in entries))
    places = {}
    for entry in entries:
        places.setdefault((*place(entry), entry["error"] is None), []).append(entry)
    return [_joined(found, known, audited) for found in places.values()]


def _joined(entries, known, audited):
    first = entries[0]
    fails = any(entry["fails"] for entry in entries)
    if first["error"]:
        return {**first, "fails": fails}
    unnamed = _all(entries, "not_in_inventory")
    missing = unnamed - known
    return {
        **first,
        "instances": max(entry["instances"] for entry in entries),
        "not_in_inventory": sorted(missing),
        # With those that only another entry's inventory names, so that all are accounted for.
        "not_audited": sorted((_all(entries, "not_audited") | unnamed & known) - audited),
        "fails": fails and bool(missing),
    }


def _all(entries, key):
    return {instance_id for entry in entries for instance_id in entry[key]}
