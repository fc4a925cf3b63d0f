# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Redis server of the machine for those who load a file bare, and for making a large one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager


def program():
    found = shutil.which("redis-server")
    return found or sys.exit("error: no redis-server is installed (Debian: apt-get install redis-server)")


@contextmanager
def server(folder, *arguments):
    """Run a server in a folder and yield ``ask(words)``, as soon as it has loaded what is there."""
    address = os.path.join(folder, "s")
    command = [program(), "--port", "0", "--unixsocket", address, "--dir", folder, "--save", "", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while ask(address, "PING") != b"+PONG":
            if process.poll() is not None:
                sys.exit("error: the server ended before it was ready")
            time.sleep(0.002)
        yield lambda *words: ask(address, *words)
    finally:
        process.kill()
        process.wait()


def ask(address, *words):
    """Return an answer of one line, or nothing from a server that isn't there yet."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(address)
        except OSError:
            return b""
        connection.sendall(" ".join(words).encode() + b"\r\n")
        return connection.makefile("rb").readline().rstrip()


def make(path, keys, size):
    """Write a file with this number of keys, each with a value of this number of bytes, uncompressed so that it has that size."""
    path.unlink(missing_ok=True)
    options = ["--dbfilename", path.name, "--rdbcompression", "no", "--enable-debug-command", "yes"]
    with server(str(path.parent), *options) as request:
        for words in (("DEBUG", "POPULATE", str(keys), "key", str(size)), ("SAVE",)):
            if request(*words) != b"+OK":
                sys.exit(f"error: the server refuses {words[0]}")
