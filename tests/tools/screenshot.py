# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the pictures of the README from the demo's report: its head, and its days."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "crs-audit" / "report.html"
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 400_000

sys.path.insert(0, str(ROOT / "tests" / "browser"))

import chromium  # noqa: E402


def take(page, name, **options):
    path = IMAGES / name
    page.screenshot(path=path, **options)
    size = path.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"error: {name} has {size} bytes, the README wants at most {MOST_BYTES}")
    print(f"written: {path.relative_to(ROOT)}, {size} bytes")


def main():
    if not REPORT.exists():
        sys.exit("error: there is no report of the demo: run make demo first")
    if chromium.find() is None:
        sys.exit("error: no Chromium is installed (Debian: apt-get install chromium)")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with chromium.launch() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1340}, color_scheme="light", reduced_motion="reduce")
        page.goto(REPORT.as_uri())
        take(page, "report.png", clip={"x": 0, "y": 0, "width": 1280, "height": 1340})
        page.set_viewport_size({"width": 1280, "height": 760})
        page.evaluate("document.getElementById('days').scrollIntoView()")
        page.wait_for_timeout(200)
        take(page, "report-days.png")


if __name__ == "__main__":
    main()
