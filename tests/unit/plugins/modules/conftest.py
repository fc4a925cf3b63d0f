# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's main() in this process, over a wire instead of the network."""

from __future__ import annotations

import ast
import inspect
import os
import sys

import pytest
import requests
import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "module_utils"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from crs_fakes import SECRET_ID, SECRET_KEY, Wire
from in_process import run_main


@pytest.fixture
def wire(monkeypatch):
    one = Wire()
    monkeypatch.setattr(requests.adapters, "HTTPAdapter", lambda **options: one)
    yield one
    assert not one.script, f"{len(one.script)} expected requests were not sent"


@pytest.fixture
def run(monkeypatch):
    """``run(main, **options)`` -> (exit code, result, all that was printed)."""
    for name in list(os.environ):
        if name.startswith("TENCENTCLOUD_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)

    def run(main, **options):
        args = {"region": "ap-guangzhou", "secret_id": SECRET_ID, "secret_key": SECRET_KEY, **options}
        return run_main(main, {name: value for name, value in args.items() if value is not None})

    return run


@pytest.fixture
def spec_of(monkeypatch):
    """``spec_of(module)`` is what its main() hands to AnsibleModule."""

    def catch(module):
        caught = {}

        class Stop(Exception):
            pass

        def stop(**kwargs):
            caught.update(kwargs)
            raise Stop

        monkeypatch.setattr(module, "AnsibleModule", stop)
        with pytest.raises(Stop):
            module.main()
        return caught

    return catch


@pytest.fixture
def documented_options():
    """``documented_options(module)``: its own and those of the fragments, read as text: they aren't there where it runs."""

    def read(module):
        plugins = os.path.join(os.path.dirname(os.path.abspath(inspect.getsourcefile(module))), "..")
        made = {}
        for name in ("connection", "attributes") + (
            ("instances",) if "qcloud.crs.instances" in module.DOCUMENTATION else ()
        ):
            with open(os.path.join(plugins, "doc_fragments", f"{name}.py"), encoding="utf-8") as file:
                (body,) = [node for node in ast.parse(file.read()).body if isinstance(node, ast.ClassDef)]
            for node in body.body:
                if isinstance(node, ast.Assign):
                    made.update(yaml.safe_load(ast.literal_eval(node.value))["options"])
        return {**made, **yaml.safe_load(module.DOCUMENTATION)["options"]}

    return read
