# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own client gets from the emulator what the vendor's clients get from it, in the clear and over TLS."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from vendor_fleet import EXPECTED, SECRET_ID, SECRET_KEY

from ansible_collections.qcloud.crs.plugins.module_utils._connection import connect
from ansible_collections.qcloud.crs.plugins.module_utils._errors import Unreachable
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import Lister
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec


def rows(endpoint, version, key=(SECRET_ID, SECRET_KEY, None), **options):
    defaults = {name: spec.get("default") for name, spec in connection_spec().items()}
    secret_id, secret_key, token = key
    dialect = connect(
        {
            **defaults,
            "api_version": version,
            "region": "ap-guangzhou",
            "endpoint": endpoint,
            "secret_id": secret_id,
            "secret_key": secret_key,
            "token": token,
            "retries": 0,
            **options,
        }
    )
    (listing,) = Lister(dialect, datetime.now(timezone.utc), page_size=3).instances(["crs-vendor01"])
    if listing.error:
        raise listing.error
    found = sorted(listing.backups, key=lambda row: row["start_time"], reverse=True)
    return [(row["backup_id"], row["type_code"], row["status_code"], row["remark"]) for row in found]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_same_rows(emulator, version):
    assert rows(emulator.url, version) == EXPECTED[version]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_same_rows_with_a_token(emulator, version):
    assert rows(emulator.url, version, ("AKIDtemporary", "temporaryKey", "tok+/=")) == EXPECTED[version]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_same_rows_over_tls(secure, authority, version):
    assert rows(f"localhost:{secure.port}", version, ca_path=authority[1]) == EXPECTED[version]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_certificates_are_checked(secure, version):
    with pytest.raises(Unreachable, match="TLS failed"):
        rows(f"localhost:{secure.port}", version)
    assert secure.log == []


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_certificates_may_go_unchecked_on_demand(secure, version):
    assert rows(f"localhost:{secure.port}", version, validate_certs=False) == EXPECTED[version]
