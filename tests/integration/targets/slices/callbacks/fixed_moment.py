# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets every audit judge at the moment FIXED_MOMENT (ISO 8601), so that two runs can be compared byte for byte."""

from __future__ import annotations

import os
from datetime import datetime

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "fixed_moment"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook):
        from ansible_collections.qcloud.crs.plugins.plugin_utils._audit import run

        moment = datetime.fromisoformat(os.environ["FIXED_MOMENT"])

        class Fixed(datetime):
            @classmethod
            def now(cls, tz=None):
                return moment.astimezone(tz)

        # Signatures have clocks of their own, and the emulator judges them by the true time.
        run.datetime = Fixed
