# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a run of restore tests. All of their variables are checked before any request. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Callable

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_path

from ...module_utils._connection import connect
from ...module_utils._credentials.chain import Keyring
from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_duration
from .._option_types import check_numbers, check_shapes
from .._policy.facts import Instance, Whose, whose
from . import options, settings, workdir
from .due import Host
from .settings import PREFIX

#: Settings of the whole run, on which all its hosts must agree.
RUN = (*settings.CHECKS, settings.RECORD_MODE)
#: What the playbook sets itself.
_RESULTS = ("due", "result", "summary")
_EVERY = "every"
NAMES = tuple(PREFIX + name for name in (*RUN, _EVERY, *options.TEST_SPEC))
_KNOWN = {*NAMES, *(PREFIX + name for name in _RESULTS)}
_SPEC = {PREFIX + name: entry for name, entry in options.TEST_SPEC.items()}
_EXPECT_DEFAULTS = {name: entry.get("default") for name, entry in options.TEST_SPEC["expect"]["options"].items()}
#: Options whose values appear in no error.
_SECRET = "expect.canary"

#: Returns, for a host's variables, the inventory's name of its account, or None, and the options of its connection.
Whereabouts = Callable[[Mapping[str, Any]], tuple["str | None", Mapping[str, Any]]]


class Fleet:
    """Collects the hosts of a run.

    ``every`` and ``record_dir`` apply to hosts that don't set them; ``every`` is a duration such as ``30d``.
    """

    def __init__(self, whereabouts: Whereabouts, every: str, record_dir: str) -> None:
        self.hosts: list[Host] = []
        self._whereabouts = whereabouts
        self._every = every
        self._record_dir = record_dir
        self._keyring = Keyring()
        self._regions: dict[int, Whose] = {}
        self._checked: dict[str, dict[str, Any]] = {}
        #: The first host that stands for an instance, and the options of its test.
        self._tests: dict[Instance, tuple[str, dict[str, Any]]] = {}
        self._validator = ArgumentSpecValidator(options.TEST_SPEC)
        self._shared: dict[str, tuple[str, Any]] = {}

    def add(self, name: str, variables: Mapping[str, Any], others: Iterable[str] = ()) -> None:
        """Add a host with its variables; ``others`` are the names of its further variables. Raises InvalidOption."""
        try:
            _check_names(others)
            self.agree(name, variables, RUN)
            _account, connection = self._whereabouts(variables)
            params = self._checked_test(variables, connection)
            instance_id = str(variables.get("crs_instance_id") or name)
            options.check_instance_id(instance_id, "crs_instance_id")
            every = parse_duration(variables.get(PREFIX + _EVERY, self._every), PREFIX + _EVERY)
            instance = Instance(*self._region(connection), instance_id)
            self._agree_on_test(name, instance, params)
        except InvalidOption as error:
            raise InvalidOption(f"host {name}: {error.reason}") from None
        self.hosts.append(Host(name, instance, every, params["max_memory"]))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the whole run that hosts in scope have, by their names without the prefix."""
        return {name.removeprefix(PREFIX): value for name, (_host, value) in self._shared.items() if value is not None}

    @property
    def work_dirs(self) -> set[str]:
        """The folders in which tests of the hosts in scope work."""
        return {workdir.parent(params["work_dir"]) for params in self._checked.values()}

    def agree(self, host: str, variables: Mapping[str, Any], names: Iterable[str]) -> None:
        """Raise InvalidOption if a host's value of a setting of the whole run is wrong, or differs from the first host's."""
        for setting in names:
            name = PREFIX + setting
            value = variables.get(name)
            if name not in self._shared:
                settings.check({setting: value})
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
                    f"{error.reason} (for a host, set the variable with the prefix crs_, such as crs_region)"
                ) from None
            self._regions[id(connection)] = whose(api.client.endpoint.url, api.region)
        return self._regions[id(connection)]

    def _agree_on_test(self, name: str, instance: Instance, params: dict[str, Any]) -> None:
        """Raise InvalidOption if hosts of one instance differ in an option of the test: only the first one's test would be run."""
        first, known = self._tests.setdefault(instance, (name, params))
        if params is known:
            return
        theirs = dict(_flat(known))
        for option, value in _flat(params):
            if value != theirs[option]:
                values = f"{_said(value)} here and {_said(theirs[option])}" if option != _SECRET else "not the same as"
                raise InvalidOption(
                    f"{PREFIX}{option} is {values} for host {first}, which stands for the same instance, "
                    f"{instance.instance_id}: it is tested once for both, so set the same value, or leave one of the hosts out"
                )

    def _checked_test(self, variables: Mapping[str, Any], connection: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a host's test, each distinct set checked once. Equal ones are one object."""
        given = {name: variables[name] for name in _SPEC if variables.get(name) is not None}
        key = repr((given, connection))
        if key in self._checked:
            return self._checked[key]
        check_shapes(given, _SPEC)
        check_numbers(given, _SPEC)
        checked = self._validator.validate({name.removeprefix(PREFIX): value for name, value in given.items()})
        try:
            if checked.error_messages:
                raise InvalidOption("; ".join(checked.error_messages))
            params: dict[str, Any] = checked.validated_parameters
            record_dir = check_type_path(variables.get(PREFIX + "record_dir") or self._record_dir)
            options.parse({**connection, **params, "record_dir": record_dir})
        except InvalidOption as error:
            raise InvalidOption(f"{error.reason} (for a host, set the variable with the prefix {PREFIX})") from None
        self._checked[key] = params
        return params


def _flat(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the options of a test with their values, those of ``expect`` one by one."""
    for name, value in params.items():
        if name == "expect":
            yield from ((f"expect.{option}", one) for option, one in {**_EXPECT_DEFAULTS, **(value or {})}.items())
        else:
            yield name, value


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
