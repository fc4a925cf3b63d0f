# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts name nothing that isn't there, and leave out nothing that is."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.qcloud.crs.plugins.module_utils import _errors
from ansible_collections.qcloud.crs.plugins.module_utils._api import backups, instances
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._policy import policy
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import record
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import prometheus
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports.registry import REPORTS
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import fleet, outcomes
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import options as restore_options
from ansible_collections.qcloud.crs.tests.docs import documents
from ansible_collections.qcloud.crs.tests.docs.documents import PAGES, PLUGINS, ROOT, RST, TEXTS, read

PREFIX = scope.PREFIX
#: Those of the API's errors: data that is left behind has a section in the guide on restore tests.
KINDS = {one.kind for one in _errors.CrsError.__subclasses__() if "._restore." not in one.__module__}
#: That of the script for cron, and those of the report.
METRICS = {
    "crs_backup_last_run_timestamp_seconds",
    *(f"crs_backup_{name}" for name in prometheus._METRICS),
}
FILES = {record.FILE_NAME, *(report.file_name for report in REPORTS)}
INVENTORY = documents.options("inventory", "crs")
MODULES = {name: documents.options("modules", name) for name in documents.modules()}
#: Those that a host or group may have: what the audit reads, and what the inventory plugin sets.
VARIABLES = {
    *documents.role_options(),
    *(f"crs_{name}" for name in connection_spec()),
    *scope._FACTS,
    *(f"crs_{name}" for name in documents.returned("crs_instance_info")),
    "crs_inventory_errors",
    *documents.playbook_variables(),
}
NAMES = {*VARIABLES, *MODULES, *METRICS, "crs_backup_policy"}
#: Names of others that the texts write as literals.
FOREIGN = {
    "add_host",
    "ansible_group_priority",
    "ansible_playbook_python",
    "ansible_python_interpreter",
    "breaking_changes",
    "build_ignore",
    "deprecated_features",
    "group_by",
    "group_vars",
    "host_pinned",
    "host_vars",
    "import_role",
    "include_role",
    "known_issues",
    "minor_changes",
    "module_defaults",
    "refresh_inventory",
    "removed_features",
    "run_once",
    "security_fixes",
    "set_stats",
    "status_id",
    "test_every_fault_has_a_test",
}
every_text = pytest.mark.parametrize("path", [*TEXTS, *PAGES], ids=lambda path: path.name)
# Made by the fault matrix's own test, of names of the emulator.
written = pytest.mark.parametrize(
    "path", [path for path in [*TEXTS, *PAGES] if path.stem != "faults"], ids=lambda path: path.name
)


def words():
    """Return all that a literal may name."""
    found = {*NAMES, *FOREIGN, *INVENTORY, *policy.RULES, *policy.OUTCOMES, *KINDS, *documents.record_keys()}
    found |= {*backups.TYPE_WORDS, *backups.STATUS_WORDS, *instances.STATUS_WORDS}
    found |= {*outcomes.WORDS, *(f"crs_restore_test_{name}" for name in restore_options.TEST_SPEC)}
    found |= {*documents.filter_options(), *(name.removeprefix(PREFIX) for name in documents.role_options())}
    for name, options in MODULES.items():
        found |= {*options, *documents.returned(name)}
    return found


WORDS = words()


def dicts(value):
    """Yield each dict in a document, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from dicts(one)


def all_dicts(path):
    return [one for document in documents.yaml_documents(path) for one in dicts(document)]


@every_text
def test_each_block_of_yaml_parses(path):
    for kind, text in documents.code_blocks(path):
        if kind == "yaml":
            assert list(yaml.safe_load_all(text)) != [None], text


def test_blocks_are_found():
    assert sum(len(documents.yaml_documents(path)) for path in [ROOT / "README.md", *PAGES]) > 40
    assert any("hosts" in one for one in all_dicts(ROOT / "README.md"))


@every_text
def test_each_variable_module_and_metric_exists(path):
    named = set(re.findall(r"\bcrs_\w*", read(path))) - {"crs_", PREFIX, fleet.PREFIX}
    assert named - NAMES == set()


@every_text
def test_each_name_of_this_collection_exists(path):
    there = {*MODULES, *documents.playbooks(), "crs", "backup_verdicts", "crs_backup_policy"}
    # The repository, and the labels of guides.
    assert set(re.findall(r"\bqcloud\.crs\.(\w+)", read(path))) - there - {"git", "docsite"} == set()


@every_text
def test_modules_are_given_options_that_they_have(path):
    for one in all_dicts(path):
        for name, options in MODULES.items():
            assert set(one.get(f"qcloud.crs.{name}") or {}) - set(options) == set(), name


@every_text
def test_inventories_have_options_that_the_plugin_has(path):
    for one in all_dicts(path):
        if one.get("plugin") == "qcloud.crs.crs":
            assert set(one) - set(INVENTORY) == set()
            for account in one.get("accounts", []):
                assert set(account) - {"name", "regions"} - set(connection_spec()) == set()
                assert not set(account) & {"secret_id", "secret_key", "token"}


@every_text
def test_the_filter_is_given_parameters_that_it_has(path):
    for call in re.findall(r"backup_verdicts\(([^)]*)\)", read(path)):
        assert set(re.findall(r"(\w+)=", call)) - set(documents.filter_options()) == set()


@written
def test_each_literal_names_something(path):
    literals = [re.match(r"([a-z]+(?:_[a-z0-9]+)+)(?:: .*)?$", one) for one in documents.literals(path)]
    assert {match[1] for match in literals if match} - WORDS == set()


@every_text
def test_each_variable_of_the_environment_is_read(path):
    files = [PLUGINS / "module_utils" / "_connection.py", *(PLUGINS / "module_utils" / "_credentials").glob("*.py")]
    code = "".join(map(read, files))
    for name in set(re.findall(r"\bTENCENTCLOUD_(?:DR_)?([A-Z_]+[A-Z])\b", read(path))) - {"DR", "PROD"}:
        assert f"}}_{name}" in code or f'"TENCENTCLOUD_{name}"' in code, name


def test_each_rule_has_a_section_with_an_example_that_turns_it_on():
    found = documents.sections(RST / "policies.rst", "The rules")
    assert list(found) == list(policy.RULES)
    for rule, text in found.items():
        values = yaml.safe_load(re.search(r"code-block:: yaml\n\n((?:   .*\n)+)", text)[1])
        assert list(values) == [PREFIX + rule]
        assert list(policy.parse_policy({rule: values[PREFIX + rule]}).limits) == [rule]


@pytest.mark.parametrize("file", ["README.md", "meta/argument_specs.yml"])
def test_each_variable_of_a_host_is_in_the_roles_documentation(file):
    wanted = {*(f"crs_{name}" for name in connection_spec()), *scope._FACTS}
    assert wanted - set(re.findall(r"\bcrs_\w+", read(documents.ROLE / file))) == set()


def test_each_kind_of_error_has_a_section():
    assert sorted(documents.sections(RST / "troubleshooting.rst", "The kinds of errors")) == sorted(KINDS)


def test_each_outcome_is_explained():
    text = read(RST / "policies.rst")
    assert [word for word in ("pass", "fail", "unknown", "not_applicable") if f"   * - ``{word}``" not in text] == []


@pytest.mark.parametrize("path", [RST / "reports.rst", documents.ROLE / "README.md"], ids=lambda path: path.name)
def test_each_file_of_an_audit_is_there(path):
    mark = "``" if path.suffix == ".rst" else "`"
    assert [file for file in FILES if f"{mark}{file}{mark}" not in read(path)] == []


def test_each_metric_and_each_alert_is_there():
    text = read(RST / "reports.rst")
    assert METRICS - set(re.findall(r"``(\w+)``", text)) == set()
    assert set(re.findall(r"\bCrsBackup\w+", text)) == documents.alerts()


@pytest.mark.parametrize("outcome, columns", [("failed", 2), ("unknown", 3)])
def test_each_code_of_a_restore_test_is_explained(outcome, columns):
    """By its own text, and with its remedy."""
    text = read(RST / "restore_tests.rst").replace("``", "").partition("\nOutcomes\n")[2]
    failed, unknown = text.split("\nunknown means")
    wanted = [
        "\n     - ".join([f"   * - {code}", *word[1:columns]]).rstrip(" -\n")
        for code, word in outcomes.WORDS.items()
        if word.outcome == outcome
    ]
    rows = re.findall(r"^   \* - (?!code)(?:.|\n     )+", failed if outcome == "failed" else unknown, re.M)
    assert [row.rstrip(" -\n") for row in rows] == wanted


def test_each_variable_of_a_run_of_restore_tests_is_explained():
    text = read(RST / "restore_tests.rst")
    assert [name for name in fleet.RUN if f"   * - ``crs_restore_test_{name}``" not in text] == []


def test_each_option_of_a_restore_test_that_is_no_variable_is_named():
    text = " ".join(read(RST / "restore_tests.rst").split())
    exceptions = text.partition("is also a variable of a host or group")[2].partition(".. code-block::")[0]
    named = {name for name in restore_options.SPEC if f"``{name}``" in exceptions}
    assert named == {*restore_options.SPEC} - {*restore_options.TEST_SPEC, *fleet.RUN}


def test_each_guide_is_listed_and_begins_with_its_label():
    listed = yaml.safe_load(read(ROOT / "docs" / "docsite" / "extra-docs.yml"))["sections"]
    assert sorted(name for section in listed for name in section["toctree"]) == [path.stem for path in PAGES]
    for path in PAGES:
        assert f"\n.. _ansible_collections.qcloud.crs.docsite.{path.stem}:\n\n" in read(path)


@every_text
def test_references_lead_to_a_guide(path):
    labels = {f"ansible_collections.qcloud.crs.docsite.{page.stem}" for page in PAGES}
    assert set(re.findall(r":ref:`([^`<]+)`", read(path))) - labels == set()
