# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import glob
import inspect
import os
from datetime import datetime, timedelta, timezone

import pytest
import requests
from crs_fakes import SECRET_ID, SECRET_KEY, v2_ok, v3_ok

from ansible_collections.qcloud.crs.plugins.module_utils import _connection
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=timezone.utc)
BUNDLE = requests.certs.where()
FOLDER = os.path.dirname(BUNDLE)
ENVIRON = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": SECRET_KEY}


def connect(environ=None, **options):
    defaults = {name: entry.get("default") for name, entry in connection_spec().items()}
    given = {"region": "ap-guangzhou", **options}
    return _connection.connect({**defaults, **given}, Keyring(ENVIRON if environ is None else environ, home="/nowhere"))


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("region", ["gz", "ap-guangzhou"])
def test_both_forms_of_a_region_go_with_both_versions(wire, version, region):
    dialect = connect(api_version=version, region=region)
    assert (dialect.version, dialect.region) == (version, "ap-guangzhou")
    assert dialect._credentials() == Credentials(SECRET_ID, SECRET_KEY, None)
    assert wire.sent == []


def test_the_region_may_come_from_the_environment_and_the_option_wins():
    environ = {**ENVIRON, "TENCENTCLOUD_REGION": "sh"}
    assert connect(environ, region=None).region == "ap-shanghai"
    assert connect(environ, region="").region == "ap-shanghai"
    assert connect(environ, region="gz").region == "ap-guangzhou"


@pytest.mark.parametrize(
    "given, said",
    [
        ({"region": None}, "no region: set the option region or the environment variable TENCENTCLOUD_REGION"),
        ({"region": "nowhere"}, "region 'nowhere' is not a region code: use"),
        ({"timezone": "Mars"}, "timezone 'Mars' is neither an offset .* use an offset"),
        ({"endpoint": "http://example.com"}, "endpoint 'http://example.com' is plain http.*use https"),
        ({"timeout": 0}, "timeout is 0: use a number from 1 to 600"),
        ({"timeout": 601}, "timeout is 601: use a number from 1 to 600"),
        ({"retries": -1}, "retries is -1: use a number from 0 to 20"),
        ({"retries": 21}, "retries is 21: use a number from 0 to 20"),
        ({"requests_per_second": -0.1}, "requests_per_second is -0.1: use a number from 0 to 1000"),
        (
            {"requests_per_second": 0.05},
            "requests_per_second is 0.05: use 0 for no limit, or a number from 0.1 to 1000",
        ),
        ({"requests_per_second": float("nan")}, "requests_per_second is nan"),
        ({"requests_per_second": float("inf")}, "requests_per_second is inf"),
        ({"concurrency": 0}, "concurrency is 0: use a number from 1 to 64"),
        ({"concurrency": 65}, "concurrency is 65: use a number from 1 to 64"),
        ({"ca_path": "/no/such.pem"}, "ca_path '/no/such.pem' doesn't exist on this machine"),
        (
            {"ca_path": __file__},
            "ca_path '.*' can't be used .it has no certificates in PEM form.: give a file or folder",
        ),
        (
            {"ca_path": "/etc/passwd", "validate_certs": False},
            "ca_path is '/etc/passwd' but validate_certs is false: remove one",
        ),
        ({"secret_id": "id"}, "secret_id is set in the options but secret_key is not: set both"),
        ({"environ": {}}, "no credentials: set TENCENTCLOUD_SECRET_ID"),
    ],
    ids=lambda value: repr(value)[:60] if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_bad_options_are_named_before_any_request(wire, given, said, version):
    with pytest.raises(InvalidOption, match=said) as caught:
        connect(**{"api_version": version, **given})
    assert caught.value.as_dict()["kind"] == "invalid_option"
    assert wire.sent == []


@pytest.mark.parametrize(
    "given, verify",
    [({}, True), ({"validate_certs": False}, False), ({"ca_path": BUNDLE}, BUNDLE), ({"ca_path": FOLDER}, FOLDER)],
    ids=["default", "off", "bundle", "folder"],
)
def test_how_certificates_are_checked(wire, given, verify):
    wire.expect(v3_ok(0, []))
    connect(**given).backups_page(None, None, None, 0, 100)
    assert wire.sent[0].options["verify"] == verify


def test_timeout_retries_and_zone_arrive(wire):
    wire.expect(v2_ok(0, []))
    dialect = connect(api_version="v2", timeout=7, timezone="UTC", retries=0)
    dialect.backups_page("crs-1", NOW, None, 0, 100)
    assert wire.sent[0].options["timeout"] == pytest.approx(7, abs=0.1)
    assert b"beginTime=2026-11-24+12%3A00%3A00" in wire.sent[0].body


@pytest.mark.parametrize(
    "version, begin, end, horizon",
    [
        ("v3", None, None, None),
        ("v3", NOW - timedelta(days=60), None, 60 * 86400),
        ("v2", None, None, 7 * 86400),
        ("v2", NOW - timedelta(days=60), None, 7 * 86400),
        ("v2", NOW - timedelta(hours=1), NOW, 3600),
    ],
)
def test_x6_describe_says_how_far_back_the_listing_reaches(wire, version, begin, end, horizon):
    dialect = connect(api_version=version)
    said = _connection.describe(dialect, begin, end, NOW, 0.12345)
    assert said["horizon_seconds"] == horizon
    assert said == {
        "api_version": version,
        "action": {"v2": "GetRedisBackupList", "v3": "DescribeInstanceBackups"}[version],
        "endpoint": {"v2": "https://redis.api.qcloud.com/v2/index.php", "v3": "https://redis.tencentcloudapi.com/"}[
            version
        ],
        "region": "ap-guangzhou",
        "timezone": "UTC+08:00",
        "begin_time": begin and begin.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end_time": end and end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "horizon_seconds": horizon,
        "requests": 0,
        "retries": 0,
        "throttled": 0,
        "seconds": 0.123,
    }


def test_describe_names_an_iana_zone(wire):
    assert _connection.describe(connect(timezone="Asia/Tokyo"), None, None, NOW, 0)["timezone"] == "Asia/Tokyo"


def test_x14_neither_ansible_nor_a_client_of_the_vendors_is_imported():
    """Its packages overwrite each other; and what talks to the API can be used and tested without Ansible."""
    imported = set()
    for path in glob.glob(
        os.path.join(os.path.dirname(inspect.getsourcefile(_connection)), "**", "*.py"), recursive=True
    ):
        with open(path, encoding="utf-8") as file:
            for node in ast.walk(ast.parse(file.read())):
                if isinstance(node, ast.Import):
                    imported.update(alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    imported.add(node.module.partition(".")[0])
    assert "requests" in imported
    assert not imported & {"ansible", "tencentcloud", "QcloudApi", "qcloudsdkcore", "tccli"}


def test_connections_of_an_account_share_its_pace():
    """Whatever region, dialect or host they ask, and never with another account's."""
    keyring = Keyring({**ENVIRON, "OTHER_SECRET_ID": SECRET_ID[::-1], "OTHER_SECRET_KEY": SECRET_KEY}, home="/nowhere")
    defaults = {name: entry.get("default") for name, entry in connection_spec().items()}

    def pace(**options):
        dialect = _connection.connect({**defaults, "region": "ap-guangzhou", **options}, keyring)
        return dialect.client._pace

    first = pace()
    assert pace(region="sh", requests_per_second=5) is pace(api_version="v2") is first
    assert first._wanted == 5
    others = [first, pace(env_prefix="OTHER"), pace(role_arn="qcs::cam::uin/1:roleName/a")]
    assert len({id(one) for one in others}) == 3
    assert pace(role_arn="qcs::cam::uin/1:roleName/a", role_session_name="second") is others[2]
    assert others[1]._wanted == 20


PLAIN = {name: entry.get("default") for name, entry in connection_spec().items()}


@pytest.mark.parametrize(
    "options, environ, known",
    [
        ({"region": "gz"}, {}, {"region": "ap-guangzhou"}),
        ({}, {"TENCENTCLOUD_REGION": "sh"}, {"region": "ap-shanghai"}),
        ({}, {}, {}),
        ({"region": "gz"}, ENVIRON, {"role_arn": None, "region": "ap-guangzhou"}),
        (
            {},
            {**ENVIRON, "TENCENTCLOUD_ROLE_ARN": "arn", "TENCENTCLOUD_REGION": "sg"},
            {"role_arn": "arn", "region": "ap-singapore"},
        ),
        ({"role_arn": "mine"}, {**ENVIRON, "TENCENTCLOUD_ROLE_ARN": "arn"}, {"role_arn": "mine"}),
    ],
)
def test_who_would_be_asked_where_is_known_without_a_request(wire, options, environ, known):
    found = _connection.identity({**PLAIN, **options}, Keyring(environ, home="/nowhere"))
    assert {name: value for name, value in found.items() if name != "fingerprint"} == known
    assert ("fingerprint" in found) == ("TENCENTCLOUD_SECRET_ID" in environ) and wire.sent == []


@pytest.mark.parametrize(
    "named, options, environ, label",
    [
        ("shop", {"role_arn": "arn", "profile": "p"}, ENVIRON, "shop"),
        (None, {"role_arn": "arn", "profile": "p"}, ENVIRON, "arn"),
        (None, {"profile": "p"}, ENVIRON, "p"),
        (None, {}, {**ENVIRON, "TENCENTCLOUD_ROLE_ARN": "arn"}, "arn"),
        (None, {"use_instance_role": True}, {}, "instance-role"),
    ],
)
def test_an_account_has_a_label(named, options, environ, label):
    keyring = Keyring(environ, home="/nowhere")
    assert _connection.account_label(named, {**PLAIN, **options}, keyring) == label


def test_the_label_of_a_key_tells_keys_apart_and_shows_none():
    label = _connection.account_label(None, PLAIN, Keyring(ENVIRON, home="/nowhere"))
    assert label.startswith("key-") and len(label) == 12 and SECRET_ID not in label
