# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a user's connection options to a dialect that can be asked: one place for modules, actions and plugins.

Private to this collection. It knows no Ansible.
"""

from __future__ import annotations

import os

from ansible_collections.qcloud.crs.plugins.module_utils import _credentials, _endpoint, _regions, _times
from ansible_collections.qcloud.crs.plugins.module_utils._api_v2 import ApiV2
from ansible_collections.qcloud.crs.plugins.module_utils._api_v3 import ApiV3
from ansible_collections.qcloud.crs.plugins.module_utils._argspec import ENV_REGION, check_bounds
from ansible_collections.qcloud.crs.plugins.module_utils._client import Client
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._pace import Pace

_DIALECTS = {"v2": ApiV2, "v3": ApiV3}


def connect(options, environ=None):
    """Return ``(dialect, credentials)`` for checked options; nothing is sent yet.

    ``options`` has the keys of ``connection_spec()``. Raises InvalidOption, naming option, value and remedy.
    """
    environ = os.environ if environ is None else environ
    check_bounds(options)
    region = options.get("region") or environ.get(ENV_REGION)
    if not region:
        raise InvalidOption(f"no region: set the option region or the environment variable {ENV_REGION}")
    region = _regions.to_long(region)
    zone = _times.parse_zone(options["timezone"])
    endpoint = _endpoint.choose(options.get("endpoint"), options["api_version"], region)
    credentials = _credentials.resolve(options, environ)
    client = Client(
        endpoint,
        timeout=options["timeout"],
        retries=options["retries"],
        verify=_verify(options),
        pace=Pace(options["requests_per_second"]),
        pool=options["concurrency"],
    )
    dialect = _DIALECTS[options["api_version"]](client, lambda: credentials, region, zone)
    return dialect, credentials


def describe(dialect, begin, end, now, seconds):
    """Return what was asked and what it took, for results and records: plain values, no secret.

    ``horizon_seconds`` says how far back the listing can show backups, or None where the API doesn't say.
    """
    reach = (now - begin).total_seconds() if begin else None
    horizons = [horizon for horizon in (reach, dialect.horizon_seconds) if horizon is not None]
    client = dialect.client
    return {
        "api_version": dialect.version,
        "action": dialect.action,
        "endpoint": client.endpoint.url,
        "region": dialect.region,
        "timezone": str(dialect.zone),
        "begin_time": _times.to_iso(begin),
        "end_time": _times.to_iso(end),
        "horizon_seconds": int(min(horizons)) if horizons else None,
        "requests": client.requests,
        "retries": client.retries,
        "throttled": client.throttled,
        "seconds": round(seconds, 3),
    }


def _verify(options):
    """Return what requests takes as ``verify``: True, False or the path of a bundle."""
    path = options.get("ca_path")
    if not options["validate_certs"]:
        if path:
            raise InvalidOption(f"ca_path is {path!r} but validate_certs is false: leave one of them out")
        return False
    if path and not os.path.exists(path):
        raise InvalidOption(f"ca_path {path!r} doesn't exist on this machine")
    return path or True
