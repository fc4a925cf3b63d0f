# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a run of restore tests. All of their variables are checked before any request. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Callable

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils._connection import connect
from ...module_utils._credentials.chain import Keyring
from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_duration
from .._option_types import check_shapes
from .._policy.facts import Instance, Whose, whose
from . import options
from .due import Host

#: The prefix of the variables of restore tests. After it comes the name of an option of the module, or one of these.
PREFIX = "crs_restore_test_"
#: Settings of the whole run, on which all its hosts must agree.
RUN = ("hosts", "min_hosts", "max_hosts", "parallel", "record_dir", "record_mode", "fail", "unknown", "show")
#: What the playbook sets itself.
_RESULTS = ("due", "result", "summary")
_EVERY = "every"
NAMES = tuple(PREFIX + name for name in (*RUN, _EVERY, *options.TEST_SPEC))
_KNOWN = {*NAMES, *(PREFIX + name for name in _RESULTS)}
#: A run always has a folder for its records.
_SOME_DIR = "."
_SPEC = {PREFIX + name: entry for name, entry in options.TEST_SPEC.items()}

#: Returns, for a host's variables, the inventory's name of its account, or None, and the options of its connection.
Whereabouts = Callable[[Mapping[str, Any]], tuple["str | None", Mapping[str, Any]]]


class Fleet:
    """Collects the hosts of a run. ``every`` is the default for hosts that don't set it, as a duration such as ``30d``."""

    def __init__(self, whereabouts: Whereabouts, every: str) -> None:
        self.hosts: list[Host] = []
        #: The largest max_memory of the hosts, in bytes; None if none sets it.
        self.max_memory: int | None = None
        self._whereabouts = whereabouts
        self._every = every
        self._keyring = Keyring()
        self._regions: dict[int, Whose] = {}
        self._checked: set[str] = set()
        self._validator = ArgumentSpecValidator(options.TEST_SPEC)
        self._shared: dict[str, tuple[str, Any]] = {}

    def add(self, name: str, variables: Mapping[str, Any], others: Iterable[str] = ()) -> None:
        """Add a host with its variables; ``others`` are the names of its further variables. Raises InvalidOption."""
        try:
            _check_names(others)
            self.agree(name, variables, RUN)
            _account, connection = self._whereabouts(variables)
            self._check_test(variables, connection)
            instance_id = str(variables.get("crs_instance_id") or name)
            options.check_instance_id(instance_id, "crs_instance_id")
            every = parse_duration(variables.get(PREFIX + _EVERY, self._every), PREFIX + _EVERY)
            region = self._region(connection)
        except InvalidOption as error:
            raise InvalidOption(f"host {name}: {error.reason}") from None
        self.hosts.append(Host(name, Instance(*region, instance_id), every))

    def agree(self, host: str, variables: Mapping[str, Any], names: Iterable[str]) -> None:
        """Raise InvalidOption if a host's value of a setting of the whole run differs from the first host's."""
        for name in (PREFIX + name for name in names):
            value = variables.get(name)
            first, known = self._shared.setdefault(name, (host, value))
            if value != known:
                raise InvalidOption(
                    f"{name} is {_said(value)} here and {_said(known)} for host {first}: it applies to the whole run, so "
                    "set it for the play or with -e"
                )

    def _region(self, connection: Mapping[str, Any]) -> Whose:
        """Return the cloud and region of a connection. Equal ones are one object."""
        if id(connection) not in self._regions:
            try:
                api = connect(connection, self._keyring)
            except InvalidOption as error:
                raise InvalidOption(
                    f"{error.reason} (of a host, the variable with crs_ before the option's name, such as crs_region)"
                ) from None
            self._regions[id(connection)] = whose(api.client.endpoint.url, api.region)
        return self._regions[id(connection)]

    def _check_test(self, variables: Mapping[str, Any], connection: Mapping[str, Any]) -> None:
        """Check the options of a host's test, each distinct set once."""
        given = {name: variables[name] for name in _SPEC if variables.get(name) is not None}
        key = repr((given, connection))
        if key in self._checked:
            return
        check_shapes(given, _SPEC)
        checked = self._validator.validate({name.removeprefix(PREFIX): value for name, value in given.items()})
        try:
            if checked.error_messages:
                raise InvalidOption("; ".join(checked.error_messages))
            params = checked.validated_parameters
            options.parse({**connection, **params, "record_dir": _SOME_DIR})
        except InvalidOption as error:
            raise InvalidOption(
                f"{error.reason} (of a host, the variable with {PREFIX} before the option's name)"
            ) from None
        if params["max_memory"] is not None:
            self.max_memory = max(self.max_memory or 0, params["max_memory"])
        self._checked.add(key)


def _said(value: Any) -> str:
    return "not set" if value is None else repr(value)


def _check_names(names: Iterable[str]) -> None:
    """Raise InvalidOption for an unknown name with our prefix: it would have no effect."""
    for name in names:
        if name.startswith(PREFIX) and name not in _KNOWN:
            # Compared without the prefix, which makes all names look alike.
            close = get_close_matches(name.removeprefix(PREFIX), sorted(one.removeprefix(PREFIX) for one in _KNOWN), 1)
            hint = f"did you mean {PREFIX}{close[0]}?" if close else "see the guide on restore tests"
            raise InvalidOption(f"{name} is not a variable of restore tests: {hint}")
