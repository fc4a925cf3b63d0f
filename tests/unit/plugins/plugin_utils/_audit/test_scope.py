# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From variables to targets: every value is checked, and errors say whose it is."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._api import instances
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import PATTERN, PREFIX, Scope, Settings
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.target import by_connection
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory import hosts as _inventory
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import ROLE_DEFAULTS

OPTIONS = {
    "api_version": "v3",
    "region": "ap-guangzhou",
    "secret_id": None,
    "secret_key": None,
    "concurrency": 8,
    "timezone": "+08:00",
}


def scope(options=None):
    return Scope({**OPTIONS, **(options or {})}, ROLE_DEFAULTS)


def target(host="crs-1", play=None, **variables):
    return scope().target(host, {**(play or {}), **variables}, variables)


def settings(*hosts):
    """Return the Settings of hosts that have these variables."""
    ours = scope()
    for number, variables in enumerate(hosts):
        ours.agree(f"crs-{number}", variables)
    return ours.settings()


def refused(host="crs-1", **variables):
    with pytest.raises(InvalidOption) as caught:
        target(host, **variables)
    return caught.value.reason


def test_a_host_without_variables_is_its_own_instance():
    found = target("crs-a1b2c3d4")
    assert (found.host, found.instance_id, found.name, found.created_time, found.status) == (
        "crs-a1b2c3d4",
        "crs-a1b2c3d4",
        None,
        None,
        None,
    )
    assert (found.tags, found.connection, found.unknown_fails) == ({}, OPTIONS, True)
    assert found.policy.limits == {"max_age": 93600, "min_usable": 1, "min_retention": 518400}


def test_facts_of_a_host():
    found = target(
        "db1",
        crs_instance_id="crs-9",
        crs_instance_name="orders",
        crs_created_time="2026-06-01T02:00:00+08:00",
        crs_status="isolated",
        crs_tags={"env": "prod"},
    )
    assert (found.host, found.instance_id, found.name, found.status, found.tags) == (
        "db1",
        "crs-9",
        "orders",
        "isolated",
        {"env": "prod"},
    )
    assert found.created_time == "2026-06-01T02:00:00+08:00"


@pytest.mark.parametrize("value", [None, ""])
def test_facts_that_are_empty_are_not_known(value):
    found = target(
        "crs-1",
        crs_instance_id=value,
        crs_instance_name=value,
        crs_created_time=value,
        crs_status=value,
        crs_tags=value,
    )
    assert (found.instance_id, found.name, found.created_time, found.status, found.tags) == (
        "crs-1",
        None,
        None,
        None,
        {},
    )


def test_tags_become_text():
    """YAML reads numbers, flags and dates in them; reports write them down."""
    tags = {"env": "prod", 7: 8, "critical": True, "since": date(2026, 6, 1), "note": None, "more": {"a": [1]}}
    assert target(crs_tags=tags).tags == {
        "env": "prod",
        "7": "8",
        "critical": "True",
        "since": "2026-06-01",
        "note": "None",
        "more": "{'a': [1]}",
    }
    assert tags["critical"] is True and 7 in tags


@pytest.mark.parametrize("value", [{}, None, ""])
def test_no_tags(value):
    assert target(crs_tags=value).tags == {}


@pytest.mark.parametrize(
    "value, kind",
    [
        ("env=prod", "a str"),
        *((value, "a list") for value in (["env"], [], [{"key": "env", "value": "prod"}])),
        *((value, "an int") for value in (0, 7)),
        *((value, "a bool") for value in (False, True)),
    ],
)
def test_tags_that_are_no_dict_are_an_error(value, kind):
    assert refused("db1", crs_tags=value) == (
        f"host db1: crs_tags is {kind}: write a dict, a name and its value on each line"
    )


@pytest.mark.parametrize("value, kind", [({"secret_key": "hush"}, "a dict"), (["hush"], "a list")])
@pytest.mark.parametrize(
    "name", ["account", "instance_id", "instance_name", "created_time", "status", "timeout", "validate_certs", "region"]
)
def test_a_dict_or_list_for_a_single_value_is_an_error_and_not_shown(name, value, kind):
    reason = refused("db1", **{f"crs_{name}": value})
    assert reason.startswith(f"host db1: crs_{name} is {kind}: write ") and "hush" not in reason


def test_an_id_of_digits_is_text():
    assert target(crs_instance_id=12345).instance_id == "12345"


ENDS_OF_THE_CALENDAR = ["0001-01-01T00:00:00Z", "2009-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]


@pytest.mark.parametrize(
    "value",
    [
        *["2026-06-01", "2026-06-01 02:00:00", "yesterday", "0000-00-00 00:00:00", 20260601, True],
        *ENDS_OF_THE_CALENDAR,
    ],
)
def test_a_creation_that_is_no_time_is_an_error(value):
    reason = refused("db1", crs_created_time=value)
    assert reason.startswith(
        f"host db1: crs_created_time {value!r} is not a time from 2010 on: write it in ISO 8601 with an offset"
    )


@pytest.mark.parametrize("value", ["2010-01-01T00:00:00Z", "9998-12-31T23:59:59Z"])
def test_the_first_and_the_last_creation(value):
    assert target(crs_created_time=value).created_time == value


def test_a_creation_that_yaml_read_as_a_time():
    assert (
        target(crs_created_time=datetime(2026, 6, 1, 2, tzinfo=timezone.utc)).created_time
        == "2026-06-01 02:00:00+00:00"
    )
    assert "is not a time" in refused(crs_created_time=datetime(2026, 6, 1, 2))


@pytest.mark.parametrize(
    "name, value", [("max_age", "26 hours"), ("min_usable", 0), ("window", "1-5"), ("timezone", "Mars"), ("daily", -1)]
)
def test_an_error_of_the_policy_names_host_variable_and_value(name, value):
    reason = refused("db1", **{PREFIX + name: value})
    assert reason.startswith(f"host db1: {PREFIX}{name} {value!r} is ")


def test_a_host_without_any_rule_is_an_error():
    off = {PREFIX + name: False for name in ("max_age", "min_usable", "min_retention")}
    assert refused("db1", **off).startswith(f"host db1: no rule is on: set at least one of {PREFIX}max_age")


@pytest.mark.parametrize("value, fails", [("fail", True), ("warn", False)])
def test_what_unknown_means(value, fails):
    assert target(**{PREFIX + "unknown": value}).unknown_fails is fails


def test_unknown_fails_where_nobody_says_otherwise():
    assert Scope(OPTIONS, {}).target("crs-1", {PREFIX + "max_age": "26h"}).unknown_fails is True


@pytest.mark.parametrize("value", ["pass", "FAIL", "", None, True, False, "ignore", ["fail"]])
def test_unknown_is_nothing_else(value):
    assert (
        refused("db1", **{PREFIX + "unknown": value}) == f"host db1: {PREFIX}unknown {value!r} is not one of fail, warn"
    )


# Where a limit is from -------------------------------------------------------------------------------------------


def test_origins():
    found = target(
        play={PREFIX + "min_usable": 3, PREFIX + "daily": 2},
        **{PREFIX + "min_retention": "3d", PREFIX + "max_gap": "30h"},
    )
    assert found.origins == {
        "max_age": "role default",
        "min_usable": "set for the play",
        "daily": "set for the play",
        "min_retention": "set for this host",
        "max_gap": "set for this host",
    }


def test_a_default_holds_where_nothing_is_set():
    """Outside the role, too, where Ansible knows nothing of it."""
    ours = Scope(OPTIONS, {**ROLE_DEFAULTS, PREFIX + "min_retention": False, PREFIX + "min_hosts": 3})
    set_here = {PREFIX + "min_usable": False, PREFIX + "max_gap": "30h"}
    found = ours.target("crs-1", set_here, set_here)
    assert found.policy.limits == {"max_age": 93600, "max_gap": 108000}
    assert found.origins == {
        "max_age": "role default",
        "min_usable": "set for this host",
        "min_retention": "role default",
        "max_gap": "set for this host",
    }
    assert ours.settings().min_hosts == 3


@pytest.mark.parametrize("value", [None, ""])
def test_a_host_s_blank_value_does_not_turn_a_default_off(value):
    assert refused("db1", **{PREFIX + "max_age": value}) == (
        f"host db1: {PREFIX}max_age {value!r} is empty: set a limit, or false to turn the rule off"
    )


def test_a_stricter_host_has_a_policy_of_its_own():
    ours = scope()
    loose, strict, same = (
        ours.target(host, {**ROLE_DEFAULTS, **values})
        for host, values in (("dev", {}), ("prod", {PREFIX + "max_age": "13h"}), ("dev2", {}))
    )
    assert (loose.policy.limits["max_age"], strict.policy.limits["max_age"]) == (93600, 46800)
    assert loose.policy is same.policy and strict.policy is not loose.policy


def test_values_that_look_alike_are_not_one_policy():
    """1 equals True for Python: a policy that was checked must not vouch for one that was not."""
    ours = scope()
    ours.target("a", {**ROLE_DEFAULTS, PREFIX + "min_usable": 1})
    with pytest.raises(InvalidOption, match=r"host b: .*min_usable True"):
        ours.target("b", {**ROLE_DEFAULTS, PREFIX + "min_usable": True})


# Connections -----------------------------------------------------------------------------------------------------


def test_a_host_s_own_connection():
    found = target(crs_region="ap-beijing", crs_api_version="v2", crs_secret_key="k")
    assert found.connection == {**OPTIONS, "region": "ap-beijing", "api_version": "v2", "secret_key": "k"}


def test_a_host_does_not_change_the_options_of_others():
    ours = scope()
    ours.target("a", {**ROLE_DEFAULTS, "crs_region": "ap-beijing"})
    assert ours.target("b", ROLE_DEFAULTS).connection == OPTIONS


def test_hosts_with_equal_connections_share_one_listing():
    ours = scope()
    targets = [
        ours.target(host, {**ROLE_DEFAULTS, **values})
        for host, values in [
            ("a", {}),
            ("b", {"crs_region": "ap-beijing"}),
            ("c", {}),
            ("d", {"crs_concurrency": "8"}),
            ("e", {"crs_secret_key": "other"}),
        ]
    ]
    groups = [[one.host for one in group] for _connection, group in by_connection(targets)]
    assert groups == [["a", "c", "d"], ["b"], ["e"]]
    assert by_connection([]) == []


def test_the_folder_of_restore_tests(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ops")
    assert settings({PREFIX + "restore_test_dir": "~/tests"}).restore_test_dir == "/home/ops/tests"


@pytest.mark.parametrize("rule", ["max_restore_test_age", "max_restore_time"])
def test_a_rule_about_restore_tests_needs_their_folder(rule):
    def of(**variables):
        ours = scope()
        ours.target("a", ROLE_DEFAULTS)
        ours.target("b", {**ROLE_DEFAULTS, **{PREFIX + name: value for name, value in variables.items()}})
        return ours.settings()

    needs = f"{PREFIX}{rule} judges restore tests, and {PREFIX}restore_test_dir is not set"
    with pytest.raises(InvalidOption, match=needs):
        of(**{rule: "35d"})
    assert of(**{rule: False}).restore_test_dir is None


def test_a_rule_about_restore_tests_and_their_folder():
    ours = scope()
    ours.target("a", {**ROLE_DEFAULTS, PREFIX + "max_restore_time": "15m", PREFIX + "restore_test_dir": "tests"})
    assert ours.settings().restore_test_dir == "tests"


@pytest.mark.parametrize(
    "name, one, other",
    [
        ("region", "ap-guangzhou", "ap-beijing"),
        ("secret_id", "a", "b"),
        ("secret_key", "a", "b"),
        ("api_version", "v2", "v3"),
        ("timezone", "+08:00", "UTC"),
        ("secret_id", None, ""),
    ],
)
def test_hosts_of_different_accounts_never_share_one(name, one, other):
    ours = scope()
    targets = [ours.target(host, {**ROLE_DEFAULTS, f"crs_{name}": value}) for host, value in (("a", one), ("b", other))]
    assert len(by_connection(targets)) == 2


# What holds for the whole run ------------------------------------------------------------------------------------


def test_settings_of_the_role():
    ours = scope()
    ours.target("a", ROLE_DEFAULTS)
    assert ours.settings()._asdict() == {
        "name": "crs",
        "run_id": None,
        "report_mode": "0640",
        "report_dir": "crs-audit",
        "min_hosts": 1,
        "fail": "each",
        "show": "failed",
        "coverage": "report",
        "coverage_regions": "audited",
        "restore_test_dir": None,
    }


def test_settings_without_a_host():
    ours = scope()
    ours.target("a", ROLE_DEFAULTS)
    assert scope().settings() == ours.settings()


def test_settings_are_those_of_the_hosts():
    found = settings(
        {PREFIX + "fail": "once", PREFIX + "min_hosts": "3"}, {PREFIX + "fail": "once", PREFIX + "min_hosts": 3}
    )
    assert (found.fail, found.min_hosts) == ("once", 3)


def test_a_folder_is_expanded_as_every_path_is(monkeypatch):
    monkeypatch.setenv("CRS_REPORTS", "/srv/reports")
    monkeypatch.setenv("HOME", "/home/ops")
    for written, meant in (("$CRS_REPORTS/crs", "/srv/reports/crs"), ("~/crs", "/home/ops/crs"), ("crs", "crs")):
        assert settings({PREFIX + "report_dir": written}).report_dir == meant


@pytest.mark.parametrize(
    "name, one, other",
    [
        ("fail", "each", "never"),
        ("min_hosts", 1, 2),
        ("report_dir", "a", "b"),
        ("show", "all", "failed"),
        ("name", "a", "b"),
        ("run_id", "17", "18"),
    ],
)
def test_hosts_have_to_agree(name, one, other):
    ours = scope()
    ours.target("a", {**ROLE_DEFAULTS, PREFIX + name: one})
    with pytest.raises(InvalidOption) as caught:
        ours.target("b", {**ROLE_DEFAULTS, PREFIX + name: other})
    assert caught.value.reason == (
        f"host b: {PREFIX}{name} is {other!r} here and {one!r} for host a: it applies to the whole run, so set one value; "
        "if it contains the time, set it once, with set_fact and run_once"
    )


@pytest.mark.parametrize(
    "name, value, says",
    [
        ("fail", "always", "is not one of each, once, never"),
        ("fail", False, "is not one of"),
        ("show", "no", "is not one of failed, all, none"),
        (
            "name",
            "prod dr",
            "is not a valid name of an audit: use text of letters, digits, _, - and ., at most 64 of them",
        ),
        ("name", "prod/dr", "is not a valid name"),
        ("name", "größe", "is not a valid name"),
        ("name", "a\n", "is not a valid name"),
        ("name", "a" * 65, "is not a valid name"),
        ("name", 2026, "is not a valid name"),
        *(
            (
                "run_id",
                value,
                "is not a valid id of a run: use text of letters, digits, _, -, ., : and /, at most 128 of them, or",
            )
            for value in (None, "", "a b", "größe", "a\n", "a" * 129, True, 1.5, [])
        ),
        ("coverage", "warn", "is not one of fail, report, off"),
        ("min_hosts", -1, "is not a count: use 0 or a larger whole number"),
        ("min_hosts", True, "is not a count"),
        ("min_hosts", "many", "is not a count"),
        ("min_hosts", 1.5, "is not a count"),
        ("min_hosts", [], "is not a count"),
        *(
            (name, blank, "is empty: set a value, or leave it out")
            for name in Settings._fields
            if name not in ("run_id", "restore_test_dir")
            for blank in (None, "")
        ),
        *(
            ("restore_test_dir", value, "is not a folder: give the path of one, or leave it out")
            for value in (None, "", " ", True, 7, ["crs-restore-tests"])
        ),
    ],
)
def test_wrong_settings(name, value, says):
    with pytest.raises(InvalidOption) as caught:
        settings({PREFIX + name: value})
    assert caught.value.reason.startswith(f"{PREFIX}{name} {value!r} {says}")


@pytest.mark.parametrize("name", ["crs", "prod", "DR-2_a.b", "2026", "a" * 64])
def test_names_of_audits(name):
    assert settings({PREFIX + "name": name}).name == name


@pytest.mark.parametrize("run_id", ["17", 17, "jenkins-crs-audit-17", "https://gitlab.example.com/p/17", "a" * 128])
def test_ids_of_runs(run_id):
    assert settings({PREFIX + "run_id": run_id}).run_id == str(run_id)


@pytest.mark.parametrize(
    "variables, run_id",
    [
        ({"awx_workflow_job_id": 41, "tower_workflow_job_id": 41}, "41"),
        ({"tower_workflow_job_id": 41}, "41"),
        ({"awx_workflow_job_id": 41, PREFIX + "run_id": "nightly"}, "nightly"),
        # Each slice has one of its own.
        ({"awx_job_id": 42, "tower_job_id": 42}, None),
    ],
)
def test_slices_of_awx_are_of_their_workflow_job(variables, run_id):
    assert settings(variables).run_id == run_id


def test_off_may_be_without_quotes():
    assert settings({PREFIX + "coverage": False}).coverage == "off"


@pytest.mark.parametrize("name", [PREFIX + "hosts", PATTERN])
@pytest.mark.parametrize(("first", "second"), [(None, "'prod'"), ("'prod'", None), ("'prod'", "'test'")])
def test_hosts_have_to_agree_whom_to_audit(name, first, second):
    ours = scope()
    own = [{} if value is None else {name: value.strip("'")} for value in (first, second)]
    ours.agree_whom("a", own[0])
    ours.agree_whom("b", own[0])
    with pytest.raises(InvalidOption) as caught:
        ours.agree_whom("c", own[1])
    assert caught.value.reason == (
        f"host c: {name} is {second or 'not set'} here and {first or 'not set'} for host a: it selects, for the whole run, the hosts "
        "to audit, so set it for the play or with -e"
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("max_agee", "did you mean crs_backup_policy_max_age?"),
        ("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "see ansible-doc -t role qcloud.crs.crs_backup_policy"),
    ],
)
def test_a_misspelt_variable_is_no_rule(name, hint):
    assert refused(**{PREFIX + name: "1h"}) == f"host crs-1: {PREFIX}{name} is not a variable of the role: {hint}"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("crs_enpoint", "crs_endpoint"),
        ("crs_regoin", "crs_region"),
        ("crs_instanceid", "crs_instance_id"),
        ("crs_audit_host", "crs_audit_hosts"),
        ("crs_backup_polcy_max_age", "crs_backup_policy_max_age"),
    ],
)
def test_a_misspelt_variable_of_the_collection_sets_nothing(name, meant):
    """Without an error, the intended list would silently not be audited, or another cloud be queried."""
    assert refused(**{name: "1h"}) == (
        f"host crs-1: {name} is not a variable of this collection: did you mean {meant}? Rename your own variable"
    )


def test_other_variables_of_the_family_are_somebody_s_own():
    record = instances.of_v3({"InstanceId": "crs-1"}, timezone.utc, "ap-guangzhou")
    listed = _inventory.Listed("shop", "ap-guangzhou", {"api_version": "v3"}, [record])
    assert target("crs-1", crs_team="pay", crs_merge_slices=3, **_inventory.variables(record, listed)).account == "shop"


def test_what_the_role_sets_itself_is_known():
    assert target(**{PREFIX + "hosts": "all", PREFIX + "audit": {"changed": True}, PREFIX + "missed": ""})


def test_none_of_the_variables_is_forgotten():
    names = Scope.names(OPTIONS)
    assert len(names) == len(set(names))
    assert set(names) >= {
        *ROLE_DEFAULTS,
        PREFIX + "window",
        PREFIX + "required_remark",
        "crs_instance_id",
        "crs_created_time",
        "crs_status",
        *(f"crs_{name}" for name in OPTIONS),
    }


def test_errors_hold_no_secret():
    assert "hush" not in refused(crs_secret_key="hush", **{PREFIX + "max_age": "x"})
    assert "hush" not in refused(crs_secret_key={"k": "hush"}, crs_concurrency="many")


@pytest.mark.parametrize("name, value", [("concurrency", "many"), ("api_version", "v1"), ("concurrency", [8])])
def test_a_wrong_option_of_a_connection_names_host_and_variable(name, value):
    reason = refused("db1", **{f"crs_{name}": value})
    assert reason.startswith("host db1: ") and f"crs_{name}" in reason


@pytest.mark.parametrize("value", ["crs 1", "crs-1/..", "", "crs-1\nx", "<b>", "crs-1,crs-2", "{{ id }}"])
def test_what_is_no_instance_id(value):
    reason = refused(value or " ", crs_instance_id=value)
    assert f"crs_instance_id {value or ' '!r} is not a valid instance id" in reason


# Waivers


WAIVER = {"rule": "max_age", "reason": "CHG-1", "owner": "dba"}


def waived(expires, **variables):
    ours = Scope(OPTIONS, ROLE_DEFAULTS, datetime(2026, 6, 15, 12, tzinfo=timezone.utc))
    variables = {PREFIX + name: value for name, value in variables.items()}
    return ours.target("crs-1", {PREFIX + "waivers": [{**WAIVER, "expires": expires}], **variables}).waivers


@pytest.mark.parametrize(
    "expires, variables",
    [("2027-06-16T12:00:00Z", {}), ("2026-06-22T12:00:00Z", {"max_waiver": "7d"})],
)
def test_a_waiver_within_its_bound(expires, variables):
    assert len(waived(expires, **variables)) == 1


@pytest.mark.parametrize(
    "expires, variables, said",
    [
        (
            "2027-06-16T12:00:01Z",
            {},
            "waivers[0].expires '2027-06-16T12:00:01Z' is 366d ahead, and at most 366d are allowed",
        ),
        ("9999-12-31T00:00:00Z", {}, "waivers[0].expires '9999-12-31T00:00:00Z' is "),
        ("2026-06-22T12:00:01Z", {"max_waiver": "7d"}, "and at most 7d are allowed (crs_backup_policy_max_waiver)"),
        ("2026-06-22T12:00:01Z", {"max_waiver": 7}, "max_waiver 7 has no unit: write 7d for days"),
        ("2026-06-22T12:00:01Z", {"max_waiver": ""}, "max_waiver '' is not a duration"),
        ("2026-06-22T12:00:01Z", {"max_waiver": None}, "max_waiver None is not a duration"),
        ("2026-06-22T12:00:01Z", {"max_waiver": False}, "max_waiver False is not a duration"),
        ("2026-06-22T12:00:01Z", {"max_waiver": "0d"}, "max_waiver '0d' is zero"),
    ],
)
def test_a_waiver_beyond_its_bound_or_a_bound_that_is_none(expires, variables, said):
    with pytest.raises(InvalidOption) as caught:
        waived(expires, **variables)
    assert caught.value.reason.startswith("host crs-1: crs_backup_policy_") and said in caught.value.reason
