# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the newest backup of one instance, as the module does, in a process of its own; prints the result as JSON.

    restore_one.py URL SECRET_ID SECRET_KEY REGION COLLECTIONS

``took`` is how long the test takes, without the start of this process: listing, asking for the address, starting each server for
its version, and removing the file are in it. ``peak`` is the most memory of this process alone, in MiB, without the server and
the checker.
"""

from __future__ import annotations

import json
import re
import sys
import time

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator


def main(url, secret_id, secret_key, region, collections):
    sys.path.insert(0, collections)
    from ansible_collections.qcloud.crs.plugins.module_utils._connection import connect
    from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
    from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import instance, options

    given = {
        "instance_id": "crs-00000000",
        "endpoint": url,
        "region": region,
        "secret_id": secret_id,
        "secret_key": secret_key,
        "download_hosts": ["127.0.0.1"],
    }
    validated = ArgumentSpecValidator({**connection_spec(), **options.SPEC}).validate(given)
    if validated.error_messages:
        sys.exit(f"error: {validated.error_messages}")
    params = validated.validated_parameters
    began = time.monotonic()
    made = instance.test(connect(params), instance.Subject("crs-00000000", None), options.parse(params))
    took = time.monotonic() - began
    print(
        json.dumps(
            {
                "outcome": made["outcome"],
                "message": made["message"],
                "keys": made["key_count"],
                "seconds": made["seconds"],
                "took": took,
                "peak": _peak(),
            }
        )
    )


def _peak():
    with open("/proc/self/status", encoding="ascii") as stream:
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", stream.read(), re.MULTILINE)[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
