# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts Ansible may evaluate: ours, and none of the cloud's. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template
except ImportError:  # pragma: no cover: ansible-core before 2.19 evaluates whatever isn't marked
    trust_as_template = None

#: What stands for an omitted value where Ansible doesn't provide it: in a play it does, in an inventory before 2.19 it doesn't.
OMIT = None if trust_as_template else f"__omit_place_holder__{uuid4().hex}"


def trusted(text: str) -> str:
    """Return a text of ours as one that may be evaluated."""
    marked: str = trust_as_template(text) if trust_as_template else text
    return marked


def data(value: Any) -> Any:
    """Return a value of the API's as one that is never evaluated.

    Every text, braces or not: a header can name other braces, and parts that are harmless can be joined.
    """
    if isinstance(value, dict):
        return {data(name): data(item) for name, item in value.items()}
    if isinstance(value, list):
        return [data(item) for item in value]
    return wrap_var(value) if isinstance(value, str) else value


def holds(templar: Any, condition: str, variables: Mapping[str, Any]) -> bool:
    """Return whether a condition of the user's holds, as in ``when``."""
    templar.available_variables = variables
    if hasattr(templar, "evaluate_conditional"):  # pragma: no cover: ansible-core 2.19 and newer
        return bool(templar.evaluate_conditional(condition))
    text = f"{{% if {condition} %}}True{{% else %}}False{{% endif %}}"  # pragma: no cover: ansible-core before 2.19
    return bool(boolean(templar.template(text)))  # pragma: no cover: the same
