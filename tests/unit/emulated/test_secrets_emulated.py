# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and tokens, wherever they are from, are in nothing that a user, a log or a file gets to see."""

from __future__ import annotations

import http.server
import json
import logging
import os
import sys
import threading
import traceback

import pytest
from fault_surfaces import run_main

from ansible_collections.qcloud.crs.plugins.module_utils._api.instances import ALL
from ansible_collections.qcloud.crs.plugins.module_utils._credentials import instance_role
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._errors import CrsError
from ansible_collections.qcloud.crs.plugins.module_utils._http import client
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.modules import crs_backup_info, crs_instance_info
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._inventory import hosts
from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import write
from ansible_collections.qcloud.crs.plugins.plugin_utils._settings import PREFIX

ONE = "crs-secret01"
ROLE = "qcs::cam::uin/100000000001:roleName/audit"
ID, KEY, TOKEN = "AKIDmadeup", "madeupSourceKey+a/b", "madeupSourceToken+a/b=="
FLEET = {
    "credentials": [{"secret_id": ID, "secret_key": KEY, "token": TOKEN}],
    "roles": {ROLE: {"account": "100000000001"}},
    "instances": [{"id": ONE, "region": "ap-guangzhou", "schedule": {"every": "12h", "last": "-1h", "count": 3}}],
}
LISTINGS = ("GetRedisBackupList", "DescribeRedis", "DescribeInstanceBackups", "DescribeInstances")
#: What the service does: it answers, or repeats secrets in an error, in a header of an answer that is none, or in what
#: it lists; and what is seen of that.
ANSWERS = {
    "answers": ((), None, ONE),
    "echoes": (LISTINGS, "echo_secret", "auth"),
    "echoes in a header": (LISTINGS, "echo_header", "bad_response"),
    "echoes in a row": (LISTINGS, "echo_row", "bad_response"),
    "echoes to who takes a role": (("AssumeRole",), "echo_secret", "auth"),
}


@pytest.fixture
def cloud(serve, monkeypatch, tmp_path):
    """An emulator, and no key pair anywhere."""
    for name in list(os.environ):
        if name.startswith(("TENCENTCLOUD_", "TCCLI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return serve(FLEET)


def _of_options(world):
    return {"secret_id": ID, "secret_key": KEY, "token": TOKEN}


def _of_environment(world):
    for name, value in (("SECRET_ID", ID), ("SECRET_KEY", KEY), ("TOKEN", TOKEN)):
        world.monkeypatch.setenv(f"TENCENTCLOUD_{name}", value)
    return {}


def _of_profile(world):
    folder = world.home / ".tccli"
    folder.mkdir(parents=True)
    (folder / "shop.credential").write_text(json.dumps({"secretId": ID, "secretKey": KEY, "token": TOKEN}))
    return {"profile": "shop"}


def _of_role(world):
    return {**_of_environment(world), "role_arn": ROLE, "sts_endpoint": world.emulator.url}


def _of_instance(world):
    world.monkeypatch.setattr(instance_role, "METADATA", world.metadata())
    world.monkeypatch.setattr(instance_role, "TIMEOUT", 30)
    return {"use_instance_role": True}


SOURCES = {
    "options": _of_options,
    "environment": _of_environment,
    "profile": _of_profile,
    "role": _of_role,
    "instance role": _of_instance,
}


class World:
    def __init__(self, emulator, monkeypatch, home, stops):
        self.emulator, self.monkeypatch, self.home, self._stops = emulator, monkeypatch, home, stops

    def metadata(self):
        """Return the address of a metadata service that has the pair."""
        document = {"TmpSecretId": ID, "TmpSecretKey": KEY, "Token": TOKEN, "ExpiredTime": 4102444800}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b"audit" if self.path == "/" else json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self._stops += [server.server_close, server.shutdown]
        return f"http://127.0.0.1:{server.server_port}/"


@pytest.fixture
def world(cloud, monkeypatch, tmp_path):
    stops = []
    yield World(cloud, monkeypatch, tmp_path / "home", stops)
    while stops:
        stops.pop()()


def module(options, folder):
    return run_main(crs_backup_info.main, {**_given(options), "instance_ids": [ONE]})[2]


def instances(options, folder):
    return run_main(crs_instance_info.main, _given(options))[2]


def role(options, folder):
    target = Scope(options, {}).target(ONE, {f"{PREFIX}max_age": "26h"})
    record = run.run(run.connect_all([target]), "report")
    return repr(record) + "".join(_text(path) for path in write.write_all(record, str(folder))[0].values())


def inventory(options, folder):
    options = {name: value for name, value in options.items() if name not in hosts.SECRETS}
    listed = hosts.read(hosts.Source(None, options), lambda dialect: ALL, Keyring())
    return repr(listed) + repr([hosts.variables(record, listed) for record in listed.records])


def _given(options):
    return {name: value for name, value in options.items() if value is not None}


def _text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def secrets_of(emulator):
    """Return every key and token that the service knows: those of the role are its own invention."""
    known = emulator.service.gate.credentials.values()
    return {secret for one in known for secret in (one.secret_key, one.token) if secret}


def shown(surface, options, folder):
    """Return all that is to be seen of a surface: what it returns, or the whole traceback."""
    try:
        return surface(options, folder)
    except Exception as error:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return text + repr(error) + (repr(error.as_dict()) if isinstance(error, CrsError) else "")


def cases():
    for source in SOURCES:
        for surface in (module, instances, role, inventory):
            for answer, (actions, _fault, _wanted) in ANSWERS.items():
                # Where a pair came from matters to what an echo may show as far as there is one pair, in the options or
                # elsewhere, or two of a role.
                told = not actions or source in ("options", "environment", "role")
                # An inventory takes no key from its options, and only one source takes a role.
                fits = (source, surface) != ("options", inventory) and (source == "role" or "AssumeRole" not in actions)
                if told and fits:
                    yield pytest.param(source, surface, answer, id=f"{source} {surface.__name__} {answer}")


@pytest.fixture
def look(world, tmp_path, caplog):
    """``look(source, surface, version)`` -> all that is to be seen, the debug log of the libraries too."""

    def look(source, surface, version):
        caplog.set_level(logging.DEBUG)
        before = (list(sys.argv), dict(os.environ))
        options = {name: entry.get("default") for name, entry in connection_spec().items()}
        options.update(api_version=version, region="ap-guangzhou", endpoint=world.emulator.url, retries=0)
        options.update(SOURCES[source](world))
        text = shown(surface, options, tmp_path / "report")
        added = set(os.environ.items()) - set(before[1].items())
        assert sys.argv == before[0]
        assert all(name.startswith("TENCENTCLOUD_") and source in ("environment", "role") for name, _value in added)
        return text + caplog.text

    return look


@pytest.mark.without_coverage
@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("source, surface, answer", list(cases()))
def test_no_secret_is_shown(look, world, source, surface, answer, version):
    actions, fault, wanted = ANSWERS[answer]
    world.emulator.set_faults([{"name": fault, "action": action} for action in actions])
    text = look(source, surface, version)
    secrets = secrets_of(world.emulator)
    assert len(secrets) == (4 if source == "role" and "AssumeRole" not in actions else 2)
    assert [secret for secret in secrets if secret in text] == []
    assert wanted in text


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("surface", [module, instances])
def test_a_crash_of_a_module_shows_none_even_if_its_text_has_them(look, world, monkeypatch, source, surface, version):
    """Ansible masks what a module returns, and not what it dies of."""

    def die(status, headers, body):
        # Not yet, if it is the role's own pair: that is to be seen nowhere, too.
        if b"TmpSecretKey" not in body:
            raise RuntimeError(f"a defect: {sorted(secrets_of(world.emulator))}")
        return parse(status, headers, body)

    parse = client._answer.parse
    monkeypatch.setattr(client._answer, "parse", die)
    text = look(source, surface, version)
    assert "please report it: RuntimeError: a defect: [" in text
    assert [secret for secret in secrets_of(world.emulator) if secret in text] == []


@pytest.mark.parametrize("surface", [role, inventory])
def test_a_crash_elsewhere_shows_no_request(look, monkeypatch, surface):
    def die(status, headers, body):
        raise RuntimeError("a defect")

    monkeypatch.setattr(client._answer, "parse", die)
    text = look("environment", surface, "v3")
    assert "RuntimeError: a defect" in text and KEY not in text and TOKEN not in text
