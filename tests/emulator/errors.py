# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals: one kind each, in the words of both dialects."""

from __future__ import annotations

# kind -> (v2 code, v2 codeDesc, v3 Code, default message)
KINDS = {
    "missing": (4000, "InvalidParameter", "MissingParameter", "a required parameter is missing"),
    "parameter": (11201, "InvalidParameter", "InvalidParameter.InvalidParameter", "a parameter is wrong"),
    "unknown_parameter": (4000, "InvalidParameter", "UnknownParameter", "the parameter is not defined"),
    "malformed": (4000, "InvalidParameter", "InvalidRequest", "the request body can't be read"),
    "region": (4000, "InvalidParameter", "UnsupportedRegion", "the region is not supported"),
    "instance": (10701, "InstanceNotExists", "ResourceNotFound.InstanceNotExists", "the instance does not exist"),
    "no_backup": (11213, "BackupNotExists", "InvalidParameterValue.BackupNotExists", "the backup does not exist"),
    "backup_status": (
        10711,
        "BackupStatusAbnormal",
        "ResourceUnavailable.BackupStatusInvalid",
        "the status of the backup does not allow this",
    ),
    "denied": (4102, "AuthFailure", "UnauthorizedOperation.NoCAMAuthed", "no permission for this resource"),
    "action_denied": (4101, "AuthFailure", "UnauthorizedOperation.NoCAMAuthed", "no permission for this action"),
    "authorization": (4100, "AuthFailure", "AuthFailure.InvalidAuthorization", "the authorization can't be read"),
    "signature": (4100, "AuthFailure", "AuthFailure.SignatureFailure", "the signature does not match"),
    "secret_id": (4104, "AuthFailure", "AuthFailure.SecretIdNotFound", "the SecretId is not found"),
    "token": (4105, "AuthFailure", "AuthFailure.TokenFailure", "the token is wrong or expired"),
    "clock": (4500, "ReplayAttack", "AuthFailure.SignatureExpire", "the timestamp is more than 300 s off"),
    "replay": (4500, "ReplayAttack", "InvalidRequest", "the nonce was used before"),
    "throttle": (4400, "RequestLimitExceeded", "RequestLimitExceeded", "too many requests, try again later"),
    "internal": (6000, "InternalError", "InternalError", "internal error"),
    "action": (6100, "ActionNotFound", "InvalidAction", "the action is invalid or not found"),
    "version": (6100, "ActionNotFound", "NoSuchVersion", "the version does not exist"),
    "product": (6100, "ActionNotFound", "NoSuchProduct", "the product does not exist"),
    "web_identity": (
        4000,
        "InvalidParameter",
        "InvalidParameter.WebIdentityTokenError",
        "the web identity token can't be verified",
    ),
    "role": (4000, "InvalidParameter", "ResourceNotFound.RoleNotFound", "the role does not exist"),
}
# Codes that redis itself answers, as opposed to the gateway, carry their number at the head of the v2 message.
MODULE_CODES = range(10000, 20000)


class Refusal(Exception):
    """An answer that says no: `v2` is (code, codeDesc, message), `v3` is (Code, Message)."""

    def __init__(self, kind, message=None):
        code, description, name, default = KINDS[kind]
        text = message or default
        super().__init__(text)
        self.v2 = (code, description, "(%d)%s %s" % (code, description, text) if code in MODULE_CODES else text)
        self.v3 = (name, text)

    @classmethod
    def raw(cls, code, message, code_desc=None):
        """A refusal with any code at all, the same in both dialects."""
        refusal = cls("internal", message)
        refusal.v2 = (code, code_desc or str(code), message)
        refusal.v3 = (str(code), message)
        return refusal


class FleetError(ValueError):
    """What is wrong with a fleet file or a fault, on one line, beginning with the key."""
