# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`/_emulator/`: setting faults and reading the log from another process."""

from __future__ import annotations

import json

from .errors import FleetError
from .faults import names, parse_faults
from .messages import Reply

PREFIX = "/_emulator/"


def handle(service, request):
    """The reply to one request of a test to the emulator itself; these are not logged."""
    action = ACTIONS.get((request.method, request.path[len(PREFIX) :]))
    if action is None:
        return Reply.of({"error": "no such thing: %s %s" % (request.method, request.path)}, 404)
    try:
        return Reply.of(action(service, request))
    except (FleetError, ValueError) as error:
        return Reply.of({"error": str(error)}, 400)


def get_log(service, request):
    return list(service.log)


def clear_log(service, request):
    service.log.clear()
    return []


def get_faults(service, request):
    return names()


def set_faults(service, request):
    faults = parse_faults(json.loads(request.body))
    service.faults.replace(faults)
    return [one.spec.name for one in faults]


ACTIONS = {
    ("GET", "log"): get_log,
    ("DELETE", "log"): clear_log,
    ("GET", "faults"): get_faults,
    ("POST", "faults"): set_faults,
}
