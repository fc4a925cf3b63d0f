# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures of API 2.0 and API 3.0 (TC3): pure functions over what is about to be sent. Private to this collection.

Source: the vendor's own signers. Their results, which ours are compared with, are in
``tests/unit/fixtures/signing-vectors.json``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

_DIGESTS = {"HmacSHA256": hashlib.sha256, "HmacSHA1": hashlib.sha1}


def sign_v2(
    method: str, host: str, path: str, params: Mapping[str, object], secret_key: str, digest: str = "HmacSHA256"
) -> str:
    """Return the Signature parameter (base64) of an API 2.0 request.

    ``params`` maps names to values before URL encoding, without Signature. ``host`` is the header Host, with its port.
    What is signed are the sorted names with ``.`` for each ``_``, although they are sent with ``_``.
    """
    named = sorted((name.replace("_", "."), str(value)) for name, value in params.items())
    query = "&".join(f"{name}={value}" for name, value in named)
    text = f"{method}{host}{path}?{query}"
    mac = hmac.new(secret_key.encode("utf-8"), text.encode("utf-8"), _DIGESTS[digest])
    return base64.b64encode(mac.digest()).decode("ascii")


def sign_v3(
    service: str, host: str, body: bytes, secret_id: str, secret_key: str, timestamp: int, content_type: str
) -> str:
    """Return the Authorization header of an API 3.0 POST request.

    ``body`` is what is sent, ``host`` the header Host with its port, and ``timestamp`` is in Unix seconds.
    """
    signed_headers = "content-type;host"
    canonical = "\n".join(
        ["POST", "/", "", f"content-type:{content_type}", f"host:{host}", "", signed_headers, _sha256(body)]
    )
    date = time.strftime("%Y-%m-%d", time.gmtime(timestamp))
    scope = f"{date}/{service}/tc3_request"
    text = "\n".join(["TC3-HMAC-SHA256", str(timestamp), scope, _sha256(canonical.encode("utf-8"))])
    key = ("TC3" + secret_key).encode("utf-8")
    for part in (date, service, "tc3_request"):
        key = _hmac_sha256(key, part)
    signature = _hmac_sha256(key, text).hex()
    return f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={signed_headers}, Signature={signature}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hmac_sha256(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()
