# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions are documented in modules of the same names, which nothing runs: only this tells if they differ."""

from __future__ import annotations

from importlib import import_module

import pytest
import yaml

from ansible_collections.qcloud.crs.tests.unit.docs.documents import options

PLUGINS = "ansible_collections.qcloud.crs.plugins"


class Caught(Exception):
    pass


@pytest.mark.parametrize("name", ["crs_backup_audit", "crs_backup_merge", "crs_backup_report"])
def test_the_argument_spec_is_what_the_documentation_says(name, monkeypatch):
    def catch(self, argument_spec):
        raise Caught(argument_spec)

    action = import_module(f"{PLUGINS}.action.{name}").ActionModule
    monkeypatch.setattr(action, "validate_argument_spec", catch)
    with pytest.raises(Caught) as caught:
        action.work(object.__new__(action), {})
    (spec,) = caught.value.args
    documented = options("modules", name)
    assert set(spec) == set(documented)
    for option, entry in spec.items():
        for key in ("type", "elements", "default", "choices", "required"):
            assert entry.get(key) == documented[option].get(key), (option, key)
    assert yaml.safe_load(import_module(f"{PLUGINS}.modules.{name}").DOCUMENTATION)["module"] == name
