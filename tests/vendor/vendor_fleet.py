# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One small fleet and what every client must find in it."""

from __future__ import annotations

from emulator import DEFAULT_CREDENTIALS

SECRET_ID, SECRET_KEY = DEFAULT_CREDENTIALS["secret_id"], DEFAULT_CREDENTIALS["secret_key"]
BACKUPS = [
    {
        "id": "backup-%d" % number,
        "start": "-%dh" % (number + 1),
        "type": "manual" if number == 2 else "system",
        "remark": "版本 1&2=+/@" if number == 2 else "",
        "status": "exported" if number == 4 else "normal",
    }
    for number in range(7)
]
FLEET = {
    "instances": [
        {"id": "crs-vendor01", "name": "orders", "backups": BACKUPS},
        {"id": "crs-vendor02", "name": "sessions", "schedule": {"count": 1}},
    ],
    "credentials": [
        {"secret_id": SECRET_ID, "secret_key": SECRET_KEY},
        {"secret_id": "AKIDtemporary", "secret_key": "temporaryKey", "token": "tok+/="},
    ],
    "roles": {
        "qcs::cam::uin/1:roleName/audit": {},
        "qcs::cam::uin/1:roleName/pod": {"web_identity": {"provider": "cls-vendor", "token": "madeupPodToken"}},
    },
}
# (id, type, status, remark), newest first, with the type as each dialect writes it.
EXPECTED = {
    "v2": [
        (
            "backup-%d" % number,
            "manualBackupInstance" if number == 2 else "systemBackupInstance",
            4 if number == 4 else 2,
            BACKUPS[number]["remark"],
        )
        for number in range(7)
    ],
    "v3": [
        ("backup-%d" % number, "0" if number == 2 else "1", 4 if number == 4 else 2, BACKUPS[number]["remark"])
        for number in range(7)
    ],
}


def pages(ask, limit=3):
    """Every row that `ask(offset, limit)` -> (rows, total) gives, page by page until the total is reached."""
    rows, total, offset = [], 1, 0
    while offset < total:
        found, total = ask(offset, limit)
        rows.extend(found)
        offset += limit
    assert len(rows) == total
    return rows
