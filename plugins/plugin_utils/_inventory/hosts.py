# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From accounts and regions to named hosts with variables. Private to this collection.

Only ``places`` and ``read`` send requests. This file knows neither Ansible's inventory nor where options come from.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils._api.base import Api
from ...module_utils._api.endpoint import choose
from ...module_utils._api.instances import InstanceRecord, Wanted
from ...module_utils._api.regions import ALL, to_long
from ...module_utils._connection import Identity, account_label, connect, connect_anywhere, identity
from ...module_utils._credentials.chain import Keyring, refuse_blank
from ...module_utils._errors import CrsError, InvalidOption
from ...module_utils._listing.lister import Skip, list_instances
from ...module_utils._options.connection import Options, connection_spec
from ...module_utils._options.instances import filter_spec
from .._coverage import places as _places
from .._option_types import check_shapes, kind_of
from .._policy import facts
from .._policy.facts import Whose

SECRETS = ("secret_id", "secret_key", "token")
#: Options of an account in addition to those of the connection.
_OWN = {"name": {"type": "str"}, "regions": {"type": "list", "elements": "str"}}
_SPEC = {name: entry for name, entry in connection_spec().items() if name not in (*SECRETS, "region")}
OPTION_NAMES = tuple(_SPEC)

#: The variables of a host.
Variables = Mapping[str, Any]


class Source(NamedTuple):
    """One account in one region, or in ALL."""

    #: The user's name for it, or None.
    account: str | None
    #: Those of the connection.
    options: dict[str, Any]


class Listed(NamedTuple):
    """The instances of one source, and the account, region and options to reach it again."""

    account: str | None
    region: str
    options: dict[str, Any]
    records: list[InstanceRecord]


class Named(NamedTuple):
    """An instance, and the host that stands for it."""

    host: str
    record: InstanceRecord
    listed: Listed


_NAMES = ("instance_id", "instance_name", "private_ip")
_TAG = "tag:"
#: Valid host names. Names of instances are free text; these are safe in patterns, file names and URLs.
_HOST = re.compile(r"\w[\w.-]{0,127}")
#: The remedy if two hosts would have the same name.
_REMEDY = "rename one of them, set another preference first in hostnames, or leave hostnames out, which uses ids"
_TAKEN = ("localhost", "127.0.0.1", "::1", "all", "ungrouped", "crs")


def sources(defaults: Options, accounts: list[dict[str, Any]] | None, regions: Any) -> list[Source]:
    """Return the Sources of all accounts in all of their regions.

    ``defaults`` are connection options; each of ``accounts`` is a dict that may change them, and have a ``name`` and
    ``regions`` of its own. Raises InvalidOption, which names the account.
    """
    found: list[Source] = []
    _check_accounts(accounts or [])
    check_shapes({"regions": regions}, _OWN)
    for number, account in enumerate(accounts if accounts is not None else [{}]):
        label = f"accounts[{number}]" if accounts is not None else None
        for region in _regions(account, regions, label):
            options = {**defaults, **{key: value for key, value in account.items() if key not in _OWN}}
            checked = _checked(options, label)
            if region == ALL and checked["api_version"] == "v2":
                where = f"{label}: " if label else ""
                raise InvalidOption(f"{where}regions is [{ALL}], and API 2.0 can't list its regions: name them")
            found.append(Source(_text(account.get("name")), {**checked, "region": region}))
    if not found:
        raise InvalidOption(
            "accounts is an empty list: name accounts, or leave the option out to use one account with the options of the file"
        )
    counts = Counter(repr(source) for source in found)
    twin = next((source for source in found if counts[repr(source)] > 1), None)
    if twin:
        place = f"{twin.account or 'without a name'}, {twin.options['region'] or 'without a region'}"
        raise InvalidOption(f"accounts has the same account and region twice ({place}): leave one out")
    return found


def places(source: Source, keyring: Keyring) -> list[Source]:
    """Return a Source for each region of a source. Raises CrsError."""
    if source.options["region"] != ALL:
        return [source]
    with _in_terms_of_an_inventory():
        regions = _connect(source, keyring).regions()
    return [source._replace(options={**source.options, "region": region}) for region in regions]


def read(source: Source, wanted: Callable[[Api], Wanted], keyring: Keyring, skip: Skip | None = None) -> Listed:
    """Return the Listed of a source. ``wanted(api)`` returns the Wanted instances. Raises CrsError.

    ``skip(instance_id, error)`` is called for each instance whose id cannot be used as a host name; without it, the error is raised.
    """
    with _in_terms_of_an_inventory():
        api = _connect(source, keyring)
        return Listed(source.account, api.region, source.options, list_instances(api, wanted(api), skip))


@contextmanager
def _in_terms_of_an_inventory() -> Iterator[None]:
    try:
        yield
    except InvalidOption as error:
        raise InvalidOption(
            f"{error.reason} (in an inventory, write regions for region, and env_prefix or profile for secret_id and secret_key)"
        ) from None


def gap(source: Source, error: CrsError, keyring: Keyring) -> dict[str, Any]:
    """Return an entry of ``crs_inventory_errors`` for a source that could not be listed: its place and the error."""
    api = _connect(source, keyring)
    return {
        "account": account_label(source.account, source.options, keyring),
        "region": ALL if source.options["region"] == ALL else api.region,
        "endpoint": api.client.endpoint.url,
        "api_version": api.version,
        "error": error.as_dict(),
    }


def failure(path: str, error: CrsError) -> dict[str, Any]:
    """Return an entry of ``crs_inventory_errors`` for a file that failed. Its places may not be known."""
    return {**_places.gap(error, path), "account": os.path.basename(path)}


def is_failure(gap: Mapping[str, Any], path: str) -> bool:
    """Tell whether a gap is that of the whole file, as ``failure`` returns it."""
    message: str = gap["error"]["message"]
    return gap["account"] == os.path.basename(path) and message.startswith(f"{path}: ")


def who(source: Source, keyring: Keyring) -> Identity:
    """Return the Identity of a source, key and place, as far as they are known without a request."""
    if source.options["region"] != ALL:
        return identity(source.options, keyring)
    return {**identity({**source.options, "region": None}, keyring), "region": ALL}


def _connect(source: Source, keyring: Keyring) -> Api:
    options = {**dict.fromkeys(SECRETS), **source.options}
    if options["region"] == ALL:
        return connect_anywhere({**options, "region": None}, keyring)
    return connect(options, keyring)


def check_hostnames(preferences: Iterable[Any]) -> None:
    """Raise InvalidOption for a preference that no record can meet."""
    for preference in preferences:
        is_tag = isinstance(preference, str) and preference.startswith(_TAG) and preference != _TAG
        if preference not in _NAMES and not is_tag:
            raise InvalidOption(f"hostnames has {preference!r}: use {', '.join(_NAMES)} or tag:KEY")


def whose(listed: Listed) -> Whose:
    """Return the cloud and region in which the ids of a Listed are unique."""
    endpoint = choose(listed.options.get("endpoint"), listed.options["api_version"], listed.region)
    return facts.whose(endpoint.url, listed.region)


def unique(listed: Sequence[Listed]) -> tuple[list[Listed], list[str]]:
    """Return ``(listed, notes)`` with each instance of a cloud in only one Listed.

    It is that of the account whose name sorts first, so that the order of accounts in a file doesn't decide which key is used.
    """
    owners: dict[Whose, dict[str, Listed]] = {}
    for source in sorted(listed, key=_rank):
        known = owners.setdefault(whose(source), {})
        for record in source.records:
            known.setdefault(record["instance_id"], source)
    result: list[Listed] = []
    notes: list[str] = []
    for source in listed:
        known = owners[whose(source)]
        own = [record for record in source.records if known[record["instance_id"]] is source]
        twice = [record["instance_id"] for record in source.records if known[record["instance_id"]] is not source]
        if twice:
            other = _where(known[twice[0]])
            notes.append(
                f"{_where(source)} and {other} both have {_some(twice)}: {other} is used, by the order of their names"
            )
        result.append(source._replace(records=own))
    return result, notes


def _rank(source: Listed) -> tuple[str, str]:
    """Return the key to sort sources: by the name of the account, then by options."""
    return source.account or "", repr(sorted(source.options.items()))


def names(
    listed: Iterable[Listed],
    preferences: Sequence[str],
    hosts: Mapping[str, Variables] | None = None,
    groups: Container[str] = (),
) -> list[Named]:
    """Return a Named for each instance. Its name is the first of the preferences that is a valid name, else its id.

    ``hosts`` are the variables of other sources' hosts by name, ``groups`` the names of groups. Raises InvalidOption if two would
    have the same name: a person who may name one instance must not choose the variables and groups of another. For this
    reason a name depends only on its own instance.
    """
    found = [Named(_name(record, preferences), record, source) for source in listed for record in source.records]
    ids: dict[str, tuple[InstanceRecord, Listed]] = {}
    for _host, record, source in found:
        ids.setdefault(record["instance_id"], (record, source))
    taken: dict[str, tuple[InstanceRecord, Listed]] = {}
    for name, record, source in found:
        other = taken.setdefault(name, (record, source))
        if other[0] is not record:
            raise InvalidOption(_same_name(name, record, source, *other))
        if name != record["instance_id"] and name in ids:
            raise InvalidOption(_same_name(name, record, source, *ids[name]))
        if name in groups:
            raise InvalidOption(
                f"{_called(record, source)} would be the host {name}, which is the name of a group: {_REMEDY}"
            )
        if hosts and name in hosts and not _stands_for(name, hosts[name], record, source):
            raise InvalidOption(
                f"{_called(record, source)} would be the host {name}, which another source uses for something else"
                f"{_said_of(hosts[name])}: {_REMEDY}"
            )
    return found


def _same_name(name: str, record: InstanceRecord, listed: Listed, other: InstanceRecord, others: Listed) -> str:
    both = " and ".join(sorted((_called(record, listed), _called(other, others))))
    if record["instance_id"] == other["instance_id"]:
        return (
            f"{both} would both be the host {name}: two clouds or regions have an instance with this id. Set hostnames to what "
            "distinguishes them, such as instance_name or tag:KEY, or use a separate inventory and audit for each"
        )
    return f"{both} would both be the host {name}: {_REMEDY}"


def _called(record: InstanceRecord, listed: Listed) -> str:
    return f"{record['instance_id']} of {_where(listed)}"


def _where(listed: Listed) -> str:
    own = listed.options.get("endpoint")
    return f"{listed.account or 'the account'} in {listed.region}" + (f" at {own}" if own else "")


def _stands_for(name: str, values: Variables, record: InstanceRecord, listed: Listed) -> bool:
    """Tell whether a host of another source is the same instance, according to its own variables."""
    known = values.get("crs_instance_id")
    if (known or name) != record["instance_id"] or not (known or name.startswith("crs-")):
        # Ids of the vendor begin with crs- and are unmistakable; those of private clouds may be any word.
        return False
    region, endpoint, version = (_said(values, key) for key in ("crs_region", "crs_endpoint", "crs_api_version"))
    try:
        if region and to_long(region) != listed.region:
            return False
        # This plugin sets the endpoint if it is not the vendor's. In other sources, a group may set it.
        if endpoint or (known and region and version):
            found = choose(endpoint, version or listed.options["api_version"], listed.region)
            return facts.whose(found.url, listed.region) == whose(listed)
    except (InvalidOption, KeyError):
        return False
    return True


def _said(values: Variables, key: str) -> str | None:
    """Return a variable's text, or None if it is a template, which only a play can evaluate."""
    value = values.get(key)
    return value if isinstance(value, str) and "{" not in value else None


def _said_of(values: Variables) -> str:
    parts = [str(values[key]) for key in ("crs_instance_id", "crs_region", "crs_endpoint") if values.get(key)]
    return f" ({', '.join(parts)})" if parts else ""


def filters(options: Options) -> dict[str, Any]:
    """Return the checked filters from the user's options. Raises InvalidOption."""
    check_shapes(options, filter_spec())
    checked = ArgumentSpecValidator(filter_spec()).validate(
        {name: value for name, value in options.items() if value is not None}
    )
    if checked.error_messages:
        raise InvalidOption("; ".join(checked.error_messages))
    parameters: dict[str, Any] = checked.validated_parameters
    return parameters


def way(listed: Listed) -> dict[str, Any]:
    """Return the host variables with which a Listed can be reached again, without secrets."""
    changed = {name: value for name, value in listed.options.items() if value != _SPEC.get(name, {}).get("default")}
    return {
        **{f"crs_{name}": value for name, value in changed.items()},
        "crs_api_version": listed.options["api_version"],
        "crs_region": listed.region,
        **({"crs_account": listed.account} if listed.account else {}),
    }


def variables(record: InstanceRecord, listed: Listed) -> dict[str, Any]:
    """Return the host variables of an instance: its facts, and those of ``way``."""
    return {**{f"crs_{name}": value for name, value in record.items()}, **way(listed)}


def _check_accounts(accounts: Iterable[Any]) -> None:
    """Raise InvalidOption for an entry that is not a dict, or whose name or regions have the wrong type."""
    for number, account in enumerate(accounts):
        label = f"accounts[{number}]"
        if not isinstance(account, dict):
            raise InvalidOption(f"{label} is {kind_of(account)}: write each account as a dict with a name and options")
        check_shapes(account, _OWN, f"{label}: ")


def _regions(account: Mapping[str, Any], regions: Any, label: str | None) -> list[str | None]:
    has_own = account.get("regions") is not None
    own = account["regions"] if has_own else regions
    if own is None:
        return [None]
    where = f"regions of {label}" if has_own else "regions"
    if not isinstance(own, list) or not own or not all(isinstance(region, str) and region for region in own):
        raise InvalidOption(
            f"{where} is {own!r}, which is not a list of regions: write it as [ap-guangzhou, ap-shanghai]"
        )
    if ALL in own and len(set(own)) > 1:
        raise InvalidOption(f"{where} has {ALL} and others: write {ALL} alone, or name the regions")
    if ALL in own:
        return [ALL]
    return list(dict.fromkeys(map(to_long, own)))


def _checked(options: Options, label: str | None) -> dict[str, Any]:
    where = f"{label}: " if label else ""
    for name in SECRETS:
        if name in options:
            raise InvalidOption(
                f"{where}{name} is not an option here, since it would be in every host's variables: use env_prefix or profile"
            )
    if "region" in options:
        raise InvalidOption(f"{where}region is not an option here: use regions, a list")
    refuse_blank(options, where)
    unknown = sorted(str(name) for name in set(options) - set(_SPEC))
    if unknown:
        raise InvalidOption(f"{where}unknown options {', '.join(unknown)}: use {', '.join((*_OWN, *_SPEC))}")
    check_shapes(options, _SPEC, where)
    checked = ArgumentSpecValidator(_SPEC).validate(options)
    if checked.error_messages:
        raise InvalidOption(where + "; ".join(checked.error_messages))
    parameters: dict[str, Any] = checked.validated_parameters
    return parameters


def _name(record: InstanceRecord, preferences: Iterable[str]) -> str:
    values: Mapping[str, Any] = record
    for preference in preferences:
        is_tag = preference.startswith(_TAG)
        name: str | None = (record["tags"] or {}).get(preference[len(_TAG) :]) if is_tag else values[preference]
        if name and _HOST.fullmatch(name) and name not in _TAKEN:
            return name
    return record["instance_id"]


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)
