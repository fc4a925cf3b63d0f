# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: a pure function of the record. Private to this collection."""

from __future__ import annotations

import os

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ansible_collections.qcloud.crs.plugins.module_utils._times import say_duration

_TEMPLATES = os.path.join(os.path.dirname(__file__), "..", "..", "roles", "crs_backup_policy", "templates")


def render(record):
    """Return the HTML text. All text of the record is escaped: names and remarks are somebody else's."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = say_duration
    return environment.get_template("report.html.j2").render(record=record)
