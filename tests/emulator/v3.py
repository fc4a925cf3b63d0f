# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API 3.0: path `/`, parameters in JSON, a query or a form; string codes inside a `Response` envelope.

Sources: the API 3.0 request structure and signature pages; actions are in redis_actions.py and sts_actions.py.
"""

from __future__ import annotations

import json
import re
import uuid

from .errors import Refusal
from .messages import Call
from .params import Params, unflatten
from .redis_actions import ACTIONS as REDIS
from .regions import REGIONS
from .sts_actions import ACTIONS as STS

PATH = "/"
COMMON = {
    "Action",
    "Version",
    "Region",
    "Timestamp",
    "Nonce",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Token",
    "Language",
    "RequestClient",
}
# service -> (version, actions, whether a region is needed); an action is (function, parameter names)
SERVICES = {"redis": ("2018-04-12", REDIS, True), "sts": ("2018-08-13", STS, False)}
# The placeholder for a signature, if the token in the request says who asks.
UNSIGNED = "SKIP"
UNSIGNED_ACTIONS = {("sts", "AssumeRoleWithWebIdentity")}
SCOPE = re.compile(r"Credential=[^/,\s]+/[^/]*/([^/]+)/")


def read(request):
    """The call that a request carries; what can't be read is kept as `problem`, for its signature comes first."""
    call = Call(request, "v3")
    try:
        (_read_headers if "authorization" in request.headers else _read_form)(call)
    except Refusal as refusal:
        call.problem = refusal
        call.params = Params({}, typed=True)
    call.action = call.common.get("Action", "")
    call.version = call.common.get("Version", "")
    call.region_sent = call.common.get("Region", "")
    call.region = call.region_sent if call.region_sent in REGIONS else None
    call.unsigned = (
        call.request.headers.get("authorization") == UNSIGNED and (call.service, call.action) in UNSIGNED_ACTIONS
    )
    _note(call)
    return call


def _read_headers(call):
    """TC3: common parameters in headers, action parameters in JSON or in the query."""
    headers = call.request.headers
    call.common = {
        name: headers["x-tc-" + name.lower()]
        for name in ("Action", "Version", "Region", "Timestamp", "Token")
        if "x-tc-" + name.lower() in headers
    }
    scope = SCOPE.search(headers["authorization"])
    call.service = scope.group(1) if scope else _service_of(call.common.get("Version"))
    if call.request.method == "GET":
        call.params = Params(unflatten(call.request.form()), typed=False)
    else:
        call.params = Params(_json_object(call.request), typed=True)


def _json_object(request):
    """The JSON object of a body; an empty body is an empty object."""
    if request.content_type.split(";")[0].strip() != "application/json":
        raise Refusal("malformed", "the content type must be application/json")
    try:
        document = json.loads(request.body or b"{}")
    except ValueError:
        raise Refusal("malformed", "the body is not JSON") from None
    if not isinstance(document, dict):
        raise Refusal("malformed", "the body is not a JSON object")
    return document


def _read_form(call):
    """The older scheme: everything in one query or form."""
    sent = call.request.form()
    call.common = {name: value for name, value in sent.items() if name in COMMON}
    call.service = _service_of(sent.get("Version"))
    call.params = Params(unflatten({name: value for name, value in sent.items() if name not in COMMON}), typed=False)


def _service_of(version):
    """The service of a call that names none: the real ones have a host each."""
    return next((name for name, about in SERVICES.items() if about[0] == version), "redis")


def _note(call):
    """What the log and the choice of faults need to know, read leniently; the strict reading comes later."""
    values = call.params.values
    many = values.get("InstanceIds")
    named = [values.get("InstanceId")] + (many if isinstance(many, list) else [])
    call.instances = [one for one in named if isinstance(one, str)]
    for name, attribute in (("Offset", "offset"), ("Limit", "limit")):
        value = str(values.get(name, 0))
        setattr(call, attribute, int(value) if value.isdecimal() and len(value) < 18 else 0)


def refuse(refusal):
    code, message = refusal.v3
    return _envelope({"Error": {"Code": code, "Message": message}})


def answer(call, service):
    """The envelope of a success, or a Refusal."""
    if call.service not in SERVICES:
        raise Refusal("product")
    version, actions, regional = SERVICES[call.service]
    for name in ("Action", "Version"):
        if not call.common.get(name):
            raise Refusal("missing", "the common parameter `%s` is required" % name)
    if call.version != version:
        raise Refusal("version")
    if call.action not in actions:
        raise Refusal("action")
    if regional and call.region is None:
        raise Refusal(
            "region" if call.region_sent else "missing", "the common parameter `Region` is missing or unknown"
        )
    function, known = actions[call.action]
    call.params.refuse_unknown(known)
    return _envelope(function(call, service))


def _envelope(body):
    return {"Response": dict(body, RequestId=str(uuid.uuid4()))}
