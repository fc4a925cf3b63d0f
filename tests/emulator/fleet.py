# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet at work: who sees which instance, and sorted lists of backups."""

from __future__ import annotations

import threading
import zlib
from itertools import chain

from .model import Backup

ORDERS = {
    "newest": lambda backup: (-backup.start, backup.id),
    "oldest": lambda backup: (backup.start, backup.id),
    "shuffled": lambda backup: (zlib.crc32(backup.id.encode()), backup.id),
}
# A sweep over 10,000 instances is asked for page by page with one set of filters: keep the last few results.
KEPT_SELECTIONS = 16


class Fleet:
    """Instances by id. Changes only through `add` and `remove`, which the moving faults use."""

    def __init__(self, settings, credentials, roles, instances, faults, clock):
        self.settings = settings
        self.credentials = credentials
        self.roles = roles
        self.instances = {instance.id: instance for instance in instances}
        self.faults = faults
        self.clock = clock
        self._order = ORDERS[settings.order]
        self._lock = threading.RLock()
        self._selections = {}
        self._added = 0
        for instance in instances:
            instance.backups.sort(key=self._order)

    def owned(self, account, api, region):
        """The account's instances in a region, in the order of the fleet file, readable or not."""
        return [one for one in self.instances.values() if self._owns(one, account, api, region)]

    def listed(self, account, api, region):
        """Those of them that a list of instances shows."""
        return [
            one
            for one in self.owned(account, api, region)
            if (not one.denied or one.visible) and not one.gone and not one.hidden
        ]

    def find(self, account, api, region, instance_id):
        """The instance of that id, or None if this account has none such there, or not any more."""
        one = self.instances.get(instance_id)
        return one if one and not one.gone and self._owns(one, account, api, region) else None

    @staticmethod
    def _owns(one, account, api, region):
        return one.region == region and one.account == account and api in one.api

    def swept(self, account, api, region, name=None):
        """All readable backups of a region in the service's order; those of denied instances are left out in silence.

        Those of destroyed ones are still there.
        """
        return self._remembered(
            (account, api, region, name),
            lambda: sorted(
                chain.from_iterable(
                    one.backups
                    for one in self.owned(account, api, region)
                    if not one.denied and (not name or name in one.name)
                ),
                key=self._order,
            ),
        )

    def selected(self, source, wanted, key):
        """The backups of `source()` that `wanted` accepts; remembered under `key` if there is one."""
        if key is None:
            return [backup for backup in source() if wanted(backup)]
        return self._remembered(key, lambda: [backup for backup in source() if wanted(backup)])

    def _remembered(self, key, make):
        with self._lock:
            if key not in self._selections:
                while len(self._selections) >= KEPT_SELECTIONS:
                    self._selections.pop(next(iter(self._selections)))
                self._selections[key] = make()
            return self._selections[key]

    def add(self, instance):
        """A manual backup that starts now on that instance."""
        with self._lock:
            self._added += 1
            backup = Backup(
                instance,
                "added-%d" % self._added,
                self.settings.zone,
                int(self.clock.data()),
                type="manual",
                remark="made while the list was read",
            )
            instance.backups = sorted(instance.backups + [backup], key=self._order)
            self._selections.clear()
            return backup

    def remove(self, backup):
        """Forget one backup."""
        with self._lock:
            backup.instance.backups = [one for one in backup.instance.backups if one is not backup]
            self._selections.clear()
