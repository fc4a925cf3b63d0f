# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real node_exporter over a folder with the metrics of two audits: it shows both of them, whole."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import threading
import urllib.request
from datetime import timedelta

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._reports import prometheus
from ansible_collections.qcloud.crs.tests.reports.records import every_kind
from ansible_collections.qcloud.crs.tests.unit.plugins.plugin_utils.builders import NOW

EXPORTER = shutil.which("prometheus-node-exporter")


@contextlib.contextmanager
def exporter(folder):
    """Run node_exporter with nothing but a folder of text files, and yield its address."""
    if not EXPORTER:
        if os.environ.get("CI") == "true":
            pytest.fail("node_exporter is missing: install Debian's package prometheus-node-exporter")
        pytest.skip("expected: node_exporter is missing (Debian's package prometheus-node-exporter has it)")
    command = [
        EXPORTER,
        "--collector.disable-defaults",
        "--collector.textfile",
        f"--collector.textfile.directory={folder}",
        "--web.disable-exporter-metrics",
        "--web.listen-address=127.0.0.1:0",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        try:
            # It ends with that line, or with its own end.
            listening = next((line for line in process.stderr if "Listening on" in line), "")
            (address,) = re.findall(r"127\.0\.0\.1:\d+", listening)
            # It writes a line for each duplicate series. If nothing reads the pipe, the pipe fills up, and the program waits.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield f"http://{address}/metrics"
        finally:
            process.kill()


def scraped(folder):
    """Return the lines of samples that node_exporter shows, and whether it says that all is well."""
    with exporter(folder) as address, urllib.request.urlopen(address, timeout=60) as answer:
        lines = [line for line in answer.read().decode("utf-8").splitlines() if line[0] != "#"]
    return [line for line in lines if line.startswith("crs_")], "node_textfile_scrape_error 0" in lines


def put(folder, **records):
    """Write the metrics of records to a folder, and return all samples."""
    samples = []
    for name, record in records.items():
        text = "".join(prometheus.parts(record))
        (folder / f"crs-backup-{name}.prom").write_text(text, encoding="utf-8")
        samples += [line for line in text.splitlines() if line[0] != "#"]
    return samples


def value(sample):
    """Return a sample with its number as a float: node_exporter writes large ones in another way."""
    series, _space, number = sample.rpartition(" ")
    return series, float(number)


def labels(sample):
    """Return a sample with its labels in order."""
    series, number = value(sample)
    name, _brace, inside = series.partition("{")
    return name, tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', inside))), number


def test_two_audits_in_one_folder_are_both_scraped(tmp_path):
    """One of them a day ago: its age shows beside the fresh one."""
    prod, dr = every_kind(audit="prod").record(), every_kind(NOW - timedelta(days=1), audit="dr").record()
    samples = put(tmp_path, prod=prod, dr=dr)
    found, well = scraped(tmp_path)
    assert well
    assert sorted(map(labels, found)) == sorted(map(labels, samples))
    ages = {line for line in found if line.startswith("crs_backup_last_evaluation_timestamp_seconds")}
    assert len(ages) == 2 and len({value(line)[1] for line in ages}) == 2


def test_two_audits_of_one_name_hide_each_other(tmp_path):
    """So that names are needed: of each pair of equal series one is left out, such as the age of the older audit."""
    samples = put(tmp_path, a=every_kind().record(), b=every_kind(NOW - timedelta(days=1)).record())
    try:
        found, _well = scraped(tmp_path)
    except urllib.error.HTTPError as error:  # or the answer to all of them is an error
        assert error.code == 500
    else:
        assert len(found) < len(samples)
