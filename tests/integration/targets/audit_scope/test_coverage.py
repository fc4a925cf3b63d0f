# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances of the account that the inventory does not have."""

from __future__ import annotations

import yaml
from audit_runner import REGIONS, failed_hosts, host


class TestCoverage:
    def forget(self, audit):
        """Leave two instances out of the inventory."""
        data = yaml.safe_load((audit.folder / "hosts.yml").read_text(encoding="utf-8"))
        for version in REGIONS:
            del data["crs"]["children"][version]["hosts"][host(version, "healthy")]
        audit.write("hosts.yml", data)

    def missing(self, audit):
        return {entry["region"]: entry["not_in_inventory"] for entry in audit.record["coverage"]}

    def test_instances_that_nobody_audits_are_reported(self, audit):
        self.forget(audit)
        done = audit.run(crs_backup_policy_fail="once", crs_backup_policy_coverage_regions=["ap-tokyo"])
        missing = {region: [host(version, "healthy")] for version, region in REGIONS.items()}
        # Looked at beside those of the audit.
        assert self.missing(audit) == {**missing, "ap-tokyo": []}
        assert "1 instance of ap-shanghai is not in the inventory: crs-v2healthy" in done.stdout
        assert "not audited" not in "".join(failed_hosts(done.stdout))

    def test_and_fail_the_run_on_demand(self, audit):
        audit.inventory(["halfold", "young"])
        done = audit.run(crs_backup_policy_coverage="fail")
        assert done.returncode == 2
        assert "(crs_backup_policy_coverage)" in done.stdout

    def test_a_pattern_does_not_make_the_rest_uncovered(self, audit):
        """Hosts of other groups are in the inventory, whomever this run audits."""
        done = audit.run(crs_audit_hosts="crs-v2halfold:crs-v3halfold", crs_backup_policy_coverage="fail")
        assert done.returncode == 0, done.stdout
        assert self.missing(audit) == {region: [] for region in REGIONS.values()}
        assert all(len(entry["not_audited"]) > 8 for entry in audit.record["coverage"])
