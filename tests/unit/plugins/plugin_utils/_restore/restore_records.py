# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of restore tests, as the module writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

CODES = {"failed": "cut_short", "unknown": "transfer_broken"}
PHASES = ("list", "address", "download", "header", "check", "load", "count", "canary", "wipe")


def restore_record(outcome="passed", evaluated_at="2026-06-01T02:00:00Z", **changed):
    """A record of a test of crs-one00001 whose backup began eight hours before; one that did not pass says that its file is cut short."""
    passed = outcome == "passed"
    start = datetime.fromisoformat(evaluated_at.replace("Z", "+00:00")) - timedelta(hours=8)
    backup = {
        "backup_id": "b-1",
        "type": "system",
        "status": "normal",
        "start_time": _iso(start),
        "end_time": _iso(start + timedelta(seconds=21)),
        "expire_time": None,
        "size_bytes": 1048576,
        "file_type": "RDB-Redis 7.0",
        "encrypted": False,
    }
    file = {
        "size_bytes": 4096,
        "sha256": "ab" * 32,
        "format": "REDIS",
        "rdb_version": 10,
        "writer": "7.0.15",
        "created_at": _iso(start),
        "start_offset_seconds": 0,
        "used_memory_bytes": 1 << 20,
        "checksum": "verified" if passed else None,
        "tried": [],
        "server": "redis 7.0.15",
        "sandbox": "bwrap",
        "key_count": 100 if passed else None,
        "expires": 0 if passed else None,
        "loaded": 100 if passed else None,
        "expired": 0 if passed else None,
        "databases": {"0": 100} if passed else {},
        "canary": None,
    }
    return {
        "schema": "qcloud.crs/restore-test-record/1",
        "generator": "qcloud.crs 0.1.0",
        "id": uuid4().hex,
        "instance_id": "crs-one00001",
        "account": None,
        "region": "ap-guangzhou",
        "api_version": "v3",
        "endpoint": "https://redis.tencentcloudapi.com/",
        "started_at": evaluated_at,
        "evaluated_at": evaluated_at,
        "outcome": outcome,
        "code": CODES.get(outcome),
        "message": "" if passed else "the file ends too early",
        "error": None,
        "backup": backup,
        "selection": {"by": "newest", "within_seconds": None, "seed": None, "candidates": 7},
        "expected": {
            "files": 1,
            "min_keys": 1,
            "min_key_ratio": None,
            "baseline": None,
            "databases": [],
            "canary": False,
            "created_from": _iso(start - timedelta(minutes=15)),
            "created_to": _iso(start + timedelta(minutes=15, seconds=21)),
        },
        "files": [file],
        "size_bytes": 4096,
        "key_count": 100 if passed else 0,
        "seconds": dict.fromkeys(PHASES, 0.125),
        "restore_seconds": 0.375,
        "wiped_at": evaluated_at,
        "machine": {"cores": 2, "memory_bytes": 1 << 32},
        **changed,
    }


def _iso(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
