# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the emulator and the runner importable: ansible-test runs a target from a copy of its folder alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

COLLECTION = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"].split(":")[0]) / "ansible_collections" / "qcloud" / "crs"
sys.path[:0] = [str(COLLECTION / "tests"), os.path.dirname(os.path.abspath(__file__))]
