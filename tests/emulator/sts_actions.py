# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""API 3.0 actions of sts, version 2018-08-13: a role for a key pair, or for the token of an identity provider."""

from __future__ import annotations

import re
import secrets
import time

from .errors import Refusal
from .model import Credential

SESSION_NAME = re.compile(r"[\w+=,.@-]{2,128}", re.ASCII)


def assume_role(call, service):
    """Temporary credentials of a role of the fleet file, accepted from now on until they expire."""
    params = call.params
    role = service.fleet.roles.get(params.text("RoleArn"))
    asked = _session(params)
    if role is None:
        raise Refusal("role")
    return _issue(role, asked, service)


def assume_role_with_web_identity(call, service):
    """The same for anybody with a token that the role trusts. This call is not signed."""
    params = call.params
    role = service.fleet.roles.get(params.text("RoleArn"))
    given = params.text("ProviderId"), params.text("WebIdentityToken")
    asked = _session(params)
    if role is None:
        raise Refusal("role")
    if role.web_identity is None or role.web_identity != given:
        raise Refusal("web_identity")
    return _issue(role, asked, service)


def _session(params):
    """The life that is asked for, in seconds."""
    if not SESSION_NAME.fullmatch(params.text("RoleSessionName")):
        raise Refusal("parameter", "the parameter `RoleSessionName` is malformed")
    return params.integer("DurationSeconds", 7200, low=1, high=43200)


def _issue(role, asked, service):
    now = service.clock.wall()
    expires = int(now) + min(asked, role.expires_in)
    made = Credential(
        secret_id="AKID" + secrets.token_hex(16),
        secret_key=secrets.token_hex(16),
        token=secrets.token_urlsafe(48),
        account=role.account,
        denied_actions=role.denied_actions,
        expires=expires,
    )
    service.gate.credentials[made.secret_id] = made
    return {
        "Credentials": {"Token": made.token, "TmpSecretId": made.secret_id, "TmpSecretKey": made.secret_key},
        "ExpiredTime": expires,
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires)),
    }


ACTIONS = {
    "AssumeRole": (
        assume_role,
        {
            "RoleArn",
            "RoleSessionName",
            "DurationSeconds",
            "Policy",
            "ExternalId",
            "Tags",
            "SourceIdentity",
            "SerialNumber",
            "TokenCode",
        },
    ),
    "AssumeRoleWithWebIdentity": (
        assume_role_with_web_identity,
        {"ProviderId", "WebIdentityToken", "RoleArn", "RoleSessionName", "DurationSeconds"},
    ),
}
