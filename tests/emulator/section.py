# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a mapping that people write: known keys, right types, and errors that name the key."""

from __future__ import annotations

from .errors import FleetError

REQUIRED = object()


class Section:
    """One mapping of the fleet file. `where` is its path, such as `instances[3].backups[0]`."""

    def __init__(self, where, mapping, known):
        if not isinstance(mapping, dict):
            raise FleetError("%s: expected a mapping, got %s" % (where or "fleet", type(mapping).__name__))
        self.where = where
        self.mapping = mapping
        for key in mapping:
            if key not in known:
                raise FleetError("%s: unknown key (known: %s)" % (self.path(key), ", ".join(sorted(known))))

    def path(self, key):
        """The full name of one of its keys."""
        return "%s.%s" % (self.where, key) if self.where else str(key)

    def raw(self, key, default=REQUIRED):
        """The value as written; an absent or null key gives the default."""
        value = self.mapping.get(key)
        if value is not None:
            return value
        if default is REQUIRED:
            raise FleetError("%s: is required" % self.path(key))
        return default

    def convert(self, key, convert, default=REQUIRED):
        """The value through a function that raises ValueError; a default is converted too, unless it is None."""
        value = self.raw(key, default)
        try:
            return value if value is None else convert(value)
        except (ValueError, TypeError) as error:
            raise FleetError("%s: %s" % (self.path(key), error)) from None

    def text(self, key, default=REQUIRED):
        """A text; nothing else is taken for one, so `id: 123` is an error and not a surprise."""
        return self._typed(key, str, "a text", default)

    def flag(self, key, default=REQUIRED):
        """True or false."""
        return self._typed(key, bool, "true or false", default)

    def number(self, key, default=REQUIRED, whole=True):
        """A number, whole unless said otherwise."""
        value = self.raw(key, default)
        kinds = int if whole else (int, float)
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise FleetError("%s: expected a number, got %r" % (self.path(key), value))
        return value

    def choice(self, key, words, default=REQUIRED):
        """One of some words."""
        value = self.raw(key, default)
        if not isinstance(value, str) or value not in words:
            raise FleetError("%s: %r is none of %s" % (self.path(key), value, ", ".join(words)))
        return value

    def items(self, key, default=()):
        """(path, item) of each item of a list."""
        value = self._typed(key, (list, tuple), "a list", default)
        return [("%s[%d]" % (self.path(key), index), item) for index, item in enumerate(value)]

    def texts(self, key, default=()):
        """A list of texts."""
        found = self.items(key, default)
        for where, item in found:
            if not isinstance(item, str):
                raise FleetError("%s: expected a text, got %r" % (where, item))
        return [item for where, item in found]

    def table(self, key, default=None):
        """A mapping of free keys."""
        return self._typed(key, dict, "a mapping", default or {})

    def _typed(self, key, kind, words, default):
        value = self.raw(key, default)
        if value is not None and not isinstance(value, kind):
            raise FleetError("%s: expected %s, got %r" % (self.path(key), words, value))
        return value
