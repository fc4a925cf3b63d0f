# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where requests are sent. Private to this collection."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Endpoint:
    """A URL in the parts that signatures need. ``_api/endpoint.py`` chooses it."""

    #: http or https.
    scheme: str
    #: With the port unless it is the scheme's default. It is signed and sent as the header Host.
    host: str
    path: str

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def is_loopback(self) -> bool:
        return is_loopback(urlsplit(self.url).hostname or "")


def is_loopback(hostname: str) -> bool:
    """Tell whether the name or address is this machine's own, so that no network sees what is sent there."""
    if hostname == "localhost":
        return True
    try:
        return ip_address(hostname).is_loopback
    except ValueError:
        return False
