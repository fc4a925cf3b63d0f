# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host of an audit, its options read and checked. Private to this collection. It knows no Ansible."""

from __future__ import annotations

from collections import namedtuple

#: One host. ``account`` is what the inventory calls the account, or None; ``created_time`` and ``status`` are what it claims of
#: the instance; ``connection`` is a dict of the connection's options; ``origins`` says of each rule where its limit is from:
#: ``role default``, ``set for the play`` or ``set for this host``.
#: ``unknown_fails`` says whether the host fails when nothing can be concluded.
Target = namedtuple(
    "Target", "host account instance_id name created_time status tags connection policy origins waivers unknown_fails"
)


def by_connection(targets):
    """Return ``[(connection, targets)]``: hosts of one account with equal connections share one listing."""
    groups = {}
    for target in targets:
        key = repr((target.account, target.connection))
        groups.setdefault(key, (target.connection, []))[1].append(target)
    return list(groups.values())
