# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both dialects do with an answer, whoever it is from."""

from __future__ import annotations

import http.client
import traceback
from urllib.parse import quote

import pytest
import requests
import urllib3
from crs_fakes import SECRET_KEY, TOKEN, reply, v2_error, v2_ok, v3_error, v3_ok

from ansible_collections.qcloud.crs.plugins.module_utils._credentials import Credentials
from ansible_collections.qcloud.crs.plugins.module_utils._errors import AuthError, CrsError

ECHO = f"{SECRET_KEY} {TOKEN} {quote(TOKEN, safe='')}"
OLD = f"Mon, 01 Jun 2026 02:00:00 GMT {ECHO}"


def refused(version, **headers):
    return v2_error(4200, **headers) if version == "v2" else v3_error("AuthFailure.SignatureExpire", **headers)


def broken_row(version):
    row = {"BackupId": ECHO, "InstanceId": f"crs-{ECHO}"}
    return v2_ok(1, [{"backupId": {"a": ECHO}}]) if version == "v2" else v3_ok(1, [row])


#: How a server, or whoever is in between, can repeat what it was sent, besides in the API's own error.
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
