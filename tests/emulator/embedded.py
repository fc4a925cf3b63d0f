# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a library: for tests and for anyone who wants the service in a thread."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from .faults import parse_faults
from .loader import load
from .server import Server
from .service import Service
from .times import instant


class Emulator:
    """`with Emulator(fleet) as emulator:` serves a fleet (mapping or path) on a free port of 127.0.0.1.

    `tls` is (certificate file, key file); `now` (Unix seconds, ISO 8601 or an aware datetime) pins the time of the fleet's data.
    """

    def __init__(self, fleet, tls=None, now=None, port=0):
        if isinstance(now, (str, datetime)):
            now = instant(now, time.time())
        self.fleet = load(fleet, now)
        self.service = Service(self.fleet)
        self.server = Server(self.service, port, tls)
        self.service.url = self.server.url
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self):
        """Such as `http://127.0.0.1:40001`, without a path."""
        return self.server.url

    @property
    def port(self):
        return self.server.port

    @property
    def log(self):
        """What was asked so far: a list of mappings, the oldest first."""
        return list(self.service.log)

    @property
    def storage(self):
        """The files that it hands out."""
        return self.service.storage

    def clear_log(self):
        self.service.log.clear()

    def set_faults(self, items):
        """Replace the faults by those of a list of mappings such as {"name": "drop", "times": 1}."""
        self.service.faults.replace(parse_faults(items))

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self.server.stop()
        self._thread.join()

    def __enter__(self):
        return self.start()

    def __exit__(self, *problem):
        self.stop()
