# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which host is asked: from the option, or from API version and region. Private to this collection."""

from __future__ import annotations

import re
from collections import namedtuple
from ipaddress import ip_address
from urllib.parse import urlsplit

from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption

_DEFAULT_PORTS = {"https": 443, "http": 80}
_PATHS = {"v2": "/v2/index.php", "v3": "/"}
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")


class Endpoint(namedtuple("Endpoint", "scheme host path")):
    """``host`` carries the port where it isn't the scheme's own: it is what gets signed and sent."""

    __slots__ = ()

    @property
    def url(self):
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def is_loopback(self):
        return _is_loopback(urlsplit(self.url).hostname)


def choose(option, api_version, region):
    """Return the Endpoint for the user's ``endpoint`` option (host, host:port, URL or None) and the long region."""
    if not option:
        return Endpoint("https", _default_host(api_version, region), _PATHS[api_version])
    parts = _split(option)
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise InvalidOption(f"endpoint {option!r} is plain http, which is spoken to a loopback address only: use https")
    path = parts.path if parts.path not in ("", "/") else _PATHS[api_version]
    if api_version == "v3" and path != "/":
        raise InvalidOption(f"endpoint {option!r} has a path, which API 3.0 doesn't know: leave {parts.path!r} out")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return Endpoint(parts.scheme, host + port, path)


def _default_host(api_version, region):
    if api_version == "v2":
        return "redis.api.qcloud.com"
    # Finance regions are networks of their own, which the common host doesn't reach.
    return f"redis.{region}.tencentcloudapi.com" if region.endswith("-fsi") else "redis.tencentcloudapi.com"


def _split(option):
    text = option.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        unwanted = parts.username or parts.password or parts.query or parts.fragment
        good = parts.scheme in _DEFAULT_PORTS and parts.port != 0 and _is_host(parts.hostname) and not unwanted
    except ValueError:
        good = False
    if not good:
        # Not the value itself: it may hold a password.
        raise InvalidOption(
            "endpoint is not a host, host:port or URL: write it as redis.tencentcloudapi.com, 10.0.0.5:8443 or "
            "https://redis.example.com:8443, without user, password, query or fragment"
        )
    return parts


def _is_host(hostname):
    return bool(hostname) and (bool(_NAME.fullmatch(hostname)) or (":" in hostname and bool(ip_address(hostname))))


def _is_loopback(hostname):
    if hostname == "localhost":
        return True
    try:
        return ip_address(hostname or "").is_loopback
    except ValueError:
        return False
