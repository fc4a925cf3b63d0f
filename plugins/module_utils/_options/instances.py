# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances a user wants: the options, once for module and inventory. Their documentation is the fragment ``instances``.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.base import Api
from .._api.instances import STATUS_WORDS, Wanted
from .._errors import InvalidOption
from .connection import Options


def filter_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec."""
    return {
        "statuses": {"type": "list", "elements": "str", "choices": list(STATUS_WORDS)},
        "tags": {"type": "dict"},
        "name": {"type": "str"},
        "project_ids": {"type": "list", "elements": "int"},
    }


def wanted(options: Options, api: Api) -> Wanted:
    """Return the Wanted of options. Raises InvalidOption for values that the API can't filter by."""
    tags = _tags(options.get("tags") or {})
    if tags and not api.knows_tags:
        raise InvalidOption("tags are set, but API 2.0 does not support tags of instances: remove them, or use v3")
    return Wanted(
        tuple(options.get("statuses") or ()), tags, options.get("name") or None, tuple(options.get("project_ids") or ())
    )


def _tags(tags: Mapping[Any, Any]) -> dict[str, str]:
    for name, value in tags.items():
        # As a text, these would be a value that no tag has, and match nothing.
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            found = "a dict or list" if isinstance(value, (dict, list)) else repr(value)  # one may hold a secret
            raise InvalidOption(f"tags.{name} is {found}, which is not a text: write it in quotes")
    return {str(name): str(value) for name, value in tags.items()}
