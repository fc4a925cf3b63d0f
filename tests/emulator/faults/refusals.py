# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults in which the service says no, or turns its clock."""

from __future__ import annotations

from ..errors import Refusal
from .predicates import v3_backups
from .registry import fault


@fault("before")
def throttle(call, fault, service):
    """The dialect's own code for too many requests: 4400 or RequestLimitExceeded."""
    raise Refusal("throttle")


@fault("before")
def internal_error(call, fault, service):
    """The dialect's own code for an internal error: 6000 or InternalError."""
    raise Refusal("internal")


@fault("before", code="InternalError", message="made by a fault", code_desc=None)
def api_error(call, fault, service):
    """Any error at all: `code`, `message` and, for v2, `code_desc`."""
    raise Refusal.raw(fault["code"], fault["message"], fault["code_desc"])


@fault("before")
def echo_secret(call, fault, service):
    """An error whose message repeats the request's SecretId, token and signature."""
    raise Refusal("authorization", "can't verify " + _confidential(call))


@fault("reply")
def echo_header(call, fault, reply):
    """An answer that is no JSON, whose Content-Type repeats the request's SecretId, token and signature."""
    reply.body = b"-"
    reply.headers["Content-Type"] = _confidential(call)


def _confidential(call):
    common, headers = call.common, call.request.headers
    secret_id = call.credential.secret_id if call.credential else None
    parts = [
        secret_id,
        call.params.values.get("WebIdentityToken"),
        common.get("Token"),
        common.get("Signature"),
        headers.get("authorization"),
    ]
    return " ".join(part for part in parts if part)


@fault("setup", seconds=3600)
def skew(call, fault):
    """The server's clock is wrong by `seconds`, in its check and in its Date header."""
    call.skew = fault["seconds"]


@fault("setup", when=v3_backups)
def ignore_status(call, fault):
    """The status filter is ignored: backups of every status are listed."""
    call.ignore_status = True
