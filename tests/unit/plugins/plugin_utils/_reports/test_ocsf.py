# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OCSF: a line for each instance and rule, the fact kept beside a waiver, identities that stay."""

from __future__ import annotations

import copy
import json
from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import ocsf
from ansible_collections.qcloud.crs.tests.reports.records import (
    ENDPOINT,
    HOSTILE,
    RULES,
    Fleet,
    denied,
    every_kind,
    good,
    waiver,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import (
    NOW,
    D,
    H,
    a_test,
    ago,
    restore_tests,
)
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.rule_examples import ALL_RULES


def lines(fleet):
    text = "".join(ocsf.parts(fleet.record()))
    assert text.isascii()
    # ensure_ascii: nothing but the line feed ends a line for any reader.
    return [json.loads(line) for line in text.split("\n")[:-1]]


def finding(fleet, rule="max_age"):
    (found,) = (one for one in lines(fleet) if one["compliance"]["control"] == rule)
    return found


STATED = {
    # compliance.status_id, compliance.status, severity_id, status_id
    "pass": (Fleet().add("a"), 1, "Pass", 1, 1),
    "fail": (Fleet().add("a", good()[3:]), 3, "Fail", 4, 1),
    "unknown": (Fleet().add("a", [], error=denied()), 2, "Warning", 4, 1),
    "not applicable": (Fleet().add("a", status="isolated"), 99, "Not Applicable", 1, 1),
    "waived fail": (Fleet().add("a", good()[3:], waivers=[waiver("max_age")]), 3, "Fail", 4, 3),
    "waived unknown": (Fleet().add("a", [], error=denied(), waivers=[waiver("max_age")]), 2, "Warning", 4, 3),
    "expired waiver": (Fleet().add("a", good()[3:], waivers=[waiver("max_age", -1)]), 3, "Fail", 4, 1),
}


@pytest.mark.parametrize(("fleet", "status_id", "status", "severity_id", "of_the_finding"), STATED.values(), ids=STATED)
def test_each_outcome_has_its_numbers(fleet, status_id, status, severity_id, of_the_finding):
    found = finding(fleet)
    assert (found["compliance"]["status_id"], found["compliance"]["status"]) == (status_id, status)
    assert found["severity_id"] == severity_id
    assert found["status_id"] == of_the_finding
    assert found["status"] == {1: "New", 3: "Suppressed"}[of_the_finding]
    assert ("comment" in found) == (of_the_finding == 3)


@pytest.mark.parametrize(
    ("rule", "number", "word"),
    [("min_usable", 5, "Critical"), ("max_age", 4, "High"), ("min_retention", 3, "Medium"), ("window", 2, "Low")],
)
def test_the_severity_is_the_rules(rule, number, word):
    found = finding(Fleet().add("a", [], error=denied(), rules=ALL_RULES), rule)
    assert (found["severity_id"], found["severity"]) == (number, word)


def test_the_class_and_the_time():
    found = finding(Fleet().add("a"))
    assert (found["category_uid"], found["class_uid"], found["activity_id"], found["type_uid"]) == (2, 2003, 1, 200301)
    # Milliseconds; seconds would be 1970, and no validator minds.
    assert found["time"] == int(NOW.timestamp()) * 1000 == 1781524800000
    assert found["metadata"]["logged_time"] == found["time"] + 3000
    assert found["metadata"]["version"] == "1.5.0"
    assert found["metadata"]["profiles"] == ["cloud"]
    assert found["metadata"]["product"]["name"] == "qcloud.crs"
    assert found["metadata"]["product"]["version"].count(".") == 2
    assert found["cloud"] == {"provider": "Tencent Cloud", "account": {"name": "prod"}, "region": "ap-guangzhou"}


def test_the_time_is_that_of_the_instances_judgement():
    """The slices of a merged record were judged one after another."""
    record = Fleet().add("a").record()
    record["instances"][0]["evaluated_at"] = ago(-60)
    found = json.loads(next(iter(ocsf.parts(record))).split("\n")[0])
    assert found["time"] == (int(NOW.timestamp()) + 60) * 1000


def test_a_line_for_each_instance_and_rule_and_for_each_gap_of_coverage():
    fleet = every_kind()
    controls = [one["compliance"]["control"] for one in lines(fleet)]
    # Two that are not in the inventory, and a region of which that isn't known.
    assert controls[-3:] == ["coverage"] * 3 and "coverage" not in controls[:-3]
    assert len(controls) == sum(len(entry["rules"]) for entry in fleet.entries) + 3


def gaps(fleet):
    return [one for one in lines(fleet) if one["compliance"]["control"] == "coverage"]


def test_who_reads_findings_alone_sees_what_nobody_audits():
    """The run fails for it; without a finding a SIEM shows all green."""
    first, second = gaps(Fleet().add("a").cover(["crs-x", "crs-y"], fails=True))
    assert first["compliance"] == {
        "control": "coverage",
        "standards": ["qcloud.crs coverage"],
        "status_id": 3,
        "status": "Fail",
        "status_code": "fail",
        "status_details": ["in the account but not in the inventory: its backups are not audited"],
    }
    assert (first["severity_id"], first["status_id"]) == (4, 1)
    assert first["resources"] == [{"uid": "crs-x", "type": "CRS instance", "region": "ap-guangzhou"}]
    assert first["finding_info"]["uid"] == "crs/prod/ap-guangzhou/v3/https://redis.tencentcloudapi.com//crs-x/coverage"
    assert first["unmapped"] == {"audit": "crs", "api_version": "v3", "endpoint": ENDPOINT, "fails": True}
    assert first["time"] == second["time"] == int(NOW.timestamp()) * 1000 and second["resources"][0]["uid"] == "crs-y"


def test_and_of_what_that_is_not_known():
    (found,) = gaps(Fleet().add("a").cover(error=denied()))
    assert (found["compliance"]["status_id"], found["compliance"]["status_code"]) == (2, "unknown")
    assert found["status_code"] == "UnauthorizedOperation" and "no permission" in found["status_detail"]
    assert found["message"].startswith("ap-guangzhou: coverage unknown: coverage is not known: not allowed")
    assert found["resources"][0]["type"] == "CRS region" and found["severity"] == "High"


def test_what_is_covered_or_isolated_is_no_finding():
    assert gaps(Fleet().add("a").cover().cover(isolated=["crs-i"], region="ap-tokyo")) == []


def test_each_gap_has_an_identity_of_its_own():
    """Two accounts, two regions, two APIs, two clouds, a place that one slice could list and one couldn't."""
    fleet = Fleet().add("a").cover(["crs-x"]).cover(error=denied()).cover(["crs-x"], account="test")
    fleet.cover(["crs-x"], region="ap-tokyo").cover(["crs-x"], api_version="v2").cover(["crs-x"], endpoint="https://b/")
    found = [one["finding_info"]["uid"] for one in gaps(fleet)]
    assert len(found) == len(set(found)) == 6


def test_limit_and_actual():
    found = finding(Fleet().add("a", good()[3:]))
    assert found["compliance"]["control_parameters"] == [{"name": "limit", "value": "93600"}]
    assert found["compliance"]["status_details"] == ["newest usable backup started 3d 1h ago, limit 26h"]
    assert found["unmapped"] == {"audit": "crs", "api_version": "v3", "limit": 93600, "actual": 73 * H, "waiver": None}
    assert found["message"] == "a: max_age fail: newest usable backup started 3d 1h ago, limit 26h"
    assert found["compliance"]["standards"] == [f"qcloud.crs policy {Fleet().add('a').entries[0]['policy']}"]


def test_a_limit_that_is_no_text_is_json():
    fleet = Fleet().add("a", rules=ALL_RULES)
    limits = {one["compliance"]["control"]: one["compliance"]["control_parameters"][0]["value"] for one in lines(fleet)}
    assert limits["required_remark"] == '{"pattern": "^release-", "within": "6h"}'
    assert limits["window"] == "01:00-05:00"
    assert limits["auto_backup"] == "true"


def test_a_waiver_is_told_and_kept():
    found = finding(Fleet().add("a", good()[3:], waivers=[waiver("max_age")]))
    said = f"waived by dba-team until {ago(-30 * D)}: CHG-1042"
    assert found["comment"] == said
    assert found["compliance"]["status_details"][1:] == [said]
    assert found["unmapped"]["waiver"] == {"reason": "CHG-1042", "owner": "dba-team", "expires": ago(-30 * D)}


def test_an_error_of_the_api():
    found = finding(Fleet().add("a", [], error=denied()))
    assert found["status_code"] == "UnauthorizedOperation"
    assert 'the API says "no permission", request id r-1' in found["status_detail"]
    assert "status_code" not in finding(Fleet().add("a"))


def test_the_resource():
    known = {"instance_id": "crs-a", "name": "orders", "tags": {"env": "prod"}, "created_time": ago(90 * D)}
    assert finding(Fleet().add("db1", **known))["resources"] == [
        {
            "uid": "crs-a",
            "uid_alt": "db1",
            "type": "CRS instance",
            "region": "ap-guangzhou",
            "name": "orders",
            "tags": [{"name": "env", "value": "prod"}],
            "created_time": (int(NOW.timestamp()) - 90 * D) * 1000,
        }
    ]
    bare = finding(Fleet().add("a", [], error=denied(), name=None))["resources"][0]
    assert set(bare) == {"uid", "uid_alt", "type", "region"}


def uids(fleet):
    return [one["finding_info"]["uid"] for one in lines(fleet)]


def test_identities_stay_when_verdicts_and_names_change():
    assert uids(Fleet().add("a")) == uids(Fleet(NOW + timedelta(days=3)).add("a", [], error=denied(), name="renamed"))
    assert uids(Fleet().add("a")) == [f"crs/ap-guangzhou/a/{rule}" for rule in RULES]


def test_identities_are_unique():
    fleet = every_kind().add("db2", instance_id="crs-a1").add("crs-a1").add("a/b", instance_id="crs-a1")
    assert "crs/ap-guangzhou/crs-a1/db2/max_age" in uids(fleet)
    assert len(uids(fleet)) == len(set(uids(fleet)))
    # What one audit passes must not close what another's policy fails.
    assert not set(uids(every_kind())) & set(uids(every_kind(audit="dr")))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_texts_are_texts(text):
    kept = text.replace("\ud800", "\ufffd")
    fleet = Fleet().add(text, [], error=denied(text), instance_id="crs-a", name=text, tags={text: text})
    found = finding(fleet)
    assert found["resources"][0]["uid_alt"] == found["resources"][0]["name"] == kept
    assert found["resources"][0]["tags"] == [{"name": kept, "value": kept}]
    assert kept in found["status_detail"]
    waived = finding(Fleet().add("b", good()[3:], waivers=[waiver("max_age", reason=text, owner=text)]))
    assert waived["unmapped"]["waiver"]["reason"] == kept
    # Strict parsers refuse half a character, and the line would be lost.
    assert "\\ud800" not in "".join(ocsf.parts(fleet.record()))


def test_it_is_a_function_of_the_record():
    record = every_kind().record()
    before = copy.deepcopy(record)
    assert "".join(ocsf.parts(record)) == "".join(ocsf.parts(every_kind().record()))
    assert record == before
    assert "".join(ocsf.parts(Fleet().record())) == ""


def test_a_finding_says_what_restore_tests_came_to_where_somebody_looked():
    before = restore_tests(a_test(2 * D), a_test(D, "unknown"))
    cases = ((None, None), (restore_tests(), "never"), (restore_tests(a_test(D)), "passed"), (before, "passed_before"))
    for tests, said in cases:
        line = next(ocsf.parts(Fleet(tests=tests).add("a").record()))
        assert json.loads(line)["unmapped"].get("restore_test") == said
