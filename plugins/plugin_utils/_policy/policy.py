# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy: from variables to limits, and from one instance's listing to its verdicts. Pure; ``now`` is injected.

Private to this collection. It knows records only.
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
from .rule import Rule
from .rules import RULES, interval, test_interval

#: The statuses of an instance that is being decommissioned: no rule applies to it.
GOING = ("isolated", "to_be_deleted")
_DAY_SECONDS = 86400
#: What API 3.0 is asked for, unless a policy needs more: with the days ahead that the lister adds, two spans of the API.
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
    """What one rule comes to for one instance.

    ``code`` says why, in a word after the rule's name, such as ``max_age.exceeded``. ``limit`` is a number, or what the user wrote.
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

    A value that is there and blank is an error: a template that gives nothing must not turn off what is on by default.

    ``prefix`` is put before a rule's name in errors, so that they name the user's variable. A policy in which no rule
    is on would pass everything, and is an error.
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

    ``backups`` are the records of ``crs_backup_info``. ``instance`` has what else is known: ``complete`` and
    ``error`` of the listing, ``horizon_seconds``, ``created_time`` (ISO 8601), ``status``, and ``config`` with
    ``retention_days``, ``week_days`` or ``error``, and ``restore_tests`` as a record has them; a missing ``complete`` counts as
    false. ``now`` is an aware datetime.

    ``claims`` are a ``created_time`` and a ``status`` that somebody else names. Where the instance has none of its own, a rule that
    fails and would not fail by the claims is unknown. That excuses nothing: such an instance fails, whatever is
    asked of what is unknown.
    """
    return judge([of_row(row, now) for row in backups], instance, policy, now)


def judge(backups: Sequence[AnyBackup], instance: Mapping[str, Any], policy: Policy, now: datetime) -> list[Verdict]:
    """Return the verdicts as ``evaluate`` does, of Backups."""
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
    told = " and ".join(_CLAIMS[name].format(value) for name, value in claims.items())
    message = f"{verdict['message']}; the inventory claims that the instance {told}, which the API did not confirm"
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
    # In few words, where the error has them; its message tells all that was asked and answered.
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
    """Return the worst of some outcomes; of none, ``unknown``: nothing judged is nothing known."""
    return min(outcomes, key=OUTCOMES.index, default=UNKNOWN)


def min_look_back(policy: Policy) -> int:
    """Return how many seconds back the policy's rules need to see."""
    return max(_look_backs(policy).values(), default=0)


def looks_back(policy: Policy, horizon: int | None) -> int:
    """Return how many seconds back an instance is looked at: to the ``horizon`` of an API that has one, else what the policy needs."""
    # A day more than the limit: what lies exactly on it is to be seen, in whatever zone.
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
    """Return what can't be shown, or will flap, on this API: sentences that name the variable. Said once, at load."""
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
