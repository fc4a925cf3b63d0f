# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the answer's text: JSON that is wrong, odd or dangerous."""

from __future__ import annotations

import gzip as zipping

from .predicates import lists
from .registry import fault

SETS = ("BackupSet", "InstanceSet", "redisBackupSet", "redisSet")
TOTALS = ("TotalCount", "totalCount")
MEBIBYTE = 1 << 20


def _containers(document):
    """The mappings in which a total or a set may stand."""
    return [document, document.get("Response") or {}, document.get("data") or {}]


@fault("document")
def wrong_type(call, fault, document):
    """A JSON list instead of an object."""
    return []


@fault("document", when=lists)
def null_set(call, fault, document):
    """The list of rows is null."""
    for part in _containers(document):
        part.update({name: None for name in SETS if name in part})
    return document


@fault("document", when=lists)
def missing_total(call, fault, document):
    """The total is left out."""
    for part in _containers(document):
        for name in TOTALS:
            part.pop(name, None)
    return document


@fault("document", when=lists)
def nan(call, fault, document):
    """The total is NaN, which is no JSON but which Python reads."""
    for part in _containers(document):
        part.update({name: float("nan") for name in TOTALS if name in part})
    return document


@fault("document")
def all_null(call, fault, document):
    """Every value of the answer is null, down to the last."""
    return _emptied(document)


def _emptied(value):
    if isinstance(value, dict):
        return {key: _emptied(item) for key, item in value.items()}
    return [_emptied(item) for item in value] if isinstance(value, list) else None


@fault("document")
def string_numbers(call, fault, document):
    """Every integer is in quotes."""
    return _quoted(document)


def _quoted(value):
    if isinstance(value, dict):
        return {key: _quoted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@fault("reply", when=lists)
def duplicate_keys(call, fault, reply):
    """Total and rows occur twice: first the true ones, then none."""
    if call.api == "v2":
        reply.body = reply.body[:-1] + b',"totalCount":0,"data":{"redisBackupSet":[],"redisSet":[]}}'
    else:
        reply.body = reply.body[:-2] + b',"TotalCount":0,"BackupSet":[],"InstanceSet":[]}}'


@fault("reply", depth=100000)
def deep_nesting(call, fault, reply):
    """An extra field of `depth` nested lists."""
    reply.body = reply.body[:-1] + b',"x":' + b"[" * fault["depth"] + b"]" * fault["depth"] + b"}"


@fault("reply")
def invalid_utf8(call, fault, reply):
    """An extra field whose text is no UTF-8."""
    reply.body = reply.body[:-1] + b',"x":"\xff\xfe\xc3"}'


@fault("reply")
def truncated_json(call, fault, reply):
    """Half of the body, under its right length."""
    reply.body = reply.body[: len(reply.body) // 2]


@fault("reply")
def html(call, fault, reply):
    """Status 200 with an HTML page, as a captive portal answers."""
    reply.body = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to continue.</body></html>"
    reply.headers["Content-Type"] = "text/html"


@fault("reply")
def empty(call, fault, reply):
    """Status 200 with an empty body."""
    reply.body = b""


@fault("reply")
def charset(call, fault, reply):
    """A Content-Type with a charset, which makes the official SDK overlook errors."""
    reply.headers["Content-Type"] = "application/json; charset=utf-8"


@fault("reply")
def gzip(call, fault, reply):
    """The body is compressed, asked for or not."""
    reply.body = zipping.compress(reply.body)
    reply.headers["Content-Encoding"] = "gzip"


@fault("reply", bytes=256 * MEBIBYTE)
def gzip_bomb(call, fault, reply):
    """A small compressed body that unpacks to `bytes` blanks before the true answer."""
    # A gzip stream may have several members, so one compressed mebibyte serves for any size.
    member = zipping.compress(b" " * MEBIBYTE)
    reply.body = member * (fault["bytes"] // MEBIBYTE) + zipping.compress(reply.body)
    reply.headers["Content-Encoding"] = "gzip"
