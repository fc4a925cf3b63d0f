# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m emulator` with this folder's parent in PYTHONPATH, or `python tests/emulator` from anywhere."""

from __future__ import annotations

import os
import sys

if not __package__:
    # Run as a folder: Python put the folder itself in front, where relative imports find no package.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from emulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
