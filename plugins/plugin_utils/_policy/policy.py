# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy: from variables to limits, and from one instance's listing to its verdicts. Pure; ``now`` is injected.

Private to this collection. It knows records only.
"""

from __future__ import annotations

from collections import namedtuple

from ...module_utils._errors import InvalidOption
from ...module_utils._times import parse_zone, say_duration
from . import limits as _limits
from . import rules
from .history import Case, of_row, parse_created
from .rules import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Finding

#: ``parse(value, name)`` returns the limit or raises InvalidOption; ``judge(case, limit)`` returns the Finding.
#: ``reach(limit, limits)`` is how many seconds it looks back, where it does, with the policy's other limits. ``config`` says
#: that it judges the configuration and not the listing of backups, ``only_v3`` that API 2.0 doesn't show what it judges.
Rule = namedtuple("Rule", "parse judge severity reach config only_v3", defaults=(None, False, False))

#: The statuses of an instance that is on its way out: nothing is asked of its backups any more.
GOING = ("isolated", "to_be_deleted")
_DEFAULT_INTERVAL = 26 * 3600
_DAY = 86400
#: What API 3.0 is asked for, unless a policy needs more: with the days ahead that the lister adds, two spans of the API.
_USUAL_REACH = 28 * _DAY


def _back(limit, _others):
    return limit


def _back_usable(limit, others):
    # No further than any rule of time.
    return min(rules.reach_of_usable(limit, others.get("max_age", _DEFAULT_INTERVAL)), _limits.LONGEST)


def _back_days(limit, _others):
    # The first of the completed days began up to a day earlier.
    return (limit + 1) * _DAY


def _back_gap(limit, others):
    return max(limit, _gap_span(others))


def _back_remark(limit, _others):
    return limit.within


RULES = {
    "max_age": Rule(_limits.duration, rules.max_age, "high", _back),
    "max_age_system": Rule(_limits.duration, rules.max_age_system, "high", _back),
    "max_age_manual": Rule(_limits.duration, rules.max_age_manual, "medium", _back),
    "min_usable": Rule(_limits.count, rules.min_usable, "critical", _back_usable),
    "min_retention": Rule(_limits.duration, rules.min_retention, "medium", _back),
    "retention_configured": Rule(_limits.duration, rules.retention_configured, "medium", config=True, only_v3=True),
    "auto_backup": Rule(_limits.flag, rules.auto_backup, "high", config=True, only_v3=True),
    "daily": Rule(_limits.days, rules.daily, "medium", _back_days),
    "max_gap": Rule(_limits.duration, rules.max_gap, "medium", _back_gap),
    "window": Rule(_limits.window, rules.window, "low"),
    "required_remark": Rule(_limits.remark, rules.required_remark, "high", _back_remark),
    "min_size_ratio": Rule(_limits.ratio, rules.min_size_ratio, "medium", only_v3=True),
    "max_in_progress": Rule(_limits.duration, rules.max_in_progress, "medium", _back),
}
#: Worst first: an instance is as bad as its worst rule.
OUTCOMES = (FAIL, UNKNOWN, "waived", PASS, NOT_APPLICABLE)

Policy = namedtuple("Policy", "limits values zone zone_name")


def parse_policy(values, prefix=""):
    """Return the Policy of ``{rule: value}`` plus ``timezone``; false turns a rule off, as leaving it out does.

    A value that is there and blank is an error: a template that gives nothing must not turn off what is on by default.

    ``prefix`` is put before a rule's name in errors, so that they name the user's variable. A policy in which no rule
    is on would pass everything, and is an error.
    """
    unknown = sorted(set(values) - set(RULES) - {"timezone"})
    if unknown:
        raise InvalidOption(f"{prefix}{unknown[0]} is no rule: use " + ", ".join(RULES))
    kept = {name: values[name] for name in RULES if not _is_off(values, name, prefix)}
    if not kept:
        raise InvalidOption(
            f"no rule is on: set at least one of {prefix}max_age, {prefix}min_usable, {prefix}min_retention"
        )
    limits = {name: RULES[name].parse(value, prefix + name) for name, value in kept.items()}
    zone_name = str(values.get("timezone", "+08:00"))
    zone = parse_zone(zone_name, f"{prefix}timezone")
    return Policy(limits, kept, zone, zone_name)


def _is_off(values, name, prefix):
    value = values.get(name, False)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise InvalidOption(f"{prefix}{name} {value!r} is blank: give a limit, or false to turn the rule off")
    return value is False or (isinstance(value, str) and value.strip().lower() in ("off", "false", "no"))


def evaluate(backups, instance, policy, now):
    """Return the verdicts of one instance: ``[{rule, outcome, severity, limit, actual, message}]``, in rule order.

    ``backups`` are the records of ``crs_backup_info``. ``instance`` says what is known beside them: ``complete`` and
    ``error`` of the listing, ``horizon_seconds``, ``created_time`` (ISO 8601), ``status``, and ``config`` with
    ``retention_days``, ``week_days`` or ``error``; a missing ``complete`` counts as false. ``now`` is an aware datetime.

    ``claims`` are a ``created_time`` and a ``status`` that somebody else names. Where the instance has none of its own, a rule that
    fails and would not fail by the claims is unknown. That excuses nothing: such an instance fails, whatever is
    asked of what is unknown.
    """
    return judge([of_row(row, now) for row in backups], instance, policy, now)


def judge(backups, instance, policy, now):
    """Return the verdicts as ``evaluate`` does, of Backups."""
    verdicts = _verdicts(backups, instance, policy, now)
    claims = {
        name: value for name, value in (instance.get("claims") or {}).items() if value and instance.get(name) is None
    }
    if not claims or not any(verdict["outcome"] == FAIL for verdict in verdicts):
        return verdicts
    excused = _verdicts(backups, {**instance, **claims}, policy, now)
    return [_doubted(verdict, other, claims) for verdict, other in zip(verdicts, excused)]


def _doubted(verdict, by_claims, claims):
    if verdict["outcome"] != FAIL or by_claims["outcome"] == FAIL:
        return verdict
    told = " and ".join(_CLAIMS[name].format(value) for name, value in claims.items())
    message = f"{verdict['message']}; the inventory says that the instance {told}, and the API didn't confirm it"
    return {**verdict, "outcome": UNKNOWN, "message": message}


_CLAIMS = {"created_time": "was created at {}", "status": "is {}"}


def _verdicts(backups, instance, policy, now):
    limits = policy.limits
    case = Case(
        backups,
        now,
        policy.zone,
        horizon=instance.get("horizon_seconds"),
        created=parse_created(instance.get("created_time")),
        interval=limits.get("max_age", _DEFAULT_INTERVAL),
        retention=limits.get("min_retention"),
        config=instance.get("config"),
    )
    return [_verdict(name, RULES[name], case, instance, limits[name], policy.values[name]) for name in limits]


def _verdict(name, rule, case, instance, limit, value):
    finding = _finding(rule, case, instance, limit)
    return {
        "rule": name,
        "outcome": finding.outcome,
        "severity": rule.severity,
        "limit": limit if isinstance(limit, (int, float)) else value,
        "actual": finding.actual,
        "message": finding.message,
    }


def _finding(rule, case, instance, limit):
    if instance.get("status") in GOING:
        return Finding(NOT_APPLICABLE, None, f"the instance is {instance['status'].replace('_', ' ')}")
    unlisted = None if instance.get("complete") is True else _why_unlisted(instance.get("error") or {})
    if unlisted and not rule.config:
        return Finding(UNKNOWN, None, unlisted)
    if case.ahead and not rule.config:
        start = case.ahead.start
        return Finding(
            UNKNOWN, None, f"a backup is dated in the future, {start:%Y-%m-%dT%H:%M:%SZ}: check timezone and clocks"
        )
    finding = rule.judge(case, limit)
    # How backups are to be made says nothing of those that nobody could see.
    if unlisted and finding.outcome == PASS:
        return Finding(UNKNOWN, finding.actual, f"{finding.message}: {unlisted}")
    return finding


def _why_unlisted(error):
    # In few words, where the error has them; its message tells all that was asked and answered.
    why = error.get("reason") or error.get("message") or "nothing says that the listing is complete"
    return f"{_KINDS.get(str(error.get('kind')), 'not listed')}: {why}"


_NOT_BROKEN = "where it would fail it is unknown"
_HIDDEN = {
    "min_retention": "it can never be shown to hold there",
    "max_gap": "it can never be shown to hold there",
    "max_in_progress": "it can never be shown to hold there",
    "daily": "it is unknown there, for a part of each day at least",
}

#: How the kind of a listing's error reads in a verdict.
_KINDS = {
    "denied": "access denied",
    "not_found": "instance not found",
    "throttled": "throttled",
    "incomplete": "partial listing",
    "unreachable": "API unreachable",
    "auth": "authentication failed",
    "server_error": "API failed",
    "bad_response": "answer not understood",
}


def worst(outcomes):
    """Return the worst of some outcomes; of none, ``unknown``: nothing judged is nothing known."""
    return min(outcomes, key=OUTCOMES.index, default=UNKNOWN)


def reach(policy):
    """Return how many seconds back the policy's rules look."""
    return max(_reaches(policy).values(), default=0)


def looks_back(policy: Policy, horizon: int | None) -> int:
    """Return how many seconds back an instance is looked at: to the ``horizon`` of an API that has one, else what the policy needs."""
    # A day more than the limit: what lies exactly on it is to be seen, in whatever zone.
    return horizon or max(_USUAL_REACH, reach(policy) + _DAY)


def _reaches(policy):
    limits = policy.limits
    return {name: RULES[name].reach(limit, limits) for name, limit in limits.items() if RULES[name].reach}


def needs_config(policy):
    """Tell whether one of the policy's rules judges the configuration of automatic backups."""
    return any(RULES[name].config for name in policy.limits)


def _gap_span(limits):
    return limits.get("min_retention", rules.USUAL_RETENTION)


def _hidden(name, limits, horizon):
    """Return what comes of a rule that looks back further than the API shows."""
    if name == "max_gap" and _gap_span(limits) <= horizon:
        return _NOT_BROKEN
    return _HIDDEN.get(name, _NOT_BROKEN)


def lint(policy, api_version, horizon, prefix=""):
    """Return what can't be shown, or will flap, on this API: sentences that name the variable. Said once, at load."""
    limits = policy.limits
    notes = [
        f"{prefix}{name} is {say_duration(limits[name])}, and automatic backups come once a day: it is going to fail "
        "every day until the new one is made; allow some slack, such as 26h"
        for name in ("max_age", "max_age_system", "max_gap")
        if limits.get(name, _DAY + 1) <= _DAY
    ]
    notes += [
        f"{prefix}{name} looks back {say_duration(seconds)}, and API {api_version} shows the last "
        f"{say_duration(horizon)} only: {_hidden(name, limits, horizon)}"
        for name, seconds in _reaches(policy).items()
        if horizon is not None and seconds > horizon
    ]
    if 6 * _DAY < limits.get("min_retention", 0) <= 7 * _DAY:
        notes.append(
            f"{prefix}min_retention is {say_duration(limits['min_retention'])}, and automatic backups are deleted after "
            "7d, one a day: the oldest is younger than that for a part of each day; allow some slack, such as 6d"
        )
    notes += [
        f"{prefix}{name} needs API v3: API v2 doesn't show it"
        for name in limits
        if api_version == "v2" and RULES[name].only_v3
    ]
    return notes
