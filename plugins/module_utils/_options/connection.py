# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection's options, once for every module and plugin. Their documentation is the fragment ``connection``.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import InvalidOption

#: ``{option: value}``, with the types of ``connection_spec()``.
Options = Mapping[str, Any]

#: option: (lowest, highest) for numbers, bounds included.
_BOUNDS: dict[str, tuple[float, float]] = {
    "timeout": (1, 600),
    "retries": (0, 20),
    "requests_per_second": (0, 1000),
    "concurrency": (1, 64),
}
#: Slower than this, a page would take longer than a person waits.
_MIN_REQUESTS_PER_SECOND = 0.1


def connection_spec() -> dict[str, dict[str, Any]]:
    """Return the argument spec. Region and key pair also come from the environment, which ``_connection`` reads."""
    return {
        "api_version": {"type": "str", "choices": ["v3", "v2"], "default": "v3"},
        "region": {"type": "str"},
        "secret_id": {"type": "str"},
        "secret_key": {"type": "str", "no_log": True},
        "token": {"type": "str", "no_log": True},
        "env_prefix": {"type": "str"},
        "profile": {"type": "str"},
        "use_instance_role": {"type": "bool", "default": False},
        "role_arn": {"type": "str"},
        "role_session_name": {"type": "str"},
        "sts_endpoint": {"type": "str"},
        "endpoint": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "int", "default": 30},
        "retries": {"type": "int", "default": 5},
        "requests_per_second": {"type": "float", "default": 20},
        "concurrency": {"type": "int", "default": 8},
        "timezone": {"type": "str", "default": "+08:00"},
    }


def check_bounds(options: Options, bounds: Mapping[str, tuple[float, float]] | None = None) -> None:
    """Raise InvalidOption for a number out of bounds, before any request."""
    for name, (lowest, highest) in (bounds or _BOUNDS).items():
        value = options[name]
        if name == "requests_per_second" and 0 < value < _MIN_REQUESTS_PER_SECOND:
            raise InvalidOption(
                f"{name} is {value}: use 0 for no limit, or a number from {_MIN_REQUESTS_PER_SECOND} to {highest}"
            )
        # "not within" also catches NaN, which compares false with everything.
        if not lowest <= value <= highest:
            raise InvalidOption(f"{name} is {value}: use a number from {lowest} to {highest}")
