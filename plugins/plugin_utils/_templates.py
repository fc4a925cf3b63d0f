# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts Ansible may evaluate: ours, and none of the cloud's. Private to this collection."""

from __future__ import annotations

from uuid import uuid4

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.errors import AnsibleValueOmittedError
    from ansible.template import trust_as_template
except ImportError:  # pragma: no cover: ansible-core before 2.19 evaluates whatever isn't marked
    from ansible.template import AnsibleNativeEnvironment

    trust_as_template = None
    #: Stands for what is omitted; nobody can guess it.
    _OMIT = f"__omit_place_holder__{uuid4().hex}"

    class AnsibleValueOmittedError(Exception):  # type: ignore[no-redef]
        """Never raised there."""


class Omitted(Exception):
    """A value that its template says is not set: it is omitted, or none."""


def trusted(text):
    """Return a text of ours as one that may be evaluated."""
    return trust_as_template(text) if trust_as_template else text


def data(value):
    """Return a value of the API's as one that is never evaluated.

    Every text, braces or not: a header can name other braces, and parts that are harmless can be joined.
    """
    if isinstance(value, dict):
        return {data(name): data(one) for name, one in value.items()}
    if isinstance(value, list):
        return [data(one) for one in value]
    return wrap_var(value) if isinstance(value, str) else value


def holds(templar, condition, variables):
    """Return whether a condition of the user's holds, as in ``when``."""
    templar.available_variables = variables
    if hasattr(templar, "evaluate_conditional"):  # pragma: no cover: ansible-core 2.19 and newer
        return templar.evaluate_conditional(condition)
    text = f"{{% if {condition} %}}True{{% else %}}False{{% endif %}}"  # pragma: no cover: ansible-core before 2.19
    return boolean(templar.template(text))  # pragma: no cover: the same


def evaluated(templar, value, variables):
    """Return a value of the user's with all of its templates evaluated, the same on all versions of ansible-core.

    Raises Omitted for one that is not set; what is not set in a dict or list is left out of it.
    """
    if isinstance(value, dict):
        pairs = ((name, _or_omitted(templar, one, variables)) for name, one in value.items())
        return {name: one for name, one in pairs if one is not Omitted}
    if isinstance(value, list):
        return [one for one in (_or_omitted(templar, one, variables) for one in value) if one is not Omitted]
    if not isinstance(value, str):
        return value
    if trust_as_template:
        templar.available_variables = variables
        try:
            found = templar.template(value)
        except AnsibleValueOmittedError:
            raise Omitted from None
    else:  # pragma: no cover: ansible-core before 2.19
        found = _evaluated_by_old(templar, value, variables)
    if found is None:
        raise Omitted
    return found


def _or_omitted(templar, value, variables):
    try:
        return evaluated(templar, value, variables)
    except Omitted:
        return Omitted


def _evaluated_by_old(templar, value, variables):  # pragma: no cover: ansible-core before 2.19
    """Return what a template gives, None too, of which those versions make a blank text. Raises Omitted."""
    templar.available_variables = {**variables, "omit": _OMIT}
    found = templar.template(value)
    if found == "":
        native = templar.copy_with_new_env(environment_class=AnsibleNativeEnvironment, finalize=lambda one: one)
        return None if native.template(value) is None else found
    return _without_omitted(found)


def _without_omitted(value):  # pragma: no cover: ansible-core before 2.19
    if isinstance(value, dict):
        return {name: _without_omitted(one) for name, one in value.items() if one != _OMIT}
    if isinstance(value, list):
        return [_without_omitted(one) for one in value if one != _OMIT]
    if isinstance(value, str):
        if value == _OMIT:
            raise Omitted
        return value.replace(_OMIT, "")
    return value
