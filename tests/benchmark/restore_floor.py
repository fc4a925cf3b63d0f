# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore test is held against: a bare script that downloads the same file, checks it and loads it, one after another.

    restore_floor.py URL SECRET_ID SECRET_KEY REGION FOLDER

It prints how many keys the server has, and the seconds of each of the three and of all, as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import requests
from floor import ask
from restore_files import program, server


def main(url, secret_id, secret_key, region, where):
    with requests.Session() as session, tempfile.TemporaryDirectory(dir=where) as folder:
        who = {"InstanceId": "crs-00000000"}
        dump = os.path.join(folder, "dump.rdb")
        pair = (session, url, secret_id, secret_key, region)
        (backup,) = ask(*pair, "DescribeInstanceBackups", who)["BackupSet"]
        answer = ask(*pair, "DescribeBackupUrl", {**who, "BackupId": backup["BackupId"]})
        times = [time.monotonic()]
        with urllib.request.urlopen(answer["BackupInfos"][0]["DownloadUrl"]) as source, open(dump, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        times.append(time.monotonic())
        # The same file is the checker, by another name.
        subprocess.run(["redis-check-rdb", dump], executable=program(), check=True, stdout=subprocess.DEVNULL)
        times.append(time.monotonic())
        with server(folder) as request:
            times.append(time.monotonic())
            keys = int(request("DBSIZE")[1:])
    seconds = [round(end - begin, 3) for begin, end in zip(times, times[1:])]
    phases = dict(zip(("download", "check", "load"), seconds))
    print(json.dumps({"keys": keys, "seconds": phases, "took": times[-1] - times[0]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
