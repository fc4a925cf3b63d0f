# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of faults, and the choice of those that are at work on a call."""

from __future__ import annotations

import threading

from ..errors import FleetError
from ..section import Section

# When a fault acts, and on what:
#   setup     (call, fault)               before authentication: knobs of the call
#   before    (call, fault, service)      after authentication: raises a Refusal or changes the fleet
#   page      (call, fault, page)         which part of a list is shown, and its claimed total
#   rows      (call, fault, rows)         the rendered rows of the page
#   document  (call, fault, document)     the whole answer; returns the one to send
#   reply     (call, fault, reply)        the HTTP reply and how it is sent
STAGES = ("setup", "before", "page", "rows", "document", "reply")
SELECTORS = {"name", "action", "instance", "region", "api", "page", "skip", "times"}
SPECS = {}


class Spec:
    """One registered fault."""

    def __init__(self, function, stage, when, defaults):
        self.name = function.__name__
        self.apply = function
        self.stage = stage
        self.when = when
        self.defaults = defaults
        self.explanation = function.__doc__.strip().splitlines()[0]


def fault(stage, when=None, **defaults):
    """Register a function as the fault of its name; `when(call)` says which calls it can act on at all."""
    if stage not in STAGES:
        raise ValueError(stage)

    def register(function):
        SPECS[function.__name__] = Spec(function, stage, when or (lambda call: True), defaults)
        return function

    return register


def names():
    """name -> one-line explanation."""
    return {name: SPECS[name].explanation for name in sorted(SPECS)}


class Fault:
    """One fault set by a fleet file or a test: its selectors, its arguments, and how often it was met."""

    def __init__(self, item, where):
        if not isinstance(item, dict) or item.get("name") not in SPECS:
            name = item.get("name") if isinstance(item, dict) else item
            raise FleetError("%s.name: no fault is called %r (known: %s)" % (where, name, ", ".join(sorted(SPECS))))
        self.spec = SPECS[item["name"]]
        section = Section(where, item, SELECTORS | set(self.spec.defaults))
        self.selectors = {key: section.text(key, None) for key in ("action", "instance", "region", "api")}
        self.page = section.number("page", None)
        self.skip = section.number("skip", 0)
        self.times = section.number("times", None)
        self.args = {key: _argument(section, key, default) for key, default in self.spec.defaults.items()}
        self.seen = 0

    def __getitem__(self, key):
        return self.args[key]

    def _concerns(self, call):
        wanted = self.selectors
        return (
            (wanted["action"] in (None, call.action))
            and (wanted["api"] in (None, call.api))
            and (wanted["region"] in (None, call.region, call.region_sent))
            and (wanted["instance"] is None or wanted["instance"] in call.instances)
            and (self.page is None or (call.limit and call.offset // call.limit + 1 == self.page))
            and self.spec.when(call)
        )

    def takes(self, call):
        """Whether it acts on this call; only calls that it concerns are counted."""
        if not self._concerns(call):
            return False
        self.seen += 1
        return self.seen > self.skip and (self.times is None or self.seen <= self.skip + self.times)


def _argument(section, key, default):
    """One argument of a fault; the kind of its default is the kind it must have, and of a tuple it is one of the words."""
    if isinstance(default, tuple):
        return section.choice(key, default, default[0])
    if isinstance(default, bool):
        return section.flag(key, default)
    if isinstance(default, (int, float)):
        return section.number(key, default, whole=isinstance(default, int))
    return section.raw(key, default)


class Faults:
    """The faults that are set. One object for the life of a service; `replace` sets others."""

    def __init__(self, faults=()):
        self._faults = list(faults)
        self._lock = threading.Lock()

    def replace(self, faults):
        with self._lock:
            self._faults = list(faults)

    def choose(self, call):
        """The faults at work on this call."""
        with self._lock:
            return Active([one for one in self._faults if one.takes(call)])


class Active:
    """The faults of one call."""

    def __init__(self, faults):
        self.faults = faults
        self.names = [one.spec.name for one in faults]

    def _at(self, stage):
        return [one for one in self.faults if one.spec.stage == stage]

    def run(self, stage, call, *subject):
        for one in self._at(stage):
            one.spec.apply(call, one, *subject)

    def transform(self, stage, call, subject):
        """The subject after each fault has made a new one of it."""
        for one in self._at(stage):
            subject = one.spec.apply(call, one, subject)
        return subject


def parse_faults(items):
    """Faults of a list of mappings, or a FleetError that names the first bad one."""
    if not isinstance(items, (list, tuple)):
        raise FleetError("faults: expected a list")
    return [Fault(item, "faults[%d]" % index) for index, item in enumerate(items)]
