# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the raw value of a variable to a plain value, by Ansible's templates and vault. Private to this collection.

What differs between versions of ansible-core is here, so that a template gives the same on all of them: what is omitted,
null values, and vaulted values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible.template import Templar

from .repeated import Repeated, is_vaulted

try:
    from ansible.errors import AnsibleValueOmittedError
except ImportError:  # pragma: no cover: ansible-core before 2.19

    class AnsibleValueOmittedError(Exception):  # type: ignore[no-redef]
        """Never raised there: a placeholder stands for what is omitted."""


try:
    from ansible.template import AnsibleNativeEnvironment
except ImportError:
    # From ansible-core 2.19 on there is one environment, which tells none from an empty text.
    AnsibleNativeEnvironment = None


class Template(Exception):
    """A value that Ansible has to evaluate before it is one."""


class Omitted(Exception):
    """A value that a template says is not set."""


class Renderer:
    """Evaluates templates. ``placeholder`` is what stands for an omitted value before ansible-core 2.19."""

    def __init__(self, loader: Any, placeholder: Any) -> None:
        # One of its own: in a copy of the task's, lookups of older versions still see the variables of the task's host.
        self.templar = Templar(loader=loader)
        self._placeholder = placeholder if isinstance(placeholder, str) else ""
        self._decrypted: dict[int, tuple[Any, str]] = {}
        self._repeated = Repeated()
        self._known: dict[tuple[Any, ...], Any] = {}

    def use(self, variables: dict[str, Any]) -> None:
        """Evaluate over these variables from now on."""
        self.templar.available_variables = variables

    def render(self, value: Any) -> Any:
        """Return the plain value of a template. Raises Omitted, or AnsibleError for what can't be evaluated."""
        # Part by part, so that none and omit are the same at any depth.
        if isinstance(value, dict):
            return {_text(name): part for name, part in self._there(value.items())}
        if isinstance(value, list):
            return [part for _place, part in self._there(enumerate(value))]
        key = self._repeated.key(value, self.templar.available_variables)
        if key is None:
            return self._evaluated(value)
        if key not in self._known:
            try:
                self._known[key] = self._evaluated(value)
            except Omitted:
                self._known[key] = Omitted
        if self._known[key] is Omitted:
            raise Omitted
        return self._known[key]

    def _there(self, parts: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        """Yield the rendered parts of a value, without those that are omitted."""
        for name, part in parts:
            try:
                yield name, self.render(part)
            except Omitted:
                pass

    def _evaluated(self, value: Any) -> Any:
        try:
            found = self.templar.template(value, fail_on_undefined=True)
        except AnsibleValueOmittedError:
            raise Omitted from None
        if AnsibleNativeEnvironment and isinstance(found, str) and not found:  # pragma: no cover: before 2.19
            found = self._none_or_blank(value)
        found = self._plain(found)
        if self._placeholder:  # pragma: no cover: ansible-core before 2.19
            found = self._without_omitted(found)
        return found

    def _none_or_blank(self, value: Any) -> Any:  # pragma: no cover: ansible-core before 2.19
        """Return None if that is what a template gives, of which older versions make an empty text."""
        native = self.templar.copy_with_new_env(
            environment_class=AnsibleNativeEnvironment, finalize=lambda value: value
        )
        return None if native.template(value, fail_on_undefined=True) is None else ""

    def _plain(self, value: Any) -> Any:
        """Return what a template gave with every part of Python's own types: Ansible has classes of its own for most."""
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, dict):
            return {_text(name): self._plain(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._plain(part) for part in value]
        if isinstance(value, (int, float)):
            return _number(value)
        if is_vaulted(value):  # pragma: no cover: ansible-core before 2.19
            return self._decrypt(value)
        return value

    def _decrypt(self, value: Any) -> str:  # pragma: no cover: ansible-core before 2.19
        """Decrypt each value once: that takes long, and a fleet shares one."""
        if id(value) not in self._decrypted:
            # With the value itself, so that no other one gets its identity.
            self._decrypted[id(value)] = (value, str(value))
        return self._decrypted[id(value)][1]

    def _without_omitted(self, value: Any) -> Any:  # pragma: no cover: ansible-core before 2.19
        """Return a value without what is omitted, as newer versions return it at once."""
        if value == self._placeholder:
            raise Omitted
        if isinstance(value, str):
            return value.replace(self._placeholder, "")
        if isinstance(value, dict):
            return {name: self._without_omitted(part) for name, part in value.items() if part != self._placeholder}
        if isinstance(value, list):
            return [self._without_omitted(part) for part in value if part != self._placeholder]
        return value


def plain(value: Any) -> Any:
    """Return a value whose every part is of Python's own types. Raises Template where one may have to be evaluated."""
    if value is None or isinstance(value, (bool, int, float)):
        return _number(value)
    if isinstance(value, str):
        # The header may name other marks than braces.
        if "{" in value or value.startswith("#jinja2:"):
            raise Template
        return _text(value)
    if isinstance(value, dict):
        return {_text(name): plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    # A time, or what is vaulted.
    raise Template


def data(value: Any) -> Any:
    """Return a value whose every part is of Python's own types; no text in it is evaluated."""
    if isinstance(value, dict):
        return {_text(name): data(part) for name, part in value.items()}
    if isinstance(value, list):
        return [data(part) for part in value]
    return _text(value)


def _text(value: Any) -> Any:
    """Return a text as one of Python's own, and any other name unchanged: Ansible does not evaluate names."""
    return str.__str__(value) if isinstance(value, str) else value


def _number(value: Any) -> Any:
    """Return a number, a flag or None as one of Python's own."""
    if type(value) in (type(None), bool, int, float):
        return value
    return int(value) if isinstance(value, int) else float(value)
