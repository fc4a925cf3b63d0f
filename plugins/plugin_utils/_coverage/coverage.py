# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances of an account are not audited: an entry of the record for each account, region, endpoint and API.

Private to this collection. Ids are compared within a region of a cloud (``whose``). Two clouds may use the same ids; within
one, an id is one instance, whichever account's key leads to it. A list of instances belongs to an account: it has none of another
account's instances, and must have all of its own, whichever key and API show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from ...module_utils._errors import CrsError, ErrorDict, Incomplete, InvalidOption, NotFound
from ...module_utils._listing.lister import Listed
from .._policy.facts import Origin, Whose, place, whose
from .._policy.policy import GOING
from .places import Inventory, Look

if TYPE_CHECKING:
    from .._record.model import CoverageEntry, InstanceEntry, PlaceEntry, Record

#: How many ids a message names.
MAX_IDS = 3
#: Whose list of instances it is, as ``account_of`` returns it.
Account = tuple[str, str, str]
Ids = set[str]
Key = TypeVar("Key")


class _List(NamedTuple):
    """A list of instances: the account that it belongs to, and its ids. For a slice, all ids that its lists are known to have."""

    account: Account
    ids: Ids


def cover(
    looks: Iterable[Look],
    inventory: Inventory,
    audited: Mapping[Whose, Ids],
    there: Mapping[Origin, Iterable[str]],
    fails: bool,
) -> list[CoverageEntry]:
    """Return an entry for each place that was looked at or that the inventory couldn't list.

    ``audited`` are the ids that this run judges, by ``whose``. ``there`` are those, by place, of which the API doesn't say that they are
    gone or about to be deleted. ``fails`` says whether a gap, or an instance that the inventory doesn't name, fails the run.
    """
    entries = [left_out(gap, fails) for gap in inventory.gaps]
    lists: list[_List] = []
    expected: dict[Account, Ids] = {}
    for look in looks:
        ours = audited.get(look.place.whose, set())
        if isinstance(look.found, CrsError):
            entries.append(unseen(look.place, look.found, fails))
        else:
            known = ours | inventory.known.get(look.place.whose, set())
            entries.append(seen(look.place, look.found, known, ours, fails))
            lists.append(_List(account_of(_entry_of(look.place)), set(look.found)))
    for where, ids in there.items():
        expected.setdefault(account_of(_entry_of(where)), set()).update(ids)
    return _concluded(entries, lists, audited, expected, fails)


def join(records: Iterable[Record], fails: bool) -> list[CoverageEntry]:
    """Return the coverage of several slices' records as if one run had audited all of them.

    A slice's inventory may have its own hosts only, so an instance counts as known if any slice's inventory or audit has it.
    """
    entries: list[CoverageEntry] = []
    lists: list[_List] = []
    audited: dict[Whose, Ids] = {}
    there: dict[Account, Ids] = {}
    for record in records:
        ours = _audited(record["instances"])
        lacking: dict[Account, Ids] = {}
        shown: dict[Account, list[CoverageEntry]] = {}
        for entry in record["coverage"]:
            lacking.setdefault(account_of(entry), set()).update(entry["lacking"])
            if entry["error"] is None:
                shown.setdefault(account_of(entry), []).append(entry)
        lists += [
            _List(account, _had(theirs, record["instances"], ours.get(account[1:], set())) - lacking[account])
            for account, theirs in shown.items()
        ]
        entries += [{**entry, "lacking": []} for entry in record["coverage"] if not _is_doubt(entry)]
        _add(audited, ours)
        _add(there, _there(record["instances"]))
        _add(there, {account: ids & ours.get(account[1:], set()) for account, ids in lacking.items()})
    return _concluded(entries, lists, audited, there, fails)


def _concluded(
    entries: Sequence[CoverageEntry],
    lists: Iterable[_List],
    audited: Mapping[Whose, Ids],
    there: Mapping[Account, Ids],
    fails: bool,
) -> list[CoverageEntry]:
    """Return, in order of places, an entry for each place with an error and one for each place that was listed.

    A place may have both. ``there`` are, by account, the ids that its lists must have.
    """
    doubts: dict[tuple[str, ...], CoverageEntry] = {}
    lacking = _lacking(entries, lists, audited, there)
    for entry in entries:
        ids = lacking.get(account_of(entry))
        if ids and entry["error"] is None:
            where = Origin(entry["account"], entry["region"], entry["endpoint"], entry["api_version"])
            doubts[place(entry)] = _dark(where, _doubt(ids).as_dict(), fails, ids)
    known: dict[Whose, Ids] = {}
    places: dict[tuple[tuple[str, ...], bool], list[CoverageEntry]] = {}
    for entry in [*entries, *doubts.values()]:
        known.setdefault(_whose(entry), set(audited.get(_whose(entry), ()))).update(entry["not_audited"])
        places.setdefault((place(entry), entry["error"] is None), []).append(entry)
    return [
        _joined(found, known[_whose(found[0])], audited.get(_whose(found[0]), set()), fails)
        for _place, found in sorted(places.items())
    ]


def _lacking(
    entries: Iterable[CoverageEntry],
    lists: Iterable[_List],
    audited: Mapping[Whose, Ids],
    there: Mapping[Account, Ids],
) -> dict[Account, list[str]]:
    """Return, by account, the ids of instances that are there and that the account's lists lack.

    An instance is there if it was audited and the API doesn't say that it is gone, or if another list of the account has it. A list
    that lacks one instance may lack others; the ids that it has are used nevertheless. If one list, by whichever key, has all
    of them, there is no doubt. An audited instance that is about to be deleted may be gone before the next list is made.
    """
    wanted = {account: set(ids) for account, ids in there.items()}
    for entry in entries:
        shown = {*entry["not_in_inventory"], *entry["not_audited"]}
        gone = audited.get(_whose(entry), set()) - there.get(account_of(entry), set())
        wanted.setdefault(account_of(entry), set()).update(shown - gone)
    least: dict[Account, list[str]] = {}
    for account, ids in lists:
        lacks = sorted(wanted[account] - ids)
        least[account] = min(least.get(account, lacks), lacks, key=lambda found: (len(found), found))
    return least


def _had(entries: list[CoverageEntry], instances: list[InstanceEntry], audited: Ids) -> Ids:
    """Return which ids an account's list had in a slice, according to its entries.

    An entry names only instances that weren't audited. If the list is long enough, it had all audited ones; else only those of the
    account's own hosts count.
    """
    named: Ids = set().union(*map(_known, entries))
    if max(entry["instances"] or 0 for entry in entries) >= len(named | audited):
        return named | audited
    account = account_of(entries[0])
    return named | {one["instance_id"] for one in instances if account_of(one) == account}


def account_of(entry: PlaceEntry) -> Account:
    """Return the account, cloud and region that an entry's list of instances belongs to, whichever API and address show it."""
    return (entry["account"], *_whose(entry))


def going(records: Listed) -> Ids:
    """Return the ids of a list's records whose instances are about to be deleted."""
    return {instance_id for instance_id, record in records.items() if record and record["status"] in GOING}


def is_there(entry: InstanceEntry) -> bool:
    """Tell whether a record's instance must be in its account's list: the API doesn't say that it is gone or about to be deleted."""
    # An instance that only the list lacks, while its backups are shown, has this error without a code of the API's.
    error = entry["error"]
    is_gone = error is not None and error["kind"] == NotFound.kind and error["code"] is not None
    return not is_gone and entry["status"] not in GOING


def _there(instances: Iterable[InstanceEntry]) -> dict[Account, Ids]:
    """Return the ids of a record's instances by account that must be in its list."""
    found: dict[Account, Ids] = {}
    for entry in instances:
        if is_there(entry):
            found.setdefault(account_of(entry), set()).add(entry["instance_id"])
    return found


def _add(found: dict[Key, Ids], more: Mapping[Key, Ids]) -> None:
    for key, ids in more.items():
        found.setdefault(key, set()).update(ids)


def _is_doubt(entry: CoverageEntry) -> bool:
    """Tell whether an entry's only error is that its list lacks instances. Such an entry is computed again."""
    return bool(entry["lacking"]) and entry["error"] == _doubt(entry["lacking"]).as_dict()


def _doubt(ids: Sequence[str]) -> Incomplete:
    named = ", ".join(ids[:MAX_IDS]) + (f" and {len(ids) - MAX_IDS} more" if len(ids) > MAX_IDS else "")
    return Incomplete(
        f"the list of instances lacks {named}, and the API doesn't say that it no longer exists: others may be missing, too. "
        "Is the key's permission to list instances (DescribeInstances) restricted by tag or resource? Grant it for all instances of "
        "the account"
    )


def seen(where: Origin, records: Listed, known: Ids, audited: Ids, fails: bool) -> CoverageEntry:
    """Return the entry of a place that was listed. ``records`` are all of its instances, by id.

    ``known`` are the ids that the inventory names, ``audited`` those of them that this run judges.
    """
    ids = set(records)
    leaving = going(records) - known
    missing = ids - known - leaving
    return {
        **_entry_of(where),
        "instances": len(ids),
        "not_in_inventory": sorted(missing),
        "not_audited": sorted(ids & known - audited),
        "isolated": sorted(leaving),
        "lacking": [],
        "fails": fails and bool(missing),
        "error": None,
    }


def unseen(where: Origin, error: CrsError, fails: bool) -> CoverageEntry:
    """Return the entry of a place whose instances could not be listed. Unknown does not count as covered."""
    return _dark(where, error.as_dict(), fails)


def left_out(gap: Any, fails: bool) -> CoverageEntry:
    """Return the entry of a place that the inventory couldn't list: ``gap`` is one of ``crs_inventory_errors``. Raises InvalidOption."""
    try:
        where = Origin(*(str(gap[key]) for key in Origin._fields))
        error: Any = {key: None if value is None else str(value) for key, value in gap["error"].items()}
    except (TypeError, KeyError, AttributeError):
        raise InvalidOption(f"crs_inventory_errors has {gap!r}: leave it to the inventory plugin to set") from None
    return _dark(where, error, fails)


def _dark(where: Origin, error: ErrorDict, fails: bool, ids: Iterable[str] = ()) -> CoverageEntry:
    return {
        **_entry_of(where),
        "instances": None,
        "not_in_inventory": [],
        "not_audited": [],
        "isolated": [],
        "lacking": list(ids),
        "fails": fails,
        "error": error,
    }


def _entry_of(where: Origin) -> PlaceEntry:
    return {
        "account": where.account,
        "region": where.region,
        "endpoint": where.endpoint,
        "api_version": where.api_version,
    }


def _audited(instances: Iterable[InstanceEntry]) -> dict[Whose, Ids]:
    """Return the ids of a record's instances by ``Place.whose``."""
    found: dict[Whose, Ids] = {}
    for entry in instances:
        found.setdefault(_whose(entry), set()).add(entry["instance_id"])
    return found


def _whose(entry: PlaceEntry) -> Whose:
    return whose(entry["endpoint"], entry["region"])


def _joined(entries: Sequence[CoverageEntry], known: Ids, audited: Ids, fails: bool) -> CoverageEntry:
    """Return the entries of one place as one. That one entry doesn't name an instance proves nothing: its list may be shorter."""
    first = entries[0]
    if first["error"]:
        errors = [entry["error"] for entry in entries if entry["error"] and not entry["lacking"]]
        # A failed listing says more than a list that lacks instances. The minimum doesn't depend on the order of entries.
        error = min(errors, key=lambda error: (error["kind"], error["message"])) if errors else first["error"]
        return {**first, "lacking": sorted(_all(entries, "lacking")), "fails": fails, "error": error}
    unnamed, leaving = _all(entries, "not_in_inventory"), _all(entries, "isolated")
    missing = unnamed - known
    return {
        **first,
        "instances": max(entry["instances"] or 0 for entry in entries),
        "not_in_inventory": sorted(missing),
        # Includes instances that only another entry's inventory names, so that each is in one of the lists.
        "not_audited": sorted((_all(entries, "not_audited") | (unnamed | leaving) & known) - audited),
        "isolated": sorted(leaving - known - missing),
        "fails": fails and bool(missing),
    }


def _known(entry: CoverageEntry) -> Ids:
    return {*entry["not_in_inventory"], *entry["not_audited"], *entry["isolated"]}


def _all(
    entries: Iterable[CoverageEntry], key: Literal["not_in_inventory", "not_audited", "isolated", "lacking"]
) -> Ids:
    return {instance_id for entry in entries for instance_id in entry[key]}
