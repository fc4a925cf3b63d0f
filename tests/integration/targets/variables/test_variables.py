# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One meaning of a variable: the audit uses what ansible.builtin.debug shows on the same host of the same play."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import namedtuple

import project
import pytest
import watched
from audit_runner import CREDENTIALS, DAILY
from emulator import Emulator
from idioms import IDIOMS, KEY, KEY_ID, OMITTED

REGION = "ap-guangzhou"
PREFIX = "crs_backup_policy_"
OTHER_KEY = {"secret_id": KEY_ID, "secret_key": KEY, "account": CREDENTIALS["account"]}

_PLACEHOLDER = re.compile(r"__omit_place_holder__[0-9a-f]+|<<Omit>>")

#: What a run showed: ``debug`` is ``{host: value}``, ``audits`` what each audit ended with, by host.
Run = namedtuple("Run", "debug audits folder")


#: With jinja2_native templates give other types, wherever they stand: of hosts and groups are enough of them.
NATIVE = [idiom for idiom in IDIOMS if not idiom.alone]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """All idioms in one run."""
    return played(tmp_path_factory.mktemp("text"), IDIOMS, native=False)


@pytest.fixture(scope="module")
def native_run(tmp_path_factory):
    return played(tmp_path_factory.mktemp("native"), NATIVE, native=True)


def played(folder, idioms, native):
    """Run the project of some idioms, and return the Run."""
    folder = folder / "project"
    with Emulator(fleet()) as emulator:
        arguments = project.write(folder, emulator.url, idioms)
        done = playbook(folder, "site.yml", *arguments, native=native)
    (folder / "output.log").write_text(done.stdout, encoding="utf-8")
    lines = [json.loads(line) for line in (folder / "shown.jsonl").read_text(encoding="utf-8").splitlines()]
    debug = {line["host"]: once(line["said"]) for line in lines if not line["audit"]}
    audits = {line["play"]: {**once(line["said"]), "failed": line["failed"]} for line in lines if line["audit"]}
    return Run(debug, audits, folder)


def playbook(folder, name, *arguments, native=False):
    """Run a playbook in a project's folder, and return the finished process."""
    environment = {
        **{f"TENCENTCLOUD_{name.upper()}": CREDENTIALS[name] for name in ("secret_id", "secret_key", "token")},
        "TENCENTCLOUD_REGION": REGION,
        "ANSIBLE_JINJA2_NATIVE": str(native),
        "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "password"),
        "ANSIBLE_CALLBACK_PLUGINS": os.path.join(os.path.dirname(__file__), "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "shown",
        "SHOWN": str(folder / "shown.jsonl"),
        "IDIOM_NAME": "from the environment",
    }
    return watched.run(["ansible-playbook", name, "-vvv", "-i", "hosts.yml", *arguments], folder, environment)


def once(said):
    """Return the result of the only item, of a task that has a loop."""
    return said["results"][0] if "results" in said else said


def fleet():
    names = [*(project.host(idiom) for idiom in IDIOMS), "crs-other"]
    # What they are judged by is not the matter: all of them pass.
    kept = {"schedule": DAILY, "backups": [{"start": "-2h", "type": "manual"}], "created": "-90d"}
    instances = [{"id": name, "name": "named by the cloud", "region": REGION, "api": ["v3"], **kept} for name in names]
    return {"credentials": [CREDENTIALS, OTHER_KEY], "instances": instances}


@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda idiom: idiom.name.replace(" ", "_"))
def test_the_audit_uses_what_debug_shows(run, idiom):
    compare(run, idiom)


@pytest.mark.parametrize("idiom", NATIVE, ids=lambda idiom: idiom.name.replace(" ", "_"))
def test_and_with_jinja2_native(native_run, idiom):
    compare(native_run, idiom)


def test_only_debug_shows_a_vaulted_key(run):
    shown = [line for line in (run.folder / "output.log").read_text(encoding="utf-8").splitlines() if KEY in line]
    assert len(shown) == 3 and {line.strip() for line in shown} == {f'"crs_secret_key": "{KEY}"'}
    written = [path for folder in ("reports", "crs-audit") for path in (run.folder / folder).rglob("*.*")]
    assert len(written) > 100 and not any(KEY in path.read_text(encoding="utf-8") for path in written)


def test_merge_and_report_take_the_same(run):
    """Templates, vaulted and omitted values, as any module would."""
    project.write_variables(
        run.folder / "group_vars/all.yml",
        f"base: {run.folder}\n"
        'crs_merge_records: ["{{ base }}/reports/shared"]\n'
        'crs_merge_slices: "{{ 2 - 1 }}"\n'
        'crs_merge_report_dir: "{{ base }}/{{ part }}"\n'
        "part: !vault merged\n"
        'crs_merge_fail: "{{ nowhere | default(omit) }}"\n'
        'crs_merge_show: "{{ shown }}"\n'
        'shown: "{{ nowhere | default(omit) }}"\n'
        'crs_audit_record: "{{ crs_merge_report_dir }}/audit-record.json"\n'
        "crs_audit_report_dir: !vault again\n",
    )
    merged = playbook(run.folder, "qcloud.crs.merge")
    assert (run.folder / "merged" / "audit-record.json").exists(), merged.stdout
    again = playbook(run.folder, "qcloud.crs.report")
    assert (run.folder / "again" / "report.html").exists(), again.stdout


def compare(run, idiom):
    host = project.host(idiom)
    audit = run.audits[host if idiom.alone else "shared"]
    if idiom.error:
        assert audit["failed"] and idiom.error in audit["msg"], audit
        assert idiom.variable.removeprefix("crs_") in audit["msg"] and host in audit["msg"]
        return
    assert not audit["failed"], audit["msg"]
    shown = _without_placeholders(run.debug[host][idiom.variable])
    if idiom.gives is None:
        assert shown in (None, "")
    else:
        assert as_text(shown) == as_text(placed(idiom.gives, run, host))
    due = placed(shown if idiom.instead is None else idiom.instead, run, host)
    assert as_text(used(idiom.variable, host, audit, run)) == as_text(due)


def _without_placeholders(shown):
    """Return what debug shows as newer versions of ansible-core show it: older ones have placeholders for what is omitted."""
    if isinstance(shown, dict):
        # With jinja2_native, they show a vaulted part of a dict as it is written.
        shown = {name: project.decrypted(one) for name, one in shown.items()}
        return {name: one for name, one in shown.items() if not _PLACEHOLDER.fullmatch(str(one))}
    if isinstance(shown, str) and _PLACEHOLDER.search(shown):
        return _PLACEHOLDER.sub("", shown) or OMITTED
    return shown


def used(variable, host, audit, run):
    """Return the value of a variable that the audit used for a host, as its result and its record have it."""
    path = audit["reports"]["record"]
    with open(run.folder / path, encoding="utf-8") as stream:
        record = json.load(stream)
    (entry,) = [entry for entry in record["instances"] if entry["host"] == host]
    found = {
        f"{PREFIX}fail": audit["fail"],
        # So many were enough.
        f"{PREFIX}min_hosts": audit["summary"]["instances"],
        f"{PREFIX}waivers": record["waivers"],
        f"{PREFIX}report_dir": os.path.dirname(os.path.realpath(path)),
        **{f"{PREFIX}{name}": value for name, value in record["policies"][entry["policy"]].items()},
        "crs_profile": entry["account"],
        # Only the right key is answered.
        "crs_secret_key": KEY if entry["account"] == label(KEY_ID) and entry["complete"] else None,
        **{f"crs_{name}": value for name, value in entry.items()},
        # The API says something else of it, which counts.
        "crs_created_time": (entry["claims"] or {}).get("created_time"),
    }
    return found.get(variable, False)


def placed(value, run, host):
    """Return a value of the table with what is known when it runs."""
    if not isinstance(value, str):
        return value
    value = value.replace("key-of-the-environment", label(CREDENTIALS["secret_id"]))
    return value.replace("FOLDER", os.path.realpath(run.folder)).replace("HOST", host)


def label(secret_id):
    return f"key-{hashlib.sha256(secret_id.encode()).hexdigest()[:8]}"


def as_text(value):
    """Return a value with its parts as text: without jinja2_native, older versions make texts of numbers."""
    if isinstance(value, dict):
        return {str(name): as_text(one) for name, one in value.items()}
    return [as_text(one) for one in value] if isinstance(value, list) else str(value).replace("T", " ")
