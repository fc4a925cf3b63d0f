# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the raw value of a variable to a plain value: the same on each ansible-core."""

from __future__ import annotations

import datetime
import json

import pytest
from ansible.errors import AnsibleError
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.template import Templar
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.plugin_utils._rendering.renderer import Omitted, Renderer, Template, plain
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import APlay, trusted

PASSWORD = [("default", VaultSecret(b"made up"))]
#: As users write them: Ansible reads them with types of its own.
INVENTORY = """
all:
  hosts:
    crs-1:
      age: 26
      name: shop
      nothing:
      nested: {"a": ["{{ name }}", 1, 2.5, true], "{{ name }}": "{{ age }}"}
      over_nested: "{{ nested }}"
      over: "{{ name }}-{{ age }}"
      number: "{{ age }}"
      header: "#jinja2:variable_start_string:'[[',variable_end_string:']]'\\n[[ name ]]"
      none: "{{ nothing }}"
      default_none: "{{ nowhere | default(none) }}"
      over_none: "{{ default_none }}"
      none_in_dict: {"a": "{{ none }}", "b": ["{{ over_none }}"], "{{ none }}": "{{ blank }}"}
      blank: "{{ '' }}"
      omitted: "{{ nowhere | default(omit) }}"
      over_omitted: "{{ omitted }}"
      omitted_in_dict: {"a": "{{ omitted }}", "b": ["{{ omitted }}", 1], "c": {"d": "{{ omitted }}"}}
      omitted_in_text: "shop-{{ omitted }}"
      bad: "{{ nowhere }}"
      bad_in_dict: {"a": ["{{ nowhere.at_all }}"]}
      vaulted: !vault "VAULTED"
      vaulted_in_dict: {"a": [!vault "VAULTED"]}
      over_vaulted: "{{ vaulted }}!"
      raw: !unsafe "{{ name }}"
      day: 2026-06-01
"""


@pytest.fixture(scope="module", autouse=True)
def secrets():
    """The password, as ansible-core from 2.19 on knows it: once in a process."""
    context = getattr(vault, "VaultSecretsContext", None)
    if context is not None:
        context.initialize(context(PASSWORD))
    yield
    if context is not None:
        context._current = None


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    encrypted = VaultLib(PASSWORD).encrypt("hush").decode().replace("\n", "\\n")
    play = APlay(tmp_path_factory.mktemp("play"), INVENTORY.replace("VAULTED", encrypted), secrets=PASSWORD)
    _task, task_vars = play.task()
    return play, task_vars


@pytest.fixture
def render(variables):
    """Return what a variable gives."""
    play, task_vars = variables
    renderer = Renderer(play.loader, task_vars.get("omit"))
    renderer.use(task_vars)

    def rendered(name):
        return renderer.render(task_vars[name])

    return rendered


@pytest.mark.parametrize(
    ("name", "gives"),
    [
        ("nested", {"a": ["shop", 1, 2.5, True], "{{ name }}": 26}),
        ("over_nested", {"a": ["shop", 1, 2.5, True], "{{ name }}": 26}),
        ("over", "shop-26"),
        ("number", 26),
        ("header", "shop"),
        ("none", None),
        ("default_none", None),
        ("over_none", None),
        ("none_in_dict", {"a": None, "b": [None], "{{ none }}": ""}),
        ("blank", ""),
        ("omitted_in_dict", {"b": [1], "c": {}}),
        ("omitted_in_text", "shop-"),
        ("vaulted", "hush"),
        ("vaulted_in_dict", {"a": ["hush"]}),
        ("over_vaulted", "hush!"),
        ("raw", "{{ name }}"),
        ("day", datetime.date(2026, 6, 1)),
    ],
)
def test_what_a_template_gives(render, name, gives):
    found = render(name)
    assert found == gives and repr(found) == repr(gives)
    assert types(found) <= {str, int, float, bool, type(None), list, dict, datetime.date, type(found)}
    json.dumps(found, default=str)
    assert render(name) == gives


def types(value):
    """Return the types of all parts of a value."""
    if isinstance(value, dict):
        return {type(value)}.union(*(types(one) for pair in value.items() for one in pair))
    return {type(value)}.union(*(types(one) for one in value)) if isinstance(value, list) else {type(value)}


@pytest.mark.parametrize("name", ["omitted", "over_omitted"])
def test_what_is_omitted(render, name):
    with pytest.raises(Omitted):
        render(name)


@pytest.mark.parametrize(("name", "times"), [("over", 1), ("over_vaulted", 1), ("omitted", 1), ("header", 2)])
def test_what_depends_on_the_same_is_evaluated_once(variables, monkeypatch, name, times):
    play, task_vars = variables
    renderer, asked = Renderer(play.loader, task_vars.get("omit")), []
    evaluate = renderer.templar.template
    monkeypatch.setattr(
        renderer.templar, "template", lambda value, **options: asked.append(value) or evaluate(value, **options)
    )
    for host in ("crs-1", "crs-2"):
        renderer.use({**task_vars, "inventory_hostname": host})
        try:
            renderer.render(task_vars[name])
        except Omitted:
            assert name == "omitted"
    assert asked.count(task_vars[name]) == times


@pytest.mark.parametrize("name", ["bad", "bad_in_dict"])
def test_what_cannot_be_evaluated(render, name):
    with pytest.raises(AnsibleError, match="nowhere"):
        render(name)


@pytest.mark.parametrize(
    "value",
    [
        "{{ a }}",
        "{% if a %}b{% endif %}",
        "a {# b #}",
        "#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ a ]]",
        ["a", ["{{ b }}"]],
        {"a": {"b": "{{ c }}"}},
        datetime.date(2026, 1, 1),
        ("a",),
    ],
    ids=repr,
)
def test_what_could_change_is_evaluated(value):
    with pytest.raises(Template):
        plain(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        1.5,
        "",
        "26h",
        "a } b",
        "a #jinja2:",
        [],
        {},
        ["a", 1, None],
        {"a": ["b", {"c": False}], "{{ b }}": 1},
    ],
)
def test_what_could_not_is_as_it_stands(value):
    assert plain(trusted(value)) == value and repr(plain(trusted(value))) == repr(value)
    assert types(plain(trusted(value))) == types(value)


TEXTS = st.text("{}%#[]ab' \n", max_size=8) | st.sampled_from(["{{ a }}", "{% set b = 1 %}", "#jinja2: a\n"])
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)))
def test_nothing_that_ansible_would_change_is_left_alone(value):
    try:
        kept = plain(trusted(value))
    except Template:
        return
    found = Templar(loader=DataLoader(), variables={"a": "changed"}).template(trusted(value))
    assert found == kept and repr(found) == repr(kept)
