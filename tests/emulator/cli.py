# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: serve one fleet file until a signal or the end of the lifetime."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from .embedded import Emulator
from .errors import FleetError


def main(arguments=None):
    """Exit status: 0 after an orderly end, 2 for a fleet file that is wrong."""
    options = parse(arguments)
    try:
        emulator = Emulator(options.fleet, tls=tls_files(options), now=options.now, port=options.port)
    except (FleetError, ValueError, OSError) as error:
        print("emulator: %s" % error, file=sys.stderr)
        return 2
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *ignored: ended.set())
    with emulator:
        announce(options.ready_file, emulator)
        ended.wait(options.lifetime)
    return 0


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="emulator", description="A Tencent Cloud Redis (CRS) service for tests, on 127.0.0.1."
    )
    parser.add_argument("--fleet", required=True, help="YAML or JSON file of the instances and their backups")
    parser.add_argument("--port", type=int, default=0, help="0 (the default): a free one")
    parser.add_argument("--ready-file", help="where to write port, pid and url, as JSON, once it listens")
    parser.add_argument("--tls-cert", help="PEM file; with --tls-key it serves HTTPS")
    parser.add_argument("--tls-key", help="PEM file")
    parser.add_argument(
        "--now", help="ISO 8601 time with offset that dates the fleet; signatures are judged by the real clock"
    )
    parser.add_argument("--lifetime", type=float, default=3600, help="seconds after which it stops by itself")
    options = parser.parse_args(arguments)
    if bool(options.tls_cert) != bool(options.tls_key):
        parser.error("--tls-cert and --tls-key go together")
    return options


def tls_files(options):
    return (options.tls_cert, options.tls_key) if options.tls_cert else None


def announce(path, emulator):
    """Tell where it listens: on standard output, and in a file that is either absent or whole."""
    text = json.dumps({"port": emulator.port, "pid": os.getpid(), "url": emulator.url})
    print(text, flush=True)
    if path:
        partial = "%s.%d" % (path, os.getpid())
        with open(partial, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
        os.replace(partial, path)
