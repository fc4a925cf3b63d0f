# Copyright (c) 2026 qcloud.crs contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: crs
short_description: Inventory of Tencent Cloud Redis (CRS) instances
version_added: 0.1.0
author:
  - qcloud.crs contributors (@qcloud-crs)
description:
  - Creates a host for each instance in the configured accounts and regions. Host variables hold its attributes and the
    connection settings for the collection's role and modules. The name of the inventory file must end in V(.crs.yml) or
    V(.crs.yaml).
  - Nothing ever connects to these hosts. They have C(ansible_connection=local) and use the Python of the controller.
  - All hosts are in the group C(crs).
  # the sources of key pairs, written by make entries from plugins/module_utils/_credentials
  - The key pair is searched for, in this order, in the named O(profile), or the environment variables with the
    prefix O(env_prefix); the environment variables E(TENCENTCLOUD_SECRET_ID) and E(TENCENTCLOUD_SECRET_KEY),
    with E(TENCENTCLOUD_TOKEN) (or E(TENCENTCLOUD_SECURITY_TOKEN)) if the pair is temporary; the profile that
    E(TCCLI_PROFILE) names, or V(default); with O(use_instance_role=true), the role of the virtual machine that
    Ansible runs on; in the vendor's Kubernetes, the role of the pod's service account, by E(TKE_REGION),
    E(TKE_PROVIDER_ID), E(TKE_WEB_IDENTITY_TOKEN_FILE) and E(TKE_ROLE_ARN).
  # the end of the sources of key pairs
  - There are no options for the key pair itself, since it would end up in the variables of every host.
  - Host names are unique. If O(hostnames) gives two instances the same name, or an instance the name of a group or of
    a host of another source, the source fails with an error that names them. If two accounts list the same instance of
    one cloud, the account whose name sorts first is used, an account without a name before all others, whatever their
    order in O(accounts). An instance whose id cannot be used as a host name is left out with a warning.
  - The group C(crs) has the variable C(crs_inventory_places). It tells the audit's coverage which accounts and regions were
    listed, including those without a host.
  - Each option except O(include), O(exclude), O(compose), O(groups) and O(keyed_groups) may be a template or contain
    templates; a template may also give a list or dict. The available variables are those of C(-e). C(omit) and C(none)
    mean that an option is not set.
  - When a source fails, Ansible continues with the other sources, if any, and exits with status 0, unless
    E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) is set. The playbook C(qcloud.crs.audit) fails if the inventory is empty
    or has hosts for fewer instances than C(crs_backup_policy_min_hosts).
extends_documentation_fragment:
  - qcloud.crs.connection.common
  - qcloud.crs.instances
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Name of this plugin, to identify the file.
    type: str
    required: true
    choices:
      - qcloud.crs.crs
  regions:
    description:
      - The regions to list, as long codes (V(ap-guangzhou)) or short codes (V(gz)), for all O(accounts) without their own.
      - V(all), as the only entry, stands for all regions in which the vendor sells Redis. It requires API 3.0,
        permission for C(DescribeProductInfo), and one request per region. O(strict_regions) applies to regions that
        cannot be listed.
      - If not set, the region of the named O(profile), the environment variable E(TENCENTCLOUD_REGION) or the region
        of the default profile is used.
    type: list
    elements: str
  accounts:
    description:
      - The accounts to list. Each entry may have a C(name) for reports, its own C(regions), and its own connection
        options (O(profile), O(env_prefix), O(role_arn), O(api_version), O(endpoint) and so on). The options of the file
        are the defaults.
      - If not set, there is one account, with the options of the file.
    type: list
    elements: dict
  include:
    description:
      - Jinja2 conditions over the host's variables, as in C(when). If set, only hosts that meet at least one of them are kept.
      - A condition that cannot be evaluated is an error, whatever O(strict) is.
    type: list
    elements: str
  exclude:
    description:
      - Jinja2 conditions over the host's variables. Hosts that meet at least one of them are left out, even if O(include) matches.
    type: list
    elements: str
  hostnames:
    description:
      - Preferred host names. The first one that the instance has and that is a valid host name (letters, digits and
        V(_ . -)) is used, otherwise its id.
      - V(instance_id), V(instance_name), V(private_ip), or C(tag:KEY) for the value of a tag.
      - Anybody who may name or tag an instance can choose the name of its host, and therefore its C(host_vars), but
        cannot change the name of another host. If two names collide, the source fails. Rename one, put another
        preference first, or leave this option out to use ids.
      - Names of hosts from sources that were read before collide as well. Pass the files of this plugin last.
      - Instances in two clouds may have the same id. If both are in one file, use preferences that distinguish them.
    type: list
    elements: str
    default:
      - instance_id
  strict_regions:
    description:
      - Whether the source fails if an account or region cannot be listed.
      - With V(false), the account or region is left out with a warning, and the variable C(crs_inventory_errors) of
        the group C(crs) names it for the audit record, whichever hosts are audited. Such a result is not cached.
        Invalid options always fail.
      - C(crs_inventory_errors) also names a source of this plugin that failed, if an audit continues with the other sources.
    type: bool
    default: true
seealso:
  - module: qcloud.crs.crs_instance_info
  - module: qcloud.crs.crs_backup_audit
"""

EXAMPLES = r"""
---
# prod.crs.yml: running production instances in two regions, named by instance name, grouped by tag and region, with a policy
# by tag, cached for an hour. The account is that of the environment. Only "plugin" is required.
plugin: qcloud.crs.crs
regions:
  - ap-guangzhou
  - ap-shanghai
statuses:
  - running
tags:
  env: prod
exclude:
  - crs_instance_name is search('scratch')
hostnames:
  - instance_name
compose:
  crs_backup_policy_max_age: "'26h' if crs_tags.tier | default('') == 'gold' else '50h'"
groups:
  clusters: crs_architecture == 'cluster'
keyed_groups:
  - key: crs_tags.team
    prefix: team
  - key: crs_region
    separator: ""
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/crs-inventory
cache_timeout: 3600

# All regions, with options from the environment and from "-e stage=prod". Without the latter, tags is not set.
#
# plugin: qcloud.crs.crs
# regions: "{{ lookup('env', 'CRS_REGIONS') | default('all', true) | split(',') }}"
# tags: "{{ {'env': stage} if stage is defined else omit }}"

# Several accounts: a profile, a role that is assumed with it, and a private cloud with API 2.0, whose key pair is in
# PRIVATE_CLOUD_SECRET_ID and PRIVATE_CLOUD_SECRET_KEY.
#
# plugin: qcloud.crs.crs
# regions:
#   - ap-guangzhou
# accounts:
#   - name: shop
#     profile: audit
#   - name: payments
#     profile: audit
#     role_arn: qcs::cam::uin/100000000002:roleName/audit
#     regions:
#       - ap-guangzhou
#       - ap-singapore
#   - name: private
#     env_prefix: PRIVATE_CLOUD
#     api_version: v2
#     endpoint: redis.api.cloud.example.com
#     ca_path: /etc/pki/private-cloud.pem
#     regions:
#       - gz
"""

import hashlib
import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._api.base import Api
from ..module_utils._api.instances import InstanceRecord, Wanted
from ..module_utils._credentials.chain import Keyring
from ..module_utils._errors import BadResponse, CrsError, InvalidOption, MissingLibrary
from ..module_utils._options.instances import filter_spec, wanted
from ..plugin_utils import _unsafe
from ..plugin_utils._inventory import hosts as _inventory
from ..plugin_utils._inventory.hosts import Listed, Source
from ..plugin_utils._option_types import check_shapes
from ..plugin_utils._rendering.renderer import Omitted, Renderer

_GROUP = "crs"
#: Variables of the group, for the audit's coverage: which places were listed, and which could not be.
_PLACES = "crs_inventory_places"
_ERRORS = "crs_inventory_errors"
_PYTHON = "{{ ansible_playbook_python }}"
#: Variables that Ansible itself sets, to the first source that names a host.
_OF_SOURCE = ("inventory_file", "inventory_dir")
#: Options that are not evaluated here: Ansible evaluates them for each host, or reads them itself.
_EXPRESSIONS = ("plugin", "include", "exclude", "compose", "groups", "keyed_groups")

Found = TypeVar("Found")
#: The values of a host's variables, or of a file's options.
Values = dict[str, Any]
#: A place that couldn't be listed, as an entry of ``crs_inventory_errors``.
Gap = dict[str, Any]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc] # ansible-core has no types
    """Documented above. Hosts are made from records in one way, whether these are fresh or cached."""

    NAME = "qcloud.crs.crs"
    inventory: InventoryData

    def verify_file(self, path: str) -> bool:
        return path.endswith((".crs.yml", ".crs.yaml")) and bool(super().verify_file(path))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        config, self._path = None, path
        try:
            config = self._read_config_data(path)
            self._filters = _inventory.filters({name: self.get_option(name) for name in filter_spec()})
            self._include, self._exclude = (_conditions(config, name) for name in ("include", "exclude"))
            _inventory.check_hostnames(self.get_option("hostnames"))
            sources = self._sources()
            self._populate(self._listed(path, cache, sources, Keyring()))
        except CrsError as error:
            self._note([_inventory.failure(path, error)])
            raise AnsibleParserError(f"{path}: {error}") from error
        except AnsibleError as error:
            if config is not None:  # otherwise the file is another plugin's, or no YAML
                self._note([_inventory.failure(path, CrsError(str(error)))])
            raise

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Values | None = None) -> None:
        self._refuse_unknown(direct or {})
        direct = self._evaluated(direct or {})
        # Ansible's own check would print a value of the wrong type in full, and it may contain a key pair.
        check_shapes(direct, self.option_definitions)
        self._check_flags(direct)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _evaluated(self, config: Values) -> Values:
        """Return the file's options with their templates evaluated, without those that are omitted or null.

        The templates are the user's own. A text may be the template of a list or dict. Raises InvalidOption.
        """
        renderer = Renderer(self.loader, _unsafe.OMIT)
        renderer.use({**(self._vars or {}), **({"omit": _unsafe.OMIT} if _unsafe.OMIT else {})})
        options: Values = {}
        for name, value in config.items():
            try:
                found = value if name in _EXPRESSIONS else _without_none(renderer.render(value))
            except Omitted:
                continue
            except AnsibleError as error:
                raise InvalidOption(f"{name} can't be evaluated: {error}") from error
            if found is not None:
                options[name] = found
        return options

    def _refuse_unknown(self, config: Values) -> None:
        """Raise InvalidOption for unknown options: a misspelt filter would make the inventory larger, a misspelt region smaller."""
        unknown = sorted(str(name) for name in set(config) - set(self.option_definitions))
        if unknown:
            hint = "".join(
                f"; {name} would be in every host's variables: use env_prefix or profile"
                for name in unknown
                if name in _inventory.SECRETS
            )
            raise InvalidOption(f"unknown options {', '.join(unknown)}{hint}; ansible-doc -t inventory {self.NAME}")

    def _check_flags(self, options: Values) -> None:
        """Raise InvalidOption for a flag that is not a boolean: Ansible would take it for false, and turn off a protection."""
        for name in [name for name in options if self.option_definitions.get(name, {}).get("type") == "bool"]:
            try:
                boolean(options[name], strict=True)
            except TypeError:
                raise InvalidOption(f"{name} is {options[name]!r}: use true or false") from None

    def _sources(self) -> list[Source]:
        defaults = {name: self.get_option(name) for name in _inventory.OPTION_NAMES}
        return _inventory.sources(defaults, self.get_option("accounts"), self.get_option("regions"))

    def _listed(self, path: str, cache: bool, sources: list[Source], keyring: Keyring) -> list[Listed]:
        """Return the Listed of all sources, from the cache if it is enabled and still valid."""
        in_use = self.get_option("cache")
        key = self._key(path, sources)
        if in_use and cache:
            known = self._kept(key, sources, keyring)
            if known is not None:
                return known
        found, whole = self._read(sources, keyring)
        # Converted through JSON, so that runs with and without the cache have equal data.
        kept = json.loads(
            json.dumps(
                [
                    {"identity": _inventory.who(source, keyring), "listed": [place._asdict() for place in listed]}
                    for source, listed in zip(sources, found)
                ]
            )
        )
        if in_use and whole:
            self._cache[key] = kept
        return _unpacked(kept)

    def _key(self, path: str, sources: list[Source]) -> str:
        """Return the cache's key, which depends on the file's path and options."""
        asked = [[source._asdict() for source in sources], self._filters]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:16]
        return f"{self.get_cache_key(path)}_{digest}"

    def _kept(self, key: str, sources: list[Source], keyring: Keyring) -> list[Listed] | None:
        """Return what the cache has, or None if it has nothing, or data that was read with another key or from another place.

        Keys are compared as far as they are known without a request. Without credentials, any cached data is valid. Instance roles
        can't be distinguished.
        """
        try:
            kept = self._cache[key]
        except KeyError:
            return None
        try:
            for source, entry in zip(sources, kept):
                now = _inventory.who(source, keyring)
                if any(entry["identity"].get(name) != value for name, value in now.items()):
                    return None
            return _unpacked(kept) if len(kept) == len(sources) else None
        except (KeyError, TypeError, AttributeError):  # of another version of this plugin
            return None

    def _read(self, sources: list[Source], keyring: Keyring) -> tuple[list[list[Listed]], bool]:
        """Return ``(found, whole)``: for each source the Listed of its regions, and whether nothing is missing."""
        gaps: list[Gap] = []
        skipped: list[str] = []

        def attempt(ask: Callable[[], list[Found]], source: Source) -> list[Found]:
            try:
                return ask()
            except (InvalidOption, MissingLibrary):
                # strict_regions does not apply: this is not an error of the cloud.
                raise
            except CrsError as error:
                gaps.append(_inventory.gap(source, error, keyring))
                return []

        def skip(_instance_id: str, error: BadResponse) -> None:
            skipped.append(str(error))

        def places_of(source: Source) -> list[Source]:
            return attempt(lambda: _inventory.places(source, keyring), source)

        def listed_in(place: Source) -> list[Listed]:
            return attempt(lambda: [_inventory.read(place, self._wanted, keyring, skip)], place)

        found = [[listed for place in places_of(source) for listed in listed_in(place)] for source in sources]
        reasons = [f"{gap['account']}: {gap['error']['message']}" for gap in gaps]
        if gaps and self.get_option("strict_regions"):
            raise AnsibleParserError("; ".join(reasons))
        for reason in reasons:
            self.display.warning(f"left out of the inventory (strict_regions is false): {reason}")
        for reason in skipped:
            self.display.warning(reason)
        if gaps:
            self._note(_unsafe.data(gaps))
        return found, not gaps and not skipped

    def _note(self, gaps: list[Gap]) -> None:
        """Add gaps to those of other files, one for each place: errors are not compared, since each has its own request id.

        The failure of a whole source is kept, too: Ansible continues with the others, and their audit must not look complete.
        """
        self._add_to_group(
            _ERRORS, _unsafe.data(gaps), lambda gap, other: {**other, "error": None} == {**gap, "error": None}
        )

    def _forget_failure(self) -> None:
        """Remove this file's failure: Ansible reads a file again if this plugin is enabled both by name and by ``auto``."""
        gaps = self.inventory.groups[_GROUP].vars.get(_ERRORS, [])
        kept = [gap for gap in gaps if not _inventory.is_failure(gap, self._path)]
        if len(kept) < len(gaps):
            self.inventory.set_variable(_GROUP, _ERRORS, kept)

    def _add_to_group(
        self, variable: str, entries: Iterable[Values], alike: Callable[[Values, Values], bool] = operator.eq
    ) -> None:
        """Add entries to a list in a variable of the group. Other files may have added some before."""
        group = self.inventory.groups[self.inventory.add_group(_GROUP)]
        known = list(group.vars.get(variable, []))
        for entry in entries:
            if not any(alike(entry, other) for other in known):
                known.append(entry)
        self.inventory.set_variable(_GROUP, variable, known)

    def _wanted(self, api: Api) -> Wanted:
        return wanted(self._filters, api)

    def _populate(self, listed: list[Listed]) -> None:
        kept, twice = _inventory.unique([self._filtered(place) for place in listed])
        group = self.inventory.add_group(_GROUP)
        others = {name: host.vars for name, host in self.inventory.hosts.items()}
        groups = {
            *self.inventory.groups,
            *(self._sanitize_group_name(name) for name in self.get_option("groups") or ()),
        }
        named = _inventory.names(kept, self.get_option("hostnames"), others, groups)
        for note in twice:
            self.display.warning(note)
        self._take_over(self._made([(name, _values(record, place)) for name, record, place in named], group))
        self._forget_failure()
        self._add_to_group(_PLACES, [_unsafe.data(_inventory.way(place)) for place in listed])

    def _filtered(self, listed: Listed) -> Listed:
        """Return a Listed without what ``include`` and ``exclude`` leave out."""
        if not self._include and not self._exclude:
            return listed
        kept = [record for record in listed.records if self._is_kept(record["instance_id"], _values(record, listed))]
        return listed._replace(records=kept)

    def _made(self, hosts: Iterable[tuple[str, Values]], group: str) -> InventoryData:
        """Return a separate inventory of these hosts, so that an error leaves none of them in the real one."""
        real, self.inventory = self.inventory, InventoryData()
        self.inventory.current_source = real.current_source
        try:
            self.inventory.add_group(group)
            for host, values in hosts:
                self._add(host, group, values)
            made = self.inventory
        finally:
            self.inventory = real
        both = sorted(set(made.hosts) & {*made.groups, *real.groups})
        if both:
            # Ansible would apply the host's variables to the group.
            raise InvalidOption(
                f"{both[0]} is the name of a host and of a group that keyed_groups make: give these groups a prefix"
            )
        return made

    def _take_over(self, made: InventoryData) -> None:
        """Add the hosts and groups of our separate inventory to the real one."""
        for name in made.groups:
            self.inventory.add_group(name)
        for name, host in made.hosts.items():
            self.inventory.add_host(name)
            for variable, value in host.vars.items():
                if variable not in _OF_SOURCE:
                    self.inventory.set_variable(name, variable, value)
        for name, group in made.groups.items():
            for child in [*group.hosts, *group.child_groups]:
                self.inventory.add_child(name, child.name)

    def _is_kept(self, instance_id: str, values: Values) -> bool:
        def holds(conditions: Sequence[str]) -> bool:
            return any(_unsafe.holds(self.templar, condition, values) for condition in conditions)

        try:
            return not holds(self._exclude) and (not self._include or holds(self._include))
        except AnsibleError as error:
            # The host must be neither left out nor kept by mistake.
            raise AnsibleParserError(f"include or exclude can't be evaluated for {instance_id}: {error}") from error

    def _add(self, host: str, group: str, values: Values) -> None:
        self.inventory.add_host(host, group=group)
        connection = {
            "ansible_connection": _unsafe.trusted("local"),
            "ansible_python_interpreter": _unsafe.trusted(_PYTHON),
        }
        for name, value in {**connection, **values}.items():
            self.inventory.set_variable(host, name, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), values, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), values, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), values, host, strict=strict)


def _without_none(value: Any) -> Any:
    """Return a value without its null parts: they are not set."""
    if isinstance(value, dict):
        return {name: _without_none(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_none(part) for part in value if part is not None]
    return value


def _unpacked(kept: Iterable[Mapping[str, Any]]) -> list[Listed]:
    return [Listed(*(listed[name] for name in Listed._fields)) for entry in kept for listed in entry["listed"]]


def _values(record: InstanceRecord, listed: Listed) -> Values:
    values: Values = _unsafe.data(_inventory.variables(record, listed))
    return values


def _conditions(config: Values, name: str) -> list[str]:
    """Return the conditions of an option, which must be a list: Ansible would split a text at its commas. Raises InvalidOption."""
    value = config.get(name) or []
    if not isinstance(value, list):
        raise InvalidOption(f"{name} is {value!r}, which is not a list: write each condition as a separate entry")
    return value
