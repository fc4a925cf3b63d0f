# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings about a record: what changes no verdict, but needs attention. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...module_utils._errors import plain
from .._policy.facts import identity_of
from .._record.model import InstanceEntry, ListingEntry, Record

#: The maximum number of hosts in a sentence, and of sentences of a kind.
MAX_HOSTS = 10
MAX_NOTES = 20


def of(record: Record) -> list[str]:
    """Return the sentences, each once."""
    return [
        note
        for found in (_unread(record["listings"]), _contradicted(record["instances"]), _shared(record["instances"]))
        for note in few(list(dict.fromkeys(found)))
    ]


def _unread(listings: Iterable[ListingEntry]) -> Iterator[str]:
    """Yield a sentence for each region whose list of instances couldn't be read."""
    for listing in listings:
        error = listing["instances_error"]
        if error:
            yield (
                f"the list of instances of account {plain(listing['account'])} in {listing['region']} can't be read: "
                f"{plain(error['message'], 300)}. Without it, each instance is queried by itself, and it is not known which of them are new "
                "or isolated, or whether there are others"
            )


def _contradicted(entries: Iterable[InstanceEntry]) -> Iterator[str]:
    """Yield a sentence for each claim of the inventory that differs from the API's value."""
    for entry in entries:
        claims = entry["claims"] or {"created_time": None, "status": None}
        for name, claim, said in (
            ("created_time", claims["created_time"], entry["created_time"]),
            ("status", claims["status"], entry["status"]),
        ):
            if claim is not None and said is not None:
                yield (
                    f"host {plain(entry['host'])}: crs_{name} is {plain(claim)!r}, and the API says {plain(said)!r} of "
                    f"{entry['instance_id']}: the API's value is used. Correct the variable, or leave it out"
                )


def _shared(entries: Iterable[InstanceEntry]) -> Iterator[str]:
    """Yield a sentence for each instance that several hosts stand for."""
    hosts: dict[tuple[str, ...], list[str]] = {}
    for entry in entries:
        hosts.setdefault(identity_of(entry), []).append(entry["host"])
    for (_cloud, region, instance_id), found in sorted(hosts.items()):
        if len(found) > 1:
            named = ", ".join(plain(host) for host in sorted(found)[:MAX_HOSTS])
            more = f" and {len(found) - MAX_HOSTS} more" if len(found) > MAX_HOSTS else ""
            yield (
                f"the hosts {named}{more} have the same crs_instance_id, {instance_id} in {region}: they are one instance, and count once"
            )


def few(notes: list[str]) -> list[str]:
    """Return the first sentences of a kind, and how many more there are."""
    hidden = len(notes) - MAX_NOTES
    return notes if hidden <= 0 else [*notes[:MAX_NOTES], f"and {hidden} more of this kind, in the record"]
