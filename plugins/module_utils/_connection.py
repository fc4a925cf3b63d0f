# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the connection options to an Api: one place for modules, actions and plugins.

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
from ._credentials.chain import Keyring
from ._credentials.model import Provider
from ._credentials.source_type import Source
from ._errors import InvalidOption
from ._http.client import Client
from ._http.endpoint import Endpoint
from ._http.rate_limit import Pace
from ._options.connection import Options, check_bounds

_API_BY_VERSION: dict[str, Callable[[Client, Provider, str, tzinfo], Api]] = {"v2": ApiV2, "v3": ApiV3}


class Identity(TypedDict, total=False):
    """Which key and role would be used, and in which region. A key that is missing isn't known without a request."""

    fingerprint: str | None
    role_arn: str | None
    region: str


class Effort(TypedDict):
    """Which request was sent where, how often and for how long: part of results and records."""

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
    """The Effort of a listing of backups, and which time it covers (ISO 8601 in UTC, None for no bound)."""

    begin_time: str | None
    end_time: str | None
    #: How far back the listing can show backups, or None if neither query nor API sets a bound.
    horizon_seconds: int | None


def connect(options: Options, keyring: Keyring | None = None) -> Api:
    """Return the Api for options; nothing is sent yet.

    ``options`` has the keys of ``connection_spec()``, with values of its types. The ``keyring`` finds the key pair. Connections that
    share one assume each role once. Raises InvalidOption, naming option, value and remedy, and MissingLibrary.
    """
    check_bounds(options)
    keyring = keyring or Keyring()
    source = keyring.source(options)
    region = _region(options, source, keyring)
    zone = _times.parse_zone(options["timezone"])
    endpoint = _endpoint.choose(options.get("endpoint"), options["api_version"], region)
    client = _client(options, endpoint, _pace(options, source, keyring))
    provider = _assumed(options, source, region, zone, keyring) or _base(options, source, zone, keyring)
    return _API_BY_VERSION[options["api_version"]](client, provider, region, zone)


def connect_anywhere(options: Options, keyring: Keyring) -> Api:
    """Return an Api for requests whose answer is the same in all regions: with the region that ``connect`` would use, else any."""
    source = keyring.source(options)
    return connect({**options, "region": _find_region(options, source, keyring) or regions.ANY}, keyring)


def account_label(named: str | None, options: Options, keyring: Keyring) -> str:
    """Return the label of an account in records: ``named`` by the user, else its role, profile or key's fingerprint; never a secret."""
    found: str | None = named or options["role_arn"] or options["profile"]
    if found:
        return found
    source = keyring.source(options)
    # One key may assume roles in several accounts, so the role comes before the key.
    return _role_of(source) or (f"key-{source.fingerprint}" if source.fingerprint else "instance-role")


def identity(options: Options, keyring: Keyring) -> Identity:
    """Return the Identity that ``connect`` would use, as far as it is known without a request. It holds no secret.

    Without credentials it has at most the region. Raises InvalidOption for credentials that exist and are invalid.
    """
    source = keyring.find(options)
    region = _find_region(options, source, keyring)
    where: Identity = {"region": regions.to_long(region)} if region else {}
    if source is None:
        return where
    return {"fingerprint": source.fingerprint, "role_arn": options["role_arn"] or _role_of(source), **where}


def _pace(options: Options, source: Source, keyring: Keyring) -> Pace:
    """Return the rate limiter that all connections with the same keys and role share: the API counts requests for an account."""
    account = options.get("role_arn") or _role_of(source) or source.provider
    pace = keyring.kept(("pace", account), lambda: Pace(options["requests_per_second"]))
    pace.hold_to(options["requests_per_second"])
    return pace


def _region(options: Options, source: Source, keyring: Keyring) -> str:
    """Return the long code of the region. Raises InvalidOption if there is none."""
    region = _find_region(options, source, keyring)
    if not region:
        variable = _region_variable(options, keyring)
        raise InvalidOption(f"no region: set the option region or the environment variable {variable}")
    return regions.to_long(region)


def _find_region(options: Options, source: Source | None, keyring: Keyring) -> str | None:
    """Return the region as the user wrote it, or None: by option, named profile, environment, or the default profile."""
    of_source = source.region if source else None
    named = of_source if options.get("profile") else None
    return options.get("region") or named or keyring.environ.get(_region_variable(options, keyring)) or of_source


def _region_variable(options: Options, keyring: Keyring) -> str:
    return f"{keyring.prefix(options)}_REGION"


def _role_of(source: Source) -> str | None:
    """Return the role that the credentials' source itself names, or None."""
    provider = source.provider
    return provider.role_arn if isinstance(provider, web_identity.WebIdentity) else source.role_arn


def _base(options: Options, source: Source, zone: tzinfo, keyring: Keyring) -> Provider:
    """Return the provider of the source's own credentials, before ``role_arn`` is assumed."""
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
    """Return what else has to be equal for connections to share a role's session: TLS verification, timeout and retries."""
    return verify(options), options["timeout"], options["retries"]


def _assumed(options: Options, source: Source, region: str, zone: tzinfo, keyring: Keyring) -> Provider | None:
    """Return the provider of the role's temporary credentials, or None if there is no role to assume."""
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
    """Return the Query of a listing that took ``seconds``. It holds no secret."""
    reach = (now - begin).total_seconds() if begin else None
    horizons = [horizon for horizon in (reach, api.horizon_seconds) if horizon is not None]
    return {
        **effort(api, api.action, seconds),
        "begin_time": _times.to_iso(begin),
        "end_time": _times.to_iso(end),
        "horizon_seconds": int(min(horizons)) if horizons else None,
    }


def effort(api: Api, action: str, seconds: float) -> Effort:
    """Return the Effort of an ``action`` that took ``seconds``: the requests are all that this Api's client sent."""
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
    """Return what requests takes as ``verify``: True, False or the path of a CA bundle. Raises InvalidOption."""
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
    """Raise InvalidOption for a file that TLS can't use. At the first request its error would seem to be the server's."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror if not isinstance(error, ssl.SSLError) else "it has no certificates in PEM form"
        raise InvalidOption(
            f"ca_path {path!r} can't be used ({why}): give a file or folder of PEM certificates"
        ) from None
