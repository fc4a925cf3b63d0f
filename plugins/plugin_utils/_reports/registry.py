# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All reports, in their order. Written by make entries. Private to this collection."""

from __future__ import annotations

from .html.page import REPORT as PAGE_REPORT
from .junit import REPORT as JUNIT_REPORT
from .ocsf import REPORT as OCSF_REPORT
from .prometheus import REPORT as PROMETHEUS_REPORT
from .report_type import Report

REPORTS: tuple[Report, ...] = (
    PAGE_REPORT,
    JUNIT_REPORT,
    PROMETHEUS_REPORT,
    OCSF_REPORT,
)
