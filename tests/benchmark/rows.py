# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the table: what is timed, against what, and what has to be reached.

Each row is a function of a Bench that returns Results. What stands on both sides of a ratio runs in turns, so that a
machine that is busy for a while is busy for both.
"""

from __future__ import annotations

from collections import namedtuple
from datetime import datetime, timezone
from statistics import median

from cloud import LISTING_RULES, REGION

#: ``at_most`` says on which side of ``target`` the value has to be; ``detail`` has the figures behind it.
Result = namedtuple("Result", "row what value unit target at_most detail")

RATE = 20  # requests a second that the API allows for each account and action
LATENCY = 0.02  # seconds
SDK_CONCURRENCY = 8
MOST_MEMORY = 500  # MiB
LARGE_KEYS, LARGE_VALUE = 1_000_000, 486  # of the large backup: bytes of each value, 500 MB of file
OWN_MEMORY = 100  # MiB of the process that tests a backup, whatever its size
RESTORES, RESTORE_KEYS, PARALLEL = 100, 1000, 4  # backups, keys of each, and how many are tested at a time
HOSTS = 50  # of the play that runs the module for each of them


def small(bench):
    return [_to_floor(bench, "1000", "1,000 instances x 14 backups, v3: audit / floor", 2.0, _swept(bench, 1000))]


def small_all(bench):
    rounds = _swept(bench, 1000, config=True)
    what = "1,000 instances, v3, each one's configuration asked too: audit / floor"
    return [_to_floor(bench, "1000-all", what, 2.0, rounds)]


def large(bench):
    rounds = _swept(bench, 10_000)
    peak = max(one["audit"].peak for one in rounds)
    return [
        _to_floor(bench, "10000", "10,000 instances x 14 backups, v3: audit / floor", 2.5, rounds),
        Result("10000", "the same: peak of the largest process", peak, "MiB", MOST_MEMORY, True, {}),
    ]


def growth(bench):
    """From 1,000 to 10,000, of what the rows before timed, or of runs of its own."""
    small_rounds, large_rounds = _swept(bench, 1000), _swept(bench, 10_000)
    results = []
    for what, unit in (("seconds", "s"), ("peak", "MiB")):
        few, many = (_middle(rounds, "audit", what) for rounds in (small_rounds, large_rounds))
        name = {"seconds": "time", "peak": "memory"}[what]
        detail = {f"1000_{unit}": few, f"10000_{unit}": many}
        results.append(Result("growth", f"from 1,000 to 10,000 instances: {name}", many / few, "x", 11, True, detail))
    return results


def per_host(bench):
    """A play that runs the module for each host. What starts Ansible is not multiplied: only what a host adds."""
    with bench.cloud(1000) as cloud:

        def empty():
            cloud.inventory(hosts=HOSTS)
            return bench.empty(cloud)

        rounds = bench.rounds(
            ("audit", lambda: bench.audit(cloud)),
            ("empty", empty),
            ("modules", lambda: bench.per_host(cloud, HOSTS)),
        )
    audit, start, modules = (_middle(rounds, side) for side in ("audit", "empty", "modules"))
    scaled = start + (modules - start) * 1000 / HOSTS
    detail = {
        "audit_s": audit,
        "empty_play_s": start,
        f"modules_{HOSTS}_hosts_s": modules,
        "modules_1000_hosts_s": scaled,
    }
    what = f"1,000 instances, v3: a play of modules (scaled from {HOSTS} hosts) / audit"
    return [Result("per-host", what, scaled / audit, "x", 50, False, detail)]


def rate_limit(bench):
    """As many requests a second as the API allows, and never one more."""
    pages = 1000 * 14 / 100
    with bench.cloud(1000, rate_limit=RATE) as cloud:
        cloud.log()
        audits, empties, throttled = [], [], 0
        for _round in range(bench.runs):
            audits.append(bench.audit(cloud, requests_per_second=RATE).seconds)
            throttled += sum(entry["code"] != "" for entry in cloud.log())
            empties.append(bench.empty(cloud).seconds)
    audit, start = median(audits), median(empties)
    detail = {"audit_s": audit, "empty_play_s": start, "pages_s": pages / RATE}
    what = f"1,000 instances, v3, {RATE} requests/s allowed"
    return [
        Result(
            "rate-limit",
            f"{what}: audit / ({pages / RATE:.0f} s + empty play)",
            audit / (pages / RATE + start),
            "x",
            1.2,
            True,
            detail,
        ),
        Result("rate-limit", f"{what}: requests refused", throttled, "", 0, True, {}),
    ]


def legacy(bench):
    """API 2.0 takes a request for each instance, and the vendor's SDK waits for each before the next."""
    with bench.cloud(1000, latency=LATENCY) as cloud:
        rounds = bench.rounds(
            ("audit", lambda: bench.audit(cloud, api_version="v2", concurrency=SDK_CONCURRENCY)),
            ("sdk", lambda: bench.sdk(cloud)),
        )
    audit, sdk = _middle(rounds, "audit"), _middle(rounds, "sdk")
    what = f"1,000 instances, {LATENCY * 1000:.0f} ms an answer: the vendor's v3 SDK in a loop / audit over v2, {SDK_CONCURRENCY} at once"
    return [Result("sdk", what, sdk / audit, "x", 4, False, {"audit_s": audit, "sdk_s": sdk})]


def inventory(bench):
    """The inventory plugin against a static list of the same variables and Ansible's own plugin with the same expressions."""
    rounds = _from_plugin(bench)
    plugin, listed = _middle(rounds, "plugin"), _middle(rounds, "listed")
    what = "10,000 instances from the inventory plugin, expressions / a static list with constructed"
    detail = {"plugin_s": plugin, "listed_s": listed, **_cpu(rounds, "plugin", "listed")}
    return [Result("inventory", what, plugin / listed, "x", 1.3, True, detail)]


def audit_of_plugin(bench):
    """The whole audit over the inventory plugin's hosts, against that over the static list."""
    rounds = _from_plugin(bench)
    plugin, listed = _middle(rounds, "audit"), _middle(rounds, "audit_listed")
    what = "10,000 instances from the inventory plugin: audit / audit of the static list with constructed"
    peak = max(one["audit"].peak for one in rounds)
    detail = {
        "audit_s": plugin,
        "audit_listed_s": listed,
        **_cpu(rounds, "audit", "audit_listed"),
        "audit_peak_mib": peak,
    }
    return [Result("plugin-audit", what, plugin / listed, "x", 1.3, True, detail)]


def again(bench):
    """What a report or a merge adds to reading a record: the judgement of its facts."""
    first, once_more = bench.again(10_000)
    detail = {"judged_cpu_s": first, "again_cpu_s": once_more}
    return [
        Result(
            "again",
            "10,000 instances: judging their record again / judging them",
            once_more / first,
            "x",
            1.0,
            True,
            detail,
        )
    ]


def restore(bench):
    """One large backup against the same file downloaded, checked and loaded bare; our own memory, also with a small one."""
    path = bench.large_file(LARGE_KEYS, LARGE_VALUE)
    written = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    with bench.cloud(1, instance=lambda number: _restorable(number, {"path": str(path)}, written)) as cloud:
        # The first to ask for an address has the emulator read the file.
        bench.loaded(cloud, LARGE_KEYS)
        rounds = bench.rounds(
            ("ours", lambda: bench.restored(cloud, LARGE_KEYS)), ("floor", lambda: bench.loaded(cloud, LARGE_KEYS))
        )
    with bench.cloud(1, instance=lambda number: _restorable(number, {"keys": RESTORE_KEYS})) as cloud:
        small_peak = bench.restored(cloud, RESTORE_KEYS)[1]["peak"]
    ours, floor = (median(one[side][1]["took"] for one in rounds) for side in ("ours", "floor"))
    peak = max(one["ours"][1]["peak"] for one in rounds)
    phases = {
        f"{side}_{phase}_s": median(one[side][1]["seconds"][phase] for one in rounds)
        for phase in ("download", "check", "load")
        for side in ("ours", "floor")
    }
    size = path.stat().st_size / 1e6
    path.unlink()
    what = f"{LARGE_KEYS:,} keys in {size:.0f} MB: restore test / download, checker and load, one after another"
    return [
        Result("restore", what, ours / floor, "x", 1.25, True, {"ours_s": ours, "floor_s": floor, **phases}),
        Result("restore", "the same: own memory", peak, "MiB", OWN_MEMORY, True, {"1000_keys_mib": small_peak}),
    ]


def restores(bench):
    """Many small backups through the playbook, without what starts Ansible."""
    about = {"keys": RESTORE_KEYS}
    with bench.cloud(RESTORES, instance=lambda number: _restorable(number, about)) as cloud:
        rounds = bench.rounds(
            ("restores", lambda: bench.restores(cloud, RESTORE_KEYS, PARALLEL)), ("empty", lambda: bench.empty(cloud))
        )
    took, start = _middle(rounds, "restores"), _middle(rounds, "empty")
    detail = {"playbook_s": took, "empty_play_s": start, **_cpu(rounds, "restores", "empty")}
    what = f"{RESTORES} backups of {RESTORE_KEYS:,} keys, {PARALLEL} at a time: each"
    return [Result("restores", what, (took - start) / RESTORES, "s", 0.5, True, detail)]


def _restorable(number, about, start="-2h"):
    """Return an instance of a fleet file, whose only backup has a file."""
    backup = {"start": start, "file": {"version": 10, **about}}
    return {"id": f"crs-{number:08d}", "region": REGION, "backups": [backup]}


ROWS = {
    "1000": small,
    "1000-all": small_all,
    "10000": large,
    "growth": growth,
    "per-host": per_host,
    "rate-limit": rate_limit,
    "sdk": legacy,
    "inventory": inventory,
    "plugin-audit": audit_of_plugin,
    "again": again,
    "restore": restore,
    "restores": restores,
}


def _swept(bench, count, config=False):
    """Return the rounds of an audit of this number of instances and of its floor, timed once for all rows."""
    key = count, config
    if key not in bench.kept:
        with bench.cloud(count) as cloud:
            bench.kept[key] = bench.rounds(
                ("audit", lambda: bench.audit(cloud, config=config)),
                ("pages", lambda: bench.pages(cloud, config)),
                ("empty", lambda: bench.empty(cloud)),
            )
    return bench.kept[key]


def _from_plugin(bench):
    """Return the rounds of plays and audits over the plugin's hosts and over a static list of them, timed once for all rows."""
    if "plugin" not in bench.kept:
        policy = {f"crs_backup_policy_{name}": limit for name, limit in LISTING_RULES.items()}
        with bench.cloud(10_000) as cloud:
            listed, source = bench.listed(cloud), cloud.source()
            bench.kept["plugin"] = bench.rounds(
                ("plugin", lambda: bench.grouped(cloud, source)),
                ("listed", lambda: bench.grouped(cloud, *listed)),
                ("audit", lambda: bench.audit_of(cloud, [source], policy)),
                ("audit_listed", lambda: bench.audit_of(cloud, listed, policy)),
            )
    return bench.kept["plugin"]


def _to_floor(bench, row, what, target, rounds):
    audit, pages, empty = (_middle(rounds, side) for side in ("audit", "pages", "empty"))
    detail = {
        "audit_s": audit,
        "audit_cpu_s": _middle(rounds, "audit", "cpu"),
        "audit_peak_mib": max(one["audit"].peak for one in rounds),
        "pages_s": pages,
        "empty_play_s": empty,
        "empty_play_peak_mib": max(one["empty"].peak for one in rounds),
    }
    return Result(row, what, audit / (pages + empty), "x", target, True, detail)


def _cpu(rounds, *sides):
    return {f"{side}_cpu_s": _middle(rounds, side, "cpu") for side in sides}


def _middle(rounds, side, figure="seconds"):
    return median(getattr(one[side], figure) for one in rounds)
