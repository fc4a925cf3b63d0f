# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a host's variables to its Target: instance, connection, policy and waivers. Private to this collection.

All variables are checked here, before any request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timezone
from difflib import get_close_matches
from typing import Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_path

from ...module_utils._api.instances import INSTANCE_ID
from ...module_utils._errors import InvalidOption
from ...module_utils._options.connection import Options, connection_spec
from .._option_types import check_shapes
from .._policy import limits
from .._policy.history import parse_created
from .._policy.policy import Policy, needs_restore_tests, parse_policy
from .._policy.rules import RULES
from .._policy.waivers import Waiver, check_ends, parse_waivers
from .._record import record
from .._settings import PREFIX
from .target import Target

#: The prefix of all variables of the collection.
FAMILY = "crs_"
#: The playbook's variable for the hosts to audit.
PATTERN = "crs_audit_hosts"
#: The variables for the hosts to audit: the playbook's, which sets the role's, and the role's.
WHOM = (PATTERN, PREFIX + "hosts")
#: From this similarity on (0 to 1), a name with the prefix FAMILY counts as a misspelt variable, not as one of the user's own: one letter
#: added, missing or wrong, or two swapped. The inventory plugin's own names are less similar to all variables.
MIN_LIKENESS = 0.9
#: Variables that the role and its tasks set, in addition to the settings, without PREFIX.
_OWN = ("hosts", "audit", "missed")
_POLICY_NAMES = [*RULES, "timezone"]
_UNKNOWN = ("fail", "warn")
_DEFAULT_MAX_WAIVER = "366d"
_FACTS = ("crs_account", "crs_instance_id", "crs_instance_name", "crs_created_time", "crs_status", "crs_tags")
_CONNECTION = {f"crs_{name}": entry for name, entry in connection_spec().items()}
#: Variables that say which instance a host stands for, and where that is.
PLACE_NAMES = ("crs_account", "crs_instance_id", *_CONNECTION)
#: Variables that only hosts have that stand for instances.
INSTANCE_NAMES = (*_FACTS, *_CONNECTION, *(PREFIX + name for name in _POLICY_NAMES))
#: The types of a host's variables that do not belong to the policy.
_SHAPES = {**{name: {"type": "dict" if name == "crs_tags" else "str"} for name in _FACTS}, **_CONNECTION}

#: ``{name: value}`` of a host's variables.
Variables = Mapping[str, Any]


class Settings(NamedTuple):
    """Settings of the whole run. All hosts have to have the same values."""

    name: str
    run_id: str | None
    report_dir: str
    #: Checked where the reports are written.
    report_mode: Any
    min_hosts: int
    fail: str
    show: str
    coverage: str
    #: Checked where coverage looks.
    coverage_regions: Any
    #: The folder of the records of restore tests, or None if none is set.
    restore_test_dir: str | None


#: AWX sets these for the jobs of a workflow, and the slices of a job are such a workflow. They are the run id if no variable sets one.
_WORKFLOW_JOB = ("awx_workflow_job_id", "tower_workflow_job_id")
_SHARED = (*(PREFIX + name for name in Settings._fields), *_WORKFLOW_JOB)
#: The values of settings that have a few: what fails, what the table shows, what is done about instances outside of the inventory.
CHOICES = {"fail": ("each", "once", "never"), "show": ("failed", "all", "none"), "coverage": ("fail", "report", "off")}


class Scope:
    """Makes the Targets of a run's hosts, and checks that the hosts agree on its Settings."""

    def __init__(self, options: Options, defaults: Variables, now: datetime | None = None) -> None:
        """``options`` are connection options for hosts that don't set them. ``defaults`` are the role's, also if no role runs.

        ``now`` is when the run began, an aware datetime, for the ends of waivers.
        """
        self._options = options
        self._now = now or datetime.now(timezone.utc)
        self._defaults = defaults
        self._policies: dict[str, Policy] = {}
        self._connections: dict[str, dict[str, Any]] = {}
        self._waivers: dict[str, tuple[Waiver, ...]] = {}
        #: The host that was the first to have a setting, and its value.
        self._settings: dict[str, tuple[str, Any]] = {}
        self._patterns: tuple[str, dict[str, Any]] | None = None
        self._known = {*self.names(options), *_SHAPES, *(PREFIX + name for name in _OWN)}
        self._others: set[str] = set()
        self._validator = ArgumentSpecValidator(_CONNECTION)

    @staticmethod
    def names(options: Iterable[str]) -> list[str]:
        """Return the names of all variables to read of each host."""
        ours = [*_POLICY_NAMES, "unknown", "waivers", "max_waiver", *Settings._fields]
        return [PREFIX + name for name in ours] + [f"crs_{name}" for name in options] + [*_FACTS, *WHOM, *_WORKFLOW_JOB]

    def agree_whom(self, host: str, variables: Variables) -> None:
        """Raise InvalidOption if a host of the play selects other hosts to audit than the hosts before it.

        Only the first host's pattern is used. If it were set for a group, all other hosts would be left out without notice.
        """
        patterns = {name: variables.get(name) for name in WHOM}
        if self._patterns is None:
            self._patterns = (host, patterns)
        first, known = self._patterns
        for name, value in patterns.items():
            if known[name] != value:
                raise InvalidOption(
                    f"host {host}: {name} is {_said(value)} here and {_said(known[name])} for host {first}: it selects, for "
                    "the whole run, the hosts to audit, so set it for the play or with -e"
                )

    def target(self, host: str, variables: Variables, own: Collection[str] = (), others: Iterable[str] = ()) -> Target:
        """Return the Target of a host's ``{name: value}``. Raises InvalidOption, which names the host.

        ``own`` are the names that are set for the host and not for the play. ``others`` are further variables of the host with the
        prefix FAMILY, whose names are checked.
        """
        variables = {**self._defaults, **variables}
        try:
            self.check_names((*variables, *others))
            check_shapes({name: value for name, value in variables.items() if value != ""}, _SHAPES)
            self.agree(host, variables)
            instance_id = str(variables.get("crs_instance_id") or host)
            if not INSTANCE_ID.fullmatch(instance_id):
                raise InvalidOption(
                    f"crs_instance_id {instance_id!r} is not a valid instance id: write it as crs-a1b2c3d4"
                )
            created = variables.get("crs_created_time") or None
            if created is not None and parse_created(str(created)) is None:
                raise InvalidOption(
                    f"crs_created_time {created!r} is not a time from 2010 on: write it in ISO 8601 with an offset, "
                    "such as 2026-06-01T02:00:00+08:00, or leave it out"
                )
            return Target(
                host=host,
                account=_text(variables.get("crs_account")),
                instance_id=instance_id,
                name=_text(variables.get("crs_instance_name")),
                created_time=None if created is None else str(created),
                status=_text(variables.get("crs_status")),
                tags=_tags(variables.get("crs_tags")),
                connection=self._connection(variables),
                policy=self._policy(variables),
                origins={
                    name: self._origin(PREFIX + name, variables, own) for name in RULES if PREFIX + name in variables
                },
                waivers=self._waived(
                    variables.get(PREFIX + "waivers"), variables.get(PREFIX + "max_waiver", _DEFAULT_MAX_WAIVER)
                ),
                unknown_fails=_choice("unknown", variables.get(PREFIX + "unknown", "fail"), _UNKNOWN) == "fail",
            )
        except InvalidOption as error:
            raise InvalidOption(f"host {host}: {error.reason}") from None

    def whereabouts(self, variables: Variables) -> tuple[str | None, dict[str, Any]]:
        """Return ``(account, connection options)`` of a host's ``PLACE_NAMES``. Raises InvalidOption.

        The account is its label by the inventory, or None. Equal options are the same object.
        """
        check_shapes({name: value for name, value in variables.items() if value != ""}, _SHAPES)
        return _text(variables.get("crs_account")), self._connection(variables)

    def settings(self) -> Settings:
        """Return the Settings by the hosts so far, else the defaults. Raises InvalidOption."""
        values = {name: self._setting(name) for name in Settings._fields if name not in ("run_id", "restore_test_dir")}
        for name, choices in CHOICES.items():
            values[name] = _choice(name, values[name], choices)
        if not str(values["min_hosts"]).isdecimal() or isinstance(values["min_hosts"], bool):
            raise InvalidOption(
                f"{PREFIX}min_hosts {values['min_hosts']!r} is not a count: use 0 or a larger whole number"
            )
        values["min_hosts"] = int(values["min_hosts"])
        if not isinstance(values["name"], str) or not record.NAME.fullmatch(values["name"]):
            raise InvalidOption(
                f"{PREFIX}name {values['name']!r} is not a valid name of an audit: use text of letters, digits, _, - and ., "
                "at most 64 of them"
            )
        values["run_id"] = self._run_id()
        values["report_dir"] = check_type_path(str(values["report_dir"]))
        values["restore_test_dir"] = self._restore_test_dir()
        return Settings(**values)

    def _setting(self, name: str) -> Any:
        _host, value = self._settings.get(PREFIX + name, (None, self._defaults.get(PREFIX + name)))
        # A template that gives nothing must not replace a default.
        if value is None or value == "":
            raise InvalidOption(f"{PREFIX}{name} {value!r} is empty: set a value, or leave it out")
        return value

    def _restore_test_dir(self) -> str | None:
        """Return the folder of the records of restore tests, or None. Raises InvalidOption if it is not set and a rule needs it."""
        name = f"{PREFIX}restore_test_dir"
        if name not in self._settings:
            for policy in self._policies.values():
                rule = needs_restore_tests(policy)
                if rule:
                    raise InvalidOption(
                        f"{PREFIX}{rule} judges restore tests, and {name} is not set: set it to the folder of their records, "
                        "crs_restore_test_record_dir of the playbook restore_test, or turn the rule off"
                    )
            return None
        value = self._settings[name][1]
        if not isinstance(value, str) or not value.strip():
            raise InvalidOption(f"{name} {value!r} is not a folder: give the path of one, or leave it out")
        return str(check_type_path(value))

    def _run_id(self) -> str | None:
        """Return the id of the run that this is a slice of, or None if there is none. Raises InvalidOption."""
        for name in (PREFIX + "run_id", *_WORKFLOW_JOB):
            if name in self._settings:
                value = self._settings[name][1]
                text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
                if not record.RUN.fullmatch(text):
                    raise InvalidOption(
                        f"{name} {value!r} is not a valid id of a run: use text of letters, digits, _, -, ., : and /, at most 128 of them, "
                        "or leave it out"
                    )
                return text
        return None

    def check_names(self, names: Iterable[str]) -> None:
        """Raise InvalidOption for a name that looks like a variable of the collection and isn't one: it would have no effect."""
        for name in names:
            if name in self._known or name in self._others:
                continue
            if name.startswith(PREFIX):
                close = get_close_matches(name, self._known, 1)
                hint = f"did you mean {close[0]}?" if close else "see ansible-doc -t role qcloud.crs.crs_backup_policy"
                raise InvalidOption(f"{name} is not a variable of the role: {hint}")
            close = get_close_matches(name, self._known, 1, MIN_LIKENESS)
            if close:
                raise InvalidOption(
                    f"{name} is not a variable of this collection: did you mean {close[0]}? Rename your own variable"
                )
            self._others.add(name)

    def agree(self, host: str, variables: Variables) -> None:
        """Add a host's settings to those of the run. Raises InvalidOption if they differ from a previous host's."""
        for name in _SHARED:
            if name in variables:
                value = variables[name]
                first, known = self._settings.setdefault(name, (host, value))
                # Older versions of ansible-core turn a number from a template into a text.
                if known != value and str(known) != str(value):
                    raise InvalidOption(
                        f"{name} is {value!r} here and {known!r} for host {first}: it applies to the whole run, "
                        "so set one value; if it contains the time, set it once, with set_fact and run_once"
                    )

    def _connection(self, variables: Variables) -> dict[str, Any]:
        """Return the host's connection options, each distinct set checked and converted once."""
        values = {f"crs_{name}": value for name, value in self._options.items()}
        values.update((name, variables[name]) for name in values if variables.get(name) is not None)
        key = repr(values)
        if key not in self._connections:
            checked = self._validator.validate(values)
            if checked.error_messages:
                raise InvalidOption("; ".join(checked.error_messages))
            self._connections[key] = {name: checked.validated_parameters[f"crs_{name}"] for name in self._options}
        return self._connections[key]

    def _policy(self, variables: Variables) -> Policy:
        """Return the host's Policy. Each distinct one is parsed once: a fleet has thousands of hosts and a handful of policies."""
        values = {name: variables[PREFIX + name] for name in _POLICY_NAMES if PREFIX + name in variables}
        key = repr(values)
        if key not in self._policies:
            self._policies[key] = parse_policy(values, PREFIX)
        return self._policies[key]

    def _waived(self, value: Any, longest: Any) -> tuple[Waiver, ...]:
        key = repr((value, longest))
        if key not in self._waivers:
            waivers = parse_waivers(value, PREFIX + "waivers")
            check_ends(waivers, limits.duration(longest, PREFIX + "max_waiver"), self._now, PREFIX)
            self._waivers[key] = waivers
        return self._waivers[key]

    def _origin(self, name: str, variables: Variables, own: Collection[str]) -> str:
        if name in own:
            return "set for this host"
        return "role default" if self._defaults.get(name) == variables[name] else "set for the play"


def _said(value: object) -> str:
    return "not set" if value is None else repr(value)


def _choice(name: str, value: Any, choices: Collection[str]) -> str:
    if value is False and "off" in choices:  # how YAML reads off
        return "off"
    if value not in choices:
        raise InvalidOption(f"{PREFIX}{name} {value!r} is not one of {', '.join(choices)}")
    return str(value)


def _tags(value: Mapping[Any, Any] | None) -> dict[str, str]:
    return {str(name): str(text) for name, text in (value or {}).items()}


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)
