# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All sources of key pairs, in their order. Written by make entries. Private to this collection."""

from __future__ import annotations

from .environment import SOURCE as ENVIRONMENT_SOURCE
from .instance_role import SOURCE as INSTANCE_ROLE_SOURCE
from .options import SOURCE as OPTIONS_SOURCE
from .profiles import DEFAULT as PROFILES_DEFAULT
from .profiles import NAMED as PROFILES_NAMED
from .source_type import Finder
from .web_identity import SOURCE as WEB_IDENTITY_SOURCE

FINDERS: tuple[Finder, ...] = (
    OPTIONS_SOURCE,
    PROFILES_NAMED,
    ENVIRONMENT_SOURCE,
    PROFILES_DEFAULT,
    INSTANCE_ROLE_SOURCE,
    WEB_IDENTITY_SOURCE,
)
