# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says beside the hosts in scope, by Ansible's own precedence of variables."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import VaultLib, VaultSecret
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.qcloud.crs.plugins.action import crs_backup_audit as audit_action
from ansible_collections.qcloud.crs.plugins.module_utils._credentials.chain import Keyring
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption
from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import elsewhere, run
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.host_variables import HostVariables
from ansible_collections.qcloud.crs.plugins.plugin_utils._audit.scope import Scope
from ansible_collections.qcloud.crs.plugins.plugin_utils._coverage import places
from ansible_collections.qcloud.crs.tests.unit.examples import examples
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.a_play import ROLE_DEFAULTS, APlay, trusted

OPTIONS = {name: entry.get("default") for name, entry in connection_spec().items()}
INVENTORY = """
all:
  vars:
    crs_retries: 2
crs:
  vars:
    crs_profile: ours
    crs_inventory_errors: [gap]
    crs_inventory_places:
      - {crs_account: shop, crs_region: ap-guangzhou}
      - {crs_account: pay, crs_region: ap-tokyo, crs_profile: "{{ 'data' }}"}
  hosts:
    crs-1: {crs_account: shop, crs_region: ap-guangzhou}
    crs-2: {crs_account: shop, crs_region: ap-shanghai}
    crs-3:
static:
  vars:
    crs_region: sg
  hosts:
    orders: {crs_instance_id: crs-4}
    crs-5: {crs_secret_key: "{{ nowhere.to_be_found }}"}
    crs-6: {crs_timeout: soon}
    crs-7: {crs_timeout: soon}
web:
  vars:
    broken: "{{ nowhere.to_be_found }}"
  hosts:
    web1:
    web2: {mine: "{{ nowhere.to_be_found }}"}
"""


def said(folder, but=("crs-1",), inventory=INVENTORY, options=OPTIONS, pattern="crs", **variables):
    """Return ``(claims, gaps)`` of a play of all hosts: claims as (who says so, account, region, profile, ids), gaps as messages.

    The pattern selects whom it audits, except that --limit leaves only ``but`` of them.
    """
    play = APlay(folder, inventory, "all", **variables)
    task, task_vars = play.task()
    seen = HostVariables(task, task_vars, play.loader, {"crs_backup_policy_max_age": "26h"})
    claims, gaps = elsewhere.claims(seen, Scope(options, {}), set(but), pattern)
    found = [
        (one.said_by, one.account, one.options["region"], one.options["profile"], "".join(sorted(one.ids)))
        for one in claims
    ]
    return found, [gap["error"]["message"] for gap in gaps]


def test_places_of_the_plugin_and_hosts_out_of_scope_each_once(tmp_path):
    claims, gaps = said(tmp_path)
    assert claims == [
        # As a host there would be reached, and a text of the cloud's is never evaluated.
        ("crs_inventory_places[0]", "shop", "ap-guangzhou", "ours", ""),
        ("crs_inventory_places[1]", "pay", "ap-tokyo", "{{ 'data' }}", ""),
        ("host crs-2", "shop", "ap-shanghai", "ours", "crs-2"),
        ("host crs-3", None, None, "ours", "crs-3"),
        ("host orders", None, "sg", None, "crs-4"),
        # Hosts that have no variable of ours: they lead nowhere.
        (None, None, None, None, "web1web2"),
    ]
    assert "host crs-5: variable crs_secret_key: " in gaps[0] and "host crs-6: " in gaps[1] and "timeout" in gaps[1]
    # One for all that have the same fault.
    assert len(gaps) == 2


def test_what_the_play_sets_holds_for_places_as_for_hosts(tmp_path):
    (first, *_rest), _gaps = said(tmp_path, crs_profile="the play's", crs_region=trusted("{{ 'ap-' ~ 'seoul' }}"))
    assert first[:4] == ("crs_inventory_places[0]", "shop", "ap-seoul", "the play's")


WEB = "all: {vars: {%s}, children: {crs: {hosts: {crs-1: , crs-2: }}, web: {%s hosts: {web1: }}}}"


def said_in(pattern, folder, inventory, but=("crs-1",), params=None, within="all", **variables):
    """As ``said`` of a play whose hosts are the pattern's, which audits those of ``within``, and a task that has ``params``."""
    play = APlay(folder, inventory, pattern, **variables)
    task, task_vars = play.task()
    task.vars = params or {}
    seen = HostVariables(task, task_vars, play.loader, {})
    claims, gaps = elsewhere.claims(seen, Scope(OPTIONS, {}), set(but), within)
    found = [(one.said_by, one.options["region"], "".join(sorted(one.ids))) for one in claims]
    return found, [gap["error"]["message"] for gap in gaps]


def test_a_template_for_all_hosts_makes_no_instance_of_one_that_lacks_what_it_needs(tmp_path):
    inventory = WEB % ("crs_instance_id: '{{ redis_id }}'", "") + "\n"
    inventory = inventory.replace("crs-2: }", "crs-2: {redis_id: crs-9}}")
    assert said_in("crs", tmp_path, inventory) == ([("host crs-2", None, "crs-9")], [])
    inventory = "all: {vars: {crs_instance_id: '{{ redis_id }}'}, hosts: {crs-2: {redis_id: crs-9}, web1: }}"
    assert said_in("all", tmp_path, inventory) == ([(None, None, "crs-9")], [])


def test_a_variable_of_its_own_that_cannot_be_evaluated_is_a_gap(tmp_path):
    _claims, (gap,) = said_in("crs", tmp_path, WEB % ("", "vars: {crs_region: '{{ nowhere }}'},"))
    assert "host web1: variable crs_region: " in gap and "nowhere" in gap


def test_variables_of_the_play_and_the_task_are_none_of_other_plays_hosts(tmp_path):
    """They are of hosts that --limit leaves out: those would be in the play without it."""
    params = {"crs_instance_id": "crs-1", "crs_region": "sg"}
    claims, gaps = said_in("crs", tmp_path, WEB % ("", "vars: {crs_status: x},"), params=params)
    assert claims == [("host crs-2", "sg", "crs-1"), ("host web1", None, "web1")] and gaps == []
    # A play of localhost that names the instance: the others are found by their names, and where it looks.
    inventory = "all: {hosts: {localhost: , crs-5: , crs-6: }}"
    claims, _gaps = said_in("localhost", tmp_path, inventory, ["localhost"], params)
    assert claims == [(None, "sg", "crs-5crs-6")]


def test_files_of_the_play_are_not_looked_for_by_hosts_of_other_plays(tmp_path, monkeypatch):
    play = APlay(tmp_path, WEB % ("", ""), "crs")
    play.play.vars_files = [trusted("{{ stage }}.yml")]
    task, task_vars = play.task()
    seen = HostVariables(task, task_vars, play.loader, {})
    asked = []
    monkeypatch.setattr(play.play, "get_vars_files", lambda: asked.append(1) or [])
    found = {one.host: one.read(["crs_region"]) for one in seen.elsewhere({"crs-1", "crs-2"}, "crs", "crs", ())}
    assert found == {"web1": {}} and asked == []


def test_a_host_whose_variables_cannot_be_read_is_a_gap(tmp_path):
    """A file that is encrypted with a password which this run hasn't: what it says of the host is unknown."""
    (tmp_path / "group_vars").mkdir()
    encrypted = VaultLib([("x", VaultSecret(b"another"))]).encrypt("crs_region: gz")
    (tmp_path / "group_vars" / "web.yml").write_bytes(encrypted)
    # One for all that have it.
    _claims, (gap,) = said_in("crs", tmp_path, (WEB % ("", "")).replace("web1: ", "web1: , web2: "))
    assert "host web1: its variables can't be read: " in gap and "vault" in gap


def test_what_the_task_says_holds_where_nobody_says_anything_else(tmp_path):
    claims, _gaps = said(tmp_path, options={**OPTIONS, "region": "ap-seoul", "profile": "task"})
    assert ("host crs-3", None, "ap-seoul", "ours", "crs-3") in claims and claims[-1][2:4] == ("ap-seoul", "task")


def test_what_all_hosts_have_makes_no_instance_of_them(tmp_path):
    """A group for all of them, or the play: a web server is none for that, and nothing of it is evaluated."""
    inventory = "all: {vars: {crs_region: gz, crs_secret_key: '{{ nowhere }}'}, hosts: {web1: }}"
    assert said(tmp_path, (), inventory) == ([], [])
    inventory = "all: {vars: {crs_region: gz}, hosts: {web1: , crs-1: }}"
    assert said(tmp_path, (), inventory, crs_secret_id="x")[0] == [(None, None, "gz", None, "crs-1web1")]


def test_what_all_hosts_have_and_cannot_be_right_is_nobodys_gap(tmp_path):
    """A host in scope would say so; a web server has nothing to do with it."""
    assert said(tmp_path, (), "all: {vars: {crs_timeout: soon}, hosts: {web1: }}") == ([], [])


def test_without_the_plugin_there_is_nothing_of_it(tmp_path):
    assert said(tmp_path, (), "ungrouped: {hosts: {a: {crs_region: gz}}}") == ([("host a", None, "gz", None, "a")], [])


@pytest.mark.parametrize("places", ["a", "[a]", "{a: b}"])
def test_a_variable_that_is_not_the_plugins_is_named(tmp_path, places):
    with pytest.raises(InvalidOption, match=r"crs_inventory_places is .*: leave it to the inventory plugin to set"):
        said(tmp_path, (), f"crs: {{vars: {{crs_inventory_places: {places}}}, hosts: {{crs-1: }}}}")


def test_ten_thousand_hosts_make_as_many_claims_as_places(tmp_path):
    """One look-up of variables for each host: none for the host alone, and no second one for the plugin's group."""
    hosts = "".join(f"    crs-{number}:\n" for number in range(300))
    play = APlay(tmp_path, f"crs:\n  vars: {{crs_region: gz}}\n  hosts:\n{hosts}", "all")
    task, task_vars = play.task()
    variables, asked = HostVariables(task, task_vars, play.loader, {}), []
    raw = variables._raw
    variables._raw = lambda host, whose, within=True: asked.append(whose) or raw(host, whose, within)
    (claim,), gaps = elsewhere.claims(variables, Scope(OPTIONS, {}), {"crs-0"}, "all")
    assert len(claim.ids) == 299 and gaps == [] and len(asked) == 301  # and that of a host in no group, twice


@pytest.mark.parametrize(
    ("value", "gaps"), [(None, []), ([], []), (["a"], ["a"]), ("a", ["a"]), ({"a": 1}, [{"a": 1}])]
)
def test_gaps_are_a_list(value, gaps):
    assert elsewhere.gaps(value) == gaps


def test_a_group_s_variable_is_read_whatever_hosts_it_has(tmp_path):
    play = APlay(tmp_path, INVENTORY, "web")
    task, task_vars = play.task()
    variables = HostVariables(task, task_vars, play.loader, {})
    assert variables.group("crs", "crs_inventory_errors") == ["gap"]
    assert variables.group("crs", "nothing") is None and variables.group("nobody", "crs_inventory_errors") is None


# With --limit, as without ------------------------------------------------------------------------------------------

EVERYBODY = """
all:
  vars: {crs_region: %s, crs_instance_id: '%s', regions: {crs-sh1: ap-tokyo}, ids: {crs-sh1: crs-x}}
  children:
    sh: {hosts: {crs-sh1: }}
    gz: {vars: {crs_region: ap-guangzhou}, hosts: {crs-gz1: }}
    others: {hosts: {localhost: {ansible_connection: local}, bastion: }}
"""


@pytest.mark.parametrize(
    ("region", "instance_id", "claim"),
    [
        ("ap-shanghai", "", ("ap-shanghai", "crs-sh1")),
        # What all hosts have may come to something else for each of them.
        ("'{{ regions[inventory_hostname] }}'", "", ("ap-tokyo", "crs-sh1")),
        ("ap-shanghai", "{{ ids[inventory_hostname] }}", ("ap-shanghai", "crs-x")),
        ("'{{ nowhere }}'", "", None),
        ("soon", "", ("soon", "crs-sh1")),
    ],
)
def test_a_host_that_only_the_limit_leaves_out_leads_where_all_hosts_are(tmp_path, region, instance_id, claim):
    inventory = EVERYBODY % (region, instance_id)
    claims, gaps = said(tmp_path, ("crs-gz1",), inventory, pattern="sh:gz")
    assert [(one[2], one[4]) for one in claims if one[4] not in ("bastionlocalhost", "")] == ([claim] if claim else [])
    # Without --limit the run stops for what can't be evaluated, and looks nowhere.
    assert gaps == []


def looked_at(folder, inventory, pattern, limit, keyring):
    """Return the places at which an audit of the play's hosts looks, the ids that it knows by region, and its gaps."""
    play = APlay(folder, inventory, "all")
    play.inventory.subset(limit)
    task, task_vars = play.task()
    seen, scope = HostVariables(task, task_vars, play.loader, ROLE_DEFAULTS), Scope(OPTIONS, ROLE_DEFAULTS)
    targets, gaps = audit_action._in_scope(seen, scope, pattern, Scope.names(OPTIONS), seen.play_hosts[0])
    connections = run.connect_all(targets, keyring)
    claims, unread = elsewhere.claims(seen, scope, {target.host for target in targets}, pattern)
    found = places.inventory(claims, connections, keyring, gaps + unread)
    known = {where: set(ids) for where, ids in found.known.items()}
    for where, ids in run._audited(connections).items():
        known.setdefault(where, set()).update(ids)
    looks = {places.place(one.account, one.api) for one in (*connections, *found.ways)}
    return looks, {where: ids for where, ids in known.items() if ids}, found.gaps


REGIONS = st.sampled_from([None, None, "ap-shanghai", "gz", "'{{ where }}'", "'{{ regions[inventory_hostname] }}'"])
OWN = st.fixed_dictionaries(
    {},
    optional={
        "crs_region": st.sampled_from(["ap-tokyo", "'{{ where }}'"]),
        "crs_account": st.sampled_from(["shop", "pay"]),
        "crs_instance_id": st.sampled_from(["crs-x", "crs-y"]),
        "where": st.sampled_from(["ap-seoul", "ap-beijing"]),
    },
)
NAMES = [f"crs-{letter}" for letter in "abcdef"]


@st.composite
def inventories(draw):
    """Hosts in groups of their own region or of that of all hosts, and hosts that are something else."""
    region, regions = draw(REGIONS), flow(dict.fromkeys([*NAMES[:5], "bastion", "localhost"], "ap-seoul"))
    lines = ["all:", "  vars:", "    where: sh", f"    regions: {regions}"]
    lines += [f"    crs_region: {region}"] if region else []
    lines.append("  children:")
    groups: dict = {}
    for name in NAMES:
        groups.setdefault(draw(st.sampled_from(["crs", "sh", "gz"])), []).append((name, draw(OWN)))
    groups["others"] = [("localhost", {"ansible_connection": "local"}), ("bastion", {})]
    for group, hosts in groups.items():
        values = draw(OWN) if group != "others" else {}
        lines += [f"    {group}:", f"      vars: {flow(values)}", "      hosts:"]
        lines += [f"        {name}: {flow(own)}" for name, own in hosts]
    return "\n".join(lines) + "\n"


def flow(values):
    return "{" + ", ".join(f"{name}: {value}" for name, value in values.items()) + "}"


def test_a_limit_changes_nothing_of_where_coverage_looks_and_what_it_knows(tmp_path_factory):
    """As far as the inventory says it, and where the run without it gets so far."""
    keyring = Keyring(
        {"TENCENTCLOUD_SECRET_ID": "AKIDmadeup", "TENCENTCLOUD_SECRET_KEY": "madeupElsewhereKey"}, home="/nowhere"
    )
    folder, looked = tmp_path_factory.mktemp("inventories"), Counter()

    @examples(few=25)
    @given(
        inventories(),
        st.sampled_from(["all:!others", "crs", "sh:gz", "all"]),
        st.sampled_from(NAMES),
        st.integers(1, 5),
    )
    def any_inventory(inventory, pattern, first, number):
        try:
            whole = looked_at(folder, inventory, pattern, None, keyring)
        except (InvalidOption, AnsibleActionFail):
            whole = None
        limit = [name for name in NAMES if name >= first][:number]
        try:
            limited = looked_at(folder, inventory, pattern, ",".join(limit), keyring)
        except (InvalidOption, AnsibleActionFail) as error:
            # None of them is in scope.
            assert whole is None or "0 hosts of the play match" in str(error)
            limited = whole
        assert limited == whole or whole is None
        looked[bool(whole) and len(whole[0])] += limited is not whole

    any_inventory()
    assert sum(count for number, count in looked.items() if number > 1) > 5, looked
