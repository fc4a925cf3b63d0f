# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action parameters: reading them with the service's strictness."""

from __future__ import annotations

from .errors import Refusal

MISSING = object()


def unflatten(pairs):
    """`Status.0=2&Status.1=4` -> {"Status": ["2", "4"]}, and `InstanceTags.0.TagKey` -> a list of mappings."""
    tree = {}
    for name, value in pairs.items():
        node, parts = tree, name.split(".")
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise Refusal("malformed", "parameter %s is both a value and a list" % name)
        node[parts[-1]] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(node):
    """Mappings with numbers for keys become lists."""
    if not isinstance(node, dict):
        return node
    if all(key.isdigit() for key in node):
        return [_listed(node[key]) for key in sorted(node, key=int)]
    return {key: _listed(value) for key, value in node.items()}


class Params:
    """`typed` is true for JSON bodies, where a number in quotes is an error, as it is for the service."""

    def __init__(self, values, typed):
        self.values = values
        self.typed = typed

    def refuse_unknown(self, known):
        for name in self.values:
            if name not in known:
                raise Refusal("unknown_parameter", "the parameter `%s` is not recognized" % name)

    def _value(self, name, default):
        value = self.values.get(name)
        if value is None:
            if default is MISSING:
                raise Refusal("missing", "the parameter `%s` is required" % name)
            return default
        return value

    def _number(self, name, value):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        digits = value[1:] if isinstance(value, str) and value.startswith("-") else value
        if self.typed or not isinstance(digits, str) or not digits.isdecimal() or len(digits) > 18:
            raise Refusal("parameter", "the parameter `%s` must be an integer" % name)
        return int(value)

    def integer(self, name, default=MISSING, low=0, high=None):
        value = self._number(name, self._value(name, default))
        if value < low or (high is not None and value > high):
            raise Refusal("parameter", "the parameter `%s` is out of range" % name)
        return value

    def text(self, name, default=MISSING):
        value = self._value(name, default)
        if value is not default and not isinstance(value, str):
            raise Refusal("parameter", "the parameter `%s` must be a string" % name)
        return value

    def _list(self, name):
        value = self._value(name, [])
        if not isinstance(value, list):
            raise Refusal("parameter", "the parameter `%s` must be a list" % name)
        return value

    def integers(self, name):
        return [self._number(name, item) for item in self._list(name)]

    def texts(self, name):
        for item in self._list(name):
            if not isinstance(item, str):
                raise Refusal("parameter", "the parameter `%s` must be a list of strings" % name)
        return self._list(name)

    def tags(self, name):
        """[(key, value)] of a list of TagKey/TagValue mappings."""
        for item in self._list(name):
            if not isinstance(item, dict) or "TagKey" not in item:
                raise Refusal("parameter", "the parameter `%s` must be a list of TagKey and TagValue" % name)
        return [(item["TagKey"], item.get("TagValue")) for item in self._list(name)]

    def time(self, name, zone):
        """Unix seconds of a bare timestamp; None if the parameter is absent."""
        value = self._value(name, None)
        try:
            return None if value is None else zone.seconds(value)
        except ValueError as error:
            raise Refusal("parameter", "the parameter `%s` is %s" % (name, error)) from None
