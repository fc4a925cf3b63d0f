# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is calling: both signature schemes, written from the API documents and sharing nothing with the collection.

Sources: API 2.0 signature method (HmacSHA1, HmacSHA256) and API 3.0 TC3-HMAC-SHA256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
import time

from .errors import Refusal

MAX_SKEW = 300  # seconds; "more than 5 minutes" in the newer documents of both dialects
AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/,\s]+)/(\d{4}-\d\d-\d\d)/([a-z0-9]+)/tc3_request, *"
    r"SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})"
)


def v1_signature(secret_key, method, host, path, params):
    """Base64 signature over every parameter but `Signature`; `_` becomes `.` in the signed names only."""
    signed = {name.replace("_", "."): value for name, value in params.items() if name != "Signature"}
    pairs = "&".join("%s=%s" % (name, signed[name]) for name in sorted(signed))
    digest = "sha256" if params.get("SignatureMethod") == "HmacSHA256" else "sha1"
    text = "%s%s%s?%s" % (method, host, path, pairs)
    return base64.b64encode(hmac.digest(secret_key.encode(), text.encode("utf-8", "surrogatepass"), digest)).decode()


def tc3_signature(secret_key, request, scope, names, timestamp):
    """Hex signature of a request; `scope` is (date, service), `names` the signed header names in order."""
    payload = b"" if request.method == "GET" else request.body
    if request.headers.get("x-tc-content-sha256") == "UNSIGNED-PAYLOAD":
        payload = b"UNSIGNED-PAYLOAD"
    query = request.query if request.method == "GET" else ""
    headers = "".join("%s:%s\n" % (name, _canonical(name, request.headers.get(name, ""))) for name in names)
    canonical = "\n".join((request.method, "/", query, headers, ";".join(names), hashlib.sha256(payload).hexdigest()))
    text = "\n".join(
        (
            "TC3-HMAC-SHA256",
            timestamp,
            "%s/%s/tc3_request" % scope,
            hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest(),
        )
    )
    key = ("TC3" + secret_key).encode()
    for part in scope + ("tc3_request",):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical(name, value):
    """Newer documents lower-case the values; the official SDK signs these two as it sends them."""
    return value.strip() if name in ("content-type", "host") else value.strip().lower()


def parse_authorization(text):
    """(secret id, date, service, signed names, signature) of a TC3 Authorization header."""
    match = AUTHORIZATION.fullmatch(text)
    if not match:
        raise Refusal("authorization")
    names = match.group(4).split(";")
    if not {"content-type", "host"} <= set(names) or names != sorted(names):
        raise Refusal("authorization", "SignedHeaders must be sorted and name content-type and host")
    return match.group(1), match.group(2), match.group(3), names, match.group(5)


class Gate:
    """Checks calls against the known credentials and remembers nonces."""

    def __init__(self, credentials):
        self.credentials = dict(credentials)
        self._nonces = {}
        self._lock = threading.Lock()

    def admit(self, call, now):
        """The credential of a call, or a Refusal. `now` is the service's clock in Unix seconds."""
        check = self._tc3 if call.request.headers.get("authorization") and call.api == "v3" else self._v1
        credential = check(call, now)
        if call.action in credential.denied_actions:
            raise Refusal("action_denied")
        return credential

    def _tc3(self, call, now):
        secret_id, date, service, names, signature = parse_authorization(call.request.headers["authorization"])
        credential = self._known(secret_id)
        timestamp = _timestamp(call.common.get("Timestamp"), now)
        if date != time.strftime("%Y-%m-%d", time.gmtime(int(timestamp))):
            raise Refusal("signature", "the credential's date is not the UTC date of the timestamp")
        _compare(tc3_signature(credential.secret_key, call.request, (date, service), names, timestamp), signature)
        return _with_token(credential, call.common.get("Token"), now)

    def _v1(self, call, now):
        common = call.common
        for name in ("SecretId", "Signature", "Timestamp", "Nonce"):
            if not common.get(name):
                raise Refusal("missing", "the common parameter `%s` is required" % name)
        if not common["Nonce"].isdecimal() or int(common["Nonce"]) < 1:
            raise Refusal("missing", "Nonce must be a positive integer")
        credential = self._known(common["SecretId"])
        _timestamp(common["Timestamp"], now)
        request = call.request
        _compare(
            v1_signature(credential.secret_key, request.method, request.host, request.path, request.form()),
            common["Signature"],
        )
        credential = _with_token(credential, common.get("Token"), now)
        if call.api == "v2":
            self._once(common["SecretId"], common["Nonce"], now)
        return credential

    def _known(self, secret_id):
        credential = self.credentials.get(secret_id)
        if credential is None:
            raise Refusal("secret_id")
        return credential

    def _once(self, secret_id, nonce, now):
        """A nonce counts once for as long as its timestamp could be accepted."""
        with self._lock:
            if len(self._nonces) > 100000:
                self._nonces = {key: seen for key, seen in self._nonces.items() if now - seen <= 2 * MAX_SKEW}
            seen = self._nonces.get((secret_id, nonce))
            if seen is not None and now - seen <= 2 * MAX_SKEW:
                raise Refusal("replay")
            self._nonces[(secret_id, nonce)] = now


def _timestamp(text, now):
    if not text or not text.isdecimal() or len(text) > 12:
        raise Refusal("missing", "the timestamp must be a number of Unix seconds")
    if abs(int(text) - now) > MAX_SKEW:
        raise Refusal("clock")
    return text


def _compare(expected, given):
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Refusal("signature")


def _with_token(credential, token, now):
    """A temporary pair needs its token, in time; a permanent pair has none."""
    if (token or None) != credential.token or (credential.expires is not None and now >= credential.expires):
        raise Refusal("token")
    return credential
