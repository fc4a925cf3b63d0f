# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._api.endpoint import choose
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption


@pytest.mark.parametrize(
    "version, region, url",
    [
        ("v3", "ap-guangzhou", "https://redis.tencentcloudapi.com/"),
        ("v3", "ap-shanghai-fsi", "https://redis.ap-shanghai-fsi.tencentcloudapi.com/"),
        ("v3", "ap-shenzhen-fsi", "https://redis.ap-shenzhen-fsi.tencentcloudapi.com/"),
        ("v2", "ap-guangzhou", "https://redis.api.qcloud.com/v2/index.php"),
    ],
    ids=["v3", "x16-shanghai-finance", "x16-shenzhen-finance", "v2"],
)
def test_the_default_follows_from_version_and_region(version, region, url):
    assert choose(None, version, region).url == choose("", version, region).url == url


@pytest.mark.parametrize(
    "option, version, url",
    [
        ("redis.intl.tencentcloudapi.com", "v3", "https://redis.intl.tencentcloudapi.com/"),
        ("10.0.0.5:8443", "v3", "https://10.0.0.5:8443/"),
        ("https://Redis.Example.COM:443/", "v3", "https://redis.example.com/"),
        ("https://redis.example.com:8443", "v2", "https://redis.example.com:8443/v2/index.php"),
        ("https://redis.example.com/api/index.php", "v2", "https://redis.example.com/api/index.php"),
        ("http://127.0.0.1:8080", "v3", "http://127.0.0.1:8080/"),
        ("http://localhost:80", "v2", "http://localhost/v2/index.php"),
        ("http://[::1]:8080", "v3", "http://[::1]:8080/"),
        ("[::1]:8443", "v3", "https://[::1]:8443/"),
        (" redis.example.com ", "v3", "https://redis.example.com/"),
    ],
    ids=[
        "x17-international",
        "port",
        "case-and-default-port",
        "v2",
        "v2-path",
        "loopback",
        "localhost",
        "ipv6",
        "bare-ipv6",
        "space",
    ],
)
def test_the_option_is_a_host_a_host_with_port_or_a_url(option, version, url):
    assert choose(option, version, "ap-guangzhou").url == url


@pytest.mark.parametrize(
    "option, host",
    [
        ("redis.example.com:8443", "redis.example.com:8443"),
        ("redis.example.com:443", "redis.example.com"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://127.0.0.1:80", "127.0.0.1"),
    ],
)
def test_x23_host_is_what_gets_signed_and_sent(option, host):
    assert choose(option, "v3", "ap-guangzhou").host == host


@pytest.mark.parametrize(
    "option",
    [
        "http://redis.tencentcloudapi.com",
        "http://10.0.0.5:8080",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:8080",
        "http://[fe80::1]:80",
        "HTTP://example.com",
    ],
)
def test_plain_http_is_for_loopback_only(option):
    with pytest.raises(InvalidOption, match=r"plain http.*use https") as caught:
        choose(option, "v3", "ap-guangzhou")
    assert repr(option) in str(caught.value)


@pytest.mark.parametrize(
    "option",
    [
        "ftp://example.com",
        "https://",
        "https://user:hunter2@example.com",
        "https://hunter2@example.com",
        "https://example.com?a=hunter2",
        "https://example.com#hunter2",
        "example.com:99999",
        "example.com:0",
        "example.com:x",
        "exa mple.com",
        "[::1",
        "::1",
        "-x.example.com",
        "x-.example.com",
        "x..example.com",
        f"{64 * 'x'}.example.com",
        "file:///etc/passwd",
        "example.com\\@evil.com",
        "\u2026",
    ],
)
def test_nonsense_is_refused_and_not_shown(option):
    """It may hold a password."""
    with pytest.raises(InvalidOption, match=r"^endpoint ") as caught:
        choose(option, "v3", "ap-guangzhou")
    assert "hunter2" not in str(caught.value) and "host:port" in str(caught.value)


def test_api_3_has_no_path():
    with pytest.raises(InvalidOption, match="remove '/v3'"):
        choose("https://example.com/v3", "v3", "ap-guangzhou")


@pytest.mark.parametrize(
    "option, wanted",
    [
        ("http://127.0.0.1:1", True),
        ("https://127.8.8.8", True),
        ("localhost", True),
        ("[::1]", True),
        ("example.com", False),
        ("10.0.0.1", False),
    ],
)
def test_is_loopback(option, wanted):
    assert choose(option, "v3", "ap-guangzhou").is_loopback is wanted
