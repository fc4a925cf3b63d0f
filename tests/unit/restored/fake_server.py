# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that imitates a server and its checker, and behaves as ordered: real ones do not misbehave on demand.

`write(path, check=..., serve=..., says=...)` makes one. Its arguments tell it which of the two to be; ``says`` is how it ends
over a file, by the number of databases that it is started with: (memory that it takes, its last words, the signal that ends
it, if any). ``loaded`` is what it answers if there is a file, if not the same as ``serve``. Where it says HANG it leaves the
file REACHED, and waits.
"""

from __future__ import annotations

import os
import sys

CODE = """#!%(python)s -IS
import os, sys, time
SETTINGS = %(settings)r

def hang():
    open("reached", "w").close()
    time.sleep(600)

def check():
    output, status = SETTINGS["check"]
    if output == "hang":
        hang()
    sys.stdout.write(output)
    sys.stdout.flush()
    sys.exit(status)

def serve():
    if SETTINGS["serve"] is None:
        sys.exit(0)
    if os.path.exists("dump.rdb") and sys.argv[sys.argv.index("--databases") + 1] in SETTINGS["says"]:
        room, text, *ended_by = SETTINGS["says"][sys.argv[sys.argv.index("--databases") + 1]]
        kept = bytearray(room)
        time.sleep(0.1 if room else 0)
        print(text, flush=True)
        for number in ended_by:
            os.kill(os.getpid(), number)
        sys.exit(0)
    if SETTINGS["serve"] == "hang":
        hang()
    import socket  # takes longer than all the rest, which most starts don't need
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("s")
    listening.listen()
    replies = SETTINGS["loaded"] if SETTINGS["loaded"] and os.path.exists("dump.rdb") else SETTINGS["serve"]
    left = dict((word, list(answers)) for word, answers in replies.items())
    while True:
        connection = listening.accept()[0]
        while True:
            asked = connection.recv(4096)
            if not asked:
                break
            word = asked.split(b"\\r\\n")[2].decode()
            if word == "INFO":
                word += asked.split(b"\\r\\n")[4].decode()
            answers = left.get(word, [b"-ERR no\\r\\n"])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer is None:
                sys.exit(0)
            if answer == "hang":
                hang()
            connection.sendall(answer)

if "--version" in sys.argv:
    if SETTINGS["version"] == "hang":
        hang()
    print(SETTINGS["version"], flush=True)
elif "--port" in sys.argv:
    serve()
else:
    check()
"""
HANG, REACHED = "hang", "reached"
VERSION = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"


def bulk(text):
    return b"$%d\r\n%b\r\n" % (len(text), text.encode())


def good_check(size, keys, expires=0):
    """What a checker says of a good file."""
    text = "[offset %d] Checksum OK\n[offset %d] \\o/ RDB looks OK! \\o/\n[info] %d keys read\n[info] %d expires\n"
    return (text % (size, size, keys, expires) + "[info] 0 already expired\n", 0)


def good_serve(loaded=2, expired=0, databases=None, libraries=0):
    """What a server says after it has loaded a file."""
    counts = "# Persistence\r\nloading:0\r\nrdb_last_load_keys_loaded:%d\r\nrdb_last_load_keys_expired:%d\r\n"
    lines = ["db%d:keys=%d,expires=0,avg_ttl=0\r\n" % item for item in (databases or {0: loaded}).items()]
    return {
        "PING": [b"+PONG\r\n"],
        "INFOpersistence": [bulk(counts % (loaded, expired))],
        "INFOmemory": [
            bulk("# Memory\r\nnumber_of_functions:%d\r\nnumber_of_libraries:%d\r\n" % (libraries, libraries))
        ],
        "INFOkeyspace": [bulk("# Keyspace\r\n" + "".join(lines))],
        "SELECT": [b"+OK\r\n"],
    }


def write(path, check=("", 0), serve=None, version=VERSION, says=(), loaded=None):
    settings = {"check": check, "serve": serve, "version": version, "says": dict(says), "loaded": loaded}
    path.write_text(CODE % {"python": sys.executable, "settings": settings}, encoding="utf-8")
    os.chmod(path, 0o755)
    return str(path)
