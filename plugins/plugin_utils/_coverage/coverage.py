# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances of an account nobody audits: an entry of the record for each account, region, endpoint and API.

Private to this collection. Ids are compared within a region of a cloud (``whose``): two clouds may use the same ones,
and in one of them an id names one instance, whichever account's key leads to it.
"""

from __future__ import annotations

from ...module_utils._errors import CrsError, Incomplete, InvalidOption
from .._policy.facts import Origin, whose
from .._policy.policy import GOING
from .._record.record import place

#: How many ids a message names.
_NAMED = 3


def cover(looks, inventory, audited, there, fails):
    """Return an entry for each place that was looked at or that the inventory couldn't list.

    ``looks`` are Looks and ``inventory`` is an Inventory; ``audited`` are the ids of this run by ``whose``, and ``there`` those
    by place that aren't said to be gone. ``fails`` says whether an instance that isn't known fails the run.
    """
    entries = [left_out(one, fails) for one in inventory.gaps]
    entries += [unseen(where, _doubt(ids), fails, ids) for where, ids in lacking(looks, there).items()]
    for look in looks:
        ours = audited.get(look.place.whose, set())
        if isinstance(look.found, CrsError):
            entries.append(unseen(look.place, look.found, fails))
        else:
            entries.append(
                seen(look.place, look.found, ours | inventory.known.get(look.place.whose, set()), ours, fails)
            )
    return join(entries, audited)


def lacking(looks, there):
    """Return, by place, the ids of audited instances that aren't said to be gone and that the lists of the place lack.

    Of a list that hides one instance, nobody knows what else it hides; what it has counts all the same. If another list of the
    place, by another key, has all of them, there is no doubt.
    """
    least: dict = {}
    for look in looks:
        if not isinstance(look.found, CrsError):
            ids = sorted(there.get(look.place, set()) - look.found.keys())
            least[look.place] = min(least.get(look.place, ids), ids, key=len)
    return {where: ids for where, ids in least.items() if ids}


def _doubt(ids):
    named = ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else "")
    return Incomplete(
        f"the list of instances lacks {named}, and the API doesn't say that such an instance is gone: others may be missing, too. "
        "Does a tag or a resource restrict the key's right to list instances (DescribeInstances)? Grant it for all instances of "
        "the account"
    )


def seen(where, records, known, audited, fails):
    """Return the entry of a Place of which ``records`` are all instances, by id.

    ``known`` are the ids that the inventory names, ``audited`` those of them that this run judges.
    """
    ids = set(records)
    leaving = {one for one in ids - known if (records[one] or {}).get("status") in GOING}
    missing = ids - known - leaving
    return {
        **where._asdict(),
        "instances": len(ids),
        "not_in_inventory": sorted(missing),
        "not_audited": sorted(ids & known - audited),
        "isolated": sorted(leaving),
        "lacking": [],
        "fails": fails and bool(missing),
        "error": None,
    }


def unseen(where, error, fails, ids=()):
    """Return the entry of a Place whose instances could not be listed: what isn't known is no coverage.

    ``ids`` are those that its list lacks, if that is why.
    """
    return _dark(where._asdict(), error.as_dict(), fails, ids)


def left_out(gap, fails):
    """Return the entry of a place that the inventory couldn't list: of ``crs_inventory_errors``, its plugin's variable."""
    try:
        where = {key: str(gap[key]) for key in Origin._fields}
        error = {key: None if value is None else str(value) for key, value in gap["error"].items()}
    except (TypeError, KeyError, AttributeError):
        raise InvalidOption(f"crs_inventory_errors has {gap!r}: leave it to the inventory plugin to set") from None
    return _dark(where, error, fails)


def _dark(where, error, fails, ids=()):
    nothing: dict = {"not_in_inventory": [], "not_audited": [], "isolated": []}
    return {**where, "instances": None, **nothing, "lacking": list(ids), "fails": fails, "error": error}


def audited_by_place(instances):
    """Return the ids of a record's instances by ``Place.whose``."""
    found: dict = {}
    for entry in instances:
        found.setdefault(_whose(entry), set()).add(entry["instance_id"])
    return found


def join(entries, audited):
    """Return one entry for each place that was seen, and one for each that was not, of connections or of slices.

    ``audited`` is as ``cover`` takes it. The inventory of a slice may have its own hosts only: an instance is known if any entry
    or any audit knows it. Nothing is concluded from an entry's silence, since instances come and go between two listings.
    """
    known: dict = {}
    places: dict = {}
    for entry in entries:
        known.setdefault(_whose(entry), set(audited.get(_whose(entry), ()))).update(entry["not_audited"])
        places.setdefault((*place(entry), entry["error"] is None), []).append(entry)
    return [_joined(found, known[_whose(found[0])], audited.get(_whose(found[0]), set())) for found in places.values()]


def _whose(entry):
    return whose(entry["endpoint"], entry["region"])


def _joined(entries, known, audited):
    first = entries[0]
    fails = any(entry["fails"] for entry in entries)
    if first["error"]:
        # Each slice's list lacks instances of its own. What could not be listed at all says more.
        ids = sorted(_all(entries, "lacking"))
        errors = [entry["error"] for entry in entries if not entry["lacking"]]
        return {**first, "lacking": ids, "fails": fails, "error": errors[0] if errors else _doubt(ids).as_dict()}
    unnamed, leaving = _all(entries, "not_in_inventory"), _all(entries, "isolated")
    missing = unnamed - known
    return {
        **first,
        "instances": max(entry["instances"] for entry in entries),
        "not_in_inventory": sorted(missing),
        # With those that only another entry's inventory names, so that all are accounted for.
        "not_audited": sorted((_all(entries, "not_audited") | (unnamed | leaving) & known) - audited),
        "isolated": sorted(leaving - known - missing),
        "fails": fails and bool(missing),
    }


def _all(entries, key):
    return {instance_id for entry in entries for instance_id in entry[key]}
