# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which templates give the same for many hosts, so that they are evaluated once. Private to this collection.

Only those that put other variables into a text, for all that they depend on is plain to see: none with a lookup or another
call, a filter other than ``default``, an attribute or a block.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

try:
    from ansible.parsing.vault import EncryptedString
except ImportError:  # pragma: no cover: ansible-core before 2.19
    from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode as EncryptedString

_NAME = r"([A-Za-z_]\w*)"
_PLACE = re.compile(r"\{\{\s*" + _NAME + r"\s*(?:\|\s*default\(\s*(?:'[^'{}\\]*'|" + _NAME + r")\s*\)\s*)?\}\}")
#: How many variables may refer to each other in a chain.
MAX_DEPTH = 10


class Repeated:
    """Tells templates by what they depend on."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, list[str] | None]] = {}
        self._vaulted: dict[int, Any] = {}

    def key(self, template: Any, variables: Mapping[str, Any], depth: int = 0) -> tuple[Any, ...] | None:
        """Return what decides the value of a template over these variables, or None if that is unknown."""
        names = self._read(template)
        if names is None or depth == MAX_DEPTH:
            return None
        # By identity: the same text may be trusted here, and not there.
        key: list[Any] = [id(template)]
        for name in names:
            value = variables.get(name, self)
            if isinstance(value, str) and ("{" in value or value.startswith("#jinja2:")):
                value = self.key(value, variables, depth + 1)
                if value is None:
                    return None
            elif isinstance(value, str):
                value = str.__str__(value)
            elif is_vaulted(value):
                # By identity, too: to decrypt takes longer than anything else here.
                self._vaulted[id(value)] = value
                value = id(value)
            elif value is not self and value is not None and not isinstance(value, (int, float)):
                return None
            # One, true and 1.0 are equal, and read differently.
            key.append(repr(value) if isinstance(value, (int, float)) else (type(value), value))
        return tuple(key)

    def _read(self, template: Any) -> list[str] | None:
        """Return the names that a template puts in, or None if it does anything else."""
        if not isinstance(template, str):
            return None
        known = self._names.get(id(template))
        if known is None:
            names = [name for places in _PLACE.findall(template) for name in places if name]
            simple = "{" not in _PLACE.sub("", template) and not template.startswith("#jinja2:")
            # With the template itself, so that no other one gets its identity.
            known = self._names[id(template)] = (template, names if simple else None)
        return known[1]


def is_vaulted(value: object) -> bool:
    """Tell whether a value is one that ``ansible-vault encrypt_string`` wrote."""
    return isinstance(value, EncryptedString)
