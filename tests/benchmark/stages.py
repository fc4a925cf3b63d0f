# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an audit's time goes, stage by stage, in one process and without what Ansible adds.

    make benchmark ROWS=stages

Seconds of the CPU say what a stage costs, those of the clock what it waits for as well; memory is the process's, after
the stage.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path


def main(count, work, collections):
    gc.disable()  # as the action does
    sys.path.insert(0, str(collections))
    from cloud import SECRET_ID, SECRET_KEY, Cloud

    from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
    from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
    from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
    from ansible_collections.qcloud.crs.plugins.plugin_utils._record import judge_again, schema
    from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record as _record
    from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.registry import REPORTS

    os.environ.update(TENCENTCLOUD_SECRET_ID=SECRET_ID, TENCENTCLOUD_SECRET_KEY=SECRET_KEY)
    with Cloud(work / f"cloud-{count}", count) as cloud:
        group = json.loads(cloud.inventory().read_text(encoding="utf-8"))["crs"]
        options = {name: entry.get("default") for name, entry in connection_spec().items()}
        scope = Scope({**options, "requests_per_second": 0}, {})
        with stage("options, policies"):
            hosts = group["hosts"].items()
            targets = [scope.target(host, {**group["vars"], **variables}) for host, variables in hosts]
        connections = run.connect_all(targets)
        with stage("list backups and instances"):
            run._show(connections[0], datetime.now(timezone.utc))
        with stage("all: list, cover, judge"):
            record = run.run(connections, "report")
    with stage("record"):
        stored = "".join(_record.parts(record))
    with stage("record: parse"):
        stored = json.loads(stored)
    with stage("record: schema"):
        assert schema.fault(stored, schema.of_records()) is None
    with stage("record: judge again"):
        assert judge_again.contradiction(stored) is None
    for report in REPORTS:
        with stage(f"report {report.name}"):
            size(report.parts(record))


@contextmanager
def stage(name):
    clock, cpu = time.perf_counter(), time.process_time()
    yield
    spent = time.perf_counter() - clock, time.process_time() - cpu
    print(f"{name:<24} {spent[0]:6.2f} s  CPU {spent[1]:6.2f} s  {_memory():4.0f} MiB", flush=True)


def size(parts):
    return sum(len(part) for part in parts)


def _memory():
    """Return the MiB of this process, or NaN where the system doesn't say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
