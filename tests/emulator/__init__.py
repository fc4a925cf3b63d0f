# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An embedded Tencent Cloud Redis (CRS) service: both API dialects over one fleet file.

Independent of the collection's plugins by design: signatures, refusals and rows are written from the API documents
alone, so that a mistake in our reading can't hide behind itself.
"""

from __future__ import annotations

from .embedded import Emulator
from .errors import FleetError
from .loader import DEFAULT_CREDENTIALS

__all__ = ["DEFAULT_CREDENTIALS", "Emulator", "FleetError"]
