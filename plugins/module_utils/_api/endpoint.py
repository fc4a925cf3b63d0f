# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which host requests go to: by the option ``endpoint``, or by API version and region. Private to this collection."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from .._errors import InvalidOption
from .._http.endpoint import Endpoint, is_loopback

_DEFAULT_PORTS = {"https": 443, "http": 80}
_PATHS = {"v2": "/v2/index.php", "v3": "/"}
#: The hosts of the vendor's own cloud: both generations of its API, and the addresses of regions and of its own network.
_VENDOR = re.compile(r"redis\.api\.qcloud\.com|redis\.(([a-z]{2,}(-[a-z0-9]+)+|internal)\.)?tencentcloudapi\.com")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")


def choose(option: str | None, api_version: str, region: str) -> Endpoint:
    """Return the Endpoint for the option ``endpoint`` (host, host:port, URL or None), v2 or v3, and a long region code.

    Raises InvalidOption.
    """
    if not option:
        return Endpoint("https", _default_host(api_version, region), _PATHS[api_version])
    parts, hostname = _split(option)
    if parts.scheme == "http" and not is_loopback(hostname):
        raise InvalidOption(
            f"endpoint {option!r} is plain http, which is allowed for loopback addresses only: use https"
        )
    path = parts.path if parts.path not in ("", "/") else _PATHS[api_version]
    if api_version == "v3" and path != "/":
        raise InvalidOption(f"endpoint {option!r} has a path, which API 3.0 does not support: remove {parts.path!r}")
    host = f"[{hostname}]" if ":" in hostname else hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return Endpoint(parts.scheme, host + port, path)


def cloud(url: str) -> str:
    """Return a label of the cloud that an Endpoint's URL belongs to. Within a region of a cloud, instance ids are unique.

    All addresses of the vendor, for both API versions, are one cloud, ``tencentcloud``. Any other host and port is a cloud of its own.
    """
    host = urlsplit(url).netloc
    return "tencentcloud" if _VENDOR.fullmatch(host) else host


def _default_host(api_version: str, region: str) -> str:
    if api_version == "v2":
        return "redis.api.qcloud.com"
    # Finance regions are networks of their own, which the common host doesn't reach.
    return f"redis.{region}.tencentcloudapi.com" if region.endswith("-fsi") else "redis.tencentcloudapi.com"


def _split(option: str) -> tuple[SplitResult, str]:
    """Return the parts of the option, and the name or address of the host among them."""
    text = option.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        unwanted = parts.username or parts.password or parts.query or parts.fragment
        hostname = parts.hostname or ""
        if parts.scheme in _DEFAULT_PORTS and parts.port != 0 and _is_host(hostname) and not unwanted:
            return parts, hostname
    except ValueError:
        pass
    # Without the value: it may hold a password.
    raise InvalidOption(
        "endpoint is not a host, host:port or URL: write it as redis.tencentcloudapi.com, 10.0.0.5:8443 or "
        "https://redis.example.com:8443, without user, password, query or fragment"
    )


def _is_host(hostname: str) -> bool:
    return bool(_NAME.fullmatch(hostname)) or (":" in hostname and bool(ip_address(hostname)))
