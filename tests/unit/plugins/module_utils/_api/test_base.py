# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both API versions do with a response, whatever sent it."""

from __future__ import annotations

import http.client
import traceback
from urllib.parse import quote

import pytest
import requests
import urllib3
from crs_fakes import ODD_IDS, SECRET_KEY, TOKEN, reply, v2_error, v2_ok, v2_row, v3_error, v3_ok, v3_row

from ansible_collections.qcloud.crs.plugins.module_utils._api.base import Api
from ansible_collections.qcloud.crs.plugins.module_utils._api.v2 import ApiV2
from ansible_collections.qcloud.crs.plugins.module_utils._api.v3 import ApiV3
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._errors import AuthError, BadResponse, CrsError, plain
from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import list_instances

ECHO = f"{SECRET_KEY} {TOKEN} {quote(TOKEN, safe='')}"
OLD = f"Mon, 01 Jun 2026 02:00:00 GMT {ECHO}"


def refused(version, **headers):
    return v2_error(4200, **headers) if version == "v2" else v3_error("AuthFailure.SignatureExpire", **headers)


def broken_row(version):
    row = {"BackupId": ECHO, "InstanceId": f"crs-{ECHO}"}
    return v2_ok(1, [{"backupId": {"a": ECHO}}]) if version == "v2" else v3_ok(1, [row])


#: How a server, or a proxy in between, can repeat what it was sent, besides in the API's own error.
ECHOES = {
    "content-type": lambda version: reply(body=b"-", Content_Type=ECHO),
    "content-type-502": lambda version: reply(body=b"-", status=502, Content_Type=ECHO),
    "date": lambda version: refused(version, Date=OLD),
    "row": broken_row,
    "status-line": lambda version: requests.exceptions.ConnectionError(
        urllib3.exceptions.ProtocolError("Connection aborted.", http.client.BadStatusLine(ECHO))
    ),
    "chunk": lambda version: urllib3.exceptions.ProtocolError("broken", ValueError(ECHO)),
}


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_no_error_and_no_traceback_shows_what_was_echoed(wire, make_api, version, echo):
    wire.serve(lambda sent: echo(version))
    with pytest.raises(CrsError) as caught:
        make_api(version, token=TOKEN, retries=0).backups_page("crs-1", None, None, 0, 100)
    error = caught.value
    shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    for text in (str(error), repr(error), str(error.args), str(error.as_dict()), shown):
        for secret in (SECRET_KEY, TOKEN, quote(TOKEN, safe="")):
            assert secret not in text


def listing(version, **texts):
    """Return an answer with one backup that has more or other texts."""
    return v2_ok(1, [v2_row(**texts)]) if version == "v2" else v3_ok(1, [v3_row(**texts)])


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("secret", [SECRET_KEY, TOKEN], ids=["key", "token"])
@pytest.mark.parametrize("field", ["Remark", "remark", "InstanceName", "Anything"])
def test_a_listing_that_repeats_a_secret_is_refused(wire, make_api, version, secret, field):
    """It would stand in results, records and reports, and no one would mask it there."""
    wire.expect(listing(version, **{field: f"made by {secret}."}))
    with pytest.raises(BadResponse, match="repeats the request's key or token") as caught:
        make_api(version, token=TOKEN, retries=3).backups_page("crs-1", None, None, 0, 100)
    assert secret not in str(caught.value) and len(wire.sent) == 1


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_secret_is_found_in_whatever_way_json_writes_it(wire, make_api, version):
    escaped = "".join(f"\\u{ord(char):04x}" for char in TOKEN)
    wire.expect(reply(body=listing(version, Anything="MARK").body.replace(b"MARK", escaped.encode("ascii"))))
    with pytest.raises(BadResponse, match="repeats the request's key or token"):
        make_api(version, token=TOKEN, retries=0).backups_page("crs-1", None, None, 0, 100)


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("text", [TOKEN[:-1], TOKEN.swapcase(), "\\ / \u0416"])
def test_a_listing_without_one_is_read(wire, make_api, version, text):
    wire.expect(listing(version, Remark=text, remark=text))
    (row,) = make_api(version, token=TOKEN, retries=0).backups_page("crs-1", None, None, 0, 100).rows
    assert row["remark"] == text


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("token, refused", [("madeupToken1", True), ("madeupToken", False)])
def test_a_short_word_is_no_secret(wire, make_api, version, token, refused):
    wire.expect(listing(version, Remark=token, remark=token))
    api = make_api(version, token=token, retries=0)
    if refused:
        with pytest.raises(BadResponse, match="repeats"):
            api.backups_page("crs-1", None, None, 0, 100)
    else:
        assert api.backups_page("crs-1", None, None, 0, 100).rows[0]["remark"] == token


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_credentials_that_were_replaced_meanwhile_are_not_shown_either(wire, make_api, version):
    api = make_api(version, retries=0)
    wire.expect(reply(body=b"-", Content_Type="text/madeupFirstKey"))
    pairs = iter([Credentials("id", "madeupFirstKey", None), Credentials("id", "madeupSecondKey", None)])
    api._credentials = lambda: next(pairs)
    with pytest.raises(CrsError, match=r"text/\*+") as caught:
        api.backups_page("crs-1", None, None, 0, 100)
    assert "madeupFirstKey" not in str(caught.value)


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_credentials_that_can_not_be_had_are_asked_for_once(wire, make_api, version):
    asked = []

    def refuse():
        asked.append(1)
        raise AuthError("no credentials of an instance role")

    api = make_api(version)
    api._credentials = refuse
    with pytest.raises(AuthError, match="no credentials of an instance role"):
        api.backups_page("crs-1", None, None, 0, 100)
    assert len(asked) == 1 and wire.sent == []


def instances(version, *names):
    """Return an answer with instances of these ids."""
    if version == "v3":
        return v3_ok(len(names), [{"InstanceId": name} for name in names], "InstanceSet")
    rows = [{"redisId": name} for name in names]
    return reply({"code": 0, "totalCount": len(names), "data": {"redisSet": rows}})


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("one", ODD_IDS)
def test_an_id_that_cannot_name_a_host_is_skipped_by_name_and_the_others_stay(wire, make_api, version, one):
    wire.serve(lambda sent: instances(version, "redis-1", one, "kvs_2"))
    skipped = {}
    found = list_instances(make_api(version, retries=0), skip=skipped.__setitem__)
    assert [record["instance_id"] for record in found] == ["redis-1", "kvs_2"]
    assert list(skipped) == [plain(one)]
    error = skipped[plain(one)]
    assert isinstance(error, BadResponse)
    assert f"the instance {plain(one)!r} is left out: its id can't be used as a host name" in str(error)
    # If no caller handles the error, the list fails, and never looks complete without the instance.
    with pytest.raises(BadResponse, match="can't be used as a host name"):
        list_instances(make_api(version, retries=0))


@pytest.mark.parametrize("generation", [ApiV2, ApiV3])
def test_each_generation_states_all_that_callers_ask_of_an_api(generation):
    """The methods are abstract. An attribute without a value would be missed at its first use only."""
    assert "horizon_seconds" in Api.__annotations__
    assert [name for name in Api.__annotations__ if not hasattr(generation, name)] == []


def test_an_api_without_one_of_the_methods_is_none():
    class Silent(ApiV3):
        regions = Api.regions

    with pytest.raises(TypeError, match="abstract"):
        Silent(None, None, "ap-guangzhou", None)
