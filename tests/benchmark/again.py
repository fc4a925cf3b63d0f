# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges instances, and their record as it is read from a file: prints how many seconds of the CPU both take, as JSON.

    again.py COUNT ROUNDS COLLECTIONS

Without what lists, hashes, reads files and writes reports: the judgement and its totals. Both sides in turns.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from datetime import datetime, timedelta, timezone

from cloud import BACKUPS, LISTING_RULES, REGION

NOW = datetime(2026, 6, 15, 12, tzinfo=timezone.utc)
ENDPOINT = "https://redis.tencentcloudapi.com/"


def main(count, rounds, collections):
    gc.disable()  # as the action does
    sys.path.insert(0, collections)
    from ansible_collections.qcloud.crs.plugins.module_utils._listing.lister import InstanceListing
    from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.target import Target
    from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import facts
    from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy as _policy
    from ansible_collections.qcloud.crs.plugins.plugin_utils._record import judge_again, record

    policy = _policy.parse_policy(LISTING_RULES)
    ids = [f"crs-{number:08d}" for number in range(count)]
    listings = [InstanceListing(one, _rows(one, number), BACKUPS, None) for number, one in enumerate(ids)]
    connection = {"api_version": "v3"}
    targets = [
        Target(one, "prod", one, "orders", "2026-01-01T00:00:00Z", "running", {}, connection, policy, {}, (), True)
        for one in ids
    ]

    query = {
        "account": "prod",
        "api_version": "v3",
        "endpoint": ENDPOINT,
        "region": REGION,
        "begin_time": f"{NOW - timedelta(days=28):%Y-%m-%dT%H:%M:%SZ}",
        "horizon_seconds": 28 * 86400,
    }
    shown = [record.listing(query, count, listings)]

    origin, state = facts.Origin("prod", REGION, ENDPOINT, "v3"), facts.State("2026-01-01T00:00:00Z", "running")

    def judge():
        audited = [
            record.instance(
                target, facts.Facts(origin, target.instance_id, listing, state, None, None, 28 * 86400), NOW
            )
            for target, listing in zip(targets, listings)
        ]
        return record.build(audited, record.policies(targets), shown, [], [], NOW, NOW, "0" * 32)

    stored = json.loads("".join(record.parts(judge())))
    took: dict = {"judged": [], "again": []}
    for _round in range(rounds):
        for name, work in (("judged", judge), ("again", lambda: judge_again.contradiction(stored))):
            began = time.process_time()
            found = work()
            took[name].append(time.process_time() - began)
        if found is not None:
            sys.exit(f"the record is refused: {found}")
    # Of seconds of the CPU the least: others on the machine only ever add to them.
    print(json.dumps({name: min(seconds) for name, seconds in took.items()}))


def _rows(instance_id, number):
    """Return an instance's backups, at seconds of their own: equal times would flatter whatever remembers them."""
    late, every = number * 7 % 3600, 10 if number % 50 == 0 else 12
    ages = [(20 * 3600 + late, "manual", "release-7")]
    ages += [((3 + every * back) * 3600 + late, "system", None) for back in range(BACKUPS - 1)]
    return [
        {
            "instance_id": instance_id,
            "instance_name": "orders",
            "backup_id": f"{instance_id}-{age}",
            "type": kind,
            "status": "normal",
            "usable": True,
            "remark": remark,
            "start_time": f"{NOW - timedelta(seconds=age):%Y-%m-%dT%H:%M:%SZ}",
            "expire_time": None,
            "size_bytes": 1000 + age,
        }
        for age, kind, remark in ages
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
