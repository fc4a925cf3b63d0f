# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy: from variables to limits, and from one instance's listing to its verdicts. Pure: ``now`` is a parameter.

Private to this collection. It knows only records, not how they were fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, TypedDict

from ...module_utils._api.backups import BackupRecord
from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_zone, say_duration
from .findings import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Actual, Finding
from .history import AnyBackup, BackupHistory, of_row, parse_created
from .rule_type import Rule
from .rules import RULES, interval, test_interval

#: The statuses of an instance that is being decommissioned: no rule applies to it.
GOING = ("isolated", "to_be_deleted")
_DAY_SECONDS = 86400
#: How far back API 3.0 is queried, unless a policy needs more. With the days after now that the lister adds, it takes two windows.
_USUAL_LOOK_BACK_SECONDS = 28 * _DAY_SECONDS
#: Worst first: an instance is as bad as its worst rule.
OUTCOMES = (FAIL, UNKNOWN, "waived", PASS, NOT_APPLICABLE)


class Policy(NamedTuple):
    """The rules that are on, in their order: the limit of each, and its value as the user wrote it."""

    limits: dict[str, Any]
    values: dict[str, Any]
    zone: tzinfo
    zone_name: str


class Verdict(TypedDict):
    """The verdict of one rule on one instance.

    ``code`` is the reason, in a word after the rule's name, such as ``max_age.exceeded``. ``limit`` is a number (durations in seconds), or
    what the user wrote.
    """

    rule: str
    outcome: str
    code: str
    severity: str
    limit: Any
    actual: Actual
    message: str


def parse_policy(values: Mapping[str, Any], prefix: str = "") -> Policy:
    """Return the Policy of ``{rule: value}`` plus ``timezone``; false turns a rule off, as leaving it out does.

    Raises InvalidOption for an unknown rule, an invalid value, and a blank one: a template that gives nothing must not turn off a rule
    that is on by default. A policy without any rule would pass everything, and is an error, too. ``prefix`` is put before a rule's
    name in errors, so that they name the user's variable.
    """
    unknown = sorted(set(values) - set(RULES) - {"timezone"})
    if unknown:
        raise InvalidOption(f"{prefix}{unknown[0]} is not a rule: use " + ", ".join(RULES))
    kept = {name: values[name] for name in RULES if not _is_off(values, name, prefix)}
    if not kept:
        usual = ", ".join(prefix + name for name, rule in RULES.items() if rule.default is not None)
        raise InvalidOption(f"no rule is on: set at least one of {usual}")
    limits = {name: RULES[name].kind.parse(value, prefix + name) for name, value in kept.items()}
    zone_name = str(values.get("timezone", "+08:00"))
    zone = parse_zone(zone_name, f"{prefix}timezone")
    return Policy(limits, kept, zone, zone_name)


def _is_off(values: Mapping[str, Any], name: str, prefix: str) -> bool:
    value = values.get(name, False)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise InvalidOption(f"{prefix}{name} {value!r} is empty: set a limit, or false to turn the rule off")
    return value is False or (isinstance(value, str) and value.strip().lower() in ("off", "false", "no"))


def evaluate(
    backups: Iterable[BackupRecord], instance: Mapping[str, Any], policy: Policy, now: datetime
) -> list[Verdict]:
    """Return the verdicts of one instance: ``[{rule, outcome, code, severity, limit, actual, message}]``, in rule order.

    ``backups`` are the records of ``crs_backup_info``. ``instance`` is what else is known: ``complete`` and
    ``error`` of the listing, ``horizon_seconds``, ``created_time`` (ISO 8601), ``status``, and ``config`` with
    ``retention_days``, ``week_days`` or ``error``, and ``restore_tests`` as a record has them; a missing ``complete`` counts as
    false. ``now`` is an aware datetime.

    ``instance`` may have ``claims``: ``created_time`` and ``status`` by the inventory. Each counts only if the API gave no value. A rule that
    fails, and would not fail if the claims were true, is unknown. That excuses nothing: such an instance fails even if the
    policy lets unknown ones pass with a warning.
    """
    return judge([of_row(row, now) for row in backups], instance, policy, now)


def judge(backups: Sequence[AnyBackup], instance: Mapping[str, Any], policy: Policy, now: datetime) -> list[Verdict]:
    """Return the verdicts like ``evaluate``, for backups that are already parsed."""
    verdicts = _verdicts(backups, instance, policy, now)
    claims = {
        name: value for name, value in (instance.get("claims") or {}).items() if value and instance.get(name) is None
    }
    if not claims or not any(verdict["outcome"] == FAIL for verdict in verdicts):
        return verdicts
    excused = _verdicts(backups, {**instance, **claims}, policy, now)
    return [_doubted(verdict, other, claims) for verdict, other in zip(verdicts, excused)]


def _doubted(verdict: Verdict, by_claims: Verdict, claims: Mapping[str, str]) -> Verdict:
    if verdict["outcome"] != FAIL or by_claims["outcome"] == FAIL:
        return verdict
    claimed = " and ".join(_CLAIMS[name].format(value) for name, value in claims.items())
    message = f"{verdict['message']}; the inventory claims that the instance {claimed}, which the API did not confirm"
    code = f"{verdict['rule']}.unconfirmed"
    return {**verdict, "outcome": UNKNOWN, "code": code, "message": message}


_CLAIMS = {"created_time": "was created at {}", "status": "is {}"}


def _verdicts(
    backups: Sequence[AnyBackup], instance: Mapping[str, Any], policy: Policy, now: datetime
) -> list[Verdict]:
    limits = policy.limits
    history = BackupHistory(
        backups,
        now,
        policy.zone,
        interval(limits),
        horizon=instance.get("horizon_seconds"),
        created=parse_created(instance.get("created_time")),
        retention=limits.get("min_retention"),
        config=instance.get("config"),
        restore_tests=instance.get("restore_tests"),
        test_interval=test_interval(limits),
    )
    return [_verdict(name, history, instance, limits[name], policy.values[name]) for name in limits]


def _verdict(name: str, history: BackupHistory, instance: Mapping[str, Any], limit: Any, value: object) -> Verdict:
    rule = RULES[name]
    finding = _finding(rule, history, instance, limit)
    return {
        "rule": name,
        "outcome": finding.outcome,
        "code": f"{name}.{finding.code}",
        "severity": rule.severity,
        "limit": limit if isinstance(limit, (int, float)) else value,
        "actual": finding.actual,
        "message": finding.message,
    }


def _finding(rule: Rule[Any], history: BackupHistory, instance: Mapping[str, Any], limit: Any) -> Finding:
    if instance.get("status") in GOING:
        return Finding(NOT_APPLICABLE, "going", None, f"the instance is {instance['status'].replace('_', ' ')}")
    unlisted = None if instance.get("complete") is True else _why_unlisted(instance.get("error") or {})
    if unlisted and rule.listing:
        return Finding(UNKNOWN, "not_listed", None, unlisted)
    if history.ahead and rule.listing:
        start = history.ahead.start
        return Finding(
            UNKNOWN,
            "dated_ahead",
            None,
            f"a backup is dated in the future, {start:%Y-%m-%dT%H:%M:%SZ}: check timezone and clocks",
        )
    finding = rule.judge(history, limit)
    # A configuration, or a restore test, proves nothing about backups that could not be listed.
    if unlisted and finding.outcome == PASS:
        return Finding(UNKNOWN, "not_listed", finding.actual, f"{finding.message}: {unlisted}")
    return finding


def _why_unlisted(error: Mapping[str, Any]) -> str:
    # The short reason if there is one. The message also has the request and the API's answer.
    why = error.get("reason") or error.get("message") or "it is not known whether the listing is complete"
    return f"{_KINDS.get(str(error.get('kind')), 'not listed')}: {why}"


#: How the kind of a listing's error reads in a verdict.
_KINDS = {
    "denied": "access denied",
    "not_found": "instance not found",
    "throttled": "throttled",
    "incomplete": "partial listing",
    "unreachable": "API unreachable",
    "auth": "authentication failed",
    "server_error": "API failed",
    "bad_response": "invalid response",
}


def worst(outcomes: Iterable[str]) -> str:
    """Return the worst of the outcomes, or ``unknown`` if there are none."""
    return min(outcomes, key=OUTCOMES.index, default=UNKNOWN)


def min_look_back(policy: Policy) -> int:
    """Return how many seconds back the policy's rules need to see."""
    return max(_look_backs(policy).values(), default=0)


def looks_back(policy: Policy, horizon: int | None) -> int:
    """Return how many seconds back an instance's backups are listed: the API's ``horizon``, or if it has none, what the policy needs."""
    # One day more, so that a backup exactly at the limit is shown in every time zone.
    return horizon or max(_USUAL_LOOK_BACK_SECONDS, min_look_back(policy) + _DAY_SECONDS)


def _look_backs(policy: Policy) -> dict[str, int]:
    found = {}
    for name, limit in policy.limits.items():
        of_rule = RULES[name].look_back
        if of_rule:
            found[name] = of_rule(limit, policy.limits)
    return found


def needs_config(policy: Policy) -> bool:
    """Tell whether one of the policy's rules judges the configuration of automatic backups."""
    return any(RULES[name].config for name in policy.limits)


def needs_restore_tests(policy: Policy) -> str | None:
    """Return the name of a rule of the policy that judges restore tests, or None."""
    return next((name for name in policy.limits if RULES[name].restore_tests), None)


def lint(policy: Policy, api_version: str, horizon: int | None, prefix: str = "") -> list[str]:
    """Return warnings on a policy: what this API can't show, and limits that would pass and fail by turns. They name the variable."""
    cautions = {name: _caution(RULES[name], limit) for name, limit in policy.limits.items()}
    notes = [
        f"{prefix}{name} is {say_duration(policy.limits[name])}, and {caution}"
        for name, caution in cautions.items()
        if caution
    ]
    notes += [
        f"{prefix}{name} has a look-back of {say_duration(seconds)}, but API {api_version} shows only the last "
        f"{say_duration(horizon)}: {RULES[name].beyond(policy.limits, horizon)}"
        for name, seconds in _look_backs(policy).items()
        if horizon is not None and seconds > horizon
    ]
    notes += [
        f"{prefix}{name} needs API v3: API v2 doesn't show it"
        for name in policy.limits
        if api_version == "v2" and RULES[name].only_v3
    ]
    return notes


def _caution(rule: Rule[Any], limit: Any) -> str | None:
    return rule.caution(limit) if rule.caution else None
