# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a test during which the clock was set back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.qcloud.crs.plugins.module_utils._options.connection import connection_spec
from ansible_collections.qcloud.crs.plugins.plugin_utils._record import schema
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import consistency, options, record, run
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.outcomes import NotPassed


def test_it_does_not_contradict_itself():
    checked = ArgumentSpecValidator({**connection_spec(), **options.SPEC}).validate({"instance_id": "crs-one00001"})
    asked = record.Asked(options.parse(checked.validated_parameters), 1, None)
    report = run.Report()
    report.end(NotPassed("no_backup"))
    report.wiped = True
    origin = record.Origin("crs-one00001", None, "ap-guangzhou", "v3", "https://redis.tencentcloudapi.com")
    began = datetime.now(timezone.utc) + timedelta(hours=1)
    made = record.build(origin, asked, report, None, began)
    assert made["started_at"] == made["evaluated_at"] == made["wiped_at"]
    assert schema.fault(made, record.schema()) is None and consistency.contradiction(made) is None
