# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: those of ca_path are trusted, others are not. (What a bad one leads to is in the table of faults.)"""

from __future__ import annotations

import pytest
from certificates import Authority
from emulator import DEFAULT_CREDENTIALS, Emulator
from fault_cases import FLEET, FULL, PASS
from fault_surfaces import SURFACES, look, role

pytestmark = pytest.mark.without_coverage

VERSIONS = ("v2", "v3")


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def met(authority, monkeypatch, tmp_path):
    """``met(surface, version, **options)`` -> what the surface shows of a server with that authority's certificate."""
    with Emulator(FLEET, tls=authority.issue()) as emulator:

        def meet(surface, version, **options):
            given = {
                "api_version": version,
                "region": "ap-guangzhou",
                "endpoint": emulator.url,
                "secret_id": DEFAULT_CREDENTIALS["secret_id"],
                "secret_key": DEFAULT_CREDENTIALS["secret_key"],
                **options,
            }
            return look(surface, given, tmp_path / "report", monkeypatch)

        yield meet


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("surface", SURFACES.values())
@pytest.mark.parametrize("way", ["bundle", "unchecked"])
def test_it_is_trusted_because_someone_said_so(met, authority, surface, version, way):
    options = {"ca_path": authority.path} if way == "bundle" else {"validate_certs": False}
    seen = met(surface, version, **options)
    assert seen.result == (PASS if surface is role else FULL), seen.text


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("surface", SURFACES.values())
def test_a_bundle_of_another_authority_is_no_reason(met, surface, version, tmp_path):
    (tmp_path / "other").mkdir()
    seen = met(surface, version, ca_path=Authority(tmp_path / "other").path, retries=0)
    assert "unreachable" in seen.result and "CERTIFICATE_VERIFY_FAILED" in seen.text, seen.text
    assert "check endpoint, ca_path and validate_certs" in seen.text


@pytest.mark.parametrize("surface", SURFACES.values())
def test_a_role_is_taken_over_a_trusted_connection_only(met, authority, surface, tmp_path):
    """The token service is asked with the same options."""
    with Emulator(FLEET, tls=authority.issue(name="sts.example.com")) as emulator:
        role_arn = "qcs::cam::uin/100000000001:roleName/audit"
        options = {"role_arn": role_arn, "sts_endpoint": emulator.url, "ca_path": authority.path, "retries": 0}
        seen = met(surface, "v3", **options)
        assert "unreachable" in seen.result and f"AssumeRole of {role_arn}" in seen.text, seen.text
        assert emulator.log == []
