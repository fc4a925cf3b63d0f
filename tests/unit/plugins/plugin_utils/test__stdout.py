# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard output belongs to the user's callback: what may stand between its lines, and how wide a text is there."""

from __future__ import annotations

import pytest
from ansible.plugins.loader import callback_loader

from ansible_collections.qcloud.crs.plugins.plugin_utils import _stdout

BASES = {
    "like_default": "from ansible.plugins.callback.default import CallbackModule as Base",
    "like_minimal": "from ansible.plugins.callback.minimal import CallbackModule as Base",
    "like_json": "from ansible.plugins.callback import CallbackBase as Base",
}


@pytest.fixture
def callbacks(tmp_path):
    """Callbacks of somebody else, by what they are made of: all of community.general's and ansible.posix's are like one of them."""
    for name, base in BASES.items():
        (tmp_path / f"{name}.py").write_text(f"{base}\n\n\nclass CallbackModule(Base):\n    CALLBACK_NAME = '{name}'\n")
    callback_loader.add_directory(str(tmp_path))


@pytest.mark.parametrize(
    "name, expected",
    [
        ("default", True),
        ("minimal", True),
        ("oneline", True),
        ("like_default", True),
        ("like_minimal", True),
        ("like_json", False),
        # of Ansible's own, these write files
        ("tree", False),
        ("junit", False),
    ],
)
def test_a_callback_made_of_the_default_one_is_for_people(callbacks, monkeypatch, name, expected):
    monkeypatch.setattr(_stdout.constants, "DEFAULT_STDOUT_CALLBACK", name)
    assert _stdout.is_for_people() is expected


def test_what_can_not_be_found_is_for_nobody(monkeypatch):
    monkeypatch.setattr(_stdout.callback_loader, "get", lambda *_args, **_more: None)
    assert _stdout.is_for_people() is False


@pytest.mark.parametrize("text, columns", [("orders", 6), ("订单", 4), ("e\u0301", 1), ("", 0)])
def test_the_width_of_a_text(text, columns):
    assert _stdout.width(text) == columns


def test_without_a_locale_each_character_is_a_column(monkeypatch):
    def refuse(text):
        raise OSError(f"get_text_width could not calculate text width of {text!r}")

    monkeypatch.setattr(_stdout, "get_text_width", refuse)
    assert _stdout.width("订单") == 2
