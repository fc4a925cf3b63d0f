# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a user's connection options to a dialect that can be asked: one place for modules, actions and plugins.

Private to this collection. It knows no Ansible.
"""

from __future__ import annotations

import os
import ssl
from datetime import datetime, tzinfo
from typing import Callable, TypedDict

from . import _times
from ._api import endpoint as _endpoint
from ._api import regions
from ._api.base import Api
from ._api.v2 import ApiV2
from ._api.v3 import ApiV3
from ._credentials import sts as _sts
from ._credentials import web_identity
from ._credentials.chain import Keyring, Source
from ._credentials.model import Provider
from ._errors import InvalidOption
from ._http.client import Client
from ._http.endpoint import Endpoint
from ._http.rate_limit import Pace
from ._options.connection import Options, check_bounds

_DIALECTS: dict[str, Callable[[Client, Provider, str, tzinfo], Api]] = {"v2": ApiV2, "v3": ApiV3}


class Identity(TypedDict, total=False):
    """Who would be asked where. A key that is missing isn't known without a request."""

    fingerprint: str | None
    role_arn: str | None
    region: str


class Effort(TypedDict):
    """What was asked and what it took, for results and records."""

    api_version: str
    action: str
    endpoint: str
    region: str
    timezone: str
    requests: int
    retries: int
    throttled: int
    seconds: float


class Query(Effort):
    """The same of a listing of backups."""

    begin_time: str | None
    end_time: str | None
    #: How far back the listing can show backups, or None where the API doesn't say.
    horizon_seconds: int | None


def connect(options: Options, keyring: Keyring | None = None) -> Api:
    """Return the API for checked options, ready to be asked; nothing is sent yet.

    ``options`` has the keys of ``connection_spec()``. The ``keyring`` finds the key pair; one for several connections
    takes each role once. Raises InvalidOption, naming option, value and remedy.
    """
    check_bounds(options)
    keyring = keyring or Keyring()
    source = keyring.source(options)
    region = _region(options, source, keyring)
    zone = _times.parse_zone(options["timezone"])
    endpoint = _endpoint.choose(options.get("endpoint"), options["api_version"], region)
    client = _client(options, endpoint, _pace(options, source, keyring))
    provider = _assumed(options, source, region, zone, keyring) or _base(options, source, zone, keyring)
    return _DIALECTS[options["api_version"]](client, provider, region, zone)


def connect_anywhere(options: Options, keyring: Keyring) -> Api:
    """Return an API to ask what is the same in all regions: of the region that would be the usual one, or of any."""
    source = keyring.source(options)
    return connect({**options, "region": _find_region(options, source, keyring) or regions.ANY}, keyring)


def account_label(named: str | None, options: Options, keyring: Keyring) -> str:
    """Return what tells accounts apart in a record: what the user calls it, else how it is reached, never a secret."""
    found: str | None = named or options["role_arn"] or options["profile"]
    if found:
        return found
    source = keyring.source(options)
    # One key may take a role in each of several accounts: the role tells them apart, and the key doesn't.
    return _role_of(source) or (f"key-{source.fingerprint}" if source.fingerprint else "instance-role")


def identity(options: Options, keyring: Keyring) -> Identity:
    """Return who would be asked where, as far as that is known without a request: plain values that hold no secret.

    Without credentials it is the region at most. Raises InvalidOption for credentials that are there and broken.
    """
    source = keyring.find(options)
    region = _find_region(options, source, keyring)
    where: Identity = {"region": regions.to_long(region)} if region else {}
    if source is None:
        return where
    return {"fingerprint": source.fingerprint, "role_arn": options["role_arn"] or _role_of(source), **where}


def _pace(options: Options, source: Source, keyring: Keyring) -> Pace:
    """Return the Pace that all connections with the same keys and role share: the API counts for an account."""
    account = options.get("role_arn") or _role_of(source) or source.provider
    pace = keyring.kept(("pace", account), lambda: Pace(options["requests_per_second"]))
    pace.hold_to(options["requests_per_second"])
    return pace


def _region(options: Options, source: Source, keyring: Keyring) -> str:
    """Return the long code of the region."""
    region = _find_region(options, source, keyring)
    if not region:
        variable = _region_variable(options, keyring)
        raise InvalidOption(f"no region: set the option region or the environment variable {variable}")
    return regions.to_long(region)


def _find_region(options: Options, source: Source | None, keyring: Keyring) -> str | None:
    """Return the region as it is written. A profile that was named has its own; the usual one yields to the environment."""
    of_source = source.region if source else None
    named = of_source if options.get("profile") else None
    return options.get("region") or named or keyring.environ.get(_region_variable(options, keyring)) or of_source


def _region_variable(options: Options, keyring: Keyring) -> str:
    return f"{keyring.prefix(options)}_REGION"


def _role_of(source: Source) -> str | None:
    """Return the role that a source itself leads to, or None."""
    provider = source.provider
    return provider.role_arn if isinstance(provider, web_identity.WebIdentity) else source.role_arn


def _base(options: Options, source: Source, zone: tzinfo, keyring: Keyring) -> Provider:
    """Return the provider of what the source itself gives."""
    if not isinstance(source.provider, web_identity.WebIdentity):
        return source.provider
    identity = source.provider
    session_name = options.get("role_session_name") or _sts.DEFAULT_SESSION
    _sts.check_session(session_name)
    identity = web_identity.checked(identity)
    endpoint, settings = _sts_endpoint(options, identity.region), _care(options)

    def make() -> Provider:
        client = _client(options, endpoint, Pace(options["requests_per_second"]))
        assumer = web_identity.Assumer(client, identity, zone, keyring.learn)
        return keyring.renewed(lambda: assumer.fetch(session_name))

    return keyring.kept((identity, session_name, endpoint, settings), make)


def _sts_endpoint(options: Options, region: str) -> Endpoint:
    return _endpoint.choose(options.get("sts_endpoint") or _sts.DEFAULT_HOST, "v3", region)


def _care(options: Options) -> tuple[bool | str, int, int]:
    """Return how carefully a service is asked: two connections with the same keys and role are one session, unless one is less careful."""
    return verify(options), options["timeout"], options["retries"]


def _assumed(options: Options, source: Source, region: str, zone: tzinfo, keyring: Keyring) -> Provider | None:
    """Return the provider of the role's credentials, or None if no role is to be taken."""
    role_arn = options.get("role_arn") or source.role_arn
    if not role_arn:
        return None
    session_name = options.get("role_session_name") or source.role_session_name or _sts.DEFAULT_SESSION
    _sts.check(role_arn, session_name)
    endpoint, base = _sts_endpoint(options, region), _base(options, source, zone, keyring)

    def make() -> Provider:
        sts = _sts.Sts(_client(options, endpoint, Pace(options["requests_per_second"])), base, region, zone)
        return keyring.renewed(lambda: sts.assume(role_arn, session_name))

    return keyring.kept((role_arn, session_name, endpoint, base, _care(options)), make)


def _client(options: Options, endpoint: Endpoint, pace: Pace) -> Client:
    return Client(
        endpoint,
        timeout=options["timeout"],
        retries=options["retries"],
        verify=verify(options),
        pace=pace,
        pool=options["concurrency"],
    )


def describe(api: Api, begin: datetime | None, end: datetime | None, now: datetime, seconds: float) -> Query:
    """Return what was asked of a listing of backups and what it took: plain values, no secret."""
    reach = (now - begin).total_seconds() if begin else None
    horizons = [horizon for horizon in (reach, api.horizon_seconds) if horizon is not None]
    return {
        **effort(api, api.action, seconds),
        "begin_time": _times.to_iso(begin),
        "end_time": _times.to_iso(end),
        "horizon_seconds": int(min(horizons)) if horizons else None,
    }


def effort(api: Api, action: str, seconds: float) -> Effort:
    """Return what was asked and what it took, without the times of backups."""
    client = api.client
    return {
        "api_version": api.version,
        "action": action,
        "endpoint": client.endpoint.url,
        "region": api.region,
        "timezone": str(api.zone),
        "requests": client.requests,
        "retries": client.retries,
        "throttled": client.throttled,
        "seconds": round(seconds, 3),
    }


def verify(options: Options) -> bool | str:
    """Return what requests takes as ``verify``: True, False or the path of a bundle."""
    path: str | None = options.get("ca_path")
    if not options["validate_certs"]:
        if path:
            raise InvalidOption(f"ca_path is {path!r} but validate_certs is false: remove one of them")
        return False
    if path and not os.path.exists(path):
        raise InvalidOption(f"ca_path {path!r} doesn't exist on this machine")
    if path and not os.path.isdir(path):
        _check_bundle(path)
    return path or True


def _check_bundle(path: str) -> None:
    """Raise InvalidOption for a file that TLS couldn't use: at the first request it would look like the server's fault."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror if not isinstance(error, ssl.SSLError) else "it has no certificates in PEM form"
        raise InvalidOption(
            f"ca_path {path!r} can't be used ({why}): give a file or folder of PEM certificates"
        ) from None
